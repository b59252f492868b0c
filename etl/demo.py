"""The one seeded generator of 演示数据: invented records that are plausible in numbers and places.

A pure function of its seed: the same seed gives the same bytes. It knows nothing of any target. Names begin
with 演示·, ``is_demo`` is true on every row, and they are loaded through the ordinary import.
"""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
from shapely.geometry import mapping

from etl.demo_firms import Event, make_enterprises, make_factories, make_projects
from etl.demo_more import make_clusters, make_constraints, make_growth_points, make_platforms, make_rd_projects
from etl.demo_names import LAST_DAY, Namer
from etl.demo_parks import Record, make_parcels, make_parks, make_premises
from etl.demo_world import read_world
from layers.registry import catalogue
from layers.spec import FieldSpec, Layer

COUNTS = {
    "park": 60, "project": 1200, "factory": 400, "enterprise": 2000, "parcel": 300, "premises": 60,
    "platform": 80, "rd_project": 160, "growth_point": 120, "cluster": 24,
}  # fmt: skip
COMMON = ("name", "key", "is_demo", "county", "unit", "township", "address", "location_accuracy", "data_date")
ACCURACY = {
    "surveyed": "测绘",
    "address": "地址",
    "sketched": "示意",
    "township": "乡镇级",
    "county": "县级",
    "none": "无位置",
}
KEYS = {"project": "project_code", "factory": "credit_code", "enterprise": "credit_code", "parcel": "parcel_no"}


def generate(seed: int = 2026, boundaries: gpd.GeoDataFrame | None = None) -> dict[str, gpd.GeoDataFrame]:
    """Make every layer's 演示 records.

    Parameters
    ----------
    seed : int
        The only source of chance.
    boundaries : GeoDataFrame, optional
        Counties with ``code``, ``name`` and geometry (CRS84); default: the shipped ones.

    Returns
    -------
    dict of GeoDataFrame
        By layer id, EPSG:4490. Columns: the layer's fields that the records have, ``name``, ``key``,
        ``is_demo``, ``county``, ``unit``, ``township`` (names, '' where unknown), ``address``,
        ``location_accuracy``, ``data_date``, ``events``: list of (type, level, date, end_date or None), and
        ``figures``: list of (measure, period_end, value in the series' stored unit). No geometry = None.
    """
    world = read_world(boundaries)
    streams = np.random.SeedSequence(seed).spawn(len(COUNTS) + 2)
    rngs = {name: np.random.default_rng(s) for name, s in zip((*COUNTS, "constraint", "names"), streams, strict=True)}
    namer = Namer(rngs["names"])
    n = COUNTS
    parks = make_parks(world, namer, rngs["park"], n["park"])
    firms = make_enterprises(world, parks, namer, rngs["enterprise"], n["enterprise"])
    records = {
        "park": parks,
        "project": make_projects(world, parks, namer, rngs["project"], n["project"]),
        "factory": make_factories(firms, namer, rngs["factory"], n["factory"]),
        "enterprise": firms,
        "parcel": make_parcels(parks, namer, rngs["parcel"], n["parcel"]),
        "premises": make_premises(parks, namer, rngs["premises"], n["premises"]),
        "platform": make_platforms(firms, namer, rngs["platform"], n["platform"]),
        "rd_project": make_rd_projects(firms, namer, rngs["rd_project"], n["rd_project"]),
        "growth_point": make_growth_points(firms, namer, rngs["growth_point"], n["growth_point"]),
        "cluster": make_clusters(world, namer, rngs["cluster"], n["cluster"]),
        "constraint": make_constraints(world, parks, namer, rngs["constraint"]),
    }
    cat = catalogue()
    return {layer: _frame(cat.layer(layer), rows) for layer, rows in records.items()}


