"""Every comparator at its boundary, every schedule, every status, and the forecast: pure functions, by hand."""

import datetime as dt
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from layers.targets import TargetRow, shipped_documents
from layers.targets_forecast import COVERAGE, forecast, whole_months
from layers.targets_judge import (
    Found,
    Rule,
    due_on,
    judge,
    number,
    quantity,
    reaches,
    rule_of,
    share_due,
    status_of,
)  # fmt: skip
from layers.targets_text import find_sentence
from tests.targets.world import JUNE, day

DRAFT = shipped_documents()[0]
YEAR_END = dt.date(2026, 12, 31)


def verdict(target_id: str, value: float | None, on: dt.date = JUNE, settings: Any = None, **found: Any):
    row = DRAFT.row(target_id)
    return judge(DRAFT, row, rule_of(DRAFT, row, settings or {}), Found(value, on, **found))


@pytest.mark.parametrize(
    ("judged", "value", "target", "width", "reached"),
    [
        ("at_least", 999, 1000, 0, False),
        ("at_least", 1000, 1000, 0, True),
        ("at_least", 1001, 1000, 0, True),
        ("at_least", 64.99, 65, 0, False),
        ("more_than", 4599.99, 4600, 0, False),
        ("more_than", 4600, 4600, 0, False),
        ("more_than", 4600.01, 4600, 0, True),
        ("exactly", 32, 33, 0, False),
        ("exactly", 33, 33, 0, True),
        ("exactly", 34, 33, 0, False),
        ("about", 5.99, 6.5, 0.5, False),
        ("about", 6.0, 6.5, 0.5, True),
        ("about", 7.0, 6.5, 0.5, True),
        ("about", 7.01, 6.5, 0.5, True),
        ("about", 6.4, 6.5, 0.1, True),
        ("about", 0.3, 0.4, 0.1, True),
    ],
)
def test_a_comparator_at_its_boundary(judged: Any, value: float, target: float, width: float, reached: bool) -> None:
    assert reaches(judged, value, target, width) is reached


@pytest.mark.parametrize(
    ("target_id", "below", "at", "above"),
    [
        ("T17-01", ("behind", 999), ("met", 1000), ("met", 1001)),  # 不少于
        ("T01-01", ("behind", 4599.9), ("behind", 4600), ("met", 4600.1)),  # 超: strictly
        ("T07-01", ("behind", 99), ("met", 100), ("met", 101)),  # a bare number, judged as at least
        ("G-01", ("behind", 5.9), ("met", 6.0), ("met", 7.0)),  # 左右, the band's lower edge
        ("T13-03", ("unmet_strive", 0), ("met", 1), ("met", 2)),  # 力争: never red
        ("T08-02", ("unmet_strive", 49), ("met", 50), ("met", 51)),  # 争创
        ("T12-01", ("behind", 49), ("met", 50), ("met", 51)),  # a list, on the day it must be out
        ("S-03", ("behind", 32), ("met", 33), ("behind", 34)),  # exactly 33
        ("S-04", ("behind", 458), ("met", 459), ("behind", 460)),  # exactly 459
        ("T06-01", ("behind", 64.9), ("met", 65), ("met", 65.1)),  # a rate
        ("H-01", ("info", 0), ("info", 1), ("info", 2)),
    ],
)
def test_the_status_at_the_years_end(target_id: str, below: Any, at: Any, above: Any) -> None:
    for status, value in (below, at, above):
        assert verdict(target_id, value, YEAR_END).status == status


@pytest.mark.parametrize(
    ("target_id", "value", "status", "due"),
    [
        ("T17-02", 314, "behind", 315),
        ("T17-02", 315, "on_track", 315),
        ("T17-02", 630, "met", 315),
        ("T03-01", 25, "behind", 25.0),  # 超 is strict on the way too
        ("T03-01", 25.1, "on_track", 25.0),
        ("T12-01", 0, "pending_list", None),  # the June list
        ("T12-01", 49, "pending_list", None),
        ("T12-01", 50, "met", None),
        ("T13-03", 0, "unmet_strive", None),
        ("T06-01", 64.9, "behind", None),  # a rate is due whole on every day
        ("T17-02", None, "no_data", 315),
        ("S-04", 458, "behind", None),
        ("Q-01", None, "info", None),
    ],
)
def test_the_status_in_june(target_id: str, value: Any, status: str, due: Any) -> None:
    found = verdict(target_id, value)
    assert (found.status, found.due) == (status, due)


