"""Gathering what a site report holds: the brief answered once, with the ways and records of the first sites."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from app.export.site_report import SiteReport
from app.i18n import t
from app.pages.format import day, quantity
from app.pages.source import Source
from layers.site import Profile
from layers.site_answer import Brief, open_brief
from layers.spec import Layer
from layers.store.reader import Reader
from layers.store.slices import When, today

DETAILED = 10  # sites whose ways and records a report holds
UNTITLED = "选址报告"


async def county_names(reader: Reader) -> dict[str, str]:
    """Return the counties of the city by code."""
    areas = json.loads(await reader.areas("county"))
    return {f["properties"]["code"]: f["properties"]["name"] for f in areas["features"]}


async def gather_report(
    reader: Reader, profile: Profile, when: When, demo: bool, *, data_dir: Path, internal: bool = False
) -> SiteReport:  # fmt: skip
    """Return what a report of a brief holds.

    Raises
    ------
    YuantuError
        The brief cannot be answered.
    """
    brief, names, areas = await asyncio.gather(
        open_brief(reader, profile, when, demo, data_dir=data_dir, internal=internal),
        Source(reader, reader.cat).names(),
        reader.areas("county"),
    )
    return await asyncio.to_thread(_gathered, brief, names, areas)


def _gathered(brief: Brief, names: Mapping[str, str], areas: bytes) -> SiteReport:
    body = brief.rank()
    first = [int(r["id"]) for r in body["ranked"][:DETAILED]]
    profile = brief.profile
    return SiteReport(
        title=profile.title or UNTITLED, note=profile.note, body=body,
        ways={i: brief.routes(i)["routes"] for i in first}, facts={i: facts_of(brief, i) for i in first},
        names=dict(names), counties=areas, made=today(),
        profile=json.dumps(profile.model_dump(mode="json", exclude_defaults=True), ensure_ascii=False),
    )  # fmt: skip


def facts_of(brief: Brief, site: int) -> list[tuple[str, str]]:
    """Return a record's own fields in words."""
    row = brief.row(site)
    layer = brief.cat.layers.get(brief.profile.alternatives.layer)
    if row is None or layer is None:
        return []
    told = record_words(layer, row)
    told.append(("数据日期", day(row.get("data_date"))))
    return told


def record_words(layer: Layer, row: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return the title and the words of each public field that a record fills."""
    told = []
    for spec in layer.fields:
        value = row.get(spec.id)
        if spec.internal or value in (None, "", []):
            continue
        if spec.is_number:
            how = quantity(spec)
            text = f"{how.text(float(value))} {how.unit}".strip()
        elif isinstance(value, bool):
            text = t("site.yes") if value else t("site.no")
        else:
            text = t("list.comma").join(map(str, value)) if isinstance(value, (list, tuple)) else str(value)
        told.append((spec.title, text))
    return told
