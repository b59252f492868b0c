"""Boundary points of parcels as surveyors hand them over: [属性描述], [地块坐标], J1,1,X,Y with X the northing.

The text format of 勘测定界界址点坐标成果 (国土资源部 2003, used since for 报批): one line per parcel that ends
with @, then its points: name, ring, X (north), Y (east, with the zone number before it or without).
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass, field

import numpy as np
import shapely

from etl.read.text import decode
from etl.table import Column, Table, objects
from geo.errors import ReadError

_ATTRIBUTES, _COORDINATES = "[属性描述]", "[地块坐标]"
_HEADERS = ("界址点数", "面积", "地块编号", "地块名称", "图形属性", "图幅号", "土地用途", "地类编码")
_UNITS = (("公顷", 10_000.0), ("平方米", 1.0), ("亩", 2000 / 3))
_TOLERANCE = 0.02  # a stated area is rounded, and taken on the plane or the ellipsoid


@dataclass
class _Parcel:
    """One parcel: its line, its attributes, and its points (north, east) by ring."""

    line: int
    words: list[str]
    rings: dict[str, list[tuple[float, float]]] = field(default_factory=lambda: defaultdict(list))
    broken: bool = False


def is_points(data: bytes) -> bool:
    """Whether a text file is of this format."""
    head = data[:65536]
    return any(_COORDINATES.encode(e) in head for e in ("utf-8", "gb18030", "utf-16-le", "utf-16-be"))


def read_points(data: bytes) -> Table:
    """Read a file of boundary points; a parcel whose points are not all there has an empty shape.

    Raises
    ------
    ReadError
        It names no parcel, or its zone contradicts its coordinates.
    """
    text, encoding = decode(data)
    head, _, body = text.replace("［", "[").replace("］", "]").partition(_COORDINATES)
    facts = {
        key.strip(): value.strip() for key, sign, value in (row.partition("=") for row in head.splitlines()) if sign
    }
    parcels = _parcels(body, first_line=head.count("\n") + 1)
    if not parcels:
        raise ReadError("界址点坐标文件里没有地块。", "请确认每个地块有一行以 @ 结尾的说明，其后是 J1,1,X,Y 各行。")
    shapes = [_shape(p) for p in parcels]
    unit = _area_unit(parcels, shapes)
    names = [f"{h}（{unit}）" if h == "面积" and unit else "所填面积" if h == "面积" else h for h in _HEADERS]
    columns = tuple(
        Column(name, objects([p.words[j] or None if j < len(p.words) else None for p in parcels]))
        for j, name in enumerate(names)
    )
    return Table(
        columns=columns,
        row_numbers=np.array([p.line for p in parcels], dtype=np.int64),
        geometry=objects(shapes),
        crs=_crs(facts, parcels),
        evidence={
            "format": "界址点",
            "encoding": encoding,
            "crs": "，".join(f"{k}={v}" for k, v in facts.items() if v),
        },
    )


def _said(facts: dict[str, str]) -> str:
    return "，".join(f"{k}={v}" for k, v in facts.items() if v)


def _parcels(body: str, first_line: int) -> list[_Parcel]:
    parcels: list[_Parcel] = []
    for number, row in enumerate(body.splitlines(), start=first_line):
        words = [w.strip() for w in re.split("[,，]", row.strip())]
        if words[-1] == "@" or row.strip().endswith("@"):
            parcels.append(_Parcel(number, [w.rstrip("@").strip() for w in words]))
        elif row.strip() and parcels:
            try:
                north, east = float(words[2]), float(words[3])
                parcels[-1].rings[words[1]].append((north, east))
            except (IndexError, ValueError):
                parcels[-1].broken = True
    return parcels


def _shape(parcel: _Parcel) -> shapely.Geometry:
    """Return the parcel as polygons, x east; rings inside a larger one are its holes."""
    points = sum(len(r) for r in parcel.rings.values())
    stated = parcel.words[0] if parcel.words else ""
    short = stated.isdecimal() and points < int(stated) - len(parcel.rings)
    if parcel.broken or short or any(len(set(r)) < 3 for r in parcel.rings.values()) or not parcel.rings:
        return shapely.Point()
    rings = [shapely.Polygon([(east, north) for north, east in r]) for r in parcel.rings.values()]
    parts: list[tuple[shapely.Polygon, list[shapely.Polygon]]] = []
    for ring in sorted(rings, key=lambda r: -r.area):
        home = next((holes for outer, holes in parts if outer.is_valid and outer.contains(ring)), None)
        if home is None:
            parts.append((ring, []))
        else:
            home.append(ring)
    made = [shapely.Polygon(outer.exterior, [h.exterior for h in holes]) for outer, holes in parts]
    return made[0] if len(made) == 1 else shapely.MultiPolygon(made)


def _area_unit(parcels: list[_Parcel], shapes: list[shapely.Geometry]) -> str:
    """Return the unit in which the stated areas agree with the shapes, '' when they agree in none."""
    pairs = []
    for parcel, shape in zip(parcels, shapes, strict=True):
        try:
            pairs.append((float(parcel.words[1]), float(shape.area)))
        except (IndexError, ValueError):
            continue
    pairs = [(stated, area) for stated, area in pairs if stated > 0 and area > 0]
    for unit, factor in _UNITS:
        if pairs and all(abs(s * factor - a) <= _TOLERANCE * a + 0.5 * factor * 1e-3 for s, a in pairs):
            return unit
    return ""


def _crs(facts: dict[str, str], parcels: list[_Parcel]) -> str:
    stated = next((facts[k] for k in ("坐标系", "坐标系统") if facts.get(k)), "")
    east = np.array([e for p in parcels for ring in p.rings.values() for _, e in ring])
    zone = re.sub(r"\D", "", facts.get("带号", ""))
    if not len(east) or not re.search(r"2000|cgcs", stated, re.IGNORECASE):
        return stated
    if (np.abs(east) <= 180).all():
        return "EPSG:4490"
    prefixes = {str(int(e // 1e6)) for e in east}
    prefix = prefixes.pop() if len(prefixes) == 1 else ""
    if not prefix or (prefix != "0" and zone and prefix != zone):
        raise ReadError(
            f"属性描述写的带号是 {zone or '空'}，坐标的横坐标却以 {prefix or '不同的带号'} 开头，不一致。",
            "请核对带号与坐标后重报；没有写入任何数据。",
        )
    number = int(prefix if prefix != "0" else zone or 0)
    if 25 <= number <= 45:
        return f"EPSG:{(4513 if prefix != '0' else 4534) + number - 25}"
    if 13 <= number <= 23:
        return f"EPSG:{(4491 if prefix != '0' else 4502) + number - 13}"
    return ""
