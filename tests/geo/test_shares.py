"""Polygons and lines split among areas: what is shared, what is outside, and who has the most."""

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import LineString, box

from geo.assign import OUTSIDE, UNLOCATED, AreaIndex
from geo.crs import geodesic_area_m2, geodesic_length_m
from geo.errors import InputError
from tests.geo.test_assign import CODES, COUNTIES

INDEX = AreaIndex.build(["B", "A"], [box(121, 33, 122, 34), box(120, 33, 121, 34)])


def test_park_astride_two_and_the_sea() -> None:
    park = box(120.9, 33.4, 121.3, 33.6)
    at_sea = box(121.9, 33.4, 122.3, 33.6)
    got = INDEX.polygons([park, at_sea, box(120.1, 33.1, 120.2, 33.2), box(130, 33, 131, 34), None, shapely.Polygon()])
    assert got.code_index.tolist() == [1, 1, 0, OUTSIDE, UNLOCATED, UNLOCATED]
    assert got.feature_i.tolist() == [0, 0, 1, 2]
    assert got.area_i.tolist() == [0, 1, 1, 0]
    total = geodesic_area_m2([park, at_sea, box(120.1, 33.1, 120.2, 33.2), box(130, 33, 131, 34)])
    np.testing.assert_allclose(got.area_m2, [total[0] / 4, total[0] * 3 / 4, total[1] / 4, total[2]], rtol=1e-9)
    np.testing.assert_allclose(got.outside_m2, [0, total[1] * 3 / 4, 0, total[3], 0, 0], rtol=1e-9)


def test_ties_go_to_the_lowest_code_and_touching_is_outside() -> None:
    got = INDEX.polygons([box(120.5, 33.4, 121.5, 33.6), box(119, 33, 120, 34), box(122, 34, 123, 35)])
    assert got.code_index.tolist() == [0, OUTSIDE, OUTSIDE]
    assert got.feature_i.tolist() == [0, 0]


def test_overlapping_areas_do_not_count_ground_twice() -> None:
    index = AreaIndex.build(["A", "B"], [box(120, 33, 121, 34), box(120.5, 33, 121.5, 34)])
    square = box(120, 33, 122, 34)
    got = index.polygons([square])
    total = geodesic_area_m2([square])[0]
    np.testing.assert_allclose(got.area_m2, [total / 2, total / 2], rtol=1e-9)
    np.testing.assert_allclose(got.outside_m2, [total / 4], rtol=1e-9)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(st.floats(119.3, 121.2), st.floats(32.4, 34.7), st.floats(0.001, 0.8), st.floats(0.001, 0.8)),
        min_size=1,
        max_size=6,
    )
)
def test_shares_and_outside_are_the_total(rectangles: list[tuple[float, float, float, float]]) -> None:
    index = AreaIndex.build(CODES, COUNTIES)
    parks = [box(x, y, x + w, y + h) - box(x + w / 4, y + h / 4, x + w / 2, y + h / 2) for x, y, w, h in rectangles]
    got = index.polygons(parks)
    total = geodesic_area_m2(parks)
    np.testing.assert_allclose(np.bincount(got.feature_i, got.area_m2, len(parks)) + got.outside_m2, total, rtol=1e-8)
    for i, park in enumerate(parks):
        mine = got.feature_i == i
        planar = shapely.area(shapely.intersection(index.geoms, park))
        best = got.area_i[mine][np.argmax(got.area_m2[mine])] if mine.any() else OUTSIDE
        assert got.code_index[i] == best
        assert set(got.area_i[mine]) == set(np.flatnonzero(planar > park.area * 1e-8))


def test_lines_and_the_shared_border() -> None:
    across = LineString([(120.8, 33.5), (121.4, 33.5)])
    border = LineString([(121, 33.2), (121, 33.8)])
    leaving = LineString([(121.9, 33.5), (122.2, 33.5)])
    far = LineString([(130, 33), (131, 33)])
    got = INDEX.lines([across, border, leaving, far, None])
    assert got.code_index.tolist() == [1, 0, 1, OUTSIDE, UNLOCATED]
    assert got.feature_i.tolist() == [0, 0, 1, 2] and got.area_i.tolist() == [0, 1, 0, 1]
    total = geodesic_length_m([across, border, leaving, far])
    np.testing.assert_allclose(got.length_m, [total[0] / 3, total[0] * 2 / 3, total[1], total[2] / 3], rtol=1e-6)
    np.testing.assert_allclose(got.outside_m, [0, 0, total[2] * 2 / 3, total[3], 0], rtol=1e-6)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.floats(119.3, 121.2), st.floats(32.4, 34.7)), min_size=2, max_size=6, unique=True))
def test_stretches_and_outside_are_the_length(points: list[tuple[float, float]]) -> None:
    line = LineString(points)
    got = AreaIndex.build(CODES, COUNTIES).lines([line])
    np.testing.assert_allclose(got.length_m.sum() + got.outside_m.sum(), geodesic_length_m([line])[0], rtol=1e-8)


def test_none_at_all() -> None:
    assert INDEX.polygons([]).code_index.shape == (0,)
    assert INDEX.lines([]).outside_m.shape == (0,)


@pytest.mark.parametrize(
    ("features", "word"),
    [([shapely.Point(0, 0)], "应为面"), ([None, shapely.Polygon([(0, 0), (1, 1), (1, 0), (0, 1)])], "第 2 个图形无效")],
)
def test_bad_polygons_are_refused(features: list[object], word: str) -> None:
    with pytest.raises(InputError, match=word):
        INDEX.polygons(features)


def test_bad_lines_are_refused() -> None:
    with pytest.raises(InputError, match="应为线"):
        INDEX.lines([box(0, 0, 1, 1)])
