"""Shapefiles, KML, GeoJSON, GeoPackage, DXF, boundary points, and archives that must not be opened."""

from __future__ import annotations

import io
import json
import sqlite3
import struct
import tempfile
import zipfile
from pathlib import Path
from typing import Any

import pyproj

from tests.data.messy.case import case

Ring = list[tuple[float, float]]
NAMES = ["甲园区", "乙园区"]
SQUARES: list[Ring] = [
    [(120.02, 33.02), (120.02, 33.04), (120.04, 33.04), (120.04, 33.02), (120.02, 33.02)],
    [(120.12, 33.12), (120.12, 33.14), (120.14, 33.14), (120.14, 33.12), (120.12, 33.12)],
]
COUNTIES = {"甲园区": {"county_code": "320902"}, "乙园区": {"county_code": "320981"}}
CGCS2000 = (
    'GEOGCS["GCS_China_Geodetic_Coordinate_System_2000",DATUM["D_China_2000",SPHEROID["CGCS2000",6378137.0,298.257222101]],'
    'PRIMEM["Greenwich",0.0],UNIT["Degree",0.0174532925199433]]'
)


def shp(rings: list[Ring], kind: int = 5) -> tuple[bytes, bytes]:
    """Write polygons (5) or polygons with Z (15) as .shp and .shx."""
    records, index, at = b"", b"", 50
    for number, ring in enumerate(rings, start=1):
        xs, ys = [p[0] for p in ring], [p[1] for p in ring]
        body = struct.pack("<i4d2i", kind, min(xs), min(ys), max(xs), max(ys), 1, len(ring)) + struct.pack("<i", 0)
        body += b"".join(struct.pack("<2d", *p) for p in ring)
        if kind == 15:
            body += struct.pack("<2d", 5.0, 5.0) + struct.pack(f"<{len(ring)}d", *[5.0] * len(ring))
        records += struct.pack(">2i", number, len(body) // 2) + body
        index += struct.pack(">2i", at, len(body) // 2)
        at += 4 + len(body) // 2
    every = [p for ring in rings for p in ring]
    box = (min(p[0] for p in every), min(p[1] for p in every), max(p[0] for p in every), max(p[1] for p in every))

    def head(size: int) -> bytes:
        return struct.pack(">7i", 9994, 0, 0, 0, 0, 0, size) + struct.pack("<2i8d", 1000, kind, *box, 0, 0, 0, 0)

    return head(50 + len(records) // 2) + records, head(50 + len(index) // 2) + index


def dbf(names: list[str], encoding: str, deleted: tuple[int, ...] = (), header: str = "名称") -> bytes:
    """Write a dBase table with one text column."""
    size = 40
    field = header.encode(encoding)[:10].ljust(11, b"\0") + b"C" + b"\0" * 4 + bytes([size, 0]) + b"\0" * 14
    out = struct.pack("<4BIHH20x", 3, 126, 3, 5, len(names), 32 + 32 + 1, size + 1) + field + b"\r"
    for i, name in enumerate(names):
        out += (b"*" if i in deleted else b" ") + name.encode(encoding)[:size].ljust(size)
    return out + b"\x1a"


def packed(files: dict[str, bytes], gbk: bool = False) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            info = zipfile.ZipInfo(name, (2026, 3, 5, 0, 0, 0))
            if gbk:  # as Chinese Windows writes them: GBK bytes and no flag for UTF-8
                info.filename = name.encode("gbk").decode("cp437")
            archive.writestr(info, data, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def parts(encoding: str = "gbk", prj: str | None = CGCS2000, **more: Any) -> dict[str, bytes]:
    shapes, index = shp(more.get("rings", SQUARES), more.get("kind", 5))
    made = {".shp": shapes, ".shx": index, ".dbf": dbf(NAMES, encoding, more.get("deleted", ()))}
    return made if prj is None else made | {".prj": prj.encode()}


def folder(made: dict[str, bytes], stem: str = "park") -> dict[str, bytes]:
    return {stem + suffix: data for suffix, data in made.items()}


PARK: dict[str, Any] = {
    "layer": "park",
    "read": 2,
    "keys": tuple(NAMES),
    "rows": COUNTIES,
    "datum": ("cgcs2000", "file"),
}


@case("gbk_without_cpg.zip", **PARK)
def _gbk() -> bytes:
    return packed(folder(parts()))


@case("cpg_says_gbk_is_utf8.zip", **PARK)
def _lying() -> bytes:
    return packed(folder(parts("utf-8") | {".cpg": b"GBK"}))


@case("cpg_says_utf8_is_gbk.zip", **PARK)
def _lying_too() -> bytes:
    return packed(folder(parts() | {".cpg": b"UTF-8"}))


@case("gbk_names_inside.zip", **PARK)
def _names() -> bytes:
    return packed(folder(parts(), "数据/园区"), gbk=True)


@case("upper_case_and_macosx.zip", **PARK)
def _upper() -> bytes:
    made = {name.upper(): data for name, data in folder(parts()).items()}
    return packed(made | {"__MACOSX/._park.shp": b"junk", "readme.txt": b"x"})


@case("no_shx.zip", **PARK)
def _no_shx() -> bytes:
    return packed(folder({k: v for k, v in parts().items() if k != ".shx"}))


@case("no_prj.zip", layer="park", refused="不能确定坐标系")
def _no_prj() -> bytes:
    return packed(folder(parts(prj=None)))


@case("no_prj_but_said.zip", **(PARK | {"options": {"datum": "wgs84"}, "datum": ("wgs84", "given")}))
def _no_prj_said() -> bytes:
    return packed(folder(parts(prj=None)))


@case("no_dbf.zip", layer="park", refused="没有找到.*名称列")
def _no_dbf() -> bytes:
    return packed(folder({k: v for k, v in parts().items() if k != ".dbf"}))


@case("no_shp.zip", layer="park", refused=r"缺少 \.shp")
def _no_shp() -> bytes:
    return packed(folder({k: v for k, v in parts().items() if k != ".shp"}))


@case("two_shapefiles.zip", layer="park", refused="2 个 shapefile")
def _two() -> bytes:
    return packed(folder(parts(), "a") | folder(parts(), "b"))


@case(
    "a_deleted_record.zip",
    layer="park",
    read=1,
    skipped=1,
    issues={"deleted_row": [3]},
    keys=("甲园区",),
    datum=("cgcs2000", "file"),
)
def _deleted() -> bytes:
    return packed(folder(parts(deleted=(1,))))


@case("with_heights.zip", **PARK)
def _heights() -> bytes:
    return packed(folder(parts(kind=15)))


@case("a_short_dbf.zip", layer="park", refused=r"\.dbf 文件不完整")
def _short() -> bytes:
    made = parts()
    return packed(folder(made | {".dbf": made[".dbf"][:-30]}))


def _plane(epsg: int) -> list[Ring]:
    forward = pyproj.Transformer.from_crs(4490, epsg, always_xy=True).transform
    return [[forward(*p) for p in ring] for ring in SQUARES]


@case("prj_of_a_chinese_software.zip", **(PARK | {"datum": ("gk:120", "file")}))
def _dialect() -> bytes:
    prj = (
        'PROJCS["CGCS2000_3_Degree_GK_CM_120E",GEOGCS["GCS_CGCS2000",DATUM["D_CGCS_2000",SPHEROID["CGCS_2000",6378137,'
        '298.257222101]],PRIMEM["Greenwich",0],UNIT["Degree",0.0174532925199433]],PROJECTION["Gauss_Kruger"],'
        'PARAMETER["False_Easting",500000],PARAMETER["False_Northing",0],PARAMETER["Central_Meridian",120],'
        'PARAMETER["Scale_Factor",1],PARAMETER["Latitude_Of_Origin",0],UNIT["Meter",1]]'
    )
    return packed(folder(parts(prj=prj, rings=_plane(4549))))


@case("prj_that_proj_refuses.zip", **(PARK | {"datum": ("gk", "file")}))
def _broken_prj() -> bytes:
    prj = 'PROJCS["2000国家大地坐标系_40带",PARAMETER["Central_Meridian",120.0],PARAMETER["False_Easting",40500000.0]'
    return packed(folder(parts(prj=prj, rings=_plane(4528))))


@case("prj_of_xian80.zip", layer="park", refused="换算参数")
def _xian() -> bytes:
    return packed(folder(parts(prj=CGCS2000.replace("GCS_China_Geodetic_Coordinate_System_2000", "GCS_Xian_1980"))))


@case("zip_bomb.zip", refused="压缩比")
def _bomb() -> bytes:
    return packed({"a.csv": b"0" * (90 << 20)})


@case("path_traversal.zip", refused="包外的路径")
def _traversal() -> bytes:
    return packed({"../../etc/a.csv": b"a\n1"})


@case("windows_path.zip", refused="包外的路径")
def _windows() -> bytes:
    return packed({"C:\\temp\\a.csv": b"a\n1"})


@case("encrypted.zip", refused="密码")
def _encrypted() -> bytes:
    data = bytearray(packed({"a.csv": "项目名称\n甲".encode()}))
    for signature, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(signature) + at] |= 1
    return bytes(data)


@case("truncated.zip", refused="不完整或已损坏")
def _truncated() -> bytes:
    return packed(folder(parts()))[:-60]


@case("a_csv_in_a.zip", read=1, keys=("甲",))
def _inner() -> bytes:
    return packed({"表格/项目.csv": "项目名称,县区\n甲,亭湖区".encode("gbk")}, gbk=True)


def features(*items: tuple[str, Any], **more: Any) -> bytes:
    made = [{"type": "Feature", "properties": {"名称": n}, "geometry": g} for n, g in items]
    return json.dumps({"type": "FeatureCollection", "features": made} | more, ensure_ascii=False).encode("utf-8")


def polygon(*rings: Ring) -> dict[str, Any]:
    return {"type": "Polygon", "coordinates": [[list(p) for p in r] for r in rings]}


POINT = {"type": "Point", "coordinates": [120.05, 33.05]}


@case("by_the_standard.geojson", layer="park", read=2, keys=tuple(NAMES), rows=COUNTIES, datum=("wgs84", "format"))
def _geojson() -> bytes:
    return features(*((n, polygon(r)) for n, r in zip(NAMES, SQUARES, strict=True)))


@case("gbk.geojson", read=1, keys=("甲",), datum=("wgs84", "format"), at={"甲": (120.05, 33.05)})
def _geojson_gbk() -> bytes:
    return features(("甲", POINT)).decode().encode("gbk")


@case("with_a_crs_member.geojson", read=1, keys=("甲",), datum=("gk:120", "file"), at={"甲": (120.05, 33.05)})
def _geojson_crs() -> bytes:
    east, north = pyproj.Transformer.from_crs(4490, 4549, always_xy=True).transform(120.05, 33.05)
    crs = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::4549"}}
    return features(("甲", {"type": "Point", "coordinates": [east, north]}), crs=crs)


@case(
    "shapes_with_faults.geojson",
    layer="park",
    read=5,
    held=1,
    keys=("蝴蝶结", "重复的环", "没有图形", "一个点"),
    datum=("wgs84", "format"),
    issues={"geometry_repaired": [2, 3], "geometry_unreadable": [5], "unlocated": [4]},
)
def _faults() -> bytes:
    tie = [(120.02, 33.02), (120.06, 33.06), (120.06, 33.02), (120.02, 33.06), (120.02, 33.02)]
    return features(
        ("蝴蝶结", polygon(tie)),
        ("重复的环", polygon(SQUARES[0], SQUARES[0])),
        ("没有图形", None),
        ("坏图形", {"type": "Polygon", "coordinates": [[["a", 1]]]}),
        ("一个点", POINT),
    )


@case("truncated.geojson", refused="损坏")
def _cut() -> bytes:
    return features(("甲", POINT))[:-20]


@case("deeply_nested.geojson", refused="GeoJSON")
def _deep() -> bytes:
    return b'{"type":"FeatureCollection","features":' + b"[" * 100_000


KML = '<?xml version="1.0" encoding="UTF-8"?><kml xmlns="http://www.opengis.net/kml/2.2"><Document>{}</Document></kml>'
MARK = "<Placemark><name>{}</name><Point><coordinates>{},{},5</coordinates></Point></Placemark>"


@case(
    "phone.kml", read=2, keys=("甲", "乙"), datum=("wgs84", "format"), at={"甲": (120.05, 33.05), "乙": (120.15, 33.05)}
)
def _kml() -> bytes:
    marks = f"<Folder><name>一</name>{MARK.format('甲', 120.05, 33.05)}</Folder>"
    return KML.format(marks + f"<Folder><name>二</name>{MARK.format('乙', 120.15, 33.05)}</Folder>").encode()


@case("phone.kmz", read=1, keys=("甲",), datum=("wgs84", "format"), at={"甲": (120.05, 33.05)})
def _kmz() -> bytes:
    return packed({"doc.kml": KML.format(MARK.format("甲", 120.05, 33.05)).encode(), "files/a.png": b"x"})


@case("a_kml_that_says_amap.kml", refused="不能确定坐标系|高德")
def _kml_amap() -> bytes:
    return KML.format("<name>高德导出</name>" + MARK.format("甲", 120.05, 33.05)).encode()


@case("entities.kml", refused="实体")
def _kml_entity() -> bytes:
    return b'<?xml version="1.0"?><!DOCTYPE kml [<!ENTITY a SYSTEM "file:///etc/hostname">]><kml>&a;</kml>'


@case("a_redirect.kml", refused="已拒绝")
def _vrt() -> bytes:
    return b'<OGRVRTDataSource><OGRVRTLayer name="a"/></OGRVRTDataSource>'


@case("two_layers.gpkg", layer="park", read=1, keys=("甲园区",), datum=("cgcs2000", "file"))
def _gpkg() -> bytes:
    import geopandas
    import shapely

    with tempfile.TemporaryDirectory() as home:
        path = Path(home) / "a.gpkg"
        frame = geopandas.GeoDataFrame({"名称": ["甲园区"]}, geometry=[shapely.Polygon(SQUARES[0])], crs=4490)
        frame.to_file(path, layer="园区", driver="GPKG")
        with sqlite3.connect(path) as base:
            base.execute("PRAGMA journal_mode=DELETE")
        return path.read_bytes()


@case("broken.gpkg", refused="损坏")
def _broken() -> bytes:
    return b"SQLite format 3\0" + b"\1" * 600


@case(
    "drawing.dxf",
    layer="infrastructure",
    options={"columns": {"Layer": "name"}},
    read=1,
    keys=("园区道路",),
    datum=("gk", "magnitude"),
)
def _dxf() -> bytes:
    forward = pyproj.Transformer.from_crs(4490, 4528, always_xy=True).transform
    points = [forward(120.05, 33.05), forward(120.06, 33.05), forward(120.06, 33.06)]
    body = ["0", "SECTION", "2", "ENTITIES", "0", "LWPOLYLINE", "8", "园区道路", "90", "3", "70", "0"]
    for x, y in points:
        body += ["10", f"{x:.3f}", "20", f"{y:.3f}"]
    return "\r\n".join([*body, "0", "ENDSEC", "0", "EOF", ""]).encode("gb18030")


def _surveyed(epsg: int, zone: str, system: str, lost: bool = False) -> bytes:
    forward = pyproj.Transformer.from_crs(4490, epsg, always_xy=True).transform
    east, north = forward(120.05, 33.05)
    corners = [(north, east), (north + 100, east), (north + 100, east + 100), (north, east + 100), (north, east)]
    rows = [f"J{i % 4 + 1},1,{n:.3f},{e:.3f}" for i, (n, e) in enumerate(corners)]
    inner = [(north + 10, east + 10), (north + 30, east + 10), (north + 30, east + 30), (north + 10, east + 10)]
    rows += [f"J{i % 3 + 5},2,{n:.3f},{e:.3f}" for i, (n, e) in enumerate(inner)]
    head = f"[属性描述]\n坐标系={system}\n几度分带=3\n投影类型=高斯克吕格\n计量单位=米\n带号={zone}\n[地块坐标]\n"
    line = "9,0.98,DK001,一号地,面,I50G,工业用地,地上,@\n"
    return (head + line + "\n".join(rows[:2] if lost else rows) + "\n").encode("gb18030")


@case(
    "boundary_points.txt",
    layer="parcel",
    read=1,
    keys=("DK001",),
    datum=("gk", "file"),
    rows={"一号地": {"county_code": "320902", "area_mu": 14.7}},
    issues={"header_unmatched": [None] * 4},
)
def _points() -> bytes:
    return _surveyed(4528, "40", "2000国家大地坐标系")


@case(
    "boundary_points_lost.txt",
    layer="parcel",
    read=1,
    held=1,
    issues={"geometry_unreadable": [8], "header_unmatched": [None] * 5},
)
def _points_lost() -> bytes:
    return _surveyed(4528, "40", "2000国家大地坐标系", lost=True)


@case("boundary_points_of_another_zone.txt", layer="parcel", refused="带号")
def _points_zone() -> bytes:
    return _surveyed(4528, "39", "2000国家大地坐标系")


@case("a_page_named.pdf", refused="不支持")
def _pdf() -> bytes:
    return b"%PDF-1.7 x"
