"""The surface for the page: its picture and legend, then the outlines of hot areas, and one cell explained."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

from dash import html
from dash.development.base_component import Component

from app.api.common import INTERNAL
from app.api.site_image import picture
from app.i18n import t
from app.pages import el
from app.pages.format import day
from app.pages.site.asked import read_asked
from app.pages.site.words import figure, hue, score
from app.pages.targets.markup import to_html
from geo.errors import InputError
from layers.settings import Settings
from layers.site_cell import explain_cell
from layers.site_surface import PARCEL, answer_surface
from layers.store.reader import Reader

Body = dict[str, Any]
MOST_SITES = 4


async def surface_answer(reader: Reader, settings: Settings, given: Mapping[str, Any]) -> Body:
    """Return picture and legend; where nothing can be judged on a grid, the legend says why."""
    asked = await read_asked(reader, given)
    off = str(given.get("surf") or "") == "0"
    if off:
        return {"picture": None, "html": {"site-legend": to_html(legend(None, None, off=True))}}
    try:
        made, said = await answer_surface(
            reader, asked.task.parsed(), asked.when, asked.demo, data_dir=settings.data_dir, internal=INTERNAL
        )
    except InputError as error:
        note = f"{error.message}{error.cure}"
        return {"picture": None, "html": {"site-legend": to_html(legend(None, None, note=note))}}
    drawn = await asyncio.to_thread(picture, made, dark=bool(given.get("dark")))
    return {
        "picture": {"url": drawn["image"], "bounds": drawn["bounds"], "opacity": 0.85},
        "html": {"site-legend": to_html(legend(said, drawn))},
    }


async def hot_answer(reader: Reader, settings: Settings, given: Mapping[str, Any]) -> Body:
    """Return the outlines of the hot areas and the list of them; nothing where there is no surface."""
    asked = await read_asked(reader, given)
    spots: list[Body] = []
    layer = asked.task.parsed().alternatives.layer
    if str(given.get("surf") or "") != "0":
        try:
            _, said = await answer_surface(
                reader, asked.task.parsed(), asked.when, asked.demo, data_dir=settings.data_dir, hot=True,
                internal=INTERNAL,
            )  # fmt: skip
            spots = said["hot_areas"]
        except InputError:  # the legend has said why there is no surface
            pass
    outlines = [{"geometry": spot["geometry"], "color": "reed-t"} for spot in spots]
    return {"outlines": outlines, "html": {"site-hot": to_html(hot_list(spots, layer))}}


def legend(said: Body | None, drawn: Body | None, *, off: bool = False, note: str = "") -> list[Component | None]:
    """Return the legend: classes with their breaks, what is excluded, what the plates mean, dates, hot areas."""
    toggle = html.Button(
        html.I(className="sw on" if not off else "sw"), type="button", role="switch", title=t("site.surface_switch"),
        **{"aria-checked": str(not off).lower(), "aria-label": t("site.surface_switch"),
           **el.op(("set", "surf", "" if off else "0"))},
    )  # fmt: skip
    head = el.row(html.B(t("site.surface")), el.spacer(), html.Span(t("site.cell_100"), className="cap"), toggle,
                  className="gap2")  # fmt: skip
    plates = el.row(html.I(className="no top mini"), html.Span(t("site.k_first")), html.I(className="no mini"),
                    html.Span(t("site.k_rest")), html.I(className="kx"), html.Span(t("site.k_out")),
                    className="gap1 cap")  # fmt: skip
    if said is None or drawn is None:
        return [head, html.P(note, className="cap") if note else None, plates]
    swatches = [html.I(style={"background": c}) for c in drawn["colors"]]
    ticks = [html.Span(f"{b:.2f}") for b in said["breaks"][:-1]]
    notes = [html.Li(n) for n in said["notes"]]
    return [
        head,
        html.Div(swatches, className="ramp"),
        html.Div(ticks, className="ticks inner"),
        el.row(html.I(className="khatch"), html.Span(t("site.k_hatch", n=f"{said['n_excluded']:,}")),
               className="gap2 cap"),
        el.row(html.I(className="khot"), html.Span(t("site.k_hot")), className="gap2 cap"),
        plates,
        html.P(t("site.as_of", day=day(said["as_of"])), className="cap"),
        html.Details([html.Summary([t("site.surface_notes"), el.icon("down", small=True)], className="pick"),
                      html.Ul(notes, className="cap")], className="terms", **{"data-keep": "notes"}) if notes else None,
    ]  # fmt: skip


def hot_list(spots: Sequence[Body], layer: str = PARCEL) -> Component | None:
    """Return the hot areas, largest first: size, mean score, and which alternatives and parcels lie in each."""
    if not spots:
        return None
    rows: list[Component] = []
    for k, spot in enumerate(spots):
        words = t("site.hot", km2=f"{spot['area_km2']:.1f}", score=f"{spot['mean_score']:.2f}")
        land = [
            html.A(name, href=f"/?sel={PARCEL}:{ident}&on={PARCEL},park,infrastructure", className="lk")
            for ident, name in _first(spot, "parcel_ids", "parcels")
        ]  # fmt: skip
        sites = [html.Button(name, type="button", className="lk", **el.op(("set", "s", str(ident))))
                 for ident, name in _first(spot, "site_ids", "sites")]  # fmt: skip
        rows.append(html.Li([
            html.Button(words, type="button", className="lk", **{"data-site": "hot", "data-at": str(k)}),
            _within(sites, len(spot["sites"]), t("site.hot_none")),
            _within([t("site.hot_parcels"), *land], len(spot["parcels"]) + 1, "")
            if layer != PARCEL and land else None,
        ]))  # fmt: skip
    return html.Details(
        [html.Summary([t("site.hot_title", n=len(spots)), el.icon("down", small=True)], className="pick"),
         html.Ol(rows, className="hots")], className="terms", **{"data-keep": "hot"},
    )  # fmt: skip


def _first(spot: Body, ids: str, names: str) -> list[tuple[int, str]]:
    return list(zip(spot[ids], spot[names], strict=True))[:MOST_SITES]


def _within(shown: list[Any], n: int, none: str) -> Component:
    more = t("site.hot_more", n=n - len(shown)) if n > len(shown) else None
    return html.Div([*shown, more] if shown else none, className="cap row gap1 wrap")


async def cell_answer(reader: Reader, settings: Settings, given: Mapping[str, Any], lon: float, lat: float) -> Body:
    """Return what makes up one cell's score, as HTML."""
    asked = await read_asked(reader, given)
    made, _ = await answer_surface(
        reader, asked.task.parsed(), asked.when, asked.demo, data_dir=settings.data_dir, internal=INTERNAL
    )
    found = await asyncio.to_thread(explain_cell, made, lon, lat)
    names = {c.id: i for i, c in enumerate(asked.task.parsed().criteria)}
    return {"html": to_html(_cell(found, names))}


