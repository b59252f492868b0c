"""A large file of new records: straight into the table apart, with the same outcome as by way of staging."""

from contextlib import closing
from typing import Any

import psycopg2
import pyarrow as pa
import pytest
from shapely import Point

from geo.errors import CancelledError
from geo.mercator import mercator_coordinates
from layers.registry import catalogue
from layers.store import apart, search, staging, straight
from layers.store.db import role_dsn
from layers.store.load import Batch, Published, RunInfo, publish, recomputed_rollup
from layers.store.migrate import migrate
from layers.store.rollback import rollback
from layers.store.staging import LazyRows
from layers.store.watch import Watch
from tests.store.test_apart import CELLS, PARTS, PROJECT, PUBLISHED, ROLLUP, SHAPE, WORDS
from tests.store.worlds import ask, batch, event
from tests.support import SECRET_KEY

CAT = catalogue()
FIRST = [{"name": "盐城甲厂", "invest_cny": 1, "geom": (120.1, 33.4)}]
MANY = [
    {"name": f"射阳{i}号\\厂\t", "invest_cny": i, "geom": (119.5 + i * 7 % 11 / 10, 33.0 + i * 5 % 13 / 10)}
    for i in range(30)
]
HAPPENED = [event(MANY[i]["name"], "开工", f"2026-0{i + 1}-01") for i in range(3)]
# version numbers follow where the records lie, all else the file
VERSIONS = "SELECT id, key, name, invest_cny, run_id, recorded_to = 'infinity', row_hash FROM layer_project ORDER BY 1"
EVENTS = "SELECT id, type, event_date, run_id FROM project_event ORDER BY 1, 2, 3"
LOCKED = (
    "SELECT count(*) FROM pg_locks AS l JOIN pg_database AS d ON d.oid = l.database"
    " WHERE l.locktype = 'advisory' AND d.datname = current_database()"
)


def lazy(made: Batch) -> Batch:
    """Return a batch as that of a large file."""
    frame = made.frame()
    rows = LazyRows(
        pa.array(frame["key"], pa.string()), lambda at: frame.iloc[at].reset_index(drop=True),
        near=lambda: frame["name"].argsort().to_numpy()[::-1],
    )  # fmt: skip
    return Batch(**(vars(made) | {"rows": rows}))


def put(url: str, rows: list[dict[str, Any]], mode: str = "upsert", **how: object) -> Published:
    placed = [r | {"geom": Point(r["geom"]), "geom_3857": Point(mercator_coordinates(*r["geom"]))} for r in rows]
    known = {r["name"] for r in rows}
    made = lazy(batch(PROJECT, placed, [e for e in HAPPENED if e["key"] in known]))
    return publish(role_dsn(url, "yuantu_writer", SECRET_KEY), PROJECT, CAT, made, RunInfo(mode=mode), **how)


def way(url: str) -> str:
    """Say which way the last run's rows went."""
    numbers = [row[0] for row in ask(url, "SELECT version_id FROM layer_project ORDER BY id")]
    return "staged" if numbers == sorted(numbers) else "straight"


@pytest.fixture(autouse=True)
def few_are_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(apart, "MANY", 2)
    monkeypatch.setattr(search, "MANY", 2)
    monkeypatch.setattr(staging, "PIECE", 7)


def work(url: str) -> list[list[tuple[object, ...]]]:
    put(url, FIRST)
    done = put(url, MANY)
    assert (done.loaded, done.unchanged, done.closed) == (30, 0, 0)
    seen = [ask(url, text) for text in (VERSIONS, EVENTS, WORDS, CELLS, PUBLISHED, ROLLUP)]
    assert seen[1] and put(url, MANY).unchanged == 30
    rollback(role_dsn(url, "yuantu_writer", SECRET_KEY), CAT, done.run_id)
    return seen + [ask(url, text) for text in (VERSIONS, WORDS, CELLS, SHAPE, PUBLISHED, ROLLUP)]


