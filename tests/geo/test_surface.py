"""The grid against exact answers, the transform against scipy, the weighting against ranking."""

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.ndimage import distance_transform_edt

from geo.criteria import CRITERIA, Params, Places, Sites, World
from geo.errors import InputError
from geo.network import RoadGraph
from geo.rank import topsis_closeness, weighted_sum
from geo.surface import Grid, hot_areas, quantile_breaks, weigh
from geo.surface_distance import distance_transform, fill_polygon

KM = 1000.0
RNG = np.random.default_rng(4)
TOWNS = [shapely.box(0, 0, 6 * KM, 8 * KM), shapely.box(6 * KM, 0, 10 * KM, 8 * KM)]


@pytest.fixture(scope="module")
def grid() -> Grid:
    return Grid.build(["320902", "320903"], TOWNS)


@settings(max_examples=60, deadline=None)
@given(arrays(np.bool_, st.tuples(st.integers(1, 25), st.integers(1, 25))))
def test_the_transform_is_scipys(mask):
    found = distance_transform(mask)
    if mask.any():
        assert found == pytest.approx(distance_transform_edt(~mask), abs=1e-5)
    else:
        assert np.isinf(found).all()


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.floats(-4, 4), st.floats(-4, 4)), min_size=3, max_size=9), st.floats(0.1, 2))
def test_cells_are_those_whose_centre_is_inside(corners, hole):
    shape = shapely.MultiPoint(corners).convex_hull.difference(shapely.Point(0.3, 0.2).buffer(hole))
    if shape.geom_type not in ("Polygon", "MultiPolygon") or shape.area < 0.01:
        return
    found = fill_polygon(shape, -5, 5, 0.25, (40, 40))
    centre = -5 + 0.125 + 0.25 * np.arange(40)
    x, y = np.meshgrid(centre, -centre)
    clear = shapely.distance(shape.boundary, shapely.points(x, y)) > 1e-9  # on the edge either answer is right
    assert (found == shapely.contains_xy(shape, x, y))[clear].all()


def test_the_cells_cover_the_towns_once(grid):
    assert len(grid) == 100 * 80
    assert (np.bincount(grid.area) == [60 * 80, 40 * 80]).all()
    assert grid.xy.min(axis=0).tolist() == [50.0, 50.0]
    assert grid.find(grid.xy[[0, 77, 7999]]).tolist() == [0, 77, 7999]
    assert grid.find([[-50.0, 50.0], [np.nan, 0.0], [1e9, 0.0]]).tolist() == [-1, -1, -1]
    with pytest.raises(InputError):
        Grid.build([], [])
    with pytest.raises(InputError):
        Grid.build(["x"], [shapely.box(0, 0, 1e8, 1e8)])


def world() -> World:
    ends = np.sort(RNG.uniform(0, 9 * KM, (12, 2, 2)), axis=1)
    ends[1:, 0] = ends[:-1, 1]
    graph = RoadGraph.build(ends / KM, ends, np.linalg.norm(ends[:, 0] - ends[:, 1], axis=1) * 1.2)
    firms = RNG.uniform(-KM, 11 * KM, (150, 2))
    parks = [shapely.box(KM, KM, 3 * KM, 2 * KM), shapely.box(2 * KM, KM, 5 * KM, 4 * KM)]
    centres = np.array([[g.centroid.x, g.centroid.y] for g in parks])
    kinds, levels = np.array(["化工园区", "经开区"], object), np.array(["省级", "国家级"], object)
    infrastructure = Places.at(
        [[KM, 7 * KM], [9 * KM, KM], [20 * KM, 0]], kind=["港口", "变电站", "风电场"],
        capacity_mw=[np.nan, np.nan, 300.0], year=[2000.0, 2010.0, 2020.0], county_code=["320902", "320903", "outside"],
    )  # fmt: skip
    return World(
        {
            "infrastructure": infrastructure,
            "enterprise": Places.at(firms, industry=np.where(np.arange(150) % 3 == 0, "汽车", "化工").tolist()),
            "park": Places(centres, kinds, np.zeros(2), {"kind": kinds, "level": levels}, {}, np.array(parks, object)),
        },
        graph,
        {"320902": 0.5, "320903": 0.25},
    )


