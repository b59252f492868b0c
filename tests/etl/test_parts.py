"""A file whose sheets or rows state different datums, units or headers: each part is read by its own words."""

import pytest

from etl.parts import MIXED
from geo.errors import DatumUndecidedError
from tests.etl.test_locate import bd09, gcj02
from tests.etl.world import CENTRES, csv_bytes, found, take, xlsx_bytes

HEAD = ["序号", "企业名称", "统一社会信用代码", "联系人", "联系电话", "成立日期"]
HERE = [CENTRES["320902"], CENTRES["320904"]]


def plain(lon: float, lat: float) -> tuple[float, float]:
    return lon, lat


def sheet(name: str, form, at: tuple[float, float], *headers: str, money: float = 1200) -> list[list]:
    rows = [[i, f"{name}{i}号厂", "", "张三", "1380000", "2020-01-01", money] for i in range(3)]
    return [[*HEAD, *headers], *([*row, *form(at[0] + i * 0.01, at[1])] for i, row in enumerate(rows))]


def test_each_sheet_has_the_datum_and_the_unit_of_its_own_headers() -> None:
    first = sheet("亭湖", gcj02, HERE[0], "注册资本（万元）", "经度（高德）", "纬度（高德）")
    second = sheet("大丰", bd09, HERE[1], "注册资本（亿元）", "经度（百度）", "纬度（百度）", money=0.12)
    made = take(xlsx_bytes(first, 大丰=second), "a.xlsx", "enterprise")
    assert made.datum["used"] == MIXED and [p["used"] for p in made.datum["parts"]] == ["gcj02", "bd09"]
    rows = made.batch.rows
    assert rows["registered_cny"].to_list() == [12_000_000] * 6
    assert [g.x for g in rows["geom"]] == pytest.approx([at[0] + i * 0.01 for at in HERE for i in range(3)], abs=2e-7)
    assert [g.y for g in rows["geom"]] == pytest.approx([at[1] for at in HERE for _ in range(3)], abs=2e-7)
    assert rows["entry_number"].is_unique and not found(made, "header_unmatched")


def test_a_sheet_that_names_no_datum_does_not_take_its_neighbours() -> None:
    first = sheet("亭湖", gcj02, HERE[0], "注册资本（万元）", "经度（高德）", "纬度（高德）")
    second = sheet("大丰", plain, HERE[1], "注册资本（万元）", "经度", "纬度")
    with pytest.raises(DatumUndecidedError, match="大丰"):
        take(xlsx_bytes(first, 大丰=second), "a.xlsx", "enterprise")


def test_a_column_of_datums_is_obeyed_row_by_row() -> None:
    lines = ["企业名称,经度,纬度,坐标系"]
    forms = [(gcj02, "高德"), (plain, "WGS84"), (bd09, "百度地图")]
    for i in range(6):
        form, word = forms[i % 3]
        lon, lat = form(HERE[0][0] + i * 0.01, HERE[0][1])
        lines.append(f"{i}号厂,{lon:.9f},{lat:.9f},{word}")
    made = take(csv_bytes(*lines), "a.csv", "enterprise")
    rows = made.batch.rows.sort_values("source_row")
    assert rows["source_row"].to_list() == [2, 3, 4, 5, 6, 7]
    assert [g.x for g in rows["geom"]] == pytest.approx([HERE[0][0] + i * 0.01 for i in range(6)], abs=2e-7)
    assert {p["used"] for p in made.datum["parts"]} == {"gcj02", "wgs84", "bd09"}


def test_a_record_of_two_parts_is_held_back_the_second_time() -> None:
    first = sheet("甲", gcj02, HERE[0], "注册资本（万元）", "经度（高德）", "纬度（高德）")
    second = sheet("甲", plain, HERE[0], "注册资本（万元）", "经度（WGS84）", "纬度（WGS84）")
    made = take(xlsx_bytes(first, 再报=second), "a.xlsx", "enterprise")
    assert (made.batch.n_read, len(made.batch.rows), len(made.batch.quarantine)) == (6, 3, 3)
    assert found(made, "duplicate_key") == [2, 3, 4]


def test_sixty_seconds_are_a_minute() -> None:
    made = take(csv_bytes("企业名称,经度(WGS84),纬度(WGS84)", "甲,120°02′60.00″,33°02′60.0″"), "a.csv", "enterprise")
    assert (made.batch.rows["geom"][0].x, made.batch.rows["geom"][0].y) == pytest.approx((120.05, 33.05))