def test_what_goes_straight_becomes_what_is_staged(scratch_database, monkeypatch: pytest.MonkeyPatch) -> None:
    with scratch_database() as url:
        shape = ask(url, SHAPE)
        gone_straight = work(url)
        assert way(url) == "straight"
        assert ask(url, SHAPE) == shape and ask(url, PARTS) == [(0,)]
        kept = recomputed_rollup(role_dsn(url, "yuantu_writer", SECRET_KEY), PROJECT)
        assert sorted(map(tuple, kept.itertuples(index=False))) == ask(url, ROLLUP)
        assert migrate(url) == []
    monkeypatch.setattr(straight.Straight, "fits", lambda *_: False)
    with scratch_database() as url:
        assert work(url) == gone_straight
        assert way(url) == "staged"


@pytest.mark.parametrize("rows, mode", [(MANY + FIRST, "upsert"), (MANY, "replace")])
def test_what_meets_a_record_on_file_is_staged(scratch_database, rows: list, mode: str) -> None:
    with scratch_database() as url:
        put(url, FIRST)
        done = put(url, rows, mode)
        assert way(url) == "staged"
        assert (done.loaded, done.unchanged, done.closed) == ((30, 1, 0) if mode == "upsert" else (30, 0, 1))


def test_an_empty_layer_is_replaced_straight(scratch_database) -> None:
    with scratch_database() as url:
        assert put(url, MANY, "replace").loaded == 30
        assert way(url) == "straight"


@pytest.mark.parametrize("stage", ["stage", "compare", "write", "index", "words", "end"])
def test_stopped_on_its_straight_way_a_run_leaves_nothing(scratch_database, stage: str) -> None:
    with scratch_database() as url:
        put(url, FIRST)
        before = [ask(url, text) for text in (VERSIONS, WORDS, CELLS, SHAPE)]
        watch = Watch(lambda now, done, _total: now == stage and (stage != "stage" or done > 7) and watch.cancel())

        def at_the_end() -> None:
            raise CancelledError("最后一步之前停下", "没有写入")

        with pytest.raises(CancelledError):
            put(url, MANY, watch=watch, at_the_end=at_the_end)
        assert [ask(url, text) for text in (VERSIONS, WORDS, CELLS, SHAPE)] == before
        assert ask(url, PARTS) == [(0,)] and ask(url, LOCKED) == [(0,)]
        assert put(url, MANY).loaded == 30 and ask(url, PARTS) == [(0,)]


def test_what_a_killed_run_left_is_in_nobodys_way(scratch_database) -> None:
    left = "SELECT apart_begun('project', 30, 1, now())"
    for rows in (MANY, MANY + FIRST):  # straight, and by way of staging
        with scratch_database() as url:
            put(url, FIRST)
            with closing(psycopg2.connect(role_dsn(url, "yuantu_writer", SECRET_KEY))) as conn, conn.cursor() as cursor:
                cursor.execute(left)
                conn.commit()
            assert ask(url, PARTS) != [(0,)]
            put(url, rows)
            assert ask(url, PARTS) == [(0,)] and ask(url, "SELECT count(*) FROM pub.project") == [(31,)]


def test_only_the_writer_makes_a_known_layers_table(scratch_database) -> None:
    with scratch_database() as url:
        calls = {
            "yuantu_writer": ("apart_begun('x', 1, 1, now())", "apart_indexed('project', 'load_run_pkey')"),
            "yuantu_reader": ("apart_begun('project', 1, 1, now())", "apart_dropped('project')", "apart_indexes('x')"),
        }
        for role, call in ((role, call) for role, named in calls.items() for call in named):
            with closing(psycopg2.connect(role_dsn(url, role, SECRET_KEY))) as conn, conn.cursor() as cursor:
                conn.set_session(readonly=False)
                with pytest.raises(psycopg2.Error):
                    cursor.execute(f"SELECT {call}")
