"""Reporting rounds: what came of what is owed, by whom and when; cumulative figures that fell or skipped months."""

import datetime as dt
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.rounds import fault, said, write_round
from etl.options import Options
from etl.pipeline import Context, import_file
from etl.read import read_file
from geo.errors import InputError
from layers.duties import STATES, Delivery, Duty, Owner, due_of, duties, judge, month_of
from layers.registry import catalogue
from layers.store.db import role_dsn
from layers.store.places import seed_places
from layers.store.queries_rounds import read_round
from layers.store.reader import Reader
from tests.etl.world import csv_bytes, gazetteer
from tests.support import ROOT

FIRST, LAST = dt.date(2026, 10, 1), dt.date(2026, 10, 31)
DUTY = Duty(layer="project", title="项目", by="unit", due_day=5)
OWNERS = [Owner("1", "甲区", ("甲",)), Owner("2", "乙县", ("乙县城关",)), Owner("3", "甲区高新区")]


def file(publisher: str, at: str, *, date: str = "", name: str = "a.xlsx", waiting: int = 0) -> Delivery:
    day = dt.date.fromisoformat(date) if date else None
    return Delivery(1, "project", dt.datetime.fromisoformat(at), publisher, name, day, 9, waiting)


@pytest.mark.parametrize(
    ("delivery", "today", "owner", "state", "days"),
    [
        (file("甲区发改委", "2026-11-04T10:00"), "2026-11-20", "甲区", "received", 0),
        (file("甲区高新区管委会", "2026-11-04T10:00"), "2026-11-20", "甲区高新区", "received", 0),
        (file("", "2026-11-04T10:00", name="乙县10月.xlsx"), "2026-11-20", "乙县", "received", 0),
        (file("乙县", "2026-11-09T10:00", date="2026-10-31"), "2026-11-20", "乙县", "late", 4),
        (file("乙县", "2026-11-04T10:00", waiting=2), "2026-11-20", "乙县", "returned", 0),
        (file("乙县", "2026-11-04T10:00", date="2026-09-30"), "2026-11-20", "乙县", "overdue", 15),
        (file("乙县", "2026-11-09T10:00"), "2026-11-03", "乙县", "due", -2),
        (file("某市", "2026-11-04T10:00"), "2026-11-20", "甲区", "overdue", 15),
    ],
)
def test_what_becomes_of_a_duty(delivery: Delivery, today: str, owner: str, state: str, days: int) -> None:
    items = judge([DUTY], OWNERS, [delivery], FIRST, LAST, dt.date.fromisoformat(today))
    found = {i.owner.name: i for i in items}
    assert (found[owner].state, found[owner].days) == (state, days)
    assert sum(len(i.deliveries) for i in items) <= 1


@given(st.dates(dt.date(2001, 1, 1), dt.date(2099, 12, 31)))
def test_a_round_is_a_month_and_is_due_in_the_next(day: dt.date) -> None:
    first, last = month_of(f"{day:%Y-%m}", day)
    assert first <= day <= last
    assert 0 < (due_of(DUTY, last) - last).days <= 28
    assert month_of("", last + dt.timedelta(days=1)) == (first, last)


@pytest.mark.parametrize("text", ["2026", "2026-13", "十月", "2026-00"])
def test_what_is_no_month_is_said(text: str) -> None:
    with pytest.raises(InputError, match="期次"):
        month_of(text, LAST)


def test_every_declared_duty_names_a_layer() -> None:
    assert {d.layer for d in duties()} <= set(catalogue().layers)


async def test_a_round_from_imported_files(database_url: str, secret_key: str, tmp_path: Path) -> None:
    writer = role_dsn(database_url, "yuantu_writer", secret_key)
    seed_places(role_dsn(database_url, "yuantu_owner", secret_key), ROOT / "data" / "shapefiles")
    context = Context(writer, catalogue(), tmp_path, gazetteer())
    head = "项目名称,县区,2026年7月累计完成投资（万元）,2026年8月累计完成投资（万元）,2026年10月累计完成投资（万元）"
    lines = csv_bytes(head, "甲,大丰区,100,90,120", "乙,大丰区,10,20,30", "丙,大丰区,5,,")
    options = Options(publisher="大丰区发改委", as_of=dt.date(2026, 10, 31))
    import_file("project", lines, options, context, name="a.csv")
    bad = csv_bytes("项目名称,总投资（万元）", "丁,-5")
    import_file("project", bad, Options(publisher="东台市", as_of=dt.date(2026, 10, 20)), context, name="b.csv")
    async with Reader(role_dsn(database_url, "yuantu_reader", secret_key), catalogue()) as reader:
        body = await read_round(reader, "2026-10", on=dt.date(2026, 12, 1))
    states = {(i["owner"], i["layer"]): i["state"] for i in body["items"]}
    assert states["东台市", "project"] == "returned"
    assert states["大丰区", "project"] in ("received", "late")
    assert states["亭湖区", "project"] == "overdue"
    assert sum(body["summary"].values()) == len(body["items"])
    assert set(body["summary"]) == set(STATES)
    faults = {(f["name"], f["fault"], f["period_end"]) for f in body["figures"]}
    assert faults == {
        ("甲", "falling", "2026-08-31"), ("甲", "missing", "2026-10-31"), ("乙", "missing", "2026-10-31"),
    }  # fmt: skip
    assert any("90 万元" in fault(f) and "100 万元" in fault(f) for f in body["figures"])
    table = read_file(write_round(body), "a.xlsx", sheet="全部应报")
    assert len(table) == len(body["items"])
    assert all(said(i) for i in body["items"] if i["state"] != "received")
