"""Text tables: encodings, separators, amounts, dates, codes, terms, coordinates in cells."""

from __future__ import annotations

from tests.data.messy.case import case

W = {"datum": "wgs84"}


def lines(*rows: str, encoding: str = "utf-8") -> bytes:
    return "\r\n".join(rows).encode(encoding) + "\r\n".encode(encoding.replace("utf-16", "utf-16-le"))


PLAIN = ("项目名称,县区,总投资（万元）", "甲,亭湖区,120", "乙,盐都区,35")
SOUND = {"甲": {"invest_cny": 1_200_000, "county_code": "320902"}, "乙": {"invest_cny": 350_000}}


@case("utf8.csv", read=2, keys=("甲", "乙"), rows=SOUND)
def _utf8() -> bytes:
    return lines(*PLAIN)


@case("utf8_mark.csv", read=2, keys=("甲", "乙"), rows=SOUND)
def _mark() -> bytes:
    return lines(*PLAIN, encoding="utf-8-sig")


@case("gbk.csv", read=2, keys=("甲", "乙"), rows=SOUND)
def _gbk() -> bytes:
    return lines(*PLAIN, encoding="gbk")


@case("gb18030_four_bytes.csv", read=1, keys=("䶮光𠮷祥项目",))
def _four() -> bytes:
    return lines(PLAIN[0], "䶮光𠮷祥项目,亭湖区,1", encoding="gb18030")


@case("utf16_tab.txt", read=2, keys=("甲", "乙"), rows=SOUND)
def _utf16() -> bytes:
    return lines(*(row.replace(",", "\t") for row in PLAIN), encoding="utf-16")


@case("semicolon.csv", read=2, keys=("甲", "乙"), rows=SOUND)
def _semicolon() -> bytes:
    return lines(*(row.replace(",", ";") for row in PLAIN))


@case("pipe.txt", read=2, keys=("甲", "乙"), rows=SOUND)
def _pipe() -> bytes:
    return lines(*(row.replace(",", "|") for row in PLAIN))


@case("tab_named.csv", read=2, keys=("甲", "乙"), rows=SOUND)
def _tab() -> bytes:
    return lines(*(row.replace(",", "\t") for row in PLAIN))


@case(
    "quotes_and_line_breaks.csv",
    read=2,
    keys=("甲,一期", "乙"),
    rows={"乙": {"content": "第一行\n第二行,有逗号", "source_row": 3}},
)
def _quotes() -> bytes:
    return '项目名称,县区,建设内容\n"甲，一期",亭湖区,"说""好"""\n乙,盐都区,"第一行\n第二行,有逗号"\n'.encode()


@case(
    "ragged.csv",
    read=3,
    keys=("甲", "乙", "丙"),
    issues={"unlocated": [4], "header_unmatched": [None]},
    rows={"乙": {"extra": {"第4列": "多出来的"}}, "丙": {"invest_cny": None}},
)
def _ragged() -> bytes:
    return lines(PLAIN[0], "甲,亭湖区,1", "乙,亭湖区,2,多出来的", "丙")


@case("an_open_quote.csv", read=1, keys=("甲",))
def _open_quote() -> bytes:
    return lines("项目名称,县区", '甲",亭湖区')


@case("binary.csv", refused="二进制")
def _binary() -> bytes:
    return bytes(range(256)) * 8


@case("empty.csv", refused="空")
def _empty() -> bytes:
    return b"\xef\xbb\xbf\r\n\r\n".replace(b"\xef\xbb\xbf", b"")


@case("neither_encoding.csv", refused="不是 UTF-8 也不是 GB18030")
def _neither() -> bytes:
    return "项目名称,县区\n甲,".encode() + b"\xff\xff\xff\n"


AMOUNTS = {
    "1.2亿": 120_000_000,
    "3,500万元": 35_000_000,
    "１２００": 12_000_000,
    "壹仟万元": 10_000_000,
    "0.12亿元": 12_000_000,
    "1 200": 12_000_000,
    "￥500万": 5_000_000,
    "1.5e3": 15_000_000,
    "200.5": 2_005_000,
    "人民币2亿元": 200_000_000,
    "—": None,
    "暂无": None,
}


ITEMS = tuple(f"项{i}" for i in range(len(AMOUNTS)))


