"""Workbooks as nine counties and several departments send them."""

from __future__ import annotations

import datetime as dt
import io
import zipfile
from typing import Any

import xlsxwriter
from openpyxl import Workbook

from tests.data.messy.case import case, settled

HEAD = ["项目名称", "县区", "总投资（万元）", "开工时间"]
NOW = dt.datetime(2026, 3, 5)


def book(rows: list[list[Any]], merges: tuple[str, ...] = (), hidden: tuple[int, ...] = (), **more: Any) -> bytes:
    """Write a workbook; ``more`` are further sheets, a leading underscore hides one."""
    made = Workbook()
    for row in rows:
        made.active.append(row)
    for ref in merges:
        made.active.merge_cells(ref)
    for number in hidden:
        made.active.row_dimensions[number].hidden = True
    for title, cells in more.items():
        sheet = made.create_sheet(title.lstrip("_"))
        sheet.sheet_state = "hidden" if title.startswith("_") else "visible"
        for row in cells:
            sheet.append(row)
    made.properties.created = made.properties.modified = NOW
    out = io.BytesIO()
    made.save(out)
    return settled(out.getvalue())


def with_parts(data: bytes, parts: dict[str, bytes]) -> bytes:
    """Put parts into a workbook, in the place of those of the same name."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            if name not in parts:
                new.writestr(name, old.read(name))
        for name, part in parts.items():
            new.writestr(name, part)
    return out.getvalue()


@case(
    "title_and_unit.xlsx",
    read=2,
    skipped=2,
    issues={"title_row": [1, 2]},
    keys=("甲", "乙"),
    rows={
        "甲": {"invest_cny": 12_000_000, "county_code": "320902", "location_accuracy": "county"},
        "乙": {"invest_cny": 35_005_000},
    },
)
def _title() -> bytes:
    return book(
        [
            ["2026年重点项目汇总表"],
            ["单位：万元"],
            ["项目名称", "县区", "总投资"],
            ["甲", "亭湖区", 1200],
            ["乙", "盐都区", "3,500.5"],
        ],
        merges=("A1:C1", "A2:C2"),
    )


@case(
    "merged_headers.xlsx",
    read=2,
    skipped=0,
    issues={"stage_order": [4]},
    keys=("甲", "乙"),
    rows={"甲": {"invest_cny": 120_000_000}},
    events={"甲": {"签约": "2025-03-31", "开工": "2025-06-30"}, "乙": {"签约": "2025-09-30", "开工": "2025-06-30"}},
)
def _merged() -> bytes:
    return book(
        [
            ["项目名称", "县区", "总投资", "进度", None],
            [None, None, "（亿元）", "签约时间", "开工时间"],
            ["甲", "亭湖区", 1.2, "2025年3月", "2025.6"],
            ["乙", "大丰区", 2, "2025年9月", "2025年6月"],
        ],
        merges=("A1:A2", "B1:B2", "D1:E1"),
    )


@case(
    "three_header_rows.xlsx",
    read=1,
    skipped=1,
    issues={"title_row": [1]},
    keys=("甲",),
    rows={"甲": {"invest_cny": 50_000_000, "land_mu": 30.0}},
)
def _three() -> bytes:
    return book(
        [
            ["项目情况表"],
            ["基本情况", None, "规模", None],
            ["项目名称", "县区", "总投资", "用地面积"],
            [None, None, "（万元）", "（亩）"],
            ["甲", "亭湖区", 5000, 30],
        ],
        merges=("A1:D1", "A2:B2", "C2:D2"),
    )


@case(
    "notes_at_the_bottom.xlsx",
    read=1,
    skipped=3,
    issues={"note_row": [3, 4, 5]},
    keys=("甲",),
)
def _notes() -> bytes:
    return book(
        [HEAD, ["甲", "亭湖区", 100, None], ["注：本表由各县区填报"], ["填表人：张三"], ["*以上数据截至三月底"]]
    )


@case(
    "totals.xlsx",
    read=3,
    skipped=3,
    issues={"total_row": [4, 6, 7]},
    keys=("甲", "乙", "丙"),
)
def _totals() -> bytes:
    return book(
        [
            HEAD,
            ["甲", "亭湖区", 100, None],
            ["乙", "亭湖区", 200, None],
            ["小计", None, 300, None],
            ["丙", "盐都区", 50, None],
            ["盐都区小计", None, 50, None],
            ["合  计", None, 350, None],
        ]
    )


@case(
    "a_name_that_ends_like_a_total.xlsx",
    read=2,
    keys=("甲", "全市统计信息合计平台项目二期工程"),
)
def _no_total() -> bytes:
    return book([HEAD, ["甲", "亭湖区", 1, None], ["全市统计信息合计平台项目二期工程", "亭湖区", 2, None]])


@case(
    "group_headings.xlsx",
    read=2,
    skipped=2,
    issues={"heading_row": [2, 4]},
    keys=("甲", "乙"),
)
def _groups() -> bytes:
    return book(
        [HEAD, ["一、新建项目"], ["甲", "亭湖区", 100, None], ["二、续建项目"], ["乙", "盐都区", 200, None]],
        merges=("A2:D2", "A4:D4"),
    )


@case(
    "county_merged_downwards.xlsx",
    read=3,
    keys=("甲", "乙", "丙"),
    rows={"乙": {"county_code": "320902"}, "丙": {"county_code": "320903"}},
)
def _down() -> bytes:
    return book(
        [["县区", "项目名称", "总投资（万元）"], ["亭湖区", "甲", 1], [None, "乙", 2], ["盐都区", "丙", 3]],
        merges=("A2:A3",),
    )


@case("a_sheet_a_county.xlsx", read=3, keys=("甲", "乙", "丙"), rows={"丙": {"county_code": "320903"}})
def _sheets() -> bytes:
    return book([HEAD, ["甲", "亭湖区", 1, None]], 盐都区=[HEAD, ["乙", "盐都区", 2, None], ["丙", "盐都区", 3, None]])


@case("another_sheet.xlsx", read=1, issues={"sheet_other": [None]}, keys=("甲",))
def _other() -> bytes:
    return book([HEAD, ["甲", "亭湖区", 1, None]], 联系人=[["处室", "电话号"], ["一处", "123"]])


@case("hidden_sheet.xlsx", read=1, issues={"sheet_hidden": [None]}, keys=("甲",))
def _hidden_sheet() -> bytes:
    return book([HEAD, ["甲", "亭湖区", 1, None]], _旧数据=[HEAD, ["乙", "亭湖区", 2, None]])


@case("one_sheet_by_name.xlsx", read=1, keys=("乙",), options={"sheet": "盐都区"})
def _one_sheet() -> bytes:
    return book([HEAD, ["甲", "亭湖区", 1, None]], 盐都区=[HEAD, ["乙", "盐都区", 2, None]])


@case("hidden_rows.xlsx", read=3, issues={"hidden_row": [3]}, keys=("甲", "乙", "丙"))
def _hidden_rows() -> bytes:
    return book([HEAD, ["甲", "亭湖区", 1, None], ["乙", "亭湖区", 2, None], ["丙", "亭湖区", 3, None]], hidden=(3,))


@case("formula_cached.xlsx", read=2, keys=("甲", "乙"), rows={"乙": {"invest_cny": 2_000_000}})
def _cached() -> bytes:
    out = io.BytesIO()
    made = xlsxwriter.Workbook(out, {"in_memory": True})
    made.set_properties({"created": NOW})
    sheet = made.add_worksheet("表")
    sheet.write_row(0, 0, HEAD)
    sheet.write_row(1, 0, ["甲", "亭湖区", 100])
    sheet.write_row(2, 0, ["乙", "亭湖区"])
    sheet.write_formula(2, 2, "=C2*2", None, 200)
    made.close()
    return out.getvalue()


@case(
    "formula_never_computed.xlsx",
    read=2,
    issues={"formula_uncomputed": [3]},
    keys=("甲", "乙"),
    rows={"乙": {"invest_cny": None}},
)
def _uncomputed() -> bytes:
    return book([HEAD, ["甲", "亭湖区", 100, None], ["乙", "亭湖区", "=C2*2", None]])


@case(
    "cell_errors.xlsx",
    read=2,
    issues={"cell_error": [2, 3], "unlocated": [3]},
    keys=("甲", "乙"),
    rows={"甲": {"invest_cny": None}},
)
def _errors() -> bytes:
    return book([HEAD, ["甲", "亭湖区", "#REF!", None], ["乙", "#N/A", 2, None]])


@case(
    "full_width.xlsx",
    read=2,
    keys=("甲一期", "乙"),
    rows={"甲（一期）": {"invest_cny": 12_000_000, "county_code": "320902"}, "乙": {"invest_cny": 12_345_000}},
    events={"甲（一期）": {"开工": "2026-03-05"}},
)
def _full_width() -> bytes:
    return book(
        [
            HEAD,
            ["甲（一期）", "　亭湖区 ", "１２００", "２０２６－０３－０５"],
            ["乙", "盐都区", "１，２３４．５", None],
        ]
    )


@case(
    "date_cells.xlsx",
    read=4,
    issues={"date_lost_zero": [5]},
    keys=("甲", "乙", "丙", "丁"),
    events={
        "甲": {"开工": "2026-03-05"},
        "乙": {"开工": "2025-03-05"},
        "丙": {"开工": "2026-03-31"},
        "丁": {"开工": "2026-01-31"},
    },
)
def _dates() -> bytes:
    return book(
        [
            HEAD,
            ["甲", "亭湖区", 1, dt.date(2026, 3, 5)],
            ["乙", "亭湖区", 1, 45721],
            ["丙", "亭湖区", 1, "2026.3"],
            ["丁", "亭湖区", 1, 2026.1],
        ]
    )


@case("gaps.xlsx", read=2, keys=("甲", "乙"), rows={"乙": {"source_row": 7}})
def _gaps() -> bytes:
    return book(
        [[], [], [None, *HEAD], [None, "甲", "亭湖区", 1, None], [], ["   "], [None, "乙", "亭湖区", 2, None], [], []]
    )


@case("printed_pages.xlsx", read=2, skipped=1, issues={"header_again_row": [3]}, keys=("甲", "乙"))
def _again() -> bytes:
    return book([HEAD, ["甲", "亭湖区", 1, None], HEAD, ["乙", "亭湖区", 2, None]])


@case(
    "one_header_twice.xlsx",
    read=1,
    issues={"header_unmatched": [None, None]},
    keys=("甲",),
    rows={"甲": {"extra": {"附注": "a", "附注 (2)": "b"}}},
)
def _twice() -> bytes:
    return book([[*HEAD, "附注", "附注"], ["甲", "亭湖区", 1, None, "a", "b"]])


@case("template_example.xlsx", read=1, skipped=1, issues={"example_row": [2]}, keys=("甲",))
def _example() -> bytes:
    return book([HEAD, ["示例：某某项目", "亭湖区", 1, None], ["甲", "亭湖区", 1, None]])


@case("unit_row.xlsx", read=1, keys=("甲",), rows={"甲": {"invest_cny": 150_000_000, "land_mu": 20.0}})
def _unit_row() -> bytes:
    return book(
        [["项目名称", "县区", "总投资", "用地面积"], [None, None, "（亿元）", "（亩）"], ["甲", "亭湖区", 1.5, 20]]
    )


@case(
    "hectares_and_kilometres.xlsx",
    layer="parcel",
    read=2,
    keys=("A1", "A2"),
    rows={"一号": {"area_mu": 15.0}, "二号": {"area_mu": 30.0}},
)
def _hectares() -> bytes:
    return book(
        [
            ["地块编号", "地块名称", "县区", "面积（公顷）"],
            ["A1", "一号", "亭湖区", 1],
            ["A2", "二号", "亭湖区", "20000平方米"],
        ]
    )


@case(
    "two_units.xlsx",
    read=2,
    skipped=2,
    issues={"title_row": [1, 1], "unlocated": [3]},
    keys=("甲", "乙"),
    rows={"甲": {"invest_cny": 10_000}, "乙": {"invest_cny": 100_000_000}},
)
def _two_units() -> bytes:
    return book(
        [["单位：万元"], ["项目名称", "总投资"], ["甲", 1]], 盐都=[["单位：亿元"], ["项目名称", "总投资"], ["乙", 1]]
    )


@case("only_a_header.xlsx", read=0)
def _header_only() -> bytes:
    return book([HEAD])


@case("nothing_in_it.xlsx", refused="没有可读的内容")
def _nothing() -> bytes:
    return book([])


@case("no_name_column.xlsx", refused="没有找到.*名称列")
def _no_name() -> bytes:
    return book([["序号", "总投资（万元）"], [1, 5]])


@case("macros.xlsm", refused="宏")
def _macros() -> bytes:
    return with_parts(book([HEAD, ["甲", "亭湖区", 1, None]]), {"xl/vbaProject.bin": b"\xd0\xcf\x11\xe0" + b"\0" * 64})


@case("entities.xlsx", refused="实体")
def _entities() -> bytes:
    xml = b'<?xml version="1.0"?><!DOCTYPE w [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;">]><workbook>&b;</workbook>'
    return with_parts(book([HEAD]), {"xl/workbook.xml": xml})


@case("password.xlsx", refused="密码")
def _password() -> bytes:
    return b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 500 + "EncryptedPackage".encode("utf-16-le") + b"\0" * 500


@case("truncated.xlsx", refused="损坏|没有传完")
def _truncated() -> bytes:
    return book([HEAD, *[[f"项目{i}", "亭湖区", i, None] for i in range(200)]])[:-400]


@case("a_csv_named.xlsx", refused="内容却不是")
def _misnamed() -> bytes:
    return "项目名称\n甲\n".encode()


@case(
    "realistic_mix.xlsx",
    read=5,
    held=1,
    skipped=5,
    issues={
        "title_row": [1, 2],
        "approximate_amount": [7],
        "duplicate_row": [9],
        "total_row": [11],
        "note_row": [12],
        "hidden_row": [8],
        "heading_row": [5],
        "unknown_term": [8, 9],
        "date_coarse": [10],
    },
    keys=("大丰港某某光伏有限公司年产组件项目", "乙", "丙项目二期", "大丰港某某光伏有限公司年产组件项目扩建"),
    rows={"乙": {"invest_cny": None, "extra": {"总投资": "约5亿"}}},
)
def _mix() -> bytes:
    return book(
        [
            ["各地重点项目推进情况（截至2026年3月底）"],
            ["单位：万元"],
            ["序号", "项目名称", "县市区", "总投资", "产业", "进度", None],
            [None, None, None, None, None, "签约时间", "开工时间"],
            ["一、大丰区"],
            [1, "大丰港某某光伏有限公司年产组件项目", "大丰区", "1.2亿", "光伏", "2025年3月", 45900],
            [2, "乙", "大丰区", "约5亿", "电子信息", "2025.3", None],
            [3, "丙项目（二期）", "大丰", "3,500万元", "元宇宙", "2025-03-05", None],
            [3, "丙项目（二期）", "大丰", "3,500万元", "元宇宙", "2025-03-05", None],
            [4, "大丰港某某光伏有限公司年产组件项目扩建", "大丰市", 800, "光伏", "2025年", None],
            [None, "合计", None, 99999, None, None, None],
            ["注：标红为本月新增"],
        ],
        merges=("A1:G1", "A2:G2", "F3:G3", "A5:G5"),
        hidden=(8,),
    )
