"""A brief over every cell of the city: layers built once, weighed anew in milliseconds, and a cell explained."""

from __future__ import annotations

import asyncio
import functools
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import shapely

from geo.criteria import CRITERIA, Params, World
from geo.criteria_base import Bools
from geo.criteria_limits import COMPARE, SIGNS, SPATIAL, check_operator
from geo.criteria_plane import shapes_to_plane, to_degrees
from geo.errors import InputError
from geo.surface import Grid, hot_areas, quantile_breaks, weigh
from geo.value_functions import evaluate, resolve
from layers.registry import catalogue
from layers.site import DRAWN, Alternatives, Profile
from layers.site_answer import read_brief
from layers.site_limits import CONSTRAINT, check_kinds
from layers.site_measure import Steady
from layers.site_rank import used_layers
from layers.site_words import DEMO
from layers.site_world import Choices, geometries, make_world
from layers.store.queries_site import Surroundings, read_surroundings
from layers.store.slices import When, today

if TYPE_CHECKING:
    from layers.store.reader import Reader

Body = dict[str, Any]
Singles = npt.NDArray[np.float32]
CLASSES = 5
PARCEL = "parcel"


@dataclass(frozen=True, eq=False)
class Stack:
    """The criteria of a brief over the grid: raw figures and values, one row a criterion, and what is left out.

    ``skipped`` are criteria that only a record of its own can answer, ``void`` those without any data.
    """

    grid: Grid
    ids: tuple[str, ...]
    raw: Singles
    values: Singles
    functions: tuple[Body, ...]
    excluded: Bools
    notes: tuple[str, ...]
    world: World
    around: Surroundings


@dataclass(frozen=True, eq=False)
class Surface:
    """A weighed stack: ``scores`` per kept cell, NaN where excluded or without data; ``breaks`` of its classes."""

    profile: Profile
    stack: Stack
    weights: npt.NDArray[np.float64]
    scores: Singles
    breaks: list[float]
    is_demo: bool

    @functools.cached_property
    def classes(self) -> npt.NDArray[np.uint8]:
        """1 … k per kept cell, 0 without score, 255 where a hard limit excludes."""
        known = np.isfinite(self.scores)
        found = known.astype(np.uint8)
        for bound in np.array(self.breaks[:-1], np.float32):
            found += self.scores > bound
        found[self.stack.excluded] = 255
        return found


@functools.lru_cache(maxsize=2)
def _grid(areas: tuple[tuple[str, bytes], ...]) -> Grid:
    shapes = shapes_to_plane(np.array([shapely.from_wkb(b) for _, b in areas], object))
    return Grid.build([code for code, _ in areas], list(shapes))


def make_grid(around: Surroundings) -> Grid:
    """Return the 100 m grid of the city; kept until the boundaries change."""
    return _grid(tuple((c["code"], bytes(c["geom"])) for c in around.counties))


@functools.lru_cache(maxsize=24)
def cell_figures(criterion: str, grid: Grid, world: World, params: Params) -> Singles:
    """Return a criterion over the grid, NaN where nothing is known; kept."""
    found = CRITERIA[criterion].measure(grid, world, params)
    return np.where(np.isfinite(found), found, np.nan).astype(np.float32)


