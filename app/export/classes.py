"""The coloured areas: classes of the measure with zero and no data apart, for the map and its legend alike."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

from app.export.data import Summary
from app.export.theme import Theme
from app.pages.format import number
from geo.classify import classify

TINTS = {1: (3,), 2: (2, 4), 3: (1, 3, 5), 4: (1, 2, 4, 5), 5: (1, 2, 3, 4, 5)}
ZERO_TOKEN = "m-county"
SCHEME_TITLES = {"quantiles": "分位数", "natural_breaks": "自然断点", "equal": "等间距", "round": "整数分级"}


@dataclass(frozen=True)
class AreaClass:
    """One entry of the legend: its colour, its text, and the areas that are drawn in it."""

    color: str
    text: str
    codes: tuple[str, ...]


@dataclass(frozen=True)
class AreaClasses:
    """What each area is filled with. ``none`` are the areas without data, which are hatched."""

    classes: tuple[AreaClass, ...]
    none: tuple[str, ...]
    scheme: str

    def color_of(self, code: str) -> str | None:
        """Return an area's fill, None when it is hatched."""
        return next((c.color for c in self.classes if code in c.codes), None)


def class_areas(summary: Summary, theme: Theme, scheme: str, k: int, codes: set[str]) -> AreaClasses:
    """Cut the areas that can be drawn (``codes``) into classes; zero is never the lightest class."""
    known = [r for r in summary.rows if r.code in codes]
    values = {r.code: float(r.value) for r in known if r.value is not None}
    positive = {c: v for c, v in values.items() if v != 0}
    cut = classify(list(positive.values()), scheme, k)
    n = len(cut.breaks)
    colors = [theme[f"q{i}"] for i in TINTS[n]] if n in TINTS else theme.ramp("q", n) if n else []
    texts = _texts([cut.lower, *cut.breaks], summary)
    index = {code: int(cut.index([value])[0]) for code, value in positive.items()}
    made = [AreaClass(colors[i], texts[i], tuple(c for c in sorted(index) if index[c] == i)) for i in range(n)]
    zeros = tuple(sorted(c for c, v in values.items() if v == 0))
    if zeros:
        made.insert(0, AreaClass(theme[ZERO_TOKEN], "0", zeros))
    none = tuple(sorted(codes - set(values)))
    return AreaClasses(tuple(made), none, SCHEME_TITLES[scheme])


def _texts(bounds: list[float], summary: Summary) -> list[str]:
    """Classes in words; counts name both ends, other classes hold their upper bound."""
    how = summary.shown
    if how.digits == 0:
        lows = [bounds[0], *(b + how.factor for b in bounds[1:-1])]
        pairs = [(number(a, 0, how.factor), number(b, 0, how.factor)) for a, b in zip(lows, bounds[1:], strict=True)]
        return [b if a == b else f"{a}–{b}" for a, b in pairs]
    digits = next((d for d in range(how.digits, 7) if _distinct(bounds, d, how.factor)), 6)
    marks = [number(b, digits, how.factor) for b in bounds]
    return [marks[0] if a == marks[0] == b else f"{a}–{b}" for a, b in pairwise(marks)]


def _distinct(bounds: list[float], digits: int, factor: float) -> bool:
    different = sorted(set(bounds))
    return len({number(b, digits, factor) for b in different}) == len(different)
