"""Where weights come from: paired comparisons, the data themselves, and several people at one table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from geo.errors import InputError
from geo.rank import normalise_weights

#: Saaty's random index by matrix size, "The Analytic Hierarchy Process" (McGraw-Hill, 1980).
RANDOM_INDEX = (0.0, 0.0, 0.0, 0.58, 0.90, 1.12, 1.24, 1.32, 1.41, 1.45, 1.49, 1.51, 1.48, 1.56, 1.57, 1.59)
CONSISTENT = 0.1
LARGEST_RATIO = 9.0

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Ahp:
    """What paired comparisons say.

    Attributes
    ----------
    weights : ndarray, (m,)
        Principal eigenvector, sum 1.
    consistency_ratio : float
        Consistency index over the random index; above 0.1 the answers contradict each other.
    worst_pair : (int, int) or None
        The pair (row, column) whose answer is farthest from what the weights imply; None when nothing is.
    worst_stated, worst_implied : float
        That pair's answer, and the answer the other comparisons imply.
    """

    weights: Floats
    consistency_ratio: float
    worst_pair: tuple[int, int] | None
    worst_stated: float
    worst_implied: float

    @property
    def is_consistent(self) -> bool:
        """Whether the ratio is at most 0.1."""
        return self.consistency_ratio <= CONSISTENT


@dataclass(frozen=True, eq=False)
class Joined:
    """Several people's weights as one: ``weights``, and per criterion the lowest and highest of them."""

    weights: Floats
    low: Floats
    high: Floats


def pair_matrix(m: int, pairs: Mapping[tuple[int, int], float]) -> Floats:
    """Return the reciprocal matrix of all pairs i < j.

    Parameters
    ----------
    m : int
        How many criteria.
    pairs : mapping of (i, j) to float
        How many times i matters more than j, 1/9 to 9; every pair once, in either order.

    Raises
    ------
    InputError
        A pair is missing, unknown, stated twice, or out of range.
    """
    made = np.full((m, m), np.nan)
    np.fill_diagonal(made, 1.0)
    for (i, j), ratio in pairs.items():
        if not (0 <= i < m and 0 <= j < m and i != j):
            raise InputError(f"比较对 {i}–{j} 不在 {m} 项准则之内，", "请只比较已选的准则。")
        if not np.isnan(made[i, j]):
            raise InputError(f"比较对 {i}–{j} 写了两次，", "请只保留一次。")
        if not 1 / LARGEST_RATIO - 1e-9 <= ratio <= LARGEST_RATIO + 1e-9:
            raise InputError(f"比较对 {i}–{j} 的比值是 {ratio:g}，", "应在 1/9 与 9 之间。", value=ratio)
        made[i, j], made[j, i] = ratio, 1.0 / ratio
    if np.isnan(made).any():
        i, j = (int(v) for v in np.argwhere(np.isnan(made))[0])
        raise InputError(f"准则 {i} 与 {j} 还没有比较，", "请补上每一对的比较。", pair=[i, j])
    return made


def ahp(matrix: npt.ArrayLike) -> Ahp:
    """Return the weights, the consistency ratio and the worst pair of a reciprocal matrix, (m, m).

    Raises
    ------
    InputError
        Not square, not reciprocal, or too large for the published random index (15).

    Source
    ------
    T. L. Saaty, "How to make a decision: the analytic hierarchy process", EJOR 48 (1990) 9–26.
    """
    a = np.asarray(matrix, np.float64)
    m = len(a)
    if a.ndim != 2 or a.shape != (m, m) or not 1 <= m < len(RANDOM_INDEX):
        raise InputError(f"比较矩阵的大小是 {a.shape}，", f"应为方阵，准则不超过 {len(RANDOM_INDEX) - 1} 项。")
    if not np.isfinite(a).all() or (a <= 0).any() or not np.allclose(a * a.T, 1.0, rtol=1e-2):
        raise InputError("比较矩阵不是互反的，", "甲比乙为 r 时，乙比甲应为 1/r。")
    values, vectors = np.linalg.eig(a)
    lead = int(np.argmax(values.real))
    weights = np.abs(vectors[:, lead].real)
    weights = weights / weights.sum()
    index = (float(values[lead].real) - m) / (m - 1) if m > 2 else 0.0
    ratio = max(index, 0.0) / RANDOM_INDEX[m] if m > 2 else 0.0
    off = np.abs(np.log(a * weights[None, :] / weights[:, None]))
    off[np.tril_indices(m)] = 0.0
    i, j = (int(v) for v in np.unravel_index(int(np.argmax(off)), off.shape)) if m > 1 else (0, 0)
    if m < 3 or off[i, j] < 1e-9:
        return Ahp(weights, ratio, None, 1.0, 1.0)
    return Ahp(weights, ratio, (i, j), float(a[i, j]), float(weights[i] / weights[j]))