@case(
    "amounts.csv",
    read=len(AMOUNTS),
    keys=ITEMS,
    issues={"unlocated": list(range(2, 2 + len(AMOUNTS)))},
    rows={name: {"invest_cny": money} for name, money in zip(ITEMS, AMOUNTS.values(), strict=True)},
)
def _amounts() -> bytes:
    return lines("项目名称,总投资（万元）", *(f'{n},"{a}"' for n, a in zip(ITEMS, AMOUNTS, strict=True)))


UNCLEAR = {
    "约5亿": "approximate_amount",
    "超百亿": "bound_amount",
    "3-5亿": "bound_amount",
    "1000万美元": "foreign_currency",
    "面议": "bad_number",
    "50亩": "unit_mismatch",
    "10亿元以上": "bound_amount",
}


@case(
    "amounts_that_are_none.csv",
    read=7,
    keys=tuple(UNCLEAR),
    rows={a: {"invest_cny": None, "extra": {"总投资（万元）": a}} for a in UNCLEAR},
    issues={
        "unlocated": list(range(2, 9)),
        "approximate_amount": [2],
        "bound_amount": [3, 4, 8],
        "foreign_currency": [5],
        "bad_number": [6],
        "unit_mismatch": [7],
    },
)
def _unclear() -> bytes:
    return lines("项目名称,总投资（万元）", *(f"{a},{a}" for a in UNCLEAR))


@case(
    "about_by_policy.csv",
    read=1,
    keys=("甲",),
    options={"approximate": "accept"},
    issues={"unlocated": [2], "approximate_accepted": [2]},
    rows={"甲": {"invest_cny": 500_000_000}},
)
def _about() -> bytes:
    return lines("项目名称,总投资（万元）", "甲,约5亿")


@case(
    "no_unit.csv",
    read=2,
    keys=("甲", "乙"),
    issues={"unlocated": [2, 3], "unit_missing": [2]},
    rows={"甲": {"invest_cny": None}, "乙": {"invest_cny": 10_000_000}},
)
def _no_unit() -> bytes:
    return lines("项目名称,总投资", "甲,1200", "乙,1000万元")


@case(
    "clearly_yuan.csv",
    read=2,
    keys=("甲", "乙"),
    issues={"unlocated": [2, 3], "unit_assumed": [None]},
    rows={"甲": {"invest_cny": 120_000_000}},
)
def _yuan() -> bytes:
    return lines("项目名称,总投资", "甲,120000000", "乙,35000000")


@case("negative.csv", read=2, held=1, keys=("乙",), issues={"unlocated": [2, 3], "below_minimum": [2]})
def _negative() -> bytes:
    return lines("项目名称,总投资（万元）", "甲,-5", "乙,5")


DATES = {
    "2026.3": "2026-03-31",
    "2026年3月": "2026-03-31",
    "2026-03-05": "2026-03-05",
    "20260305": "2026-03-05",
    "46086": "2026-03-05",
    "2026/3/5": "2026-03-05",
    "２０２６年３月５日": "2026-03-05",
    "二〇二六年三月": "2026-03-31",
    "26年3月": "2026-03-31",
    "2026年一季度": "2026-03-31",
    "2026Q1": "2026-03-31",
    "2025年上半年": "2025-06-30",
    "2025年": "2025-12-31",
    "2026年3月底": "2026-03-31",
    "2026-03-05 00:00:00": "2026-03-05",
    "202603": "2026-03-31",
    "2026.03.05": "2026-03-05",
    "2026年2月中旬": "2026-02-20",
    "31/12/2025": "2025-12-31",
}


@case(
    "dates.csv",
    issues={"unlocated": list(range(2, 2 + len(DATES))), "date_coarse": [11, 12, 13, 14, 15, 19]},
    read=len(DATES),
    keys=tuple(f"项{i}" for i in range(len(DATES))),
    events={f"项{i}": {"开工": day} for i, day in enumerate(DATES.values())},
)
def _dates() -> bytes:
    return lines("项目名称,开工时间", *(f"项{i},{text}" for i, text in enumerate(DATES)))


@case(
    "dates_that_are_none.csv",
    read=6,
    keys=("甲", "乙", "丙", "丁", "戊", "己"),
    issues={"unlocated": list(range(2, 8)), "ambiguous_date": [2, 3], "bad_date": [4, 5, 6]},
    events={"甲": {}, "己": {}},
)
def _bad_dates() -> bytes:
    return lines("项目名称,开工时间", "甲,05/03/2026", "乙,26.3.5", "丙,2026.13", "丁,明年", "戊,2026-02-30", "己,待定")


