"""A toy city for the map: four square counties, a neighbour, a coast; and the app that shows it."""

from __future__ import annotations

import json
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import dash
import dash_leaflet as dl
from dash import Input, Output, dcc, html
from flask import Response, request
from werkzeug.serving import make_server

from app.map.basemap import build_basemap

ASSETS = Path(__file__).resolve().parents[2] / "app" / "assets"
OTHER_ASSETS = r"^(?!yuantu-map\.js$|20-map\.css$|00-tokens\.css$).*"
STEP = 0.8
WEST, SOUTH = 119.5, 32.7
STAGES = ("储备", "签约", "开工", "竣工", "达产", "达效")


def square(west: float, south: float, side: float = STEP) -> list[list[list[float]]]:
    """One ring of a square, counter-clockwise."""
    east, north = west + side, south + side
    return [[[west, south], [east, south], [east, north], [west, north], [west, south]]]


def feature(geometry: dict[str, Any], **properties: Any) -> dict[str, Any]:
    return {"type": "Feature", "id": properties.pop("id", None), "properties": properties, "geometry": geometry}


def collection(features: list[dict[str, Any]]) -> dict[str, Any]:
    return {"type": "FeatureCollection", "features": features}


COUNTIES = [
    feature(
        {"type": "Polygon", "coordinates": square(WEST + STEP * (i % 2), SOUTH + STEP * (i // 2))},
        id=f"32090{i + 1}",
        code=f"32090{i + 1}",
        name=f"{'东西南北'[i]}城区",
    )
    for i in range(4)
]


def write_files(folder: Path) -> Path:
    """Write the context files that the base map is compiled from."""
    polygon = {"type": "Polygon", "coordinates": square(WEST - STEP, SOUTH)}
    city = {"type": "Polygon", "coordinates": square(WEST - 2, SOUTH, 1.9)}
    coast = {"type": "LineString", "coordinates": [[121.3, 31.0], [121.3, 36.0]]}
    road = {"type": "LineString", "coordinates": [[WEST, SOUTH + 0.3], [WEST + 1.6, SOUTH + 0.4]]}
    far = {"type": "LineString", "coordinates": [[WEST, SOUTH], [WEST + 1.6, SOUTH + 1.6]]}
    lake = {"type": "Polygon", "coordinates": square(WEST - 0.5, SOUTH + 0.2, 0.1)}
    files = {
        "boundary/counties_cnmaps_2021.geojson": COUNTIES,
        "context/neighbour_counties_cnmaps_wgs84.geojson": [feature(polygon, adcode="320801", name="邻县")],
        "context/jiangsu_cities_tianditu.geojson": [feature(city, adcode="320800", name="邻市")],
        "context/coastline_gshhg_full.geojson": [feature(coast, gshhg_level=1)],
        "context/ne50m_urban_areas.geojson": [feature(lake)],
        "context/lakes_gshhg_full.geojson": [feature(lake)],
        "context/rivers_wdbii_full.geojson": [feature(road)],
        "context/highways_osm_scgraph.geojson": [feature(road, shortcut=False), feature(far, shortcut=True)],
        "context/railways_osm_scgraph.geojson": [feature(road, shortcut=False)],
    }
    for name, features in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(collection(features), ensure_ascii=False), encoding="utf-8")
    return folder


def projects(n: int) -> dict[str, Any]:
    """``n`` projects on a lattice over the city, the first ones named by their number."""
    features = []
    for i in range(n):
        lon = WEST + 0.05 + 1.5 * ((i * 37) % 100) / 100
        lat = SOUTH + 0.05 + 1.5 * ((i * 61) % 97) / 97
        features.append(
            feature(
                {"type": "Point", "coordinates": [round(lon, 5), round(lat, 5)]},
                id=i + 1,
                name=f"演示·项目{i + 1:03d}",
                location_accuracy="township" if i % 5 == 0 else "surveyed",
                is_demo=True,
                stage=STAGES[i % 6],
                invest_cny=(i % 90 + 1) * 10**8,
                stalled=i % 7 == 0,
            )
        )
    return collection(features)


PARK = feature(
    {"type": "Polygon", "coordinates": square(119.9, 32.9, 0.12)},
    id=1,
    name="港区化工园",
    location_accuracy="sketched",
    is_demo=False,
    level="国家级",
    kind="化工园区",
)


PLAIN = [
    feature(
        {"type": "Point", "coordinates": [lon, 33.5]},
        id=i,
        name=name,
        location_accuracy="surveyed",
        is_demo=demo,
        stage="开工",
    )
    for i, lon, name, demo in ((1, 120.1, "光伏", True), (2, 120.3, "实有项目", False))
]


def model(**changes: Any) -> dict[str, Any]:
    """Return what a page gives to ``yuantu.setModel``."""
    project = {
        "id": "project",
        "title": "重点项目",
        "visible": True,
        "opacity": 1,
        "url": "/api/v1/features/project?n=300",
        "style": {
            "symbol": "circle",
            "color": "flat",
            "color_by": "stage",
            "colors": {s: f"s{i + 1}" for i, s in enumerate(STAGES)},
            "size_by": "invest_cny",
            "size_range": [4, 14],
            "size_at": [1e9, 5e9, 1e10],
            "label_from_zoom": 9,
        },
        "hover": [
            {"id": "stage", "title": "阶段"},
            {"id": "invest_cny", "title": "总投资", "unit": "亿元", "factor": 1e8, "digits": 1},
        ],
        "dim": None,
    }
    park = {
        "id": "park",
        "title": "园区",
        "visible": True,
        "opacity": 0.9,
        "url": "/api/v1/features/park",
        "style": {"symbol": "polygon", "color": "m-park", "line_by": "level", "label_from_zoom": 8},
        "hover": [],
        "dim": None,
    }
    whole = {
        "theme": "light",
        "lang": "zh",
        "layers": [project, park],
        "choropleth": {
            "url": "/api/v1/areas/county",
            "title": "总投资",
            "unit": "亿元",
            "opacity": 0.8,
            "classes": {"320901": 0, "320902": 4, "320903": 2},
            "colors": ["q1", "q2", "q3", "q4", "q5"],
            "values": {"320901": "124.0 亿元", "320902": "568.1 亿元", "320903": "215.7 亿元"},
            "selected": [],
        },
        "overlays": {"pins": {"320903": {"shape": "square", "color": "v2"}}},
        "selected": None,
        "basemap": {"url": "/api/v1/basemap", "tiles": None},
    }
    return whole | changes


@dataclass
class Site:
    """The running toy page: its address, what was asked of it, and which paths answer 503."""

    url: str
    asked: Counter[str] = field(default_factory=Counter)
    statuses: Counter[tuple[str, int]] = field(default_factory=Counter)
    broken: set[str] = field(default_factory=set)


@contextmanager
def serve(data: Path) -> Iterator[Site]:
    """Serve a Dash page with the committed bundle and nothing else of the product."""
    app = dash.Dash("toy", assets_folder=str(ASSETS), assets_ignore=OTHER_ASSETS)
    app.layout = html.Div(
        [
            html.Div(
                dl.Map(id="map", center=[33.5, 120.2], zoom=8, trackViewport=False, style={"height": "100%"}),
                style={"position": "fixed", "inset": "0"},
            ),
            dcc.Store(id="map-event"),
            dcc.Store(id="sketch-geometry"),
            html.Pre(id="event", style={"display": "none"}),
            html.Pre(id="sketch", style={"display": "none"}),
        ]
    )
    heard = "d => { if (d) (window.events = window.events || []).push(d); return '' }"
    app.clientside_callback(heard, Output("event", "children"), Input("map-event", "data"))
    written = "d => d === undefined ? '' : JSON.stringify(d)"
    app.clientside_callback(written, Output("sketch", "children"), Input("sketch-geometry", "data"))
    base = build_basemap(data)
    site = Site(url="")

    @app.server.get("/api/v1/<path:path>")
    def api(path: str) -> Response:
        site.asked[path] += 1
        if path in site.broken:
            return Response("{}", status=503)
        if request.headers.get("If-None-Match") == '"1"':
            site.statuses[path, 304] += 1
            return Response(status=304)
        bodies = {
            "basemap": lambda: base,
            "areas/county": lambda: json.dumps(collection(COUNTIES)),
            "features/park": lambda: json.dumps(collection([PARK])),
            "features/plain": lambda: json.dumps(collection(PLAIN)),
            "features/project": lambda: json.dumps(projects(int(request.args.get("n", 300)))),
        }
        return Response(bodies[path](), mimetype="application/json", headers={"ETag": '"1"'})

    server = make_server("127.0.0.1", 0, app.server, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    site.url = f"http://127.0.0.1:{server.port}/"
    try:
        yield site
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
