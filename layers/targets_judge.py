"""Judging a target on a day: what is due, whether it is met, and why, in one Chinese sentence.

Pure: figures in, verdicts out. Shares of the year are exact fractions, so that a boundary is a boundary.
"""

from __future__ import annotations

import calendar
import datetime as dt
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, Literal

from layers.targets import Document, Judge, Schedule, TargetRow

Status = Literal["met", "on_track", "behind", "pending_list", "unmet_strive", "no_data", "info"]
Number = int | float

SCHEDULE_NAMES: dict[str, str] = {
    "linear": "线性进度", "quarterly": "季度进度", "list": "名单公布", "level": "水平值，不分进度",
}  # fmt: skip
STATUS_NAMES: dict[Status, str] = {
    "met": "已达", "on_track": "正常", "behind": "滞后", "pending_list": "待公布", "unmet_strive": "力争未达",
    "no_data": "无数据", "info": "参考",
}  # fmt: skip
QUARTERS = (0.25, 0.5, 0.75, 1.0)


@dataclass(frozen=True)
class Rule:
    """How one row is judged: its data's defaults with the settings laid over them."""

    judge: Judge
    target: Number | None
    schedule: Schedule = "linear"
    strive: bool = False
    band_width: float = 0.0
    list_by: dt.date = dt.date.max
    quarter_shares: tuple[float, ...] = QUARTERS


@dataclass(frozen=True)
class Found:
    """What was found for a row. ``value`` None: nothing is known; ``day``: the day the value speaks for.

    ``lacks`` counts candidates left out by what they do not say, ``caveats`` those counted with a doubt.
    """

    value: Number | None
    day: dt.date
    n_rows: int | None = None
    amount: Number = 0
    n_base: int = 0
    n_demo: int = 0
    lacks: Mapping[str, int] = field(default_factory=dict)
    caveats: Mapping[str, int] = field(default_factory=dict)
    denominator: float | None = None
    source: str = ""
    missing: str = ""


@dataclass(frozen=True)
class Verdict:
    """A status, what was due on the day (None where nothing is), and the sentence."""

    status: Status
    due: Number | None
    reason: str


def rule_of(document: Document, row: TargetRow, settings: Mapping[tuple[str, str], Any]) -> Rule:
    """Return how a row is judged; ``settings`` maps (target id or '', name) to a value."""

    def chosen(name: str, default: Any) -> Any:
        return settings.get((row.id, name), settings.get(("", name), default))

    # A city-wide schedule is for counts over the year; a rate or a list keeps its own unless set by itself.
    own = row.schedule not in ("linear", "quarterly")
    schedule = settings.get((row.id, "schedule"), row.schedule if own else chosen("schedule", row.schedule))
    list_by = chosen("list_by", None)
    return Rule(
        judge=row.judge, target=row.target, schedule=schedule or "level", strive=row.strive,
        band_width=float(chosen("band_width", row.band_width or 0.0)),
        list_by=dt.date.fromisoformat(list_by) if list_by else document.end,
        quarter_shares=tuple(chosen("quarter_shares", QUARTERS)),
    )  # fmt: skip


def exact(value: Number) -> Fraction:
    """Return a number as people write it, exactly: 0.1 is one tenth."""
    return Fraction(str(value)) if isinstance(value, float) else Fraction(value)


def share_due(rule: Rule, year: int, day: dt.date) -> Fraction:
    """Return the share of the year's target that is due on a day, 0 to 1.

    Linear: twelfths, a month by its days; 30 June is one half. Quarterly: what was due at the end of the
    last whole quarter. A level is due whole on every day; a list only from the day it is to be published.
    """
    if day.year != year:
        return Fraction(int(day.year > year))
    last = calendar.monthrange(day.year, day.month)[1]
    if rule.schedule == "linear":
        return Fraction(day.month - 1 + Fraction(day.day, last), 12)
    if rule.schedule == "quarterly":
        whole = (day.month - (day.day < last)) // 3
        return exact(rule.quarter_shares[whole - 1]) if whole else Fraction(0)
    if rule.schedule == "list":
        return Fraction(int(day >= rule.list_by))
    return Fraction(1)


def reaches(judge: Judge, value: Number, wanted: Number | Fraction, band_width: float = 0.0) -> bool:
    """Say whether a value satisfies a comparator against what is wanted; 左右 from the lower edge of its band."""
    found = exact(value)
    goal = wanted if isinstance(wanted, Fraction) else exact(wanted)
    if judge == "more_than":
        return found > goal
    if judge == "exactly":
        return found == goal
    if judge == "about":
        return found >= goal - exact(band_width)
    return found >= goal


def status_of(rule: Rule, kind: str, value: Number | None, year: int, day: dt.date) -> Status:
    """Return the status of a row whose value is ``value`` on a day."""
    if kind in ("threshold", "milestone"):
        return "info"
    if value is None or rule.target is None:
        return "no_data"
    if reaches(rule.judge, value, rule.target, rule.band_width):
        return "met"
    if kind == "list":
        return "behind"
    if rule.strive:
        return "unmet_strive"
    if rule.schedule == "list":
        return "pending_list" if day < rule.list_by else "behind"
    due = exact(rule.target) * share_due(rule, year, day)
    return "on_track" if reaches(rule.judge, value, due, rule.band_width) else "behind"


