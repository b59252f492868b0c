"""geopandas.to_postgis of the same points into a plain table. Runs in the peers' venv."""

import json
import sys
import time

import geopandas as gpd
import numpy as np
import pandas as pd
from sqlalchemy import create_engine


def main():
    work = json.load(sys.stdin)
    with np.load(work["points"]) as held:
        frame = pd.DataFrame({name: held[name] for name in ("lon", "lat", "value")})
    shapes = gpd.points_from_xy(frame.pop("lon"), frame.pop("lat"), crs=4490)
    table = gpd.GeoDataFrame(frame, geometry=shapes)
    engine = create_engine(work["url"].replace("postgresql://", "postgresql+psycopg2://"))
    seconds = []
    for _ in range(work["repeats"]):
        start = time.perf_counter()
        table.to_postgis("bench_to_postgis", engine, if_exists="replace", index=False)
        seconds.append(time.perf_counter() - start)
    sys.stdout.write(json.dumps([{"name": "geopandas.to_postgis", "seconds": seconds, "note": ""}]) + "\n")


main()
