"""The same thing under several spellings: pairs found by code, or by name and distance, for a person to judge."""

from __future__ import annotations

import itertools
import math
import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from etl.gazetteer import Gazetteer
from etl.parse_text import COMPANY, compact, loose_name_key, name_key
from etl.same_name import are_namesakes
from etl.texts import Array, holds, in_parts, look_at, mapped, plain_keys
from geo.errors import InputError
from layers.registry import Catalogue
from layers.spec import Layer
from layers.store.duplicates import (
    Decision,
    Neighbour,
    Whole,
    keep_apart,
    read_decisions,
    read_neighbours,
    read_whole,
)  # fmt: skip
from layers.store.load import RunInfo, publish
from layers.store.staging import EVENT_COLUMNS, FIGURE_COLUMNS, SHARE_COLUMNS, Batch

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


def list_pairs(context: Context, layer_id: str) -> list[Pair]:
    """Return the pairs of a layer's current records that nobody has judged yet."""
    layer = context.catalogue.layer(layer_id)
    decided = read_decisions(context.dsn, layer.id)
    apart = frozenset(frozenset((d.kept, d.other)) for d in decided if d.decision == "apart")
    return find_pairs(read_neighbours(context.dsn, layer), context.places(), apart)


def list_decisions(context: Context, layer_id: str) -> list[Decision]:
    """Return what was decided of a layer's pairs."""
    return read_decisions(context.dsn, context.catalogue.layer(layer_id).id)


def decide(
    context: Context, layer_id: str, kept: str, other: str, decision: Literal["merge", "apart"], *, reason: str = "",
    by: str = "",
) -> int | None:  # fmt: skip
    """Judge a pair, and remember it.

    Parameters
    ----------
    kept, other : str
        Keys. Of a merge, ``kept`` stays, gets what only the other has, and takes its rows of later files.
    decision : str
        ``merge``, a run that can be rolled back; ``apart``, never to be proposed again.

    Returns
    -------
    int or None
        The run of a merge.

    Raises
    ------
    NotFoundError
        One of them is no current record.
    InputError
        They are one already, or the decision is neither.
    """
    layer = context.catalogue.layer(layer_id)
    if kept == other or decision not in ("merge", "apart"):
        raise InputError("要判断的须是两条不同的记录，结论须是合并或分开。", "请重新选择。")
    a, b = read_whole(context.dsn, layer, kept), read_whole(context.dsn, layer, other)
    if decision == "apart":
        keep_apart(context.dsn, layer.id, kept, other, reason=reason, by=by)
        return None
    return _merge(context.dsn, layer, context.catalogue, a, b, reason=reason, by=by)


def _merge(dsn: str, layer: Layer, cat: Catalogue, a: Whole, b: Whole, *, reason: str, by: str) -> int:
    record, shares, key = dict(a.record), a.shares, a.record["key"]
    for spec in layer.fields:
        if record[spec.id] is None:
            record[spec.id] = b.record[spec.id]
    if record["geom"] is None and b.record["geom"] is not None:
        shares = b.shares
        taken = ("geom", "geom_3857", "area_m2", "county_code", "unit_code", "township_code", "location_accuracy")
        record |= {name: b.record[name] for name in (*taken, "original")}
    record["address"] = record["address"] or b.record["address"]
    record["extra"] = b.record["extra"] | record["extra"]
    if layer.field("alias_names") is not None and b.record["name"] != record["name"]:
        words = [w for text in (record["alias_names"], b.record["alias_names"]) for w in re.split("[；;]", text or "")]
        record["alias_names"] = "；".join(dict.fromkeys(w for w in [*words, b.record["name"]] if w))
    have = {(e["type"], e["level"]) for e in a.events}
    figures = {(f["measure"], f["period_end"]) for f in a.figures}
    batch = Batch(
        rows=pd.DataFrame([record], dtype=object),
        events=_frame([e for e in b.events if (e["type"], e["level"]) not in have], key, tuple(EVENT_COLUMNS)),
        figures=_frame(
            [f for f in b.figures if (f["measure"], f["period_end"]) not in figures], key, tuple(FIGURE_COLUMNS)
        ),
        shares=_frame(shares, key, tuple(SHARE_COLUMNS)),
        n_read=1,
        ended=frozenset({b.record["key"]}),
    )
    said = reason or f"“{b.record['name']}”与“{a.record['name']}”是同一条记录"
    info = RunInfo(kind="edit", reason=said, started_by=by, merged=(key, b.record["key"]))
    return publish(dsn, layer, cat, batch, info).run_id


def _frame(things: list[dict[str, object]], key: str, columns: tuple[str, ...]) -> pd.DataFrame:
    rows = [[key if c == "key" else thing[c] for c in columns] for thing in things]
    return pd.DataFrame(rows, columns=list(columns), dtype=object)
