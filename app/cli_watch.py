"""Long work on the command line: a bar that says how far it is, and Ctrl-C that leaves nothing behind."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable
from typing import Generic, TypeVar

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from geo.errors import CancelledError
from layers.store.watch import Watch

T = TypeVar("T")
STAGES = {"read": "读取文件", "clean": "核对字段", "locate": "确定位置", "check": "核对规则", "stage": "送入数据库",
          "compare": "与现有记录比对", "write": "写入记录与汇总", "words": "写入检索词",
          "index": "建立索引"}  # fmt: skip
NOTHING_CHANGED, PATIENCE_S = 2, 10.0
begun = threading.Event()


class _Work(threading.Thread, Generic[T]):
    """One call in a thread of its own; its result or its error is fetched afterwards."""

    def __init__(self, call: Callable[[], T]) -> None:
        super().__init__(daemon=True)
        self._call = call
        self.result: T | None = None
        self.error: BaseException | None = None
        self.over = threading.Event()  # a join that Ctrl-C breaks off takes the thread for ended

    def run(self) -> None:
        """Call, and keep what came of it."""
        try:
            self.result = self._call()
        except BaseException as error:  # every kind is raised again in the caller's thread
            self.error = error
        self.over.set()


def watched(call: Callable[[Watch], T], title: str) -> T:
    """Do some work and show how far it is; Ctrl-C stops it, and then nothing was changed.

    Parameters
    ----------
    call : callable
        Takes the watch and does the work.
    title : str
        What is being done, in Chinese.

    Raises
    ------
    CancelledError
        It was stopped in time.
    """
    err = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=err, transient=True, disable=not err.is_terminal) as bar:
        task = bar.add_task(f"{title}…", total=None)

        def say(stage: str, done: int, total: int) -> None:
            bar.update(task, description=f"{title}：{STAGES[stage]}", completed=done, total=total or None)

        watch = Watch(say)
        work = _Work(lambda: call(watch))
        begun.set()
        work.start()
        try:
            _wait(work)
        except KeyboardInterrupt:
            _stop(work, watch, err)
    if work.error is not None:
        raise work.error
    return work.result  # type: ignore[return-value]


def _wait(work: _Work[T], seconds: float | None = None) -> None:
    """Wait in short steps, so that Ctrl-C is heard."""
    waited = 0.0
    while not work.over.wait(0.1) and (seconds is None or waited < seconds):
        waited += 0.1


def _stop(work: _Work[T], watch: Watch, err: Console) -> None:
    if not watch.cancel():
        err.print("已经在发布，来不及取消；完成后可用 yuantu rollback 撤销。")
        _wait(work)
        return
    err.print("正在取消…")
    _wait(work, PATIENCE_S)
    if not work.over.is_set():  # busy with the file still; it has been told never to publish
        error = CancelledError("导入已取消，没有改动任何数据。")
        err.print(f"✗ {error.message}", style="bold red")
        sys.stdout.flush()
        os._exit(NOTHING_CHANGED)
