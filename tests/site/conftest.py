"""A database with parcels whose ranking a reader can follow; a reader, a client and the command line on it."""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractContextManager
from typing import Any

import httpx
import pytest
import pytest_asyncio
import shapely

from app.server import create_app
from layers.registry import catalogue
from layers.settings import ROOT, Settings
from layers.store.db import role_dsn
from layers.store.places import seed_places
from layers.store.reader import Reader
from tests import support
from tests.api import world
from tests.api.world import load, row, square

#: name: lon, lat, area, price, power, ready, industries, demo
PARCELS = {
    "甲": (120.50, 33.20, 120.0, 200_000, 10_000, "2026-01-01", ["汽车"], False),
    "乙": (120.48, 33.22, 80.0, 150_000, 8_000, "2026-06-01", ["汽车", "机械"], False),
    "丙": (120.52, 33.18, 200.0, 260_000, 20_000, "2027-12-31", ["新能源"], False),
    "丁": (120.20, 33.39, 60.0, 180_000, 4_000, "2025-01-01", ["汽车"], False),
    "戊": (120.21, 33.38, 90.0, None, 6_300, "2026-01-01", ["食品"], False),
    "己": (119.58, 34.20, 150.0, 100_000, 12_000, "2026-01-01", None, True),
}
HALF = 0.002


def fill(dsn: str) -> None:
    """Parcels, what surrounds them, and areas to keep out of."""
    world.fill(dsn)
    load(dsn, "parcel", [
        row("parcel", f"D-{name}", name=f"地块{name}", geom=square(lon, lat, HALF), county=county,
            parcel_no=f"D-{name}", area_mu=area, price_cny_per_mu=price, power_kva=power,
            ready_date=dt.date.fromisoformat(ready), industries=industries, demo=demo, land_use="工业用地",
            park_key="大丰港经济区" if name == "甲" else None)
        for (name, (lon, lat, area, price, power, ready, industries, demo)), county in zip(
            PARCELS.items(), ("320904", "320904", "320904", "320902", "320902", "320921"), strict=True)
    ] + [row("parcel", "D-无", name="地块无", county="320904", parcel_no="D-无", area_mu=100.0)])  # fmt: skip
    edge = shapely.box(120.48 + HALF, 33.0, 120.49, 33.5)  # shares its western edge with 乙, and nothing more
    inland = shapely.box(120.0, 33.3, 120.4, 33.5)
    load(dsn, "constraint", [
        row("constraint", "边界", name="大丰开发边界", geom=shapely.box(120.3, 33.0, 120.51, 33.3),
            kind="城镇开发边界", effect="须在范围内"),
        row("constraint", "边界二", name="亭湖开发边界", geom=inland, kind="城镇开发边界", effect="须在范围内"),
        row("constraint", "农田", name="临界农田", geom=edge, kind="永久基本农田", effect="禁止"),
        row("constraint", "红线", name="半压红线", geom=shapely.box(120.52, 33.0, 120.6, 33.3), kind="生态保护红线",
            effect="禁止"),
        row("constraint", "遗产", name="无图遗产", county="320904", kind="世界自然遗产", effect="禁止"),
    ])  # fmt: skip
    firms = [(120.50 + 0.01 * i, 33.20, "汽车" if i % 2 else "化工") for i in range(8)]
    load(dsn, "enterprise", [
        row("enterprise", f"E{i}", name=f"企业{i}", at=(lon, lat), county="320904", credit_code=f"E{i}",
            industry=industry)
        for i, (lon, lat, industry) in enumerate(firms)
    ])  # fmt: skip
    hall = row("premises", "厂房一", name="厂房一", at=(120.5, 33.2), county="320904", floor_m2=2000.0, leader="张三")
    load(dsn, "premises", [hall])


@pytest.fixture(scope="module")
def filled(scratch_database: Callable[[], AbstractContextManager[str]]) -> Iterator[str]:
    """The superuser's URL of the filled database."""
    with scratch_database() as url:
        dsn = role_dsn(url, "yuantu_writer", support.SECRET_KEY)
        seed_places(dsn, ROOT / "data" / "shapefiles")
        fill(dsn)
        yield url


@pytest.fixture
async def reader(filled: str) -> AsyncIterator[Reader]:
    async with Reader(role_dsn(filled, "yuantu_reader", support.SECRET_KEY), catalogue()) as made:
        yield made


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def client(filled: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the whole app; tests that use it run on the module's loop."""
    settings = Settings(database_url=filled, secret_key=support.SECRET_KEY, var_dir=tmp_path_factory.mktemp("var"))
    app = create_app(settings)
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1", timeout=120) as made,
    ):
        yield made


@pytest.fixture
def brief() -> dict[str, Any]:
    """A brief over the parcels with every value function stated."""
    return {
        "version": 1,
        "alternatives": {"layer": "parcel", "filter": ""},
        "limits": [],
        "criteria": [
            {"id": "price_wan", "weight": 60, "value": {"type": "linear", "params": {"worst": 30, "best": 10}}},
            {"id": "power_mva", "weight": 40, "value": {"type": "linear", "params": {"worst": 0, "best": 20}}},
        ],
        "method": "wsm",
        "missing": "exclude",
        "draws": 500,
        "seed": 1,
    }
