"""What people enter, and what was known when: corrections, settings, allocations, versions of the document."""

import datetime as dt
import zipfile
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from etl.targets import (
    allocate,
    attach_text,
    enter_value,
    load_document,
    load_shipped,
    read_text,
    set_rule,
    withdraw_value,
)
from geo.errors import ConflictError, InputError, NotFoundError, ReadError
from layers.store.pool import Pool
from layers.store.queries_target_cards import target_card, target_cards, target_contributions, target_series
from layers.store.slices import When
from layers.targets import TARGETS_DIR
from tests.store.worlds import ask
from tests.targets.world import CAT, JUNE, WHO, body, day, load, now, places, rows, run, targets, writer

GOOD = {"invest_cny": 10**8, "is_industrial": True}
Asked = Callable[..., Awaitable[dict[str, Any]]]


def asked(url: str, question: Asked, target_id: str, as_of: dt.date = JUNE) -> dict[str, Any]:
    return run(url, lambda pool: question(pool, CAT, target_id, When(as_of)))


def started(url: str, **days: str) -> None:
    load(url, "project", [{"name": n} | GOOD for n in days], [(n, "开工", "", d) for n, d in days.items()])


def test_a_correction_changes_todays_figure_and_leaves_what_was_known(database_url: str) -> None:
    started(database_url, 甲="2026-02-01", 乙="2026-03-01")
    then = now(database_url)
    started(database_url, 甲="2025-02-01")  # it had started a year earlier
    load(database_url, "project", [{"name": "乙"} | GOOD | {"invest_cny": 10**7}])
    assert targets(database_url)["T17-02"]["value"] == 0
    before = targets(database_url, JUNE, then)["T17-02"]
    assert before["value"] == 2
    assert [r["name"] for r in rows(database_url, "T17-02", JUNE, then)["rows"]] == ["甲", "乙"]
    assert "known_at=" in before["rows_url"]


def test_all_that_decides_is_kept_as_it_was_known(database_url: str) -> None:
    url = writer(database_url)
    load_shipped(url)
    started(database_url, 甲="2026-02-01")
    enter_value(url, 2026, "G-01", JUNE, 6.2, **WHO)
    set_rule(url, 2026, "band_width", 0.1, who="王五", target_id="G-01")
    then = now(database_url)
    first = body(database_url, JUNE, then)
    enter_value(url, 2026, "G-01", JUNE, 6.6, **WHO)
    enter_value(url, 2026, "T19-02", JUNE, 3.1, **WHO)
    set_rule(url, 2026, "band_width", 1, who="王五", target_id="G-01")
    set_rule(url, 2026, "schedule", "quarterly", who="王五")
    load(database_url, "project", [], mode="replace")
    assert body(database_url, JUNE, then) == first
    second = body(database_url)
    assert {r["id"]: (r["value"], r["status"]) for r in second["rows"]}["G-01"] == (6.6, "met")
    assert {r["id"]: (r["value"], r["status"]) for r in first["rows"]}["G-01"] == (6.2, "behind")


def test_before_anything_was_known_nothing_was(database_url: str) -> None:
    then = now(database_url)
    enter_value(writer(database_url), 2026, "G-02", JUNE, 5, **WHO)
    assert targets(database_url, JUNE, then)["G-02"]["status"] == "no_data"
    assert targets(database_url)["G-02"]["status"] == "met"


def test_an_entered_figure_speaks_for_its_day_and_says_its_source(database_url: str) -> None:
    url = writer(database_url)
    enter_value(url, 2026, "T03-01", dt.date(2026, 3, 31), 13, **WHO)
    enter_value(url, 2026, "T03-01", dt.date(2026, 5, 31), 20, **WHO)
    found = {d: targets(database_url, d)["T03-01"] for d in ("2026-03-30", "2026-04-30", "2026-06-30")}
    assert [(f["value"], f["status"]) for f in found.values()] == [(None, "no_data"), (13, "on_track"), (20, "behind")]
    assert found["2026-04-30"]["reason"].startswith("截至 2026-03-31 整车产销量 13 万辆，按线性进度今日应达 12.5 万辆")
    assert "来源：市统计局月报" in found["2026-06-30"]["reason"]
    assert "口径待确认" in found["2026-06-30"]["reason"]
    withdraw_value(url, 2026, "T03-01", dt.date(2026, 5, 31), who="王五")
    assert targets(database_url)["T03-01"]["value"] == 13
    with pytest.raises(NotFoundError):
        withdraw_value(url, 2026, "T03-01", dt.date(2026, 5, 31), who="王五")
    assert ask(database_url, "SELECT count(*) FROM audit WHERE action = 'enter_target_value'") == [(3,)]


