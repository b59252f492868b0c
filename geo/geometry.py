"""Repair of polygons, label points, and places for things whose own place is not known."""

from typing import Literal, TypeAlias

import numpy as np
import numpy.typing as npt
import shapely

from geo.errors import InputError

OnInvalid = Literal["repair", "quarantine", "raise"]

#: Why :func:`clean_polygon` changed or refused a geometry, worst first.
REASONS = ("missing", "not_polygonal", "not_finite", "collapsed", "self_intersection", "duplicate_ring", "dropped_zm")

_GOLDEN_ANGLE = np.pi * (3.0 - np.sqrt(5.0))
_GRS80_A, _GRS80_E2 = 6378137.0, 0.006694380022900788

Floats = npt.NDArray[np.float64]
Polygonal: TypeAlias = shapely.Polygon | shapely.MultiPolygon


def clean_polygon(
    geom: shapely.Geometry | None, *, on_invalid: OnInvalid = "repair"
) -> tuple[Polygonal | None, str | None]:
    """Make a polygon valid, two-dimensional and free of repeated rings.

    Parameters
    ----------
    geom : Polygon, MultiPolygon, or a collection that holds some, or None
        Any coordinates.
    on_invalid : {"repair", "quarantine", "raise"}
        What a self-intersection (bow-tie) or a repeated ring leads to: the repaired geometry, None, or
        an error. Z and M are dropped under every policy; what has no area can never be repaired.

    Returns
    -------
    geom : Polygon or MultiPolygon or None
        Valid and not empty; None when nothing with an area is left, or the policy refuses.
    reason : str or None
        The worst of ``REASONS`` that applied; None when the geometry came back as it was.

    Raises
    ------
    InputError
        Under ``raise``, for every reason but ``dropped_zm``.
    """
    cleaned, reason = _clean(geom)
    if reason in (None, "dropped_zm"):
        return cleaned, reason
    if on_invalid == "raise":
        raise InputError(f"面图形有问题（{reason}），", "请在制图软件里修复后再导入。", reason=reason)
    return (cleaned if on_invalid == "repair" else None), reason


def point_on(geom: shapely.Geometry) -> shapely.Point:
    """Choose a point that lies on the geometry and stands for it: for labels and symbols.

    A polygon gives its centroid where that is inside, else the centre of the largest circle in its largest
    part; a line the middle of its longest part; points the one nearest to their centroid.

    Raises
    ------
    InputError
        The geometry is missing or empty.
    """
    if geom is None or geom.is_empty:
        raise InputError("图形为空，", "没有可以放标注的位置。")
    parts = shapely.get_parts(geom)
    while (shapely.get_type_id(parts) > 3).any():
        parts = shapely.get_parts(parts)
    dimension = shapely.get_dimensions(parts)
    parts = parts[dimension == dimension.max()]
    if dimension.max() == 0:
        return parts[np.argmin(shapely.distance(parts, geom.centroid))]
    if dimension.max() == 1:
        return shapely.line_interpolate_point(parts[np.argmax(shapely.length(parts))], 0.5, normalized=True)
    centre = geom.centroid
    if len(parts) == 1 and parts[0].contains(centre):
        return centre
    largest = parts[np.argmax(shapely.area(parts))]
    centre = largest.centroid
    if largest.contains(centre):
        return centre
    tolerance = float(np.sqrt(largest.area)) / 100.0
    return shapely.get_point(shapely.maximum_inscribed_circle(largest, tolerance), 0)


def spread(n: int, centre_lon: float, centre_lat: float, step_m: float) -> tuple[Floats, Floats]:
    """Place ``n`` symbols around a centre like the seeds of a sunflower, the first on the centre.

    For drawing records that have only a county's or a township's accuracy: the same for the same ``n``, no
    two closer than about ``step_m``, and the first m of n are the same as for m.

    Parameters
    ----------
    n : int
        How many.
    centre_lon, centre_lat : float
        Degrees, |lat| < 85.
    step_m : float
        Spacing in metres; the radius is ``step_m * sqrt(n)``.

    Returns
    -------
    lon, lat : ndarray, (n,)

    Raises
    ------
    InputError
        ``n`` or ``step_m`` is negative.

    Notes
    -----
    Vogel, "A better way to construct the sunflower head", Mathematical Biosciences 44 (1979), eq. 1.
    """
    if n < 0 or step_m < 0:
        raise InputError(f"个数 {n} 或间距 {step_m} 为负，", "两者都应不小于 0。")
    i = np.arange(n, dtype=np.float64)
    radius, angle = step_m * np.sqrt(i), i * _GOLDEN_ANGLE
    w = 1.0 - _GRS80_E2 * np.sin(np.radians(centre_lat)) ** 2
    m_per_lat = np.radians(1.0) * _GRS80_A * (1.0 - _GRS80_E2) / w**1.5
    m_per_lon = np.radians(1.0) * _GRS80_A / np.sqrt(w) * np.cos(np.radians(centre_lat))
    return centre_lon + radius * np.cos(angle) / m_per_lon, centre_lat + radius * np.sin(angle) / m_per_lat


def _clean(geom: shapely.Geometry | None) -> tuple[Polygonal | None, str | None]:
    if geom is None or geom.is_empty:
        return None, "missing"
    flat = shapely.force_2d(geom)
    if not np.isfinite(shapely.get_coordinates(flat)).all():
        return None, "not_finite"
    parts = _polygons(flat)
    if not parts:
        return None, "not_polygonal"
    reason = "dropped_zm" if shapely.has_z(geom) or shapely.has_m(geom) else None
    unique = _without_repeats(parts)
    repeated = sum(1 + len(p.interiors) for p in unique) < sum(1 + len(p.interiors) for p in parts)
    if repeated:
        reason = "duplicate_ring"
    elif len(parts) == 1 and isinstance(flat, shapely.Polygon) and flat.is_valid:
        return flat, reason
    whole = unique[0] if len(unique) == 1 else shapely.MultiPolygon(unique)
    if not whole.is_valid:
        whole, reason = _repair(whole), "self_intersection"
    left = [p for p in _polygons(whole) if p.area > 0]
    if not left:
        return None, "collapsed"
    return (left[0] if len(left) == 1 else shapely.MultiPolygon(left)), reason


def _repair(geom: Polygonal) -> shapely.Geometry:
    repaired = shapely.make_valid(geom, method="structure", keep_collapsed=False)
    if not repaired.is_valid:  # GEOS can leave two valid parts that share an edge: join them
        repaired = shapely.union_all(_polygons(repaired))
    return repaired


def _polygons(geom: shapely.Geometry) -> list[shapely.Polygon]:
    if isinstance(geom, shapely.Polygon):
        return [] if geom.is_empty else [geom]
    if hasattr(geom, "geoms"):
        return [polygon for part in geom.geoms for polygon in _polygons(part)]
    return []


def _without_repeats(parts: list[shapely.Polygon]) -> list[shapely.Polygon]:
    kept: list[shapely.Polygon] = []
    shells: set[bytes] = set()
    for part in parts:
        shell = _ring_key(part.exterior)
        holes: dict[bytes, shapely.LinearRing] = {_ring_key(hole): hole for hole in part.interiors}
        holes.pop(shell, None)  # a shell stored again as its own hole
        polygon = shapely.Polygon(part.exterior, list(holes.values()))
        if shell not in shells:
            kept.append(polygon)
        shells.add(shell)
    return kept


def _ring_key(ring: shapely.LinearRing) -> bytes:
    return bytes(shapely.to_wkb(shapely.normalize(shapely.Polygon(ring))))
