"""The data page's parts: drafts on disk, who may come in, how a file is understood, what the panels say."""

from __future__ import annotations

import datetime as dt
import io
import json
import re
from dataclasses import replace
from pathlib import Path

import openpyxl
import pytest
import shapely
from hypothesis import example, given
from hypothesis import strategies as st

from app import actions_import as actions
from app.actions_steward import page_of
from app.pages.data import books, county_map, edit, evidence, lists, pager, pairs, quarantine, review, rounds, summary
from app.pages.data.drafts import Drafts
from app.pages.data.pager import Asked
from etl.duplicates import Pair
from etl.headers import Dictionary, match_headers
from etl.pipeline import Report
from etl.read import read_file
from geo.errors import ForbiddenError, NotFoundError
from layers.registry import catalogue
from layers.store.duplicates import Decision
from layers.store.quarantine import HeldFault, HeldFile, HeldPage, HeldRow
from layers.store.staging import Resource
from tests.etl.world import take, xlsx_bytes
from tests.pages.support import attribute, links, text, walk

CSV = "项目名称,所在县区,总投资（万元）,备注2\n甲,大丰区,12345,\n乙,射阳县,,x\n".encode()
AREAS = json.dumps(
    {
        "features": [
            {"geometry": {"type": "Polygon", "coordinates": [[[120, 33], [121, 33], [121, 34], [120, 34], [120, 33]]]}}
        ]
    }
).encode()
LOCAL = {"host": "127.0.0.1:8050"}


def _draft(folder: Path, name: str = "表.csv"):
    received = folder / "received"
    received.write_bytes(CSV)
    return Drafts(folder).add(received, name, "陈")


def test_a_draft_survives_and_is_removed_with_its_file(tmp_path: Path) -> None:
    made = _draft(tmp_path)
    again = Drafts(tmp_path)
    assert again.get(made.id) == made and again.data(made) == CSV and made.n_bytes == len(CSV)
    again.keep_review(made, {"mark": "m"})
    assert again.review(made) == {"mark": "m"} and [d.id for d in again.all()] == [made.id]
    again.remove(made.id)
    assert again.all() == []
    with pytest.raises(NotFoundError):
        again.get(made.id)


@pytest.mark.parametrize("ident", ["../../etc", "0123456789ab", "", "0123456789AB", "x" * 12])
def test_an_unknown_or_crafted_draft_is_not_found(tmp_path: Path, ident: str) -> None:
    with pytest.raises(NotFoundError):
        Drafts(tmp_path).get(ident)


def test_a_review_depends_on_the_choices_and_on_the_layer(tmp_path: Path) -> None:
    made = _draft(tmp_path)
    marks = {made.fingerprint(1), made.fingerprint(2)}
    made.options["mode"] = "replace"
    marks.add(made.fingerprint(1))
    assert len(marks) == 3
    made.options["as_of"] = "2026-09-30"
    assert made.import_options().as_of == dt.date(2026, 9, 30) and made.import_options().mode == "replace"


@pytest.mark.parametrize(
    ("remote", "headers"),
    [
        ("192.168.1.4", LOCAL),
        (None, LOCAL),
        ("127.0.0.1", {"host": "yuantu.example"}),
        ("127.0.0.1", LOCAL | {"X-Forwarded-For": "10.0.0.1"}),
        ("127.0.0.1", LOCAL | {"Origin": "http://elsewhere.example"}),
        ("127.0.0.1", LOCAL | {"Origin": "null"}),
    ],
)
def test_callers_from_elsewhere_are_refused(remote: str | None, headers: dict[str, str]) -> None:
    with pytest.raises(ForbiddenError):
        actions.check_here(remote, headers)


@pytest.mark.parametrize("remote", ["127.0.0.1", "::1"])
def test_this_machine_may_come_in(remote: str) -> None:
    assert actions.check_here(remote, LOCAL | {"Origin": "http://127.0.0.1:8050"}) is None


