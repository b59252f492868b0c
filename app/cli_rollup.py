"""``yuantu rollup``: the same body as the HTTP answer, as a table, CSV, JSON or XLSX."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from app.cli_options import read
from geo.errors import InputError
from layers.registry import catalogue
from layers.store.dates import parse_day, parse_when

FORMATS = ("table", "csv", "json", "xlsx")


def show_rollup(
    out: Console, layer: str, by: list[str], measure: str, filter_text: str, as_of: str, known_at: str,
    demo: bool, since: str, compare_to: str, format_: str, output: Path | None,
) -> None:  # fmt: skip
    """Read one rollup and write it in the wanted form.

    Raises
    ------
    InputError
        The form is unknown, or a workbook has no file to go to.
    """
    if format_ not in FORMATS:
        raise InputError(f"没有“{format_}”这种格式。", f"可用：{'、'.join(FORMATS)}。")
    if format_ == "xlsx" and output is None:
        raise InputError("xlsx 需要写入文件。", "请加 -o 汇总.xlsx。")
    when = parse_when(as_of or None, known_at or None)
    body = read(
        lambda reader: reader.rollup(
            layer, by, measure, filter_text, when, demo, since=parse_day(since), compare_to=parse_day(compare_to)
        )
    )
    if format_ == "table" and output is None:
        out.print(_table(body))
        if body["note"]:
            out.print(body["note"], markup=False)
        return
    content = _encode(body, format_)
    if output is None:
        sys.stdout.buffer.write(content)
    else:
        output.write_bytes(content)
        Console(stderr=True).print(f"已写入 {output}")


def _encode(body: dict[str, Any], format_: str) -> bytes:
    from app.api.export import rollup_csv, rollup_xlsx

    if format_ == "json":
        return (json.dumps(body, ensure_ascii=False) + "\n").encode()
    return rollup_xlsx(body, catalogue()) if format_ == "xlsx" else rollup_csv(body, catalogue())


def _figure(value: float | int | None) -> str:
    if value is None:
        return "—"
    return f"{value:,}" if isinstance(value, int) else f"{value:,.4f}".rstrip("0").rstrip(".")


def _table(body: dict[str, Any]) -> Table:
    from app.api.export import rollup_table

    header, rows, notes = rollup_table(body, catalogue())
    table = Table(title=body["title"], caption="　".join(notes))
    for name in header:
        table.add_column(name, justify="left" if name.startswith(("代码", "名称")) else "right")
    for row in rows:
        table.add_row(*(cell if isinstance(cell, str) else _figure(cell) for cell in row))
    return table
