"""A file whose parts state different datums or units: each part is read by its own words, then all are one batch."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from etl.datum_evidence import datum_title
from etl.datum_words import DATUM_COLUMNS, named_datums
from etl.headers import Match
from etl.load import WHOLE
from etl.parse_text import header_key
from etl.table import Table
from layers.store.staging import Batch, LazyRows, Positions, Reading

MIXED = "mixed"


@dataclass(frozen=True)
class Part:
    """Some of a file's records, and what tells them from the others in Chinese; '' for a file of one part."""

    table: Table
    label: str


@dataclass
class Prepared:
    """A file made ready: the batch, and what the report says of how it was understood."""

    batch: Batch
    datum: dict[str, Any]
    matches: list[Match]
    evidence: dict[str, str]
    label: str = ""
    namesakes: tuple[str, ...] = ()


def split(table: Table) -> list[Part]:
    """Return the parts of a file: sheets of their own units and datums, and rows whose 坐标系 column differs."""
    found = [p for t in (replace(table, others=()), *table.others) for p in _by_column(t)]
    return found if len(found) > 1 else [Part(found[0].table, "")]


def _by_column(table: Table) -> Iterator[Part]:
    sheet = f"工作表“{table.evidence['sheet']}”" if "sheet" in table.evidence else ""
    column = next((c for c in table.columns if header_key(c.header) in DATUM_COLUMNS), None)
    known: dict[str | None, str] = {}
    if column is not None:
        for cell in set(column.cells.tolist()):
            named = named_datums([cell or ""])
            known[cell] = named[0] if len(named) == 1 else ""
    if column is None or len(set(known.values())) < 2:
        yield Part(table, sheet)
        return
    kinds = np.array([known[c] for c in column.cells.tolist()], dtype=object)
    for i, kind in enumerate(sorted(set(kinds))):
        rows = np.flatnonzero(kinds == kind)
        part = table.take(rows)
        said = f"“{column.header}”为{datum_title(kind)}的行" if kind else f"“{column.header}”没有写明的行"
        yield Part(part if i == 0 else replace(part, skipped=()), f"{sheet}{said}")


def join_parts(made: list[Prepared]) -> Prepared:
    """Return the parts of a file as one batch, with what was found of each part's datum."""
    batches = [p.batch for p in made]
    matches: dict[str, Match] = {}
    for match in (m for p in made for m in p.matches):
        matches.setdefault(match.header, match)
    n = sum(len(b.rows) for b in batches)

    whole = pd.concat([b.frame() for b in batches], ignore_index=True)

    def frame(positions: Positions) -> pd.DataFrame:
        return whole.iloc[positions].reset_index(drop=True)

    readings = [b.reading for b in batches if b.reading is not None]
    columns: dict[str, dict[str, Any]] = {}
    for column in (c for r in readings for c in r.columns):
        columns.setdefault(str(column["header"]), column)
    batch = Batch(
        rows=whole if n <= WHOLE else LazyRows(pa.array(whole["key"], pa.string()), frame),
        events=pd.concat([b.events for b in batches], ignore_index=True),
        figures=pd.concat([b.figures for b in batches], ignore_index=True),
        shares=pd.concat([b.shares for b in batches], ignore_index=True),
        quarantine=[q for b in batches for q in b.quarantine],
        issues=[i for b in batches for i in b.issues],
        n_read=sum(b.n_read for b in batches),
        n_skipped=sum(b.n_skipped for b in batches),
        present=frozenset().union(*(b.present or frozenset() for b in batches)),
        tickets=tuple(sorted({t for b in batches for t in b.tickets})),
        reading=Reading(
            tuple(columns.values()), tuple(dict.fromkeys(x for r in readings for x in r.notes)), made[0].evidence
        ),
    )
    return Prepared(batch, _datum(made), list(matches.values()), made[0].evidence)


def _datum(made: list[Prepared]) -> dict[str, Any]:
    """Return what the parts' coordinates were taken for: one system, or each part's own."""
    placed = [p for p in made if p.datum.get("used")]
    if not placed:
        return made[0].datum
    said = [f"{p.label}：{datum_title(p.datum['used'])}，{'；'.join(p.datum['evidence'])}" for p in placed]
    used = {p.datum["used"] for p in placed}
    parts = [{"part": p.label, "used": p.datum["used"], "how": p.datum["how"]} for p in placed]
    return {
        "used": used.pop() if len(used) == 1 else MIXED,
        "how": placed[0].datum["how"],
        "evidence": said,
        "parts": parts,
    }
