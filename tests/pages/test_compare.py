import datetime as dt

from app.pages import data
from app.pages.compare import compare_body, default_measures, head
from app.pages.compare_table import Column, shown_codes, table
from app.pages.filters import Condition
from app.pages.report import report_body
from app.pages.source import first_order
from app.pages.state import State
from app.pages.view import LayerFacts, Rollup, RollupRow, Run
from layers.registry import catalogue
from tests.pages.support import YI, links, rollup, text, walk

CAT = catalogue()
PROJECT = CAT.layer("project")
BARE = State(page="/compare")


def column(measure: str, found: Rollup) -> Column:
    return Column(PROJECT, measure, CAT.measure(PROJECT, measure), found)


SUMS = column("sum_invest_cny", rollup(3 * YI, YI, 3 * YI, outside=YI, unlocated=2 * YI))


def test_equal_values_share_a_rank() -> None:
    assert SUMS.ranks() == {"320900": 1, "320902": 1, "320901": 3}


def test_few_records_get_no_rank_of_means() -> None:
    rows = tuple(RollupRow(f"32090{i}", "A", float(v), n) for i, (v, n) in enumerate([(5, 7), (4, 8), (3, 9)]))
    means = column("mean_invest_cny", Rollup(rows, *[RollupRow("", "", None, 0)] * 3))
    assert means.ranks() == {"320901": 1, "320902": 2}


def test_the_table_ends_with_outside_unlocated_and_total() -> None:
    found = table(BARE, [SUMS])
    rows = [text(c) for c in walk(found) if type(c).__name__ == "Tr"]
    assert rows[2:] == ["○A3.0130.0", "○C3.0130.0", "○B1.0310.0", "界外1.010.0", "未定位2.020.0", "合计10.0100.0"]


def test_each_number_leads_to_the_map_with_that_filter() -> None:
    state = BARE.but(conditions=(Condition("project", "stage", ("开工",)),), pins=("320901",), axis="unit")
    found = [c.href for c in walk(table(state, [SUMS])) if getattr(c, "href", None)]
    there = State.from_query(CAT, found[0].partition("?")[2])
    assert found[0].startswith("/?") and there.areas == ("320900",) and there.axis == "unit"
    assert there.conditions == state.conditions and there.measure == "sum_invest_cny"


def test_marked_areas_have_a_sign_and_a_sentence() -> None:
    state = BARE.but(pins=("320900", "320901"))
    words = text(compare_body(CAT, state, [SUMS]))
    assert "●" in words and "■" in words
    assert "A重点项目总投资 3.0 亿元，居 3 个中第 1，占合计 30.0%。" in words


def test_two_areas_at_least_are_compared() -> None:
    areas = SUMS.rollup.rows
    assert shown_codes(BARE.but(shown=("320900",)), areas) == ["320900", "320901", "320902"]
    two = BARE.but(shown=("320900", "320902"))
    assert shown_codes(two, areas) == ["320900", "320902"]
    chips = [c for c in walk(compare_body(CAT, two, [SUMS])[0]) if type(c).__name__ == "Button"]
    assert [bool(c.disabled) for c in chips] == [True, False, True]


def test_the_head_says_day_filter_and_demo() -> None:
    words = text(
        head(CAT, BARE.but(as_of=dt.date(2026, 9, 30), conditions=(Condition("project", "stage", ("开工",)),)))
    )
    assert "截至 2026-09-30" in words and "重点项目：阶段：开工" in words and "演示" in words


def test_the_ordinary_measures_exist() -> None:
    state = State.from_query(CAT, "ms=" + ",".join(default_measures(CAT)))
    assert state.measures == default_measures(CAT) and len(state.measures) >= 4


def test_the_data_page_says_age_and_the_equation() -> None:
    facts = {"project": LayerFacts("project", 97, 0, dt.date(2020, 1, 1)), "parcel": LayerFacts("parcel")}
    words = text(data.layers_table(CAT, facts, dt.date(2026, 1, 1)))
    assert "已 6 年" in words and "没有数据" in words
    run = Run(3, "project", "import", dt.datetime(2026, 1, 2, 3, 4), "a.xlsx", 10, 6, 3, 1)
    words = text(data.runs_table(CAT, [run]))
    assert "读入 = 入库 + 未变 + 隔离" in words and "2026-01-02 03:04" in words and "a.xlsx10631" in words
    assert "还没有运行" in text(data.runs_table(CAT, []))
    assert links(data.layers_table(CAT, facts, dt.date(2026, 1, 1)))["重点项目"] == "/?layer=project"


def test_the_report_says_what_will_be_exported() -> None:
    state = State(page="/report", areas=("320904",), conditions=(Condition("project", "stage", ("开工",)),), demo=False)
    body = report_body(CAT, state, {"320904": "大丰区"})
    words = text(body)
    assert "大丰区、阶段：开工" in words and "不包含" in words and "重点项目 · 总投资" in words
    assert any(h.startswith("/api/v1/export/map?") and "format=pdf" in h for h in links(body).values())
    assert "无" in text(report_body(CAT, State(page="/report"), {}))


def test_a_table_begins_with_what_matters() -> None:
    assert first_order(PROJECT) == "-invest_cny"
    assert first_order(CAT.layer("park")) == "-level"
    assert first_order(CAT.layer("infrastructure")) == "-capacity_mw"
