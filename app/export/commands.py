"""``yuantu export``: maps, atlases, briefs, reports and rows from the command line."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from app.cli_options import AsOf, Filter, KnownAt

export = typer.Typer(help="导出：地图、图集、简报、报告和数据。", no_args_is_help=True, rich_markup_mode=None)
err = Console(stderr=True, highlight=False, soft_wrap=True)

RecipeFile = Annotated[Path, typer.Argument(help="RECIPE.json，或以前导出的图、图集、简报")]
Template = Annotated[Path | None, typer.Option("--template", help="自己的 .docx 或 .pptx，只用它的样式")]
Demo = Annotated[bool, typer.Option("--demo", help="含演示数据")]
Earlier = Annotated[Path | None, typer.Argument(help="以前导出的同类文件：按它里面的条件再做，并说明有无变化")]
Number = Annotated[str, typer.Option("--map-approval-no", help="审图号；没有就标内部使用")]


def _out(suffixes: str) -> Any:
    return typer.Option("-o", "--output", help=f"写入 {suffixes}")


@export.command("map")
def export_map(
    recipe: RecipeFile, output: Annotated[Path, _out(".png、.pdf、.svg 或 .html")]
) -> None:  # fmt: skip
    """按配方导出一张地图；给以前的图，就按同一时刻的数据重画，并说明有无变化。"""
    from app.export.cli import make_from_file

    told = make_from_file("map", recipe, output)
    err.print(f"已写入 {output}", markup=False)
    _say(told)


@export.command("atlas")
def export_atlas(recipe: RecipeFile, output: Annotated[Path, _out(".pdf")]) -> None:
    """县区图集：每个县（市、区）或责任板块一页，分级和图例一致，有目录和书签。"""
    from app.export.cli import make_from_file

    told = make_from_file("atlas", recipe, output, progress=err)
    err.print(f"已写入 {output}", markup=False)
    _say(told)


@export.command("brief")
def export_brief(
    recipe: RecipeFile, output: Annotated[Path, _out(".docx 或 .pptx")], template: Template = None
) -> None:  # fmt: skip
    """简报：要点、地图、可编辑的表格和图表，样式可取自己的模板。"""
    from app.export.cli import make_from_file

    told = make_from_file("brief", recipe, output, template=template, progress=err)
    err.print(f"已写入 {output}", markup=False)
    _say(told)


@export.command("batch")
def export_batch(recipe: RecipeFile, output: Annotated[Path, _out(".zip")]) -> None:
    """每个县（市、区）一张同样的图，装在一个压缩包里。"""
    from app.export.cli import make_from_file

    make_from_file("batch", recipe, output, progress=err)
    err.print(f"已写入 {output}", markup=False)


@export.command("targets")
def export_targets(
    output: Annotated[Path, _out(".docx 或 .pptx")],
    earlier: Earlier = None,
    dept: Annotated[str, typer.Option(help="责任部门，例如 市工信局；不写为全市")] = "",
    as_of: AsOf = "", known_at: KnownAt = "", demo: Demo = False, number: Number = "", template: Template = None,
) -> None:  # fmt: skip
    """一个部门的年度目标进度报告。"""
    from app.export.cli import make_to_file

    if earlier is not None:
        return _again("targets", earlier, output, template)
    body = {"dept": dept, "as_of": as_of, "known_at": known_at, "demo": demo, "map_approval_no": number}
    make_to_file("targets", {k: v for k, v in body.items() if v}, output, template=template)
    err.print(f"已写入 {output}", markup=False)


@export.command("notice")
def export_notice(
    output: Annotated[Path, _out(".docx 或 .pptx")],
    earlier: Earlier = None,
    period: Annotated[str, typer.Option(help="期次，例如 2026-10；默认上个月")] = "", template: Template = None,
) -> None:  # fmt: skip
    """一期数据报送情况的通报。"""
    from app.export.cli import make_to_file

    if earlier is not None:
        return _again("notice", earlier, output, template)
    make_to_file("notice", {"period": period} if period else {}, output, template=template)
    err.print(f"已写入 {output}", markup=False)


@export.command("compare")
def export_compare(
    address: Annotated[str, typer.Argument(help="对比页的地址（复制链接），或以前导出的对比报告")],
    output: Annotated[Path, _out(".docx 或 .pptx")],
    title: Annotated[str, typer.Option(help="标题")] = "",
    as_of: AsOf = "", known_at: KnownAt = "", number: Number = "", template: Template = None,
) -> None:  # fmt: skip
    """对比页的内容写成报告：发现、图、各项指标的表。"""
    from app.export.cli import compare_order, make_to_file

    if address.lower().endswith((".docx", ".pptx")):
        return _again("compare", Path(address), output, template)
    body = compare_order(address, as_of) | {"title": title, "known_at": known_at, "map_approval_no": number}
    make_to_file("compare", {k: v for k, v in body.items() if v}, output, template=template)
    err.print(f"已写入 {output}", markup=False)


@export.command("site")
def export_site(
    profile: Annotated[Path, typer.Argument(help="PROFILE.json，或预设名，例如 auto_parts；或以前导出的选址报告")],
    output: Annotated[Path, _out(".docx 或 .pptx")],
    title: Annotated[str, typer.Option(help="标题")] = "选址报告",
    customer: Annotated[str, typer.Option(help="给谁")] = "",
    as_of: AsOf = "", known_at: KnownAt = "", demo: Demo = False, number: Number = "", template: Template = None,
) -> None:  # fmt: skip
    """给投资方的选址报告：结论、地图、排序、准则、排除原因。"""
    from app.export.cli import make_to_file, rank_recipe

    if profile.suffix.lower() in (".docx", ".pptx"):
        return _again("site", profile, output, template)
    recipe = rank_recipe(profile, title, as_of=as_of, known_at=known_at, demo=demo, number=number)
    make_to_file("site", {"recipe": recipe, "customer": customer}, output, template=template)
    err.print(f"已写入 {output}", markup=False)


@export.command("rows")
def export_rows(
    layer: Annotated[str, typer.Argument(help="图层，例如 park；或以前导出的 .xlsx：按里面的条件再做，并说明变化")],
    output: Annotated[Path, _out(".xlsx、.csv、.geojson、.gpkg、.kml 或 .parquet")],
    filter_: Filter = "", as_of: AsOf = "", known_at: KnownAt = "", demo: Demo = False,
) -> None:  # fmt: skip
    """一个图层筛选后的记录，连同筛选条件、日期和来源。"""
    from app.export.cli import write_rows, write_rows_again

    if layer.lower().endswith(".xlsx"):
        n, told = write_rows_again(Path(layer), output)
        err.print(f"已写入 {output}，{n:,} 条", markup=False)
        return _say(told)
    n = write_rows(layer, output, filter_, as_of, known_at, demo=demo)
    err.print(f"已写入 {output}，{n:,} 条", markup=False)


def _again(kind: str, earlier: Path, output: Path, template: Path | None) -> None:
    """Make a document again from its own file and say what changed."""
    from app.export.cli import make_again

    told = make_again(kind, earlier, output, template=template)
    err.print(f"已写入 {output}", markup=False)
    _say(told)


def _say(told: list[str] | None) -> None:
    """Say what changed against the product that a recipe came from; nothing for a plain recipe."""
    if told is None:
        return
    if not told:
        err.print("与原件的数字和要素一致。", markup=False)
        return
    err.print(f"与原件相比有 {len(told)} 处变化：", markup=False)
    for line in told:
        err.print(f"  {line}", markup=False)
