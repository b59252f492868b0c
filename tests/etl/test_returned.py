"""Rows held back go out as a sheet in the sender's own columns, and come back in right."""

import io
import re
from pathlib import Path
from typing import Any

import openpyxl
import psycopg2
import pytest

from etl.options import Options
from etl.pipeline import Context, import_file
from etl.rebuild import rebuild_layer
from etl.returned import REASON, SHAPE, TICKET, write_returned, write_returned_csv
from layers.registry import catalogue
from layers.store.db import role_dsn, statement
from layers.store.quarantine import read_held, read_held_page
from layers.store.rollback import rollback
from tests.etl.world import csv_bytes, gazetteer, xlsx_bytes

RED = "FFF8C9C4"


@pytest.fixture
def context(database_url: str, secret_key: str, tmp_path: Path) -> Context:
    return Context(role_dsn(database_url, "yuantu_writer", secret_key), catalogue(), tmp_path, gazetteer())


def waiting(context: Context, layer: str = "project"):
    return [r for f in read_held(context.dsn, layer) for r in f.rows]


def returned(context: Context, layer: str = "project"):
    files = read_held(context.dsn, layer)
    book = openpyxl.load_workbook(io.BytesIO(write_returned(files, catalogue().layer(layer))))
    sheet = book.worksheets[0]
    top = next(r for r in range(1, 20) if sheet.cell(r, 1).value == TICKET)
    at = {sheet.cell(top, c).value: c for c in range(1, sheet.max_column + 1)}
    return book, sheet, top, at


def saved(book: openpyxl.Workbook) -> bytes:
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def test_a_sheet_goes_out_coloured_and_comes_back_clean(context: Context) -> None:
    rows = [
        ["盐城市重点项目表"],
        ["单位：万元"],
        ["序号", "项目名称", "项目代码", "县区", "总投资", "经度（高德）", "纬度（高德）"],
        [1, "甲", "2403-320902-89-01-123456", "亭湖区", 100, 120.05, 33.05],
        [2, "乙", "24O3-坏", "盐都区", -200, 120.15, 33.05],
        [3, None, "2403-320904-89-01-123457", "大丰区", 300, 33.15, 120.05],
    ]
    first = import_file("project", xlsx_bytes(rows), Options(publisher="市发改委"), context, name="表.xlsx")
    assert first.counts == {"read": 3, "loaded": 1, "unchanged": 0, "quarantined": 2, "skipped_non_data": 2}
    book, sheet, top, at = returned(context)
    assert list(at)[3:] == ["序号", "项目名称", "项目代码", "县区", "总投资", "经度（高德）", "纬度（高德）"]
    b, c = top + 1, top + 2
    assert sheet.cell(b, at["项目名称"]).value == "乙"
    red = {h: [sheet.cell(r, at[h]).fill.fgColor.rgb == RED for r in (b, c)] for h in at}
    assert red["总投资"] == [True, False]
    assert red["项目代码"] == [True, False]
    assert red["项目名称"] == [False, True]
    assert red["经度（高德）"] == red["纬度（高德）"] == [False, True]
    assert red["县区"] == [False, False]
    assert "小于下限" in sheet.cell(b, at[REASON]).value
    assert "没有名称" in sheet.cell(c, at[REASON]).value

    sheet.cell(b, at["总投资"]).value = "200"
    sheet.cell(b, at["项目代码"]).value = "2403-320903-89-01-123458"
    sheet.cell(c, at["项目名称"]).value = "丙"
    sheet.cell(c, at["经度（高德）"]).value, sheet.cell(c, at["纬度（高德）"]).value = "120.05", "33.15"
    second = import_file("project", saved(book), Options(), context, name="退回.xlsx")
    assert second.counts == {"read": 2, "loaded": 2, "unchanged": 0, "quarantined": 0, "skipped_non_data": 4}
    assert second.resource.publisher == "市发改委"
    assert second.datum["used"] == "gcj02"
    assert dict(zip(second.rows["name"], second.rows["invest_cny"], strict=True)) == {"乙": 2_000_000, "丙": 3_000_000}
    assert second.rows["extra"].to_list() == [{}, {}]
    assert waiting(context) == []


def test_a_row_still_wrong_waits_once(context: Context) -> None:
    import_file("project", csv_bytes("项目名称,总投资（万元）", "甲,-1", "乙,-2"), Options(), context, name="a.csv")
    book, sheet, top, at = returned(context)
    sheet.cell(top + 1, at["总投资（万元）"]).value = "5"
    again = import_file("project", saved(book), Options(), context, name="退回.xlsx")
    assert (again.counts["loaded"], again.counts["quarantined"]) == (1, 1)
    left = waiting(context)
    assert [r.cells["项目名称"] for r in left] == ["乙"]
    _, _, _, at = returned(context)
    assert list(at).count(TICKET) == 1 and list(at)[3:] == ["项目名称", "总投资（万元）"]


