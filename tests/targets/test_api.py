"""The HTTP interface and the command line give one and the same answer, and every figure drills through."""

import asyncio
import json
import os
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import typer
from fastapi import FastAPI
from typer.testing import CliRunner

from app.api import errors
from app.api.common import reader_of
from app.api.targets import router
from app.cli_targets import targets_command
from layers.store.reader import Reader
from tests.support import SECRET_KEY
from tests.targets.test_computed import CASES
from tests.targets.world import CAT, places, reader

CONTRACT = [
    *("id", "kind", "alias_of", "indicator", "comparator", "target", "unit", "value", "basis", "status", "reason"),
    *("owners", "sql", "n_rows", "rows_url"),
]


class Http:
    """The router on an app of its own, asked in one event loop."""

    def __init__(self, runner: asyncio.Runner, client: httpx.AsyncClient) -> None:
        self.runner, self.client = runner, client

    def get(self, path: str, **query: Any) -> httpx.Response:
        return self.runner.run(self.client.get(path, **query))


@contextmanager
def client(url: str) -> Iterator[Http]:
    app = FastAPI()
    held = Reader(reader(url), CAT)
    app.dependency_overrides[reader_of] = lambda: held
    app.include_router(router)
    errors.add_handlers(app)
    transport = httpx.ASGITransport(app)
    with asyncio.Runner() as runner:
        runner.run(held.open())
        made = httpx.AsyncClient(transport=transport, base_url="http://test")
        try:
            yield Http(runner, made)
        finally:
            runner.run(made.aclose())
            runner.run(held.close())


def command(url: str, *arguments: str) -> str:
    app = typer.Typer()
    app.command()(targets_command)
    done = CliRunner().invoke(
        app, list(arguments), env={"YUANTU_DATABASE_URL": url, "YUANTU_SECRET_KEY": SECRET_KEY}
    )  # fmt: skip
    assert done.exit_code == 0, done.output
    return done.stdout


def test_api_and_command_line_say_the_same_and_every_url_gives_its_rows(database_url: str) -> None:
    places(database_url)
    for case in CASES.values():
        case.put(database_url)
    with client(database_url) as http:
        for more, flags in (("", []), ("&demo=1", ["--demo"])):
            answer = http.get(f"/api/v1/targets?as_of=2026-06-30{more}").json()
            assert json.loads(command(database_url, "--as-of", "2026-06-30", "--json", *flags)) == answer
            assert list(answer) == ["as_of", "known_at", "document", "rows"]
            assert [list(r) for r in answer["rows"]] == [CONTRACT] * 77
            for row in answer["rows"]:
                assert (row["rows_url"] is None) == (row["basis"] != "computed")
                if row["rows_url"]:
                    drill = http.get(row["rows_url"]).json()
                    assert drill["numberMatched"] == len(drill["rows"]) == row["n_rows"]


def test_known_at_travels_in_the_drill_through(database_url: str) -> None:
    CASES["T17-02"].put(database_url)
    with client(database_url) as http:
        then = "2026-01-01T00:00:00+08:00"
        row = next(
            r
            for r in http.get("/api/v1/targets", params={"as_of": "2026-06-30", "known_at": then}).json()["rows"]
            if r["id"] == "T17-02"
        )
        assert (row["value"], row["n_rows"]) == (None, 0)
        assert http.get(row["rows_url"]).json()["numberMatched"] == 0


def test_a_page_of_rows_still_says_how_many_there_are(database_url: str) -> None:
    CASES["T17-02"].put(database_url)
    with client(database_url) as http:
        page = http.get("/api/v1/targets/T17-02/rows?as_of=2026-06-30&demo=1&limit=1&offset=1").json()
    assert (page["numberMatched"], page["numberReturned"], len(page["rows"])) == (2, 1, 1)


def test_cards_contributions_and_series_answer(database_url: str) -> None:
    places(database_url)
    CASES["T17-02"].put(database_url)
    with client(database_url) as http:
        card = http.get("/api/v1/targets/T17-02?as_of=2026-06-30").json()
        parts = http.get("/api/v1/targets/T17-02/contributions?as_of=2026-06-30").json()
        series = http.get("/api/v1/targets/T17-02/series?as_of=2026-06-30").json()
    assert (card["value"], card["contributions"], card["series"]) == (1, parts, series)


def test_what_cannot_be_asked_is_a_problem_that_says_why(database_url: str) -> None:
    with client(database_url) as http:
        for path, status, words in (
            ("/api/v1/targets/T99-01", 404, "T99-01"),
            ("/api/v1/targets/T99-01/rows", 404, "T99-01"),
            ("/api/v1/targets/G-01/rows", 404, "没有明细"),
            ("/api/v1/targets?as_of=june", 400, "日期"),
            ("/api/v1/targets/T17-01/rows?limit=-1", 400, "limit"),
            ("/api/v1/targets?demo=2", 400, "demo"),
        ):
            answer = http.get(path)
            assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
            assert words in answer.json()["detail"]


def test_the_table_shows_each_target_once(database_url: str) -> None:
    shown = command(database_url, "--as-of", "2026-06-30")
    assert "44 个不重复目标" in shown
    assert "T17-02" in shown
    assert "G-04" not in shown


def test_the_app_and_its_command_serve_the_targets(server: str, database_url: str) -> None:
    path = "/api/v1/targets?as_of=2026-06-30"
    with urllib.request.urlopen(server + path, timeout=60) as answer:
        served = json.loads(answer.read())
    environment = os.environ | {"YUANTU_DATABASE_URL": database_url, "YUANTU_SECRET_KEY": SECRET_KEY}
    said = subprocess.run(
        [Path(sys.executable).with_name("yuantu"), "targets", "--as-of", "2026-06-30", "--json"],
        env=environment, capture_output=True, check=True,
    )  # fmt: skip
    assert json.loads(said.stdout) == served
    assert len(served["rows"]) == 77
    with urllib.request.urlopen(f"{server}{served['rows'][2]['rows_url']}", timeout=60) as answer:
        assert json.loads(answer.read())["numberMatched"] == served["rows"][2]["n_rows"]
