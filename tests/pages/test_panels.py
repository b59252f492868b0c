import datetime as dt
import json

from app.pages.filters import Condition
from app.pages.map import card as cards
from app.pages.map import export_menu, filters_panel, layers_panel, legend, model, rollup_panel, search, table
from app.pages.map.choropleth import colour_areas
from app.pages.state import State, mapped_layers
from app.pages.view import Card, Event, Found, Histogram, LayerFacts, Near, RollupRow, TableRows
from layers.registry import catalogue
from tests.pages.support import YI, attribute, links, rollup, text, walk

CAT = catalogue()
PROJECT = CAT.layer("project")
TODAY = dt.date(2026, 10, 9)
BARE = State()


def steps(node: object) -> list[list[object]]:
    return [json.loads(attribute(c, "data-op")) for c in walk(node) if attribute(c, "data-op")]


def test_the_rollup_shows_areas_then_outside_unlocated_and_total() -> None:
    data = rollup(2 * YI, 3 * YI, 0, outside=YI, unlocated=4 * YI)
    panel = rollup_panel.rollup_panel(CAT, BARE, data, LayerFacts("project", 5), {})
    rows = [text(c) for c in walk(panel) if type(c).__name__ == "Tr"]
    assert rows == [
        "县（市、区）亿元↓个%",
        "B3.0130.0", "A2.0120.0", "C0.010.0", "界外1.0110.0", "未定位4.0140.0", "合计10.05100.0",
    ]  # fmt: skip
    assert "3 个县区 + 界外 + 未定位 = 合计" in text(panel)


def test_every_number_of_the_rollup_leads_to_its_rows() -> None:
    data = rollup(2 * YI, 3 * YI, outside=YI)
    found = rollup_panel.table(BARE, PROJECT, data, CAT.measure(PROJECT, "sum_invest_cny"))
    assert links(found)["2.0"] == "/?area=320900"
    outside = State.from_query(CAT, next(h for h in links(found).values() if "outside" in h)[2:])
    assert outside.areas == ("outside",)
    by_stage = BARE.but(by="stage")
    row = RollupRow("开工", "开工", 1.0, 1)
    url = rollup_panel.row_url(by_stage, PROJECT, row, data.total)
    assert State.from_query(CAT, url[2:]).conditions == (Condition("project", "stage", ("开工",)),)


def test_a_row_without_value_is_a_dash_and_no_link() -> None:
    found = rollup_panel.table(BARE, PROJECT, rollup(None, YI), CAT.measure(PROJECT, "sum_invest_cny"))
    rows = [c for c in walk(found) if type(c).__name__ == "Tr"]
    assert text(rows[2]) == "A—0—" and not links(rows[2])


def test_means_have_no_share_and_say_that_they_do_not_add_up() -> None:
    state = BARE.but(measure="mean_invest_cny")
    panel = rollup_panel.rollup_panel(CAT, state, rollup(YI, YI), LayerFacts("project", 2), {})
    assert "不可相加" in text(panel) and "%" not in text([c for c in walk(panel) if type(c).__name__ == "Th"])


def test_an_empty_rollup_says_why_and_offers_a_way_out() -> None:
    state = BARE.but(conditions=(Condition("project", "stage", ("达效",)),))
    panel = rollup_panel.rollup_panel(CAT, state, rollup(0, 0).__class__((), *_nothing()), LayerFacts("project"), {})
    assert "没有符合条件的重点项目" in text(panel)
    assert [["drop", "f."], ["drop", "area"]] in steps(panel)


def _nothing() -> tuple[RollupRow, RollupRow, RollupRow]:
    return RollupRow("outside", "界外", 0, 0), RollupRow("unlocated", "未定位", 0, 0), RollupRow("", "合计", 0, 0)


def test_stages_count_what_has_got_so_far_and_the_rate_of_each_step() -> None:
    counts = {"储备": 2, "签约": 4, "开工": 2, "竣工": 1, "达产": 0, "达效": 1}
    found = rollup_panel.breakdown(CAT, BARE, PROJECT, counts)
    numbers = links(found)
    assert list(numbers)[:6] == ["10", "8", "4", "2", "1"] or "10" in numbers
    assert "80%" in text(found) and "50%" in text(found)
    assert "签约未开工" in text(found) and "竣工未达产" in text(found)
    there = State.from_query(CAT, numbers["8"][2:])
    assert there.conditions[0].terms == ("签约", "开工", "竣工", "达产", "达效")


