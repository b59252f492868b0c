"""The corpus of messy files: each becomes exactly the report that is expected of it, and no row is lost."""

import time
from collections import defaultdict
from pathlib import Path

import pytest

from etl.options import Options
from etl.pipeline import Context, check_file, import_file
from geo.errors import YuantuError
from layers.registry import catalogue
from layers.store.db import role_dsn
from tests.data.messy.case import Case
from tests.data.messy.make import CASES
from tests.etl.world import gazetteer, take

PLACES = gazetteer()
GOOD = [c for c in CASES.values() if not c.refused]


def test_the_corpus_is_large_and_the_same_at_any_hour(monkeypatch: pytest.MonkeyPatch) -> None:
    assert len(CASES) >= 60
    real, later = time.localtime, 0
    monkeypatch.setattr(time, "localtime", lambda at=None: real((time.time() if at is None else at) + later))
    for case in CASES.values():
        if not case.name.endswith(".gpkg"):  # SQLite writes the hour into those
            later = 0
            first = case.make()
            later = 86_400
            assert case.make() == first, case.name


@pytest.mark.parametrize("case", [c for c in CASES.values() if c.refused], ids=lambda c: c.name)
def test_what_must_not_be_read_is_refused_in_a_sentence_with_a_cure(case: Case) -> None:
    with pytest.raises(YuantuError, match=case.refused) as refusal:
        take(case.make(), case.name, case.layer, PLACES, **case.options)
    assert refusal.value.cure


@pytest.mark.parametrize("case", GOOD, ids=lambda c: c.name)
def test_a_messy_file_becomes_its_report(case: Case) -> None:
    made = take(case.make(), case.name, case.layer, PLACES, **case.options)
    batch = made.batch
    assert batch.n_read == len(batch.rows) + len(batch.quarantine)
    issues: dict[str, list[int | None]] = defaultdict(list)
    for issue in batch.issues:
        issues[issue.type].append(issue.row)
    expected = {kind: sorted(rows, key=str) for kind, rows in case.issues.items() if rows}
    assert {kind: sorted(rows, key=str) for kind, rows in issues.items()} == expected
    assert (batch.n_read, len(batch.quarantine), batch.n_skipped) == (case.read, case.held, case.skipped)
    assert (made.datum["used"], made.datum["how"]) == case.datum
    assert tuple(batch.rows["key"]) == case.keys
    rows = batch.rows.set_index("name")
    for name, values in case.rows.items():
        assert {field: rows.loc[name, field] for field in values} == values, name
    for name, place in case.at.items():
        assert (rows.loc[name].geom.x, rows.loc[name].geom.y) == pytest.approx(place, abs=1e-6), name
    key = dict(zip(batch.rows["name"], batch.rows["key"], strict=True))
    for name, events in case.events.items():
        mine = batch.events[batch.events["key"] == key[name]]
        assert dict(zip(mine["type"], mine["event_date"].map(str), strict=True)) == events, name


def test_a_part_of_the_corpus_in_one_database(database_url: str, secret_key: str, tmp_path: Path) -> None:
    """Laws 2 and 3: nothing is lost, and what was imported once changes nothing the second time."""
    context = Context(role_dsn(database_url, "yuantu_writer", secret_key), catalogue(), tmp_path, PLACES)
    for case in GOOD[::6]:
        data, options = case.make(), Options(**case.options)
        counts = import_file(case.layer, data, options, context, name=case.name).counts
        assert counts["read"] == case.read, case.name
        assert counts["read"] == counts["loaded"] + counts["unchanged"] + counts["quarantined"]
        again = check_file(case.layer, data, options, context, name=case.name)
        assert again.counts["loaded"] == 0, (case.name, again.changes)
