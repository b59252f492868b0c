"""The page of the year's targets: not there yet, and it says so."""

from __future__ import annotations

from dash.development.base_component import Component

from app.pages.plain import plain_page


def page() -> Component:
    """Return the page."""
    return plain_page("targets", ("targets.way_map", "/"), ("targets.way_compare", "/compare"))
