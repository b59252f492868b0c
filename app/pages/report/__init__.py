"""The page of reports: compose with a live draft, order, follow, download, issue, make again, compare."""

from app.pages.report.pages import page, register

__all__ = ["page", "register"]