def due_on(rule: Rule, row: TargetRow, year: int, day: dt.date) -> Number | None:
    """Return what is due on a day, in the row's unit; whole things are rounded up. None where nothing is."""
    if rule.target is None or row.kind != "target" or rule.schedule in ("list", "level"):
        return None
    due = exact(rule.target) * share_due(rule, year, day)
    return math.ceil(due) if row.is_count else float(due)


def judge(document: Document, row: TargetRow, rule: Rule, found: Found) -> Verdict:
    """Return the verdict on a row."""
    year, day = document.year, found.day
    if row.kind in ("threshold", "milestone"):
        return Verdict("info", None, _inform(document, row, found))
    status: Status = "no_data" if found.missing else status_of(rule, row.kind, found.value, year, day)
    due = due_on(rule, row, year, day)
    if status == "no_data":
        text = found.missing or "没有数据"
        return Verdict(status, due, _sentence(f"{text}，{_goal(row, rule)}", _notes(row, found)))
    assert found.value is not None
    parts = [_found(row, found)]
    if row.kind == "list":
        parts.append(_list_gap(row, found.value))
    else:
        if due is not None:
            parts.append(f"按{SCHEDULE_NAMES[rule.schedule]}今日应达 {quantity(due, row.unit)}")
        parts += [_goal(row, rule), _outcome(row, rule, status, found.value, due)]
    return Verdict(status, due, _sentence("，".join(parts), _notes(row, found)))


def number(value: Number) -> str:
    """Return a number as a person writes it: thousands separated, at most two decimals."""
    text = f"{value:,.2f}" if isinstance(value, float) else f"{value:,}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def quantity(value: Number, unit: str) -> str:
    """Return a number with its unit as a person writes it."""
    return f"{number(value)}{unit}" if unit == "%" else f"{number(value)} {unit}".rstrip()


def _sentence(text: str, notes: list[str]) -> str:
    return "；".join([text, *notes]) + "。"


def _found(row: TargetRow, found: Found) -> str:
    said = f"截至 {found.day} {row.indicator} {quantity(found.value or 0, row.unit)}"
    if row.measure == "rate":
        return f"{said}（{found.n_base:,} 家中 {found.n_rows or 0:,} 家）"
    if row.measure == "share":
        return f"{said}（全市 {number(found.amount)}，全省 {number(found.denominator or 0)}）"
    return said


def _goal(row: TargetRow, rule: Rule) -> str:
    if rule.target is None:
        return "没有目标数"
    target = quantity(rule.target, row.unit)
    if row.kind == "list":
        return f"清单应恰为 {target}"
    words = "目标力争" if rule.strive else "目标"
    if rule.judge == "about":
        low, high = (float(exact(rule.target) + sign * exact(rule.band_width)) for sign in (-1, 1))
        return f"{words} {target}左右（本平台设为 {quantity(low, row.unit)}～{quantity(high, row.unit)}）"
    if rule.judge == "more_than":
        return f"{words}超过 {target}"
    return f"{words}不少于 {target}" + ("（原文无比较词，按不少于判定）" if row.comparator == "=" else "")


def _list_gap(row: TargetRow, value: Number) -> str:
    gap = value - (row.target or 0)
    goal = f"清单应恰为 {quantity(row.target or 0, row.unit)}"
    if gap == 0:
        return f"{goal}，相符"
    return f"{goal}，{'多' if gap > 0 else '缺'} {number(abs(gap))} {row.unit}"


def _outcome(row: TargetRow, rule: Rule, status: Status, value: Number, due: Number | None) -> str:
    target = rule.target or 0
    unit = "个百分点" if row.unit == "%" else row.unit
    if status == "met":
        if rule.judge == "about" and exact(value) > exact(target) + exact(rule.band_width):
            return "高于区间，按已达计"
        return "已达到"
    if status == "on_track":
        return "进度正常"
    if status == "pending_list":
        return f"名单{'尚未公布齐' if value else '待公布'}（设为 {rule.list_by} 前），不判滞后"
    goal = target if due is None or status == "unmet_strive" else due
    gap = float(exact(goal) - exact(value))
    short = f"少 {number(int(gap) if gap.is_integer() else gap)} {unit}" if gap > 0 else "刚好相等，还须超过"
    return f"{short}，{'力争目标未达' if status == 'unmet_strive' else '滞后'}"


def _notes(row: TargetRow, found: Found) -> list[str]:
    notes = []
    if found.source:
        notes.append(found.source)
    if row.question:
        notes.append(f"口径待确认：{row.question}，现按“{row.reading}”计")
    if found.lacks:
        missing = "、".join(f"{n:,} 条未填{what}" for what, n in sorted(found.lacks.items()))
        notes.append(f"另有 {missing}，" + ("按没有计" if row.measure == "rate" else "未计入"))
    if found.caveats:
        notes.append("、".join(f"其中 {n:,} 条缺{what}，按全部累计计入" for what, n in sorted(found.caveats.items())))
    if found.n_demo:
        notes.append(f"含演示数据 {found.n_demo:,} 条")
    return notes


def _inform(document: Document, row: TargetRow, found: Found) -> str:
    if row.kind == "threshold":
        users = [r.id for r in document.rows if row.id in r.thresholds.values()]
        used = f"用于 {'、'.join(users)}" if users else "目前没有目标用到它"
        return f"{quantity(row.target or 0, row.unit)}是筛选门槛，不是完成指标，{used}。"
    said = f"，{found.source}" if found.source else ""
    return f"里程碑事项，原文没有数字，不作数量判定{said}。"
