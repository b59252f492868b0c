"""Where a target will stand at the end of the year, with an honest interval, from its months so far."""

from __future__ import annotations

import calendar
import datetime as dt
import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass

from scipy.special import stdtrit

LEAST_MONTHS = 3
COVERAGE = 0.8
METHOD = (
    "按已过完整月份的月均值外推到年底；80% 预测区间由月度方差与 t 分布给出，"
    "方差不小于泊松方差（计数时），已含月均值本身的误差；假定余下月份与已过月份相似"
)


@dataclass(frozen=True)
class Forecast:
    """A figure for 31 December: ``low`` and ``high`` bound it with probability ``coverage``."""

    value: float
    low: float
    high: float
    coverage: float
    months: int
    method: str


def whole_months(year: int, day: dt.date) -> int:
    """Return how many months of a year are over at the end of a day."""
    if day.year != year:
        return 12 if day.year > year else 0
    return day.month - (day.day < calendar.monthrange(day.year, day.month)[1])


def forecast(monthly: Sequence[float], current: float, year: int, day: dt.date, *, is_count: bool) -> Forecast | None:
    """Extrapolate to the end of the year.

    Parameters
    ----------
    monthly : sequence of float, shape (whole months over,)
        What each whole month so far added.
    current : float
        Where the figure stands on ``day``, begun months included.
    year, day : int, date
        The year, and the day the figure speaks for.
    is_count : bool
        Whether it counts things, whose variance is at least their mean.

    Returns
    -------
    Forecast or None
        None with fewer than three whole months, with nothing in them, or when the year is over.
    """
    n = len(monthly)
    if n < LEAST_MONTHS or not any(monthly) or day >= dt.date(year, 12, 31) or day.year != year:
        return None
    last = calendar.monthrange(day.year, day.month)[1]
    remaining = 12 - (day.month - 1 + day.day / last)
    mean = statistics.fmean(monthly)
    variance = statistics.variance(monthly)
    if is_count:
        variance = max(variance, mean)
    spread = math.sqrt(variance * remaining * (1 + remaining / n))
    reach = float(stdtrit(n - 1, 0.5 + COVERAGE / 2)) * spread
    value = current + mean * remaining
    low, high = max(current, value - reach), value + reach
    if is_count:
        value, low, high = round(value), math.floor(low), math.ceil(high)
    return Forecast(value, low, high, COVERAGE, n, METHOD)
