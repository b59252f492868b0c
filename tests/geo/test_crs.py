"""Coordinate systems: one place in every notation, the readings of bare numbers, areas by hand."""

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from pyproj import Geod, Transformer

from geo import crs, datum, measure
from geo.errors import InputError

LON, LAT = 120.16, 33.35
EAST, NORTH = Transformer.from_crs(4490, 4549, always_xy=True).transform(LON, LAT)


@pytest.mark.parametrize(
    ("x", "y", "source"),
    [
        (LON, LAT, "wgs84"),
        (LON, LAT, "CGCS2000"),
        (LON, LAT, "EPSG:4326"),
        (LON, LAT, "EPSG:4490"),
        (EAST, NORTH, "EPSG:4549"),
        (EAST, NORTH, "gk:120"),
        (EAST + 40e6, NORTH, "EPSG:4528"),
        (EAST + 40e6, NORTH, "gk"),
        (*Transformer.from_crs(4490, 4509, always_xy=True).transform(LON, LAT), "gk:117"),
        (*Transformer.from_crs(4490, 4498, always_xy=True).transform(LON, LAT), "EPSG:4498"),
        (*Transformer.from_crs(4326, 3857, always_xy=True).transform(LON, LAT), "epsg:3857"),
        (*datum.wgs84_to_gcj02(LON, LAT), "gcj02"),
        (*datum.wgs84_to_bd09(LON, LAT), "bd09"),
    ],
)
def test_one_place_in_every_notation(x: float, y: float, source: str) -> None:
    lon, lat = crs.to_crs84([x], [y], source)
    assert Geod(ellps="GRS80").inv(lon[0], lat[0], LON, LAT)[2] < 0.01


def test_zones_are_read_per_point() -> None:
    x39 = Transformer.from_crs(4490, 4527, always_xy=True).transform(118.0, 33.0)
    x21 = Transformer.from_crs(4490, 4499, always_xy=True).transform(121.0, 33.0)
    x, y = np.array([x39, (EAST + 40e6, NORTH), x21, (np.nan, 1.0)]).T
    lon, lat = crs.to_crs84(x, y, "gk")
    np.testing.assert_allclose(lon, [118.0, LON, 121.0, np.nan], atol=1e-9)
    np.testing.assert_allclose(lat, [33.0, LAT, 33.0, np.nan], atol=1e-9)


@pytest.mark.parametrize("source", ["wgs84", "gcj02", "bd09", "gk", "gk:120", "EPSG:4549", "EPSG:4326"])
def test_nan_stays_nan(source: str) -> None:
    lon, lat = crs.to_crs84([np.nan], [np.nan], source)
    assert np.isnan(lon).all() and np.isnan(lat).all()


def test_what_cannot_be_projected_is_nan() -> None:
    lon, lat = crs.to_crs84([1e30, np.inf], [1.0, 2.0], "EPSG:4549")
    assert np.isnan(lon).all() and np.isnan(lat).all()


@pytest.mark.parametrize(
    "source",
    [
        *("wgs", "", "EPSG:999999", "EPSG:x", "EPSG:nan", "EPSG:4978", "EPSG:5773", "gk:", "gk:nan", "gk:500"),
        *("EPSG:4214", "EPSG:2437"),  # Beijing 54: no accurate way to CGCS2000 without local parameters
    ],
)
def test_unusable_sources_are_refused(source: str) -> None:
    with pytest.raises(InputError):
        crs.to_crs84([120.0], [33.0], source)


def test_a_missing_zone_is_refused_with_the_cure() -> None:
    with pytest.raises(InputError, match=r"带号是 0.*gk:中央子午线"):
        crs.to_crs84([EAST], [NORTH], "gk")


CITY = (119.4, 32.5, 121.0, 34.6)


@pytest.mark.parametrize(
    ("x", "y", "source", "swapped"),
    [
        (LON, LAT, "wgs84", False),
        (LAT, LON, "wgs84", True),
        (EAST + 40e6, NORTH, "gk", False),
        (NORTH, EAST + 40e6, "gk", True),
        (EAST, NORTH, "gk:120", False),
        (NORTH, EAST, "gk:120", True),
        (*Transformer.from_crs(4326, 3857, always_xy=True).transform(LON, LAT), "EPSG:3857", False),
    ],
)
def test_magnitude_names_the_reading(x: float, y: float, source: str, swapped: bool) -> None:
    best = crs.guess_projected([x, np.nan], [y, 5.0], extent=CITY)[0]
    assert (best.source, best.swapped, best.share, best.inside) == (source, swapped, 1.0, 1.0)


