"""County, unit and township of each row: by its place, else by what the row declares; contradictions are issues."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import shapely

from etl.clean import Cleaned
from etl.gazetteer import Gazetteer
from etl.parse_text import compact, header_key, is_no_word, is_nothing, plain
from etl.shapes import Shapes
from etl.texts import Grouped, as_objects, codes_of, each, groups, holds, is_simple
from geo.assign import AreaIndex
from layers.registry import Catalogue
from layers.spec import LOCATION_ACCURACIES, Layer

if TYPE_CHECKING:
    from etl.locate import Located

OUTSIDE, UNLOCATED = "outside", "unlocated"
_SAYING = ("unit", "county", "adcode", "township", "address")
_TOWNS = ("镇", "乡", "街道")


@dataclass(frozen=True)
class Declared:
    """What a row says of its place: codes, None where it says nothing that we know."""

    county: str | None = None
    unit: str | None = None
    township: str | None = None
    from_zone: bool = False


@dataclass(frozen=True)
class Locality:
    """Where a record counts. Codes as in DESIGN.md: ``outside``, ``unlocated`` are codes too."""

    county_code: str
    unit_code: str
    township_code: str
    location_accuracy: str


def _says(text: str) -> bool:
    return not is_nothing(text) and not is_no_word(text)


def read_declarations(cleaned: Cleaned, gazetteer: Gazetteer) -> Grouped[Declared]:
    """Read what every row declares; rows that say the same, and say it well, are read once."""
    said = [codes_of(cleaned.texts(name)) for name in _SAYING if name in cleaned.roles]
    if cleaned.table.sheets is not None:
        said.append(codes_of([str(s) for s in cleaned.table.sheets]))
    first, of = groups([*said, _hints(cleaned)])
    return Grouped(cleaned.log.each_once(first, of, lambda i: read_declared(cleaned, i, gazetteer)), of)


def _hints(cleaned: Cleaned) -> npt.NDArray[np.int64]:
    """Return a number for each different name that may hold a township's, and one for all the others."""
    column = cleaned.roles["name"]
    maybe = ~is_simple(column.look)
    for word in _TOWNS:
        maybe |= holds(column.texts, word, plain=True)
    out = np.full(len(column), -1, np.int64)
    named = each(column.texts.filter(maybe).fill_null(""), plain)
    out[maybe] = codes_of([t if any(word in t for word in _TOWNS) else "" for t in named])
    out[np.flatnonzero(maybe)[[not any(word in t for word in _TOWNS) for t in named]]] = -1
    return out


def read_declared(cleaned: Cleaned, row: int, gazetteer: Gazetteer) -> Declared:
    """Read 县区, 所属板块, 乡镇, address and name of one row; what is unknown or contradicts becomes an issue."""
    unit, county = _declared_unit(cleaned, row, gazetteer), None
    text = cleaned.role("county", row)
    if _says(text):
        county = gazetteer.county(text)
        if county is None and (zone := gazetteer.zone(text)) is not None:
            unit = unit or zone
        elif county is None and (inside := gazetteer.the_county_in(text)) is not None:
            county = inside
        elif county is None and (town := gazetteer.township(text)) is not None and len(town.candidates) == 1:
            return _of_township(cleaned, row, gazetteer, unit, town.candidates[0])
        elif county is None and gazetteer.places:
            cleaned.log.add("county_unknown", row, "county_code", text)
            cleaned.extra[row][cleaned.roles["county"].header] = text
    code = _declared_code(cleaned, row, gazetteer)
    if code is not None and county is None:
        county = gazetteer.by_code[code].county_code or code
    elif code is not None and county is not None:
        _note_other_code(cleaned, row, gazetteer, gazetteer.by_code[code].county_code or code, county)
    elif county is None and not _says(text) and cleaned.table.sheets is not None:
        county = gazetteer.county(str(cleaned.table.sheets[row]))
    address = cleaned.role("address", row)
    if address:
        county = county or gazetteer.county_in(address)
        unit = unit or gazetteer.zone_in(address)
    township = _declared_township(cleaned, row, gazetteer, county, address)
    if township is None and code is not None and gazetteer.by_code[code].county_code == county != code:
        township = code
    if county is None and township is not None:
        county = gazetteer.by_code[township].county_code
    if county is None and unit is not None and unit in gazetteer.by_code and gazetteer.by_code[unit].kind == "county":
        county = unit
    if county is None and unit is not None and unit in gazetteer.zone_counties:
        return Declared(gazetteer.zone_counties[unit], unit, township, from_zone=True)
    return Declared(county, unit, township)


