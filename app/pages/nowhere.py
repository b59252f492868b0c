"""What an address shows that is no page."""

from __future__ import annotations

from dash.development.base_component import Component

from app.pages.plain import plain_page


def page() -> Component:
    """Return the page."""
    return plain_page("nowhere", ("login.way_map", "/"))