def test_a_layer_says_how_many_are_drawn_and_hidden() -> None:
    shown = rollup(YI, YI, unlocated=YI)
    entry = layers_panel.layer_entry(
        CAT, BARE, PROJECT, LayerFacts("project", 10, 7, dt.date(2026, 10, 1)), shown, {}, TODAY
    )
    assert "图上 2，未定位 1，被筛选隐藏 7" in text(entry)
    assert "3 / 10" in text(entry)
    assert "演示" in text(entry) and "市发改委" in text(entry)
    assert [["toggle", "on", "project"]] in steps(entry)
    assert [["move", "order", "project", -1]] in steps(entry)


def test_a_layer_that_is_too_old_says_so() -> None:
    old = LayerFacts("project", 10, 0, dt.date(2021, 1, 1))
    assert layers_panel.stale_days(PROJECT, old, TODAY) == (TODAY - dt.date(2021, 1, 1)).days
    assert "已 5 年 10 月" in text(layers_panel.layer_entry(CAT, BARE, PROJECT, old, None, {}, TODAY))
    assert layers_panel.stale_days(PROJECT, LayerFacts("project", 1, 0, TODAY), TODAY) == 0
    assert layers_panel.stale_days(PROJECT, LayerFacts("project"), TODAY) == 0


def test_demo_is_marked_only_while_it_is_shown() -> None:
    facts = LayerFacts("project", 3, 7)
    assert "演示" not in text(layers_panel.layer_entry(CAT, BARE.but(demo=False), PROJECT, facts, None, {}, TODAY))


def test_every_layer_has_a_legend_and_a_model() -> None:
    for layer_id in mapped_layers(CAT):
        layer = CAT.layers[layer_id]
        counts = {v: 1 for f in layer.fields if f.is_categorical for v in CAT.terms(f)}
        keys = legend.layer_legend(CAT, layer, counts)
        drawn = model.layer_model(CAT, BARE, layer, True)
        assert drawn["url"].startswith(f"/api/v1/features/{layer_id}?")
        if layer.geometry in ("point", "any"):
            assert "镇、县级位置" in text(keys), layer_id
        json.dumps(drawn)


def test_the_choropleth_legend_states_unit_classes_zero_and_no_data() -> None:
    how = rollup_panel.quantity(CAT.measure(PROJECT, "sum_invest_cny"))
    areas = colour_areas(rollup(0, None, YI, 2 * YI, 5 * YI), how, "equal", 3)
    words = text(legend.choropleth_legend(BARE, areas, how))
    assert words.startswith("1125")
    assert "亿元" in words and "零" in words and "无数据" in words and "分位数" in words and "5 级" in words


def test_the_model_carries_filter_day_and_demo() -> None:
    state = BARE.but(
        conditions=(Condition("project", "stage", ("开工",)), Condition("project", "tier", ("列省重大",))),
        as_of=dt.date(2026, 9, 30), demo=False, selected=("project", "7"), on=("project",), pins=("320904", "320902"),
    )  # fmt: skip
    made = model.map_model(CAT, state, None)
    assert [x["id"] for x in made["layers"]] == ["project"]
    url = made["layers"][0]["url"]
    assert "as_of=2026-09-30" in url and "demo=0" in url and "tier+%3D+" in url and "most=10000" in url
    assert "stage" not in url and made["layers"][0]["only"] == {"field": "stage", "terms": ["开工"]}
    assert made["layers"][0]["tiles"].startswith("/tiles/project/{z}/{x}/{y}.mvt?filter=tier+%3D+")
    blank = BARE.but(conditions=(Condition("project", "stage", ("开工", "-")),), on=("project",), heat=("project",))
    drawn = model.map_model(CAT, blank, None)["layers"][0]
    assert drawn["only"] is None and "stage" in drawn["url"] and drawn["heat"]
    assert made["selected"] == {"layer": "project", "id": 7}
    assert made["overlays"]["pins"]["320904"]["shape"] == "circle"
    assert made["layers"][0]["style"]["colors"]["储备"] == "s1"
    hover = {h["id"]: h for h in made["layers"][0]["hover"]}
    assert hover["invest_cny"]["factor"] == 1e8 and hover["invest_cny"]["unit"] == "亿元"


