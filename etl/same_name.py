"""Records that have no code go by their name: two of one name in different counties are two records."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from etl.clean import Cleaned
from etl.locate import Located
from etl.places import OUTSIDE, UNLOCATED
from etl.texts import Array, replaced
from layers.spec import Layer

_UNKNOWN = (OUTSIDE, UNLOCATED)
_NOWHERE: frozenset[str] = frozenset()
_WITH_COUNTY = re.compile(r"^(.+)@([0-9A-Z]{6})$")


def with_county(base: str, county: str) -> str:
    """Return the key of a record whose name another county's record has already."""
    return f"{base}@{county}"


def base_of(key: str) -> str:
    """Return a key without the county that tells it from a namesake: the normalised name."""
    found = _WITH_COUNTY.match(key)
    return found.group(1) if found else key


def are_namesakes(a: str, b: str) -> bool:
    """Whether two keys are of one name, told apart by the county only."""
    return a != b and base_of(a) == base_of(b)


def keys_asked(keys: Array, by_name: Array, located: Located) -> Array:
    """Return the keys that some rows can get: their own, and the ones with the county of their place."""
    rows = pc.and_(pc.equal(keys, by_name), pc.not_equal(keys, ""))
    counties = located.locality.texts(lambda p: p.county_code)
    apart = pc.binary_join_element_wise(keys.filter(rows), counties.filter(rows), "@")
    return pa.concat_arrays([keys, apart])


@functools.cache
def _only(county: str) -> frozenset[str]:
    """Return the set of one county, the same object for the millions of records of one."""
    return _NOWHERE if county in _UNKNOWN else frozenset({county})


@dataclass
class Namesakes:
    """What decides which key a row without a code gets; one for all parts of a file.

    Attributes
    ----------
    keys : set of str
        Keys that stand, or that were merged into one that stands.
    counties : dict of key -> frozenset of county codes
        Where a record is or was.
    any_county : frozenset of str
        Names of which a person said that the county tells nothing apart.
    replayed : frozenset of str or None
        The keys with a county that the run made when it was first read; they alone decide then.
    made : set of str
        The keys with a county of this run.
    """

    keys: set[str] = field(default_factory=set)
    counties: dict[str, frozenset[str]] = field(default_factory=dict)
    any_county: frozenset[str] = frozenset()
    replayed: frozenset[str] | None = None
    made: set[str] = field(default_factory=set)

    @classmethod
    def of(cls, merged: Mapping[str, str], replayed: frozenset[str] | None) -> Namesakes:
        """Return it for a layer whose records are still to be learned, with what was merged there."""
        if replayed is not None:
            return cls(replayed=replayed)
        apart = frozenset(kept for other, kept in merged.items() if base_of(other) == kept != other)
        return cls(keys=set(merged), any_county=apart)

    def learn(self, records: Iterable[tuple[str, str]], moved: Mapping[str, frozenset[str]]) -> None:
        """Take in records that stand, as (key, county), and the counties of those that were in several."""
        if self.replayed is not None:
            return
        for key, county in records:
            counties = _only(county) | moved[key].difference(_UNKNOWN) if key in moved else _only(county)
            before = self.counties.get(key, _NOWHERE)
            self.keys.add(key)
            self.counties[key] = before | counties if before else counties

    def settle(self, cleaned: Cleaned, located: Located, layer: Layer, keys: Array, by_name: Array) -> Array:
        """Return the rows' keys, with the county where another county's record has the name.

        Rows with a code, of an unknown county, or held back keep theirs.
        """
        if layer.id == "boundary":
            return keys
        stated = cleaned.texts("key") if "key" in cleaned.roles else None
        alike = (pc.equal(keys, by_name).to_numpy(zero_copy_only=False)) & (
            pc.not_equal(keys, "").to_numpy(zero_copy_only=False)
        )
        alike[list(cleaned.log.bad)] = False
        rows = np.flatnonzero(alike)
        made = []
        for i, base in zip(rows.tolist(), keys.take(pa.array(rows)).to_pylist(), strict=True):
            county = located.locality[i].county_code
            known = county not in _UNKNOWN and not (stated is not None and stated[i])
            made.append(self._key(base, county, located.declared[i].county) if known else base)
        return replaced(keys, alike, made)

    def _key(self, base: str, county: str, declared: str | None) -> str:
        own = with_county(base, county)
        if self.replayed is not None:
            apart = own in self.replayed
        elif own in self.keys:
            apart = True
        else:
            known = self.counties.get(base, _NOWHERE)
            apart = bool(known) and base not in self.any_county and not known & {county, declared}
        key = own if apart else base
        if apart:
            self.made.add(own)
        self.keys.add(key)
        before = self.counties.get(key, _NOWHERE)
        self.counties[key] = before | _only(county) if before else _only(county)
        return key
