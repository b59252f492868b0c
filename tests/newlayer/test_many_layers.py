"""Seven more layers nobody has seen, carried through everything that a layer is carried through."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any
from urllib.parse import quote
from urllib.request import urlopen

import mapbox_vector_tile
import openpyxl
import pytest
from playwright.sync_api import Browser, expect

from etl.options import Options
from etl.pipeline import Context, check_file, import_file
from etl.template import write_template
from layers.registry import Catalogue, load_catalogue
from layers.store.db import role_dsn
from tests.newlayer.conftest import add_layer, collection, yuantu
from tests.newlayer.layers import LAYERS, NewLayer
from tests.support import SECRET_KEY, fetch_json, serving

AXES = ("county", "unit", "township")
EACH = pytest.mark.parametrize("name", LAYERS)


@pytest.fixture(scope="module")
def world(
    scratch_database: Callable[[], AbstractContextManager[str]],
    project: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[tuple[str, str, Path, Path]]:
    """(base URL, database URL, tree, var) after `yuantu up` on a copy with all of them."""
    for name, layer in LAYERS.items():
        for vocabulary, text in layer.vocabularies.items():
            (project / f"layers/vocab/{vocabulary}.toml").write_text(text, encoding="utf-8")
        add_layer(project, name, layer.toml, content(layer))
    var = tmp_path_factory.mktemp("var")
    with scratch_database() as database:
        done = yuantu(project, database, var, "up", "--no-demo")
        assert done.returncode == 0, done.stderr
        with serving(database, var, tree=project, DATA_DIR=str(project / "data/shapefiles")) as url:
            yield url, database, project, var


@pytest.fixture(scope="module")
def cat(world: tuple[str, str, Path, Path]) -> Catalogue:
    return load_catalogue(world[2] / "layers/catalog", world[2] / "layers/vocab")


def content(layer: NewLayer) -> str:
    return collection(
        [
            {"type": "Feature", "geometry": shape, "properties": {"名称": name, "所属县区": county} | more}
            for name, shape, county, more in layer.features
        ]
    )


@EACH
def test_it_is_listed_with_its_measures_and_nothing_internal(
    world: tuple[str, str, Path, Path], cat: Catalogue, name: str
) -> None:
    found = next(x for x in fetch_json(f"{world[0]}/api/v1/layers")["layers"] if x["id"] == name)
    assert (found["n"], found["n_demo"]) == (len(LAYERS[name].features), 0)
    assert {m["id"] for m in found["measures"]} >= {
        m.id for m in cat.measures(cat.layer(name)) if not LAYERS[name].secret
    }
    assert {f["id"] for f in found["fields"]} >= {f.id for f in cat.layer(name).fields if not f.internal}
    assert not [
        f for f in found["fields"] if cat.layer(name).field(f["id"]) and cat.layer(name).field(f["id"]).internal
    ]


@EACH
def test_its_sums_add_up_on_every_axis_for_every_measure(
    world: tuple[str, str, Path, Path], cat: Catalogue, name: str
) -> None:
    layer = cat.layer(name)
    fields = [f.id for f in layer.fields if f.is_categorical and not f.internal]
    public = [
        m
        for m in cat.measures(layer)
        if not (layer.field(m.field) or layer.fields[:0]) or not layer.field(m.field).internal
    ]
    for measure in ("n", *(m.id for m in public)):
        totals = set()
        for axis in (*AXES, *fields):
            body = fetch_json(f"{world[0]}/api/v1/rollup/{name}?by={axis}&measure={measure}")
            totals.add(body["total"])
            if body["extensive"] and body["partition"]:
                parts = [r["value"] for r in body["rows"]] + [body["outside"], body["unlocated"]]
                assert sum(x or 0 for x in parts) == pytest.approx(body["total"] or 0), (measure, axis)
        assert len({round(x, 3) if x is not None else None for x in totals}) == 1, (measure, totals)
    for measure, (dafeng, total) in LAYERS[name].sums.items():
        body = fetch_json(f"{world[0]}/api/v1/rollup/{name}?by=county&measure={measure}")
        assert ({r["code"]: r["value"] for r in body["rows"]}["320904"], body["total"]) == (dafeng, total), measure
    for field, terms in LAYERS[name].terms.items():
        body = fetch_json(f"{world[0]}/api/v1/rollup/{name}?by={field}")
        counts = {r["code"]: r["value"] for r in body["rows"] if r["code"]}
        assert {k: counts.get(k, 0) for k in terms} == terms


@EACH
def test_its_filters_say_the_same_by_every_path(world: tuple[str, str, Path, Path], cat: Catalogue, name: str) -> None:
    base, layer = world[0], cat.layer(name)
    questions = [""]
    for spec in (f for f in layer.fields if not f.internal):
        questions.append(f"{spec.id} IS NULL")
        if spec.is_categorical:
            questions += [f"{spec.id} = '{term}'" for term in cat.terms(spec)[:3]]
        elif spec.is_number:
            questions += [f"{spec.id} >= 4", f"{spec.id} BETWEEN 1 AND 20"]
        elif spec.type == "date":
            questions.append(f"{spec.id} >= DATE('2021-01-01')")
        elif spec.type == "boolean":
            questions += [f"{spec.id} = true", f"NOT {spec.id}"]
    for text in questions:
        asked = quote(text)
        rows = fetch_json(f"{base}/api/v1/rows/{name}?filter={asked}")
        counts = {
            "rows": rows["total"],
            "list": len(rows["rows"]),
            "rollup": fetch_json(f"{base}/api/v1/rollup/{name}?filter={asked}")["total"],
            "ogc": fetch_json(f"{base}/ogc/collections/pub.{name}/items?f=geojson&filter={asked}")["numberMatched"],
        }
        assert len(set(counts.values())) == 1, (text, counts)


@EACH
def test_it_is_drawn_whole_in_tiles_and_features(world: tuple[str, str, Path, Path], name: str) -> None:
    drawn = {f["id"] for f in fetch_json(f"{world[0]}/api/v1/features/{name}")["features"]}
    tiled = set()
    for x in (26, 27):
        with urlopen(f"{world[0]}/tiles/{name}/5/{x}/12.mvt") as answer:
            if answer.status == 200:
                tiled |= {f["id"] for f in mapbox_vector_tile.decode(answer.read())[name]["features"]}
    assert len(drawn) == LAYERS[name].on_map
    assert tiled == drawn


@EACH
def test_it_is_found_and_its_card_says_all_but_what_is_internal(world: tuple[str, str, Path, Path], name: str) -> None:
    base, (word, wanted) = world[0], LAYERS[name].search
    found = [x for x in fetch_json(f"{base}/api/v1/search?q={quote(word)}")["results"] if x["layer"] == name]
    assert [x["name"] for x in found] == [wanted]
    card = fetch_json(f"{base}/api/v1/card/{name}/{found[0]['id']}")
    assert card["source_name"]
    everything = [
        card,
        fetch_json(f"{base}/api/v1/rows/{name}?limit=100"),
        fetch_json(f"{base}/api/v1/features/{name}"),
        fetch_json(f"{base}/ogc/collections/pub.{name}/items?f=geojson"),
        fetch_json(f"{base}/ogc/collections/pub.{name}/queryables"),
    ]
    with urlopen(f"{base}/api/v1/export/rows/{name}.csv?demo=1") as answer:
        everything.append(answer.read().decode("utf-8-sig"))
    shown = json.dumps(everything, ensure_ascii=False)
    assert [s for s in LAYERS[name].secret if s in shown] == []


def test_its_dates_decide_what_was_so_on_a_day(world: tuple[str, str, Path, Path]) -> None:
    def counts(layer: str, by: str, day: str) -> dict[str, int]:
        rows = fetch_json(f"{world[0]}/api/v1/rollup/{layer}?by={by}&as_of={day}")["rows"]
        return {r["code"]: r["value"] for r in rows if r["value"] and r["code"]}

    assert counts("drill", "step", "2024-05-31") == {"申报": 2}
    assert counts("drill", "step", "2025-02-02") == {"评审": 1, "申报": 1}
    assert counts("drill", "step", "2025-06-01") == {"授牌": 1, "评审": 1, "申报": 1}
    assert counts("drill", "grade", "2025-05-01") == {"二级": 1}
    assert counts("pipeline_2", "medium_2", "2021-01-01") == {"天然气": 2, "氢气": 1}
    figures = fetch_json(f"{world[0]}/api/v1/card/reservoir/1")["figures"]
    assert {(f["measure"], f["value"]) for f in figures} == {
        ("stored_m3", 120),
        ("stored_m3", 150),
        ("clean_pct", 98.5),
    }


@EACH
def test_what_is_exported_comes_back_unchanged_and_its_template_is_read(
    world: tuple[str, str, Path, Path], cat: Catalogue, tmp_path: Path, name: str
) -> None:
    base, database, tree, _ = world
    with urlopen(f"{base}/api/v1/export/rows/{name}.xlsx?demo=1") as answer:
        book = openpyxl.load_workbook(io.BytesIO(answer.read()))
    cells = {c.value for row in book.worksheets[0].iter_rows() for c in row}
    assert {thing for thing, *_ in LAYERS[name].features} <= cells
    context = Context(role_dsn(database, "yuantu_writer", SECRET_KEY), cat, tmp_path)
    form = write_template(cat.layer(name), cat)
    checked = check_file(name, form, Options(), context, name="模板.xlsx")
    assert (checked.counts["quarantined"], {i.type for i in checked.issues}) == (0, {"example_row"})
    again = tree / f"data/shapefiles/{name}/things.geojson"
    counts = import_file(name, again, Options(datum="wgs84"), context).counts
    n = len(LAYERS[name].features)
    assert (counts["read"], counts["loaded"], counts["unchanged"]) == (n, 0, n)


@pytest.fixture(scope="module")
def quiet(chromium: Browser) -> Iterator[tuple[Any, list[str]]]:
    page = chromium.new_page(viewport={"width": 1440, "height": 900}, locale="zh-CN")
    said: list[str] = []
    page.on("console", lambda m: said.append(m.text) if m.type == "error" else None)
    page.on("pageerror", lambda e: said.append(str(e)))
    yield page, said
    page.close()


@EACH
def test_a_person_sees_it_filters_it_and_opens_its_card(
    world: tuple[str, str, Path, Path], quiet: tuple[Any, list[str]], cat: Catalogue, name: str
) -> None:
    page, said = quiet
    layer, n = cat.layer(name), len(LAYERS[name].features)
    page.goto(f"{world[0]}/?layer={name}&on={name}")
    expect(page.locator("#table-foot")).to_contain_text(f"共 {n} 行", timeout=30_000)
    expect(page.locator("#page-map")).to_contain_text(layer.title)
    for first, *_ in LAYERS[name].features:
        expect(page.locator(".ag-cell", has_text=first).first).to_be_visible(timeout=30_000)
    page.wait_for_function(f"window.yuantu.state().loaded['{name}'] === {LAYERS[name].on_map}", timeout=30_000)
    for spec in (f for f in layer.fields if not f.internal and f.is_categorical):
        field = page.locator(f'#filters-body .ff[aria-label="{spec.title}"]')
        expect(field).to_be_visible(timeout=30_000)
        chip = field.locator(".chip", has_text=cat.terms(spec)[0]).first
        chip.click()
        expect(page.locator("#filters-body .chips.held .chip")).to_have_count(1, timeout=30_000)
        page.locator("#filters-body .chips.held .chip").first.click()
        expect(page.locator("#filters-body .chips.held .chip")).to_have_count(0, timeout=30_000)
    page.locator(".ag-cell", has_text=LAYERS[name].features[0][0]).first.click()
    expect(page.locator(".ch h1, .ch .name").first).to_contain_text(LAYERS[name].features[0][0], timeout=30_000)
    words = page.locator("#side-body").inner_text()
    assert [s for s in LAYERS[name].secret if s in words] == []
    assert [
        s for s in ("undefined", "NaN", "None", "null", *(f.id for f in layer.fields if "_" in f.id)) if s in words
    ] == []
    assert said == []
