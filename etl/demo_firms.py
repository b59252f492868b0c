"""演示 projects, enterprises and factories, with their dated stages, recognitions and figures."""

from __future__ import annotations

import datetime as dt

import numpy as np
from numpy.random import Generator

from etl.demo_names import BATCHES, FIRST_DAY, LAST_DAY, Namer, day_between, month_ends
from etl.demo_parks import Record
from etl.demo_world import World, pick_anchor, point_at_sea, point_inside, point_near

Event = tuple[str, str, dt.date, dt.date | None]
STAGES = ("签约", "开工", "竣工", "达产", "达效")
#: Days from one stage to the next: median, spread of the logarithm, and how many get stuck there (三未).
STEPS = {"开工": (130, 0.6, 0.16), "竣工": (330, 0.45, 0.1), "达产": (120, 0.6, 0.1), "达效": (200, 0.5, 0.2)}


def place(world: World, parks: list[Record], rng: Generator, *, at_sea: float = 0.0) -> Record:
    """Return where a record stands: mostly at coordinates; some only by township, county, or not at all."""
    draw = rng.random()
    anchor = pick_anchor(rng)
    where: Record = {"county": anchor.county, "unit": anchor.unit, "park_key": "", "geometry": None}
    if draw < at_sea:
        where |= {"county": "", "unit": "", "location_accuracy": "surveyed", "geometry": point_at_sea(world, rng)}
    elif draw < at_sea + 0.01:
        where |= {"county": "", "unit": "", "location_accuracy": "none"}
    elif draw < at_sea + 0.03:
        where |= {"location_accuracy": "county"}
    elif draw < at_sea + 0.06:
        towns = world.townships[anchor.county]
        where |= {"unit": "", "township": towns[int(rng.integers(len(towns)))], "location_accuracy": "township"}
    elif draw < 0.6:
        park = parks[int(rng.integers(len(parks)))]
        where |= {k: park[k] for k in ("county", "unit")}
        where |= {"park_key": park["name"], "geometry": point_inside(park["geometry"], rng)}
        where |= {"location_accuracy": "surveyed"}
    else:
        scattered = rng.random() < 0.25
        point = point_inside(world.counties[anchor.county], rng) if scattered else point_near(world, anchor, rng)
        where |= {"location_accuracy": "address", "geometry": point}
        where |= {"unit": ""} if scattered else {}
        where |= {"address": f"{anchor.county}演示大道{rng.integers(1, 900)}号"}
    return where


def county_code(world: World, where: Record) -> str:
    """Return the adcode that codes of the record carry, the city's where no county is known."""
    return world.codes.get(where["county"], "320900")


def make_projects(world: World, parks: list[Record], namer: Namer, rng: Generator, n: int) -> list[Record]:
    """Return ``n`` projects with stage events and, once started, monthly cumulative investment."""
    found = []
    for _ in range(n):
        where = place(world, parks, rng, at_sea=0.012)
        offshore = where["county"] == "" and where["geometry"] is not None
        industry, goods, code = ("新能源", "海上风电", "4415") if offshore else namer.trade()
        invest = float(np.clip(rng.lognormal(0.75, 1.15), 0.3, 120))
        invest_cny = round(invest * 100) * 1_000_000
        events = stage_events(rng, invest)
        kind = str(rng.choice(("新建", "增资扩产", "技术改造"), p=(0.62, 0.23, 0.15)))
        brand = namer.brand()
        found.append(
            where
            | {
                "name": namer.unique(f"{brand}{goods}{'' if kind == '新建' else kind}项目"),
                "project_code": namer.project_code(county_code(world, where), events[0][2]),
                "invest_cny": invest_cny,
                "industry_code": code,
                "industry": industry,
                "kind": kind,
                "tier": _tier(invest, rng),
                "is_industrial": bool(offshore or rng.random() < 0.92),
                "is_tech": bool(rng.random() < 0.3),
                "stage": events[-1][0],
                "company": f"演示·{brand}{goods}有限公司",
                "land_mu": round(invest * float(rng.uniform(8, 22)), 1),
                "annual_plan_cny": round(invest * float(rng.uniform(0.2, 0.5)) * 100) * 1_000_000,
                "events": events,
                "figures": investment(rng, invest_cny, {e[0]: e[2] for e in events}),
            }
        )
    return found


def _tier(invest: float, rng: Generator) -> str:
    if invest >= 20 and rng.random() < 0.45:
        return "列省重大"
    return "市级重大" if invest >= 4 and rng.random() < 0.65 else "其他"


def stage_events(rng: Generator, invest: float) -> list[Event]:
    """Return the stages reached by the last day, in order; large projects take longer, some get stuck."""
    signed = day_between(rng, FIRST_DAY, LAST_DAY - dt.timedelta(days=10))
    events: list[Event] = []
    reserve = signed - dt.timedelta(days=int(rng.integers(30, 300)))
    if rng.random() < 0.5 and reserve >= FIRST_DAY:
        events.append(("储备", "", reserve, None))
        if rng.random() < 0.12:
            return events
    events.append(("签约", "", signed, None))
    day = signed
    for stage in STAGES[1:]:
        median, spread, stuck = STEPS[stage]
        if rng.random() < stuck:
            break
        pace = 1.0 + 0.25 * float(np.log1p(invest)) / np.log(121) * (stage == "竣工")
        day += dt.timedelta(days=max(7, int(median * pace * rng.lognormal(0, spread))))
        if day > LAST_DAY:
            break
        events.append((stage, "", day, None))
    return events


