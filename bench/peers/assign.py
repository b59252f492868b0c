"""DuckDB spatial and SedonaDB: exact count and sum by county, both from memory. Runs in the peers' venv."""

import json
import sys
import time

import duckdb
import numpy as np
import pyarrow as pa
import sedonadb


def timed(run, repeats):
    """A warm run, then ``repeats`` measured ones; what takes longer than 10 s is measured once, without warming."""
    start = time.perf_counter()
    answer = run()
    seconds = [time.perf_counter() - start]
    if seconds[0] > 10:
        return seconds, answer
    seconds = []
    for _ in range(repeats):
        start = time.perf_counter()
        answer = run()
        seconds.append(time.perf_counter() - start)
    return seconds, answer


def check(answer, wanted):
    """'' where a peer's counts and sums are ours, else how they differ."""
    found = {str(code): [int(n), int(total)] for code, n, total in answer}
    return "" if found == wanted else f"结果不同：{sum(v[0] for v in found.values())} 个点"


def tables(work):
    """The points and the areas as Arrow tables."""
    with np.load(work["points"]) as held:
        points = pa.table({name: held[name] for name in ("lon", "lat", "value")})
    return points, pa.table({"code": work["codes"], "wkb": [bytes.fromhex(w) for w in work["areas"]]})


def run_duckdb(work, points, areas):
    try:
        from duckdb_extensions import import_extension

        import_extension("spatial")
    except Exception as error:
        return {"name": "DuckDB spatial", "seconds": [], "note": f"装不上扩展：{str(error)[:80]}"}
    con = duckdb.connect()
    con.execute("LOAD spatial")
    con.execute(f"SET threads = {work['threads']}")
    con.register("raw", points)
    con.register("areas", areas)
    con.execute("CREATE TABLE p AS SELECT ST_Point(lon, lat) AS geom, value FROM raw")
    con.execute("CREATE TABLE a AS SELECT code, ST_GeomFromWKB(wkb) AS geom FROM areas")
    text = "SELECT a.code, count(*), sum(p.value) FROM p JOIN a ON ST_Covers(a.geom, p.geom) GROUP BY a.code"
    seconds, answer = timed(lambda: con.execute(text).fetchall(), work["repeats"])
    return {"name": f"DuckDB spatial {duckdb.__version__}", "seconds": seconds, "note": check(answer, work["wanted"])}


def run_sedonadb(work, points, areas):
    sd = sedonadb.connect()
    sd.create_data_frame(points).to_view("raw")
    sd.create_data_frame(areas).to_view("areas")
    sd.sql("SELECT ST_Point(lon, lat) AS geom, value FROM raw").to_memtable().to_view("p")
    sd.sql("SELECT code, ST_GeomFromWKB(wkb) AS geom FROM areas").to_memtable().to_view("a")
    text = (
        "SELECT a.code, count(*) AS n, sum(p.value) AS total FROM p JOIN a ON ST_Covers(a.geom, p.geom) GROUP BY a.code"
    )

    def ask():
        table = pa.table(sd.sql(text).to_arrow_table())
        return list(zip(*(table.column(i).to_pylist() for i in range(3)), strict=True))

    seconds, answer = timed(ask, work["repeats"])
    return {"name": f"SedonaDB {sedonadb.__version__}", "seconds": seconds, "note": check(answer, work["wanted"])}


def main():
    work = json.load(sys.stdin)
    points, areas = tables(work)
    answers = []
    for name, run in (("DuckDB spatial", run_duckdb), ("SedonaDB", run_sedonadb)):
        if name not in work["only"]:
            continue
        try:
            answers.append(run(work, points, areas))
        except Exception as error:
            answers.append({"name": name, "seconds": [], "note": f"出错：{str(error).splitlines()[0][:100]}"})
    sys.stdout.write(json.dumps(answers) + "\n")


main()
