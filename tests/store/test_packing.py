"""Binary COPY: what goes in is what PostgreSQL has, whatever the types, the gaps and the signs."""

import datetime as dt
import json

import numpy as np
import pandas as pd
import psycopg2
import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from layers.store.staging import copy_frame

KINDS = {
    "t": "text", "a": "text[]", "j": "jsonb", "b": "boolean", "i": "integer", "n": "bigint", "d": "double precision",
    "day": "date", "s": "smallint",
}  # fmt: skip
TEXT = st.text(st.characters(blacklist_categories=("Cs",), blacklist_characters="\0"), max_size=12)
ROW = st.fixed_dictionaries(
    {
        "t": st.none() | TEXT,
        "a": st.none() | st.lists(TEXT, max_size=3).map(tuple),
        "j": st.none() | st.dictionaries(TEXT, st.none() | st.booleans() | st.integers(-9, 9) | TEXT, max_size=3),
        "b": st.none() | st.booleans(),
        "i": st.none() | st.integers(-(2**31), 2**31 - 1),
        "n": st.none() | st.integers(-(2**63), 2**63 - 1),
        "d": st.none() | st.floats(allow_nan=False),
        "day": st.none() | st.dates(dt.date(1, 1, 1)),
        "s": st.none() | st.integers(-(2**15), 2**15 - 1),
        "geom": st.none() | st.tuples(st.floats(-180, 180), st.floats(-90, 90)).map(shapely.Point),
    }
)


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(rows=st.lists(ROW, min_size=1, max_size=8))
def test_every_value_comes_back(db: "psycopg2.extensions.connection", rows: list[dict]) -> None:
    with db.cursor() as cursor:
        columns = ", ".join(f"{c} {kind}" for c, kind in KINDS.items())
        cursor.execute(f"CREATE TEMP TABLE packed (number int, {columns}, geom geometry(Point, 4490))")
        frame = pd.DataFrame(rows, dtype=object).assign(number=range(len(rows)))
        copy_frame(cursor, "packed", frame, {"number": "integer"} | KINDS, {"geom": 4490})
        names = ", ".join(KINDS)
        cursor.execute(f"SELECT {names}, ST_X(geom), ST_Y(geom), ST_SRID(geom) FROM packed ORDER BY number")
        for row, found in zip(rows, cursor.fetchall(), strict=True):
            expected = dict(row)
            point = expected.pop("geom")
            expected["a"] = None if row["a"] is None else list(row["a"])
            got = dict(zip(KINDS, found, strict=False))
            if row["j"] is not None and "\\u0000" in json.dumps(row["j"]):
                expected.pop("j"), got.pop("j")
            assert got == expected
            assert found[len(KINDS) :] == ((None,) * 3 if point is None else (point.x, point.y, 4490))
        cursor.execute("DROP TABLE packed")


@pytest.mark.parametrize(
    "wkt", ["POINT EMPTY", "LINESTRING (1 2, 3 4)", "MULTIPOLYGON (((0 0, 1 0, 1 1, 0 0)))", "POINT (120.5 33.25)"]
)
def test_shapes_of_every_kind_come_back(db: "psycopg2.extensions.connection", wkt: str) -> None:
    shapes = np.array([shapely.from_wkt(wkt), None, shapely.Point(1, 2)], dtype=object)
    with db.cursor() as cursor:
        cursor.execute("CREATE TEMP TABLE packed (n int, geom geometry(Geometry, 4490))")
        copy_frame(cursor, "packed", pd.DataFrame({"n": [1, 2, 3], "geom": shapes}), {"n": "integer"}, {"geom": 4490})
        cursor.execute("SELECT ST_AsBinary(geom), ST_SRID(geom) FROM packed ORDER BY n")
        found = [(None if g is None else shapely.from_wkb(bytes(g)), srid) for g, srid in cursor.fetchall()]
    assert [s for _, s in found] == [4490, None, 4490]
    assert shapely.equals_exact(found[0][0], shapes[0]) or (found[0][0].is_empty and shapes[0].is_empty)


def test_a_byte_that_no_text_has_is_left_out(db: "psycopg2.extensions.connection") -> None:
    with db.cursor() as cursor:
        cursor.execute("CREATE TEMP TABLE packed (t text)")
        copy_frame(cursor, "packed", pd.DataFrame({"t": ["甲\0乙", "", None, "丙"]}, dtype=object), {"t": "text"})
        cursor.execute("SELECT t FROM packed")
        assert [r[0] for r in cursor.fetchall()] == ["甲乙", "", None, "丙"]
