"""The pure rules: order does not matter, parts add up, a rate never lies about few."""

import datetime as dt
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from layers.store.overlap_rules import count_lists, find_things, thing_key
from layers.store.worklist_rules import Period, convert, count_areas, find_violations, rate, steps_of, wait

TYPES = ("储备", "签约", "开工", "竣工")
DAYS = st.dates(dt.date(2025, 1, 1), dt.date(2026, 12, 31))
ROWS = st.lists(
    st.fixed_dictionaries(
        {"since": st.dictionaries(st.sampled_from(TYPES), DAYS), "county_code": st.sampled_from("ABC")}
    ),
    max_size=20,
)
CALLED = st.lists(
    st.tuples(
        st.sampled_from(["盐城一厂", "盐城（一）厂", "二厂", "三厂"]), st.sampled_from(["", "二厂", "一厂；三厂"]),
        st.sampled_from(["", "X", "Y"]), st.sets(st.sampled_from("甲乙丙"), min_size=1),
    ),
    max_size=12,
)  # fmt: skip


def records(called: list[Any]) -> list[dict[str, Any]]:
    return [
        {"id": i, "name": name, "aliases": aliases, "code": code, "lists": sorted(lists)}
        for i, (name, aliases, code, lists) in enumerate(called)
    ]


def test_a_violation_is_a_later_stage_before_an_earlier_one_and_one_day_is_none() -> None:
    day = dt.date(2026, 3, 1)
    before = day - dt.timedelta(days=1)
    assert find_violations({}, TYPES) == find_violations({"开工": day}, TYPES) == []
    assert find_violations({"签约": day, "开工": day}, TYPES) == []
    found = find_violations({"储备": day, "签约": before, "竣工": before}, TYPES)
    assert [(v["stage"], v["before"], v["days"]) for v in found] == [("签约", "储备", 1), ("竣工", "储备", 1)]


@given(rows=ROWS)
def test_followed_records_reached_the_stage_in_the_period_and_parts_add_up(rows: list[dict[str, Any]]) -> None:
    halves = [
        Period("上", dt.date(2025, 1, 1), dt.date(2025, 12, 31)),
        Period("下", dt.date(2026, 1, 1), dt.date(2026, 12, 31)),
    ]  # fmt: skip
    for step in steps_of(TYPES):
        whole = convert(rows, TYPES, step, Period("全", halves[0].start, halves[1].end))
        parts = [convert(rows, TYPES, step, half) for half in halves]
        assert sum(map(len, parts)) == len(whole) == sum(step[0] in r["since"] for r in rows)
        assert rate(list(reversed(whole)), 1) == rate(whole, 1)
        shown = rate(whole, 4)
        assert (shown["rate_pct"] is None) == (len(whole) < 4)
        assert shown["n_to"] == sum(any(t in r["since"] for t in TYPES[TYPES.index(step[1]) :]) for r in whole)


@given(rows=ROWS, limit=st.integers(0, 900))
def test_counts_by_area_add_up_and_a_wait_is_never_over_at_its_limit(rows: list[dict[str, Any]], limit: int) -> None:
    day = dt.date(2026, 12, 31)
    waiting = [r | wait(r, "签约", day, limit) for r in rows]
    counts = count_areas(waiting, "county_code", {"B": "乙"})
    assert [c["code"] for c in counts][:1] == ["B"]
    assert sum(c["n"] for c in counts) == len(rows)
    assert sum(c["n_over"] for c in counts) == sum((r["days"] or 0) > limit for r in waiting)
    exact = [wait(r, "签约", day, r2["days"])["is_over"] for r, r2 in zip(rows, waiting, strict=True) if r2["days"]]
    assert not any(exact)


def test_spellings_of_one_company_meet_and_other_companies_do_not() -> None:
    assert thing_key("江苏（盐城）一厂有限责任公司") == thing_key("江苏(盐城) 一厂有限公司")
    assert thing_key("江苏一厂有限公司") != thing_key("江苏二厂有限公司")
    assert thing_key("一厂") != thing_key("一厂有限公司")


@given(called=CALLED, seed=st.randoms())
def test_each_record_is_in_one_thing_and_codes_decide_over_names(called: list[Any], seed: Any) -> None:
    rows = records(called)
    things = find_things(rows)
    shuffled = list(rows)
    seed.shuffle(shuffled)
    assert find_things(shuffled) == things
    assert sorted(r["id"] for thing in things for r in thing) == list(range(len(rows)))
    for thing in things:
        assert len({r["code"] for r in thing if r["code"]}) <= 1
    codes = [{r["code"] for r in thing if r["code"]} for thing in things]
    assert sum(map(len, codes)) == len({r["code"] for r in rows if r["code"]})


@given(called=CALLED)
def test_lists_with_one_and_many_names_count_each_thing_once(called: list[Any]) -> None:
    things = find_things(records(called))
    lists, pairs = count_lists(things)
    named = [{name for r in thing for name in r["lists"]} for thing in things]
    assert sum(entry["n_only"] for entry in lists) == sum(len(n) == 1 for n in named)
    assert sum(pair["n"] for pair in pairs) == sum(len(n) * (len(n) - 1) // 2 for n in named)
    assert all(entry["n_only"] <= entry["n_things"] <= len(things) for entry in lists)


def test_a_stage_known_by_its_year_contradicts_no_day_within_it() -> None:
    day, end = dt.date(2026, 3, 5), dt.date(2026, 12, 31)
    since = {"签约": end, "开工": day}
    assert find_violations(since, TYPES, since | {"签约": dt.date(2026, 1, 1)}) == []
    (found,) = find_violations(since, TYPES, since | {"签约": dt.date(2026, 4, 1)})
    assert (found["stage"], found["before"], found["days"]) == ("开工", "签约", 27)
