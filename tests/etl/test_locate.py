"""Datum from evidence or a refusal; county, unit and township by place, else as declared; the accuracy."""

import json

import numpy as np
import pyproj
import pytest

from etl.gazetteer import Known
from geo.errors import DatumUndecidedError, InputError
from tests.etl.world import CENTRES, COUNTIES, csv_bytes, found, gazetteer, take

LON, LAT = CENTRES["320902"]


def gcj02(lon: float, lat: float) -> tuple[float, float]:
    """The public forward formulas, written out once more: the truth must not come from geo."""
    a, ee = 6378245.0, 0.00669342162296594323
    x, y = lon - 105.0, lat - 35.0
    s = np.sin
    d_lat = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * np.sqrt(abs(x))
    d_lon = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * np.sqrt(abs(x))
    both = (20 * s(6 * x * np.pi) + 20 * s(2 * x * np.pi)) * 2 / 3
    d_lat += both + (20 * s(y * np.pi) + 40 * s(y / 3 * np.pi)) * 2 / 3
    d_lat += (160 * s(y / 12 * np.pi) + 320 * s(y * np.pi / 30)) * 2 / 3
    d_lon += both + (20 * s(x * np.pi) + 40 * s(x / 3 * np.pi)) * 2 / 3
    d_lon += (150 * s(x / 12 * np.pi) + 300 * s(x / 30 * np.pi)) * 2 / 3
    radians = lat / 180 * np.pi
    magic = 1 - ee * s(radians) ** 2
    d_lat = d_lat * 180 / (a * (1 - ee) / (magic * np.sqrt(magic)) * np.pi)
    d_lon = d_lon * 180 / (a / np.sqrt(magic) * np.cos(radians) * np.pi)
    return lon + d_lon, lat + d_lat


def bd09(lon: float, lat: float) -> tuple[float, float]:
    x, y = gcj02(lon, lat)
    z = np.hypot(x, y) + 0.00002 * np.sin(y * np.pi * 3000 / 180)
    theta = np.arctan2(y, x) + 0.000003 * np.cos(x * np.pi * 3000 / 180)
    return z * np.cos(theta) + 0.0065, z * np.sin(theta) + 0.006


def gauss_kruger(epsg: int):
    forward = pyproj.Transformer.from_crs(4490, epsg, always_xy=True)
    return lambda lon, lat: forward.transform(lon, lat)


def plain(lon: float, lat: float) -> tuple[float, float]:
    return lon, lat


def turned(form):
    return lambda lon, lat: form(lon, lat)[::-1]


def located(prepared, name: str = "甲") -> tuple[float, float]:
    row = prepared.batch.rows.set_index("name").loc[name]
    return row.geom.x, row.geom.y


def table(form, first: str, second: str, title: str = "") -> bytes:
    points = {"甲": CENTRES["320902"], "乙": CENTRES["320903"], "丙": CENTRES["320904"], "丁": CENTRES["320981"]}
    lines = [title] if title else []
    lines.append(f"项目名称,{first},{second}")
    for name, (lon, lat) in points.items():
        x, y = form(lon, lat)
        lines.append(f"{name},{x!r},{y!r}".replace("np.float64(", "").replace(")", ""))
    return csv_bytes(*lines)


DECIDED = [
    (plain, "经度(WGS84)", "纬度(WGS84)", "", "wgs84"),
    (plain, "经度", "纬度", "坐标系：国家2000", "cgcs2000"),
    (plain, "GPS经度", "GPS纬度", "坐标：GPS", "wgs84"),
    (gcj02, "高德经度", "高德纬度", "坐标来源：高德", "gcj02"),
    (gcj02, "经度（GCJ02）", "纬度（GCJ02）", "", "gcj02"),
    (gcj02, "lng", "lat", "火星坐标", "gcj02"),
    (bd09, "经度（百度）", "纬度（百度）", "", "bd09"),
    (turned(bd09), "纬度（百度）", "经度（百度）", "", "bd09"),
    (gauss_kruger(4549), "X", "Y", "", "gk:120"),
    (turned(gauss_kruger(4549)), "X", "Y", "", "gk:120"),
    (turned(gauss_kruger(4549)), "X坐标", "Y坐标", "坐标系：CGCS2000", "gk:120"),
    (gauss_kruger(4528), "东坐标", "北坐标", "", "gk"),
    (turned(gauss_kruger(4528)), "X", "Y", "", "gk"),
    (gauss_kruger(4498), "横坐标", "纵坐标", "", "gk"),
]


