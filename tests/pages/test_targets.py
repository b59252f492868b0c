"""The page of targets without a browser: its address, its words, its numbers, its pictures."""

import datetime as dt
import json
import re
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode
from xml.etree import ElementTree

import pytest
from dash import dcc, html
from hypothesis import given
from hypothesis import strategies as st
from shapely.geometry import box, mapping

from app.pages.format import Quantity
from app.pages.map.choropleth import colour_areas
from app.pages.state import SLICES
from app.pages.targets.card import card, pace
from app.pages.targets.contributions import Contributions, parts_table
from app.pages.targets.county_map import county_map, shapes
from app.pages.targets.forms import allocation_form, value_form
from app.pages.targets.head import equation, head, strip
from app.pages.targets.markup import to_html
from app.pages.targets.overview import overview
from app.pages.targets.printed import printed
from app.pages.targets.rows import of_area, rows_panel
from app.pages.targets.svg import gauge, trend
from app.pages.targets.table import owners_text, target_list
from app.pages.targets.view import BASES, STATUSES, View, count_statuses, departments, everywhere
from app.pages.targets.words import amount, comparator, sign
from app.pages.targets.writing import check_here, read_number
from app.pages.view import Rollup, RollupRow
from geo.errors import ForbiddenError, InputError
from layers.targets import shipped_documents
from layers.targets_forecast import forecast
from layers.targets_judge import SCHEDULE_NAMES, STATUS_NAMES, Found, due_on, exact, judge, rule_of, share_due
from tests.pages.support import links, text, walk

DOCUMENT = shipped_documents()[0]
DAY = dt.date(2026, 9, 30)


def row(target_id: str, value: float | None = None, **found: Any) -> dict[str, Any]:
    """A row as ``target_cards`` describes it, judged from a value by the real rules."""
    own = DOCUMENT.row(target_id)
    main = DOCUMENT.main(own)
    rule = rule_of(DOCUMENT, main, {})
    had = Found(value, DAY, **found)
    said = judge(DOCUMENT, main, rule, had)
    share = share_due(rule, 2026, DAY)
    return {
        "id": own.id, "kind": own.kind, "alias_of": own.alias_of or None, "indicator": own.indicator,
        "comparator": own.comparator, "target": own.target, "unit": own.unit, "value": value, "basis": main.basis,
        "status": said.status, "status_name": STATUS_NAMES[said.status], "reason": said.reason,
        "owners": DOCUMENT.owners(own), "sql": main.sql_file or None, "n_rows": had.n_rows, "rows_url": None,
        "document": {"title": DOCUMENT.title, "version": DOCUMENT.version, "year": 2026, "n_targets": 44},
        "section": own.section, "task": main.task, "task_title": DOCUMENT.task_title(main), "clause": own.clause,
        "sentence": "", "scope": own.scope, "question": main.question, "reading": main.reading,
        "aliases": DOCUMENT.aliases(own), "strive": rule.strive, "judge": rule.judge, "schedule": rule.schedule,
        "schedule_name": SCHEDULE_NAMES.get(rule.schedule, ""), "due": said.due,
        "share_due_pct": None if said.due is None else float(share) * 100,
        "gap": None if said.due is None or value is None else float(exact(value) - exact(said.due)),
        "done_pct": None if value is None or not rule.target else 100 * value / rule.target,
        "band_width": rule.band_width if rule.judge == "about" else None,
        "list_by": rule.list_by.isoformat() if rule.schedule == "list" else None,
        "found": {"day": DAY.isoformat(), "n_base": had.n_base, "lacks": {}, "caveats": {}, "n_demo": had.n_demo,
                  "denominator": None},
        "measure": main.measure, "is_extensive": main.is_extensive, "series": {"points": [], "forecast": None},
        "contributions": {"unit": own.unit, "total": value, "axes": {}}, "as_of": DAY.isoformat(),
    }  # fmt: skip


def body() -> dict[str, Any]:
    """The whole document: 1,000 signed, 473 started (just due), 0 graded factories, the rest unknown."""
    known = {"T17-01": 1000, "T17-02": 473, "T17-03": 292, "T09-01": 0, "T13-03": 0, "S-03": 33, "S-04": 458}
    rows = []
    for own in DOCUMENT.rows:
        value = known.get(DOCUMENT.main(own).id)
        rows.append(
            row(
                own.id,
                value,
                n_rows=None if value is None else int(value),
                missing="" if value is not None else "没有数据",
            )
        )
    return {"as_of": DAY.isoformat(), "document": rows[0]["document"], "rows": rows}


