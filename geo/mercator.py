"""Web Mercator (EPSG:3857), the projection of the tiles that are drawn. Never measured in."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import shapely

RADIUS_M = 6378137.0
MAX_LATITUDE = 85.0511287798066


def _forward(lonlat: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    latitude = np.radians(np.clip(lonlat[:, 1], -MAX_LATITUDE, MAX_LATITUDE))
    x = RADIUS_M * np.radians(lonlat[:, 0])
    return np.column_stack([x, RADIUS_M * np.arcsinh(np.tan(latitude))])


def to_web_mercator(geoms: npt.NDArray[np.object_]) -> npt.NDArray[np.object_]:
    """Project geometries from degrees (EPSG:4490 or CRS84, lon, lat) to EPSG:3857 metres.

    Parameters
    ----------
    geoms : ndarray of shapely geometries or None, (n,)

    Returns
    -------
    ndarray of shapely geometries or None, (n,)
        None stays None. Source: EPSG Guidance Note 7-2, method 1024 (spherical, on the ellipsoid's
        latitude).
    """
    projected: npt.NDArray[np.object_] = shapely.transform(shapely.force_2d(geoms), _forward)
    return projected


def mercator_coordinates(
    lon: npt.NDArray[np.float64], lat: npt.NDArray[np.float64]
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Project coordinates as :func:`to_web_mercator` does shapes; NaN stays NaN."""
    made = _forward(np.column_stack([lon, lat]))
    return made[:, 0], made[:, 1]
