"""Rows of the infrastructure layer: plants, wind farms, turbines and airports with coordinates."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

from etl.facts_write import Row, header_of
from layers.spec import Layer

KIND_OF_FUEL = {"Coal": ("火电厂", "煤"), "Solar": ("光伏电站", "光"), "Wind": ("风电场", "风")}
STATUS = {"Operational": "运行", "Operational (2019 list)": "运行", "Shutdown": "停运", "operating": "运行"}
AIRPORTS = {"CN-0215": "射阳机场", "CN-0250": "盐城建湖通用机场", "ZSYN": "盐城南洋机场"}
H2_FARM = "国家电投滨海北H2海上风电"
FARM_ALIASES = {
    "SPIC Binhai North H1": ("国家电投滨海北H1",),
    "SPIC Binhai North H2": ("国家电投滨海北H2", "国家电投滨海北区H2海上风电场"),
    "SPIC Binhai South H3": ("国家电投滨海南H3",),
}
OSM = "https://www.openstreetmap.org/"


def energy_rows(folder: Path, named: list[Row], layer: Layer) -> dict[str, list[Row]]:
    """Return the infrastructure rows by file, the named facilities among them joined with their coordinates.

    Parameters
    ----------
    folder : Path
        The excerpts: plants, airports, offshore farms, turbines and ``plant_names.csv``.
    named : list of Row
        Records made from the named facts; those that are a wind farm move to its file.
    layer : Layer
        The infrastructure layer, for column titles.
    """
    names = {r["source_key"]: r for r in _rows(folder / "plant_names.csv")}
    by_name = {row["名称"]: row for row in named}
    farms = _offshore(folder, names, by_name, layer)
    joined = {row["名称"] for row in farms}
    facilities = [row for row in named if row["名称"] not in joined]
    return {
        "facilities.csv": facilities + _airports(folder, by_name, layer),
        "power_plants.csv": _plants(folder, names, layer),
        "offshore_wind.csv": farms,
        "turbines.csv": _turbines(folder, layer),
    }


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def _point(lon: object, lat: object, accuracy: str) -> Row:
    return {"经度": str(lon), "纬度": str(lat), "位置精度": accuracy}


def _values(layer: Layer, **values: object) -> Row:
    return {header_of(layer, k): f"{v:g}" if isinstance(v, float) else str(v) for k, v in values.items()}


def _plants(folder: Path, names: dict[str, dict[str, str]], layer: Layer) -> list[Row]:
    rows = []
    for plant in _rows(folder / "power_plants_wri_wikisolar.csv"):
        key = plant["src_id"]
        named = names.get(key) or names[f"{key}/{plant['name'].rsplit(' ', 1)[-1]}"]
        kind, fuel = KIND_OF_FUEL[plant["fuel"]]
        rounded = "rounded to 0.01" in plant["qa_note"]
        doubtful = "重复" in named["qa_note"] or "坐标相同" in named["qa_note"]
        said = f"{plant['name']}：{plant['capacity_mw']} MW，{plant['status'] or '状态未载'}，来源编号 {key}"
        rows.append(
            {"名称": named["name"], "别名": plant["name"]}
            | _point(plant["lon"], plant["lat"], "示意" if rounded else "测绘")
            | _values(
                layer,
                kind=kind,
                capacity_mw=float(plant["capacity_mw"]),
                fuel=fuel,
                year=plant["year"],
                status=STATUS.get(plant["status"], ""),
                owner_name=plant["owner"],
                qa_note=named["qa_note"],
            )
            | {
                "已载事实": f"{said}（{plant['source']}）",
                "核实状态": "待核实" if doubtful or rounded else "已核实",
                "数据来源": plant["url"] or plant["dataset"],
            }
        )
    return rows


def _airports(folder: Path, by_name: dict[str, Row], layer: Layer) -> list[Row]:
    """Return the city's airports; one that the named facts hold gets its coordinates there and is not new."""
    new = []
    for airport in _rows(folder / "airports_ourairports_2022.csv"):
        name = AIRPORTS.get(airport["ident"])
        if name is None:
            continue
        codes = "，".join(c for c in (airport["gps_code"], airport["iata_code"]) if c)
        aliases = "；".join(part for part in (airport["name"], codes.replace("，", "；")) if part)
        said = f"{airport['name']}，标高 {airport['elevation_ft'] or '未载'} 英尺（OurAirports，2022）"
        place = _point(airport["longitude_deg"], airport["latitude_deg"], "测绘")
        if name in by_name:
            row = by_name[name]
            row |= place | {"别名": aliases, "已载事实": f"{row['已载事实']}\n{said}"}
            continue
        new.append(
            {"名称": name, "别名": aliases}
            | place
            | _values(layer, kind="机场")
            | {"已载事实": said, "核实状态": "已核实", "数据来源": "https://ourairports.com/"}
        )
    return new


def _offshore(folder: Path, names: dict[str, dict[str, str]], by_name: dict[str, Row], layer: Layer) -> list[Row]:
    rows = []
    for feature in _features(folder / "offshore_wind_curated.geojson"):
        p = feature["properties"]
        named = names[p["name"]]
        stated = by_name.get(named["name"], {})
        said = f"{p['name']}：{p['capacity_mw']:g} MW，{p['turbines']}（手工清单，误差 1–5 km）"
        aliases = [p["name"], p["name_zh_hant"], *FARM_ALIASES.get(p["name"], ())]
        rows.append(
            {"名称": named["name"], "别名": "；".join(aliases)}
            | _point(p["lon"], p["lat"], "示意")
            | _values(
                layer,
                kind="风电场",
                capacity_mw=float(p["capacity_mw"]),
                fuel="风",
                year=p["year"],
                status=STATUS[p["status"]],
                qa_note=named["qa_note"],
            )
            | {
                "已载事实": "\n".join(part for part in (stated.get("已载事实", ""), said) if part),
                "核实状态": "待核实",
                "数据来源": stated.get("数据来源", "") or "https://github.com/dofliu/windfarmTaiwan",
            }
        )
    return rows


def _turbines(folder: Path, layer: Layer) -> list[Row]:
    """Return the turbines of 滨海北 H2 in the order of their ids, then the transformer platform."""
    points = _features(folder / "osm_spic_binhai_north_h2.geojson")
    turbines = sorted(
        (f for f in points if f["properties"]["kind"] == "turbine"), key=lambda f: str(f["properties"]["osm_id"])
    )
    rows = []
    for number, feature in enumerate(turbines, 1):
        p = feature["properties"]
        said = f"{p['manufacturer']}，单机 {p['generator:output:electricity']}"
        name = f"{H2_FARM} 风机 {number:03d}"
        rows.append(_osm_row(name, feature, said, _values(layer, kind="风机", fuel="风", status="运行")))
    for feature in points:
        if feature["properties"]["kind"] == "transformer":
            name, values = f"{H2_FARM} 海上升压站", _values(layer, kind="变电站", status="运行")
            rows.append(_osm_row(name, feature, "海上升压站", values))
    return rows


def _osm_row(name: str, feature: dict[str, Any], said: str, values: Row) -> Row:
    lon, lat = feature["geometry"]["coordinates"]
    osm_id = feature["properties"]["osm_id"]
    return (
        {"名称": name, "别名": osm_id}
        | _point(lon, lat, "测绘")
        | values
        | {"已载事实": f"{said}（OpenStreetMap）", "核实状态": "已核实", "数据来源": OSM + osm_id}
    )


def _features(path: Path) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))["features"]
    return found
