"""The serving side's connections: an async pool that answers or refuses within seconds and heals itself."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any
from weakref import WeakKeyDictionary

import psycopg
from psycopg import AsyncConnection, AsyncCursor, AsyncRawCursor, sql
from psycopg.rows import DictRow, dict_row
from psycopg_pool import AsyncConnectionPool, PoolClosed, PoolTimeout

from geo.errors import DatabaseUnavailableError, InputError
from layers.store.db import unavailable

CHECKOUT_SECONDS = 3.0
QUEUE_SECONDS = 20.0
TRUSTED_SECONDS = 0.5
QUERY_SECONDS = 32.0
_GONE = (psycopg.OperationalError, psycopg.InterfaceError, PoolTimeout, PoolClosed, TimeoutError, OSError)

Query = sql.Composed | sql.SQL | str
Run = Callable[[AsyncConnection[DictRow]], Awaitable[AsyncCursor[DictRow]]]


class Pool:
    """A pool of 1 to 6 connections as one role, each checked before use unless it answered a moment ago.

    Who finds every connection taken waits for one, in turn, up to twenty seconds. A database that does not
    answer raises ``DatabaseUnavailableError`` within three seconds and is tried again by the next caller. A
    caller who gives up (a cancelled task) ends its statement on the server too.
    """

    def __init__(self, dsn: str, *, size: int = 6) -> None:
        self._dsn = dsn
        self._free = asyncio.Semaphore(size)
        self._answered: WeakKeyDictionary[AsyncConnection[DictRow], float] = WeakKeyDictionary()
        self._pool: AsyncConnectionPool[AsyncConnection[DictRow]] = AsyncConnectionPool(
            dsn,
            connection_class=AsyncConnection[DictRow],
            min_size=1,
            max_size=size,
            open=False,
            timeout=CHECKOUT_SECONDS,
            reconnect_timeout=4.0,
            check=self._check,
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

    async def _check(self, connection: AsyncConnection[DictRow]) -> None:
        if time.monotonic() - self._answered.get(connection, 0.0) > TRUSTED_SECONDS:
            await AsyncConnectionPool.check_connection(connection)

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
            No connection within three seconds, none free within twenty, or the connection broke twice.
        InputError
            The statement took longer than the role may take.
        """
        text = sql.SQL(query) if isinstance(query, str) else query
        return await self._in_turn(lambda connection: connection.execute(text, params or {}))

    async def fetch_planned(self, query: bytes, params: Sequence[Any] = ()) -> dict[str, Any]:
        """Run a statement that comes again and again, with parameters $1, $2 …, and return its one row.

        The server keeps its plan and answers in binary.
        """

        async def run(connection: AsyncConnection[DictRow]) -> AsyncCursor[DictRow]:
            cursor = AsyncRawCursor(connection, row_factory=dict_row)
            return await cursor.execute(query, params, prepare=True, binary=True)

        return _only(await self._in_turn(run))

    async def _in_turn(self, run: Run) -> list[dict[str, Any]]:
        try:
            async with asyncio.timeout(QUEUE_SECONDS):
                await self._free.acquire()
        except TimeoutError as error:
            raise DatabaseUnavailableError(
                "现在查询的人太多，没有轮到。", "请稍候自动重试。", reason="queue"
            ) from error
        try:
            return await self._run(run)
        except _Stale:
            # the server ended a session that answered a moment ago: the others may be gone as well
            return await self._run(run, last=True)
        finally:
            self._free.release()

    async def _run(self, run: Run, *, last: bool = False) -> list[dict[str, Any]]:
        connection: AsyncConnection[DictRow] | None = None
        try:
            async with asyncio.timeout(CHECKOUT_SECONDS):
                connection = await self._pool.getconn()
            async with asyncio.timeout(QUERY_SECONDS):
                rows = await self._answer(connection, run)
            self._answered[connection] = time.monotonic()
            return rows
        except psycopg.errors.QueryCanceled as error:
            raise InputError("这次查询用时太长，已停止。", "请缩小范围或增加筛选条件。") from error
        except _GONE as error:
            if connection is not None and connection.closed and not last:
                self._answered.clear()
                raise _Stale from error
            raise unavailable(error) from error
        finally:
            if connection is not None:
                await self._pool.putconn(connection)

    async def _answer(self, connection: AsyncConnection[DictRow], run: Run) -> list[dict[str, Any]]:
        """Wait for the rows; a statement that is long in coming is waited for only while the server still greets."""

        async def rows() -> list[dict[str, Any]]:
            return await (await run(connection)).fetchall()

        task = asyncio.ensure_future(rows())
        try:
            done, _ = await asyncio.wait({task}, timeout=CHECKOUT_SECONDS)
            if not done:
                await self._greet(connection)
            return await task
        finally:
            if not task.done():
                task.cancel()
                await asyncio.gather(task, return_exceptions=True)

    async def _greet(self, connection: AsyncConnection[DictRow]) -> None:
        """Ask the server for one more connection; where it does not give one, let the waiting one go."""
        try:
            greeting = await AsyncConnection.connect(self._dsn, connect_timeout=3)
        except _GONE as error:
            await connection.close()
            raise unavailable(error) from error
        await greeting.close()

    async def fetch_one(self, query: Query, params: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """Run one statement that gives exactly one row."""
        return _only(await self.fetch(query, params))


def _only(rows: list[dict[str, Any]]) -> dict[str, Any]:
    if len(rows) != 1:
        raise DatabaseUnavailableError("数据库的回答不完整。", "请稍后重试。", rows=len(rows))
    return rows[0]


class _Stale(Exception):  # noqa: N818 - a sign between two methods, never seen outside
    """A connection that was trusted had been ended by the server."""