def test_filters_show_what_occurs_and_keep_what_is_chosen() -> None:
    state = BARE.but(conditions=(Condition("project", "stage", ("达效",)),), areas=("320900",))
    areas = rollup(YI, YI).rows
    counts = {"stage": {"开工": 3, "-": 2}, "industry": {}}
    panel = filters_panel.filters_panel(CAT, state, counts, {}, areas, 1200)
    words = text(panel)
    assert "开工3" in words and "达效0" in words and "未填写2" in words and "储备" not in words
    assert "阶段：达效×" in words and "A×" in words and "演示 1,200" in words
    assert [["toggle", "f.project.stage", "开工"]] in steps(panel)
    assert [["set", "f.project.stage", ""]] in steps(panel)
    assert filters_panel.n_filters(state) == 2
    assert filters_panel.clear_button(BARE) is None


def test_a_number_filter_has_a_histogram_and_both_ends() -> None:
    spec = PROJECT.field("invest_cny")
    assert spec is not None
    chosen = Condition("project", "invest_cny", (), 1e9)
    found = filters_panel.range_field(spec, PROJECT, Histogram((0, 1e9, 2e9), (4, 2)), chosen)
    what = next(json.loads(attribute(c, "data-dual")) for c in walk(found) if attribute(c, "data-dual"))
    assert what["key"] == "f.project.invest_cny" and what["low"] == 1e9 and what["high"] is None
    bars = [c for c in walk(found) if type(c).__name__ == "I"]
    assert [c.className for c in bars] == ["", "in"]
    assert filters_panel.range_field(spec, PROJECT, Histogram(), None) is None


def test_the_table_takes_its_columns_from_the_catalogue() -> None:
    for layer_id in mapped_layers(CAT):
        layer = CAT.layers[layer_id]
        made = table.columns(CAT, layer)
        fields = [c["field"] for c in made]
        assert fields[0] == "name" and len(set(fields)) == len(fields)
        assert {f.id for f in layer.fields if f.table and not f.internal} <= set(fields)
        assert not {f.id for f in layer.fields if f.internal} & set(fields)
        json.dumps(made)
    money = next(c for c in table.columns(CAT, PROJECT) if c["field"] == "invest_cny")
    assert money["headerName"] == "总投资 亿元" and money["type"] == "rightAligned"


def test_a_grid_row_has_a_text_id_and_words_for_places() -> None:
    row = {"id": 12, "name": "甲", "county": "大丰区", "location_accuracy": "township", "invest_cny": YI,
           "leader": "不该出现", "is_demo": True, "data_date": "2026-10-01"}  # fmt: skip
    made = table.grid_rows(CAT, PROJECT, TableRows((row,), 1))[0]
    assert made["rid"] == "12" and made["accuracy"] == "乡镇级" and made["county"] == "大丰区"
    assert "leader" not in made and made["is_demo"] is True


def test_the_footer_counts_and_sums() -> None:
    words = text(table.footer(PROJECT, 3, 3, [("invest_cny", rollup(YI, 2 * YI))], False))
    assert words == "共 3 行总投资合计 3.0 亿元"
    assert "显示前 2 行，共 9 行" in text(table.footer(PROJECT, 2, 9, [], False))
    assert "图面范围内" in text(table.footer(PROJECT, 2, 2, [("invest_cny", rollup(YI))], True))


def test_an_empty_table_and_an_empty_rollup_lead_on() -> None:
    filtered = BARE.but(conditions=(Condition("project", "stage", ("达效",)),))
    nothing = rollup(0, 0).__class__((), *_nothing())
    for state, words in ((BARE, "去导入数据"), (filtered, "清除筛选")):
        way_on = rollup_panel.way_on(state)
        assert words in text(table.footer(PROJECT, 0, 0, [], False, way_on))
        assert words not in text(table.footer(PROJECT, 3, 3, [], False, way_on))
        assert words in text(rollup_panel.rollup_panel(CAT, state, nothing, LayerFacts("project"), {}))


