"""For every computed row: what qualifies is counted, and each thing that nearly does is not."""

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

import pytest

from etl.targets import enter_value
from layers.targets import shipped_documents
from tests.targets.world import JUNE, WHO, body, load, rows, target, targets, writer

DRAFT = shipped_documents()[0]
GOOD = "合格"
BAD_DAYS = {"去年": "2025-12-31", "明天": "2026-07-01"}


@dataclass
class Case:
    """A record that qualifies, those that nearly do (name -> what differs), and their events and figures.

    ``event`` (type, level) falls on 30 June for every record but those that ``events`` gives their own.
    """

    layer: str
    good: dict[str, Any] = field(default_factory=dict)
    near: dict[str, dict[str, Any]] = field(default_factory=dict)
    event: tuple[str, str] | None = None
    events: dict[str, list[tuple[Any, ...]]] = field(default_factory=dict)
    figures: dict[str, list[tuple[str, float]]] = field(default_factory=dict)
    value: float = 1
    denominator: float | None = None

    def put(self, url: str) -> None:
        """Load everything in one run, and a demo twin of the good record in the same."""
        records = {GOOD: {}, **self.near, "演示": {"is_demo": True}}
        listed = [{"name": name} | self.good | change for name, change in records.items()]
        happened = []
        for name in records:
            own = self.events.get(name)
            if own is None and self.event is not None:
                own = [(*self.event, BAD_DAYS.get(name, "2026-06-30"))]
            happened += [(name, *e) for e in own or []]
        stated = [(n, "invest_done_cny", d, v) for n in records for d, v in self.figures.get(n, [])]
        load(url, self.layer, listed, happened, stated)


def stage(*types: str, **good: Any) -> Case:
    near = {
        "差一点": {"invest_cny": 99_000_000}, "未填投资": {"invest_cny": None}, "非工业": {"is_industrial": False},
        "未填工业": {"is_industrial": None}, "去年": {}, "明天": {},
    }  # fmt: skip
    return Case("project", {"invest_cny": 100_000_000, "is_industrial": True} | good, near, (types[0], ""))


def recognised(layer: str, what: str, level: str, other: str, **good: Any) -> Case:
    near: dict[str, dict[str, Any]] = {"级别不同": {}, "没有级别": {}, "年初已是": {}, "去年": {}, "明天": {}}
    events: dict[str, list[tuple[Any, ...]]] = {
        "级别不同": [(what, other, "2026-06-30")],
        "没有级别": [(what, "", "2026-06-30")],
        "年初已是": [(what, level, "2024-05-01"), (what, level, "2026-05-01")],
    }
    return Case(layer, good, near, (what, level), events)


def platform(kind: str, level: str, other: str) -> Case:
    case = recognised("platform", "认定", level, other, kind=kind)
    case.near["类型不同"] = {"kind": "技术中心"}
    return case


def invested(tier: str) -> Case:
    return Case(
        "project",
        {"tier": tier, "is_industrial": True},
        {"另一层级": {"tier": "其他"}, "非工业": {"is_industrial": False}, "未填工业": {"is_industrial": None},
         "去年": {}, "明天": {}},
        figures={
            GOOD: [("2025-12-31", 1e8), ("2026-03-31", 2e8), ("2026-06-30", 4.5e8), ("2026-07-31", 9e8)],
            "另一层级": [("2026-06-30", 1e8)], "非工业": [("2026-06-30", 1e8)], "未填工业": [("2026-06-30", 1e8)],
            "去年": [("2025-12-31", 1e8)], "明天": [("2026-07-31", 1e8)], "演示": [("2026-06-30", 1e8)],
        },
        value=3.5,
    )  # fmt: skip


def listed(layer: str, good: dict[str, Any], **near: dict[str, Any]) -> Case:
    return Case(layer, good, near)


