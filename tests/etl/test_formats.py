"""Old workbooks, boundary points, drawings, and formulas that nobody computed."""

import io
from pathlib import Path

import geopandas
import openpyxl
import pyogrio
import pyproj
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from etl.headers import Dictionary
from etl.read import read_file
from geo.crs import geodesic_area_m2
from geo.errors import InputError, ReadError
from layers.registry import catalogue
from tests.etl.world import found, take, xlsx_bytes

OLD = (Path(__file__).parent / "files" / "old.xls").read_bytes()
KNOWN = Dictionary(catalogue().layer("project")).knows


def test_an_old_workbook_reads_like_a_new_one() -> None:
    made = take(OLD, "项目.xls")
    rows = made.batch.rows.set_index("name")
    assert rows["invest_cny"].to_dict() == {"甲": 12_345_000, "乙": 120_000_000, "丙": None}
    assert made.batch.n_read == 3
    assert found(made, "total_row") == [8]
    assert found(made, "hidden_row") == [6]
    assert len(found(made, "sheet_hidden")) == 1
    assert sorted(str(e) for e in made.batch.events["event_date"]) == ["2026-03-05", "2026-03-31"]
    assert [c["header"] for c in made.batch.reading.columns] == [
        "项目名称", "县区", "进度/开工时间", "进度/竣工时间", "总投资",
    ]  # fmt: skip


@pytest.mark.parametrize("cut", [600, 2000, len(OLD) - 1500])
def test_an_old_workbook_cut_off_is_refused(cut: int) -> None:
    with pytest.raises(ReadError):
        read_file(OLD[:cut], "a.xls", known=KNOWN)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(st.integers(512, len(OLD) - 1), st.integers(0, 255)), min_size=1, max_size=20))
def test_an_old_workbook_with_wrong_bytes_is_read_or_refused(changes: list[tuple[int, int]]) -> None:
    data = bytearray(OLD)
    for at, value in changes:
        data[at] = value
    try:
        table = read_file(bytes(data), "a.xls", known=KNOWN)
    except ReadError:
        return
    assert all(len(c.cells) == len(table) for c in table.columns)


def points(*parcels: str, zone: str = "40", system: str = "2000国家大地坐标系", degrees: str = "3") -> bytes:
    head = f"[属性描述]\r\n格式版本号=1.01\r\n坐标系={system}\r\n几度分带={degrees}\r\n投影类型=高斯克吕格\r\n" \
           f"计量单位=米\r\n带号={zone}\r\n精度=0.001\r\n转换参数=0,0,0,0,0,0,0\r\n[地块坐标]\r\n"  # fmt: skip
    return (head + "\r\n".join(parcels) + "\r\n").encode("gb18030")


def ring(number: int, x: float, y: float, size: float, start: int = 1) -> str:
    corners = [(x, y), (x + size, y), (x + size, y + size), (x, y + size), (x, y)]
    return "\r\n".join(f"J{start + i % 4},{number},{a:.3f},{b:.3f}" for i, (a, b) in enumerate(corners))


def at(epsg: int, lon: float = 120.05, lat: float = 33.05) -> tuple[float, float]:
    east, north = pyproj.Transformer.from_crs(4490, epsg, always_xy=True).transform(lon, lat)
    return north, east


@pytest.mark.parametrize(
    ("epsg", "zone", "degrees", "with_zone"),
    [(4528, "40", "3", True), (4549, "40", "3", False), (4498, "20", "6", True), (4509, "20", "6", False),
     (4528, "", "3", True)],
)  # fmt: skip
def test_boundary_points_become_parcels(epsg: int, zone: str, degrees: str, with_zone: bool) -> None:
    x, y = at(epsg)
    assert (y > 1e7) is with_zone
    data = points(
        "10,0.96,DK001,一号地,面,I50G,工业用地,地上,@", ring(1, x, y, 100), ring(2, x + 10, y + 10, 20, 5),
        "5,1.0,DK002,二号地,面,I50G,工业用地,地上,@", ring(1, x, y + 200, 100),
        zone=zone, degrees=degrees,
    )  # fmt: skip
    made = take(data, "界址点.txt", "parcel")
    rows = made.batch.rows
    assert rows["parcel_no"].to_list() == ["DK001", "DK002"]
    assert rows["name"].to_list() == ["一号地", "二号地"]
    assert rows["area_mu"].to_list() == pytest.approx([14.4, 15.0])
    assert rows["area_m2"].to_list() == pytest.approx([9600, 10_000], rel=3e-3)
    assert len(rows["geom"][0].geoms[0].interiors) == 1
    assert shapely.get_coordinates(rows["geom"][0])[0] == pytest.approx((120.05, 33.05), abs=1e-7)
    assert rows["county_code"].to_list() == ["320902", "320902"]
    assert rows["location_accuracy"].to_list() == ["surveyed", "surveyed"]
    assert float(geodesic_area_m2([rows["geom"][0]])[0]) == pytest.approx(9600, rel=3e-3)


