import datetime as dt
import io
import itertools
import json
from dataclasses import replace

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.pages import data
from app.pages.compare.book import write_book
from app.pages.compare.charts import BOTTOM, GAP, _place_labels
from app.pages.compare.findings import findings
from app.pages.compare.head import area_chips, head, versus_choices
from app.pages.compare.layout import compare_body, unsized
from app.pages.compare.model import (
    Column,
    Point,
    Scene,
    default_measures,
    is_dated,
    month_days,
    shown_codes,
    year_before,
)
from app.pages.compare.picture import sheet_of
from app.pages.compare.table import table
from app.pages.filters import Condition
from app.pages.map.choropleth import colour_areas
from app.pages.source import first_order
from app.pages.state import State
from app.pages.view import LayerFacts, Rollup, RollupRow, Run
from layers.registry import catalogue
from tests.pages.support import YI, links, rollup, text, walk

CAT = catalogue()
PROJECT = CAT.layer("project")
BARE = State(page="/compare")
DAY = dt.date(2026, 9, 30)
A, B, C = "320900", "320901", "320902"
SQUARES = json.dumps({
    "type": "FeatureCollection",
    "features": [
        {"type": "Feature", "id": code, "properties": {"name": code},
         "geometry": {"type": "Polygon", "coordinates": [[[x, 33], [x + 1, 33], [x + 1, 34], [x, 34], [x, 33]]]}}
        for code, x in ((A, 119), (B, 120), (C, 121))
    ],
}).encode()  # fmt: skip


def column(measure: str, found: Rollup, **more: object) -> Column:
    return Column(PROJECT, measure, CAT.measure(PROJECT, measure), found, **more)  # type: ignore[arg-type]


SUMS = column("sum_invest_cny", rollup(3 * YI, YI, 3 * YI, outside=YI, unlocated=2 * YI))
DATED = column(
    "sum_invest_cny",
    rollup(3 * YI, YI, 4 * YI),
    before={A: 3 * YI, B: 4 * YI, C: 2 * YI, "": 9 * YI, "outside": 0, "unlocated": 0},
    series=(Point(dt.date(2025, 9, 30), {A: 3 * YI, B: 4 * YI, C: None}), Point(DAY, {A: 3 * YI, B: YI, C: 4 * YI})),
    per_area={A: 0.3 * YI, B: None, C: 0.4 * YI, "": 0.8 * YI},
)


def scene(*columns: Column, state: State = BARE) -> Scene:
    codes = tuple(shown_codes(state, columns[0].rollup.rows))
    colours = colour_areas(columns[0].rollup, columns[0].how, "quantiles", 5)
    return Scene(state, DAY, year_before(DAY), columns, codes, SQUARES, colours)


def lines(found: object) -> list[str]:
    return [text(c) for c in walk(found) if type(c).__name__ == "Tr"]


def presses(found: object) -> list[str]:
    made = [getattr(c, "data-op", None) for c in walk(found)]
    return [x for x in made if x]


def test_equal_values_share_a_rank() -> None:
    assert SUMS.ranks() == {A: 1, C: 1, B: 3}


def test_ranks_are_among_those_compared() -> None:
    assert SUMS.ranks((B, C)) == {C: 1, B: 2}


def test_few_records_get_no_rank_of_means() -> None:
    rows = tuple(RollupRow(f"32090{i}", "A", float(v), n) for i, (v, n) in enumerate([(5, 7), (4, 8), (3, 9)]))
    means = column("mean_invest_cny", Rollup(rows, *[RollupRow("", "", None, 0)] * 3))
    assert means.ranks() == {B: 1, C: 2}
    assert "有 1 个区域不足 8 条记录" in text(findings(scene(means)))


def test_the_table_ends_with_outside_unlocated_and_total() -> None:
    assert lines(table(scene(SUMS)))[1:] == [
        "○A3.0130.0", "○C3.0130.0", "○B1.0310.0", "界外1.0—10.0", "未定位2.0—20.0", "合计10.0—100.0",
    ]  # fmt: skip


def test_those_not_compared_stay_in_the_sum() -> None:
    found = lines(table(scene(SUMS, state=BARE.but(shown=(A, B)))))
    assert found[1:4] == ["○A3.0130.0", "○B1.0210.0", "其余 1 个3.0"]