def test_without_a_zone_the_meridian_stays_open() -> None:
    found = crs.guess_projected([NORTH], [EAST])
    assert {c.source for c in found} == {"gk:117", "gk:120", "gk:123"}
    assert {c.inside for c in found} == {1.0} and all(c.swapped for c in found)


def test_shares_of_a_mixed_column() -> None:
    found = {(c.source, c.swapped): c for c in crs.guess_projected([LON, LON, LAT], [LAT, LAT, LON])}
    assert found["wgs84", False].inside == pytest.approx(2 / 3)
    assert found["wgs84", True].inside == pytest.approx(1 / 3)


@pytest.mark.parametrize(("x", "y"), [([], []), ([np.nan], [np.nan]), ([1e9], [1e9]), ([0.0], [5e7])])
def test_nothing_fits(x: list[float], y: list[float]) -> None:
    assert crs.guess_projected(x, y) == []


def test_display() -> None:
    assert crs.format_dms(120.16, 33.35) == "120°09′36.0″E 33°21′00.0″N"
    assert crs.format_dms(119.9999999999, -0.5, decimals=0) == "120°00′00″E 0°30′00″S"
    assert crs.format_4549(LON, LAT) == f"E {EAST:.2f} N {NORTH:.2f}"


HOLED = shapely.box(120.0, 33.0, 120.2, 33.2) - shapely.box(120.05, 33.05, 120.1, 33.1)


def test_area_takes_holes_off_and_adds_parts() -> None:
    outer, hole, far = crs.geodesic_area_m2(
        [
            shapely.box(120.0, 33.0, 120.2, 33.2),
            shapely.box(120.05, 33.05, 120.1, 33.1),
            shapely.box(121, 33, 121.1, 33.1),
        ]
    )
    both = shapely.MultiPolygon([HOLED, shapely.box(121, 33, 121.1, 33.1)])
    mixed = shapely.GeometryCollection([both, shapely.Point(0, 0), shapely.LineString([(0, 0), (1, 1)])])
    nested = shapely.GeometryCollection([mixed])
    got = crs.geodesic_area_m2([both, both.reverse(), mixed, nested, None, shapely.Point(1, 1), shapely.Polygon()])
    np.testing.assert_allclose(got, [outer - hole + far] * 4 + [0.0] * 3, rtol=1e-12)


def test_area_of_the_whole_earth_quarter() -> None:
    # A hemisphere octant: an eighth of GRS80's surface, 510 065 621.724 km² (Moritz 2000).
    octant = shapely.Polygon([(0, 0), (90, 0), (90, 90), (0, 90)])
    expected = 510_065_621_724_000 / 8
    assert crs.geodesic_area_m2([octant])[0] == pytest.approx(expected, rel=1e-9)


@given(st.floats(32.0, 35.0), st.floats(0.001, 0.5), st.floats(0.1, 0.9), st.floats(-0.2, 0.2))
def test_authalic_area_is_additive_and_near_geodesic(lat: float, size: float, cut: float, lean: float) -> None:
    square = shapely.Polygon([(120, lat), (120 + size, lat + lean * size), (120 + size, lat + size), (120, lat + size)])
    edge = 120 + cut * size
    left = square & shapely.box(119, 0, edge, 80)
    right = square & shapely.box(edge, 0, 130, 80)
    whole, a, b = measure.authalic_area([square, left, right])
    assert a + b == pytest.approx(whole, rel=1e-9)
    assert whole == pytest.approx(crs.geodesic_area_m2([square])[0], rel=0.02 * size + 1e-6)


def test_length() -> None:
    line = shapely.LineString([(120, 33), (120, 34), (121, 34)])
    expected = sum(Geod(ellps="GRS80").inv(*pair)[2] for pair in [(120, 33, 120, 34), (120, 34, 121, 34)])
    other = shapely.MultiLineString([line, [(120, 33), (120, 34)]])
    got = crs.geodesic_length_m([line, None, shapely.Point(1, 1), other, shapely.box(0, 0, 1, 1)])
    one = Geod(ellps="GRS80").inv(120, 33, 120, 34)[2]
    np.testing.assert_allclose(got, [expected, 0, 0, expected + one, 0], rtol=1e-12)
    assert crs.geodesic_length_m([None]).tolist() == [0.0] and crs.geodesic_area_m2([]).shape == (0,)
