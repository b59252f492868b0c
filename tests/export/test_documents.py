"""Atlas, brief and official documents read back as an office program reads them."""

import io
import json
import subprocess
import zipfile
from pathlib import Path

import docx
import openpyxl
import pptx
import pypdf
import pytest
from pptx.enum.chart import XL_CHART_TYPE

from app.export.atlas import FIRST, count_pages, write_atlas
from app.export.context import load_context
from app.export.document import Chapter, Document, Grid, brief_of
from app.export.figures import differences
from app.export.official import notice_document, site_document, targets_document
from app.export.products import Order
from app.export.render import write
from app.export.reuse import figures_in, recipe_of
from app.export.slides import write_pptx
from app.export.story import FEWEST, ranks
from app.export.theme import load_theme
from app.export.word import write_docx
from geo.errors import InputError
from tests.export.world import DATA_DIR, NAMES, PROJECTS, World, report, told

EVIL = '=HYPERLINK("x")<&>\x07{{7*7}}'


@pytest.fixture(scope="module")
def story():
    return told(World(earlier=PROJECTS[:2]), house="city")


@pytest.fixture(scope="module")
def atlas(story) -> bytes:
    return write_atlas(story, load_context(DATA_DIR), load_theme())


@pytest.fixture(scope="module")
def brief(story) -> Document:
    return brief_of(story, write(report(dpi=80), "png"))


def words(text: str) -> str:
    return "".join(text.split())


def test_the_atlas_has_a_page_for_each_area_with_the_same_legend(atlas, story) -> None:
    reader = pypdf.PdfReader(io.BytesIO(atlas))
    n = len(NAMES) + FIRST - 1
    assert len(reader.pages) == count_pages(story) == n
    texts = [words(page.extract_text()) for page in reader.pages]
    for i, text in enumerate(texts, start=1):
        assert f"第{i}页，共{n}页" in text
        assert "内部使用" in text
        assert "演示数据" in text
    classes = [c for s in report().sections if s.wide for c in (k.text for k in s.keys)]
    assert len(classes) >= 3
    for place, text in zip(story.places, texts[FIRST - 1 :], strict=True):
        assert f"{place.name}·盐城市重点项目总投资分布图" in text
        assert all(words(c) in text for c in classes)
        for found in place.findings:
            assert words(found) in text
        assert len(place.findings) == 3
    assert all(name in texts[0] for name in NAMES.values())


def test_the_atlas_has_bookmarks_links_and_its_recipe(atlas, story) -> None:
    reader = pypdf.PdfReader(io.BytesIO(atlas))
    marks = [(x.title, reader.get_destination_page_number(x)) for x in reader.outline]
    assert marks == [("目录", 0), ("全市", 1), *((p.name, FIRST - 1 + i) for i, p in enumerate(story.places))]
    links = [a.get_object() for a in reader.pages[0]["/Annots"]]
    assert len(links) == len(marks) - 1
    assert json.loads(recipe_of(atlas)) == json.loads(story.data.recipe.canonical())
    held = figures_in(atlas)
    assert [r[2] for r in held["rows"]][:9] == [p.value for p in story.places]


def test_a_family_without_areas_makes_no_atlas() -> None:
    single = told(family="single", feature="park:0", layers=[{"id": "project"}], measure="n")
    with pytest.raises(InputError, match="图集不能用"):
        count_pages(single)


def test_ranks_are_shared_by_equals_and_withheld_from_ratios_of_few(story) -> None:
    main = story.main
    order = ranks(main)
    zeros = [r.code for r in main.rows if r.value == 0]
    assert len({order[c] for c in zeros}) == 1
    assert order["320904"] == 1
    means = type(main)(**{**main.__dict__, "extensive": False})
    assert set(ranks(means)) == {r.code for r in means.rows if r.n >= FEWEST}


