"""What some families show besides areas and things: the earlier day, the ranking, the record's card, the stages."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import Any

from app.export.house import House
from geo.errors import InputError, NotFoundError
from layers.settings import Settings
from layers.spec import Layer
from layers.store.slices import When

MOST_RANKED = 12  # as many as the table beside the map lists


@dataclass(frozen=True)
class Extras:
    """Plain values, as the reader gives them; empty where the family has no use for them.

    Attributes
    ----------
    ranking : dict
        The body of ``POST /api/v1/site/rank``.
    card : dict
        Everything known of one record.
    stages : tuple of str
        The terms in order; ``matrix`` has a row (name, numbers by term, total) for each area.
    """

    ranking: dict[str, Any] = field(default_factory=dict)
    card: dict[str, Any] = field(default_factory=dict)
    stages: tuple[str, ...] = ()
    matrix: tuple[tuple[str, tuple[int, ...], int], ...] = ()
    house: House | None = None
    highlight: tuple[str, ...] = ()
    place: Any = None
    compared: Any = None


async def gather_ranking(source: Any, profile: dict[str, Any], when: When, *, demo: bool, internal: bool) -> dict:
    """Answer the brief of a recipe as ``/api/v1/site/rank`` does."""
    from layers.site import parse_profile
    from layers.site_answer import answer_rank

    return await answer_rank(
        source, parse_profile(profile), when, demo, data_dir=Settings().data_dir, internal=internal
    )


async def gather_card(source: Any, feature: str, when: When, *, demo: bool, internal: bool) -> dict[str, Any]:
    """Read the record that a report of one thing is about.

    Raises
    ------
    InputError
        No such record on that day, or 演示数据 that is not switched on.
    """
    layer_id, _, ident = feature.partition(":")
    try:
        card = await source.card(layer_id, int(ident), when, internal=internal)
    except NotFoundError as error:
        raise InputError(f"没有“{feature}”这条记录。", "请在地图上点选对象后再导出。", field="feature") from error
    if card["is_demo"] and not demo:
        raise InputError(
            f"“{card['name']}”是演示数据，默认不进入报告。", "确要导出，请打开“含演示数据”。", field="demo"
        )
    return card


async def gather_stages(
    source: Any, layer: Layer, terms: tuple[str, ...], axis: str, filter_text: str, when: When, *, demo: bool,
    internal: bool,
) -> tuple[tuple[str, tuple[int, ...], int], ...]:  # fmt: skip
    """Count an ordered vocabulary by area; the last number is 未填写, the last row what lies in no area."""
    field = layer.style.color_by
    body, whole = await asyncio.gather(
        *(
            source.rollup(layer.id, by, "n", filter_text, when, demo, internal=internal)
            for by in ((axis, field), (field,))
        )
    )
    found: dict[str, dict[str, int]] = {}
    names: dict[str, str] = {}
    for row in body["rows"]:
        code, term = str(row["code"]), str(row["code2"])
        names.setdefault(code, str(row["name"]))
        cells = found.setdefault(code, {})
        cells[term] = cells.get(term, 0) + int(row["n_features"])
    every = (*terms, "")
    made = [(names[c], tuple(cells.get(t, 0) for t in every), sum(cells.values())) for c, cells in found.items()]
    totals = {str(r["code"]): int(r["n_features"]) for r in whole["rows"]}
    rest = tuple(totals.get(t, 0) - sum(cells[i] for _, cells, _ in made) for i, t in enumerate(every))
    if any(rest):
        made.append(("界外、未定位", rest, sum(rest)))
    return tuple(made)
