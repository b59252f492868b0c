"""What a steward decides once and the import remembers: pairs that are one or two, headers of a publisher's files."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from typing import Annotated, Literal

import typer
from rich.console import Console

from app.cli_options import Json, role_dsn_of

Layer = Annotated[str, typer.Argument(help="图层，例如 enterprise")]
Reason = Annotated[str, typer.Option(help="为什么")]
out = Console(highlight=False, soft_wrap=True)
duplicates = typer.Typer(help="疑似重复的记录：列出，合并或分开。", no_args_is_help=True, rich_markup_mode=None)
matches = typer.Typer(help="各发布单位的表头对应：列出，更正或忘掉。", no_args_is_help=True, rich_markup_mode=None)
HOW = {"code": "代码相同", "name": "名称相同"}
DECIDED = {"merge": "合并", "apart": "分开"}


def _print(title: str, rows: list[dict[str, object]]) -> None:
    sys.stdout.write(json.dumps({title: rows}, ensure_ascii=False, default=str) + "\n")


@duplicates.command("list")
def list_(layer: Layer, json_: Json = False) -> None:
    """还没有判断的疑似重复。"""
    from app.cli_data import context, folding
    from etl.duplicates import list_pairs

    found = list_pairs(context(), layer)
    if json_:
        _print("pairs", [asdict(p) for p in found])
        return
    table = folding("甲", "甲的主键", "乙", "乙的主键", "依据", "相距（米）")
    for p in found:
        far = "—" if p.distance_m is None else f"{p.distance_m:.0f}"
        table.add_row(*(x.replace("[", "\\[") for x in (p.name_a, p.key_a, p.name_b, p.key_b, p.evidence, far)))
    out.print(table)
    out.print(f"共 {len(found)} 对；用 yuantu duplicates merge 图层 保留的主键 并入的主键，或 apart 判断。")


@duplicates.command("decided")
def decided(layer: Layer, json_: Json = False) -> None:
    """已经作出的判断。"""
    from app.cli_data import context, folding
    from etl.duplicates import list_decisions

    found = list_decisions(context(), layer)
    if json_:
        _print("decisions", [asdict(d) for d in found])
        return
    table = folding("时间", "判断", "保留", "另一条", "谁", "理由", "运行")
    for d in found:
        at = d.decided_at.astimezone().strftime("%Y-%m-%d %H:%M")
        cells = (at, DECIDED[d.decision], d.kept, d.other, d.decided_by, d.reason, str(d.run_id or "—"))
        table.add_row(*(x.replace("[", "\\[") for x in cells))
    out.print(table)


def _decide(layer: str, kept: str, other: str, how: Literal["merge", "apart"], reason: str, as_json: bool) -> None:
    from app.cli_data import context, whoami
    from etl.judge import decide

    run = decide(context(), layer, kept, other, how, reason=reason, by=whoami())
    if as_json:
        sys.stdout.write(json.dumps({"layer": layer, "kept": kept, "other": other, "decision": how, "run": run}) + "\n")
    elif how == "merge":
        out.print(f"“{other}”已并入“{kept}”，第 {run} 号运行；可用 yuantu rollback {run} 撤销。", markup=False)
    else:
        out.print(f"“{kept}”与“{other}”记为两条，不再提示。", markup=False)


@duplicates.command("merge")
def merge(
    layer: Layer, kept: Annotated[str, typer.Argument(help="保留的主键")],
    other: Annotated[str, typer.Argument(help="并入的主键")], reason: Reason = "", json_: Json = False,
) -> None:  # fmt: skip
    """两条是同一个：另一条并入保留的一条，是一次可以回滚的运行。"""
    _decide(layer, kept, other, "merge", reason, json_)


@duplicates.command("apart")
def apart(
    layer: Layer, one: Annotated[str, typer.Argument(help="一条的主键")],
    other: Annotated[str, typer.Argument(help="另一条的主键")], reason: Reason = "", json_: Json = False,
) -> None:  # fmt: skip
    """两条是两个：记住，不再提示。"""
    _decide(layer, one, other, "apart", reason, json_)


@matches.command("list")
def list_matches_(
    layer: Annotated[str, typer.Option(help="只看一个图层")] = "",
    publisher: Annotated[str, typer.Option(help="只看一个发布单位")] = "", json_: Json = False,
) -> None:  # fmt: skip
    """记住的表头对应。"""
    from app.cli_data import folding
    from layers.registry import catalogue
    from layers.store.matches import list_matches

    found = list_matches(role_dsn_of("yuantu_writer"), layer, publisher)
    if json_:
        _print("matches", [asdict(m) for m in found])
        return
    titles = catalogue().layers
    table = folding("发布单位", "图层", "表头", "对应", "谁", "时间")
    for m in found:
        spec = titles.get(m.layer)
        field = spec.field(m.target.removeprefix("field:")) if spec else None
        target = field.title if field else m.target or "不用这一列"
        at = m.decided_at.astimezone().strftime("%Y-%m-%d %H:%M")
        cells = (m.publisher, spec.title if spec else m.layer, m.header, target, m.decided_by, at)
        table.add_row(*(x.replace("[", "\\[") for x in cells))
    out.print(table)


Publisher = Annotated[str, typer.Argument(help="发布单位")]
Header = Annotated[str, typer.Argument(help="表头")]


@matches.command("set")
def set_(
    layer: Layer, publisher: Publisher, header: Header,
    target: Annotated[str, typer.Argument(help="字段、name、lon、county、event:事件、figure:系列；'' 为不用")],
) -> None:  # fmt: skip
    """更正一个表头的对应，下次导入即用。"""
    from app.cli_data import whoami
    from etl.headers import Dictionary, match_headers
    from layers.registry import catalogue
    from layers.store.matches import correct

    spec = catalogue().layer(layer)
    made = match_headers([header], Dictionary(spec), {header: target})[0]  # refuses what is no target
    said = "" if made.kind == "extra" else f"{made.kind}:{made.target}"
    correct(role_dsn_of("yuantu_writer"), spec.id, publisher, header, said, whoami())
    out.print(f"已记住：{publisher} 的“{header}”。", markup=False)


@matches.command("forget")
def forget_(layer: Layer, publisher: Publisher, header: Header) -> None:
    """忘掉一个表头的对应。"""
    from layers.registry import catalogue
    from layers.store.matches import forget

    known = forget(role_dsn_of("yuantu_writer"), catalogue().layer(layer).id, publisher, header)
    out.print(f"已忘掉“{header}”。" if known else f"没有记住过 {publisher} 的“{header}”。", markup=False)
