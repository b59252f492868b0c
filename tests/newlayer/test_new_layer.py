"""A layer nobody has seen: one TOML and one GeoJSON, and it is in the table, map, filters, rollup and API."""

import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any
from urllib.parse import quote
from urllib.request import urlopen

import mapbox_vector_tile
import pytest
from playwright.sync_api import Browser, expect

from tests.store.worlds import ask
from tests.support import ROOT, SECRET_KEY, fetch_json, serving

TOML = """
title = "充电站"
noun = "座"
geometry = "point"
owner = "市发改委"
visible = true

[[fields]]
id = "piles"
title = "充电桩数"
type = "integer"
role = "extensive"
aliases = ["桩数"]
table = true
hover = true

[[fields]]
id = "speed"
title = "快慢"
type = "code"
values = ["快充", "慢充"]
table = true

[[fields]]
id = "operator_phone"
title = "联系电话"
internal = true

[style]
symbol = "circle"
color_by = "speed"
size_by = "piles"
"""
# name, lon, lat, piles, speed: two in 大丰区, one in 东台市, one in the sea, one with a county only
STATIONS: list[tuple[str, float | None, float | None, int | None, str, str]] = [
    ("甲站", 120.47, 33.20, 10, "快充", "大丰区"),
    ("乙站", 120.50, 33.22, 20, "慢充", "大丰区"),
    ("丙站", 120.32, 32.85, None, "快充", "东台市"),
    ("丁站", 121.90, 33.50, 5, "快充", ""),
    ("戊站", None, None, 7, "慢充", "响水县"),
]

# ids that a statement, the browser or a reader may use for something of its own
TERMS = (
    "status", "touched", "kept_location", "said", "type", "level", "value", "n", "code", "title", "layer", "sheet",
    "order", "group", "select", "user", "t", "s", "x", "count", "total", "share", "rank", "row", "event_date",
    "measure", "by", "filter", "z", "geometry", "properties", "distance", "stage", "color", "label", "number",
)  # fmt: skip


def awkward_toml() -> str:
    parts = ['title = "怪名"\nnoun = "处"\ngeometry = "point"\nowner = "试验"\nvisible = true']
    parts += [
        f'[[fields]]\nid = "{term}"\ntitle = "字段{i}"\ntype = "code"\n'
        f'values = ["甲{i}", "乙{i}"]\ntable = true\nhover = true'
        for i, term in enumerate(TERMS)
    ]
    parts.append('[[fields]]\nid = "area"\ntitle = "面积数"\ntype = "integer"\nrole = "extensive"')
    parts.append('[style]\nsymbol = "circle"\ncolor_by = "status"\n')
    return "\n".join(parts)


def awkward_geojson() -> str:
    """Two things in 大丰区: the first holds 甲 everywhere, the second 乙."""
    features = [
        {
            "type": "Feature",
            "geometry": {"type": "Point", "coordinates": [120.47 + j / 100, 33.20]},
            "properties": {"名称": f"{word}处", "面积数": j + 1}
            | {f"字段{i}": f"{word}{i}" for i in range(len(TERMS))},
        }
        for j, word in enumerate("甲乙")
    ]
    return json.dumps({"type": "FeatureCollection", "features": features}, ensure_ascii=False)


def add_layer(copy: Path, name: str, toml: str, content: str) -> None:
    (copy / f"layers/catalog/{name}.toml").write_text(toml, encoding="utf-8")
    data = copy / "data/shapefiles" / name
    data.mkdir()
    (data / "things.geojson").write_text(content, encoding="utf-8")
    digest = hashlib.sha256((data / "things.geojson").read_bytes()).hexdigest()
    (data / "source.toml").write_text(
        f'layer = "{name}"\n[[files]]\nfile = "things.geojson"\ntitle = "试验"\npublisher = "试验"\n'
        f'licence = "试验"\ndate = "2026-06-30"\ndatum = "wgs84"\nsha256 = "{digest}"\n',
        encoding="utf-8",
    )


