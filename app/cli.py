"""``yuantu``: the command line. Heavy modules are imported by the command that needs them."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from app.cli_options import AsOf, Filter, KnownAt, NoDemo
from geo.errors import YuantuError
from layers.settings import Settings

app = typer.Typer(
    name="yuantu", help="园图：把一座城市的产业放在地图上。", no_args_is_help=True, add_completion=False,
    pretty_exceptions_enable=False, rich_markup_mode=None,
)  # fmt: skip
out = Console(highlight=False, soft_wrap=True)
err = Console(stderr=True, highlight=False, soft_wrap=True)

DONE, DONE_WITH_QUARANTINE, REFUSED = 0, 1, 2


def print_json(value: Any) -> None:
    """Write one JSON document to standard output."""
    sys.stdout.write(json.dumps(value, ensure_ascii=False, default=str) + "\n")


def main() -> None:
    """Run the command line; every refusal is one sentence and exit code 2."""
    try:
        app(standalone_mode=True)
    except YuantuError as error:
        err.print(f"✗ {error.message}", style="bold red", markup=False)
        if error.cure:
            err.print(f"  {error.cure}", markup=False)
        sys.exit(REFUSED)
    except KeyboardInterrupt:
        err.print("已中断，没有改动任何数据。")
        sys.exit(130)


@app.command()
def serve(
    host: Annotated[str, typer.Option(help="监听地址，只能是本机")] = "",
    port: Annotated[int, typer.Option(help="端口")] = 0,
    workers: Annotated[int, typer.Option(help="进程数")] = 0,
) -> None:
    """只启动网页服务。"""
    from app import server

    settings = Settings()
    host, port, workers = host or settings.host, port or settings.port, workers or settings.workers
    server.check_host(host)
    err.print(f"园图：http://{host}:{port}（Ctrl-C 停止）")
    server.serve(settings, host, port, workers)


@app.command()
def rollup(
    layer: Annotated[str, typer.Argument(help="图层")],
    by: Annotated[str, typer.Option(help="county、unit、township、park 或字段，至多两项，逗号分隔")] = "county",
    measure: Annotated[str, typer.Option(help="指标")] = "n",
    filter_text: Filter = "",
    as_of: AsOf = "",
    known_at: KnownAt = "",
    no_demo: NoDemo = False,
    format_: Annotated[str, typer.Option("--format", help="table、csv、json 或 xlsx")] = "table",
    json_: Annotated[bool, typer.Option("--json", help="等于 --format json")] = False,
    output: Annotated[Path | None, typer.Option("-o", "--output", help="写入文件（xlsx 必填）")] = None,
) -> None:
    """汇总：每个县区、板块、乡镇、园区或字段值有多少。"""
    from app.cli_rollup import show_rollup

    show_rollup(
        out, layer, by.split(","), measure, filter_text, as_of, known_at, not no_demo,
        "json" if json_ else format_, output,
    )  # fmt: skip


if __name__ == "__main__":
    main()