@pytest.mark.parametrize(
    ("change", "error", "words"),
    [
        ({"target_id": "T17-01"}, ConflictError, "平台按明细计算"),
        ({"target_id": "G-03"}, ConflictError, "T17-01"),
        ({"target_id": "H-01"}, ConflictError, "门槛"),
        ({"target_id": "T99-01"}, NotFoundError, "T99-01"),
        ({"year": 2025}, NotFoundError, "2025"),
        ({"date": dt.date(2025, 12, 31)}, InputError, "不在 2026 年"),
        ({"value": float("nan")}, InputError, "不是数字"),
        ({"value": -1, "target_id": "T11-01"}, InputError, "负数"),
        ({"source": " "}, InputError, "来源"),
        ({"who": ""}, InputError, "录入人"),
        ({"measure": "denominator"}, ConflictError, "没有分母"),
        ({"measure": "denominator", "target_id": "T15-03", "value": 0}, InputError, "大于 0"),
        ({"measure": "half"}, InputError, "half"),
    ],
)
def test_what_cannot_be_entered_is_refused(
    database_url: str, change: dict[str, Any], error: type[Exception], words: str
) -> None:
    entry: dict[str, Any] = {"year": 2026, "target_id": "G-01", "date": JUNE, "value": 6.5, **WHO}
    with pytest.raises(error, match=words):
        enter_value(writer(database_url), **(entry | change))
    assert ask(database_url, "SELECT count(*) FROM target_entry") == [(0,)]


def test_a_falling_rate_may_be_negative(database_url: str) -> None:
    enter_value(writer(database_url), 2026, "G-02", JUNE, -1.5, **WHO)
    assert targets(database_url)["G-02"]["status"] == "behind"


def test_without_allocations_a_unit_shows_its_part_and_no_verdict(database_url: str) -> None:
    places(database_url)
    load(database_url, "project", [
        {"name": "甲", "county_code": "320902", "unit_code": "320971"} | GOOD,
        {"name": "乙", "county_code": "320902", "unit_code": "320902"} | GOOD,
        {"name": "丙", "county_code": "outside", "unit_code": "outside"} | GOOD, {"name": "丁"} | GOOD,
    ], [(n, "开工", "", "2026-02-01") for n in "甲乙丙丁"])  # fmt: skip
    found = asked(database_url, target_contributions, "T17-02")
    county = {p["code"]: p["value"] for p in found["axes"]["county"]}
    unit = {p["code"]: p["value"] for p in found["axes"]["unit"]}
    assert (county["320902"], unit["320902"], unit["320971"]) == (2, 1, 1)
    assert (len(county), len(unit)) == (9 + 2, 11 + 2)
    for parts in (county, unit):
        assert sum(parts.values()) == found["total"] == 4
        assert (parts["outside"], parts["unlocated"]) == (1, 1)
    assert {p["status"] for axis in found["axes"].values() for p in axis} == {None}
    assert [p["name"] for p in found["axes"]["county"][-2:]] in (["界外", "未定位"], ["未定位", "界外"])


def test_with_allocations_each_unit_is_judged(database_url: str) -> None:
    places(database_url)
    url = writer(database_url)
    load(
        database_url, "project", [{"name": n, "county_code": "320902", "unit_code": "320902"} | GOOD for n in "甲乙"],
        [(n, "开工", "", "2026-02-01") for n in "甲乙"],
    )  # fmt: skip
    allocate(url, 2026, "T17-02", {"320902": 4, "320903": 626}, source="市政府分解方案", who="王五")
    parts = {p["code"]: p for p in asked(database_url, target_contributions, "T17-02")["axes"]["unit"]}
    assert [(parts[c]["allocated"], parts[c]["due"], parts[c]["status"]) for c in ("320902", "320903", "320904")] == [
        (4, 2, "on_track"), (626, 313, "behind"), (None, None, None),
    ]  # fmt: skip
    assert parts["320902"]["reason"].startswith("亭湖区截至 2026-06-30")
    then = now(database_url)
    allocate(url, 2026, "T17-02", {}, source="撤回", who="王五")
    after = asked(database_url, target_contributions, "T17-02")["axes"]["unit"]
    assert {p["status"] for p in after} == {None}
    known = run(database_url, lambda pool: target_contributions(pool, CAT, "T17-02", When(JUNE, then)))
    assert {p["code"]: p["allocated"] for p in known["axes"]["unit"]}["320903"] == 626


