"""Every family of report maps: what is drawn is what the legend and the table say."""

import json
import re
from dataclasses import replace
from itertools import pairwise

import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from app.export.classes import areas_of, class_changes
from app.export.data import AreaValue, Summary, difference
from app.export.family_map import LARGEST_MM, Heat, bubbles_of, free_pins, nested
from app.export.family_map import Pin as RankedPin
from app.export.figures import differences, figures_of
from app.export.panel import unsaid
from app.export.recipe import parse_recipe
from app.export.render import write
from app.export.reuse import figures_in, recipe_of
from app.export.theme import load_theme
from app.i18n import t
from app.pages.format import Quantity
from geo.errors import InputError
from tests.export.test_render import corners, group, spots
from tests.export.world import BASE, NAMES, PROJECTS, World, gathered, pdf_text, report

EARLIER = [*PROJECTS[:1], ("退出项目", 120.1, 33.3, "320903", "开工", 8, "surveyed", False, False)]
values = st.one_of(st.none(), st.floats(-1e12, 1e12, allow_nan=False), st.just(0.0))


PAIR = [
    ("大", 120.60, 33.20, "320904", "开工", 100, "surveyed", False, False),
    ("小", 119.80, 33.50, "320925", "开工", 10, "surveyed", False, False),
    ("零", 120.30, 33.90, "320924", "开工", 0, "surveyed", False, False),
]


def summary(numbers: dict[str, float | None]) -> Summary:
    rows = tuple(AreaValue(code, NAMES[code], v, 1) for code, v in numbers.items())
    none = AreaValue("outside", "界外", None, 0)
    return Summary("属地口径", "总投资", Quantity("亿元", 1e8), "个", False, True, rows, none, none, none)


@given(st.lists(values, min_size=9, max_size=9), st.integers(1, 7))
def test_every_area_is_in_one_class_of_a_change_and_the_colour_tells_the_sign(numbers, k) -> None:
    shown = summary(dict(zip(NAMES, numbers, strict=True)))
    cut = class_changes(shown, load_theme(), k, set(NAMES))
    codes = [c for item in cut.classes for c in item.codes] + list(cut.none)
    assert sorted(codes) == sorted(NAMES)
    held = {r.code: r.value for r in shown.rows}
    for item in cut.classes:
        signs = {(held[c] > 0) - (held[c] < 0) for c in item.codes}
        assert signs == ({0} if item.text == "0" else {1} if item.text[0] == "+" else {-1})
    assert len({c.color for c in cut.classes}) == len(cut.classes)


@given(st.lists(st.one_of(st.none(), st.floats(0, 1e12)), min_size=9, max_size=9), st.integers(1, 5))
def test_black_and_white_has_the_classes_of_the_colours_and_no_two_hatches_alike(numbers, k) -> None:
    shown, theme = summary(dict(zip(NAMES, numbers, strict=True))), load_theme()
    color = areas_of(shown, theme, "quantiles", k, set(NAMES))
    plain = areas_of(shown, theme, "quantiles", k, set(NAMES), fills="hatch")
    assert [(c.text, c.codes) for c in color.classes] == [(c.text, c.codes) for c in plain.classes]
    assert {c.color for c in plain.classes} <= {theme["surface"]}
    hatches = [c.hatch for c in plain.classes]
    assert len(set(hatches)) == len(hatches)


@given(st.lists(values, min_size=9, max_size=9), st.lists(values, min_size=9, max_size=9))
def test_a_difference_is_the_later_less_the_earlier_or_no_data(old, new) -> None:
    a, b = (summary(dict(zip(NAMES, numbers, strict=True))) for numbers in (old, new))
    for row, x, y in zip(difference(a, b).rows, old, new, strict=True):
        assert row.value == (None if x is None or y is None else float(y) - float(x))


@given(st.dictionaries(st.sampled_from(sorted(NAMES)), st.floats(1e-3, 1e12), min_size=1))
def test_the_area_of_a_circle_is_in_proportion_to_its_value(numbers) -> None:
    shown = [(c, NAMES[c], shapely.box(10 * i, 0, 10 * i + 8, 8)) for i, c in enumerate(NAMES)]
    made = bubbles_of(summary(numbers), shown, 1.0)
    assert {b.code for b in made} == set(numbers)
    most = max(numbers.values())
    for b in made:
        assert b.radius**2 / LARGEST_MM**2 == pytest.approx(numbers[b.code] / most)
    assert all(a.radius >= b.radius for a, b in pairwise(made))


@given(st.floats(1e-6, 1e15))
def test_the_nested_legend_has_round_values_not_above_the_largest(most) -> None:
    found = nested(most)
    assert 1 <= len(found) <= 3
    assert all(0 < v <= most * (1 + 1e-9) for v in found)
    assert all(f"{v:.1e}"[:3] in ("1.0", "2.0", "2.5", "5.0") for v in found)
    assert found == sorted(found, reverse=True)