@pytest.mark.parametrize(
    ("headers", "name", "layer"),
    [
        (["项目名称", "项目代码", "总投资", "开工时间"], "表.xlsx", "project"),
        (["企业名称", "统一社会信用代码", "是否规上"], "表.xlsx", "enterprise"),
        (["地块编号", "面积（亩）", "用地性质"], "表.xlsx", "parcel"),
        (["名称", "经度", "纬度"], "园区四至.zip", "park"),
    ],
)
def test_the_layer_is_found_from_headers_and_name(headers: list[str], name: str, layer: str) -> None:
    assert summary.guess_layer(catalogue(), headers, name) == layer


def _columns():
    layer = catalogue().layer("project")
    table = read_file(CSV, "表.csv", known=Dictionary(layer).knows)
    matches = match_headers([c.header for c in table.columns], Dictionary(layer))
    return summary.examine(table, layer, matches, None)


def test_columns_are_counted_and_each_target_can_be_chosen() -> None:
    found = _columns()
    assert found["n_rows"] == 2 and found["n_columns"] == 4 and found["n_matched"] == 3
    by_header = {c["header"]: c for c in found["columns"]}
    assert (by_header["总投资（万元）"]["filled"], by_header["总投资（万元）"]["empty"]) == (1, 1)
    assert by_header["备注2"]["value"] == ""
    layer = catalogue().layer("project")
    for value, _ in summary.targets_of(layer):
        assert match_headers(["任意列"], Dictionary(layer), {"任意列": value})[0].how == "given"


def _made(**more: object) -> dict[str, object]:
    counts = {"read": 10, "loaded": 6, "unchanged": 3, "quarantined": 1, "skipped_non_data": 2}
    diff = {"new": 4, "changed": 2, "unchanged": 3, "closed": 1}
    difference = {
        "new": [{"name": "甲", "row": 5}],
        "changed": [{"name": "乙", "row": 6, "fields": [{"field": "总投资", "old": "1.0 亿元", "new": "2.0 亿元"}]}],
        "closed": [{"name": "丙"}],
        "points": [[120.5, 33.5, "new"]],
    }
    body = {
        "stage": 5, "error": None, "counts": counts, "diff": diff, "difference": difference,
        "datum": {"used": "gcj02", "how": "words", "evidence": ["文字写明高德"]}, "mark": "m",
        "faults": [{"type": "name_missing", "severity": "error", "n": 1, "title": "没有名称",
                    "rows": [{"row": 7, "field": "name", "value": "", "message": "没有名称"}]}],
    }  # fmt: skip
    return _columns() | body | more


def _page(draft, made, given=None):
    return review.page(catalogue(), draft, made, given or {}, None, AREAS)


def test_the_review_shows_the_equation_and_says_what_publishing_ends(tmp_path: Path) -> None:
    draft = replace(_draft(tmp_path), layer="project")
    shown = _page(draft, _made())
    numbers = [text(c) for c in walk(shown) if "fig-l" in (getattr(c, "className", "") or "")]
    assert numbers == ["10", "6", "3", "1"]
    button = next(c for c in walk(shown) if attribute(c, "data-open") == "publish-dialog")
    assert not button.disabled and text(button) == "发布 6 行，结束 1 条"
    assert "新增 4 条、变更 2 条" in text(next(c for c in walk(shown) if getattr(c, "id", "") == "publish-dialog"))
    chosen = text(_page(draft, _made(), {"diff": "changed"}))
    assert "1.0 亿元" in chosen and "2.0 亿元" in chosen
    assert "丙" in text(_page(draft, _made(), {"diff": "closed"}))


def test_an_undecided_datum_shows_every_candidate_and_nothing_can_be_published(tmp_path: Path) -> None:
    draft = replace(_draft(tmp_path), layer="project")
    candidates = [
        {"datum": d, "title": d, "declared": 4, "inside_declared": n, "sample": [[120.5, 33.5]]}
        for d, n in (("wgs84", 4), ("gcj02", 2))
    ]
    made = _columns() | {
        "stage": 4,
        "error": {"message": "不能确定", "cure": "", "candidates": candidates},
        "mark": "m",
    }
    button = next(c for c in walk(_page(draft, made)) if attribute(c, "data-open") == "publish-dialog")
    assert button.disabled
    panel = evidence.panel(draft, made, {}, AREAS)
    assert [attribute(c, "data-body") for c in walk(panel) if attribute(c, "data-body")] == ["wgs84", "gcj02"]
    assert "2/4 个点落在填报的县内（50.0%）" in text(panel)
    assert sum(attribute(c, "data-pic") is not None for c in walk(panel)) == 2


