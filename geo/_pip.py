# mypy: disable-error-code="no-untyped-def"
"""The compiled kernels of :mod:`geo.assign`: orientation, cell marking, cell filling, point look-up.

An edge is (x0, y0, x1, y1) with y0 <= y1. A bucket is the run of edges of one area that meet one grid row.
Column and row of a coordinate come from one monotone function (`_bin`), used for points and for edges
alike, so rounding can never put a point outside the row of an edge that spans its latitude.
"""

import numpy as np

from geo._jit import jit

# Shewchuk, "Adaptive Precision Floating-Point Arithmetic and Fast Robust Geometric Predicates", 1997, p. 340.
_ERROR_BOUND = (3.0 + 16.0 * 2.0**-53) * 2.0**-53
_SPLITTER = 134217729.0  # 2^27 + 1

OUTSIDE = -1
UNLOCATED = -2


@jit
def _two_product(a, b):
    product = a * b
    t = _SPLITTER * a
    a_high = t - (t - a)
    a_low = a - a_high
    t = _SPLITTER * b
    b_high = t - (t - b)
    b_low = b - b_high
    error = ((a_high * b_high - product) + a_high * b_low + a_low * b_high) + a_low * b_low
    return product, error


@jit
def _orient_exact(ax, ay, bx, by, cx, cy):
    # ax*by - ax*cy - cx*by - ay*bx + ay*cx + cy*bx, summed without error as an expansion.
    left = (ax, -ax, -cx, -ay, ay, cy)
    right = (by, cy, by, bx, cx, bx)
    expansion = np.zeros(12)
    size = 0
    for k in range(6):
        product, error = _two_product(left[k], right[k])
        for term in (error, product):
            carry = term
            for i in range(size):
                total = carry + expansion[i]
                virtual = total - carry
                expansion[i] = (carry - (total - virtual)) + (expansion[i] - virtual)
                carry = total
            expansion[size] = carry
            size += 1
    for i in range(size - 1, -1, -1):
        if expansion[i] > 0.0:
            return 1
        if expansion[i] < 0.0:
            return -1
    return 0


@jit
def orient(ax, ay, bx, by, cx, cy):
    """Sign of the turn a → b → c: 1 left, -1 right, 0 exactly on the line.

    Exact for finite doubles whose products neither overflow nor underflow (0 or 1e-140 to 1e140 in size).
    """
    left = (ax - cx) * (by - cy)
    right = (ay - cy) * (bx - cx)
    det = left - right
    bound = _ERROR_BOUND * (abs(left) + abs(right))
    if det > bound:
        return 1
    if -det > bound:
        return -1
    return _orient_exact(ax, ay, bx, by, cx, cy)


@jit
def covers(px, py, edges, lo, hi):
    """Tell whether edges[lo:hi], all of one area that meet the row of py, cover the point (border: yes)."""
    inside = False
    for e in range(lo, hi):
        y0 = edges[e, 1]
        y1 = edges[e, 3]
        if py < y0 or py > y1:
            continue
        x0 = edges[e, 0]
        x1 = edges[e, 2]
        low = min(x0, x1)
        high = max(x0, x1)
        if px > high:
            continue
        if px < low:
            if py < y1:
                inside = not inside
            continue
        if y0 == y1:
            return True  # on a horizontal edge
        side = orient(x0, y0, x1, y1, px, py)
        if side == 0:
            return True
        if side > 0 and py < y1:
            inside = not inside
    return inside


@jit
def _bin(value, origin, scale, count):
    place = (value - origin) * scale
    if place <= 0.0:
        return 0
    if place >= count - 1:
        return count - 1
    return int(place)


@jit
def _span(edges, e, row, frame, n_x):
    # Columns that edge e may touch in this row, generously: a margin of 1e-6 of a cell beats any rounding.
    x_min, y_min, x_scale, y_scale = frame
    x0, y0, x1, y1 = edges[e, 0], edges[e, 1], edges[e, 2], edges[e, 3]
    low, high = min(x0, x1), max(x0, x1)
    if y1 > y0:
        margin_y = 1e-6 / y_scale
        t0 = (y_min + row / y_scale - margin_y - y0) / (y1 - y0)
        t1 = (y_min + (row + 1) / y_scale + margin_y - y0) / (y1 - y0)
        xa = x0 + min(max(t0, 0.0), 1.0) * (x1 - x0)
        xb = x0 + min(max(t1, 0.0), 1.0) * (x1 - x0)
        margin_x = 1e-6 / x_scale
        low = max(low, min(xa, xb) - margin_x)
        high = min(high, max(xa, xb) + margin_x)
    return _bin(low, x_min, x_scale, n_x), _bin(high, x_min, x_scale, n_x)


