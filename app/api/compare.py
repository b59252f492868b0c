"""/api/v1/export/compare: what the page shows at an address, as a workbook or a picture."""

from __future__ import annotations

import asyncio
from typing import Literal

from fastapi import APIRouter, Request
from fastapi.responses import Response

from app.api.common import ReaderOf
from app.export.comparison import draw_sheet
from app.export.routes import attachment
from app.export.tables import TABLE_MEDIA, file_stem
from app.export.worker import workshop
from app.i18n import t
from app.pages.callbacks import settle
from app.pages.compare.book import write_book
from app.pages.compare.model import gather
from app.pages.compare.picture import sheet_of
from app.pages.filters import label
from app.pages.format import day
from app.pages.lists.book import title_of, write_list
from app.pages.lists.model import gather_lists
from app.pages.source import Source
from app.pages.state import State
from app.state import settings

router = APIRouter(prefix="/api/v1/export", tags=["export"])


@router.get("/worklist.xlsx", response_class=Response, summary="一张工作清单，参数与清单页的地址相同")
async def worklist(request: Request, reader: ReaderOf) -> Response:
    """Return a work list of an address as a workbook."""
    source = Source(reader, reader.cat)
    state = await settle(source, State.from_query(reader.cat, request.url.query, "/compare"))
    lists = await gather_lists(source, state)
    body = await asyncio.to_thread(write_list, reader.cat, lists, str(request.base_url).rstrip("/"))
    return attachment(body, TABLE_MEDIA["xlsx"], file_stem(f"{title_of(lists)} {day(lists.when.as_of)}"), "xlsx")


@router.get("/compare.{suffix}", response_class=Response, summary="对比页此刻的内容，参数与页面地址相同")
async def compare(request: Request, reader: ReaderOf, suffix: Literal["xlsx", "png"]) -> Response:
    """Return the comparison of an address as a workbook or a picture."""
    cat = reader.cat
    source = Source(reader, cat)
    state = await settle(source, State.from_query(cat, request.url.query, "/compare"))
    scene = await gather(source, state)
    name = file_stem(f"{t('compare.title')} {scene.main.title} {day(scene.day)}")
    if suffix == "xlsx":
        return attachment(await asyncio.to_thread(write_book, cat, scene), TABLE_MEDIA["xlsx"], name, suffix)
    text = t("list.comma").join(label(cat, c) for c in state.conditions) or t("report.no_filter")
    body = await workshop(settings().data_dir).run(draw_sheet, sheet_of(scene, text))
    return attachment(body, "image/png", name, suffix)
