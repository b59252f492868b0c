"""The same answer over HTTP and on the command line, and refusals as problems."""

import io
import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from geo.criteria_plane import to_plane
from layers.settings import ROOT
from tests import support

pytestmark = pytest.mark.asyncio(loop_scope="module")
PLACE = [{"id": "road_port_km", "weight": 1}, {"id": "road_seat_km", "weight": 1}]


def yuantu(filled: str, var_dir: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {
        "YUANTU_DATABASE_URL": filled, "YUANTU_SECRET_KEY": support.SECRET_KEY, "YUANTU_VAR_DIR": str(var_dir),
    }  # fmt: skip
    return subprocess.run(
        [Path(sys.executable).with_name("yuantu"), *arguments],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
    )


async def test_criteria_and_presets(client):
    body = (await client.get("/api/v1/site/criteria")).json()
    assert len(body["criteria"]) >= 16
    found = (await client.get("/api/v1/site/presets")).json()["presets"]
    assert len(found) == 7
    answer = await client.post("/api/v1/site/rank", json=found[0]["profile"])
    assert answer.status_code == 200


async def test_http_and_the_command_line_give_the_same_table_twice(client, filled, brief, tmp_path):
    path = tmp_path / "brief.json"
    path.write_text(json.dumps(brief), encoding="utf-8")
    served = (await client.post("/api/v1/site/rank?as_of=2026-06-30", json=brief)).json()
    runs = [yuantu(filled, tmp_path, "site", "rank", str(path), "--json", "--as-of", "2026-06-30") for _ in range(2)]
    assert [r.returncode for r in runs] == [0, 0], runs[0].stderr
    assert runs[0].stdout == runs[1].stdout
    assert json.loads(runs[0].stdout) == served
    assert {"profile_sha256", "as_of", "seed", "ranked", "excluded", "sentence"} <= set(served)
    assert served["as_of"] == "2026-06-30"
    table = yuantu(filled, tmp_path, "site", "rank", str(path))
    assert "地块己" in table.stdout
    assert "演示数据" in table.stdout


async def test_the_demo_switch(client, brief):
    shown = (await client.post("/api/v1/site/rank", json=brief)).json()
    hidden = (await client.post("/api/v1/site/rank?demo=0", json=brief)).json()
    assert (shown["n"], hidden["n"]) == (7, 6)
    assert any(r["is_demo"] for r in shown["ranked"])
    assert not any(r["is_demo"] for r in hidden["ranked"])


@pytest.mark.parametrize(
    "change",
    [{"criteria": []}, {"surprise": 1}, {"limits": [{"id": "moon", "op": "=", "value": 1}]},
     {"alternatives": {"layer": "boundary"}}, {"alternatives": {"layer": "parcel", "filter": "leader = 'x'"}},
     {"criteria": [{"id": "price_wan", "weight": 0}]},
     {"criteria": [{"id": "price_wan", "weight": 1, "value": {"type": "wavy"}}]},
     {"criteria": [{"id": "chain_density", "weight": 1}]}],
)  # fmt: skip
async def test_a_wrong_brief_is_a_problem_in_words(client, brief, change):
    answer = await client.post("/api/v1/site/rank", json=brief | change)
    assert answer.status_code == 400
    assert answer.headers["content-type"].startswith("application/problem+json")
    assert answer.json()["detail"]


async def test_an_unknown_layer_and_an_unknown_path_are_not_found(client, brief):
    assert (await client.post("/api/v1/site/rank", json=brief | {"alternatives": {"layer": "x"}})).status_code == 404
    assert (await client.get("/api/v1/site/nothing")).status_code == 404
    assert (await client.post("/api/v1/site/rank", content=b"[1]")).status_code == 400


async def test_weights_and_routes(client, brief):
    asked = {"profile": brief, "method": "ahp", "pairs": [["price_wan", "power_mva", 2]]}
    found = (await client.post("/api/v1/site/weights", json=asked)).json()
    assert found["weights"]["price_wan"] == pytest.approx(2 / 3)
    ranked = (await client.post("/api/v1/site/rank", json=brief)).json()["ranked"]
    asked = {"profile": brief | {"criteria": PLACE}, "id": ranked[0]["id"]}
    routes = (await client.post("/api/v1/site/route", json=asked)).json()["routes"]
    assert [r["id"] for r in routes] == ["road_port_km", "road_seat_km"]


async def test_the_surface_as_picture_geotiff_and_cell(client, brief):
    chosen = brief | {"criteria": PLACE}
    body = (await client.post("/api/v1/site/surface", json=chosen)).json()
    assert body["image"].startswith("data:image/png;base64,")
    (south, west), (north, east) = body["bounds"]
    assert 119 < west < east < 121.5
    assert 32 < south < north < 35
    assert len(body["colors"]) == len(body["breaks"]) == 5
    picture = Image.open(io.BytesIO((await client.post("/api/v1/site/surface?format=png", json=chosen)).content))
    assert picture.size == (body["width"], body["height"])
    counts = np.bincount(np.asarray(picture).ravel())
    assert (counts[1:6] > 0).all()  # every class is drawn
    tif = Image.open(io.BytesIO((await client.post("/api/v1/site/surface?format=tif", json=chosen)).content))
    table = np.asarray(tif)
    assert np.isfinite(table).sum() == body["n_cells"]
    assert tif.tag_v2[33550][:2] == (100.0, 100.0)
    assert 4549 in tif.tag_v2[34735]
    cell = (await client.post("/api/v1/site/cell", json={"profile": chosen, "lon": 120.5, "lat": 33.2})).json()
    west_m, north_m = tif.tag_v2[33922][3:5]
    x, y = to_plane([cell["lon"], cell["lat"]])
    assert table[int((north_m - y) / 100), int((x - west_m) / 100)] == pytest.approx(cell["score"], abs=1e-6)
    outside = await client.post("/api/v1/site/cell", json={"profile": chosen, "lon": 100.0, "lat": 33.2})
    assert outside.status_code == 404
    assert body["profile_sha256"] in tif.tag_v2[270]


async def test_the_surface_on_the_command_line(filled, brief, tmp_path):
    path, picture = tmp_path / "brief.json", tmp_path / "面.png"
    path.write_text(json.dumps(brief | {"criteria": PLACE}), encoding="utf-8")
    made = yuantu(filled, tmp_path, "site", "surface", str(path), "-o", str(picture))
    assert made.returncode == 0, made.stderr
    assert picture.read_bytes().startswith(b"\x89PNG")
    assert "高分片区" in made.stdout
    refused = yuantu(filled, tmp_path, "site", "surface", str(path), "-o", str(tmp_path / "x.bmp"))
    assert refused.returncode == 2


async def test_a_brief_and_a_report_on_the_command_line(filled, brief, tmp_path):
    path, sheet, out = tmp_path / "brief.json", tmp_path / "任务书.xlsx", tmp_path / "报告.xlsx"
    path.write_text(json.dumps(brief), encoding="utf-8")
    made = yuantu(filled, tmp_path, "site", "brief", str(path), "-o", str(sheet))
    assert made.returncode == 0, made.stderr
    ranked = [json.loads(yuantu(filled, tmp_path, "site", "rank", str(p), "--json").stdout) for p in (path, sheet)]
    assert ranked[0] == ranked[1]
    made = yuantu(filled, tmp_path, "site", "report", str(sheet), "-o", str(out))
    assert made.returncode == 0, made.stderr
    assert out.read_bytes().startswith(b"PK")
    assert yuantu(filled, tmp_path, "site", "report", str(sheet), "-o", str(tmp_path / "x.doc")).returncode == 2
