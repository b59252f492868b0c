"""What is kept between questions is never older than the data, and never another brief's."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

from layers.registry import catalogue
from layers.settings import ROOT
from layers.site import parse_profile
from layers.site_answer import answer_rank, open_brief
from layers.store.db import role_dsn
from layers.store.places import seed_places
from layers.store.reader import Reader
from tests import support
from tests.api.world import load, row, square
from tests.site.conftest import fill

DATA = ROOT / "data" / "shapefiles"


def weighed(brief: dict[str, Any], *weights: float) -> dict[str, Any]:
    criteria = [{**c, "weight": w} for c, w in zip(brief["criteria"], weights, strict=True)]
    return brief | {"criteria": criteria}


async def test_other_weights_measure_nothing_anew_and_answer_as_a_stranger_would(
    reader: Reader, filled: str, brief: dict[str, Any]
) -> None:
    briefs = [weighed(brief, 60, 40), weighed(brief, 10, 90), brief | {"method": "topsis"}]
    briefs += [brief | {"limits": [{"id": "area_mu", "op": ">=", "value": 100}]}]
    opened = [await open_brief(reader, parse_profile(b), data_dir=DATA) for b in briefs]
    assert len({id(o.choices) for o in opened}) == 1
    told = [o.rank() for o in opened]
    assert len(opened[0].choices.kept) == 2  # the limit is another brief, the weights and the method are not
    for asked, answer in zip(briefs, told, strict=True):
        async with Reader(role_dsn(filled, "yuantu_reader", support.SECRET_KEY), catalogue()) as stranger:
            assert await answer_rank(stranger, parse_profile(asked), data_dir=DATA) == answer


async def test_a_load_is_in_the_next_answer(
    scratch_database: Callable[[], AbstractContextManager[str]], brief: dict[str, Any]
) -> None:
    with scratch_database() as url:
        writer = role_dsn(url, "yuantu_writer", support.SECRET_KEY)
        seed_places(writer, DATA)
        fill(writer)
        async with Reader(role_dsn(url, "yuantu_reader", support.SECRET_KEY), catalogue()) as reader:
            before = await answer_rank(reader, parse_profile(brief), data_dir=DATA)
            assert "地块新" not in [r["name"] for r in before["ranked"]]
            load(writer, "parcel", [
                row("parcel", "D-新", name="地块新", geom=square(120.5, 33.25, 0.002), county="320904",
                    parcel_no="D-新", area_mu=100.0, price_cny_per_mu=90_000, power_kva=30_000)
            ])  # fmt: skip
            after = await answer_rank(reader, parse_profile(brief), data_dir=DATA)
    assert after["ranked"][0]["name"] == "地块新"