CASES: dict[str, Case] = {
    "T17-01": stage("签约"), "T17-02": stage("开工"), "T17-03": stage("竣工"), "T17-04": stage("达产"),
    "T17-05": invested("列省重大"), "T17-06": invested("市级重大"),
    "T16-01": Case(
        "project", {"kind": "增资扩产", "is_industrial": True},
        {"新建": {"kind": "新建"}, "未填工业": {"is_industrial": None}, "只有储备": {}, "去年": {}, "明天": {}},
        ("达效", ""), {"只有储备": [("储备", "", "2026-03-01")]},
    ),
    "T09-01": recognised("factory", "智能工厂", "先进级", "基础级"),
    "T09-02": recognised("factory", "智能工厂", "卓越级", "先进级"),
    "T09-03": recognised("factory", "5G工厂", "国家级", "省级"),
    "T12-01": recognised("factory", "绿色工厂", "省级", "国家级"),
    "T12-02": recognised("factory", "近零碳工厂", "省级", "市级"),
    "T13-01": recognised("park", "零碳园区", "市级", "县级"),
    "T13-02": recognised("park", "绿色工业园区", "省级", "市级"),
    "T13-03": recognised("park", "零碳园区", "国家级", "省级"),
    "T06-01": Case(
        "enterprise", {"is_above_scale": True, "has_rd_unit": True},
        {"没有机构": {"has_rd_unit": False}, "没有填": {"has_rd_unit": None}, "不是规上": {"is_above_scale": False},
         "服务业": {"four_above_class": "规上服务业"}},
        value=33.3333,
    ),
    "T06-02": platform("重点实验室", "市级", "省级"), "T06-03": platform("重点实验室", "省级", "市级"),
    "T06-04": platform("创新联合体", "省级", "县级"),
    "T07-01": Case("rd_project", {"kind": "科技攻关"},
                   {"别类": {"kind": "成果转化"}, "只完成": {}, "去年": {}, "明天": {}},
                   ("立项", ""), {"只完成": [("完成", "", "2026-05-01")]}),
    "T08-01": Case("rd_project", {"kind": "概念验证"}, {"别类": {"kind": "科技攻关"}, "去年": {}, "明天": {}},
                   ("实施", "")),
    "T08-02": Case("enterprise", {}, {"去年": {}, "明天": {}, "别的": {}}, ("三首两新", ""),
                   {"别的": [("高企", "", "2026-05-01")]}),
    "T15-01": Case("enterprise", {"is_tech": True},
                   {"不是科技型": {"is_tech": False}, "没有填": {"is_tech": None}, "去年": {}, "明天": {}},
                   ("落地", "")),
    "T15-02": Case("enterprise", {}, {"年初已是": {}, "去年": {}, "明天": {}}, ("瞪羚", ""),
                   {"年初已是": [("瞪羚", "", "2024-01-01"), ("独角兽", "", "2026-02-01")]}),
    "T15-03": Case("enterprise", {}, {"重新认定": {}, "当年又失效": {}, "去年": {}, "明天": {}}, ("高企", ""), {
        "重新认定": [("高企", "", "2023-05-01", "2026-05-01"), ("高企", "", "2026-05-10")],
        "当年又失效": [("高企", "", "2026-01-01", "2026-06-30")],
    }, value=5, denominator=20),
    "T15-04": recognised("enterprise", "专精特新", "省级", "市级"),
    "T15-05": Case("enterprise", {}, {"年初已是": {}, "去年": {}, "明天": {}}, ("四上", ""),
                   {"年初已是": [("四上", "", "2024-01-01"), ("四上", "", "2026-02-01")]}),
    "T15-06": Case("platform", {"kind": "OPC社区"},
                   {"别类": {"kind": "智算中心"}, "没有日期": {}, "去年": {}, "明天": {}},
                   ("认定", "市级"), {"没有日期": []}),
    "S-01": listed("cluster", {}),
    "S-03": listed("project", {"tier": "列省重大", "is_industrial": True}, 市级={"tier": "市级重大"},
                   非工业={"is_industrial": False}, 未填={"is_industrial": None}),
    "S-04": listed("project", {"tier": "市级重大", "is_industrial": True}, 列省={"tier": "列省重大"}),
    "S-05": listed("enterprise", {"is_sample": True}, 不是={"is_sample": False}, 没有填={"is_sample": None}),
    "S-06": listed("growth_point", {"grow_year": 2026}, 去年={"grow_year": 2025}),
    "S-07": listed("growth_point", {"grow_year": None, "invest_cny": 500_000_000}, 差一点={"invest_cny": 499_999_999},
                   没有填={"invest_cny": None}, 去年={"grow_year": 2025}),
}  # fmt: skip
CASES["T15-04"].value, CASES["T15-04"].denominator = 5, 20