def test_the_words_say_what_the_figures_say(story) -> None:
    dafeng = next(p for p in story.places if p.code == "320904")
    assert dafeng.findings[0] == "总投资 80.0 亿元，居第 1 位（共 9），占全市 61.5%。"
    assert dafeng.findings[1] == "与 2026-01-01 持平。"
    dongtai = next(p for p in story.places if p.code == "320981")
    assert dongtai.findings[0].endswith("占全市 7.7%，比前一位射阳县少 20.0 亿元。")
    assert dongtai.findings[1] == "比 2026-01-01 增加 10.0 亿元，增量居第 2 位。"
    assert story.findings[1] == "全市总投资比 2026-01-01 增加 50.0 亿元（+62.5%），射阳县增加最多（30.0 亿元）。"


def test_a_county_with_nothing_has_its_page_and_says_so(story) -> None:
    empty = next(p for p in story.places if p.n == 0)
    assert empty.findings[0].startswith("总投资 0.0 亿元")
    assert empty.findings[1:] == ("与 2026-01-01 持平。", "共 0 个，占全市 0.0%。")


def chart_workbook(package: bytes, folder: str) -> list[list[object]]:
    with zipfile.ZipFile(io.BytesIO(package)) as held:
        name = next(n for n in held.namelist() if n.startswith(f"{folder}/embeddings/"))
        sheet = openpyxl.load_workbook(io.BytesIO(held.read(name))).active
        return [list(row) for row in sheet.iter_rows(values_only=True)]


def test_the_word_brief_has_native_tables_and_a_chart_that_can_be_edited(brief, story) -> None:
    content = write_docx(brief)
    opened = docx.Document(io.BytesIO(content))
    text = "\n".join(p.text for p in opened.paragraphs)
    for word in (brief.title, "内部使用", "演示数据", "要点", "来源与口径", *story.findings):
        assert word in text, word
    table = [[c.text for c in row.cells] for row in opened.tables[0].rows]
    assert table[0][:3] == ["位次", "县（市、区）", "总投资（亿元）"]
    assert table[1][:4] == ["1", "大丰区", "80.0", "61.5"]
    assert table[-1][1:3] == ["合计", "130.0"]
    assert [row[1] for row in table[-3:]] == ["界外", "未定位", "合计"]
    charts = [p for p in opened.part.package.iter_parts() if "chart" in str(p.partname) and p.blob.startswith(b"<?xml")]
    assert len(charts) == 1
    assert b"barChart" in charts[0].blob
    rows = chart_workbook(content, "word")
    assert rows[1][0] == "大丰区"
    assert rows[1][1] == pytest.approx(80.0)
    assert len(opened.inline_shapes) == 2  # the map and the chart
    assert json.loads(recipe_of(content)) == json.loads(story.data.recipe.canonical())


def test_the_slides_have_native_tables_and_charts(brief) -> None:
    content = write_pptx(brief)
    deck = pptx.Presentation(io.BytesIO(content))
    shapes = [s for slide in deck.slides for s in slide.shapes]
    charts = [s.chart for s in shapes if s.has_chart]
    assert [c.chart_type for c in charts] == [XL_CHART_TYPE.COLUMN_CLUSTERED]
    assert next(iter(charts[0].plots[0].categories)) == "大丰区"
    assert charts[0].plots[0].series[0].values[0] == pytest.approx(80.0)
    tables = [s.table for s in shapes if s.has_table]
    assert tables[0].cell(1, 1).text == "大丰区"
    assert sum(s.shape_type == 13 for s in shapes) == 1  # a picture
    for slide in deck.slides:
        assert any("内部使用" in s.text_frame.text for s in slide.shapes if s.has_text_frame)
        for s in slide.shapes:
            assert s.left >= 0
            assert s.left + s.width <= deck.slide_width
    assert differences(figures_in(content), json.loads(brief.figures)) == []


