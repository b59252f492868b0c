"""Files as nine counties really sent them: other formats by a false name, several tables in a sheet, odd forms."""

from __future__ import annotations

import datetime as dt
import io
import zipfile

from openpyxl import Workbook
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from tests.data.messy.case import case, settled
from tests.data.messy.sheets import NOW, book
from tests.data.messy.spatial import features
from tests.data.messy.texts import TRUE, W, lines

MONEY = {"甲": {"invest_cny": 12_000_000, "county_code": "320902"}, "乙": {"invest_cny": 8_000_000}}
PAGE = """<html xmlns:x="urn:schemas-microsoft-com:office:excel"><head>
<meta http-equiv=Content-Type content="text/html; charset=utf-8"><style>td{mso-number-format:"@"}</style></head>
<body><table border=1><tr><td colspan=3>2026年重点项目</td></tr>
<tr><td rowspan=2>项目名称</td><td colspan=2>情况</td></tr><tr><td>总投资（万元）</td><td>县区</td></tr>
<tr><td>甲&amp;乙</td><td>1,200</td><td>亭湖区</td></tr>
<tr style="display:none"><td>丙</td><td>&nbsp;</td><td>盐都<br>区</td></tr></table></body></html>"""
XML = """<?xml version="1.0" encoding="GBK"?><?mso-application progid="Excel.Sheet"?>
<Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet" xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet">
<Worksheet ss:Name="项目"><Table><Row><Cell ss:MergeAcross="2"><Data ss:Type="String">表一</Data></Cell></Row>
<Row><Cell><Data ss:Type="String">项目名称</Data></Cell><Cell><Data ss:Type="String">总投资（万元）</Data></Cell>
<Cell><Data ss:Type="String">开工时间</Data></Cell></Row>
<Row ss:Index="4"><Cell><Data ss:Type="String">甲</Data></Cell><Cell ss:Index="3"><Data
 ss:Type="DateTime">2026-03-05T00:00:00.000</Data></Cell></Row>
<Row><Cell><Data ss:Type="String">乙</Data></Cell><Cell><Data ss:Type="Number">800</Data></Cell></Row>
</Table></Worksheet></Workbook>"""


@case(
    "a_web_page.xls",
    read=2,
    skipped=1,
    issues={"title_row": [1], "hidden_row": [5]},
    keys=("甲&乙", "丙"),
    rows={"甲&乙": {"invest_cny": 12_000_000, "county_code": "320902"},
          "丙": {"invest_cny": None, "county_code": "320903"}},
)  # fmt: skip
def _page() -> bytes:
    return PAGE.encode("gb18030")  # whatever its label says


@case(
    "an_xml_workbook.xls",
    read=2,
    skipped=1,
    issues={"title_row": [1], "unlocated": [4, 5]},
    keys=("甲", "乙"),
    rows={"甲": {"invest_cny": None, "source_row": 4}, "乙": {"invest_cny": 8_000_000}},
    events={"甲": {"开工": "2026-03-05"}},
)
def _xml() -> bytes:
    return XML.encode("gbk")


@case("a_text_table.xls", read=2, keys=("甲", "乙"), rows=MONEY)
def _text() -> bytes:
    head = "项目名称\t县区\t总投资（万元）"
    return lines(head, "甲\t亭湖区\t1200", "乙\t盐都区\t800", encoding="gb18030")


@case("a_web_page_without_a_table.xls", refused="没有表格")
def _no_table() -> bytes:
    return b"<html><body><p>session expired</p></body></html>"


