"""Long grids a page at a time: which rows are shown, how many there are, and how to go on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from dash import html
from dash.development.base_component import Component

from app.i18n import t
from app.pages import el

PAGE = 100


@dataclass(frozen=True)
class Asked:
    """What of a grid the address asks for: from which row (from 1), of which cause, with which text."""

    first: int = 1
    why: str = ""
    find: str = ""

    @classmethod
    def of(cls, given: Mapping[str, str]) -> Asked:
        """Read it from an address; what is no number is the beginning."""
        first = given.get("from", "")
        number = int(first) if first.isascii() and first.isdecimal() and len(first) < 10 else 1
        why, find = (given.get(x, "").replace("\0", "") for x in ("why", "find"))  # no database takes a NUL
        return cls(max(1, number), why[:120], find[:100].strip())

    @property
    def narrowed(self) -> bool:
        """Whether some rows are left out."""
        return bool(self.why or self.find)


def start_of(first: int, n: int) -> int:
    """Return the first row of the page that holds a row, or of the last page; 0 where there are none."""
    return (min(max(1, first), n) - 1) // PAGE * PAGE + 1 if n else 0


def line(first: int, n: int, unit: str) -> Component:
    """Return "第 1–100 行，共 5,000 行" with the steps to the other pages.

    Parameters
    ----------
    first : int
        The page's first row, from 1; 0 where there are none.
    n : int
        Rows on all pages.
    unit : str
        What is counted: ``rows`` or ``pairs``.
    """
    last = min(n, first + PAGE - 1)
    said = t(f"pager.{unit}", first=f"{first:,}", last=f"{last:,}", n=f"{n:,}")
    parts: list[Component] = [html.Span(said, className="cap num", role="status")]
    if n > PAGE:
        pages = [(str(at) if at > 1 else "", t("pager.page", n=i)) for i, at in enumerate(range(1, n + 1, PAGE), 1)]
        parts += [
            _step("pager.back", first - PAGE, first > 1),
            el.select(pages, str(first) if first > 1 else "", t("pager.choose"), ("set", "from", "$")),
            _step("pager.on", first + PAGE, last < n),
        ]
    return el.row(*parts, className="gap2 pager")


def _step(key: str, first: int, there: bool) -> Component:
    to = "" if first <= 1 else str(first)
    return el.button(t(key), "btn sm", disabled=not there, **el.op(("set", "from", to)))


def chips(options: list[tuple[str, str, int]], chosen: str, n_all: int) -> list[Component]:
    """Return a button for each cause with its count, and one for all of them."""
    every = [("", t("pager.every"), n_all), *options]
    return [
        html.Button(
            [html.Span(title, className="ell"), f" {n:,}"],
            title=title,
            type="button",
            className="chip on" if value == chosen else "chip",
            **{"aria-pressed": "true" if value == chosen else "false"},
            **el.op(("set", "why", value), ("set", "from", "")),
        )
        for value, title, n in every
    ]


def search(text: str, label: str) -> Component:
    """Return the box that leaves only what holds a text; it goes to the address when Enter is pressed or it is left."""
    return html.Span(className="tbox find", **{"data-find": "find", "data-text": text, "data-label": label})
