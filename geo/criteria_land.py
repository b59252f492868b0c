"""Criteria that are a site's or its park's own figures."""

from __future__ import annotations

from typing import Literal

import numpy as np

from geo.criteria_base import Floats, Function, Locations, Params, World, criterion

LEVELS = ("无", "市级", "省级", "国家级")

#: id, title, unit, objective, column, divisor, layers, source
_COLUMNS: tuple[tuple[str, str, str, Literal["min", "max"], str, float, tuple[str, ...], str], ...] = (
    ("area_mu", "可用面积", "亩", "max", "area_mu", 1, ("parcel", "premises"), "地块面积；厂房按建筑面积折亩"),
    ("price_wan", "地价", "万元/亩", "min", "price_cny_per_mu", 1e4, ("parcel",), "地块价格"),
    ("rent_cny", "租金", "元/m²·月", "min", "rent_cny_per_m2_month", 1, ("premises",), "厂房租金"),
    ("power_mva", "供电能力", "MVA", "max", "power_kva", 1e3, ("parcel",), "对外承诺的地块配套，不是电网余量"),
    ("water_m3d", "供水能力", "m³/d", "max", "water_m3d", 1, ("parcel",), "地块配套"),
    ("gas_m3d", "供气能力", "m³/d", "max", "gas_m3d", 1, ("parcel",), "地块配套"),
    ("steam_th", "供汽能力", "t/h", "max", "steam_th", 1, ("parcel",), "地块配套"),
    ("sewage_m3d", "污水处理能力", "m³/d", "max", "sewage_m3d", 1, ("parcel",), "地块配套"),
    ("ready_days", "距可交付", "天", "min", "ready_days", 1, ("parcel", "premises"), "可交付日期前的天数"),
    ("invest_wan", "投资强度门槛", "万元/亩", "min", "invest_cny_per_mu", 1e4, ("parcel",), "标准地控制指标"),
    ("tax_wan", "亩均税收门槛", "万元/亩", "min", "tax_cny_per_mu", 1e4, ("parcel",), "标准地控制指标"),
)  # fmt: skip


def _column(column: str, divisor: float, title: str) -> Function:
    def read(at: Locations, world: World, p: Params) -> Floats:  # noqa: ARG001
        return at.number(column) / divisor

    read.__doc__ = f"Return the location's own {column} ({title})."
    return read


for _id, _title, _unit, _objective, _name, _divisor, _layers, _source in _COLUMNS:
    criterion(
        _id, _title, unit=_unit, objective=_objective, layers=_layers, source=_source, group="用地", scope="site"
    )(_column(_name, _divisor, _title))


def _level(column: str, world: World) -> Floats:
    """Return each park's level in a column: 0 for none, then the order of LEVELS."""
    parks = world.places("park")
    held = parks.terms.get(column, np.full(len(parks), None, object))
    return np.array([float(LEVELS.index(t)) if t in LEVELS else 0.0 for t in held], np.float64)


@criterion("park_level", "园区级别", unit="级", objective="max", layers=("park",), group="园区", labels=LEVELS,
           source="所在园区的级别：0 不在园区或未定级，1 市级，2 省级，3 国家级")  # fmt: skip
def park_level(at: Locations, world: World, _: Params) -> Floats:
    """Return the level of the park that the location lies in."""
    return at.by_park(_level("level", world), 0.0, world)


@criterion("green_park", "零碳或绿色园区", unit="级", objective="max", layers=("park",), group="园区", labels=LEVELS,
           source="所在园区的零碳园区、绿色工业园区级别，取高者")  # fmt: skip
def green_park(at: Locations, world: World, _: Params) -> Floats:
    """Return the higher of the park's zero-carbon and green levels."""
    higher = np.maximum(_level("zero_carbon_level", world), _level("green_level", world))
    return at.by_park(higher, 0.0, world)


@criterion("park_available_mu", "园区剩余可供面积", unit="亩", objective="max", layers=("park",), group="园区",
           source="所在园区的可供面积；不在园区时无值")  # fmt: skip
def park_available_mu(at: Locations, world: World, _: Params) -> Floats:
    """Return what area is left in the location's park, mu."""
    return at.by_park(world.places("park").number("available_mu"), np.nan, world)


@criterion("green_power_pct", "园区绿电占比", unit="%", objective="max", layers=("park",), group="能源",
           source="所在园区最近一年的绿电占比；没有填报时无值")  # fmt: skip
def green_power_pct(at: Locations, world: World, _: Params) -> Floats:
    """Return the share of green electricity in the location's park, %."""
    return at.by_park(world.places("park").number("green_power_pct"), np.nan, world)
