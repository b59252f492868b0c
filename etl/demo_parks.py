"""演示 parks with the parcels and premises inside them."""

from __future__ import annotations

import datetime as dt
from typing import Any

import shapely
from numpy.random import Generator

from etl.demo_names import BATCHES, LAST_DAY, TRADES, Namer, bounded, day_between
from etl.demo_world import KM, World, block, pick_anchor, point_inside, point_near
from geo.crs import geodesic_area_m2

Record = dict[str, Any]
MU_M2 = 2000 / 3
_SUFFIX = {
    "经开区": "经济开发区", "高新区": "高新区", "化工园区": "化工园区", "专业园区": "产业园", "科创园区": "科创园",
    "合作园区": "合作园区", "低（零）碳园区": "低零碳产业园", "乡镇工业园区": "工业园", "综合保税区": "综合保税区",
}  # fmt: skip
_KINDS = (
    "经开区",
    "高新区",
    "化工园区",
    "专业园区",
    "科创园区",
    "合作园区",
    "低（零）碳园区",
    "乡镇工业园区",
    "综合保税区",
)
_KIND_WEIGHTS = (0.16, 0.1, 0.07, 0.32, 0.1, 0.05, 0.07, 0.11, 0.02)


def area_mu(polygon: Any) -> float:
    """Return the ellipsoidal area in mu, one decimal."""
    return round(float(geodesic_area_m2([polygon])[0]) / MU_M2, 1)


def _plot(centre: Any, side_km: float, ratio: float, jitter: float, rng: Generator) -> Any:
    corners = rng.uniform(-jitter, jitter, (4, 2))
    return block(centre.x, centre.y, side_km, side_km * ratio, rng.uniform(0, 0.6), corners)


def make_parks(world: World, namer: Namer, rng: Generator, n: int) -> list[Record]:
    """Return ``n`` parks that lie in their county and apart from each other."""
    parks: list[Record] = []
    while len(parks) < n:
        anchor = pick_anchor(rng)
        centre = point_near(world, anchor, rng)
        kind = str(rng.choice(_KINDS, p=_KIND_WEIGHTS))
        side = bounded(rng.lognormal(0.8 if kind in ("经开区", "高新区") else 0.3, 0.35), 0.8, 4.5)
        shape = _plot(centre, side, rng.uniform(0.5, 0.9), 0.12, rng)
        inside = shapely.covers(world.counties[anchor.county], shape.buffer(0.2 * KM))
        if not inside or any(shape.buffer(0.3 * KM).intersects(p["geometry"]) for p in parks):
            continue
        industries = [str(i) for i in rng.choice(list(TRADES), rng.integers(1, 4), replace=False)]
        planned = area_mu(shape)
        built = round(planned * rng.uniform(0.35, 0.85), 1)
        events = _park_events(rng)
        reached = {e[0]: e[1] for e in events}
        parks.append(
            {
                "name": namer.unique(f"{anchor.county[:2]}{namer.brand()}{_SUFFIX[kind]}"),
                "county": anchor.county,
                "unit": anchor.unit,
                "level": str(rng.choice(("市级", "省级", "国家级"), p=(0.55, 0.36, 0.09))),
                "kind": kind,
                "industries": industries,
                "planned_mu": planned,
                "built_mu": built,
                "available_mu": round((planned - built) * rng.uniform(0.2, 0.7), 1),
                "founded_date": day_between(rng, dt.date(1995, 1, 1), dt.date(2022, 12, 31)),
                "zero_carbon_level": reached.get("零碳园区", ""),
                "green_level": reached.get("绿色工业园区", ""),
                "events": events,
                "location_accuracy": "sketched",
                "geometry": shape,
            }
        )
    return parks


def _park_events(rng: Generator) -> list[tuple[str, str, dt.date, dt.date | None]]:
    events: list[tuple[str, str, dt.date, dt.date | None]] = []
    if rng.random() < 0.25:
        first = int(rng.integers(1, len(BATCHES)))
        events.append(("零碳园区", "市级", BATCHES[first], None))
        if rng.random() < 0.3 and first + 1 < len(BATCHES):
            events.append(("零碳园区", "省级", BATCHES[first + 1], None))
    if rng.random() < 0.2:
        level = str(rng.choice(("省级", "国家级"), p=(0.8, 0.2)))
        events.append(("绿色工业园区", level, BATCHES[int(rng.integers(0, len(BATCHES)))], None))
    return events


