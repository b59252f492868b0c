"""How much of each polygon or line lies in each area.

Pieces are weighed on the ellipsoid with edges straight in lon, lat, as the stored geometry has them, and
the weights divide the feature's own geodesic measure: shares plus outside are its total, whatever the cut.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import shapely

from geo.errors import InputError
from geo.measure import authalic_area, geodesic_area_m2, geodesic_length_m

OUTSIDE, UNLOCATED = -1, -2
#: Shares that differ by less than this part of the feature are a tie; smaller pieces are overlay noise.
TIE = 1e-9

Geometries = npt.NDArray[np.object_]
Floats = npt.NDArray[np.float64]
Indices = npt.NDArray[np.int32]


@dataclass(frozen=True, eq=False)
class Shares:
    """Polygons split among areas.

    Attributes
    ----------
    code_index : ndarray of int32, (n,)
        Area with the largest share, ties to the lowest code; -1 none; -2 no geometry.
    feature_i, area_i : ndarray of int32, (m,)
        One row per feature and area that share some area, in ascending order.
    area_m2 : ndarray, (m,)
        The share, geodesic on GRS80.
    outside_m2 : ndarray, (n,)
        What lies in no area; shares + outside = the feature's geodesic area.
    """

    code_index: Indices
    feature_i: Indices
    area_i: Indices
    area_m2: Floats
    outside_m2: Floats


@dataclass(frozen=True, eq=False)
class LineShares:
    """Lines split among areas, as :class:`Shares` in metres; a stretch on a border goes to the lowest code."""

    code_index: Indices
    feature_i: Indices
    area_i: Indices
    length_m: Floats
    outside_m: Floats


def polygon_shares(areas: Geometries, features: Geometries) -> Shares:
    """Split ``features`` (valid Polygon or MultiPolygon, None or empty = no geometry) among ``areas``.

    Raises
    ------
    InputError
        A feature is invalid or is no polygon.
    """
    _check(features, {3, 6}, "面")
    feature_i, area_i = _pairs(areas, features)
    inside = shapely.covers(areas[area_i], features[feature_i])
    pieces = features[feature_i].copy()
    pieces[~inside] = shapely.intersection(areas[area_i[~inside]], features[feature_i[~inside]])
    whole = authalic_area(features)
    with np.errstate(invalid="ignore", divide="ignore"):
        part = np.where(inside, 1.0, authalic_area(pieces) / whole[feature_i])
    part = np.nan_to_num(part)
    real = part > TIE
    feature_i, area_i, part, pieces = feature_i[real], area_i[real], part[real], pieces[real]
    covered = np.bincount(feature_i, part, len(features))
    for i in np.flatnonzero(np.bincount(feature_i, minlength=len(features)) > 1):
        union = shapely.union_all(pieces[feature_i == i])  # areas may overlap: do not count ground twice
        covered[i] = authalic_area(np.array([union], object))[0] / whole[i]
    total = geodesic_area_m2(features)
    outside = np.where(1.0 - covered > TIE, (1.0 - covered) * total, 0.0)
    missing = shapely.is_missing(features) | shapely.is_empty(features)
    code_index = _largest(feature_i, area_i, part, missing)
    return Shares(code_index, feature_i, area_i, part * total[feature_i], outside)


def line_shares(areas: Geometries, features: Geometries) -> LineShares:
    """Split ``features`` (LineString or MultiLineString, None or empty = no geometry) among ``areas``.

    Raises
    ------
    InputError
        A feature is no line.
    """
    _check(features, {1, 2, 5}, "线")
    feature_i, area_i = _pairs(areas, features)
    part = shapely.covers(areas[area_i], features[feature_i]).astype(np.float64)
    outside = np.ones(len(features))
    for i in np.unique(feature_i):
        rows = np.flatnonzero(feature_i == i)
        sure = np.flatnonzero(part[rows] == 1.0)
        if len(sure) and sure[0] == 0:  # the lowest candidate covers all of it
            part[rows[1:]] = 0.0
            outside[i] = 0.0
            continue
        rest, pieces = features[i], []
        for row in rows:
            pieces.append(shapely.intersection(rest, areas[area_i[row]]))
            rest = shapely.difference(rest, areas[area_i[row]])
        lengths = geodesic_length_m(np.array([*pieces, rest], object))
        weights = lengths / lengths.sum() if lengths.sum() > 0 else np.zeros(len(lengths))
        part[rows], outside[i] = weights[:-1], weights[-1]
    real = part > TIE
    feature_i, area_i, part = feature_i[real], area_i[real], part[real]
    total = geodesic_length_m(features)
    outside_m = np.where(outside > TIE, outside * total, 0.0)
    missing = shapely.is_missing(features) | shapely.is_empty(features)
    code_index = _largest(feature_i, area_i, part, missing)
    return LineShares(code_index, feature_i, area_i, part * total[feature_i], outside_m)


def _check(features: Geometries, kinds: set[int], noun: str) -> None:
    kind = shapely.get_type_id(features)
    wrong = np.flatnonzero(~np.isin(kind, [*kinds, -1]))
    if len(wrong):
        found = features[wrong[0]]
        raise InputError(f"第 {wrong[0] + 1} 个图形是 {found.geom_type}，", f"此处应为{noun}。", at=wrong[:20].tolist())
    bad = np.flatnonzero(~shapely.is_valid(features) & (kind != -1))
    if len(bad) and 3 in kinds:
        why = shapely.is_valid_reason(features[bad[0]])
        raise InputError(f"第 {bad[0] + 1} 个图形无效（{why}），", "请先修复再分配。", at=bad[:20].tolist())


def _pairs(areas: Geometries, features: Geometries) -> tuple[Indices, Indices]:
    if not len(areas) or not len(features):
        return np.zeros(0, np.int32), np.zeros(0, np.int32)
    feature_i, area_i = shapely.STRtree(areas).query(features, predicate="intersects")
    order = np.lexsort((area_i, feature_i))
    return feature_i[order].astype(np.int32), area_i[order].astype(np.int32)


def _largest(feature_i: Indices, area_i: Indices, part: Floats, missing: npt.NDArray[np.bool_]) -> Indices:
    best = np.zeros(len(missing))
    np.maximum.at(best, feature_i, part)
    tied = part >= best[feature_i] - TIE
    code = np.full(len(missing), np.iinfo(np.int32).max, np.int32)
    np.minimum.at(code, feature_i[tied], area_i[tied])
    code[code == np.iinfo(np.int32).max] = OUTSIDE
    code[missing] = UNLOCATED
    return code