@jit
def count_rows(edges, frame, n_y):
    """Count the (row, edge) meetings."""
    total = 0
    for e in range(edges.shape[0]):
        first = _bin(edges[e, 1], frame[1], frame[3], n_y)
        total += _bin(edges[e, 3], frame[1], frame[3], n_y) - first + 1
    return total


@jit
def list_rows(edges, area, frame, n_y, n_areas, total):
    """List the (row, edge) meetings: bucket key = row * n_areas + area, and the edge."""
    key = np.empty(total, np.int64)
    edge = np.empty(total, np.int64)
    k = 0
    for e in range(edges.shape[0]):
        first = _bin(edges[e, 1], frame[1], frame[3], n_y)
        last = _bin(edges[e, 3], frame[1], frame[3], n_y)
        for row in range(first, last + 1):
            key[k] = np.int64(row) * n_areas + area[e]
            edge[k] = e
            k += 1
    return key, edge


@jit
def fill(edges, keys, starts, frame, n_x, n_y, n_areas):
    """Decide every cell of every bucket.

    Returns the grid (n_y, n_x) of the lowest area that covers the whole cell, else -1, and the cells that a
    border passes: flat cell, area and bucket, in ascending order of bucket (so areas ascend in each cell).
    """
    grid = np.full((n_y, n_x), np.int32(OUTSIDE))
    size = 1024
    cell = np.empty(size, np.int64)
    bucket = np.empty(size, np.int64)
    n = 0
    x_min, y_min, x_scale, y_scale = frame
    marks = np.zeros(n_x, np.int32)
    for b in range(keys.shape[0]):
        row = keys[b] // n_areas
        owner = np.int32(keys[b] % n_areas)
        lo, hi = starts[b], starts[b + 1]
        left, right = n_x, -1
        for e in range(lo, hi):
            first, last = _span(edges, e, row, frame, n_x)
            left, right = min(left, first), max(right, last)
            for column in range(first, last + 1):
                marks[column] = 1
        if n + right - left + 1 > size:
            size = 2 * size + n_x
            wider = np.empty(size, np.int64)
            wider[:n] = cell[:n]
            cell = wider
            wider = np.empty(size, np.int64)
            wider[:n] = bucket[:n]
            bucket = wider
        known = False  # no edge of this area between two unmarked neighbours: they share one answer
        full = False
        middle = y_min + (row + 0.5) / y_scale
        for column in range(left, right + 1):
            if marks[column] == 1:
                marks[column] = 0
                known = False
                cell[n] = row * n_x + column
                bucket[n] = b
                n += 1
                continue
            if not known:
                full = covers(x_min + (column + 0.5) / x_scale, middle, edges, lo, hi)
                known = True
            if full and (grid[row, column] == OUTSIDE or owner < grid[row, column]):
                grid[row, column] = owner
    return grid, cell[:n].copy(), bucket[:n].copy()


@jit
def locate(lon, lat, grid, frame, cand_start, cand_area, cand_lo, cand_hi, edges, out):
    """Write the area of each point to ``out``: >= 0, OUTSIDE, or UNLOCATED for a point that is not finite.

    A grid value >= 0 or OUTSIDE is the answer; -2 - k names border cell k with its candidates in ascending
    order of area, ``cand_lo < 0`` marking one that covers the whole cell.
    """
    n_y, n_x = grid.shape
    x_min, y_min, x_scale, y_scale, x_max, y_max = frame
    for i in range(lon.shape[0]):
        x, y = lon[i], lat[i]
        if not (np.isfinite(x) and np.isfinite(y)):
            out[i] = UNLOCATED
            continue
        if x < x_min or x > x_max or y < y_min or y > y_max:
            out[i] = OUTSIDE
            continue
        value = grid[_bin(y, y_min, y_scale, n_y), _bin(x, x_min, x_scale, n_x)]
        if value > -2:
            out[i] = value
            continue
        found = OUTSIDE
        for c in range(cand_start[-2 - value], cand_start[-1 - value]):
            if cand_lo[c] < 0 or covers(x, y, edges, cand_lo[c], cand_hi[c]):
                found = cand_area[c]
                break
        out[i] = found
