"""Areas and lengths on GRS80, the ellipsoid of CGCS2000, of geometries in degrees."""

import numpy as np
import numpy.typing as npt
import pyproj
import shapely

Floats = npt.NDArray[np.float64]

_GRS80 = pyproj.Geod(ellps="GRS80")


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
    return np.asarray(np.bincount(owner[linear][line[:-1][joined]], metres, len(array)), np.float64)


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
        0.5 * w * (_zone_area(start[:, 1] + 0.5 * (1.0 + t) * (end[:, 1] - start[:, 1])) - _zone_area(reference))
        for t, w in zip(nodes, weights, strict=True)
    )
    signed = np.bincount(ring[:-1][joined], zone * (end[:, 0] - start[:, 0]), len(rings))
    first = np.r_[True, ring_part[1:] != ring_part[:-1]]  # shells come before their holes
    signed = np.where(first, np.abs(signed), -np.abs(signed))
    return np.asarray(np.bincount(owner[ring_part], signed, len(array)), np.float64)


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