def _declared_code(cleaned: Cleaned, row: int, gazetteer: Gazetteer) -> str | None:
    """Return the township or county of a 6, 9 or 12-digit code, old or new, in a column of codes or of counties."""
    for role in ("adcode", "county"):
        text = compact(cleaned.role(role, row)).removesuffix(".0")
        if not (text.isdecimal() and len(text) in (6, 9, 12)):
            if role == "adcode" and _says(text) and gazetteer.places:
                cleaned.log.add("adcode_invalid", row, "county_code", text)
                cleaned.extra[row][cleaned.roles[role].header] = text
            continue
        town = gazetteer.township_of_code(text)
        found = town or gazetteer.county(text)
        if found is None and role == "adcode" and gazetteer.places:
            cleaned.log.add("county_unknown", row, "county_code", text)
            cleaned.extra[row][cleaned.roles[role].header] = text
        if found is not None:
            return found
    return None


def _note_other_code(cleaned: Cleaned, row: int, gazetteer: Gazetteer, home: str, county: str) -> None:
    """Say where the code is another county's than the one that is named."""
    place = gazetteer.by_code.get(home)
    if home != county and place is not None and place.kind == "county":
        text = compact(cleaned.role("adcode", row) or cleaned.role("county", row))
        names = gazetteer.names
        cleaned.log.add(
            "code_contradicted", row, "county_code", text, expected=names.get(home, home),
            found=names.get(county, county),
        )  # fmt: skip


def _of_township(cleaned: Cleaned, row: int, gazetteer: Gazetteer, unit: str | None, code: str) -> Declared:
    """A township that stands in the county's column tells the county too, unless the row names another township."""
    home = gazetteer.by_code[code].county_code
    named = _declared_township(cleaned, row, gazetteer, home, cleaned.role("address", row))
    return Declared(home, unit, named or code)


def _declared_unit(cleaned: Cleaned, row: int, gazetteer: Gazetteer) -> str | None:
    text = cleaned.role("unit", row)
    if not _says(text):
        return None
    unit = gazetteer.unit(text)
    if unit is None and gazetteer.places:
        cleaned.log.add("unit_unknown", row, "unit_code", text)
        cleaned.extra[row][cleaned.roles["unit"].header] = text
    return unit


def _declared_township(
    cleaned: Cleaned, row: int, gazetteer: Gazetteer, county: str | None, address: str
) -> str | None:
    text = cleaned.role("township", row)
    if _says(text):
        found = gazetteer.township(text, county)
        if found is None:
            if gazetteer.places:
                cleaned.log.add("township_unknown", row, "township_code", text)
                cleaned.extra[row][cleaned.roles["township"].header] = text
        elif len(found.candidates) > 1:
            where = "、".join(gazetteer.names.get(gazetteer.by_code[c].county_code, c) for c in found.candidates)
            cleaned.log.add("township_ambiguous", row, "township_code", text, expected=where)
        else:
            code = found.candidates[0]
            home = gazetteer.by_code[code].county_code
            if county is None or home == county:
                return code
            name = gazetteer.names.get(home, home)
            cleaned.log.add("township_mismatch", row, "township_code", text, expected=name)
            cleaned.extra[row][cleaned.roles["township"].header] = text
        return None
    for source in (address, cleaned.role("name", row)):
        found = gazetteer.township_in(source, county) if source else None
        if found is not None and len(found.candidates) == 1:
            return found.candidates[0]
    return None


