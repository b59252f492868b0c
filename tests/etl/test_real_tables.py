"""Tables as departments send them: numbered groups, doubled units, periods under merged headers, towns for counties."""

import datetime as dt

import pytest

from etl.headers import Dictionary
from etl.parse_amount import convert, parse_amount, parse_unit
from etl.parse_date import parse_date
from layers.registry import catalogue
from tests.etl.world import csv_bytes, found, gazetteer, take, xlsx_bytes

HEAD = "序号,项目名称,县区,总投资（亿元）,1-9月完成投资（亿元）"


def test_rows_numbered_in_chinese_head_the_groups_of_those_in_arabic() -> None:
    made = take(
        csv_bytes(
            HEAD, "一,续建项目（2个）,,18,6", "1,甲,亭湖区,12,4", "2,乙,亭湖区,6,2", "（二）,新建,,,", "1,丙,,3,1"
        ),
        "a.csv",
    )
    assert made.batch.rows["name"].to_list() == ["甲", "乙", "丙"]
    assert (made.batch.n_read, made.batch.n_skipped) == (3, 2) and found(made, "heading_row") == [2, 5]


def test_records_that_are_all_numbered_in_chinese_stay_records() -> None:
    made = take(csv_bytes(HEAD, "一,甲,亭湖区,12,4", "二,乙,亭湖区,6,2"), "a.csv")
    assert made.batch.n_read == 2


def test_months_without_a_year_take_it_from_the_data_date_or_the_title() -> None:
    made = take(csv_bytes(HEAD, "1,甲,亭湖区,12,4"), "a.csv", as_of=dt.date(2026, 10, 8))
    assert made.batch.figures[["period_end", "value"]].to_numpy().tolist() == [[dt.date(2026, 9, 30), 4e8]]
    titled = take(csv_bytes("2026年9月项目进展,,,,", HEAD, "1,甲,亭湖区,12,4"), "a.csv")
    assert titled.batch.figures["period_end"].to_list() == [dt.date(2026, 9, 30)]
    assert found(take(csv_bytes(HEAD, "1,甲,亭湖区,12,4"), "a.csv"), "figure_without_period") == [2]


def test_a_period_under_a_merged_header_is_a_figure() -> None:
    rows = [["项目名称", "投资情况", ""], ["", "总投资（万元）", "2026年1-6月完成投资（万元）"], ["甲", 100, 40]]
    made = take(xlsx_bytes(rows, merges=("A1:A2", "B1:C1")), "a.xlsx")
    assert made.batch.figures[["measure", "value"]].to_numpy().tolist() == [["invest_done_cny", 400_000.0]]


def test_a_cumulative_figure_that_falls_is_said_within_its_year() -> None:
    head = "企业名称,2025年12月营业收入（万元）,2026年3月营业收入（万元）,2026年6月营业收入（万元）"
    made = take(csv_bytes(head, "甲,900,200,100", "乙,900,100,200"), "a.csv", "enterprise")
    assert found(made, "figure_falls") == [2] and len(made.batch.figures) == 6


@pytest.mark.parametrize(
    ("cell", "header", "stored", "value"),
    [
        ("20万", "万元/亩", "元/亩", 200_000), ("22万", "万千瓦", "兆瓦", 220), ("3万", "平方米", "平方米", 30_000),
        ("20", "万元/亩", "元/亩", 200_000), ("5千", "亩", "亩", 5_000), ("3000万", "亿元", "元", 30_000_000),
    ],
)  # fmt: skip
def test_a_multiplier_in_the_cell_takes_the_place_of_the_headers(cell, header, stored, value) -> None:
    assert float(convert(parse_amount(cell), parse_unit(stored), parse_unit(header))) == pytest.approx(value)


def test_a_number_beyond_all_money_is_kept_as_text() -> None:
    made = take(csv_bytes("项目名称,总投资（亿元）", "甲,99999999999999999999", "乙,3"), "a.csv")
    assert found(made, "number_too_large") == [2] and made.batch.rows["invest_cny"].to_list() == [None, 300_000_000]
    assert made.batch.rows["extra"][0] == {"总投资（亿元）": "99999999999999999999"}


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [("2026年底", "2026-12-01", "2026-12-31"), ("2026年初", "2026-01-01", "2026-01-31"),
     ("26年末", "2026-12-01", "2026-12-31"), ("'2025/3/1", "2025-03-01", "2025-03-01")],
)  # fmt: skip
def test_the_ends_of_a_year_are_months(text: str, first: str, last: str) -> None:
    period = parse_date(text)
    assert (period.first.isoformat(), period.last.isoformat()) == (first, last)


def test_a_township_or_an_estate_in_the_countys_column_tells_the_county() -> None:
    made = take(csv_bytes("项目名称,县区", "甲,步凤镇", "乙,大丰港经济开发区", "丙,滨海新区"), "a.csv")
    rows = made.batch.rows
    assert rows["county_code"].to_list() == ["320902", "320904", "unlocated"]
    assert (rows["township_code"][0], rows["unit_code"][0]) == ("320902108", "320971")
    assert found(made, "county_unknown") == [4]


def test_ambiguous_townships_tell_no_county() -> None:
    assert len(gazetteer().township("新丰镇").candidates) == 2
    made = take(csv_bytes("项目名称,县区", "甲,新丰镇"), "a.csv")
    assert made.batch.rows["county_code"][0] == "unlocated" and found(made, "county_unknown") == [2]


def test_a_plan_is_no_figure() -> None:
    words = Dictionary(catalogue().layer("project"))
    assert words.look_up("投资情况/2026年计划投资") is None


def test_a_comma_without_quotes_holds_its_row_back() -> None:
    lines = ["项目名称,总投资（万元）,县区", "甲,5,000,亭湖区", '乙,"5,000",亭湖区', "丙,5000,亭湖区,,"]
    made = take(csv_bytes(*lines), "a.csv")
    assert found(made, "row_too_wide") == [2] and len(made.batch.quarantine) == 1
    assert made.batch.rows["invest_cny"].to_list() == [50_000_000, 50_000_000]


def test_a_column_without_a_name_is_no_wide_row() -> None:
    made = take(csv_bytes("项目名称,县区,", "甲,亭湖区,老项目", "乙,亭湖区,"), "a.csv")
    assert not found(made, "row_too_wide") and made.batch.n_read == len(made.batch.rows) == 2