def test_the_users_template_gives_the_styles_and_none_of_its_text(brief) -> None:
    template = docx.Document()
    template.add_paragraph("模板里的旧话")
    template.styles["Heading 1"].font.name = "FangSong"
    template.sections[0].header.paragraphs[0].text = "某某局文件"
    held = io.BytesIO()
    template.save(held)
    made = docx.Document(io.BytesIO(write_docx(brief, held.getvalue())))
    assert "旧话" not in "".join(p.text for p in made.paragraphs)
    assert made.styles["Heading 1"].font.name == "FangSong"
    assert made.sections[0].header.paragraphs[0].text == "某某局文件"
    assert any(p.style.name == "Heading 1" and p.text == "要点" for p in made.paragraphs)
    deck = pptx.Presentation()
    deck.slides.add_slide(deck.slide_layouts[0]).shapes.title.text = "旧片"
    held = io.BytesIO()
    deck.save(held)
    made = pptx.Presentation(io.BytesIO(write_pptx(brief, held.getvalue())))
    assert (made.slide_width, made.slide_height) == (deck.slide_width, deck.slide_height)
    assert "旧片" not in "".join(s.text_frame.text for x in made.slides for s in x.shapes if s.has_text_frame)
    with pytest.raises(InputError, match="模板不是可用的"):
        write_docx(brief, b"PK\x03\x04nonsense")


def test_an_office_program_opens_them_without_repair(brief, tmp_path: Path) -> None:
    """LibreOffice prints what it reads: the charts and tables are there, and nothing of the text is lost."""
    files = {"a.docx": write_docx(brief), "b.pptx": write_pptx(brief)}
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
    command = [
        "soffice",
        f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}",
        "--headless",
        "--convert-to",
        "pdf",
    ]
    subprocess.run([*command, "--outdir", tmp_path, *(tmp_path / n for n in files)], check=True, capture_output=True)
    for name in ("a.pdf", "b.pdf"):
        text = words("".join(p.extract_text() for p in pypdf.PdfReader(tmp_path / name).pages))
        for word in ("盐城市重点项目总投资分布图", "内部使用", "大丰区", "130.0", "来源与口径", "EPSG:4549"):
            assert word in text, (name, word)


def test_text_from_the_data_stays_text() -> None:
    plain = Document("题", "", "内部使用", False, (Chapter(EVIL, (EVIL,), grid=Grid(("名",), ((EVIL,),))),), (EVIL,))
    kept = EVIL.replace("\x07", "")
    opened = docx.Document(io.BytesIO(write_docx(plain)))
    assert opened.tables[0].cell(1, 0).text == kept
    assert any(p.text == kept for p in opened.paragraphs)
    deck = pptx.Presentation(io.BytesIO(write_pptx(plain)))
    cells = [s.table.cell(1, 0).text for slide in deck.slides for s in slide.shapes if s.has_table]
    assert cells == [kept]


def test_a_long_table_goes_on_over_slides() -> None:
    rows = tuple((str(i), "长" * 60) for i in range(40))
    plain = Document("题", "", "内部使用", False, (Chapter("表", grid=Grid(("号", "名"), rows)),), ())
    deck = pptx.Presentation(io.BytesIO(write_pptx(plain)))
    tables = [s.table for slide in deck.slides for s in slide.shapes if s.has_table]
    assert [t.cell(r, 0).text for t in tables for r in range(1, len(t.rows))] == [r[0] for r in rows]


def target(ident: str, **changes: object) -> dict[str, object]:
    plain = {
        "id": ident, "kind": "target", "alias_of": "", "indicator": f"指标{ident}", "comparator": ">=",
        "target": 10, "unit": "个", "value": 4, "status": "behind", "reason": "少 6 个。", "owners": ["市工信局"],
        "found": {"n_demo": 0},
    }  # fmt: skip
    return plain | changes


