"""The frame of the page: head, list, card, the dialog that forms are drawn into, the parts of the address."""

from __future__ import annotations

from dash import dcc, html
from dash.development.base_component import Component

from app.i18n import t
from app.pages import el

PARTS = ("list", "card", "rows")  # what the address is split into: assets/40-targets.js says by which parameters


def page() -> Component:
    """Return the page's frame."""
    stores = [dcc.Store(id=f"targets-{name}-at") for name in PARTS]
    stores += [dcc.Store(id=x) for x in ("targets-write", "targets-answer", "targets-answer-done")]
    main = html.Div(
        [
            html.Div(el.skeleton(14), id="targets-list", className="tg-list"),
            html.Div(id="targets-rows", className="tg-rows"),
        ],
        className="tg-main",
    )
    body = html.Div(
        [main, html.Aside(el.skeleton(8), id="targets-card", className="tg-card", **{"aria-label": t("targets.card")})],
        className="tg",
    )
    dialog = html.Dialog(id="targets-dialog", className="dialog tg-dialog")
    head = html.Div(el.skeleton(2), id="targets-head", className="tg-head")
    return html.Div([head, body, dialog, *stores], id="page-targets", className="page")
