"""The serving side's connections: an async pool that answers or refuses within seconds and heals itself."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from typing import Any

import psycopg
from psycopg import AsyncConnection, sql
from psycopg.rows import DictRow, dict_row
from psycopg_pool import AsyncConnectionPool, PoolClosed, PoolTimeout

from geo.errors import DatabaseUnavailableError, InputError
from layers.store.db import unavailable

CHECKOUT_SECONDS = 3.0
QUERY_SECONDS = 32.0
_GONE = (psycopg.OperationalError, psycopg.InterfaceError, PoolTimeout, PoolClosed, TimeoutError, OSError)

Query = sql.Composed | sql.SQL | str


class Pool:
    """A pool of 1 to 6 connections as one role; each is checked before use.

    A database that does not answer raises ``DatabaseUnavailableError`` within three seconds and is tried
    again by the next caller.
    """

    def __init__(self, dsn: str, *, size: int = 6) -> None:
        self._pool: AsyncConnectionPool[AsyncConnection[DictRow]] = AsyncConnectionPool(
            dsn,
            connection_class=AsyncConnection[DictRow],
            min_size=1,
            max_size=size,
            open=False,
            timeout=CHECKOUT_SECONDS,
            reconnect_timeout=4.0,
            check=AsyncConnectionPool.check_connection,
            kwargs={
                "row_factory": dict_row,
                "autocommit": True,
                "connect_timeout": 3,
                "application_name": "yuantu-web",
                "keepalives_idle": 10,
                "options": "-c jit=off -c TimeZone=Asia/Shanghai",
            },
        )
        logging.getLogger("psycopg.pool").setLevel(logging.ERROR)  # a lost database is our one error

    async def open(self) -> None:
        """Begin connecting; a database that is away is no error yet."""
        await self._pool.open(wait=False)

    async def close(self) -> None:
        """Close every connection."""
        await self._pool.close(timeout=2)

    async def fetch(self, query: Query, params: Mapping[str, Any] | None = None) -> list[dict[str, Any]]:
        """Run one statement and return its rows as dicts.

        Raises
        ------
        DatabaseUnavailableError
            No connection within three seconds, or the connection broke.
        InputError
            The statement took longer than the role may take.
        """
        connection: AsyncConnection[DictRow] | None = None
        try:
            async with asyncio.timeout(CHECKOUT_SECONDS):
                connection = await self._pool.getconn()
            async with asyncio.timeout(QUERY_SECONDS):
                text = sql.SQL(query) if isinstance(query, str) else query
                cursor = await connection.execute(text, params or {})
                return await cursor.fetchall()
        except psycopg.errors.QueryCanceled as error:
            raise InputError("这次查询用时太长，已停止。", "请缩小范围或增加筛选条件。") from error
        except _GONE as error:
            raise unavailable(error) from error
        finally:
            if connection is not None:
                await self._pool.putconn(connection)

    async def fetch_one(self, query: Query, params: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """Run one statement that gives exactly one row."""
        rows = await self.fetch(query, params)
        if len(rows) != 1:
            raise DatabaseUnavailableError("数据库的回答不完整。", "请稍后重试。", rows=len(rows))
        return rows[0]
