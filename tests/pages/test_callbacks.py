"""Every callback is async, so that none can hold the event loop while it waits."""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path

import pytest
from dash import Dash
from fastapi import FastAPI

from app.pages import shell
from app.pages.callbacks import Pages
from app.pages.state import SLICES
from app.pages.still import settle
from tests.support import syntax_of

PAGES = Path(shell.__file__).parent
BLOCKING = {"psycopg2", "psycopg", "requests", "urllib.request", "subprocess", "sqlite3", "matplotlib"}


@pytest.fixture(scope="module")
def pages() -> Pages:
    return shell.build(Dash("app", server=FastAPI(), suppress_callback_exceptions=True, add_log_handler=False))


@pytest.fixture(scope="module")
def dash_app(pages: Pages) -> Dash:
    return pages.app


def _innermost(function: object) -> object:
    while hasattr(function, "__wrapped__"):
        function = function.__wrapped__
    return function


def _callbacks(app: Dash) -> Iterator[tuple[str, object]]:
    app._setup_server()
    for output, entry in app.callback_map.items():
        if "callback" in entry:
            yield output, entry["callback"]


def test_every_callback_is_async(dash_app: Dash) -> None:
    found = dict(_callbacks(dash_app))
    assert found
    for output, function in found.items():
        assert inspect.iscoroutinefunction(_innermost(function)), output


def test_every_panel_is_a_slice_and_async(pages: Pages) -> None:
    assert {"model", "table", "side", "layers", "filters"} <= pages.panels.keys() <= SLICES.keys()
    for name, panel in pages.panels.items():
        assert inspect.iscoroutinefunction(panel.function), name


def test_a_sync_callback_would_be_found(dash_app: Dash) -> None:
    def sync(value: str) -> str:
        return value

    assert not inspect.iscoroutinefunction(_innermost(sync))
    assert dash_app is not None


def test_no_page_imports_what_blocks() -> None:
    for path in PAGES.rglob("*.py"):
        for node in ast.walk(syntax_of(path)):
            names = [a.name for a in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            for name in names:
                assert name not in BLOCKING and name.split(".")[0] not in BLOCKING, (path.name, name)


def test_classing_areas_happens_off_the_event_loop() -> None:
    for path in PAGES.rglob("*.py"):
        for node in ast.walk(syntax_of(path)):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "colour_areas":
                raise AssertionError(f"{path.name}: colour_areas is called directly; use asyncio.to_thread")


def test_the_layout_holds_every_component_that_callbacks_name(dash_app: Dash, pages: Pages) -> None:
    from tests.pages.support import walk

    have = {c.id for c in walk(shell.layout()) if getattr(c, "id", None)}
    for output, entry in dash_app.callback_map.items():
        named = {x["id"] for x in (*entry["inputs"], *entry["state"])}
        named |= {part.rsplit(".", 1)[0] for part in output.strip(".").split("...")}
        assert named <= have, named - have
    mapped = {"map-model", "grid-layer"}  # kept by the page's script, not by a component
    for panel in pages.panels.values():
        named = {o.component_id for o in panel.outputs}
        assert named - mapped <= have, named - have


def test_the_layout_that_is_sent_loses_no_word_and_no_component_that_dash_needs(dash_app: Dash, pages: Pages) -> None:
    from tests.pages.support import text, walk

    whole, found = shell.layout(), []
    settle(whole, shell.needed_ids(dash_app, pages.panels), found)
    kept = {c.id for c in walk(whole) if getattr(c, "id", None)}
    assert shell.needed_ids(dash_app, pages.panels) - {"map-model", "grid-layer"} <= kept
    assert len(list(walk(whole))) < len(list(walk(shell.layout()))) / 2
    words = text(whole) + unescape("".join(re.sub(r"<[^>]*>", "", x) for x in found))
    assert sorted(words) == sorted(text(shell.layout()))