@given(st.lists(st.tuples(st.floats(0, 60), st.floats(0, 60)), max_size=20))
def test_no_two_discs_of_a_ranking_lie_on_each_other(places) -> None:
    placed = free_pins([RankedPin(i + 1, "", x, y) for i, (x, y) in enumerate(places)], 1.0)
    for i, a in enumerate(placed):
        for b in placed[:i]:
            assert (a.x - b.x) ** 2 + (a.y - b.y) ** 2 >= (2 * 2.3) ** 2


def test_a_change_shows_both_days_and_the_difference(tmp_path) -> None:
    made = report(World(earlier=EARLIER), family="change", since="2026-01-01", layers=[{"id": "project"}])
    text = pdf_text(write(made, "pdf"), tmp_path)
    for word in ("2026-01-01至2026-09-30", "+62.0亿元，由68.0到130.0", "大丰区60.080.0+20.0", "盐都区8.00.0−8.0",
                 "增加最多的是射阳县（+30.0亿元）；减少最多的是盐都区（−8.0亿元）"):  # fmt: skip
        assert word in text, (word, text)
    assert made.areas is not None
    assert made.areas.is_signed
    assert len(group(write(made, "svg"), "legend-class")) == len(made.areas.classes)


def test_proportional_circles_have_a_nested_legend_in_their_own_measure() -> None:
    made = report(family="symbols", layers=[{"id": "project", "features": False}])
    svg = write(made, "svg")
    values = {b.code: b for b in made.special.bubbles}
    assert set(values) == {"320904", "320924", "320981"}
    keys = [corners(g) for g in group(svg, "legend-bubble")]
    wide = [float(k[:, 0].max() - k[:, 0].min()) / 72 * 25.4 / 2 for k in keys]
    most = max(values.values(), key=lambda b: b.radius)
    labels = nested(most.value / 1e8)
    for radius, label in zip(wide, labels, strict=True):
        assert radius**2 / most.radius**2 == pytest.approx(label * 1e8 / most.value, rel=0.02)
    middles = [float(spots(g)[0][1]) for g in group(svg, "legend-bubble")]
    bottoms = [y + r / 25.4 * 72 for y, r in zip(middles, wide, strict=True)]
    assert max(bottoms) - min(bottoms) < 0.5  # they stand on one point


