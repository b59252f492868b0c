"""Ranking alternatives: missing values, weighted sum, TOPSIS, ties and the Pareto set.

A *value* is what a value function makes of a criterion: 0 worst, 1 best. Rows are alternatives, columns
criteria. Distinct rows are scored once, in float64 and in one order of summation, and scores that differ by less
than ``TIE`` are one score: equal sites tie, a dominated site never scores above its dominator (rounding is
monotone), and scaling all weights changes nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
import numpy.typing as npt

from geo._jit import jit
from geo.errors import InputError

Method = Literal["wsm", "topsis"]
Missing = Literal["exclude", "worst", "median"]
METHODS: tuple[str, ...] = get_args(Method)
MISSING: tuple[str, ...] = get_args(Missing)
#: Scores nearer than this are equal.
TIE_DECIMALS = 12

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Ranking:
    """A ranked table.

    Attributes
    ----------
    scores : ndarray, (n,)
        0 to 1, more is better.
    ranks : ndarray of int, (n,)
        1 is best; equal scores share the better rank (1, 2, 2, 4).
    contributions : ndarray, (n, m)
        Weight times value: what each criterion adds to the weighted sum.
    """

    scores: Floats
    ranks: Ints
    contributions: Floats


def normalise_weights(weights: npt.ArrayLike) -> Floats:
    """Return the weights divided by their sum.

    Raises
    ------
    InputError
        None, a negative or missing one, or all zero.
    """
    array = np.asarray(weights, np.float64)
    if array.ndim != 1 or len(array) == 0:
        raise InputError("没有准则，", "请至少选一项准则。")
    if not np.isfinite(array).all() or (array < 0).any():
        raise InputError("权重里有负数或空值，", "权重应为不小于 0 的数。")
    largest = array.max()
    if largest <= 0:
        raise InputError("所有权重都是 0，", "请至少给一项准则大于 0 的权重。")
    scaled = array / largest  # keeps the sum finite whatever the scale
    return np.asarray(scaled / scaled.sum(), np.float64)


def fill_missing(values: npt.ArrayLike, policy: str) -> tuple[Floats, Bools]:
    """Apply the stated policy to missing values.

    Parameters
    ----------
    values : array_like, (n, m)
        0 to 1; NaN is missing.
    policy : {"exclude", "worst", "median"}
        Leave the alternative out; give it 0, the worst there can be; give it the median of the others (0 where
        nobody has a value).

    Returns
    -------
    filled : ndarray, (n, m)
        Without NaN in the rows that are kept.
    kept : ndarray of bool, (n,)
        Which rows take part.

    Raises
    ------
    InputError
        Unknown policy.
    """
    array = np.array(values, np.float64)
    absent = np.isnan(array)
    if policy not in MISSING:
        raise InputError(f"没有“{policy}”这种缺值处理，", f"可用 {'、'.join(MISSING)}。", value=policy)
    if policy == "exclude":
        return array, np.asarray(~absent.any(axis=1), np.bool_)
    if policy == "worst":
        array[absent] = 0.0
    else:
        for j in np.flatnonzero(absent.any(axis=0)):
            known = array[~absent[:, j], j]
            array[absent[:, j], j] = float(np.median(known)) if len(known) else 0.0
    return array, np.ones(len(array), np.bool_)


def weighted_sum(values: npt.ArrayLike, weights: npt.ArrayLike) -> Floats:
    """Return Σ weight × value per row, added criterion by criterion; weights sum to 1."""
    array, w = np.asarray(values, np.float64), np.asarray(weights, np.float64)
    total = np.zeros(array.shape[0])
    for j in range(array.shape[1]):  # a fixed order, so that rounding is monotone
        total = total + array[:, j] * w[j]
    return total


def topsis_closeness(values: npt.ArrayLike, weights: npt.ArrayLike) -> Floats:
    """Return each row's closeness to the ideal: d⁻ / (d⁺ + d⁻), more is better.

    Parameters
    ----------
    values : array_like, (n, m)
        Normalised, more is better; the ideal and the anti-ideal are the best and worst of each column.
    weights : array_like, (m,)
        Sum to 1.

    Returns
    -------
    ndarray, (n,)
        0 to 1; 1 for all where every row is the same.

    Source
    ------
    Hwang & Yoon, "Multiple Attribute Decision Making" (Springer, 1981).
    """
    array, w = np.asarray(values, np.float64), np.asarray(weights, np.float64)
    if len(array) == 0:
        return np.zeros(0)
    best, worst = array.max(axis=0), array.min(axis=0)
    to_best, to_worst = np.zeros(len(array)), np.zeros(len(array))
    for j in range(array.shape[1]):
        to_best = to_best + (w[j] * (best[j] - array[:, j])) ** 2
        to_worst = to_worst + (w[j] * (array[:, j] - worst[j])) ** 2
    to_best, to_worst = np.sqrt(to_best), np.sqrt(to_worst)
    # 1 / (1 + d+/d-) keeps every step monotone in floating point, which d-/(d+ + d-) does not
    ratio = np.divide(to_best, to_worst, out=np.full(len(array), np.inf), where=to_worst > 0)
    ratio[(to_worst == 0) & (to_best == 0)] = 0.0
    return np.asarray(1.0 / (1.0 + ratio), np.float64)


def vector_normalise(matrix: npt.ArrayLike, objectives: tuple[str, ...]) -> Floats:
    """Divide each column by its Euclidean norm and turn columns to minimise: classic TOPSIS's first step."""
    array = np.asarray(matrix, np.float64)
    norm = np.sqrt((array**2).sum(axis=0))
    made = array / np.where(norm == 0, 1.0, norm)
    return np.asarray(made * np.array([1.0 if o == "max" else -1.0 for o in objectives]), np.float64)


