"""What a person on the map page may keep: drawn and uploaded areas under a name."""

from __future__ import annotations

import asyncio

import numpy as np
import shapely

from app.actions import writer_dsn
from etl.read import read_file
from etl.shapes import to_degrees
from etl.table import Table
from geo.errors import InputError, ReadError
from layers.settings import Settings
from layers.store.drawn_areas import remove_area, save_area
from layers.store.queries_drawn import Drawn

MOST_BYTES = 20 * 1024 * 1024
MOST_VERTICES = 200_000


async def keep_area(settings: Settings, area: Drawn, name: str, who: str = "") -> int:
    """Keep an evaluated area under a name; return its number."""
    return await asyncio.to_thread(save_area, writer_dsn(settings), name, area.shape, expression=area.text, by=who)


async def drop_area(settings: Settings, number: int, *, back: bool = False) -> None:
    """Take a kept area off the list, or put it back."""
    await asyncio.to_thread(remove_area, writer_dsn(settings), number, back=back)


async def upload_area(settings: Settings, body: bytes, file_name: str, name: str, who: str = "") -> int:
    """Keep the polygons of a file (geojson, kml, kmz, gpkg, zipped shapefile) as one area.

    Raises
    ------
    ReadError, InputError
        The file cannot be read, holds no polygon, or does not say where it lies.
    """
    shape = await asyncio.to_thread(read_shape, body, file_name)
    title = name.strip() or file_name.rpartition(".")[0][:80] or file_name[:80]
    return await asyncio.to_thread(save_area, writer_dsn(settings), title, shape, source_name=file_name, by=who)


def read_shape(body: bytes, file_name: str) -> shapely.MultiPolygon:
    """Return the union of a file's polygons in degrees.

    Raises
    ------
    ReadError, InputError
        See :func:`upload_area`.
    """
    if len(body) > MOST_BYTES:
        raise ReadError(f"文件超过 {MOST_BYTES >> 20} MB。", "请简化边界，或只上传需要的范围。")
    table = read_file(body, file_name)
    shapes = [g for g in (table.geometry if table.geometry is not None else ()) if g is not None and not g.is_empty]
    polygons = [g for g in shapes if shapely.get_dimensions(g) == 2]
    if not polygons:
        raise InputError("文件里没有面。", "请上传含多边形的 geojson、kml、kmz、gpkg 或 zip（shapefile）。")
    if sum(map(shapely.get_num_coordinates, polygons)) > MOST_VERTICES:
        raise InputError(f"边界的顶点超过 {MOST_VERTICES:,} 个。", "请先简化边界。")
    source = _source(table, polygons)
    degrees = [shapely.make_valid(to_degrees(g, source)) for g in polygons]
    whole = shapely.union_all(degrees)
    parts = [p for p in shapely.get_parts(whole) if p.geom_type in ("Polygon", "MultiPolygon")]
    found = shapely.MultiPolygon([q for p in parts for q in shapely.get_parts(p) if q.area > 0])
    if found.is_empty or not np.isfinite(shapely.get_coordinates(found)).all():
        raise InputError("文件里的面没有面积，或坐标无法换算。", "请检查文件的坐标系。")
    return found


def _source(table: Table, shapes: list[shapely.Geometry]) -> str:
    """Return what the file says of its coordinates; nothing said is taken for degrees where they look like it."""
    if table.crs:
        import pyproj

        crs = pyproj.CRS.from_user_input(table.crs)
        code = crs.to_epsg()
        if crs.is_geographic:
            return "wgs84"
        if code is not None:
            return f"EPSG:{code}"
    west, south, east, north = shapely.total_bounds(shapes)
    if 73 <= west <= east <= 136 and 3 <= south <= north <= 54:
        return "wgs84"
    raise InputError("文件没有写明坐标系，坐标也不是经纬度。", "请另存为 WGS84 经纬度的 geojson 或 kml 后再上传。")
