"""What no shipped file holds is said to be missing and counts for nothing; once a steward imports it, it counts."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest
import shapely

from app.pages.site.asked import read_asked
from app.pages.site.ranking import ranking_panel
from app.pages.targets.markup import to_html
from layers.registry import catalogue
from layers.settings import ROOT
from layers.site import parse_profile
from layers.site_answer import answer_rank
from layers.store.db import role_dsn
from layers.store.places import seed_places
from layers.store.reader import Reader
from tests import support
from tests.site.conftest import fill
from tests.site.test_api import yuantu

DATA = ROOT / "data" / "shapefiles"
ABSENT = ("road_exit_km", "flood_km", "green_power_pct")
TITLES = "到高速出入口路程、距洪水风险区、园区绿电占比"
FLOOD = {"id": "constraint", "op": "outside", "value": ["洪水风险"]}


def geojson(path: Path, shape: shapely.Geometry, **properties: str) -> Path:
    feature = {"type": "Feature", "properties": properties, "geometry": shapely.geometry.mapping(shape)}
    path.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}), encoding="utf-8")
    return path


async def test_missing_data_is_said_and_an_import_makes_it_count(
    scratch_database: Callable[[], AbstractContextManager[str]], brief: dict[str, Any], tmp_path: Path
) -> None:
    own = [{"id": "price_wan", "weight": 40}, *({"id": i, "weight": 20} for i in ABSENT)]
    asked = brief | {"criteria": own, "missing": "worst", "limits": [FLOOD]}
    alone = brief | {"criteria": own[:1], "missing": "worst"}
    with scratch_database() as url:
        writer = role_dsn(url, "yuantu_writer", support.SECRET_KEY)
        seed_places(writer, DATA)
        fill(writer)
        async with Reader(role_dsn(url, "yuantu_reader", support.SECRET_KEY), catalogue()) as reader:
            before = await answer_rank(reader, parse_profile(asked), data_dir=DATA)
            told = {c["id"]: c for c in before["criteria"]}
            assert [told[i]["is_void"] for i in ABSENT] == [True] * 3
            assert [told[i]["weight"] for i in ABSENT] == [0.0] * 3
            assert before["limits"][0]["unchecked"] == ["洪水风险"]
            scored = {r["id"]: r["score"] for r in before["ranked"]}
            same = await answer_rank(reader, parse_profile(alone), data_dir=DATA)
            assert scored == pytest.approx({r["id"]: r["score"] for r in same["ranked"]})
            page = to_html(ranking_panel(await read_asked(reader, {"task": {"profile": asked}}), before, {}))
            assert f"没有数据，未计入得分：{TITLES}" in page

            at = shapely.Point(120.5, 33.2)
            exits = geojson(tmp_path / "exits.geojson", at, 设施名称="大丰出入口", 设施类型="高速出入口")
            area = shapely.box(120.19, 33.37, 120.22, 33.4)
            flood = geojson(tmp_path / "flood.geojson", area, 名称="亭湖蓄洪区", 类型="洪水风险")
            for layer, path in (("infrastructure", exits), ("constraint", flood)):
                made = yuantu(url, tmp_path, "import", layer, str(path), "--datum", "wgs84")
                assert made.returncode == 0, made.stdout + made.stderr
            after = await answer_rank(reader, parse_profile(asked), data_dir=DATA)
    told = {c["id"]: c for c in after["criteria"]}
    assert [told[i]["is_void"] for i in ABSENT] == [False, False, True]
    assert [told[i]["weight"] for i in ABSENT] == pytest.approx([0.25, 0.25, 0.0])
    assert after["limits"][0]["unchecked"] == []
    out = {e["name"]: e["text"] for e in after["excluded"]}
    assert {"地块丁", "地块戊"} <= set(out)
    assert "亭湖蓄洪区" in out["地块丁"]
    nearest = min(after["ranked"], key=lambda r: r["values"]["road_exit_km"])
    assert nearest["name"] == "地块甲"  # the exit lies on it
    assert nearest["contributions"]["road_exit_km"] > 0
