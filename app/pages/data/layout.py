"""The frame of the data page: files on the left, the one looked at in the middle, its evidence on the right."""

from __future__ import annotations

from dash import html
from dash.development.base_component import Component

from app.i18n import t
from app.pages import el

ACCEPTED = ".xlsx,.xlsm,.xls,.csv,.tsv,.txt,.zip,.gpkg,.geojson,.json,.kml,.kmz,.dxf,.shp,.dbf,.shx,.prj,.cpg"


def undo_dialog() -> Component:
    """Return the dialog that shows what a roll-back would undo, and asks why."""
    return html.Dialog(
        [
            html.H2(id="undo-title"),
            html.P(id="undo-what"),
            html.Ul(id="undo-would"),
            html.P(t("import.undo_note"), className="cap"),
            html.Label([t("import.reason"), el.text_input("undo-reason", t("import.undo_hint"), t("import.reason"))]),
            html.Label([t("import.who"), el.text_input("undo-who", "", t("import.who"), remembered=True)]),
            html.P(className="err", role="alert"),
            el.row(
                el.spacer(),
                el.button(t("import.cancel"), **{"data-dialog-close": "undo-dialog"}),
                el.button(t("import.undo"), "btn danger", **{"data-undo-now": ""}),
                className="gap2",
            ),
        ],
        id="undo-dialog",
        className="dialog",
        **{"aria-labelledby": "undo-title"},
    )


def page() -> Component:
    """Return the page's frame."""
    left = html.Aside(
        [
            html.Div(
                [
                    html.H2(t("import.title")),
                    html.Span(id="data-count", className="cap"),
                    el.spacer(),
                    el.button([el.icon("plus", small=True), t("import.upload")], "btn sm", **{"data-pick": ACCEPTED}),
                ],
                className="ph",
            ),
            html.Div(el.skeleton(6), id="data-list", className="dlist"),
            html.Button(
                [
                    el.icon("download"),
                    html.Span([t("import.drop"), html.Span(t("import.drop_kinds"), className="cap")]),
                ],
                className="dropzone",
                type="button",
                **{"data-pick": ACCEPTED},
            ),
        ],
        className="panel l",
        **{"aria-label": t("import.title")},
    )
    return html.Div(
        [
            html.Div(
                [
                    left,
                    html.Main(el.skeleton(12), id="data-main", className="dmain"),
                    html.Aside(id="data-side", className="panel r dside", **{"aria-label": t("import.evidence")}),
                ],
                className="dapp",
                id="data-app",
            ),
            undo_dialog(),
        ],
        id="page-data",
        className="page",
    )
