# mypy: disable-error-code="no-untyped-def"
"""The compiled kernels of :mod:`geo.assign`: orientation, cell marking, cell filling, point look-up.

Edges are four rows x0, y0, x1, y1 with y0 <= y1. A bucket is the run of edges of one area that meet one grid row.
Column and row of a coordinate come from one monotone function (`_bin`), used for points and for edges
alike, so rounding can never put a point outside the row of an edge that spans its latitude. The kernels share
one file on purpose: numba's cache on disk looks only at the file of the caller when it asks what has changed.
"""

import numpy as np

from geo._jit import jit

# Shewchuk, "Adaptive Precision Floating-Point Arithmetic and Fast Robust Geometric Predicates", 1997, p. 340.
_ERROR_BOUND = (3.0 + 16.0 * 2.0**-53) * 2.0**-53
_SPLITTER = 134217729.0  # 2^27 + 1

OUTSIDE = -1
UNLOCATED = -2

_BLOCK = 4096  # points
_SHIFT = 3
_SIDE = 2**_SHIFT  # cells of a tile


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
def _covers_exactly(px, py, edges, lo, hi):
    inside = False
    for e in range(lo, hi):
        y0 = edges[1, e]
        y1 = edges[3, e]
        if py < y0 or py > y1:
            continue
        x0 = edges[0, e]
        x1 = edges[2, e]
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
def covers(px, py, edges, lo, hi):
    """Tell whether edges[:, lo:hi], all of one area that meet the row of py, cover the point (border: yes).

    One pass without a branch, which the compiler turns into vector code, decides nearly every point: it counts
    the edges that lie to the right. Where one determinant is within its rounding error the exact pass decides.
    """
    left_x, low_y, right_x, high_y = edges[0, lo:hi], edges[1, lo:hi], edges[2, lo:hi], edges[3, lo:hi]
    crossed = 0
    unsure = 0
    for e in range(left_x.shape[0]):
        y0 = low_y[e]
        y1 = high_y[e]
        one = (left_x[e] - px) * (y1 - py)
        other = (y0 - py) * (right_x[e] - px)
        det = one - other
        bound = _ERROR_BOUND * (abs(one) + abs(other))
        crossed += int((y0 <= py) & (py < y1) & (det > bound))
        unsure += int((y0 <= py) & (py <= y1) & (abs(det) <= bound))
    if unsure:
        return _covers_exactly(px, py, edges, lo, hi)
    return crossed & 1 == 1


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
    x0, y0, x1, y1 = edges[0, e], edges[1, e], edges[2, e], edges[3, e]
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
    for e in range(edges.shape[1]):
        first = _bin(edges[1, e], frame[1], frame[3], n_y)
        total += _bin(edges[3, e], frame[1], frame[3], n_y) - first + 1
    return total


@jit
def list_rows(edges, area, frame, n_y, n_areas, total):
    """List the (row, edge) meetings: bucket key = row * n_areas + area, and the edge."""
    key = np.empty(total, np.int64)
    edge = np.empty(total, np.int64)
    k = 0
    for e in range(edges.shape[1]):
        first = _bin(edges[1, e], frame[1], frame[3], n_y)
        last = _bin(edges[3, e], frame[1], frame[3], n_y)
        for row in range(first, last + 1):
            key[k] = np.int64(row) * n_areas + area[e]
            edge[k] = e
            k += 1
    return key, edge