def test_two_rings_apart_are_two_parts_and_mu_is_recognised() -> None:
    x, y = at(4528)
    data = points("10,30.0,DK1,甲,面,,,,@", ring(1, x, y, 100), ring(2, x, y + 300, 100))
    made = take(data, "a.txt", "parcel")
    assert len(made.batch.rows["geom"][0].geoms) == 2
    assert made.batch.rows["area_mu"].to_list() == pytest.approx([30.0])


def test_an_area_that_agrees_in_no_unit_is_not_taken() -> None:
    x, y = at(4528)
    made = take(points("5,77,DK1,甲,面,,,,@", ring(1, x, y, 100)), "a.txt", "parcel")
    assert made.batch.rows["area_mu"][0] is None
    assert made.batch.rows["extra"][0]["所填面积"] == "77"


@pytest.mark.parametrize("lost", ["J4", "north"])
def test_points_that_are_missing_hold_the_parcel_back(lost: str) -> None:
    x, y = at(4528)
    whole = ring(1, x, y, 100).splitlines()
    lines = whole[:2] if lost == "J4" else [*whole[:3], "J4,1,,"]
    made = take(
        points("5,1.0,DK1,甲,面,,,,@", *lines, "5,1.0,DK2,乙,面,,,,@", ring(1, x, y + 200, 100)), "a.txt", "parcel"
    )
    assert [q["cells"]["地块名称"] for q in made.batch.quarantine] == ["甲"]
    assert made.batch.rows["name"].to_list() == ["乙"]


def test_what_boundary_points_are_refused_for() -> None:
    x, y = at(4528)
    with pytest.raises(ReadError, match="带号"):
        take(points("5,1,DK1,甲,面,,,,@", ring(1, x, y, 100), zone="39"), "a.txt", "parcel")
    with pytest.raises(InputError, match="换算参数"):
        take(points("5,1,DK1,甲,面,,,,@", ring(1, x, y, 100), system="1980西安坐标系"), "a.txt", "parcel")
    with pytest.raises(ReadError, match="没有地块"):
        take(points(), "a.txt", "parcel")


def test_a_drawing_is_read_with_its_layer_as_name(tmp_path: Path) -> None:
    path = tmp_path / "a.dxf"
    line = shapely.LineString([(40_500_000, 3_660_000), (40_500_100, 3_660_000), (40_500_100, 3_660_100)])

    geopandas.GeoDataFrame({"Layer": ["园区道路"]}, geometry=[line], crs=4528).to_file(path, driver="DXF")
    assert pyogrio.list_layers(path)[0][0] == "entities"
    with pytest.raises(ReadError, match="名称"):
        take(path.read_bytes(), "a.dxf", "infrastructure")
    made = take(path.read_bytes(), "a.dxf", "infrastructure", columns={"Layer": "name"})
    assert made.datum["used"] == "gk"
    assert made.batch.rows["name"].to_list() == ["园区道路"]


def test_a_formula_without_a_value_is_said() -> None:
    book = openpyxl.Workbook()
    for row in (["项目名称", "总投资（万元）"], ["甲", 100], ["乙", "=B2*2"]):
        book.active.append(row)

    out = io.BytesIO()
    book.save(out)
    made = take(out.getvalue(), "a.xlsx")
    assert found(made, "formula_uncomputed") == [3]
    assert made.batch.rows["invest_cny"].to_list() == [1_000_000, None]


def test_sheets_in_different_units_are_each_read_in_their_own() -> None:
    rows = [["单位：万元"], ["项目名称", "总投资"], ["甲", 1]]
    more = [["单位：亿元"], ["项目名称", "总投资"], ["乙", 1]]
    assert take(xlsx_bytes(rows, 盐都=more), "a.xlsx").batch.rows["invest_cny"].to_list() == [10**4, 10**8]
    assert take(xlsx_bytes(rows, 盐都=more), "a.xlsx", sheet="盐都").batch.rows["invest_cny"].to_list() == [10**8]