def test_every_computed_row_has_its_case() -> None:
    of_layers = {r.id for r in DRAFT.rows if r.basis == "computed" and r.id != "S-02"}  # S-02 reads the vocabulary
    assert set(CASES) == of_layers


@pytest.mark.parametrize("target_id", CASES)
def test_exactly_the_record_that_qualifies_is_counted(database_url: str, target_id: str) -> None:
    case = CASES[target_id]
    case.put(database_url)
    if case.denominator:
        enter_value(
            writer(database_url), 2026, target_id, JUNE, case.denominator, measure="denominator", **WHO
        )  # fmt: skip
    found = target(database_url, target_id)
    drill = rows(database_url, target_id)
    assert [r["name"] for r in drill["rows"]] == [GOOD]
    assert (found["n_rows"], drill["numberMatched"], found["value"]) == (1, 1, case.value)
    assert found["basis"] == "computed"
    assert drill["rows"][0]["source_name"] == "t.csv"
    with_demo = rows(database_url, target_id, demo=True)
    assert sorted(r["name"] for r in with_demo["rows"]) == sorted([GOOD, "演示"])


def test_demo_rows_count_only_when_switched_on_and_say_so(database_url: str) -> None:
    CASES["T17-02"].put(database_url)
    without, with_demo = targets(database_url)["T17-02"], targets(database_url, demo=True)["T17-02"]
    assert (without["value"], with_demo["value"], with_demo["n_rows"]) == (1, 2, 2)
    assert (without["basis"], with_demo["basis"]) == ("computed", "computed")
    assert "含演示数据 1 条" in with_demo["reason"]
    assert "演示" not in without["reason"]
    assert with_demo["rows_url"].endswith("demo=1")


def test_what_does_not_say_is_named_in_the_reason(database_url: str) -> None:
    CASES["T17-02"].put(database_url)
    reason = targets(database_url)["T17-02"]["reason"]
    assert "1 条未填总投资" in reason
    assert "1 条未填是否工业项目" in reason


def test_one_project_signed_and_started_counts_in_both_and_in_neither_before(database_url: str) -> None:
    good = {"invest_cny": 10**8, "is_industrial": True}
    load(database_url, "project", [{"name": "甲"} | good, {"name": "乙"} | good], [
        ("甲", "签约", "", "2026-02-01"), ("甲", "开工", "", "2026-05-01"), ("乙", "开工", "", "2026-03-01"),
        ("乙", "签约", "", "2026-04-01"),
    ])  # fmt: skip
    counts = {d: targets(database_url, d) for d in ("2026-01-31", "2026-02-28", "2026-03-31", "2026-06-30")}
    assert [(c["T17-01"]["value"], c["T17-02"]["value"]) for c in counts.values()] == [(0, 0), (1, 0), (1, 1), (2, 2)]


def test_a_hundredth_short_of_the_threshold_never_counts(database_url: str) -> None:
    amounts = {"甲": 99_000_000, "乙": 99_999_999, "丙": 100_000_000}
    load(
        database_url, "project", [{"name": n, "invest_cny": a, "is_industrial": True} for n, a in amounts.items()],
        [(n, "签约", "", "2026-01-01") for n in amounts],
    )  # fmt: skip
    assert [r["name"] for r in rows(database_url, "T17-01", "2027-06-30")["rows"]] == ["丙"]


def test_a_factory_that_rises_counts_at_both_levels(database_url: str) -> None:
    load(database_url, "factory", [{"name": "厂"}, {"name": "老厂"}], [
        ("厂", "智能工厂", "先进级", "2026-02-01"), ("厂", "智能工厂", "卓越级", "2026-08-01"),
        ("老厂", "智能工厂", "先进级", "2025-02-01"), ("老厂", "智能工厂", "卓越级", "2026-03-01"),
    ])  # fmt: skip
    june, year = targets(database_url), targets(database_url, "2026-12-31")
    assert [june[i]["value"] for i in ("T09-01", "T09-02")] == [1, 1]
    assert [year[i]["value"] for i in ("T09-01", "T09-02")] == [1, 2]
    assert (june["T09-02"]["status"], year["T09-02"]["status"]) == ("pending_list", "met")


