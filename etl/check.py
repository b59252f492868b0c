"""The layer's rules on typed rows: key, name, required fields, bounds, duplicates, the order of events."""

from __future__ import annotations

import datetime as dt
import functools
import hashlib
from collections import defaultdict
from itertools import pairwise

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from etl._bulk import DIGIT, HAN, LOWER
from etl.clean import Cleaned
from etl.clean_events import EventRow, FigureRow
from etl.headers import Dictionary
from etl.parse_text import header_key, is_nothing, name_key, visible
from etl.texts import (
    Array,
    Flags,
    as_objects,
    look_at,
    mapped,
    missing,
    plain_keys,
    plain_names,
    repeated,
    replaced,
    text_array,
)
from geo.errors import ReadError
from layers.spec import EventGroup, Layer


def read_names(cleaned: Cleaned) -> Array:
    """Return every row's name; a missing one is an error, and ''."""
    column = cleaned.roles["name"]
    rest = ~plain_names(column.look)
    made = []
    for i, cell in zip(np.flatnonzero(rest).tolist(), column.texts.filter(pa.array(rest)).to_pylist(), strict=True):
        name = "" if cell is None else visible(cell)
        if len(name) < 7 and is_nothing(name):  # no word for nothing is longer
            cleaned.log.add("name_missing", i, "name")
            name = ""
        made.append(name)
    return replaced(column.texts, rest, made)


def begins_as_header(names: Array, words: Dictionary) -> Array:
    """Return the names that begin as some header does, or with a character that their comparing leaves out."""
    starts = pc.utf8_lower(pc.utf8_slice_codeunits(names, 0, 2))
    maybe: Flags = pc.is_in(starts, pa.array(sorted({word[:2] for word in words.words}))).to_numpy(zero_copy_only=False)
    return names.filter(pa.array(maybe | ~look_at(starts).only(DIGIT | LOWER | HAN)))


def check_headers_inside(cleaned: Cleaned, words: Dictionary, names: Array) -> None:
    """Hold back rows that are headers themselves.

    Raises
    ------
    ReadError
        Most of the names are: the table has its headers in the first column, one record a column.
    """
    maybe = {n for n in pc.unique(begins_as_header(names, words)).to_pylist() if 2 <= len(n) <= 20 and words.knows(n)}
    if not maybe:
        return
    rows = np.flatnonzero(pc.is_in(names, pa.array(sorted(maybe))).to_numpy(zero_copy_only=False)).tolist()
    if len(maybe) > 1 and 2 * len(rows) >= len(names):
        listed = "、".join(sorted(maybe)[:5])
        raise ReadError(
            f"表头像是竖着排在第一列的（{listed}），一条记录占一列，读不出来。",
            "请在 Excel 中用“选择性粘贴—转置”改成一行一条记录后再导入。",
        )
    for i in rows:
        if words.words.get(header_key(names[i].as_py())) == ("role", "name"):
            cells = [c.at(i) for c in cleaned.table.columns]
            if sum(bool(c) and words.knows(str(c)) for c in cells) >= 2:
                cleaned.log.add("header_inside", i, "name", names[i].as_py())


def name_keys(names: Array) -> Array:
    """Return the form of each name in which two are the same."""
    return mapped(names, plain_keys(look_at(names)), name_key)


def make_keys(cleaned: Cleaned, layer: Layer, by_name: Array) -> Array:
    """Return every row's key: the key fields joined when all are there, else the normalised name ``by_name``."""
    parts = [by_name if k == "name" else _texts(cleaned, k) for k in layer.key] or [by_name]
    joined = parts[0] if len(parts) == 1 else pc.binary_join_element_wise(*parts, "|")
    keys = pc.if_else(_all_said(parts), joined, by_name)
    if "key" not in cleaned.roles:
        return keys
    stated = text_array(cleaned.texts("key"))
    return pc.if_else(_all_said([stated]), stated, keys)


def _all_said(parts: list[Array]) -> Array:
    return functools.reduce(pc.and_, (pc.not_equal(part, "") for part in parts))


def _texts(cleaned: Cleaned, field: str) -> Array:
    values = cleaned.values.get(field)
    if values is None:
        return pa.repeat("", len(cleaned.table))
    if pa.types.is_string(values.type):
        return values.fill_null("")
    return text_array(["" if v is None else str(v) for v in as_objects(values)])


Seen = dict[str, tuple[Cleaned, int]]


def check(cleaned: Cleaned, layer: Layer, today: dt.date) -> None:
    """Note what is against the layer's rules; rows with errors are then in ``cleaned.log.bad``."""
    _check_required(cleaned, layer)
    _check_bounds(cleaned, layer)
    _check_events(cleaned, layer, today)
    _check_figures(cleaned, layer)


def _check_required(cleaned: Cleaned, layer: Layer) -> None:
    log = cleaned.log
    for spec in layer.fields:
        if not spec.required:
            continue
        values = cleaned.values.get(spec.id)
        if values is None:
            for i in range(len(cleaned.table)):
                log.add("column_missing", i, spec.id, "", title=spec.title)
            continue
        without = np.flatnonzero(missing(values)).tolist()
        said = {i.entry for i in log.issues if i.field == spec.id and i.severity == "error"} if without else set()
        for i in without:
            if log.offset + i + 1 not in said:
                log.add("field_missing", i, spec.id, "", title=spec.title)


