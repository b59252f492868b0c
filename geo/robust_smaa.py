"""SMAA's counting: who ranks where under thousands of weightings.

Rows are gathered into leaves of a k-d tree, and a leaf whose corner cannot reach the tenth place of a draw is not
looked at. Scores run in float32; whatever comes within the rounding error of the tenth place is scored again in
float64 exactly as ``geo.rank.score`` does, and only that decides. Draws are cut into blocks of a fixed size and
added up in their order: the number of threads changes nothing.
"""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import numpy.typing as npt

from geo._jit import jit

LEAF = 128
BLOCK = 500
#: Far above what float32 can be wrong by for values in [0, 1], far below what people call a difference.
SLACK = np.float32(2e-5)
SCALE = 1e12

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Singles = npt.NDArray[np.float32]


def count_ranks(rows: Floats, sizes: Ints, draws: Floats, *, topsis: bool, top: int) -> tuple[Ints, Floats]:
    """Count, over weight draws, how often each distinct row takes each of the first ranks.

    Parameters
    ----------
    rows : ndarray, (g, m)
        Distinct rows of values, 0 to 1.
    sizes : ndarray of int, (g,)
        How many alternatives have the row.
    draws : ndarray, (d, m)
        Weights that sum to 1.
    topsis : bool
        Closeness to the ideal instead of the weighted sum.
    top : int
        How many ranks are counted.

    Returns
    -------
    counts : ndarray of int, (g, top)
        Draws in which the row has rank 1 … top.
    first_weights : ndarray, (g, m)
        Sum of the draws in which the row ranks first.
    """
    g, m = rows.shape
    leaves = _leaves(rows)
    promise = np.array([rows[leaf].max(axis=0) @ draws.mean(axis=0) for leaf in leaves])
    leaves = [leaves[i] for i in np.argsort(-promise, kind="stable")]  # the bar rises early
    start = np.concatenate(leaves)
    offsets = np.cumsum([0, *map(len, leaves)])
    ordered = np.ascontiguousarray(rows[start])
    corners = np.maximum.reduceat(ordered, offsets[:-1], axis=0)
    best, worst = ordered.max(axis=0), ordered.min(axis=0)
    tables = [_table(r, best, worst, topsis=topsis) for r in (ordered, corners)]
    narrow = np.zeros((len(draws), len(tables[0][0])), np.float32)
    narrow[:, :m] = draws**2 if topsis else draws
    exact = np.ascontiguousarray(draws, np.float64)
    counted = np.ascontiguousarray(sizes[start], np.int64)

    def block(first: int) -> tuple[Ints, Floats]:
        some = slice(first, first + BLOCK)
        made: tuple[Ints, Floats] = _count(
            *tables[0], *tables[1], offsets, ordered, best, worst, counted, narrow[some], exact[some], topsis, top
        )
        return made

    counts, weights = np.zeros((g, top), np.int64), np.zeros((g, m))
    with ThreadPoolExecutor(max_workers=os.cpu_count() or 1) as pool:
        for some_counts, some_weights in pool.map(block, range(0, len(draws), BLOCK)):
            counts[start] += some_counts
            weights[start] += some_weights
    return counts, weights


