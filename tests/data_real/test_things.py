"""The real things: each once, where a source puts it, with what a source states."""

import csv
import json
import tomllib
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import shapely
from shapely.geometry import shape

from etl import facts
from geo.crs import geodesic_area_m2
from layers.registry import catalogue

SHAPEFILES = facts.SHAPEFILES
EXCERPTS = SHAPEFILES / "named_facts"
Records = dict[str, list[dict[str, str]]]


def read_csv(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


@pytest.fixture(scope="module")
def records() -> Records:
    """Every shipped record of a real thing by layer, as the import will see it."""
    found: Records = {}
    for layer in facts.LAYERS:
        found[layer] = [row for path in sorted((SHAPEFILES / layer).glob("*.csv")) for row in read_csv(path)]
    sketch = json.loads((SHAPEFILES / "park" / "huanghai_new_area.geojson").read_text(encoding="utf-8"))
    found["park"] += [f["properties"] for f in sketch["features"]]
    return found


def called(row: dict[str, str]) -> list[str]:
    return [row["名称"], *(a for a in row.get("别名", "").split("；") if a)]


def one(records: Records, layer: str, name: str) -> dict[str, str]:
    found = [row for row in records[layer] if name in called(row)]
    assert len(found) == 1, (name, [row["名称"] for row in found])
    return found[0]


def test_the_shipped_files_are_what_the_program_makes(tmp_path: Path) -> None:
    for layer in facts.LAYERS:
        (tmp_path / layer).mkdir()
        source = (SHAPEFILES / layer / "source.toml").read_bytes()
        (tmp_path / layer / "source.toml").write_bytes(source)
    facts.main(tmp_path)
    made = sorted(p.relative_to(tmp_path) for p in tmp_path.rglob("*.*"))
    shipped = sorted(p.relative_to(SHAPEFILES) for layer in facts.LAYERS for p in (SHAPEFILES / layer).iterdir())
    assert made == shipped
    different = [str(p) for p in made if (tmp_path / p).read_bytes() != (SHAPEFILES / p).read_bytes()]
    assert different == []


def test_counts(records: Records) -> None:
    assert {layer: len(rows) for layer, rows in records.items()} == {
        "park": 49, "project": 97, "factory": 11, "enterprise": 35, "platform": 15, "constraint": 5,
        "infrastructure": 13 + 40 + 15 + 101,
    }  # fmt: skip


def test_a_name_stands_for_one_thing(records: Records) -> None:
    for layer, rows in records.items():
        names = Counter(name for row in rows for name in called(row))
        twice = [name for name, n in names.items() if n > 1]
        assert twice == [], layer


def test_every_named_thing_of_every_excerpt_is_there_once(records: Records) -> None:
    things, _ = facts.build_things(EXCERPTS)
    listed = {f.name for f in facts.read_facts(EXCERPTS, ())}
    joined = {name for thing in things for name in (thing.name, *thing.names)}
    assert listed <= joined
    for thing in things:
        assert one(records, thing.layer, thing.name)["名称"] == thing.name


def test_every_thing_the_plan_names_is_there_with_its_clause(records: Records) -> None:
    for planned in read_csv(EXCERPTS / "plan_named_things.csv"):
        row = one(records, planned["kind"], planned["name"])
        assert planned["quote"] in row["已载事实"]


def test_every_record_names_its_source_and_the_unconfirmed_say_so(records: Records) -> None:
    mirrored = {r["name"] for r in read_csv(EXCERPTS / "named_facts.csv") if r["source_class"] == "mirror"}
    for rows in records.values():
        for row in rows:
            assert row["数据来源"].startswith(("http", "npm ", "WRI ", "盐城市加快推进")), row["名称"]
            assert row["核实状态"] in ("已核实", "待核实")
            if row["名称"] in mirrored:
                assert row["核实状态"] == "待核实", row["名称"]


def test_every_event_date_is_stated_of_its_thing() -> None:
    things, tables = facts.build_things(EXCERPTS)
    by_name = {(t.layer, t.name): t for t in things}
    assert sum(len(events) for events in tables.events.values()) == 27
    for key, events in tables.events.items():
        stated = " ".join(f"{f.date} {f.value} {f.source}" for f in by_name[key].facts)
        for event in events:
            assert event["date"] in stated or event["date"].replace("-", "") in stated, key


def test_a_bound_is_no_number_and_a_plan_is_no_stage(records: Records) -> None:
    for name in ("万邦达项目(环保科技城)", "皖维PVA", "比亚迪动力电池盐城基地", "蜂巢能源盐城动力电池项目"):
        row = one(records, "project", name)
        assert [row[c] for c in ("签约时间", "开工时间", "阶段")] == ["", "", ""], name
    assert one(records, "project", "万邦达项目(环保科技城)")["总投资（亿元）"] == ""
    assert one(records, "project", "韩国SK 30GWh动力电池项目")["开工时间"] == "2022-01-17"
    assert one(records, "project", "比亚迪动力电池二期项目")["开工时间"] == "2022-09-28"
    assert one(records, "project", "万恒高端装备制造项目")["总投资（亿元）"] == "5"


def test_the_state_level_zero_carbon_park_has_the_level_and_no_event(records: Records) -> None:
    row = one(records, "park", "大丰港经济开发区")
    assert row["零碳园区级别"] == "国家级"
    assert not any("零碳" in column and "日期" in column and row[column] for column in row)


def test_five_green_factories(records: Records) -> None:
    green = [row for row in records["factory"] if row["绿色工厂级别"]]
    assert len(green) == 5
    assert {(r["绿色工厂级别"], r["绿色工厂认定日期"], r["所属板块"]) for r in green} == {
        ("省级", "2025-12-15", "盐城经济技术开发区")
    }


def test_places_are_stated_and_known(records: Records) -> None:
    units = tomllib.loads((SHAPEFILES / "admin" / "units.toml").read_text(encoding="utf-8"))
    counties = {c["name"]: c["code"] for c in units["county"]}
    unit_names = {u["name"] for u in units["unit"]}
    townships = {(t["county"], t["name"]) for t in read_csv(SHAPEFILES / "admin" / "townships_mca_2026.csv")}
    for row in (row for rows in records.values() for row in rows):
        county, township = row.get("所属县区", ""), row.get("乡镇", "")
        assert county in counties or county == "", row["名称"]
        assert row.get("所属板块", "") in {*unit_names, ""}, row["名称"]
        assert township == "" or (county, township) in townships, row["名称"]
    assert one(records, "infrastructure", "盐城港响水港区")["所属县区"] == "响水县"
    assert one(records, "infrastructure", "盐城南洋机场")["经度"] == "120.203056"


def test_no_header_is_unknown_to_the_catalogue(records: Records) -> None:
    common = {"名称", "所属县区", "所属板块", "乡镇", "经度", "纬度", "位置精度", "数据日期"}
    for layer_id, rows in records.items():
        layer = catalogue().layer(layer_id)
        known = {a for f in layer.fields for a in (f.title, *f.aliases)}
        known |= {a for g in layer.events for aliases in g.date_aliases.values() for a in aliases}
        used = {column.split("（")[0] for row in rows for column in row} - common
        assert used <= known, layer_id


def test_terms_are_those_of_the_vocabularies(records: Records) -> None:
    for layer_id, rows in records.items():
        for field in catalogue().layer(layer_id).fields:
            if field.is_categorical:
                used = {row[field.title] for row in rows if row.get(field.title)}
                assert used <= set(catalogue().terms(field)), (layer_id, field.id)


def features(path: Path) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))["features"]
    return found


