"""Law 6 without a database: the index equals GEOS `covers`, the lowest code has the border."""

import json
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
import shapely
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from shapely.geometry import box, shape

from geo._pip import orient
from geo.assign import OUTSIDE, UNLOCATED, AreaIndex
from geo.errors import InputError

FEATURES = json.loads((Path(__file__).parent / "data" / "counties.geojson").read_text(encoding="utf-8"))["features"]
CODES = [f["properties"]["adcode"] for f in FEATURES]
COUNTIES = np.array([shape(f["geometry"]) for f in FEATURES], object)

#: 2 x 2 squares that meet in one corner, in no order of code.
TOY_CODES = ["D", "B", "A", "C"]
TOY = [box(1, 1, 2, 2), box(1, 0, 2, 1), box(0, 0, 1, 1), box(0, 1, 1, 2)]


def by_covers(index: AreaIndex, points: np.ndarray) -> np.ndarray:
    expected = np.full(len(points), OUTSIDE, np.int32)
    made = shapely.points(points)
    for i in range(len(index.codes) - 1, -1, -1):
        expected[shapely.covers(index.geoms[i], made)] = i
    return expected


def assert_equal_to_covers(index: AreaIndex, points: np.ndarray) -> None:
    expected = by_covers(index, points)
    np.testing.assert_array_equal(index.points(points[:, 0], points[:, 1]), expected)
    totals = index.totals(points[:, 0], points[:, 1], np.arange(len(points)))
    inside = expected[expected >= 0]
    np.testing.assert_array_equal(totals.n, np.bincount(inside, minlength=len(index.codes)))
    weights = np.flatnonzero(expected >= 0)
    np.testing.assert_array_equal(totals.total, np.bincount(inside, weights, len(index.codes)))


def edge_points(geoms: np.ndarray, along: np.ndarray) -> np.ndarray:
    """Points at the parts ``along`` of every edge: as near to the border as doubles allow, or on it."""
    rings = shapely.get_rings(geoms)
    coords, ring = shapely.get_coordinates(rings, return_index=True)
    start, end = coords[:-1][ring[1:] == ring[:-1]], coords[1:][ring[1:] == ring[:-1]]
    return (start[:, None] + along[None, :, None] * (end - start)[:, None]).reshape(-1, 2)


@pytest.fixture(scope="module")
def counties() -> AreaIndex:
    return AreaIndex.build(CODES, COUNTIES)


def test_codes_are_sorted(counties: AreaIndex) -> None:
    assert list(counties.codes) == sorted(CODES)


def test_random_points(counties: AreaIndex) -> None:
    west, south, east, north = shapely.total_bounds(COUNTIES)
    points = np.random.default_rng(1).uniform((west - 0.1, south - 0.1), (east + 0.1, north + 0.1), (200_000, 2))
    got = counties.points(points[:, 0], points[:, 1])
    np.testing.assert_array_equal(got, by_covers(counties, points))
    assert set(np.unique(got)) == {OUTSIDE, *range(9)}
    np.testing.assert_array_equal(got, counties.points(points[:, 0], points[:, 1], threads=2))


def test_threads_change_nothing(counties: AreaIndex) -> None:
    points = np.random.default_rng(2).uniform((119.4, 32.5), (121.0, 34.6), (600_001, 2))
    one, two = (counties.points(points[:, 0], points[:, 1], threads=n) for n in (1, 2))
    np.testing.assert_array_equal(one, two)


def test_totals_are_those_of_the_points(counties: AreaIndex) -> None:
    random = np.random.default_rng(4)
    points = random.uniform((119.0, 32.5), (121.5, 35.0), (600_001, 2))
    points[::1000] = np.nan
    yuan = random.integers(0, 2**45, len(points))
    where = counties.points(*points.T)
    one, two = (counties.totals(*points.T, yuan, threads=n) for n in (1, 2))
    for got in (one, two):
        sums = [sum(yuan[where == i].tolist()) for i in range(-2, 9)]  # Python's whole numbers know no limit
        assert got.n.tolist() == [int((where == i).sum()) for i in range(9)]
        assert [*got.total_beside[::-1], *got.total] == sums
        assert got.n_beside == (int((where == OUTSIDE).sum()), int((where == UNLOCATED).sum()))
    share = random.random(len(points))
    alone, shared = (counties.totals(*points.T, share, threads=n) for n in (1, 2))
    assert alone.total.tolist() == shared.total.tolist()  # to the last bit
    np.testing.assert_allclose(alone.total, [share[where == i].sum() for i in range(9)])


