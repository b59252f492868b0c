"""``yuantu targets``: the same body as the HTTP answer, as a table or JSON."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from app.cli_options import AsOf, Json, KnownAt, read

Demo = Annotated[bool, typer.Option("--demo", help="含演示数据（默认不参与判定）")]
STYLES = {
    "met": "green", "behind": "bold red", "pending_list": "yellow", "unmet_strive": "dim", "no_data": "dim",
    "info": "dim",
}  # fmt: skip


def targets_command(
    as_of: AsOf = "",
    known_at: KnownAt = "",
    demo: Demo = False,
    json_: Json = False,
    attach: Annotated[Path | None, typer.Option(help="附上目标文件的全文（.docx、.txt），卡片即显示整句")] = None,
    load: Annotated[Path | None, typer.Option(help="载入目标文件的新版本（.toml），并与上一版比较")] = None,
    changes: Annotated[bool, typer.Option("--changes", help="最近两个版本有什么不同")] = False,
    year: Annotated[int, typer.Option(help="哪一年的目标文件")] = 0,
    who: Annotated[str, typer.Option(help="经手人，附文件和载入时必填")] = "",
) -> None:
    """年度目标：现值、应达、判定和理由；附上文件、载入新版本。"""
    if attach or load or changes:
        _document(attach or load, year, who, json_)
        return
    from layers.store.queries_targets import read_targets
    from layers.store.reader import parse_when

    when = parse_when(as_of or None, known_at or None)
    body = read(lambda reader: read_targets(reader.pool, reader.cat, when, demo=demo))
    if json_:
        sys.stdout.write(json.dumps(body, ensure_ascii=False) + "\n")
    else:
        _print(Console(highlight=False, soft_wrap=True), body)


def _document(path: Path | None, year: int, who: str, json_: bool) -> None:
    from app.cli_options import role_dsn_of
    from app.pages.targets.document import last_changes, take_file
    from geo.errors import InputError
    from layers.store.slices import today

    dsn, year = role_dsn_of("yuantu_writer"), year or today().year
    if path is not None and not who.strip():
        raise InputError("没有写明经手人。", "请加 --who 姓名。")
    done = take_file(dsn, path, year, who) if path is not None else last_changes(dsn, year)
    if json_:
        sys.stdout.write(json.dumps(done, ensure_ascii=False) + "\n")
        return
    out = Console(highlight=False, soft_wrap=True)
    out.print(done["text"], markup=False)
    for line in done["lines"]:
        out.print(f"  {line}", markup=False)


def _print(out: Console, body: dict[str, Any]) -> None:
    from layers.targets_judge import STATUS_NAMES, number

    document = body["document"]
    out.print(
        f"{document['title']}（{document['version']}），截至 {body['as_of']}，{document['n_targets']} 个不重复目标"
    )
    table = Table(box=None, pad_edge=False)
    for name, justify in (("编号", "left"), ("指标", "left"), ("目标", "right"), ("现值", "right"), ("判定", "left")):
        table.add_column(name, justify=justify)  # type: ignore[arg-type]
    table.add_column("理由", overflow="fold")
    names: dict[str, str] = dict(STATUS_NAMES)
    for row in body["rows"]:
        if row["alias_of"]:
            continue
        target = "—" if row["target"] is None else f"{row['comparator']} {number(row['target'])} {row['unit']}"
        value = "—" if row["value"] is None else number(row["value"])
        status = names[row["status"]]
        table.add_row(
            row["id"], row["indicator"], target, value, status, row["reason"], style=STYLES.get(row["status"])
        )
    out.print(table)
