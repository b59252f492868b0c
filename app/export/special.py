"""What only one family puts on the map."""

from __future__ import annotations

from dataclasses import dataclass

import shapely

from app.export.data import MapData
from app.export.extras import MOST_RANKED
from app.export.family_map import Bubble, Heat, Pin, bubbles_of, heat_of, pins_of
from app.export.frame import Frame
from app.export.ground import Counties, on_page, union_of
from app.export.items import Drawn

Window = tuple[float, float, float, float]


@dataclass(frozen=True)
class Special:
    """What only one family draws: circles by area, density, ranked sites, the one thing (page mm).

    ``hidden`` are the layers whose things are not drawn one by one.
    """

    bubbles: tuple[Bubble, ...] = ()
    heat: Heat | None = None
    pins: tuple[Pin, ...] = ()
    focus: shapely.Geometry | None = None
    hidden: tuple[str, ...] = ()

    def listed(self, drawn: tuple[Drawn, ...]) -> tuple[Drawn, ...]:
        """The layers that are drawn thing by thing."""
        return tuple(d for d in drawn if d.data.layer.id not in self.hidden)


def special_of(
    data: MapData, frame: Frame, counties: Counties, drawn: tuple[Drawn, ...], u: float,
    thing: shapely.Geometry | None,
) -> Special:  # fmt: skip
    """What the family draws of its own, on the page."""
    family = data.recipe.family
    shown = on_page(counties, frame)
    if family == "symbols":
        return Special(bubbles=bubbles_of(data.summary, shown, u))
    if family == "heat":
        mine = next((d for d in drawn if d.data.layer.id == data.recipe.subject.id), None)
        city = union_of(shown)
        weighed = mine is not None and data.recipe.measure == f"sum_{mine.data.layer.style.size_by}"
        heat = heat_of(mine, frame, city, data.summary if weighed else None) if mine is not None else None
        return Special(heat=heat, hidden=(data.recipe.subject.id,))
    if family == "rank":
        return Special(pins=pins_of(data, frame, MOST_RANKED))
    if thing is not None:
        return Special(focus=shapely.transform(thing, frame.to_page))
    return Special()


def bounds_of(thing: shapely.Geometry) -> Window:
    """The one thing with its neighbourhood: at least 3 km on each side."""
    west, south, east, north = thing.bounds
    room = max(3000.0, 0.6 * max(east - west, north - south))
    return (west - room, south - room, east + room, north + room)
