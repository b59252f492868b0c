"""Laws 2, 3, 5 and 6 of the store: twice is once, rollback restores, stored rollups and cells = recomputed."""

import datetime as dt
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import numpy as np
import pytest
import shapely
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from geo.errors import ConflictError, NotFoundError
from geo.mercator import to_web_mercator
from layers.registry import catalogue
from layers.store.cells import rebuild_cells
from layers.store.db import connect, role_dsn
from layers.store.load import RunInfo, difference, publish, recomputed_rollup
from layers.store.rollback import rollback
from tests.store.worlds import NORTH_WEST, SOUTH_EAST, SOUTH_WEST, ask, batch, county, event
from tests.support import SECRET_KEY

CAT = catalogue()
PROJECT, PARK, BOUNDARY = CAT.layers["project"], CAT.layers["park"], CAT.layers["boundary"]
VIEW = "SELECT id, key, name, county_code, unit_code, invest_cny, stage FROM pub.project ORDER BY id"


def writer(url: str) -> str:
    return role_dsn(url, "yuantu_writer", SECRET_KEY)


def stored(url: str, layer: str) -> list[tuple[Any, ...]]:
    return sorted(
        ask(url, "SELECT axis, code, is_demo, measure, n, n_missing, total FROM rollup WHERE layer = %s", layer)
    )


def recomputed(url: str, layer: Any) -> list[tuple[Any, ...]]:
    return sorted(tuple(r) for r in recomputed_rollup(url, layer).itertuples(index=False))


CELLS = (
    "SELECT level, key, is_demo, is_placed, county_code, unit_code, term, day, n, sx, sy, known, sums FROM cell"
    " WHERE layer = %s ORDER BY 1, 2, 3, 4, 5, 6, 7, 8"
)


def assert_cells_in_step(url: str, layer: Any) -> None:
    held = ask(url, CELLS, layer.id)
    with connect(writer(url)) as conn, conn.cursor() as cursor:
        rebuild_cells(cursor, layer, CAT)
        cursor.execute(CELLS, (layer.id,))
        anew = cursor.fetchall()
        conn.rollback()
    assert held == anew


def drawn(record: dict[str, Any]) -> dict[str, Any]:
    shape = record["geom"]
    return record | {"geom_3857": to_web_mercator(np.array([shape], dtype=object))[0] if shape is not None else None}


def test_a_project_counts_once_it_is_loaded_and_twice_is_once(database_url: str) -> None:
    rows = [{"name": "甲", "county_code": SOUTH_WEST, "unit_code": "320971", "invest_cny": 10**9}]
    happened = [event("甲", "签约", "2026-01-02")]
    first = publish(writer(database_url), PROJECT, CAT, batch(PROJECT, rows, happened), RunInfo())
    before = ask(database_url, VIEW)
    second = publish(writer(database_url), PROJECT, CAT, batch(PROJECT, rows, happened), RunInfo())
    assert (first.loaded, first.unchanged) == (1, 0)
    assert (second.loaded, second.unchanged) == (0, 1)
    assert ask(database_url, VIEW) == before == [(1, "甲", "甲", SOUTH_WEST, "320971", 10**9, "签约")]
    assert ask(database_url, "SELECT count(*) FROM layer_project") == [(1,)]


def test_a_corrected_event_closes_the_old_one_and_keeps_it_in_history(database_url: str) -> None:
    rows = [{"name": "甲"}]
    publish(writer(database_url), PROJECT, CAT, batch(PROJECT, rows, [event("甲", "开工", "2026-03-01")]), RunInfo())
    again = batch(PROJECT, rows, [event("甲", "开工", "2026-04-01")])
    assert difference(writer(database_url), PROJECT, CAT, again).changed == [
        {"key": "甲", "name": "甲", "row": 2, "fields": {"开工": ["2026-03-01", "2026-04-01"]}}
    ]
    publish(writer(database_url), PROJECT, CAT, again, RunInfo())
    now = ask(database_url, "SELECT event_date FROM project_event WHERE recorded_to = 'infinity'")
    assert now == [(dt.date(2026, 4, 1),)]
    assert ask(database_url, "SELECT count(*) FROM project_event") == [(2,)]


def test_a_level_that_rises_keeps_the_lower_recognition(database_url: str) -> None:
    factory = CAT.layers["factory"]
    for level, day in (("先进级", "2025-12-01"), ("卓越级", "2026-05-01")):
        happened = [event("厂", "智能工厂", day, level)]
        publish(writer(database_url), factory, CAT, batch(factory, [{"name": "厂"}], happened), RunInfo())
    assert ask(database_url, "SELECT level FROM factory_event WHERE recorded_to = 'infinity' ORDER BY level") == [
        ("先进级",),
        ("卓越级",),
    ]
    assert ask(database_url, "SELECT smart_level FROM pub.factory") == [("卓越级",)]


