"""The map page's frame: panels, map, table and stores; what they hold comes from callbacks."""

from __future__ import annotations

import dash_ag_grid as dag
import dash_leaflet as dl
from dash import dcc, html
from dash.development.base_component import Component

from app.i18n import t
from app.pages import el
from app.pages.map.table import locale

CITY = [33.53, 120.2]
CITY_ZOOM = 8


def grid() -> Component:
    """Return the empty table."""
    return dag.AgGrid(
        id="grid",
        columnDefs=[],
        getRowId="params.data.rid",
        className="grid",
        style={"height": "100%", "width": "100%"},
        defaultColDef={"sortable": True, "resizable": True, "suppressMovable": False, "suppressHeaderMenuButton": True},
        dashGridOptions={
            "theme": {"function": "ytTheme(themeQuartz)"},
            "localeText": locale(),
            "rowSelection": {"mode": "singleRow", "checkboxes": False, "enableClickSelection": False},
            "rowHeight": 29,
            "headerHeight": 28,
            "animateRows": False,
            "suppressCellFocus": False,
            "suppressColumnVirtualisation": False,
            "tooltipShowDelay": 400,
            "suppressDragLeaveHidesColumns": True,
        },
        eventListeners={
            "cellClicked": ["ytRowClicked(params)"],
            "cellMouseOver": ["ytRowOver(params)"],
            "cellMouseOut": ["ytRowOut(params)"],
            "cellKeyDown": ["ytRowKey(params)"],
            "rowDataUpdated": ["ytRowsUpdated(params)"],
        },
    )


def left() -> Component:
    """Return the left panel: layers above, filters below."""
    layers = html.Div(
        [
            html.Div(
                [
                    html.H2(t("layers.title")),
                    html.Span(id="layers-head"),
                    el.spacer(),
                    el.icon_button("panel-left", t("fold.left"), "ib sm desk", **{"data-fold": "left"}),
                ],
                className="ph",
            ),
            el.painted("layers-list", "lys"),
        ],
        className="pane pane-layers",
    )
    filters = html.Div(
        [
            html.Div(
                [
                    el.icon("filter"),
                    html.H2(t("filter.title")),
                    html.Span(id="filters-head", className="row gap2 grow"),
                ],
                className="ph",
            ),
            el.painted("filters-body", "fl"),
        ],
        className="pane pane-filters",
    )
    return html.Aside([layers, filters], className="panel l", **{"aria-label": t("layers.title")})


def draw_menu() -> Component:
    """Return the menu that draws an area, or takes one from a county, a line, a thing, a file or the kept ones."""
    shapes = [
        html.Button(t(f"drawn.tool_{kind}"), type="button", **{"data-draw": kind})
        for kind in ("poly", "box", "circle", "line", "point")
    ]
    lines = [("", t("drawn.pick_line"))] + [
        (f"along:{name},2000", t(f"drawn.line_{name}")) for name in ("coast", "highway", "railway", "river")
    ]

    def picker(name: str, options: list[tuple[str, str]]) -> Component:
        return html.Select(
            [html.Option(text, value=value) for value, text in options], id=name,
            **{"data-draw-pick": "", "aria-label": options[0][1]},
        )  # fmt: skip

    more = [
        picker("draw-county", [("", t("drawn.pick_area"))]),
        picker("draw-line", lines),
        html.Button(t("drawn.pick_thing"), type="button", **{"data-draw-thing": t("drawn.pick_none")}),
        html.Button(t("drawn.upload"), type="button", title=t("drawn.upload_title"), **{"data-draw-upload": ""}),
        html.Div(t("drawn.saved_head"), className="cap"),
        html.Div(id="draw-saved", **{"data-none": t("drawn.saved_none"), "data-drop": t("drawn.drop")}),
    ]
    return html.Details(
        [
            html.Summary([t("drawn.menu"), el.icon("down", small=True)], className="btn", title=t("drawn.menu_title")),
            html.Div([html.Div(id="draw-hint", className="cap hint"), *shapes, *more], className="menu"),
        ],
        id="draw-menu",
        className="drop drawmenu",
        **{"data-avoid": ""},
    )


