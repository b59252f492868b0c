"""Headers, values, events, figures and rules: what a row becomes, and law 2 over generated messy tables."""

import datetime as dt

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from etl.headers import Dictionary, match_headers
from etl.issues import issue_types
from etl.parse_code import credit_check_character
from layers.registry import catalogue
from tests.etl.world import csv_bytes, found, take, xlsx_bytes

PROJECT = Dictionary(catalogue().layer("project"))


def credit_code(serial: int) -> str:
    body = f"91320900MA1M{serial:05d}"
    return body + credit_check_character(body)


@pytest.mark.parametrize(
    ("header", "kind", "target"),
    [
        ("项目名称", "role", "name"),
        (" 项 目 名 称 ", "role", "name"),
        ("总投资（万元）", "field", "invest_cny"),
        ("总投资/亿元", "field", "invest_cny"),
        ("总投资亿元", "field", "invest_cny"),
        ("总投资(单位：万元)", "field", "invest_cny"),
        ("投资情况/总投资（万元）", "field", "invest_cny"),
        ("invest_cny", "field", "invest_cny"),
        ("开工时间", "event", "开工"),
        ("阶段时间/开工", "event", "开工"),
        ("开工/时间", "event", "开工"),
        ("2026年1-6月完成投资（亿元）", "figure", "invest_done_cny"),
        ("高德经度", "role", "lon"),
        ("经度（WGS84）", "role", "lon"),
        ("所在县（市、区）", "role", "county"),
        ("联系人电话", "field", "contact_phone"),
        ("投资总额合计数据说明", "extra", ""),
        ("拟开工时间", "extra", ""),
        ("计划开工时间", "extra", ""),
        ("总投资增幅", "extra", ""),
        ("2025年总投资", "extra", ""),
        ("总投资/其中：设备", "extra", ""),
        ("备注", "extra", ""),
    ],
)
def test_what_a_header_is_taken_for(header: str, kind: str, target: str) -> None:
    (match,) = match_headers([header], PROJECT)
    assert (match.kind, match.target) == (kind, target), match


def test_a_field_is_given_to_one_column_and_a_person_may_decide() -> None:
    first, second = match_headers(["投资总额", "总投资"], PROJECT)
    assert (first.kind, second.kind) == ("field", "extra")
    given_ = match_headers(
        ["甲列", "总投资", "乙列"], PROJECT, {"甲列": "invest_cny", "总投资": "", "乙列": "event:开工"}
    )
    assert [(m.kind, m.target) for m in given_] == [("field", "invest_cny"), ("extra", ""), ("event", "开工")]


def value(header: str, cell: str, field: str, layer: str = "project", **options: object) -> object:
    prepared = take(csv_bytes(f"项目名称,{header}", f'甲,"{cell}"'), "a.csv", layer, **options)
    return prepared.batch.rows[field][0]


@pytest.mark.parametrize(
    ("header", "cell", "expected"),
    [
        ("总投资（万元）", "1,200", 12_000_000),
        ("总投资（亿元）", "3,500万元", 35_000_000),
        ("总投资", "0.12亿", 12_000_000),
        ("总投资", "12000000", 12_000_000),  # a million and more can only be yuan
        ("总投资", "1200", None),
        ("总投资（万元）", "约5亿", None),
        ("总投资（万元）", "超百亿", None),
        ("总投资（万元）", "/", None),
        ("invest_cny", "1200", 1200),
    ],
)
def test_money_reaches_yuan_or_is_not_guessed(header: str, cell: str, expected: int | None) -> None:
    assert value(header, cell, "invest_cny") == expected


def test_what_is_not_taken_stays_in_the_senders_words() -> None:
    data = csv_bytes("项目名称,总投资（万元）,备注", "甲,约5亿,含设备")
    kept = take(data, "a.csv")
    assert found(kept, "approximate_amount") == [2]
    assert kept.batch.rows.extra[0] == {"总投资（万元）": "约5亿", "备注": "含设备"}
    accepted = take(data, "a.csv", approximate="accept")
    assert accepted.batch.rows.invest_cny[0] == 500_000_000
    assert found(accepted, "approximate_accepted") == [2]


