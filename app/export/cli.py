"""What ``yuantu export`` does: the same products as the server makes, in this process."""

from __future__ import annotations

import asyncio
import contextlib
import json
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from rich.console import Console

from app.export.figures import differences
from app.export.products import KINDS, Order, Product, here, make
from app.export.recipe import Recipe, parse_recipe
from app.export.reuse import figures_in, order_in, recipe_of
from app.export.tables import TABLE_MEDIA, Table, gather_table, write_table
from app.place import database_dsn
from geo.errors import InputError, MachineError
from layers.registry import catalogue
from layers.settings import Settings
from layers.store.db import role_dsn
from layers.store.reader import Reader, parse_when


def _content(path: Path, what: str) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise InputError(f"读不到{what} {path}：{error.strerror}。", "请检查路径。") from error


def read_recipe(path: Path) -> tuple[Recipe, dict[str, Any] | None]:
    """Read a recipe from a JSON file, or the one inside a product that was made before, with its figures.

    Raises
    ------
    InputError
        The file is missing or holds no recipe.
    """
    content = _content(path, "配方文件")
    return parse_recipe(recipe_of(content, path.name)), figures_in(content)


def compare_order(address: str, as_of: str = "") -> dict[str, Any]:
    """Return the order of a report of what the page of comparison shows at an address.

    Raises
    ------
    InputError
        It is the address of another page.
    """
    from app.pages.compare.report import order_of
    from app.pages.state import State

    parts = urlsplit(address)
    if parts.path.rstrip("/").rpartition("/")[2] not in ("", "compare"):
        raise InputError(
            f"“{address[:200]}”不是对比页的地址。", "请在对比页点“复制链接”，把它放在引号里。", field="address"
        )
    made = order_of(State.from_query(catalogue(), parts.query, "/compare"))
    return made | ({"as_of": as_of} if as_of else {})


def write_out(out: Path, body: bytes) -> None:
    """Write a file whole or not at all.

    Raises
    ------
    MachineError
        It cannot be written; what was there before is kept.
    """
    draft = out.with_name(f".{out.name}.part")
    try:
        draft.write_bytes(body)
        draft.replace(out)
    except OSError as error:
        with contextlib.suppress(OSError):  # the folder is gone or not ours: there is nothing to tidy
            draft.unlink(missing_ok=True)
        raise MachineError(f"写不出文件 {out}：{error.strerror}。", "请检查目录、权限和磁盘空间。") from error


def _suffix(out: Path) -> str:
    return out.suffix.removeprefix(".").lower()


def make_from_file(
    kind: str, recipe_path: Path, out: Path, *, template: Path | None = None, progress: Console | None = None
) -> list[str] | None:
    """Make a product of a recipe file; return what changed against the product it came from, None for a recipe.

    Raises
    ------
    InputError
        The recipe or the suffix cannot be used.
    MachineError
        The file cannot be written; what was there before is kept.
    """
    Order(kind, _suffix(out), {})  # a wrong suffix is said before anything is read
    recipe, before = read_recipe(recipe_path)
    body = json.loads(recipe.canonical())
    made = make_to_file(kind, body, out, template=template, progress=progress)
    if before is None:
        return None
    return differences(before, json.loads(json.dumps(made.figures, default=str)))


def make_again(kind: str, source: Path, out: Path, *, template: Path | None = None) -> list[str]:
    """Make a document that is no map again from its own file; return what changed.

    Raises
    ------
    InputError, MachineError
        As :func:`make_from_file`.
    """
    Order(kind, _suffix(out), {})
    content = _content(source, "文件")
    body = order_in(content, kind, KINDS[kind][0], source.name)
    made = make_to_file(kind, body, out, template=template)
    return differences(figures_in(content) or {}, json.loads(json.dumps(made.figures, default=str)))


def make_to_file(
    kind: str, body: dict[str, Any], out: Path, *, template: Path | None = None, progress: Console | None = None
) -> Product:
    """Make a product into ``out``; the suffix decides the format.

    Raises
    ------
    InputError, MachineError
        As :func:`make_from_file`.
    """
    held = _content(template, "模板") if template else b""
    made = asyncio.run(_make(Order(kind, _suffix(out), body, held), Settings(), progress))
    write_out(out, made.content)
    return made


async def _make(order: Order, settings: Settings, progress: Console | None) -> Product:
    async def tell(share: float, step: str) -> None:
        if progress is not None and progress.is_terminal:
            progress.print(f"{share:4.0%}  {step}", markup=False)

    async with _reader(settings) as reader:
        return await make(order, reader, here, settings.data_dir, tell)


def _reader(settings: Settings) -> Reader:
    return Reader(role_dsn(database_dsn(settings), "yuantu_reader", settings.secret()), catalogue())


def rank_recipe(
    brief: Path, title: str, *, as_of: str = "", known_at: str = "", demo: bool = False, number: str = ""
) -> dict[str, Any]:
    """Return the recipe of a site report, from a brief's file or the name of a preset, drawn over the parks."""
    from layers.site import presets, read_profile

    known = presets()
    profile = known[str(brief)].profile if str(brief) in known else read_profile(brief)
    when = parse_when(as_of or None, known_at or None)
    return {
        "version": 1, "family": "rank", "layers": [{"id": "park", "filter": ""}], "measure": "n", "title": title,
        "profile": profile.model_dump(mode="json"), "as_of": when.as_of.isoformat(), "demo": demo,
        "known_at": when.known_at.isoformat() if when.known_at else None, "map_approval_no": number,
    }  # fmt: skip


def write_rows_again(source: Path, out: Path) -> tuple[int, list[str]]:
    """Write the records of a workbook that was exported before again; return how many and what changed.

    Raises
    ------
    InputError, FilterError, NotFoundError, MachineError
        As :func:`write_rows`; the workbook holds no order.
    """
    content = _content(source, "文件")
    held = order_in(content, "rows", "数据表", source.name)
    table = _write_table(
        str(held["layer"]), out, str(held["filter"]), held["as_of"], held["known_at"], demo=bool(held["demo"])
    )
    now = json.loads(json.dumps(table.figures, ensure_ascii=False, default=str))
    return len(table.rows), differences(figures_in(content) or {}, now)


def write_rows(layer: str, out: Path, filter_text: str, as_of: str, known_at: str, *, demo: bool) -> int:
    """Write a layer's records under a filter; return how many.

    Raises
    ------
    InputError, FilterError, NotFoundError, MachineError
        The suffix, filter, date or layer cannot be used, or the file not written.
    """
    return len(_write_table(layer, out, filter_text, as_of, known_at, demo=demo).rows)


def _write_table(layer: str, out: Path, filter_text: str, as_of: str, known_at: str, *, demo: bool) -> Table:
    suffix = _suffix(out)
    if suffix not in TABLE_MEDIA:
        raise InputError(f"不认识输出文件的后缀“{out.suffix}”。", f"可用：{'、'.join(TABLE_MEDIA)}。", field="format")

    async def read() -> Table:
        async with _reader(Settings()) as reader:
            when = parse_when(as_of or None, known_at or None)
            return await gather_table(reader, layer, filter_text, when, demo=demo)

    table = asyncio.run(read())
    write_out(out, write_table(table, suffix))
    return table
