"""The whole city as alternatives: the best cells, ranked as any sites are."""

from __future__ import annotations

import asyncio

import numpy as np
import pytest

from geo.criteria_plane import to_plane
from layers.settings import ROOT
from layers.site import parse_profile
from layers.site_answer import open_brief
from layers.site_surface import answer_surface

pytestmark = pytest.mark.asyncio
DATA = ROOT / "data" / "shapefiles"
PLACE = [{"id": "road_port_km", "weight": 2}, {"id": "road_seat_km", "weight": 1}]


async def test_the_best_cell_of_each_block_is_an_alternative(reader, brief):
    profile = parse_profile(brief | {"alternatives": {"layer": "grid"}, "criteria": PLACE})
    opened = await open_brief(reader, profile, data_dir=DATA)
    body, again = await asyncio.to_thread(opened.rank), await asyncio.to_thread(opened.rank)
    assert body == again
    assert 1 < body["n"] <= 60
    surface, _ = await answer_surface(reader, profile, data_dir=DATA)
    best = float(np.nanmax(surface.scores))
    cells = surface.stack.grid.find(to_plane(opened.choices.lonlat()))
    assert float(np.max(surface.scores[cells])) == pytest.approx(best)
    blocks = np.floor(surface.stack.grid.xy[cells] / 2000)
    assert len(np.unique(blocks, axis=0)) == len(cells)
    assert all(r["county_code"] not in ("outside", "unlocated") for r in opened.choices.rows)
    assert {int(r["name"][-2:]) for r in opened.choices.rows} == set(range(1, body["n"] + 1))


async def test_what_only_a_parcel_can_answer_is_told_and_not_judged(reader, brief):
    limits = [{"id": "area_mu", "op": ">=", "value": 60}, {"id": "land_use", "op": "in", "value": ["工业用地"]},
              {"id": "road_port_km", "op": "<=", "value": 30}]  # fmt: skip
    given = {
        "alternatives": {"layer": "grid"},
        "criteria": [*PLACE, {"id": "price_wan", "weight": 1}],
        "limits": limits,
    }
    opened = await open_brief(reader, parse_profile(brief | given), data_dir=DATA)
    body = await asyncio.to_thread(opened.rank)
    assert body["ranked"]
    assert [x["n_excluded"] for x in body["limits"][:2]] == [0, 0]
    assert any("可用面积" in n for n in body["notes"])
    assert any("地价" in n for n in body["notes"])
    assert max(r["values"]["road_port_km"] for r in body["ranked"]) <= 30