@pytest.mark.parametrize(("form", "first", "second", "title", "used"), DECIDED)
def test_the_datum_is_found_from_what_the_file_shows(form, first: str, second: str, title: str, used: str) -> None:
    prepared = take(table(form, first, second, title), "a.csv")
    assert prepared.datum["used"] == used
    assert prepared.datum["evidence"]
    assert located(prepared) == pytest.approx((LON, LAT), abs=2e-7)
    assert list(prepared.batch.rows.county_code) == list(COUNTIES)
    assert set(prepared.batch.rows.location_accuracy) == {"surveyed"}


@pytest.mark.parametrize("form", [plain, gcj02, bd09])
def test_bare_degrees_are_refused_with_the_candidates(form) -> None:
    with pytest.raises(DatumUndecidedError) as refusal:
        take(table(form, "经度", "纬度"), "a.csv")
    assert [c["datum"] for c in refusal.value.details["candidates"]] == ["wgs84", "gcj02", "bd09"]
    assert "--datum" in refusal.value.cure


@pytest.mark.parametrize(("form", "datum"), [(plain, "wgs84"), (gcj02, "gcj02"), (bd09, "bd09")])
def test_a_stated_datum_is_used(form, datum: str) -> None:
    prepared = take(table(form, "经度", "纬度"), "a.csv", datum=datum)
    assert (prepared.datum["used"], prepared.datum["how"]) == (datum, "given")
    assert located(prepared) == pytest.approx((LON, LAT), abs=2e-7)
    original = json.loads(prepared.batch.rows.original[0])
    assert float(original["x"]) == pytest.approx(form(LON, LAT)[0])
    assert original["source"] == datum


@pytest.mark.parametrize(("form", "datum"), [(plain, "wgs84"), (gcj02, "gcj02"), (bd09, "bd09")])
@pytest.mark.parametrize("by", ["by_name", "by_key"])
def test_three_known_features_decide(form, datum: str, by: str) -> None:
    names = dict(zip("甲乙丙", CENTRES.values(), strict=False))
    prepared = take(table(form, "经度", "纬度"), "a.csv", places=gazetteer(known=Known(**{by: names})))
    assert (prepared.datum["used"], prepared.datum["how"]) == (datum, "known_features")


def test_two_known_features_do_not_decide() -> None:
    names = dict(zip("甲乙", CENTRES.values(), strict=False))
    with pytest.raises(DatumUndecidedError):
        take(table(gcj02, "经度", "纬度"), "a.csv", places=gazetteer(known=Known(by_name=names)))


def near_border(form, county: str, lon: float) -> bytes:
    """Points some 150 m from the border between 320902 and 320903, with their county declared."""
    lines = ["项目名称,县区,经度,纬度"]
    for k in range(4):
        x, y = form(lon, 33.01 + 0.02 * k)
        lines.append(f"点{k},{county},{float(x)!r},{float(y)!r}")
    return csv_bytes(*lines)


def test_declared_counties_decide_when_only_one_candidate_puts_all_points_there() -> None:
    prepared = take(near_border(plain, "盐都区", 120.1016), "a.csv")
    assert (prepared.datum["used"], prepared.datum["how"]) == ("wgs84", "counties")


def test_declared_counties_that_fit_several_candidates_do_not_decide() -> None:
    with pytest.raises(DatumUndecidedError) as refusal:
        take(near_border(gcj02, "亭湖区", 120.0984), "a.csv")  # as WGS 84 none would lie there
    counts = {c["datum"]: c["inside_declared"] for c in refusal.value.details["candidates"]}
    assert counts == {"wgs84": 0, "gcj02": 4, "bd09": 4}


def test_contradicting_words_are_refused() -> None:
    with pytest.raises(DatumUndecidedError, match="同时提到"):
        take(table(plain, "经度（高德）", "纬度（WGS84）"), "a.csv")


