"""The report page: the map as it is set up now, as a picture, a page and a table."""

from __future__ import annotations

from typing import Any

from dash import Output, html
from dash.development.base_component import Component

from app.i18n import t
from app.pages import el
from app.pages.callbacks import Pages, on_slice
from app.pages.filters import label
from app.pages.format import day
from app.pages.map.export_menu import export_links
from app.pages.state import State
from layers.registry import Catalogue
from layers.store.slices import today


def page() -> Component:
    """Return the page's frame."""
    body = el.painted("report-body")
    return html.Div(
        html.Div([html.H1(t("report.title")), body], className="sheet-page"), id="page-report", className="page"
    )


def report_body(cat: Catalogue, state: State, names: dict[str, str]) -> list[Component]:
    """Return what the export will hold, and the links that make it."""
    layer = cat.layer(state.layer)
    _, measure = state.shown_measure(cat)
    on_map = state.but(page="/")
    held = [*(names.get(x, t("area.unknown")) for x in state.areas), *(label(cat, c) for c in state.conditions)]
    facts = [
        (t("report.layers"), t("list.comma").join(cat.layers[x].title for x in state.visible(cat))),
        (t("report.measure"), t("list.dot").join((layer.title, measure.title if measure else t("rollup.count")))),
        (t("report.filter"), t("list.comma").join(held) or t("report.no_filter")),
        (t("report.day"), day(state.as_of or today())),
        (t("report.demo"), t("report.demo_in" if state.demo else "report.demo_out")),
    ]
    rows = [html.Div([html.Dt(k), html.Dd(v)]) for k, v in facts]
    links = export_links(cat, on_map, "btn")
    return [
        html.P(t("report.what"), className="dim"),
        html.Dl(rows, className="facts"),
        el.row(*links, className="gap2 wrap"),
        html.P([t("report.change"), html.A(t("report.to_map"), href=on_map.url())], className="dim"),
        html.P(t("report.marked"), className="note amber"),
    ]


def register(pages: Pages) -> None:
    """Register the page's callback."""

    async def fill(where: Pages, state: State) -> Any:
        return report_body(where.cat, state, await where.source.names() if state.areas else {})

    on_slice(pages, "report", [Output("report-body", "children")], fill)
