"""Issues: the faults of rows, by the closed table ``layers/vocab/issue_types.toml``."""

from __future__ import annotations

import functools
import tomllib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from etl.fault import Fault
from geo.errors import CatalogueError
from layers.registry import VOCAB_DIR
from layers.store.staging import Issue

T = TypeVar("T")


@dataclass(frozen=True)
class IssueType:
    """One kind of fault: how bad, who must act, and its text in Chinese and English."""

    id: str
    severity: str
    who: str
    zh: str
    en: str


@functools.cache
def issue_types() -> dict[str, IssueType]:
    """Return the closed table of issue types."""
    raw = tomllib.loads((VOCAB_DIR / "issue_types.toml").read_text(encoding="utf-8"))
    return {name: IssueType(id=name, **item) for name, item in raw["issue"].items()}


class _Blank(dict[str, str]):
    def __missing__(self, key: str) -> str:
        return ""


def _go_on() -> None:
    """Nobody stops the run."""


@dataclass
class IssueLog:
    """Collects the issues of one file; ``bad`` are the positions of the rows that an error holds back.

    ``offset`` rows of the file were read before these. ``tick`` is called now and then by long work on the
    file's rows; it raises when the run was stopped.
    """

    row_numbers: Sequence[int] | npt.NDArray[np.int64]
    sheets: list[str] | None = None
    issues: list[Issue] = field(default_factory=list)
    bad: set[int] = field(default_factory=set)
    tick: Callable[[], None] = _go_on
    offset: int = 0

    def add(self, kind: str, position: int | None, field_id: str = "", value: object = "", **facts: object) -> None:
        """Note one fault.

        Parameters
        ----------
        kind : str
            An id of the closed table.
        position : int or None
            Position of the row among the read rows; None for the whole file.
        field_id, value : str, object
            Where, and what stood there.
        **facts : object
            What the text names: ``expected``, ``first_row``, ``distance`` …
        """
        entry = issue_types().get(kind)
        if entry is None:
            raise CatalogueError(f"issue_types.toml 里没有“{kind}”。", "请在该表中补上这一类。")
        text = "" if value is None else str(value)
        named = {"value": text[:80], "field": field_id} | {k: str(v) for k, v in facts.items()}
        message = entry.zh.format_map(_Blank(named))
        if position is not None and self.sheets is not None:
            message = f"（工作表“{self.sheets[position]}”）{message}"
        row = None if position is None else int(self.row_numbers[position])
        place = None if position is None else self.offset + position + 1
        self.issues.append(Issue(row, field_id, kind, entry.severity, text[:500], message, place))
        if entry.severity == "error" and position is not None:
            self.bad.add(position)

    def add_row(self, kind: str, row: int | None, value: str = "", **facts: object) -> None:
        """Note something about a row that is no record (a title, a total), by its number."""
        entry = issue_types()[kind]
        message = entry.zh.format_map(_Blank({"value": value[:80]} | {k: str(v) for k, v in facts.items()}))
        self.issues.append(Issue(row, "", kind, entry.severity, value[:500], message))

    def add_fault(self, fault: Fault, position: int, field_id: str, value: object, title: str) -> None:
        """Note the fault that a parser returned."""
        self.add(fault.type, position, field_id, value, title=title, **fault.facts)

    @contextmanager
    def in_order_of_rows(self) -> Iterator[None]:
        """Bring the issues noted within into the order of their rows, whatever the order of the work was."""
        before = len(self.issues)
        yield
        self.issues[before:] = sorted(self.issues[before:], key=lambda issue: issue.entry or 0)

    def each_once(self, first: npt.NDArray[np.int64], of: npt.NDArray[np.int64], read: Callable[[int], T]) -> list[T]:
        """Read the first row of every group of equal rows, and all rows of those of which there is something to note.

        Parameters
        ----------
        first, of : ndarray of int64
            The first row of each group, and each row's group.
        read : callable
            Reads a row, and notes its issues.
        """
        made, noisy = [], []
        with self.in_order_of_rows():
            for group, row in enumerate(first.tolist()):
                before = len(self.issues)
                made.append(read(row))
                if len(self.issues) > before:
                    noisy.append(group)
            again = np.isin(of, noisy)
            again[first] = False
            for row in np.flatnonzero(again).tolist():
                read(row)
        return made
