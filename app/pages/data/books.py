"""What a review found, row by row, as a workbook: every fault, and every record that publishing would change."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from typing import Any, Literal

import xlsxwriter

from app.i18n import t
from app.pages.data import summary
from app.pages.data.drafts import Drafts
from etl.pipeline import Report
from layers.spec import Layer

MOST = 100_000
What = Literal["faults", "difference"]
COLUMNS: dict[str, tuple[tuple[str, int], ...]] = {
    "faults": (("severity", 8), ("row", 8), ("field", 18), ("value", 24), ("why", 90)),
    "difference": (("change", 8), ("name", 40), ("row", 8), ("field", 18), ("old", 30), ("new", 30)),
}


def every_fault(report: Report, layer: Layer) -> list[list[Any]]:
    """Return the faults as rows of ``COLUMNS``: the worst first, then by row, at most ``MOST``."""
    titles = {x.id: x.title for x in layer.fields}
    order = sorted(report.issues, key=lambda i: (summary.SEVERITIES.index(i.severity), i.row or 0))[:MOST]
    return [[t(f"import.v_{i.severity}"), i.row, titles.get(i.field, i.field), i.value, i.message] for i in order]


def every_change(report: Report, layer: Layer, places: Mapping[str, str]) -> list[list[Any]]:
    """Return what would change as rows of ``COLUMNS``, a row for each field: changes first, at most ``MOST``."""
    found: list[list[Any]] = []
    for item in summary.changed(report, layer, places, MOST):
        said = t("import.d_changed")
        found += [[said, item["name"], item["row"], f["field"], f["old"], f["new"]] for f in item["fields"]]
    for kind, items in (("new", summary.created(report, MOST)), ("closed", summary.ended(report, MOST))):
        said = t(f"import.d_{kind}")
        found += [[said, x["name"], x.get("row"), "", "", ""] for x in items]
    return found[:MOST]


def write(rows: Sequence[Sequence[Any]], what: What, title: str) -> bytes:
    """Return rows as a workbook: a title, a header, a filter; nothing in it is a formula or a link."""
    buffer = io.BytesIO()
    given = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    book = xlsxwriter.Workbook(buffer, given)
    head, sheet = book.add_format({"bold": True, "bg_color": "#EAEFEA", "border": 1}), book.add_worksheet()
    sheet.write_string(0, 0, title[:240] + (t("import.rows_cut", n=f"{MOST:,}") if len(rows) >= MOST else ""))
    for j, (name, width) in enumerate(COLUMNS[what]):
        sheet.set_column(j, j, width)
        sheet.write_string(1, j, t(f"import.h_{name}"), head)
    for i, row in enumerate(rows, start=2):
        for j, cell in enumerate(row):
            if isinstance(cell, int):
                sheet.write_number(i, j, cell)
            elif cell not in ("", None):
                sheet.write_string(i, j, str(cell)[:32_000])
    sheet.freeze_panes(2, 0)
    sheet.autofilter(1, 0, 1 + max(len(rows), 1), len(COLUMNS[what]) - 1)
    book.close()
    return buffer.getvalue()


def of_draft(drafts: Drafts, ident: str, what: What) -> tuple[bytes, str]:
    """Return what a draft's review found as a workbook, and the workbook's name.

    Raises
    ------
    NotFoundError
        No such draft, or it was reviewed before these were kept.
    """
    draft = drafts.get(ident)
    body = write(drafts.rows(draft, what), what, draft.file_name)
    return body, t(f"import.{what}_file", file=draft.file_name.rsplit(".", 1)[0])
