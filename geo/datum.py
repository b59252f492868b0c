"""GCJ-02 and BD-09, the shifted datums of Chinese web maps, to and from WGS 84.

Neither has an EPSG code; GCJ-02 is a published approximation of the state's shift, BD-09 is Baidu's further
shift of GCJ-02. The forward formulas are the public ones; the inverses iterate on them, because the
commonly copied one-step inverse is metres off.

Every function takes and returns degrees as arrays of one broadcast shape. NaN passes through, and points
outside the box of China that the public algorithm uses are returned unchanged. Within about 1 km of that
box's edge (abroad and at sea) the shift is not one to one, so no inverse exists there.

Sources: https://github.com/wandergis/coordtransform (MIT), and its origin, EvilTransform
https://github.com/googollee/eviltransform (MIT); the ellipsoid is Krasovsky 1940.
"""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

Degrees = npt.NDArray[np.float64]
Pair = tuple[Degrees, Degrees]

#: lon_min, lat_min, lon_max, lat_max of the public algorithm's ``out_of_china``.
CHINA_BOX = (72.004, 0.8293, 137.8347, 55.8271)
TOLERANCE_M = 0.001

_A = 6378245.0
_EE = 0.00669342162296594323
_X_PI = np.pi * 3000.0 / 180.0
_M_PER_DEGREE = 111_320.0
_MAX_STEPS = 30


def wgs84_to_gcj02(lon: npt.ArrayLike, lat: npt.ArrayLike) -> Pair:
    """Shift WGS 84 (or CGCS2000) degrees to GCJ-02."""
    return _in_box(_shift_gcj, lon, lat)


def gcj02_to_wgs84(lon: npt.ArrayLike, lat: npt.ArrayLike, *, tolerance_m: float = TOLERANCE_M) -> Pair:
    """Undo GCJ-02 until the forward shift meets the given point within ``tolerance_m`` metres."""
    return _in_box(lambda x, y: _invert(wgs84_to_gcj02, x, y, tolerance_m), lon, lat)


def gcj02_to_bd09(lon: npt.ArrayLike, lat: npt.ArrayLike) -> Pair:
    """Shift GCJ-02 degrees to BD-09."""
    return _in_box(_shift_bd, lon, lat)


def bd09_to_gcj02(lon: npt.ArrayLike, lat: npt.ArrayLike, *, tolerance_m: float = TOLERANCE_M) -> Pair:
    """Undo BD-09 until the forward shift meets the given point within ``tolerance_m`` metres."""
    return _in_box(lambda x, y: _invert(gcj02_to_bd09, x, y, tolerance_m), lon, lat)


def wgs84_to_bd09(lon: npt.ArrayLike, lat: npt.ArrayLike) -> Pair:
    """Shift WGS 84 degrees to BD-09, through GCJ-02."""
    return gcj02_to_bd09(*wgs84_to_gcj02(lon, lat))


def bd09_to_wgs84(lon: npt.ArrayLike, lat: npt.ArrayLike, *, tolerance_m: float = TOLERANCE_M) -> Pair:
    """Undo BD-09 and GCJ-02, each within ``tolerance_m`` metres."""
    return gcj02_to_wgs84(*bd09_to_gcj02(lon, lat, tolerance_m=tolerance_m), tolerance_m=tolerance_m)


def in_china_box(lon: npt.ArrayLike, lat: npt.ArrayLike) -> npt.NDArray[np.bool_]:
    """Tell which points lie in the box in which the shifts apply (NaN: no)."""
    x, y = _pair(lon, lat)
    west, south, east, north = CHINA_BOX
    return (x >= west) & (x <= east) & (y >= south) & (y <= north)


def _pair(lon: npt.ArrayLike, lat: npt.ArrayLike) -> Pair:
    x, y = np.broadcast_arrays(np.asarray(lon, np.float64), np.asarray(lat, np.float64))
    return x, y


def _in_box(change: Callable[[Degrees, Degrees], Pair], lon: npt.ArrayLike, lat: npt.ArrayLike) -> Pair:
    x, y = _pair(lon, lat)
    inside = in_china_box(x, y)
    out_x, out_y = x.copy(), y.copy()
    if inside.any():
        out_x[inside], out_y[inside] = change(x[inside], y[inside])
    return out_x, out_y


def _shift_gcj(lon: Degrees, lat: Degrees) -> Pair:
    x, y = lon - 105.0, lat - 35.0
    root, pi = np.sqrt(np.abs(x)), np.pi
    common = (20.0 * np.sin(6.0 * x * pi) + 20.0 * np.sin(2.0 * x * pi)) * 2.0 / 3.0
    north = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root + common
    north += (20.0 * np.sin(y * pi) + 40.0 * np.sin(y / 3.0 * pi)) * 2.0 / 3.0
    north += (160.0 * np.sin(y / 12.0 * pi) + 320.0 * np.sin(y * pi / 30.0)) * 2.0 / 3.0
    east = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root + common
    east += (20.0 * np.sin(x * pi) + 40.0 * np.sin(x / 3.0 * pi)) * 2.0 / 3.0
    east += (150.0 * np.sin(x / 12.0 * pi) + 300.0 * np.sin(x / 30.0 * pi)) * 2.0 / 3.0
    radians = np.radians(lat)
    magic = 1.0 - _EE * np.sin(radians) ** 2
    north = north * 180.0 / (_A * (1.0 - _EE) / (magic * np.sqrt(magic)) * pi)
    east = east * 180.0 / (_A / np.sqrt(magic) * np.cos(radians) * pi)
    return lon + east, lat + north


def _shift_bd(lon: Degrees, lat: Degrees) -> Pair:
    radius = np.hypot(lon, lat) + 0.00002 * np.sin(lat * _X_PI)
    theta = np.arctan2(lat, lon) + 0.000003 * np.cos(lon * _X_PI)
    return radius * np.cos(theta) + 0.0065, radius * np.sin(theta) + 0.006


def _invert(forward: Callable[[Degrees, Degrees], Pair], lon: Degrees, lat: Degrees, tolerance_m: float) -> Pair:
    limit = tolerance_m / _M_PER_DEGREE
    x, y = lon.copy(), lat.copy()
    open_ = np.ones(lon.shape, bool)
    for _ in range(_MAX_STEPS):
        fx, fy = forward(x[open_], y[open_])
        dx, dy = fx - lon[open_], fy - lat[open_]
        x[open_] -= dx
        y[open_] -= dy
        open_[open_] = np.hypot(dx, dy) > limit
        if not open_.any():
            return x, y
    x[open_], y[open_] = lon[open_], lat[open_]  # no pre-image: only at the edge of the box
    return x, y
