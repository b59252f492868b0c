import pytest

from app.pages.filters import Condition, filter_fields, label, parse_condition, to_cql2
from layers.registry import catalogue
from layers.store.filters import compile_filter

CAT = catalogue()
PROJECT = CAT.layer("project")


def test_no_condition_is_everything() -> None:
    assert to_cql2(PROJECT, ()) == ""


@pytest.mark.parametrize(
    ("condition", "cql2", "chip"),
    [
        (Condition("project", "stage", ("开工",)), "stage = '开工'", "阶段：开工"),
        (Condition("project", "stage", ("签约", "开工")), "stage IN ('签约', '开工')", "阶段：签约、开工"),
        (Condition("project", "stage", ("开工", "-")), "(stage = '开工' OR stage IS NULL)", "阶段：开工、未填写"),
        (Condition("project", "invest_cny", (), 1e9), "invest_cny >= 1000000000", "总投资 ≥ 10.0 亿元"),
        (Condition("project", "invest_cny", (), None, 5e8), "invest_cny <= 500000000", "总投资 ≤ 5.0 亿元"),
        (
            Condition("project", "invest_cny", (), 1e9, 5e9),
            "invest_cny >= 1000000000 AND invest_cny <= 5000000000",
            "总投资 10.0–50.0 亿元",
        ),
        (Condition("project", "is_industrial", ("1",)), "is_industrial = true", "是否工业项目：是"),
    ],
)
def test_one_condition(condition: Condition, cql2: str, chip: str) -> None:
    assert to_cql2(PROJECT, (condition,)) == cql2
    assert label(CAT, condition) == chip


def test_two_conditions_and_areas_all_hold() -> None:
    both = (Condition("project", "stage", ("开工",)), Condition("project", "invest_cny", (), 1e9))
    assert to_cql2(PROJECT, both, "unit", ("320971",)) == (
        "stage = '开工' AND invest_cny >= 1000000000 AND unit_code = '320971'"
    )
    assert to_cql2(PROJECT, (), "county", ("320902", "outside")) == "county_code IN ('320902', 'outside')"


def test_conditions_on_another_layer_do_not_count() -> None:
    assert to_cql2(PROJECT, (Condition("park", "level", ("省级",)),)) == ""


def test_a_quote_in_a_term_stays_text() -> None:
    assert to_cql2(PROJECT, (Condition("project", "park_key", ("a' OR '1'='1",)),)) == ("park_key = 'a'' OR ''1''=''1'")


def test_every_filter_of_every_layer_is_one_that_the_store_accepts() -> None:
    for layer in CAT.layers.values():
        held = []
        for spec in filter_fields(layer):
            text = "1~2" if spec.is_number else "2026-01-01~" if spec.type == "date" else "1,-"
            if spec.is_categorical:
                text = ",".join((*CAT.terms(spec)[:2], "-"))
            condition = parse_condition(CAT, layer, spec.id, text)
            assert condition is not None, (layer.id, spec.id)
            held.append(condition)
        text = to_cql2(layer, tuple(held), "county", ("320902", "unlocated"))
        found = compile_filter(layer, CAT, text, internal=False)
        assert {c.field for c in held} <= set(found.fields)


def test_internal_fields_are_no_filter() -> None:
    assert parse_condition(CAT, PROJECT, "leader", "张三") is None
    assert not [f for layer in CAT.layers.values() for f in filter_fields(layer) if f.internal]