def test_a_density_has_a_legend_entry_for_each_class_that_is_drawn() -> None:
    many = [(f"项目{i}", 120.4 + 0.01 * (i % 7), 33.2 + 0.01 * (i // 7), *PROJECTS[0][3:]) for i in range(60)]
    made = report(World([*many, *PROJECTS]), family="heat", layers=[{"id": "project"}], measure="n")
    svg = write(made, "svg")
    heat = made.special.heat
    assert heat is not None
    assert len(heat.shapes) >= 3
    assert all(group(svg, f"heat-{i}") for i in range(len(heat.shapes)))
    fills = [re.search(r"fill: (#\w+)", _markup(group(svg, f"heat-{i}")[0])).group(1) for i in range(len(heat.shapes))]
    keys = [re.search(r"fill: (#\w+)", _markup(g)).group(1) for g in group(svg, "legend-heat")]
    assert keys == fills
    assert not group(svg, "layer-project")  # density instead of the things
    assert list(heat.bounds) == sorted(heat.bounds)


def _markup(element) -> str:
    return " ".join(p.get("style", "") for p in element.iter("{http://www.w3.org/2000/svg}path"))


def test_the_heat_weighs_by_the_measure_that_sizes_the_symbols() -> None:
    def heat(**changes: object) -> Heat:
        found = report(World(PAIR), family="heat", layers=[{"id": "project"}], **changes).special.heat
        assert found is not None
        return found

    counted, weighed = heat(measure="n"), heat(measure="sum_invest_cny")
    assert (counted.unit, counted.title) == ("个/百 km²", "")
    assert (weighed.unit, weighed.title, weighed.missing) == ("亿元/百 km²", "总投资", 0)
    # one thing of 100 亿元 weighs a hundred times one thing
    assert weighed.bounds[-1] / counted.bounds[-1] == pytest.approx(100, rel=0.05)
    spots = shapely.union_all(counted.shapes[-1:]), shapely.union_all(weighed.shapes[-1:])
    assert len(shapely.get_parts(spots[0])) == 3
    assert len(shapely.get_parts(spots[1])) == 1


def test_an_empty_layer_has_no_density_and_says_so(tmp_path) -> None:
    made = report(World([]), family="heat", layers=[{"id": "project"}], measure="n")
    assert made.special.heat is None
    assert "没有符合条件的记录" in pdf_text(write(made, "pdf"), tmp_path)


def test_stages_add_up_row_by_row(tmp_path) -> None:
    made = report(family="stages", layers=[{"id": "project"}], measure="n")
    matrix = made.data.extras.matrix
    assert [(name, sum(cells), n) for name, cells, n in matrix if name == "大丰区"] == [("大丰区", 2, 2)]
    assert sum(n for _, _, n in matrix) == len(PROJECTS)
    assert all(sum(cells) == n for _, cells, n in matrix)
    text = pdf_text(write(made, "pdf"), tmp_path)
    assert "合计7个" in text
    assert "界外、未定位" in text


def test_one_thing_is_shown_with_its_fields_and_marked_on_the_map(tmp_path) -> None:
    made = report(family="single", feature="park:0", layers=[{"id": "project"}], measure="n", title="大丰港园区")
    text = pdf_text(write(made, "pdf"), tmp_path)
    for word in ("大丰港园区", "级别国家级", "主导产业机械、氢能", "规划面积900.0亩", "图上面积900.0亩",
                 "2026-06-01零碳园区省级"):  # fmt: skip
        assert word in text, word
    assert group(write(made, "svg"), "focus")
    assert made.frame.ratio < 200_000
    with pytest.raises(InputError, match="park:99"):
        report(family="single", feature="park:99", layers=[{"id": "project"}], measure="n")


def test_the_crowded_square_is_drawn_again_larger() -> None:
    crowd = [(f"项目{i}", 120.40 + 0.004 * (i % 6), 33.30 + 0.004 * (i // 6), *PROJECTS[0][3:]) for i in range(36)]
    svg = write(report(World(crowd), layers=[{"id": "project"}], demo=False), "svg")
    assert group(svg, "lens")
    assert "放大 3 倍" in svg.decode()
    alone = write(report(layers=[{"id": "project"}]), "svg")
    assert not group(alone, "lens")


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"family": "change"}, "since"),
        ({"family": "change", "since": "2027-01-01"}, "早于"),
        ({"family": "rank"}, "profile"),
        ({"family": "single"}, "feature"),
        ({"feature": "park:1"}, "一企一档"),
        ({"family": "single", "feature": "park"}, "图层:编号"),
        ({"family": "single", "feature": "nothing:1"}, "没有图层"),
        ({"fills": "gold"}, "hatch（黑白线纹）"),
        ({"leave_out": ["legend", "scale"]}, "图例（legend）、比例尺（scale）"),
        ({"leave_out": ["frame"]}, "可省略的有"),
        ({"house": "../x"}, "小写字母"),
        ({"house": "nowhere"}, "city（市级版）"),
        ({"family": "symbols", "measure": None}, "measure"),
    ],
)
def test_what_a_family_lacks_is_refused_with_the_cure(changes, word) -> None:
    with pytest.raises(InputError) as caught:
        gathered(**changes)
    assert word in str(caught.value) + caught.value.cure


def test_what_is_left_out_is_not_drawn_and_the_rest_is() -> None:
    svg = write(report(leave_out=["inset", "graticule", "table", "headline", "labels"]), "svg")
    for gid in ("inset", "graticule", "label"):
        assert not group(svg, gid), gid
    for gid in ("title", "scale-bar", "north-arrow", "legend-class", "marking", "frame"):
        assert group(svg, gid), gid


def test_a_house_template_puts_its_line_and_name_on_the_sheet(tmp_path) -> None:
    made = report(house="bureau", compiler="", page=[2, 11])
    text = pdf_text(write(made, "pdf"), tmp_path)
    assert "盐城市工业和信息化局" in text
    assert "编制市工信局" in text
    assert "第2页，共11页" in text
    assert group(write(made, "svg"), "house")


@pytest.mark.parametrize("fmt", ["png", "pdf", "svg"])
def test_recipe_and_figures_are_inside_and_make_the_same_picture_again(fmt) -> None:
    first = write(report(), fmt)
    again = parse_recipe(recipe_of(first))
    assert again == gathered().recipe
    held = figures_in(first)
    assert held == json.loads(json.dumps(figures_of(gathered()), default=str))
    changed = json.loads(recipe_of(first))
    second = write(report(**changed), fmt)
    assert differences(held, figures_in(second)) == []
    if fmt == "png":
        assert first == second
    other = figures_in(write(report(World(PROJECTS[:2])), fmt))
    told = "；".join(differences(held, other))
    assert "射阳县：30.0 → 0.0 亿元（−30.0）" in told
    assert "重点项目：记录数 7 → 2" in told


def test_ordinary_keys_are_not_written_into_the_recipe() -> None:
    text = parse_recipe(BASE).canonical()
    assert not any(f'"{k}"' in text for k in ("since", "profile", "feature", "fills", "leave_out", "house", "page"))


def test_the_sheet_says_how_many_records_state_no_value_as_the_screen_does() -> None:
    one = replace(summary(dict.fromkeys(NAMES, 1.0)), total=AreaValue("", "合计", 9.0, 12, 3))
    assert unsaid(one) == t("rollup.missing", n="3") + "。"
    assert unsaid(replace(one, total=replace(one.total, missing=0))) == ""
    assert unsaid(replace(one, is_count=True)) == ""
