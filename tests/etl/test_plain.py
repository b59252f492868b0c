"""Cells read all at once in their plain form are what the parsers make of them one by one."""

import sys
import unicodedata
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from etl import _bulk, texts
from etl.parse_amount import Amount, parse_amount
from etl.parse_code import credit_check_character, parse_credit_code, parse_project_code
from etl.parse_date import Period, parse_date
from etl.parse_text import is_nothing, name_key, plain
from geo.errors import DatumUndecidedError
from tests.etl.world import take

DIRTY = ["", "-", "无", "待定", "n/a", " ", "合计", "#REF!", "约5亿", "1.2亿", "１２００", "—", "'12", "abc", "-3",
         "0", "2026年3月", "2026/2/30", "05/03/2026", "是", "N", "注：x", "示例：x",
         "　甲 乙", "甲\u00a0", "\t丙"]  # fmt: skip
BODY = "91320900MA1X7Y2D3"
CODES = [BODY + credit_check_character(BODY), "91320900123456789" + credit_check_character("91320900123456789")]
CELLS = {
    "企业名称": ["甲有限公司", "甲股份有限公司", "大丰市乙公司", "大丰区乙公司", "丙（集团）公司", "abc Ltd",
                 "丁 公 司", "步凤镇合作社", "A1", "320904乙公司"],
    "统一社会信用代码": [*CODES, CODES[0].lower(), CODES[0][:-1] + "0", "9132"],
    "注册资本（万元）": ["12", "12.345", "100.", "007", "1e5", "999999999999999", "0.000000001", "1234567890.123456"],
    "registered_cny": ["100", "0.5", "1.5", "2.5", "9007199254740993", "123456789012345"],
    "成立日期": ["2026-03-05", "2026/3/5", "2026.3.5", "2026-13-01", "2024-02-29", "2023-02-29", "1899-01-01", "2026"],
    "经度": ["120.05", "120.123456789012345", "120°5′", "33.05", "1_2", "120.05 ", "0"],
    "纬度": ["33.05", "33.12345678901234567", "33°5′", "120.05", "+33.1", "0"],
    "县区": ["亭湖区", "大丰", "不知", "经开区", "新丰镇"],
    "地址": ["亭湖区步凤镇1号", "大丰区大中镇", "某路1号"],
    "备注": ["汽车零部件", "x", "0.5"],
    "是否上市": ["是", "否", "√"],
}  # fmt: skip


def _slowly(patch: pytest.MonkeyPatch) -> None:
    """Let no cell be plain, and every row be looked at for duplicates."""
    scan = _bulk.scan

    def nothing_known(*args: Any) -> None:
        scan(*args)
        args[3][args[3] != 0] = _bulk.OTHER

    def all_of(_numbers: Any, look: Any, _slots: Any, _owner: Any, out: Any) -> None:
        out[:] = look

    patch.setattr(_bulk, "scan", nothing_known)
    patch.setattr(_bulk, "repeated", all_of)
    for name in ("decimals", "days", "credit_codes", "project_codes"):
        patch.setattr(_bulk, name, lambda *_args: None)


def _batch(data: bytes, datum: str) -> list[Any]:
    try:
        made = take(data, "a.csv", "enterprise", datum=datum)
    except DatumUndecidedError as error:
        return [error.message]
    batch, rows = made.batch, made.batch.frame()
    cells = [[v.wkb_hex if isinstance(v, shapely.Geometry) else repr(v) for v in row] for row in rows.to_numpy(object)]
    return [
        list(rows.columns), cells, batch.quarantine, batch.issues, batch.n_read, batch.n_skipped, made.datum,
        made.namesakes,
    ]  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(
    heads=st.lists(st.sampled_from(list(CELLS)[1:]), unique=True, min_size=3),
    seed=st.integers(0, 2**32), n=st.integers(1, 60), dirt=st.sampled_from([0.0, 0.1, 0.4]),
    datum=st.sampled_from(["wgs84", "wgs84", "gcj02", "auto"]),
)  # fmt: skip
def test_a_batch_is_the_same_read_at_once_and_one_by_one(
    heads: list[str], seed: int, n: int, dirt: float, datum: str
) -> None:
    rng = np.random.default_rng(seed)
    used = ["企业名称", *heads]
    lines = [",".join(used)]
    lines += [",".join(str(rng.choice(DIRTY if rng.random() < dirt else CELLS[h])) for h in used) for _ in range(n)]
    data = "\n".join(lines).encode()
    fast = _batch(data, datum)
    with pytest.MonkeyPatch.context() as patch:
        _slowly(patch)
        slow = _batch(data, datum)
    assert fast == slow


TEXT = st.text(alphabet="0123456789.-/ 甲盐Ａ（）a'\u3000E", max_size=12)