def test_totals_of_nothing_of_missing_weights_and_of_no_areas() -> None:
    index = AreaIndex.build(TOY_CODES, TOY)
    empty = index.totals([], [], [])
    assert empty.n.tolist() == [0, 0, 0, 0]
    assert empty.total.tolist() == [0, 0, 0, 0]
    got = index.totals([0.5, 0.5, 1.5], [0.5, 0.5, 0.5], [1.5, np.nan, 2.5])
    assert got.n.tolist() == [2, 1, 0, 0]
    np.testing.assert_array_equal(got.total, [np.nan, 2.5, 0, 0])
    none = AreaIndex.build([], []).totals([1.0, np.nan], [1.0, 1.0], [3, 4])
    assert (len(none.n), none.n_beside, none.total_beside) == (0, (1, 1), (3, 4))
    with pytest.raises(InputError, match="合计"):
        index.totals([1.0], [1.0], [1.0, 2.0])


def test_vertices_and_edges(counties: AreaIndex) -> None:
    vertices = shapely.get_coordinates(COUNTIES)
    assert_equal_to_covers(counties, vertices)
    assert (counties.points(*vertices.T) >= 0).all()
    assert_equal_to_covers(counties, edge_points(COUNTIES, np.array([0.5, 0.1, 1 / 3, 0.7319])))


@pytest.mark.parametrize("ulps", [-2, -1, 1, 2])
def test_next_to_the_border(counties: AreaIndex, ulps: int) -> None:
    points = edge_points(COUNTIES, np.array([0.0, 0.5]))
    assert_equal_to_covers(counties, points + ulps * np.spacing(points))


@pytest.mark.parametrize("cells", [1, 7, 1000, 3_000_000])
def test_the_grid_decides_nothing(cells: int) -> None:
    index = AreaIndex.build(CODES, COUNTIES, cells=cells)
    points = np.random.default_rng(3).uniform((119.4, 32.5), (121.0, 34.6), (5_000, 2))
    assert_equal_to_covers(index, np.vstack([points, edge_points(COUNTIES, np.array([0.0, 0.5]))]))


def test_lowest_code_has_borders_and_corners() -> None:
    index = AreaIndex.build(TOY_CODES, TOY)
    x = [0.5, 1.5, 0.5, 1.5, 1.0, 1.0, 1.0, 0.5, 1.5, 0.0, 2.0, 2.0, 3.0, 1.0]
    y = [0.5, 0.5, 1.5, 1.5, 1.0, 0.5, 1.5, 1.0, 1.0, 0.0, 2.0, 1.0, 1.0, 2.0]
    got = "".join(index.codes[i] if i >= 0 else "-" for i in index.points(x, y))
    assert got == "ABCDAACABADB-C"


def test_points_without_place() -> None:
    index = AreaIndex.build(TOY_CODES, TOY)
    x, y = [np.nan, 0.5, np.nan, np.inf, 0.5], [0.5, np.nan, np.nan, 0.5, -np.inf]
    assert index.points(x, y).tolist() == [UNLOCATED] * 5


def test_read_only_integer_and_empty_arrays() -> None:
    index = AreaIndex.build(TOY_CODES, TOY)
    x = np.array([0.5, 5.0])
    x.flags.writeable = False
    assert index.points(x, x).tolist() == [0, OUTSIDE]
    assert index.points([1, 9], [1, 9]).tolist() == [0, OUTSIDE]
    assert index.points([], []).tolist() == []


def test_holes_exclaves_and_islands_in_lakes() -> None:
    lake = box(2, 2, 8, 8)
    land = shapely.MultiPolygon([box(0, 0, 10, 10) - lake, box(3, 3, 5, 5), box(20, 0, 21, 1)])
    index = AreaIndex.build(["L", "I"], [land, box(5, 5, 7, 7)])
    grid = np.stack(np.meshgrid(np.arange(-1, 22.25, 0.25), np.arange(-1, 11.25, 0.25)), -1).reshape(-1, 2)
    assert_equal_to_covers(index, grid)
    assert [index.codes[i] for i in index.points([5.0, 2.0, 20.5], [5.0, 4.0, 0.5])] == ["I", "L", "L"]


def test_overlapping_areas_go_to_the_lowest() -> None:
    index = AreaIndex.build(["B", "A", "C"], [box(0, 0, 4, 4), box(2, 2, 6, 6), box(-1, -1, 7, 7)])
    grid = np.stack(np.meshgrid(np.arange(-2, 8.5, 0.25), np.arange(-2, 8.5, 0.25)), -1).reshape(-1, 2)
    assert_equal_to_covers(index, grid)


def test_no_areas() -> None:
    index = AreaIndex.build([], [])
    assert index.points([1.0, np.nan], [1.0, 1.0]).tolist() == [OUTSIDE, UNLOCATED]
    assert index.polygons([box(0, 0, 1, 1)]).code_index.tolist() == [OUTSIDE]


def degrees(limit: float, least: float) -> st.SearchStrategy[float]:
    """Any double, but none between zero and ``least``."""
    return st.floats(-limit, limit).map(lambda v: v if abs(v) > least else 0.0)


