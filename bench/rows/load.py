"""Loading points: bare rows into a plain table, then a whole file read, checked, assigned, indexed and published."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import numpy as np
import pandas as pd
import shapely
from psycopg2.extensions import cursor as Cursor  # noqa: N812 - a class, named as the driver names it

from bench import peers
from bench.context import Bench
from bench.database import LAYER, SQL_DIR, Database
from bench.timing import Case, Timing, case, measure
from etl.headers import Dictionary
from etl.options import Options
from etl.pipeline import Context, import_file, prepare, read_gazetteer
from etl.read import read_file
from layers.registry import catalogue
from layers.store.db import connect
from layers.store.side_by_side import side_by_side
from layers.store.staging import SRIDS, LazyRows, copy_frame, row_columns

TITLE = "入库"
ORDER = 5
MOST_RAW, MOST = 200_000, 1_000_000
TIMES, FEW, SOME = 3, 2_000, 60_000  # a large file is loaded once by each, after one that goes the same way
CHECKED = Options(datum="wgs84")
INDEXES = (
    "CREATE INDEX ON bench_loaded USING gist (geom)", "CREATE INDEX ON bench_loaded USING gist (geom_3857)",
    "CREATE UNIQUE INDEX ON bench_loaded (key text_pattern_ops)",
    "CREATE INDEX ON bench_loaded (county_code text_pattern_ops)",
)  # fmt: skip


def run(bench: Bench) -> Iterator[Case]:
    """Measure the row."""
    n, raw = min(MOST, bench.rows), min(MOST_RAW, bench.rows)
    with bench.database.session() as cursor:
        bench.database.make_raw(cursor, bench.counties, bench.points)
        yield _raw(bench, raw, cursor)
        yield _whole(bench, n, cursor)


def _raw(bench: Bench, n: int, cursor: Cursor) -> Case:
    """Points and a number each, from memory into a plain table without index."""
    path, part = bench.folder / "load.npz", slice(0, n)
    np.savez(path, lon=bench.points.lon[part], lat=bench.points.lat[part], value=bench.points.value[part])
    work = {"points": str(path), "url": bench.database.url, "repeats": TIMES}
    frame = pd.DataFrame({"value": bench.points.value[part]})
    frame["geom"] = shapely.points(bench.points.lon[part], bench.points.lat[part])

    def copied() -> None:
        cursor.execute("DROP TABLE IF EXISTS bench_bare")
        cursor.execute("CREATE TABLE bench_bare (value bigint, geom geometry(Point, 4490))")
        copy_frame(cursor, "bench_bare", frame, {"value": "bigint"}, {"geom": 4490})

    def server() -> None:
        cursor.execute("DROP TABLE IF EXISTS bench_copied")
        cursor.execute(f"CREATE TABLE bench_copied AS SELECT value, geom FROM bench_point LIMIT {n:d}")

    others = [*peers.run(bench.venv, "load", work), *_ogr_raw(bench, n)]
    return case(
        "load", f"只入库：{n:,} 个点与一个数字，普通表", "二进制 COPY（copy_frame）",
        {"二进制 COPY（copy_frame）": copied, "服务器内复制同样的行（底线）": server}, repeats=TIMES, others=others,
        note="没有核对、没有索引；ogr2ogr 从 GeoJSONSeq 读，其余数据已在内存。",
    )  # fmt: skip


def _whole(bench: Bench, n: int, cursor: Cursor) -> Case:
    """The same CSV file read, checked, its points assigned, and indexed; then also published as a run."""
    database, turn, cat = bench.database, count(), catalogue()
    dsn = database.dsn("yuantu_writer")
    _make_areas(cursor, bench)
    context = Context(dsn, cat, bench.folder / "var", read_gazetteer(dsn))
    times = TIMES if n <= MOST_RAW else 1
    sizes = [min(FEW, n), min(SOME, n), *[n] * times]
    small, warm, *files = (_write(bench, k, f"load{i}.csv", i + 1) for i, k in enumerate(sizes))

    def loaded(file: Path) -> None:
        table = read_file(file.read_bytes(), file.name, known=Dictionary(LAYER).knows)
        made = prepare(table, LAYER, cat, CHECKED, context.places(), file.name)
        columns = row_columns(LAYER)
        with connect(database.url) as conn, conn.cursor() as writer:
            writer.execute("DROP TABLE IF EXISTS bench_loaded")
            body = ", ".join(f'"{c}" {kind}' for c, kind in columns.items())
            writer.execute(
                f"CREATE TABLE bench_loaded ({body}, geom geometry(Point, 4490), geom_3857 geometry(Point, 3857))"
            )
            rows = made.batch.rows
            pieces = (p for _, p in rows.pieces_near()) if isinstance(rows, LazyRows) else made.batch.pieces()
            for piece in pieces:
                copy_frame(writer, "bench_loaded", piece, columns, SRIDS, frozen=True)
        side_by_side(database.url, [(text, {}) for text in INDEXES])
        with connect(database.url) as conn, conn.cursor() as writer:
            writer.execute("SET LOCAL default_statistics_target = 20; ANALYZE bench_loaded")

    subjects: dict[str, Callable[[], object]] = {
        "读取、核对、判县、COPY、建索引": lambda: loaded(files[0]),
        "yuantu import 全程（另有版本、检索词、汇总、历史）": lambda: import_file(
            LAYER.id, files[next(turn)], CHECKED, context
        ),
    }
    loaded(warm)
    import_file(LAYER.id, small, CHECKED, context)
    program = _program()
    if program is not None:
        subjects["ogr2ogr ＋ SQL 核对、判县、建索引"] = lambda: _ogr_and_sql(program, files[0], database)
    others = [] if program is not None else [Timing("ogr2ogr ＋ SQL", note="这台机器没有装，也装不上")]
    return case(
        "load", f"入库 {n:,} 个点：读取、核对、判县、索引", next(iter(subjects)), subjects, repeats=times, warm=0,
        others=others, note="同一个 CSV。ogr2ogr ＋ SQL 只做同样的核对（代码的形式与校验位、数字、重复、近似的名称）"
        "和索引，不留版本、检索词和汇总。",
    )  # fmt: skip


def _make_areas(cursor: Cursor, bench: Bench) -> None:
    """Give the database the active counties that the import assigns by, once."""
    cursor.execute("SELECT count(*) FROM area")
    if cursor.fetchone() != (0,):
        return
    cursor.execute(
        "INSERT INTO load_run (layer, kind, recorded_at) VALUES ('boundary', 'import', now()) RETURNING run_id"
    )
    number = cursor.fetchone()
    for code, name, shape in zip(bench.counties.codes, bench.counties.names, bench.counties.geoms, strict=True):
        cursor.execute(
            "INSERT INTO area (code, name, kind, generation, is_active, area_m2, label_lon, label_lat, geom, run_id)"
            " SELECT %s, %s, 'county', 'bench', true, 1, ST_X(p), ST_Y(p), g, %s"
            " FROM ST_Multi(ST_SetSRID(%s::geometry, 4490)) AS g, ST_PointOnSurface(g) AS p",
            (code, name, number and number[0], shapely.to_wkb(shape, hex=True)),
        )


def _write(bench: Bench, n: int, name: str, series: int) -> Path:
    """Write a clean file of ``n`` enterprises, the codes of each series different."""
    path = bench.folder / name
    signs = "0123456789ABCDEFGHJKLMNPQRTUWXY"
    weights = [pow(3, i, 31) for i in range(17)]
    part = slice(0, n)
    with path.open("w", encoding="utf-8") as out:
        out.write("name,credit_code,registered_cny,lon,lat\n")
        rows = zip(bench.points.value[part], bench.points.lon[part], bench.points.lat[part], strict=True)
        for i, (value, lon, lat) in enumerate(rows):
            body = f"9132{series:04d}{i:09d}"
            check = signs[-sum(signs.index(c) * w for c, w in zip(body, weights, strict=True)) % 31]
            out.write(f"盐城第{series}批机械制造{i}号有限公司,{body}{check},{value},{lon:.7f},{lat:.7f}\n")
    return path


def _program() -> str | None:
    """Return ogr2ogr, installed with the system's own packages when it is missing and that is allowed."""
    found = shutil.which("ogr2ogr")
    if found is None and os.geteuid() == 0 and (apt := shutil.which("apt-get")) is not None:
        subprocess.run([apt, "install", "-y", "-q", "gdal-bin"], check=False, capture_output=True)
        found = shutil.which("ogr2ogr")
    return found


