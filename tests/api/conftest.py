"""A filled database for the module, a reader and an HTTP client on it for each test."""

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractContextManager

import httpx
import pytest
import pytest_asyncio

from app.server import create_app
from layers.registry import catalogue
from layers.settings import ROOT, Settings
from layers.store.db import role_dsn
from layers.store.places import seed_places
from layers.store.reader import Reader
from tests import support
from tests.api import world


@pytest.fixture(scope="module")
def filled(scratch_database: Callable[[], AbstractContextManager[str]]) -> Iterator[str]:
    """The superuser's URL of a database that holds ``world.fill``."""
    with scratch_database() as url:
        dsn = role_dsn(url, "yuantu_writer", support.SECRET_KEY)
        seed_places(dsn, ROOT / "data" / "shapefiles")
        world.fill(dsn)
        yield url


@pytest.fixture
def writer(filled: str) -> str:
    return role_dsn(filled, "yuantu_writer", support.SECRET_KEY)


@pytest.fixture
async def reader(filled: str) -> AsyncIterator[Reader]:
    async with Reader(role_dsn(filled, "yuantu_reader", support.SECRET_KEY), catalogue()) as made:
        yield made


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def client(filled: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the whole app; tests that use it run on the module's loop."""
    var_dir = tmp_path_factory.mktemp("var")
    settings = Settings(database_url=filled, secret_key=support.SECRET_KEY, var_dir=var_dir)
    app = create_app(settings)
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as made,
    ):
        yield made
