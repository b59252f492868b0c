"""The frame of the page: brief, map, ranking; dialogs; what the page's script fills."""

from __future__ import annotations

from dash import dcc, html
from dash.development.base_component import Component

from app.i18n import t
from app.pages import el


def left() -> Component:
    """Return the panel of the brief."""
    menu = html.Details(
        [
            html.Summary(el.icon("more"), className="ib sm", title=t("site.more"), **{"aria-label": t("site.more")}),
            html.Div(
                [
                    _item("scenarios", t("site.scenarios")),
                    _item("save", t("site.save_as")),
                    _item("template", t("site.brief_xlsx")),
                    _item("upload-brief", t("site.read_xlsx")),
                    _item("json", t("site.as_json")),
                    _item("upload-json", t("site.read_json")),
                    _item("tif", t("site.as_tif")),
                ],
                className="menu",
            ),
        ],
        className="drop",
    )
    head = html.Div(
        [
            html.H2(t("site.task")),
            html.Span(id="site-scenario", className="cap ell grow"),
            el.icon_button("undo", t("site.undo"), "ib sm", disabled=True, **{"data-site": "undo"}),
            el.icon_button("redo", t("site.redo"), "ib sm", disabled=True, **{"data-site": "redo"}),
            menu,
            el.icon_button("panel-left", t("fold.left"), "ib sm desk", **{"data-fold": "left"}),
        ],
        className="ph",
    )
    foot = el.row(
        el.button(t("site.report"), "btn pri grow", **{"data-site": "report-dialog"}),
        el.button(t("site.save"), "btn", **{"data-site": "save"}),
        html.Button(
            [el.icon("link"), html.Span("", className="vis-hidden")],
            type="button",
            className="btn sq2",
            title=t("site.copy_link"),
            **{"aria-label": t("site.copy_link"), "data-site": "copy"},
        ),
        className="gap2 sfoot",
    )
    return html.Aside(
        [head, html.Div(id="site-fault", role="alert"), el.painted("site-brief", "sbrief"), foot],
        className="panel l pane sp-brief",
        **{"aria-label": t("site.task")},
    )


def _item(what: str, text: str) -> Component:
    return html.Button(text, type="button", **{"data-site": what})


def middle() -> Component:
    """Return the map and the drawer under it."""
    legend = html.Div([html.Div(id="site-legend"), html.Div(id="site-hot")], className="float slegend",
                      **{"data-avoid": ""})  # fmt: skip
    unfold = [
        el.icon_button("panel-left", t("fold.left_open"), "ib unfold left", **{"data-fold": "left"}),
        el.icon_button("panel-right", t("fold.right_open"), "ib unfold right", **{"data-fold": "right"}),
    ]
    cell = html.Div(id="site-cell", className="float scell", hidden=True, role="status", **{"data-avoid": ""})
    box = html.Div([html.Div(id="site-map"), legend, cell, *unfold], className="map", id="site-map-box")
    drawer = html.Section(id="site-compare", className="sdrawer pane sp-compare", **{"aria-label": t("site.compare")})
    return html.Main([box, drawer], className="center")


def right() -> Component:
    """Return the panel of the ranking, or the card of what is chosen."""
    return html.Aside(
        [
            html.Div(className="vgrip right", **{"data-resize": "right"}),
            html.Div(
                [
                    html.Div(
                        [
                            html.Div([html.H2(t("site.ranking"))], id="site-head", className="row gap2 grow"),
                            el.icon_button("panel-right", t("fold.right"), "ib sm desk", **{"data-fold": "right"}),
                        ],
                        className="ph",
                    ),
                    el.painted("site-ranking", "sranking"),
                ],
                className="srank",
            ),
            html.Div(id="site-card", className="scard"),
        ],
        className="panel r pane sp-rank",
        id="site-right",
        **{"aria-label": t("site.ranking")},
    )


def dialogs() -> list[Component]:
    """Return the dialogs: save, scenarios, report, upload."""
    save = html.Dialog(
        [
            html.H2(t("site.save_as")),
            html.P(t("site.save_note"), className="cap"),
            html.Label(
                [t("site.scenario_name"), el.text_input("site-save-name", t("site.save_hint"), t("site.scenario_name"))]
            ),
            html.Label([t("site.note"), el.text_input("site-save-note", "", t("site.note"))]),
            html.Label([t("site.who"), el.text_input("site-save-who", "", t("site.who"), remembered=True)]),
            html.P(id="site-save-result", className="err", role="alert"),
            el.row(
                el.button(t("site.save_copy"), "btn", id="site-save-copy", **{"data-site": "save-copy"}),
                el.spacer(),
                el.button(t("site.cancel"), "btn", **{"data-dialog-close": "site-save"}),
                el.button(t("site.save"), "btn pri", **{"data-site": "save-now"}),
                className="gap2",
            ),
        ],
        id="site-save",
        className="dialog",
    )
    scenarios = html.Dialog(
        [
            el.row(html.H2(t("site.saved_tasks")), el.spacer(),
                   el.icon_button("close", t("site.close"), "ib sm", **{"data-dialog-close": "site-scenarios"})),
            html.Div(id="site-scenario-list", className="slist"),
        ],
        id="site-scenarios",
        className="dialog wide",
    )  # fmt: skip
    report = html.Dialog(
        [
            html.H2(t("site.report")),
            html.P(t("site.report_note"), className="cap"),
            html.P(id="site-report-state", role="status"),
            el.row(
                el.button(t("site.cancel"), "btn", **{"data-dialog-close": "site-report"}),
                el.spacer(),
                el.button(t("site.report_xlsx"), "btn", **{"data-site": "report", "data-how": "xlsx"}),
                el.button(t("site.report_word"), "btn", **{"data-site": "report", "data-how": "docx"}),
                el.button(t("site.report_slides"), "btn", **{"data-site": "report", "data-how": "pptx"}),
                el.button(t("site.report_pdf"), "btn pri", **{"data-site": "report", "data-how": "pdf"}),
                className="gap2 wrap",
            ),
        ],
        id="site-report",
        className="dialog",
    )
    datum = html.Dialog(
        [
            html.H2(t("site.datum")),
            html.P(t("site.datum_note"), id="site-datum-what"),
            html.Div(id="site-datum-choices", className="row gap2 wrap"),
            el.row(el.spacer(), el.button(t("site.cancel"), "btn", **{"data-dialog-close": "site-datum"})),
        ],
        id="site-datum",
        className="dialog",
    )
    return [save, scenarios, report, datum]


def sheet_tabs() -> Component:
    """Return the phone's tabs of the one sheet under the map."""
    names = {"side": t("site.ranking"), "layers": t("site.task"), "table": t("site.compare")}
    return html.Div(
        [html.Button(text, type="button", **{"data-sheet": name}) for name, text in names.items()],
        className="stabs",
        role="tablist",
    )


def page() -> Component:
    """Return the page's frame."""
    return html.Div(
        [left(), middle(), right(), sheet_tabs(), *dialogs(), dcc.Store(id="site-told")],
        id="page-site",
        className="page app",
    )
