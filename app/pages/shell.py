"""The frame of every page: header, pages, search, language, theme, and what the browser needs to know."""

from __future__ import annotations

import html as markup
import json
import threading
from pathlib import Path
from urllib.parse import quote

import dash_mantine_components as dmc
from dash import Dash, Input, Output, dcc, html
from dash.development.base_component import Component

from app import state as held
from app.i18n import LANGUAGE, t, texts
from app.pages import compare, data, el, login, nowhere, report, site, targets
from app.pages.callbacks import Pages, Panel, add_panels
from app.pages.map import callbacks as map_callbacks
from app.pages.map.choropleth import warm_up
from app.pages.map.layout import map_page
from app.pages.state import SLICES, default_on, first_layer, mapped_layers
from app.pages.still import script, settle
from layers.registry import Catalogue

UNUSED = ("/deps/polyfill@", "/dash_table/")  # for browsers of ten years ago; a table that no page has
FIRST = "/assets/10-state.js"
ASSETS = Path(__file__).parent.parent / "assets"
PAGES = (
    ("/", "map", "layers"),
    ("/compare", "compare", "swap"),
    ("/targets", "targets", "check"),
    ("/site", "site", "pin"),
    ("/report", "report", "doc"),
    ("/data", "data", "file"),
)
MAP_SLICES = ("model", "table", "side", "layers", "filters")  # what is looked at first is asked first
# milliseconds after which a panel is asked for: what the map needs must not stand in their queue
LATER = {"side": 50, "table": 60, "layers": 100, "filters": 120}

INDEX = """<!DOCTYPE html>
<html lang="zh-CN" data-theme="light">
<head>
<meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<meta name="yuantu" content="@CONFIG@">
<title>{%title%}</title>
<link rel="icon" href="@ICON@">
<script>@EARLY@</script>
{%css%}
</head>
<body>
@STILL@
{%app_entry%}
<footer>{%config%}{%scripts%}{%renderer%}</footer>
</body>
</html>"""

# Before anything is drawn: the remembered theme and folds, so that nothing changes colour or place afterwards.
EARLY = (
    "(function(d){try{var q=new URLSearchParams(location.search).get('theme'),"
    "t=q||localStorage.getItem('yt-theme')||(matchMedia('(prefers-color-scheme:dark)').matches?'dark':'light');"
    "d.dataset.theme=t;d.dataset.mantineColorScheme=t;"
    "d.dataset.page=location.pathname.split('/')[1]||'map';"
    "['left','right','table'].forEach(function(x){if(localStorage.getItem('yt-fold-'+x)==='1')d.classList.add('fold-'+x);"
    "var s=localStorage.getItem('yt-size-'+x);if(s)d.style.setProperty('--'+x,s)});"
    "}catch(e){d.dataset.theme='light'}})(document.documentElement)"
)


def browser_config(cat: Catalogue, panels: dict[str, Panel]) -> dict[str, object]:
    """Return what the page's own script needs: slices, panels and what they ask for, defaults, texts."""
    return {
        "panels": {name: panel.was for name, panel in panels.items()},
        "slices": SLICES,
        "mapSlices": MAP_SLICES,
        "later": LATER,
        "defaults": {"on": list(default_on(cat)), "order": list(mapped_layers(cat))},
        "first": first_layer(cat),
        "pages": [path for path, _, _ in PAGES],
        "titles": {path: f"{t(f'page.{name}')} · {t('app.name')}" for path, name, _ in PAGES},
        "texts": {k.removeprefix("js."): v for k, v in texts(LANGUAGE).items() if k.startswith("js.")},
    }


def index_string(cat: Catalogue, panels: dict[str, Panel], still: list[str]) -> str:
    """Return the HTML that everything is drawn into."""
    config = markup.escape(
        json.dumps(browser_config(cat, panels), ensure_ascii=False, separators=(",", ":")), quote=True
    )
    icon = "data:image/svg+xml," + quote((ASSETS / "favicon.svg").read_text(encoding="utf-8"))
    # Dash fills {%…%}; a brace in the texts would be taken for one of its places only with a percent sign.
    made = INDEX.replace("@CONFIG@", config).replace("@ICON@", icon).replace("@EARLY@", EARLY)
    return made.replace("@STILL@", script(still))


def needed_ids(dash_app: Dash, panels: dict[str, Panel]) -> set[str]:
    """Return the ids of what Dash has to know: all that a callback names, and what gets a property from a panel."""
    found = {x["id"] for entry in dash_app.callback_map.values() for x in (*entry["inputs"], *entry["state"])}
    for output in dash_app.callback_map:
        found |= {part.rsplit(".", 1)[0] for part in output.strip(".").split("...")}
    plain = ("children", "className", "href")  # the page's script writes these itself
    found |= {o.component_id for p in panels.values() for o in p.outputs if o.component_property not in plain}
    return found


