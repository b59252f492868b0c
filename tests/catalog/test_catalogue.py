"""The shipped catalogue holds what the design names, and no header can mean two things."""

import pytest

from layers.registry import catalogue
from layers.spec import Layer

DESIGNED = {
    "park": "level kind industries planned_mu built_mu available_mu zero_carbon_level green_level",
    "project": "project_code invest_cny industry_code kind tier is_industrial stage",
    "factory": "credit_code industry_code smart_level green_level zero_carbon_level fiveg_level",
    "enterprise": "credit_code industry_code is_above_scale revenue_class has_rd_unit energy_tce is_sample",
    "parcel": "park_key area_mu price_cny_per_mu land_use supply_mode industries plot_ratio"
    " invest_cny_per_mu tax_cny_per_mu energy_tce_per_10k_cny power_kva water_m3d gas_m3d steam_th"
    " sewage_m3d ready_date",
    "premises": "park_key floor_m2 rent_cny_per_m2_month floor_load_kn_m2 clear_height_m is_idle ready_date",
    "platform": "kind level host_code",
    "infrastructure": "kind capacity_mw fuel year",
    "constraint": "kind",
    "rd_project": "kind host_code",
    "growth_point": "invest_cny",
    "cluster": "industries lead_unit",
    "boundary": "code kind generation valid_from valid_to",
}
TOKENS = {f"s{i}" for i in range(1, 7)} | {f"v{i}" for i in range(1, 9)}
TOKENS |= {"sea", "reed", "flat", "amber", "m-park", "m-poi", "m-line", ""}
LAYERS = list(catalogue().layers.values())


def test_the_layers_are_those_of_the_design_in_drawing_order() -> None:
    assert set(DESIGNED) <= set(catalogue().layers)
    order = [layer.id for layer in LAYERS if layer.id in DESIGNED]
    assert order == [
        "boundary", "park", "project", "factory", "infrastructure", "enterprise", "parcel", "premises",
        "platform", "rd_project", "growth_point", "cluster", "constraint",
    ]  # fmt: skip
    assert {layer.id for layer in LAYERS if layer.visible} == {
        "park", "project", "factory", "infrastructure",
    }  # fmt: skip


@pytest.mark.parametrize("layer_id", DESIGNED)
def test_every_designed_field_is_there(layer_id: str) -> None:
    layer = catalogue().layer(layer_id)
    missing = [name for name in DESIGNED[layer_id].split() if layer.field(name) is None]
    assert missing == []


@pytest.mark.parametrize("layer", LAYERS, ids=lambda layer: layer.id)
def test_one_header_means_one_thing(layer: Layer) -> None:
    seen: dict[str, str] = {}
    twice = [(h, seen[h], what) for h, what in layer.headers() if seen.setdefault(h, what) != what]
    assert twice == []


@pytest.mark.parametrize("layer", LAYERS, ids=lambda layer: layer.id)
def test_every_event_type_can_come_from_a_flat_file(layer: Layer) -> None:
    for group in layer.events:
        assert set(group.date_aliases) == set(group.types), group.id
        if group.field and not group.levels:
            field = layer.field(group.field)
            assert field is not None
            assert set(group.types) <= set(catalogue().terms(field))


@pytest.mark.parametrize("layer", LAYERS, ids=lambda layer: layer.id)
def test_a_quantity_has_a_unit_and_a_person_is_internal(layer: Layer) -> None:
    bare = {"plot_ratio", "year", "grow_year", "storeys", "n_enterprises"}
    for field in layer.fields:
        if field.is_number and field.id not in bare:
            assert field.unit, field.id
        if field.id in ("leader", "contact", "contact_phone", "grid_capacity_mva", "channel_depth_m"):
            assert field.internal, field.id


def test_colours_are_theme_tokens_and_grouping_names_an_industry() -> None:
    vocabularies = catalogue().vocabularies
    used = {value.color for v in vocabularies.values() for value in v.values}
    assert used | {layer.style.color for layer in LAYERS} <= TOKENS
    industries = vocabularies["industry"]
    assert {v.group for v in industries.values} == {"传统", "战略", "未来", "其他"}
    assert {v.group for v in vocabularies["gbt4754"].values} <= {*industries.terms, ""}
    assert [v.value for v in vocabularies["gbt4754"].values] == [str(code) for code in range(13, 44)]


def test_layers_that_hold_real_facts_say_where_they_come_from() -> None:
    for layer_id in ("park", "project", "factory", "enterprise", "platform", "infrastructure", "constraint"):
        layer = catalogue().layer(layer_id)
        have = {f.id for f in layer.fields}
        assert {"facts", "source_url", "verification", "alias_names"} <= have, layer_id
