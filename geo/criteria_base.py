"""What a criterion reads: the places of a world, and the locations that are judged, sites or cells of a grid.

A criterion is one decorated pure function in ``geo.criteria``. It asks a ``Locations`` for distances, sums and
attributes, and so is the same function for a list of sites and for a grid. Everything is metres in EPSG:4549,
whose scale is within 0.01 % of one over the city.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

import numpy as np
import numpy.typing as npt
import shapely

from geo.errors import InputError, NotFoundError
from geo.network import DETOUR, RoadGraph, RoadTable
from geo.value_functions import Objective

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
Objects = npt.NDArray[np.object_]


@dataclass(frozen=True, eq=False)
class Places:
    """Things of one layer that have a place.

    Attributes
    ----------
    xy : ndarray, (k, 2)
        Metres, none missing.
    names : ndarray of str, (k,)
        What they are called.
    sigma_m : ndarray, (k,)
        How far off the place may be (one standard deviation).
    terms, numbers : mapping of ndarray, each (k,)
        Columns: text or tuples of text, and numbers with NaN.
    shapes : ndarray of geometry, (k,), or None
        Outlines in EPSG:4549 where they matter.
    """

    xy: Floats
    names: Objects
    sigma_m: Floats
    terms: Mapping[str, Objects] = field(default_factory=dict)
    numbers: Mapping[str, Floats] = field(default_factory=dict)
    shapes: Objects | None = None

    def __len__(self) -> int:
        return len(self.xy)

    @classmethod
    def none(cls) -> Places:
        """Return no places at all."""
        return cls(np.zeros((0, 2)), np.zeros(0, object), np.zeros(0))

    @classmethod
    def at(cls, xy: npt.ArrayLike, **columns: npt.ArrayLike) -> Places:
        """Return exact, nameless places with columns of text or numbers."""
        points = np.asarray(xy, np.float64).reshape(-1, 2)
        made = {k: np.asarray(v) for k, v in columns.items()}
        return cls(
            points, np.full(len(points), "", object), np.zeros(len(points)),
            terms={k: v.astype(object) for k, v in made.items() if v.dtype.kind not in "fiu"},
            numbers={k: v.astype(np.float64) for k, v in made.items() if v.dtype.kind in "fiu"},
        )  # fmt: skip

    def keep(self, mask: Bools) -> Places:
        """Return those that the mask keeps."""
        return Places(
            self.xy[mask], self.names[mask], self.sigma_m[mask], {k: v[mask] for k, v in self.terms.items()},
            {k: v[mask] for k, v in self.numbers.items()}, None if self.shapes is None else self.shapes[mask],
        )  # fmt: skip

    def matches(self, column: str, wanted: tuple[str, ...]) -> Bools:
        """Return which have one of the wanted terms in a column."""
        held = self.terms.get(column)
        if held is None:
            return np.zeros(len(self), np.bool_)
        return np.array([bool(set(as_terms(v)) & set(wanted)) for v in held], np.bool_)

    def where(self, column: str, *wanted: str) -> Places:
        """Return those that have one of the wanted terms in a column."""
        return self.keep(self.matches(column, wanted))

    def having(self, column: str) -> Places:
        """Return those that have any term in a column."""
        held = self.terms.get(column)
        return self.keep(
            np.array([bool(as_terms(v)) for v in held] if held is not None else [False] * len(self), np.bool_)
        )

    def number(self, column: str) -> Floats:
        """Return a column of numbers, NaN throughout where there is none."""
        return self.numbers.get(column, np.full(len(self), np.nan))


def as_terms(value: Any) -> tuple[str, ...]:
    """Return a term, a list of terms or nothing as a tuple."""
    if value is None or value == "":
        return ()
    return (value,) if isinstance(value, str) else tuple(value)


@dataclass(frozen=True, eq=False)
class World:
    """Everything round the sites on one day.

    ``layers`` are Places by layer id (and ``seat`` for county seats, ``rail`` for points of the railway);
    ``roads`` the trunk graph, ``rates`` a share by county code.
    """

    layers: Mapping[str, Places] = field(default_factory=dict)
    roads: RoadGraph | None = None
    rates: Mapping[str, float] = field(default_factory=dict)
    year: int = 2026

    def places(self, layer: str) -> Places:
        """Return a layer's places; none where the world lacks them."""
        return self.layers.get(layer, Places.none())


@dataclass(frozen=True)
class Params:
    """What a brief says beside weights.

    Attributes
    ----------
    industry, suppliers : tuple of str
        The investor's industry and those that supply it; terms of the vocabulary ``industry``.
    compatible, unwanted : tuple of str
        Neighbours that fit, and those that do not.
    bandwidth_km, radius_km, energy_radius_km : float
        Kernel bandwidth of densities; radius of counts; radius of energy and infrastructure.
    detour : float
        Factor of straight legs.
    """

    industry: tuple[str, ...] = ()
    suppliers: tuple[str, ...] = ()
    compatible: tuple[str, ...] = ()
    unwanted: tuple[str, ...] = ()
    bandwidth_km: float = 10.0
    radius_km: float = 5.0
    energy_radius_km: float = 30.0
    detour: float = DETOUR