def test_a_fault_opens_its_rows(tmp_path: Path) -> None:
    draft = _draft(tmp_path)
    closed, opened = (evidence.panel(draft, _made(), given, AREAS) for given in ({}, {"issue": "name_missing"}))
    assert "frows" not in str(closed) and "frows" in str(opened)


def _all_text(draft, made) -> str:
    return text(_page(draft, made)) + text(evidence.panel(draft, made, {"issue": "name_missing"}, AREAS))


def test_counts_of_a_long_file_are_those_of_the_file_and_not_of_what_is_listed(tmp_path: Path) -> None:
    draft = replace(_draft(tmp_path), layer="project")
    rows = [{"row": i, "field": "name", "value": "", "message": "没有名称"} for i in range(200)]
    group = {"type": "name_missing", "severity": "error", "n": 9_000, "title": "没有名称", "rows": rows}
    counts = {"read": 10_000, "loaded": 1_000, "unchanged": 0, "quarantined": 9_000, "skipped_non_data": 0}
    made = _made(faults=[group], counts=counts)
    shown = _all_text(draft, made)
    assert "1 类隔离 9,000 行" in shown and "列出前 200 行，共 9,000 行" in shown
    assert f"/data/drafts/{draft.id}/faults" in links(evidence.panel(draft, made, {}, AREAS)).values()
    assert "改隔离的 9,000 行" in text(_page(replace(draft, run=7, state="published"), made))


@pytest.mark.parametrize(
    ("read", "held", "said", "button"),
    [(0, 0, "没有一行数据", "发布"), (30, 30, "30 行全部有错", "把 30 行放进隔离区"), (30, 29, "", "发布 1 行")],
)
def test_a_file_that_brings_nothing_says_so(tmp_path: Path, read: int, held: int, said: str, button: str) -> None:
    counts = {"read": read, "loaded": read - held, "unchanged": 0, "quarantined": held, "skipped_non_data": 2}
    diff = {"new": read - held, "changed": 0, "unchanged": 0, "closed": 0}
    shown = _page(replace(_draft(tmp_path), layer="project"), _made(counts=counts, diff=diff))
    notes = "".join(text(c) for c in walk(shown) if getattr(c, "className", "") == "refusal")
    assert (said in notes) if said else not notes
    publish = next(c for c in walk(shown) if attribute(c, "data-open") == "publish-dialog")
    assert text(publish) == button and publish.disabled is (read == 0)


def _sheet(body: bytes) -> list[list[object]]:
    return [[c.value for c in r] for r in openpyxl.load_workbook(io.BytesIO(body)).active.iter_rows(min_row=2)]


def test_all_that_a_review_found_goes_out_as_workbooks(tmp_path: Path) -> None:
    draft, drafts = _draft(tmp_path), Drafts(tmp_path)
    with pytest.raises(NotFoundError):
        books.of_draft(drafts, draft.id, "faults")
    drafts.keep_rows(draft, "faults", [["隔离", 7, "名称", "=1+1", "没有名称"], ["提示", None, "", "", "已转半角"]])
    body, name = books.of_draft(drafts, draft.id, "faults")
    rows = _sheet(body)
    assert name == "表_问题.xlsx" and rows[0][:2] == ["程度", "行"] and rows[1][1:4] == [7, "名称", "=1+1"]
    assert openpyxl.load_workbook(io.BytesIO(body)).active["D3"].data_type == "s"
    drafts.keep_rows(draft, "difference", [["变更", "甲", 5, "总投资", "1.0 亿元", "2.0 亿元"]])
    body, name = books.of_draft(drafts, draft.id, "difference")
    assert name == "表_差异.xlsx" and _sheet(body)[1] == ["变更", "甲", 5, "总投资", "1.0 亿元", "2.0 亿元"]