@case(
    "a_future_date.csv",
    read=1,
    keys=("甲",),
    issues={"unlocated": [2], "future_date": [2], "date_coarse": [2]},
    events={"甲": {"竣工": "2099-12-31"}},
)
def _future() -> bytes:
    return lines("项目名称,竣工时间", "甲,2099年")


@case(
    "stages_out_of_order.csv",
    read=1,
    keys=("甲",),
    issues={"unlocated": [2], "stage_order": [2]},
    events={"甲": {"签约": "2025-09-30", "开工": "2025-03-31"}},
)
def _order() -> bytes:
    return lines("项目名称,签约时间,开工时间", "甲,2025-09,2025-03")


@case(
    "a_stage_against_its_dates.csv",
    read=4,
    keys=("甲", "乙", "丙", "丁"),
    issues={"unlocated": [2, 3, 4, 5], "stage_contradicted": [2, 3]},
    rows={"甲": {"stage": "竣工"}, "乙": {"stage": "签约"}},
)
def _contradiction() -> bytes:
    return lines(
        "项目名称,阶段,签约时间,开工时间",
        "甲,竣工,2024-01,2025-03",
        "乙,签约,2024-01,2025-03",
        "丙,开工,2024-01,2025-03",
        "丁,竣工,,",
    )


@case(
    "levels_with_and_without_a_date.csv",
    layer="factory",
    read=2,
    keys=("甲厂", "乙厂"),
    issues={"level_without_date": [3]},
    rows={"甲厂": {"smart_level": "先进级"}, "乙厂": {"smart_level": "卓越级"}},
    events={"甲厂": {"智能工厂": "2025-11-30"}, "乙厂": {}},
)
def _levels() -> bytes:
    return lines("工厂名称,县区,智能工厂等级,智能工厂认定时间", "甲厂,亭湖区,先进,2025年11月", "乙厂,亭湖区,卓越级,")


@case(
    "credit_codes.csv",
    layer="enterprise",
    read=4,
    held=2,
    keys=("91350100M000100Y43", "丁公司"),
    issues={"unlocated": [2, 5], "credit_code_invalid": [3, 4], "key_invalid": [3, 4]},
)
def _credit() -> bytes:
    return lines(
        "企业名称,统一社会信用代码",
        "甲公司,91350100M000100Y43",
        "乙公司,91350100M000100Y44",
        "丙公司,9135O1OO",
        "丁公司,",
    )


@case(
    "project_codes.csv",
    read=4,
    held=1,
    keys=("2403-320902-89-01-123456", "2403-320902-89-01-123457", "2020-320902-89-01-123456"),
    issues={"unlocated": [2, 3, 5], "project_code_invalid": [4], "key_invalid": [4]},
)
def _codes() -> bytes:
    return lines(
        "项目名称,项目代码",
        "甲,2403-320902-89-01-123456",
        "乙,24033209028901123457",
        "丙,24-320902-1",
        "丁,2020—320902—89—01—123456",
    )


@case(
    "old_counties.csv",
    read=7,
    keys=("甲", "乙", "丙", "丁", "戊", "己", "庚"),
    issues={"unlocated": [8], "county_unknown": [8]},
    rows={
        "甲": {"county_code": "320903"},
        "乙": {"county_code": "320904"},
        "丙": {"county_code": "320903"},
        "丁": {"county_code": "320904"},
        "戊": {"county_code": "320981"},
        "己": {"county_code": "320902"},
        "庚": {"county_code": "unlocated"},
    },
)
def _old() -> bytes:
    return lines(
        "项目名称,县区",
        "甲,盐都县",
        "乙,江苏省大丰市",
        "丙,320928",
        "丁,320982",
        "戊,320927",
        "己,盐城市城区",
        "庚,330100",
    )


@case(
    "codes_of_twelve_digits.csv",
    read=2,
    keys=("甲", "乙"),
    rows={"甲": {"township_code": "320902108", "unit_code": "320971"}, "乙": {"county_code": "320904"}},
)
def _twelve() -> bytes:
    return lines("项目名称,县区,乡镇", "甲,320902000000,320902108000", "乙,320904.0,")


