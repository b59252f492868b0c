"""Report maps read back: their words, their scale, their legend, their pixels."""

import io
import json
import re
from xml.etree import ElementTree

import numpy as np
import pypdf
import pyproj
import pytest
import shapely
from PIL import Image

from app.export.papers import PAPERS
from app.export.recipe import parse_recipe
from app.export.render import pixels_of, write
from app.export.reuse import recipe_of
from app.export.theme import load_theme
from geo.errors import InputError
from tests.export.world import BASE, PROJECTS, World, gathered, pdf_text, report

GEOD = pyproj.Geod(ellps="GRS80")
SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(scope="module")
def drawn():
    return report()


def pixels(content: bytes) -> np.ndarray:
    with Image.open(io.BytesIO(content)) as image:
        return np.asarray(image.convert("RGB"))


def group(svg: bytes, gid: str) -> list[ElementTree.Element]:
    root = ElementTree.fromstring(svg)
    return [g for g in root.iter(f"{SVG}g") if g.get("id") == gid]


def corners(element: ElementTree.Element) -> np.ndarray:
    """Every point that the paths of an element go through, points of the page."""
    data = " ".join(p.get("d", "") for p in element.iter(f"{SVG}path"))
    return np.array([float(v) for v in re.findall(r"-?\d+\.?\d*", data)]).reshape(-1, 2)


def spots(element: ElementTree.Element) -> np.ndarray:
    """Where each symbol of a layer stands, points of the page (matplotlib writes few ones out, many as uses)."""
    uses = [(float(u.get("x")), float(u.get("y"))) for u in element.iter(f"{SVG}use")]
    shared = {p for d in element.iter(f"{SVG}defs") for p in d.iter(f"{SVG}path")}
    for path in element.iter(f"{SVG}path"):
        if path not in shared:
            points = np.array([float(v) for v in re.findall(r"-?\d+\.?\d*", path.get("d"))]).reshape(-1, 2)
            uses.append(tuple((points.min(axis=0) + points.max(axis=0)) / 2))
    return np.array(uses)


def test_the_pdf_says_everything_a_report_map_must(drawn, tmp_path) -> None:
    text = pdf_text(write(drawn, "pdf"), tmp_path)
    wanted = [
        "盐城市重点项目总投资分布图", "内部使用", "EPSG:4549", "CGCS2000", "演示数据", "编制市工信局", "制图园图",
        "重点项目：市发改委，2026-09-28", "园区：市商务局，2026-09-28", "©OpenStreetMapcontributors", "非权威界线",
        "合计130.0亿元，7个", "界外", "未定位", "截至2026-09-30", "1:1,400,000", "北", "120°00′E", "34°00′N", "大丰区",
        "黄海", "分位数3级", "三未项目", "空心：镇、县级", "不在图上：重点项目1个", "图幅以外：重点项目1个",
        "审图号无",
    ]  # fmt: skip
    assert [w for w in wanted if w not in text] == []


def test_a_review_number_takes_the_place_of_the_marking(tmp_path) -> None:
    text = pdf_text(write(report(map_approval_no="苏S（2026）012号"), "pdf"), tmp_path)
    assert text.count("苏S（2026）012号") == 2
    assert "内部使用" not in text


def test_no_demo_row_no_demo_mark(tmp_path) -> None:
    plain = report(demo=False)
    text = pdf_text(write(plain, "pdf"), tmp_path)
    assert "演示" not in text
    assert "合计100.0亿元，6个" in text
    with_demo = write(report(), "svg").decode()
    assert 'id="demo-tag"' in with_demo
    assert load_theme()["amber-s"] in with_demo


def test_the_text_of_the_pdf_can_be_selected_and_its_fonts_are_embedded(drawn) -> None:
    page = pypdf.PdfReader(io.BytesIO(write(drawn, "pdf"))).pages[0]
    assert "盐城市重点项目总投资分布图" in page.extract_text()
    fonts = [f.get_object() for f in page["/Resources"]["/Font"].values()]
    assert fonts
    assert all("/CharProcs" in f and "/ToUnicode" in f for f in fonts)
    width, height = (float(v) / 72 * 25.4 for v in page.mediabox[2:])
    assert (width, height) == pytest.approx((297, 210), abs=0.1)


