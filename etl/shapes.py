"""Shapes made fit for a layer: valid, two-dimensional, of the layer's kind, in degrees."""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import shapely

from etl.issues import IssueLog
from geo.crs import to_crs84
from geo.geometry import clean_polygon, point_on
from layers.spec import GeometryType

_KINDS = {"point": "点", "line": "线", "polygon": "面", "any": "点、线或面"}
_NAMES = {0: "点", 1: "线", 2: "面"}
_REASONS = {"self_intersection": "自相交", "duplicate_ring": "重复的环", "dropped_zm": "去掉了高程"}
Shape: TypeAlias = Any  # a shapely geometry
Objects = npt.NDArray[np.object_]
Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
_NO_FLOATS: Floats = np.zeros(0)


def to_degrees(geom: Shape, source: str) -> Shape:
    """Bring a shape from its source system to CRS84 degrees, without Z and M."""
    flat = shapely.force_2d(geom)
    if source in ("wgs84", "cgcs2000"):
        return flat
    return shapely.transform(flat, lambda c: np.column_stack(to_crs84(c[:, 0], c[:, 1], source)))


def fit(geom: Shape, kind: GeometryType, log: IssueLog, row: int) -> tuple[Shape | None, Shape | None]:
    """Make a shape fit its layer.

    Parameters
    ----------
    geom : Geometry
        In degrees.
    kind : str
        What the layer holds.
    log, row : IssueLog, int
        Where repairs and misfits are noted.

    Returns
    -------
    stored : Geometry or None
        As the layer stores it; None when the shape is unusable (an error is noted) or only tells the place.
    place : Geometry or None
        Where the record is: the stored shape, or the point that stands for a misfit.
    """
    shape = _simple(geom)
    if shape is None or shape.is_empty or not np.isfinite(shapely.get_coordinates(shape)).all():
        log.add("geometry_unreadable", row, "geom", "")
        return None, None
    dimension = int(shapely.get_dimensions(shape))
    if dimension == 1 and kind == "polygon" and (closed := _closed(shape)) is not None:
        shape, dimension = closed, 2
    if dimension == 2:
        polygon, reason = clean_polygon(shape)
        if polygon is None:
            log.add("geometry_unreadable", row, "geom", reason or "")
            return None, None
        if reason is not None and reason != "dropped_zm":
            log.add("geometry_repaired", row, "geom", _REASONS.get(reason, reason))
        shape = polygon
    return _of_kind(shape, dimension, kind, log, row)


def _of_kind(
    shape: Shape, dimension: int, kind: GeometryType, log: IssueLog, row: int
) -> tuple[Shape | None, Shape | None]:
    if (kind == "point" and dimension > 0) or (dimension == 0 and shape.geom_type == "MultiPoint"):
        at = point_on(shape)
        log.add(
            "geometry_kind",
            row,
            "geom",
            _NAMES[dimension] if dimension else "多点",
            expected=_KINDS[kind],
            cure="已取代表点。",
        )
        shape, dimension = at, 0
    wanted = {"point": 0, "line": 1, "polygon": 2}.get(kind, dimension)
    if dimension != wanted:
        cure = "只用来判定所在县（市、区）和示意显示。"
        log.add("geometry_kind", row, "geom", _NAMES[dimension], expected=_KINDS[kind], cure=cure)
        return None, point_on(shape)
    if dimension == 1 and shape.geom_type == "LineString":
        shape = shapely.MultiLineString([shape])
    if dimension == 2 and shape.geom_type == "Polygon":
        shape = shapely.MultiPolygon([shape])
    return shape, shape


def _simple(geom: Shape) -> Shape | None:
    """Reduce a collection to its parts of the highest dimension; a LinearRing to a line."""
    if geom.geom_type == "LinearRing":
        return shapely.LineString(geom)
    if geom.geom_type == "MultiPoint" and len(geom.geoms) == 1:
        return geom.geoms[0]
    if geom.geom_type != "GeometryCollection":
        return geom
    parts = [
        p
        for g in geom.geoms
        for p in ([g] if g.geom_type in ("Point", "LineString", "Polygon") else list(getattr(g, "geoms", [])))
    ]
    parts = [p for p in parts if not p.is_empty and p.geom_type in ("Point", "LineString", "Polygon")]
    if not parts:
        return None
    top = max(int(shapely.get_dimensions(p)) for p in parts)
    best = [p for p in parts if int(shapely.get_dimensions(p)) == top]
    if len(best) == 1:
        return best[0]
    return (shapely.MultiPoint, shapely.MultiLineString, shapely.MultiPolygon)[top](best)


def _closed(shape: Shape) -> Shape | None:
    lines = [shape] if shape.geom_type == "LineString" else list(shape.geoms)
    if all(line.is_closed and len(line.coords) >= 4 for line in lines):
        rings = [shapely.Polygon(line.coords) for line in lines]
        return rings[0] if len(rings) == 1 else shapely.MultiPolygon(rings)
    return None


class Shapes:
    """The shapes of rows, None where there is none: of a file of points only their coordinates.

    Parameters
    ----------
    shapes : ndarray of shapely geometries or None, (n,), optional
        Of any kind.
    lon, lat : ndarray, (n,), optional
        Points; none where a coordinate is not finite.
    """

    def __init__(self, shapes: Objects | None = None, lon: Floats = _NO_FLOATS, lat: Floats = _NO_FLOATS) -> None:
        self._shapes = shapes
        if shapes is None:
            self.there: Flags = np.isfinite(lon) & np.isfinite(lat)
            self.lon, self.lat = lon, lat
        else:
            self.there = ~shapely.is_missing(shapes)

    @property
    def are_points(self) -> bool:
        """Whether they are known by their coordinates."""
        return self._shapes is None

    def __len__(self) -> int:
        return len(self.there)

    def __getitem__(self, row: int) -> Shape | None:
        """Return one row's shape."""
        if self._shapes is not None:
            return self._shapes[row]
        return shapely.Point(self.lon[row], self.lat[row]) if self.there[row] else None

    def take(self, rows: npt.NDArray[np.int64]) -> Objects:
        """Return the shapes of some rows."""
        if self._shapes is not None:
            return self._shapes[rows]
        out = np.empty(len(rows), dtype=object)
        keep = self.there[rows]
        out[keep] = shapely.points(self.lon[rows][keep], self.lat[rows][keep])
        return out

    def all(self) -> Objects:
        """Return the shapes of all rows."""
        return self.take(np.arange(len(self)))