CARD = Card(
    layer="project", id="5", name="演示·电池项目", values={"invest_cny": 128 * YI, "tier": "列省重大", "kind": "新建",
            "facts": "第一条\n第二条", "source_url": "https://a.example/x"},
    events=(
        Event("签约", dt.date(2025, 1, 1)), Event("开工", dt.date(2025, 4, 11)), Event("储备", dt.date(2025, 3, 1)),
    ),
    figures={"invest_done_cny": tuple((dt.date(2026, m, 28), m * YI) for m in (1, 2, 3))},
    county="大丰区", unit="大丰区", accuracy="surveyed", lon=120.742, lat=33.158, geometry="point", is_demo=True,
    data_date=dt.date(2026, 9, 30), source_name="重点项目.xlsx", source_row=47,
    near=(Near("infrastructure", "9", "大丰港", "港口", 9800.0),),
)  # fmt: skip


def test_a_card_says_everything_with_units_dates_and_its_source() -> None:
    words = text(cards.card_panel(CAT, BARE, CARD))
    for part in (
        "演示", "列省重大", "128.0亿元", "3.0亿元", "至 2026-03-28", "100 天", "早 59 天，请核对", "测绘",
        "120.7420°E 33.1580°N",        "2026-09-30", "重点项目.xlsx 第 47 行", "大丰港", "9.8", "仅内部可见", "第一条", "https://a.example/x",
    ):  # fmt: skip
        assert part in words, part


def test_a_neighbour_leads_to_its_card() -> None:
    found = links(cards.near(CAT, BARE, CARD))
    assert State.from_query(CAT, found["大丰港"][2:]).selected == ("infrastructure", "9")


def test_internal_fields_never_reach_the_card() -> None:
    told = Card(**{**CARD.__dict__, "values": {**CARD.values, "leader": "张三", "contact_phone": "13800000000"}})
    words = text(cards.card_panel(CAT, BARE, told))
    assert "张三" not in words and "13800000000" not in words


def test_sketching_is_offered_for_areas_without_a_surveyed_outline() -> None:
    park = CAT.layer("park")
    point = Card("park", "1", "某园区", accuracy="county", geometry="point")
    assert cards.can_sketch(park, point)
    assert cards.can_sketch(park, Card("park", "1", "某园区", accuracy="sketched", geometry="polygon"))
    assert not cards.can_sketch(park, Card("park", "1", "某园区", accuracy="surveyed", geometry="polygon"))
    assert not cards.can_sketch(CAT.layer("factory"), Card("factory", "1", "某厂"))


def test_a_card_without_events_says_so() -> None:
    bare = Card("project", "1", "某项目")
    words = text(cards.card_panel(CAT, BARE, bare))
    assert "来源没有写明任何日期" in words and "没有位置" in words


def test_a_search_result_selects_its_thing_and_shows_its_layer() -> None:
    found = [Found("enterprise", "3", "某企业", "拼音", 120.1, 33.3, True), Found("nothing", "1", "?", "名称")]
    made = search.results(CAT, BARE, "mqy", found)
    assert len(made) == 1 and "演示" in text(made) and "拼音" in text(made)
    there = State.from_query(CAT, next(iter(links(made).values()))[2:])
    assert there.selected == ("enterprise", "3") and "enterprise" in there.visible(CAT)
    assert "没有找到“zzz”" in text(search.results(CAT, BARE, "zzz", []))


def test_the_recipe_is_what_is_on_the_screen() -> None:
    state = BARE.but(
        conditions=(Condition("project", "stage", ("开工",)),), areas=("320904",), as_of=dt.date(2026, 9, 30)
    )
    made = export_menu.recipe(CAT, state)
    by_id = {x["id"]: x["filter"] for x in made["layers"]}
    assert by_id["project"] == "stage = '开工' AND county_code = '320904'"
    assert by_id["park"] == "county_code = '320904'"
    assert (made["as_of"], made["by"], made["measure"]) == ("2026-09-30", "county", "sum_invest_cny")
    assert export_menu.map_url(CAT, state, "pdf").startswith("/api/v1/export/map?recipe=%7B")
    assert export_menu.rows_url(state, PROJECT).startswith("/api/v1/export/rows/project.xlsx?filter=stage")
