"""Coordinate systems: from whatever a file uses to CRS84 degrees, and measures on the ellipsoid.

CGCS2000 (EPSG:4490) and WGS 84 are treated as one: they differ by centimetres, less than any source here.
Everything is longitude first, whatever the axis order PROJ gives the code.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt
import pyproj
import shapely
from pyproj.exceptions import CRSError, ProjError

from geo import datum
from geo.errors import InputError

STORAGE_EPSG = 4490
TILE_EPSG = 3857
REPORT_EPSG = 4549

Floats = npt.NDArray[np.float64]
Pair = tuple[Floats, Floats]

#: West, south, east, north of China's land and sea, degrees: what "looks like a place in China" means here.
CHINA = (73.0, 3.0, 136.0, 54.0)
#: Central meridians of the 3° zones that a file without zone prefix may mean in and around the city.
CENTRAL_MERIDIANS = (117, 120, 123)

_GRS80 = pyproj.Geod(ellps="GRS80")
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
        return _project(f"EPSG:{int(_number(name[5:], source))}", easting, northing)
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


def _fits(
    east: Floats, north: Floats, central_meridians: Sequence[int]
) -> list[tuple[str, npt.NDArray[np.bool_]]]:
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


def geodesic_area_m2(geoms: npt.ArrayLike) -> Floats:
    """Area of each geometry on GRS80 with geodesic edges, square metres.

    Parameters
    ----------
    geoms : array_like of shapely geometries, (n,)
        Degrees. Orientation of rings does not matter, holes are taken off; points, lines, empty and
        missing geometries have no area (0).
    """
    array = _geometries(geoms)
    parts, owner = _parts(array)
    polygonal = shapely.get_type_id(parts) == 3
    parts, owner = parts[polygonal], owner[polygonal]
    area = np.zeros(len(array))
    for part, i in zip(parts, owner, strict=True):
        area[i] += _ring_area(part.exterior) - sum(_ring_area(hole) for hole in part.interiors)
    return area


def geodesic_length_m(geoms: npt.ArrayLike) -> Floats:
    """Length of the lines of each geometry on GRS80, metres; polygons, points and missing ones have 0."""
    array = _geometries(geoms)
    parts, owner = _parts(array)
    linear = np.isin(shapely.get_type_id(parts), (1, 2))
    coords, line = shapely.get_coordinates(parts[linear], return_index=True)
    joined = line[1:] == line[:-1]
    start, end = coords[:-1][joined], coords[1:][joined]
    if not len(start):
        return np.zeros(len(array))
    metres = _GRS80.inv(start[:, 0], start[:, 1], end[:, 0], end[:, 1])[2]
    return np.bincount(owner[linear][line[:-1][joined]], metres, len(array))


def authalic_area(geoms: npt.ArrayLike) -> Floats:
    """Area of each geometry on GRS80 with edges straight in lon, lat, square metres.

    Unlike the geodesic area it is additive whatever the cut, so it weighs the pieces of an overlay: cutting
    a long edge adds a vertex that is on the straight line but not on the geodesic. Each edge's integral of
    the authalic zone area over longitude is a 4-point Gauss-Legendre sum.
    """
    array = _geometries(geoms)
    parts, owner = _parts(array)
    rings, ring_part = shapely.get_rings(parts, return_index=True)
    coords, ring = shapely.get_coordinates(rings, return_index=True)
    if not len(coords):
        return np.zeros(len(array))
    joined = ring[1:] == ring[:-1]
    start, end = np.radians(coords[:-1][joined]), np.radians(coords[1:][joined])
    nodes, weights = np.polynomial.legendre.leggauss(4)
    reference = start[0, 1]
    zone = sum(
        0.5
        * w
        * (_zone_area(start[:, 1] + 0.5 * (1.0 + t) * (end[:, 1] - start[:, 1])) - _zone_area(reference))
        for t, w in zip(nodes, weights, strict=True)
    )
    signed = np.bincount(ring[:-1][joined], zone * (end[:, 0] - start[:, 0]), len(rings))
    first = np.r_[True, ring_part[1:] != ring_part[:-1]]  # shells come before their holes
    signed = np.where(first, np.abs(signed), -np.abs(signed))
    return np.bincount(owner[ring_part], signed, len(array))


def format_dms(lon: float, lat: float, *, decimals: int = 1) -> str:
    """Write degrees as people read them: ``120°09′36.0″E 33°21′00.0″N``."""
    east = _dms(lon, decimals) + ("E" if lon >= 0 else "W")
    return f"{east} {_dms(lat, decimals)}{'N' if lat >= 0 else 'S'}"


def format_4549(lon: float, lat: float) -> str:
    """Write a place in EPSG:4549 (CGCS2000, 3° zone, central meridian 120°E): ``E 514893.21 N 3690001.07``."""
    east, north = _transformer(f"EPSG:{STORAGE_EPSG}", f"EPSG:{REPORT_EPSG}").transform(lon, lat)
    return f"E {east:.2f} N {north:.2f}"


def _dms(value: float, decimals: int) -> str:
    unit = 10**decimals
    ticks = round(abs(value) * 3600 * unit)
    degrees, ticks = divmod(ticks, 3600 * unit)
    minutes, ticks = divmod(ticks, 60 * unit)
    width = decimals + 3 if decimals else 2
    return f"{degrees}°{minutes:02d}′{ticks / unit:0{width}.{decimals}f}″"


def _number(text: str, source: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise InputError(
            f"坐标系“{source}”里的“{text}”不是数字，", "例如 EPSG:4549 或 gk:120。", value=source
        ) from None


def _gk(meridian: float, false_easting: float = 500_000.0) -> str:
    return f"+proj=tmerc +lat_0=0 +lon_0={meridian} +k=1 +x_0={false_easting} +y_0=0 +ellps=GRS80 +units=m +type=crs"


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
        lon, lat = _transformer(source, f"EPSG:{STORAGE_EPSG}").transform(x, y)
    except ProjError as error:
        raise InputError(
            f"{source} 无法准确换算到 CGCS2000：{error}。", "请用带转换参数的软件换算后再导入。", value=source
        ) from error
    lon, lat = np.asarray(lon, np.float64), np.asarray(lat, np.float64)
    good = np.isfinite(lon) & np.isfinite(lat)
    return np.where(good, lon, np.nan), np.where(good, lat, np.nan)


@lru_cache(maxsize=64)
def _transformer(source: str, target: str) -> pyproj.Transformer:
    try:
        crs = pyproj.CRS.from_user_input(source)
    except CRSError:
        raise InputError(f"没有坐标系 {source}，", "请核对 EPSG 代码。", value=source) from None
    if not (crs.is_geographic or crs.is_projected):
        raise InputError(
            f"{source}（{crs.name}）不是平面或经纬度坐标系，", "请给出水平坐标系。", value=source
        )
    return pyproj.Transformer.from_crs(crs, target, always_xy=True, allow_ballpark=False)


def _geometries(geoms: npt.ArrayLike) -> npt.NDArray[np.object_]:
    return np.atleast_1d(np.asarray(geoms, dtype=object))


def _parts(geoms: npt.NDArray[np.object_]) -> tuple[npt.NDArray[np.object_], npt.NDArray[np.intp]]:
    parts, owner = shapely.get_parts(geoms, return_index=True)
    while (shapely.get_type_id(parts) > 3).any():  # collections inside collections
        parts, inner = shapely.get_parts(parts, return_index=True)
        owner = owner[inner]
    return parts, owner


def _ring_area(ring: shapely.LinearRing) -> float:
    coords = shapely.get_coordinates(ring)
    return abs(float(_GRS80.polygon_area_perimeter(coords[:, 0], coords[:, 1])[0]))


def _zone_area(lat: npt.ArrayLike) -> Floats:
    # Snyder, "Map Projections: A Working Manual" (USGS PP 1395), 1987, eq. 3-12, times a² / 2.
    e2 = _GRS80.es
    e = np.sqrt(e2)
    s = np.sin(np.asarray(lat, np.float64))
    q = (1.0 - e2) * (s / (1.0 - e2 * s * s) + np.arctanh(e * s) / e)
    return np.asarray(0.5 * _GRS80.a**2 * q, np.float64)