def test_the_layer_of_a_file_that_could_not_be_read_is_not_claimed(tmp_path: Path) -> None:
    draft = replace(_draft(tmp_path), layer="project", state="asking")
    assert "重点项目" not in text(lists.drafts_list(catalogue(), [draft], {}, ""))
    assert "重点项目" in text(lists.drafts_list(catalogue(), [replace(draft, suggested=False)], {}, ""))


def test_points_far_from_every_county_are_drawn_with_the_counties() -> None:
    far = attribute(county_map.picture(AREAS, [("dot", "sea", [[12.05, 33.2]])], "图", near=True), "data-pic")
    x = [float(v) for v in re.findall(r'cx="([\d.]+)"', far)]
    land = [float(v) for v in re.findall(r"[ML]([\d.]+) ", far)]
    assert x and x[0] < min(land) and max(land) <= county_map.WIDTH


def test_a_map_draws_what_lies_in_it() -> None:
    svg = attribute(county_map.picture(AREAS, [("dot", "sea", [[120.5, 33.5], [150.0, 10.0]])], "图"), "data-pic")
    assert svg.count("<circle") == 1 and 'class="land"' in svg


def test_the_lists_tell_states_and_lead_to_rows(tmp_path: Path) -> None:
    draft = _draft(tmp_path)
    published = replace(draft, layer="project", run=7, state="published", n_read=2)
    assert "已发布" in text(lists.drafts_list(catalogue(), [published], {}, ""))
    assert "已回滚" in text(lists.drafts_list(catalogue(), [published], {7: 8}, ""))
    assert lists.head_count([draft, replace(draft, state="asking")], {}) == "1 待审 · 1 待答"
    run = {"run_id": 7, "layer": "project", "kind": "import", "recorded_at": "2026-09-01T08:00:00", "n_loaded": 2,
           "reverted_by": None, "file_name": "表.csv"}  # fmt: skip
    shown = lists.overview(catalogue(), {}, [run, run | {"run_id": 6, "reverted_by": 8}], {}, dt.date(2026, 9, 2), True)
    assert [attribute(c, "data-undo") for c in walk(shown) if attribute(c, "data-undo")] == ["7"]
    only_held = run | {"n_loaded": 0, "n_quarantined": 9}
    shown_held = lists.overview(catalogue(), {}, [only_held], {}, dt.date(2026, 9, 2), True)
    assert [attribute(c, "data-undo") for c in walk(shown_held) if attribute(c, "data-undo")] == ["7"]
    assert "已由 8 回滚" in text(shown)


def _held(n: int = 1, total: int | None = None, first: int = 1) -> HeldPage:
    fault = HeldFault("geom", "coordinate_out_of_range", "error", "12.05", "坐标不对")
    rows = [HeldRow(i, 7 + i, "", {"名称": "甲", "经度": "12.05"}, "", (fault,)) for i in range(1, n + 1)]
    now = dt.datetime(2026, 9, 1, tzinfo=dt.UTC)
    held = HeldFile(3, "表.xlsx", "", now, ({"header": "名称"}, {"header": "经度"}), (), rows)
    return HeldPage((held,), {3: total or n}, total or n, first, (("coordinate_out_of_range", "geom", total or n),))


def test_the_quarantine_marks_the_wrong_cell() -> None:
    shown = quarantine.page(catalogue().layer("project"), _held())
    assert [text(c) for c in walk(shown) if getattr(c, "className", "") == "bad"] == ["12.05"]
    assert "/data/held/project" in links(shown).values()
    none = HeldPage((), {}, 0, 0, ())
    assert "没有隔离的行" in text(quarantine.page(catalogue().layer("project"), none))