def score(values: npt.ArrayLike, weights: npt.ArrayLike, method: str = "wsm") -> Floats:
    """Return the scores of complete rows: distinct rows once, rounded where differences mean nothing.

    Raises
    ------
    InputError
        Unknown method, NaN, or weights that do not fit the columns.
    """
    array = np.asarray(values, np.float64)
    w = normalise_weights(weights)
    if method not in METHODS:
        raise InputError(f"没有“{method}”这种合成方法，", f"可用 {'、'.join(METHODS)}。", value=method)
    if array.ndim != 2 or array.shape[1] != len(w):
        raise InputError(f"价值表是 {array.shape}，权重有 {len(w)} 个，", "列数应与权重个数相同。")
    if np.isnan(array).any():
        raise InputError("价值表里有空值，", "请先按缺值处理办法补上或排除。")
    if len(array) == 0:
        return np.zeros(0)
    rows, inverse = np.unique(array + 0.0, axis=0, return_inverse=True)
    found = weighted_sum(rows, w) if method == "wsm" else topsis_closeness(rows, w)
    return np.asarray(np.round(found, TIE_DECIMALS)[inverse.ravel()], np.float64)


def rank_scores(scores: npt.ArrayLike) -> Ints:
    """Return ranks: 1 + how many scores are greater; equal scores share a rank."""
    array = np.asarray(scores, np.float64)
    ascending = np.sort(array)
    return np.asarray(1 + len(array) - np.searchsorted(ascending, array, side="right"), np.int64)


def rank(values: npt.ArrayLike, weights: npt.ArrayLike, method: str = "wsm") -> Ranking:
    """Score and rank complete rows; see ``score``."""
    array = np.asarray(values, np.float64)
    scores = score(array, weights, method)
    return Ranking(scores, rank_scores(scores), array * normalise_weights(weights))


def pareto_set(values: npt.ArrayLike) -> Bools:
    """Return which rows no other row dominates: nowhere worse and somewhere better.

    Parameters
    ----------
    values : array_like, (n, m)
        Complete; more is better. Equal rows do not dominate each other.
    """
    array = np.ascontiguousarray(values, np.float64)
    if len(array) == 0:
        return np.zeros(0, np.bool_)
    rows, inverse = np.unique(array + 0.0, axis=0, return_inverse=True)
    order = np.argsort(-weighted_sum(rows, np.ones(rows.shape[1])), kind="stable")
    free = np.empty(len(rows), np.bool_)
    free[order] = _undominated(rows[order])
    return np.asarray(free[inverse.ravel()], np.bool_)


@jit
def _undominated(rows: Floats) -> Bools:
    """Mark the undominated of distinct rows in descending order of their sums; equal sums may stand either way."""
    n, m = rows.shape
    free = np.ones(n, np.bool_)
    front = np.empty(n, np.int64)
    size = 0
    for i in range(n):
        for k in range(size):
            f = front[k]
            above = True
            for j in range(m):
                if rows[f, j] < rows[i, j]:
                    above = False
                    break
            if above:
                free[i] = False
                break
        if free[i]:
            front[size] = i
            size += 1
    # rounding may put a dominator behind a row of an equal sum
    for i in range(n):
        if not free[i]:
            continue
        for k in range(size):
            f = front[k]
            if f <= i or not free[f]:
                continue
            above = True
            for j in range(m):
                if rows[f, j] < rows[i, j]:
                    above = False
                    break
            if above:
                free[i] = False
                break
    return free
