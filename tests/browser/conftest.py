"""The real app on a small filled world, and a browser page that keeps what it complains of."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Route

from layers.settings import ROOT
from layers.store.db import role_dsn
from layers.store.places import seed_places
from tests import support
from tests.api import world

DESK = {"width": 1440, "height": 900}


@pytest.fixture(scope="module")
def filled(scratch_database: Callable[[], AbstractContextManager[str]]) -> Iterator[str]:
    """The superuser's URL of a database that holds ``world.fill``."""
    with scratch_database() as url:
        dsn = role_dsn(url, "yuantu_writer", support.SECRET_KEY)
        seed_places(dsn, ROOT / "data" / "shapefiles")
        world.fill(dsn)
        yield url


@pytest.fixture(scope="module")
def site(filled: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The base URL of the app on that database."""
    folder: Path = tmp_path_factory.mktemp("serve")
    with support.serving(filled, folder) as url:
        yield url


@dataclass
class Screen:
    """One opened page: everything it complained of, and every address it asked that is not ours."""

    page: Page
    base: str
    complaints: list[str] = field(default_factory=list)
    strangers: list[str] = field(default_factory=list)

    def open(self, path: str = "/") -> Screen:
        self.page.goto(self.base + path)
        return self

    def map_ready(self, path: str = "/") -> Screen:
        """Open the map page and wait until its numbers, rows and features are there."""
        self.open(path)
        self.page.locator(".rt tr.sum, .ch h1").first.wait_for()
        self.page.locator("#table-foot span").first.wait_for()
        self.until(lambda: self.map_state().get("loaded"))
        return self

    def map_state(self) -> dict[str, Any]:
        return self.page.evaluate("() => (window.yuantu && window.yuantu.state()) || {}")

    def loaded(self, layer: str) -> int | None:
        return self.map_state().get("loaded", {}).get(layer)

    def until(self, holds: Callable[[], Any], seconds: float = 60) -> None:
        """Wait until something holds; fail with where the page stands."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if holds():
                return
            self.page.wait_for_timeout(60)
        raise AssertionError(f"{self.page.url}\n{self.complaints}\n{self.page.inner_text('body')[:1500]}")

    def query(self) -> dict[str, str]:
        """The parameters of the address, but for the view."""
        found = self.page.evaluate("() => Object.fromEntries(new URLSearchParams(location.search))")
        found.pop("v", None)
        return found

    def text(self, selector: str) -> str:
        return self.page.locator(selector).first.inner_text()

    def rows(self) -> int:
        """How many rows the table says it has."""
        digits = self.text("#table-foot span").replace(",", "")
        return int("".join(c for c in digits.split("行")[0] if c.isdigit()))

    def pixel(self, layer: str, ident: int) -> dict[str, float]:
        """Where a thing is drawn, in page coordinates."""
        box = self.page.locator("#map").bounding_box()
        assert box is not None
        at = self.page.evaluate("([l, i]) => window.yuantu.pixelOf(l, i)", [layer, ident])
        assert at is not None
        return {"x": box["x"] + at["x"], "y": box["y"] + at["y"]}


@pytest.fixture
def screen_of(site: str, chromium: Browser) -> Iterator[Callable[..., Screen]]:
    """Make screens; each must end without a complaint and without having asked anybody else."""
    made: list[Screen] = []

    def make(**options: Any) -> Screen:
        context = chromium.new_context(**{"viewport": DESK, "color_scheme": "light", "locale": "zh-CN"} | options)
        context.set_default_timeout(60_000)
        screen = Screen(context.new_page(), site)

        def guard(route: Route) -> None:
            if route.request.url.startswith((site, "data:", "blob:")):
                route.continue_()
            else:
                screen.strangers.append(route.request.url)
                route.abort()

        screen.page.route("**/*", guard)
        screen.page.on("console", lambda m: screen.complaints.append(m.text) if m.type == "error" else None)
        screen.page.on(
            "response", lambda r: screen.complaints.append(f"{r.status} {r.url}") if r.status >= 500 else None
        )
        screen.page.on("pageerror", lambda e: screen.complaints.append(str(e)))
        made.append(screen)
        return screen

    yield make
    for screen in made:
        screen.page.context.close()
    for screen in made:
        assert screen.strangers == []
        assert screen.complaints == []


@pytest.fixture
def screen(screen_of: Callable[..., Screen]) -> Screen:
    """A desk-wide light page."""
    return screen_of()
