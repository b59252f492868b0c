"""Siting scenarios: saved, renamed, deleted and read; every version stays on record."""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from geo.errors import InputError, NotFoundError
from layers.store.db import connect, statement

if TYPE_CHECKING:
    from layers.store.reader import Reader

ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"
LENGTH = 10
MOST_TASK_BYTES = 2_000_000
AUDIT = "INSERT INTO audit (who, action, detail) VALUES (%(who)s, %(action)s, %(detail)s)"


def new_id() -> str:
    """Return an id that nobody guesses."""
    return "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))


def save_scenario(
    dsn: str, name: str, task: Mapping[str, Any], profile_sha256: str, found: Mapping[str, Any], *,
    scenario_id: str = "", note: str = "", who: str = "",
) -> str:  # fmt: skip
    """Save a task under a name and return its id; with an id, a new version of that scenario.

    Raises
    ------
    InputError
        No name, or a task that is too large.
    NotFoundError
        There is no scenario of that id.
    """
    name = name.strip()
    if not name:
        raise InputError("方案没有名称。", "请写一个名称，例如“叶片基地 初选”。")
    body = json.dumps(task, ensure_ascii=False, allow_nan=False)
    if len(body.encode()) > MOST_TASK_BYTES:
        raise InputError("这份任务太大，存不下。", "请减少上传地块的数量或简化图形。")
    values = {
        "id": scenario_id or new_id(), "name": name[:120], "note": note.strip()[:2000], "task": body,
        "profile_sha256": profile_sha256, "found": json.dumps(found, ensure_ascii=False), "saved_by": who[:100],
    }  # fmt: skip
    with connect(dsn) as conn, conn.cursor() as cursor:
        if scenario_id:
            _close(cursor, scenario_id)
        cursor.execute(statement("site/scenario_add"), values)
        detail = {"id": values["id"], "name": values["name"], "profile_sha256": profile_sha256}
        cursor.execute(AUDIT, {"who": who, "action": "save_scenario", "detail": json.dumps(detail, ensure_ascii=False)})
    return values["id"]


def delete_scenario(dsn: str, scenario_id: str, *, who: str = "") -> str:
    """End a scenario and return what it was called; its versions stay on record.

    Raises
    ------
    NotFoundError
        There is no scenario of that id.
    """
    with connect(dsn) as conn, conn.cursor() as cursor:
        name = _close(cursor, scenario_id)
        detail = json.dumps({"id": scenario_id, "name": name}, ensure_ascii=False)
        cursor.execute(AUDIT, {"who": who, "action": "delete_scenario", "detail": detail})
    return name


def _close(cursor: Any, scenario_id: str) -> str:
    cursor.execute(statement("site/scenario_close"), {"id": scenario_id})
    closed = cursor.fetchone()
    if closed is None:
        raise _missing(scenario_id)
    return str(closed[0])


def _missing(scenario_id: str) -> NotFoundError:
    return NotFoundError(
        f"没有编号为“{scenario_id[:20]}”的方案。", "它可能已被删除，请从方案列表里选择。", scenario=scenario_id[:20]
    )


async def read_scenarios(reader: Reader, ids: Sequence[str] | None = None) -> list[dict[str, Any]]:
    """Return scenarios, the latest saved first; with ids those, in their order.

    Raises
    ------
    NotFoundError
        One of the ids is not on record.
    """
    rows = await reader.pool.fetch(statement("site/scenarios"), {"ids": None if ids is None else list(ids)})
    found = [
        {**row, "task": _plain(row["task"]), "found": _plain(row["found"]), "saved_at": row["saved_at"].isoformat()}
        for row in rows
    ]
    if ids is None:
        return found
    known = {row["id"]: row for row in found}
    for wanted in ids:
        if wanted not in known:
            raise _missing(wanted)
    return [known[wanted] for wanted in ids]


def _plain(value: Any) -> Any:
    return json.loads(value) if isinstance(value, str) else value
