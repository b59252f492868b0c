"""Which datum and projection a file's coordinates are in: found from evidence, or refused with it."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pyproj

from etl.datum_evidence import (
    DEGREES,
    NONE,
    TITLES,
    Datum,
    Evidence,
    by_counties,
    by_known,
    county_hits,
    lonlat,
    looks_shifted,
)
from etl.datum_stated import OLD_DATUMS, from_crs, short_name
from etl.datum_words import named_datums
from etl.gazetteer import Gazetteer
from geo.crs import CHINA, guess_projected, to_crs84
from geo.errors import DatumUndecidedError, InputError

__all__ = ["DEGREES", "NONE", "TITLES", "Datum", "Evidence", "county_hits", "decide"]

Floats = npt.NDArray[np.float64]


def decide(evidence: Evidence, datum: str, crs: str, gazetteer: Gazetteer) -> Datum:
    """Find the datum.

    Parameters
    ----------
    evidence : Evidence
        What the file shows.
    datum, crs : str
        What the person said, '' or ``auto`` for nothing.
    gazetteer : Gazetteer
        Counties and known features.

    Raises
    ------
    DatumUndecidedError
        Several datums fit and nothing decides; ``details["candidates"]`` counts what speaks for each.
    InputError
        A stated system that cannot be converted exactly.
    """
    finite = np.isfinite(evidence.x) & np.isfinite(evidence.y) & ((evidence.x != 0) | (evidence.y != 0))
    if not finite.any():
        return NONE
    x, y = evidence.x[finite], evidence.y[finite]
    stated = "" if datum.lower() == "auto" else datum.lower()
    if crs:
        return _given(x, y, _plain_epsg(crs), f"指定 {crs}", "given", gazetteer)
    if stated:
        return _given(x, y, stated, f"指定 {TITLES.get(stated, stated)}", "given", gazetteer)
    words = named_datums(evidence.words)
    if evidence.crs:
        found = from_crs(evidence.crs)
        shifted = [w for w in words if w in ("gcj02", "bd09")]
        if shifted:
            raise _undecided(evidence, finite, gazetteer, f"文件坐标系写的是 {found}，文字却提到{TITLES[shifted[0]]}")
        made = _given(x, y, found, f"文件自带坐标系 {short_name(evidence.crs)}", "file", gazetteer)
        return _uncontradicted(made, evidence, finite, gazetteer)
    if any(OLD_DATUMS.search(w) for w in evidence.words):
        raise InputError(
            "文件写明是旧的或地方坐标系（北京54、西安80、地方坐标），没有公开的精确换算参数。",
            "请用测绘软件换算到 CGCS2000 后再导入。",
        )
    return _from_evidence(evidence, finite, words, gazetteer)


def _from_evidence(evidence: Evidence, finite: npt.NDArray[np.bool_], words: list[str], gazetteer: Gazetteer) -> Datum:
    x, y = evidence.x[finite], evidence.y[finite]
    extent = gazetteer.extent or CHINA
    readings = [r for r in guess_projected(x, y, extent=extent) if r.share >= 0.5]
    if not readings:
        raise _undecided(evidence, finite, gazetteer, "坐标的大小不像经纬度，也不像国家 2000 的平面坐标")
    if readings[0].source != "wgs84":
        return _projected(readings, evidence, finite, words, gazetteer)
    swapped = readings[0].swapped if not evidence.ordered else _is_swapped(x, y)
    if evidence.format == "kml" and {"gcj02", "bd09"} & set(words):
        raise _undecided(
            evidence, finite, gazetteer, "KML 按标准为 WGS84，文字却提到" + "、".join(TITLES[w] for w in words), swapped
        )
    if len(words) == 1:
        said = f"文字写明{TITLES[words[0]]}"
        return _uncontradicted(Datum(words[0], "words", [said], swapped), evidence, finite, gazetteer)
    if len(words) > 1:
        titles = "、".join(TITLES[w] for w in words)
        raise _undecided(evidence, finite, gazetteer, f"文字同时提到{titles}", swapped)
    for test in (by_known, by_counties):
        found = test(evidence, finite, gazetteer, swapped)
        if found is not None:
            return found
    if evidence.format in ("geojson", "kml") and not looks_shifted(evidence, finite, gazetteer, swapped):
        return Datum("wgs84", "format", [f"{evidence.format.upper()} 按标准为 WGS84 经纬度"], swapped)
    raise _undecided(evidence, finite, gazetteer, "经纬度没有写明坐标系", swapped)


def _uncontradicted(found: Datum, evidence: Evidence, finite: npt.NDArray[np.bool_], gazetteer: Gazetteer) -> Datum:
    """Return what words or the file say, unless known features or declared counties fit another datum only."""
    if found.used not in TITLES:
        return found
    for test in (by_known, by_counties):
        other = test(evidence, finite, gazetteer, found.swapped)
        if other is not None and other.used != found.used.replace("cgcs2000", "wgs84"):
            why = f"{found.evidence[0]}，但{other.evidence[0]}（{TITLES[other.used]}）"
            raise _undecided(evidence, finite, gazetteer, why, found.swapped)
    return found


def _projected(
    readings: list[Any], evidence: Evidence, finite: npt.NDArray[np.bool_], words: list[str], gazetteer: Gazetteer
) -> Datum:
    best = readings[0]
    rivals = [r for r in readings[1:] if r.inside >= 0.5 * best.inside and r.source != best.source]
    if rivals or best.inside < 0.5 or {"gcj02", "bd09"} & set(words):
        raise _undecided(evidence, finite, gazetteer, "平面坐标的带号或次序不能确定")
    order = "北坐标在前" if best.swapped else "东坐标在前"
    zone = {"gk": "横坐标带带号"}.get(best.source, f"按 {best.source} 读入")
    said = f"坐标大小符合高斯–克吕格平面坐标（{zone}，{order}），{best.inside:.0%} 的点落在本市范围"
    return Datum(best.source, "magnitude", [said], best.swapped)


def _is_swapped(x: Floats, y: Floats) -> bool:
    """Whether most pairs hold the latitude first: in China the longitude is always the larger."""
    return bool(np.mean((x < 55) & (y > 72)) > 0.5)


def _given(x: Floats, y: Floats, source: str, said: str, how: str, gazetteer: Gazetteer) -> Datum:
    degrees = bool(np.mean((np.abs(x) <= 180) & (np.abs(y) <= 180)) > 0.5)
    if source in ("wgs84", "cgcs2000", "gcj02", "bd09"):
        if degrees:
            return Datum(source, how, [said], _is_swapped(x, y))
        if source in ("gcj02", "bd09"):
            raise InputError(f"{said}，但坐标是以米为单位的平面坐标。", "请核对坐标系。", value=source)
        readings = guess_projected(x, y, extent=gazetteer.extent or CHINA)
        if not any(r.source.startswith("gk") and r.share >= 0.5 for r in readings):
            return Datum(source, how, [said])  # neither degrees nor metres: each row is held back for itself
        source = "gk"
    if source == "gk" or source.startswith("gk:"):
        return _given_gk(x, y, source, said, how, gazetteer)
    crs = pyproj.CRS.from_user_input(source)
    swapped = _is_swapped(x, y) if crs.is_geographic else _northing_first(x, y, source, gazetteer)
    return Datum(source, how, [said], swapped)


def _northing_first(x: Floats, y: Floats, source: str, gazetteer: Gazetteer) -> bool:
    """Whether reading the columns the other way round puts clearly more points into the extent."""
    west, south, east, north = gazetteer.extent or CHINA

    def inside(a: Floats, b: Floats) -> float:
        try:
            lon, lat = to_crs84(a, b, source)
        except InputError:
            return 0.0
        return float(np.mean((lon >= west) & (lon <= east) & (lat >= south) & (lat <= north)))

    return inside(y, x) > inside(x, y) + 0.5


def _given_gk(x: Floats, y: Floats, source: str, said: str, how: str, gazetteer: Gazetteer) -> Datum:
    if source.startswith("gk:"):
        return Datum(source, how, [said], _northing_first(x, y, source, gazetteer))
    readings = [r for r in guess_projected(x, y, extent=gazetteer.extent or CHINA) if r.source.startswith("gk")]
    inside = [r for r in readings if r.inside >= 0.5]
    if len(inside) != 1:
        found = "、".join(r.source for r in readings) or "无"
        raise DatumUndecidedError(
            f"{said}，但带号或中央子午线不能确定（可能：{found}）。",
            "请用 --datum gk:120 写明中央子午线，或用 --crs EPSG:代码。",
            candidates=[{"datum": r.source, "swapped": r.swapped, "inside_city": r.inside} for r in readings],
        )  # fmt: skip
    return Datum(
        inside[0].source,
        how,
        [said, f"按 {inside[0].source} 读入，{inside[0].inside:.0%} 的点落在本市范围"],
        inside[0].swapped,
    )


def _plain_epsg(text: str) -> str:
    name = text.strip()
    code = name if ":" in name else f"EPSG:{name}"
    return from_crs(code)


def _undecided(
    evidence: Evidence, finite: npt.NDArray[np.bool_], gazetteer: Gazetteer, why: str, swapped: bool | None = None
) -> DatumUndecidedError:
    x, y = evidence.x[finite], evidence.y[finite]
    turned = _is_swapped(x, y) if swapped is None else swapped
    degrees = bool(np.mean((np.abs(x) <= 180) & (np.abs(y) <= 180)) > 0.5)
    hits = county_hits(evidence, finite, gazetteer, turned) if degrees else {}
    candidates: list[dict[str, Any]] = []
    for name in DEGREES if degrees else ():
        lon, lat = lonlat(evidence, finite, name, turned)
        sample = [[round(float(a), 6), round(float(b), 6)] for a, b in zip(lon[:20], lat[:20], strict=True)]
        candidates.append({"datum": name, "title": TITLES[name], "declared": hits.get("declared", 0),
                           "inside_declared": hits.get(name, 0), "sample": sample})  # fmt: skip
    if not degrees:
        candidates = [
            {"datum": r.source, "swapped": r.swapped, "inside_city": r.inside, "share": r.share}
            for r in guess_projected(x, y, extent=gazetteer.extent or CHINA)
        ]
    listed = "；".join(
        f"{c['title']}：{c['inside_declared']}/{c['declared']} 个点落在填报的县内"
        for c in candidates
        if c.get("declared")
    )
    return DatumUndecidedError(
        f"{why}，不能确定坐标系，没有写入任何数据{'（' + listed + '）' if listed else ''}。",
        "请核实后用 --datum 写明 wgs84、cgcs2000、gcj02（高德、腾讯）、bd09（百度）或 gk；相差约 500 至 1200 米。",
        candidates=candidates,
    )
