"""The profile: typed, hashed, refused in words; and the presets."""

import json

import pytest

from geo.criteria import CRITERIA
from geo.errors import InputError, NotFoundError
from layers.registry import catalogue
from layers.site import Profile, parse_profile, presets, read_profile
from layers.site_world import references

MINIMAL = {"version": 1, "criteria": [{"id": "price_wan", "weight": 1}]}


def test_the_same_brief_has_the_same_hash_with_its_defaults_written_out_or_not():
    short = parse_profile(MINIMAL)
    assert short.sha256() == parse_profile(short.model_dump(mode="json")).sha256()
    assert short.sha256() != parse_profile(MINIMAL | {"seed": 2}).sha256()
    assert parse_profile(json.loads(short.model_dump_json())) == short


@pytest.mark.parametrize(
    "change",
    [
        {"version": 2}, {"criteria": []}, {"criteria": [{"id": "moon"}]},
        {"criteria": [{"id": "price_wan", "weight": -1}]},
        {"criteria": [{"id": "price_wan"}, {"id": "price_wan"}]}, {"method": "magic"}, {"missing": "guess"},
        {"draws": 0}, {"draws": 10**9}, {"spread": 2}, {"industry": ["炼金"]}, {"surprise": 1},
        {"alternatives": {"layer": "drawn"}}, {"alternatives": {"layer": "parcel", "sites": {}}},
        {"criteria": [{"id": "price_wan", "weight": float("nan")}]},
        {"stakeholders": [{"name": "甲方", "weights": {"moon": 1}}]},
    ],
)  # fmt: skip
def test_a_wrong_brief_is_refused_by_name(change):
    with pytest.raises(InputError) as caught:
        parse_profile(MINIMAL | change)
    assert caught.value.details["fields"]


def test_weights_are_shares_and_parties_are_joined():
    two = {"criteria": [{"id": "price_wan", "weight": 3}, {"id": "power_mva", "weight": 1}]}
    assert parse_profile(MINIMAL | two).weights() == [0.75, 0.25]
    parties = [{"name": "甲方", "weights": {"price_wan": 1}}, {"name": "园区", "power": 3, "weights": {"power_mva": 9}}]
    assert parse_profile(MINIMAL | two | {"stakeholders": parties}).weights() == [0.25, 0.75]
    zero = {"criteria": [{"id": "price_wan", "weight": 0}]}
    with pytest.raises(InputError, match="0"):
        parse_profile(MINIMAL | zero).weights()


def test_a_file_that_is_no_profile_says_why(tmp_path):
    with pytest.raises(InputError, match="读不到"):
        read_profile(tmp_path / "none.json")
    for text, word in (("{", "JSON"), ("[]", "对象"), ('{"version": 1}', "criteria")):
        path = tmp_path / "brief.json"
        path.write_text(text, encoding="utf-8")
        with pytest.raises(InputError, match=word):
            read_profile(path)


def test_every_preset_is_a_whole_and_documented_profile():
    titles = {p.title for p in presets().values()}
    assert titles == {"汽车零部件", "动力电池", "光伏", "新材料（化工）", "电子信息", "数据中心", "海工装备"}
    for preset in presets().values():
        assert isinstance(preset.profile, Profile)
        assert len(preset.note) > 40
        assert preset.profile.industry
        layer = catalogue().layer(preset.profile.alternatives.layer)
        for limit in preset.profile.limits:
            assert limit.id in CRITERIA or limit.id in ("constraint", "park.kind") or layer.field(limit.id)
        for choice in preset.profile.criteria:
            for need in CRITERIA[choice.id].needs:
                assert getattr(preset.profile, need), (preset.id, choice.id, need)
    chemicals = presets()["chemicals"].profile
    assert [lim.value for lim in chemicals.limits if lim.id == "park.kind"] == [["化工园区"]]
    assert any(lim.id == "road_port_km" for lim in presets()["offshore_equipment"].profile.limits)


def test_reference_places_are_in_the_city_and_say_where_they_come_from():
    records, seats = references()
    assert set(seats) == {"亭湖区", "盐都区", "大丰区", "响水县", "滨海县", "阜宁县", "射阳县", "建湖县", "东台市"}
    for place in (*records.values(), *seats.values()):
        assert 119.4 < place.lonlat[0] < 121.0
        assert 32.6 < place.lonlat[1] < 34.6
        assert place.sigma_m > 0
        assert place.source


def test_an_unknown_layer_is_named():
    with pytest.raises(NotFoundError):
        catalogue().layer(parse_profile(MINIMAL | {"alternatives": {"layer": "moon"}}).alternatives.layer)
