"""Commands about the machine: up, down, doctor."""

from __future__ import annotations

import dataclasses
import json
import sys
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from layers.settings import Settings

if TYPE_CHECKING:
    from etl.pipeline import Report


def bring_up(err: Console, *, demo: bool) -> list[Report]:
    """Make the database ready and load what is shipped; a second call changes nothing.

    Raises
    ------
    MachineError, DatabaseUnavailableError
        Says what is missing and what to do.
    """
    from layers.store import cluster
    from layers.store.migrate import ensure_logins, migrate

    settings = Settings()
    url = settings.database_url
    if not url:
        url = cluster.ensure_running(settings.var_dir, lambda text: err.print(text, markup=False))
    with err.status("正在检查数据库结构…"):
        done = migrate(url)
        ensure_logins(url, settings.secret())
    if done:
        err.print(f"数据库结构已更新（{len(done)} 项）。")
    return _load(err, settings, url, demo=demo)


def _load(err: Console, settings: Settings, url: str, *, demo: bool) -> list[Report]:
    from etl.pipeline import Context
    from etl.shipped import load_shipped
    from etl.targets import load_shipped as load_targets
    from layers.registry import catalogue
    from layers.store.db import role_dsn

    context = Context(role_dsn(url, "yuantu_writer", settings.secret()), catalogue(), settings.var_dir)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=err, transient=True) as bar:
        task = bar.add_task("正在载入数据", total=None)

        def progress(done: int, total: int, label: str) -> None:
            text = f"正在载入 {label}".replace("[", "\\[") if label else "数据已就绪"
            bar.update(task, completed=done, total=total, description=text)

        reports = load_shipped(context, settings.data_dir, demo=demo, progress=progress)
        load_targets(context.dsn)
    loaded = sum(r.counts["loaded"] for r in reports)
    held = sum(r.counts["quarantined"] for r in reports)
    if reports:
        err.print(f"载入 {len(reports)} 个文件，{loaded} 条记录" + (f"，隔离 {held} 行。" if held else "。"))
    return reports


def take_down(out: Console) -> None:
    """Stop the private database."""
    from layers.store import cluster

    settings = Settings()
    if settings.database_url:
        out.print("使用的是 YUANTU_DATABASE_URL 指定的数据库，没有私有数据库需要停止。")
    elif cluster.stop(settings.var_dir):
        out.print("私有数据库已停止；数据保留在 var/。")
    else:
        out.print("私有数据库没有在运行。")


def examine(out: Console, *, as_json: bool) -> bool:
    """Print what is wrong with this machine and what to do; True when nothing is."""
    from app.doctor import run_checks

    findings = run_checks(Settings())
    if as_json:
        sys.stdout.write(json.dumps([dataclasses.asdict(f) for f in findings], ensure_ascii=False) + "\n")
    else:
        table = Table("", "项目", "现状", "应为", "怎么办")
        for one in findings:
            cells = (one.id, one.found, one.expected, one.cure)
            table.add_row("✓" if one.ok else "✗", *(cell.replace("[", "\\[") for cell in cells))
        out.print(table)
    return all(one.ok for one in findings)
