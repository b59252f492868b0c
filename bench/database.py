"""The benchmark's own PostGIS under var/bench: plain tables for peers, a filled layer for us."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import numpy as np
import psycopg2
import shapely
from psycopg2 import sql
from psycopg2.extensions import cursor as Cursor  # noqa: N812 - a class, named as the driver names it

from bench.data import Counties, Points
from geo.assign import AreaIndex
from layers.registry import catalogue
from layers.store import cluster
from layers.store.cells import rebuild_cells
from layers.store.db import connect, role_dsn, statement
from layers.store.migrate import ensure_logins, migrate
from layers.store.places import seed_places
from layers.store.rollup_kept import kept_parts

SECRET_KEY = "only-for-benchmarks"
LAYER = catalogue().layer("enterprise")
SQL_DIR = Path(__file__).with_name("sql")


class Database:
    """A database on the private cluster, empty of tables of ours until ``fill``."""

    def __init__(self, folder: Path, name: str = "bench_run") -> None:
        self.folder, self.name = folder, name
        self.server = cluster.ensure_running(folder, database="bench")
        self._made: set[str] = set()

    def stop(self) -> None:
        """Stop the server."""
        cluster.stop(self.folder)

    @cached_property
    def url(self) -> str:
        """The superuser's URL of a database made anew for this run, migrated, with the code tables."""
        url = self.fresh(self.name)
        migrate(url)
        ensure_logins(url, SECRET_KEY)
        from layers.settings import Settings

        seed_places(role_dsn(url, "yuantu_writer", SECRET_KEY), Settings().data_dir)
        return url

    def fresh(self, name: str) -> str:
        """Make an empty database anew and return the superuser's URL of it."""
        with self._connect(self.server) as cursor:
            cursor.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))
            cursor.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        return urlunsplit(urlsplit(self.server)._replace(path=f"/{name}"))

    def dsn(self, role: str) -> str:
        """Return the DSN of one of the four roles."""
        return role_dsn(self.url, role, SECRET_KEY)

    @contextmanager
    def _connect(self, url: str) -> Iterator[Cursor]:
        connection = psycopg2.connect(url, application_name="yuantu-bench")
        connection.autocommit = True
        try:
            with connection.cursor() as cursor:
                yield cursor
        finally:
            connection.close()

    @contextmanager
    def session(self) -> Iterator[Cursor]:
        """A superuser's cursor, every statement its own transaction."""
        with self._connect(self.url) as cursor:
            cursor.execute("SET jit = off")
            yield cursor

    def make_raw(self, cursor: Cursor, counties: Counties, points: Points) -> None:
        """Make the peers' tables once: bench_point, bench_county, bench_county_part, indexed and analysed."""
        if "raw" not in self._made:
            self.load_raw(cursor, counties, points)
            self._made.add("raw")

    @contextmanager
    def beside(self, name: str) -> Iterator[Cursor]:
        """A superuser's cursor on another database, made anew with PostGIS alone and dropped at the end."""
        with self._connect(self.fresh(name)) as cursor:
            cursor.execute("CREATE EXTENSION postgis; SET jit = off")
            yield cursor
        with self._connect(self.server) as cursor:
            cursor.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))

    def load_raw(self, cursor: Cursor, counties: Counties, points: Points) -> None:
        """Make the peers' tables in the cursor's database."""
        cursor.execute((SQL_DIR / "raw.sql").read_text("utf-8"))
        for code, shape in zip(counties.codes, counties.geoms, strict=True):
            cursor.execute(
                "INSERT INTO bench_county VALUES (%s, ST_Multi(ST_SetSRID(%s::geometry, 4490)))",
                (code, shapely.to_wkb(shape, hex=True)),
            )
        index = AreaIndex.build(counties.codes, counties.geoms)
        codes = np.array([*index.codes, "outside"], dtype=object)
        where = index.points(points.lon, points.lat)
        for start in range(0, len(points), 200_000):
            part = slice(start, start + 200_000)
            buffer = io.StringIO()
            buffer.writelines(
                f"{start + i + 1}\t{x!r}\t{y!r}\t{v}\t{c}\n"
                for i, (x, y, v, c) in enumerate(
                    zip(points.lon[part].tolist(), points.lat[part].tolist(), points.value[part].tolist(),
                        codes[where[part]], strict=True)
                )
            )  # fmt: skip
            buffer.seek(0)
            cursor.copy_expert("COPY bench_staged FROM STDIN", buffer)
        cursor.execute((SQL_DIR / "raw_index.sql").read_text("utf-8"))

    def fill(self, counties: Counties, points: Points) -> None:
        """Fill the enterprise layer with the points once, with its rollup and search words, without measuring it."""
        if "layer" in self._made:
            return
        with self.session() as cursor:
            self.make_raw(cursor, counties, points)
            parts = {"table": sql.Identifier(LAYER.table), "sequence": sql.Literal(f"{LAYER.table}_feature")}
            cursor.execute(sql.SQL((SQL_DIR / "fill.sql").read_text("utf-8")).format(**parts), {"layer": LAYER.id})
            recompute = sql.SQL(statement("rollup/recompute")).format(**kept_parts(LAYER))
            cursor.execute(
                sql.SQL("INSERT INTO rollup SELECT %(layer)s, r.* FROM ({}) AS r").format(recompute),
                {"layer": LAYER.id},
            )
        with connect(self.url) as connection, connection.cursor() as cursor:
            rebuild_cells(cursor, LAYER, catalogue())
        with self.session() as cursor:
            cursor.execute("ANALYZE")
        self._made.add("layer")