def test_a_unit_in_the_title_of_the_sheet_counts_for_money() -> None:
    prepared = take(csv_bytes("项目表", "单位：万元", "项目名称,总投资,用地面积", "甲,1200,30"), "a.csv")
    assert (prepared.batch.rows.invest_cny[0], prepared.batch.rows.land_mu[0]) == (12_000_000, 30)


def test_events_from_date_columns_and_from_a_list() -> None:
    data = csv_bytes(
        "企业名称,统一社会信用代码,智能工厂等级,智能工厂认定日期,events",
        f'甲,{credit_code(1)},卓越级,2025.12,"[{{""type"":""智能工厂"",""level"":""先进级"",""date"":""2024-06-30""}}]"',
    )
    prepared = take(data, "a.csv", "factory")
    events = sorted(prepared.batch.events.itertuples(index=False), key=lambda e: e.event_date)
    assert [(e.type, e.level, e.event_date, e.date_text) for e in events] == [
        ("智能工厂", "先进级", dt.date(2024, 6, 30), ""),
        ("智能工厂", "卓越级", dt.date(2025, 12, 31), "2025.12"),
    ]
    assert set(prepared.batch.events.key) == {credit_code(1)}


def test_a_level_without_a_date_is_stored_and_said() -> None:
    prepared = take(csv_bytes("企业名称,绿色工厂级别", "甲,国家级"), "a.csv", "factory")
    assert prepared.batch.rows.green_level[0] == "国家级"
    assert prepared.batch.events.empty
    assert found(prepared, "level_without_date") == [2]


def test_stages_in_an_impossible_order_load_with_an_issue() -> None:
    data = csv_bytes(
        "项目名称,签约时间,开工时间", "甲,2026-03-01,2026-01-01", "乙,2026年,2026-02-01", "丙,2025年,2026-02-01"
    )
    prepared = take(data, "a.csv")
    assert found(prepared, "stage_order") == [2]
    assert len(prepared.batch.events) == 6
    assert not prepared.batch.quarantine


def test_a_number_2026_1_may_be_october() -> None:
    prepared = take(xlsx_bytes([["项目名称", "开工时间"], ["甲", 2026.1], ["乙", "2026.1"]]), "a.xlsx")
    assert found(prepared, "date_lost_zero") == [2]
    assert len(prepared.batch.events) == 2


def test_figures_by_period_in_the_header_by_column_and_by_the_data_date() -> None:
    by_header = take(csv_bytes("项目名称,2026年1-2月完成投资（亿元）,2026年1-3月完成投资（亿元）", "甲,1.5,2"), "a.csv")
    assert [(f.period_end, f.value) for f in by_header.batch.figures.itertuples(index=False)] == [
        (dt.date(2026, 2, 28), 150_000_000.0),
        (dt.date(2026, 3, 31), 200_000_000.0),
    ]
    by_column = take(csv_bytes("项目名称,报告期,完成投资（万元）", "甲,2026年5月,30"), "a.csv")
    assert by_column.batch.figures.period_end[0] == dt.date(2026, 5, 31)
    nothing = csv_bytes("项目名称,完成投资（万元）", "甲,30")
    assert found(take(nothing, "a.csv"), "figure_without_period") == [2]
    assert take(nothing, "a.csv", as_of=dt.date(2026, 6, 30)).batch.figures.value[0] == 300_000


