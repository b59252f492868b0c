"""Options that several commands share, and how they reach the database."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

if TYPE_CHECKING:
    from layers.store.reader import Reader

T = TypeVar("T")

Filter = Annotated[str, typer.Option("--filter", help="CQL2 筛选，例如 level = '国家级'")]
AsOf = Annotated[str, typer.Option(help="有效时间：那一天的情况，YYYY-MM-DD，默认今天")]
KnownAt = Annotated[str, typer.Option(help="记录时间：当时所知，日期或时刻，默认现在")]
NoDemo = Annotated[bool, typer.Option("--no-demo", help="不含演示数据")]
Json = Annotated[bool, typer.Option("--json", help="输出 JSON，供程序使用")]


def role_dsn_of(role: str) -> str:
    """Return the DSN of one of the four roles on the database in use."""
    from app.place import database_dsn
    from layers.settings import Settings
    from layers.store.db import role_dsn

    settings = Settings()
    return role_dsn(database_dsn(settings), role, settings.secret())


def read(ask: Callable[[Reader], Awaitable[T]]) -> T:
    """Ask the reader one thing and close it."""
    from layers.registry import catalogue
    from layers.store.reader import Reader

    async def run() -> T:
        async with Reader(role_dsn_of("yuantu_reader"), catalogue()) as reader:
            return await ask(reader)

    return asyncio.run(run())