def test_the_same_bad_file_twice_waits_once_and_a_rollback_opens_again(context: Context) -> None:
    bad = csv_bytes("项目名称,总投资（万元）", "甲,-1")
    import_file("project", bad, Options(), context, name="a.csv")
    import_file("project", bad, Options(), context, name="b.csv")
    assert len(waiting(context)) == 1
    good = import_file("project", csv_bytes("项目名称,总投资（万元）", "甲,1"), Options(), context, name="c.csv")
    assert waiting(context) == []
    undo = rollback(context.dsn, catalogue(), good.run)
    assert len(waiting(context)) == 1
    rollback(context.dsn, catalogue(), undo.run_id)
    assert waiting(context) == []


def test_a_run_rolled_back_holds_nothing_back(context: Context) -> None:
    made = import_file(
        "project", csv_bytes("项目名称,总投资（万元）", "甲,-1", "乙,1"), Options(), context, name="a.csv"
    )
    rollback(context.dsn, catalogue(), made.run)
    assert waiting(context) == []


def test_a_run_that_only_held_rows_back_can_be_rolled_back(context: Context) -> None:
    made = import_file("project", csv_bytes("项目名称,总投资（万元）", "甲,-1"), Options(), context, name="a.csv")
    assert made.counts["loaded"] == 0 and len(waiting(context)) == 1
    undo = rollback(context.dsn, catalogue(), made.run)
    assert waiting(context) == []
    rollback(context.dsn, catalogue(), undo.run_id)
    assert len(waiting(context)) == 1


def test_csv_and_shapes_come_back_too(context: Context) -> None:
    square = '{"type":"Polygon","coordinates":[[[120.01,33.01],[120.02,33.01],[120.02,33.02],[120.01,33.01]]]}'
    data = (
        '{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"地块名称":"","面积":"10"},'
        f'"geometry":{square}}}]}}'
    ).encode()
    import_file("parcel", data, Options(datum="cgcs2000"), context, name="a.geojson")
    (held,) = read_held(context.dsn, "parcel")
    text = write_returned_csv(held).decode("utf-8-sig")
    assert text.splitlines()[0].split(",") == [TICKET, "原表行号", REASON, "地块名称", "面积", SHAPE]
    fixed = text.replace(",,10,", ",一号地,10,")
    assert fixed != text
    again = import_file("parcel", fixed.encode(), Options(), context, name="改.csv")
    assert again.counts["loaded"] == 1 and again.datum["used"] == "cgcs2000"
    assert again.rows["geom"][0].geom_type == "MultiPolygon"
    assert waiting(context, "parcel") == []


def test_a_corrected_sheet_never_replaces_the_layer(context: Context, database_url: str) -> None:
    data = csv_bytes("项目名称,总投资（万元）", "甲,1", "乙,-2")
    import_file("project", data, Options(mode="replace"), context, name="a.csv")
    book, sheet, top, at = returned(context)
    sheet.cell(top + 1, at["总投资（万元）"]).value = "2"
    import_file("project", saved(book), Options(), context, name="退回.xlsx")
    with psycopg2.connect(database_url) as conn, conn.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM layer_project WHERE recorded_to = 'infinity'")
        assert cursor.fetchone() == (2,)
    conn.close()


def test_a_quarantine_is_read_a_page_at_a_time(context: Context) -> None:
    bad = csv_bytes("项目名称,总投资（万元）", *(f"甲{i:02d}%,-{i + 1}" for i in range(13)), ",5", ",6")
    import_file("project", bad, Options(), context, name="a.csv")
    import_file("project", csv_bytes("项目名称,总投资（万元）", "乙,-1"), Options(), context, name="b.csv")
    whole = [r.ticket for r in waiting(context)]
    assert len(whole) == 16

    def page(**asked: Any) -> tuple[int, int, list[int]]:
        made = read_held_page(context.dsn, "project", most=5, **asked)
        assert sum(made.waiting.values()) == 16 and {n for *_, n in made.causes} == {14, 2}
        assert all(r.faults for f in made.files for r in f.rows)
        return made.n, made.first, [r.ticket for f in made.files for r in f.rows]

    pages = [page(first=first) for first in (1, 6, 11, 16)]
    assert [n for n, _, _ in pages] == [16] * 4 and [x for *_, t in pages for x in t] == whole
    assert page(first=8)[1:] == (6, whole[5:10]) and page(first=99)[1:] == (16, whole[15:])
    assert page(cause=("name_missing", "name")) == (2, 1, whole[13:15])
    assert page(cause=("name_missing", "geom")) == (0, 0, [])
    assert page(find="甲0", first=6)[:2] == (10, 6) and page(find="0%")[0] == 2 and page(find="_")[0] == 0
    assert page(find="x\n'; SELECT 1/0 --")[0] == 0
    (held,) = read_held(context.dsn, "project", tickets=whole[:2])
    assert [r.ticket for r in held.rows] == whole[:2]