@case(
    "industries.csv",
    read=4,
    keys=("甲", "乙", "丙", "丁"),
    issues={"unlocated": [2, 3, 4, 5], "industry_code_invalid": [4], "unknown_term": [5]},
    rows={
        "甲": {"industry_code": "C3825", "industry": "新能源"},
        "乙": {"industry_code": "38"},
        "丁": {"industry": None, "extra": {"产业": "元宇宙"}},
    },
)
def _industries() -> bytes:
    return lines("项目名称,行业代码,产业", "甲,C3825,光伏", "乙,38,", "丙,X999999,汽车零部件", "丁,,元宇宙")


@case(
    "yes_and_no.csv",
    read=4,
    keys=("甲", "乙", "丙", "丁"),
    issues={"unlocated": [2, 3, 4, 5], "bad_boolean": [5]},
    rows={"甲": {"is_industrial": True}, "乙": {"is_industrial": False}, "丙": {"is_industrial": True}},
)
def _boolean() -> bytes:
    return lines("项目名称,是否工业项目", "甲,是", "乙,×", "丙,√", "丁,也许")


@case("the_same_row_twice.csv", read=3, held=1, keys=("甲", "乙"), issues={"duplicate_row": [4]})
def _again() -> bytes:
    return lines(*PLAIN, PLAIN[1])


@case("one_key_two_contents.csv", read=3, held=1, keys=("甲", "乙"), issues={"duplicate_key": [4]})
def _two() -> bytes:
    return lines(*PLAIN, "甲,亭湖区,999")


@case(
    "three_spellings.csv",
    layer="enterprise",
    read=3,
    keys=("亭湖某某风电有限公司", "亭湖区某某风电有限责任公司", "盐城市亭湖某某风电有限公司"),
    issues={"unlocated": [2, 4], "likely_duplicate": [3, 4]},
)
def _spellings() -> bytes:
    return lines(
        "企业名称,县区", "亭湖某某风电有限公司", "亭湖区某某风电有限责任公司,亭湖区", "盐城市亭湖某某风电有限公司"
    )


@case("no_name_in_a_row.csv", read=2, held=1, keys=("甲",), issues={"name_missing": [3]})
def _no_name() -> bytes:
    return lines("项目名称,县区", "甲,亭湖区", "，,亭湖区".replace("，", "/"))


@case("figures_by_month.csv", read=2, keys=("甲", "乙"), issues={"unlocated": [2, 3], "bad_number": [3]})
def _figures() -> bytes:
    return lines(
        "项目名称,2026年1-2月累计完成投资（万元）,2026年1-3月累计完成投资（万元）", "甲,100,150", "乙,80,未报送"
    )


@case(
    "only_a_place_in_words.csv",
    read=5,
    keys=("甲", "乙", "丙", "丁", "戊"),
    issues={"unlocated": [5, 6], "township_ambiguous": [5], "county_from_unit": [3]},
    rows={
        "甲": {"township_code": "320904101", "location_accuracy": "township"},
        "乙": {"county_code": "320902", "unit_code": "320971"},
        "丙": {"county_code": "320981"},
        "丁": {"county_code": "unlocated"},
        "戊": {"location_accuracy": "none"},
    },
)
def _words() -> bytes:
    return lines(
        "项目名称,地址,乡镇",
        "甲,盐城市大丰区大中镇人民路1号,",
        "乙,江苏省盐城经济技术开发区希望大道,",
        "丙,东台市某路,",
        "丁,,新丰镇",
        "戊,,",
    )


@case(
    "unit_against_township.csv",
    read=1,
    keys=("甲",),
    issues={"unit_mismatch_township": [2]},
    rows={"甲": {"unit_code": "3209YN"}},
)
def _unit() -> bytes:
    return lines("项目名称,所属板块,乡镇", "甲,盐南高新区,步凤镇")


TRUE = {"甲": (120.05, 33.05), "乙": (120.15, 33.05)}


@case("degrees_minutes_seconds.csv", read=2, keys=("甲", "乙"), options=W, datum=("wgs84", "given"), at=TRUE)
def _dms() -> bytes:
    return lines("项目名称,经度,纬度", "甲,120°03′00″,33°03′00″", "乙,东经120度9分0秒,北纬33度3分")