def _cell(found: Body, places: dict[str, int]) -> list[Component | None]:
    from geo.criteria import CRITERIA

    close = el.icon_button("close", t("site.close"), "ib sm", **{"data-site": "cell-close"})
    where = f"{found['lon']:.4f}°E {found['lat']:.4f}°N"
    head = el.row(html.B(t("site.cell")), html.Span(where, className="cap"), el.spacer(), close, className="gap2")
    if found["is_excluded"]:
        said = t("site.cell_out")
    elif found["score"] is None:
        said = t("site.cell_none")
    else:
        said = t("site.cell_score", score=score(found["score"]), k=found["class"])
    rows = [
        html.Tr([
            html.Td([html.I(className="sq", style={"background": hue(places.get(c["id"], 0))}), c["title"]]),
            html.Td(figure(c["value"], c["unit"], list(CRITERIA[c["id"]].labels)), className="num"),
            html.Td("—" if c["contribution"] is None else f"+{c['contribution']:.3f}", className="num"),
        ])
        for c in found["criteria"]
    ]  # fmt: skip
    why = html.Div([html.Ul([html.Li(f["text"]) for f in found["fails"]]), html.P(found["change"], className="change")],
                   className="lists") if found["fails"] else None  # fmt: skip
    return [head, html.P([said, el.demo_tag() if found["is_demo"] else None]), why,
            html.Table(html.Tbody(rows), className="ft")]  # fmt: skip
