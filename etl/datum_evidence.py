"""What speaks for a datum: known features and declared counties, and what was decided from them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from etl.gazetteer import Gazetteer
from etl.texts import Array, missing, text_array
from geo.crs import to_crs84

Floats = npt.NDArray[np.float64]
DEGREES = ("wgs84", "gcj02", "bd09")
TITLES = {"wgs84": "WGS84", "cgcs2000": "CGCS2000", "gcj02": "GCJ-02（高德、腾讯）", "bd09": "BD-09（百度）"}
_WITHIN_M = 50.0
_FEWEST = 3


def _nothing() -> Array:
    return pa.array([], pa.string())


def datum_title(used: str) -> str:
    """Return the name people know a system by."""
    if used == "mixed":
        return "各部分不同"
    if used == "gk" or used.startswith("gk:"):
        return f"CGCS2000 高斯–克吕格（{'横坐标带带号' if used == 'gk' else f'中央子午线 {used[3:]}°'}）"
    return TITLES.get(used, used)


@dataclass(frozen=True)
class Datum:
    """What the coordinates were taken for.

    Attributes
    ----------
    used : str
        What :func:`geo.crs.to_crs84` takes.
    how : str
        ``given`` (a person said so), ``file`` (its own CRS), ``format`` (the format has only one), ``words``
        (headers, notes), ``magnitude``, ``known_features``, ``counties``, ``none`` (no coordinates).
    evidence : list of str
        Sentences for the report.
    swapped : bool
        The first column holds the latitude or northing.
    """

    used: str
    how: str
    evidence: list[str] = field(default_factory=list)
    swapped: bool = False

    def record(self) -> dict[str, Any]:
        """Return the report's ``datum``."""
        return {"used": self.used, "how": self.how, "evidence": self.evidence}


NONE = Datum("", "none", ["没有坐标"])


@dataclass(frozen=True)
class Evidence:
    """What is known of a file's coordinates.

    Attributes
    ----------
    x, y : ndarray, (n,)
        As in the file, in its order; NaN where there are none.
    crs : str
        What the file states: EPSG:n, WKT, or ''.
    format : str
        ``geojson`` and ``kml`` have one datum by definition.
    words : tuple of str
        Headers of the coordinates, of the datum column and its values, titles and notes.
    ordered : bool
        The headers say which is the longitude.
    counties : Arrow array of str, (n,)
        The declared county codes, null where there is none; empty: unknown.
    keys, names : Arrow arrays of str, (n,)
        To find known features; empty: unknown.
    """

    x: Floats
    y: Floats
    crs: str = ""
    format: str = ""
    words: tuple[str, ...] = ()
    ordered: bool = False
    counties: Array = field(default_factory=_nothing)
    keys: Array = field(default_factory=_nothing)
    names: Array = field(default_factory=_nothing)


def lonlat(evidence: Evidence, keep: npt.NDArray[np.bool_], candidate: str, swapped: bool) -> tuple[Floats, Floats]:
    """Return the kept rows' longitude and latitude as one candidate reads them."""
    a, b = evidence.x[keep], evidence.y[keep]
    return to_crs84(b, a, candidate) if swapped else to_crs84(a, b, candidate)


def by_known(evidence: Evidence, finite: npt.NDArray[np.bool_], gazetteer: Gazetteer, swapped: bool) -> Datum | None:
    """Return the one datum under which three known features or more lie where they are known to be, or None."""
    known = gazetteer.known
    wanted = np.full((len(evidence.x), 2), np.nan)
    for texts, places in ((evidence.names, known.by_name), (evidence.keys, known.by_key)):  # the key has the last word
        if len(texts) and places:
            at = pc.index_in(texts, text_array(list(places))).fill_null(-1).to_numpy()
            rows = np.flatnonzero(finite & (at >= 0))
            wanted[rows] = np.array(list(places.values()))[at[rows]]
    keep = np.isfinite(wanted[:, 0])
    if keep.sum() < _FEWEST:
        return None
    hits = {}
    for candidate in DEGREES:
        lon, lat = lonlat(evidence, keep, candidate, swapped)
        north = (lat - wanted[keep, 1]) * 111_200
        east = (lon - wanted[keep, 0]) * 111_200 * np.cos(np.radians(lat))
        hits[candidate] = int((np.hypot(north, east) <= _WITHIN_M).sum())
    agreed = [c for c, n in hits.items() if n >= _FEWEST]
    if len(agreed) != 1:
        return None
    said = f"{int(keep.sum())} 个已知地物中有 {hits[agreed[0]]} 个在 {_WITHIN_M:.0f} 米内吻合，只有这一种坐标系如此"
    return Datum(agreed[0], "known_features", [said], swapped)


def county_hits(
    evidence: Evidence, finite: npt.NDArray[np.bool_], gazetteer: Gazetteer, swapped: bool
) -> dict[str, int]:
    """Count, under each candidate, the points that fall into the county declared for them."""
    if gazetteer.counties is None or not len(evidence.counties):
        return {}
    keep = finite & ~missing(evidence.counties)
    declared = evidence.counties.filter(pa.array(keep)).to_numpy(zero_copy_only=False)
    codes = np.array([*gazetteer.counties.codes, "", ""], dtype=object)  # -1 and -2 point at ''
    hits = {"declared": len(declared)}
    for candidate in DEGREES:
        lon, lat = lonlat(evidence, keep, candidate, swapped)
        hits[candidate] = int((codes[gazetteer.counties.points(lon, lat)] == declared).sum())
    return hits


def by_counties(evidence: Evidence, finite: npt.NDArray[np.bool_], gazetteer: Gazetteer, swapped: bool) -> Datum | None:
    """Return the one datum under which every point falls into its declared county, or None."""
    hits = county_hits(evidence, finite, gazetteer, swapped)
    if not hits:
        return None
    total = hits.pop("declared")
    right = [c for c in DEGREES if hits[c] == total]
    others = [hits[c] for c in DEGREES if c not in right]
    if len(right) != 1 or total - max(others) < _FEWEST:
        return None
    said = f"{total} 个点都落在填报的县（市、区）内，只有{TITLES[right[0]]}如此；其余至多 {max(others)} 个"
    return Datum(right[0], "counties", [said], swapped)


def looks_shifted(evidence: Evidence, finite: npt.NDArray[np.bool_], gazetteer: Gazetteer, swapped: bool) -> bool:
    """Whether the declared counties fit a shifted datum clearly better than WGS 84."""
    hits = county_hits(evidence, finite, gazetteer, swapped)
    return bool(hits) and max(hits["gcj02"], hits["bd09"]) - hits["wgs84"] >= _FEWEST
