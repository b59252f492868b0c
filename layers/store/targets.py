"""Writing what people decide about targets: documents, entered figures, allocations, settings.

Each write closes the version on record and adds a new one in one transaction; nothing is deleted.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from decimal import Decimal
from hashlib import sha256
from typing import Any

from psycopg2 import sql
from psycopg2.extensions import cursor as Cursor  # noqa: N812 - a class, named as the driver names it
from psycopg2.extras import execute_values

from geo.errors import NotFoundError
from layers.store.db import connect
from layers.targets import Document, choose_document, parse_document, shipped_documents

_MOMENT = sql.SQL(
    "SELECT greatest(clock_timestamp(), max(greatest(recorded_from,"
    " CASE WHEN recorded_to < 'infinity' THEN recorded_to END)) + interval '1 microsecond') FROM {table}"
)
_CLOSE = sql.SQL("UPDATE {table} SET recorded_to = %(at)s WHERE recorded_to = 'infinity' AND {keys}")
_INSERT = sql.SQL("INSERT INTO {table} ({columns}) VALUES ({values})")


@contextmanager
def _writing(
    dsn: str, table: str, who: str, action: str, detail: Mapping[str, Any]
) -> Iterator[tuple[Cursor, dt.datetime]]:
    """One transaction that holds the table's lock, with the instant it records at; it leaves an audit row."""
    with connect(dsn) as conn, conn.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(320902, hashtext(%(table)s))", {"table": table})
        cursor.execute(_MOMENT.format(table=sql.Identifier(table)))
        row = cursor.fetchone()
        yield cursor, row[0]  # type: ignore[index]
        cursor.execute(
            "INSERT INTO audit (who, action, detail) VALUES (%(who)s, %(action)s, %(detail)s)",
            {"who": who, "action": action, "detail": json.dumps(detail, ensure_ascii=False, default=str)},
        )


def _close(cursor: Cursor, table: str, at: dt.datetime, keys: Mapping[str, Any]) -> int:
    tests = sql.SQL(" AND ").join(sql.SQL("{} = {}").format(sql.Identifier(k), sql.Placeholder(k)) for k in keys)
    cursor.execute(_CLOSE.format(table=sql.Identifier(table), keys=tests), {**keys, "at": at})
    return int(cursor.rowcount)


def _insert(cursor: Cursor, table: str, at: dt.datetime, values: Mapping[str, Any]) -> None:
    row = {**values, "recorded_from": at}
    cursor.execute(
        _INSERT.format(
            table=sql.Identifier(table), columns=sql.SQL(", ").join(map(sql.Identifier, row)),
            values=sql.SQL(", ").join(map(sql.Placeholder, row)),
        ),
        row,
    )  # fmt: skip


def stored_documents(dsn: str) -> list[Document]:
    """Return the documents on record, the latest loaded first."""
    with connect(dsn) as conn, conn.cursor() as cursor:
        cursor.execute(
            "SELECT body, document_id FROM target_document WHERE recorded_to = 'infinity'"
            " ORDER BY recorded_from DESC, document_version DESC"
        )
        return [parse_document(body, name) for body, name in cursor.fetchall()]


def loaded_documents(dsn: str, year: int) -> list[Document]:
    """Return every document of a year as it was ever loaded, the latest first: also those a later one replaced.

    An entry that differs from the one before in its attached text alone is no version of its own.
    """
    with connect(dsn) as conn, conn.cursor() as cursor:
        cursor.execute(
            "SELECT body, document_id FROM target_document WHERE year = %(year)s"
            " ORDER BY recorded_from DESC, document_version DESC",
            {"year": year},
        )
        found = [parse_document(body, name) for body, name in cursor.fetchall()]
    return [d for d, newer in zip(found, [None, *found], strict=False) if d != newer]


def document_of(dsn: str, year: int) -> Document:
    """Return the document that states a year's targets.

    Raises
    ------
    NotFoundError
        No document states targets of that year.
    """
    found = choose_document(stored_documents(dsn) or shipped_documents(), dt.date(year, 12, 31))
    if found.year != year:
        raise NotFoundError(f"没有 {year} 年的目标文件。", f"现有 {found.year} 年的。", year=year)
    return found