def test_net_growth_is_new_less_ended(database_url: str) -> None:
    load(database_url, "enterprise", [{"name": n} for n in "甲乙丙丁"], [
        ("甲", "高企", "", "2026-02-01"), ("乙", "高企", "", "2026-03-01"),
        ("丙", "高企", "", "2023-04-01", "2026-04-01"),
        ("丁", "高企", "", "2024-01-01"),
    ])  # fmt: skip
    enter_value(writer(database_url), 2026, "T15-03", JUNE, 10, measure="denominator", **WHO)
    found = targets(database_url)["T15-03"]
    drill = rows(database_url, "T15-03")
    assert (found["value"], found["status"], found["n_rows"]) == (10, "met", 3)
    assert {r["name"]: r["amount"] for r in drill["rows"]} == {"甲": 1, "乙": 1, "丙": -1}
    assert "全市 1，全省 10" in found["reason"]


def test_a_share_without_the_provinces_number_says_the_citys(database_url: str) -> None:
    load(database_url, "enterprise", [{"name": "甲"}], [("甲", "高企", "", "2026-02-01")])
    found = targets(database_url)["T15-03"]
    assert (found["value"], found["status"], found["basis"], found["n_rows"]) == (None, "no_data", "computed", 1)
    assert "全市为 1 家，全省数尚未录入" in found["reason"]


def test_a_share_is_taken_on_the_day_of_its_denominator(database_url: str) -> None:
    load(database_url, "enterprise", [{"name": "甲"}, {"name": "乙"}], [
        ("甲", "专精特新", "省级", "2026-02-01"), ("乙", "专精特新", "国家小巨人", "2026-06-01"),
    ])  # fmt: skip
    enter_value(writer(database_url), 2026, "T15-04", dt.date(2026, 3, 31), 10, measure="denominator", **WHO)
    found, drill = targets(database_url)["T15-04"], rows(database_url, "T15-04")
    assert (found["value"], found["n_rows"], drill["counted_until"]) == (10, 1, "2026-03-31")
    assert [r["name"] for r in drill["rows"]] == ["甲"]


def test_a_project_of_an_enterprise_that_settled_counts_once(database_url: str) -> None:
    load(
        database_url,
        "enterprise",
        [{"name": "江苏（甲）公司", "is_tech": True}],
        [("江苏（甲）公司", "落地", "", "2026-02-01")],
    )
    load(database_url, "project", [
        {"name": "甲项目", "is_tech": True, "company": "江苏(甲)公司"},
        {"name": "乙项目", "is_tech": True, "company": "乙公司"},
    ], [("甲项目", "开工", "", "2026-03-01"), ("乙项目", "开工", "", "2026-03-01")])  # fmt: skip
    drill = rows(database_url, "T15-01")["rows"]
    assert [(r["layer"], r["name"]) for r in drill] == [("enterprise", "江苏（甲）公司"), ("project", "乙项目")]


def test_two_products_of_one_enterprise_are_two(database_url: str) -> None:
    load(database_url, "enterprise", [{"name": "甲"}], [
        ("甲", "三首两新", "", "2026-02-01", "2026-02-01"), ("甲", "三首两新", "", "2026-03-01"),
    ])  # fmt: skip
    assert targets(database_url)["T08-02"]["n_rows"] == len(rows(database_url, "T08-02")["rows"]) == 2


def test_investment_is_the_years_part_of_a_running_total(database_url: str) -> None:
    names = {"续建": None, "新开": None, "重新累计": None, "没有基数": None}
    load(
        database_url, "project", [{"name": n, "tier": "列省重大", "is_industrial": True} for n in names],
        [("续建", "开工", "", "2024-01-01"), ("新开", "开工", "", "2026-02-01"),
         ("没有基数", "开工", "", "2024-01-01")],
        [("续建", "invest_done_cny", "2025-11-30", 5e8), ("续建", "invest_done_cny", "2026-05-31", 8e8),
         ("新开", "invest_done_cny", "2026-05-31", 1e8),
         ("重新累计", "invest_done_cny", "2025-12-31", 9e8), ("重新累计", "invest_done_cny", "2026-06-30", 2e8),
         ("没有基数", "invest_done_cny", "2026-06-30", 4e8)],
    )  # fmt: skip
    found, drill = targets(database_url)["T17-05"], rows(database_url, "T17-05")
    assert {r["name"]: r["amount"] for r in drill["rows"]} == {"续建": 3, "新开": 1, "重新累计": 2, "没有基数": 4}
    assert found["value"] == 10
    assert "其中 1 条缺上年末累计完成投资，按全部累计计入" in found["reason"]
    assert targets(database_url, "2026-05-30")["T17-05"]["value"] == 0


