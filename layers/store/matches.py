"""Which field a publisher's header means, as a person decided it: remembered for the publisher's next file."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from dataclasses import dataclass

from psycopg2.extensions import cursor as Cursor  # noqa: N812 - a class, named as the driver names it

from layers.store.db import connect, statement

_FORGET = "DELETE FROM column_match WHERE publisher = %(publisher)s AND layer = %(layer)s AND header_key = %(key)s"


@dataclass(frozen=True)
class Remembered:
    """One header of one publisher's files: ``target`` is a field, a role, ``event:<type>``, ``figure:<id>`` or ''."""

    publisher: str
    layer: str
    header: str
    target: str
    decided_by: str
    decided_at: dt.datetime


def header_form(header: str) -> str:
    """Return the form in which two headers are the same: half-width, lower case, no spaces."""
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", header).lower())


def list_matches(dsn: str, layer: str = "", publisher: str = "") -> list[Remembered]:
    """Return what is remembered, for all layers and publishers where they are ''."""
    with connect(dsn) as conn, conn.cursor() as cursor:
        cursor.execute(statement("import/matches"), {"layer": layer, "publisher": publisher})
        return [Remembered(*row) for row in cursor.fetchall()]


def remembered(dsn: str, layer: str, publisher: str) -> dict[str, str]:
    """Return :func:`header_form` -> target for one publisher's files of a layer; none without a publisher."""
    if not publisher:
        return {}
    return {header_form(m.header): m.target for m in list_matches(dsn, layer, publisher)}


def remember(cursor: Cursor, layer: str, publisher: str, given: dict[str, str], by: str) -> None:
    """Remember what a person said of some headers, in the transaction of the run that used it."""
    for header, target in given.items():
        params = {"publisher": publisher, "layer": layer, "header_key": header_form(header), "header": header}
        cursor.execute(statement("import/remember_match"), params | {"target": target, "by": by})


def correct(dsn: str, layer: str, publisher: str, header: str, target: str, by: str = "") -> None:
    """Put another target in the place of what is remembered of a header."""
    with connect(dsn) as conn, conn.cursor() as cursor:
        remember(cursor, layer, publisher, {header: target}, by)


def forget(dsn: str, layer: str, publisher: str, header: str) -> bool:
    """Forget a header; return whether there was anything to forget."""
    with connect(dsn) as conn, conn.cursor() as cursor:
        cursor.execute(_FORGET, {"publisher": publisher, "layer": layer, "key": header_form(header)})
        return bool(cursor.rowcount)
