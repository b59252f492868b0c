"""The frame of the page, the callback that draws its form, and the address of its list."""

from __future__ import annotations

from typing import Any

from dash import Output, html
from dash.development.base_component import Component
from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from app import state as held
from app.export.house import houses
from app.i18n import t
from app.pages import el
from app.pages.callbacks import Pages, on_slice
from app.pages.markup import to_html
from app.pages.report.compose import asked_of
from app.pages.report.form import form, row_links
from app.pages.report.history import history
from app.pages.state import State
from geo.errors import NotFoundError
from layers.store.reports import list_reports

router = APIRouter(prefix="/report-page", include_in_schema=False)


@router.get("/history", response_class=HTMLResponse)
async def history_html() -> str:
    """Return the list of reports as the page shows it."""
    return str(to_html(history(await list_reports(held.reader()))))


def page() -> Component:
    """Return the page's frame."""
    head = html.Div(
        [html.H2(t("report.compose")), el.spacer(), el.button(t("report.reset"), "txt", **el.op(("drop", "r.")))],
        className="ph",
    )
    foot = el.row(
        el.button(t("report.order"), "btn pri grow", title=t("report.order_hint"), **{"data-report-act": "order"}),
        el.button(t("report.recipe_file"), "btn", **{"data-report-act": "recipe"}),
        el.icon_button("link", t("report.copy"), "btn sq2", **{"data-report-act": "copy"}),
        className="gap2 rfoot",
    )
    left = html.Aside(
        [head, el.painted("report-form", "rform"), foot], className="rleft", **{"aria-label": t("report.compose")}
    )
    bar = html.Div(
        [
            html.H2(t("report.preview")),
            html.Span(id="report-said", className="cap ell", role="status"),
            el.spacer(),
            html.Span(t("report.preview_hint"), className="cap rhint"),
            el.icon_button("plus", t("report.zoom_in"), "ib sm", **{"data-report-act": "in"}),
            el.icon_button("minus", t("report.zoom_out"), "ib sm", **{"data-report-act": "out"}),
            el.icon_button("home", t("report.home"), "ib sm", **el.op(("set", "r.ext", ""))),
        ],
        className="ph",
    )
    sheet = html.Div(
        [
            html.Div(
                id="report-sheet", className="rsheet", tabIndex="0", role="img", **{"aria-label": t("report.preview")}
            ),
            html.Div(t("report.preview_none"), className="empty rnone"),
            html.Div(id="report-problems", className="rproblems", role="alert", hidden=True),
        ],
        className="rdesk",
        id="report-desk",
    )
    rows = html.Div(
        [html.Span(t("report.rows_as"), className="cap"), el.painted("report-rows", "chips")],
        className="rrows",
        title=t("report.rows_hint"),
    )
    middle = html.Main([bar, sheet, rows], className="rmid")
    right = html.Aside(
        [
            html.Div(
                [
                    html.H2(t("report.history")),
                    el.spacer(),
                    el.button(
                        t("report.compare"),
                        "btn sm",
                        disabled=True,
                        id="report-compare",
                        **{"data-report-act": "compare"},
                    ),
                ],
                className="ph",
            ),
            html.Div(
                el.skeleton(6),
                id="report-history",
                className="rlist",
                role="list",
                **{"aria-label": t("report.list_of")},
            ),
        ],
        className="rright",
        **{"aria-label": t("report.history")},
    )
    dialog = html.Dialog(id="report-dialog", className="dialog")
    return html.Div([left, middle, right, dialog], id="page-report", className="page")


def register(pages: Pages) -> None:
    """Register the page's panel."""

    async def fill(where: Pages, state: State) -> Any:
        names = dict(await where.source.names())
        if state.selected and asked_of(state).family == "single":
            try:
                card = await where.source.reader.card(state.selected[0], int(state.selected[1]))
                names["·selected"] = str(card["name"])
            except NotFoundError:
                names.pop("·selected", None)
        made = form(where.cat, state, asked_of(state), names, houses(held.settings().var_dir))
        return made, row_links(where.cat, state)

    on_slice(pages, "report", [Output("report-form", "children"), Output("report-rows", "children")], fill)
