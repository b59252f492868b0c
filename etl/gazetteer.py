"""The names of the city's places, and where they lie: what locating needs to know, drawn once a run."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
import numpy.typing as npt
import shapely

from etl.parse_text import compact
from geo.assign import AreaIndex

_PREFIX = re.compile(r"^(江苏省|江苏)?(盐城市|盐城)?")
_TOWN_TAIL = re.compile(r"(人民政府)?(街道办事处|办事处|街道办|街道|镇|乡)?$")
_LEGAL_TAIL = ("县", "区", "市")
_ESTATE = re.compile(r"开发区|高新区|园区|产业园|工业园|科技园|集中区|港区")


class PlaceLike(Protocol):
    """A county, unit or township with its codes and other names."""

    @property
    def code(self) -> str: ...  # noqa: D102
    @property
    def name(self) -> str: ...  # noqa: D102
    @property
    def kind(self) -> str: ...  # noqa: D102
    @property
    def county_code(self) -> str: ...  # noqa: D102
    @property
    def unit_code(self) -> str: ...  # noqa: D102
    @property
    def aliases(self) -> tuple[str, ...]: ...  # noqa: D102


@dataclass(frozen=True)
class Known:
    """Features already on the map with surveyed places, to recognise a datum by: by key and by name."""

    by_key: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    by_name: Mapping[str, tuple[float, float]] = field(default_factory=dict)


@dataclass(frozen=True)
class Township:
    """A township found in a text; ``candidates`` are its codes, more than one where several counties have it."""

    candidates: tuple[str, ...]
    word: str


@dataclass(frozen=True, eq=False)
class Gazetteer:
    """Places by name and by area.

    Attributes
    ----------
    places : tuple of PlaceLike
        The code table.
    counties, townships : AreaIndex or None
        The active areas, EPSG:4490; None while there are none.
    labels : dict of county code -> (lon, lat)
        Where a county's name stands.
    known : Known
        Surveyed features of the layer.
    """

    places: tuple[PlaceLike, ...] = ()
    counties: AreaIndex | None = None
    townships: AreaIndex | None = None
    labels: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    known: Known = Known()

    @classmethod
    def build(
        cls,
        places: Iterable[PlaceLike],
        counties: tuple[Sequence[str], Sequence[shapely.Geometry], Sequence[tuple[float, float]]] | None = None,
        townships: tuple[Sequence[str], Sequence[shapely.Geometry], Sequence[tuple[float, float]]] | None = None,
        known: Known | None = None,
    ) -> Gazetteer:
        """Index the code table and the active areas (codes, geometries, label points)."""
        index = AreaIndex.build(counties[0], list(counties[1])) if counties and counties[0] else None
        towns = AreaIndex.build(townships[0], list(townships[1])) if townships and townships[0] else None
        labels = dict(zip(counties[0], counties[2], strict=True)) if counties else {}
        return cls(tuple(places), index, towns, labels, known or Known())

    @functools.cached_property
    def names(self) -> dict[str, str]:
        """Code -> name."""
        return {p.code: p.name for p in self.places}

    @functools.cached_property
    def _by_kind(self) -> dict[str, dict[str, str]]:
        out: dict[str, dict[str, str]] = {"county": {}, "unit": {}}
        for place in self.places:
            if place.kind in out:
                for word in (place.code, place.name, *place.aliases):
                    out[place.kind].setdefault(compact(word), place.code)
        return out

    @functools.cached_property
    def _towns(self) -> dict[str, list[str]]:
        out: dict[str, list[str]] = {}
        for place in self.places:
            if place.kind == "township":
                for word in {place.name, *place.aliases, place.code}:
                    out.setdefault(compact(word), []).append(place.code)
                stem = _TOWN_TAIL.sub("", compact(place.name))
                if len(stem) >= 2:
                    out.setdefault(stem, []).append(place.code)
        return {word: list(dict.fromkeys(codes)) for word, codes in out.items()}

    @functools.cached_property
    def by_code(self) -> dict[str, PlaceLike]:
        """Code -> place."""
        return {p.code: p for p in self.places}

    def county(self, text: str) -> str | None:
        """Return the county that a cell names (code, name, alias, 江苏省盐城市…), or None."""
        return self._named(text, "county")

    def unit(self, text: str) -> str | None:
        """Return the functional zone or county that a cell names, or None."""
        return self._named(text, "unit") or self._named(text, "county")

    def zone(self, text: str) -> str | None:
        """Return the functional zone that a cell names, or None; a county is none."""
        return self._named(text, "unit")

    @functools.cached_property
    def _seen(self) -> dict[tuple[str, str], str | None]:
        return {}

    def _named(self, text: str, kind: str) -> str | None:
        """Look a name up once; a file has few different ones in many rows."""
        at = (kind, text)
        if at not in self._seen:
            self._seen[at] = self._look_up(text, kind)
        return self._seen[at]

    def _look_up(self, text: str, kind: str) -> str | None:
        words = self._by_kind[kind]
        word = compact(text)
        for form in (word, word[:6] if word[:6].isdigit() else word, _PREFIX.sub("", word)):
            if form in words:
                return words[form]
        return None

    def township(self, text: str, county: str | None = None) -> Township | None:
        """Return the township that a cell names; with the county known, only one of that county."""
        word = compact(text)
        for form in dict.fromkeys((word, word[:9], _TOWN_TAIL.sub("", word))):
            codes = self._towns.get(form)
            if codes:
                inside = [c for c in codes if county is None or self.by_code[c].county_code == county]
                return Township(tuple(inside or codes), form)
        return self.township_in(text, county)

    def township_of_code(self, code: str) -> str | None:
        """Return the township of a 9 or 12-digit code, or None."""
        place = self.by_code.get(code) or self.by_code.get(code[:9])
        return place.code if place is not None and place.kind == "township" else None

    def township_in(self, text: str, county: str | None = None) -> Township | None:
        """Return the township whose full name is the longest one in an address or name, or None."""
        best: Township | None = None
        for name in _ending(compact(text), ("镇", "乡", "街道"), self._towns, 3, self._longest["town"]):
            inside = tuple(c for c in self._towns[name] if county is None or self.by_code[c].county_code == county)
            if inside and (best is None or len(name) > len(best.word)):
                best = Township(inside, name)
        return best

    def the_county_in(self, text: str) -> str | None:
        """Return the only county that a text names; None where it names two."""
        found, words = self.county_in(text), compact(text)
        other = any(
            p.kind == "county"
            and p.code != found
            and any(len(w) > 1 and not w.isdigit() and w in words for w in (p.name, *p.aliases))
            for p in self.places
        )
        return None if other else found

    def county_in(self, text: str) -> str | None:
        """Return the county whose legal or old name is the longest one in an address, or None."""
        words = self._by_kind["county"]
        found = _ending(compact(text), _LEGAL_TAIL, words, 3, self._longest["county"])
        if found:
            return words[max(found, key=len)]
        word = _PREFIX.sub("", compact(text))
        return words.get(word[:2]) if _ESTATE.search(word[2:]) else None  # 大丰港经济开发区, 响水生态化工园区

    def zone_in(self, text: str) -> str | None:
        """Return the functional zone whose name (four characters or more) stands in an address, or None."""
        word = compact(text)
        words = self._zone_words
        found = [w for w in words if w in word]
        return words[max(found, key=len)] if found else None

    @functools.cached_property
    def _zone_words(self) -> dict[str, str]:
        return {w: c for w, c in self._by_kind["unit"].items() if len(w) >= 4 and not w[:4].isdigit()}

    @functools.cached_property
    def _longest(self) -> dict[str, int]:
        return {
            "county": max(map(len, self._by_kind["county"]), default=0), "town": max(map(len, self._towns), default=0),
        }  # fmt: skip

    @functools.cached_property
    def zone_counties(self) -> dict[str, str]:
        """Zone -> the county in which all its townships lie; only the zones of which that is so."""
        found: dict[str, set[str]] = {}
        for place in self.places:
            if place.kind == "township" and place.unit_code:
                found.setdefault(place.unit_code, set()).add(place.county_code)
        return {unit: next(iter(counties)) for unit, counties in found.items() if len(counties) == 1}

    @functools.cached_property
    def extent(self) -> tuple[float, float, float, float] | None:
        """West, south, east, north of the counties with half a degree of sea and neighbours around, degrees."""
        if self.counties is None:
            return None
        west, south, east, north = (float(v) for v in shapely.total_bounds(self.counties.geoms))
        return west - 0.5, south - 0.5, east + 1.0, north + 0.5

    def distance_km(self, county: str, places: npt.NDArray[np.object_]) -> npt.NDArray[np.float64]:
        """Return how far shapes are from a county, kilometres; 0 inside. Flat at this latitude, good to 1 %."""
        if county not in self._flat:
            return np.full(len(places), np.nan)
        flat = shapely.transform(places, lambda c: c * [self._narrow, 1.0])
        return np.asarray(shapely.distance(self._flat[county], flat), np.float64) * 111.2

    @functools.cached_property
    def _narrow(self) -> float:
        """How much shorter a degree of longitude is than one of latitude, in the middle of the counties."""
        extent = self.extent or (0.0, 0.0, 0.0, 0.0)
        return float(np.cos(np.radians((extent[1] + extent[3]) / 2)))

    @functools.cached_property
    def _flat(self) -> dict[str, shapely.Geometry]:
        """Counties with both axes in degrees of latitude, to measure distances in."""
        if self.counties is None:
            return {}
        flat = shapely.transform(self.counties.geoms, lambda c: c * [self._narrow, 1.0])
        shapely.prepare(flat)
        return dict(zip(self.counties.codes, flat, strict=True))


def _ending(text: str, tails: tuple[str, ...], words: Mapping[str, object], shortest: int, longest: int) -> list[str]:
    """Return the words of a table that stand in a text and end with one of ``tails``."""
    found: list[str] = []
    for tail in tails:
        at = text.find(tail)
        while at >= 0:
            end = at + len(tail)
            found += [w for n in range(shortest, min(longest, end) + 1) if (w := text[end - n : end]) in words]
            at = text.find(tail, at + 1)
    return found