def _ogr_raw(bench: Bench, n: int) -> list[Timing]:
    program = _program()
    if program is None:
        return [Timing("ogr2ogr", note="这台机器没有装，也装不上")]
    path = bench.folder / "load.geojsonl"
    with path.open("w", encoding="utf-8") as out:
        for lon, lat, value in zip(bench.points.lon[:n], bench.points.lat[:n], bench.points.value[:n], strict=True):
            shape = {"type": "Point", "coordinates": [float(lon), float(lat)]}
            out.write(json.dumps({"type": "Feature", "properties": {"value": int(value)}, "geometry": shape}) + "\n")
    command = [
        program, "-q", "-overwrite", "-f", "PostgreSQL", f"PG:{bench.database.url}", str(path), "-nln", "bench_ogr",
        "-lco", "SPATIAL_INDEX=NONE",
    ]  # fmt: skip
    copying = {"ogr": lambda: subprocess.run(command, check=True, env={"PG_USE_COPY": "YES"})}
    return [Timing("ogr2ogr", measure(copying, TIMES)["ogr"])]


def _ogr_and_sql(program: str, path: Path, database: Database) -> None:
    command = [
        program, "-q", "-overwrite", "-f", "PostgreSQL", f"PG:{database.url}", str(path), "-nln", "bench_ogr_file",
    ]  # fmt: skip
    subprocess.run(command, check=True, env={"PG_USE_COPY": "YES"})
    with connect(database.url) as conn, conn.cursor() as cursor:
        cursor.execute(peer_statements())


def peer_statements() -> str:
    """Return what the peer does with ogr2ogr's table; the signs of a code are weighed as GB 32100-2015 says."""
    weighed = " + ".join(f"{pow(3, i, 31)} * (strpos(signs, substr(key, {i + 1}, 1)) - 1)" for i in range(17))
    return (SQL_DIR / "load_peer.sql").read_text("utf-8").replace("{weighed}", weighed)
