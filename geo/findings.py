"""What stands out among areas, by rules that a reader can check: the largest, the most changed, the outlying."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from statistics import median

MAD_TO_SD = 1.4826  # the MAD of a normal distribution is its standard deviation divided by this
LIMIT = 3.5  # Iglewicz and Hoaglin (1993), How to Detect and Handle Outliers, p. 11
FEWEST = 5  # values; fewer have no spread worth the name


@dataclass(frozen=True)
class Outlier:
    """A value far from the middle: ``score`` is its distance from ``middle`` in robust standard deviations."""

    code: str
    value: float
    middle: float
    score: float


def largest(values: Mapping[str, float | None]) -> tuple[str, float] | None:
    """Return the code and value of the largest; ties go to the lowest code; None where nothing is above zero."""
    known = [(-v, c) for c, v in values.items() if v is not None and v > 0]
    if not known:
        return None
    value, code = min(known)
    return code, -value


def most_changed(values: Mapping[str, float | None], before: Mapping[str, float | None]) -> tuple[str, float] | None:
    """Return the code and change of the one that changed most, up or down; ties go to the lowest code."""
    changes = []
    for code, value in values.items():
        was = before.get(code)
        if value is not None and was is not None and value != was:
            changes.append((-abs(value - was), code, value - was))
    if not changes:
        return None
    _, code, change = min(changes)
    return code, change


def find_outliers(values: Mapping[str, float | None], limit: float = LIMIT) -> list[Outlier]:
    """Return the values whose modified z-score lies beyond ``limit``, the farthest first.

    The score is (value - median) / (1.4826 · MAD), the MAD being the median distance from the median. Where half
    of the values are equal the MAD is zero and nothing is called outlying; neither among fewer than five values.

    Source: Iglewicz and Hoaglin (1993), How to Detect and Handle Outliers, ASQC Quality Press.
    """
    known = {c: float(v) for c, v in values.items() if v is not None}
    if len(known) < FEWEST:
        return []
    middle = median(known.values())
    spread = MAD_TO_SD * median(abs(v - middle) for v in known.values())
    if spread == 0:
        return []
    found = [Outlier(c, v, middle, (v - middle) / spread) for c, v in known.items()]
    far = [x for x in found if abs(x.score) > limit]
    return sorted(far, key=lambda x: (-abs(x.score), x.code))