def geojson() -> str:
    features = [
        {
            "type": "Feature",
            "geometry": None if lon is None else {"type": "Point", "coordinates": [lon, lat]},
            "properties": {"名称": name, "桩数": piles, "快慢": speed, "所属县区": county, "联系电话": "13800000000"},
        }
        for name, lon, lat, piles, speed, county in STATIONS
    ]
    return json.dumps({"type": "FeatureCollection", "features": features}, ensure_ascii=False)


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the project with one TOML and one data folder more, and only the boundaries beside it."""
    copy = tmp_path_factory.mktemp("project")
    for package in ("app", "geo", "layers", "etl"):
        shutil.copytree(ROOT / package, copy / package, ignore=shutil.ignore_patterns("node_modules", "__pycache__"))
    for folder in ("admin", "boundary", "context"):
        shutil.copytree(ROOT / "data/shapefiles" / folder, copy / "data/shapefiles" / folder)
    if (ROOT / "data/targets").exists():
        shutil.copytree(ROOT / "data/targets", copy / "data/targets")
    add_layer(copy, "charging", TOML, geojson())
    add_layer(copy, "awkward", awkward_toml(), awkward_geojson())
    return copy


@pytest.fixture(scope="module")
def world(
    scratch_database: Callable[[], AbstractContextManager[str]], tree: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[str, str]]:
    """(base URL of the app, database URL) after `yuantu up --no-demo` on the copy."""
    var = tmp_path_factory.mktemp("var")
    with scratch_database() as database:
        environment = os.environ | {
            "PYTHONPATH": str(tree), "YUANTU_DATABASE_URL": database, "YUANTU_VAR_DIR": str(var),
            "YUANTU_SECRET_KEY": SECRET_KEY,
        }  # fmt: skip
        command = [Path(sys.executable).with_name("yuantu"), "up", "--no-demo"]
        done = subprocess.run(command, cwd=tree, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        with serving(database, var, tree=tree, DATA_DIR=str(tree / "data/shapefiles")) as url:
            yield url, database


def test_its_table_has_its_columns_and_every_row(world: tuple[str, str]) -> None:
    rows = ask(world[1], "SELECT name, piles, speed, county_code FROM layer_charging ORDER BY source_row")
    assert rows == [
        ("甲站", 10, "快充", "320904"),
        ("乙站", 20, "慢充", "320904"),
        ("丙站", None, "快充", "320981"),
        ("丁站", 5, "快充", "outside"),
        ("戊站", 7, "慢充", "320921"),
    ]


def test_the_api_lists_it_and_keeps_its_internal_field(world: tuple[str, str]) -> None:
    layer = next(x for x in fetch_json(f"{world[0]}/api/v1/layers")["layers"] if x["id"] == "charging")
    assert (layer["title"], layer["n"], layer["n_demo"]) == ("充电站", 5, 0)
    assert {"n", "sum_piles"} <= {m if isinstance(m, str) else m["id"] for m in layer["measures"]}
    everything = [
        fetch_json(f"{world[0]}{path}")
        for path in (
            "/api/v1/rows/charging",
            "/api/v1/features/charging",
            "/ogc/collections/pub.charging/items?f=geojson",
        )
    ]
    assert "13800000000" not in json.dumps(everything, ensure_ascii=False)


@pytest.mark.parametrize("axis", ["county", "unit"])
def test_its_rollup_adds_up(world: tuple[str, str], axis: str) -> None:
    found: Any = fetch_json(f"{world[0]}/api/v1/rollup/charging?by={axis}&measure=sum_piles")
    values = {r["code"]: r["value"] for r in found["rows"]}
    assert (values["320904"], values["320981"], values["320921"]) == (30, None, 7)
    assert (found["outside"], found["unlocated"], found["total"]) == (5, 0, 42)


def test_its_filter_its_tile_and_its_collection_agree(world: tuple[str, str]) -> None:
    fast = quote("speed = '快充'")
    assert fetch_json(f"{world[0]}/api/v1/rollup/charging?by=county&filter={fast}")["total"] == 3
    assert fetch_json(f"{world[0]}/ogc/collections/pub.charging/items?filter={fast}&f=geojson")["numberMatched"] == 3
    with urlopen(f"{world[0]}/tiles/charging/5/26/12.mvt?filter={fast}") as answer:
        tile = mapbox_vector_tile.decode(answer.read())
    assert len(tile["charging"]["features"]) == 3


def test_it_is_on_the_page_with_its_filter(world: tuple[str, str], chromium: Browser) -> None:
    page = chromium.new_page(viewport={"width": 1440, "height": 900})
    page.goto(f"{world[0]}/?layer=charging")
    expect(page.get_by_text("充电站").first).to_be_visible(timeout=30_000)
    expect(page.get_by_text("快充").first).to_be_visible(timeout=30_000)
    for _ in range(300):
        loaded = page.evaluate("window.yuantu ? window.yuantu.state().loaded.charging : null")
        if loaded == 5:
            break
        page.wait_for_timeout(100)
    assert loaded == 5
    page.close()


def test_no_field_name_means_anything_but_itself(world: tuple[str, str]) -> None:
    columns = ", ".join(f'"{term}"' for term in TERMS)
    rows = ask(world[1], f"SELECT {columns} FROM layer_awkward ORDER BY source_row")
    assert rows == [tuple(f"{word}{i}" for i in range(len(TERMS))) for word in "甲乙"]
    for i, term in enumerate(TERMS):
        wanted = quote(f"{term} = '乙{i}'")
        found: Any = fetch_json(f"{world[0]}/api/v1/rollup/awkward?by={term}&measure=sum_area&filter={wanted}")
        assert [(r["code"], r["value"]) for r in found["rows"] if r["value"]] == [(f"乙{i}", 2)], term
        assert fetch_json(f"{world[0]}/api/v1/rows/awkward?filter={wanted}&sort={term}")["total"] == 1, term
        features = fetch_json(f"{world[0]}/api/v1/features/awkward?filter={wanted}")["features"]
        assert [f["properties"].get(term) for f in features] == [f"乙{i}"], term