@settings(max_examples=400, deadline=None)
@given(cells=st.lists(st.one_of(TEXT, st.dates().map(str), st.decimals(allow_nan=False).map(str)), max_size=20))
def test_what_is_plain_is_what_the_parsers_make_of_it(cells: list[str]) -> None:
    column = texts.text_array(cells)
    look, found, (days, dated) = texts.look_at(column), texts.decimals(column), texts.days(column)
    number = texts.floats(found)
    for i, cell in enumerate(cells):
        if found.good[i]:
            assert number[i] == float(cell)
            if cell[0] != "-" and found.scale[i] <= 9 and found.number[i] < 10**15:
                amount = parse_amount(cell)
                assert isinstance(amount, Amount) and float(amount.number) == number[i]
        if dated[i]:
            period = parse_date(cell)
            assert isinstance(period, Period) and (period.day - period.day.fromordinal(719163)).days == days[i]
        if texts.plain_texts(look)[i]:
            assert cell.strip() == cell and not is_nothing(cell)
        if texts.plain_names(look)[i]:
            assert " ".join(cell.split()) == cell and not is_nothing(cell)
        if texts.plain_keys(look)[i]:
            assert name_key(cell) == cell


@settings(max_examples=300, deadline=None)
@given(
    cell=st.one_of(
        st.text(alphabet="0123456789ABCDEFGHJKLMNPQRTUWXYIO", min_size=17, max_size=17).map(
            lambda b: b + (credit_check_character(b) if not set(b) & set("IO") else "0")
        ),
        st.from_regex(r"\A[0-9]{4}-[0-9]{6}-[0-9]{2}-[0-9]{2}-[0-9]{6,7}\Z"),
    )
)
def test_plain_codes_are_good_ones(cell: str) -> None:
    column = texts.text_array([cell])
    assert not texts.credit_codes(column)[0] or parse_credit_code(cell) == cell
    assert not texts.project_codes(column)[0] or parse_project_code(cell) == cell
    if cell == parse_credit_code(cell):
        assert texts.credit_codes(column)[0]


def test_the_characters_taken_for_plain_are_plain() -> None:
    for point in [*range(0x4E00, 0xA000), *range(0x21, 0x7F)]:
        assert unicodedata.normalize("NFKC", chr(point)) == chr(point) and plain(f"甲{chr(point)}") == f"甲{chr(point)}"


def test_every_character_is_looked_at_as_it_is() -> None:
    all_of_them = [chr(i) for i in range(sys.maxunicode + 1) if not 0xD800 <= i < 0xE000]
    look = texts.look_at(pa.array(all_of_them))
    assert look.first.tolist() == look.last.tolist() == [ord(c) for c in all_of_them]


@settings(max_examples=200, deadline=None)
@given(st.lists(st.text(alphabet="ab", max_size=4), max_size=40))
def test_repeated_are_those_that_stand_twice(cells: list[str]) -> None:
    assert texts.repeated(texts.text_array(cells)).tolist() == [cells.count(c) > 1 for c in cells]


def test_extra_holds_columns_and_single_cells() -> None:
    data = "企业名称,颜色,注册资本（万元）\n甲,红,约5亿\n乙,无色,3\n".encode()
    made = take(data, "a.csv", "enterprise", datum="wgs84")
    assert made.batch.frame().extra.tolist() == [{"颜色": "红", "注册资本（万元）": "约5亿"}, {"颜色": "无色"}]


@settings(max_examples=100, deadline=None)
@given(cells=st.lists(st.none() | st.text(max_size=6) | st.sampled_from(["大丰区甲", "新丰镇", "a.b"]), max_size=20),
       first=st.integers(0, 3))  # fmt: skip
def test_a_long_column_is_looked_at_in_parts_as_in_one(cells: list[str | None], first: int) -> None:
    column = texts.text_array(cells).slice(min(first, len(cells)))
    whole, named, literal = (
        texts.look_at(column),
        texts.holds(column, "大丰|镇"),
        texts.holds(column, "a.b", plain=True),
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(texts, "_PART", 1)
        patch.setattr(texts.os, "cpu_count", lambda: 3)
        parts = texts.look_at(column)
        assert all(np.array_equal(getattr(parts, f), getattr(whole, f)) for f in ("kinds", "first", "last"))
        assert np.array_equal(texts.holds(column, "大丰|镇"), named)
        assert np.array_equal(texts.holds(column, "a.b", plain=True), literal)
    assert named.tolist() == [c is not None and ("大丰" in c or "镇" in c) for c in column.to_pylist()]
    assert literal.tolist() == [c is not None and "a.b" in c for c in column.to_pylist()]


def test_the_spaces_are_those_of_python() -> None:
    assert np.flatnonzero(texts.spaces()).tolist() == [i for i in range(0x110000) if chr(i).isspace()]
