"""The page of siting: the brief, the map, the ranking and how firm it is, scenarios, files in and out."""

from app.pages.site.layout import page
from app.pages.site.pages import register

__all__ = ["page", "register"]
