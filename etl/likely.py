"""While a file is read: say of new rows that they may be what another row or the layer has under another name."""

from __future__ import annotations

from etl.clean import Cleaned
from etl.duplicates import Standing, find_for
from etl.gazetteer import Gazetteer
from etl.locate import Located
from etl.options import Options
from layers.store.duplicates import Neighbour


def note_likely(
    cleaned: Cleaned, located: Located, keys: list[str], names: list[str], options: Options, standing: Standing,
    gazetteer: Gazetteer,
) -> None:  # fmt: skip
    """Note ``likely_duplicate`` on each good row that pairs with a record or an earlier row."""
    good = [i for i in range(len(keys)) if i not in cleaned.log.bad]
    codes = {name: cleaned.values.get(name) for name in ("credit_code", "project_code")}
    rows = []
    for i in good:
        place = located.place[i]
        at = None if place is None else (place if place.geom_type == "Point" else place.representative_point())
        credit, project = (None if v is None else v[i] for v in codes.values())
        rows.append(
            Neighbour(
                keys[i], names[i], credit, project, located.locality[i].county_code, options.is_demo,
                None if at is None else at.x, None if at is None else at.y,
            )
        )  # fmt: skip
    for position, pair, other in find_for(rows, standing, gazetteer):
        where = "已有的" if other is None else f"第 {cleaned.log.row_numbers[good[other]]} 行"
        cleaned.log.add("likely_duplicate", good[position], "name", pair.name_b, where=where, how=pair.evidence)
