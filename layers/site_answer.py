"""Siting's front door: read what a brief needs, answer it off the event loop."""

from __future__ import annotations

import asyncio
import datetime as dt
import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

import numpy as np

from geo.criteria import CRITERIA, World
from geo.criteria_plane import to_degrees
from geo.errors import InputError, NotFoundError
from geo.rank import fill_missing
from geo.weights import ahp, critic, entropy, pair_matrix
from layers.site import DRAWN, GRID, Profile, presets
from layers.site_measure import stand
from layers.site_rank import rank_sites
from layers.site_world import Choices, drawn_rows, make_choices, make_world
from layers.store.queries_site import Row, Surroundings, read_alternatives, read_surroundings
from layers.store.slices import When, today

if TYPE_CHECKING:
    from layers.registry import Catalogue
    from layers.store.reader import Reader

Body = dict[str, Any]
#: How many lists of alternatives are kept for a day's world.
KEPT = 6


def list_criteria() -> Body:
    """Return the body of ``GET /api/v1/site/criteria``."""
    return {
        "criteria": [
            {
                "id": c.id, "title": c.title, "unit": c.unit, "objective": c.objective, "layers": list(c.layers),
                "source": c.source, "group": c.group, "scope": c.scope, "labels": list(c.labels),
                "needs": list(c.needs), "has_route": c.by_road,
            }
            for c in CRITERIA.values()
        ]
    }  # fmt: skip


def list_presets() -> Body:
    """Return the shipped presets, each a whole profile."""
    return {"presets": [p.model_dump(mode="json") for p in presets().values()]}


_choices: WeakKeyDictionary[World, dict[tuple[object, ...], Choices]] = WeakKeyDictionary()


async def read_brief(
    reader: Reader, profile: Profile, when: When, *, demo: bool, internal: bool, data_dir: Path
) -> tuple[Choices, World, Surroundings]:
    """Return the alternatives and the world of a brief; kept until a layer changes."""
    versions = await reader.versions()
    around = await read_surroundings(reader, when, demo=demo, internal=internal, versions=versions)
    world = await asyncio.to_thread(make_world, around, data_dir, when.as_of)
    chosen = profile.alternatives
    stated = json.dumps(chosen.model_dump(mode="json"), sort_keys=True)
    content = profile.sha256() if chosen.layer == GRID else stated  # which cells are best follows from the weights
    key = (content, versions.get(chosen.layer, 0), when, demo, internal)
    mine = _choices.setdefault(world, {})
    if key not in mine:
        if chosen.layer == DRAWN:
            rows = await asyncio.to_thread(drawn_rows, profile, around.counties)
        elif chosen.layer == GRID:
            from layers.site_grid import grid_rows

            rows = await asyncio.to_thread(grid_rows, profile, world, around)
        else:
            rows = await read_alternatives(reader, chosen.layer, chosen.filter, when, demo=demo, internal=internal)
        made = await asyncio.to_thread(make_choices, chosen.layer, rows, world, when.as_of)
        while len(mine) >= KEPT:
            mine.pop(next(iter(mine)))
        mine[key] = made
        return made, world, around
    return mine[key], world, around


@dataclass(frozen=True, eq=False)
class Brief:
    """A profile with what it is asked of: answers come from it without asking the database again."""

    profile: Profile
    cat: Catalogue
    choices: Choices
    world: World
    around: Surroundings
    as_of: dt.date

    def rank(self, profile: Profile | None = None) -> Body:
        """Return the ranking; ``profile`` may differ in all but the alternatives."""
        return rank_sites(profile or self.profile, self.cat, self.choices, self.world, self.around, self.as_of)

    def row(self, site: int) -> Row | None:
        """Return an alternative's record, None where there is none of that id."""
        return next((r for r in self.choices.rows if r["id"] == site), None)

    def routes(self, site: int) -> Body:
        """Return an alternative's ways by road; see :func:`answer_routes`.

        Raises
        ------
        NotFoundError
            No such alternative.
        """
        places = [i for i, r in enumerate(self.choices.rows) if r["id"] == site]
        if not places:
            raise NotFoundError(f"备选里没有编号 {site}。", "它可能不在筛选范围内。", id=site)
        return _routes(self.profile, self.choices, self.world, places[0])


async def open_brief(
    reader: Reader, profile: Profile, when: When | None = None, demo: bool = True, *, data_dir: Path,
    internal: bool = False,
) -> Brief:  # fmt: skip
    """Read what a brief needs."""
    when = when or When(today())
    choices, world, around = await read_brief(reader, profile, when, demo=demo, internal=internal, data_dir=data_dir)
    return Brief(profile, reader.cat, choices, world, around, when.as_of)


async def answer_rank(
    reader: Reader, profile: Profile, when: When | None = None, demo: bool = True, *, data_dir: Path,
    internal: bool = False,
) -> Body:  # fmt: skip
    """Return the ranking of a brief: the body of ``POST /api/v1/site/rank``.

    Raises
    ------
    InputError, NotFoundError, FilterError
        Something in the brief cannot be used; the message names it.
    """
    brief = await open_brief(reader, profile, when, demo, data_dir=data_dir, internal=internal)
    return await asyncio.to_thread(brief.rank)