@jit
def fill(edges, keys, starts, frame, n_x, n_y, n_areas):
    """Decide every cell of every bucket.

    Returns the grid (n_y, n_x) of the lowest area that covers the whole cell, else -1, and the cells that a
    border passes: flat cell and bucket, in ascending order of bucket (so areas ascend in each cell).
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
def pack(grid, n_areas):
    """Keep the grid as tiles of 8 x 8 cells: most tiles are of one value, and the rest fit a near cache.

    Returns ``tiles``, each tile's place in ``values``, and ``values``: UNLOCATED, OUTSIDE and every area once,
    then the cells of each tile that has more than one value or a border. Behind the tiles stand two more, for
    points outside the box and for points without a place.
    """
    n_y, n_x = grid.shape
    down, across = (n_y + _SIDE - 1) // _SIDE, (n_x + _SIDE - 1) // _SIDE
    tiles = np.empty(down * across + 2, np.int32)
    mixed = 0
    for tile in range(down * across):
        top, left = tile // across * _SIDE, tile % across * _SIDE
        first = grid[top, left]
        same = first >= OUTSIDE
        for row in range(top, min(top + _SIDE, n_y)):
            for column in range(left, min(left + _SIDE, n_x)):
                same &= grid[row, column] == first
        tiles[tile] = first - UNLOCATED if same else n_areas + 2 + mixed * _SIDE * _SIDE
        mixed += not same
    tiles[-2], tiles[-1] = OUTSIDE - UNLOCATED, 0
    values = np.full(n_areas + 2 + mixed * _SIDE * _SIDE, np.int32(OUTSIDE))
    for area in range(n_areas + 2):
        values[area] = area + UNLOCATED
    for tile in range(down * across):
        if tiles[tile] < n_areas + 2:
            continue
        top, left = tile // across * _SIDE, tile % across * _SIDE
        for row in range(top, min(top + _SIDE, n_y)):
            for column in range(left, min(left + _SIDE, n_x)):
                values[tiles[tile] + (row - top) * _SIDE + column - left] = grid[row, column]
    return tiles, values


@jit
def _places(lon, lat, frame, shape, tile, cell):
    # Each point's tile and its cell there, without a branch, so that the compiler makes vector code of it.
    x_min, y_min, x_scale, y_scale, x_max, y_max = frame
    n_y, n_x = shape
    last_x, last_y = float(n_x - 1), float(n_y - 1)
    across = np.int32((n_x + _SIDE - 1) // _SIDE)
    beyond = np.int32((n_y + _SIDE - 1) // _SIDE) * across
    shift, rest = np.int32(_SHIFT), np.int32(_SIDE - 1)
    for i in range(lon.shape[0]):
        x, y = lon[i], lat[i]
        column = np.int32(max(0.0, min((x - x_min) * x_scale, last_x)))
        row = np.int32(max(0.0, min((y - y_min) * y_scale, last_y)))
        inside = (x >= x_min) & (x <= x_max) & (y >= y_min) & (y <= y_max)
        finite = (x - x) + (y - y) == 0.0
        home = (row >> shift) * across + (column >> shift)
        tile[i] = np.uint32(home if inside else (beyond if finite else beyond + np.int32(1)))
        cell[i] = np.uint32(((row & rest) << shift) | (column & rest))


@jit
def _first(x, y, k, candidates, edges):
    # The lowest area that covers a point of border cell k; ``low < 0`` marks one that covers the whole cell.
    start, area, low, high = candidates
    for c in range(start[k], start[k + 1]):
        if low[c] < 0 or covers(x, y, edges, low[c], high[c]):
            return area[c]
    return np.int32(OUTSIDE)


@jit
def _block(lon, lat, tables, tile, cell, out):
    # The areas of a block that stays in the nearest cache: look up all, then decide those in border cells.
    tiles, values, n_whole, frame, shape, candidates, edges = tables
    n = lon.shape[0]
    _places(lon, lat, frame, shape, tile[:n], cell[:n])
    for i in range(n):
        base = np.uint32(tiles[tile[i]])
        out[i] = values[base + (cell[i] if base >= n_whole else np.uint32(0))]
    late = tile  # its numbers are not needed any more
    n_late = 0
    for i in range(n):
        late[n_late] = i
        n_late += int(out[i] < UNLOCATED)
    for k in range(n_late):
        i = late[k]
        out[i] = _first(lon[i], lat[i], -3 - out[i], candidates, edges)


@jit
def locate(lon, lat, tables, out):
    """Write the area of each point to ``out``: >= 0, OUTSIDE, or UNLOCATED for a point that is not finite.

    A value of the grid >= UNLOCATED is the answer; -3 - k names border cell k with its candidates in ascending
    order of area.
    """
    tile = np.empty(_BLOCK + 1, np.uint32)
    cell = np.empty(_BLOCK, np.uint32)
    for start in range(0, lon.shape[0], _BLOCK):
        part = slice(start, min(start + _BLOCK, lon.shape[0]))
        _block(lon[part], lat[part], tables, tile, cell, out[part])


@jit
def add_up(lon, lat, weight, tables, count, total):
    """Add the points and their weights to ``count`` and ``total`` by area, which begin with UNLOCATED and OUTSIDE.

    Four sums are kept side by side, so that points of one area that follow one another need not wait.
    """
    tile = np.empty(_BLOCK + 1, np.uint32)
    cell = np.empty(_BLOCK, np.uint32)
    where = np.empty(_BLOCK, np.int32)
    n_areas = count.shape[0]
    counts = np.zeros(4 * n_areas, np.int64)
    totals = np.zeros(4 * n_areas, weight.dtype)
    for start in range(0, lon.shape[0], _BLOCK):
        part = slice(start, min(start + _BLOCK, lon.shape[0]))
        n = part.stop - part.start
        _block(lon[part], lat[part], tables, tile, cell, where)
        weights = weight[part]
        for i in range(n):
            at = np.uint64(where[i] - UNLOCATED) * np.uint64(4) + np.uint64(i & 3)
            counts[at] += 1
            totals[at] += weights[i]
    for area in range(n_areas):
        count[area] += counts[4 * area : 4 * area + 4].sum()
        total[area] += totals[4 * area : 4 * area + 4].sum()
