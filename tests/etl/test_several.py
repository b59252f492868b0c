"""Several tables in a sheet, and tables that are web pages: no record is lost, none is made of a header."""

import html
from itertools import count, zip_longest

from hypothesis import given
from hypothesis import strategies as st

from etl.check import begins_as_header
from etl.headers import Dictionary
from etl.read import read_file
from etl.read.several import beside_each_other
from etl.table import Table
from etl.texts import text_array
from geo.errors import ReadError
from layers.registry import catalogue
from tests.etl.world import csv_bytes, take, xlsx_bytes

HEADS = [
    ["项目名称", "县区", "总投资（万元）"],
    ["序号", "项目名称", "总投资（亿元）", "所属县区"],
    ["项目名称", "开工时间", "总投资（万元）"],
    ["县区", "项目名称", "建设内容"],
]
PROJECT = Dictionary(catalogue().layer("project"))
KNOWS = PROJECT.knows
SIZES = st.lists(
    st.tuples(st.sampled_from(range(len(HEADS))), st.integers(1, 4), st.booleans()), min_size=1, max_size=4
)


def record(head: list[str], number: int) -> list[str | int]:
    made: dict[str, str | int] = {
        "项目名称": f"第{number}号工程",
        "县区": "亭湖区",
        "所属县区": "盐都区",
        "序号": number,
    }
    return [made.get(h, "2026-03-05" if h == "开工时间" else "厂房" if h == "建设内容" else 100 + number) for h in head]


def names(table: Table) -> list[str | None]:
    found = []
    for one in (table, *table.others):
        column = next((c for c in one.columns if c.header == "项目名称"), None)
        found += [] if column is None else column.cells.tolist()
    return found


@given(SIZES)
def test_tables_one_above_another_keep_every_record_under_its_own_header(blocks: list[tuple[int, int, bool]]) -> None:
    numbers = count(1)
    rows: list[list[str | int | None]] = []
    expected = []
    for which, size, titled in blocks:
        rows += [["小标题"]] if titled and rows else []
        rows.append(list(HEADS[which]))
        for _ in range(size):
            number = next(numbers)
            rows.append(list(record(HEADS[which], number)))
            expected.append(f"第{number}号工程")
    read = [n for n in names(read_file(xlsx_bytes(rows), "a.xlsx", known=KNOWS)) if n and n != "小标题"]
    assert read == expected


@given(st.integers(2, 4), st.lists(st.integers(0, 3), min_size=1, max_size=5), st.integers(0, 2))
def test_tables_side_by_side_keep_every_record(blocks: int, filled: list[int], gap: int) -> None:
    head = HEADS[0]
    rows: list[list[str | int | None]] = [[]]
    for k in range(blocks):
        rows[0] += [*head, *([None] * gap if k < blocks - 1 else [])]
    numbers = count(1)
    expected: list[list[str]] = [[] for _ in range(blocks)]
    for many in filled:
        row: list[str | int | None] = []
        for k in range(blocks):
            if k <= many:
                number = next(numbers)
                row += record(head, number)
                expected[k].append(f"第{number}号工程")
            else:
                row += [None] * len(head)
            row += [None] * gap
        rows.append(row)
    table = read_file(xlsx_bytes(rows), "a.xlsx", known=KNOWS)
    assert names(table) == [name for block in expected for name in block]
    assert [c.header for c in table.columns] == head


def test_only_whole_headers_in_a_row_are_tables_side_by_side() -> None:
    assert beside_each_other(["a", "b", "", "a", "b"]) == [[0, 1], [3, 4]]
    assert beside_each_other(["", "a", "b", "a", "b", ""]) == [[1, 2], [3, 4]]
    for no in (
        [],
        [""],
        ["a"],
        ["a", "b"],
        ["a", "a"],
        ["a", "b", "a"],
        ["a", "b", "a", "c"],
        ["a", "b", "a", "b", "c"],
    ):
        assert beside_each_other(no) == [], no


CELL = st.text(alphabet='甲乙丙<&">x 1.5', max_size=6)


@given(st.lists(st.tuples(CELL, CELL), min_size=1, max_size=6))
def test_a_web_page_reads_as_the_sheet_it_shows(cells: list[tuple[str, str]]) -> None:
    rows = [(f"第{i}号", *pair) for i, pair in enumerate(cells)]
    head = ("项目名称", "建设内容", "附注")
    body = "".join(
        f"<tr>{''.join(f'<td>{html.escape(c)}</td>' for c in row)}</tr>" for row in [head, *rows]
    )  # fmt: skip
    table = read_file(f"<table>{body}</table>".encode("gb18030"), "a.xls", known=KNOWS)
    shown = {c.header: c.cells.tolist() for c in table.columns}
    for j, header in enumerate(head):
        assert [c or "" for c in shown.get(header, [None] * len(rows))] == [row[j].strip() for row in rows]