async def answer_weights(
    reader: Reader, profile: Profile, method: str, pairs: list[tuple[str, str, float]], when: When | None = None,
    demo: bool = True, *, data_dir: Path, internal: bool = False,
) -> Body:  # fmt: skip
    """Return weights for the chosen criteria: by paired comparisons, or from the admitted sites' own figures.

    Parameters
    ----------
    method : {"ahp", "entropy", "critic"}
        How.
    pairs : list of (criterion, criterion, ratio)
        For ``ahp``: how many times the first matters more than the second.

    Returns
    -------
    dict
        ``weights`` by criterion; for ahp also ``consistency_ratio``, ``is_consistent`` and ``worst_pair``.
    """
    ids = [c.id for c in profile.criteria]
    if method == "ahp":
        return _compare(ids, pairs)
    if method not in ("entropy", "critic"):
        raise InputError(f"没有“{method}”这种赋权方法。", "可用 ahp、entropy、critic。", method=method)
    when = when or When(today())
    choices, world, around = await read_brief(reader, profile, when, demo=demo, internal=internal, data_dir=data_dir)

    def find() -> Body:
        _, kept, measured = stand(profile, reader.cat, choices, world, around)
        values = measured.values[kept]
        if len(values) == 0:
            raise InputError("没有一处备选符合硬约束，无从赋权。", "请先放宽硬约束。")
        filled, _ = fill_missing(values, "median")
        found = entropy(filled) if method == "entropy" else critic(filled)
        return {"method": method, "weights": dict(zip(ids, found.tolist(), strict=True)), "n": len(filled)}

    return await asyncio.to_thread(find)


def _compare(ids: list[str], pairs: list[tuple[str, str, float]]) -> Body:
    for a, b, _ in pairs:
        for name in (a, b):
            if name not in ids:
                raise InputError(f"比较里的“{name}”不在所选准则中。", f"所选准则：{'、'.join(ids)}。", criterion=name)
    stated: dict[tuple[int, int], float] = {}
    for a, b, ratio in pairs:
        i, j = ids.index(a), ids.index(b)
        if (i, j) in stated:
            raise InputError(f"“{CRITERIA[a].title}”与“{CRITERIA[b].title}”比较了两次。", "请只保留一次。")
        stated[i, j] = ratio
    found = ahp(pair_matrix(len(ids), stated))
    body: Body = {
        "method": "ahp", "weights": dict(zip(ids, found.weights.tolist(), strict=True)),
        "consistency_ratio": found.consistency_ratio, "is_consistent": found.is_consistent, "worst_pair": None,
        "sentence": f"一致性比率 {found.consistency_ratio:.3f}，{'可以接受' if found.is_consistent else '超过 0.1'}。",
    }  # fmt: skip
    if found.worst_pair is not None:
        i, j = found.worst_pair
        body["worst_pair"] = {
            "a": ids[i], "b": ids[j], "stated": found.worst_stated, "implied": found.worst_implied,
        }  # fmt: skip
        if not found.is_consistent:
            body["sentence"] += (
                f"出入最大的是“{CRITERIA[ids[i]].title}”比“{CRITERIA[ids[j]].title}”：填的是 {found.worst_stated:.2g}，"
                f"由其余比较推出的是 {found.worst_implied:.2g}。"
            )
    return body


async def answer_routes(
    reader: Reader, profile: Profile, site: int, when: When | None = None, demo: bool = True, *, data_dir: Path,
    internal: bool = False,
) -> Body:  # fmt: skip
    """Return one alternative's ways by road, one per chosen criterion that has one, to be listed and drawn.

    Returns
    -------
    dict
        ``routes``: criterion, target, ``total_km`` = ``access_km`` + ``network_km`` + ``egress_km``, ``detour``,
        ``is_straight``; and ``pieces`` of coordinates in CRS84, each an ``access``, ``road``, ``link`` (a straight
        link of the graph) or ``egress``.

    Raises
    ------
    NotFoundError
        No such alternative.
    """
    brief = await open_brief(reader, profile, when, demo, data_dir=data_dir, internal=internal)
    return await asyncio.to_thread(brief.routes, site)


def _routes(profile: Profile, choices: Choices, world: World, i: int) -> Body:
    found = []
    here = choices.sites.xy[i]
    for criterion in (CRITERIA[c.id] for c in profile.criteria):
        if not criterion.by_road or criterion.targets is None or world.roads is None or np.isnan(here).any():
            continue
        goals = criterion.targets(world, profile.params)
        if len(goals) == 0:
            continue
        reach = world.roads.reach(goals.xy, profile.tuning.detour)
        table = reach.table(here[None])
        goal, node = int(table.target[0]), int(table.node[0])
        start, end = to_degrees(here).tolist(), to_degrees(goals.xy[goal]).tolist()
        if node < 0:
            pieces = [{"kind": "access", "coordinates": [start, end]}]
        else:
            ways = [world.roads.lonlat[n].tolist() for n in (reach.path(node)[0], reach.path(node)[-1])]
            pieces = [{"kind": "access", "coordinates": [start, ways[0]]}]
            pieces += [{"kind": "link" if link else "road", "coordinates": c} for c, link in reach.drawn(node)]
            pieces.append({"kind": "egress", "coordinates": [ways[1], end]})
        found.append({
            "id": criterion.id, "title": criterion.title, "target": str(goals.names[goal]),
            "sigma_km": float(np.hypot(goals.sigma_m[goal], choices.sites.sigma_m[i])) / 1000,
            **{name: float(getattr(table, name.replace("_km", "_m"))[0]) / 1000
               for name in ("total_km", "access_km", "network_km", "egress_km")},
            "detour": profile.tuning.detour, "is_straight": node < 0, "pieces": pieces,
        })  # fmt: skip
    row = choices.rows[i]
    return {"id": row["id"], "name": row["name"], "is_demo": bool(row["is_demo"]), "routes": found}
