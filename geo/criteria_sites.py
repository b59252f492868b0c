"""Sites as locations: exact distances and sums by a spatial index."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import shapely
from scipy.spatial import cKDTree

from geo.criteria_base import Criterion, Floats, Ints, Objects, Params, Places, World, point_in
from geo.network import RoadGraph, RoadTable


@dataclass(frozen=True, eq=False)
class Sites:
    """Alternatives to choose between.

    Attributes
    ----------
    xy : ndarray, (n, 2)
        A point on each, EPSG:4549 metres; NaN where only a township or less is known.
    sigma_m : ndarray, (n,)
        How far off the point may be.
    columns : mapping of ndarray, each (n,)
        Numbers that the sites themselves have.
    county_codes : ndarray of str, (n,)
        Where they lie.
    park : ndarray of int, (n,)
        Position of their park among the world's parks, -1 for none; found from the point where it is None.
    """

    xy: Floats
    sigma_m: Floats
    columns: Mapping[str, Floats] = field(default_factory=dict)
    county_codes: Objects | None = None
    park: Ints | None = None

    @classmethod
    def at(cls, xy: object, **columns: object) -> Sites:
        """Return exact points with columns of numbers."""
        points = np.asarray(xy, np.float64).reshape(-1, 2)
        return cls(points, np.zeros(len(points)), {k: np.asarray(v, np.float64) for k, v in columns.items()})

    def __len__(self) -> int:
        return len(self.xy)

    @functools.cached_property
    def _known(self) -> Ints:
        return np.flatnonzero(np.isfinite(self.xy).all(axis=1))

    def _fill(self, values: Floats) -> Floats:
        made = np.full(len(self.xy), np.nan)
        made[self._known] = values
        return made

    def nearest(self, places: Places) -> tuple[Floats, Ints]:
        """Return straight metres to the nearest place, and which it is (-1 none)."""
        which = np.full(len(self.xy), -1)
        if len(places) == 0 or len(self._known) == 0:
            return np.full(len(self.xy), np.nan), which
        here = self.xy[self._known]
        if places.shapes is None:
            metres, found = cKDTree(places.xy).query(here)
        else:
            tree = shapely.STRtree(places.shapes)
            found = tree.nearest(shapely.points(here))
            metres = shapely.distance(shapely.points(here), places.shapes[found])
        which[self._known] = found
        return self._fill(metres), which

    def nearest_m(self, places: Places) -> Floats:
        """See ``Locations``."""
        return self.nearest(places)[0]

    @functools.cached_property
    def _near(self) -> dict[int, tuple[Floats, Ints]]:
        return {}

    def road(self, places: Places, world: World, detour: float) -> RoadTable:
        """See ``Locations``."""
        graph = world.roads or EMPTY
        if id(graph) not in self._near:
            self._near[id(graph)] = graph.near(self.xy[self._known])
        return graph.reach(places.xy, detour).table(self.xy, self._near[id(graph)])

    def sum_within(self, places: Places, radius_m: float, amounts: Floats | None = None) -> Floats:
        """See ``Locations``."""
        if len(places) == 0:
            return np.full(len(self.xy), np.nan)
        weight = np.ones(len(places)) if amounts is None else np.nan_to_num(amounts)
        found = cKDTree(places.xy).query_ball_point(self.xy[self._known], radius_m, return_sorted=True)
        return self._fill(np.array([float(weight[some].sum()) for some in found], np.float64))

    def density(self, places: Places, bandwidth_m: float) -> Floats:
        """See ``Locations``."""
        if len(places) == 0:
            return np.full(len(self.xy), np.nan)
        made = []
        found = cKDTree(places.xy).query_ball_point(self.xy[self._known], bandwidth_m, return_sorted=True)
        for point, some in zip(self.xy[self._known], found, strict=True):
            away = ((places.xy[some] - point) ** 2).sum(axis=1) / bandwidth_m**2
            made.append(float(((1.0 - away) ** 2).sum()) * 3.0 / (np.pi * bandwidth_m**2) * 1e6)
        return self._fill(np.array(made, np.float64))

    def number(self, column: str) -> Floats:
        """See ``Locations``."""
        return self.columns.get(column, np.full(len(self.xy), np.nan))

    def parks(self, world: World) -> Ints:
        """Return the position of each site's park: the stated one, else the one it lies in; -1 for none."""
        parks = world.places("park")
        inside = np.full(len(self.xy), -1) if parks.shapes is None else point_in(parks.shapes, self.xy)
        return inside if self.park is None else np.where(self.park >= 0, self.park, inside)

    def by_park(self, amounts: Floats, outside: float, world: World) -> Floats:
        """See ``Locations``."""
        which = self.parks(world)
        made = np.full(len(self.xy), outside)
        made[which >= 0] = amounts[which[which >= 0]]
        return made

    def by_county(self, amounts: Mapping[str, float]) -> Floats:
        """See ``Locations``."""
        codes = np.full(len(self.xy), "", object) if self.county_codes is None else self.county_codes
        return np.array([amounts.get(str(code), np.nan) for code in codes], np.float64)


EMPTY = RoadGraph.build(np.zeros((0, 2, 2)), np.zeros((0, 2, 2)), np.zeros(0))


def uncertainty(criterion: Criterion, sites: Sites, world: World, params: Params) -> Floats:
    """Return how far a distance in km may be off (one standard deviation), 0 for what is no distance.

    The site's and the nearest target's accuracies add in squares.
    """
    if criterion.targets is None:
        return np.zeros(len(sites))
    targets = criterion.targets(world, params)
    which = sites.road(targets, world, params.detour).target if criterion.by_road else sites.nearest(targets)[1]
    theirs = np.zeros(len(sites))
    theirs[which >= 0] = targets.sigma_m[which[which >= 0]]
    return np.asarray(np.hypot(theirs, sites.sigma_m) / 1000, np.float64)
