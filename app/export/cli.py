"""``yuantu export map``: the same map as the server draws, in this process."""

from __future__ import annotations

import asyncio
from pathlib import Path

from app.export.data import MapData, gather
from app.export.recipe import Recipe, parse_recipe
from app.export.reuse import recipe_of
from app.export.worker import draw
from app.place import database_dsn
from geo.errors import InputError, MachineError
from layers.registry import catalogue
from layers.settings import Settings
from layers.store.db import role_dsn
from layers.store.reader import Reader

SUFFIXES = ("png", "pdf", "svg", "html")


def read_recipe(path: Path) -> Recipe:
    """Read a recipe from a JSON file, or the one inside a map that was made before.

    Raises
    ------
    InputError
        The file is missing or holds no recipe.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise InputError(f"读不到配方文件 {path}：{error.strerror}。", "请检查路径。") from error
    return parse_recipe(recipe_of(content, path.name))


def export_map(recipe_path: Path, out: Path, settings: Settings) -> MapData:
    """Draw a recipe into ``out``; the suffix decides the format.

    Raises
    ------
    InputError
        The recipe or the suffix cannot be used.
    MachineError
        The file cannot be written; what was there before is kept.
    """
    suffix = out.suffix.removeprefix(".").lower()
    if suffix not in SUFFIXES:
        raise InputError(f"不认识输出文件的后缀“{out.suffix}”。", f"可用：{'、'.join(SUFFIXES)}。", field="format")
    recipe = read_recipe(recipe_path)
    data = asyncio.run(_gather(recipe, settings))
    body = draw(data, suffix, settings.data_dir)
    draft = out.with_name(f".{out.name}.part")
    try:
        draft.write_bytes(body)
        draft.replace(out)
    except OSError as error:
        draft.unlink(missing_ok=True)
        raise MachineError(f"写不出文件 {out}：{error.strerror}。", "请检查目录、权限和磁盘空间。") from error
    return data


async def _gather(recipe: Recipe, settings: Settings) -> MapData:
    dsn = role_dsn(database_dsn(settings), "yuantu_reader", settings.secret())
    async with Reader(dsn, catalogue()) as reader:
        return await gather(recipe, reader, internal=False)