def make_parcels(parks: list[Record], namer: Namer, rng: Generator, n: int) -> list[Record]:
    """Return ``n`` parcels, each inside its park and apart from the others there."""
    placed: dict[str, list[Any]] = {p["name"]: [] for p in parks}
    weights = [p["planned_mu"] for p in parks]
    shares = [w / sum(weights) for w in weights]
    parcels: list[Record] = []
    while len(parcels) < n:
        index = int(rng.choice(len(parks), p=shares))
        park = parks[index]
        centre = point_inside(park["geometry"], rng)
        side = float(rng.uniform(0.12, 0.35))
        shape = _plot(centre, side, rng.uniform(0.6, 1.0), 0.05, rng)
        taken = placed[park["name"]]
        if not shapely.covers(park["geometry"], shape) or any(shape.intersects(other) for other in taken):
            continue
        taken.append(shape)
        number = len(taken)
        parcels.append(_parcel(park, shape, f"{index + 1:02d}", number, namer, rng))
    return parcels


def _parcel(park: Record, shape: Any, place: str, number: int, namer: Namer, rng: Generator) -> Record:
    industrial = rng.random() < 0.88
    ready = day_between(rng, dt.date(2025, 1, 1), dt.date(2027, 6, 30))
    state = "可供" if ready <= LAST_DAY else "筹备"
    return {
        "name": namer.unique(f"{park['name'].removeprefix('演示·')}{number:02d}地块"),
        "parcel_no": f"YS-{place}-{number:02d}",
        "park_key": park["name"],
        "county": park["county"],
        "unit": park["unit"],
        "area_mu": area_mu(shape),
        "price_cny_per_mu": round(bounded(rng.normal(190_000, 45_000), 96_000, 384_000), -3),
        "land_use": "工业用地" if industrial else str(rng.choice(("物流仓储用地", "科研用地", "低效用地"))),
        "supply_mode": str(rng.choice(("标准地", "双信地", "定制地", "普通出让"), p=(0.6, 0.15, 0.1, 0.15))),
        "readiness": state if rng.random() < 0.9 else "已出让",
        "industries": park["industries"],
        "plot_ratio": round(float(rng.uniform(1.0, 2.2)), 1),
        "invest_cny_per_mu": round(bounded(rng.normal(4.2e6, 8e5), 2.5e6, 8e6), -4),
        "tax_cny_per_mu": round(bounded(rng.normal(230_000, 60_000), 100_000, 500_000), -3),
        "energy_tce_per_10k_cny": round(float(rng.lognormal(-1.6, 0.5)), 3),
        "power_kva": float(rng.choice((2000, 4000, 6300, 8000, 10000, 20000))),
        "water_m3d": float(rng.choice((100, 200, 500, 1000, 2000))),
        "gas_m3d": float(rng.choice((0, 1000, 5000, 10000))),
        "steam_th": float(rng.choice((0, 5, 10, 20, 50))),
        "sewage_m3d": float(rng.choice((100, 200, 500, 1000))),
        "ready_date": ready,
        "location_accuracy": "surveyed",
        "geometry": shape,
    }


def make_premises(parks: list[Record], namer: Namer, rng: Generator, n: int) -> list[Record]:
    """Return ``n`` factory buildings, each at a point inside its park."""
    found = []
    for _ in range(n):
        park = parks[int(rng.integers(len(parks)))]
        idle = bool(rng.random() < 0.45)
        found.append(
            {
                "name": namer.unique(f"{park['name'].removeprefix('演示·')}{rng.integers(1, 20)}号厂房"),
                "park_key": park["name"],
                "county": park["county"],
                "unit": park["unit"],
                "kind": "闲置厂房" if idle and rng.random() < 0.7 else "标准厂房",
                "floor_m2": round(float(rng.lognormal(8.9, 0.6)), -1),
                "rent_cny_per_m2_month": round(bounded(rng.normal(12, 2.5), 6, 25), 1),
                "floor_load_kn_m2": float(rng.choice((4, 5, 8, 10, 20))),
                "clear_height_m": float(rng.choice((4.5, 6, 7.9, 9, 12))),
                "is_idle": idle,
                "storeys": int(rng.integers(1, 6)),
                "industries": park["industries"],
                "ready_date": day_between(rng, dt.date(2024, 1, 1), dt.date(2027, 3, 31)),
                "location_accuracy": "address",
                "address": f"{park['county']}演示路{rng.integers(1, 400)}号",
                "geometry": point_inside(park["geometry"], rng),
            }
        )
    return found
