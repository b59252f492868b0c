"""geopandas: the points of a box from PostGIS as GeoJSON text. Runs in the peers' venv."""

import json
import sys
import time

import geopandas
from sqlalchemy import create_engine


def main():
    work = json.load(sys.stdin)
    engine = create_engine(work["url"].replace("postgresql://", "postgresql+psycopg2://"))
    text = (
        "SELECT id, name, value, geom FROM bench_point WHERE ST_Intersects(geom, ST_MakeEnvelope({}, {}, {}, {}, 4490))"
    ).format(*work["box"])
    seconds = []
    for number in range(work["repeats"] + 1):
        start = time.perf_counter()
        body = geopandas.read_postgis(text, engine, geom_col="geom").to_json()
        if number:
            seconds.append(time.perf_counter() - start)
    n = len(json.loads(body)["features"])
    note = "" if n == work["n"] else f"{n} 个"
    answer = {"name": f"geopandas {geopandas.__version__}", "seconds": seconds, "note": note}
    sys.stdout.write(json.dumps([answer]) + "\n")


main()
