"""Writing what a person enters: a figure with its date and source, or a target's shares. On this machine only."""

from __future__ import annotations

import asyncio
import ipaddress
import re
import unicodedata
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from app.actions import writer_dsn
from app.i18n import t
from etl.fault import Fault
from etl.parse_date import parse_date
from etl.targets import allocate, enter_value, withdraw_value
from geo.errors import ForbiddenError, InputError
from layers.settings import Settings

FORWARDED = ("x-forwarded-for", "forwarded", "x-real-ip")


def check_here(remote: str | None, headers: Mapping[str, str]) -> None:
    """Refuse callers who do not sit at this machine, while there are no accounts.

    Raises
    ------
    ForbiddenError
        The caller is elsewhere, or came through a proxy.
    """
    try:
        here = ipaddress.ip_address(remote or "").is_loopback
    except ValueError:
        here = False
    if not here or any(h.lower() in FORWARDED for h in headers):
        raise ForbiddenError(t("targets.w_elsewhere"), t("targets.w_elsewhere_cure"))


def read_number(text: str) -> Decimal:
    """Read a number as people write it: full-width digits, thousands separators, a per cent sign.

    Raises
    ------
    InputError
        Not a number.
    """
    plain = re.sub(r"[,\s%]", "", unicodedata.normalize("NFKC", text or ""))
    try:
        found = Decimal(plain)
    except InvalidOperation as error:
        raise InputError(t("targets.w_number", text=text), t("targets.w_number_cure")) from error
    if not found.is_finite():
        raise InputError(t("targets.w_number", text=text), t("targets.w_number_cure"))
    return found


async def write(settings: Settings, given: Mapping[str, Any]) -> str:
    """Write a form's values off the event loop; return the sentence that says what was done.

    Parameters
    ----------
    given : mapping
        ``kind`` (value, withdraw, shares), ``target``, ``year``, ``measure`` or ``axis``, and ``values``: texts
        by field; for shares the fields that are codes are listed in ``codes``.

    Raises
    ------
    YuantuError
        What was given cannot be; nothing was changed.
    """
    values = {k: str(v or "").strip() for k, v in dict(given["values"]).items()}
    year, target = int(given["year"]), str(given["target"])
    signed = {"source": values.get("source", ""), "who": values.get("who", "")}
    dsn = await asyncio.to_thread(writer_dsn, settings)
    if given["kind"] == "shares":
        parts = {c: read_number(values[c]) for c in given["codes"] if values.get(c)}
        await asyncio.to_thread(allocate, dsn, year, target, parts, axis=str(given["axis"]), **signed)
        return t("targets.w_shares" if parts else "targets.w_shares_gone")
    read = parse_date(values.get("date"))
    if read is None or isinstance(read, Fault):
        raise InputError(t("targets.w_date", text=values.get("date", "")), t("targets.w_date_cure"))
    day, measure = read.last, str(given["measure"])
    if given["kind"] == "withdraw":
        await asyncio.to_thread(withdraw_value, dsn, year, target, day, who=signed["who"], measure=measure)
        return t("targets.w_withdrawn", day=day)
    number = float(read_number(values.get("value", "")))
    note = values.get("note", "")
    await asyncio.to_thread(enter_value, dsn, year, target, day, number, measure=measure, note=note, **signed)
    return t("targets.w_entered", day=day)
