"""A cell's card: which limits exclude it, by how much, and what would admit it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from geo.criteria_plane import to_degrees
from layers.settings import ROOT
from layers.site import parse_profile
from layers.site_cell import explain_cell
from layers.site_surface import answer_surface
from layers.store.reader import Reader

DATA = ROOT / "data" / "shapefiles"
PLACE = [{"id": "road_port_km", "weight": 2, "value": {"type": "linear", "params": {"worst": 150, "best": 0}}}]
LINE = {"id": "constraint", "op": "outside", "value": ["生态保护红线"]}
TOWN = {"id": "constraint", "op": "inside", "value": ["城镇开发边界"]}
PORT = {"id": "road_port_km", "op": "<=", "value": 60}
OWN = {"id": "area_mu", "op": ">=", "value": 100}


async def test_an_excluded_cell_names_each_rule_by_how_much_and_the_nearest_change(
    reader: Reader, brief: dict[str, Any]
) -> None:
    asked = parse_profile(brief | {"criteria": PLACE, "limits": [LINE, TOWN, OWN]})
    made, _ = await answer_surface(reader, asked, data_dir=DATA)
    # the red line begins at 120.52° E and the town ends at 120.51°: 0.03° and 0.04° of longitude at 33.2° N
    cell = explain_cell(made, 120.55, 33.2)
    assert cell["is_excluded"]
    assert cell["score"] is None
    line, town = cell["fails"]
    metres = 111.32 * np.cos(np.radians(33.2))
    assert line["short"] == pytest.approx(0.03 * metres, abs=0.1)
    assert town["short"] == pytest.approx(0.04 * metres, abs=0.1)
    assert line["text"].startswith("不进入生态保护红线：在“半压红线”内，距边界 2.")
    assert "大丰开发边界" in town["change"]
    assert cell["change"].startswith("要同时满足 2 条：")
    free = explain_cell(made, 120.5, 33.2)
    assert not free["is_excluded"]
    assert free["fails"] == []
    assert free["change"] == ""


async def test_one_rule_says_what_admits_the_cell(reader: Reader, brief: dict[str, Any]) -> None:
    made, _ = await answer_surface(reader, parse_profile(brief | {"criteria": PLACE, "limits": [PORT]}), data_dir=DATA)
    far = int(np.nanargmax(made.stack.raw[0]))
    lon, lat = to_degrees(made.stack.grid.xy[far])
    cell = explain_cell(made, float(lon), float(lat))
    only = cell["fails"][0]
    assert only["found"] == pytest.approx(float(made.stack.raw[0, far]))
    assert only["short"] == pytest.approx(only["found"] - 60)
    assert cell["change"] == f"把“到港口路程”改为不超过 {only['found']:,.3f}".rstrip("0").rstrip(".") + "km即可入选。"


@pytest.mark.parametrize("limits", [[LINE], [TOWN], [PORT], [LINE, TOWN, PORT, OWN]])
async def test_a_cell_fails_a_rule_exactly_where_it_is_hatched(
    reader: Reader, brief: dict[str, Any], limits: list[dict[str, Any]]
) -> None:
    made, _ = await answer_surface(reader, parse_profile(brief | {"criteria": PLACE, "limits": limits}), data_dir=DATA)
    grid, out = made.stack.grid, made.stack.excluded
    rng = np.random.default_rng(3)
    some = np.r_[rng.integers(len(out), size=40), rng.choice(np.flatnonzero(out), 20),
                 rng.choice(np.flatnonzero(~out), 20)]  # fmt: skip
    for cell in some:
        lon, lat = to_degrees(grid.xy[cell])
        told = explain_cell(made, float(lon), float(lat))
        assert bool(told["fails"]) == told["is_excluded"] == bool(out[cell])
