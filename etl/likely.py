"""While a file is read: say of new rows that they may be what another row or the layer has under another name."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from etl.clean import Cleaned
from etl.duplicates import CROWD, Names, Pair, compare, groups_of
from etl.gazetteer import Gazetteer
from etl.locate import Located
from etl.options import Options
from etl.same_name import keys_asked
from etl.standing import Standing
from etl.texts import Array, Flags, missing, repeated, text_array
from layers.store.beside import Asked, Beside
from layers.store.duplicates import CODES, Neighbour


def find_beside(
    cleaned: Cleaned, located: Located, keys: Array, by_name: Array, names: Array, standing: Standing,
    gazetteer: Gazetteer,
) -> Beside:  # fmt: skip
    """Return what of the layer stands beside a file's rows: of their keys, codes, and names alike."""

    def asked() -> Asked:
        spelled = Names(gazetteer)
        mine = keys_asked(keys, by_name, located).to_pylist()
        forms = pc.unique(spelled.forms(names)).to_pylist()
        codes = {c: pc.unique(v).drop_null().to_pylist() for c in CODES if (v := cleaned.values.get(c)) is not None}
        return Asked(
            [*mine, *(standing.key(k) for k in mine)] if standing.merged else mine,
            [spelling for form in forms if form for spelling in spelled.spellings(form)],
            codes,
        )

    return standing.find(len(keys), asked)


def note_likely(
    cleaned: Cleaned, located: Located, keys: Array, names: Array, options: Options,
    records: Sequence[Neighbour], apart: frozenset[frozenset[str]], gazetteer: Gazetteer,
) -> None:  # fmt: skip
    """Note ``likely_duplicate`` on each good row that pairs with a record or an earlier row."""
    spelled = Names(gazetteer)
    theirs = text_array([r.key for r in records])
    held = spelled.forms(text_array([r.name for r in records]))
    alike = _shared(spelled.forms(names), held, keys, theirs)
    for code in CODES:
        values = cleaned.values.get(code)
        if values is not None:
            alike |= _shared(values, text_array([getattr(r, code) for r in records]), keys, theirs)
    alike[list(cleaned.log.bad)] = False
    rows = np.flatnonzero(alike).tolist()
    compared = [_neighbour(cleaned, located, keys[i].as_py(), names[i].as_py(), options, i) for i in rows]
    for position, pair, other in find_for(compared, records, apart, spelled):
        where = "已有的" if other is None else f"第 {cleaned.log.row_numbers[rows[other]]} 行"
        cleaned.log.add("likely_duplicate", rows[position], "name", pair.name_b, where=where, how=pair.evidence)


def find_for(
    rows: Sequence[Neighbour], records: Sequence[Neighbour], apart: frozenset[frozenset[str]], names: Names
) -> list[tuple[int, Pair, int | None]]:
    """Return the pairs that new rows make with the layer and with each other.

    Parameters
    ----------
    rows : sequence of Neighbour
        The rows of a file.
    records : sequence of Neighbour
        The layer, or what of it stands beside the rows; a row whose key it has is no new one and is left out.
    apart : frozenset of pairs of keys
        The pairs that were judged to be two.
    names : Names
        How spellings meet.

    Returns
    -------
    list of (position, Pair, position of the other row or None for a record of the layer)
        ``key_b`` and ``name_b`` are the other one's.
    """
    have = {r.key for r in records}
    known = groups_of(records, names)
    seen: dict[tuple[str, str], list[int]] = defaultdict(list)
    out: list[tuple[int, Pair, int | None]] = []
    for i, row in enumerate(rows):
        found: Pair | None = None
        other: int | None = None
        groups = sorted(groups_of([row], names), key=lambda g: g[0] == "name")
        for group in groups if row.key not in have else ():
            rivals: list[tuple[Neighbour, int | None]] = [(r, None) for r in known.get(group, ())[:CROWD]]
            rivals += [(rows[j], j) for j in seen.get(group, ())[:CROWD]]
            for rival, at in rivals:
                if found is None and frozenset((row.key, rival.key)) not in apart:
                    found, other = compare(row, rival), at
        if found is not None:
            out.append((i, found, other))
        for group in groups:
            seen[group].append(i)
    return out


def _shared(mine: Array, theirs: Array, keys: Array, their_keys: Array) -> Flags:
    """Return the rows whose value several different keys have, among the rows and the records together."""
    values, owners = pa.concat_arrays([theirs, mine]), pa.concat_arrays([their_keys, keys])
    maybe = pa.array(repeated(values, ~missing(values)))
    first: dict[str, str] = {}
    found: set[str] = set()
    for value, key in zip(values.filter(maybe).to_pylist(), owners.filter(maybe).to_pylist(), strict=True):
        if first.setdefault(value, key) != key:
            found.add(value)
    shared: Flags = pc.is_in(mine, text_array(sorted(found))).to_numpy(zero_copy_only=False)
    return shared.copy()


def _neighbour(cleaned: Cleaned, located: Located, key: str, name: str, options: Options, i: int) -> Neighbour:
    place = located.place[i]
    at = None if place is None else (place if place.geom_type == "Point" else place.representative_point())
    credit, project = (None if (v := cleaned.values.get(c)) is None else v[i].as_py() for c in CODES)
    county = located.locality[i].county_code
    return Neighbour(
        key, name, credit, project, county, options.is_demo, None if at is None else at.x, None if at is None else at.y
    )