def test_a_departments_targets_are_its_own_once_each() -> None:
    rows = [
        target("A"), target("B", alias_of="A"), target("C", owners=["市商务局"]),
        target("D", status="met", value=12, reason="已达。"), target("E", kind="list", status="met"),
        target("F", kind="milestone", status="info"), target("G", kind="threshold", status="info"),
    ]  # fmt: skip
    body = {"as_of": "2026-06-30", "document": {"title": "工作要点"}, "rows": rows}
    made = targets_document(body, "市工信局")
    grid = next(c.grid for c in made.chapters if c.grid)
    assert [r[0] for r in grid.rows] == [f"指标{x}" for x in "ADEFG"]
    assert grid.rows[0] == ("指标A", "≥ 10", "4", "个", "滞后")
    assert made.chapters[0].texts[0] == (
        "市工信局共 2 个目标（重复的只计一次）：已达 1 项、滞后 1 项。另有清单规模 1 项：已达 1 项。"
        "门槛和里程碑 2 项，没有要完成的数量，只列出。"
    )
    assert not made.has_demo
    with pytest.raises(InputError, match="市文旅局") as caught:
        targets_document(body, "市文旅局")
    assert "市商务局、市工信局" in caught.value.cure


def test_a_circular_names_who_is_late() -> None:
    item = {
        "layer": "project", "title": "重点项目进展", "owner": "大丰区", "code": "320904", "due": "2026-11-05",
        "state": "overdue", "state_title": "逾期未到", "days": 23, "waiting": 0, "files": [],
    }  # fmt: skip
    body = {
        "period": "2026-10", "first": "2026-10-01", "last": "2026-10-31", "on": "2026-11-28",
        "items": [item, item | {"owner": "东台市", "state": "received", "state_title": "已到", "days": 0}],
        "summary": {"received": 1, "late": 0, "returned": 0, "overdue": 1, "due": 0}, "figures": [],
    }  # fmt: skip
    made = notice_document(body)
    late = next(c for c in made.chapters if c.title == "逾期和退回")
    assert [r[0] for r in late.grid.rows] == ["大丰区"]
    assert made.title == "2026年10月数据报送情况通报"
    opened = docx.Document(io.BytesIO(write_docx(made)))
    assert [len(t.rows) for t in opened.tables] == [2, 3]


def test_a_site_report_says_the_ranking_and_what_was_excluded() -> None:
    row = {
        "rank": 1, "name": "甲地块", "score": 0.8, "p_first": 0.96, "p_top10": 1.0, "confidence": 0.7, "is_demo": True,
        "values": {"land_price": 21.0, "park_level": 2}, "contributions": {"land_price": 0.5},
    }  # fmt: skip
    criteria = [
        {"id": "land_price", "title": "地价", "unit": "万元/亩", "objective": "min", "source": "挂牌价", "weight": 0.6},
        {"id": "park_level", "title": "园区级别", "unit": "", "objective": "max", "source": "认定", "weight": 0.4,
         "labels": ["无", "市级", "省级"]},
    ]  # fmt: skip
    body = {
        "ranked": [row], "criteria": criteria, "excluded": [{"title": "可用面积", "rule": "area"}] * 3, "n": 4,
        "n_excluded": 3, "data": [], "notes": ["注"], "is_demo": True, "as_of": "2026-09-30",
        "sentence": "甲地块领先。",
        "method": "wsm", "missing": "exclude", "draws": 100, "seed": 1, "profile_sha256": "ab" * 32,
    }  # fmt: skip
    made = site_document(body, "选址报告", customer="某企业")
    assert made.has_demo
    titles = [c.title for c in made.chapters]
    assert titles == ["结论", "排序", "准则与权重", "第 1 位：甲地块", "排除"]
    found = dict(zip(titles, made.chapters, strict=True))
    assert found["第 1 位：甲地块"].grid.rows == (("地价", "21 万元/亩", "50.0"), ("园区级别", "省级", "—"))
    assert found["排除"].grid.rows == (("可用面积", "3"),)
    write_docx(made)
    write_pptx(made)


@pytest.mark.parametrize(("kind", "fmt", "word"), [("poster", "pdf", "atlas（县区图集）"), ("atlas", "docx", "pdf")])
def test_what_is_not_made_is_refused_with_what_is(kind: str, fmt: str, word: str) -> None:
    with pytest.raises(InputError) as caught:
        Order(kind, fmt, {})
    assert word in caught.value.cure
