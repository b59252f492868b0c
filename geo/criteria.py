"""The criteria of siting, each one decorated pure function; sliders, cards, report and method notes follow.

A function answers for every location in the criterion's unit, NaN where nothing is known. See
``geo.criteria_base`` for what it may ask, and ``geo.criteria_land`` for the criteria of a site's own figures.
"""

from __future__ import annotations

import numpy as np

from geo.criteria_base import CRITERIA, Criterion, Floats, Locations, Params, Places, World, criterion, find_criterion
from geo.criteria_land import LEVELS
from geo.criteria_sites import Sites, uncertainty

__all__ = [
    "CRITERIA", "LEVELS", "REACHED", "Criterion", "Locations", "Params", "Places", "Sites", "World", "criterion",
    "find_criterion", "uncertainty",
]  # fmt: skip

PROTECTED = ("生态保护红线", "世界自然遗产", "湿地")
#: Kinds of facilities that a distance leads to.
REACHED = ("港口", "机场", "火车站", "变电站", "高速出入口")
RENEWABLE = ("风电场", "光伏电站")
RECOGNITIONS = ("smart_level", "green_level", "zero_carbon_level", "fiveg_level", "lighthouse")
ROAD = "公路干线网上的最短路；两端接驳为直线乘绕行系数，路网到不了时全程为直线乘绕行系数"
KERNEL = "四次核密度，带宽见参数，单位面积内的数量"


def ports(world: World, _: Params) -> Places:
    """Return the ports."""
    return world.places("infrastructure").where("kind", "港口")


def rail_stops(world: World, _: Params) -> Places:
    """Return the stations; where none has coordinates, the points of the shipped railway."""
    stations = world.places("infrastructure").where("kind", "火车站")
    return stations if len(stations) else world.places("rail")


def airports(world: World, _: Params) -> Places:
    """Return the airports."""
    return world.places("infrastructure").where("kind", "机场")


def seats(world: World, _: Params) -> Places:
    """Return the county seats."""
    return world.places("seat")


def exits(world: World, _: Params) -> Places:
    """Return the expressway exits."""
    return world.places("infrastructure").where("kind", "高速出入口")


def substations(world: World, _: Params) -> Places:
    """Return the substations on land: an offshore wind farm's own connects nobody."""
    found = world.places("infrastructure").where("kind", "变电站")
    return found.keep(~found.matches("county_code", ("outside",)))


def floods(world: World, _: Params) -> Places:
    """Return the flood areas."""
    return world.places("constraint").where("kind", "洪水风险")


def protected(world: World, _: Params) -> Places:
    """Return the areas that nature protection keeps."""
    return world.places("constraint").where("kind", *PROTECTED)


def chemical_parks(world: World, _: Params) -> Places:
    """Return the chemical parks."""
    return world.places("park").where("kind", "化工园区")


def _quotient(amount: Floats, count: Floats) -> Floats:
    """Return amount / count; NaN where there is nothing to count."""
    made = np.full(len(count), np.nan)
    some = count > 0
    made[some] = amount[some] / count[some]
    return made


def _neighbour_share(at: Locations, world: World, p: Params, industries: tuple[str, ...]) -> Floats:
    firms = world.places("enterprise")
    firms = firms.keep(np.array([bool(v) for v in firms.terms.get("industry", np.zeros(len(firms)))], np.bool_))
    every = at.sum_within(firms, p.radius_km * 1000)
    mine = at.sum_within(firms, p.radius_km * 1000, firms.matches("industry", industries).astype(np.float64))
    return _quotient(100.0 * mine, every)


def _road_km(at: Locations, places: Places, world: World, p: Params) -> Floats:
    return at.road(places, world, p.detour).total_m / 1000


@criterion("road_port_km", "到港口路程", unit="km", objective="min", layers=("infrastructure",), group="交通",
           source=ROAD, targets=ports, by_road=True)  # fmt: skip
