"""Forward-only migrations, then the catalogue's tables: each file in one transaction with its record."""

from __future__ import annotations

import hashlib

import psycopg2
from psycopg2 import sql
from psycopg2.extensions import connection

from geo.errors import MachineError
from layers.registry import Catalogue, catalogue
from layers.store.db import ROLES, SQL_DIR, connect, role_dsn, role_password
from layers.store.schema import sync_catalogue

LOCK = "SELECT pg_advisory_xact_lock(320900, 2)"
RECORD = "INSERT INTO schema_migration (file, sha256) VALUES (%(file)s, %(sha256)s)"
TABLE = """CREATE TABLE IF NOT EXISTS schema_migration (
    file text PRIMARY KEY, sha256 text NOT NULL, applied_at timestamptz NOT NULL DEFAULT now())"""


def _applied(conn: connection) -> dict[str, str]:
    with conn.cursor() as cursor:
        cursor.execute("SELECT to_regclass('public.schema_migration') IS NOT NULL")
        if not cursor.fetchone()[0]:  # type: ignore[index]
            return {}
        cursor.execute("SELECT file, sha256 FROM schema_migration")
        return dict(cursor.fetchall())


def migrate(owner_dsn: str, catalogue_: Catalogue | None = None) -> list[str]:
    """Bring the database to the present schema and catalogue; return the names of what was applied.

    Parameters
    ----------
    owner_dsn : str
        A role that may create roles and extensions (a superuser on the private cluster).
    catalogue_ : Catalogue, optional
        The layers; the shipped catalogue by default.

    Raises
    ------
    MachineError
        A migration that was applied has since been edited, or rights are missing.
    """
    done: list[str] = []
    for path in sorted((SQL_DIR / "schema").glob("*.sql")):
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        try:
            with connect(owner_dsn) as conn, conn.cursor() as cursor:
                cursor.execute(LOCK)
                known = _applied(conn).get(path.name)
                if known == digest:
                    continue
                if known:
                    raise MachineError(
                        f"迁移文件 {path.name} 在应用之后被改动过。", "请还原它，并把改动写成新的迁移文件。"
                    )
                first = path.name.startswith("0001")
                if not first:
                    cursor.execute("SET LOCAL ROLE yuantu_owner")
                cursor.execute(path.read_text(encoding="utf-8"))
                cursor.execute("SET LOCAL ROLE yuantu_owner")
                cursor.execute(TABLE)
                cursor.execute(RECORD, {"file": path.name, "sha256": digest})
                done.append(path.name)
        except psycopg2.errors.InsufficientPrivilege as error:
            raise MachineError(
                f"数据库账号权限不足，无法执行 {path.name}。",
                "请用可以创建角色和扩展的账号（或请管理员先运行 layers/sql/schema/0001_roles.sql）。",
            ) from error
    with connect(owner_dsn) as conn, conn.cursor() as cursor:
        cursor.execute(LOCK)
        cursor.execute("SET LOCAL ROLE yuantu_owner")
        done += sync_catalogue(conn, catalogue_ or catalogue())
    return done


def ensure_logins(owner_dsn: str, secret_key: str) -> None:
    """Let the four roles log in with passwords derived from the secret key; a no-op when they already can."""
    for role in ROLES:
        if _can_login(role_dsn(owner_dsn, role, secret_key)):
            continue
        with connect(owner_dsn) as conn, conn.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(320900, 1)")
            cursor.execute(
                sql.SQL("ALTER ROLE {} LOGIN PASSWORD %(password)s").format(sql.Identifier(role)),
                {"password": role_password(secret_key, role)},
            )


def _can_login(dsn: str) -> bool:
    try:
        psycopg2.connect(dsn, connect_timeout=10).close()
    except psycopg2.OperationalError:
        return False
    return True