def _leaves(rows: Floats) -> list[Ints]:
    """Split rows at the median of the widest column until at most ``LEAF`` stay together."""
    waiting, found = [np.arange(len(rows))], []
    while waiting:
        some = waiting.pop()
        if len(some) <= LEAF:
            found.append(some)
            continue
        column = rows[some, np.argmax(np.ptp(rows[some], axis=0))]
        order = some[np.argsort(column, kind="stable")]
        waiting += [order[: len(order) // 2], order[len(order) // 2 :]]
    return found


def _table(rows: Floats, best: Floats, worst: Floats, *, topsis: bool) -> tuple[Singles, Singles]:
    """Return what the weights multiply, one row per criterion and a multiple of four of them."""
    g, m = rows.shape
    plus, minus = (np.zeros((m + (-m) % 4, g), np.float32) for _ in range(2))
    if topsis:
        plus[:m], minus[:m] = ((best - rows) ** 2).T, ((rows - worst) ** 2).T
    else:
        plus[:m] = rows.T
    return plus, minus


@jit
def _count(  # type: ignore[no-untyped-def]
    plus, minus, corner_plus, corner_minus, offsets, rows, best, worst, sizes, narrow, draws, topsis, top
):
    m, g = rows.shape[1], rows.shape[0]
    n_leaves = offsets.shape[0] - 1
    counts = np.zeros((g, top), np.int64)
    first = np.zeros((g, m))
    widest = max(LEAF, n_leaves)
    bounds, scores, other = (np.empty(n_leaves, np.float32), np.empty(widest, np.float32), np.empty(widest, np.float32))
    place, near = np.empty(g, np.int64), np.empty(g, np.float32)
    bars = np.empty(top, np.float32)
    for d in range(draws.shape[0]):
        w = narrow[d]
        size, n_bars = 0, 0
        bar = np.float32(-1.0)
        _scores(corner_plus, corner_minus, w, 0, n_leaves, topsis, bounds, other)
        for leaf in range(n_leaves):
            if bounds[leaf] < bar:
                continue
            at, k = offsets[leaf], offsets[leaf + 1] - offsets[leaf]
            _scores(plus, minus, w, at, k, topsis, scores, other)
            for i in range(k):
                s = scores[i]
                if s < bar:
                    continue
                place[size], near[size] = at + i, s
                size += 1
                if n_bars < top:
                    j = n_bars
                    n_bars += 1
                elif s > bars[top - 1]:
                    j = top - 1
                else:
                    continue
                while j > 0 and bars[j - 1] < s:
                    bars[j] = bars[j - 1]
                    j -= 1
                bars[j] = s
                if n_bars == top:
                    bar = bars[top - 1] - SLACK
        kept = 0
        for i in range(size):
            if near[i] >= bar:
                place[kept] = place[i]
                kept += 1
        _decide(rows, best, worst, sizes, draws[d], place[:kept], topsis, top, counts, first)
    return counts, first


@jit
def _scores(plus, minus, w, at, k, topsis, out, other):  # type: ignore[no-untyped-def]
    _products(plus, w, at, k, out)
    if topsis:
        _products(minus, w, at, k, other)
        for i in range(k):
            out[i] = other[i] / (out[i] + other[i] + np.float32(1e-30))


@jit
def _products(table, w, at, k, out):  # type: ignore[no-untyped-def]
    for i in range(k):
        out[i] = np.float32(0.0)
    for j in range(0, table.shape[0], 4):
        a, b, c, d = w[j], w[j + 1], w[j + 2], w[j + 3]
        ra, rb, rc, rd = table[j], table[j + 1], table[j + 2], table[j + 3]
        for i in range(k):
            out[i] += a * ra[at + i] + b * rb[at + i] + c * rc[at + i] + d * rd[at + i]


@jit
def _decide(rows, best, worst, sizes, w, place, topsis, top, counts, first):  # type: ignore[no-untyped-def]
    n, m = place.shape[0], rows.shape[1]
    found = np.empty(n)
    for i in range(n):
        r = rows[place[i]]
        if topsis:
            away, toward = 0.0, 0.0
            for j in range(m):
                away = away + (w[j] * (best[j] - r[j])) ** 2
                toward = toward + (w[j] * (r[j] - worst[j])) ** 2
            away, toward = np.sqrt(away), np.sqrt(toward)
            total = 1.0 / (1.0 + away / toward) if toward > 0 else 1.0 if away == 0 else 0.0
        else:
            total = 0.0
            for j in range(m):
                total = total + r[j] * w[j]
        found[i] = np.rint(total * SCALE) / SCALE
    order = np.argsort(-found, kind="mergesort")
    above, same, i = 0, 0, 0
    while i < n and above < top:
        same, k = 0, i
        while k < n and found[order[k]] == found[order[i]]:
            row = place[order[k]]
            counts[row, above] += 1
            if above == 0:
                for j in range(m):
                    first[row, j] += w[j]
            same += sizes[row]
            k += 1
        above += same
        i = k
