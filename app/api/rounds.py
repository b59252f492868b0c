"""/api/v1/rounds: who owes which layer by when. File names and senders are internal: they are told on this machine."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any

from fastapi import APIRouter, Query

from app.api.common import INTERNAL, ReaderOf
from geo.errors import InputError
from layers.store.queries_rounds import read_round

router = APIRouter(prefix="/api/v1", tags=["调度"])


@router.get("/rounds", summary="一期调度：谁该报、来了没有、迟了多少、退回多少行")
async def rounds(
    reader: ReaderOf,
    period: Annotated[str, Query(description="期次，例如 2026-10；默认上个月", max_length=7)] = "",
    on: Annotated[str, Query(description="按哪一天判断，YYYY-MM-DD", max_length=10)] = "",
) -> dict[str, Any]:
    """Return one reporting round."""
    try:
        day = dt.date.fromisoformat(on) if on else None
    except ValueError as error:
        raise InputError(f"日期“{on}”看不懂。", "请写作 2026-06-30。") from error
    body = await read_round(reader, period, on=day)
    if INTERNAL:
        return body
    items = [i | {"files": [{"run": f["run"], "at": f["at"]} for f in i["files"]]} for i in body["items"]]
    return body | {"items": items, "figures": []}
