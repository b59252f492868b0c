"""A small frozen world for drawing: the nine counties, a few things of every sort, and counts done by hand."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from app.export.context import load_context
from app.export.data import MapData, gather
from app.export.recipe import parse_recipe
from app.export.render import Report, compose
from app.export.story import Story, gather_story
from app.export.theme import load_theme
from geo.errors import NotFoundError
from layers.registry import catalogue
from layers.settings import ROOT

DATA_DIR = ROOT / "data" / "shapefiles"
COUNTIES = (DATA_DIR / "boundary" / "counties_cnmaps_2021.geojson").read_bytes()
NAMES = {f["properties"]["code"]: f["properties"]["name"] for f in json.loads(COUNTIES)["features"]}
YI = 100_000_000

# name, lon, lat, county, stage, 亿元, accuracy, demo, stalled
PROJECTS = [
    ("丰港一期", 120.60, 33.20, "320904", "开工", 60, "surveyed", False, False),
    ("丰港二期", 120.62, 33.22, "320904", "签约", 20, "surveyed", False, True),
    ("演示·射阳叶片项目", 120.25, 33.77, "320924", "达产", 30, "address", True, False),
    ("东台光伏项目", 120.55, 32.80, "320981", "开工", 10, "county", False, False),
    ("海上平台", 120.95, 33.90, "outside", "储备", 5, "sketched", False, False),
    ("远海风电场", 123.50, 33.90, "outside", "储备", 3, "sketched", False, False),
    ("无处可放项目", None, None, "unlocated", "储备", 2, "none", False, False),
]
PARKS = [
    (
        "大丰港园区",
        [(120.70, 33.15), (120.85, 33.15), (120.85, 33.25), (120.70, 33.25), (120.70, 33.15)],
        "国家级",
        "省级",
    ),
    ("建湖园区", [(119.75, 33.45), (119.85, 33.45), (119.85, 33.52), (119.75, 33.52), (119.75, 33.45)], "市级", ""),
]
BASE: dict[str, Any] = {
    "version": 1,
    "family": "choropleth",
    "layers": [{"id": "project", "filter": "invest_cny >= 100000000"}, {"id": "park", "filter": ""}],
    "by": "county",
    "measure": "sum_invest_cny",
    "as_of": "2026-09-30",
    "known_at": "2026-10-01T08:00:00+08:00",
    "extent": "city",
    "classes": {"scheme": "quantiles", "k": 3},
    "title": "盐城市重点项目总投资分布图",
    "paper": "A4",
    "dpi": 100,
    "map_approval_no": "",
    "compiler": "市工信局",
    "demo": True,
}


class World:
    """What the reader answers, from the rows above.

    ``no_data`` are counties whose value is unknown; ``earlier`` the projects of every day before ``as_of``.
    """

    def __init__(
        self, projects: list[tuple] | None = None, no_data: tuple[str, ...] = (), earlier: list[tuple] | None = None
    ) -> None:
        self.cat = catalogue()
        self.projects = PROJECTS if projects is None else projects
        self.earlier = earlier
        self.no_data = no_data

    async def layers(self, when: Any, demo: bool, *, internal: bool) -> list[dict[str, Any]]:
        del when, demo, internal
        return []

    async def areas(self, kind: str) -> bytes:
        assert kind == "county"
        return COUNTIES

    def _records(self, layer_id: str, demo: bool, when: Any = None) -> list[tuple[str, int, bool]]:
        if layer_id == "project":
            early = self.earlier is not None and when is not None and when.as_of.isoformat() < BASE["as_of"]
            chosen = self.earlier if early else self.projects
            return [(p[3], p[5] * YI, p[7]) for p in chosen or [] if demo or not p[7]]
        return [("320904", 0, False), ("320925", 0, False)] if layer_id == "park" else []

    async def rollup(self, layer_id, by, measure, filter, when, demo, *, internal) -> dict[str, Any]:  # noqa: A002
        del filter, internal
        if by[-1] == "stage":
            return self._by_stage(by, demo)
        records = self._records(layer_id, demo, when)

        def value(code: str | None) -> int:
            kept = [v for c, v, _ in records if code in (None, c)]
            return len(kept) if measure == "n" else sum(kept)

        rows = [
            {
                "code": c, "name": n, "value": None if c in self.no_data and measure != "n" else value(c),
                "n_features": sum(1 for r in records if r[0] == c), "n_missing": 0,
            }
            for c, n in NAMES.items()
        ]  # fmt: skip
        return {
            "rows": rows, "outside": value("outside"), "unlocated": value("unlocated"), "total": value(None),
            "n_features": len(records), "n_demo": sum(1 for r in records if r[2]), "data_date": "2026-09-28",
            "extensive": True, "unit": "元",
        }  # fmt: skip

    def _by_stage(self, by: tuple[str, ...], demo: bool) -> dict[str, Any]:
        counted = Counter((p[3], p[4]) for p in self.projects if demo or not p[7])
        if len(by) == 1:
            sums = Counter(p[4] for p in self.projects if demo or not p[7])
            return {"rows": [{"code": t, "name": t, "n_features": n} for t, n in sums.items()]}
        rows = [
            {"code": c, "name": NAMES[c], "code2": t, "name2": t, "n_features": n}
            for (c, t), n in counted.items()
            if c in NAMES
        ]
        return {"rows": rows}

    async def card(self, layer_id, feature_id, when, *, internal) -> dict[str, Any]:
        del when, internal
        if (layer_id, feature_id) != ("park", 0):
            raise NotFoundError("没有。", "")
        return {
            "layer": "park", "id": 0, "name": "大丰港园区", "is_demo": False, "county_code": "320904",
            "county": "大丰区", "township": "", "address": "", "area_m2": 2000 / 3 * 900, "lon": 120.775, "lat": 33.2,
            "values": {"level": "国家级", "industries": ["机械", "氢能"], "planned_mu": 900.0, "kind": ""},
            "events": [{"type": "零碳园区", "level": "省级", "event_date": "2026-06-01"}],
        }  # fmt: skip

    async def features(self, layer_id, filter, when, demo, *, internal) -> bytes:  # noqa: A002
        del filter, when, internal
        found = []
        if layer_id == "project":
            for name, lon, lat, county, stage, yi, acc, is_demo, stalled in self.projects:
                if lon is None or (is_demo and not demo):
                    continue
                properties = {
                    "name": name, "stage": stage, "invest_cny": yi * YI, "location_accuracy": acc, "is_demo": is_demo,
                    "stalled": stalled, "county_code": county,
                }  # fmt: skip
                found.append({"geometry": {"type": "Point", "coordinates": [lon, lat]}, "properties": properties})
        if layer_id == "park":
            for name, ring, level, zero in PARKS:
                properties = {
                    "name": name,
                    "level": level,
                    "zero_carbon_level": zero,
                    "location_accuracy": "surveyed",
                    "is_demo": False,
                }
                found.append({"geometry": {"type": "Polygon", "coordinates": [ring]}, "properties": properties})
        features = [{"type": "Feature", "id": i, **f} for i, f in enumerate(found)]
        return json.dumps({"type": "FeatureCollection", "features": features}).encode()


def gathered(world: World | None = None, **changes: Any) -> MapData:
    """Gather on a thread: Playwright and pytest-asyncio have loops of their own on this one."""
    recipe = parse_recipe(BASE | changes)
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, gather(recipe, world or World())).result()


def told(world: World | None = None, **changes: Any) -> Story:
    """A recipe with its words; gathered on a thread as :func:`gathered`."""
    recipe = parse_recipe(BASE | changes)
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, gather_story(recipe, world or World())).result()


def report(world: World | None = None, **changes: Any) -> Report:
    return compose(gathered(world, **changes), load_context(DATA_DIR), load_theme())


def pdf_text(content: bytes, folder: Path) -> str:
    """What pdftotext reads, without spaces and line ends."""
    import subprocess

    path = folder / "map.pdf"
    path.write_bytes(content)
    read = subprocess.run(["pdftotext", "-raw", "-enc", "UTF-8", path, "-"], check=True, capture_output=True)
    return "".join(read.stdout.decode().split())
