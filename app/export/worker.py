"""One warm process that draws: importing matplotlib takes seconds, and drawing must not block the server.

The process starts with the first request, is restarted when it dies or exceeds its time, and takes requests
one by one from a bounded queue.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import os
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from functools import cache
from multiprocessing import connection
from pathlib import Path
from threading import Thread
from typing import Any, TypeVar

from app.export.jobs import draw
from geo.errors import ConflictError, InputError, MachineError

MOST_WAITING = 8
SECONDS = 120.0

T = TypeVar("T")


def warm(data_dir: Path) -> None:
    """Import and read what every map needs; runs once in the drawing process."""
    import mapclassify  # noqa: F401 - compiles on import

    from app.export import html, render, sheet  # noqa: F401
    from app.export.context import load_context
    from app.export.theme import load_theme

    sheet.text_width("盐城", 10.0, bold=True)
    load_context(data_dir)
    load_theme()


def _begin(prepare: Callable[[Path], None], data_dir: Path) -> None:
    os.nice(5)  # pages come first
    parent = multiprocessing.parent_process()
    if parent is not None:
        Thread(target=_end_with, args=(parent.sentinel,), daemon=True).start()
    prepare(data_dir)


def _end_with(sentinel: int) -> None:
    """End this process when its parent ends, however that ends."""
    connection.wait([sentinel])
    os._exit(1)


class Workshop:
    """The drawing process and its queue.

    Parameters
    ----------
    data_dir : Path
        ``data/shapefiles``.
    most_waiting : int
        Requests beyond this many are refused at once.
    seconds : float
        A drawing that takes longer is given up, and the process is replaced.
    prepare : callable
        What the process does before its first drawing.
    """

    def __init__(
        self,
        data_dir: Path,
        *,
        most_waiting: int = MOST_WAITING,
        seconds: float = SECONDS,
        prepare: Callable[[Path], None] = warm,
    ) -> None:
        self.data_dir = data_dir
        self.prepare = prepare
        self.most_waiting = most_waiting
        self.seconds = seconds
        self._pool: ProcessPoolExecutor | None = None
        self._busy = 0
        self._turn = asyncio.Lock()

    async def draw(self, data: Any, fmt: str) -> bytes:
        """Draw a map in the warm process.

        Raises
        ------
        ConflictError
            Too many are waiting.
        MachineError
            The process died twice, or took too long.
        YuantuError
            Whatever the drawing itself refuses.
        """
        return await self.run(draw, data, fmt, self.data_dir)

    async def warm_up(self) -> None:
        """Start the process before anyone waits for it; call it once the server answers."""
        await self.run(os.getpid)

    async def run(self, job: Callable[..., T], *args: Any) -> T:
        """Run a picklable job in the process, after those that came before."""
        if self._busy >= self.most_waiting:
            raise ConflictError(f"已有 {self._busy} 张图在排队。", "请稍候再试。", waiting=self._busy)
        self._busy += 1
        try:
            async with self._turn:
                return await self._attempt(job, args)
        finally:
            self._busy -= 1

    async def _attempt(self, job: Callable[..., T], args: tuple[Any, ...]) -> T:
        loop = asyncio.get_running_loop()
        for last in (False, True):
            future = loop.run_in_executor(self._started(), job, *args)
            try:
                return await asyncio.wait_for(future, self.seconds)
            except BrokenProcessPool as error:
                self.close()
                if last:
                    raise MachineError("制图进程两次意外退出。", "可能是内存不足，请降低 dpi 或减少图层。") from error
            except TimeoutError as error:
                self.close()
                raise InputError(f"这张图画了 {self.seconds:g} 秒还没有画完。", "请减少图层，或加筛选条件。") from error
            except asyncio.CancelledError:
                self.close()  # nobody waits for the drawing any more: end it, the next starts afresh
                raise
        raise AssertionError("unreachable")

    def _started(self) -> ProcessPoolExecutor:
        if self._pool is None:
            self._pool = ProcessPoolExecutor(
                1,
                mp_context=multiprocessing.get_context("spawn"),
                initializer=_begin,
                initargs=(self.prepare, self.data_dir),
            )
        return self._pool

    def close(self) -> None:
        """End the process, whatever it is doing; the next request starts another."""
        pool, self._pool = self._pool, None
        if pool is None:
            return
        processes = list((pool._processes or {}).values())
        pool.shutdown(wait=False, cancel_futures=True)
        for process in processes:
            process.kill()


@cache
def workshop(data_dir: Path) -> Workshop:
    """Return the workshop of this process."""
    return Workshop(data_dir)
