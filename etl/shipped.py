"""Shipped data and 演示数据, loaded through the same import as any department's file, each file once."""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from etl import collect
from etl.load import stated_day
from etl.options import Options
from etl.pipeline import Context, Report, import_file, read_gazetteer
from geo.errors import CatalogueError
from layers.store.places import seed_places
from layers.store.published import canonical, published_files

Progress = Callable[[int, int, str], None]
_DEMO_LICENCE = "演示数据，由程序生成，不是真实情况"


@dataclass(frozen=True)
class Shipped:
    """One file to load: its layer, path and options."""

    layer: str
    path: Path
    title: str
    options: Options


def silent(done: int, total: int, label: str) -> None:
    """Report no progress."""
    del done, total, label


def shipped_files(data_dir: Path) -> list[Shipped]:
    """Return the shipped files in loading order, the boundaries first.

    Raises
    ------
    CatalogueError
        A ``source.toml`` is wrong, a file is missing, or it is not the one whose sha256 was noted.
    """
    found = [item for path in sorted(data_dir.glob("*/source.toml")) for item in _sources(path)]
    return sorted(found, key=lambda f: f.layer != "boundary")


def _sources(source: Path) -> Iterator[Shipped]:
    table = tomllib.loads(source.read_text(encoding="utf-8"))
    layer = table.get("layer")
    if not layer:
        return
    for item in sorted(table.get("files", ()), key=lambda f: f.get("order", 0)):
        path = source.parent / item["file"]
        where = f"{source.parent.name}/source.toml"
        if not path.is_file():
            raise CatalogueError(f"{where} 列出的 {item['file']} 不存在。", "请恢复该文件或删去这一条。", file=where)
        if item.get("sha256") and hashlib.sha256(path.read_bytes()).hexdigest() != item["sha256"]:
            raise CatalogueError(
                f"{where} 列出的 {item['file']} 内容与记录的 sha256 不符。", "请恢复原文件，或更新 sha256。", file=where
            )
        yield Shipped(layer, path, item.get("title", item["file"]), _options(item))


def _options(item: dict[str, Any]) -> Options:
    return Options(
        datum=item.get("datum", ""),
        crs=item.get("crs", ""),
        sheet=item.get("sheet"),
        as_of=stated_day(str(item.get("date", ""))),
        publisher=item.get("publisher", ""),
        licence=item.get("licence", ""),
        url=item.get("url") or item.get("package", ""),
        is_demo=bool(item.get("is_demo", False)),
        columns=dict(item.get("columns", {})),
        units=dict(item.get("units", {})),
        reason="随软件提供的数据",
    )


def demo_files(folder: Path) -> list[Shipped]:
    """Return the files of 演示数据, made anew only when the generator or the catalogue has changed."""
    from etl import demo

    here = Path(__file__).parent
    layers = here.parent / "layers"
    digest = hashlib.sha256()
    for path in sorted([*here.glob("demo*.py"), *layers.glob("catalog/*.toml"), *layers.glob("vocab/*.toml")]):
        digest.update(path.name.encode() + path.read_bytes())
    marker = folder / "made_from"
    files = [(p.stem, p) for p in sorted(folder.glob("*.geojson"))]
    if not files or not marker.exists() or marker.read_text(encoding="ascii") != digest.hexdigest():
        for _, old in files:
            old.unlink()
        files = demo.write(folder)
        marker.write_text(digest.hexdigest(), encoding="ascii")
    options = Options(
        datum="wgs84", is_demo=True, publisher="演示数据", licence=_DEMO_LICENCE, reason="随软件提供的演示数据"
    )
    return [Shipped(layer, path, f"演示数据 {path.stem}", options) for layer, path in files]


def load_shipped(context: Context, data_dir: Path, *, demo: bool = True, progress: Progress = silent) -> list[Report]:
    """Load what is shipped and not loaded yet; a second call loads nothing.

    Parameters
    ----------
    context : Context
        Database, catalogue, and the folder for kept files and 演示数据.
    data_dir : Path
        ``data/shapefiles``.
    demo : bool
        Load 演示数据 too.
    progress : callable
        Called with files done, files in all, and what is being loaded.

    Returns
    -------
    list of Report
        One for each file that was loaded now.

    Raises
    ------
    CatalogueError
        A shipped file is missing or changed.
    """
    seed_places(context.dsn, data_dir)
    files = shipped_files(data_dir)
    if demo:
        files += demo_files(context.var_dir / "demo")
    have = published_files(context.dsn)
    wanted = [f for f in files if not _is_loaded(f, have)]
    reports = []
    gazetteer = None
    for done, item in enumerate(wanted):
        progress(done, len(wanted), item.title)
        if gazetteer is None or item.layer == "boundary" or wanted[done - 1].layer == "boundary":
            gazetteer = read_gazetteer(context.dsn)
        reports.append(import_file(item.layer, item.path, item.options, replace(context, gazetteer=gazetteer)))
    progress(len(wanted), len(wanted), "")
    return reports


def _is_loaded(item: Shipped, have: set[tuple[str, str, str]]) -> bool:
    data, _ = collect.read_source(item.path)
    return (item.layer, hashlib.sha256(data).hexdigest(), canonical(item.options.record())) in have