def test_old_datums_are_refused_with_a_cure() -> None:
    with pytest.raises(InputError, match="西安80"):
        take(table(gauss_kruger(4549), "X", "Y", "坐标系：西安80"), "a.csv")


def test_a_swapped_row_is_held_back_with_its_cure_or_fixed_by_policy() -> None:
    lines = ["项目名称,经度,纬度", "甲,120.05,33.05", "乙,120.06,33.06", "丙,33.05,120.05"]
    held = take(csv_bytes(*lines), "a.csv", datum="wgs84")
    assert found(held, "coordinate_swapped") == [4]
    assert held.batch.quarantine[0]["cells"] == {"项目名称": "丙", "经度": "33.05", "纬度": "120.05"}
    fixed = take(csv_bytes(*lines), "a.csv", datum="wgs84", swapped="fix")
    assert found(fixed, "coordinate_swapped_fixed") == [4]
    assert located(fixed, "丙") == (120.05, 33.05)


@pytest.mark.parametrize(
    ("cells", "kind"),
    [("0,0", "coordinate_zero"), ("120.05,", "coordinate_incomplete"), ("东经,33", "coordinate_unreadable"),
     ("10.5,33", "coordinate_out_of_range")],
)  # fmt: skip
def test_single_bad_coordinates(cells: str, kind: str) -> None:
    prepared = take(
        csv_bytes("项目名称,经度,纬度,县区", "甲,120.05,33.05,亭湖区", f"乙,{cells},亭湖区"), "a.csv", datum="wgs84"
    )
    assert found(prepared, kind) == [3]
    if kind == "coordinate_out_of_range":
        assert [q["row"] for q in prepared.batch.quarantine] == [3]
    else:
        row = prepared.batch.rows.iloc[1]
        assert (row.county_code, row.location_accuracy, row.geom) == ("320902", "county", None)


def row_of(*header_and_cells: str, **options):
    header, cells = header_and_cells
    prepared = take(csv_bytes(f"项目名称,{header}", f"甲,{cells}"), "a.csv", datum="wgs84", **options)
    return prepared, prepared.batch.rows.iloc[0]


@pytest.mark.parametrize(
    ("header", "cells", "county", "unit", "town", "accuracy"),
    [
        ("县区", "亭湖区", "320902", "320902", "unlocated", "county"),
        ("县区", "江苏省盐城市盐都县", "320903", "320903", "unlocated", "county"),
        ("县区", "320904", "320904", "320904", "unlocated", "county"),
        ("县区,乡镇", "亭湖区,步凤", "320902", "320971", "320902108", "township"),
        ("乡镇", "大中镇", "320904", "320904", "320904101", "township"),
        ("县区,乡镇", "盐都区,新丰镇", "320903", "320903", "320903102", "township"),
        ("乡镇", "新丰镇", "unlocated", "unlocated", "unlocated", "none"),
        ("所属板块", "盐城经开区", "320902", "320971", "unlocated", "county"),
        ("所属板块", "盐南高新区", "unlocated", "3209YN", "unlocated", "none"),
        ("所属板块", "东台市", "320981", "320981", "unlocated", "county"),
        ("县区", "经开区", "320902", "320971", "unlocated", "county"),
        ("地址", "盐城市大丰区大中镇人民路1号", "320904", "320904", "320904101", "township"),
        ("地址", "江苏省盐城经济技术开发区希望大道1号", "320902", "320971", "unlocated", "county"),
        ("县区", "", "unlocated", "unlocated", "unlocated", "none"),
        ("县区", "某地", "unlocated", "unlocated", "unlocated", "none"),
        ("经度,纬度", "120.05,33.05", "320902", "320902", "unlocated", "surveyed"),
        ("经度,纬度,所属板块", "120.05,33.05,盐南高新区", "320902", "3209YN", "unlocated", "surveyed"),
        ("经度,纬度", "121.5,33.05", "outside", "outside", "outside", "surveyed"),
        ("经度,纬度", "120.1,33.05", "320902", "320902", "unlocated", "surveyed"),  # the border: the lowest code
        ("经度,纬度,位置精度", "120.05,33.05,示意", "320902", "320902", "unlocated", "sketched"),
    ],
)
def test_where_a_record_counts(header: str, cells: str, county: str, unit: str, town: str, accuracy: str) -> None:
    _, row = row_of(header, cells)
    assert (row.county_code, row.unit_code, row.township_code, row.location_accuracy) == (county, unit, town, accuracy)


