"""A recipe says what is wrong with it: every key, and the cure."""

import pytest

from app.export.filter_words import describe_filter
from app.export.recipe import Recipe, check_recipe, parse_recipe
from geo.errors import InputError
from layers.registry import catalogue
from tests.export.world import BASE, NAMES


def problems(**changes: object) -> dict[str, str]:
    given = {k: v for k, v in (BASE | changes).items() if v != "ABSENT"}
    with pytest.raises(InputError) as caught:
        check_recipe(parse_recipe(given), catalogue())
    for item in caught.value.details["problems"]:
        assert item["key"] in str(caught.value)
        assert item["message"] in str(caught.value)
    return {item["key"]: item["message"] for item in caught.value.details["problems"]}


def test_the_contract_of_the_design_is_accepted() -> None:
    recipe = parse_recipe(BASE)
    assert (recipe.subject.id, recipe.is_filled, recipe.dpi) == ("project", True, 100)


@pytest.mark.parametrize("key", ["subtitle", "map_approval_no", "compiler"])
def test_null_says_that_there_is_no_such_text(key: str) -> None:
    assert getattr(parse_recipe(BASE | {key: None}), key) == ""


def test_a_recipe_survives_its_canonical_form() -> None:
    recipe = parse_recipe(BASE | {"extent": [119.9, 33.0, 120.9, 34.0], "demo": False})
    assert parse_recipe(recipe.canonical()) == recipe
    assert parse_recipe(recipe.canonical()).canonical() == recipe.canonical()


@pytest.mark.parametrize(
    ("changes", "key", "word"),
    [
        ({"version": 2}, "version", "1"),
        ({"family": "rainbow"}, "family", "choropleth（分级统计图）"),
        ({"layers": []}, "layers", "至少"),
        ({"layers": [{"id": "project"}, {"id": "project"}]}, "（整个配方）", "写了两次"),
        ({"layers": [{"id": "nothing"}]}, "layers.0.id", "没有图层"),
        ({"layers": [{"id": "park", "colour": "red"}]}, "layers.0.colour", "不认识的键"),
        ({"measure": "sum_nothing"}, "measure", "可用指标"),
        ({"measure": None}, "（整个配方）", "需要 measure"),
        ({"by": "park"}, "by", "county（属地口径）"),
        ({"extent": "盐城"}, "extent", "六位"),
        ({"extent": [121, 33, 120, 34]}, "extent", "西小于东"),
        ({"extent": [73, 18, 135, 53]}, "extent", "以内"),
        ({"extent": [120, 33, 120.001, 33.001]}, "extent", "太小"),
        ({"classes": {"scheme": "rainbow", "k": 5}}, "classes.scheme", "quantiles"),
        ({"classes": {"scheme": "equal", "k": 9}}, "classes.k", "7"),
        ({"title": "ABSENT"}, "title", "补上"),
        ({"title": "  "}, "（整个配方）", "标题是空的"),
        ({"title": "长" * 61}, "title", "太长"),
        ({"paper": "B5"}, "paper", "A4、"),
        ({"dpi": 5000}, "dpi", "600"),
        ({"as_of": "去年"}, "as_of", "2026-09-30"),
        ({"titel": "x"}, "titel", "不认识的键"),
    ],
)
def test_each_fault_is_named_with_its_cure(changes: dict, key: str, word: str) -> None:
    found = problems(**changes)
    assert word in found[key], found


def test_all_faults_are_listed_at_once() -> None:
    assert set(problems(family="rainbow", dpi=1, paper="B5")) == {"family", "dpi", "paper"}


@pytest.mark.parametrize("text", ["", "{", "[]", "null", '"x"', b"\xff\xfe", "{}" + " " * 30_000])
def test_what_is_no_recipe_is_refused(text: str | bytes) -> None:
    with pytest.raises(InputError):
        parse_recipe(text)


def test_a_recipe_is_frozen() -> None:
    recipe: Recipe = parse_recipe(BASE)
    with pytest.raises(ValueError, match="frozen"):
        recipe.title = "x"  # type: ignore[misc]


def test_a_filter_is_said_in_words() -> None:
    layer = catalogue().layer("project")
    said = describe_filter("invest_cny >= 1000000000 AND county_code IN ('320904','320981')", layer, NAMES)
    assert said == "总投资 ≥ 10 亿元 且 县（市、区）属于（大丰区、东台市）"
    assert (
        describe_filter("stage = '开工' OR invest_cny < 50000000", layer, NAMES) == "阶段 为 开工 或 总投资 < 0.5 亿元"
    )
    assert describe_filter("", layer, NAMES) == ""