WORLD = world()
PARAMS = Params(industry=("汽车",), compatible=("汽车",), bandwidth_km=2.0, radius_km=1.5, energy_radius_km=15.0)


@pytest.mark.parametrize(
    "criterion",
    [
        "road_port_km",
        "substation_km",
        "chain_density",
        "compatible_share",
        "renewable_mw",
        "facility_age",
        "park_level",
    ],
)
def test_a_cell_has_what_a_site_at_its_centre_has(grid, criterion):
    some = np.arange(0, len(grid), 37)
    found = CRITERIA[criterion].measure(grid, WORLD, PARAMS)[some]
    exact = CRITERIA[criterion].measure(Sites.at(grid.xy[some]), WORLD, PARAMS)
    assert found == pytest.approx(exact, nan_ok=True)
    assert np.isfinite(found).any()


def test_distances_to_outlines_are_right_to_a_cells_diagonal(grid):
    found = CRITERIA["chemical_km"].measure(grid, WORLD, PARAMS)
    exact = CRITERIA["chemical_km"].measure(Sites.at(grid.xy), WORLD, PARAMS)
    assert np.abs(found - exact).max() <= 0.1 * np.sqrt(2)


def test_counties_and_what_a_cell_cannot_know(grid):
    found = CRITERIA["conversion_pct"].measure(grid, WORLD, PARAMS)
    assert set(found.tolist()) == {50.0, 25.0}
    assert np.isnan(CRITERIA["price_wan"].measure(grid, WORLD, PARAMS)).all()
    assert np.isnan(CRITERIA["road_exit_km"].measure(grid, WORLD, PARAMS)).all()
    assert np.isnan(CRITERIA["flood_km"].measure(grid, WORLD, PARAMS)).all()


def test_a_constraint_smaller_than_a_cell_still_counts(grid):
    dot = shapely.Point(5020, 4030).buffer(5)
    places = Places(np.array([[5020.0, 4030.0]]), np.array([""], object), np.zeros(1), shapes=np.array([dot], object))
    assert grid.nearest_m(places).min() == 0.0
    assert not grid.covered([dot]).any()  # no centre lies in it


@pytest.mark.parametrize("method", ["wsm", "topsis"])
def test_weighing_the_grid_is_ranking_its_cells(method):
    stack = RNG.random((4, 500)).astype(np.float32)
    weights = np.array([3.0, 1.0, 0.5, 2.0])
    exact = (weighted_sum if method == "wsm" else topsis_closeness)(stack.T, weights / weights.sum())
    assert weigh(stack, weights, method) == pytest.approx(exact, abs=1e-5)
    assert weigh(stack, weights * 1000, method) == pytest.approx(weigh(stack, weights, method), abs=1e-6)


def test_all_equal_cells_and_cells_without_data():
    stack = np.full((2, 3), 0.5, np.float32)
    assert weigh(stack, [1, 1], "topsis").tolist() == [1.0, 1.0, 1.0]
    stack[1, 2] = np.nan
    assert np.isnan(weigh(stack, [1, 1], "wsm")).tolist() == [False, False, True]
    assert quantile_breaks(np.full(4, np.nan, np.float32)) == []
    assert quantile_breaks(np.full(4, 0.25, np.float32)) == [0.25]


def test_classes_hold_a_fifth_each():
    scores = RNG.random(20_000).astype(np.float32)
    breaks = quantile_breaks(scores, 5)
    assert breaks[:-1] == pytest.approx([0.2, 0.4, 0.6, 0.8], abs=0.02)
    counts = np.bincount(np.searchsorted(breaks[:-1], scores))
    assert counts == pytest.approx(np.full(5, 4000), rel=0.05)


def test_hot_areas_are_the_groups_of_the_best_cells(grid):
    scores = np.zeros(len(grid), np.float32)
    scores[shapely.contains_xy(shapely.box(0, 0, 300, 200), grid.xy)] = 0.9
    scores[shapely.contains_xy(shapely.box(5000, 5000, 6000, 5500), grid.xy)] = 0.8
    scores[-1] = np.nan
    found = hot_areas(grid, scores, 0.5)
    assert [h.n_cells for h in found] == [50, 6]
    assert found[0].outline.equals(shapely.box(5000, 5000, 6000, 5500))
    assert found[1].mean_score == pytest.approx(0.9)
