"""Classes of a choropleth: where one colour ends and the next begins.

NaN (and ±inf) is "no data" and belongs to no class; zero is a value like any other. The same values give
the same classes, in any order. Quantiles, Fisher-Jenks and equal intervals are as mapclassify defines them.
"""

from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
import numpy.typing as npt

from geo.errors import InputError

Scheme = Literal["quantiles", "natural_breaks", "equal", "round"]
SCHEMES: tuple[str, ...] = get_args(Scheme)
NO_DATA = -1

#: Fisher-Jenks takes time with the square of n; above this it sees evenly spaced order statistics.
_JENKS_MOST = 2_000
_NICE = (1.0, 2.0, 2.5, 5.0)

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Classes:
    """The classes of one set of values.

    Attributes
    ----------
    scheme : str
        How they were made.
    k : int
        How many classes were asked for; ``len(breaks)`` may be fewer.
    lower : float
        Lower bound of the first class, which includes it; NaN without classes.
    breaks : tuple of float
        Upper bound of each class, included in it; ascending. The last is the largest value, or for
        ``round`` a round number not below it.
    counts : tuple of int
        Values in each class; their sum is the number of values that are data.
    """

    scheme: str
    k: int
    lower: float
    breaks: tuple[float, ...]
    counts: tuple[int, ...]

    def index(self, values: npt.ArrayLike) -> npt.NDArray[np.int64]:
        """Find the class of each value, 0-based; NO_DATA (-1) for NaN and ±inf.

        A value beyond the outer bounds belongs to the first or last class.
        """
        array = np.asarray(values, np.float64)
        found = np.searchsorted(np.asarray(self.breaks, np.float64), array, side="left")
        found = np.minimum(found, len(self.breaks) - 1)
        return np.asarray(np.where(np.isfinite(array), found, NO_DATA), np.int64)


def classify(values: npt.ArrayLike, scheme: str, k: int = 5) -> Classes:
    """Cut values into at most ``k`` classes.

    Parameters
    ----------
    values : array_like, (n,)
        NaN and ±inf are no data.
    scheme : {"quantiles", "natural_breaks", "equal", "round"}
        ``round`` cuts at round numbers (steps of 1, 2, 2.5 or 5 times a power of ten).
    k : int
        1 to 12. With no more than ``k`` distinct values, each is a class of its own, whatever the scheme;
        with none there are no classes.

    Raises
    ------
    InputError
        Unknown scheme or ``k`` out of range.
    """
    if scheme not in SCHEMES:
        raise InputError(f"不认识分级方法“{scheme}”，", f"可用 {'、'.join(SCHEMES)}。", value=scheme)
    if not 1 <= k <= 12:
        raise InputError(f"分级数是 {k}，", "应为 1 到 12。", value=k)
    array = np.asarray(values, np.float64).ravel()
    array = np.sort(array[np.isfinite(array)]) + 0.0  # -0.0 and 0.0 are one value
    distinct = np.unique(array)
    if len(distinct) == 0:
        return Classes(scheme, k, float("nan"), (), ())
    lower = float(distinct[0])
    if len(distinct) <= k:
        breaks = distinct
    elif scheme == "round":
        lower, breaks = _round_breaks(lower, float(distinct[-1]), k)
    else:
        breaks = _mapclassify_breaks(array, distinct, scheme, k)
    found = np.searchsorted(breaks, array, side="left")
    counts = np.bincount(found, minlength=len(breaks))
    return Classes(scheme, k, lower, tuple(map(float, breaks)), tuple(map(int, counts)))


def _mapclassify_breaks(array: Floats, distinct: Floats, scheme: str, k: int) -> Floats:
    import mapclassify  # pandas and scipy: only when a map is drawn

    if k == 1:
        bins = distinct[-1:]
    elif scheme == "quantiles":
        # As mapclassify.Quantiles, which warns where ties leave fewer classes: no fault here.
        bins = np.percentile(array, np.linspace(100.0 / k, 100.0, k))
    elif scheme == "equal":
        bins = mapclassify.EqualInterval(array, k=k).bins
    else:
        bins = mapclassify.FisherJenks(_thinned(array, distinct, k), k=k).bins
    bins = np.unique(np.asarray(bins, np.float64))
    inner = bins[(bins >= distinct[0]) & (bins < distinct[-1])]
    return np.append(inner, distinct[-1])


def _thinned(array: Floats, distinct: Floats, k: int) -> Floats:
    if len(array) <= _JENKS_MOST:
        return array
    thin = array[np.linspace(0, len(array) - 1, _JENKS_MOST).round().astype(np.int64)]
    if len(np.unique(thin)) > k:
        return thin
    return distinct[np.linspace(0, len(distinct) - 1, min(_JENKS_MOST, len(distinct))).round().astype(np.int64)]


def _round_breaks(low: float, high: float, k: int) -> tuple[float, Floats]:
    magnitude = np.floor(np.log10(high / k - low / k)) - 1
    for exponent in range(int(magnitude), int(magnitude) + 4):
        for nice in _NICE:
            # 10.0**-n is not exact: dividing by a whole power keeps 0.3 at 0.3.
            first, last = (_steps(v, nice, exponent, up) for v, up in ((low, False), (high, True)))
            if last - first <= k:
                marks = np.array([_mark(n, nice, exponent) for n in range(int(first), int(last) + 1)])
                if marks[0] <= low and marks[-1] >= high and (np.diff(marks) > 0).all():
                    return float(marks[0]), marks[1:]
    return low, np.array([high])


def _steps(value: float, nice: float, exponent: int, up: bool) -> float:
    steps = value / _mark(1, nice, exponent)
    whole = np.round(steps)
    if _mark(int(whole), nice, exponent) == value:
        return float(whole)
    return float(np.ceil(steps) if up else np.floor(steps))


def _mark(n: int, nice: float, exponent: int) -> float:
    return n * nice * 10.0**exponent if exponent >= 0 else n * nice / 10.0**-exponent