def road_port_km(at: Locations, world: World, p: Params) -> Floats:
    """Return the road distance to the nearest port, km."""
    return _road_km(at, ports(world, p), world, p)


@criterion("road_rail_km", "到铁路路程", unit="km", objective="min", layers=("infrastructure",), group="交通",
           source=ROAD + "；没有车站坐标时到铁路线最近处", targets=rail_stops, by_road=True)  # fmt: skip
def road_rail_km(at: Locations, world: World, p: Params) -> Floats:
    """Return the road distance to the nearest station, or to the railway where no station is known, km."""
    return _road_km(at, rail_stops(world, p), world, p)


@criterion("road_airport_km", "到机场路程", unit="km", objective="min", layers=("infrastructure",), group="交通",
           source=ROAD, targets=airports, by_road=True)  # fmt: skip
def road_airport_km(at: Locations, world: World, p: Params) -> Floats:
    """Return the road distance to the nearest airport, km."""
    return _road_km(at, airports(world, p), world, p)


@criterion("road_seat_km", "到县城路程", unit="km", objective="min", layers=(), group="交通",
           source=ROAD + "；县城位置取自 GeoNames，没有的为示意", targets=seats, by_road=True)  # fmt: skip
def road_seat_km(at: Locations, world: World, p: Params) -> Floats:
    """Return the road distance to the nearest county seat, km."""
    return _road_km(at, seats(world, p), world, p)


@criterion("road_exit_km", "到高速出入口路程", unit="km", objective="min", layers=("infrastructure",), group="交通",
           source=ROAD + "；导入出入口后可用", targets=exits, by_road=True)  # fmt: skip
def road_exit_km(at: Locations, world: World, p: Params) -> Floats:
    """Return the road distance to the nearest expressway exit, km."""
    return _road_km(at, exits(world, p), world, p)


@criterion("substation_km", "距变电站", unit="km", objective="min", layers=("infrastructure",), group="能源",
           source="直线距离", targets=substations)  # fmt: skip
def substation_km(at: Locations, world: World, p: Params) -> Floats:
    """Return the straight distance to the nearest substation, km."""
    return at.nearest_m(substations(world, p)) / 1000


@criterion("renewable_mw", "周边可再生能源装机", unit="MW", objective="max", layers=("infrastructure",), group="能源",
           source="半径内风电场和光伏电站的装机之和；半径见参数")  # fmt: skip
def renewable_mw(at: Locations, world: World, p: Params) -> Floats:
    """Return the capacity of wind and solar farms within the radius, MW."""
    farms = world.places("infrastructure").where("kind", *RENEWABLE)
    return at.sum_within(farms, p.energy_radius_km * 1000, farms.number("capacity_mw"))


def _companies(at: Locations, world: World, industries: tuple[str, ...], bandwidth_m: float) -> Floats:
    """Return companies of some industries per 100 km²: 0 where there is none, NaN where no company states its own."""
    stated = world.places("enterprise").having("industry")
    wanted = stated.where("industry", *industries)
    return at.density(wanted, bandwidth_m) * 100 if len(wanted) else at.density(stated, bandwidth_m) * 0


@criterion("chain_density", "同链企业密度", unit="家/100km²", objective="max", layers=("enterprise",), group="产业",
           source=KERNEL, needs=("industry",))  # fmt: skip
def chain_density(at: Locations, world: World, p: Params) -> Floats:
    """Return how many enterprises of the same industry there are per 100 km²."""
    return _companies(at, world, p.industry, p.bandwidth_km * 1000)


@criterion("supplier_density", "配套企业密度", unit="家/100km²", objective="max", layers=("enterprise",), group="产业",
           source=KERNEL, needs=("suppliers",))  # fmt: skip
def supplier_density(at: Locations, world: World, p: Params) -> Floats:
    """Return how many enterprises of supplying industries there are per 100 km²."""
    return _companies(at, world, p.suppliers, p.bandwidth_km * 1000)


