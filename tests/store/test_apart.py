"""A large load into a layer that has little: the same as a small one, with the table's place taken at the very end."""

import threading
from contextlib import closing

import psycopg
import psycopg2
import pytest

from geo.errors import CancelledError
from layers.registry import catalogue
from layers.store import apart, search
from layers.store.db import role_dsn
from layers.store.load import RunInfo, publish, recomputed_rollup
from layers.store.migrate import migrate
from layers.store.rollback import rollback
from layers.store.watch import Watch
from tests.store.worlds import ask, batch
from tests.support import SECRET_KEY

CAT = catalogue()
PROJECT = CAT.layers["project"]
FIRST = [{"name": "盐城甲厂", "invest_cny": 1}, {"name": "东台乙厂", "invest_cny": 2}]
LATER = [{"name": "盐城甲厂", "invest_cny": 5}, *({"name": f"射阳{i}号\\厂\t", "invest_cny": i} for i in range(6))]
VERSIONS = (
    "SELECT version_id, id, key, name, invest_cny, run_id, recorded_to = 'infinity' FROM layer_project ORDER BY 1"
)
WORDS = "SELECT id, word, matched, weight FROM search_word ORDER BY 1, 2, 3"
CELLS = "SELECT level, key, n, sx, sy, known, sums FROM cell WHERE layer = 'project' ORDER BY 1, 2"
PUBLISHED = "SELECT * FROM pub.project ORDER BY key"
ROLLUP = "SELECT axis, code, is_demo, measure, n, n_missing, total FROM rollup ORDER BY 1, 2, 3, 4"
PARTS = "SELECT count(*) FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace WHERE n.nspname = 'apart'"
SHAPE = """
SELECT pg_get_indexdef(i.indexrelid) FROM pg_index AS i WHERE i.indrelid = 'layer_project'::regclass
UNION ALL SELECT conname || ' ' || pg_get_constraintdef(oid) FROM pg_constraint
          WHERE conrelid = 'layer_project'::regclass
UNION ALL SELECT attname || ' ' || format_type(atttypid, atttypmod) || ' ' || attidentity::text || ' '
          || attnotnull::text || ' ' || coalesce(col_description(attrelid, attnum), '') || ' '
          || coalesce(pg_get_expr(adbin, adrelid), '')
          FROM pg_attribute LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum
          WHERE attrelid = 'layer_project'::regclass AND attnum > 0
UNION ALL SELECT relacl::text || obj_description(oid, 'pg_class') || relowner::regrole::text FROM pg_class
          WHERE oid = 'layer_project'::regclass
UNION ALL SELECT relacl::text || obj_description(oid, 'pg_class') || coalesce(reloptions::text, '')
          || pg_get_viewdef(oid) FROM pg_class WHERE oid = 'pub.project'::regclass
ORDER BY 1
"""


def few_are_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(apart, "MANY", 2)
    monkeypatch.setattr(search, "MANY", 2)


def put(url: str, rows: list[dict[str, object]], **how: object) -> int:
    return publish(
        role_dsn(url, "yuantu_writer", SECRET_KEY), PROJECT, CAT, batch(PROJECT, rows), RunInfo(), **how
    ).run_id


def work(url: str) -> list[list[tuple[object, ...]]]:
    """Publish a few and then more, undo that, and publish again; return what the tables hold after each."""
    seen = []
    put(url, FIRST)
    later = put(url, LATER)
    seen += [ask(url, text) for text in (VERSIONS, WORDS, CELLS)]
    rollback(role_dsn(url, "yuantu_writer", SECRET_KEY), CAT, later)
    put(url, LATER)
    put(url, FIRST)
    return [
        *seen,
        *(ask(url, text) for text in (VERSIONS, WORDS, CELLS, SHAPE, "SELECT * FROM pub.project ORDER BY key")),
    ]