@pytest.mark.parametrize(
    ("schedule", "on", "share"),
    [
        ("linear", "2026-01-31", Fraction(1, 12)),
        ("linear", "2026-06-30", Fraction(1, 2)),
        ("linear", "2026-09-30", Fraction(3, 4)),
        ("linear", "2026-06-15", Fraction(11, 24)),
        ("linear", "2026-12-31", Fraction(1)),
        ("linear", "2025-12-31", Fraction(0)),
        ("linear", "2027-01-01", Fraction(1)),
        ("quarterly", "2026-03-30", Fraction(0)),
        ("quarterly", "2026-03-31", Fraction(1, 5)),
        ("quarterly", "2026-06-29", Fraction(1, 5)),
        ("quarterly", "2026-06-30", Fraction(9, 20)),
        ("quarterly", "2026-12-31", Fraction(1)),
        ("list", "2026-11-29", Fraction(0)),
        ("list", "2026-11-30", Fraction(1)),
        ("level", "2026-01-01", Fraction(1)),
    ],
)
def test_what_share_of_the_year_is_due(schedule: Any, on: str, share: Fraction) -> None:
    rule = Rule("at_least", 1, schedule, list_by=day("2026-11-30"), quarter_shares=(0.2, 0.45, 0.7, 1.0))
    assert share_due(rule, 2026, day(on)) == share


@given(st.dates(dt.date(2026, 1, 1), dt.date(2026, 12, 30)), st.sampled_from(["linear", "quarterly", "list", "level"]))
def test_what_is_due_never_falls(on: dt.date, schedule: Any) -> None:
    rule = Rule("at_least", 1, schedule, list_by=day("2026-11-30"))
    assert 0 <= share_due(rule, 2026, on) <= share_due(rule, 2026, on + dt.timedelta(days=1)) <= 1


@given(st.integers(0, 1200), st.dates(dt.date(2026, 1, 1), YEAR_END))
def test_the_due_count_is_the_least_that_is_on_track(value: int, on: dt.date) -> None:
    row = DRAFT.row("T17-01")
    rule = rule_of(DRAFT, row, {})
    due = due_on(rule, row, 2026, on)
    assert due is not None
    assert (status_of(rule, "target", value, 2026, on) == "behind") == (value < due)


@given(
    st.sampled_from([r.id for r in DRAFT.rows]), st.integers(0, 2000), st.dates(dt.date(2025, 1, 1), day("2027-12-31"))
)
def test_a_striving_target_is_never_red_and_every_reason_is_one_sentence(i: str, value: int, on: dt.date) -> None:
    found = verdict(i, value, on)
    assert found.reason.count("。") == 1
    assert found.reason.endswith("。")
    if DRAFT.row(i).strive:
        assert found.status in ("met", "unmet_strive")


def test_the_reason_says_what_was_found_what_is_due_and_the_target() -> None:
    assert verdict("T17-02", 300, lacks={"总投资": 20}).reason == (
        "截至 2026-06-30 新开工亿元以上工业项目 300 个，按线性进度今日应达 315 个，目标不少于 630 个，少 15 个，滞后；"
        "另有 20 条未填总投资，未计入。"
    )
    assert "原文无比较词，按不少于判定" in verdict("T07-01", 10).reason
    assert "目标 6.5%左右（本平台设为 6%～7%）" in verdict("G-01", 6.5).reason
    assert "高于区间" in verdict("G-01", 7.5).reason
    assert "刚好相等，还须超过" in verdict("T01-01", 4600, YEAR_END).reason
    assert "清单应恰为 33 个，缺 1 个" in verdict("S-03", 32).reason
    assert "清单应恰为 33 个，多 1 个" in verdict("S-03", 34).reason
    assert "含演示数据 3 条" in verdict("T17-02", 300, n_demo=3).reason
    assert "口径待确认" in verdict("T13-01", 3).reason


