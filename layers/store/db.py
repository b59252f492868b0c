"""Connections: psycopg2 for the batch side, one error for a database that does not answer."""

from __future__ import annotations

import functools
import hashlib
import hmac
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

import psycopg2
from psycopg2.extensions import connection, make_dsn, parse_dsn

from geo.errors import DatabaseUnavailableError

SQL_DIR = Path(__file__).resolve().parent.parent / "sql"
ROLES = ("yuantu_owner", "yuantu_writer", "yuantu_reader", "yuantu_public")


@functools.cache
def statement(name: str) -> str:
    """Return the text of ``layers/sql/<name>.sql``."""
    return (SQL_DIR / f"{name}.sql").read_text(encoding="utf-8")


def role_password(secret_key: str, role: str) -> str:
    """Derive a role's password from the secret key, so that every process of a deployment has the same."""
    return hmac.new(secret_key.encode(), role.encode(), hashlib.sha256).hexdigest()


def role_dsn(dsn: str, role: str, secret_key: str) -> str:
    """Return the DSN of the same database for one of the four roles."""
    parts = parse_dsn(dsn) | {"user": role, "password": role_password(secret_key, role)}
    return str(make_dsn(**parts))


def role_url(dsn: str, role: str, secret_key: str) -> str:
    """Return :func:`role_dsn` as a ``postgresql://`` URL, which tipg's pool wants."""
    parts = parse_dsn(dsn)
    host = str(parts.get("host", ""))
    query = f"?host={quote(host, safe='')}" if host.startswith("/") else ""
    place = "" if host.startswith("/") else host
    port = f":{parts['port']}" if parts.get("port") and place else ""
    if query and parts.get("port"):
        query += f"&port={parts['port']}"
    password = role_password(secret_key, role)
    return f"postgresql://{role}:{password}@{place}{port}/{quote(str(parts.get('dbname', '')))}{query}"


def unavailable(error: Exception) -> DatabaseUnavailableError:
    """Return the one error for a database that does not answer; the driver's words go to the details."""
    return DatabaseUnavailableError(
        "连接不上数据库，没有改动任何数据。",
        "请稍候自动重试；若一直如此，请运行 yuantu doctor 查看原因。",
        reason=str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__,
    )


@contextmanager
def connect(dsn: str, *, autocommit: bool = False) -> Iterator[connection]:
    """Open a batch connection; commit when the block ends well, roll back when it raises.

    Raises
    ------
    DatabaseUnavailableError
        When no connection can be made.
    """
    try:
        conn = psycopg2.connect(dsn, connect_timeout=10, application_name="yuantu")
    except psycopg2.OperationalError as error:
        raise unavailable(error) from error
    conn.autocommit = autocommit
    try:
        yield conn
        if not autocommit:
            conn.commit()
    except BaseException as error:
        if not conn.closed and not autocommit:
            conn.rollback()
        if isinstance(error, psycopg2.OperationalError) and conn.closed:
            raise unavailable(error) from error
        raise
    finally:
        conn.close()