BODY = body()
BARE = View(as_of=DAY)


# ── the address ──────────────────────────────────────────────────────────────────────────────────
@st.composite
def views(draw: st.DrawFn) -> View:
    flag = st.booleans()
    return View(
        as_of=draw(st.none() | st.dates(dt.date(2000, 1, 1), dt.date(2100, 12, 31))),
        known_at=draw(st.none() | st.just(dt.datetime(2026, 7, 1, 8, tzinfo=dt.UTC))),
        demo=draw(flag), task=draw(st.sampled_from(["", "0", "17"])), dept=draw(st.sampled_from(["", "市工信局"])),
        statuses=tuple(s for s in STATUSES if draw(flag)), basis=draw(st.sampled_from(["", *BASES])),
        open_only=draw(flag), target=draw(st.sampled_from(["", "T17-02", "G-04"])),
        axis=draw(st.sampled_from(["county", "unit"])), rows=draw(flag),
        of=draw(st.sampled_from(["", "320904", "outside"])), page=draw(st.integers(1, 50)), printed=draw(flag),
    )  # fmt: skip


@given(views())
def test_every_view_has_an_address_that_restores_it(view: View) -> None:
    assert View.from_query(view.query()) == view
    assert View.from_query(view.url()) == view


@given(st.dictionaries(st.sampled_from([*SLICES["targets"], "x"]), st.text(max_size=30), max_size=8))
def test_no_address_breaks_the_page(junk: dict[str, str]) -> None:
    view = View.from_query(urlencode(junk))
    assert View.from_query(view.query()) == view
    assert view.day and view.page >= 1


def test_the_store_of_the_page_carries_every_parameter() -> None:
    full = View(DAY, dt.datetime(2026, 7, 1, tzinfo=dt.UTC), True, "17", "市工信局", ("met",), "computed", True,
                "T17-02", "unit", True, "320904", 2, True)  # fmt: skip
    written = {pair.partition("=")[0] for pair in full.query().split("&")}
    assert written == set(SLICES["targets"])


def test_demo_rows_are_out_of_verdicts_unless_asked_for() -> None:
    assert View.from_query("").demo is False
    assert View.from_query("demo=1").demo is False
    assert View.from_query("tdemo=1").demo is True


# ── filters and counts ───────────────────────────────────────────────────────────────────────────
def test_the_rows_of_the_document_add_up() -> None:
    assert equation(BODY) == "77 条表述 = 44 个目标 + 11 条重复 + 7 份清单 + 6 道门槛 + 9 项里程碑"
    assert 44 + 11 + 7 + 6 + 9 == len(BODY["rows"]) == 77
    assert sum(count_statuses(BODY["rows"]).values()) == 44


def test_no_filter_one_and_two() -> None:
    assert len(BARE.chosen(BODY["rows"])) == 66
    commerce = BARE.but(dept="市商务局").chosen(BODY["rows"])
    assert {r["id"] for r in commerce} == {
        "T17-01",
        "T17-02",
        "T17-03",
        "T17-04",
        "T17-05",
        "T17-06",
        "S-03",
        "S-04",
        "H-01",
    }
    behind = BARE.but(dept="市商务局", statuses=("behind",)).chosen(BODY["rows"])
    assert {r["id"] for r in behind} == {"T17-03", "S-04"}
    assert {r["task"] for r in BARE.but(task="13").chosen(BODY["rows"])} == {13}
    assert {r["id"] for r in BARE.but(task="0").chosen(BODY["rows"])} == {"G-01", "G-02", "G-12", "Q-01", "Q-02"}
    assert all(r["question"] for r in BARE.but(open_only=True).chosen(BODY["rows"]))
    assert {r["basis"] for r in BARE.but(basis="entered").chosen(BODY["rows"])} == {"entered"}


def test_the_strip_counts_what_the_other_filters_leave() -> None:
    view = BARE.but(dept="市商务局", statuses=("behind",))
    words = text(strip(view, BODY["rows"]))
    assert words == "1已达1正常1滞后0待公布0力争未达3无数据0其中口径待确认"


