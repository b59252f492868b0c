"""The sheet's geometry against PROJ's own geodesics."""

import numpy as np
import pyproj
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.export.frame import Frame, round_ratio

GEOD = pyproj.Geod(ellps="GRS80")
WINDOW = (15.0, 26.0, 181.0, 160.0)


@pytest.mark.parametrize("lat", [32.7, 33.3, 33.9, 34.4])
@pytest.mark.parametrize("lon", [119.3, 120.0, 121.2])
def test_the_bar_is_as_long_as_the_ground_it_states(lat: float, lon: float) -> None:
    east, north = pyproj.Transformer.from_crs(4490, 4549, always_xy=True).transform(lon, lat)
    frame = Frame(*WINDOW, 500_000, east, north)
    bar = frame.scale_bar(45)
    assert 15 < bar.length_mm <= 45
    # an independent way: two page points apart by the bar, back to degrees, their geodesic distance
    half = bar.length_mm * frame.ratio / 2000
    back = pyproj.Transformer.from_crs(4549, 4490, always_xy=True)
    (lon1, lat1), (lon2, lat2) = back.transform(east - half, north), back.transform(east + half, north)
    assert GEOD.inv(lon1, lat1, lon2, lat2)[2] == pytest.approx(bar.ground_m, rel=1e-4)


@given(st.floats(1000, 9e6))
def test_the_ratio_is_round_and_never_too_large(need: float) -> None:
    ratio = round_ratio(need)
    assert need * (1 - 1e-9) <= ratio <= need * 1.13
    assert float(f"{ratio:.3g}") == pytest.approx(ratio)


@given(
    st.floats(400_000, 600_000), st.floats(3_550_000, 3_850_000), st.floats(2_000, 200_000), st.floats(2_000, 200_000)
)
def test_all_of_the_extent_is_inside(west: float, south: float, wide: float, high: float) -> None:
    for lead in (0.36, 0.5):
        frame = Frame.fit(WINDOW, (west, south, west + wide, south + high), lead=lead)
        corners = np.array([(west, south), (west + wide, south + high), (west, south + high)])
        assert frame.contains(frame.to_page(corners)).all()


def test_north_leans_west_east_of_the_central_meridian() -> None:
    frame = Frame.fit(WINDOW, (449_000, 3_604_000, 592_000, 3_817_000))
    # grid convergence = Δλ sin φ
    lon, lat = frame.centre
    assert frame.north_at(105.5, 106.0) == pytest.approx(-(lon - 120) * np.sin(np.radians(lat)), abs=1e-3)


def test_ticks_stand_where_the_degrees_are() -> None:
    frame = Frame.fit(WINDOW, (449_000, 3_604_000, 592_000, 3_817_000))
    lines, ticks = frame.graticule()
    assert {t.edge for t in ticks} == {"top", "bottom", "left", "right"}
    assert len(lines) >= 6
    tick = next(t for t in ticks if t.text == "120°00′E" and t.edge == "top")
    assert tick.x_mm == pytest.approx(frame.place(120.0, 34.0)[0, 0], abs=1e-6)  # the central meridian is straight