def settle(
    cleaned: Cleaned, layer: Layer, cat: Catalogue, gazetteer: Gazetteer, declared: Grouped[Declared], located: Located
) -> Located:
    """Give every row its county, unit, township and accuracy, and polygons their shares."""
    n = len(declared)
    located.declared = declared
    codes = np.full(n, UNLOCATED, dtype=object)
    by_place = located.place.there
    pieces: list[tuple[int, str, float]] = []
    if by_place.any() and gazetteer.counties is not None:
        codes[by_place] = _assign(located.place, by_place, gazetteer.counties)
        pieces = _pieces(located, gazetteer.counties)
    elif by_place.any():
        codes[by_place] = [declared[i].county or OUTSIDE for i in np.flatnonzero(by_place).tolist()]
    if layer.id == "boundary" and "code" in cleaned.values:
        own = as_objects(cleaned.values["code"])
        codes = np.array([c if c in gazetteer.names else k for c, k in zip(own, codes, strict=True)], dtype=object)
    towns = np.full(n, OUTSIDE, dtype=object)
    if gazetteer.townships is not None and by_place.any():
        towns[by_place] = _assign(located.place, by_place, gazetteer.townships)
    accuracy = _accuracies(cleaned, cat)
    whole = located.geom.there

    def settled(i: int) -> Locality:
        said, here = declared[i], bool(by_place[i])
        county = str(codes[i]) if here else (said.county or UNLOCATED)
        if not here:
            _note_unplaced(cleaned, gazetteer, said, i, county)
        town = _township_of(None if towns[i] == OUTSIDE else str(towns[i]), said, county, here=here)
        unit = _unit_of(cleaned, gazetteer, said, town, county, i)
        stated = accuracy[i] if accuracy else None
        return Locality(county, unit, town, _accuracy(located, said, town, county, stated, i))

    alike = [declared.of, by_place, codes, towns, whole]
    if accuracy:
        alike.append(codes_of(accuracy))
    held = np.zeros(n, bool)
    held[list(cleaned.log.bad)] = True
    first, of = groups([*alike, held])
    located.locality = Grouped(cleaned.log.each_once(first, of, settled), of)
    _note_mismatches(cleaned, gazetteer, located, declared)
    for i, county, area in pieces:
        mine = located.locality[i]
        unit = county if mine.unit_code in (mine.county_code, OUTSIDE) else mine.unit_code
        located.shares.append((i, county, unit, area))
    return located


def _assign(places: Shapes, rows: npt.NDArray[np.bool_], index: AreaIndex) -> npt.NDArray[np.object_]:
    codes = np.array([*index.codes, UNLOCATED, OUTSIDE], dtype=object)  # -2 and -1 from the end
    if places.are_points:
        return codes[index.points(places.lon[rows], places.lat[rows])]
    shapes = places.take(np.flatnonzero(rows))
    out = np.full(len(shapes), OUTSIDE, dtype=object)
    dimension = shapely.get_dimensions(shapes)
    for wanted in (0, 1, 2):
        mask = dimension == wanted
        if not mask.any():
            continue
        if wanted == 0:
            where = index.points(shapely.get_x(shapes[mask]), shapely.get_y(shapes[mask]))
        else:
            where = (index.polygons(shapes[mask]) if wanted == 2 else index.lines(shapes[mask])).code_index
        out[mask] = codes[where]
    return out


def _pieces(located: Located, index: AreaIndex) -> list[tuple[int, str, float]]:
    """Split the polygons among the counties; what lies in none is ``outside``. The pieces sum to the area."""
    if located.geom.are_points:
        return []
    shapes = located.geom.all()
    rows = np.flatnonzero(shapely.get_dimensions(shapes) == 2)
    if not len(rows):
        return []
    split = index.polygons(shapes[rows])
    total = split.outside_m2 + np.bincount(split.feature_i, split.area_m2, len(rows))
    located.area_m2[rows] = total
    out = [
        (int(rows[f]), index.codes[a], float(m))
        for f, a, m in zip(split.feature_i, split.area_i, split.area_m2, strict=True)
    ]
    return out + [(int(r), OUTSIDE, float(m)) for r, m in zip(rows, split.outside_m2, strict=True) if m > 0]


