"""Files whose true places are known: the truth is CGCS2000, brought into each system by formulas written out here.

Nothing is imported from the code under test: GCJ-02 and BD-09 are the public formulas, the planes are PROJ's.
"""

from __future__ import annotations

import io
import json
import math
import zipfile
from collections.abc import Callable
from dataclasses import dataclass

import openpyxl
import pyproj
import shapefile

Form = Callable[[float, float], tuple[float, float]]
Points = dict[str, tuple[float, float]]
TRUTH: Points = {"甲": (120.05, 33.05), "乙": (120.15, 33.05), "丙": (120.05, 33.15), "丁": (120.15, 33.15)}
A, EE = 6378245.0, 0.00669342162296594323
PI = math.pi


def plain(lon: float, lat: float) -> tuple[float, float]:
    return lon, lat


def gcj02(lon: float, lat: float) -> tuple[float, float]:
    x, y, s = lon - 105.0, lat - 35.0, math.sin
    both = (20 * s(6 * x * PI) + 20 * s(2 * x * PI)) * 2 / 3
    up = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * math.sqrt(abs(x)) + both
    up += (20 * s(y * PI) + 40 * s(y / 3 * PI)) * 2 / 3 + (160 * s(y / 12 * PI) + 320 * s(y * PI / 30)) * 2 / 3
    right = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * math.sqrt(abs(x)) + both
    right += (20 * s(x * PI) + 40 * s(x / 3 * PI)) * 2 / 3 + (150 * s(x / 12 * PI) + 300 * s(x / 30 * PI)) * 2 / 3
    magic = 1 - EE * s(math.radians(lat)) ** 2
    up = math.degrees(up / (A * (1 - EE) / (magic * math.sqrt(magic))))
    return lon + math.degrees(right / (A / math.sqrt(magic) * math.cos(math.radians(lat)))), lat + up


def bd09(lon: float, lat: float) -> tuple[float, float]:
    x, y = gcj02(lon, lat)
    z = math.hypot(x, y) + 0.00002 * math.sin(y * PI * 3000 / 180)
    theta = math.atan2(y, x) + 0.000003 * math.cos(x * PI * 3000 / 180)
    return z * math.cos(theta) + 0.0065, z * math.sin(theta) + 0.006


def plane(epsg: int) -> Form:
    forward = pyproj.Transformer.from_crs(4490 if epsg != 3857 else 4326, epsg, always_xy=True).transform
    return lambda lon, lat: forward(lon, lat)


def turned(form: Form) -> Form:
    return lambda lon, lat: form(lon, lat)[::-1]


@dataclass(frozen=True)
class File:
    """A file with its truth. ``known``: the city knows its features by ``name`` or ``key``; ``asks``: it must ask."""

    name: str
    data: bytes
    truth: Points
    known: str = ""
    asks: bool = False


FILES: list[File] = []


def add(name: str, data: bytes, *, truth: Points = TRUTH, known: str = "", asks: bool = False) -> None:
    FILES.append(File(name, data, truth, known, asks))


def table(form: Form, first: str, second: str, *, title: str = "", more: tuple[str, str] = ("", ""),
          truth: Points = TRUTH, write: Callable[[float], str] = repr) -> bytes:  # fmt: skip
    head, cell = more
    lines = ([title] if title else []) + [f"项目名称,{first},{second}{',' * bool(head)}{head}"]
    for name, place in truth.items():
        x, y = form(*place)
        lines.append(f"{name},{write(float(x))},{write(float(y))}{',' * bool(head)}{cell}")
    return "\r\n".join(lines).encode("gb18030")


def geojson(form: Form, *, crs: str = "", county: str = "", truth: Points = TRUTH) -> bytes:
    features = [
        {"type": "Feature", "properties": {"名称": n} | ({"县区": county} if county else {}),
         "geometry": {"type": "Point", "coordinates": form(*p)}}
        for n, p in truth.items()
    ]  # fmt: skip
    body = {"type": "FeatureCollection", "features": features}
    return json.dumps(body | ({"crs": {"type": "name", "properties": {"name": crs}}} if crs else {})).encode()


def kml(form: Form, title: str = "") -> bytes:
    marks = "".join(
        "<Placemark><name>{}</name><Point><coordinates>{!r},{!r}</coordinates></Point></Placemark>".format(n, *form(*p))
        for n, p in TRUTH.items()
    )
    return (
        f'<kml xmlns="http://www.opengis.net/kml/2.2"><Document><name>{title}</name>{marks}</Document></kml>'.encode()
    )


def shape(form: Form, prj: str) -> bytes:
    parts = {suffix: io.BytesIO() for suffix in ("shp", "shx", "dbf")}
    with shapefile.Writer(**parts, shapeType=shapefile.POINT, encoding="gbk") as writer:
        writer.field("NAME", "C", size=20)
        for name, place in TRUTH.items():
            writer.point(*form(*place))
            writer.record(name)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for suffix, stream in parts.items():
            archive.writestr(f"a.{suffix}", stream.getvalue())
        if prj:
            archive.writestr("a.prj", prj)
    return out.getvalue()