@pytest.mark.parametrize(
    ("target_id", "shares", "axis", "error", "words"),
    [
        ("T17-02", {"320902": 629}, "unit", InputError, "合计 629 个，全市目标 630 个，相差 -1"),
        ("T17-02", {"320902": 631}, "unit", InputError, "相差 1"),
        ("T17-02", {"320971": 630}, "county", InputError, "320971"),
        ("T17-02", {"320902": -1, "320903": 631}, "unit", InputError, "不小于 0"),
        ("T17-02", {"320902": 630}, "town", InputError, "town"),
        ("T06-01", {"320902": 65}, "unit", ConflictError, "不能分解"),
        ("G-01", {"320902": 6.5}, "unit", ConflictError, "不能分解"),
        ("T15-03", {"320902": 10}, "unit", ConflictError, "不能分解"),
    ],
)
def test_allocations_that_do_not_add_up_are_refused(
    database_url: str, target_id: str, shares: dict[str, float], axis: str, error: type[Exception], words: str
) -> None:
    places(database_url)
    with pytest.raises(error, match=words):
        allocate(writer(database_url), 2026, target_id, shares, axis=axis, **WHO)
    assert ask(database_url, "SELECT count(*) FROM target_allocation") == [(0,)]


def test_tenths_add_up_exactly(database_url: str) -> None:
    places(database_url)
    shares = {"320902": 0.1, "320903": 0.2, "320904": 149.7}
    allocate(writer(database_url), 2026, "T17-05", shares, **WHO)
    assert ask(database_url, "SELECT sum(value) FROM target_allocation") == [(150,)]


@pytest.mark.parametrize(
    ("name", "value", "target_id"),
    [
        ("schedule", "weekly", "T17-01"), ("schedule", "list", ""), ("list_by", "2027-01-31", ""),
        ("list_by", "年底", ""), ("quarter_shares", [0.5, 0.4, 0.8, 1], ""),
        ("quarter_shares", [0.2, 0.4, 0.8, 0.9], ""),
        ("quarter_shares", 4, ""), ("band_width", -0.1, "G-01"), ("band_width", "宽", "G-01"), ("colour", "red", ""),
        ("colour", None, ""),
    ],
)  # fmt: skip
def test_a_setting_that_cannot_be_is_refused(database_url: str, name: str, value: Any, target_id: str) -> None:
    with pytest.raises((InputError, NotFoundError)):
        set_rule(writer(database_url), 2026, name, value, who="王五", target_id=target_id)


def test_a_setting_is_undone(database_url: str) -> None:
    url = writer(database_url)
    started(database_url, 甲="2026-02-01")
    for value, due in (("quarterly", "季度进度"), (None, "线性进度")):
        set_rule(url, 2026, "schedule", value, who="王五", reason="按季调度")
        assert due in targets(database_url)["T17-02"]["reason"]


def test_a_new_version_is_loaded_as_data_and_compared(database_url: str, tmp_path: Path) -> None:
    url = writer(database_url)
    assert [x.is_new for x in load_shipped(url)] == [True]
    assert load_shipped(url) == []
    then = now(database_url)
    text = (TARGETS_DIR / "2026-draft.toml").read_text(encoding="utf-8")
    issued = tmp_path / "2026-issued.toml"
    issued.write_text(
        text.replace("target = 630\n", "target = 640\n")
        .replace('"征求意见稿"', '"印发稿"')
        .replace("2026-draft", "2026-issued"),
        encoding="utf-8",
    )
    loaded = load_document(url, issued, "王五")
    assert loaded.changes is not None
    assert {(c["id"], c["field"]) for c in loaded.changes["changed"]} == {("G-04", "target"), ("T17-02", "target")}
    assert body(database_url)["document"]["version"] == "印发稿"
    assert targets(database_url)["T17-02"]["target"] == 640
    assert body(database_url, JUNE, then)["document"]["version"] == "征求意见稿"
    assert targets(database_url, JUNE, then)["T17-02"]["target"] == 630
    assert load_document(url, issued, "王五").is_new is False
    assert ask(database_url, "SELECT count(*) FROM target") == [(154,)]


def test_the_attached_document_gives_the_whole_sentence(database_url: str, tmp_path: Path) -> None:
    path = tmp_path / "文件.docx"
    paragraph = (
        "<w:p><w:r><w:t>新签约、新开工亿元以上工业项目分别不少于</w:t></w:r>"
        "<w:r><w:t>1000个、630个。另一句。</w:t></w:r></w:p>"
    )
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(
            "word/document.xml",
            '<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body>'
            f"{paragraph}</w:body></w:document>",
        )
    assert attach_text(writer(database_url), 2026, path, "王五") > 0
    card = asked(database_url, target_card, "T17-02")
    assert card["sentence"] == "新签约、新开工亿元以上工业项目分别不少于1000个、630个。"
    assert card["document"]["has_text"] is True
    other = tmp_path / "别的.txt"
    other.write_text("这是另一份文件。", encoding="gb18030")
    with pytest.raises(InputError, match="找不到"):
        attach_text(writer(database_url), 2026, other, "王五")