def test_the_table_says_change_against_the_other_day_and_per_area() -> None:
    found = lines(table(scene(DATED)))
    assert "较 2025-09-30" in found[0] and "每 km²" in found[0]
    # value, rank, share, change, change in per cent, per km²
    assert found[1] == "○C4.0150.0+2.0+100.0%0.40"
    assert found[3].startswith("○B1.0312.5-3.0-75.0%—")
    assert found[-1].startswith("合计8.0—100.0-1.0-11.1%")


def test_each_number_shows_its_rows() -> None:
    found = presses(table(scene(SUMS)))
    assert '[["set","rows","320900@project.sum_invest_cny"]]' in found
    assert '[["set","rows","@project.sum_invest_cny"]]' in found
    assert '[["set","rows","outside@project.sum_invest_cny"]]' in found
    for op in found:
        key, value = json.loads(op)[0][1:]
        if key == "rows":
            assert State.from_query(CAT, f"rows={value}", "/compare").drill is not None


def test_why_there_is_no_density_is_said_where_nobody_can_point() -> None:
    dense = column("n_per_km2", replace(SUMS.rollup, rows=(
        replace(SUMS.rollup.rows[0], value=None), *SUMS.rollup.rows[1:],
    )))  # fmt: skip
    known = Scene(BARE, DAY, DAY, (SUMS,), (A, B, C))
    assert unsized(known) is None
    told = text(unsized(replace(known, columns=(SUMS, dense))))
    assert told.startswith(f"{SUMS.rollup.rows[0].name}没有公布的边界")
    assert "B" not in told


def test_a_head_makes_its_measure_the_main_one() -> None:
    found = presses(table(scene(SUMS, column("n", rollup(3, 1, 2)))))
    assert '[["set","ms","project.n,project.sum_invest_cny"]]' in found


def test_marked_areas_have_a_sign_and_a_sentence() -> None:
    words = text(compare_body(scene(SUMS, state=BARE.but(pins=(A, B), mine=C))))
    assert "●" in words and "■" in words
    assert "A重点项目总投资 3.0 亿元，居 3 个中第 1，比同组其余 2 个的中位数高 1.0 亿元。" in words
    assert "C本地重点项目总投资 3.0 亿元" in words


def test_ones_own_area_stands_on_top() -> None:
    assert [r.code for r in scene(SUMS, state=BARE.but(mine=B)).order()] == [B, A, C]


def test_the_three_findings_follow_their_rules() -> None:
    words = text(findings(scene(DATED)))
    assert "C重点项目总投资 4.0 亿元，居第一，占合计 50.0%，是其余 2 个平均（2.0 亿元）的 2.0 倍。" in words
    assert "较 2025-09-30 变化最大的是B，重点项目总投资减少 3.0 亿元（-75.0%）。" in words
    assert "没有离群值" in words
    far = column("n", rollup(10, 11, 12, 13, 100))
    assert "320904" not in text(findings(scene(far)))
    assert "E重点项目数量 100 个，明显高于中位数 12 个（偏离 59.4 个稳健标准差）。" in text(findings(scene(far)))


def test_nothing_is_found_in_nothing() -> None:
    empty = column("sum_invest_cny", rollup(None, None, None))
    words = text(compare_body(scene(empty)))
    assert "没有离群值" in words and "居第一" not in words and "nan" not in words.lower()


def test_two_areas_at_least_are_compared() -> None:
    areas = SUMS.rollup.rows
    assert shown_codes(BARE.but(shown=(A,)), areas) == [A, B, C]
    assert shown_codes(BARE.but(shown=(A, C)), areas) == [A, C]
    chips = [c for c in walk(area_chips(areas, [A, C])) if type(c).__name__ == "Button"]
    assert [bool(c.disabled) for c in chips] == [True, False, True]


def test_the_head_says_filter_days_and_demo() -> None:
    state = BARE.but(as_of=DAY, conditions=(Condition("project", "stage", ("开工",)),))
    words = text(head(CAT, scene(SUMS, state=state)))
    assert "较去年同日 2025-09-30" in words and "重点项目：阶段：开工" in words and "演示" in words
    assert "本地：A" in words and "沿海" not in words  # none of the toy's areas lies on the coast
    chosen = versus_choices(dt.date(2026, 1, 1))
    assert [v for v, _ in chosen] == ["", "2025-12-31", "2025-12-31", "2025-12-31"]


