"""Shifted datums: the published pair, the offsets here, and there-and-back within a centimetre."""

from collections.abc import Callable

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from pyproj import Geod

from geo import datum
from tests.geo.test_assign import COUNTIES

GEOD = Geod(ellps="WGS84")
CITY = shapely.union_all(COUNTIES)
shapely.prepare(CITY)
SHIFTS = [
    (datum.wgs84_to_gcj02, datum.gcj02_to_wgs84),
    (datum.gcj02_to_bd09, datum.bd09_to_gcj02),
    (datum.wgs84_to_bd09, datum.bd09_to_wgs84),
]


def metres(lon: object, lat: object, lon2: object, lat2: object) -> np.ndarray:
    return np.asarray(GEOD.inv(lon, lat, lon2, lat2)[2])


def test_published_pair() -> None:
    # EvilTransform's own test: Shanghai.
    lon, lat = datum.wgs84_to_gcj02(121.5272106, 31.1774276)
    assert (float(lon), float(lat)) == pytest.approx((121.531541859215, 31.17530398364597), abs=1e-12)


def test_published_pair_of_baidu() -> None:
    # coordtransform's own test: Beijing.
    lon, lat = datum.gcj02_to_bd09(116.404, 39.915)
    assert (float(lon), float(lat)) == pytest.approx((116.41036949371029, 39.92133699351021), abs=1e-12)


@pytest.mark.parametrize(
    ("shift", "at_seat", "in_city"),
    [
        (datum.wgs84_to_gcj02, (459, 503), (440, 535)),
        (datum.wgs84_to_bd09, (1133, 1181), (1085, 1230)),
    ],
)
def test_offsets_at_the_city_seat_and_over_the_city(
    shift: Callable, at_seat: tuple[float, float], in_city: tuple[float, float]
) -> None:
    assert at_seat[0] <= metres(120.163, 33.347, *shift(120.163, 33.347)) <= at_seat[1]
    # The offset waves with place, so the range of the whole city is wider than the seat's.
    lon, lat = np.meshgrid(np.arange(119.4, 121.0, 0.005), np.arange(32.5, 34.6, 0.005))
    inside = shapely.contains_xy(CITY, lon, lat)
    off = metres(lon[inside], lat[inside], *shift(lon[inside], lat[inside]))
    assert in_city[0] <= off.min() and off.max() <= in_city[1]


@pytest.mark.parametrize(("there", "back"), SHIFTS)
@pytest.mark.parametrize("box", [(119.4, 32.5, 121.2, 34.6), (72.1, 0.9, 137.7, 55.7)], ids=["city", "country"])
def test_round_trip_on_a_lattice(there: Callable, back: Callable, box: tuple[float, ...]) -> None:
    lon, lat = np.meshgrid(np.linspace(box[0], box[2], 300), np.linspace(box[1], box[3], 300))
    assert metres(lon, lat, *back(*there(lon, lat))).max() < 0.01


@given(st.floats(72.1, 137.7), st.floats(0.9, 55.7), st.sampled_from(SHIFTS))
def test_round_trip_anywhere(lon: float, lat: float, pair: tuple[Callable, Callable]) -> None:
    there, back = pair
    assert float(metres(lon, lat, *back(*there(lon, lat)))) < 0.01


def test_tolerance_is_the_callers() -> None:
    lon, lat = datum.wgs84_to_gcj02(120.16, 33.35)
    rough = metres(120.16, 33.35, *datum.gcj02_to_wgs84(lon, lat, tolerance_m=10.0))
    fine = metres(120.16, 33.35, *datum.gcj02_to_wgs84(lon, lat, tolerance_m=1e-6))
    assert fine < 1e-5 < rough < 10.0


@pytest.mark.parametrize("change", [f for pair in SHIFTS for f in pair])
def test_nan_stays_and_abroad_is_unchanged(change: Callable) -> None:
    lon, lat = change([np.nan, 120.0, 2.35, 151.2], [33.0, np.nan, 48.86, -33.87])
    np.testing.assert_array_equal(lon, [np.nan, 120.0, 2.35, 151.2])
    np.testing.assert_array_equal(lat, [33.0, np.nan, 48.86, -33.87])


@pytest.mark.parametrize("change", [f for pair in SHIFTS for f in pair])
def test_shapes_and_inputs_are_kept(change: Callable) -> None:
    lon, lat = np.full((2, 3), 120.0), np.full((2, 3), 33.0)
    out = change(lon, lat)
    assert out[0].shape == (2, 3) and (lon == 120.0).all() and (lat == 33.0).all()
    assert change([], [])[0].shape == (0,)