@settings(max_examples=500, deadline=None)
@given(st.tuples(*[degrees(180, 1e-100)] * 4), st.floats(-0.5, 1.5), st.tuples(st.integers(-2, 2), st.integers(-2, 2)))
def test_orientation_is_exact(edge: tuple[float, ...], along: float, ulps: tuple[int, int]) -> None:
    """Points on or within two ulps of the line, against rational arithmetic."""
    ax, ay, bx, by = edge
    cx, cy = ax + along * (bx - ax), ay + along * (by - ay)
    cx, cy = cx + ulps[0] * np.spacing(cx), cy + ulps[1] * np.spacing(cy)
    assume(all(v == 0.0 or abs(v) > 1e-100 for v in (cx, cy)))
    fa, fb, fc, fd, fe, ff = map(Fraction, (ax, ay, bx, by, float(cx), float(cy)))
    exact = (fa - fe) * (fd - ff) - (fb - ff) * (fc - fe)
    assert orient(ax, ay, bx, by, float(cx), float(cy)) == (exact > 0) - (exact < 0)


@settings(max_examples=150, deadline=None)
@given(
    # GEOS, the reference here, works with 106 bits: below 1e-12 degrees beside 180 it is not exact itself.
    st.lists(st.tuples(degrees(180, 1e-12), degrees(85, 1e-12)), min_size=4, max_size=14, unique=True),
    st.integers(1, 500),
    st.integers(0, 2**32 - 1),
)
def test_any_tiling(seeds: list[tuple[float, float]], cells: int, seed: int) -> None:
    tiles = shapely.get_parts(shapely.delaunay_triangles(shapely.multipoints(seeds)))
    tiles = tiles[shapely.is_valid(tiles) & (shapely.area(tiles) > 0)]
    index = AreaIndex.build([f"{i:03d}" for i in range(len(tiles))], tiles, cells=cells)
    random = np.random.default_rng(seed)
    west, south, east, north = shapely.total_bounds(tiles) if len(tiles) else (0, 0, 1, 1)
    points = np.vstack(
        [
            shapely.get_coordinates(tiles),
            edge_points(tiles, np.array([0.5, random.random()])),
            random.uniform((west - 1, south - 1), (east + 1, north + 1), (100, 2)),
        ]
    )
    assert_equal_to_covers(index, points)


@settings(max_examples=100, deadline=None)
@given(st.sets(st.tuples(st.integers(0, 5), st.integers(0, 5)), min_size=1), st.integers(1, 200))
def test_any_lattice_shape(squares: set[tuple[int, int]], cells: int) -> None:
    """Unions of unit squares: holes, corner contacts and parts, all edges axis-parallel."""
    mine = shapely.union_all([box(i, j, i + 1, j + 1) for i, j in squares])
    rest = box(0, 0, 6, 6) - mine
    areas = [("2", mine)] + ([("1", rest)] if not rest.is_empty else [])
    index = AreaIndex.build([c for c, _ in areas], [g for _, g in areas], cells=cells)
    grid = np.stack(np.meshgrid(np.arange(-0.5, 7, 0.5), np.arange(-0.5, 7, 0.5)), -1).reshape(-1, 2)
    assert_equal_to_covers(index, grid)


@pytest.mark.parametrize("origin", [0.0, 120.0, -1e6, 5e8])
@pytest.mark.parametrize("size", [1e-9, 1e-3, 1.0, 1e5])
def test_tiny_and_large_areas(origin: float, size: float) -> None:
    if origin + size == origin:
        size = np.spacing(origin) * 8
    half = origin + size / 2
    index = AreaIndex.build(
        ["1", "2"], [box(origin, origin, half, origin + size), box(half, origin, origin + size, origin + size)]
    )
    lattice = origin + np.linspace(-0.5, 1.5, 17) * size
    assert_equal_to_covers(index, np.stack(np.meshgrid(lattice, lattice), -1).reshape(-1, 2))


@pytest.mark.parametrize(
    ("codes", "geoms", "word"),
    [
        (["1"], [], "一一对应"),
        (["1", "1"], [box(0, 0, 1, 1), box(1, 0, 2, 1)], "重复"),
        (["1"], [shapely.Point(0, 0)], "Point"),
        (["1"], [None], "无图形"),
        (["1"], [shapely.Polygon()], "非空"),
        (["1"], [shapely.Polygon([(0, 0), (1, 1), (1, 0), (0, 1)])], "无效"),
    ],
)
def test_bad_areas_are_refused(codes: list[str], geoms: list[object], word: str) -> None:
    with pytest.raises(InputError, match=word):
        AreaIndex.build(codes, geoms)


@pytest.mark.parametrize(("x", "y"), [([1.0], [1.0, 2.0]), ([[1.0]], [[1.0]]), (1.0, 1.0)])
def test_bad_points_are_refused(x: object, y: object) -> None:
    with pytest.raises(InputError):
        AreaIndex.build(TOY_CODES, TOY).points(x, y)
