"""Keeping drawn and uploaded areas under a name; run as ``yuantu_writer``."""

from __future__ import annotations

import shapely

from geo.errors import InputError, NotFoundError
from geo.measure import authalic_area
from layers.store.db import connect, statement

LONGEST_NAME = 80


def save_area(
    dsn: str, name: str, shape: shapely.Geometry, *, expression: str = "", source_name: str = "", by: str = ""
) -> int:
    """Keep an area (degrees, EPSG:4490) under a name; return its number.

    Raises
    ------
    InputError
        No name, or one that is too long.
    """
    wanted = name.strip()
    if not wanted or len(wanted) > LONGEST_NAME:
        raise InputError("范围没有名称，或名称超过 80 个字。", "请起一个短名称，例如“沿海 5 公里”。")
    params = {
        "name": wanted, "expression": expression, "source_name": source_name[:200], "by": by[:100],
        "area_m2": float(authalic_area([shape])[0]), "wkb": bytes(shapely.to_wkb(shape)),
    }  # fmt: skip
    with connect(dsn) as conn, conn.cursor() as cursor:
        cursor.execute(statement("drawn/save"), params)
        return int(cursor.fetchone()[0])  # type: ignore[index]


def remove_area(dsn: str, number: int, *, back: bool = False) -> None:
    """Take a kept area off the list, or put it back.

    Raises
    ------
    NotFoundError
        It is not there, or was taken off (put back) already.
    """
    with connect(dsn) as conn, conn.cursor() as cursor:
        cursor.execute(statement("drawn/remove"), {"id": number, "back": back})
        if cursor.fetchone() is None:
            raise NotFoundError(f"没有第 {number} 号范围。", "它可能已被删除，请刷新列表。", id=number)