def test_a_wrong_key_holds_the_row_back_and_a_wrong_code_elsewhere_does_not() -> None:
    bad = credit_code(1)[:-1] + ("1" if credit_code(1)[-1] != "1" else "2")
    prepared = take(csv_bytes("企业名称,统一社会信用代码", f"甲,{bad}", f"乙,{credit_code(2)}"), "a.csv", "enterprise")
    assert [q["row"] for q in prepared.batch.quarantine] == [2]
    assert prepared.batch.quarantine[0]["cells"] == {"企业名称": "甲", "统一社会信用代码": bad}
    assert list(prepared.batch.rows.key) == [credit_code(2)]
    industry = take(csv_bytes("企业名称,行业代码", "甲,电气"), "a.csv", "enterprise")
    assert found(industry, "industry_code_invalid") == [2]
    assert len(industry.batch.rows) == 1


def test_duplicates_hold_back_the_later_row_and_name_the_first() -> None:
    prepared = take(
        csv_bytes("项目名称,县区", "甲（一期）,亭湖区", "乙,", "甲(一期),亭湖区", "乙,盐都区", "乙,"), "a.csv"
    )
    assert found(prepared, "duplicate_key") == [4, 5]
    assert found(prepared, "duplicate_row") == [6]
    messages = [i.message for i in prepared.batch.issues if i.severity == "error"]
    assert ["第 2 行" in messages[0], "第 3 行" in messages[1]] == [True, True]
    assert list(prepared.batch.rows.name) == ["甲（一期）", "乙"]


def test_a_good_row_loads_though_a_bad_one_has_its_key() -> None:
    prepared = take(csv_bytes("项目名称,用地面积（亩）", "甲,-5", "甲,5"), "a.csv")
    assert found(prepared, "below_minimum") == [2]
    assert list(prepared.batch.rows.land_mu) == [5]


def test_missing_names_and_required_fields() -> None:
    assert found(take(csv_bytes("项目名称,县区", ",亭湖区"), "a.csv"), "name_missing") == [2]
    boundary = take(csv_bytes("名称,区划代码,类型", "甲,320902,county", "乙,,county"), "a.csv", "boundary")
    assert found(boundary, "column_missing") == [2, 3]
    assert found(boundary, "field_missing") == [3]


def test_unknown_terms_load_and_stay_in_words() -> None:
    prepared = take(csv_bytes("项目名称,项目层级", "甲,省里的"), "a.csv")
    assert found(prepared, "unknown_term") == [2]
    assert prepared.batch.rows.tier[0] is None
    assert prepared.batch.rows.extra[0] == {"项目层级": "省里的"}


def test_only_the_columns_of_the_file_are_present() -> None:
    prepared = take(csv_bytes("项目名称,总投资（万元）", "甲,5"), "a.csv")
    assert prepared.batch.present == {"invest_cny"}


def test_every_issue_type_has_a_severity_an_actor_and_both_texts() -> None:
    for kind in issue_types().values():
        assert kind.severity in ("error", "warning", "info"), kind.id
        assert kind.who in ("sender", "steward", "none"), kind.id
        assert kind.zh
        assert kind.en
        assert kind.zh.format_map(dict.fromkeys(("value", "title", "expected", "first_row", "found", "hint", "cure",
                                                 "distance", "score", "where", "how"), "x"))  # fmt: skip


CELL = st.one_of(
    st.sampled_from(
        ["", "甲", "乙", "甲（一期）", "亭湖区", "东台", "合计", "小计", "注：无", "1200", "约5亿", "0.12亿", "#REF!",
         "2026.3", "120.05", "33.05", "0", "是", "2026年3月", "一、市级", "-", "项目名称"]
    ),
    st.text(alphabet="甲乙丙0123456789.,-年月亿万元 （）", max_size=8),
)  # fmt: skip
COLUMNS = [
    "项目名称",
    "县区",
    "总投资（万元）",
    "开工时间",
    "经度",
    "纬度",
    "项目代码",
    "阶段",
    "备注",
    "2026年1-6月完成投资（万元）",
]