def _frame(layer: Layer, rows: list[Record]) -> gpd.GeoDataFrame:
    """Return the records as a frame of the layer's own columns."""
    fields = [f.id for f in layer.fields if any(f.id in row for row in rows)]
    key = KEYS.get(layer.id, "name")
    full = []
    for row in rows:
        whole: Record = {"key": row[key], "is_demo": True, "data_date": LAST_DAY, "township": "", "address": ""}
        whole |= row
        whole |= {"events": row.get("events", []), "figures": row.get("figures", [])}
        full.append({c: whole.get(c) for c in (*COMMON, *fields, "events", "figures", "geometry")})
    return gpd.GeoDataFrame(full, geometry="geometry", crs=4490)


def write(folder: Path, seed: int = 2026) -> list[tuple[str, Path]]:
    """Write one GeoJSON file a layer that the ordinary import loads, and return (layer id, file) in loading order.

    Columns are the catalogue's titles with the stored unit. The last event of a type is a date column, its
    level the derived field's column; earlier ones (a factory that rose) stand in ``events`` as a JSON list.
    """
    folder.mkdir(parents=True, exist_ok=True)
    cat = catalogue()
    written = []
    for layer_id, frame in generate(seed).items():
        layer, path = cat.layer(layer_id), folder / f"{layer_id}.geojson"
        features = [_feature(layer, row) for row in frame.to_dict("records")]
        body = ",\n".join(json.dumps(f, ensure_ascii=False, separators=(",", ":")) for f in features)
        path.write_text(f'{{"type":"FeatureCollection","features":[\n{body}\n]}}\n', encoding="utf-8", newline="\n")
        written.append((layer_id, path))
    return written


def split_events(events: list[Event]) -> tuple[list[Event], list[Event]]:
    """Return the last event of every type, and the earlier ones."""
    last = {event[0]: event for event in events}
    return list(last.values()), [event for event in events if last[event[0]] is not event]


def _feature(layer: Layer, row: Record) -> dict[str, Any]:
    properties: dict[str, Any] = {"名称": row["name"]}
    for title, column in (("所属县区", "county"), ("所属板块", "unit"), ("乡镇", "township"), ("地址", "address")):
        properties[title] = row[column] or None
    properties["位置精度"] = ACCURACY[row["location_accuracy"]]
    properties["数据日期"] = row["data_date"].isoformat()
    properties["演示数据"] = "是"
    derived = {g.field for g in layer.events}
    for field in layer.fields:
        if field.id in row and field.id not in derived:
            properties[title_of(field)] = plain(row[field.id])
    properties |= event_columns(layer, row["events"]) | figure_columns(layer, row["figures"])
    geometry = None if row["geometry"] is None else mapping(row["geometry"])
    return {"type": "Feature", "properties": properties, "geometry": geometry}


def event_columns(layer: Layer, events: list[Event]) -> dict[str, str]:
    """Return the events as the columns of a flat file."""
    last, earlier = split_events(events)
    columns = {}
    for kind, level, day, end in last:
        group = next(g for g in layer.events if kind in g.types)
        columns[group.date_aliases[kind][0]] = day.isoformat()
        if end is not None:
            columns[group.end_aliases[kind][0]] = end.isoformat()
        if level and (field := layer.field(group.field)) is not None:
            columns[field.title] = level
    if earlier:
        listed = [{"type": t, "level": v, "date": d.isoformat(), "end": e and e.isoformat()} for t, v, d, e in earlier]
        columns["events"] = json.dumps(listed, ensure_ascii=False)
    return columns


def figure_columns(layer: Layer, figures: list[tuple[str, dt.date, float]]) -> dict[str, float]:
    """Return the figures as the columns of a flat file: ``2026年3月累计完成投资（元）``."""
    series = {s.id: s for s in layer.figures}
    return {
        f"{end.year}年{end.month}月{series[measure].title}（{series[measure].unit}）": value
        for measure, end, value in figures
    }


def title_of(field: FieldSpec) -> str:
    """Return the column title of a field with its stored unit."""
    return f"{field.title}（{field.unit}）" if field.unit else field.title


def plain(value: Any) -> Any:
    """Return a value as a cell of a flat file."""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, list):
        return "、".join(value)
    if isinstance(value, dt.date):
        return value.isoformat()
    if value is None or value == "" or (isinstance(value, float) and value != value):
        return None
    return value.item() if isinstance(value, np.generic) else value
