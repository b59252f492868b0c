"""Commands about data: check, import, runs, rollback, rebuild, quarantine."""

from __future__ import annotations

import datetime as dt
import json
import numbers
import os
import pwd
import sys
from collections.abc import Collection
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from app.cli_options import read, role_dsn_of
from app.cli_watch import watched
from app.i18n import t
from geo.errors import InputError
from layers.registry import catalogue
from layers.settings import Settings

if TYPE_CHECKING:
    from etl.options import Options
    from etl.pipeline import Context, Report

SHOWN_ISSUES = 30
_DAY = 10  # a date stays whole, its time below it
_COUNTS = ("编号", "读入", "入库", "未变", "隔离")
COMMON_TITLES = {"key": "主键", "name": "名称", "geom": "图形", "county_code": "县（市、区）",
                 "unit_code": "所属板块",
                 "township_code": "乡镇", "location_accuracy": "位置精度",
                 "events": "事件", "figures": "数值"}  # fmt: skip
SEVERITIES = {"error": "隔离", "warning": "警告", "info": "说明"}


def whoami() -> str:
    """Return the account that runs this process."""
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return str(os.getuid())


def pairs(items: list[str], option: str) -> dict[str, str]:
    """Read ``表头=字段`` options.

    Raises
    ------
    InputError
        An item has no ``=``.
    """
    made = {}
    for item in items:
        name, sign, value = item.partition("=")
        if not sign:
            raise InputError(f"{option} 的“{item}”里没有等号。", f"请写作 {option} 表头=值。")
        made[name.strip()] = value.strip()
    return made


def day(text: str) -> dt.date | None:
    """Read a date option.

    Raises
    ------
    InputError
        Not a date.
    """
    try:
        return dt.date.fromisoformat(text) if text else None
    except ValueError as error:
        raise InputError(f"日期“{text}”看不懂。", "请写作 2026-06-30。") from error


def make_options(**given: Any) -> Options:
    """Return import options from the command line's, checked where the type is closed.

    Raises
    ------
    InputError
        A mode or policy that does not exist.
    """
    from etl.options import Options

    closed = {"mode": ("upsert", "replace"), "approximate": ("text", "accept"), "swapped": ("quarantine", "fix")}
    for name, allowed in closed.items():
        if given[name] not in allowed:
            raise InputError(f"--{name} 没有“{given[name]}”。", f"可用：{'、'.join(allowed)}。")
    return Options(**given, started_by=whoami())


def local(instant: str) -> str:
    """Return an ISO instant as this machine's clock shows it."""
    return dt.datetime.fromisoformat(instant).astimezone().strftime("%Y-%m-%d %H:%M:%S")


def folding(*titles: str, whole: Collection[str] = ()) -> Table:
    """Return a table whose cells wrap and are never cut; those of ``whole`` columns stay on one line."""
    table = Table(box=SIMPLE_HEAD, show_edge=False, padding=0, pad_edge=False)
    for title in titles:
        table.add_column(title, overflow="fold", no_wrap=title in whole, min_width=_DAY if title == "时间" else None)
    return table


def context() -> Context:
    """Return what an import needs: the writer's database, the catalogue, the folder of kept files."""
    from etl.pipeline import Context

    return Context(role_dsn_of("yuantu_writer"), catalogue(), Settings().var_dir)


def run_import(
    out: Console, layer: str, file: Path, options: Options, *, dry: bool, as_json: bool, report: Path | None,
    rows: Path | None,
) -> int:  # fmt: skip
    """Check or import a file, show what became of it, and return the exit code.

    Raises
    ------
    ReadError, DatumUndecidedError, NotFoundError
        Refused; nothing was changed.
    """
    from etl.pipeline import check_file, import_file

    if rows is not None and rows.suffix.lower() not in (".csv", ".geojson", ".gpkg"):
        raise InputError(f"--rows 不能写成“{rows.suffix}”。", "可用：.csv、.geojson、.gpkg。")
    where = context()
    made = watched(
        lambda watch: (check_file if dry else import_file)(layer, file, options, where, watch=watch),
        "正在检查" if dry else "正在导入",
    )
    body = made.body()
    if report is not None:
        report.write_text(json.dumps(body, ensure_ascii=False, indent=1, default=str) + "\n", encoding="utf-8")
    if rows is not None:
        write_rows(made, rows)
    if as_json:
        sys.stdout.write(json.dumps(body, ensure_ascii=False, default=str) + "\n")
    else:
        show_report(out, body, dry=dry)
    return made.exit_code


