"""Statements that do not depend on each other, over two connections at once."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from typing import Any

from layers.store.db import connect
from layers.store.watch import Watch

CONNECTIONS = 2
_SETTINGS = "SET maintenance_work_mem = '64MB'; SET synchronous_commit = on"
Statement = tuple[str, dict[str, Any]]


def side_by_side(dsn: str, statements: Sequence[Statement], watch: Watch | None = None, stage: str = "index") -> None:
    """Run statements with their parameters, each its own transaction, the next one wherever a connection is free.

    What they need must be committed before; what was done stays when a later one fails.

    Parameters
    ----------
    dsn : str
        DSN of the role that runs them.
    statements : sequence of (text, parameters)
        In the order in which they are begun: the longest first.
    watch : Watch, optional
        Is told how many are done under the name ``stage``, and may break them off.
    """
    watch = watch or Watch()
    coming, lock = iter(statements), threading.Lock()
    done = 0

    def work() -> None:
        nonlocal coming, done
        try:
            with connect(dsn) as conn, watch.over(conn), conn.cursor() as cursor:
                cursor.execute(_SETTINGS)
                conn.commit()
                while True:
                    with lock:
                        wanted = next(coming, None)
                    if wanted is None:
                        return
                    watch.check()
                    cursor.execute(*wanted)
                    conn.commit()
                    with lock:
                        done += 1
        finally:
            with lock:
                coming = iter(())

    with ThreadPoolExecutor(CONNECTIONS) as pool:
        working = [pool.submit(work) for _ in range(min(CONNECTIONS, len(statements)))]
        try:
            while wait(working, timeout=0.2).not_done:
                watch.step(stage, done, len(statements))
        finally:
            with lock:
                coming = iter(())
    for each in working:
        each.result()
