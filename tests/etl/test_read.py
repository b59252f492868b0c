"""Every reader: the files of DOMAIN.md as they really come, and the ones that must be refused."""

import io
import json
import struct
import zipfile
from pathlib import Path

import geopandas as gpd
import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from etl.collect import read_source
from etl.headers import Dictionary
from etl.read import read_file
from etl.table import DATE, NUMBER
from geo.errors import ReadError
from layers.registry import catalogue
from tests.etl.world import csv_bytes, xlsx_bytes, zip_bytes

KNOWN = Dictionary(catalogue().layer("project")).knows
HEADER = "项目名称,总投资（万元）,县区,经度,纬度"


def headers(table) -> list[str]:
    return [c.header for c in table.columns]


def cells(table, header: str) -> list[str | None]:
    return list(next(c for c in table.columns if c.header == header).cells)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "gb18030", "utf-16"])
@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_a_text_table_of_any_encoding_and_separator(encoding: str, separator: str) -> None:
    lines = [HEADER, "滨海港零碳产业园,1200,滨海县,120.16,33.35", "大丰风电,300,大丰区,,"]
    data = csv_bytes(*(line.replace(",", separator) for line in lines), encoding=encoding)
    table = read_file(data, "表.csv", known=KNOWN)
    assert headers(table) == HEADER.split(",")
    assert cells(table, "项目名称") == ["滨海港零碳产业园", "大丰风电"]
    assert cells(table, "经度") == ["120.16", None]
    assert list(table.row_numbers) == [2, 3]


def test_quotes_newlines_and_ragged_rows() -> None:
    data = csv_bytes("项目名称,县区", '"甲,乙\n丙",亭湖区', "丁", "戊,盐都区,多出来的", "", "己,大丰区")
    table = read_file(data, "a.csv", known=KNOWN)
    assert cells(table, "项目名称") == ["甲,乙\n丙", "丁", "戊", "己"]
    assert cells(table, "第3列") == [None, None, "多出来的", None]
    assert list(table.row_numbers) == [2, 3, 4, 6]


def test_titles_totals_and_notes_are_set_apart_with_their_rows() -> None:
    data = csv_bytes(
        "2026年重点项目表", "单位：万元", HEADER, "一、亭湖区,,,,", "甲,5,亭湖区,,", "小计,5,,,",
        "乙,6,盐都区,,", "合 计,11,,,",
        "注：含续建项目,,,,", "填表人：张三,,,,",
    )  # fmt: skip
    table = read_file(data, "a.csv", known=KNOWN)
    assert cells(table, "项目名称") == ["甲", "乙"]
    assert list(table.row_numbers) == [5, 7]
    assert [(s.row, s.reason) for s in table.skipped] == [
        (1, "title"), (2, "title"), (4, "heading"), (6, "total"), (8, "total"), (9, "note"), (10, "note"),
    ]  # fmt: skip
    assert "单位：万元" in table.notes


def test_a_workbook_with_a_title_merged_headers_notes_and_hidden_rows() -> None:
    rows = [
        ["2026年重点项目进度表", None, None, None, None],
        ["序号", "项目名称", "投资（万元）", None, "进度"],
        [None, None, "总投资", "已完成", "开工时间"],
        [1, "甲", 1200, 30.5, "2026.3"],
        [2, "乙", 800, None, "2026年4月"],
        [3, "丙", 10, None, None],
        ["合计", None, 2010, None, None],
    ]
    data = xlsx_bytes(rows, ("A1:E1", "A2:A3", "B2:B3", "C2:D2"), hidden=(5,))
    table = read_file(data, "a.xlsx", known=KNOWN)
    assert headers(table) == ["序号", "项目名称", "投资（万元）/总投资", "投资（万元）/已完成", "进度/开工时间"]
    assert cells(table, "项目名称") == ["甲", "乙", "丙"]
    assert cells(table, "投资（万元）/已完成") == ["30.5", None, None]
    assert list(table.row_numbers) == [4, 5, 6]
    assert table.hidden_rows == {5}
    assert [(s.row, s.reason) for s in table.skipped] == [(1, "title"), (7, "total")]


def test_a_cell_merged_downwards_belongs_to_all_its_rows() -> None:
    rows = [["县区", "项目名称"], ["亭湖区", "甲"], [None, "乙"], ["盐都区", "丙"]]
    table = read_file(xlsx_bytes(rows, ("A2:A3",)), "a.xlsx", known=KNOWN)
    assert cells(table, "县区") == ["亭湖区", "亭湖区", "盐都区"]


