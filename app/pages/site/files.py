"""Files of the page: the brief as a sheet, sites from a file, the investor's report."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import shapely

from app.actions import writer_dsn
from app.api.common import INTERNAL
from app.export.site_brief import read_brief, write_brief
from app.export.site_gather import county_names, gather_report
from app.export.site_report import write_xlsx
from app.export.worker import workshop
from app.i18n import t
from app.pages.site.asked import Asked, read_asked
from app.pages.site.task import Task
from etl.options import Options
from etl.pipeline import Context, check_file
from geo.errors import InputError
from layers.settings import Settings
from layers.site import DRAWN, MAX_DRAWN, Profile, parse_profile
from layers.store.reader import Reader

Body = dict[str, Any]
MOST_BYTES = 20 << 20


async def brief_file(reader: Reader, given: Mapping[str, Any]) -> tuple[bytes, str]:
    """Return the task as a sheet, and its name."""
    asked = await read_asked(reader, given)
    profile = asked.task.parsed()
    counties = await county_names(reader)
    return await asyncio.to_thread(write_brief, profile, counties), t("site.f_brief", title=profile.title)


async def brief_task(reader: Reader, data: bytes, name: str) -> Body:
    """Return the task that a filled sheet describes.

    Raises
    ------
    YuantuError
        The sheet cannot be read, or what it says cannot be used.
    """
    counties = await county_names(reader)
    body = await asyncio.to_thread(read_brief, data, name, counties)
    profile = parse_profile(body)
    said = t("site.f_brief_read", n=len(profile.criteria), limits=len(profile.limits))
    return {"task": Task(body).as_json(), "said": said}


async def sites_of(settings: Settings, reader: Reader, data: bytes, name: str, datum: str = "") -> Body:
    """Return the sites of a file as alternatives: read, cleaned and located as an import would, and not kept.

    Raises
    ------
    YuantuError
        The file cannot be read, its datum is undecided, or it holds no place.
    """
    dsn = await asyncio.to_thread(writer_dsn, settings)
    # a point is a site as well as an outline is
    parcel = reader.cat.layer("parcel").model_copy(update={"geometry": "any"})
    context = Context(dsn, replace(reader.cat, layers={**reader.cat.layers, "parcel": parcel}), settings.var_dir)
    report = await asyncio.to_thread(check_file, "parcel", data, Options(datum=datum), context, name=name)
    rows = report.rows
    features = []
    for i, shape in enumerate(list(rows["geom"]) if "geom" in rows else []):
        if shape is None:
            continue
        row = rows.iloc[i]
        fields: Body = {"name": str(row["name"])}
        for spec in reader.cat.layer("parcel").fields:
            value = row.get(spec.id)
            if value is None or value != value or spec.internal or isinstance(value, (list, tuple)):
                continue
            fields[spec.id] = value if isinstance(value, str) else float(value) if spec.is_number else str(value)
        geometry = json.loads(shapely.to_geojson(shapely.set_precision(shape, 1e-6)))
        features.append({"type": "Feature", "properties": fields, "geometry": geometry})
    if not features:
        raise InputError(t("site.f_no_place", name=name), t("site.f_no_place_cure"))
    if len(features) > MAX_DRAWN:
        raise InputError(t("site.f_too_many", n=len(features), most=MAX_DRAWN), t("site.f_too_many_cure"))
    left = len(rows) - len(features) + report.counts["quarantined"]
    said = t("site.f_sites", n=len(features), datum=str(report.datum.get("used") or "—"))
    if left:
        said += t("site.f_sites_left", n=left)
    collection = {"type": "FeatureCollection", "features": features}
    return {"alternatives": {"layer": DRAWN, "sites": collection}, "said": said}


async def report_file(reader: Reader, settings: Settings, given: Mapping[str, Any], suffix: str) -> tuple[bytes, str]:
    """Return the investor's report and its name.

    Raises
    ------
    YuantuError
        The task cannot be answered.
    """
    asked = await read_asked(reader, given)
    profile = asked.task.parsed()
    if suffix in ("docx", "pptx"):
        return await _office(reader, settings, asked, profile, suffix)
    report = await gather_report(
        reader, profile, asked.when, asked.demo, data_dir=settings.data_dir, internal=INTERNAL
    )  # fmt: skip
    if suffix == "xlsx":
        made = await asyncio.to_thread(write_xlsx, report)
    else:
        from app.export.site_sheet import draw_site_pdf

        made = await workshop(settings.data_dir).run(draw_site_pdf, report, settings.data_dir)
    return made, t("site.f_report", title=report.title, day=report.body["as_of"])


async def _office(
    reader: Reader, settings: Settings, asked: Asked, profile: Profile, suffix: str
) -> tuple[bytes, str]:  # fmt: skip
    """Return the site report that the report engine writes in Word or PowerPoint."""
    from app.export.products import Order, make

    layer = profile.alternatives.layer
    recipe = {
        "version": 1, "family": "rank", "layers": [{"id": layer if layer in reader.cat.layers else "parcel"}],
        "title": (profile.title or t("site.untitled"))[:60], "profile": profile.model_dump(mode="json"),
        "as_of": asked.when.as_of.isoformat(), "demo": asked.demo,
    }  # fmt: skip
    order = Order("site", suffix, {"recipe": recipe, "customer": ""})
    made = await make(order, reader, workshop(settings.data_dir).run, settings.data_dir)
    return made.content, t("site.f_report", title=recipe["title"], day=made.as_of)
