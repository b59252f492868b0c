"""The same thing under several spellings: pairs found by code, or by name and distance, for a person to judge."""

from __future__ import annotations

import itertools
import math
import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

from etl.gazetteer import Gazetteer
from etl.parse_text import COMPANY, compact, loose_name_key, name_key
from etl.same_name import are_namesakes
from etl.texts import Array, holds, in_parts, look_at, mapped, plain_keys
from layers.store.duplicates import (
    CountyWords,
    Decision,
    Neighbour,
    read_alike,
    read_decisions,
)  # fmt: skip

if TYPE_CHECKING:
    from etl.pipeline import Context

NEAR_M = 1_000.0
_REMEMBERED = 50_000  # names whose form is kept; a larger file's are many and each stands once
CROWD = 40  # more than so many of one name are a chain of shops, not spellings of one
_REGION = r"(?:江苏省|江苏)?(?:盐城市|盐城)?"
_REGIONS = [a + b for a in ("", "江苏省", "江苏") for b in ("", "盐城市", "盐城")]


@dataclass(frozen=True)
class Pair:
    """Two records that may be one; ``how`` is ``code`` or ``name``, ``distance_m`` None where one has no place."""

    key_a: str
    name_a: str
    key_b: str
    name_b: str
    how: str
    evidence: str
    distance_m: float | None = None


class Names:
    """The form in which names of one thing meet: brackets, widths, kinds of company, old names of counties."""

    def __init__(self, gazetteer: Gazetteer) -> None:
        self._codes: dict[str, str] = {}
        for place in gazetteer.places:
            if place.kind == "county":
                for word in (place.name, *place.aliases):
                    if len(compact(word)) >= 2 and not word.isdigit():
                        self._codes[name_key(word)] = place.code
        words = sorted(self._codes, key=lambda w: (-len(w), w))
        self._pattern = re.compile(_REGION + "(" + "|".join(map(re.escape, words)) + ")") if words else None
        self.counties = CountyWords(f"({_REGION})({'|'.join(map(re.escape, words))})" if words else "", self._codes)
        self._seen: dict[str, str] = {}
        self._county = "|".join(map(re.escape, words))
        self._words: dict[str, list[str]] = defaultdict(list)
        for word, code in self._codes.items():
            self._words[code] += [region + word for region in _REGIONS]

    def forms(self, names: Array) -> Array:
        """Return the form of every name of a column; most are plain, and lose their kind of company at most."""
        simple = plain_keys(look_at(names))
        if self._county:
            simple &= ~holds(names, self._county)
        bare = in_parts(names, lambda part, _: pc.replace_substring_regex(part, COMPANY.pattern, ""))
        return mapped(pa.concat_arrays(bare), simple, self.form, names)

    def form(self, name: str) -> str:
        """Return the form of one name."""
        found = self._seen.get(name)
        if found is None:
            loose = loose_name_key(name)
            if self._pattern is not None:
                loose = self._pattern.sub(lambda m: self._codes[m.group(1)], loose, count=1)
            found = loose
            if len(self._seen) < _REMEMBERED:
                self._seen[name] = found
        return found

    def spellings(self, form: str) -> list[str]:
        """Return the names, but for their kind of company, that a form can come from: a code stands for a county's."""
        made = [form]
        for code, words in self._words.items():
            at = form.find(code)
            while at >= 0:
                made += [form[:at] + word + form[at + len(code) :] for word in words]
                at = form.find(code, at + 1)
        return made


def distance_m(a: Neighbour, b: Neighbour) -> float | None:
    """Return how far two records lie apart, metres, good to 1 % within the city; None where one has no place."""
    if a.lon is None or a.lat is None or b.lon is None or b.lat is None:
        return None
    east = (a.lon - b.lon) * math.cos(math.radians((a.lat + b.lat) / 2))
    return math.hypot(east, a.lat - b.lat) * 111_200


def compare(a: Neighbour, b: Neighbour) -> Pair | None:
    """Judge two records of one code or one name: a pair, or None when something tells them apart."""
    if a.key == b.key or a.is_demo != b.is_demo:
        return None
    far = distance_m(a, b)
    for title, x, y in (
        ("统一社会信用代码", a.credit_code, b.credit_code), ("项目代码", a.project_code, b.project_code),
    ):  # fmt: skip
        if x is not None and x == y:
            return Pair(a.key, a.name, b.key, b.name, "code", f"{title}同为 {x}", far)
    if a.credit_code is not None and b.credit_code is not None:
        return None  # two good codes are two legal persons
    if are_namesakes(a.key, b.key):
        return Pair(a.key, a.name, b.key, b.name, "name", "名称相同，县（市、区）不同", far)
    if far is not None:
        said = f"名称相同，相距 {far:.0f} 米"
        return Pair(a.key, a.name, b.key, b.name, "name", said, far) if far <= NEAR_M else None
    known = {a.county_code, b.county_code} - {"unlocated"}
    if len(known) > 1:
        return None
    return Pair(a.key, a.name, b.key, b.name, "name", "名称相同，县（市、区）不矛盾")


def groups_of(records: Iterable[Neighbour], names: Names) -> dict[tuple[str, str], list[Neighbour]]:
    """Return the records of each code and each form of name."""
    groups: dict[tuple[str, str], list[Neighbour]] = defaultdict(list)
    for record in records:
        for kind, code in (("credit", record.credit_code), ("project", record.project_code)):
            if code:
                groups[kind, code].append(record)
        form = names.form(record.name)
        if len(form) >= 2:
            groups["name", form].append(record)
    return groups


def find_pairs(records: Sequence[Neighbour], gazetteer: Gazetteer, apart: frozenset[frozenset[str]]) -> list[Pair]:
    """Return the pairs among some records, by code first; none twice, and none that was judged to be two."""
    found: dict[frozenset[str], Pair] = {}
    groups = groups_of(records, Names(gazetteer))
    for _, members in sorted(groups.items(), key=lambda g: g[0][0] == "name"):
        if 1 < len(members) <= CROWD:
            for a, b in itertools.combinations(members, 2):
                both = frozenset((a.key, b.key))
                pair = compare(a, b) if both not in apart and both not in found else None
                if pair is not None:
                    found[both] = pair
    return list(found.values())


def all_pairs(context: Context, layer_id: str) -> list[Pair]:
    """Return every pair of a layer's current records, judged or not."""
    layer = context.catalogue.layer(layer_id)
    places = context.places()
    return find_pairs(read_alike(context.dsn, layer, Names(places).counties), places, frozenset())


def unjudged(pairs: Sequence[Pair], decisions: Iterable[Decision]) -> list[Pair]:
    """Return the pairs that nobody has judged to be two."""
    apart = {frozenset((d.kept, d.other)) for d in decisions if d.decision == "apart"}
    return [p for p in pairs if frozenset((p.key_a, p.key_b)) not in apart]


def list_pairs(context: Context, layer_id: str) -> list[Pair]:
    """Return the pairs of a layer's current records that nobody has judged yet."""
    return unjudged(all_pairs(context, layer_id), list_decisions(context, layer_id))


def list_decisions(context: Context, layer_id: str) -> list[Decision]:
    """Return what was decided of a layer's pairs."""
    return read_decisions(context.dsn, context.catalogue.layer(layer_id).id)