def parts(*names: str) -> bytes:
    """Write a zip with empty parts of these names."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        for name in names:
            made.writestr(zipfile.ZipInfo(name), "<x/>")
    return out.getvalue()


@case("a_binary_workbook.xlsb", refused=r"\.xlsb")
def _xlsb() -> bytes:
    return parts("[Content_Types].xml", "xl/workbook.bin")


@case("an_open_document.ods", refused="OpenDocument")
def _ods() -> bytes:
    return parts("mimetype", "content.xml", "styles.xml")


@case("a_letter.docx", refused="Word")
def _docx() -> bytes:
    return parts("word/document.xml")


@case("a_mark_before_gbk.csv", read=1, keys=("甲",), rows={"甲": {"county_code": "320902"}})
def _false_mark() -> bytes:
    return b"\xef\xbb\xbf" + lines("项目名称,县区", "甲,亭湖区", encoding="gb18030")


@case("two_marks.csv", read=1, keys=("甲",), rows={"甲": {"county_code": "320902"}})
def _two_marks() -> bytes:
    return b"\xef\xbb\xbf" + "\ufeff项目名称,县区\r\n甲,亭湖区".encode()


@case("two_encodings_in_one.csv", refused="第 3 行不合 UTF-8")
def _two_encodings() -> bytes:
    return lines("项目名称,县区", "甲,亭湖区") + lines("乙,盐都区", encoding="gbk")


@case(
    "an_open_quote_swallows_no_row.csv",
    read=4,
    keys=("甲", "乙", "丙", "丁"),
    issues={"header_unmatched": [None]},
    rows={"丙": {"county_code": "320904", "extra": {"附注": '"未闭合'}}, "丁": {"county_code": "320981"}},
)
def _open_quote() -> bytes:
    rows = ('甲,"重点"项目,亭湖区', '乙,他说"好",盐都区', '丙,"未闭合,大丰区', "丁,x,东台市")
    return lines("项目名称,附注,县区", *rows)


@case(
    "a_quote_closed_too_late.csv",
    read=2,
    held=1,
    keys=("甲",),
    issues={"row_torn": [3], "header_unmatched": [None]},
)
def _torn() -> bytes:
    return lines("项目名称,附注,县区", "甲,a,亭湖区", '乙,"b,盐都区', "丙,c,大丰区", '丁,d",东台市')


STACKED = [
    ["一、签约项目"],
    ["项目名称", "县区", "总投资（万元）", "签约时间"],
    ["甲", "亭湖区", 100, "2026-03-01"],
    [],
    ["二、开工项目  单位：亿元"],
    ["项目名称", "所属县区", "开工时间", "总投资"],
    ["丙", "盐都区", "2026-03-05", 3],
    ["合计", None, None, 3],
]


@case(
    "one_table_above_another.xlsx",
    read=2,
    skipped=3,
    issues={"title_row": [1], "heading_row": [5], "total_row": [8]},
    keys=("甲", "丙"),
    rows={"甲": {"invest_cny": 1_000_000}, "丙": {"invest_cny": 300_000_000, "county_code": "320903", "source_row": 7}},
    events={"甲": {"签约": "2026-03-01"}, "丙": {"开工": "2026-03-05"}},
)
def _stacked() -> bytes:
    return book(STACKED)


@case(
    "tables_side_by_side.xlsx",
    read=3,
    keys=("甲", "乙", "丙"),
    rows={"甲": {"invest_cny": 1_000_000}, "丙": {"invest_cny": 3_000_000, "county_code": "320903", "source_row": 2}},
)
def _beside() -> bytes:
    head = ["项目名称", "县区", "总投资（万元）"]
    rows = [["甲", "亭湖区", 100, None, "丙", "盐都区", 300], ["乙", "亭湖区", 200]]
    return book([[*head, None, *head], *rows])


@case("one_record_a_column.xlsx", refused="竖着排")
def _upright() -> bytes:
    return book([["项目名称", "甲"], ["县区", "亭湖区"], ["总投资（万元）", 1200], ["开工时间", "2026-03-05"]])


@case(
    "three_rows_of_merged_headers.xlsx",
    read=2,
    skipped=2,
    issues={"title_row": [1], "total_row": [7]},
    options=W,
    datum=("wgs84", "given"),
    keys=("甲", "乙"),
    at=TRUE,
    rows={"甲": {"invest_cny": 120_000_000}, "乙": {"invest_cny": 85_000_000}},
)
def _three() -> bytes:
    rows = [
        ["2026年重点工业项目进展情况表"],
        ["序号", "项目名称", "项目基本情况", None, None, "投资情况（万元）"],
        [None, None, "建设地点", "坐标", None, "总投资"],
        [None, None, "县区", "经度", "纬度", None],
        [1, "甲", "亭湖区", 120.05, 33.05, 12000],
        [2, "乙", "盐都区", 120.15, 33.05, "8,500"],
        ["合计", None, None, None, None, 20500],
    ]
    return book(rows, ("A1:F1", "A2:A4", "B2:B4", "C2:E2", "D3:E3", "F3:F4"))


@case(
    "units_under_the_headers.xlsx",
    read=2,
    issues={"unlocated": [3, 4]},
    keys=("甲", "乙"),
    rows={"甲": {"invest_cny": 12_000_000, "land_mu": 30.0}, "乙": {"invest_cny": 8_000_000, "land_mu": 15.0}},
    events={"甲": {"开工": "2026-03-31"}},
)
def _units() -> bytes:
    head = [["项目名称", "总投资", "用地面积", "开工时间"], [None, "万元", "亩", "年月"]]
    return book([*head, ["甲", 1200, 30, "2026.3"], ["乙", 800, 15, None]])


@case("page_numbers.xlsx", read=2, skipped=2, issues={"note_row": [3], "header_again_row": [4], "unlocated": [2, 5]},
      keys=("甲", "乙"))  # fmt: skip
def _pages() -> bytes:
    head = ["序号", "项目名称", "总投资（万元）"]
    return book([head, [1, "甲", 100], ["第1页 共2页"], head, [2, "乙", 200]])


@case(
    "one_column_twice.xlsx",
    read=1,
    issues={"header_unmatched": [None], "column_twice": [None]},
    keys=("甲",),
    rows={"甲": {"invest_cny": 9_990_000, "extra": {"总投资（万元） (2)": "100"}}},
)
def _column_twice() -> bytes:
    return book([["项目名称", "总投资（万元）", "总投资（万元）", "县区"], ["甲", 999, 100, "亭湖区"]])


@case(
    "title_and_note_of_two_units.xlsx",
    read=2,
    skipped=2,
    issues={"title_row": [1], "note_row": [5], "units_contradicted": [None], "unit_missing": [3]},
    keys=("甲", "乙"),
    rows={"甲": {"invest_cny": None}, "乙": {"invest_cny": 50_000}},
)
def _units_of_two() -> bytes:
    rows = [["甲", 5, "亭湖区"], ["乙", "5万元", "盐都区"], ["注：总投资单位为万元"]]
    return book([["单位：亿元"], ["项目名称", "总投资", "县区"], *rows])


@case(
    "days_since_1904.xlsx",
    read=2,
    issues={"unlocated": [2, 3]},
    keys=("甲", "乙"),
    events={"甲": {"开工": "2026-03-05"}, "乙": {"开工": "2026-03-05"}},
)
def _since_1904() -> bytes:
    made = Workbook()
    made.epoch = CALENDAR_MAC_1904
    for row in (["项目名称", "开工时间"], ["甲", dt.datetime(2026, 3, 5)], ["乙", 44_624]):
        made.active.append(row)
    made.properties.created = made.properties.modified = NOW
    out = io.BytesIO()
    made.save(out)
    return settled(out.getvalue())


CIRCLES = {"二○二六年五月十八日": "2026-05-18", "二O二六年三月": "2026-03-31", "贰零贰陆年壹月": "2026-01-31",
           "二0二六年三月五日": "2026-03-05", "二〇二五年十二月三十一日": "2025-12-31"}  # fmt: skip


@case(
    "dates_in_chinese_digits.csv",
    read=5,
    issues={"unlocated": [2, 3, 4, 5, 6]},
    keys=tuple(f"项{i}" for i in range(5)),
    events={f"项{i}": {"开工": day} for i, day in enumerate(CIRCLES.values())},
)
def _circles() -> bytes:
    return lines("项目名称,开工时间", *(f"项{i},{text}" for i, text in enumerate(CIRCLES)))


@case("marks_that_nobody_sees.csv", read=3, held=1, keys=("甲项目", "乙项目"), issues={"duplicate_row": [4]},
      rows={"甲项目": {"county_code": "320902"}})  # fmt: skip
def _unseen() -> bytes:
    return lines("项目名称,县区", "甲项\u200b目,亭湖区\ufeff", "\u202a乙项目\u202c,盐都区", "甲项\u200b目,亭湖区\ufeff")


@case(
    "more_ways_of_degrees.csv",
    read=5,
    options=W,
    datum=("wgs84", "given"),
    keys=("甲", "乙", "丙", "丁", "戊"),
    at={"甲": TRUE["甲"], "乙": TRUE["乙"], "丙": TRUE["甲"], "丁": TRUE["乙"]},
    issues={"coordinate_unreadable": [6], "unlocated": [6]},
)
def _degrees() -> bytes:
    cells = ("经度120.05 纬度33.05", "E120.15°N33.05°", "东经120°3′北纬33°3′", "北纬33°03′00″东经120°09′00″")
    return lines("项目名称,坐标", *(f"{n},{c}" for n, c in zip("甲乙丙丁", cells, strict=True)), "戊,120°75′ 33°3′")


@case("degrees_with_hyphens.csv", read=1, options=W, datum=("wgs84", "given"), keys=("甲",), at={"甲": TRUE["甲"]})
def _hyphens() -> bytes:
    return lines("项目名称,经度,纬度", "甲,E120-03-00,N33-03-00")


@case("two_parts_of_an_amount.csv", read=3, keys=("甲", "乙", "丙"),
      issues={"unlocated": [2, 3, 4], "bad_number": [4]},
      rows={"甲": {"invest_cny": 120_000_000}, "乙": {"invest_cny": 1_000_500_000}})  # fmt: skip
def _two_parts() -> bytes:
    return lines("项目名称,总投资", "甲,1亿2000万元", "乙,10亿零50万", "丙,5亿6")


@case("a_code_of_another_county.csv", read=2, keys=("甲", "乙"), issues={"code_contradicted": [2]},
      rows={"甲": {"county_code": "320904"}, "乙": {"county_code": "320903"}})  # fmt: skip
def _other_code() -> bytes:
    return lines("项目名称,县区,区划代码", "甲,大丰区,320903", "乙,盐都县,320928")


@case("latitude_first.geojson", read=1, keys=("甲",), datum=("wgs84", "format"), issues={"axes_exchanged": [None]},
      at={"甲": (120.05, 33.05)})  # fmt: skip
def _latitude_first() -> bytes:
    return features(("甲", {"type": "Point", "coordinates": [33.05, 120.05]}))


@case("a_crs_that_is_shifted.geojson", read=1, keys=("甲",), datum=("gcj02", "file"))
def _shifted() -> bytes:
    crs = {"type": "name", "properties": {"name": "GCJ-02"}}
    return features(("甲", {"type": "Point", "coordinates": [120.05, 33.05]}), crs=crs)


@case(
    "levels_in_columns.xlsx",
    layer="factory",
    read=3,
    keys=("甲厂", "乙厂", "丙厂"),
    issues={"unlocated": [2, 3, 4], "date_coarse": [3], "date_of_which": [4], "level_without_date": [4]},
    rows={"甲厂": {"green_level": "国家级"}, "乙厂": {"green_level": "省级"},
          "丙厂": {"green_level": "国家级", "extra": {"认定时间": "2023-05-01"}}},
    events={"甲厂": {"绿色工厂": "2025-06-30"}, "乙厂": {"绿色工厂": "2024-12-31"}, "丙厂": {}},
)  # fmt: skip
def _levels() -> bytes:
    head = ["企业名称", "国家级绿色工厂", "省级绿色工厂", "认定时间"]
    rows = [["甲厂", "是", None, "2025年6月"], ["乙厂", None, "√", "2024"], ["丙厂", "√", "√", "2023-05-01"]]
    return book([head, *rows])


@case(
    "levels_of_what.xlsx",
    layer="factory",
    read=2,
    keys=("甲厂", "乙厂"),
    issues={"unlocated": [2, 3], "level_of_which": [3]},
    rows={
        "甲厂": {"green_level": "国家级"},
        "乙厂": {"green_level": None, "extra": {"省级认定": "√", "认定时间": "2024"}},
    },
    events={"甲厂": {"绿色工厂": "2025-06-05"}, "乙厂": {}},
)
def _levels_of_what() -> bytes:
    head = ["企业名称", "国家级认定", "省级认定", "市级认定", "认定时间"]
    return book([head, ["甲厂", "绿色工厂", None, None, "2025-06-05"], ["乙厂", None, "√", None, "2024"]])


@case(
    "two_levels_and_one_date.xlsx",
    layer="factory",
    read=3,
    keys=("甲厂", "乙厂", "丙厂"),
    issues={"unlocated": [2, 3, 4], "date_of_which": [4], "level_without_date": [4, 4]},
    rows={"丙厂": {"smart_level": "卓越级", "green_level": "国家级"}},
    events={"甲厂": {"智能工厂": "2025-06-30"}, "乙厂": {"绿色工厂": "2024-05-06"}, "丙厂": {}},
)
def _two_levels() -> bytes:
    head = ["企业名称", "智能工厂等级", "绿色工厂级别", "认定时间"]
    rows = [["甲厂", "先进级", None, "2025年6月"], ["乙厂", None, "省级", "2024-05-06"]]
    return book([head, *rows, ["丙厂", "卓越级", "国家级", "2023-05-01"]])


@case(
    "an_amount_of_two_projects.xlsx",
    read=3,
    issues={"amount_shared": [2, 3]},
    keys=("甲", "乙", "丙"),
    rows={"甲": {"invest_cny": None, "county_code": "320902", "extra": {"总投资（万元）": "100"}},
          "乙": {"invest_cny": None, "county_code": "320902"}, "丙": {"invest_cny": 500_000, "county_code": "320902"}},
)  # fmt: skip
def _shared() -> bytes:
    rows = [["甲", "亭湖区", 100], ["乙", None, None], ["丙", None, 50]]
    return book([["项目名称", "县区", "总投资（万元）"], *rows], ("B2:B4", "C2:C3"))


@case(
    "a_title_above_each_table.xlsx",
    read=2,
    skipped=2,
    issues={"title_row": [1], "heading_row": [4]},
    keys=("甲", "乙"),
    rows={"甲": {"invest_cny": 10_000}, "乙": {"invest_cny": 300_000_000}},
    events={"乙": {"开工": "2026-03-05"}},
)
def _titles() -> bytes:
    first = [["签约项目"], ["项目名称", "县区", "总投资（万元）"], ["甲", "亭湖区", 1]]
    second = [["开工项目（单位：亿元）"], ["项目名称", "县区", "总投资", "开工时间"], ["乙", "盐都区", 3, "2026-03-05"]]
    return book([*first, *second])


@case("who_filled_it_in.xlsx", read=1, skipped=3, issues={"note_row": [3, 4, 5]}, keys=("甲",))
def _signed() -> bytes:
    below = [
        ["填报单位", "某区发改委", "联系人", "张三"],
        ["填表人：李四", None, "联系电话：1"],
        ["单位负责人", None, "填报日期", "3月"],
    ]
    return book([["序号", "项目名称", "县区", "总投资（万元）"], [1, "甲", "亭湖区", 100], *below])


@case("commas_in_a_column_of_tabs.txt", read=2, issues={"header_unmatched": [None]}, keys=("甲", "乙"),
      rows={"甲": {"county_code": "320902", "extra": {"附注": "a,b,c,d"}}})  # fmt: skip
def _tabs() -> bytes:
    return lines("项目名称\t县区\t附注", "甲\t亭湖区\ta,b,c,d", "乙\t盐都区\te,f,g,h")


@case("a_row_without_an_end.csv", refused="第 2 行有 200002 格")
def _wide() -> bytes:
    return lines("项目名称,县区", "甲,亭湖区" + ",x" * 200_000)


@case(
    "geometry_in_words.csv", read=4, options=W, datum=("wgs84", "given"), keys=("甲", "乙", "丙", "丁"),
    at={"甲": TRUE["甲"], "乙": TRUE["乙"], "丙": TRUE["甲"], "丁": TRUE["乙"]},
)  # fmt: skip
def _geometry() -> bytes:
    cells = (
        '"{""type"":""Point"",""coordinates"":[120.05,33.05]}"',
        "POINT (120.15 33.05)",
        "POINT Z (120.05 33.05 5)",
    )
    named = [f"{n},{c}" for n, c in zip("甲乙丙", cells, strict=True)]
    return lines("项目名称,geometry", *named, "丁,SRID=4326;POINT(120.15 33.05)")


@case(
    "one_amount_in_two_units.xlsx",
    read=3,
    issues={"header_unmatched": [None], "amount_contradicted": [3]},
    keys=("甲", "乙", "丙"),
    rows={"甲": {"invest_cny": 500_000_000}, "乙": {"invest_cny": 1_000_000}, "丙": {"invest_cny": 123_450_000}},
)
def _in_two_units() -> bytes:
    head = ["项目名称", "总投资（万元）", "总投资（亿元）", "县区"]
    rows = [["甲", 50_000, 5, "亭湖区"], ["乙", 100, 2, "盐都区"], ["丙", 12_345, 1.2, "大丰区"]]
    return book([head, *rows])


@case(
    "totals_of_tables_side_by_side.xlsx",
    read=4,
    skipped=2,
    issues={"total_row": [3, 4]},
    keys=("甲", "乙", "丙", "丁"),
    rows={"乙": {"invest_cny": 2_000_000, "source_row": 3}, "丁": {"invest_cny": 4_000_000, "county_code": "320903"}},
)
def _beside_totals() -> bytes:
    head = ["项目名称", "县区", "总投资（万元）"]
    rows = [["甲", "亭湖区", 100, None, "丙", "盐都区", 300], ["乙", "亭湖区", 200, None, "合计", None, 300],
            ["合计", None, 300, None, "丁", "盐都区", 400]]  # fmt: skip
    return book([[*head, None, *head], *rows])


@case(
    "two_header_rows_never_merged.xlsx",
    read=1,
    issues={"figure_without_period": [3]},
    keys=("甲",),
    rows={"甲": {"invest_cny": 1_000_000, "county_code": "320902"}},
    events={"甲": {"签约": "2026-01-01", "开工": "2026-03-05"}},
)
def _never_merged() -> bytes:
    head = [["项目名称", "县区", "投资情况", None, "时间", None],
            [None, None, "总投资（万元）", "完成投资（万元）", "签约时间", "开工时间"]]  # fmt: skip
    return book([*head, ["甲", "亭湖区", 100, 50, "2026-01-01", "2026-03-05"]])


@case("two_counties_in_one_cell.csv", read=3, keys=("甲", "乙", "丙"),
      issues={"county_unknown": [2, 3], "unlocated": [2, 3]}, rows={"丙": {"county_code": "320904"}})  # fmt: skip
def _two_counties() -> bytes:
    return lines("项目名称,县区", "甲,大丰区/盐都区", "乙,大丰、亭湖", "丙,盐城市大丰区新丰镇")


@case("a_year_and_a_month_run_together.csv", read=2, keys=("甲", "乙"),
      issues={"ambiguous_date": [2], "unlocated": [2, 3]}, events={"甲": {}, "乙": {"开工": "2026-03-05"}})  # fmt: skip
def _run_together() -> bytes:
    return lines("项目名称,开工时间", "甲,20263", "乙,46086")