def test_dates_and_numbers_keep_what_they_were() -> None:
    import datetime as dt

    rows = [["项目名称", "开工时间", "总投资", "联系电话"], ["甲", dt.date(2026, 3, 5), 2026.1, 13800000000]]
    table = read_file(xlsx_bytes(rows), "a.xlsx", known=KNOWN)
    assert [c.cells[0] for c in table.columns] == ["甲", "2026-03-05", "2026.1", "13800000000"]
    kinds = [0 if c.kinds is None else int(c.kinds[0]) for c in table.columns]
    assert kinds == [0, DATE, NUMBER, NUMBER]


def test_one_sheet_a_county_is_read_as_one_and_others_are_named() -> None:
    head = ["项目名称", "总投资（万元）", "开工时间"]
    data = xlsx_bytes(
        [head, ["甲", 1, None]], 盐都区=[head, ["乙", 2, None], ["丙", 3, None]], 填表说明=[["请按要求填写"], ["谢谢"]]
    )
    table = read_file(data, "a.xlsx", known=KNOWN)
    assert cells(table, "项目名称") == ["甲", "乙", "丙"]
    assert list(table.sheets) == ["Sheet", "盐都区", "盐都区"]
    assert list(table.row_numbers) == [2, 2, 3]
    assert [(s.reason, s.text) for s in table.skipped] == [("sheet_other", "填表说明")]
    only = read_file(data, "a.xlsx", sheet="盐都区", known=KNOWN)
    assert cells(only, "项目名称") == ["乙", "丙"]
    with pytest.raises(ReadError, match="没有工作表"):
        read_file(data, "a.xlsx", sheet="不存在", known=KNOWN)


def write_shapefile(folder: Path, encoding: str, crs: int = 4490) -> dict[str, bytes]:
    frame = gpd.GeoDataFrame(
        {"名称": ["滨海港零碳产业园", "大丰港经开区"], "面积": [12.5, None]},
        geometry=[shapely.box(120, 33, 120.1, 33.1), shapely.box(120.1, 33.1, 120.2, 33.2)],
        crs=crs,
    )
    frame.to_file(folder / "园区.shp", encoding=encoding)
    return {p.suffix: p.read_bytes() for p in folder.iterdir() if p.stem == "园区"}


@pytest.mark.parametrize("encoding", ["GBK", "UTF-8"])
@pytest.mark.parametrize("label", [None, b"UTF-8", b"GBK"])
@pytest.mark.parametrize("gbk_names", [True, False])
def test_a_zipped_shapefile_whatever_its_cpg_says(
    tmp_path: Path, encoding: str, label: bytes | None, gbk_names: bool
) -> None:
    parts = write_shapefile(tmp_path, encoding)
    parts.pop(".cpg", None)
    if label is not None:
        parts[".cpg"] = label
    files = {f"数据/园区{suffix}": data for suffix, data in parts.items()}
    table = read_file(zip_bytes(files, gbk_names), "园区.zip", known=KNOWN)
    assert headers(table) == ["名称", "面积"]
    assert cells(table, "名称") == ["滨海港零碳产业园", "大丰港经开区"]
    assert cells(table, "面积") == ["12.5", None]
    assert "China" in table.crs or "CGCS" in table.crs
    assert table.geometry is not None
    assert table.geometry[0].area == pytest.approx(0.01)


@pytest.mark.parametrize("missing", [".shx", ".prj", ".dbf"])
def test_a_shapefile_without_one_of_its_parts(tmp_path: Path, missing: str) -> None:
    parts = write_shapefile(tmp_path, "GBK")
    del parts[missing]
    table = read_file(zip_bytes({f"a{s}": d for s, d in parts.items()}), "a.zip", known=KNOWN)
    assert len(table) == 2
    assert missing in table.evidence["missing"]
    assert table.geometry is not None
    assert (table.crs == "") == (missing == ".prj")


def test_a_shapefile_by_its_folder_and_its_shp(tmp_path: Path) -> None:
    write_shapefile(tmp_path, "GBK")
    by_folder, by_file = read_file(tmp_path, "园区"), read_file(tmp_path / "园区.shp", "园区.shp")
    assert cells(by_folder, "名称") == cells(by_file, "名称") == ["滨海港零碳产业园", "大丰港经开区"]


