"""/api/v1: work lists, conversion between stages, reconciliation of the axes, 剔重, boundary generations."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query

from app.api.common import INTERNAL, Demo, FilterText, ReaderOf, WhenQuery
from geo.errors import InputError
from layers.store import queries_axes, queries_generations, queries_worklists
from layers.store.queries_worklists import Ask, Period

router = APIRouter(prefix="/api/v1", tags=["清单与对账"])
FIRST_YEAR, LAST_YEAR = 1900, 2200

Years = Annotated[str, Query(description="年份，逗号分隔，例如 2025,2026；默认截至日的那一年", max_length=80)]
Day = Annotated[str, Query(description="YYYY-MM-DD；start 与 end 一起给出时代替 years", max_length=10)]
Code = Annotated[str, Query(max_length=12)]


def choice(
    layer: Annotated[str, Query(max_length=60)] = "project",
    filter_text: FilterText = "",
    kind: Annotated[str, Query(description="项目性质，例如 增资扩产", max_length=40)] = "",
    county: Code = "",
    unit: Code = "",
    limit_days: Annotated[int | None, Query(description="等待期限，天；默认用清单自己的")] = None,
    over: Annotated[Literal["0", "1"], Query(description="1 只要超过期限的")] = "0",
    year: Annotated[int | None, Query(description="只对五张清单：当年到达该阶段的，不论后来")] = None,
) -> Ask:
    """Return what a request asks a list for."""
    return Ask(layer, filter_text, kind, county, unit, limit_days, over == "1", year)


AskQuery = Annotated[Ask, Depends(choice)]


@router.get("/worklists", summary="有哪些清单，各自能用于哪些图层")
async def worklists(reader: ReaderOf) -> dict[str, Any]:
    """Return the lists there are."""
    return {"lists": queries_worklists.describe_worklists(reader.cat)}


@router.get("/worklists/five", summary="五张清单：储备、开工、竣工、达产、达效")
async def five(reader: ReaderOf, when: WhenQuery, ask: AskQuery, demo: Demo = "1") -> dict[str, Any]:
    """Return the five stage lists of a date."""
    return await queries_worklists.five_lists(reader, ask, when, demo == "1", internal=INTERNAL)


@router.get("/worklists/gaps", summary="三未：签约未开工、开工未竣工、竣工未达产")
async def gaps(reader: ReaderOf, when: WhenQuery, ask: AskQuery, demo: Demo = "1") -> dict[str, Any]:
    """Return the three gaps of a date with days waiting."""
    return await queries_worklists.three_gaps(reader, ask, when, demo == "1", internal=INTERNAL)


@router.get("/worklists/{list}", summary="一张按日期的清单，随时可以重现")
async def worklist(
    reader: ReaderOf, when: WhenQuery, ask: AskQuery, list: str, demo: Demo = "1"  # noqa: A002 - the API's word
) -> dict[str, Any]:  # fmt: skip
    """Return one list: rows, and counts by county and unit."""
    return await queries_worklists.read_worklist(reader, list, ask, when, demo == "1", internal=INTERNAL)


@router.get("/conversion/{layer}", summary="阶段转化率，按县（市、区）和板块")
async def conversion(
    reader: ReaderOf,
    when: WhenQuery,
    layer: str,
    filter_text: FilterText = "",
    kind: str = "",
    years: Years = "",
    start: Day = "",
    end: Day = "",
    minimum: Annotated[int, Query(description="少于这个数不算比率")] = queries_worklists.MINIMUM,
    rows: Annotated[Literal["0", "1"], Query(description="1 附上逐条记录")] = "0",
    demo: Demo = "1",
) -> dict[str, Any]:
    """Return conversion rates between stages of the records that reached the first in each period."""
    return await queries_worklists.conversion(
        reader, parse_periods(years, start, end, when.as_of.year), Ask(layer, filter_text, kind), when, demo == "1",
        minimum=minimum, with_rows=rows == "1", internal=INTERNAL,
    )  # fmt: skip


@router.get("/reconciliation/{layer}", summary="属地与考核两种口径对账")
async def reconciliation(
    reader: ReaderOf, when: WhenQuery, layer: str, measure: str = "n", filter_text: FilterText = "", demo: Demo = "1"
) -> dict[str, Any]:
    """Return a measure as county × unit, every difference with its records."""
    return await queries_axes.reconciliation(
        reader, layer, measure, filter_text, when, demo == "1", internal=INTERNAL
    )  # fmt: skip


@router.get("/overlap/{layer}", summary="剔重合计：几份名单都有的只算一次")
async def overlap(
    reader: ReaderOf, when: WhenQuery, layer: str, filter_text: FilterText = "", demo: Demo = "1"
) -> dict[str, Any]:
    """Return how many things a layer names, each counted once, and what its lists share."""
    return await queries_axes.overlap(reader, layer, filter_text, when, demo == "1", internal=INTERNAL)


@router.get("/generations/{layer}", summary="两版边界之间，哪些记录换了县（市、区）")
async def generations(
    reader: ReaderOf,
    when: WhenQuery,
    layer: str,
    a: Annotated[str, Query(description="原来的边界版本", max_length=80)],
    b: Annotated[str, Query(description="新的边界版本", max_length=80)],
    kind: Literal["county", "unit", "township"] = "county",
    filter_text: FilterText = "",
    demo: Demo = "1",
) -> dict[str, Any]:
    """Return the records and areas that change between two boundary generations."""
    return await queries_generations.compare_generations(
        reader, layer, a, b, filter_text, when, demo == "1", kind=kind, internal=INTERNAL
    )


def parse_periods(years: str, start: str, end: str, default: int) -> list[Period]:
    """Return the periods a request names: a span of days, or years; the default year where it names none.

    Raises
    ------
    InputError
        Not years, not days, or an end before its start.
    """
    try:
        if start or end:
            first, last = dt.date.fromisoformat(start), dt.date.fromisoformat(end)
            if last < first:
                raise InputError(f"结束日期 {end} 早于开始日期 {start}。", "请对调。")
            return [Period(f"{start}/{end}", first, last)]
        numbers = [int(part) for part in years.split(",")] if years else [default]
    except ValueError as error:
        raise InputError("时期看不懂。", "年份写作 2025,2026，或给出 start 和 end，如 2026-06-30。") from error
    if any(not FIRST_YEAR <= n <= LAST_YEAR for n in numbers):
        raise InputError(f"年份应在 {FIRST_YEAR} 到 {LAST_YEAR} 之间。", "例如 2025,2026。", years=years)
    return [Period.year(n) for n in dict.fromkeys(numbers)]
