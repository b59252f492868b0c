"""``yuantu rounds``: who owes which layer by when, and what came of it."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from app.cli_options import Json, read
from geo.errors import InputError

Period = Annotated[str, typer.Option(help="期次，例如 2026-10；默认上个月")]
On = Annotated[str, typer.Option(help="按哪一天判断，YYYY-MM-DD；默认今天")]
Output = Annotated[Path | None, typer.Option("-o", "--output", help="写成 .xlsx，发给各单位")]


def rounds_command(period: Period = "", on: On = "", output: Output = None, json_: Json = False) -> None:
    """调度：本期谁该报哪一层、何时截止，来了什么、谁迟了、什么退回待改。"""
    from app.cli_data import day, folding
    from app.i18n import t
    from app.rounds import fault, files, said, write_round
    from layers.store.queries_rounds import read_round

    if output is not None and output.suffix.lower() != ".xlsx":
        raise InputError(f"清单不能写成“{output.suffix}”。", "请写成 .xlsx。")
    when = day(on)
    body = read(lambda reader: read_round(reader, period, on=when))
    out = Console(highlight=False, soft_wrap=True)
    if output is not None:
        output.write_bytes(write_round(body))
        out.print(f"已写入 {output}", markup=False)
        return
    if json_:
        sys.stdout.write(json.dumps(body, ensure_ascii=False) + "\n")
        return
    out.print(t("rounds.of", period=body["period"]) + "，" + t("rounds.note", on=body["on"]))
    table = folding(*(t(f"rounds.h_{x}") for x in ("owner", "title", "due", "state", "note", "files")))
    for i in body["items"]:
        cells = (i["owner"], i["title"], i["due"], t(f"rounds.s_{i['state']}"), said(i), files(i))
        table.add_row(*(x.replace("[", "\\[") for x in cells))
    out.print(table)
    if body["figures"]:
        out.print(t("rounds.figures"))
        table = folding(*(t(f"rounds.h_{x}") for x in ("owner", "layer", "name", "measure", "fault")))
        for f in body["figures"][:50]:
            cells = (f["owner"], f["layer_title"], f["name"], f["measure"], fault(f))
            table.add_row(*(x.replace("[", "\\[") for x in cells))
        out.print(table)