@case(
    "a_pair_in_one_cell.csv",
    read=3,
    keys=("甲", "乙", "丙"),
    options=W,
    datum=("wgs84", "given"),
    at=TRUE,
    issues={"coordinate_unreadable": [4], "unlocated": [4]},
)
def _pair() -> bytes:
    return lines("项目名称,坐标", '甲,"120.05,33.05"', "乙,120.15，33.05", "丙,见附件")


@case(
    "latitude_first_in_one_cell.csv", read=2, keys=("甲", "乙"), options=W, datum=("wgs84", "given"), at=TRUE, issues={}
)
def _latlon() -> bytes:
    return lines("项目名称,坐标", '甲,"33.05,120.05"', '乙,"北纬33.05，东经120.15"')


@case(
    "one_row_exchanged.csv",
    read=3,
    held=1,
    keys=("甲", "乙"),
    options=W,
    datum=("wgs84", "given"),
    at=TRUE,
    issues={"coordinate_swapped": [4]},
)
def _swapped() -> bytes:
    return lines("项目名称,经度,纬度", "甲,120.05,33.05", "乙,120.15,33.05", "丙,33.05,120.05")


@case(
    "one_row_exchanged_by_policy.csv",
    read=3,
    keys=("甲", "乙", "丙"),
    options=W | {"swapped": "fix"},
    datum=("wgs84", "given"),
    at=TRUE | {"丙": (120.05, 33.15)},
    issues={"coordinate_swapped_fixed": [4]},
)
def _fixed() -> bytes:
    return lines("项目名称,经度,纬度", "甲,120.05,33.05", "乙,120.15,33.05", "丙,33.15,120.05")


@case(
    "both_columns_exchanged.csv",
    read=2,
    keys=("甲", "乙"),
    options=W,
    datum=("wgs84", "given"),
    at=TRUE,
    issues={"columns_exchanged": [None]},
)
def _exchanged() -> bytes:
    return lines("项目名称,经度,纬度", "甲,33.05,120.05", "乙,33.05,120.15")


@case(
    "zero_half_and_far.csv",
    read=5,
    held=1,
    keys=("甲", "乙", "丙", "戊"),
    options=W,
    datum=("wgs84", "given"),
    issues={"coordinate_zero": [3], "coordinate_incomplete": [4], "coordinate_out_of_range": [5]},
    rows={"乙": {"location_accuracy": "county"}, "戊": {"location_accuracy": "surveyed"}},
)
def _half() -> bytes:
    return lines(
        "项目名称,县区,经度,纬度",
        "甲,亭湖区,120.05,33.05",
        "乙,亭湖区,0,0",
        "丙,亭湖区,120.05,",
        "丁,亭湖区,10.5,33",
        "戊,亭湖区,120.06,33.06",
    )


@case(
    "far_from_its_county.csv",
    read=2,
    keys=("甲", "乙"),
    options=W,
    datum=("wgs84", "given"),
    issues={"county_mismatch": [2], "county_outside": [3]},
    rows={"甲": {"county_code": "320902"}, "乙": {"county_code": "outside"}},
)
def _far() -> bytes:
    return lines("项目名称,县区,经度,纬度", "甲,东台市,120.05,33.05", "乙,东台市,121.5,33.05")


@case("no_datum_said.csv", refused="不能确定坐标系")
def _undecided() -> bytes:
    return lines("项目名称,经度,纬度", "甲,120.05,33.05", "乙,120.15,33.05")


@case("two_datums_said.csv", refused="同时提到")
def _contradicting() -> bytes:
    return lines("项目名称,经度（高德）,纬度（WGS84）", "甲,120.05,33.05")


@case("an_old_datum_said.csv", refused="西安80")
def _xian() -> bytes:
    return lines("坐标系：西安80,,", "项目名称,X,Y", "甲,3658000,504000")


@case(
    "wkt_in_a_column.csv",
    layer="park",
    read=1,
    keys=("甲园区",),
    options=W,
    datum=("wgs84", "given"),
    rows={"甲园区": {"county_code": "320902", "location_accuracy": "surveyed"}},
)
def _wkt() -> bytes:
    return lines("园区名称,wkt", '甲园区,"POLYGON((120.02 33.02,120.04 33.02,120.04 33.04,120.02 33.04,120.02 33.02))"')