@functools.lru_cache(maxsize=3)
def _stack(brief: Steady, grid: Grid, world: World, around: Surroundings) -> Stack:
    profile = brief.profile
    chosen = [c for c in profile.criteria if CRITERIA[c.id].scope == "place"]
    skipped = [CRITERIA[c.id].title for c in profile.criteria if CRITERIA[c.id].scope != "place"]
    notes = [f"“{'”“'.join(skipped)}”是地块自身的指标，不参与适宜度面。"] if skipped else []
    if not chosen:
        raise InputError("所选准则都只能对地块打分。", "请至少选一项可对任意位置打分的准则，例如到港口路程。")
    excluded, more = _excluded(profile, grid, world, around)
    raw = np.stack([cell_figures(c.id, grid, world, profile.params) for c in chosen])
    void = np.asarray(np.isnan(raw).all(axis=1), np.bool_)
    if void.any() and not void.all():
        titles = [CRITERIA[c.id].title for c, gone in zip(chosen, void, strict=True) if gone]
        notes.append(f"没有“{'”“'.join(titles)}”的数据，未计入，其余权重按比例补足。")
    kept = [i for i in range(len(chosen)) if not void[i] or void.all()]
    raw = raw[kept]
    functions, values = [], np.empty_like(raw)
    for row, i in enumerate(kept):
        criterion, choice = CRITERIA[chosen[i].id], chosen[i]
        params = resolve(choice.value.type, choice.value.params, raw[row], criterion.objective, criterion.labels)
        found = evaluate(choice.value.type, params, raw[row], criterion.labels)
        absent = np.isnan(found)
        if absent.any() and not absent.all() and profile.missing != "exclude":
            found[absent] = 0.0 if profile.missing == "worst" else float(np.median(found[~absent]))
        values[row] = found
        functions.append({"type": choice.value.type, "params": params})
    ids = tuple(chosen[i].id for i in kept)
    return Stack(grid, ids, raw, values, tuple(functions), excluded, (*notes, *more), world, around)


def _excluded(profile: Profile, grid: Grid, world: World, around: Surroundings) -> tuple[Bools, list[str]]:
    """Return the cells that a hard limit excludes, and which limits a cell cannot be judged by."""
    out, unjudged = np.zeros(len(grid), np.bool_), []
    for limit in profile.limits:
        if limit.id == CONSTRAINT and limit.op in SPATIAL:
            kinds: Any = [limit.value] if isinstance(limit.value, str) else limit.value
            check_operator(limit.op, limit.value, SIGNS[limit.op])
            check_kinds(catalogue(), kinds)
            shapes = geometries([r for r in around.rows.get("constraint", []) if r["kind"] in kinds])
            drawn = [s for s in shapes if s is not None]
            if not drawn:
                unjudged.append(f"{SIGNS[limit.op]}{'、'.join(map(str, kinds))}（没有图形）")
                continue
            within = grid.covered(shapes_to_plane(np.array(drawn, object)))
            out |= within if limit.op == "outside" else ~within
        elif limit.id in CRITERIA and CRITERIA[limit.id].scope == "place" and limit.op in COMPARE:
            found = cell_figures(limit.id, grid, world, profile.params)
            if np.isnan(found).all() or isinstance(limit.value, (str, list, dict)) or limit.value is None:
                unjudged.append(CRITERIA[limit.id].title)
            else:
                out |= ~np.asarray(COMPARE[limit.op](found, limit.value), np.bool_)
        else:
            layer = catalogue().layers.get(profile.alternatives.layer)
            spec = layer.field(limit.id) if layer else None
            unjudged.append(CRITERIA[limit.id].title if limit.id in CRITERIA else spec.title if spec else limit.id)
    return out, [f"适宜度面未按这些硬约束排除：{'、'.join(unjudged)}。"] if unjudged else []


def make_surface(profile: Profile, world: World, around: Surroundings) -> Surface:
    """Weigh a brief's layers; only what the weights change is computed again.

    Raises
    ------
    InputError
        No criterion of the brief can be judged on a grid, or none has weight.
    """
    own = profile.alternatives.layer
    stack = _stack(Steady.of(profile, Alternatives(layer="parcel" if own == DRAWN else own)), make_grid(around), world,
                   around)  # fmt: skip
    shares = dict(zip([c.id for c in profile.criteria], profile.weights(), strict=True))
    weights = np.array([shares[i] for i in stack.ids])
    if weights.sum() <= 0:
        raise InputError("能在面上打分的准则权重都是 0。", "请至少给一项大于 0 的权重。")
    weights = weights / weights.sum()
    active = np.flatnonzero(weights > 0)
    values = stack.values if len(active) == len(weights) else stack.values[active]
    scores = weigh(values, weights[active], profile.method)
    scores[stack.excluded] = np.nan
    used = [layer for layer in used_layers(profile) if layer in around.rows]
    demo = any(r["is_demo"] for layer in used for r in around.rows[layer])
    return Surface(profile, stack, weights, scores, quantile_breaks(scores, CLASSES), demo)


