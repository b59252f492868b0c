"""One cell of a surface explained: what makes up its score, or which limits exclude it and by how much."""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely

from geo.criteria import CRITERIA
from geo.criteria_limits import COMPARE, SIGNS, SPATIAL, Breach, Column, breaches
from geo.criteria_plane import shapes_to_plane, to_degrees, to_plane
from geo.errors import NotFoundError
from layers.site import Limit
from layers.site_limits import CONSTRAINT, change_of, fails_of, number_text, value_text
from layers.site_surface import Surface, cell_figures
from layers.site_world import geometries

Body = dict[str, Any]


def explain_cell(surface: Surface, lon: float, lat: float) -> Body:
    """Return one cell's score, what each criterion adds to it, and the limits that exclude it.

    Raises
    ------
    NotFoundError
        The point lies in no cell of the city.
    """
    stack = surface.stack
    cell = int(stack.grid.find(to_plane([[lon, lat]]))[0])
    if cell < 0:
        raise NotFoundError("这个位置不在城市范围内。", "请在县（市、区）界线以内选点。", lon=lon, lat=lat)
    score = float(surface.scores[cell])
    fails = cell_fails(surface, cell) if stack.excluded[cell] else []
    centre = to_degrees(stack.grid.xy[cell]).tolist()
    return {
        "lon": centre[0], "lat": centre[1], "county_code": stack.grid.codes[stack.grid.area[cell]],
        "is_excluded": bool(stack.excluded[cell]), "score": None if np.isnan(score) else score,
        "class": int(surface.classes[cell]), "is_demo": surface.is_demo,
        "fails": fails, "change": change_of(fails) if fails else "",
        "criteria": [
            {
                "id": i, "title": CRITERIA[i].title, "unit": CRITERIA[i].unit, "weight": float(w),
                "value": _plain(stack.raw[j, cell]), "utility": _plain(stack.values[j, cell]),
                "contribution": _plain(stack.values[j, cell] * w),
            }
            for j, (i, w) in enumerate(zip(stack.ids, surface.weights, strict=True))
        ],
    }  # fmt: skip


def _plain(value: Any) -> float | None:
    return None if np.isnan(value) else float(value)


def cell_fails(surface: Surface, cell: int) -> list[Body]:
    """Return the limits that a cell's centre does not keep, in their order, each with the nearest change.

    A limit that a surface cannot judge is left out, as it is in the surface; see the surface's notes.
    """
    stack, profile = surface.stack, surface.profile
    found: list[Breach] = []
    limits: list[Body] = []
    for k, limit in enumerate(profile.limits):
        title, unit = limit.id, ""
        if limit.id == CONSTRAINT and limit.op in SPATIAL:
            title, unit = f"{SIGNS[limit.op]}{value_text(limit.value)}", "km"
            found += _area(k, limit, surface, cell)
        elif limit.id in CRITERIA and CRITERIA[limit.id].scope == "place" and limit.op in COMPARE:
            title, unit = CRITERIA[limit.id].title, CRITERIA[limit.id].unit
            figures = cell_figures(limit.id, stack.grid, stack.world, profile.params)
            if not np.isnan(figures).all():
                column = Column(title, [_plain(figures[cell])], unit, number_text)
                found += breaches(k, limit.op, limit.value, column)
        text = (
            title
            if limit.id == CONSTRAINT
            else f"{title}{SIGNS.get(limit.op, limit.op)}{value_text(limit.value)}{unit}"
        )
        limits.append(limit.model_dump(mode="json") | {"title": title, "unit": unit, "text": text})
    return fails_of(found, limits)


def _area(k: int, limit: Limit, surface: Surface, cell: int) -> list[Breach]:
    """Return how a cell's centre breaks a limit on areas: the way out of them, or to the nearest."""
    stack = surface.stack
    kinds: Any = [limit.value] if isinstance(limit.value, str) else limit.value
    rows = [r for r in stack.around.rows.get("constraint", []) if r["kind"] in kinds]
    shapes = geometries(rows)
    drawn = [i for i, s in enumerate(shapes) if s is not None and not s.is_empty]
    if not drawn:
        return []
    areas = shapes_to_plane(np.array([shapes[i] for i in drawn], object))
    names = [str(rows[i]["name"]) for i in drawn]
    point = shapely.Point(stack.grid.xy[cell])
    away = shapely.distance(areas, point)
    within = np.flatnonzero(away == 0)
    word = "、".join(map(str, kinds))
    if limit.op == "outside" and len(within):
        title = "、".join(dict.fromkeys(names[i] for i in within))
        out = float(shapely.distance(shapely.boundary(shapely.union_all(areas[within])), point)) / 1000
        return [Breach(0, k, f"在“{title}”内", out, f"改选 {number_text(round(out, 2))} km 以外、不在{word}内的位置")]
    if limit.op == "inside" and not len(within):
        nearest = int(np.argmin(away))
        far = float(away[nearest]) / 1000
        return [
            Breach(0, k, "不在其内", far, f"改选“{names[nearest]}”以内的位置（最近 {number_text(round(far, 2))} km）")
        ]
    return []