class Site(Dash):
    """Dash, with its scripts in an order that lets the page ask for its numbers before they are all read."""

    def interpolate_index(self, **kwargs: str) -> str:
        """Return the page's HTML."""
        scripts = [x for x in kwargs["scripts"].split("\n") if not any(word in x for word in UNUSED)]
        scripts.sort(key=lambda x: FIRST not in x)
        made: str = super().interpolate_index(**kwargs | {"scripts": "\n".join(scripts)})
        return made


def header() -> Component:
    """Return the header: name, pages, search, language, theme, account."""
    nav = [
        html.A(
            [t(f"page.{name}"), html.Kbd(str(i))],
            href=path,
            **{"data-page": name, "aria-keyshortcuts": str(i)},
        )
        for i, (path, name, _) in enumerate(PAGES, 1)
    ]
    search = html.Div(
        [
            el.icon("search", small=True),
            el.text_input("search", t("search.hint"), t("search.open")),
            html.Kbd("/"),
            html.Div(
                id="search-results", className="float results", role="listbox", **{"aria-label": t("search.results")}
            ),
        ],
        className="srch",
        role="search",
    )
    return html.Header(
        [
            html.A(
                [html.I(className="logo"), html.B(t("app.name")), html.I(t("app.city"), className="city desk")],
                href="/",
                className="brand",
            ),
            html.Nav(nav, className="nav desk", **{"aria-label": t("app.pages")}),
            html.Span(className="sp"),
            el.icon_button("search", t("search.open"), "ib phone-only", **{"data-search": ""}),
            search,
            html.Span(t("app.language"), className="ib still", title=t("app.language_title")),
            el.icon_button("theme", t("app.theme"), "ib", **{"data-theme-toggle": ""}),
            html.A(t("app.account_short"), href="/login", className="av", title=t("app.account")),
        ],
        className="head",
    )


def bottom_nav() -> Component:
    """Return the phone's pages."""
    links = [html.A([el.icon(icon), t(f"page.{name}")], href=path, **{"data-page": name}) for path, name, icon in PAGES]
    return html.Nav(links, className="ptab phone-only", **{"aria-label": t("app.pages")})


def layout() -> Component:
    """Return all pages in one frame; the address says which is seen."""
    stores = [dcc.Store(id=x) for x in ("address", "outage", "outage-done", "boot", "search-text")]
    stores += [dcc.Store(id=f"s-{x}") for x in SLICES]
    pages = [map_page(), *(x.page() for x in (compare, targets, site, report, data, login, nowhere))]
    frame = html.Div(
        [
            header(),
            html.Div(id="banner", className="banner", role="alert"),
            html.Div(id="notes", className="notes", role="status"),
            html.Div(pages, className="pages"),
            bottom_nav(),
            *stores,
        ],
        id="shell",
    )
    return dmc.MantineProvider(frame, id="mantine", forceColorScheme="light", withGlobalClasses=False)


def build(dash_app: Dash) -> Pages:
    """Set up the pages on a Dash app: layout, index, title, callbacks.

    Parameters
    ----------
    dash_app : Dash
        Made with ``assets_folder`` = ``app/assets``. The numbers come from ``app.state.reader()``.
    """
    cat = held.cat()
    pages = Pages(dash_app, cat)
    dash_app.title = t("app.name")
    threading.Thread(target=warm_up, name="warm-up", daemon=True).start()
    map_callbacks.register(pages)
    compare.register(pages)
    data.register(pages)
    report.register(pages)
    targets.register(pages)
    site.register(pages)
    add_panels(dash_app.server, pages)
    # Dash has drawn the page: from here on the address drives everything.
    dash_app.clientside_callback(
        "function(x){return window.yt ? window.yt.boot() : window.dash_clientside.no_update;}",
        Output("boot", "data"),
        Input("outage-done", "data"),
    )
    dash_app.clientside_callback(
        "function(x){return window.yt.outage(x);}",
        Output("banner", "title"),
        Input("outage", "data"),
        prevent_initial_call=True,
    )
    whole, still = layout(), []
    settle(whole, needed_ids(dash_app, pages.panels), still)
    dash_app.layout = whole
    dash_app.index_string = index_string(cat, pages.panels, still)
    # Dash finds its assets on the first request for "/" only; a page that is opened first needs them too.
    dash_app._setup_server()
    return pages