def test_the_ordinary_measures_exist() -> None:
    state = State.from_query(CAT, "ms=" + ",".join(default_measures(CAT)))
    assert state.measures == default_measures(CAT) and len(state.measures) >= 4


def test_a_measure_of_events_can_be_compared_and_an_internal_one_cannot() -> None:
    state = State.from_query(CAT, "ms=project.events:开工,infrastructure.sum_grid_capacity_mva,project.n")
    assert state.measures == ("project.events:开工", "project.n")
    assert state.unknown == (("ms", "infrastructure.sum_grid_capacity_mva"),)


def test_only_dated_records_have_a_course() -> None:
    assert is_dated(BARE, PROJECT, None)
    assert not is_dated(BARE, CAT.layer("enterprise"), None)
    park = CAT.layer("park")
    assert is_dated(BARE, park, CAT.measure(park, "tax_cny_per_mu"))
    assert is_dated(BARE.but(conditions=(Condition("park", "green_level", ("省级",)),)), park, None)


def test_the_course_of_a_year_ends_on_the_day() -> None:
    found = month_days(dt.date(2024, 3, 15))
    assert (len(found), found[0], found[-2], found[-1]) == (
        13, dt.date(2023, 3, 31), dt.date(2024, 2, 29), dt.date(2024, 3, 15),
    )  # fmt: skip
    assert month_days(dt.date(1949, 10, 1)) == [dt.date(1949, 10, 1)]
    assert year_before(dt.date(2024, 2, 29)) == dt.date(2023, 2, 28)


@given(st.lists(st.floats(0, BOTTOM), max_size=8))
def test_labels_never_cover_each_other(wanted: list[float]) -> None:
    placed = sorted(_place_labels(wanted))
    assert all(b - a >= GAP - 1e-6 for a, b in itertools.pairwise(placed))


def test_the_workbook_holds_the_numbers_of_the_screen() -> None:
    book = openpyxl.load_workbook(io.BytesIO(write_book(CAT, scene(DATED, state=BARE.but(pins=(A,))))))
    rows = [[c.value for c in r] for r in book["对比"].iter_rows()]
    assert rows[0][:3] == ["代码", "县区", "重点项目总投资（亿元）"]
    assert rows[1] == [C, "C", 4, 1, 50, 2, 2, pytest.approx(0.4)]
    assert rows[-1][:3] == ["", "合计", 8]
    months = [[c.value for c in r] for r in book["逐月"].iter_rows()]
    assert months[1][:3] == ["重点项目总投资", "亿元", "2025-09-30"] and months[1][3] is None
    said = {r[0].value: r[1].value for r in book["说明"].iter_rows()}
    assert said["演示"] == "含演示数据" and said["密级"] == "内部使用" and said["截至"] == "2026-09-30"


def test_the_picture_holds_the_same_numbers() -> None:
    sheet = sheet_of(scene(DATED, state=BARE.but(pins=(C,))), "无")
    assert [b[:3] for b in sheet.bars] == [("C", 4.0, "4.0"), ("A", 3.0, "3.0"), ("B", 1.0, "1.0")]
    assert sheet.bars[0][3] == "v1" and "含演示数据" in sheet.foot and "内部使用" in sheet.foot
    assert "含演示数据" not in sheet_of(scene(DATED, state=replace(BARE, demo=False)), "无").foot


def test_the_data_page_says_age_and_the_equation() -> None:
    facts = {"project": LayerFacts("project", 97, 0, dt.date(2020, 1, 1)), "parcel": LayerFacts("parcel")}
    words = text(data.layers_table(CAT, facts, dt.date(2026, 1, 1)))
    assert "已 6 年" in words and "没有数据" in words
    run = Run(3, "project", "import", dt.datetime(2026, 1, 2, 3, 4), "a.xlsx", 10, 6, 3, 1)
    words = text(data.runs_table(CAT, [run]))
    assert "读入 = 入库 + 未变 + 隔离" in words and "2026-01-02 03:04" in words and "a.xlsx10631" in words
    assert "还没有运行" in text(data.runs_table(CAT, []))
    assert links(data.layers_table(CAT, facts, dt.date(2026, 1, 1)))["重点项目"] == "/?layer=project"


def test_a_table_begins_with_what_matters() -> None:
    assert first_order(PROJECT) == "-invest_cny"
    assert first_order(CAT.layer("park")) == "-level"
    assert first_order(CAT.layer("infrastructure")) == "-capacity_mw"
