-- Purpose: let records be found by how their names sound alike in writing: one number for all spellings of a name
-- that differ in width, case, spaces, brackets, signs or the kind of company. Two names that mean one thing by the
-- import's own comparison have one number; two that do not may share one too, and are told apart there.

-- The number of a name whose characters are in their compatibility forms (NFKC): of its Han characters, digits and
-- Latin letters alone, without the words for a company at its end. The letters named are the only others whose
-- capitals are Latin letters.
CREATE FUNCTION name_core(form text) RETURNS integer LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT hashtext(rtrim(
        CASE WHEN form COLLATE "C" ~ '^[0-9A-Z一-鿿]*$' THEN form
             WHEN form COLLATE "C" ~ '^[0-9A-Z一-鿿（）()]*$' THEN translate(form, '（）()', '')
             ELSE regexp_replace(upper(replace(translate(form, 'ıǰẖẗẘẙ', 'IJHTWY'), 'ß', 'SS') COLLATE "C"),
                                 '[^0-9A-Z一-鿿]+', '', 'g')
        END, '有限责任股份公司') COLLATE "C")
$$;

-- The number of a name as it is stored. The schema is named: a restored backup makes its indexes without a path.
CREATE FUNCTION name_alike(name text) RETURNS integer LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT public.name_core(CASE WHEN name COLLATE "C" ~ '^[0-9A-Za-z一-鿿（）()]*$' THEN name ELSE normalize(name, NFKC) END)
$$;
