"""What is measured: seconds of named subjects, ours and peers on the same data, in turns."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Timing:
    """One subject's seconds; none of them means that it could not be measured, and ``note`` says why."""

    name: str
    seconds: tuple[float, ...] = ()
    note: str = ""

    @property
    def median(self) -> float | None:
        """The middle value, None without a measurement."""
        return statistics.median(self.seconds) if self.seconds else None

    @property
    def spread(self) -> tuple[float, float] | None:
        """The least and the greatest value."""
        return (min(self.seconds), max(self.seconds)) if self.seconds else None


@dataclass(frozen=True)
class Case:
    """One comparison: ours against peers. ``note`` says what the numbers rest on."""

    row: str
    title: str
    ours: Timing
    peers: tuple[Timing, ...] = ()
    note: str = ""
    facts: Mapping[str, object] = field(default_factory=dict)

    def ratio(self, peer: Timing) -> float | None:
        """How many times as long the peer takes as we do."""
        if not peer.seconds or not self.ours.seconds or not self.ours.median:
            return None
        return float(peer.median or 0.0) / self.ours.median


def measure(
    subjects: Mapping[str, Callable[[], object]], repeats: int = 5, *, warm: int = 1
) -> dict[str, tuple[float, ...]]:  # fmt: skip
    """Run every subject ``repeats`` times in turns, so that a busy moment of the machine hits all alike.

    Parameters
    ----------
    subjects : mapping of name -> callable
        Called without arguments; what it returns is dropped.
    warm : int
        Rounds before the measured ones.
    """
    taken: dict[str, list[float]] = {name: [] for name in subjects}
    for number in range(warm + repeats):
        for name, run in subjects.items():
            start = time.perf_counter()
            run()
            if number >= warm:
                taken[name].append(time.perf_counter() - start)
    return {name: tuple(seconds) for name, seconds in taken.items()}


def case(
    row: str, title: str, ours: str, subjects: Mapping[str, Callable[[], object]], *, repeats: int = 5, warm: int = 1,
    others: Sequence[Timing] = (), note: str = "", facts: Mapping[str, object] | None = None,
) -> Case:  # fmt: skip
    """Measure subjects in turns and make the case of it; ``others`` were measured elsewhere in this run."""
    taken = measure(subjects, repeats, warm=warm)
    peers = tuple(Timing(name, seconds) for name, seconds in taken.items() if name != ours)
    return Case(row, title, Timing(ours, taken[ours]), (*peers, *others), note, facts or {})
