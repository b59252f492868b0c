"""Where a record is drawn that has no place of its own: round its county's label, always on the same spot."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt
import shapely

from etl.gazetteer import Gazetteer
from geo.geometry import spread
from geo.mercator import to_web_mercator

SLOTS = 1024
_STEP_M, _FEWEST_M = 160.0, 20.0


def _slot(layer: str, key: str) -> int:
    return int.from_bytes(hashlib.sha256(f"{layer}|{key}".encode()).digest()[:8], "big") % SLOTS


def display_places(
    layer: str, keys: Sequence[str], counties: Sequence[str], gazetteer: Gazetteer
) -> dict[int, tuple[float, float]]:
    """Return lon, lat for each record by its position.

    A record's place follows from its own key, so that a new one does not move the others; only two whose
    keys meet on one spot give way, in the order of their keys.

    Parameters
    ----------
    layer : str
        Keeps the layers apart.
    keys, counties : sequence of str, (n,)
        Record keys and county codes; those without a label point get no place.
    gazetteer : Gazetteer
        Label points and shapes of the counties.
    """
    out: dict[int, tuple[float, float]] = {}
    groups: dict[str, list[int]] = {}
    for i, county in enumerate(counties):
        if county in gazetteer.labels:
            groups.setdefault(county, []).append(i)
    for county, members in groups.items():
        lon, lat = _spots(county, gazetteer.labels, gazetteer)
        taken: set[int] = set()
        for i in sorted(members, key=lambda i: keys[i]):
            slot = _slot(layer, keys[i])
            while slot in taken and len(taken) < SLOTS:
                slot = (slot + 1) % SLOTS
            taken.add(slot)
            out[i] = (float(lon[slot]), float(lat[slot]))
    return out


def _spots(
    county: str, labels: Mapping[str, tuple[float, float]], gazetteer: Gazetteer
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    at = labels[county]
    step = _STEP_M
    if gazetteer.counties is not None and county in gazetteer.counties.codes:
        shape = gazetteer.counties.geoms[gazetteer.counties.codes.index(county)]
        room_m = float(shapely.distance(shape.boundary, shapely.Point(at))) * 90_000
        step = min(_STEP_M, max(_FEWEST_M, 0.8 * room_m / SLOTS**0.5))
    return spread(SLOTS, at[0], at[1], step)


def mercator(shapes: npt.NDArray[np.object_]) -> npt.NDArray[np.object_]:
    """Project shapes in degrees to EPSG:3857; None stays None."""
    out = np.empty(len(shapes), dtype=object)
    keep = ~shapely.is_missing(shapes)
    if keep.any():
        out[keep] = to_web_mercator(shapes[keep])
    return out