def test_reading_a_long_quarantine_never_compares_every_row_with_every_fault(
    context: Context, database_url: str
) -> None:
    n = 3_000
    lines = [f",{i},{33.05},12.0" for i in range(n)]
    import_file(
        "project", csv_bytes("项目名称,总投资（万元）,纬度,经度", *lines), Options(datum="wgs84"), context, name="a.csv"
    )
    params = {"layer": "project", "run": None, "tickets": None, "type": "name_missing", "field": "name", "text": None,
              "skip": 0, "most": 100}  # fmt: skip
    with psycopg2.connect(database_url) as conn, conn.cursor() as cursor:
        for name in ("held_faults", "held_causes", "held_tickets"):
            cursor.execute("EXPLAIN (ANALYZE, TIMING OFF) " + statement(f"import/{name}"), params)
            plan = "\n".join(line for (line,) in cursor.fetchall())
            looked = sum(
                int(m[1]) * int(m[2])
                for m in re.finditer(
                    r"loops=(\d+)\)(?:(?!loops=)[\s\S])*?Rows Removed by (?:Join )?Filter: (\d+)", plan
                )
            )
            assert looked < 20 * n, plan
    conn.close()


def test_a_workbook_of_several_runs_comes_back_sheet_by_sheet(context: Context) -> None:
    money = [["单位：亿元"], ["项目名称", "县区", "总投资"], ["甲", "亭湖区", -3], [None, "亭湖区", 2]]
    import_file("project", xlsx_bytes(money), Options(publisher="甲局"), context, name="a.xlsx")
    place = csv_bytes("名称,经度（高德）,纬度（高德）,备注", ",120.05,33.05,x", "丙,12.05,33.05,y")
    import_file("project", place, Options(publisher="乙局"), context, name="b.csv")
    assert len(waiting(context)) == 4
    book = openpyxl.load_workbook(
        io.BytesIO(write_returned(read_held(context.dsn, "project"), catalogue().layer("project")))
    )
    assert len(book.worksheets) == 2
    for cell in (c for sheet in book.worksheets for row in sheet.iter_rows() for c in row):
        cell.value = {"-3": "3", "12.05": "120.05"}.get(str(cell.value), cell.value)
    for sheet in book.worksheets:
        top = next(r for r in range(1, 20) if sheet.cell(r, 1).value == TICKET)
        at = next(c for c in range(1, 20) if sheet.cell(top, c).value in ("项目名称", "名称"))
        for i, r in enumerate(range(top + 1, sheet.max_row + 1)):
            sheet.cell(r, at).value = sheet.cell(r, at).value or f"补{sheet.title}{i}"
    again = import_file("project", saved(book), Options(), context, name="改.xlsx")
    assert again.counts == {"read": 4, "loaded": 4, "unchanged": 0, "quarantined": 0, "skipped_non_data": 5}
    assert not [i for i in again.issues if i.type == "sheet_other"] and waiting(context) == []
    with psycopg2.connect(context.dsn) as conn, conn.cursor() as cursor:
        cursor.execute("SELECT name, invest_cny, round(ST_X(geom)::numeric, 2) FROM layer_project ORDER BY name")
        stored = {name: (cny, x) for name, cny, x in cursor.fetchall()}
    conn.close()
    assert stored["甲"] == (300_000_000, None)  # in 亿元, as its own file says
    assert {n for n in stored if n.startswith("补")} and 120.04 <= float(stored["丙"][1]) < 120.05  # 高德, undone
    assert rebuild_layer("project", context).run_id is None


def test_a_sheet_of_several_tables_comes_back_table_by_table(context: Context) -> None:
    first = [["项目名称", "县区", "总投资（万元）"], ["甲", "亭湖区", 100], ["乙", "亭湖区", -5]]
    second = [["项目名称", "所属县区", "开工时间", "总投资（亿元）"], ["丙", "盐都区", "2026-03-05", -3]]
    import_file("project", xlsx_bytes([*first, *second]), Options(), context, name="a.xlsx")
    assert [r.row for r in waiting(context)] == [3, 5]
    book, *_ = returned(context)
    assert len(book.worksheets) == 2
    for cell in (c for sheet in book.worksheets for row in sheet.iter_rows() for c in row):
        cell.value = {"-5": "5", "-3": "3"}.get(str(cell.value), cell.value)
    again = import_file("project", saved(book), Options(), context, name="改.xlsx")
    assert again.counts["loaded"] == 2 and waiting(context) == []
    with psycopg2.connect(context.dsn) as conn, conn.cursor() as cursor:
        cursor.execute("SELECT name, invest_cny, county_code FROM layer_project WHERE recorded_to = 'infinity'")
        stored = {name: rest for name, *rest in cursor.fetchall()}
    conn.close()
    assert stored == {"甲": [1_000_000, "320902"], "乙": [50_000, "320902"], "丙": [300_000_000, "320903"]}
    assert rebuild_layer("project", context).run_id is None
