"""The stand-alone map in Chromium: it opens with no network, shows what it says, and runs nothing from the data."""

import json
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from app.export.context import load_context
from app.export.html import VENDOR, leaflet, write_html
from app.export.recipe import parse_recipe
from app.export.reuse import recipe_of
from app.export.theme import load_theme
from geo.errors import InputError
from tests.export.world import DATA_DIR, PROJECTS, World, gathered

EVIL = (
    '<img src=x onerror="document.title=1"></script><script>document.title=2</script>{{ 7*7 }}{% endraw %}{% raise %}'
)


def made(world: World | None = None, **changes: object) -> bytes:
    return write_html(gathered(world, **changes), load_context(DATA_DIR), load_theme())


def opened(chromium: Browser, path: Path):
    page = chromium.new_page(viewport={"width": 1280, "height": 800})
    asked: list[str] = []
    errors: list[str] = []
    page.on("request", lambda r: asked.append(r.url))
    page.on("console", lambda m: errors.append(m.text) if m.type == "error" else None)
    page.on("pageerror", lambda e: errors.append(str(e)))
    page.goto(path.as_uri())
    page.wait_for_selector(".leaflet-overlay-pane canvas")
    return page, asked, errors


def test_it_opens_with_no_network_and_no_error(chromium: Browser, tmp_path: Path) -> None:
    path = tmp_path / "map.html"
    path.write_bytes(made())
    page, asked, errors = opened(chromium, path)
    assert [url for url in asked if not url.startswith(("file:", "data:"))] == []
    assert errors == []
    text = page.inner_text("body")
    for word in (
        "盐城市重点项目总投资分布图",
        "内部使用",
        "演示数据",
        "大丰区",
        "重点项目：市发改委",
        "开工（2）",
        "0（6）",
    ):
        assert word in text, word
    assert page.locator(".leaflet-control-layers-overlays label").count() == 2
    assert page.locator(".leaflet-control-zoom-in").get_attribute("title") == "放大"
    assert page.evaluate("document.querySelectorAll('canvas')[0].toDataURL().length") > 5000
    page.close()


def test_the_data_run_nothing(chromium: Browser, tmp_path: Path) -> None:
    world = World([(EVIL, *p[1:]) for p in PROJECTS[:1]])
    path = tmp_path / "map.html"
    path.write_bytes(made(world, title=EVIL[:60], layers=[{"id": "project"}]))
    page, asked, errors = opened(chromium, path)
    x, y = page.evaluate(
        """() => { const m = window[Object.keys(window).find(k => k.startsWith('map_') && window[k].getZoom)];
            const p = m.latLngToContainerPoint([33.20, 120.60]); return [p.x, p.y] }"""
    )
    page.mouse.click(x, y)
    page.wait_for_selector(".leaflet-popup-content")
    assert EVIL in page.inner_text(".leaflet-popup-content")
    assert page.title() not in ("1", "2")
    assert errors == []
    assert len(asked) == 1
    page.close()


def test_the_recipe_is_inside() -> None:
    inside = json.loads(recipe_of(made(title="图 <b>&amp;{{ 7*7 }}{% raise %}")))
    assert parse_recipe(inside) == gathered(title="图 <b>&amp;{{ 7*7 }}{% raise %}").recipe


def test_too_many_things_for_a_browser_are_refused() -> None:
    many = World([PROJECTS[0]] * 30_001)
    with pytest.raises(InputError, match="30,001"):
        made(many, layers=[{"id": "project"}])


def test_leaflet_is_whole_and_has_its_licence() -> None:
    script, style = leaflet()
    assert 'version="1.9.4"' in script.replace(" ", "") or "1.9.4" in script[:200]
    assert "url(images" not in style
    assert "BSD 2-Clause" in (VENDOR / "LICENSE").read_text()
