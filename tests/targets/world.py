"""Records by hand, published through the real loader; a target asked for through the real reader."""

import asyncio
import datetime as dt
from collections.abc import Awaitable, Callable, Iterable
from typing import Any, TypeVar

import pandas as pd

from layers.registry import catalogue
from layers.store.db import role_dsn
from layers.store.load import Published, RunInfo, publish
from layers.store.pool import Pool
from layers.store.queries_targets import describe_row, judge_rows, read_target_rows, read_targets
from layers.store.slices import When
from layers.store.staging import EVENT_COLUMNS, FIGURE_COLUMNS
from layers.store.target_scene import open_scene
from tests.store.worlds import ask, batch
from tests.support import SECRET_KEY

T = TypeVar("T")
CAT = catalogue()
JUNE = dt.date(2026, 6, 30)
WHO = {"who": "王五", "source": "市统计局月报"}


def writer(url: str) -> str:
    return role_dsn(url, "yuantu_writer", SECRET_KEY)


def reader(url: str) -> str:
    return role_dsn(url, "yuantu_reader", SECRET_KEY)


def load(
    url: str,
    layer_id: str,
    rows: Iterable[dict[str, Any]],
    events: Iterable[tuple[Any, ...]] = (),
    figures: Iterable[tuple[str, str, str, float]] = (),
    mode: str = "upsert",
) -> Published:
    """Publish records. ``events`` are (name, type, level, date[, end]); ``figures`` (name, measure, date, value)."""
    layer = CAT.layer(layer_id)
    made = batch(layer, rows)
    padded = [(k, t, v, day(d), day(rest[0]) if rest else None, str(d), None) for k, t, v, d, *rest in events]
    made.events = pd.DataFrame(padded, columns=list(EVENT_COLUMNS), dtype=object)
    stated = [(k, m, day(d), v) for k, m, d, v in figures]
    made.figures = pd.DataFrame(stated, columns=list(FIGURE_COLUMNS), dtype=object)
    return publish(writer(url), layer, CAT, made, RunInfo(mode=mode, started_by="测试"))


def day(text: str | dt.date) -> dt.date:
    return text if isinstance(text, dt.date) else dt.date.fromisoformat(text)


def run(url: str, question: Callable[[Pool], Awaitable[T]]) -> T:
    """Ask one thing as the reader."""

    async def go() -> T:
        pool = Pool(reader(url))
        await pool.open()
        try:
            return await question(pool)
        finally:
            await pool.close()

    return asyncio.run(go())


def body(
    url: str, as_of: str | dt.date = JUNE, known_at: dt.datetime | None = None, *, demo: bool = False
) -> dict[str, Any]:
    return run(url, lambda pool: read_targets(pool, CAT, When(day(as_of), known_at), demo=demo))


def targets(
    url: str, as_of: str | dt.date = JUNE, known_at: dt.datetime | None = None, *, demo: bool = False
) -> dict[str, dict[str, Any]]:
    return {r["id"]: r for r in body(url, as_of, known_at, demo=demo)["rows"]}


def target(url: str, target_id: str, as_of: str | dt.date = JUNE) -> dict[str, Any]:
    """One row of the body, without judging the others."""

    async def ask_one(pool: Pool) -> dict[str, Any]:
        scene = await open_scene(pool, CAT, When(day(as_of)))
        row = scene.document.row(target_id)
        return describe_row(scene, row, await judge_rows(scene, [row]))

    return run(url, ask_one)


def rows(
    url: str, target_id: str, as_of: str | dt.date = JUNE, known_at: dt.datetime | None = None, *, demo: bool = False
) -> dict[str, Any]:
    return run(url, lambda pool: read_target_rows(pool, CAT, target_id, When(day(as_of), known_at), demo=demo))


def now(url: str) -> dt.datetime:
    """The database's present instant."""
    return ask(url, "SELECT clock_timestamp()")[0][0]


def places(url: str) -> None:
    """The nine counties and the two further units of the city, by name."""
    from layers.settings import Settings
    from layers.store.places import seed_places

    seed_places(writer(url), Settings().data_dir)
