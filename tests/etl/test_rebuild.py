"""Law 3: replaying all published runs from their kept files gives the same current tables."""

from pathlib import Path

import psycopg2
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from etl import collect
from etl.options import Options
from etl.pipeline import Context, import_file
from etl.rebuild import rebuild_layer
from geo.errors import ReadError
from layers.registry import catalogue
from layers.store.db import role_dsn
from layers.store.load import recomputed_rollup
from layers.store.rebuild import standing
from layers.store.rollback import rollback
from tests.etl.world import csv_bytes, gazetteer

HEAD = "项目名称,县区,总投资（万元）,所属产业,开工日期,2025年12月完成投资（万元）,经度,纬度"
NOW = {
    "rows": "SELECT to_jsonb(t) - '{version_id,run_id,recorded_from,recorded_to,row_hash}'::text[]"
    " FROM layer_project AS t WHERE recorded_to = 'infinity' ORDER BY key",
    "events": "SELECT id, type, level, event_date, end_date FROM project_event WHERE recorded_to = 'infinity'"
    " ORDER BY 1, 2, 3, 4",
    "figures": "SELECT id, measure, period_end, value FROM project_figure WHERE recorded_to = 'infinity'"
    " ORDER BY 1, 2, 3",
    "rollup": "SELECT axis, code, measure, n, n_missing, total FROM rollup WHERE layer = 'project' AND n > 0"
    " ORDER BY 1, 2, 3",
    "runs": "SELECT count(*) FROM load_run",
}


@pytest.fixture
def context(database_url: str, secret_key: str, tmp_path: Path) -> Context:
    return Context(role_dsn(database_url, "yuantu_writer", secret_key), catalogue(), tmp_path, gazetteer())


def ask(url: str, text: str) -> list[tuple]:
    with psycopg2.connect(url) as conn, conn.cursor() as cursor:
        cursor.execute(text)
        found = cursor.fetchall() if cursor.description else []
    conn.close()
    return found


def snapshot(url: str) -> dict[str, list[tuple]]:
    return {name: ask(url, text) for name, text in NOW.items()}


def load(context: Context, *lines: str, head: str = HEAD, **options):
    return import_file("project", csv_bytes(head, *lines), Options(datum="wgs84", **options), context, name="a.csv").run


def history(context: Context) -> None:
    load(context, "甲,亭湖区,100,汽车,2025-03-01,5,120.05,33.05", "乙,盐都区,200,,,,,", "丙,大丰区,-3,,,,,")
    load(context, "甲,亭湖区,150,汽车,2025-04-01,7,,", "丁,东台市,10,,,,120.15,33.15")
    wrong = load(context, "戊,亭湖区,1,,,,,", "乙,盐都区,999,,2025-01-01,,,")
    rollback(context.dsn, catalogue(), wrong)
    again = load(context, "己,亭湖区,8,,,3,,")
    undo = rollback(context.dsn, catalogue(), again).run_id
    rollback(context.dsn, catalogue(), undo)
    load(context, "甲,某企业投资,1", "乙,盐都区,2", head="项目名称,县区,投资规模Z", columns={"投资规模Z": "invest_cny"},
         units={"投资规模Z": "亿元"}, publisher="市发改委")  # fmt: skip
    load(context, "乙,盐都区,3", head="项目名称,县区,投资规模Z", units={"投资规模Z": "亿元"}, publisher="市发改委")


