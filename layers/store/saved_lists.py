"""The work lists that people keep: saved with both dates, taken away, brought back."""

from __future__ import annotations

import datetime as dt
from typing import Any

from geo.errors import InputError, NotFoundError
from layers.store.db import connect, statement
from layers.store.pool import Pool


async def read_saved(pool: Pool) -> list[dict[str, Any]]:
    """Return the lists that are kept, the latest first."""
    return await pool.fetch(statement("worklists/saved"))


def save_list(
    dsn: str, title: str, address: str, as_of: dt.date, known_at: dt.datetime | None, n: int | None, who: str
) -> bool:
    """Keep a list; return False where the very same is kept already.

    Raises
    ------
    InputError
        Nobody is named.
    """
    if not who.strip():
        raise InputError("没有写明是谁存的清单。", "请填写姓名或账号。")
    given = {"title": title, "address": address, "as_of": as_of, "known_at": known_at, "n": n, "who": who.strip()}
    with connect(dsn) as conn, conn.cursor() as cursor:
        cursor.execute(statement("worklists/save"), given)
        return bool(cursor.rowcount)


def take_away(dsn: str, saved_id: int, *, back: bool = False) -> None:
    """Take a kept list away, or bring it back.

    Raises
    ------
    NotFoundError
        No such list.
    """
    with connect(dsn) as conn, conn.cursor() as cursor:
        cursor.execute(statement("worklists/saved_gone"), {"saved_id": saved_id, "back": back})
        if cursor.rowcount == 0:
            raise NotFoundError("没有这份存下的清单。", "它可能已经去掉，请刷新。", saved=saved_id)