def test_departments_leave_out_who_answers_for_everything() -> None:
    every = everywhere(BODY["rows"])
    assert every == DOCUMENT.everywhere
    assert every not in departments(BODY["rows"]) and "市工信局" in departments(BODY["rows"])
    assert owners_text(row("T11-01"), every).split(" · ")[:2] == ["市委网信办", "发改委"]


# ── words ────────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("target_id", "words", "before"),
    [
        ("T17-01", "不少于 1,000 个（等于也算达到）", "≥"),
        ("T02-01", "超过 3,150 亿元（等于不算）", ">"),
        ("T12-01", "原文只写 50 家，没有比较词，按不少于判定", "≥"),
        ("G-01", "6.5% 左右，本平台设为 6%～7%，高于区间也按已达计", "≈"),
        ("S-03", "恰好 33 个，多一个少一个都不相符", "="),
        ("T06-03", "力争不少于 2 家（等于也算达到）；未达只标“力争未达”，不标滞后", "力争 ≥"),
        ("H-01", "1 亿元 以上：筛选门槛，不是完成指标", ""),
        ("Q-01", "里程碑，原文没有数字，不作数量判定", ""),
    ],
)
def test_every_comparator_is_said_in_words(target_id: str, words: str, before: str) -> None:
    assert comparator(row(target_id)) == words
    assert sign(row(target_id)) == before


def test_amounts_keep_two_decimals_at_most_and_none_is_a_dash() -> None:
    assert [amount(x) for x in (1234.0, 117.4502, 0, None)] == ["1,234", "117.45", "0", "—"]


# ── pictures ─────────────────────────────────────────────────────────────────────────────────────
def attributes(component: Any) -> dict[str, Any]:
    found: dict[str, Any] = component.to_plotly_json()["props"]
    return found


def drawn(component: Any) -> ElementTree.Element:
    return ElementTree.fromstring(component.to_plotly_json()["props"]["data-svg"])


def ticks(target_id: str, value: float | None) -> list[str]:
    return [x.get("stroke-width", "") for x in drawn(gauge(row(target_id, value))).iter("line")]


def test_the_thick_tick_is_what_is_due_and_only_where_something_is() -> None:
    assert ticks("T17-02", 438) == ["2", "1"]
    assert ticks("T09-01", 0) == ["1"], "a list has no tick for today"
    assert ticks("T06-01", 61.8) == ["1"], "nor has a rate"
    assert ticks("S-03", 33) == ["1"], "nor the size of a list"


def test_the_gauge_is_to_scale_and_holds_what_goes_beyond() -> None:
    def percent(x: Any, name: str) -> float:
        return float(x.get(name).rstrip("%"))

    svg = drawn(gauge(row("T17-02", 315)))
    ground, bar = list(svg.iter("rect"))
    assert percent(bar, "width") == pytest.approx(percent(ground, "width") / 2, abs=0.01)
    due, goal = list(svg.iter("line"))
    assert percent(due, "x1") == pytest.approx(percent(goal, "x1") * 473 / 630, abs=0.01)
    beyond = list(drawn(gauge(row("T09-02", 30))).iter("rect"))
    assert percent(beyond[0], "width") < percent(beyond[1], "width") <= 100
    below = list(drawn(gauge(row("G-02", -3))).iter("rect"))
    assert percent(below[1], "width") == 0


def test_the_gauge_says_in_words_what_it_shows() -> None:
    label = gauge(row("T17-02", 438)).to_plotly_json()["props"]["aria-label"]
    assert label == "现值 438 个、今日应达 473 个、目标 630 个"
    assert gauge(row("G-01")).to_plotly_json()["props"]["aria-label"] == "现值 —、目标 6.5%"


def with_year(values: list[float]) -> dict[str, Any]:
    found = row("T17-02", values[-1], n_rows=int(values[-1]))
    ends = [
        dt.date(2026, m % 12 + 1, 1) - dt.timedelta(days=1) if m < 12 else dt.date(2026, 12, 31) for m in range(1, 13)
    ]
    rule = rule_of(DOCUMENT, DOCUMENT.row("T17-02"), {})
    points = [{"date": d.isoformat(), "value": v, "due": due_on(rule, DOCUMENT.row("T17-02"), 2026, d)}
              for d, v in zip(ends, values, strict=False)]  # fmt: skip
    monthly = [b - a for a, b in zip([0, *values], values, strict=False)]
    made = forecast(monthly, values[-1], 2026, DAY, is_count=True)
    return found | {"series": {"points": points, "forecast": made.__dict__ if made else None}}


