"""Very many enterprises, written by SQL as a load would leave them, so that a test has them in seconds."""

import psycopg2

from layers.registry import catalogue
from layers.store.cells import rebuild_cells

# two in three in nine clusters, the rest anywhere in the city's box; all of them inside it
FILL = """
SELECT setseed(0.25);
INSERT INTO load_run (layer, kind, recorded_at, reason, n_read, n_loaded)
VALUES ('enterprise', 'import', clock_timestamp(), '大数据量测试', %(n)s, %(n)s);
INSERT INTO layer_enterprise (id, key, name, county_code, unit_code, location_accuracy, data_date, source_name,
                              source_row, row_hash, geom, geom_3857, run_id, entry_number, recorded_from)
SELECT p.i, 'crowd-' || p.i, '企业' || p.i || '号', p.county, p.county, 'surveyed', DATE '2026-01-01', '大数据.csv',
       p.i + 1, '', ST_SetSRID(ST_MakePoint(p.lon, p.lat), 4490),
       ST_Transform(ST_SetSRID(ST_MakePoint(p.lon, p.lat), 4326), 3857), r.run_id, p.i, r.recorded_at
FROM (
    SELECT i, (ARRAY['320902', '320903', '320904', '320921', '320922', '320923', '320924', '320925', '320981'])
              [1 + i %% 9] AS county,
           CASE WHEN i %% 3 = 0 THEN 119.5 + 1.2 * random()
                ELSE 119.7 + 0.3 * (i %% 3) + 0.1 * (i %% 9) * 0.5 + 0.05 * (random() + random() - 1) END AS lon,
           CASE WHEN i %% 3 = 0 THEN 32.7 + 1.6 * random()
                ELSE 32.9 + 0.15 * (i %% 9) + 0.05 * (random() + random() - 1) END AS lat
    FROM generate_series(1, %(n)s) AS i OFFSET 0
) AS p
CROSS JOIN (SELECT run_id, recorded_at FROM load_run WHERE reason = '大数据量测试') AS r;
SELECT setval('layer_enterprise_feature', %(n)s);
UPDATE layer_state SET version = version + 1, loaded_at = now() WHERE layer = 'enterprise';
"""


def fill(dsn: str, n: int) -> None:
    """Write ``n`` enterprises and their cells."""
    connection = psycopg2.connect(dsn)
    with connection, connection.cursor() as cursor:
        cursor.execute("SET LOCAL work_mem = '256MB'")
        cursor.execute(FILL, {"n": n})
        rebuild_cells(cursor, catalogue().layer("enterprise"), catalogue())
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE layer_enterprise, cell")
    connection.close()
