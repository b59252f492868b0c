"""The database going away: one error, soon, and recovery without a restart."""

import asyncio
from collections.abc import AsyncIterator
from urllib.parse import urlsplit

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from geo.errors import DatabaseUnavailableError
from layers.registry import catalogue
from layers.store.db import role_dsn
from layers.store.reader import Reader
from tests import support


class Line:
    """A TCP line to the database that can be cut, or can go silent."""

    def __init__(self, port: int) -> None:
        self.target, self.port, self.silent = port, 0, False
        self.server: asyncio.Server | None = None
        self.open: set[asyncio.StreamWriter] = set()
        self.tasks: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        self.server = await asyncio.start_server(self.carry, "127.0.0.1", self.port)
        self.port = self.server.sockets[0].getsockname()[1]

    async def cut(self) -> None:
        assert self.server is not None
        self.server.close()
        for writer in self.open:
            writer.transport.abort()
        await asyncio.gather(*self.tasks, return_exceptions=True)
        self.server = None

    async def carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_connection("127.0.0.1", self.target)
        self.open |= {writer, back}
        task = asyncio.current_task()
        if task is not None:
            self.tasks.add(task)
        await asyncio.gather(self.pump(reader, back), self.pump(there, writer), return_exceptions=True)
        for end in (writer, back):
            end.transport.abort()
        self.open -= {writer, back}

    async def pump(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        while chunk := await source.read(65536):
            while self.silent:
                await asyncio.sleep(0.05)
            sink.write(chunk)
            await sink.drain()
        sink.transport.abort()


@pytest.fixture
async def line(filled: str) -> AsyncIterator[Line]:
    made = Line(urlsplit(filled).port or 5432)
    await made.start()
    yield made
    made.silent = False
    if made.server is not None:
        await made.cut()


def through(url: str, line: Line) -> str:
    parts = conninfo_to_dict(role_dsn(url, "yuantu_reader", support.SECRET_KEY))
    return make_conninfo(**{**parts, "host": "127.0.0.1", "port": line.port})


async def recovered(reader: Reader) -> int:
    for _ in range(60):
        try:
            return int((await reader.rollup("project"))["total"])
        except DatabaseUnavailableError:
            await asyncio.sleep(0.25)
    raise AssertionError("did not recover")


async def test_a_lost_database_is_said_and_recovers_by_itself(filled: str, line: Line) -> None:
    async with Reader(through(filled, line), catalogue()) as reader:
        assert (await reader.rollup("project"))["total"] == 60
        await line.cut()
        for _ in range(2):
            with pytest.raises(DatabaseUnavailableError):
                async with asyncio.timeout(15):
                    await reader.rollup("project")
        await line.start()
        assert await recovered(reader) == 60


async def test_a_silent_database_does_not_hang_the_caller(filled: str, line: Line) -> None:
    async with Reader(through(filled, line), catalogue()) as reader:
        assert (await reader.rollup("project"))["total"] == 60
        line.silent = True
        with pytest.raises(DatabaseUnavailableError):
            async with asyncio.timeout(20):
                await reader.rollup("project")
        line.silent = False
        assert await recovered(reader) == 60


async def test_sessions_that_the_server_ended_are_replaced(filled: str, reader: Reader) -> None:
    assert (await reader.rollup("project"))["total"] == 60
    with psycopg.connect(filled, autocommit=True) as admin:
        admin.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE application_name = 'yuantu-web' AND datname = current_database()"
        )
    assert await recovered(reader) == 60


async def test_a_database_that_was_never_there_is_the_same_error() -> None:
    dsn = f"postgresql://nobody@127.0.0.1:{support.free_port()}/nothing"
    async with Reader(dsn, catalogue()) as reader:
        with pytest.raises(DatabaseUnavailableError):
            async with asyncio.timeout(15):
                await reader.layers()
