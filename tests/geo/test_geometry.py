"""Repair, label points and the sunflower."""

import struct

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from pyproj import Geod
from shapely.geometry import LineString, MultiPolygon, Point, Polygon, box

from geo.errors import InputError
from geo.geometry import REASONS, clean_polygon, point_on, spread

BOW = Polygon([(0, 0), (1, 1), (1, 0), (0, 1)])
SQUARE = box(0, 0, 1, 1)
#: A polygon as a broken file holds it: one ordinate is NaN.
with np.errstate(invalid="ignore"):
    HOLLOW = shapely.from_wkb(struct.pack("<BIII8d", 1, 3, 1, 4, 0, 0, 1, float("nan"), 1, 1, 0, 0))


@pytest.mark.parametrize(
    ("geom", "area", "reason"),
    [
        (SQUARE, 1.0, None),
        (MultiPolygon([SQUARE, box(2, 0, 3, 1)]), 2.0, None),
        (BOW, 0.5, "self_intersection"),
        (MultiPolygon([SQUARE, SQUARE]), 1.0, "duplicate_ring"),
        (MultiPolygon([SQUARE, SQUARE.reverse(), box(2, 0, 3, 1)]), 2.0, "duplicate_ring"),
        (Polygon(SQUARE.exterior, [SQUARE.exterior]), 1.0, "duplicate_ring"),
        (Polygon(box(0, 0, 3, 3).exterior, [box(1, 1, 2, 2).exterior] * 2), 8.0, "duplicate_ring"),
        (MultiPolygon([SQUARE, box(0.5, 0, 2, 1)]), 2.0, "self_intersection"),
        (shapely.force_3d(SQUARE, 7.0), 1.0, "dropped_zm"),
        (shapely.from_wkt("POLYGON M ((0 0 5, 1 0 5, 1 1 5, 0 1 5, 0 0 5))"), 1.0, "dropped_zm"),
        (shapely.GeometryCollection([SQUARE, Point(5, 5)]), 1.0, None),
    ],
)
def test_repair(geom: shapely.Geometry, area: float, reason: str | None) -> None:
    cleaned, found = clean_polygon(geom)
    assert found == reason
    assert cleaned.is_valid and cleaned.area == pytest.approx(area) and not cleaned.has_z
    assert clean_polygon(cleaned) == (cleaned, None)


@pytest.mark.parametrize(
    ("geom", "reason"),
    [
        (None, "missing"),
        (Polygon(), "missing"),
        (Point(0, 0), "not_polygonal"),
        (LineString([(0, 0), (1, 1)]), "not_polygonal"),
        (Polygon([(0, 0), (1, 1), (2, 2)]), "collapsed"),
        (HOLLOW, "not_finite"),
    ],
)
def test_beyond_repair(geom: shapely.Geometry | None, reason: str) -> None:
    assert clean_polygon(geom) == (None, reason) and reason in REASONS
    with pytest.raises(InputError, match=reason):
        clean_polygon(geom, on_invalid="raise")


def test_the_policy_is_the_callers() -> None:
    assert clean_polygon(BOW, on_invalid="quarantine") == (None, "self_intersection")
    assert clean_polygon(shapely.force_3d(SQUARE), on_invalid="quarantine") == (SQUARE, "dropped_zm")
    assert clean_polygon(SQUARE, on_invalid="raise") == (SQUARE, None)
    with pytest.raises(InputError):
        clean_polygon(BOW, on_invalid="raise")


@given(st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6)), min_size=3, max_size=9))
def test_any_ring_becomes_valid_or_nothing(ring: list[tuple[int, int]]) -> None:
    cleaned, reason = clean_polygon(Polygon(ring))
    if cleaned is None:
        assert reason == "collapsed"
    else:
        assert cleaned.is_valid and cleaned.area > 0 and cleaned.geom_type in ("Polygon", "MultiPolygon")


@pytest.mark.parametrize(
    "geom",
    [
        SQUARE,
        box(0, 0, 3, 3) - box(0.5, 0.5, 2.5, 2.5),
        MultiPolygon([SQUARE, box(5, 0, 8, 3)]),
        Polygon([(0, 0), (3, 0), (3, 1), (1, 1), (1, 3), (0, 3)]),
        LineString([(0, 0), (2, 2), (4, 0)]),
        shapely.MultiLineString([[(0, 0), (1, 0)], [(5, 5), (9, 5)]]),
        Point(1, 2),
        shapely.MultiPoint([(0, 0), (1, 1), (5, 5)]),
        shapely.GeometryCollection([Point(9, 9), shapely.GeometryCollection([SQUARE])]),
    ],
)
def test_the_label_point_is_on_the_thing(geom: shapely.Geometry) -> None:
    assert geom.distance(point_on(geom)) < 1e-12


def test_the_label_point_is_in_the_largest_part_and_well_inside() -> None:
    assert box(5, 0, 8, 3).contains(point_on(MultiPolygon([SQUARE, box(5, 0, 8, 3)])))
    frame = box(0, 0, 3, 3) - box(0.5, 0.5, 2.5, 2.5)
    assert frame.boundary.distance(point_on(frame)) > 0.2


@pytest.mark.parametrize("geom", [None, Polygon()])
def test_nothing_has_no_label_point(geom: shapely.Geometry | None) -> None:
    with pytest.raises(InputError):
        point_on(geom)


@given(st.integers(2, 150), st.floats(-60, 60), st.floats(1.0, 2000.0))
def test_spread_keeps_its_distance(n: int, lat: float, step: float) -> None:
    lon, lat_ = spread(n, 120.0, lat, step)
    i, j = np.triu_indices(n, 1)
    apart = np.asarray(Geod(ellps="GRS80").inv(lon[i], lat_[i], lon[j], lat_[j])[2])
    assert apart.min() > 0.9 * step and apart.max() < 2.1 * step * np.sqrt(n)
    assert (lon[0], lat_[0]) == (120.0, lat)
    np.testing.assert_array_equal(spread(n - 1, 120.0, lat, step)[0], lon[:-1])


def test_spread_of_none_and_bad_arguments() -> None:
    assert spread(0, 120.0, 33.0, 100.0)[0].shape == (0,)
    for n, step in [(-1, 100.0), (3, -1.0)]:
        with pytest.raises(InputError):
            spread(n, 120.0, 33.0, step)
