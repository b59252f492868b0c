"""Small worlds published through the real loader: records by hand, everything else filled in."""

import datetime as dt
from collections.abc import Iterable
from typing import Any

import pandas as pd
import shapely

from geo.mercator import to_web_mercator
from layers.registry import Catalogue, catalogue
from layers.store.load import Published, RunInfo, publish
from layers.store.staging import EVENT_COLUMNS, FIGURE_COLUMNS, SHARE_COLUMNS, Batch, Issue

COUNTIES = {
    "320902": "亭湖区", "320903": "盐都区", "320904": "大丰区", "320921": "响水县", "320922": "滨海县",
    "320923": "阜宁县", "320924": "射阳县", "320925": "建湖县", "320981": "东台市",
}  # fmt: skip
CENTRES = {
    "320902": (120.20, 33.39), "320903": (120.05, 33.30), "320904": (120.50, 33.20), "320921": (119.58, 34.20),
    "320922": (119.83, 33.99), "320923": (119.80, 33.76), "320924": (120.26, 33.77), "320925": (119.80, 33.46),
    "320981": (120.32, 32.87), "outside": (121.30, 33.50),
}  # fmt: skip
MULTI = {"polygon": shapely.multipolygons, "line": shapely.multilinestrings}


def row(layer: str, key: str, **values: Any) -> dict[str, Any]:
    """One record. ``at`` = (lon, lat) makes a point; ``geom`` any shape; without either it has no place.

    ``shown`` is the display position of a record without coordinates.
    """
    at = values.pop("at", None)
    geom = values.pop("geom", shapely.Point(at) if at else None)
    shown = values.pop("shown", None)
    spec = catalogue().layers.get(layer)
    if geom is not None and spec is not None and spec.geometry in MULTI and not geom.geom_type.startswith("Multi"):
        geom = MULTI[spec.geometry]([geom])
    drawn = geom if geom is not None else (shapely.Point(shown) if shown else None)
    county = values.pop("county", "unlocated")
    accuracy = "surveyed" if geom is not None else ("county" if shown else "none")
    return {
        "key": key, "name": values.pop("name", key), "county_code": county,
        "unit_code": values.pop("unit", county), "township_code": values.pop("township", "unlocated"),
        "location_accuracy": values.pop("accuracy", accuracy), "is_demo": values.pop("demo", False),
        "data_date": values.pop("date", dt.date(2026, 1, 1)), "source_name": "手工.xlsx", "source_row": 2,
        "address": "", "area_m2": None, "extra": {}, "original": "{}", "entry_number": 0, "geom": geom,
        "geom_3857": to_web_mercator(drawn) if drawn is not None else None, **values,
    }  # fmt: skip


def load(
    dsn: str,
    layer_id: str,
    rows: Iterable[dict[str, Any]],
    *,
    events: Iterable[tuple[Any, ...]] = (),
    figures: Iterable[tuple[Any, ...]] = (),
    shares: Iterable[tuple[Any, ...]] = (),
    issues: Iterable[Issue] = (),
    mode: str = "upsert",
    cat: Catalogue | None = None,
) -> Published:
    """Publish records as one run. ``events`` are (key, type, level, date, end)."""
    cat = cat or catalogue()
    layer = cat.layer(layer_id)
    frame = pd.DataFrame(list(rows), dtype=object)
    for spec in layer.fields:
        if spec.id not in frame.columns:
            frame[spec.id] = None
    for number, name in enumerate(("geom", "geom_3857")):
        frame[name] = frame[name].astype(object) if name in frame else [None] * len(frame) * (number + 1)
    batch = Batch(
        rows=frame,
        events=pd.DataFrame([(*e, "", None) for e in events], columns=list(EVENT_COLUMNS), dtype=object),
        figures=pd.DataFrame(list(figures), columns=list(FIGURE_COLUMNS), dtype=object),
        shares=pd.DataFrame(list(shares), columns=list(SHARE_COLUMNS), dtype=object),
        issues=list(issues),
        n_read=len(frame),
    )
    return publish(dsn, layer, cat, batch, RunInfo(mode=mode, started_by="测试"))


