"""``yuantu``: the command line. Heavy modules are imported by the command that needs them."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from app.cli_options import AsOf, Filter, Json, KnownAt, NoDemo
from app.cli_rounds import rounds_command
from app.cli_site import site
from app.cli_steward import duplicates, matches
from app.cli_targets import targets_command
from app.cli_words import fault, speak
from app.export.commands import export
from geo.errors import InputError, YuantuError
from layers.settings import Settings

app = typer.Typer(
    name="yuantu", help="园图：把一座城市的产业放在地图上。", no_args_is_help=True, add_completion=False,
    pretty_exceptions_enable=False, rich_markup_mode=None,
)  # fmt: skip
app.add_typer(export, name="export")
app.add_typer(site, name="site")
app.add_typer(duplicates, name="duplicates")
app.add_typer(matches, name="matches")
out = Console(highlight=False, soft_wrap=True)
err = Console(stderr=True, highlight=False, soft_wrap=True)

DONE, DONE_WITH_QUARANTINE, REFUSED, INTERRUPTED = 0, 1, 2, 130

Layer = Annotated[str, typer.Argument(help="图层，例如 park")]
File = Annotated[Path, typer.Argument(help="xlsx、csv、shp(.zip)、gpkg、geojson、kml、kmz")]
Datum = Annotated[str, typer.Option(help="wgs84、cgcs2000、gcj02、bd09、gk、gk:<中央经线>、auto")]
Crs = Annotated[str, typer.Option(help="EPSG:N，优先于 --datum")]
Sheet = Annotated[str, typer.Option(help="工作表或图层名")]
Mode = Annotated[str, typer.Option(help="upsert 更新，replace 以此文件为全部")]
DataDay = Annotated[str, typer.Option("--as-of", help="数据所说的日期，YYYY-MM-DD")]
Publisher = Annotated[str, typer.Option(help="发布单位")]
Licence = Annotated[str, typer.Option(help="许可")]
Url = Annotated[str, typer.Option(help="来源网址")]
Columns = Annotated[list[str], typer.Option("--column", help="表头=字段，更正对应，可多次")]
Units = Annotated[list[str], typer.Option("--unit", help="表头=单位，可多次")]
Approximate = Annotated[str, typer.Option(help="“约5亿”：text 只留原文，accept 取数并警告")]
Swapped = Annotated[str, typer.Option(help="经纬度颠倒的行：quarantine 隔离，fix 改正")]
Reason = Annotated[str, typer.Option(help="为什么")]
ReportFile = Annotated[Path | None, typer.Option("--report", help="报告写入 JSON 文件")]
RowsFile = Annotated[Path | None, typer.Option("--rows", help="入库的行写入 .csv、.geojson 或 .gpkg")]


def main() -> None:
    """Run the command line; every refusal is one sentence and exit code 2."""
    command = speak(typer.main.get_command(app))
    try:
        code = command.main(standalone_mode=False)
        if code == INTERRUPTED:
            err.print("已取消，没有写入任何数据。" if _nothing_written(sys.argv[1:2]) else "已停止。")
        sys.exit(code)
    except typer.TyperException as error:
        asked = type(error).__name__ == "NoArgsIsHelpError"
        if asked:
            out.print(str(error), markup=False)
        else:
            refuse(InputError(*fault(error)))
        sys.exit(REFUSED)
    except YuantuError as error:
        refuse(error)
        sys.exit(REFUSED)
    except typer.Abort:
        err.print("已停止。")
        sys.exit(DONE_WITH_QUARANTINE)


def _nothing_written(command: list[str]) -> bool:
    """Whether a command that was interrupted surely changed nothing: a check, or an import that had not begun."""
    begun = getattr(sys.modules.get("app.cli_watch"), "begun", None)  # it may be the very thing being imported
    return command == ["check"] or (command == ["import"] and (begun is None or not begun.is_set()))


def refuse(error: YuantuError) -> None:
    """Say what was refused and what to do; with ``--json`` also as JSON on standard output."""
    if "--json" in sys.argv:
        body: dict[str, Any] = {"type": type(error).__name__, "message": error.message, "cure": error.cure}
        sys.stdout.write(json.dumps({"error": body | error.details}, ensure_ascii=False, default=str) + "\n")
    err.print(f"✗ {error.message}", style="bold red", markup=False)
    if error.cure:
        err.print(f"  {error.cure}", markup=False)
    evidence = error.details.get("evidence")
    if evidence:
        err.print(f"  依据：{json.dumps(evidence, ensure_ascii=False, default=str)}", markup=False)


@app.command()
def up(no_demo: Annotated[bool, typer.Option("--no-demo", help="不载入演示数据")] = False) -> None:
    """准备数据库和数据，不启动网页。"""
    from app.cli_machine import bring_up

    bring_up(err, demo=not no_demo)


@app.command()
def down() -> None:
    """停止私有数据库。"""
    from app.cli_machine import take_down

    take_down(out)


@app.command()
def doctor(json_: Json = False) -> None:
    """这台机器哪里不对，该怎么办。"""
    from app.cli_machine import examine

    raise typer.Exit(DONE if examine(out, as_json=json_) else REFUSED)


@app.command()
def serve(
    host: Annotated[str, typer.Option(help="监听地址，只能是本机")] = "",
    port: Annotated[int, typer.Option(help="端口", min=0, max=65535)] = 0,
    workers: Annotated[int, typer.Option(help="进程数", min=0, max=64)] = 0,
) -> None:
    """只启动网页服务。"""
    from app.serve import serve as run

    settings = Settings()
    run(settings, host or settings.host, port or settings.port, workers or settings.workers, err)


@app.command()
def check(
    layer: Layer, file: File, datum: Datum = "", crs: Crs = "", sheet: Sheet = "", mode: Mode = "upsert",
    as_of: DataDay = "", publisher: Publisher = "", licence: Licence = "", url: Url = "",
    columns: Columns = [], units: Units = [], approximate: Approximate = "text", swapped: Swapped = "quarantine",  # noqa: B006
    report: ReportFile = None, rows: RowsFile = None, json_: Json = False,
) -> None:  # fmt: skip
    """导入的全部步骤，只是不写入：看会发生什么。"""
    from app.cli_data import day, make_options, pairs, run_import

    options = make_options(
        datum=datum, crs=crs, sheet=sheet or None, mode=mode, as_of=day(as_of), publisher=publisher, licence=licence,
        url=url, columns=pairs(columns, "--column"), units=pairs(units, "--unit"), approximate=approximate,
        swapped=swapped,
    )  # fmt: skip
    raise typer.Exit(run_import(out, layer, file, options, dry=True, as_json=json_, report=report, rows=rows))


@app.command("import")
def import_(
    layer: Layer, file: File, datum: Datum = "", crs: Crs = "", sheet: Sheet = "", mode: Mode = "upsert",
    as_of: DataDay = "", publisher: Publisher = "", licence: Licence = "", url: Url = "",
    columns: Columns = [], units: Units = [], approximate: Approximate = "text", swapped: Swapped = "quarantine",  # noqa: B006
    reason: Reason = "", report: ReportFile = None, rows: RowsFile = None, json_: Json = False,
) -> None:  # fmt: skip
    """导入一个文件：合格的入库，不合格的整行隔离，一次完成或什么都不变。"""
    from app.cli_data import day, make_options, pairs, run_import

    options = make_options(
        datum=datum, crs=crs, sheet=sheet or None, mode=mode, as_of=day(as_of), publisher=publisher, licence=licence,
        url=url, columns=pairs(columns, "--column"), units=pairs(units, "--unit"), approximate=approximate,
        swapped=swapped, reason=reason,
    )  # fmt: skip
    raise typer.Exit(run_import(out, layer, file, options, dry=False, as_json=json_, report=report, rows=rows))


@app.command()
def runs(
    layer: Annotated[str, typer.Option(help="只看一个图层")] = "",
    limit: Annotated[int, typer.Option(help="最多几条", min=1)] = 30,
    json_: Json = False,
) -> None:
    """每次导入、绘制、修正与回滚。"""
    from app.cli_data import show_runs

    show_runs(out, layer, limit, as_json=json_)


@app.command()
def rollback(run: Annotated[int, typer.Argument(help="运行编号")], reason: Reason = "", json_: Json = False) -> None:
    """撤销一次运行；撤销本身也是一次运行，历史仍在。"""
    from app.cli_data import roll_back

    roll_back(out, run, reason, as_json=json_)


@app.command()
def rebuild(layer: Layer, reason: Reason = "", json_: Json = False) -> None:
    """由保存的原始文件重放全部运行，与现有数据不同的改正过来。"""
    from app.cli_data import rebuild_from_files

    rebuild_from_files(out, layer, reason, as_json=json_)


@app.command()
def quarantine(
    layer: Layer,
    output: Annotated[Path | None, typer.Option("-o", "--output", help="写入 .xlsx 或 .csv")] = None,
    run: Annotated[int | None, typer.Option(help="只要一次运行的行")] = None,
    json_: Json = False,
) -> None:
    """隔离中的行，保持来文原样；写成文件即可退回，改正后再导入。"""
    from app.cli_data import show_quarantine

    show_quarantine(out, layer, output, as_json=json_, run=run)


@app.command()
def template(
    layer: Layer, output: Annotated[Path, typer.Option("-o", "--output", help="写入 .xlsx")],
) -> None:  # fmt: skip
    """图层的导入模板：表头带单位、下拉词表、一行示例和填写说明。"""
    from app.cli_data import write_template_file

    write_template_file(out, layer, output)


@app.command()
def rollup(
    layer: Layer,
    by: Annotated[str, typer.Option(help="county、unit、township、park 或字段，至多两项，逗号分隔")] = "county",
    measure: Annotated[str, typer.Option(help="指标，例如 n、sum_invest_cny、events:开工、conversion:签约:开工")] = "n",
    filter_text: Filter = "",
    as_of: AsOf = "",
    known_at: KnownAt = "",
    no_demo: NoDemo = False,
    since: Annotated[str, typer.Option(help="事件类指标从哪天算起，默认当年 1 月 1 日")] = "",
    compare_to: Annotated[str, typer.Option(help="另一日期：加上当日的值与差")] = "",
    format_: Annotated[str, typer.Option("--format", help="table、csv、json 或 xlsx")] = "table",
    json_: Annotated[bool, typer.Option("--json", help="等于 --format json")] = False,
    output: Annotated[Path | None, typer.Option("-o", "--output", help="写入文件（xlsx 必填）")] = None,
) -> None:
    """汇总：每个县区、板块、乡镇、园区或字段值有多少。"""
    from app.cli_rollup import show_rollup

    show_rollup(
        out, layer, by.split(","), measure, filter_text, as_of, known_at, not no_demo, since, compare_to,
        "json" if json_ else format_, output,
    )  # fmt: skip


app.command("targets")(targets_command)
app.command("rounds")(rounds_command)


if __name__ == "__main__":
    main()
