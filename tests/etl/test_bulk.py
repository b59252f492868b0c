"""Rows read all at once are the rows read one by one, and what is copied in pieces is what was there."""

import csv
import io

import pandas as pd
import psycopg2
import pypinyin
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from etl.headers import Dictionary
from etl.read.grid import Grid, to_table
from etl.read.text import _columns, decode, read_text
from layers.registry import catalogue
from layers.store import search, staging

KNOWN = Dictionary(catalogue().layer("project")).knows
HEAD = ["项目名称", "县区", "总投资（万元）", "开工时间", "备注"]
CELL = st.sampled_from(
    ["甲", "乙", "", " ", "　", "合计", "小计：", "县合计", "Total", "示例：甲", "注：说明", "填表人：张", "一、亭湖",
     "项目名称", "县区", "100", "累计总投资合计数", "单位：万元", "审计", "(一)重点"]
)  # fmt: skip
ROWS = st.lists(st.one_of(st.just(HEAD), st.lists(CELL, max_size=7)), min_size=1, max_size=60)


def _text(rows: list[list[str]]) -> str:
    out = io.StringIO()
    csv.writer(out).writerows(rows)
    return out.getvalue()


@settings(max_examples=300, deadline=None)
@given(rows=ROWS, lead=st.integers(0, 30))
def test_at_once_is_one_by_one(rows: list[list[str]], lead: int) -> None:
    whole = list(csv.reader(io.StringIO(_text([HEAD, *[["丙", "盐都区", "1", "", "x"]] * lead, *rows]), newline="")))

    def numbered(texts):
        return ((n, [(c or None, 0) for c in cells]) for n, cells in enumerate(texts, start=1))

    slow = to_table(Grid(numbered(iter(whole))), KNOWN, {})
    texts = iter(whole)
    fast = to_table(Grid(numbered(texts), rest=lambda _: _columns(texts)), KNOWN, {})
    assert fast.row_numbers.tolist() == slow.row_numbers.tolist()
    assert [(c.header, c.cells.tolist()) for c in fast.columns] == [(c.header, c.cells.tolist()) for c in slow.columns]
    assert (fast.skipped, fast.notes) == (slow.skipped, slow.notes)


ROW = st.lists(st.text(alphabet="甲乙a1 　,;.'\u00a0𠮷", max_size=4), max_size=7)


@settings(max_examples=200, deadline=None)
@given(rows=st.lists(ROW, max_size=30), end=st.sampled_from(["\n", "\r\n"]), last=st.booleans())
def test_a_plain_file_reads_as_a_quoted_one(rows: list[list[str]], end: str, last: bool) -> None:
    rows = [HEAD, *[["丙", "盐都区", "1", "", "x"]] * 30, *([c.replace(",", "，") for c in row] for row in rows)]
    plain = end.join(",".join(row) for row in rows) + (end if last else "")
    quoted = end.join(",".join(f'"{c}"' for c in row) for row in rows) + (end if last else "")
    slow, fast = read_text(quoted.encode(), KNOWN), read_text(plain.encode(), KNOWN)
    assert fast.row_numbers.tolist() == slow.row_numbers.tolist()
    assert [(c.header, c.cells.tolist()) for c in fast.columns] == [(c.header, c.cells.tolist()) for c in slow.columns]
    assert (fast.skipped, fast.notes, fast.wide) == (slow.skipped, slow.notes, slow.wide)


def test_a_zero_byte_never_reaches_the_database() -> None:
    text, _ = decode(("项目名称\n" + "甲" * 40_000 + "\x00乙").encode())
    assert text.endswith("甲乙")


@pytest.fixture(scope="module")
def template_cursor(scratch_database):
    with scratch_database() as url:
        conn = psycopg2.connect(url)
        yield conn.cursor()
        conn.close()


VALUE = st.one_of(st.none(), st.text(alphabet='a\\N",\n\r 甲\t', max_size=6))


@settings(max_examples=25, deadline=None)
@given(
    rows=st.lists(
        st.tuples(VALUE, st.one_of(st.none(), st.floats(allow_nan=False, allow_infinity=False)), st.booleans()),
        max_size=9,
    )
)
def test_copied_is_what_was_there(template_cursor, rows) -> None:
    names = {"a": "text", "b": "double precision", "c": "boolean", "d": "jsonb", "e": "text[]", "f": "bigint"}
    frame = pd.DataFrame(
        [(a, b, c, {"k": a} if a else {}, (a, a) if a else None, None if b is None else int(b) % 1000)
         for a, b, c in rows], columns=list(names), dtype=object,
    )  # fmt: skip
    frame["g"] = pd.Series([shapely.Point(1, 2) if c else None for _, _, c in rows], dtype=object)
    template_cursor.execute(
        "DROP TABLE IF EXISTS copied; CREATE TEMP TABLE copied (n serial, a text, b float8, c boolean, d jsonb,"
        " e text[], f bigint, g geometry)"
    )
    staging.copy_frame(template_cursor, "copied", frame, names, {"g": 4490})
    template_cursor.execute("SELECT a, b, c, d, e, f, ST_AsText(g), ST_SRID(g) FROM copied ORDER BY n")
    found = template_cursor.fetchall()
    wanted = [
        (a, b, c, {"k": a} if a else {}, [a, a] if a else None, None if b is None else int(b) % 1000,
         "POINT(1 2)" if c else None, 4490 if c else None)
        for a, b, c in rows
    ]  # fmt: skip
    assert found == wanted


@settings(max_examples=300, deadline=None)
@given(st.text(alphabet="重庆银行长江行长厂大丰市有限公司盐城ABC12（）·々〇\\n 𠮷", max_size=14))
def test_pinyin_by_words_is_pinyin(text: str) -> None:
    full = search.normalise("".join(pypinyin.lazy_pinyin(text)))
    initials = search.normalise("".join(pypinyin.lazy_pinyin(text, style=pypinyin.Style.FIRST_LETTER)))
    assert search._pinyin(text) == (full, initials)
