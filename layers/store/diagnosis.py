"""What a database is, read for ``yuantu doctor``."""

from dataclasses import dataclass
from datetime import datetime

from layers.store.db import connect, statement


@dataclass(frozen=True)
class DatabaseFacts:
    """Versions, locale and clock of a database; ``now`` is the server's, with its zone."""

    major: int
    postgis_available: str | None
    postgis_installed: str | None
    encoding: str
    locale: str
    sorts_by_pinyin: bool
    now: datetime


def database_facts(dsn: str) -> DatabaseFacts:
    """Ask a database what it is.

    Raises
    ------
    DatabaseUnavailableError
        It does not answer.
    """
    with connect(dsn) as conn:
        conn.set_client_encoding("UTF8")  # an SQL_ASCII database takes the bytes as they are
        with conn.cursor() as cursor:
            cursor.execute(statement("query/database_facts"))
            row = cursor.fetchone()
    assert row is not None  # the present database is always in pg_database
    return DatabaseFacts(*row)