def test_replace_ends_what_the_file_no_longer_names_but_not_what_was_held_back(database_url: str) -> None:
    dsn = writer(database_url)
    publish(dsn, PROJECT, CAT, batch(PROJECT, [{"name": n} for n in "甲乙丙"]), RunInfo())
    held = [{"row": 3, "entry_number": 2, "key": "乙", "cells": {"项目": "乙"}, "geometry": ""}]
    update = batch(PROJECT, [{"name": "甲"}], quarantine=held)
    update.n_read = 2
    assert difference(dsn, PROJECT, CAT, update, "replace").closed == ["丙"]
    done = publish(dsn, PROJECT, CAT, update, RunInfo(mode="replace"))
    assert done.closed == 1
    assert [r[0] for r in ask(database_url, "SELECT key FROM pub.project ORDER BY key")] == ["甲", "乙"]
    assert ask(database_url, "SELECT n_read, n_loaded, n_unchanged, n_quarantined FROM load_run ORDER BY 1") == [
        (2, 0, 1, 1),
        (3, 3, 0, 0),
    ]


def test_a_file_without_coordinates_does_not_lose_the_known_place(database_url: str) -> None:
    at = shapely.Point(120.05, 33.05)
    known = {"name": "甲", "geom": at, "county_code": SOUTH_WEST, "unit_code": SOUTH_WEST}
    publish(writer(database_url), PROJECT, CAT, batch(PROJECT, [known]), RunInfo())
    vague = {"name": "甲", "county_code": SOUTH_EAST, "location_accuracy": "county", "invest_cny": 5}
    publish(writer(database_url), PROJECT, CAT, batch(PROJECT, [vague]), RunInfo())
    found = ask(
        database_url, "SELECT ST_AsText(geom), location_accuracy, county_code, p.invest_cny FROM pub.project AS p"
    )
    assert found == [("POINT(120.05 33.05)", "surveyed", SOUTH_WEST, 5)]


def test_a_column_the_file_lacks_keeps_its_value(database_url: str) -> None:
    publish(writer(database_url), PROJECT, CAT, batch(PROJECT, [{"name": "甲", "invest_cny": 7}]), RunInfo())
    narrow = batch(PROJECT, [{"name": "甲", "tier": "列省重大"}], present=frozenset({"tier"}))
    publish(writer(database_url), PROJECT, CAT, narrow, RunInfo())
    assert ask(database_url, "SELECT invest_cny, tier FROM pub.project") == [(7, "列省重大")]


def test_a_rollback_is_a_run_and_names_what_stands_in_its_way(database_url: str) -> None:
    dsn = writer(database_url)
    publish(dsn, PROJECT, CAT, batch(PROJECT, [{"name": "甲", "invest_cny": 1}]), RunInfo())
    second = publish(dsn, PROJECT, CAT, batch(PROJECT, [{"name": "甲", "invest_cny": 2}]), RunInfo())
    third = publish(dsn, PROJECT, CAT, batch(PROJECT, [{"name": "甲", "invest_cny": 3}]), RunInfo())
    with pytest.raises(ConflictError, match=f"第 {third.run_id} 号"):
        rollback(dsn, CAT, second.run_id)
    undo = rollback(dsn, CAT, third.run_id)
    assert ask(database_url, "SELECT invest_cny FROM pub.project") == [(2,)]
    with pytest.raises(ConflictError, match="已由第"):
        rollback(dsn, CAT, third.run_id)
    rollback(dsn, CAT, undo.run_id)
    assert ask(database_url, "SELECT invest_cny FROM pub.project") == [(3,)]
    with pytest.raises(NotFoundError):
        rollback(dsn, CAT, 10**9)


