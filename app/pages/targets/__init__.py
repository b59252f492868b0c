"""The page of the year's targets: the list, a card for each, the rows it counts, what is entered by hand."""

from app.pages.targets.layout import page
from app.pages.targets.pages import register

__all__ = ["page", "register"]
