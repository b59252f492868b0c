"""演示 platforms, R&D projects, growth points, clusters and constraint areas."""

from __future__ import annotations

import datetime as dt
from typing import Any

import shapely
import shapely.ops
from numpy.random import Generator

from etl.demo_names import BATCHES, FIRST_DAY, LAST_DAY, TRADES, Namer, bounded, day_between
from etl.demo_parks import Record
from etl.demo_world import ANCHORS, DECIMALS, KM, World, blob, block, pick_anchor, point_near

_PLATFORMS = ("重点实验室", "创新联合体", "中试平台", "技术中心", "研究院", "检验检测", "OPC社区", "智算中心")
_PLATFORM_WEIGHTS = (0.22, 0.1, 0.1, 0.3, 0.12, 0.06, 0.06, 0.04)
_PLACE = ("county", "unit", "park_key", "geometry", "location_accuracy", "address", "township")


def at(host: Record) -> Record:
    """Return the place of a host, for a record that stands with it."""
    return {k: host[k] for k in _PLACE if k in host}


def make_platforms(hosts: list[Record], namer: Namer, rng: Generator, n: int) -> list[Record]:
    """Return ``n`` platforms, each with a host enterprise and mostly a recognition."""
    found = []
    for i in rng.choice(len(hosts), n, replace=False):
        host = hosts[int(i)]
        kind = str(rng.choice(_PLATFORMS, p=_PLATFORM_WEIGHTS))
        level = str(rng.choice(("市级", "省级", "国家级"), p=(0.62, 0.33, 0.05)))
        recognised = [("认定", level, BATCHES[int(rng.integers(0, len(BATCHES)))], None)] if rng.random() < 0.85 else []
        found.append(
            at(host)
            | {
                "name": namer.unique(f"{namer.brand()}{host['products']}{kind}"),
                "kind": kind,
                "level": level if recognised else "",
                "host_code": host["credit_code"],
                "host_name": host["name"],
                "industry": host["industry"],
                "invest_cny": int(rng.integers(5, 400)) * 1_000_000,
                "compute_pflops": float(rng.integers(50, 2000)) if kind == "智算中心" else None,
                "events": recognised,
            }
        )
    return found


def make_rd_projects(hosts: list[Record], namer: Namer, rng: Generator, n: int) -> list[Record]:
    """Return ``n`` research and transfer projects, placed with their host."""
    found = []
    for _ in range(n):
        host = hosts[int(rng.integers(len(hosts)))]
        kind = str(rng.choice(("科技攻关", "概念验证", "成果转化"), p=(0.5, 0.2, 0.3)))
        day = day_between(rng, FIRST_DAY, LAST_DAY)
        events = [("立项", "", day, None)]
        for step in ("实施", "完成"):
            day += dt.timedelta(days=int(rng.integers(40, 500)))
            if day > LAST_DAY:
                break
            events.append((step, "", day, None))
        place = {k: v for k, v in at(host).items() if k != "park_key"}
        found.append(
            place
            | {
                "name": namer.unique(f"{namer.brand()}{host['products']}{kind}"),
                "kind": kind,
                "host_code": host["credit_code"],
                "host_name": host["name"],
                "level": str(rng.choice(("市级", "省级"), p=(0.8, 0.2))),
                "industry": host["industry"],
                "status": events[-1][0],
                "invest_cny": int(rng.integers(50, 3000)) * 10_000,
                "events": events,
            }
        )
    return found


def make_growth_points(hosts: list[Record], namer: Namer, rng: Generator, n: int) -> list[Record]:
    """Return ``n`` growth points of 2026, placed with their enterprise."""
    found = []
    for i in rng.choice(len(hosts), n, replace=False):
        host = hosts[int(i)]
        place = {k: v for k, v in at(host).items() if k != "park_key"}
        found.append(
            place
            | {
                "name": namer.unique(f"{host['products']}新增长点{namer.brand()}"),
                "invest_cny": round(bounded(rng.lognormal(-0.2, 1.0), 0.1, 30) * 100) * 1_000_000,
                "credit_code": host["credit_code"],
                "company": host["name"],
                "industry": host["industry"],
                "grow_year": 2026,
            }
        )
    return found


def make_clusters(world: World, namer: Namer, rng: Generator, n: int) -> list[Record]:
    """Return ``n`` clusters, each led by a unit of its county."""
    found = []
    for _ in range(n):
        anchor = pick_anchor(rng)
        industry = str(rng.choice(list(TRADES)))
        goods = str(rng.choice(TRADES[industry][0]))
        found.append(
            {
                "name": namer.unique(f"{anchor.county[:2]}{goods}产业集群"),
                "county": anchor.county,
                "unit": anchor.unit,
                "industries": [industry],
                "lead_unit": anchor.unit or anchor.county,
                "level": str(rng.choice(("市级", "省级"), p=(0.6, 0.4))),
                "output_cny": int(rng.integers(20, 900)) * 100_000_000,
                "n_enterprises": int(rng.integers(20, 200)),
                "location_accuracy": "sketched",
                "geometry": point_near(world, anchor, rng),
            }
        )
    return found


def make_constraints(world: World, parks: list[Record], namer: Namer, rng: Generator) -> list[Record]:
    """Return areas that siting must avoid or stay within: the coast, farmland, round chemical parks, towns."""
    found = [_coastal(world, namer, rng, i) for i in range(14)]
    for _ in range(12):
        anchor = pick_anchor(rng)
        centre = point_near(world, anchor, rng)
        shape = block(centre.x, centre.y, rng.uniform(1, 3), rng.uniform(1, 2.5), 0.2, rng.uniform(-0.1, 0.1, (4, 2)))
        found.append(_area(namer, f"{anchor.county[:2]}农田保护区", "永久基本农田", "禁止", shape, anchor.county))
    for park in parks:
        if park["kind"] == "化工园区":
            shape = _round(park["geometry"].buffer(0.5 * KM, quad_segs=4))
            name = f"{park['name'].removeprefix('演示·')}安全控制线"
            found.append(_area(namer, name, "化工安全距离", "限制", shape, park["county"]))
    for anchor in ANCHORS:
        town = blob(anchor.lon, anchor.lat, 1.1 * anchor.spread_km, rng)
        shape = _round(town.intersection(world.counties[anchor.county]))
        name = f"{anchor.county[:2]}{anchor.unit[:4]}城镇开发边界"
        found.append(_area(namer, name, "城镇开发边界", "须在范围内", shape, anchor.county))
    return found


def _coastal(world: World, namer: Namer, rng: Generator, index: int) -> Record:
    """Return one stretch of the coast: a strip either side of the waterline."""
    kind, word = (("生态保护红线", "海岸红线"), ("湿地", "滨海湿地"), ("世界自然遗产", "候鸟栖息地"))[index % 3]
    start = 0.02 + index * 0.068
    stretch = shapely.ops.substring(world.coast, start, start + float(rng.uniform(0.02, 0.05)), normalized=True)
    shape = _round(stretch.buffer(rng.uniform(1.0, 2.5) * KM, cap_style="flat", quad_segs=3).simplify(2e-4))
    return _area(namer, f"{word}{index + 1}段", kind, "禁止", shape, "")


def _area(namer: Namer, name: str, kind: str, effect: str, shape: Any, county: str) -> Record:
    return {
        "name": namer.unique(name), "kind": kind, "effect": effect, "county": county, "unit": "",
        "location_accuracy": "sketched", "geometry": shape,
    }  # fmt: skip


def _round(shape: Any) -> Any:
    return shapely.make_valid(shapely.set_precision(shape, 10.0**-DECIMALS))
