"""Statements over two connections: each once, in order, and none begun after one has failed."""

import psycopg2
import pytest

from geo.errors import CancelledError
from layers.store.side_by_side import side_by_side
from layers.store.watch import Watch
from tests.store.worlds import ask


def test_each_statement_is_run_once_and_two_at_a_time(database_url: str) -> None:
    ask_first = "CREATE TABLE made (n int, process int DEFAULT pg_backend_pid())"
    side_by_side(database_url, [(ask_first, {})])
    insert = "INSERT INTO made SELECT %(n)s FROM pg_sleep(0.02)"
    side_by_side(database_url, [(insert, {"n": n}) for n in range(20)])
    assert ask(database_url, "SELECT n FROM made ORDER BY 1") == [(n,) for n in range(20)]
    assert ask(database_url, "SELECT count(DISTINCT process) FROM made") == [(2,)]
    side_by_side(database_url, [])


def test_after_a_failure_none_is_begun_and_what_was_done_stays(database_url: str) -> None:
    side_by_side(database_url, [("CREATE TABLE made (n int)", {})])
    statements = [("INSERT INTO made VALUES (%(n)s)", {"n": n}) for n in range(4)]
    wrong = ("SELECT 1 / %(n)s", {"n": 0})
    later = [("INSERT INTO made SELECT %(n)s FROM pg_sleep(0.05)", {"n": n}) for n in range(100, 200)]
    with pytest.raises(psycopg2.errors.DivisionByZero):
        side_by_side(database_url, [*statements, wrong, *later])
    made = [n for (n,) in ask(database_url, "SELECT n FROM made ORDER BY 1")]
    assert made[:4] == [0, 1, 2, 3] and len(made) < 50


def test_stopped_statements_are_broken_off(database_url: str) -> None:
    watch = Watch(lambda *_: watch.cancel())
    with pytest.raises(CancelledError):
        side_by_side(database_url, [("SELECT pg_sleep(%(n)s)", {"n": 600})] * 2, watch)
