"""The data page: how fresh each layer is, and every run that changed one."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Sequence
from typing import Any

from dash import Output, html
from dash.development.base_component import Component

from app.i18n import t
from app.pages import el
from app.pages.callbacks import Pages, on_slice
from app.pages.format import DASH, day
from app.pages.map.layers_panel import age_text, stale_days
from app.pages.state import State
from app.pages.view import LayerFacts, Run
from layers.registry import Catalogue
from layers.store.slices import today


def page() -> Component:
    """Return the page's frame."""
    parts = [
        html.H1(t("data.title")),
        html.P(t("data.what"), className="dim"),
        html.H2(t("data.layers")),
        html.Div(el.skeleton(8), id="data-layers", className="scrollx"),
        html.H2(t("data.runs")),
        html.Div(el.skeleton(8), id="data-runs", className="scrollx"),
    ]
    return html.Div(html.Div(parts, className="sheet-page wide"), id="page-data", className="page")


def layers_table(cat: Catalogue, facts: dict[str, LayerFacts], now: dt.date) -> Component:
    """Return each layer's count, demonstration records, date, owner and whether it is too old."""
    heads = ("layer", "n", "n_demo", "date", "state", "owner")
    body = []
    for layer in cat.layers.values():
        own = facts.get(layer.id)
        if own is None:
            continue
        stale = stale_days(layer, own, now)
        state: Component = el.tag(t("data.fresh"), "reed")
        if own.data_date is None:
            state = el.tag(t("data.empty"))
        elif stale:
            state = el.tag(t("layers.stale", age=age_text(stale)), "amber")
        name: Component | str = layer.title
        if layer.id != "boundary":
            name = el.link(layer.title, f"/?layer={layer.id}")
        cells = [
            html.Td(name), html.Td(f"{own.n:,}", className="num"),
            html.Td(f"{own.n_demo:,}" if own.n_demo else DASH, className="num"),
            html.Td(day(own.data_date)), html.Td(state), html.Td(own.owner or layer.owner),
        ]  # fmt: skip
        body.append(html.Tr(cells))
    head = html.Tr([html.Th(t(f"data.h_{x}"), className="num" if x in ("n", "n_demo") else "") for x in heads])
    return html.Table([html.Thead(head), html.Tbody(body)], className="dt")


def runs_table(cat: Catalogue, runs: Sequence[Run]) -> Component:
    """Return the runs: read = loaded + unchanged + quarantined, always."""
    if not runs:
        return el.empty(t("data.no_runs"))
    heads = ("run", "at", "layer", "kind", "file", "read", "loaded", "unchanged", "quarantined")
    numbers = {"run", "read", "loaded", "unchanged", "quarantined"}
    body = []
    for run in runs:
        layer = cat.layers.get(run.layer)
        cells = [
            html.Td(str(run.id), className="num"), html.Td(run.at.strftime("%Y-%m-%d %H:%M") if run.at else DASH),
            html.Td(layer.title if layer else DASH), html.Td(t(f"run.{run.kind}")),
            html.Td(run.file or run.reason or DASH, className="ell", title=run.file or run.reason),
            html.Td(f"{run.read:,}", className="num"), html.Td(f"{run.loaded:,}", className="num"),
            html.Td(f"{run.unchanged:,}", className="num"), html.Td(f"{run.quarantined:,}", className="num"),
        ]  # fmt: skip
        body.append(html.Tr(cells))
    head = html.Tr([html.Th(t(f"data.h_{x}"), className="num" if x in numbers else "") for x in heads])
    return html.Div(
        [html.P(t("data.equation"), className="cap"), html.Table([html.Thead(head), html.Tbody(body)], className="dt")]
    )


def register(pages: Pages) -> None:
    """Register the page's callback."""

    async def fill(where: Pages, state: State) -> Any:
        facts, runs = await asyncio.gather(where.source.layers(state), where.source.runs())
        return layers_table(where.cat, facts, today()), runs_table(where.cat, runs)

    on_slice(pages, "data", [Output("data-layers", "children"), Output("data-runs", "children")], fill)