def find_hot(surface: Surface, choices: Choices, parcels: Choices | None = None) -> list[Body]:
    """Return the largest areas of the best class, outlined (CRS84), with what lies in or reaches into each.

    ``sites`` are the alternatives; ``parcels`` the city's parcels, the same where the alternatives are parcels.
    """
    grid = surface.stack.grid
    mine, land = _outlined(choices), None if parcels is None else _outlined(parcels)
    hot = []
    for spot in hot_areas(grid, surface.scores, surface.breaks[-2] if len(surface.breaks) > 1 else np.inf):
        outline = shapely.transform(spot.outline.simplify(grid.cell_m / 2), to_degrees)
        shapely.prepare(spot.outline)
        sites = [choices.rows[i] for i in np.flatnonzero(shapely.intersects(spot.outline, mine))]
        found = sites
        if parcels is not None:
            found = [parcels.rows[i] for i in np.flatnonzero(shapely.intersects(spot.outline, land))]
        hot.append({
            "n_cells": spot.n_cells, "area_km2": spot.n_cells * grid.cell_m**2 / 1e6, "mean_score": spot.mean_score,
            "site_ids": [r["id"] for r in sites], "sites": [r["name"] for r in sites],
            "parcel_ids": [r["id"] for r in found], "parcels": [r["name"] for r in found],
            "geometry": shapely.geometry.mapping(outline),
        })  # fmt: skip
    return hot


def _outlined(choices: Choices) -> Any:
    """Return the alternatives' shapes in the grid's plane; kept with them."""
    if "plane" not in choices.kept:
        choices.kept["plane"] = shapes_to_plane(choices.shapes)
    return choices.kept["plane"]


def describe(surface: Surface, day: str) -> Body:
    """Return what is said of a surface beside its picture: breaks, counts, criteria, notes."""
    stack = surface.stack
    grid = stack.grid
    counts = np.bincount(surface.classes, minlength=256)
    notes = list(stack.notes)
    if surface.is_demo:
        notes.append(f"含{DEMO}，结果只供演示。")
    return {
        "profile_sha256": surface.profile.sha256(), "as_of": day, "cell_m": grid.cell_m, "n_cells": len(grid),
        "n_excluded": int(counts[255]), "n_missing": int(counts[0]), "breaks": surface.breaks,
        "counts": counts[1 : len(surface.breaks) + 1].tolist(), "notes": notes,
        "is_demo": surface.is_demo, "method": surface.profile.method, "epsg": 4549,
        "criteria": [
            {"id": i, "title": CRITERIA[i].title, "unit": CRITERIA[i].unit, "weight": float(w), "value": f}
            for i, w, f in zip(stack.ids, surface.weights, stack.functions, strict=True)
        ],
    }  # fmt: skip


async def answer_surface(
    reader: Reader, profile: Profile, when: When | None = None, demo: bool = True, *, data_dir: Path,
    hot: bool = False, internal: bool = False,
) -> tuple[Surface, Body]:  # fmt: skip
    """Return a brief's surface and its description, with ``hot_areas`` where they are asked for."""
    when = when or When(today())
    around = await read_surroundings(reader, when, demo=demo, internal=internal)
    world = await asyncio.to_thread(make_world, around, data_dir, when.as_of)
    choices = parcels = None
    if hot:
        choices, _, _ = await read_brief(reader, profile, when, demo=demo, internal=internal, data_dir=data_dir)
        if profile.alternatives.layer != PARCEL and PARCEL in reader.cat.layers:
            land = profile.model_copy(update={"alternatives": Alternatives(layer=PARCEL)})
            parcels, _, _ = await read_brief(reader, land, when, demo=demo, internal=internal, data_dir=data_dir)

    def make() -> tuple[Surface, Body]:
        surface = make_surface(profile, world, around)
        body = describe(surface, when.as_of.isoformat())
        return surface, body | {"hot_areas": find_hot(surface, choices, parcels)} if choices is not None else body

    return await asyncio.to_thread(make)
