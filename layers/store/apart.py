"""A large load into a layer that has little yet: written into a table apart, which then takes the layer's place."""

from __future__ import annotations

from psycopg2.extensions import cursor as Cursor  # noqa: N812 - a class, named as the driver names it

from layers.spec import Layer

MANY = 20_000  # versions that a run opens; fewer are written into the layer's table as it is


def set_apart(cursor: Cursor, layer: Layer, opened: int) -> bool:
    """Let the rest of the transaction write a layer's versions apart, if it opens many and more than there are.

    The statements stay the same: the table apart has the name of the layer's own and is found before it.
    """
    if opened < MANY:
        return False
    cursor.execute("SELECT apart_dropped(%(layer)s)", {"layer": layer.id})
    cursor.execute("SELECT layer_apart(%(layer)s, %(opened)s)", {"layer": layer.id, "opened": opened})
    row = cursor.fetchone()
    if row is None or not row[0]:
        return False
    read_apart(cursor)
    return True


def read_apart(cursor: Cursor) -> None:
    """Let the rest of the transaction find a layer's table apart before its own."""
    cursor.execute("SET LOCAL search_path = apart, public")


def index_apart(cursor: Cursor, layer: Layer) -> None:
    """Index the table apart as the layer's own is, all rows being there."""
    cursor.execute("SET LOCAL maintenance_work_mem = '256MB'")
    for call in index_calls(cursor, layer):
        cursor.execute(*call)
    complete_apart(cursor, layer)


def index_calls(cursor: Cursor, layer: Layer) -> list[tuple[str, dict[str, str]]]:
    """Return the statements that make the indexes of a layer's table apart, the slowest first."""
    cursor.execute("SELECT name FROM apart_indexes(%(layer)s)", {"layer": layer.id})
    call = "SELECT apart_indexed(%(layer)s, %(index)s)"
    return [(call, {"layer": layer.id, "index": name}) for (name,) in cursor.fetchall()]


def complete_apart(cursor: Cursor, layer: Layer) -> None:
    """Give the table apart, which has its rows and indexes, the constraints, comment and statistics of a layer's."""
    cursor.execute("SELECT apart_completed(%(layer)s)", {"layer": layer.id})


def join_again(cursor: Cursor, layer: Layer) -> None:
    """Put the table apart in the place of the layer's own, the last thing a transaction does."""
    cursor.execute("SET LOCAL search_path = public")
    cursor.execute("SELECT layer_joined(%(layer)s)", {"layer": layer.id})
