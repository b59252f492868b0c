"""Correcting one record by hand: a run like any other, with its reason, that can be rolled back."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

import pandas as pd

from etl.clean import NumberParser
from etl.fault import Fault
from etl.issues import issue_types
from etl.options import Options
from etl.parse_amount import parse_unit
from etl.parse_code import FORMATS
from etl.parse_date import Period, parse_date
from etl.parse_term import Terms, parse_boolean
from etl.parse_text import is_nothing, name_key
from etl.place import can_move, move, read_pair
from etl.same_name import base_of
from geo.errors import InputError
from layers.registry import Catalogue
from layers.spec import FieldSpec, Layer
from layers.store.load import Batch, Published, RunInfo, publish
from layers.store.record import read_record
from layers.store.staging import EVENT_COLUMNS


def read_value(spec: FieldSpec, cat: Catalogue, text: str) -> Any:
    """Read what a person typed for a field; a bare number is in the unit that people see.

    Raises
    ------
    InputError
        It cannot be used; the sentence is that of the import.
    """
    if is_nothing(text):
        if spec.required:
            raise InputError(f"“{spec.title}”是必填项。", "请填写后再保存。")
        return None
    found = _parse(spec, cat, text)
    if isinstance(found, Fault):
        said = {"value": text, "title": spec.title, "expected": "", "found": "", "hint": ""} | found.facts
        raise InputError(
            issue_types()[found.type].zh.format_map(said).split("，没有采用")[0] + "。", "请改正后再保存。"
        )
    if spec.is_number and found is not None:
        low, high = spec.minimum, spec.maximum
        if (low is not None and found < low) or (high is not None and found > high):
            raise InputError(f"“{spec.title}”的“{text}”超出允许的范围。", f"应在 {low} 与 {high} 之间（{spec.unit}）。")
    return found


def _parse(spec: FieldSpec, cat: Catalogue, text: str) -> Any:
    if spec.is_number:
        unit = parse_unit(spec.unit) if spec.unit else None
        return NumberParser(spec, unit, parse_unit(spec.display_unit or spec.unit or ""), Options())(text)
    if spec.type == "date":
        period = parse_date(text)
        return period.day if isinstance(period, Period) else period
    if spec.type == "boolean":
        return parse_boolean(text)
    if spec.is_categorical:
        terms = Terms(spec, cat)
        return terms.parse_list(text) if spec.type == "list" else terms.parse(text)
    return FORMATS[spec.format](text) if spec.format else text.strip()


def _events(layer: Layer, record: Mapping[str, Any], given: Mapping[str, str]) -> pd.DataFrame:
    rows = []
    for kind, text in given.items():
        group = next((g for g in layer.events if kind in g.types), None)
        if group is None or kind not in group.types:
            raise InputError(f"“{layer.title}”没有“{kind}”这种事件。", "请从表单中选。")
        period = parse_date(text)
        if period is None:
            continue
        if not isinstance(period, Period):
            raise InputError(f"“{kind}”的日期“{text}”看不懂。", "请写成 2026-03-05 或 2026年3月。")
        level = str(record.get(group.field) or "") if group.levels else ""
        words = "" if period.first == period.last else period.text
        first = None if period.first == period.last else period.first
        rows.append([record["key"], kind, level, period.day, None, words, first])
    return pd.DataFrame(rows, columns=list(EVENT_COLUMNS), dtype=object)


def correct_record(
    dsn: str, layer: Layer, cat: Catalogue, feature_id: int, given: Mapping[str, str], *, reason: str,
    started_by: str = "", valid_from: dt.date | None = None,
) -> Published:  # fmt: skip
    """Write what a person corrected in one record, as one run.

    Parameters
    ----------
    given : mapping
        ``name``, ``address``, a field's id, or ``event:<type>`` -> the text typed; only what was changed. ``place``
        is "lon,lat" in degrees, and ``place_how`` says whether it is ``surveyed`` or ``sketched`` (the default).
    reason : str
        Why, kept with the run.
    valid_from : date or None
        Since when it is so: becomes the record's data date.

    Raises
    ------
    InputError
        No reason, nothing given, a value that cannot be used, or a field that identifies the record.
    NotFoundError
        No such record.
    """
    if not reason.strip():
        raise InputError("没有填写原因，没有改动任何数据。", "请写一句为什么修正，例如“企业来函更正”。")
    if not given:
        raise InputError("没有改动任何一项。", "请改好后再保存。")
    record = read_record(dsn, layer, feature_id)
    events = {}
    given = dict(given)
    is_placed, how = "place_how" in given, given.pop("place_how", "sketched")
    if how not in ("surveyed", "sketched"):
        raise InputError("位置的精度只能是测定或示意。", "请从列表中选。")
    if place := given.pop("place", ""):
        record |= move(dsn, layer, record, *read_pair(place), how)  # type: ignore[arg-type]
    elif is_placed and record["geom"] is not None and can_move(layer, record["geom"]):
        record["location_accuracy"] = how
    for name, text in given.items():
        kind, _, target = name.rpartition(":")
        spec = layer.field(name)
        if kind == "event":
            events[target] = text
        elif spec is not None and name in layer.key:
            raise InputError(f"“{spec.title}”是识别这条记录的代码，不能在这里改。", "请用导入或合并来更正代码。")
        elif spec is not None:
            record[name] = read_value(spec, cat, text)
        elif name == "name":
            if is_nothing(text):
                raise InputError("名称不能是空的。", "请填写名称。")
            if base_of(record["key"]) == name_key(record["name"]) != name_key(text):
                raise InputError("这条记录以名称为识别，不能在这里改成另一个名称。", "请导入新名称后合并两条记录。")
            record["name"] = " ".join(text.split())
        elif name == "address":
            record["address"] = " ".join(text.split())
        else:
            raise InputError(f"“{layer.title}”没有字段“{name}”。", "请从表单中选。")
    record["entry_number"] = 1
    if valid_from is not None:
        record["data_date"] = valid_from
    batch = Batch(rows=pd.DataFrame([record], dtype=object), events=_events(layer, record, events), n_read=1)
    return publish(dsn, layer, cat, batch, RunInfo(kind="edit", reason=reason.strip(), started_by=started_by))