def square(lon: float, lat: float, half: float = 0.02) -> shapely.Polygon:
    """A square in degrees round a point."""
    return shapely.box(lon - half, lat - half, lon + half, lat + half)


def share(key: str, county: str, area: float) -> tuple[str, str, str, float]:
    """A polygon's share in a county, m²."""
    return (key, county, county, area)


def boundaries(dsn: str) -> None:
    """Nine squares of 0.2° that stand for the counties."""
    rows = [
        row(
            "boundary", f"{code}|g1", name=name, geom=square(*CENTRES[code], 0.1), county=code, code=code,
            kind="county", generation="g1",
        )
        for code, name in COUNTIES.items()
    ]  # fmt: skip
    load(dsn, "boundary", rows)


def projects(count: int = 60) -> tuple[list[dict[str, Any]], list[tuple[Any, ...]]]:
    """Projects spread over counties, outside and unlocated, with stage events."""
    stages = ("储备", "签约", "开工", "竣工", "达产", "达效")
    places = [*CENTRES, "unlocated"]
    rows, events = [], []
    for i in range(count):
        place = places[i % len(places)]
        lon, lat = CENTRES.get(place, (0.0, 0.0))
        where = {"at": (lon + 0.001 * (i // 11), lat)} if place in CENTRES else {}
        rows.append(
            row(
                "project", f"P{i:04d}", name=f"项目{i}号", county=place, demo=i % 7 == 0, project_code=f"P{i:04d}",
                invest_cny=None if i % 10 == 9 else 10_000_000 * i, land_mu=None if i % 4 == 3 else 12.5 + i,
                kind="新建" if i % 2 else None, leader="张三", **where,
            )
        )  # fmt: skip
        for step in range(i % 7):
            events.append(
                (f"P{i:04d}", stages[step], "", dt.date(2023 + step // 2, 1 + 6 * (step % 2), 1 + i % 28), None)
            )
    return rows, events


def fill(dsn: str) -> None:
    """Fill an empty database with a world whose answers are easily said."""
    boundaries(dsn)
    rows, events = projects()
    load(dsn, "project", rows, events=events)
    parks = [
        row("park", "大丰港经济区", name="大丰港经济区", geom=shapely.multipolygons([square(*CENTRES["320904"])]),
            county="320904", level="省级", industries=["汽车", "新能源"], planned_mu=1200.5, leader="李四"),
        row("park", "黄海新区", name="黄海新区", geom=shapely.multipolygons([square(119.7, 34.1)]), county="320921",
            accuracy="sketched", level="市级", planned_mu=None),
        row("park", "演示园区一", name="演示园区一", county="320981", shown=CENTRES["320981"], demo=True,
            planned_mu=3.0),
    ]  # fmt: skip
    load(
        dsn, "park", parks,
        shares=[share("大丰港经济区", "320904", 1_500_000.25), share("黄海新区", "320921", 2_000_000.5),
                share("黄海新区", "320922", 500_000.125), share("黄海新区", "outside", 250_000.0)],
    )  # fmt: skip
    factories = [
        row("factory", "91320900MA000001X0", name="江苏一厂", at=CENTRES["320902"], county="320902",
            credit_code="91320900MA000001X0", contact_phone="13800000000"),
        row("factory", "二厂", name="江苏二厂", county="320903", shown=CENTRES["320903"]),
    ]  # fmt: skip
    load(
        dsn, "factory", factories,
        events=[("91320900MA000001X0", "智能工厂", "先进级", dt.date(2023, 5, 1), None),
                ("91320900MA000001X0", "智能工厂", "卓越级", dt.date(2025, 5, 1), None)],
    )  # fmt: skip
    load(
        dsn, "infrastructure",
        [row("infrastructure", "大丰港", name="大丰港", at=(120.52, 33.21), county="320904", kind="港口",
             grid_capacity_mva=100.0, alias_names="盐城港大丰港区"),
         row("infrastructure", "海上风电", name="海上风电场", at=CENTRES["outside"], county="outside", kind="风电场",
             capacity_mw=300.5)],
    )  # fmt: skip