def test_a_long_quarantine_says_how_many_and_how_to_go_on() -> None:
    layer = catalogue().layer("project")
    first = quarantine.page(layer, _held(100, 10_000))
    assert "10,000 行" in text(first) and "第 1–100 行，共 10,000 行" in text(first)
    assert '["set","from","101"]' in {step for c in walk(first) if (step := attribute(c, "data-op"))}.__str__()
    assert sum(1 for _ in walk(first)) < 3_000
    last = quarantine.page(layer, _held(100, 10_000, 9_901), Asked.of({"from": "9999"}))
    steps = [c for c in walk(last) if text(c) == "下一页"]
    assert steps and all(c.disabled for c in steps)
    nothing = HeldPage((), {3: 10_000}, 0, 0, ())
    assert "没有符合条件的行" in text(quarantine.page(layer, nothing, Asked(find="没有")))


@given(st.integers(0, 1_000), st.integers(-5, 1_200))
def test_pages_of_a_grid_hold_every_row_once(n: int, first: int) -> None:
    starts = list(range(1, n + 1, pager.PAGE))
    assert pager.start_of(first, n) in (starts or [0])
    assert sum(min(n, s + pager.PAGE - 1) - s + 1 for s in starts) == n
    assert all(pager.start_of(i, n) <= i < pager.start_of(i, n) + pager.PAGE for i in range(1, n + 1, 37))


@given(st.text(max_size=12), st.text(max_size=200), st.text(max_size=200))
@example("1", "name_missing\0", "\0")
def test_any_address_asks_for_some_page(first: str, why: str, find: str) -> None:
    asked = Asked.of({"from": first, "why": why, "find": find})
    assert asked.first >= 1 and len(asked.find) <= 100 and "\0" not in asked.why + asked.find


def test_pairs_are_shown_a_page_at_a_time_with_what_was_decided() -> None:
    layer = catalogue().layer("enterprise")
    every = [
        Pair(f"a{i}", f"甲{i}", f"b{i}", f"乙{i}", "name" if i % 4 else "code", "名称相同", 9.0) for i in range(250)
    ]
    at = dt.datetime(2026, 9, 1, tzinfo=dt.UTC)
    decided = [Decision("a0", "b0", "apart", "来函", "张三", at, None), Decision("x", "y", "merge", "", "", at, 7)]
    found = page_of(every, decided, Asked.of({"from": "101"}))
    assert (found.n, found.first, len(found.shown)) == (249, 101, 100) and found.by_how == {"code": 62, "name": 187}
    shown = pairs.page(layer, found, Asked(first=101))
    assert "第 101–200 对，共 249 对" in text(shown)
    assert len({attribute(c, "data-tick") for c in walk(shown) if attribute(c, "data-tick")}) == 100
    assert [json.loads(a)["decision"] for c in walk(shown) if "again" in (a := attribute(c, "data-json") or "")] == [
        "again"
    ]
    assert page_of(every, decided, Asked(why="code", find="甲12")).n == 4  # 甲12, 甲120, 甲124, 甲128
    assert page_of(every, decided, Asked(first=999)).first == 201
    assert "没有需要判断" in text(pairs.page(layer, page_of([], [], Asked()), Asked()))


def test_the_runs_are_shown_a_page_at_a_time_and_a_run_that_is_looked_for_brings_its_page() -> None:
    def run(i: int) -> dict[str, object]:
        return {"run_id": i, "layer": "project", "kind": "import", "recorded_at": "2026-09-01T08:00:00", "n_loaded": 2,
                "reverted_by": None, "file_name": "表.csv"}  # fmt: skip

    runs = [run(i) for i in range(250, 0, -1)]

    def ids(**more: object) -> list[int]:
        shown = lists.overview(catalogue(), {}, runs, {}, dt.date(2026, 9, 2), True, **more)
        return [int(c.id.removeprefix("run-")) for c in walk(shown) if str(getattr(c, "id", "")).startswith("run-")]

    assert ids() == list(range(250, 150, -1)) and ids(asked=Asked(first=201)) == list(range(50, 0, -1))
    assert 42 in ids(run=42) and ids(run=9_999) == ids()


