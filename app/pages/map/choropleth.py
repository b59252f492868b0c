"""The coloured counties: classes of the chosen measure, zero and no data apart, for map and legend alike."""

from __future__ import annotations

from dataclasses import dataclass, replace

from app.pages.format import Quantity
from app.pages.view import Rollup, RollupRow
from geo.classify import classify

# Which of the five tints stand for so many classes: the ends of the scale always keep their tint.
TINTS = {1: (3,), 2: (2, 4), 3: (1, 3, 5), 4: (1, 2, 4, 5), 5: (1, 2, 3, 4, 5)}
ZERO = "m-county"


@dataclass(frozen=True)
class Choropleth:
    """Classes of areas; ``index`` and ``tokens`` are what the map takes, None is no data.

    ``breaks`` are the bounds of the classes above zero, in stored units, one more than the classes.
    """

    index: dict[str, int | None]
    tokens: tuple[str, ...]
    breaks: tuple[float, ...]
    counts: tuple[int, ...]
    n_zero: int
    n_none: int
    texts: dict[str, str]


def warm_up() -> None:
    """Load what classes are computed with (some seconds), so that the first map does not wait for it."""
    classify([1.0, 2.0, 3.0, 4.0], "natural_breaks", 2)


DIVERGING = ("d1", "d2", "d3", "d4", "d5")


def difference(now: Rollup, before: Rollup) -> Rollup:
    """Return what changed between two days, row by row; no data on either day is no data."""
    held = {r.code: r for r in before.rows}

    def less(row: RollupRow, old: RollupRow | None) -> RollupRow:
        if old is None or row.value is None or old.value is None:
            return replace(row, value=None)
        return replace(row, value=row.value - old.value, n=row.n - old.n)

    return replace(
        now, rows=tuple(less(r, held.get(r.code)) for r in now.rows), outside=less(now.outside, before.outside),
        unlocated=less(now.unlocated, before.unlocated), total=less(now.total, before.total),
    )  # fmt: skip


def colour_differences(rollup: Rollup, how: Quantity) -> Choropleth:
    """Class changes around zero: much less, less, none, more, much more; the middle is no change at all."""
    known = [r.value for r in rollup.rows if r.value is not None]
    top = max((abs(v) for v in known), default=0.0)
    half = top / 2

    def place(value: float) -> int:
        if value == 0:
            return 2
        return (4 if value > half else 3) if value > 0 else (0 if value < -half else 1)

    index = {r.code: None if r.value is None else place(r.value) for r in rollup.rows}
    counts = tuple(sum(1 for i in index.values() if i == n) for n in range(5))
    return Choropleth(
        index=index, tokens=DIVERGING, breaks=(-top, -half, 0.0, half, top) if top else (), counts=counts, n_zero=0,
        n_none=sum(1 for r in rollup.rows if r.value is None),
        texts={r.code: f"{_plus(r)}{how.text(r.value)} {how.unit}".strip() for r in rollup.rows},
    )  # fmt: skip


def _plus(row: RollupRow) -> str:
    return "+" if row.value is not None and row.value > 0 else ""


def colour_areas(rollup: Rollup, how: Quantity, scheme: str, k: int) -> Choropleth:
    """Class the areas of a rollup; zero is a colour of its own, never the lightest class."""
    some = [r.value for r in rollup.rows if r.value]
    classes = classify(some, scheme, k)
    zeros = sum(1 for r in rollup.rows if r.value == 0)
    first = 1 if zeros else 0
    tokens = tuple(f"q{i}" for i in TINTS[max(1, len(classes.breaks))]) if classes.breaks else ()
    index: dict[str, int | None] = {}
    for row in rollup.rows:
        if row.value is None:
            index[row.code] = None
        else:
            index[row.code] = first + int(classes.index([row.value])[0]) if row.value else 0
    return Choropleth(
        index=index,
        tokens=((ZERO,) if zeros else ()) + tokens,
        breaks=(classes.lower, *classes.breaks) if classes.breaks else (),
        counts=classes.counts,
        n_zero=zeros,
        n_none=sum(1 for r in rollup.rows if r.value is None),
        texts={r.code: f"{how.text(r.value)} {how.unit}".strip() for r in rollup.rows},
    )
