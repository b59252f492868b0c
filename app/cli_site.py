"""``yuantu site``: rank a brief's alternatives, or draw its surface; ``--json`` is the HTTP body."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from app.cli_options import AsOf, Json, KnownAt, NoDemo, read

site = typer.Typer(help="选址：排序与适宜度面。", no_args_is_help=True, rich_markup_mode=None)
out = Console(highlight=False, soft_wrap=True)
SHOWN = 20

ProfileFile = Annotated[Path, typer.Argument(help="PROFILE.json、任务书 .xlsx，或预设名，例如 auto_parts")]


@site.command("rank")
def rank(
    profile: ProfileFile, as_of: AsOf = "", known_at: KnownAt = "", no_demo: NoDemo = False, json_: Json = False
) -> None:
    """给备选排序，说明有多稳固、谁被排除、为什么。"""
    from layers.settings import Settings
    from layers.site_answer import answer_rank
    from layers.store.reader import parse_when

    chosen, when = _profile(profile), parse_when(as_of or None, known_at or None)
    data_dir = Settings().data_dir
    body = read(lambda reader: answer_rank(reader, chosen, when, not no_demo, data_dir=data_dir))
    if json_:
        sys.stdout.write(json.dumps(body, ensure_ascii=False) + "\n")
    else:
        _show(body)


@site.command("surface")
def surface(
    profile: ProfileFile,
    output: Annotated[Path | None, typer.Option("-o", "--output", help="写入 .png 或 .tif")] = None,
    as_of: AsOf = "",
    known_at: KnownAt = "",
    no_demo: NoDemo = False,
    json_: Json = False,
) -> None:
    """全市 100 米网格的适宜度：分级、高分片区，可写成 PNG 或 GeoTIFF。"""
    from app.api.site_image import draw_geotiff, draw_png, picture
    from geo.errors import InputError
    from layers.settings import Settings
    from layers.site_surface import answer_surface
    from layers.store.reader import parse_when

    if output is not None and output.suffix not in (".png", ".tif"):
        raise InputError(f"不能写成 {output.suffix or '没有后缀的文件'}。", "请用 .png 或 .tif。")
    chosen, when = _profile(profile), parse_when(as_of or None, known_at or None)
    data_dir = Settings().data_dir
    made, body = read(lambda reader: answer_surface(reader, chosen, when, not no_demo, data_dir=data_dir, hot=True))
    if output is not None:
        output.write_bytes(draw_png(made)[0] if output.suffix == ".png" else draw_geotiff(made))
    if json_:
        sys.stdout.write(json.dumps(body | picture(made), ensure_ascii=False) + "\n")
        return
    bounds = "、".join(f"{b:.3f}" for b in body["breaks"])
    out.print(
        f"{body['n_cells']:,} 格，排除 {body['n_excluded']:,} 格，无值 {body['n_missing']:,} 格；分级上界 {bounds}"
    )
    for spot in body["hot_areas"]:
        names = "、".join(spot["sites"][:5]) or "没有备选"
        out.print(f"  高分片区 {spot['area_km2']:.1f} km²，均分 {spot['mean_score']:.3f}：{names}", markup=False)
    for note in body["notes"]:
        out.print(f"注：{note}", markup=False)


@site.command("brief")
def brief(
    profile: ProfileFile, output: Annotated[Path, typer.Option("-o", "--output", help="写入 .xlsx")]
) -> None:  # fmt: skip
    """选址任务书：填写后可读回（rank、surface、report 都认 .xlsx）。"""
    from app.export.site_brief import write_brief

    output.write_bytes(write_brief(_profile(profile), _counties()))
    out.print(f"已写入 {output}", markup=False)


@site.command("report")
def report(
    profile: ProfileFile,
    output: Annotated[Path, typer.Option("-o", "--output", help="写入 .xlsx 或 .pdf")],
    as_of: AsOf = "",
    known_at: KnownAt = "",
    no_demo: NoDemo = False,
) -> None:
    """投资方报告：任务、排序、排除原因、稳健性、路程、口径与来源。"""
    from app.export.site_gather import gather_report
    from app.export.site_report import write_xlsx
    from geo.errors import InputError
    from layers.settings import Settings
    from layers.store.reader import parse_when

    if output.suffix not in (".xlsx", ".pdf"):
        raise InputError(f"不能写成 {output.suffix or '没有后缀的文件'}。", "请用 .xlsx 或 .pdf。")
    chosen, when = _profile(profile), parse_when(as_of or None, known_at or None)
    data_dir = Settings().data_dir
    made = read(lambda reader: gather_report(reader, chosen, when, not no_demo, data_dir=data_dir))
    if output.suffix == ".pdf":
        from app.export.site_sheet import draw_site_pdf

        output.write_bytes(draw_site_pdf(made, data_dir))
    else:
        output.write_bytes(write_xlsx(made))
    out.print(f"已写入 {output}", markup=False)


def _counties() -> dict[str, str]:
    from app.export.site_gather import county_names

    return read(county_names)


def _profile(path: Path) -> Any:
    from layers.site import parse_profile, presets, read_profile

    if path.suffix.lower() in (".xlsx", ".xlsm", ".xls") and path.exists():
        from app.export.site_brief import read_brief

        return parse_profile(read_brief(path.read_bytes(), path.name, _counties()))
    if not path.exists() and str(path) in presets():
        return presets()[str(path)].profile
    return read_profile(path)


def _show(body: dict[str, Any]) -> None:
    out.print(body["sentence"], markup=False)
    table = Table(box=None, pad_edge=False)
    for title, side in (("名次", "right"), ("名称", "left"), ("得分", "right"), ("居首", "right"), ("前十", "right"),
                        ("置信", "right"), ("另一法", "right")):  # fmt: skip
        table.add_column(title, justify=side)  # type: ignore[arg-type]
    for row in body["ranked"][:SHOWN]:
        sure = "—" if row["confidence"] is None else f"{row['confidence']:.0%}"
        shares = [f"{row[name]:.1%}" for name in ("p_first", "p_top10")]
        table.add_row(str(row["rank"]), row["name"], f"{row['score']:.3f}", *shares, sure, str(row["other"]["rank"]))
    if body["ranked"]:
        out.print(table)
    if len(body["ranked"]) > SHOWN:
        out.print(f"…共 {len(body['ranked'])} 处，全部见 --json")
    for limit in body["limits"]:
        out.print(f"排除 {limit['n_excluded']} 处：{limit['text']}", markup=False)
    for note in body["notes"]:
        out.print(f"注：{note}", markup=False)
