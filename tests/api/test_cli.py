"""The command line: the HTTP body, exit codes, refusals."""

import json
import os
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import typer

from app.cli import app as cli
from app.cli import main
from app.cli_words import fault, speak
from tests import support

YUANTU = Path(sys.executable).with_name("yuantu")


@pytest.fixture
def run(filled: str, tmp_path: Path):
    environment = os.environ | {
        "YUANTU_DATABASE_URL": filled, "YUANTU_SECRET_KEY": support.SECRET_KEY, "YUANTU_VAR_DIR": str(tmp_path),
    }  # fmt: skip

    def call(*arguments: str, code: int = 0, **settings: str) -> str:
        done = subprocess.run(
            [YUANTU, *arguments],
            cwd=support.ROOT,
            env=environment | settings,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == code, done.stderr
        assert "Traceback" not in done.stderr
        return done.stdout if code == 0 else done.stdout + done.stderr

    return call


@pytest.mark.asyncio(loop_scope="module")
async def test_rollup_as_json_is_the_http_body(run, client: httpx.AsyncClient) -> None:
    for arguments, query in (
        (("--by", "county"), "by=county"),
        (("--by", "unit", "--measure", "sum_invest_cny", "--no-demo"), "by=unit&measure=sum_invest_cny&demo=0"),
        (("--by", "county,stage", "--filter", "invest_cny > 1", "--as-of", "2024-06-30"),
         "by=county,stage&filter=invest_cny%20%3E%201&as_of=2024-06-30"),
    ):  # fmt: skip
        printed = json.loads(run("rollup", "project", *arguments, "--format", "json"))
        assert printed == (await client.get(f"/api/v1/rollup/project?{query}")).json()


def test_rollup_as_a_table_a_csv_and_a_workbook(run, tmp_path: Path) -> None:
    table = run("rollup", "project")
    assert "亭湖区" in table
    assert "合计" in table
    assert "演示数据" in table
    assert run("rollup", "project", "--format", "csv").startswith("\ufeff代码,名称")
    run("rollup", "project", "--format", "xlsx", "-o", str(tmp_path / "x.xlsx"))
    assert (tmp_path / "x.xlsx").read_bytes()[:2] == b"PK"


@pytest.mark.parametrize(
    "arguments",
    [("rollup", "nosuch"), ("rollup", "park", "--by", "nosuch"), ("rollup", "park", "--filter", "("),
     ("rollup", "park", "--format", "xlsx"), ("rollup", "park", "--format", "docx"),
     ("rollup", "park", "--as-of", "x"), ("rollup", "park", "--as-of", "9999-12-31"),
     ("rollback", "999999"), ("rebuild", "nosuch"),
     ("import", "park", "/nowhere.csv"), ("check", "nosuch", "/nowhere.csv"),
     ("import", "park", "/nowhere.csv", "--mode", "x"), ("serve", "--host", "0.0.0.0"),
     ("serve", "--host", "example.org"),
     ("nosuch",)],
)  # fmt: skip
def test_a_refusal_is_exit_2_and_says_what_to_do(run, arguments: tuple[str, ...]) -> None:
    assert run(*arguments, code=2).strip()


def test_a_refusal_with_json_is_json(run) -> None:
    said = run("rollup", "nosuch", "--json", code=2)
    assert json.loads(said.splitlines()[0])["error"]["type"] == "NotFoundError"


def test_a_taken_port_is_said(run) -> None:
    import socket

    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        said = run("serve", "--port", str(holder.getsockname()[1]), code=2)
    assert "已被占用" in said


def test_no_database_is_said(run, tmp_path: Path) -> None:
    assert "yuantu up" in run("rollup", "park", code=2, YUANTU_DATABASE_URL="", YUANTU_VAR_DIR=str(tmp_path / "none"))
    gone = f"postgresql://x@127.0.0.1:{support.free_port()}/x"
    assert "数据库" in run("rollup", "park", code=2, YUANTU_DATABASE_URL=gone)


def test_import_check_quarantine_and_rollback(run, tmp_path: Path) -> None:
    file = tmp_path / "平台.csv"
    file.write_text("名称,类型,所在县区\n甲实验室,重点实验室,亭湖区\n乙中心,没有这种类型,盐都区\n", encoding="utf-8")
    rows = tmp_path / "rows.csv"
    checked = json.loads(run("check", "platform", str(file), "--json", "--rows", str(rows)))
    assert checked["run"] is None
    assert checked["counts"]["read"] == 2
    assert "甲实验室" in rows.read_text(encoding="utf-8-sig")
    assert json.loads(run("rollup", "platform", "--json"))["total"] == 0
    report = tmp_path / "r.json"
    made = json.loads(run("import", "platform", str(file), "--json", "--report", str(report)))
    assert json.loads(report.read_text(encoding="utf-8"))["run"] == made["run"]
    counts = made["counts"]
    assert counts["read"] == counts["loaded"] + counts["unchanged"] + counts["quarantined"]
    assert json.loads(run("rollup", "platform", "--json"))["total"] == counts["loaded"]
    assert json.loads(run("runs", "--json"))["runs"][0]["run_id"] == made["run"]
    waiting = json.loads(run("quarantine", "platform", "--json"))["rows"]
    assert len(waiting) == counts["quarantined"]
    shown = run("runs", "--limit", "1")
    assert "导入" in shown
    assert "创新" in shown
    assert json.loads(run("duplicates", "list", "platform", "--json"))["pairs"] == []
    run("matches", "set", "platform", "某局", "单位称谓", "name")
    assert "单位称谓" in run("matches", "list")
    run("matches", "forget", "platform", "某局", "单位称谓")
    assert json.loads(run("matches", "list", "--json"))["matches"] == []
    said = run("import", "platform", str(file), "--datum", "foo", code=2)
    assert "gcj02" in said
    run("rollback", str(made["run"]))
    assert json.loads(run("rollup", "platform", "--json"))["total"] == 0
    run("rollback", str(made["run"]), code=2)


def test_the_server_starts_answers_and_ends(filled: str, tmp_path: Path) -> None:
    with support.serving(filled, tmp_path) as url:
        assert httpx.get(f"{url}/api/v1/rollup/project", timeout=30).json()["total"] == 60
        page = httpx.get(f"{url}/compare", timeout=30)
        assert page.headers["content-type"].startswith("text/html")
        unknown = httpx.get(f"{url}/api/nosuch", timeout=30)
        assert (unknown.status_code, unknown.headers["content-type"]) == (404, "application/problem+json")


HELP_ENGLISH = re.compile(
    r"Usage|Options:|Arguments|Commands|Show this|required|default|<(str|int|float|path)>|ARGS|OPTIONS"
)


def commands(command: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    yield path
    for name, below in getattr(command, "commands", {}).items():
        yield from commands(below, (*path, name))


def test_every_help_page_is_in_chinese() -> None:
    made = speak(typer.main.get_command(cli))
    for path in commands(made):
        command, ctx = made, typer.Context(made, info_name="yuantu")
        for name in path:
            command = command.commands[name]
            ctx = typer.Context(command, parent=ctx, info_name=name)
        text = command.get_help(ctx)
        assert not HELP_ENGLISH.search(text), (path, text)
        assert "用法：yuantu" in text


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        (("nosuch",), "没有 nosuch 这个命令。"),
        (("rollp",), "没有 rollp 这个命令。相近的有 rollup"),
        (("rollup",), "缺少参数 layer。"),
        (("rollup", "park", "--nope"), "没有 --nope 这个选项。"),
        (("rollup", "park", "x", "y"), "多出了：x y。"),
        (("rollup", "park", "--by"), "--by 后面要写一个值。"),
        (("serve", "--port", "x"), "--port 应为整数。"),
        (("rollback", "x"), "run 应为整数。"),
    ],
)
def test_a_command_typed_wrongly_is_told_in_chinese(typed: tuple[str, ...], said: str) -> None:
    with pytest.raises(typer.TyperException) as wrong:
        typer.main.get_command(cli).main(args=list(typed), prog_name="yuantu", standalone_mode=False)
    message, cure = fault(wrong.value)
    assert message.startswith(said)
    assert "--help" in cure


@pytest.mark.parametrize("command", ["import", "check"])
def test_stopped_before_the_work_begins_it_says_that_nothing_was_written(
    command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def stopped(*_: Any, **__: Any) -> int:
        raise KeyboardInterrupt

    (tmp_path / "a.csv").write_text("项目名称\n甲\n", encoding="utf-8")
    monkeypatch.setattr("app.cli_data.run_import", stopped)
    monkeypatch.setattr(sys, "argv", ["yuantu", command, "project", str(tmp_path / "a.csv")])
    monkeypatch.setattr("app.cli_watch.begun", threading.Event())
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 130
    assert "已取消，没有写入任何数据。" in capsys.readouterr().err