def test_a_file_that_is_no_document_is_refused(tmp_path: Path) -> None:
    for name, content in (("a.docx", b"no zip"), ("b.pdf", b"%PDF"), ("c.txt", b"\xff\xff\xff")):
        (tmp_path / name).write_bytes(content)
        with pytest.raises(ReadError):
            read_text(tmp_path / name)
    (tmp_path / "d.txt").write_text("文件", encoding="gb18030")
    assert read_text(tmp_path / "d.txt") == "文件"


def test_a_card_has_the_year_month_by_month_with_its_forecast(database_url: str) -> None:
    load(
        database_url, "project", [{"name": f"P{i}"} | GOOD for i in range(60)],
        [(f"P{i}", "开工", "", dt.date(2026, i % 6 + 1, 5)) for i in range(60)],
    )  # fmt: skip
    card = asked(database_url, target_card, "G-04")
    points = card["series"]["points"]
    assert [p["value"] for p in points] == [10, 20, 30, 40, 50, 60]
    assert points[-1] == {"date": "2026-06-30", "value": card["value"], "due": 315}
    assert (card["series"]["forecast"]["value"], card["gap"], card["share_due_pct"]) == (120, -255, 50)
    assert (card["id"], card["alias_of"], card["task"], card["task_title"]) == ("G-04", "T17-02", 17, "产业项目")
    june_10 = asked(database_url, target_series, "T17-02", dt.date(2026, 6, 10))
    assert june_10["points"][-1]["date"] == "2026-06-10"
    assert june_10["forecast"]["months"] == 5


def test_investments_months_are_restated_from_the_figures(database_url: str) -> None:
    load(
        database_url, "project", [{"name": "甲", "tier": "列省重大", "is_industrial": True}], [],
        [("甲", "invest_done_cny", d, v) for d, v in
         (("2025-12-31", 1e8), ("2026-01-31", 2e8), ("2026-02-28", 4e8), ("2026-03-31", 7e8))],
    )  # fmt: skip
    series = asked(database_url, target_series, "T17-05", dt.date(2026, 4, 30))
    assert [p["value"] for p in series["points"]] == [1, 3, 6, 6]
    assert series["forecast"]["method"].startswith("按已过完整月份")


def test_an_entered_series_has_its_entries_and_no_forecast(database_url: str) -> None:
    for month, value in ((1, 4), (2, 8), (3, 12.5)):
        enter_value(writer(database_url), 2026, "T03-01", dt.date(2026, month, 28), value, **WHO)
    series = asked(database_url, target_series, "T03-01")
    assert [p["value"] for p in series["points"]] == [4, 8, 12.5]
    assert series["forecast"] is None
    assert asked(database_url, target_series, "G-01")["points"] == []


def test_a_rate_is_computed_per_county_and_never_summed(database_url: str) -> None:
    places(database_url)
    load(database_url, "enterprise", [
        {"name": f"{c}-{i}", "county_code": c, "unit_code": c, "is_above_scale": True, "has_rd_unit": i < k}
        for c, n, k in (("320902", 4, 1), ("320903", 2, 2)) for i in range(n)
    ])  # fmt: skip
    found = asked(database_url, target_contributions, "T06-01")
    parts = {p["code"]: p["value"] for p in found["axes"]["county"]}
    assert (parts["320902"], parts["320903"], parts["320904"], found["total"]) == (25, 100, None, 50)


def test_every_card_and_the_list_of_cards_say_what_the_body_says(database_url: str) -> None:
    places(database_url)
    started(database_url, 甲="2026-02-01")
    answer = body(database_url)
    cards = run(database_url, lambda pool: target_cards(pool, CAT, When(JUNE)))["rows"]

    async def each(pool: Pool) -> list[dict[str, Any]]:
        return [await target_card(pool, CAT, r["id"], When(JUNE)) for r in answer["rows"]]

    for row, listed, card in zip(answer["rows"], cards, run(database_url, each), strict=True):
        assert {k: listed[k] for k in row} == {k: card[k] for k in row} == row
        assert card["contributions"]["id"] == (row["alias_of"] or row["id"])
    assert len([c for c in cards if c["question"] and not c["alias_of"]]) >= 3


def test_the_latest_known_documents_year_decides(database_url: str, tmp_path: Path) -> None:
    path = tmp_path / "next.toml"
    text = (TARGETS_DIR / "2026-draft.toml").read_text(encoding="utf-8")
    path.write_text(text.replace("year = 2026", "year = 2027").replace("2026-draft", "2027"), encoding="utf-8")
    load_shipped(writer(database_url))
    assert load_document(writer(database_url), path, "王五").changes is None
    years = [body(database_url, d)["document"]["year"] for d in ("2026-12-31", "2027-01-01")]
    assert years == [2026, 2027]
    assert day("2026-06-30") == JUNE
