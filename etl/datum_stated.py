"""What a file's own statement of its coordinate system means: EPSG codes, WKT, and the .prj that PROJ refuses."""

from __future__ import annotations

import re

import pyproj
from pyproj.exceptions import CRSError

from etl.datum_words import named_datums
from geo.errors import InputError

OLD_DATUMS = re.compile(
    r"西安80|1980西安|xian|北京54|1954北京|beijing[_ ]?1954|地方坐标|独立坐标|城建坐标|盐城坐标", re.IGNORECASE
)


_STATED = re.compile(r"(auto|wgs84|cgcs2000|gcj02|bd09|gk(:\d{1,3}(\.\d+)?)?)?")


def check_stated(datum: str, crs: str) -> None:
    """Refuse a datum or CRS that nobody knows, before anything is read with it.

    Raises
    ------
    InputError
        It is none of the systems that can be converted.
    """
    if not _STATED.fullmatch(datum.strip().lower()):
        raise InputError(
            f"不认识坐标系“{datum}”。",
            "可用 wgs84、cgcs2000、gcj02（高德、腾讯）、bd09（百度）、gk、gk:中央子午线、auto；"
            "其他坐标系用 --crs EPSG:代码。",
            value=datum,
        )
    if crs:
        from_crs(crs if ":" in crs else f"EPSG:{crs}")


def short_name(crs: str) -> str:
    """Return a statement's name, short enough for a sentence."""
    return crs if len(crs) < 40 else crs.split('"')[1] if '"' in crs else crs[:40]


def from_crs(text: str) -> str:
    """Return the :func:`geo.crs.to_crs84` source for a CRS as a file states it.

    Raises
    ------
    InputError
        Unknown, or on a datum without an exact public transformation.
    """
    if OLD_DATUMS.search(text):
        raise InputError(
            f"文件坐标系“{short_name(text)}”没有公开的精确换算参数。",
            "请用测绘软件换算到 CGCS2000 后再导入。",
            value=short_name(text),
        )
    shifted = [name for name in named_datums([text]) if name in ("gcj02", "bd09")]
    if len(shifted) == 1:
        return shifted[0]
    try:
        crs = pyproj.CRS.from_user_input(text)
    except CRSError:
        return _from_broken_wkt(text)
    if crs.is_geographic:
        if re.search(
            r"WGS|World Geodetic|CGCS|China.?(Geodetic|2000)|China_2000|2000", crs.name + str(crs.datum), re.IGNORECASE
        ):
            return "wgs84" if "WGS" in crs.name.upper() else "cgcs2000"
        code = crs.to_epsg()
        if code is not None:
            return f"EPSG:{code}"
        raise InputError(f"不认识文件的坐标系“{crs.name}”。", "请用 --crs EPSG:代码 写明。", value=crs.name)
    return _from_projected(crs)


def _from_projected(crs: pyproj.CRS) -> str:
    operation = crs.coordinate_operation
    name = "" if operation is None else operation.method_name
    values = {} if operation is None else {p.name: float(p.value) for p in operation.params}
    if "Transverse Mercator" in name or "Gauss" in name:
        meridian = values.get("Longitude of natural origin")
        easting = values.get("False easting")
        scale = values.get("Scale factor at natural origin", 1.0)
        if (
            meridian is not None
            and easting is not None
            and abs(scale - 1) < 1e-9
            and "2000" in (crs.name + str(crs.datum))
        ):
            return f"gk:{meridian:g}" if abs(easting - 500_000) < 1 else "gk"
    code = crs.to_epsg(min_confidence=60)
    if code is not None:
        return f"EPSG:{code}"
    raise InputError(f"不认识文件的投影“{crs.name}”。", "请用 --crs EPSG:代码 写明。", value=crs.name)


def _from_broken_wkt(text: str) -> str:
    """Read what matters from a .prj that PROJ refuses: the datum's name, the meridian, the false easting."""
    if not re.search(r"2000|CGCS|WGS", text, re.IGNORECASE):
        raise InputError(f"文件的坐标系读不懂：“{text[:60]}”。", "请用 --crs EPSG:代码 写明。", value=text[:60])
    if not re.search(r"PROJCS|PROJCRS", text, re.IGNORECASE):
        return "wgs84" if "WGS" in text.upper() else "cgcs2000"
    meridian = re.search(r'central_meridian"?\s*,\s*(-?[\d.]+)', text, re.IGNORECASE)
    easting = re.search(r'false_easting"?\s*,\s*(-?[\d.]+)', text, re.IGNORECASE)
    if meridian is None or easting is None:
        raise InputError(f"文件的投影参数不全：“{text[:60]}”。", "请用 --crs EPSG:代码 写明。", value=text[:60])
    return f"gk:{float(meridian.group(1)):g}" if abs(float(easting.group(1)) - 500_000) < 1 else "gk"
