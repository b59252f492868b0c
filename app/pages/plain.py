"""Pages that say what will be there and what can be done now."""

from __future__ import annotations

from dash import html
from dash.development.base_component import Component

from app.i18n import t
from app.pages import el


def plain_page(name: str, *ways: tuple[str, str]) -> Component:
    """Return a page of one sentence and links to what can be done now.

    Parameters
    ----------
    name : str
        The page; its texts are ``<name>.title``, ``<name>.what`` and ``<name>.now``.
    ways : pairs of (text key, address)
    """
    links = [html.A(t(key), href=href, className="btn" if i else "btn pri") for i, (key, href) in enumerate(ways)]
    return html.Div(
        html.Div(
            [
                html.H1(t(f"{name}.title")),
                html.P(t(f"{name}.what")),
                html.P(t(f"{name}.now"), className="dim"),
                el.row(*links, className="gap2 wrap"),
            ],
            className="sheet-page",
        ),
        id=f"page-{name}",
        className="page",
    )