@settings(max_examples=120, deadline=None)
@example(columns=["项目名称", "县区"], rows=[["（", "", "", "", "", ""], ["（", "", "", "", "", ""]])
@example(columns=["项目名称", "纬度", "经度"], rows=[["", "2026.3", "2026.3", "", "", ""]])
@given(
    columns=st.lists(st.sampled_from(COLUMNS), min_size=2, max_size=6, unique=True),
    rows=st.lists(st.lists(CELL, min_size=6, max_size=6), min_size=1, max_size=12),
)
def test_law_2_no_row_is_lost_whatever_the_table(columns: list[str], rows: list[list[str]]) -> None:
    grid = [["项目名称", *[c for c in columns if c != "项目名称"]]]
    width = len(grid[0])
    grid += [[r[k % len(r)] or None for k in range(width)] for r in rows]
    filled = sum(any(c and c.strip() for c in row) for row in grid[1:])
    prepared = take(xlsx_bytes(grid), "a.xlsx", datum="wgs84")
    batch = prepared.batch
    assert batch.n_read == len(batch.rows) + len(batch.quarantine)
    assert batch.n_read + batch.n_skipped == filled
    assert batch.rows.key.is_unique
    numbers = [*batch.rows.source_row, *(q["row"] for q in batch.quarantine)]
    assert len(set(numbers)) == batch.n_read
    said = {i.row for i in batch.issues if i.severity == "error"}
    assert said == {q["row"] for q in batch.quarantine}


def test_a_date_coarser_than_a_month_names_the_day_that_was_taken() -> None:
    head = "项目名称,县区,开工日期"
    made = take(csv_bytes(head, "甲,亭湖区,2026年底", "乙,亭湖区,2026", "丙,亭湖区,2026年3月"), "a.csv")
    days = {e.key: (e.event_date, e.date_text) for e in made.batch.events.itertuples()}
    assert days == {
        "甲": (dt.date(2026, 12, 31), "2026年底"), "乙": (dt.date(2026, 12, 31), "2026"),
        "丙": (dt.date(2026, 3, 31), "2026年3月"),
    }  # fmt: skip
    said = {i.row: i.message for i in made.batch.issues if i.type == "date_coarse"}
    assert set(said) == {2, 3} and "2026-12-31" in said[2] and "2026-12-31" in said[3]
    assert {i.severity for i in made.batch.issues if i.type == "date_coarse"} == {"warning"}


@pytest.mark.parametrize(
    ("lines", "options", "end"),
    [
        (("2026年9月项目进度表", "项目名称,县区,1-9月完成投资（亿元）"), {}, "2026-09-30"),
        (("2026年重点项目", "项目名称,县区,截至9月底累计完成投资（亿元）"), {}, "2026-09-30"),
        (("项目名称,县区,截至9月底累计完成投资（亿元）",), {"as_of": dt.date(2026, 10, 8)}, "2026-09-30"),
        (("项目名称,县区,截至9月底累计完成投资（亿元）",), {}, ""),
        (("项目名称,县区,1-12月完成投资（亿元）",), {"as_of": dt.date(2026, 3, 8)}, ""),
        (("2026年9月项目进度表", "项目名称,县区,累计完成（亿元）"), {}, "2026-09-30"),
        (("2026年重点项目", "项目名称,县区,累计完成（亿元）"), {}, ""),
    ],
)
def test_the_period_of_a_sum_that_the_header_or_title_names(lines: tuple, options: dict, end: str) -> None:
    made = take(csv_bytes(*lines, "甲,亭湖区,1.5"), "a.csv", **options)
    assert [(f.period_end.isoformat(), f.value) for f in made.batch.figures.itertuples()] == (
        [(end, 150_000_000)] if end else []
    )
    assert len(found(made, "figure_without_period")) == (0 if end else 1)


def test_one_month_alone_is_no_sum_since_january() -> None:
    (match,) = match_headers(["9月完成投资（亿元）"], PROJECT)
    assert match.kind == "extra"


