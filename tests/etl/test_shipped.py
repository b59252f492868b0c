"""The shipped data and the demo data go through the real import into a real database."""

from collections.abc import Iterator

import psycopg2
import pytest

from etl.pipeline import Context, Report
from etl.shipped import load_shipped
from layers.registry import catalogue
from layers.settings import ROOT
from layers.store.db import role_dsn
from layers.store.load import recomputed_rollup

DATA = ROOT / "data" / "shapefiles"


@pytest.fixture(scope="module")
def loaded(scratch_database, secret_key, tmp_path_factory) -> Iterator[tuple[str, Context, list[Report]]]:
    var_dir = tmp_path_factory.mktemp("var")
    with scratch_database() as url:
        context = Context(role_dsn(url, "yuantu_writer", secret_key), catalogue(), var_dir)
        yield url, context, load_shipped(context, DATA, demo=True)


def test_every_row_is_accounted_for(loaded) -> None:
    _, _, reports = loaded
    assert {r.layer for r in reports} >= {"boundary", "park", "project", "factory", "infrastructure", "parcel"}
    for report in reports:
        counts = report.counts
        assert counts["read"] == counts["loaded"] + counts["unchanged"] + counts["quarantined"], report.resource
        assert counts["quarantined"] == 0, [i for i in report.issues if i.severity == "error"]


def test_a_second_load_loads_nothing(loaded) -> None:
    _, context, _ = loaded
    assert load_shipped(context, DATA, demo=True) == []


def test_the_stored_rollup_is_the_recomputed_one(loaded) -> None:
    url, context, _ = loaded
    with psycopg2.connect(url) as conn, conn.cursor() as cursor:
        for layer in context.catalogue.layers.values():
            cursor.execute(
                "SELECT axis, code, is_demo, measure, n, total FROM rollup WHERE layer = %s ORDER BY 1, 2, 3, 4",
                (layer.id,),
            )
            stored = {tuple(r[:4]): (r[4], float(r[5])) for r in cursor.fetchall()}
            again = recomputed_rollup(url, layer)
            fresh = {
                (r.axis, r.code, r.is_demo, r.measure): (r.n, float(r.total)) for r in again.itertuples(index=False)
            }
            assert stored == fresh, layer.id
    conn.close()