def middle() -> Component:
    """Return the map with what floats on it, and the table."""
    the_map = dl.Map(
        id="map",
        center=CITY,
        zoom=CITY_ZOOM,
        zoomControl=False,
        attributionControl=False,
        preferCanvas=True,
        minZoom=6,
        maxZoom=18,
        zoomSnap=0.25,
        keyboard=True,
        style={"height": "100%", "width": "100%"},
    )
    unfold = [
        el.icon_button("panel-left", t("fold.left_open"), "ib unfold left", **{"data-fold": "left"}),
        el.icon_button("panel-right", t("fold.right_open"), "ib unfold right", **{"data-fold": "right"}),
        el.icon_button("panel-bottom", t("fold.table_open"), "ib unfold table", **{"data-fold": "table"}),
    ]
    time = html.Div(className="float asof", id="timebar", **{"data-time": "", "data-avoid": ""})
    map_box = html.Div(
        [the_map, time, draw_menu(), html.Div(id="map-chips", className="pchips phone-only"), *unfold],
        className="map",
        id="map-box",
    )
    table = html.Section(
        [
            html.Div(className="hgrip", **{"data-resize": "table"}),
            html.Div(
                [
                    html.Div(id="tabs", className="tabs", role="tablist", **{"aria-label": t("table.title")}),
                    el.spacer(),
                    html.Button(
                        [el.icon("link", small=True), t("table.follow")],
                        id="follow",
                        className="chip",
                        type="button",
                        title=t("table.follow_title"),
                        **{"data-follow": ""},
                    ),
                    html.Details(
                        [
                            html.Summary(el.icon("columns"), className="ib sm", title=t("table.columns")),
                            html.Div(className="menu", **{"data-columns": ""}),
                        ],
                        className="drop",
                    ),
                    html.A(
                        el.icon("download"),
                        id="rows-xlsx",
                        href="#",
                        className="ib sm",
                        title=t("export.rows"),
                        **{"aria-label": t("export.rows"), "data-file": ""},
                    ),
                    el.icon_button("panel-bottom", t("fold.table"), "ib sm desk", **{"data-fold": "table"}),
                ],
                className="ph th",
            ),
            html.Div(grid(), className="gridbox"),
            html.Div(id="table-foot", className="foot cap"),
        ],
        className="bot pane pane-table",
        **{"aria-label": t("table.title")},
    )
    return html.Main([map_box, table], className="center")


def right() -> Component:
    """Return the right panel: the rollup, or the card of what is selected."""
    return html.Aside(
        [
            html.Div(className="vgrip right", **{"data-resize": "right"}),
            html.Div(
                [
                    html.Div([html.H2(t("rollup.title"))], id="side-head", className="row gap2 grow"),
                    el.icon_button("panel-right", t("fold.right"), "ib sm desk", **{"data-fold": "right"}),
                ],
                className="ph",
            ),
            el.painted("side-body", "side"),
        ],
        className="panel r pane pane-side",
        **{"aria-label": t("rollup.title")},
    )


def sheet_tabs() -> Component:
    """Return the phone's tabs of the one sheet under the map."""
    names = ("side", "table", "layers", "filters")
    return html.Div(
        [html.Button(t(f"sheet.{x}"), type="button", **{"data-sheet": x}) for x in names],
        className="stabs",
        role="tablist",
    )


def sketch_dialog() -> Component:
    """Return the dialog that saves a sketched outline as a run."""
    return html.Dialog(
        [
            html.H2(t("sketch.title")),
            html.P(id="sketch-what"),
            html.P(t("sketch.note"), className="note amber"),
            html.Label([t("sketch.reason"), el.text_input("sketch-reason", "", t("sketch.reason"))]),
            html.Label([t("sketch.who"), el.text_input("sketch-who", "", t("sketch.who"), remembered=True)]),
            html.P(id="sketch-result", role="status"),
            el.row(
                el.spacer(),
                el.button(t("sketch.cancel"), "btn", **{"data-dialog-close": "sketch-dialog"}),
                el.button(t("sketch.save"), "btn pri", id="sketch-save", **{"data-sketch-save": ""}),
                className="gap2",
            ),
        ],
        id="sketch-dialog",
        className="dialog",
    )


def map_page() -> Component:
    """Return the whole page."""
    names = ("sketch-target", "sketch-ask")
    heard = ("map-event", "sketch-geometry", "sketch-answer")
    stores = [dcc.Store(id=x) for x in (*names, *heard, *(f"{x}-done" for x in heard))]
    return html.Div(
        [left(), middle(), right(), sheet_tabs(), sketch_dialog(), *stores], id="page-map", className="page app"
    )
