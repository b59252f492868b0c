"""Rows that wait in quarantine, file by file, with what is wrong in each; and the runs that held them back."""

from __future__ import annotations

import datetime as dt
import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from layers.store.db import connect, statement


@dataclass(frozen=True)
class HeldFault:
    """One fault of a held row, as its run noted it."""

    field: str
    type: str
    severity: str
    value: str
    message: str


@dataclass(frozen=True)
class HeldRow:
    """One row of a file that waits, in the sender's own cells; ``ticket`` is its number in the quarantine."""

    ticket: int
    row: int | None
    sheet: str
    cells: dict[str, str]
    geometry: str
    faults: tuple[HeldFault, ...]


@dataclass(frozen=True)
class HeldFile:
    """The waiting rows of one run: ``columns`` are dicts of header, kind, target, how, score in the file's order."""

    run_id: int
    file_name: str
    publisher: str
    recorded_at: dt.datetime
    columns: tuple[dict[str, Any], ...]
    notes: tuple[str, ...]
    rows: list[HeldRow] = field(default_factory=list)


@dataclass(frozen=True)
class HeldPage:
    """One page of a layer's quarantine.

    Attributes
    ----------
    files : tuple of HeldFile
        The page's rows, by the run that held them back.
    waiting : dict
        Run -> how many of its rows wait, for every run that has some.
    n : int
        Rows that match what was asked, on all pages.
    first : int
        The number of the page's first row among them, from 1; 0 when none matches.
    causes : tuple of (issue type, field, rows)
        Why rows of the layer wait, the most frequent first.
    """

    files: tuple[HeldFile, ...]
    waiting: dict[int, int]
    n: int
    first: int
    causes: tuple[tuple[str, str, int], ...]


@dataclass(frozen=True)
class Origin:
    """How the file of a run was imported: for its corrected rows, and for replaying it."""

    run_id: int
    options: dict[str, Any]
    datum: dict[str, Any]
    publisher: str
    licence: str
    url: str
    data_date: dt.date | None
    columns: tuple[dict[str, Any], ...]
    notes: tuple[str, ...]


def read_held(dsn: str, layer: str, run: int | None = None, tickets: Sequence[int] | None = None) -> list[HeldFile]:
    """Return what waits in a layer's quarantine, whole: for those with the right to internal fields.

    ``run`` and ``tickets`` leave only the rows of one run, and those with these tickets.
    """
    params = {"layer": layer, "run": run, "tickets": None if tickets is None else list(tickets)}
    with connect(dsn) as conn, conn.cursor() as cursor:
        cursor.execute(statement("import/held_faults"), params)
        faults: dict[int, list[HeldFault]] = defaultdict(list)
        for ticket, *fault in cursor.fetchall():
            faults[ticket].append(HeldFault(*fault))
        cursor.execute(statement("import/held"), params)
        files: dict[int, HeldFile] = {}
        for ticket, run_id, row, _, sheet, cells, geometry, name, publisher, at, columns, notes in cursor.fetchall():
            known = tuple(columns or ({"header": h} for h in cells))
            held = files.setdefault(run_id, HeldFile(run_id, name, publisher, at, known, tuple(notes or ())))
            held.rows.append(HeldRow(ticket, row, sheet, cells, geometry, tuple(faults[ticket])))
    return list(files.values())


def read_held_page(
    dsn: str, layer: str, *, cause: tuple[str, str] | None = None, find: str = "", first: int = 1, most: int = 100
) -> HeldPage:
    """Return one page of what waits in a layer's quarantine; beyond the end it is the last one.

    Parameters
    ----------
    cause : tuple of (issue type, field), optional
        Only rows with this error.
    find : str
        Only rows with a cell that holds this text.
    first : int
        The number, from 1, of the row that the page begins with; it is moved to the beginning of a page.
    """
    text = "%" + re.sub(r"([\\%_])", r"\\\1", find) + "%" if find else None
    kind, name = cause or (None, None)
    params = {"layer": layer, "type": kind, "field": name, "text": text, "most": most}
    with connect(dsn) as conn, conn.cursor() as cursor:
        cursor.execute(statement("import/held_causes"), params)
        causes = tuple(cursor.fetchall())
        skip = (max(1, first) - 1) // most * most
        cursor.execute(statement("import/held_tickets"), params | {"skip": skip})
        runs = cursor.fetchall()
        n = sum(r[2] for r in runs)
        if n and skip >= n:
            skip = (n - 1) // most * most
            cursor.execute(statement("import/held_tickets"), params | {"skip": skip})
            runs = cursor.fetchall()
    tickets = [ticket for r in runs for ticket in r[1] or ()]
    files = read_held(dsn, layer, tickets=tickets) if tickets else []
    return HeldPage(tuple(files), {r[0]: r[3] for r in runs}, n, skip + 1 if n else 0, causes)


def origins(dsn: str, layer: str, tickets: Sequence[int]) -> list[Origin]:
    """Return the runs that held the rows with these tickets back."""
    with connect(dsn) as conn, conn.cursor() as cursor:
        cursor.execute(statement("import/origin"), {"layer": layer, "tickets": list(tickets)})
        found = cursor.fetchall()
    return [
        Origin(run, options, datum, publisher, licence, url, day, tuple(columns or ()), tuple(notes or ()))
        for run, options, datum, publisher, licence, url, day, columns, notes in found
    ]
