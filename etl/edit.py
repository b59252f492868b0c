"""Sketching a record's place on the map: a run like any other, with its reason, that can be rolled back."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pandas as pd
import shapely

from geo.assign import AreaIndex
from geo.crs import geodesic_area_m2
from geo.errors import InputError
from geo.geometry import clean_polygon
from geo.mercator import to_web_mercator
from layers.registry import Catalogue
from layers.spec import Layer
from layers.store.load import Batch, Published, RunInfo, publish
from layers.store.places import active_areas
from layers.store.record import read_record

MAX_VERTICES = 5_000


def _read_polygon(geometry: dict[str, Any] | str) -> shapely.MultiPolygon:
    text = geometry if isinstance(geometry, str) else json.dumps(geometry)
    try:
        shape = shapely.from_geojson(text)
    except shapely.errors.GEOSException as error:
        raise InputError("收到的不是 GeoJSON 几何。", "请在图上重新绘制。") from error
    if shape is None or shape.is_empty or shape.geom_type not in ("Polygon", "MultiPolygon"):
        raise InputError("绘制的不是面。", "请至少点三个点，围成一个面。")
    if shapely.get_num_coordinates(shape) > MAX_VERTICES:
        raise InputError(f"绘制的面有 {shapely.get_num_coordinates(shape)} 个点，最多 {MAX_VERTICES} 个。", "请简化。")
    west, south, east, north = shape.bounds
    if not (west >= 73 and east <= 136 and south >= 3 and north <= 54):
        raise InputError("绘制的面不在中国境内。", "坐标应为经度、纬度（CRS84），请重新绘制。")
    cleaned, _ = clean_polygon(shape, on_invalid="repair")
    if cleaned is None or cleaned.is_empty:
        raise InputError("绘制的面没有面积。", "请重新绘制，边线不要重叠。")
    parts = [p for p in shapely.get_parts(cleaned) if p.geom_type == "Polygon"]
    return shapely.MultiPolygon(parts)


def _shares(key: str, shape: shapely.MultiPolygon, index: AreaIndex, zone: str | None) -> tuple[str, pd.DataFrame]:
    split = index.polygons(np.asarray([shape], dtype=object))
    where = int(split.code_index[0])
    rows = [(index.codes[a], float(m)) for a, m in zip(split.area_i, split.area_m2, strict=True)]
    if split.outside_m2[0] > 0:
        rows.append(("outside", float(split.outside_m2[0])))
    made = [{"key": key, "county_code": c, "unit_code": zone or c, "area_m2": m} for c, m in rows]
    return (index.codes[where] if where >= 0 else "outside"), pd.DataFrame(made)


def save_sketch(
    dsn: str,
    layer: Layer,
    cat: Catalogue,
    feature_id: int,
    geometry: dict[str, Any] | str,
    *,
    reason: str,
    started_by: str = "",
) -> Published:
    """Give a record the polygon that a steward drew, with accuracy ``sketched``, as one run.

    Parameters
    ----------
    dsn : str
        DSN of ``yuantu_writer``.
    geometry : dict or str
        GeoJSON Polygon or MultiPolygon, CRS84.
    reason : str
        Why, in the steward's words; kept with the run.

    Raises
    ------
    InputError
        The layer has no areas, the geometry is no polygon, or a surveyed polygon stands already.
    NotFoundError
        No such record.
    """
    if not layer.has_area:
        raise InputError(f"图层“{layer.title}”的记录不是面，不能绘制范围。", "请选择园区等面状图层。")
    record = read_record(dsn, layer, feature_id)
    known = record["geom"]
    if known is not None and known.area > 0 and record["location_accuracy"] == "surveyed":
        raise InputError(f"“{record['name']}”已有测绘范围，不能用示意范围代替。", "如范围有变，请导入新的测绘文件。")
    shape = _read_polygon(geometry)
    codes, areas, _ = active_areas(dsn)
    if not codes:
        raise InputError("还没有行政区边界，无法判定所在县区。", "请先导入边界图层。")
    declared = record["unit_code"]
    zone = declared if declared not in (record["county_code"], "unlocated", "outside") else None
    county, shares = _shares(record["key"], shape, AreaIndex.build(codes, np.asarray(areas, dtype=object)), zone)
    record |= {
        "geom": shape, "geom_3857": to_web_mercator(np.asarray([shape], dtype=object))[0],
        "location_accuracy": "sketched", "county_code": county, "unit_code": zone or county,
        "area_m2": float(geodesic_area_m2([shape])[0]), "entry_number": 1,
        "original": '{"crs": "CRS84", "how": "sketched"}',
    }  # fmt: skip
    batch = Batch(rows=pd.DataFrame([record], dtype=object), shares=shares, n_read=1)
    return publish(dsn, layer, cat, batch, RunInfo(kind="sketch", reason=reason, started_by=started_by))