def investment(rng: Generator, invest_cny: int, stages: dict[str, dt.date]) -> list[tuple[str, dt.date, int]]:
    """Return the cumulative investment at each month's end from the start on: an S-curve that never falls."""
    if "开工" not in stages:
        return []
    start = stages["开工"]
    days = (stages["竣工"] - start).days if "竣工" in stages else int(rng.integers(300, 720))
    final = invest_cny * float(rng.uniform(0.86, 1.02))
    figures = []
    for end in month_ends(start, LAST_DAY):
        share = min((end - start).days / max(days, 30), 1.0)
        figures.append(("invest_done_cny", end, round(final * (3 * share**2 - 2 * share**3) / 1e4) * 10_000))
    return figures


def make_enterprises(world: World, parks: list[Record], namer: Namer, rng: Generator, n: int) -> list[Record]:
    """Return ``n`` enterprises with their recognitions."""
    found = []
    for _ in range(n):
        where = place(world, parks, rng)
        industry, goods, code = namer.trade()
        above = bool(rng.random() < 0.62)
        size = int(rng.choice(4, p=(0.955, 0.033, 0.008, 0.004))) if above else 0
        events = _enterprise_events(rng, above)
        reached = {e[0]: e[1] or e[0] for e in events}
        town = where["county"][:2] or "盐城"
        found.append(
            where
            | {
                "name": namer.unique(f"{town}{namer.brand()}{goods}有限公司"),
                "credit_code": namer.credit_code(county_code(world, where)),
                "industry_code": code,
                "industry": industry,
                "is_above_scale": above,
                "revenue_class": ("10亿元以下", "10亿元", "50亿元", "百亿元")[size],
                "has_rd_unit": bool(rng.random() < (0.61 if above else 0.15)),
                "energy_tce": round(float(rng.lognormal(6.5 if above else 4.5, 1.3)), 1),
                "is_sample": bool(above and rng.random() < 0.3),
                "is_tech": bool("高企" in reached or rng.random() < 0.1),
                "srdi_level": reached.get("专精特新", ""),
                "hightech": reached.get("高企", ""),
                "growth_class": reached.get("独角兽", "") or reached.get("瞪羚", ""),
                "four_above": reached.get("四上", ""),
                "four_above_class": "规上工业" if above else "",
                "products": goods,
                "founded_date": day_between(rng, dt.date(2001, 1, 1), dt.date(2024, 6, 30)),
                "events": events,
            }
        )
    return found


def _enterprise_events(rng: Generator, above: bool) -> list[Event]:
    events: list[Event] = []
    if rng.random() < (0.3 if above else 0.12):
        first = int(rng.integers(0, len(BATCHES)))
        events.append(("专精特新", "市级", BATCHES[first], None))
        for level, chance in (("省级", 0.4), ("国家小巨人", 0.12)):
            first += 1
            if first >= len(BATCHES) or rng.random() > chance:
                break
            events.append(("专精特新", level, BATCHES[first], None))
    if rng.random() < (0.42 if above else 0.15):
        day = day_between(rng, FIRST_DAY, LAST_DAY)
        events.append(("高企", "", day, day.replace(year=day.year + 3, day=min(day.day, 28))))
    if rng.random() < 0.03:
        kind = "瞪羚" if rng.random() < 0.95 else "独角兽"
        events.append((kind, "", BATCHES[int(rng.integers(0, len(BATCHES)))], None))
    if above:
        events.append(("四上", "", dt.date(int(rng.integers(2024, 2027)), int(rng.integers(1, 11)), 1), None))
    if rng.random() < 0.05:
        events.append(("落地", "", day_between(rng, FIRST_DAY, LAST_DAY), None))
    return events


def make_factories(enterprises: list[Record], namer: Namer, rng: Generator, n: int) -> list[Record]:
    """Return ``n`` factories of above-scale enterprises: same code and place, with their recognitions."""
    above = [e for e in enterprises if e["is_above_scale"]]
    found = []
    for i in rng.choice(len(above), n, replace=False):
        firm = above[int(i)]
        events = _factory_events(rng)
        reached = {e[0]: e[1] or e[0] for e in events}
        copied = ("county", "unit", "park_key", "geometry", "location_accuracy", "address", "township")
        found.append(
            {k: firm[k] for k in (*copied, "credit_code", "industry_code", "industry", "products") if k in firm}
            | {
                "name": namer.unique(f"{firm['name'].removeprefix('演示·').removesuffix('有限公司')}工厂"),
                "smart_level": reached.get("智能工厂", ""),
                "green_level": reached.get("绿色工厂", ""),
                "zero_carbon_level": reached.get("零碳工厂", "") or reached.get("近零碳工厂", ""),
                "fiveg_level": reached.get("5G工厂", ""),
                "lighthouse": reached.get("灯塔工厂", ""),
                "events": events,
            }
        )
    return found


def _factory_events(rng: Generator) -> list[Event]:
    events: list[Event] = []
    batch = int(rng.integers(0, 4))
    if rng.random() < 0.75:
        for level, chance in (("基础级", 1.0), ("先进级", 0.45), ("卓越级", 0.09), ("领航级", 0.08)):
            if batch >= len(BATCHES) or rng.random() > chance:
                break
            events.append(("智能工厂", level, BATCHES[batch], None))
            batch += int(rng.integers(1, 3))
    for kind, chance, high in (("绿色工厂", 0.3, 0.15), ("5G工厂", 0.12, 0.2), ("近零碳工厂", 0.04, 0.0)):
        if rng.random() < chance:
            level = "国家级" if rng.random() < high else "省级"
            events.append((kind, level, BATCHES[int(rng.integers(0, len(BATCHES)))], None))
    if rng.random() < 0.004:
        events.append(("灯塔工厂", "", BATCHES[-1], None))
    if not events:
        events.append(("智能工厂", "基础级", BATCHES[-1], None))
    return events