def _typed(column: Any, *, gpkg: bool) -> Any:
    """Return a column of stored values with the type that a file's column can have: numbers stay numbers."""
    import pandas

    values = [None if v is None or v is pandas.NA or (isinstance(v, float) and v != v) else v for v in column]
    kinds = {type(v) for v in values if v is not None}
    if kinds and kinds <= {bool}:  # a GeoPackage has no boolean without a value: 1 and 0 then
        return pandas.array(values, dtype="bool" if None not in values else "Int8" if gpkg else "boolean")
    if kinds and all(issubclass(k, (int, numbers.Integral)) and k is not bool for k in kinds):
        return pandas.array(values, dtype="Int64")
    if kinds and all(issubclass(k, numbers.Real) and k is not bool for k in kinds):
        return pandas.array(values, dtype="Float64")
    return pandas.array(
        [
            json.dumps(v, ensure_ascii=False, default=str) if isinstance(v, dict) else None if v is None else str(v)
            for v in values
        ],
        dtype="object",
    )


def write_rows(made: Report, path: Path) -> None:
    """Write the rows as they are stored: CSV, GeoJSON or GeoPackage, with lon and lat in CRS84."""
    import geopandas

    from etl.pipeline import stored_rows

    frame = stored_rows(made)
    if path.suffix.lower() == ".csv":
        frame.drop(columns=["geometry"]).to_csv(path, index=False, encoding="utf-8-sig")
        return
    for column in frame.columns.drop("geometry"):
        frame[column] = _typed(frame[column], gpkg=path.suffix.lower() == ".gpkg")
    geo = geopandas.GeoDataFrame(frame, geometry="geometry", crs="OGC:CRS84")
    geo.to_file(path, driver="GeoJSON" if path.suffix.lower() == ".geojson" else "GPKG")


def show_report(out: Console, body: dict[str, Any], *, dry: bool) -> None:
    """Print an import report: the equation, the datum, the faults."""
    from etl.datum_evidence import datum_title

    counts = body["counts"]
    head = "检查（未写入）" if dry else f"第 {body['run']} 号运行"
    layer = catalogue().layer(body["layer"])
    out.print(f"{head}：{layer.title} ← {body['resource']['file_name']}", markup=False)
    out.print(
        f"读入 {counts['read']} = 入库 {counts['loaded']} + 未变 {counts['unchanged']} + 隔离 {counts['quarantined']}"
        f"；非数据行 {counts['skipped_non_data']}"
    )
    datum = body["datum"]
    if datum.get("used"):
        out.print(f"坐标基准：{datum_title(datum['used'])}（{t('found_by.' + datum['how'])}）", markup=False)
        for line in datum.get("evidence") or ():
            out.print(f"  依据：{line}", markup=False)
    if dry and "diff" in body:
        diff = body["diff"]
        out.print(f"将新增 {diff['new']}，修改 {diff['changed']}，不变 {diff['unchanged']}，结束 {diff['closed']}")
    issues = sorted(body["issues"], key=lambda i: (list(SEVERITIES).index(i["severity"]), i["row"] or 0))
    if not issues:
        return
    table = folding("行", "字段", "程度", "原值", "说明")
    for issue in issues[:SHOWN_ISSUES]:
        spec = layer.field(issue["field"])
        field = issue["field"] if spec is None else spec.title
        cells = [
            issue["row"] or "—",
            COMMON_TITLES.get(field, field),
            SEVERITIES[issue["severity"]],
            issue["value"],
            issue["message"],
        ]
        table.add_row(*(str(cell).replace("[", "\\[") for cell in cells))
    out.print(table)
    if len(issues) > SHOWN_ISSUES:
        out.print(f"…另有 {len(issues) - SHOWN_ISSUES} 条，用 --report 写出全部。")


def show_runs(out: Console, layer: str, limit: int, *, as_json: bool) -> None:
    """Print the runs, the latest first."""
    found = read(lambda reader: reader.runs(layer or None, limit=limit, internal=True))
    if as_json:
        sys.stdout.write(json.dumps({"runs": found}, ensure_ascii=False) + "\n")
        return
    titles = catalogue().layers
    table = folding("编号", "时间", "图层", "种类", "读入", "入库", "未变", "隔离", "文件", "谁", "说明", whole=_COUNTS)
    for run in found:
        undone = f"（已由 {run['reverted_by']} 回滚）" if run["reverted_by"] else ""
        title = titles[run["layer"]].title if run["layer"] in titles else run["layer"]
        cells = [run["run_id"], local(run["recorded_at"]), title, t(f"run.{run['kind']}"), run["n_read"],
                 run["n_loaded"], run["n_unchanged"], run["n_quarantined"], run["file_name"] or "",
                 run["started_by"], run["reason"] + undone]  # fmt: skip
        table.add_row(*(str(cell).replace("[", "\\[") for cell in cells))
    out.print(table)