def test_many_records_are_written_as_few_are(scratch_database, monkeypatch: pytest.MonkeyPatch) -> None:
    with scratch_database() as url:
        plain, table = work(url), ask(url, "SELECT 'layer_project'::regclass::oid")
        assert ask(url, "SELECT 'layer_project'::regclass::oid") == table
    few_are_many(monkeypatch)
    with scratch_database() as url:
        before, shape = ask(url, "SELECT 'layer_project'::regclass::oid"), ask(url, SHAPE)
        assert work(url) == plain
        assert ask(url, "SELECT 'layer_project'::regclass::oid") != before
        assert ask(url, SHAPE) == shape and ask(url, PARTS) == [(0,)]
        kept = recomputed_rollup(role_dsn(url, "yuantu_writer", SECRET_KEY), PROJECT)
        assert sorted(map(tuple, kept.itertuples(index=False))) == ask(url, ROLLUP)
        assert migrate(url) == []


def test_a_layer_that_has_more_keeps_its_table(scratch_database, monkeypatch: pytest.MonkeyPatch) -> None:
    with scratch_database() as url:
        put(url, LATER)
        before = ask(url, "SELECT 'layer_project'::regclass::oid")
        few_are_many(monkeypatch)
        put(url, [{"name": f"新{i}"} for i in range(3)])
        assert ask(url, "SELECT 'layer_project'::regclass::oid") == before
        put(url, [{"name": f"更新{i}"} for i in range(30)])
        assert ask(url, "SELECT 'layer_project'::regclass::oid") != before
        assert ask(url, "SELECT count(*) FROM pub.project") == [(40,)]


@pytest.mark.parametrize("stage", ["write", "words", "index"])
def test_a_large_run_stopped_leaves_the_layer_as_it_was(
    scratch_database, monkeypatch: pytest.MonkeyPatch, stage: str
) -> None:
    with scratch_database() as url:
        put(url, FIRST)
        before = [ask(url, text) for text in (VERSIONS, WORDS, CELLS, SHAPE)]
        few_are_many(monkeypatch)
        watch = Watch(lambda now, _done, _total: now == stage and watch.cancel())
        with pytest.raises(CancelledError):
            put(url, LATER, watch=watch, at_the_end=watch.check)
        assert [ask(url, text) for text in (VERSIONS, WORDS, CELLS, SHAPE)] == before
        assert ask(url, PARTS) == [(0,)]


def test_readers_go_on_until_the_last_moment_and_see_one_state_or_the_other(
    scratch_database, monkeypatch: pytest.MonkeyPatch
) -> None:
    few_are_many(monkeypatch)
    look = "SELECT count(*), (SELECT count(*) FROM layer_project WHERE recorded_to = 'infinity') FROM pub.project"
    with scratch_database() as url:
        put(url, FIRST)
        stop, seen, faults = threading.Event(), set(), []

        def read(prepare: bool) -> None:
            reader = role_dsn(url, "yuantu_reader", SECRET_KEY)
            with psycopg.connect(reader, autocommit=True, prepare_threshold=0 if prepare else None) as conn:
                conn.execute("SET lock_timeout = '60s'")
                while not stop.is_set():
                    try:
                        seen.add(conn.execute(look, prepare=prepare).fetchone())
                    except psycopg.Error as error:
                        faults.append(error)
                        return

        readers = [threading.Thread(target=read, args=(prepare,)) for prepare in (True, False)]
        for reader in readers:
            reader.start()
        free = []

        def while_written(stage: str, _done: int, _total: int) -> None:
            if stage in ("words", "index"):  # nothing is locked yet
                with closing(psycopg2.connect(role_dsn(url, "yuantu_reader", SECRET_KEY))) as conn, conn.cursor() as c:
                    c.execute(f"SET lock_timeout = '60s'; {look}")
                    free.append(c.fetchone())

        put(url, LATER, watch=Watch(while_written))
        stop.set()
        for reader in readers:
            reader.join()
        assert not faults and seen <= {(2, 2), (8, 8)} and set(free) == {(2, 2)}
        assert ask(url, look) == [(8, 8)]


def test_only_the_writer_sets_a_known_layer_apart(scratch_database) -> None:
    with scratch_database() as url:
        calls = {
            "yuantu_writer": ("layer_apart('x', 1)", "layer_joined('project')"),
            "yuantu_reader": ("layer_apart('project', 1)", "layer_joined('project')"),
        }
        for role, call in ((role, call) for role, named in calls.items() for call in named):
            with closing(psycopg2.connect(role_dsn(url, role, SECRET_KEY))) as conn, conn.cursor() as cursor:
                conn.set_session(readonly=False)
                with pytest.raises(psycopg2.Error):
                    cursor.execute(f"SELECT {call}")
