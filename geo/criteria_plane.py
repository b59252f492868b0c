"""Between degrees (CRS84) and the metres of EPSG:4549 in which siting measures."""

from __future__ import annotations

import functools

import numpy as np
import numpy.typing as npt
import pyproj
import shapely

Floats = npt.NDArray[np.float64]
Objects = npt.NDArray[np.object_]

PLANE_EPSG = 4549


@functools.cache
def _to_plane() -> pyproj.Transformer:
    return pyproj.Transformer.from_crs(4490, PLANE_EPSG, always_xy=True)


def to_plane(lonlat: npt.ArrayLike) -> Floats:
    """Return easting, northing, (…, 2), of longitude, latitude; NaN stays NaN."""
    array = np.asarray(lonlat, np.float64)
    x, y = _to_plane().transform(array[..., 0], array[..., 1])
    made = np.stack([np.asarray(x), np.asarray(y)], axis=-1)
    return np.asarray(np.where(np.isfinite(made), made, np.nan), np.float64)


def to_degrees(xy: npt.ArrayLike) -> Floats:
    """Return longitude, latitude, (…, 2), of easting, northing; NaN stays NaN."""
    array = np.asarray(xy, np.float64)
    lon, lat = _to_plane().transform(array[..., 0], array[..., 1], direction="INVERSE")
    made = np.stack([np.asarray(lon), np.asarray(lat)], axis=-1)
    return np.asarray(np.where(np.isfinite(made), made, np.nan), np.float64)


def shapes_to_plane(geoms: npt.ArrayLike) -> Objects:
    """Return geometries in degrees as geometries in metres; None stays None."""
    array = np.asarray(geoms, object)
    return np.asarray(shapely.transform(array, to_plane), object) if len(array) else array


def point_on(geoms: npt.ArrayLike) -> Floats:
    """Return lon, lat of a point on each geometry, (n, 2); NaN for None and empty ones."""
    array = np.asarray(geoms, object)
    found = np.full((len(array), 2), np.nan)
    known = np.flatnonzero([g is not None and not g.is_empty for g in array])
    if len(known):
        found[known] = shapely.get_coordinates(shapely.point_on_surface(array[known]))
    return found
