"""Search words of a large load: the same as of a small one, found by readers who never wait, gone with a run undone."""

from contextlib import closing

import psycopg2
import pytest

from geo.errors import CancelledError
from layers.registry import catalogue
from layers.store import search
from layers.store.db import role_dsn
from layers.store.load import RunInfo, publish
from layers.store.rollback import rollback
from layers.store.watch import Watch
from tests.store.worlds import ask, batch
from tests.support import SECRET_KEY

CAT = catalogue()
PROJECT = CAT.layers["project"]
WORDS = (
    "SELECT t.key, w.word, w.matched, w.weight FROM search_word AS w JOIN layer_project AS t ON t.id = w.id"
    " AND t.recorded_to = 'infinity' WHERE w.layer = 'project' ORDER BY 1, 2, 3, 4"
)
TABLES = "SELECT count(*) FROM pg_class WHERE starts_with(relname, 'search_word_project_') AND relkind = 'r'"
FIRST = [{"name": "盐城甲厂"}, {"name": "东台 Beta"}, {"name": "大丰（丙）"}]
LATER = [{"name": "盐城甲厂", "invest_cny": 5}, {"name": "射阳丁"}]


def work(url: str) -> list[list[tuple[object, ...]]]:
    """Publish twice and undo the second; return the words after each."""
    writer, seen, runs = role_dsn(url, "yuantu_writer", SECRET_KEY), [], []
    for rows in (FIRST, LATER):
        runs.append(publish(writer, PROJECT, CAT, batch(PROJECT, rows), RunInfo()).run_id)
        seen.append(ask(url, WORDS))
    rollback(writer, CAT, runs[-1])
    return [*seen, ask(url, WORDS)]


def test_many_words_are_the_words_of_few(scratch_database, monkeypatch) -> None:
    with scratch_database() as url:
        one_by_one = work(url)
        assert ask(url, TABLES) == [(0,)]
    monkeypatch.setattr(search, "MANY", 2)
    monkeypatch.setattr(search, "PIECE", 1)
    with scratch_database() as url:
        assert work(url) == one_by_one
        assert ask(url, TABLES) == [(2,)]
    assert len(one_by_one[0]) >= 7
    assert one_by_one[0] == one_by_one[2] != one_by_one[1]


def test_a_reader_searches_while_many_words_are_joined(scratch_database, monkeypatch) -> None:
    monkeypatch.setattr(search, "MANY", 1)
    with scratch_database() as url:
        found = []

        def look() -> None:
            with closing(psycopg2.connect(role_dsn(url, "yuantu_reader", SECRET_KEY))) as conn, conn.cursor() as cursor:
                cursor.execute("SET lock_timeout = '5s'; SELECT count(*) FROM search_word")
                found.append(cursor.fetchone())

        publish(role_dsn(url, "yuantu_writer", SECRET_KEY), PROJECT, CAT, batch(PROJECT, FIRST), RunInfo(),
                at_the_end=look)  # fmt: skip
        look()
        assert found[0] == (0,)
        assert found[1] > (0,)


def test_a_run_stopped_at_its_words_leaves_no_table(scratch_database, monkeypatch) -> None:
    monkeypatch.setattr(search, "MANY", 1)
    with scratch_database() as url:
        watch = Watch(lambda stage, _done, _total: stage == "words" and watch.cancel())
        with pytest.raises(CancelledError):
            publish(role_dsn(url, "yuantu_writer", SECRET_KEY), PROJECT, CAT, batch(PROJECT, FIRST), RunInfo(),
                    at_the_end=watch.check, watch=watch)  # fmt: skip
        assert ask(url, TABLES) == ask(url, "SELECT count(*) FROM search_word") == [(0,)]


def test_the_writer_makes_words_of_known_layers_only(scratch_database) -> None:
    with scratch_database() as url, closing(psycopg2.connect(role_dsn(url, "yuantu_writer", SECRET_KEY))) as conn:
        for call in ("SELECT words_apart('x')", "SELECT words_joined('layer_project')", "DELETE FROM load_run"):
            with conn.cursor() as cursor, pytest.raises(psycopg2.Error):
                cursor.execute(call)
            conn.rollback()
    with scratch_database() as url, closing(psycopg2.connect(role_dsn(url, "yuantu_reader", SECRET_KEY))) as conn:
        conn.set_session(readonly=False)
        with conn.cursor() as cursor, pytest.raises(psycopg2.errors.InsufficientPrivilege):
            cursor.execute("SELECT words_apart('project')")


def test_words_of_a_run_that_did_not_end_are_dropped(scratch_database, monkeypatch) -> None:
    monkeypatch.setattr(search, "MANY", 1)

    def fail() -> None:
        raise ValueError

    with scratch_database() as url:
        writer = role_dsn(url, "yuantu_writer", SECRET_KEY)
        with pytest.raises(ValueError):
            publish(writer, PROJECT, CAT, batch(PROJECT, FIRST), RunInfo(), at_the_end=fail)
        assert ask(url, TABLES) == ask(url, "SELECT count(*) FROM load_run") == [(0,)]
        with closing(psycopg2.connect(writer)) as conn, conn.cursor() as cursor:  # a run that was killed by now
            cursor.execute("SELECT words_apart('project')")
            conn.commit()
        assert ask(url, TABLES) == [(1,)]
        assert ask(url, WORDS) == []
        publish(writer, PROJECT, CAT, batch(PROJECT, FIRST), RunInfo())
        publish(writer, PROJECT, CAT, batch(PROJECT, LATER), RunInfo())
        joined = "SELECT count(*) FROM pg_inherits WHERE inhparent = 'search_word'::regclass"
        assert ask(url, TABLES) == ask(url, joined) == [(2,)]
