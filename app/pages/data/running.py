"""A draft that is being published: how far it is and whether to stop, told through files beside it.

The server may run as several processes on one machine: the one that is asked how far a run is need not be
the one that runs it.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from app.i18n import t
from layers.store.watch import Watch

_EVERY_S = 0.3


class Running:
    """The notes of one run, in its draft's folder. Every method reads or writes files."""

    def __init__(self, folder: Path) -> None:
        self._progress, self._stop = folder / "progress.json", folder / "stop"

    @contextmanager
    def watched(self) -> Iterator[Watch]:
        """Yield the watch of a run that begins; it stops when :meth:`stop` is called in any process."""
        last = 0.0

        def say(stage: str, done: int, total: int) -> None:
            nonlocal last
            now = time.monotonic()
            if done == 0 or now - last > _EVERY_S:
                last = now
                self._write({"stage": stage, "done": done, "total": total})

        watch, over = Watch(say), threading.Event()

        def listen() -> None:
            while not over.wait(_EVERY_S):
                if self._stop.exists():
                    watch.cancel()
                    return

        self._stop.unlink(missing_ok=True)
        self._write({"stage": "read", "done": 0, "total": 0})
        threading.Thread(target=listen, daemon=True).start()
        try:
            yield watch
        finally:
            over.set()
            self._progress.unlink(missing_ok=True)
            self._stop.unlink(missing_ok=True)

    def _write(self, note: dict[str, object]) -> None:
        made = self._progress.with_suffix(".part")
        made.write_text(json.dumps(note), encoding="utf-8")
        made.replace(self._progress)

    def stop(self) -> None:
        """Ask the run to stop; without one, nothing happens."""
        if self._progress.exists():
            self._stop.touch()

    def text(self) -> str:
        """Say how far the run is, '' when there is none."""
        try:
            note = json.loads(self._progress.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return ""
        stage = t(f"running.{note['stage']}")
        if note["done"] and note["total"]:
            return t("running.of", stage=stage, done=f"{note['done']:,}", total=f"{note['total']:,}")
        return t("running.done", stage=stage, done=f"{note['done']:,}") if note["done"] else stage