def entropy(values: npt.ArrayLike) -> Floats:
    """Return weights from how unevenly each criterion is spread: the more it tells the sites apart, the more.

    Parameters
    ----------
    values : array_like, (n, m)
        Not negative, complete. A column without spread has no weight; without any spread all are equal.

    Source
    ------
    C.-L. Hwang & K. Yoon, "Multiple Attribute Decision Making" (Springer, 1981), p. 52–54.
    """
    array = _matrix(values)
    if (array < 0).any():
        raise InputError("熵权法的表里有负数，", "请先用价值函数换到 0–1。")
    n = len(array)
    total = array.sum(axis=0)
    share = array / np.where(total > 0, total, 1.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        terms = np.where(share > 0, share * np.log(share), 0.0)
    spread = 1.0 + terms.sum(axis=0) / np.log(n) if n > 1 else np.zeros(array.shape[1])
    return _or_equal(np.where((total > 0) & (np.ptp(array, axis=0) > 0), np.maximum(spread, 0.0), 0.0))


def critic(values: npt.ArrayLike) -> Floats:
    """Return weights from contrast and conflict: spread times how little a criterion repeats the others.

    Parameters
    ----------
    values : array_like, (n, m)
        Complete; scaled per column to 0–1 here. A column without spread has no weight.

    Source
    ------
    D. Diakoulaki, G. Mavrotas, L. Papayannakis, "Determining objective weights in multiple criteria problems: the
    CRITIC method", Computers & Operations Research 22 (1995) 763–770.
    """
    array = _matrix(values)
    span = np.ptp(array, axis=0)
    scaled = (array - array.min(axis=0)) / np.where(span > 0, span, 1.0)
    deviation = scaled.std(axis=0)
    safe = np.where(deviation > 0, deviation, 1.0)
    centred = (scaled - scaled.mean(axis=0)) / safe
    correlation = centred.T @ centred / len(array)
    varied = span > 0
    conflict = ((1.0 - correlation) * varied[:, None] * varied[None, :]).sum(axis=1) - 0.0
    conflict -= np.where(varied, 1.0 - np.diag(correlation), 0.0)
    made = np.where(varied, deviation * np.maximum(conflict, 0.0), 0.0)
    return _or_equal(made if made.sum() > 0 else np.where(varied, deviation, 0.0))


def join(stakeholders: Sequence[npt.ArrayLike], powers: Sequence[float] | None = None) -> Joined:
    """Join several people's weights: the mean of what each, by themselves, made sum to 1.

    Parameters
    ----------
    stakeholders : sequence of array_like, each (m,)
        Kept apart until here.
    powers : sequence of float, optional
        How much each person counts; equally by default.
    """
    if not stakeholders:
        raise InputError("没有任何一方的权重，", "请至少给出一方。")
    each = np.vstack([normalise_weights(w) for w in stakeholders])
    voices = normalise_weights(np.ones(len(each)) if powers is None else powers)
    if len(voices) != len(each):
        raise InputError(f"有 {len(each)} 方，话语权却有 {len(voices)} 个，", "个数应相同。")
    return Joined(normalise_weights(voices @ each), each.min(axis=0), each.max(axis=0))


def _matrix(values: npt.ArrayLike) -> Floats:
    array = np.asarray(values, np.float64)
    if array.ndim != 2 or array.size == 0 or not np.isfinite(array).all():
        raise InputError("客观赋权需要一张完整的表，", "请先补上或排除缺值。")
    return array


def _or_equal(weights: Floats) -> Floats:
    total = float(weights.sum())
    if total <= 0:
        return np.full(len(weights), 1.0 / len(weights))
    return np.asarray(weights / total, np.float64)