def store_document(dsn: str, document: Document, who: str) -> bool:
    """Load a version of a document; return False where the very same stands on record.

    A text that was attached to the same document stays with it.
    """
    body = document.model_dump(mode="json")
    digest = sha256(json.dumps(body, ensure_ascii=False, sort_keys=True).encode()).hexdigest()
    detail = {"document": document.id, "version": document.version, "sha256": digest}
    with _writing(dsn, "target_document", who, "load_target_document", detail) as (cursor, at):
        cursor.execute(
            "SELECT sha256, text, text_name FROM target_document"
            " WHERE document_id = %(id)s AND recorded_to = 'infinity'",
            {"id": document.id},
        )
        held = cursor.fetchone() or ("", "", "")
        if held[0] == digest:
            return False
        _close(cursor, "target_document", at, {"document_id": document.id})
        _insert(cursor, "target_document", at, {
            "document_id": document.id, "year": document.year, "title": document.title, "version": document.version,
            "body": json.dumps(body, ensure_ascii=False), "sha256": digest, "text": held[1], "text_name": held[2],
            "loaded_by": who,
        })  # fmt: skip
        cursor.execute(
            "SELECT document_version FROM target_document WHERE document_id = %(id)s AND recorded_to = 'infinity'",
            {"id": document.id},
        )
        version = cursor.fetchone()[0]  # type: ignore[index]
        rows = [
            (
                version,
                r.id,
                i,
                r.kind,
                r.alias_of,
                r.section,
                r.task,
                r.indicator,
                r.comparator,
                r.target,
                r.unit,
                r.clause,
            )
            for i, r in enumerate(document.rows)
        ]
        execute_values(
            cursor,
            "INSERT INTO target (document_version, id, ordinal, kind, alias_of, section, task, indicator, comparator,"
            " value, unit, clause) VALUES %s",
            rows,
        )
    return True


def store_text(dsn: str, document_id: str, text: str, name: str, who: str) -> None:
    """Attach a document's own text to the version on record.

    Raises
    ------
    NotFoundError
        The document was not loaded.
    """
    with _writing(dsn, "target_document", who, "attach_target_text", {"document": document_id, "file": name}) as (
        cursor,
        _,
    ):
        cursor.execute(
            "UPDATE target_document SET text = %(text)s, text_name = %(name)s"
            " WHERE document_id = %(id)s AND recorded_to = 'infinity'",
            {"id": document_id, "text": text, "name": name},
        )
        if cursor.rowcount == 0:
            raise NotFoundError(f"还没有载入目标文件“{document_id}”。", "请先载入它的数据。", document=document_id)


def store_entry(dsn: str, keys: Mapping[str, Any], values: Mapping[str, Any] | None, who: str) -> None:
    """Record a figure entered by hand, or withdraw it (``values`` None).

    Parameters
    ----------
    keys : year, target_id, measure, entry_date
    values : value, source, note
    """
    detail = {**keys, **(values or {"withdrawn": True})}
    with _writing(dsn, "target_entry", who, "enter_target_value", detail) as (cursor, at):
        closed = _close(cursor, "target_entry", at, keys)
        if values is None:
            if not closed:
                raise NotFoundError("没有这一条录入，无从撤回。", "请核对编号和日期。")
            return
        _insert(cursor, "target_entry", at, {**keys, **values, "entered_by": who})


def store_allocations(
    dsn: str, year: int, target_id: str, axis: str, shares: Mapping[str, Decimal], source: str, who: str
) -> None:
    """Replace a target's allocations on an axis by a new set; an empty set withdraws them."""
    keys = {"year": year, "target_id": target_id, "axis": axis}
    detail = {**keys, "shares": dict(shares), "source": source}
    with _writing(dsn, "target_allocation", who, "allocate_target", detail) as (cursor, at):
        _close(cursor, "target_allocation", at, keys)
        for code, value in shares.items():
            row = {**keys, "code": code, "value": value, "source": source, "entered_by": who}
            _insert(cursor, "target_allocation", at, row)


def store_setting(dsn: str, year: int, target_id: str, name: str, value: Any, reason: str, who: str) -> None:
    """Record a setting; None returns to the document's own."""
    keys = {"year": year, "target_id": target_id, "name": name}
    with _writing(dsn, "target_setting", who, "set_target_rule", {**keys, "value": value, "reason": reason}) as (
        cursor,
        at,
    ):
        _close(cursor, "target_setting", at, keys)
        if value is not None:
            row = {**keys, "value": json.dumps(value), "reason": reason, "entered_by": who}
            _insert(cursor, "target_setting", at, row)


def known_codes(dsn: str, axis: str) -> dict[str, str]:
    """Return the codes and names of an axis: nine counties, or the eleven units."""
    kinds = ["county"] if axis == "county" else ["county", "unit"]
    with connect(dsn) as conn, conn.cursor() as cursor:
        cursor.execute("SELECT code, name FROM place_code WHERE kind = ANY(%(kinds)s) ORDER BY code", {"kinds": kinds})
        return dict(cursor.fetchall())