def test_huanghai_is_the_stated_size_and_spans_two_counties() -> None:
    area = shape(features(SHAPEFILES / "park" / "huanghai_new_area.geojson")[0]["geometry"])
    assert area.is_valid
    assert float(geodesic_area_m2([area])[0]) / 1e6 == pytest.approx(616, abs=0.1)
    counties = features(SHAPEFILES / "boundary" / "counties_cnmaps_2021.geojson")
    share = {f["properties"]["code"]: shape(f["geometry"]).intersection(area).area / area.area for f in counties}
    assert {code for code, part in share.items() if part > 0.01} == {"320921", "320922"}


@pytest.mark.parametrize(
    ("file", "total_km2"), [("counties_cnmaps_2021.geojson", 16_023), ("counties_tianditu.geojson", 15_524)]
)
def test_both_generations_hold_the_nine_counties(file: str, total_km2: float) -> None:
    found = features(SHAPEFILES / "boundary" / file)
    assert len(found) == 9
    assert len({f["properties"]["generation"] for f in found}) == 1
    shapes = [shape(f["geometry"]) for f in found]
    assert all(shapely.is_valid(shapes))
    area_km2 = geodesic_area_m2(shapes).sum() / 1e6
    assert area_km2 == pytest.approx(total_km2, abs=1)


def test_the_turbines_lie_in_the_sea_and_carry_no_capacity(records: Records) -> None:
    land = shapely.union_all(
        [shape(f["geometry"]) for f in features(SHAPEFILES / "boundary" / "counties_cnmaps_2021.geojson")]
    )
    turbines = [r for r in records["infrastructure"] if r["设施类型"] == "风机"]
    assert len(turbines) == 100
    assert not any(land.covers(shapely.Point(float(r["经度"]), float(r["纬度"]))) for r in turbines)
    assert not any(r.get("装机容量（MW）") for r in turbines)