def test_a_new_generation_moves_records_in_the_same_step_and_back(database_url: str) -> None:
    dsn = writer(database_url)
    publish(dsn, BOUNDARY, CAT, batch(BOUNDARY, [county(SOUTH_WEST), county(SOUTH_EAST)]), RunInfo())
    there = {"county_code": SOUTH_EAST, "unit_code": SOUTH_EAST}
    rows = [
        drawn({"name": "甲", "geom": shapely.Point(120.15, 33.05)} | there),
        drawn({"name": "乙", "geom": shapely.Point(120.15, 33.06)} | there | {"unit_code": "320971"}),
    ]
    publish(dsn, PROJECT, CAT, batch(PROJECT, rows), RunInfo())
    wide = county(SOUTH_WEST, "b", "2024-01-01", width=0.2)
    moved = publish(dsn, BOUNDARY, CAT, batch(BOUNDARY, [wide]), RunInfo())
    where = "SELECT key, county_code, unit_code FROM pub.project ORDER BY key"
    assert ask(database_url, where) == [("甲", SOUTH_WEST, SOUTH_WEST), ("乙", SOUTH_WEST, "320971")]
    assert stored(database_url, "project") == recomputed(database_url, PROJECT)
    rollback(dsn, CAT, moved.run_id)
    assert ask(database_url, where) == [("甲", SOUTH_EAST, SOUTH_EAST), ("乙", SOUTH_EAST, "320971")]
    for layer in (PROJECT, BOUNDARY):
        assert stored(database_url, layer.id) == recomputed(database_url, layer)
        assert_cells_in_step(database_url, layer)


def test_an_unequal_count_is_refused_and_nothing_is_written(database_url: str) -> None:
    wrong = batch(PROJECT, [{"name": "甲"}])
    wrong.n_read = 2
    with pytest.raises(ConflictError, match="不相等"):
        publish(writer(database_url), PROJECT, CAT, wrong, RunInfo())
    assert ask(database_url, "SELECT count(*) FROM load_run") == [(0,)]


RECORD = st.fixed_dictionaries(
    {
        "name": st.sampled_from("甲乙丙丁戊"),
        "county_code": st.sampled_from([SOUTH_WEST, SOUTH_EAST, NORTH_WEST, "outside", "unlocated"]),
        "unit_code": st.sampled_from([SOUTH_WEST, "320971", "3209YN", "unlocated"]),
        "invest_cny": st.one_of(st.none(), st.integers(0, 2**50)),
        "land_mu": st.one_of(st.none(), st.floats(0, 1e6)),
        "is_demo": st.booleans(),
        "geom": st.sampled_from(
            [None, *(shapely.Point(120 + i / 900, 33.05) for i in range(3)), shapely.Point(121, 33)]
        ),
    }
).map(drawn)
STAGES = st.lists(
    st.tuples(st.sampled_from("甲乙丙丁戊"), st.sampled_from(["签约", "开工", "竣工"]), st.integers(1, 28)), max_size=4
)
STEP = st.tuples(
    st.lists(RECORD, max_size=5, unique_by=lambda r: r["name"]), STAGES, st.sampled_from(["upsert", "replace"])
)


@settings(
    max_examples=12,
    deadline=None,
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(steps=st.lists(STEP, min_size=1, max_size=4))
def test_any_history_keeps_the_rollup_in_step_and_can_be_undone(
    scratch_database: Callable[[], AbstractContextManager[str]],
    steps: list[tuple[list[dict[str, Any]], list[tuple[str, str, int]], str]],
) -> None:
    with scratch_database() as url:
        dsn = writer(url)
        views, runs = [ask(url, VIEW)], []
        for rows, stages, mode in steps:
            named = {r["name"] for r in rows}
            happened = [event(k, t, f"2026-01-{d:02d}") for k, t, d in stages if k in named]
            unique = list({(e["key"], e["type"]): e for e in happened}.values())
            runs.append(publish(dsn, PROJECT, CAT, batch(PROJECT, rows, unique), RunInfo(mode=mode)))
            views.append(ask(url, VIEW))
            assert stored(url, "project") == recomputed(url, PROJECT)
            assert_cells_in_step(url, PROJECT)
            again = publish(dsn, PROJECT, CAT, batch(PROJECT, rows, unique), RunInfo(mode=mode))
            assert (again.loaded, again.closed, ask(url, VIEW)) == (0, 0, views[-1])
        for run, view in zip(reversed(runs), reversed(views[:-1]), strict=True):
            rollback(dsn, CAT, run.run_id)
            assert ask(url, VIEW) == view
            assert stored(url, "project") == recomputed(url, PROJECT)
            assert_cells_in_step(url, PROJECT)
        assert ask(url, "SELECT count(*) FROM load_run WHERE n_read <> n_loaded + n_unchanged + n_quarantined") == [
            (0,)
        ]


def test_what_was_known_before_is_found_by_the_record_too(database_url: str) -> None:
    with connect(database_url) as conn, conn.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        for table in (PROJECT.table, PROJECT.event_table, PROJECT.figure_table):
            cursor.execute(
                f"EXPLAIN SELECT run_id FROM {table} WHERE id = 7 AND recorded_from <= now() AND recorded_to > now()"
            )
            assert "Index Cond: (id = 7)" in "\n".join(r[0] for r in cursor.fetchall()), table