def _check_bounds(cleaned: Cleaned, layer: Layer) -> None:
    for spec in layer.fields:
        values = cleaned.values.get(spec.id)
        if values is None or not spec.is_number or (spec.minimum is None and spec.maximum is None):
            continue
        low = -np.inf if spec.minimum is None else spec.minimum
        high = np.inf if spec.maximum is None else spec.maximum
        numbers = values.fill_null(0).to_numpy()
        for i in np.flatnonzero(~missing(values) & ((numbers < low) | (numbers > high))).tolist():
            value = values[i].as_py()
            kind, bound = "above_maximum", spec.maximum
            if spec.minimum is not None and value < spec.minimum:
                kind, bound = "below_minimum", spec.minimum
            said = _as_written(cleaned, spec.id, i) or value
            cleaned.log.add(kind, i, spec.id, said, title=spec.title, expected=f"{bound:g} {spec.unit or ''}".strip())


def _as_written(cleaned: Cleaned, name: str, row: int) -> str:
    """Return the cell that a field of a row was read from, as its sender wrote it; '' when none or several were."""
    pairs = zip(cleaned.table.columns, cleaned.matches, strict=True)
    cells = [c.cells[row] for c, m in pairs if m.kind == "field" and m.target == name]
    found = [str(x) for x in cells if not is_nothing(x)]
    return found[0] if len(found) == 1 else ""


def _check_events(cleaned: Cleaned, layer: Layer, today: dt.date) -> None:
    by_row: dict[int, list[EventRow]] = defaultdict(list)
    for event in cleaned.events:
        by_row[event.row].append(event)
        if event.first > today:
            cleaned.log.add("future_date", event.row, event.type, event.day, title=event.type)
    for group in layer.events:
        if not group.ordered:
            continue
        order = {kind: k for k, kind in enumerate(group.types)}
        for row, events in by_row.items():
            mine = sorted((e for e in events if e.type in order), key=lambda e: order[e.type])
            for a, b in pairwise(mine):
                if b.last < a.first:  # a month or a year is a span: 2026年 and 2026-03 are no contradiction
                    cleaned.log.add("stage_order", row, group.field, f"{a.type} {a.first} 晚于{b.type} {b.last}")
        _check_stated_stage(cleaned, layer, group, by_row, today)


def _check_figures(cleaned: Cleaned, layer: Layer) -> None:
    """Say where a figure that adds up from period to period becomes less than it was."""
    series = {s.id: s for s in layer.figures if s.cumulative}
    groups: dict[tuple[int, str], list[FigureRow]] = defaultdict(list)
    for figure in cleaned.figures:
        if figure.measure in series:
            groups[figure.row, figure.measure].append(figure)
    for (row, measure), figures in groups.items():
        spec = series[measure]
        for a, b in pairwise(sorted(figures, key=lambda f: f.period_end)):
            same_count = spec.period != "year" or a.period_end.year == b.period_end.year
            if same_count and b.value < a.value:
                before, after = a.period_end.strftime("%Y-%m"), b.period_end.strftime("%Y-%m")
                cleaned.log.add(
                    "figure_falls", row, measure, f"{b.value:g}", title=spec.title, expected=f"{before} 的 {a.value:g}",
                    found=after,
                )  # fmt: skip


def _check_stated_stage(
    cleaned: Cleaned, layer: Layer, group: EventGroup, by_row: dict[int, list[EventRow]], today: dt.date
) -> None:
    """Say where the stage in words is not the last one that its dates have reached: counts follow the dates."""
    said, spec = cleaned.values.get(group.field), layer.field(group.field)
    if said is None or spec is None or group.levels:
        return
    stated = as_objects(said)
    for row, events in by_row.items():
        reached = [e for e in events if e.type in group.types and e.day <= today]
        last = max(reached, key=lambda e: group.types.index(e.type), default=None)
        perhaps = {e.type for e in events if e.first <= today < e.day}  # 2026年, while it runs
        if last is not None and stated[row] is not None and stated[row] not in {last.type, *perhaps}:
            cleaned.log.add(
                "stage_contradicted", row, group.field, stated[row], title=spec.title, expected=last.type,
                found=last.day,
            )  # fmt: skip


def _fingerprint(cleaned: Cleaned, row: int) -> str:
    cells = tuple(
        c.at(row) for c, m in zip(cleaned.table.columns, cleaned.matches, strict=True) if m.target != "ignore"
    )
    shape = cleaned.table.geometry[row] if cleaned.table.geometry is not None else None
    return hashlib.sha256(repr((cells, shape.wkb_hex if shape is not None else "")).encode()).hexdigest()


def check_duplicates(cleaned: Cleaned, keys: Array, seen: Seen | None) -> None:
    """Hold back every later row of a key that stands twice, naming the row where it stands first.

    A row that is held back for another reason is no rival: the good one loads. ``seen`` has the keys of the
    parts of the file that were read before, and takes this one's.
    """
    first: dict[str, int] = {}
    rows = np.ones(len(keys), bool)
    rows[list(cleaned.log.bad)] = False
    rows &= pc.not_equal(keys, "").to_numpy(zero_copy_only=False)
    maybe = rows if seen is not None else repeated(keys, rows)
    for i, key in zip(np.flatnonzero(maybe).tolist(), keys.filter(pa.array(maybe)).to_pylist(), strict=True):
        where = cleaned
        if seen is not None and key in seen:
            where, at = seen[key]
        else:
            at = first.setdefault(key, i)
            if at == i:
                continue
        same = _fingerprint(where, at) == _fingerprint(cleaned, i)
        row = int(where.log.row_numbers[at])
        sheet = where.table.sheets[at] if where.table.sheets is not None else None
        said = f"{row}（工作表“{sheet}”）" if sheet else row
        cleaned.log.add("duplicate_row" if same else "duplicate_key", i, "key", key, first_row=said)
    if seen is not None:
        seen |= {key: (cleaned, at) for key, at in first.items()}