def test_the_year_is_drawn_with_its_forecast_and_said_in_words() -> None:
    whole = with_year([50 * m for m in range(1, 10)])
    picture = trend(whole, 2026)
    assert picture is not None
    assert "2026-09-30 为 450 个" in picture.to_plotly_json()["props"]["aria-label"]
    dashed = [p for p in drawn(picture).iter("path") if p.get("stroke-dasharray")]
    assert len(dashed) == 2, "what is due, and the forecast"
    assert pace(whole) == "还剩 3 个整月，每月需 60 个；前 9 个月平均每月 50 个。"
    assert trend(with_year([50]), 2026) is None


# ── the list, the card, the rows, the paper ──────────────────────────────────────────────────────
def test_the_list_shows_each_target_once_with_its_other_names() -> None:
    found = target_list(BARE, BODY)
    shown = [
        c.to_plotly_json()["props"]["data-target"] for c in walk(found) if "data-target" in c.to_plotly_json()["props"]
    ]
    assert len(shown) == 66 and len(set(shown)) == 66
    assert not set(shown) & {r["id"] for r in BODY["rows"] if r["alias_of"]}
    words = text(found)
    assert "同 G-04" in words and "7 份：名单里应恰好这么多" in words and "9 项：原文没有数字" in words
    status = {r["id"]: STATUS_NAMES[r["status"]] for r in BODY["rows"]}
    for line in (c for c in walk(found) if "data-target" in attributes(c)):
        assert status[attributes(line)["data-target"]] in text(line), "a status is said in words"


def test_an_empty_list_says_what_to_do() -> None:
    view = BARE.but(dept="市商务局", statuses=("pending_list",))
    assert text(target_list(view, BODY)) == "没有符合条件的目标。清除筛选"


def test_a_figure_leads_to_its_rows_and_an_entered_one_does_not() -> None:
    found = links(target_list(BARE, BODY))
    assert View.from_query(found["473"]) == BARE.but(target="T17-02", rows=True)
    entered = row("T03-02", 900)
    assert links(card(BARE, entered, None)) == {}


def test_the_card_says_how_it_is_judged_and_where_it_stands() -> None:
    said = text(card(BARE, row("T13-01", 5, n_rows=5, n_demo=5), None))
    expected = ("口径待确认", "现按“", DOCUMENT.title, "征求意见稿", "演示", "滞后", "附上文件后，这里显示整句原文")
    for words in (*expected, "layers/sql/targets/recognitions.sql", "查看 5 行", DOCUMENT.everywhere):
        assert words in said, words
    strive = text(card(BARE, row("T13-03", 0, n_rows=0), None))
    assert "力争未达" in strive and "滞后" not in strive.replace("不标滞后", "")


def test_an_alias_says_whose_it_is() -> None:
    assert "与 T17-02 是同一目标，只计一次" in text(card(BARE, row("G-04", 100, n_rows=100), None))


ROWS = [
    {"id": i, "key": str(i), "name": f"项目{i}", "county_code": "320904" if i % 2 else "320902", "unit_code": "320971",
     "is_demo": i == 1, "source_name": "项目.xlsx", "source_row": i + 2, "event_date": "2026-03-01", "what": "开工",
     "amount": 1, "caveat": "", "layer": "project"}
    for i in range(1, 452)
]  # fmt: skip
NAMES = {"320904": "大丰区", "320902": "亭湖区", "320971": "盐城经济技术开发区"}
COUNTED = {"indicator": "新开工亿元以上工业项目", "unit": "个", "counted_until": "2026-09-30", "rows": ROWS}


def listed(view: View) -> list[str]:
    found = rows_panel(view, COUNTED, NAMES)
    return [text(c) for c in walk(found) if type(c).__name__ == "Tr"][1:]


