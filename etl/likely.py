"""While a file is read: say of new rows that they may be what another row or the layer has under another name."""

from __future__ import annotations

import itertools
from collections.abc import Iterable

from etl.clean import Cleaned
from etl.duplicates import Names, Standing, find_for
from etl.gazetteer import Gazetteer
from etl.locate import Located
from etl.options import Options
from layers.store.duplicates import Neighbour

_CODES = ("credit_code", "project_code")


def note_likely(
    cleaned: Cleaned, located: Located, keys: list[str], names: list[str], options: Options, standing: Standing,
    gazetteer: Gazetteer,
) -> None:  # fmt: skip
    """Note ``likely_duplicate`` on each good row that pairs with a record or an earlier row."""
    spelled = Names(gazetteer)
    forms = [spelled.form(name) for name in names]
    codes = [values.tolist() for name in _CODES if (values := cleaned.values.get(name)) is not None]
    shared = _shared(forms, [spelled.form(r.name) for r in standing.records], keys, standing)
    alike = [i for i, form in enumerate(forms) if form in shared]
    for values, name in zip(codes, (n for n in _CODES if n in cleaned.values), strict=True):
        same = _shared(values, [getattr(r, name) for r in standing.records], keys, standing)
        alike += [i for i, value in enumerate(values) if value is not None and value in same]
    rows = sorted({i for i in alike if i not in cleaned.log.bad})
    compared = [_neighbour(cleaned, located, keys[i], names[i], options, i) for i in rows]
    for position, pair, other in find_for(compared, standing, spelled):
        where = "已有的" if other is None else f"第 {cleaned.log.row_numbers[rows[other]]} 行"
        cleaned.log.add("likely_duplicate", rows[position], "name", pair.name_b, where=where, how=pair.evidence)


def _shared(mine: Iterable[object], theirs: Iterable[object], keys: list[str], standing: Standing) -> set[object]:
    """Return the values that several different keys have, among the rows and the records together."""
    first: dict[object, str] = {}
    found: set[object] = set()
    held = zip(theirs, (r.key for r in standing.records), strict=True)
    for value, key in itertools.chain(held, zip(mine, keys, strict=True)):
        if first.setdefault(value, key) != key:
            found.add(value)
    return found


def _neighbour(cleaned: Cleaned, located: Located, key: str, name: str, options: Options, i: int) -> Neighbour:
    place = located.place[i]
    at = None if place is None else (place if place.geom_type == "Point" else place.representative_point())
    credit, project = (None if (v := cleaned.values.get(c)) is None else v[i] for c in _CODES)
    county = located.locality[i].county_code
    return Neighbour(
        key, name, credit, project, county, options.is_demo, None if at is None else at.x, None if at is None else at.y
    )
