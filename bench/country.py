"""A country to assign points to: some 2,900 counties with ragged borders, and points in clusters or in Morton order."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import shapely
from scipy.spatial import Voronoi

from bench.data import SEED, Counties, Points
from geo.cell_cover import morton_of

N_COUNTIES, LEVELS = 2900, 8
BOX = (73.0, 18.0, 135.0, 53.0)
SHARPEST = np.pi / 3

Floats = npt.NDArray[np.float64]


def make_country(n: int = N_COUNTIES, levels: int = LEVELS, seed: int = SEED) -> Counties:
    """Return ``n`` counties that tile a box of the size of China without gap or overlap.

    The cells of a Voronoi diagram, each of whose sides is made ragged by moving middle points ``levels`` times,
    so that it gets 2^levels pieces; two neighbours share every vertex of their border. The same seed gives the same.
    """
    rng = np.random.default_rng(seed)
    seeds = rng.uniform(BOX[:2], BOX[2:], (n, 2))
    mirrored = [seeds]
    for axis in (0, 1):
        for side in (BOX[axis], BOX[axis + 2]):
            image = seeds.copy()
            image[:, axis] = 2 * side - image[:, axis]
            mirrored.append(image)
    diagram = Voronoi(np.concatenate(mirrored))
    pairs = np.sort(np.array([v for v, p in zip(diagram.ridge_vertices, diagram.ridge_points, strict=True)
                              if min(p) < n]), axis=1)  # fmt: skip
    inner = (diagram.ridge_points.max(axis=1) < n)[diagram.ridge_points.min(axis=1) < n]
    lines = _ragged(diagram.vertices, pairs, inner, levels, rng)
    number = {(int(a), int(b)): k for k, (a, b) in enumerate(pairs)}
    shapes = []
    for region in diagram.point_region[:n]:
        corners = diagram.regions[region]
        ring = []
        for a, b in zip(corners, [*corners[1:], corners[0]], strict=True):
            line = lines[number[min(a, b), max(a, b)]]
            ring.append(line[:-1] if a < b else line[:0:-1])
        shapes.append(shapely.Polygon(np.concatenate(ring)))
    codes = tuple(f"{i:06d}" for i in range(n))
    return Counties(codes, codes, np.array(shapes, dtype=object))


def _ragged(
    vertices: Floats, pairs: npt.NDArray[np.int64], inner: npt.NDArray[np.bool_], levels: int, rng: np.random.Generator
) -> Floats:
    # A piece turns from its side by at most 2 * 0.07 * (1 + 0.7 + 0.49 + ...) < 0.47 of SHARPEST's 1.05 rad, and by
    # as much less as the corner is sharper: sides never meet but in a corner. The sides on the box stay straight.
    lines = vertices[pairs]
    roughness = np.where(inner, 0.07 * np.minimum(1, _sharpest(vertices, pairs)[pairs].min(axis=1) / SHARPEST), 0)
    for _ in range(levels):
        start, end = lines[:, :-1], lines[:, 1:]
        along = end - start
        across = np.stack([-along[..., 1], along[..., 0]], axis=-1)
        by = rng.uniform(-1, 1, along.shape[:2]) * roughness[:, None]
        middle = (start + end) / 2 + across * by[..., None]
        wider = np.empty((len(lines), 2 * lines.shape[1] - 1, 2))
        wider[:, ::2], wider[:, 1::2] = lines, middle
        lines, roughness = wider, roughness * 0.7
    return lines


def _sharpest(vertices: Floats, pairs: npt.NDArray[np.int64]) -> Floats:
    # The least angle between two sides at each corner.
    ends = np.concatenate([pairs, pairs[:, ::-1]])
    way = vertices[ends[:, 1]] - vertices[ends[:, 0]]
    angle = np.arctan2(way[:, 1], way[:, 0])
    least = np.full(len(vertices), np.pi)
    order = np.lexsort((angle, ends[:, 0]))
    corner, angle = ends[order, 0], angle[order]
    first = np.flatnonzero(np.r_[True, corner[1:] != corner[:-1]])
    last = np.r_[first[1:], len(corner)] - 1
    gap = np.r_[np.diff(angle), np.pi]
    gap[last] = angle[first] + 2 * np.pi - angle[last]
    np.minimum.at(least, corner, gap)
    return least


def country_points(n: int, counties: Counties, seed: int = SEED) -> Points:
    """Return ``n`` points: seven in ten in clusters about one county in three, the rest anywhere in the box."""
    rng = np.random.default_rng(seed + 1)
    centres = shapely.get_coordinates(shapely.centroid(counties.geoms[::3]))
    width = rng.lognormal(-2.5, 0.6, len(centres))
    chosen = rng.integers(0, len(centres), n)
    place = centres[chosen] + rng.normal(0, 1, (n, 2)) * width[chosen, None]
    anywhere = rng.random(n) < 0.3
    place[anywhere] = rng.uniform(BOX[:2], BOX[2:], (int(anywhere.sum()), 2))
    return Points(place[:, 0].copy(), place[:, 1].copy(), rng.lognormal(16, 1.5, n).astype(np.int64))


def in_morton_order(points: Points) -> Points:
    """Return the same points by the Morton number of their square, 65,536 squares a side."""
    squares = []
    for values in (points.lon, points.lat):
        low, high = float(values.min()), float(values.max())
        squares.append(((values - low) * (65535 / (high - low))).astype(np.int64))
    order = np.argsort(morton_of(*squares), kind="stable")
    return Points(points.lon[order], points.lat[order], points.value[order])