def test_a_header_far_down_a_long_text_table_is_no_record() -> None:
    rows = [f"第{i}号工程,亭湖区,{i}" for i in range(60)]
    data = csv_bytes("项目名称,县区,总投资（万元）", *rows, "项目名称,所属县区,开工时间", "末号工程,盐都区,2026-03-05")
    made = take(data, "a.csv")
    assert "项目名称" not in set(made.batch.rows["name"])
    assert made.batch.n_read == len(made.batch.rows) + len(made.batch.quarantine)
    assert [i.row for i in made.batch.issues if i.type == "header_inside"] == [62]


def test_words_that_are_headers_too_make_no_header_of_a_record() -> None:
    head = "项目名称,县区,总投资（万元）,上月阶段,阶段,是否规上"
    made = take(csv_bytes(head, "甲工程,亭湖区,1,签约,开工,x", "乙工程,亭湖区,2,开工,竣工,x"), "a.csv")
    assert made.batch.rows["name"].tolist() == ["甲工程", "乙工程"]


@given(
    word=st.sampled_from(sorted(PROJECT.words)),
    marks=st.lists(st.sampled_from([" ", "（", "）", "-", ".", "\u3000", "\u200b", "*", "", "", ""]), max_size=40),
    wide=st.booleans(),
    upper=st.booleans(),
)
def test_no_header_among_the_names_is_overlooked(word: str, marks: list[str], wide: bool, upper: bool) -> None:
    text = word.upper() if upper else word
    text = "".join(chr(ord(c) + 0xFEE0) if wide and "!" <= c <= "~" else c for c in text)
    name = "".join(a + b for a, b in zip_longest(marks[: len(text) + 1], text, fillvalue=""))
    names = text_array(["盐城一厂", name, ""])
    assert PROJECT.knows(name) <= (name in begins_as_header(names, PROJECT).to_pylist())


TAGS = st.sampled_from(
    ["<table>", "</table>", "<tr>", "</tr>", "<td>", "</td>", "<th colspan=3>", "<td rowspan=2>", "<td rowspan=99999>",
     '<td colspan="x">', "<br>", "<style>", "</style>", "<!--", "-->", "&nbsp;", "&#1;", "&#xD800;",
     "<Row ss:Index='3'>",
     "<Cell ss:Index='2' ss:MergeAcross='1'>", '<Data ss:Type="Number">', "</Data>", "<tr style='display:none'>",
     "项目名称", "县区", "甲", "5", "\x00", "<![CDATA[", "<!DOCTYPE", "<?"]
)  # fmt: skip


@given(st.lists(TAGS, max_size=40).map("".join))
def test_no_page_breaks_the_reader_or_loses_a_row(page: str) -> None:
    try:
        table = read_file(f"<table>{page}".encode(), "a.xls", known=KNOWS)
    except ReadError as refused:
        assert refused.cure
        return
    for one in (table, *table.others):
        assert all(len(column) == len(one) for column in one.columns)


@given(st.lists(st.sampled_from(['"', ",", "\n", "甲", "5", "\r\n", "，", '""', "x"]), max_size=60).map("".join))
def test_no_quote_loses_what_a_text_table_says(body: str) -> None:
    try:
        table = read_file(("项目名称,县区,附注\n" + body).encode(), "a.csv", known=KNOWS)
    except ReadError as refused:
        assert refused.cure
        return
    held = [c or "" for one in (table, *table.others) for column in one.columns for c in column.cells]
    told = "".join([*held, *(s.text for s in table.skipped)])
    assert told.count("甲") == body.count("甲") and told.count("5") == body.count("5")


MARKUP = [
    "<!--", "-->", "<![", "<!a", "<?a", '<a b="', "<a b='", "</a ", "<", ">", '"', "'", "<table>", "</table>", "<tr>",
    "<td>", "<td rowspan=9 colspan=9>", "<script>", "&#", "x",
]  # fmt: skip


@given(st.lists(st.sampled_from(MARKUP), max_size=60), st.sampled_from([1, 1, 1, 2_000]))
def test_no_page_is_too_broken_for_a_table_or_a_refusal(pieces: list[str], times: int) -> None:
    page = "<html><table><tr><td>项目名称<td>县区<tr><td>甲<td>大丰区</table>" + "".join(pieces) * times
    try:
        table = read_file(page.encode(), "a.xls", known=KNOWS)
    except ReadError:
        return
    assert "甲" in {c.at(i) for c in table.columns for i in range(len(table))}