@criterion("recognised_factories", "周边获评工厂", unit="家", objective="max", layers=("factory",), group="产业",
           source="半径内获评智能、绿色、零碳、5G 或灯塔的工厂数；半径见参数")  # fmt: skip
def recognised_factories(at: Locations, world: World, p: Params) -> Floats:
    """Return how many recognised factories lie within the radius."""
    factories = world.places("factory")
    held = np.zeros(len(factories), np.bool_)
    for name in RECOGNITIONS:
        held |= np.array([bool(v) for v in factories.terms.get(name, np.zeros(len(factories)))], np.bool_)
    return at.sum_within(factories, p.radius_km * 1000, held.astype(np.float64))


@criterion("compatible_share", "相容邻居占比", unit="%", objective="max", layers=("enterprise",), group="产业",
           source="半径内企业中相容产业所占比例；周边没有企业时无值", needs=("compatible",))  # fmt: skip
def compatible_share(at: Locations, world: World, p: Params) -> Floats:
    """Return the share of enterprises within the radius that belong to compatible industries, %."""
    return _neighbour_share(at, world, p, p.compatible)


@criterion("unwanted_share", "不宜相邻企业占比", unit="%", objective="min", layers=("enterprise",), group="产业",
           source="半径内企业中不宜相邻产业所占比例；周边没有企业时无值", needs=("unwanted",))  # fmt: skip
def unwanted_share(at: Locations, world: World, p: Params) -> Floats:
    """Return the share of enterprises within the radius that belong to unwanted industries, %."""
    return _neighbour_share(at, world, p, p.unwanted)


@criterion("conversion_pct", "县区签约开工率", unit="%", objective="max", layers=("project",), group="产业",
           source="所在县（市、区）已签约项目中已开工的比例，按截至日的阶段事件")  # fmt: skip
def conversion_pct(at: Locations, world: World, _: Params) -> Floats:
    """Return the share of signed projects that have started, of the location's county, %."""
    return 100.0 * at.by_county(world.rates)


@criterion("facility_age", "周边设施平均年限", unit="年", objective="min", layers=("infrastructure",), group="能源",
           source="半径内写明投运年份的设施到截至日的平均年数；半径见参数")  # fmt: skip
def facility_age(at: Locations, world: World, p: Params) -> Floats:
    """Return the mean age of the facilities within the radius whose year is known."""
    dated = world.places("infrastructure")
    dated = dated.keep(np.isfinite(dated.number("year")))
    every = at.sum_within(dated, p.energy_radius_km * 1000)
    years = at.sum_within(dated, p.energy_radius_km * 1000, np.maximum(world.year - dated.number("year"), 0.0))
    return _quotient(years, every)


@criterion("flood_km", "距洪水风险区", unit="km", objective="max", layers=("constraint",), group="环境",
           source="直线距离，区内为 0", targets=floods)  # fmt: skip
def flood_km(at: Locations, world: World, p: Params) -> Floats:
    """Return the straight distance to the nearest flood area, km."""
    return at.nearest_m(floods(world, p)) / 1000


@criterion("protected_km", "距生态保护区域", unit="km", objective="max", layers=("constraint",), group="环境",
           source="到生态保护红线、自然遗产、湿地的直线距离，区内为 0", targets=protected)  # fmt: skip
def protected_km(at: Locations, world: World, p: Params) -> Floats:
    """Return the straight distance to the nearest protected area, km."""
    return at.nearest_m(protected(world, p)) / 1000


@criterion("chemical_km", "距化工园区", unit="km", objective="max", layers=("park",), group="环境",
           source="直线距离，园区内为 0", targets=chemical_parks)  # fmt: skip
def chemical_km(at: Locations, world: World, p: Params) -> Floats:
    """Return the straight distance to the nearest chemical park, km."""
    return at.nearest_m(chemical_parks(world, p)) / 1000
