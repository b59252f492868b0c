"""Moving one record: a point typed or pressed on the map, and the county that it then lies in."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Literal

import numpy as np
import shapely

from geo.assign import AreaIndex
from geo.errors import InputError
from geo.mercator import to_web_mercator
from layers.spec import Layer
from layers.store.places import active_areas

_PAIR = re.compile(r"\s*(-?\d{1,3}(?:\.\d+)?)\s*[,，;；\s]\s*(-?\d{1,3}(?:\.\d+)?)\s*")
How = Literal["surveyed", "sketched"]


def read_pair(text: str) -> tuple[float, float]:
    """Read "120.512345, 33.201234" as lon, lat in degrees of CGCS2000; the other order is turned round.

    Raises
    ------
    InputError
        No pair of degrees, or not in China.
    """
    found = _PAIR.fullmatch(text)
    if found is None:
        raise InputError(f"位置“{text}”看不懂。", "请写成经度,纬度，例如 120.512345,33.201234。")
    lon, lat = float(found[1]), float(found[2])
    if 3 <= lon <= 54 and 73 <= lat <= 136:
        lon, lat = lat, lon
    if not (73 <= lon <= 136 and 3 <= lat <= 54):
        raise InputError(f"位置“{text}”不在中国境内。", "请核对经度和纬度（CGCS2000 或 WGS84，单位为度）。")
    return lon, lat


def can_move(layer: Layer, geom: Any) -> bool:
    """Whether a record may be given a point: an outline or a way is not replaced by one."""
    return layer.geometry in ("point", "any") and (geom is None or geom.geom_type == "Point")


def move(dsn: str, layer: Layer, record: Mapping[str, Any], lon: float, lat: float, how: How) -> dict[str, Any]:
    """Return the columns of a record that lies at another point.

    A zone that answers for the record stays its unit; a township of another county does not stay.

    Parameters
    ----------
    lon, lat : float
        Degrees, EPSG:4490.
    how : str
        ``surveyed``: the coordinates are known; ``sketched``: pressed on the map.

    Raises
    ------
    InputError
        The record is an outline or a way, or there are no counties yet.
    """
    if not can_move(layer, record["geom"]):
        raise InputError(f"“{record['name']}”是面或线，不能改成一个点。", "请在地图上重新绘制范围，或导入测绘文件。")
    codes, areas, _ = active_areas(dsn)
    if not codes:
        raise InputError("还没有行政区边界，无法判定所在县区。", "请先导入边界图层。")
    index = AreaIndex.build(codes, np.asarray(areas, dtype=object))
    found = int(index.points([lon], [lat])[0])
    county = index.codes[found] if found >= 0 else "outside"
    same = county == record["county_code"]
    zone = record["unit_code"] not in (record["county_code"], "unlocated", "outside")
    point = shapely.Point(lon, lat)
    return {
        "geom": point, "geom_3857": to_web_mercator(np.asarray([point], dtype=object))[0], "area_m2": None,
        "location_accuracy": how, "county_code": county, "unit_code": record["unit_code"] if zone else county,
        "township_code": record["township_code"] if same else "unlocated",
        "original": '{"crs": "CRS84", "how": "' + how + '"}',
    }  # fmt: skip