@pytest.mark.parametrize(
    ("header", "cells", "kind"),
    [
        ("县区,经度,纬度", "东台市,120.05,33.05", "county_mismatch"),
        ("县区,经度,纬度", "东台市,121.5,33.05", "county_outside"),
        ("所属板块,乡镇", "盐南高新区,步凤镇", "unit_mismatch_township"),
        ("县区,乡镇", "盐都区,步凤镇", "township_mismatch"),
        ("乡镇", "新丰镇", "township_ambiguous"),
        ("乡镇", "不存在镇", "township_unknown"),
        ("县区", "某地", "county_unknown"),
        ("所属板块", "某板块", "unit_unknown"),
    ],
)
def test_contradictions_are_issues_and_load(header: str, cells: str, kind: str) -> None:
    prepared, _ = row_of(header, cells)
    assert found(prepared, kind) == [2]
    assert not prepared.batch.quarantine


def test_a_county_mismatch_tells_the_distance() -> None:
    prepared, row = row_of("县区,经度,纬度", "盐都区,120.05,33.05")
    message = next(i.message for i in prepared.batch.issues if i.type == "county_mismatch")
    assert "4.7 公里" in message  # 0.05° of longitude at 33.05°N
    assert row.county_code == "320902"


def test_a_polygon_goes_to_its_largest_share_and_its_shares_sum() -> None:
    body = (
        '{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"名称":"跨界园区"},"geometry":'
        '{"type":"Polygon","coordinates":[[[120.08,33.02],[120.16,33.02],[120.16,33.06],[120.08,33.06],[120.08,33.02]]]}}]}'
    )
    prepared = take(body.encode(), "a.geojson", "park")
    row = prepared.batch.rows.iloc[0]
    assert (row.county_code, row.geom.geom_type) == ("320903", "MultiPolygon")
    shares = prepared.batch.shares.set_index("county_code").area_m2
    assert set(shares.index) == {"320902", "320903"}
    assert shares.sum() == pytest.approx(row.area_m2)
    assert shares["320903"] / shares.sum() == pytest.approx(0.75, abs=1e-3)


def test_a_bow_tie_is_repaired_and_a_point_of_a_polygon_layer_tells_the_place() -> None:
    coordinates = "[[[120.02,33.02],[120.06,33.06],[120.06,33.02],[120.02,33.06],[120.02,33.02]]]"
    shapes = [("甲", "Polygon", coordinates), ("乙", "Point", "[120.15,33.05]")]
    features = [
        f'{{"type":"Feature","properties":{{"地块编号":"{name}","名称":"{name}"}},'
        f'"geometry":{{"type":"{kind}","coordinates":{where}}}}}'
        for name, kind, where in shapes
    ]
    body = f'{{"type":"FeatureCollection","features":[{",".join(features)}]}}'
    prepared = take(body.encode(), "a.geojson", "parcel")
    assert found(prepared, "geometry_repaired") == [2]
    assert found(prepared, "geometry_kind") == [3]
    rows = prepared.batch.rows.set_index("name")
    assert rows.geom["甲"].is_valid
    assert (rows.geom["乙"], rows.county_code["乙"]) == (None, "320903")
    assert rows.geom_3857["乙"] is not None


def test_records_without_a_place_keep_their_spot_when_others_come() -> None:
    lines = ["项目名称,县区", *(f"项目{k},亭湖区" for k in range(40))]
    few = take(csv_bytes(*lines[:30]), "a.csv").batch.rows.set_index("name").geom_3857
    many = take(csv_bytes(*lines), "a.csv").batch.rows.set_index("name").geom_3857
    moved = [name for name in few.index if not few[name].equals(many[name])]
    assert len(moved) <= 1  # only two keys that meet on one of 1,024 spots give way
    assert len({p.wkt for p in many}) == 40
