"""Which work lists there are, and what a caller may ask of one."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import urlencode

from geo.errors import InputError, NotFoundError
from layers.registry import Catalogue
from layers.spec import EventGroup, Layer
from layers.store.cql2_text import parse_filter
from layers.store.queries_features import STALLED_DAYS
from layers.store.slices import When

Kind = Literal["stage", "gap", "violations", "stale", "location"]
APART_NAMES = {"outside": "界外", "unlocated": "未定位"}
STAGE_NEEDED = "图层“{}”没有阶段事件“{}”，不能列出这张清单。"


@dataclass(frozen=True)
class WorkList:
    """One list: what it is called, how it is drawn, and after how many days a record is over the limit."""

    id: str
    title: str
    kind: Kind
    stage: str = ""
    next_stage: str = ""
    limit_days: int | None = None


# The limit of a gap is the one after which the map marks a project as stalled; the caller may set another.
WORKLISTS = {
    item.id: item
    for item in (
        WorkList("reserve", "储备清单", "stage", "储备"),
        WorkList("started", "开工清单", "stage", "开工"),
        WorkList("completed", "竣工清单", "stage", "竣工"),
        WorkList("full_output", "达产清单", "stage", "达产"),
        WorkList("full_benefit", "达效清单", "stage", "达效"),
        WorkList("signed_not_started", "签约未开工", "gap", "签约", "开工", STALLED_DAYS),
        WorkList("started_not_completed", "开工未竣工", "gap", "开工", "竣工", STALLED_DAYS),
        WorkList("completed_not_output", "竣工未达产", "gap", "竣工", "达产", STALLED_DAYS),
        WorkList("order_violations", "阶段日期次序有误", "violations"),
        WorkList("stale", "久未更新", "stale"),
        WorkList("unlocated", "未定位或只到县、乡镇", "location"),
    )
}
FIVE = tuple(i for i, item in WORKLISTS.items() if item.kind == "stage")
GAPS = tuple(i for i, item in WORKLISTS.items() if item.kind == "gap")


@dataclass(frozen=True)
class Ask:
    """What a list is asked for, beside its dates.

    Parameters
    ----------
    kind : str
        项目性质, such as 增资扩产; '' for all.
    county, unit : str
        Only records of this code.
    limit_days : int or None
        Replaces the list's own limit.
    only_over : bool
        Only records over the limit.
    year : int or None
        For a stage list: the records that reached the stage in this year, whatever they reached since;
        None: those whose latest stage it is.
    """

    layer: str = "project"
    filter: str = ""
    kind: str = ""
    county: str = ""
    unit: str = ""
    limit_days: int | None = None
    only_over: bool = False
    year: int | None = None

    def check(self) -> None:
        """Refuse numbers that mean nothing.

        Raises
        ------
        InputError
            Names the value.
        """
        if self.limit_days is not None and not 0 <= self.limit_days <= 36_500:
            raise InputError("期限天数应在 0 到 36500 之间。", "例如 limit_days=180。", limit_days=self.limit_days)
        if self.year is not None and not 1900 <= self.year <= 2200:
            raise InputError("年份应是四位数。", "例如 year=2026。", year=self.year)

    def filter_text(self, extra: dict[str, Any] | None = None) -> str:
        """Return the whole choice as one filter (CQL2 JSON), narrowed by one more test."""
        named = {"kind": self.kind, "county_code": self.county, "unit_code": self.unit}
        tests: list[Any] = [equals(name, value) for name, value in named.items() if value]
        tree = parse_filter(self.filter)
        tests = [t for t in (tree, *tests, extra) if t is not None]
        if not tests:
            return ""
        return json.dumps(tests[0] if len(tests) == 1 else {"op": "and", "args": tests}, ensure_ascii=False)


def find_worklist(list_id: str) -> WorkList:
    """Return a list by id.

    Raises
    ------
    NotFoundError
        Names the lists there are.
    """
    if list_id not in WORKLISTS:
        raise NotFoundError(f"没有清单“{list_id}”。", f"现有清单：{'、'.join(WORKLISTS)}。", list=list_id)
    return WORKLISTS[list_id]


def stage_group(layer: Layer, *needed: str) -> EventGroup:
    """Return the layer's group of ordered stages.

    Raises
    ------
    InputError
        The layer has none, or it lacks a stage that is needed.
    """
    group = next((g for g in layer.events if g.ordered and not g.levels and g.field), None)
    missing = [s for s in needed if group is None or s not in group.types]
    if group is None or missing:
        raise InputError(STAGE_NEEDED.format(layer.title, "、".join(missing)), "请换有阶段的图层，例如 project。")
    return group


def list_url(list_id: str, ask: Ask, when: When, demo: bool) -> str:
    """Return the address of a list with both its dates: whoever opens it sees the same rows."""
    chosen: dict[str, Any] = {
        "as_of": when.as_of.isoformat(), "known_at": when.known_at.isoformat() if when.known_at else "",
        "layer": ask.layer, "filter": ask.filter, "kind": ask.kind, "county": ask.county, "unit": ask.unit,
        "limit_days": ask.limit_days, "year": ask.year, "over": "1" if ask.only_over else None,
        "demo": "1" if demo else "0",
    }  # fmt: skip
    return f"/api/v1/worklists/{list_id}?{urlencode({k: v for k, v in chosen.items() if v not in (None, '')})}"


def equals(name: str, value: object) -> dict[str, Any]:
    """Return the filter that asks a field to have a value."""
    return {"op": "=", "args": [{"property": name}, value]}


def describe_worklists(cat: Catalogue) -> list[dict[str, Any]]:
    """Return the lists there are, each with the layers it can be drawn from."""

    def fits(layer: Layer, item: WorkList) -> bool:
        types = {t for g in layer.events if g.ordered and not g.levels and g.field for t in g.types}
        needed = {s for s in (item.stage, item.next_stage) if s}
        return item.kind in ("stale", "location") or (bool(types) and needed <= types)

    return [
        {"list": w.id, "title": w.title, "kind": w.kind, "stage": w.stage, "limit_days": w.limit_days,
         "layers": [i for i, layer in cat.layers.items() if layer.public and fits(layer, w)]}
        for w in WORKLISTS.values()
    ]  # fmt: skip
