"""The account page: accounts are not set up, and the app can only be reached from this machine."""

from __future__ import annotations

from dash.development.base_component import Component

from app.pages.plain import plain_page


def page() -> Component:
    """Return the page."""
    return plain_page("login", ("login.way_map", "/"))
