"""The coloured areas: classes of the measure with zero and no data apart, for the map and its legend alike."""

from __future__ import annotations

from dataclasses import dataclass, replace
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
    hatch: str = ""


@dataclass(frozen=True)
class AreaClasses:
    """What each area is filled with. ``none`` are the areas without data: hatched, or in black and white empty.

    ``left_out`` are areas that are not compared: plain ground.
    ``is_signed`` tells differences, whose classes lie on both sides of zero.
    """

    classes: tuple[AreaClass, ...]
    none: tuple[str, ...]
    scheme: str
    is_signed: bool = False
    fills: str = "color"
    left_out: tuple[str, ...] = ()

    def class_of(self, code: str) -> AreaClass | None:
        """Return an area's class, None when it has no data."""
        return next((c for c in self.classes if code in c.codes), None)

    def color_of(self, code: str) -> str | None:
        """Return an area's fill, None when it has no data."""
        found = self.class_of(code)
        return found.color if found else None


# black and white: ever denser lines; the sides of a difference lean to different sides
HATCHES = {1: (2,), 2: (1, 4), 3: (1, 2, 4), 4: (1, 2, 3, 4), 5: (0, 1, 2, 3, 4)}
DENSE = ("..", "//", "////", "xxx", "xxxxxx", "++++", "++++++")
RISING, FALLING, LEVEL = ("//", "////", "//////"), ("\\\\", "\\\\\\\\", "\\\\\\\\\\\\"), "."


def only(cut: AreaClasses, left_out: tuple[str, ...]) -> AreaClasses:
    """Leave areas out of the classes, whose bounds stay."""
    if not left_out:
        return cut
    kept = tuple(replace(c, codes=tuple(x for x in c.codes if x not in left_out)) for c in cut.classes)
    none = tuple(x for x in cut.none if x not in left_out)
    return replace(cut, classes=kept, none=none, left_out=left_out)


def areas_of(
    summary: Summary, theme: Theme, scheme: str, k: int, codes: set[str], *, signed: bool = False,
    fills: str = "color",
) -> AreaClasses:  # fmt: skip
    """Cut areas into classes, of values or of differences, in colour or in hatches for black-and-white print."""
    cut = class_changes(summary, theme, k, codes) if signed else class_areas(summary, theme, scheme, k, codes)
    if fills == "color":
        return cut
    plain = [c for c in cut.classes if c.text != "0"]
    dense = [DENSE[i] for i in HATCHES[len(plain)]] if len(plain) in HATCHES else list(DENSE[: len(plain)])
    made, white = [], theme["surface"]
    for item in cut.classes:
        hatch = item.hatch if cut.is_signed else "" if item.text == "0" else dense[plain.index(item)]
        made.append(replace(item, color=white, hatch=hatch))
    return replace(cut, classes=tuple(made), fills="hatch")


def class_changes(summary: Summary, theme: Theme, k: int, codes: set[str]) -> AreaClasses:
    """Cut differences by size, with the same bounds on both sides of zero; zero stands apart."""
    values = {r.code: float(r.value) for r in summary.rows if r.value is not None and r.code in codes}
    sides = max(1, min(2, k // 2))
    sizes = sorted(abs(v) for v in values.values() if v)
    breaks = list(classify(sizes, "quantiles", sides).breaks)
    how = summary.shown
    digits = next((d for d in range(how.digits, 7) if _distinct([0.0, *breaks], d, how.factor)), 6)
    marks = [number(b, digits, how.factor) for b in (0.0, *breaks)]
    colors = {"d": ("d2", "d1"), "u": ("d4", "d5")}
    made = []
    for up in (False, True):
        order = range(len(breaks)) if up else reversed(range(len(breaks)))
        for i in order:
            low = breaks[i - 1] if i else 0.0
            kept = tuple(sorted(c for c, v in values.items() if (v > 0) == up and low < abs(v) <= breaks[i]))
            if not kept:
                continue
            step = 1 if len(breaks) == 1 else i
            sign = "+" if up else "−"
            text = f"{sign}{marks[i]}–{marks[i + 1]}" if i else f"{sign}{marks[1]} 以内"
            hatch = (RISING if up else FALLING)[i]
            made.append(AreaClass(theme[colors["u" if up else "d"][step]], text, kept, hatch))
        zeros = tuple(sorted(c for c, v in values.items() if v == 0))
        if not up and zeros:
            made.append(AreaClass(theme["d3"], "0", zeros, LEVEL))
    return AreaClasses(tuple(made), tuple(sorted(codes - set(values))), "增减", is_signed=True)


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
