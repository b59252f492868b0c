"""A box of degrees as a test on where records are drawn."""

from __future__ import annotations

from collections.abc import Sequence

from psycopg import sql

from geo.errors import InputError


def in_box(where: sql.Composable, box: Sequence[float] | None) -> tuple[sql.Composable, dict[str, object]]:
    """Return a test over ``s`` narrowed to a box (west, south, east, north in degrees), and its parameters.

    Raises
    ------
    InputError
        Not four numbers in their order, or off the earth.
    """
    if box is None:
        return where, {}
    if len(box) != 4 or not (-180 <= box[0] < box[2] <= 180 and -85 <= box[1] < box[3] <= 85):
        raise InputError("范围应是西、南、东、北四个经纬度。", "例如 bbox=119.5,33,120.5,34。", bbox=list(box))
    inside = sql.SQL(
        "({} AND ST_Intersects(s.geom_3857,"
        " ST_Transform(ST_MakeEnvelope(%(west)s, %(south)s, %(east)s, %(north)s, 4326), 3857)))"
    ).format(where)
    return inside, dict(zip(("west", "south", "east", "north"), map(float, box), strict=True))