def test_a_layer_that_never_spoke_of_it_is_no_data_and_one_that_did_is_zero(database_url: str) -> None:
    load(database_url, "enterprise", [{"name": "甲"}])
    found = targets(database_url)
    assert (found["T15-05"]["value"], found["T15-05"]["status"]) == (None, "no_data")
    assert found["T15-05"]["reason"].startswith("图层“企业”里从未有过“四上”的（非演示）记录")
    assert found["S-05"]["reason"].startswith("图层“企业”里还没有标明属于这份清单")
    load(database_url, "enterprise", [{"name": "甲"}, {"name": "乙", "is_demo": True}], [
        ("甲", "四上", "", "2024-05-01"), ("乙", "高企", "", "2024-05-01"),
    ])  # fmt: skip
    found = targets(database_url)
    assert (found["T15-05"]["value"], found["T15-05"]["status"]) == (0, "behind")
    assert "“四上”（非演示）最近的一条记录在 2024-05-01" in found["T15-05"]["reason"]
    assert "从未有过“高企”" in found["T15-03"]["reason"]
    assert "从未" not in targets(database_url, demo=True)["T15-03"]["reason"]


def test_a_layer_last_heard_of_before_the_year_is_no_data(database_url: str) -> None:
    old = {"data_date": dt.date(2025, 11, 30)}
    load(database_url, "project", [{"name": "甲"} | old], [("甲", "签约", "", "2025-03-01")])
    found = targets(database_url)["T17-01"]
    assert (found["value"], found["status"], found["n_rows"]) == (None, "no_data", 0)
    assert "最新的数据日期是 2025-11-30，早于本年度" in found["reason"]


def test_nothing_on_record_is_no_data_and_an_unpublished_list_is_pending(database_url: str) -> None:
    found = targets(database_url)
    assert {i: found[i]["status"] for i in ("T17-01", "T12-01", "T13-03", "G-01", "S-02", "H-01", "Q-01")} == {
        "T17-01": "no_data", "T12-01": "pending_list", "T13-03": "no_data", "G-01": "no_data", "S-02": "met",
        "H-01": "info", "Q-01": "info",
    }  # fmt: skip
    assert found["T17-01"]["value"] is None
    assert found["T12-01"]["value"] == 0
    listed = rows(database_url, "S-02")["rows"]
    assert len(listed) == found["S-02"]["n_rows"] == 5
    assert all(r["source_name"] and r["source_row"] for r in listed)
    assert targets(database_url, "2025-06-30")["T17-01"]["reason"].startswith("2026 年尚未开始")


def test_every_row_drills_through_to_its_number_and_aliases_to_their_main_row(database_url: str) -> None:
    for case in CASES.values():
        case.put(database_url)
    for demo in (False, True):
        answer = body(database_url, demo=demo)
        assert len(answer["rows"]) == 77
        distinct = [r for r in answer["rows"] if r["kind"] == "target" and not r["alias_of"]]
        assert len(distinct) == 44
        by_id = {r["id"]: r for r in answer["rows"]}
        for row in answer["rows"]:
            if row["basis"] == "computed":
                drill = rows(database_url, row["id"], demo=demo)
                assert drill["numberMatched"] == len(drill["rows"]) == row["n_rows"]
                assert drill["sql"] == row["sql"]
            if row["alias_of"]:
                same = ("value", "status", "n_rows", "rows_url", "sql", "owners", "basis")
                assert {k: row[k] for k in same} == {k: by_id[row["alias_of"]][k] for k in same}
        assert len([r for r in distinct if r["basis"] == "computed"]) == 28