def test_a_header_of_two_rows_names_the_sum() -> None:
    rows = [
        ["2026年9月项目进度表"],
        ["项目名称", "县区", "投资情况", None],
        [None, None, "总投资（亿元）", "累计完成（亿元）"],
        ["甲", "亭湖区", 5, 1.5],
    ]  # fmt: skip
    made = take(xlsx_bytes(rows, ("A2:A3", "B2:B3", "C2:D2")), "a.xlsx")
    assert made.batch.figures[["period_end", "value"]].values.tolist() == [[dt.date(2026, 9, 30), 150_000_000]]


@pytest.mark.parametrize(
    ("level", "cell", "event"),
    [
        ("智能工厂等级", "省级先进级智能工厂", ("智能工厂", "先进级")),
        ("智能工厂等级", "江苏省智能工厂（先进级）", ("智能工厂", "先进级")),
        ("绿色工厂级别", "国家级绿色工厂", ("绿色工厂", "国家级")),
        ("绿色工厂级别", "江苏省绿色工厂", ("绿色工厂", "省级")),
    ],
)
def test_one_level_and_a_lone_date_are_a_recognition(level: str, cell: str, event: tuple[str, str]) -> None:
    made = take(csv_bytes(f"企业名称,县区,{level},认定时间", f"甲,亭湖区,{cell},2025年6月"), "a.csv", "factory")
    assert [(e.type, e.level, e.event_date) for e in made.batch.events.itertuples()] == [(*event, dt.date(2025, 6, 30))]


def test_a_lone_date_beside_two_levels_is_no_ones() -> None:
    made = take(
        csv_bytes("企业名称,智能工厂等级,绿色工厂级别,认定时间", "甲,先进级,省级,2025年6月"), "a.csv", "factory"
    )
    assert made.batch.events.empty
    assert len(found(made, "level_without_date")) == 2


@pytest.mark.parametrize(
    ("head", "cells", "county", "township"),
    [
        ("区划代码", "320904", "320904", "unlocated"),
        ("行政区划代码", "320982", "320904", "unlocated"),  # the code before 2015
        ("adcode", "320902108000", "320902", "320902108"),
        ("区划代码", "320904101", "320904", "320904101"),
        ("县区,区划代码", "东台市,320904", "320981", "unlocated"),  # the name wins
        ("县区,区划代码", ",320904101000", "320904", "320904101"),
        ("县区", "320904101000", "320904", "320904101"),
    ],
)
def test_codes_of_places(head: str, cells: str, county: str, township: str) -> None:
    made = take(csv_bytes(f"项目名称,{head}", f"甲,{cells}"), "a.csv")
    assert made.batch.rows[["county_code", "township_code"]].values.tolist() == [[county, township]]


def test_sums_of_several_months_without_a_year_are_several_periods() -> None:
    head = "项目名称,县区,1-6月完成投资（亿元）,1-9月完成投资（亿元）"
    made = take(csv_bytes("2026年重点项目", head, "甲,亭湖区,1,1.5"), "a.csv")
    assert [(f.period_end, f.value) for f in made.batch.figures.itertuples()] == [
        (dt.date(2026, 6, 30), 100_000_000),
        (dt.date(2026, 9, 30), 150_000_000),
    ]


@pytest.mark.parametrize(
    ("column", "cell"),
    [
        ("events", "[{"),
        ("events", '[{"type": "开工"}]'),
        ("events", '[{"type": "开工", "date": "明天"}]'),
        ("events", "[1]"),
        ("figures", '[{"measure": "invest_done_cny", "period_end": "2026-06-30", "value": "abc"}]'),
        ("figures", '[{"measure": "invest_done_cny"}]'),
        ("figures", "{"),
    ],
)
def test_a_list_that_cannot_be_read_is_refused_in_chinese(column: str, cell: str) -> None:
    quoted = cell.replace('"', '""')
    made = take(csv_bytes(f"项目名称,县区,{column}", f'甲,亭湖区,"{quoted}"'), "a.csv")
    (said,) = [i.message for i in made.batch.issues if i.type == f"{column}_unreadable"]
    rest = said.replace(cell[:60], "").replace(column, "").replace("JSON", "")
    assert not any(c.isascii() and c.isalpha() for c in rest), said
