"""A brief's hard limits over the alternatives: columns to look at, areas to keep out of, and the answer in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely

from geo.criteria import CRITERIA, World
from geo.criteria_limits import (
    SIGNS,
    SPATIAL,
    Breach,
    Column,
    area_breaches,
    breaches,
    check_operator,
    emptied_by,
    nearest_admission,
)
from geo.errors import InputError
from geo.measure import geodesic_area_m2
from layers.registry import Catalogue
from layers.site import GRID, Limit, Profile
from layers.site_world import Choices, geometries
from layers.store.queries_site import SURROUNDINGS, Row, Surroundings
from layers.store.slices import columns_of

CONSTRAINT = "constraint"
PARK = "park."


@dataclass(frozen=True, eq=False)
class Judged:
    """What the limits say.

    ``limits`` describes each with how many sites it excludes; ``breaches`` has all of them; ``excluded`` one
    entry a site; ``emptied`` the answer to a brief that admits nothing; ``notes`` what could not be checked.
    """

    limits: list[dict[str, Any]]
    breaches: list[Breach]
    excluded: list[dict[str, Any]]
    emptied: dict[str, Any] | None
    notes: list[str]


def number_text(value: Any) -> str:
    """Return a number as people write it: thousands apart, at most three decimals."""
    if isinstance(value, bool):
        return "是" if value else "否"
    if not isinstance(value, (int, float)):
        return str(value)
    return f"{value:,.3f}".rstrip("0").rstrip(".")


def value_text(value: Any) -> str:
    """Return a limit's value in words."""
    return "、".join(map(str, value)) if isinstance(value, (list, tuple)) else number_text(value)


def column_of(limit: Limit, profile: Profile, cat: Catalogue, choices: Choices, world: World) -> Column:
    """Return what a limit looks at.

    Raises
    ------
    InputError
        There is no such criterion or field.
    """
    layer = cat.layers.get(profile.alternatives.layer)
    if limit.id in CRITERIA:
        chosen = CRITERIA[limit.id]
        found = chosen.measure(choices.sites, world, profile.params)
        return Column(chosen.title, [None if np.isnan(v) else float(v) for v in found], chosen.unit, number_text)
    if limit.id.startswith(PARK):
        return _park_column(limit.id.removeprefix(PARK), cat, choices, world)
    held = choices.rows[0] if choices.rows else columns_of(layer, internal=False) if layer else ()
    known = [name for name in held if name != "geom"]
    if limit.id not in known:
        raise InputError(
            f"没有准则或字段“{limit.id}”。",
            f"可用准则：{'、'.join(CRITERIA)}；字段：{'、'.join(known)}；以及 constraint、park.字段。",
            limit=limit.id,
        )
    spec = layer.field(limit.id) if layer else None
    title = spec.title if spec else limit.id
    return Column(title, [r.get(limit.id) for r in choices.rows], spec.unit if spec else "", number_text)


def _park_column(name: str, cat: Catalogue, choices: Choices, world: World) -> Column:
    known = SURROUNDINGS["park"]
    if name not in known:
        raise InputError(f"园区没有可用的字段“{name}”。", f"可用：{'、'.join(known)}。", limit=PARK + name)
    parks, spec = world.places("park"), cat.layer("park").field(name)
    held: Any = parks.terms.get(name, parks.numbers.get(name, np.full(len(parks), None, object)))
    which = choices.sites.parks(world)
    values = [held[k] if k >= 0 else None for k in which]
    plain = [None if v is None or v != v else list(v) if isinstance(v, tuple) else v for v in values]
    title = spec.title if spec else name
    return Column(f"所在园区的{title}", plain, spec.unit if spec else "", number_text)


def judge(profile: Profile, cat: Catalogue, choices: Choices, world: World, around: Surroundings) -> Judged:
    """Judge every alternative by every limit.

    Raises
    ------
    InputError
        A limit that cannot be used.
    """
    found: list[Breach] = []
    some: list[Breach]
    titles, units, notes, unchecked = [], [], [], {}
    for k, limit in enumerate(profile.limits):
        if profile.alternatives.layer == GRID and (skipped := own_title(limit, cat)):
            notes.append(f"网格没有“{skipped}”，这一条未核查。")
            some, title, unit = [], skipped, ""
        elif limit.id == CONSTRAINT:
            some, title, unit, note, unchecked[k] = _constraint(k, limit, cat, choices, around)
            notes += note
        else:
            if limit.op in SPATIAL:
                raise InputError(f"硬约束“{limit.id}”不能用 {limit.op}。", "只有 constraint 可用 outside、inside。")
            column = column_of(limit, profile, cat, choices, world)
            some, title, unit = breaches(k, limit.op, limit.value, column), column.title, column.unit
        found += some
        titles.append(title)
        units.append(unit)
    limits = [
        limit.model_dump(mode="json")
        | {
            "title": titles[k], "unit": units[k], "unchecked": unchecked.get(k, []),
            "n_excluded": sum(b.limit == k for b in found),
            "text": f"{titles[k]}{SIGNS[limit.op]}{value_text(limit.value)}{units[k]}"
            if limit.id != CONSTRAINT else titles[k],
        }
        for k, limit in enumerate(profile.limits)
    ]  # fmt: skip
    excluded = [_excluded(choices.rows[site], some, limits) for site, some in nearest_admission(found).items()]
    return Judged(limits, found, excluded, _emptied(len(choices.rows), limits, found), notes)


def own_title(limit: Limit, cat: Catalogue) -> str:
    """Return what a limit is called that only a record of its own can be judged by; '' for any other."""
    if limit.id == CONSTRAINT or limit.id.startswith(PARK):
        return ""
    if limit.id in CRITERIA:
        return CRITERIA[limit.id].title if CRITERIA[limit.id].scope == "site" else ""
    spec = cat.layer("parcel").field(limit.id) if "parcel" in cat.layers else None
    return spec.title if spec else ""


