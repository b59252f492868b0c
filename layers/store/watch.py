"""How far a run is, told to whoever watches, and the way to stop it from another thread."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from psycopg2.extensions import connection

from geo.errors import CancelledError

Say = Callable[[str, int, int], None]


def _silent(stage: str, done: int, total: int) -> None:
    del stage, done, total


class Watch:
    """One run as it is watched.

    Parameters
    ----------
    say : callable
        Takes the stage (``read``, ``clean``, ``locate``, ``check``, ``stage``, ``compare``, ``write``, ``words``,
        ``index``),
        how many rows are done and of how many; called in the run's own thread.
    """

    def __init__(self, say: Say = _silent) -> None:
        self._say = say
        self._lock = threading.Lock()
        self._stopped = False
        self._closing = False
        self._conns: list[connection] = []

    def step(self, stage: str, done: int = 0, total: int = 0) -> None:
        """Say how far the run is.

        Raises
        ------
        CancelledError
            Someone stopped it.
        """
        self.check()
        self._say(stage, done, total)

    def check(self) -> None:
        """Go on, or end.

        Raises
        ------
        CancelledError
            Someone stopped the run.
        """
        if self._stopped:
            raise CancelledError("导入已取消，没有改动任何数据。", "需要时可重新导入同一个文件。")

    @contextmanager
    def over(self, conn: connection) -> Iterator[None]:
        """Let ``cancel`` break off what a connection is doing; what broke off for that reason says so."""
        with self._lock:
            self._conns.append(conn)
        try:
            yield
        except Exception as error:
            if self._stopped and not isinstance(error, CancelledError):
                self.check()
            raise
        finally:
            with self._lock:
                self._conns.remove(conn)

    def close(self) -> None:
        """Let nobody stop the run any more: it is about to be published.

        Raises
        ------
        CancelledError
            Someone stopped it just before.
        """
        with self._lock:
            self.check()
            self._closing = True

    def cancel(self) -> bool:
        """Stop the run; return whether that came in time."""
        with self._lock:
            if self._closing:
                return False
            self._stopped = True
            for conn in self._conns:
                if not conn.closed:
                    conn.cancel()
            return True