class Locations(Protocol):
    """What a criterion may ask of sites and of a grid; every answer is (n,) with NaN where nothing is known."""

    def nearest_m(self, places: Places) -> Floats:
        """Straight metres to the nearest place or into its outline (0 inside); NaN where there is none."""
        ...

    def road(self, places: Places, world: World, detour: float) -> RoadTable:
        """The way by road to the nearest place."""
        ...

    def sum_within(self, places: Places, radius_m: float, amounts: Floats | None = None) -> Floats:
        """Sum of amounts (1 each by default; NaN counts nothing) of the places within a radius."""
        ...

    def density(self, places: Places, bandwidth_m: float) -> Floats:
        """Places per km² under a quartic kernel, 3/(πh²)·(1 − d²/h²)² for d < h."""
        ...

    def number(self, column: str) -> Floats:
        """A number that the location itself has."""
        ...

    def by_park(self, amounts: Floats, outside: float, world: World) -> Floats:
        """One amount per park of the world, given to the locations in it; ``outside`` to those in none."""
        ...

    def by_county(self, amounts: Mapping[str, float]) -> Floats:
        """An amount by county code, given to the locations in the county."""
        ...


Function = Callable[[Locations, World, Params], Floats]
Targets = Callable[[World, Params], Places]


@dataclass(frozen=True, eq=False)
class Criterion:
    """One criterion: what it is, and the function that measures it.

    ``scope`` is ``place`` where any spot has an answer (also a grid), ``site`` where only a record of its own
    has one. ``labels`` name the whole numbers of an ordinal scale. ``targets`` are what a distance leads to,
    ``by_road`` whether over the network. ``needs`` are the params without which it means nothing.
    """

    id: str
    title: str
    unit: str
    objective: Objective
    layers: tuple[str, ...]
    source: str
    function: Function
    group: str = ""
    scope: Literal["place", "site"] = "place"
    labels: tuple[str, ...] = ()
    targets: Targets | None = None
    by_road: bool = False
    needs: tuple[str, ...] = ()

    def measure(self, at: Locations, world: World, params: Params) -> Floats:
        """Return the criterion at every location, in its unit; NaN is missing.

        Raises
        ------
        InputError
            The brief lacks what the criterion needs.
        """
        for name in self.needs:
            if not getattr(params, name):
                title = NEEDS[name]
                raise InputError(
                    f"准则“{self.title}”需要知道{title}，",
                    f"请在选址任务里填写{title}，或去掉这项准则。",
                    criterion=self.id,
                )
        return self.function(at, world, params)


CRITERIA: dict[str, Criterion] = {}
NEEDS = {"industry": "产业", "suppliers": "配套产业", "compatible": "相容产业", "unwanted": "不宜相邻的产业"}


def criterion(
    criterion_id: str,
    title: str,
    *,
    unit: str,
    objective: Objective,
    layers: tuple[str, ...],
    source: str,
    group: str,
    scope: Literal["place", "site"] = "place",
    labels: tuple[str, ...] = (),
    targets: Targets | None = None,
    by_road: bool = False,
    needs: tuple[str, ...] = (),
) -> Callable[[Function], Function]:
    """Register the decorated function as a criterion."""

    def register(function: Function) -> Function:
        CRITERIA[criterion_id] = Criterion(
            criterion_id,
            title,
            unit,
            objective,
            layers,
            source,
            function,
            group,
            scope,
            labels,
            targets,
            by_road,
            needs,
        )
        return function

    return register


def find_criterion(criterion_id: str) -> Criterion:
    """Return a criterion by id, or raise ``NotFoundError`` naming those there are."""
    try:
        return CRITERIA[criterion_id]
    except KeyError:
        raise NotFoundError(
            f"没有准则“{criterion_id}”。", f"现有准则：{'、'.join(CRITERIA)}。", criterion=criterion_id
        ) from None


def point_in(shapes: Objects, xy: Floats) -> Ints:
    """Return the first of some outlines that holds each point; -1 for none or without a point."""
    found = np.full(len(xy), -1)
    usable = np.flatnonzero([s is not None and not s.is_empty and s.area > 0 for s in shapes])
    known = np.flatnonzero(np.isfinite(xy).all(axis=1))
    if len(usable) and len(known):
        tree = shapely.STRtree(shapes[usable])
        points, outlines = tree.query(shapely.points(xy[known]), predicate="intersects")
        for p, o in sorted(zip(points.tolist(), outlines.tolist(), strict=True), reverse=True):
            found[known[p]] = usable[o]
    return found
