"""The page of comparison: counties or units side by side, ranked, over time, on the map, in sentences."""

from app.pages.compare.layout import page, register

__all__ = ["page", "register"]