def book(form: Form, title: str) -> bytes:
    made = openpyxl.Workbook()
    for row in ([title], ["项目名称", "经度", "纬度"], *([n, *form(*p)] for n, p in TRUTH.items())):
        made.active.append(list(row))
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def dms(value: float) -> str:
    seconds = round(abs(value) * 3600, 4)
    return f"{int(seconds // 3600)}°{int(seconds % 3600 // 60)}′{seconds % 60:.4f}″"


def wkt(epsg: int) -> str:
    return pyproj.CRS.from_epsg(epsg).to_wkt("WKT1_ESRI")


SHIFTED = (("wgs84", plain), ("gcj02", gcj02), ("bd09", bd09))
for system, words in (("wgs84", ("GPS", "WGS84")), ("gcj02", ("高德", "腾讯")), ("bd09", ("百度", "BD09"))):
    how = dict(SHIFTED)[system]
    add(f"{system}_header.csv", table(how, f"经度（{words[0]}）", f"纬度（{words[0]}）"))
    add(f"{system}_title.csv", table(how, "经度", "纬度", title=f"坐标来源：{words[1]},,"))
    add(f"{system}_column.csv", table(how, "经度", "纬度", more=("坐标系", words[1])))
    add(f"{system}_known_names.csv", table(how, "经度", "纬度"), known="name")
    add(f"{system}_known_keys.csv", table(how, "lng", "lat"), known="key")
    add(f"{system}_latitude_first.csv", table(turned(how), f"纬度（{words[0]}）", f"经度（{words[0]}）"))
    add(f"{system}_columns_exchanged.csv", table(turned(how), f"经度（{words[0]}）", f"纬度（{words[0]}）"))
    add(f"{system}_known.geojson", geojson(how), known="name")
    add(f"{system}_known.kml", kml(how), known="name")
    add(f"{system}_sheet.xlsx", book(how, f"坐标：{words[1]}"))
    add(f"{system}_bare.csv", table(how, "经度", "纬度"), asks=True)
    add(f"{system}_two_words.csv", table(how, "经度（高德）", "纬度（WGS84）"), asks=True)
for epsg in (4528, 4549, 4498, 4509, 4550, 3857):
    add(f"{epsg}_xy.csv", table(plane(epsg), "X", "Y"))
    add(f"{epsg}_north_first.csv", table(turned(plane(epsg)), "X坐标", "Y坐标", title="坐标系：CGCS2000,,"))
    if epsg != 3857:
        add(f"{epsg}_prj.zip", shape(plane(epsg), wkt(epsg)))
        add(f"{epsg}.geojson", geojson(plane(epsg), crs=f"urn:ogc:def:crs:EPSG::{epsg}"))
add("degrees_minutes_seconds.csv", table(plain, "东经（GPS）", "北纬（GPS）", write=dms))
add("cgcs2000_title.csv", table(plain, "经度", "纬度", title="坐标系：2000国家大地坐标系,,"))
add("cgcs2000_prj.zip", shape(plain, wkt(4490)))
add("wgs84_prj.zip", shape(plain, wkt(4326)))
add("by_the_standard.geojson", geojson(plain))
add("by_the_standard.kml", kml(plain))
BORDER: Points = {f"点{k}": (120.1016, 33.01 + 0.02 * k) for k in range(4)}
add("counties.csv", table(plain, "经度", "纬度", more=("县区", "盐都区"), truth=BORDER), truth=BORDER)
WEST: Points = {f"点{k}": (120.0984, 33.01 + 0.02 * k) for k in range(4)}
add("counties_fit_two.csv", table(gcj02, "经度", "纬度", more=("县区", "亭湖区"), truth=WEST), truth=WEST, asks=True)
add("counties_against.geojson", geojson(gcj02, county="亭湖区", truth=WEST), truth=WEST, asks=True)
add("says_gps_is_gcj02.csv", table(gcj02, "GPS经度", "GPS纬度"), known="name", asks=True)
add("says_amap_is_wgs84.csv", table(plain, "高德经度", "高德纬度"), known="name", asks=True)
add("prj_says_4490_is_bd09.zip", shape(bd09, wkt(4490)), known="name", asks=True)
add("amap.kml", kml(gcj02, "高德导出"), asks=True)
add("no_prj.zip", shape(gcj02, ""), asks=True)
add("xian80.csv", table(plane(4549), "X", "Y", title="坐标系：1980西安坐标系,,"), asks=True)
add("a_local_grid.csv", table(lambda lon, lat: ((lon - 120) * 9e4, (lat - 33) * 1.1e5), "X", "Y"), asks=True)
