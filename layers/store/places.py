"""The city's place codes: counties, units and townships, with the names they go by."""

from __future__ import annotations

import csv
import tomllib
from dataclasses import dataclass
from pathlib import Path

from psycopg2.extras import execute_values

from layers.store.areas import active_areas
from layers.store.db import connect

__all__ = ["Place", "active_areas", "load_places", "seed_places"]


@dataclass(frozen=True)
class Place:
    """A county, unit or township. ``unit_code`` is the unit a township belongs to, '' for its county's own."""

    code: str
    name: str
    kind: str
    county_code: str = ""
    unit_code: str = ""
    aliases: tuple[str, ...] = ()


def load_places(dsn: str) -> list[Place]:
    """Return every place in the order of the code tables."""
    with connect(dsn) as conn, conn.cursor() as cursor:
        cursor.execute(
            "SELECT code, name, kind, county_code, unit_code, aliases FROM place_code ORDER BY kind, ordinal, code"
        )
        return [Place(c, n, k, cc, u, tuple(a)) for c, n, k, cc, u, a in cursor.fetchall()]


def read_places(data_dir: Path) -> list[Place]:
    """Read the shipped code tables: ``admin/units.toml`` and ``admin/townships_mca_2026.csv``.

    A township's code is the first nine digits of 民政部's twelve.
    """
    table = tomllib.loads((data_dir / "admin" / "units.toml").read_text(encoding="utf-8"))
    places = [
        Place(c["code"], c["name"], "county", c["code"], "", tuple(c.get("aliases", ()))) for c in table["county"]
    ]
    units = {t: u["code"] for u in table["unit"] for t in u.get("townships", ())}
    places += [Place(u["code"], u["name"], "unit", "", "", tuple(u.get("aliases", ()))) for u in table["unit"]]
    with (data_dir / "admin" / "townships_mca_2026.csv").open(encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(stream):
            code = row["code12"][:9]
            places.append(Place(code, row["name"], "township", row["adcode"], units.get(code, "")))
    return places


def seed_places(dsn: str, data_dir: Path) -> int:
    """Write the shipped code tables where a steward has not changed them; return how many there are."""
    places = read_places(data_dir)
    rows = [(p.code, p.name, p.kind, p.county_code, p.unit_code, list(p.aliases), i) for i, p in enumerate(places)]
    with connect(dsn) as conn, conn.cursor() as cursor:
        execute_values(
            cursor,
            "INSERT INTO place_code (code, name, kind, county_code, unit_code, aliases, ordinal) VALUES %s"
            " ON CONFLICT (code) DO NOTHING",
            rows,
        )
    return len(rows)
