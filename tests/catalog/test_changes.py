"""A TOML that changes over live data: nothing is lost, every sum still holds, what cannot be is refused."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path
from typing import Any

import psycopg2
import pytest

from etl.options import Options
from etl.pipeline import Context, import_file
from geo.errors import CatalogueError
from layers.registry import Catalogue, load_catalogue
from layers.store.db import role_dsn
from layers.store.migrate import migrate
from layers.store.reader import Reader
from layers.store.slices import When, today
from tests.etl.world import gazetteer
from tests.support import SECRET_KEY

FIRST = """
title = "码头"
noun = "座"
geometry = "point"

[[fields]]
id = "kind"
title = "类型"
type = "code"
vocabulary = "quay_kind"

[[fields]]
id = "berths"
title = "泊位数"
type = "integer"

[[fields]]
id = "depth_m"
title = "水深"
type = "number"
role = "intensive"
unit = "m"
"""
KINDS = 'title = "码头类型"\n[[values]]\nvalue = "散货"\n[[values]]\nvalue = "集装箱"\n'
ROWS = [
    ("甲码头", "大丰区", "散货", 3, 9.5),
    ("乙码头", "大丰区", "集装箱", 2, 12),
    ("丙码头", "东台市", "散货", None, None),
]


class Quays:
    """A catalogue of one layer in a folder, the database it is in step with, and questions to it."""

    def __init__(self, url: str, folder: Path) -> None:
        self.url, self.folder = url, folder
        for part in ("catalog", "vocab"):
            (folder / part).mkdir()
        self.cat: Catalogue
        self.write()

    def write(self, toml: str = FIRST, kinds: str = KINDS) -> None:
        (self.folder / "catalog/quay.toml").write_text(toml, encoding="utf-8")
        (self.folder / "vocab/quay_kind.toml").write_text(kinds, encoding="utf-8")
        self.cat = load_catalogue(self.folder / "catalog", self.folder / "vocab")
        migrate(self.url, self.cat)

    def take(self, *rows: dict[str, Any], **options: Any) -> dict[str, int]:
        heads = list(dict.fromkeys(k for row in rows for k in row))
        lines = [
            ",".join(heads),
            *(",".join(str(row.get(h, "") if row.get(h) is not None else "") for h in heads) for row in rows),
        ]
        context = Context(role_dsn(self.url, "yuantu_writer", SECRET_KEY), self.cat, self.folder, gazetteer())
        return import_file("quay", "\n".join(lines).encode(), Options(**options), context, name="码头.csv").counts

    async def sums(self, by: str = "county", measure: str = "n", text: str = "", day: str = "") -> dict[str, Any]:
        when = When(dt.date.fromisoformat(day) if day else today())
        async with Reader(role_dsn(self.url, "yuantu_reader", SECRET_KEY), self.cat) as reader:
            body = await reader.rollup("quay", [by], measure, text, when)
        assert (
            body["total"] is None
            or not body["extensive"]
            or body["total"]
            == sum(x or 0 for x in (*(r["value"] for r in body["rows"]), body["outside"], body["unlocated"]))
        )
        return {r["code"]: r["value"] for r in body["rows"] if r["value"]} | {"合计": body["total"]}


def described(rows: list[tuple[Any, ...]] = ROWS) -> list[dict[str, Any]]:
    return [dict(zip(("名称", "所属县区", "类型", "泊位数", "水深"), row, strict=True)) for row in rows]


@pytest.fixture
def quays(database_url: str, tmp_path: Path) -> Quays:
    made = Quays(database_url, tmp_path)
    assert made.take(*described())["loaded"] == 3
    return made


async def test_a_new_field_is_empty_till_a_file_fills_it(quays: Quays) -> None:
    quays.write(
        FIRST + '[[fields]]\nid = "power_kw"\ntitle = "岸电"\ntype = "number"\nunit = "kW"\nrole = "extensive"\n'
    )
    assert await quays.sums(measure="sum_power_kw") in ({"合计": None}, {"合计": 0})
    assert quays.take({"名称": "甲码头", "所属县区": "大丰区", "岸电": 50})["loaded"] == 1
    assert await quays.sums(measure="sum_power_kw") == {"320904": 50, "合计": 50}
    assert await quays.sums(by="kind") == {"散货": 2, "集装箱": 1, "合计": 3}


async def test_a_new_term_is_read_and_an_old_one_that_went_still_counts(quays: Quays) -> None:
    more = KINDS + '[[values]]\nvalue = "客运"\n'
    assert quays.take({"名称": "丁码头", "所属县区": "东台市", "类型": "客运"})["quarantined"] in (0, 1)
    quays.write(kinds=more)
    quays.take({"名称": "丁码头", "所属县区": "东台市", "类型": "客运"})
    assert await quays.sums(by="kind") == {"散货": 2, "集装箱": 1, "客运": 1, "合计": 4}
    quays.write(kinds=KINDS.replace("散货", "件杂货"))
    found = await quays.sums(by="kind")
    assert found["合计"] == 4
    assert found["集装箱"] == 1


async def test_a_removed_field_is_out_of_sight_and_back_with_its_values(quays: Quays) -> None:
    quays.write(FIRST.replace('[[fields]]\nid = "berths"\ntitle = "泊位数"\ntype = "integer"\n', ""))
    async with Reader(role_dsn(quays.url, "yuantu_reader", SECRET_KEY), quays.cat) as reader:
        rows = (await reader.rows("quay"))["rows"]
    assert len(rows) == 3
    assert "berths" not in rows[0]
    quays.write()
    async with Reader(role_dsn(quays.url, "yuantu_reader", SECRET_KEY), quays.cat) as reader:
        rows = (await reader.rows("quay"))["rows"]
    assert sorted(r["berths"] or 0 for r in rows) == [0, 2, 3]


async def test_a_renamed_title_reads_the_new_header_and_the_old_as_an_alias(quays: Quays) -> None:
    quays.write(FIRST.replace('title = "泊位数"', 'title = "泊位"\naliases = ["泊位数"]'))
    assert quays.take(*described())["unchanged"] == 3
    assert quays.take({"名称": "丙码头", "所属县区": "东台市", "泊位": 4})["loaded"] == 1


async def test_a_field_that_becomes_extensive_sums_what_is_there(quays: Quays) -> None:
    quays.write(
        FIRST.replace('title = "泊位数"\ntype = "integer"', 'title = "泊位数"\ntype = "integer"\nrole = "extensive"')
    )
    for by in ("county", "unit"):
        assert await quays.sums(by=by, measure="sum_berths") == {"320904": 5, "合计": 5}
    assert await quays.sums(measure="sum_berths", text="kind = '散货'") == {"320904": 3, "合计": 3}
    quays.take({"名称": "丙码头", "所属县区": "东台市", "泊位数": 4})
    assert await quays.sums(measure="sum_berths") == {"320904": 5, "320981": 4, "合计": 9}


async def test_a_dated_event_added_later_leaves_the_stored_value_where_none_is_known(quays: Quays) -> None:
    quays.write(
        FIRST
        + '[[fields]]\nid = "step"\ntitle = "状态"\ntype = "code"\nvalues = ["在建", "运营"]\n'
        + '[[events]]\nid = "step"\ntitle = "进展"\ntypes = ["在建", "运营"]\nfield = "step"\nordered = true\n'
    )
    assert await quays.sums() == {"320904": 2, "320981": 1, "合计": 3}
    quays.take({"名称": "甲码头", "所属县区": "大丰区", "在建日期": "2024-01-01", "运营日期": "2025-06-01"})
    found = await quays.sums(by="step", day="2024-06-01")
    assert (found["在建"], found["合计"]) == (1, 3)
    found = await quays.sums(by="step")
    assert (found["运营"], found["合计"]) == (1, 3)


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('type = "integer"', 'type = "number"', r"quay\.toml.*berths.*新的字段名"),
        ('geometry = "point"', 'geometry = "polygon"', r"quay\.toml.*geometry.*新的图层"),
    ],
)
def test_what_cannot_be_carried_over_is_refused_and_nothing_changes(
    quays: Quays, old: str, new: str, words: str
) -> None:
    with pytest.raises(CatalogueError) as refusal:
        quays.write(FIRST.replace(old, new))
    assert re.search(words, f"{refusal.value.message}{refusal.value.cure}", re.DOTALL)
    quays.write()
    assert quays.take(*described())["unchanged"] == 3


def test_a_layer_that_is_gone_is_published_no_more_and_returns_whole(quays: Quays) -> None:
    other = FIRST.replace("码头", "船闸")
    (quays.folder / "catalog/lock.toml").write_text(other, encoding="utf-8")
    quays.write()
    (quays.folder / "catalog/lock.toml").unlink()
    quays.write()
    with psycopg2.connect(quays.url) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass('pub.lock') IS NULL, to_regclass('layer_lock') IS NOT NULL")
        assert cursor.fetchone() == (True, True)
    connection.close()