@pytest.mark.parametrize(
    "extent", ["city", "320921", "320981", [119.6, 33.0, 120.4, 33.4]], ids=["city", "north", "south", "box"]
)
def test_the_bar_on_the_page_is_as_long_as_the_ground_between_two_drawn_points(extent) -> None:
    west, east = ("西", 119.9, 33.25), ("东", 120.1, 33.25)
    if extent == "320921":
        west, east = ("西", 119.6, 34.2), ("东", 119.9, 34.2)
    if extent == "320981":
        west, east = ("西", 120.4, 32.8), ("东", 120.7, 32.8)
    world = World([(n, lon, lat, "320903", "开工", 1, "surveyed", False, False) for n, lon, lat in (west, east)])
    made = report(world, extent=extent, layers=[{"id": "project"}], demo=False)
    svg = write(made, "svg")
    at = spots(group(svg, "layer-project")[0])
    ground = GEOD.inv(west[1], west[2], east[1], east[2])[2]
    metres_per_point = ground / np.hypot(*(at[0] - at[1]))
    bar = corners(group(svg, "scale-bar")[0])
    stated = made.bar.ground_m
    assert np.ptp(bar[:, 0]) * metres_per_point == pytest.approx(stated, rel=0.005)
    ratio = float(re.search(r"1 : ([\d,]+)", svg.decode()).group(1).replace(",", ""))
    assert metres_per_point / (0.0254 / 72) == pytest.approx(ratio, rel=0.005)


def test_the_bar_in_the_pixels() -> None:
    """The black bar of the PNG, counted in pixels, against the ratio and the ground it states."""
    drawn = report(dpi=300)
    image = pixels(write(drawn, "png"))
    bar, frame = drawn.bar, drawn.frame
    dark = (image.max(axis=2) < 70).astype(int)
    runs = []
    for row in dark:
        edges = np.flatnonzero(np.diff(np.r_[0, row, 0]))
        runs += [(b - a) for a, b in zip(edges[::2], edges[1::2], strict=True)]
    length = bar.ground_m / frame.ratio / 0.0254 * 300
    assert sum(abs(run - length) <= 0.005 * length for run in runs) >= 2, length  # both edges of the bar


def test_all_of_the_city_is_in_the_frame(drawn) -> None:
    border = corners(group(write(drawn, "svg"), "city-border")[0]) / 72 * 25.4
    frame = drawn.frame
    inner = (border[:, 0] > frame.x) & (border[:, 0] < frame.x + frame.w)
    assert inner.all()
    assert ((border[:, 1] > frame.y) & (border[:, 1] < frame.y + frame.h)).all()


def test_nothing_of_the_furniture_hides_the_city(drawn) -> None:
    svg = write(drawn, "svg")
    city = shapely.MultiPoint(corners(group(svg, "city-border")[0])).convex_hull
    for gid in ("scale-block", "inset"):
        assert not shapely.MultiPoint(corners(group(svg, gid)[0])).convex_hull.intersects(city), gid


def test_the_legend_has_the_classes_that_are_drawn(drawn) -> None:
    svg = write(drawn, "svg")
    fill = re.compile(r"fill: (#[0-9a-f]{6})")
    drawn_in = {
        code: fill.search(group(svg, f"area-{code}")[0].find(f"{SVG}path").get("style")).group(1)
        for code in ("320904", "320924", "320981", "320902")
    }
    legend = [fill.search(g.find(f"{SVG}path").get("style")).group(1) for g in group(svg, "legend-class")]
    classes = drawn.areas.classes
    assert legend == [c.color for c in classes]
    assert set(drawn_in.values()) == set(legend)
    for code, color in drawn_in.items():
        assert next(c.color for c in classes if code in c.codes) == color
    # 大丰 80, 射阳 30, 东台 10 亿元, the other six nothing
    assert [(c.text, len(c.codes)) for c in classes] == [("0", 6), ("10.0", 1), ("10.0–30.0", 1), ("30.0–80.0", 1)]


def test_no_data_is_hatched_and_not_the_lightest_class(tmp_path) -> None:
    made = report(World(no_data=("320902", "320903")))
    assert made.areas.none == ("320902", "320903")
    assert made.areas.color_of("320902") is None
    assert "无数据（2）" in pdf_text(write(made, "pdf"), tmp_path)
    assert "无数据" not in pdf_text(write(report(), "pdf"), tmp_path)


def test_one_element_a_thing_and_counts_in_the_legend(drawn) -> None:
    svg = write(drawn, "svg")
    placed = [p for p in PROJECTS if p[1] is not None and p[1] < 123]
    at = spots(group(svg, "layer-project")[0]) / 72 * 25.4
    expected = drawn.frame.place([p[1] for p in placed], [p[2] for p in placed])
    assert at[np.argsort(at[:, 0])] == pytest.approx(expected[np.argsort(expected[:, 0])], abs=0.05)
    assert len(group(svg, "layer-park")) == 2
    keys = {k.text for s in drawn.sections for k in s.keys}
    assert {"储备（1）", "签约（1）", "开工（2）", "达产（1）", "三未项目（1）", "演示数据（1）", "园区（2）"} <= keys
    assert not any(text.startswith(("竣工", "达效")) for text in keys)


def test_the_circles_of_the_legend_are_in_proportion(drawn) -> None:
    sizes = [np.ptp(corners(g)[:, 0]) for g in group(write(drawn, "svg"), "legend-size")]
    # 10, 50, 100 亿元: area in proportion to the value
    assert [s / sizes[2] for s in sizes] == pytest.approx([10**-0.5, 0.5**0.5, 1], rel=0.02)


