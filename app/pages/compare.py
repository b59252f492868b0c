"""Counties or units side by side."""
from __future__ import annotations
from dash import html
from app.i18n import t
from app.pages.callbacks import Pages
def page():
    return html.Div(html.Div(html.H1(t("compare.title"))), id="page-compare", className="page")
def register(pages: Pages) -> None:
    return None
