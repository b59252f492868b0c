"""The data page: files received, their review and publication, runs, what waits, and how fresh each layer is."""

from app.pages.data.layout import page
from app.pages.data.lists import layers_table, runs_table
from app.pages.data.pages import register

__all__ = ["layers_table", "page", "register", "runs_table"]