def test_the_rows_are_as_many_as_the_figure_page_by_page() -> None:
    view = BARE.but(target="T17-02", rows=True)
    pages = [listed(view.but(page=p)) for p in (1, 2, 3)]
    assert [len(p) for p in pages] == [200, 200, 51]
    assert len({line for page in pages for line in page}) == 451
    assert listed(view.but(page=99)) == pages[2]
    assert "计入 451 行" in text(rows_panel(view, COUNTED, NAMES))
    assert len(of_area(ROWS, "county", "320904")) + len(of_area(ROWS, "county", "320902")) == 451
    assert "大丰区计入 226 行" in text(rows_panel(view.but(of="320904"), COUNTED, NAMES))


def test_a_row_leads_to_its_place_and_names_its_file_and_line() -> None:
    found = rows_panel(BARE.but(rows=True), COUNTED, NAMES)
    assert links(found)["项目1"] == "/?layer=project&sel=project:1&as_of=2026-09-30"
    assert "项目.xlsx 第 3 行" in text(found)


def test_the_paper_is_of_one_department_and_says_what_it_holds() -> None:
    paper = text(printed(BARE.but(dept="市商务局", printed=True), BODY))
    assert (
        "2026 年目标进展 · 市商务局" in paper and "共 6 个目标：已达 1 个、正常 1 个、滞后 1 个、无数据 3 个。" in paper
    )
    assert "演示数据不参与判定" in paper and "T03-02" not in paper and "G-03" not in paper


def test_each_number_of_a_department_is_a_filter() -> None:
    found = overview(BODY)
    steps = [json.loads(c.to_plotly_json()["props"]["data-op"]) for c in walk(found)
             if "data-op" in c.to_plotly_json()["props"]]  # fmt: skip
    assert [["set", "dept", "市商务局"], ["set", "status", "behind"]] in steps
    assert [["set", "dept", "市商务局"], ["set", "print", "1"]] in steps


# ── contributions ────────────────────────────────────────────────────────────────────────────────
SQUARES = json.dumps({"type": "FeatureCollection", "features": [
    {"type": "Feature", "id": code, "properties": {"name": name}, "geometry": mapping(box(x, 33, x + 0.1, 33.1))}
    for code, name, x in (("320901", "东区", 120.0), ("320902", "西区", 120.1))
]}).encode()  # fmt: skip


def part(
    code: str, name: str, value: float, allocated: float | None = None, status: str | None = None
) -> dict[str, Any]:
    return {"code": code, "name": name, "value": value, "n_rows": int(value), "n_base": int(value), "share_pct": None,
            "allocated": allocated, "due": allocated and allocated / 2, "status": status, "reason": None}  # fmt: skip


def contributions(*parts: dict[str, Any]) -> Contributions:
    none = RollupRow("", "", None, 0)
    rows = tuple(RollupRow(p["code"], p["name"], p["value"], p["n_rows"]) for p in parts)
    colours = colour_areas(Rollup(rows, none, none, none), Quantity("个", 1.0, 0), "natural_breaks", 5)
    return Contributions("个", sum(p["value"] for p in parts), parts, SQUARES, colours)


def test_outside_and_unlocated_stand_hatched_above_the_sum() -> None:
    found = contributions(part("320901", "东区", 3), part("320902", "西区", 7), part("unlocated", "未定位", 2))
    table = parts_table(BARE, row("T17-02", 12), found, False)
    lines = [text(c) for c in walk(table) if type(c).__name__ == "Tr"][1:]
    assert lines == ["西区7", "东区3", "未定位2", "合计12"]
    assert "bar hatch" in to_html(table)
    assert View.from_query(links(table)["7"]) == BARE.but(target="T17-02", rows=True, of="320902")


def test_with_allocations_each_county_has_a_verdict() -> None:
    found = contributions(part("320901", "东区", 3, 10, "behind"), part("320902", "西区", 7, 12, "on_track"))
    words = text(parts_table(BARE, row("T17-02", 10), found, True))
    assert "滞后" in words and "正常" in words and "22" in words
    assert "滞后" not in text(parts_table(BARE, row("T17-02", 10), contributions(part("320901", "东区", 3)), False))


def test_the_small_map_has_north_up_and_a_link_for_each_county() -> None:
    east, west = shapes(SQUARES)
    assert east.x < west.x, "320901 lies to the west of 320902"
    assert all(54 < y < 158 for y in (east.y, west.y)), "the number stands inside its county"
    found = contributions(part("320901", "东区", 3), part("320902", "西区", 0))
    parts = {p["code"]: p for p in found.parts}
    picture = county_map(
        SQUARES, found.colours, parts, {"320901": "3 个", "320902": "0 个"}, {"320901": "/x?a=1&b=2"}, "贡献"
    )
    svg = drawn(picture)
    assert [a.get("href") for a in svg.iter("a")] == ["/x?a=1&b=2"]
    assert [x.text for x in svg.iter("title")] == ["东区：3 个", "西区：0 个"]


