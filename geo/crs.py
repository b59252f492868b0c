"""Coordinate systems: from whatever a file uses to CRS84 degrees, and back to what people read.

CGCS2000 (EPSG:4490) and WGS 84 are treated as one: they differ by centimetres, less than any source here.
Everything is longitude first, whatever the axis order PROJ gives the code.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt
import pyproj
from pyproj.crs.coordinate_operation import TransverseMercatorConversion
from pyproj.exceptions import CRSError, ProjError

from geo import datum
from geo.errors import InputError
from geo.measure import geodesic_area_m2, geodesic_length_m

__all__ = [
    "CENTRAL_MERIDIANS",
    "CHINA",
    "REPORT_EPSG",
    "STORAGE_EPSG",
    "TILE_EPSG",
    "Candidate",
    "format_4549",
    "format_dms",
    "geodesic_area_m2",
    "geodesic_length_m",
    "guess_projected",
    "to_crs84",
]

STORAGE_EPSG = 4490
TILE_EPSG = 3857
REPORT_EPSG = 4549

Floats = npt.NDArray[np.float64]
Pair = tuple[Floats, Floats]

#: West, south, east, north of China's land and sea, degrees: what "looks like a place in China" means here.
CHINA = (73.0, 3.0, 136.0, 54.0)
#: Central meridians of the 3° zones that a file without zone prefix may mean in and around the city.
CENTRAL_MERIDIANS = (117, 120, 123)

_STORAGE = f"EPSG:{STORAGE_EPSG}"
_DEGREES = {"wgs84", "cgcs2000", "gcj02", "bd09"}


@dataclass(frozen=True)
class Candidate:
    """One reading of a pair of columns.

    Attributes
    ----------
    source : str
        What to give to :func:`to_crs84`.
    swapped : bool
        True when the columns are northing (latitude) first: call ``to_crs84(y, x, source)``.
    share : float
        Part of the finite pairs whose size fits this reading, 0 to 1.
    inside : float
        Part of the finite pairs that this reading puts into ``extent``, 0 to 1.
    """

    source: str
    swapped: bool
    share: float
    inside: float


def to_crs84(x: npt.ArrayLike, y: npt.ArrayLike, source: str) -> Pair:
    """Bring coordinates to CRS84: longitude, latitude in degrees on CGCS2000/WGS 84.

    Parameters
    ----------
    x, y : array_like, one shape
        Longitude or easting, latitude or northing. NaN stays NaN.
    source : str
        ``wgs84``, ``cgcs2000``, ``gcj02``, ``bd09``; ``EPSG:n`` (x is always the easting or longitude);
        ``gk``: Gauss-Krüger on CGCS2000 with the zone before the easting, read per point (3° zones 25-45,
        6° zones 13-23); ``gk:120``: without zone, on that central meridian.

    Returns
    -------
    lon, lat : ndarray of float64
        NaN where the projection has no answer.

    Raises
    ------
    InputError
        The source is unknown, has no horizontal axes, or PROJ has no accurate way from it to CGCS2000.
    """
    easting, northing = np.broadcast_arrays(np.asarray(x, np.float64), np.asarray(y, np.float64))
    name = source.strip().lower()
    if name in ("gcj02", "bd09"):
        return (datum.gcj02_to_wgs84 if name == "gcj02" else datum.bd09_to_wgs84)(easting, northing)
    if name in _DEGREES:
        return easting.copy(), northing.copy()
    if name == "gk":
        return _zoned(easting, northing)
    if name.startswith("gk:"):
        return _project(_gk(_number(name[3:], source)), easting, northing)
    if name.startswith("epsg:"):
        return _project(_epsg(name[5:], source), easting, northing)
    raise InputError(
        f"不认识坐标系“{source}”，",
        "可用 wgs84、cgcs2000、gcj02、bd09、gk、gk:中央子午线、EPSG:代码。",
        value=source,
    )


def guess_projected(
    x: npt.ArrayLike,
    y: npt.ArrayLike,
    *,
    extent: tuple[float, float, float, float] = CHINA,
    central_meridians: Sequence[int] = CENTRAL_MERIDIANS,
) -> list[Candidate]:
    """List the readings that the size of the numbers allows, best first.

    It tells degrees from metres, the order of the columns, and the zones; it cannot tell datums apart, and
    without a zone several central meridians remain: the caller decides by evidence or asks.

    Parameters
    ----------
    x, y : array_like, one shape
        The two columns as they stand in the file.
    extent : west, south, east, north
        Where the things are expected, degrees; orders the candidates.
    central_meridians : sequence of int
        Tried for eastings without zone.

    Returns
    -------
    list of Candidate
        By ``inside``, then ``share``, descending; empty when nothing fits or no pair is finite.
    """
    a, b = np.broadcast_arrays(np.asarray(x, np.float64), np.asarray(y, np.float64))
    finite = np.isfinite(a) & np.isfinite(b)
    a, b = a[finite], b[finite]
    found: list[Candidate] = []
    for swapped in (False, True):
        east, north = (b, a) if swapped else (a, b)
        for source, fits in _fits(east, north, central_meridians):
            if not fits.any():
                continue
            lon, lat = to_crs84(east[fits], north[fits], source)
            west, south, right, top = extent
            inside = (lon >= west) & (lon <= right) & (lat >= south) & (lat <= top)
            found.append(Candidate(source, swapped, float(fits.mean()), float(inside.sum() / len(a))))
    return sorted(found, key=lambda c: (-c.inside, -c.share, c.swapped, c.source))


def _fits(east: Floats, north: Floats, central_meridians: Sequence[int]) -> list[tuple[str, npt.NDArray[np.bool_]]]:
    metres = (north > 3.0e5) & (north < 6.1e6)
    zone = np.floor(east / 1e6)
    local = east - zone * 1e6
    zoned = ((zone >= 25) & (zone <= 45)) | ((zone >= 13) & (zone <= 23))
    bare = metres & (east > 5e4) & (east < 9.5e5) & (north > 1e6)
    readings = [
        ("wgs84", (np.abs(east) <= 180.0) & (np.abs(north) <= 90.0)),
        ("gk", metres & zoned & (local > 1e5) & (local < 9e5)),
        ("EPSG:3857", (east > 8.1e6) & (east < 1.52e7) & (north > 3.3e5) & (north < 7.2e6)),
    ]
    return readings + [(f"gk:{meridian}", bare) for meridian in central_meridians]


def format_dms(lon: float, lat: float, *, decimals: int = 1) -> str:
    """Write degrees as people read them: ``120°09′36.0″E 33°21′00.0″N``."""
    east = _dms(lon, decimals) + ("E" if lon >= 0 else "W")
    return f"{east} {_dms(lat, decimals)}{'N' if lat >= 0 else 'S'}"


def format_4549(lon: float, lat: float) -> str:
    """Write a place in EPSG:4549 (CGCS2000, 3° zone, 120°E): ``E 514893.21 N 3690001.07``."""
    east, north = _transformer(_STORAGE, f"EPSG:{REPORT_EPSG}").transform(lon, lat)
    return f"E {east:.2f} N {north:.2f}"


def _dms(value: float, decimals: int) -> str:
    unit = 10**decimals
    ticks = round(abs(value) * 3600 * unit)
    degrees, ticks = divmod(ticks, 3600 * unit)
    minutes, ticks = divmod(ticks, 60 * unit)
    width = decimals + 3 if decimals else 2
    return f"{degrees}°{minutes:02d}′{ticks / unit:0{width}.{decimals}f}″"


def _epsg(text: str, source: str) -> str:
    if not (text.isascii() and text.isdigit()):
        raise InputError(f"坐标系“{source}”里的“{text}”不是代码，", "例如 EPSG:4549。", value=source)
    return f"EPSG:{int(text)}"


def _number(text: str, source: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise InputError(f"坐标系“{source}”里的“{text}”不是数字，", "例如 gk:120。", value=source) from None


def _gk(meridian: float) -> str:
    if not -180.0 <= meridian <= 180.0:
        raise InputError(f"中央子午线 {meridian} 不在 -180 与 180 之间，", "例如 gk:120。")
    return f"gk:{meridian}"


def _zoned(easting: Floats, northing: Floats) -> Pair:
    lon, lat = np.full(easting.shape, np.nan), np.full(easting.shape, np.nan)
    zone = np.floor(easting / 1e6)
    for value in np.unique(zone[np.isfinite(zone)]):
        if 25 <= value <= 45:
            meridian = 3 * value
        elif 13 <= value <= 23:
            meridian = 6 * value - 3
        else:
            raise InputError(
                f"横坐标前的带号是 {value:.0f}，",
                "3度带应为 25–45，6度带应为 13–23；没有带号时请用 gk:中央子午线。",
            )
        mine = zone == value
        lon[mine], lat[mine] = _project(_gk(meridian), easting[mine] - value * 1e6, northing[mine])
    return lon, lat


def _project(source: str, x: Floats, y: Floats) -> Pair:
    try:
        lon, lat = _transformer(source, _STORAGE).transform(x, y)
    except ProjError as error:
        raise InputError(
            f"{source} 无法准确换算到 CGCS2000（{error}），", "请用带转换参数的软件换算后再导入。", value=source
        ) from error
    lon, lat = np.asarray(lon, np.float64), np.asarray(lat, np.float64)
    good = np.isfinite(lon) & np.isfinite(lat)
    return np.where(good, lon, np.nan), np.where(good, lat, np.nan)


@lru_cache(maxsize=64)
def _transformer(source: str, target: str) -> pyproj.Transformer:
    if source.startswith("gk:"):
        conversion = TransverseMercatorConversion(longitude_natural_origin=float(source[3:]), false_easting=500_000.0)
        crs: pyproj.CRS = pyproj.crs.ProjectedCRS(conversion, geodetic_crs=pyproj.CRS.from_epsg(STORAGE_EPSG))
    else:
        try:
            crs = pyproj.CRS.from_user_input(source)
        except CRSError:
            raise InputError(f"没有坐标系 {source}，", "请核对 EPSG 代码。", value=source) from None
    base = crs.geodetic_crs
    if target == _STORAGE and base is not None and base.to_epsg() in (4326, 4979):
        target = "EPSG:4326"  # one with CGCS2000 here; PROJ has only a "ballpark" operation between them
    if not (crs.is_geographic or crs.is_projected):
        raise InputError(f"{source}（{crs.name}）不是平面或经纬度坐标系，", "请给出水平坐标系。", value=source)
    return pyproj.Transformer.from_crs(crs, target, always_xy=True, allow_ballpark=False)