def test_a_rebuild_of_untouched_tables_changes_nothing(context: Context, database_url: str) -> None:
    history(context)
    before = snapshot(database_url)
    assert [r[0]["name"] for r in before["rows"]] == ["丁", "己", "甲", "乙"]  # by pinyin
    assert before["rows"][3][0]["invest_cny"] == 300_000_000
    done = rebuild_layer("project", context)
    assert (done.run_id, done.restored, done.closed, done.n_records) == (None, 0, 0, 4)
    assert done.n_runs == 5
    assert snapshot(database_url) == before


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE layer_project SET name = '错', invest_cny = 1 WHERE key = '甲' AND recorded_to = 'infinity'",
        "DELETE FROM layer_project WHERE key = '乙'",
        "DELETE FROM project_event",
        "UPDATE project_figure SET value = 9 WHERE recorded_to = 'infinity'",
        "UPDATE layer_project SET geom = ST_Translate(geom, 0.01, 0) WHERE key = '丁'",
        "DELETE FROM rollup WHERE layer = 'project'",
        "UPDATE layer_project SET recorded_to = now() WHERE recorded_to = 'infinity'",
    ],
)
def test_a_rebuild_puts_right_what_was_damaged(context: Context, database_url: str, damage: str) -> None:
    history(context)
    before = snapshot(database_url)
    ask(database_url, damage)
    assert snapshot(database_url) != before
    rebuild_layer("project", context)
    after = snapshot(database_url)
    forget = ("id",) if damage.startswith("DELETE FROM layer") else ()
    for state in (before, after):
        state["rows"] = [{k: v for k, v in r[0].items() if k not in forget} for r in state["rows"]]
        state.pop("runs")
        if forget:
            state["events"], state["figures"] = len(state["events"]), len(state["figures"])
    assert after == before
    assert rebuild_layer("project", context).run_id is None
    stored = ask(database_url, "SELECT count(*) FROM rollup WHERE layer = 'project' AND n > 0")[0][0]
    assert stored == len(recomputed_rollup(context.dsn, catalogue().layer("project")))


def test_a_rebuild_without_its_file_changes_nothing(context: Context, database_url: str) -> None:
    run = load(context, "甲,亭湖区,1,,,,,")
    sha = ask(database_url, f"SELECT resource FROM load_run WHERE run_id = {run}")[0][0]
    collect.kept_path(context.var_dir, sha).unlink()
    ask(database_url, "UPDATE layer_project SET name = '错'")
    before = snapshot(database_url)
    with pytest.raises(ReadError, match="不在了"):
        rebuild_layer("project", context)
    assert snapshot(database_url) == before


ROW = st.tuples(
    st.sampled_from("甲乙"), st.sampled_from(["亭湖区", "东台市", ""]), st.sampled_from(["1", "2", "-1", ""]),
    st.sampled_from(["", "2025-01-01"]),
)  # fmt: skip
STEP = st.tuples(st.sampled_from(["upsert", "replace", "undo"]), st.lists(ROW, min_size=1, max_size=3))


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(STEP, min_size=1, max_size=5))
def test_any_history_replays_to_what_it_left(scratch_database, secret_key: str, tmp_path: Path, steps) -> None:
    with scratch_database() as url:
        context = Context(role_dsn(url, "yuantu_writer", secret_key), catalogue(), tmp_path, gazetteer())
        runs: list[int] = []
        for mode, rows in steps:
            if mode == "undo" and runs:
                runs.append(rollback(context.dsn, catalogue(), runs[-1]).run_id)
            elif mode != "undo":
                lines = [f"{name},{county},{money},,{day},,," for name, county, money, day in rows]
                runs.append(load(context, *lines, mode=mode))
                left = snapshot(url)
                runs.append(load(context, *lines, mode=mode))
                assert [snapshot(url)[k] for k in NOW if k != "runs"] == [left[k] for k in NOW if k != "runs"]
        before = snapshot(url)
        assert rebuild_layer("project", context).run_id is None
        assert snapshot(url) == before


@pytest.mark.parametrize(
    ("runs", "stand"),
    [
        ([(1, "import", None)], {1}),
        ([(1, "import", None), (2, "rollback", 1)], set()),
        ([(1, "import", None), (2, "rollback", 1), (3, "rollback", 2)], {1}),
        ([(1, "import", None), (2, "reassign", None), (3, "edit", None), (4, "rollback", 3)], {1}),
    ],
)
def test_what_stands(runs, stand) -> None:
    assert standing(runs) == stand