# ── forms and writing ────────────────────────────────────────────────────────────────────────────
def form(attributes: dict[str, str] | None) -> dict[str, Any]:
    assert attributes is not None
    found: dict[str, Any] = json.loads(attributes["data-form"])
    return found


def test_only_hand_entered_figures_and_provincial_denominators_have_a_form() -> None:
    having = [r["id"] for r in BODY["rows"] if not r["alias_of"] and value_form(r, BODY)]
    entered = [r["id"] for r in BODY["rows"] if not r["alias_of"] and r["basis"] == "entered"]
    assert sorted(having) == sorted([*entered, "T15-03", "T15-04"])
    assert form(value_form(row("T15-03"), BODY))["measure"] == "denominator"
    assert form(value_form(row("T03-02"), BODY))["fields"][0]["value"] == "2026-09-30"


def test_the_form_of_shares_knows_the_sum_wanted() -> None:
    made = form(
        allocation_form(row("T17-02", 10), "county", [part("320901", "东区", 3, 10), part("320902", "西区", 7)])
    )
    assert made["wanted"] == 630 and made["wanted_text"] == "630"
    assert [f["value"] for f in made["fields"] if f.get("share")] == ["10", ""]
    assert "{sum}" in made["words"]["sum"]


@pytest.mark.parametrize(
    ("text_", "value"), [("1,234.5", "1234.5"), ("１２３", "123"), (" 6.8% ", "6.8"), ("-1", "-1")]
)
def test_numbers_are_read_as_people_write_them(text_: str, value: str) -> None:
    assert read_number(text_) == Decimal(value)


@pytest.mark.parametrize("text_", ["", "三百", "1.2.3", "nan", "inf"])
def test_what_is_no_number_is_refused(text_: str) -> None:
    with pytest.raises(InputError):
        read_number(text_)


def test_only_this_machine_may_write() -> None:
    check_here("127.0.0.1", {"host": "localhost"})
    check_here("::1", {})
    for remote, headers in (("192.168.1.5", {}), (None, {}), ("", {}), ("127.0.0.1", {"X-Forwarded-For": "8.8.8.8"})):
        with pytest.raises(ForbiddenError):
            check_here(remote, headers)


# ── markup ───────────────────────────────────────────────────────────────────────────────────────
def test_components_become_the_html_they_stand_for() -> None:
    made = to_html(
        html.Td(["a<b", None, 3, html.Br(), html.B("&")], colSpan=2, className="x", hidden=False,
                style={"--c": "red", "flexGrow": 2}, **{"data-op": '[["set","a"]]', "aria-label": "<"})
    )  # fmt: skip
    assert made == (
        '<td aria-label="&lt;" class="x" colspan="2" data-op="[[&quot;set&quot;,&quot;a&quot;]]"'
        ' style="--c:red;flex-grow:2">a&lt;b3<br><b>&amp;</b></td>'
    )


def test_a_component_that_needs_a_script_is_refused() -> None:
    with pytest.raises(TypeError):
        to_html(html.Div(dcc.Input(id="x")))


def test_names_from_the_data_cannot_become_markup() -> None:
    evil = "<img src=x onerror=alert(1)>"
    rows = [ROWS[0] | {"name": evil, "source_name": evil, "what": evil, "caveat": evil}]
    made = to_html(rows_panel(BARE.but(rows=True), COUNTED | {"rows": rows}, NAMES))
    bad = row("T17-02", 3, n_rows=3) | {"indicator": evil, "clause": evil, "question": evil, "reading": evil}
    made += to_html(card(BARE, bad, None)) + to_html(head(BARE, BODY | {"rows": [bad]}))
    found = contributions(part("320901", evil, 3))
    made += to_html(county_map(SQUARES, found.colours, {"320901": found.parts[0]}, {"320901": evil}, {}, evil))
    assert "<img" not in made and not re.search(r"<[^>]*onerror=alert\(1\)>(?!\")", made.replace("&lt;", ""))