def roll_back(out: Console, run: int, reason: str, *, as_json: bool) -> None:
    """Undo a run as a new run.

    Raises
    ------
    NotFoundError, ConflictError
        No such run; later runs stand in the way.
    """
    from layers.store.rollback import rollback

    done = rollback(role_dsn_of("yuantu_writer"), catalogue(), run, started_by=whoami(), reason=reason)
    if as_json:
        sys.stdout.write(json.dumps({"run": done.run_id, "reverts": run, "touched": done.loaded}) + "\n")
    else:
        out.print(f"第 {run} 号运行已由第 {done.run_id} 号回滚，涉及 {done.loaded} 条记录；历史仍在。")


def rebuild_from_files(out: Console, layer: str, reason: str, *, as_json: bool) -> None:
    """Rebuild a layer from its kept files and say what differed.

    Raises
    ------
    NotFoundError, ReadError
        No such layer; a kept file is missing. Nothing was changed.
    """
    from etl.rebuild import rebuild_layer

    with Console(stderr=True).status("正在由保存的文件重建…"):
        made = rebuild_layer(layer, context(), reason=reason, started_by=whoami())
    if as_json:
        body = {"run": made.run_id, "layer": layer, "runs": made.n_runs, "records": made.n_records,
                "restored": made.restored, "closed": made.closed}  # fmt: skip
        sys.stdout.write(json.dumps(body) + "\n")
    elif made.run_id is None:
        out.print(f"重放 {made.n_runs} 次运行，{made.n_records} 条记录与现有的完全一致，没有改动。")
    else:
        out.print(
            f"重放 {made.n_runs} 次运行，共 {made.n_records} 条记录；第 {made.run_id} 号运行恢复了 {made.restored} 条，"
            f"结束了文件里没有的 {made.closed} 条。"
        )


def show_quarantine(out: Console, layer: str, output: Path | None, *, as_json: bool, run: int | None = None) -> None:
    """Print or write the rows that wait in quarantine, in the sender's own cells.

    Raises
    ------
    InputError
        The file's kind is not CSV or XLSX.
    """
    if output is not None:
        out.print(f"{_write_quarantine(layer, output, run)} 行已写入 {output}", markup=False)
        return
    found = [r for r in read(lambda reader: reader.quarantine(layer)) if run in (None, r["run_id"])]
    if as_json:
        sys.stdout.write(json.dumps({"layer": layer, "rows": found}, ensure_ascii=False) + "\n")
    else:
        table = folding("运行", "文件", "行", "内容")
        for row in found:
            text = "；".join(f"{k}={v}" for k, v in row["cells"].items() if v not in (None, ""))
            table.add_row(str(row["run_id"]), row["file_name"] or "", str(row["row"] or "—"), text.replace("[", "\\["))
        out.print(table)
        out.print(f"共 {len(found)} 行；用 -o 文件.xlsx 写出，改正后再导入。")


def write_template_file(out: Console, layer: str, output: Path) -> None:
    """Write a layer's import template.

    Raises
    ------
    NotFoundError, InputError
        No such layer; not an xlsx file.
    """
    from etl.template import write_template

    if output.suffix.lower() != ".xlsx":
        raise InputError(f"模板不能写成“{output.suffix}”。", "请写成 .xlsx。")
    output.write_bytes(write_template(catalogue().layer(layer), catalogue()))
    out.print(f"已写入 {output}", markup=False)


def _write_quarantine(layer: str, output: Path, run: int | None) -> int:
    from etl.returned import write_returned, write_returned_csv
    from layers.store.quarantine import read_held

    kind, spec = output.suffix.lower(), catalogue().layer(layer)
    if kind not in (".csv", ".xlsx"):
        raise InputError(f"不能写成“{output.suffix}”。", "可用：.xlsx、.csv。")
    files = read_held(role_dsn_of("yuantu_writer"), layer, run)
    if kind == ".csv" and len(files) != 1:
        numbers = "、".join(str(f.run_id) for f in files) or "无"
        raise InputError(f"CSV 只能写一次运行的行，隔离中的有：{numbers}。", "请加 --run 编号，或写成 .xlsx。")
    output.write_bytes(write_returned_csv(files[0]) if kind == ".csv" else write_returned(files, spec))
    return sum(len(f.rows) for f in files)