def test_a_round_can_be_narrowed_to_a_state_and_pages_its_figures() -> None:
    item = {
        "owner": "大丰区",
        "title": "项目",
        "due": "2026-10-05",
        "layer": "project",
        "days": 3,
        "waiting": 0,
        "files": [],
        "state": "overdue",
    }
    states = dict.fromkeys(("received", "late", "returned", "overdue", "due"), 0) | {"overdue": 1, "due": 1}
    figure = {"layer": "project", "layer_title": "重点项目", "id": 1, "name": "甲", "owner": "", "measure": "投资",
              "unit": "元", "fault": "missing", "months": 2, "before": 1.0, "before_end": "2026-07-31", "value": 2.0,
              "period_end": "2026-10-31"}  # fmt: skip
    body = {"period": "2026-09", "on": "2026-10-08", "summary": states, "figures": [figure] * 230,
            "items": [item, item | {"state": "due", "owner": "市工信局", "days": -2}]}  # fmt: skip
    every, late = rounds.page(body), rounds.page(body, Asked(first=201, why="overdue"))
    assert "市工信局" in text(every) and "第 1–100 行，共 230 行" in text(every)
    assert links(every)["甲"] == "/?layer=project&sel=project:1"
    assert "市工信局" not in text(late) and "大丰区" in text(late) and "第 201–230 行，共 230 行" in text(late)
    assert "本期没有“迟到”的" in text(rounds.page(body, Asked(why="late")))


def test_the_form_of_a_record_shows_what_is_known_and_where_it_lies() -> None:
    layer = catalogue().layer("project")
    record = {x.id: None for x in layer.fields} | {
        "name": "甲", "address": "", "geom": shapely.Point(120.5, 33.25), "location_accuracy": "surveyed"}  # fmt: skip
    events = [{"type": "开工", "level": "", "event_date": dt.date(2026, 3, 5), "end_date": None, "date_text": ""}]
    shown = edit.page(layer, catalogue(), 7, record, events)
    hints = [str(attribute(c, "data-hint")) for c in walk(shown) if attribute(c, "data-hint")]
    assert any("现为 2026-03-05" in h for h in hints)
    assert [attribute(c, "data-place") for c in walk(shown) if attribute(c, "data-place")] == ["120.500000,33.250000"]
    outline = edit.page(layer, catalogue(), 7, record | {"geom": shapely.box(120, 33, 121, 34)}, events)
    assert "重新绘制范围" in text(outline) and not any(attribute(c, "data-place") for c in walk(outline))


def test_the_columns_of_every_table_of_a_sheet_can_be_corrected() -> None:
    first = [["项目名称", "县区", "总投资（万元）"], ["甲", "亭湖区", 100]]
    second = [["项目名称", "所属县区", "开工时间", "建设阶段说明"], ["丙", "盐都区", "2026-03-05", "x"]]
    data, layer = xlsx_bytes([*first, *second]), catalogue().layer("project")
    made = take(data, "a.xlsx")
    counts = {"read": 2, "loaded": 2, "unchanged": 0, "quarantined": 0, "skipped_non_data": 0}
    report = Report(
        None, "project", Resource("", "a.xlsx", len(data)), made.datum, counts, made.batch.issues, made.matches,
        diff={"new": 2, "changed": 0, "unchanged": 0, "closed": 0},
        changes={"new": ["甲", "丙"], "changed": [], "closed": []},
        batch=made.batch,
    )  # fmt: skip
    table = read_file(data, "a.xlsx", known=Dictionary(layer).knows)
    found = actions._reviewed(table, layer, report, {})
    assert [(c["header"], c["value"]) for c in found["columns"]] == [
        ("项目名称", "role:name"), ("县区", "role:county"), ("总投资（万元）", "field:invest_cny"),
        ("所属县区", "role:county"), ("开工时间", "event:开工"), ("建设阶段说明", ""),
    ]  # fmt: skip
    assert (found["n_columns"], found["n_matched"], found["n_rows"]) == (6, 5, 2)


def test_a_review_that_was_stopped_can_be_begun_again_or_dropped(tmp_path: Path) -> None:
    draft = _draft(tmp_path)
    shown = review.stopped(draft)
    assert "没有写入任何数据" in text(shown) and draft.file_name in text(shown)
    assert [text(c) for c in walk(shown) if attribute(c, "data-again") == ""] == ["重新核对"]
    assert [c for c in walk(shown) if attribute(c, "data-post") == f"/data/drafts/{draft.id}/discard"]
