"""A person's word on pairs of records: they are one, and are merged, or they are two; remembered either way."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import pandas as pd

from geo.errors import InputError, NotFoundError
from layers.registry import Catalogue
from layers.spec import Layer
from layers.store.duplicates import Whole, current_keys, keep_apart, propose_again, read_wholes
from layers.store.load import RunInfo, publish
from layers.store.staging import EVENT_COLUMNS, FIGURE_COLUMNS, SHARE_COLUMNS, Batch

if TYPE_CHECKING:
    from etl.pipeline import Context

MOST = 200  # pairs judged at once: what a person has looked at
_PLACE = ("geom", "geom_3857", "area_m2", "county_code", "unit_code", "township_code", "location_accuracy", "original")


@dataclass(frozen=True)
class Judged:
    """What became of some pairs: the run of the merges, how many were judged, how many could not be any more."""

    run_id: int | None
    done: int
    left: int


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
    _checked([(kept, other)], decision)
    both = read_wholes(context.dsn, layer, (kept, other))
    if decision == "apart":
        keep_apart(context.dsn, layer.id, [(kept, other)], reason=reason, by=by)
        return None
    return _merge(context.dsn, layer, context.catalogue, [(both[kept], both[other])], reason=reason, by=by)


def decide_many(
    context: Context, layer_id: str, pairs: Sequence[tuple[str, str]], decision: Literal["merge", "apart"], *,
    reason: str = "", by: str = "",
) -> Judged:  # fmt: skip
    """Judge several pairs alike: all merges are one run, all that is kept apart one transaction.

    A pair is left as it is when one of its records is gone, or is already in a merge of this call: what is right
    for it then shows when the pairs are looked for again.

    Parameters
    ----------
    pairs : sequence of (kept, other)
        Keys, at most ``MOST`` pairs; each as in :func:`decide`.

    Raises
    ------
    NotFoundError
        None of them can be judged any more; nothing was written.
    InputError
        None or too many were given, two keys are one, or the decision is neither.
    """
    layer = context.catalogue.layer(layer_id)
    _checked(pairs, decision)
    known = current_keys(context.dsn, layer, (key for pair in pairs for key in pair))
    wanted, used = [], set[str]()
    for pair in dict.fromkeys(pairs):
        if known.issuperset(pair) and (decision == "apart" or used.isdisjoint(pair)):
            wanted.append(pair)
            used.update(pair)
    if not wanted:
        raise NotFoundError("这些记录已被更新或合并，没有改动任何数据。", "请刷新后重新选择。")
    run = None
    if decision == "apart":
        keep_apart(context.dsn, layer.id, wanted, reason=reason, by=by)
    else:
        whole = read_wholes(context.dsn, layer, used)
        both = [(whole[a], whole[b]) for a, b in wanted]
        run = _merge(context.dsn, layer, context.catalogue, both, reason=reason, by=by)
    return Judged(run, len(wanted), len(set(pairs)) - len(wanted))


def withdraw(context: Context, layer_id: str, kept: str, other: str) -> None:
    """Take back that two records are two: the pair is proposed again. A merge is rolled back as a run instead.

    Raises
    ------
    NotFoundError
        It is not remembered, or was decided otherwise since.
    """
    if not propose_again(context.dsn, context.catalogue.layer(layer_id).id, kept, other):
        raise NotFoundError("这一对没有记为两条，没有改动任何数据。", "请刷新后再看。")


def _checked(pairs: Sequence[tuple[str, str]], decision: str) -> None:
    if decision not in ("merge", "apart") or any(a == b for a, b in pairs):
        raise InputError("要判断的须是两条不同的记录，结论须是合并或分开。", "请重新选择。")
    if not 0 < len(pairs) <= MOST:
        raise InputError(f"一次可以判断 1 至 {MOST} 对。", "请勾选后再判断。")


def _merge(
    dsn: str, layer: Layer, cat: Catalogue, pairs: Sequence[tuple[Whole, Whole]], *, reason: str, by: str
) -> int:
    made = [_joined(layer, a, b) for a, b in pairs]
    events, figures, shares = (
        pd.DataFrame([row for m in made for row in m[i]], columns=list(names), dtype=object)
        for i, names in ((1, EVENT_COLUMNS), (2, FIGURE_COLUMNS), (3, SHARE_COLUMNS))
    )
    batch = Batch(
        rows=pd.DataFrame([m[0] | {"entry_number": i} for i, m in enumerate(made, 1)], dtype=object),
        events=events, figures=figures, shares=shares, n_read=len(made),
        ended=frozenset(b.record["key"] for _, b in pairs),
    )  # fmt: skip
    a, b = pairs[0]
    said = f"“{b.record['name']}”与“{a.record['name']}”是同一条记录"
    said = reason or (said if len(pairs) == 1 else f"{said}等 {len(pairs)} 对")
    merged = tuple((a.record["key"], b.record["key"]) for a, b in pairs)
    return publish(dsn, layer, cat, batch, RunInfo(kind="edit", reason=said, started_by=by, merged=merged)).run_id


def _joined(layer: Layer, a: Whole, b: Whole) -> tuple[dict[str, Any], list[Any], list[Any], list[Any]]:
    """Return the record that stays, and the rows of events, figures and shares that come to it."""
    record, shares, key = dict(a.record), a.shares, a.record["key"]
    for spec in layer.fields:
        if record[spec.id] is None:
            record[spec.id] = b.record[spec.id]
    if record["geom"] is None and b.record["geom"] is not None:
        shares = b.shares
        record |= {name: b.record[name] for name in _PLACE}
    record["address"] = record["address"] or b.record["address"]
    record["extra"] = b.record["extra"] | record["extra"]
    if layer.field("alias_names") is not None and b.record["name"] != record["name"]:
        words = [w for text in (record["alias_names"], b.record["alias_names"]) for w in re.split("[；;]", text or "")]
        record["alias_names"] = "；".join(dict.fromkeys(w for w in [*words, b.record["name"]] if w))
    have = {(e["type"], e["level"]) for e in a.events}
    figures = {(f["measure"], f["period_end"]) for f in a.figures}
    return (
        record,
        _rows([e for e in b.events if (e["type"], e["level"]) not in have], key, EVENT_COLUMNS),
        _rows([f for f in b.figures if (f["measure"], f["period_end"]) not in figures], key, FIGURE_COLUMNS),
        _rows(shares, key, SHARE_COLUMNS),
    )


def _rows(things: Sequence[dict[str, Any]], key: str, columns: Iterable[str]) -> list[list[Any]]:
    return [[key if c == "key" else thing[c] for c in columns] for thing in things]
