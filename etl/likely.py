"""While a file is read: say of new rows that they may be what another row or the layer has under another name."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from etl.clean import Cleaned
from etl.duplicates import Names, Standing, find_for
from etl.gazetteer import Gazetteer
from etl.locate import Located
from etl.options import Options
from etl.texts import Array, Flags, missing, repeated, text_array
from layers.store.duplicates import Neighbour

_CODES = ("credit_code", "project_code")


def note_likely(
    cleaned: Cleaned, located: Located, keys: Array, names: Array, options: Options, standing: Standing,
    gazetteer: Gazetteer,
) -> None:  # fmt: skip
    """Note ``likely_duplicate`` on each good row that pairs with a record or an earlier row."""
    spelled = Names(gazetteer)
    theirs = text_array([r.key for r in standing.records])
    held = spelled.forms(text_array([r.name for r in standing.records]))
    alike = _shared(spelled.forms(names), held, keys, theirs)
    for code in _CODES:
        values = cleaned.values.get(code)
        if values is not None:
            alike |= _shared(values, text_array([getattr(r, code) for r in standing.records]), keys, theirs)
    alike[list(cleaned.log.bad)] = False
    rows = np.flatnonzero(alike).tolist()
    compared = [_neighbour(cleaned, located, keys[i].as_py(), names[i].as_py(), options, i) for i in rows]
    for position, pair, other in find_for(compared, standing, spelled):
        where = "已有的" if other is None else f"第 {cleaned.log.row_numbers[rows[other]]} 行"
        cleaned.log.add("likely_duplicate", rows[position], "name", pair.name_b, where=where, how=pair.evidence)


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
    credit, project = (None if (v := cleaned.values.get(c)) is None else v[i].as_py() for c in _CODES)
    county = located.locality[i].county_code
    return Neighbour(
        key, name, credit, project, county, options.is_demo, None if at is None else at.x, None if at is None else at.y
    )
