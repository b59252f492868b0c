"""The page of siting: not there yet, and it says so."""

from __future__ import annotations

from dash.development.base_component import Component

from app.pages.plain import plain_page


def page() -> Component:
    """Return the page."""
    return plain_page(
        "site",
        ("site.way_parcels", "/?layer=parcel&on=parcel,park,constraint,infrastructure"),
        ("site.way_parks", "/?layer=park"),
    )
