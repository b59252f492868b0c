"""/api/v1/targets: the year's targets, each with its verdict, its card and exactly the rows it counts."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query

from app.api.common import ReaderOf, WhenQuery
from layers.store.queries_target_cards import target_card, target_contributions, target_series
from layers.store.queries_targets import read_target_rows, read_targets

router = APIRouter(prefix="/api/v1/targets", tags=["目标"])
Demo = Annotated[Literal["0", "1"], Query(description="1 含演示数据，0 不含（默认：演示数据不参与判定）")]
MAX_LIMIT = 1_000_000


@router.get("", summary="年度目标：每条的现值、判定和理由")
async def targets(reader: ReaderOf, when: WhenQuery, demo: Demo = "0") -> dict[str, Any]:
    """Return every row of the document in force, judged as of a day."""
    return await read_targets(reader.pool, reader.cat, when, demo=demo == "1")


@router.get("/{target_id}", summary="一条目标的全部：原文、口径、逐月、预测、县区贡献")
async def card(reader: ReaderOf, when: WhenQuery, target_id: str, demo: Demo = "0") -> dict[str, Any]:
    """Return one target in full."""
    return await target_card(reader.pool, reader.cat, target_id, when, demo=demo == "1")


@router.get("/{target_id}/rows", summary="一条目标计入的明细，默认全部")
async def rows(
    reader: ReaderOf,
    when: WhenQuery,
    target_id: str,
    demo: Demo = "0",
    limit: Annotated[int | None, Query(ge=0, le=MAX_LIMIT)] = None,
    offset: Annotated[int, Query(ge=0, le=MAX_LIMIT)] = 0,
) -> dict[str, Any]:
    """Return exactly the rows that a computed figure counts."""
    return await read_target_rows(
        reader.pool, reader.cat, target_id, when, demo=demo == "1", limit=limit, offset=offset
    )


@router.get("/{target_id}/contributions", summary="一条目标按县（市、区）和考核板块的贡献")
async def contributions(reader: ReaderOf, when: WhenQuery, target_id: str, demo: Demo = "0") -> dict[str, Any]:
    """Return what every county and unit adds."""
    return await target_contributions(reader.pool, reader.cat, target_id, when, demo=demo == "1")


@router.get("/{target_id}/series", summary="一条目标逐月的现值、应达和年底预测")
async def series(reader: ReaderOf, when: WhenQuery, target_id: str, demo: Demo = "0") -> dict[str, Any]:
    """Return a target's year month by month."""
    return await target_series(reader.pool, reader.cat, target_id, when, demo=demo == "1")