@pytest.mark.parametrize("paper", PAPERS)
def test_every_paper_is_drawn_whole(paper: str) -> None:
    made = report(paper=paper, dpi=72)
    image = pixels(write(made, "png"))
    size = PAPERS[paper]
    expected = (size.height_mm / 25.4 * 72, size.width_mm / 25.4 * 72)
    assert image.shape[:2] == pytest.approx(expected, abs=1)
    assert len(np.unique(image.reshape(-1, 3), axis=0)) > 200
    margin = image[:4], image[-4:], image[:, :4], image[:, -4:]
    assert all((part == 255).all() for part in margin)  # nothing runs off the sheet


def test_the_same_recipe_makes_the_same_picture() -> None:
    assert write(report(dpi=72), "png") == write(report(dpi=72), "png")


@pytest.mark.parametrize("fmt", ["png", "pdf", "svg"])
def test_the_recipe_is_inside_and_makes_the_map_again(drawn, fmt: str) -> None:
    inside = json.loads(recipe_of(write(drawn, fmt)))
    assert parse_recipe(inside) == drawn.data.recipe
    assert inside["known_at"].startswith("2026-10-01T08:00")


def test_a_title_of_sixty_signs_and_long_names_stay_on_the_sheet(tmp_path) -> None:
    long = [(f"{'很长的项目名称' * 8}{i}", *p[1:]) for i, p in enumerate(PROJECTS)]
    made = report(World(long), title="图" * 60)
    text = pdf_text(write(made, "pdf"), tmp_path)
    assert "图" * 60 in text
    image = pixels(write(made, "png"))
    assert (image[:, -8:] == 255).all()


def test_an_empty_layer_is_a_map_that_says_so(tmp_path) -> None:
    text = pdf_text(write(report(World([]), layers=[{"id": "project"}]), "pdf"), tmp_path)
    assert "没有符合条件的记录" in text
    assert "合计0.0亿元，0个" in text


def test_points_alone_are_drawn_on_plain_counties() -> None:
    made = report(family="points", measure="n")
    assert made.areas is None
    assert next(s.title for s in made.sections).startswith("重点项目")


def test_the_measured_layer_need_not_be_drawn() -> None:
    made = report(family="map", layer="project", layers=[{"id": "park"}])
    assert made.data.summary.total.n == len(PROJECTS)
    assert [d.data.layer.id for d in made.drawn] == ["park", "project"]
    assert made.drawn[1].items == ()


def test_an_unknown_place_is_refused_with_the_known_ones() -> None:
    with pytest.raises(InputError, match="320904（大丰区）"):
        report(extent="110000")


def test_the_unit_axis_says_which_units_have_no_border(tmp_path) -> None:
    class Units(World):
        async def rollup(self, *args, **kwargs):
            body = await super().rollup(*args, **kwargs)
            body["rows"].append(
                {"code": "320971", "name": "盐城经济技术开发区", "value": 0, "n_features": 0, "n_missing": 0}
            )
            return body

    made = report(Units(), by="unit")
    text = pdf_text(write(made, "pdf"), tmp_path)
    assert "责任板块" in text
    assert "盐城经济技术开发区没有公开界线" in text


def test_gathering_fixes_both_dates() -> None:
    data = gathered(as_of=None, known_at=None)
    assert data.recipe.as_of is not None
    assert data.recipe.known_at is not None
    assert BASE["title"] == data.recipe.title


def test_the_sign_of_stalled_projects_is_dashed_in_the_legend_too() -> None:
    svg = write(report(layers=[{"id": "project"}]), "svg").decode()
    legend = svg[svg.index("三未项目") - 3000 : svg.index("三未项目")]
    assert "stroke-dasharray" in legend
    made = report(layers=[{"id": "project"}], dpi=300)
    words = next(w for w in made.sheet.words() if w.text.startswith("三未项目"))
    pixels = pixels_of(made.sheet, 300).astype(int)
    k = 300 / 25.4
    top, left = round((words.y - 2.5) * k), round((words.x - 6) * k)
    sign = pixels[top : top + round(3.2 * k), left : left + round(5 * k)]
    high, wide = np.nonzero(sign.min(axis=2) < 200)
    middle = ((high.min() + high.max()) / 2, (wide.min() + wide.max()) / 2)
    radius = (high.max() - high.min()) / 2 - 1.5
    turn = np.linspace(0, 2 * np.pi, 240, endpoint=False)
    at = np.round([middle[0] + radius * np.sin(turn), middle[1] + radius * np.cos(turn)]).astype(int)
    dark = sign[at[0], at[1]].min(axis=1) < 200
    assert np.count_nonzero(dark != np.roll(dark, 1)) >= 6  # lines and gaps in turn