def _constraint(
    k: int, limit: Limit, cat: Catalogue, choices: Choices, around: Surroundings
) -> tuple[list[Breach], str, str, list[str], list[str]]:
    kinds: Any = [limit.value] if isinstance(limit.value, str) else limit.value
    word = "、".join(map(str, kinds)) if isinstance(kinds, list) else str(kinds)
    title = f"{SIGNS.get(limit.op, limit.op)}{word}"
    check_operator(limit.op, limit.value, title)
    if limit.op not in SPATIAL:
        raise InputError(f"管控区域的比较符是“{limit.op}”。", "可用 outside（不进入）、inside（位于其内）。")
    check_kinds(cat, kinds)
    rows = [r for r in around.rows.get("constraint", []) if r["kind"] in kinds]
    shapes = geometries(rows)
    drawn = np.array([s is not None and not s.is_empty for s in shapes], np.bool_)
    bare = [str(r["name"]) for r, has in zip(rows, drawn, strict=True) if not has]
    missing = [kind for kind in kinds if not any(r["kind"] == kind and d for r, d in zip(rows, drawn, strict=True))]
    notes = [f"{'、'.join(bare)}没有图形，未核查。"] if bare else []
    notes += [f"没有{'、'.join(missing)}的图形，“{title}”里的这{len(missing)}类未核查。"] if missing else []
    if not drawn.any():
        return [], title, "%", notes, missing
    names = np.array([r["name"] for r in rows], object)[drawn]
    return (
        area_breaches(k, limit.op, list(map(str, kinds)), choices.shapes, shapes[drawn], names, geodesic_area_m2),
        title, "%", notes, missing,
    )  # fmt: skip


def check_kinds(cat: Catalogue, kinds: Sequence[str]) -> None:
    """Refuse a kind of area that there is not: nothing would be kept out of it.

    Raises
    ------
    InputError
        Names it and those there are.
    """
    layer = cat.layers.get(CONSTRAINT)
    spec = layer.field("kind") if layer else None
    known = list(cat.terms(spec)) if spec is not None else []
    for kind in kinds:
        if known and kind not in known:
            raise InputError(f"没有“{kind}”这类管控区域。", f"可用：{'、'.join(known)}。", limit=CONSTRAINT)


def fails_of(some: Sequence[Breach], limits: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return each limit that is not kept, with what was found, by how much, and the nearest change."""
    fails = []
    for breach in some:
        limit = limits[breach.limit]
        held = "没有资料" if breach.found is None else value_text(breach.found)
        unit = "" if breach.found is None or isinstance(breach.found, (str, list)) else limit["unit"]
        lacking = "" if breach.short is None else f"，{_short(limit, breach.short)}"
        fails.append({
            "rule": limit["id"], "title": limit["title"], "op": limit["op"], "limit": limit["value"],
            "found": breach.found, "short": breach.short, "unit": limit["unit"], "change": breach.change,
            "text": f"{limit['text']}：{held}{unit}{lacking}",
        })  # fmt: skip
    return fails


def change_of(fails: Sequence[dict[str, Any]]) -> str:
    """Return what would admit a site."""
    if len(fails) == 1:
        return f"{fails[0]['change']}即可入选。"
    return f"要同时满足 {len(fails)} 条：" + "；".join(f["change"] for f in fails) + "。"


def _excluded(row: Row, some: Sequence[Breach], limits: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Return one site's entry: the first limit it does not keep, all of them, and what would admit it."""
    fails = fails_of(some, limits)
    return {
        "id": row["id"], "name": row["name"], "county_code": row["county_code"], "is_demo": row["is_demo"],
        **{key: fails[0][key] for key in ("rule", "title", "found", "limit", "short", "unit", "text")},
        "change": change_of(fails), "n_fails": len(fails), "fails": fails,
    }  # fmt: skip


def _short(limit: dict[str, Any], short: float) -> str:
    if limit["id"] != CONSTRAINT:
        return f"差 {number_text(round(short, 3))}{limit['unit']}"
    if limit["unit"] == "km":
        return f"距{'边界' if limit['op'] == 'outside' else '最近处'} {number_text(round(short, 2))} km"
    return f"{'重叠' if limit['op'] == 'outside' else '在外'} {number_text(short)}%"


def _emptied(n: int, limits: Sequence[dict[str, Any]], found: Sequence[Breach]) -> dict[str, Any] | None:
    if not limits:
        return None
    answer = emptied_by(n, len(limits), found)
    if answer is None:
        return None
    limit, best = limits[answer.limit], limits[answer.best]
    text = f"没有一处符合全部硬约束：到“{limit['text']}”这一条时已无剩余"
    text += "，单凭这一条就没有一处符合" if answer.alone else ""
    if answer.best_admits:
        text += f"；去掉“{best['text']}”可入选 {answer.best_admits} 处。"
    else:
        text += "；去掉任何一条都仍然没有，请放宽两条以上。"
    return {
        "limit": answer.limit, "id": limit["id"], "alone": answer.alone, "without": answer.without,
        "best": answer.best, "best_id": best["id"], "best_admits": answer.best_admits, "text": text,
    }  # fmt: skip


def no_geometry(choices: Choices) -> int:
    """Return how many alternatives have no place of their own."""
    return int(shapely.is_missing(choices.shapes).sum()) if len(choices.rows) else 0


__all__ = [
    "CONSTRAINT", "Judged", "change_of", "column_of", "fails_of", "judge", "no_geometry", "number_text", "value_text",
]  # fmt: skip