def _note_unplaced(cleaned: Cleaned, gazetteer: Gazetteer, said: Declared, i: int, county: str) -> None:
    if county == UNLOCATED and i not in cleaned.log.bad:
        cleaned.log.add("unlocated", i, "county_code", "")
    elif said.from_zone and said.unit is not None:
        names = gazetteer.names
        cleaned.log.add("county_from_unit", i, "county_code", names.get(said.unit, ""), expected=names.get(county, ""))


def _note_mismatches(cleaned: Cleaned, gazetteer: Gazetteer, located: Located, declared: Grouped[Declared]) -> None:
    """Say where a placed record lies in another county than declared, and how far from the declared one."""
    if gazetteer.counties is None:
        return
    wrong: dict[str, list[int]] = {}
    named = declared.where(lambda d: d.county is not None and not d.from_zone) & located.place.there
    for i in np.flatnonzero(named).tolist():
        county = declared[i].county
        if county != located.locality[i].county_code:
            wrong.setdefault(county, []).append(i)
    names = gazetteer.names
    for county, rows in wrong.items():
        far = gazetteer.distance_km(county, located.place.take(np.array(rows)))
        for i, distance in zip(rows, far, strict=True):
            found = located.locality[i].county_code
            kind = "county_outside" if found == OUTSIDE else "county_mismatch"
            name, other = names.get(county, county), names.get(found, found)
            cleaned.log.add(kind, i, "county_code", name, expected=other, distance=f"{distance:.1f}")


def _township_of(polygon: str | None, said: Declared, county: str, *, here: bool) -> str:
    if polygon is not None:
        return polygon
    if said.township is not None and said.township[:6] == county:
        return said.township
    if said.township is not None and not here:
        return said.township
    return OUTSIDE if county == OUTSIDE else UNLOCATED


def _unit_of(cleaned: Cleaned, gazetteer: Gazetteer, said: Declared, town: str, county: str, i: int) -> str:
    place = gazetteer.by_code.get(town)
    implied = (place.unit_code or place.county_code) if place is not None else None
    if said.unit is None:
        return implied or county
    names = gazetteer.names
    other = implied if implied is not None and implied != said.unit else None
    if (
        other is None
        and implied is None
        and said.unit in gazetteer.zone_counties
        and county not in (OUTSIDE, UNLOCATED)
    ):
        home = gazetteer.zone_counties[said.unit]
        other = county if home != county else None
    declared = gazetteer.by_code.get(said.unit)
    if (
        declared is not None
        and declared.kind == "county"
        and implied is None
        and county not in (OUTSIDE, UNLOCATED, said.unit)
    ):
        other = county
    if other is not None:
        value = names.get(said.unit, said.unit)
        cleaned.log.add("unit_mismatch_township", i, "unit_code", value, expected=names.get(other, other))
    return said.unit


def _accuracies(cleaned: Cleaned, cat: Catalogue) -> list[str | None]:
    """Read 位置精度, where the file has it; a word that is unknown is said, and the contents decide."""
    words: dict[str, str] = {header_key(a): a for a in LOCATION_ACCURACIES}
    vocabulary = cat.vocabularies.get("location_accuracy")
    for value in vocabulary.values if vocabulary is not None else ():
        for word in (value.value, *value.aliases):
            words.setdefault(header_key(word), value.value)
    out: list[str | None] = []
    if "location_accuracy" not in cleaned.roles:
        return out
    for i, text in enumerate(cleaned.texts("location_accuracy")):
        known = words.get(header_key(text)) if text else None
        if text and known is None:
            cleaned.log.add("accuracy_unknown", i, "location_accuracy", text)
        out.append(known)
    return out


def _accuracy(located: Located, said: Declared, town: str, county: str, stated: str | None, i: int) -> str:
    if located.geom.there[i]:
        return stated if stated in ("surveyed", "address", "sketched", "township", "county") else "surveyed"
    if located.place.there[i]:
        return "address"
    if said.township is not None and town == said.township:
        return "township"
    return "none" if county == UNLOCATED else "county"