def test_a_shapefile_without_its_shp_says_what_is_missing(tmp_path: Path) -> None:
    parts = write_shapefile(tmp_path, "GBK")
    with pytest.raises(ReadError, match=r"缺少 \.shp"):
        read_file(zip_bytes({"a.dbf": parts[".dbf"]}), "a.zip")


@pytest.mark.parametrize(("driver", "name"), [("GPKG", "a.gpkg"), ("GeoJSON", "a.geojson"), ("KML", "a.kml")])
def test_spatial_files(tmp_path: Path, driver: str, name: str) -> None:
    frame = gpd.GeoDataFrame(
        {"Name": ["甲", "乙"], "总投资": [1.5, None]}, geometry=[shapely.Point(120.16, 33.35), None], crs=4326
    )
    frame.to_file(tmp_path / name, driver=driver)
    table = read_file(tmp_path / name, name, known=KNOWN)
    assert cells(table, "Name")[:1] == ["甲"]
    assert table.geometry is not None
    assert (table.geometry[0].x, table.geometry[0].y) == pytest.approx((120.16, 33.35))


def test_a_kmz_of_a_phone_with_two_folders() -> None:
    placemark = "<Placemark><name>{}</name><Point><coordinates>{},33.3,5</coordinates></Point></Placemark>"
    folders = "".join(
        f"<Folder><name>{f}</name>{placemark.format(f, x)}</Folder>" for f, x in (("甲", 120.1), ("乙", 120.2))
    )
    kml = f'<?xml version="1.0"?><kml xmlns="http://www.opengis.net/kml/2.2"><Document>{folders}</Document></kml>'
    table = read_file(zip_bytes({"doc.kml": kml.encode()}), "a.kmz")
    assert cells(table, "Name") == ["甲", "乙"]


def test_geojson_in_gbk_with_nested_values_and_no_shape() -> None:
    feature = {"type": "Feature", "properties": {"名称": "甲", "标签": ["a", "b"], "规上": True}, "geometry": None}
    data = json.dumps({"type": "FeatureCollection", "features": [feature]}, ensure_ascii=False).encode("gbk")
    table = read_file(data, "a.json")
    assert [c.cells[0] for c in table.columns] == ["甲", '["a", "b"]', "是"]
    assert table.evidence["encoding"] == "gb18030"


def bomb() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.csv", b"0" * (300 << 20))
    return out.getvalue()


def lying_bomb() -> bytes:
    """A zip whose directory says one byte for an entry that unpacks to many."""
    data = bytearray(zip_bytes({"a.csv": b"0" * 100_000}))
    for signature, at in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        start = data.index(signature)
        data[start + at : start + at + 4] = struct.pack("<I", 1)
    return bytes(data)


def encrypted_zip() -> bytes:
    data = bytearray(zip_bytes({"a.csv": b"name\n1"}))
    for signature, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        start = data.index(signature)
        data[start + at] |= 1
    return bytes(data)


OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 500
REFUSED = {
    "empty": (b"", "a.csv", "空"),
    "blank": (b"\r\n\r\n", "a.csv", "空"),
    "binary": (bytes(range(256)) * 20, "a.csv", "二进制"),
    "bomb": (bomb(), "a.zip", "压缩比"),
    "lying bomb": (lying_bomb(), "a.zip", "损坏"),
    "traversal": (zip_bytes({"../../etc/a.csv": b"a\n1"}), "a.zip", "路径"),
    "absolute": (zip_bytes({"/etc/a.csv": b"a\n1"}), "a.zip", "路径"),
    "encrypted zip": (encrypted_zip(), "a.zip", "密码"),
    "encrypted xlsx": (OLE + "EncryptedPackage".encode("utf-16-le"), "a.xlsx", "密码"),
    "truncated xlsx": (xlsx_bytes([["项目名称"], ["甲"]])[:-300], "a.xlsx", "损坏"),
    "text named xlsx": (b"name\n1\n", "a.xlsx", "内容却不是"),
    "zip named xlsx": (zip_bytes({"a.txt": b"x"}), "a.xlsx", "不是 xlsx"),
    "entity": (
        zip_bytes({"xl/workbook.xml": b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "c">]><workbook/>'}),
        "a.xlsx", "实体",
    ),
    "kml entity": (b'<?xml version="1.0"?><!DOCTYPE kml [<!ENTITY a "b">]><kml/>', "a.kml", "实体"),
    "vrt named kml": (b"<OGRVRTDataSource><OGRVRTLayer/></OGRVRTDataSource>", "a.kml", "已拒绝"),
    "truncated geojson": (b'{"type":"FeatureCollection","features":[{"type":', "a.geojson", "损坏"),
    "geojson of nothing": (b'{"type":"Topology"}', "a.geojson", "FeatureCollection"),
    "broken gpkg": (b"SQLite format 3\0" + b"\1" * 500, "a.gpkg", "损坏"),
    "unknown": (b"%PDF-1.7 x", "a.pdf", "不支持"),
    "two files": (zip_bytes({"a.csv": b"a\n1", "b.csv": b"a\n1"}), "a.zip", "只打包一份"),
    "deep geojson": (b"[" * 100_000, "a.geojson", "GeoJSON"),
    "deep features": (b'{"type":"FeatureCollection","features":' + b"[" * 100_000, "a.geojson", "损坏"),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_read_is_refused_in_a_sentence(case: str) -> None:
    data, name, words = REFUSED[case]
    with pytest.raises(ReadError, match=words) as refusal:
        read_file(data, name)
    assert refusal.value.cure


NAMES = st.sampled_from(["a.csv", "a.xlsx", "a.zip", "a.geojson", "a.kml", "a.kmz", "a.gpkg", "a.dxf", "a.txt", "a"])
STARTS = st.sampled_from(
    [b"", b"PK\x03\x04", b"SQLite format 3\0", b"{", b"\xef\xbb\xbf", b"<kml", b"\xd0\xcf\x11\xe0"]
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(start=STARTS, data=st.binary(max_size=400), name=NAMES)
def test_no_bytes_crash_a_reader(start: bytes, data: bytes, name: str) -> None:
    try:
        table = read_file(start + data, name)
    except ReadError as refusal:
        assert refusal.message
    else:
        assert all(len(c.cells) == len(table) for c in table.columns)


VALID = {
    "a.xlsx": xlsx_bytes([["项目名称", "县区"], ["甲", "亭湖区"]]),
    "a.geojson": b'{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"a":1},"geometry":null}]}',
    "a.csv": csv_bytes("项目名称,县区", "甲,亭湖区", encoding="gbk"),
}


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(name=st.sampled_from(sorted(VALID)), at=st.integers(0, 10_000), byte=st.integers(0, 255), cut=st.booleans())
def test_a_damaged_file_is_read_or_refused(name: str, at: int, byte: int, cut: bool) -> None:
    data = bytearray(VALID[name])
    at %= len(data)
    data[at] = byte
    try:
        read_file(bytes(data[:at] if cut else data), name)
    except ReadError as refusal:
        assert refusal.cure


@pytest.mark.parametrize(
    "page",
    [
        b"<html><body><table><tr><td> </td></tr></table></body></html>",
        b"\xef\xbb\xbf<!DOCTYPE html>\n<html>",
        b'<html xmlns:x="urn:schemas-microsoft-com:office:excel"><head></head>',
        b"  <table border=1><tr><th></th></tr></table>",
    ],
)
@pytest.mark.parametrize("name", ["a.xls", "a.xlsx", "a.csv"])
def test_a_web_page_without_a_table_by_the_name_of_a_workbook_is_called_one(page: bytes, name: str) -> None:
    with pytest.raises(ReadError) as refused:
        read_file(page, name)
    assert "网页" in refused.value.message and "另存为" in refused.value.cure and "xlsx" in refused.value.cure


@pytest.mark.parametrize("name", ["a.zip", "a.xlsx", "a.xls", "a.gpkg", "a.geojson", "a.kml", "a.dxf", "a.kmz"])
@pytest.mark.parametrize(
    "data", [b"PK\x03\x04broken", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1broken", b"SQLite format 3\0broken"]
)
def test_a_refusal_speaks_chinese_only(name: str, data: bytes) -> None:
    with pytest.raises(ReadError) as refused:
        read_file(data, name)
    assert "reason" not in refused.value.details


def test_what_the_system_refuses_is_said_in_chinese(tmp_path: Path) -> None:
    long = tmp_path / ("长" * 200 + ".csv")
    with pytest.raises(ReadError) as refused:
        read_source(long)
    assert "文件名太长" in refused.value.message