def test_settings_lie_over_the_documents_own() -> None:
    row = DRAFT.row("T12-01")
    assert rule_of(DRAFT, row, {}).list_by == YEAR_END
    assert rule_of(DRAFT, row, {("", "list_by"): "2026-10-31"}).list_by == day("2026-10-31")
    both = {("", "list_by"): "2026-10-31", ("T12-01", "list_by"): "2026-06-01"}
    assert rule_of(DRAFT, row, both).list_by == day("2026-06-01")
    assert verdict("T12-01", 0, settings=both).status == "behind"
    everywhere = {("", "schedule"): "quarterly"}
    assert rule_of(DRAFT, DRAFT.row("T17-01"), everywhere).schedule == "quarterly"
    assert rule_of(DRAFT, row, everywhere).schedule == "list"
    assert rule_of(DRAFT, row, {("T12-01", "schedule"): "linear"}).schedule == "linear"
    assert verdict("G-01", 5.9, settings={("G-01", "band_width"): 0.6}).status == "met"


def test_numbers_as_people_write_them() -> None:
    assert [number(v) for v in (1000, 1234.5, 6.0, 0.125)] == ["1,000", "1,234.5", "6", "0.12"]
    assert (quantity(6.5, "%"), quantity(3, "家")) == ("6.5%", "3 家")


def test_a_row_must_be_coherent() -> None:
    with pytest.raises(ValueError, match="basis"):
        TargetRow(id="T01-01", kind="target", section="一", indicator="x", comparator=">=", target=1, clause="x")


def test_the_forecast_of_a_steady_year_by_hand() -> None:
    # Ten a month for six months: sixty more, spread by Poisson's variance 10 * 6 * (1 + 6/6) = 120, t(5) at 90 %.
    made = forecast([10.0] * 6, 60, 2026, JUNE, is_count=True)
    assert made is not None
    reach = 1.475884 * 120**0.5
    assert (made.value, made.low, made.high) == (120, int(120 - reach), int(120 + reach) + 1)
    assert (made.months, made.coverage) == (6, COVERAGE)


@pytest.mark.parametrize(
    ("monthly", "current", "on"),
    [
        ([], 0, "2026-01-15"),
        ([5.0, 6.0], 11, "2026-02-28"),
        ([0.0] * 6, 0, "2026-06-30"),
        ([1.0] * 12, 12, "2026-12-31"),
    ],
)
def test_no_forecast_where_none_is_honest(monthly: list[float], current: float, on: str) -> None:
    assert forecast(monthly, current, 2026, day(on), is_count=True) is None


@given(st.lists(st.integers(0, 50), min_size=3, max_size=11))
def test_a_forecast_never_lies_below_what_is_reached_and_widens_with_what_is_left(monthly: list[int]) -> None:
    end = dt.date(2026, len(monthly) + 1, 1) - dt.timedelta(days=1)
    made = forecast([float(m) for m in monthly], sum(monthly), 2026, end, is_count=True)
    if made is not None:
        assert sum(monthly) <= made.low <= made.value <= made.high


def test_months_that_are_over() -> None:
    asked = ("2026-01-30", "2026-01-31", "2026-02-28", "2026-12-31", "2025-12-31", "2027-01-01")
    assert [whole_months(2026, day(d)) for d in asked] == [0, 1, 2, 12, 0, 12]


@pytest.mark.parametrize(
    ("clause", "found"),
    [
        ("新竣工 630个", "新签约1000个，新竣工630个，都不少。"),
        ("50 亿元级骨干企业", "培育50 亿元级骨干企业！"),
        ("先进级100家以上，没有这半句的", "先进级100家以上\n"),
        ("不在里面", ""),
        ("", ""),
    ],
)
def test_a_clause_is_found_with_its_whole_sentence(clause: str, found: str) -> None:
    text = "第一句。新签约1000个，新竣工630个，都不少。培育50 亿元级骨干企业！\n先进级100家以上\n最后一句。"
    assert find_sentence(text, clause) == found.strip()
