"""A layer's rows as GeoPackage, KML and GeoParquet: CRS84 (GeoPackage: EPSG:4490), with what they are inside."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape, quoteattr

import geopandas as gpd
import pandas as pd
import shapely

from app.export.tables import Column, Table, cell, notes, sources
from geo.errors import MachineError

CRS84 = "OGC:CRS84"
ABOUT = "yuantu"


def frame_of(table: Table, *, titles: bool) -> gpd.GeoDataFrame:
    """Return the rows with their shapes; columns by title as a person reads them, or by id in stored units.

    Parameters
    ----------
    titles : bool
        Titles and display units; otherwise ids and stored units.
    """
    columns = [c for c in table.columns if c.id not in ("lon", "lat")]
    held: dict[str, Any] = {}
    for column in columns:
        name = column.title if titles else column.id
        values = [_value(column, row, shown=titles) for row in table.rows]
        held[_unused(name, held)] = pd.Series(values, dtype=_dtype(column, titles))
    shapes = [_shape(table.shapes.get(int(row["id"]))) for row in table.rows]
    return gpd.GeoDataFrame(held, geometry=gpd.GeoSeries(shapes, crs=CRS84))


def _unused(name: str, held: dict[str, Any]) -> str:
    return name if name not in held and name != "geometry" else f"{name}_"


def _dtype(column: Column, titles: bool) -> str:
    if column.kind in ("number", "degrees"):
        return "float64"
    if column.kind == "integer":
        return "Int64" if column.factor == 1.0 or not titles else "float64"
    return "boolean" if column.kind == "flag" and not titles else "object"


def _value(column: Column, row: dict[str, Any], *, shown: bool) -> Any:
    if shown:
        return cell(column, row.get(column.id))
    value = row.get(f"{column.id}_raw", row.get(column.id))
    return "、".join(map(str, value)) if isinstance(value, list) else value


def _shape(geometry: dict[str, Any] | None) -> Any:
    return shapely.from_geojson(json.dumps(geometry)) if geometry else None


def write_geopackage(table: Table) -> bytes:
    """Write one layer of the rows, and one without geometry that says what it is and where it comes from."""
    import pyogrio

    rows = frame_of(table, titles=True).to_crs(4490)
    told = [*notes(table), *((f"来源：{name}", f"{n} 条，{date}") for name, n, _, date in sources(table))]
    about = pd.DataFrame(told, columns=["项目", "内容"])
    with tempfile.TemporaryDirectory(prefix="yuantu-") as folder:
        path = Path(folder) / "rows.gpkg"
        try:
            kind = "Unknown" if rows.geom_type.dropna().nunique() != 1 else None
            pyogrio.write_dataframe(rows, path, layer=table.layer.title, driver="GPKG", geometry_type=kind)
            pyogrio.write_dataframe(about, path, layer="说明", driver="GPKG", append=True)
            return path.read_bytes()
        except OSError as error:
            raise MachineError("写不出 GeoPackage。", "请检查临时目录的磁盘空间。") from error


def write_parquet(table: Table) -> bytes:
    """Write GeoParquet with the catalogue's names and stored units; filter and dates are in its metadata."""
    import io

    import pyarrow.parquet as pq

    with io.BytesIO() as plain:
        frame_of(table, titles=False).to_parquet(plain, index=False)
        plain.seek(0)
        held = pq.read_table(plain)
    about = json.dumps(dict(notes(table)), ensure_ascii=False).encode()
    named = held.replace_schema_metadata({**(held.schema.metadata or {}), ABOUT.encode(): about})
    with io.BytesIO() as out:
        pq.write_table(named, out, compression="zstd")
        return out.getvalue()


def write_kml(table: Table) -> bytes:
    """Write placemarks with every column as extended data; things without a place are in the description only."""
    unplaced = sum(1 for row in table.rows if not table.shapes.get(int(row["id"])))
    told = "；".join(f"{k}：{v}" for k, v in notes(table)) + f"；没有位置、不在图上：{unplaced} 条"
    parts = [
        '<?xml version="1.0" encoding="UTF-8"?>\n<kml xmlns="http://www.opengis.net/kml/2.2"><Document>',
        f"<name>{_text(table.layer.title)} 截至 {table.as_of}</name><description>{_text(told)}</description>",
        '<Style id="s"><LineStyle><color>ff944b0b</color><width>1.5</width></LineStyle>'
        "<PolyStyle><color>40944b0b</color></PolyStyle></Style>",
    ]
    columns = [c for c in table.columns if c.id not in ("lon", "lat", "name")]
    for row in table.rows:
        shape = table.shapes.get(int(row["id"]))
        if not shape:
            continue
        data = "".join(
            f"<Data name={quoteattr(_plain(c.title))}><value>{_text(str(v))}</value></Data>"
            for c in columns
            if (v := cell(c, row.get(c.id))) is not None
        )
        name = _text(str(row["name"] or ""))
        parts.append(
            f"<Placemark><name>{name}</name><styleUrl>#s</styleUrl><ExtendedData>{data}</ExtendedData>"
            f"{_kml(_shape(shape))}</Placemark>"
        )
    return "".join([*parts, "</Document></kml>"]).encode()


def _plain(text: str) -> str:
    """XML 1.0 has no control characters."""
    return "".join(c for c in text if c >= " " or c in "\t\n")


def _text(text: str) -> str:
    return escape(_plain(text))


def _kml(geom: Any) -> str:
    if hasattr(geom, "geoms"):
        return f"<MultiGeometry>{''.join(_kml(g) for g in geom.geoms)}</MultiGeometry>"
    if geom.geom_type == "Polygon":
        inner = "".join(f"<innerBoundaryIs>{_ring(r)}</innerBoundaryIs>" for r in geom.interiors)
        return f"<Polygon><outerBoundaryIs>{_ring(geom.exterior)}</outerBoundaryIs>{inner}</Polygon>"
    return f"<{geom.geom_type}>{_coordinates(geom)}</{geom.geom_type}>"


def _ring(ring: Any) -> str:
    return f"<LinearRing>{_coordinates(ring)}</LinearRing>"


def _coordinates(geom: Any) -> str:
    return f"<coordinates>{' '.join(f'{c[0]:.7f},{c[1]:.7f}' for c in geom.coords)}</coordinates>"
