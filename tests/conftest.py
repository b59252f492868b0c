"""What the tests run on: one private PostGIS for the whole run, a scratch database a test, Chromium, the app.

The controller of a run (or the only process) owns the cluster's folder; the first worker that needs the
database starts it, and it ends with the controller, however that ends.
"""

import fcntl
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import psycopg2
import pytest
from hypothesis import HealthCheck, settings
from playwright.sync_api import Browser, sync_playwright

from layers.store import cluster
from layers.store.migrate import ensure_logins, migrate
from tests import support

# how long a case takes is no matter of a test
settings.register_profile("yuantu", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("yuantu")

FOLDER = pytest.StashKey[Path]()
PREFIX = "yuantu-tests-"


def pytest_configure(config: pytest.Config) -> None:
    given = getattr(config, "workerinput", {}).get("yuantu_folder")
    if given is None:
        _sweep()
        given = tempfile.mkdtemp(prefix=f"{PREFIX}{os.getpid()}-")
        Path(given).chmod(0o755)
    config.stash[FOLDER] = Path(given)


class _Nodes:
    """Tells xdist's workers where the run's folder is; only registered where xdist is."""

    @staticmethod
    def pytest_configure_node(node: object) -> None:
        node.workerinput["yuantu_folder"] = str(node.config.stash[FOLDER])  # type: ignore[attr-defined]


def pytest_plugin_registered(manager: pytest.PytestPluginManager) -> None:
    if manager.hasplugin("dsession") and not manager.hasplugin("yuantu-nodes"):
        manager.register(_Nodes(), "yuantu-nodes")


def pytest_unconfigure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput") and FOLDER in config.stash:
        cluster.stop(config.stash[FOLDER] / "var")
        shutil.rmtree(config.stash[FOLDER])


def _sweep() -> None:
    """Remove the folders of runs that were killed; their servers ended with them."""
    for left in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        owner = left.name.removeprefix(PREFIX).split("-")[0]
        if owner.isdigit() and not Path(f"/proc/{owner}").exists():
            shutil.rmtree(left, ignore_errors=True)


@pytest.fixture(scope="session")
def secret_key() -> str:
    return support.SECRET_KEY


@pytest.fixture(scope="session")
def template_url(request: pytest.FixtureRequest) -> str:
    """A migrated database that scratch databases are copied from; nobody may stay connected to it."""
    folder = request.config.stash[FOLDER]
    controller = int(folder.name.removeprefix(PREFIX).split("-")[0])
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        url = cluster.ensure_running(
            folder / "var",
            database="template",
            durable=False,
            state_root=folder / "state",
            while_pid=controller,
        )
        if not (folder / "migrated").exists():
            migrate(url)
            ensure_logins(url, support.SECRET_KEY)
            (folder / "migrated").touch()
    return url


@pytest.fixture(scope="session")
def scratch_database(template_url: str) -> Callable[[], AbstractContextManager[str]]:
    """`with scratch_database() as url`: for module- or session-wide databases."""

    @contextmanager
    def make() -> Iterator[str]:
        with support.copied_database(template_url) as url:
            yield url

    return make


@pytest.fixture
def database_url(template_url: str) -> Iterator[str]:
    """The superuser's URL of a migrated, empty database of this test's own."""
    with support.copied_database(template_url) as url:
        yield url


@pytest.fixture
def db(database_url: str) -> Iterator["psycopg2.extensions.connection"]:
    """A psycopg2 connection to `database_url`, autocommit off."""
    connection = psycopg2.connect(database_url)
    yield connection
    connection.close()


@pytest.fixture
def server(database_url: str, tmp_path: Path) -> Iterator[str]:
    """The base URL of the real app on the empty database of this test."""
    with support.serving(database_url, tmp_path) as url:
        yield url


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """Headless Chromium, one a module: Playwright's loop would stop later asyncio tests of the process."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=support.CHROMIUM, args=list(support.CHROMIUM_FLAGS), handle_sigint=False
        )
        yield browser
        browser.close()
