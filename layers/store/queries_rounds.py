"""One reporting round as the database has it: what came of what is owed, and figures that fell or are missing."""

from __future__ import annotations

import datetime as dt
from typing import Any

from psycopg import sql

from geo.errors import NotFoundError
from layers.duties import STATES, Delivery, Owner, as_body, due_of, duties, judge, month_of
from layers.store.db import statement
from layers.store.reader import Reader
from layers.store.slices import today

MOST_FAULTS = 2_000


async def read_round(reader: Reader, period: str = "", *, on: dt.date | None = None) -> dict[str, Any]:
    """Return a round.

    Parameters
    ----------
    period : str
        ``2026-10``; '' is last month.
    on : date or None
        The day it is judged on; None is today.

    Returns
    -------
    dict
        ``period``, ``first``, ``last``, ``on``, ``items`` (:func:`layers.duties.as_body`), ``summary`` (state ->
        count) and ``figures``: cumulative values that fell and months that are missing.

    Raises
    ------
    InputError
        Not a month.
    """
    day = on or today()
    first, last = month_of(period, day)
    wanted = [d for d in duties() if d.layer in reader.cat.layers]
    begin = min((due_of(d, first - dt.timedelta(days=1)) for d in wanted), default=first)
    layers = sorted({d.layer for d in wanted})
    params = {"layers": layers, "start": begin, "first": first, "last": last}
    owners = [
        Owner(r["code"], r["name"], tuple(r["aliases"])) for r in await reader.pool.fetch(statement("rounds/owners"))
    ]
    came = [
        Delivery(r["run_id"], r["layer"], r["recorded_at"].astimezone(), r["publisher"], r["file_name"], r["data_date"],
                 r["n_read"], r["waiting"])
        for r in await reader.pool.fetch(statement("rounds/deliveries"), params)
    ]  # fmt: skip
    items = judge(wanted, owners, came, first, last, day)
    names = {o.code: o.name for o in owners}
    return {
        "period": f"{first:%Y-%m}", "first": first.isoformat(), "last": last.isoformat(), "on": day.isoformat(),
        "items": as_body(items),
        "summary": {s: sum(i.state == s for i in items) for s in STATES},
        "figures": [x for layer in layers for x in await _figures(reader, layer, last, names)],
    }  # fmt: skip


async def _figures(reader: Reader, layer_id: str, last: dt.date, names: dict[str, str]) -> list[dict[str, Any]]:
    layer = reader.cat.layers.get(layer_id)
    if layer is None:
        raise NotFoundError(f"没有图层“{layer_id}”。", "请核对 layers/duties.toml。")
    series = {s.id: s for s in layer.figures if s.cumulative}
    if not series:
        return []
    text = sql.SQL(statement("rounds/figures")).format(
        table=sql.Identifier(layer.table), figure=sql.Identifier(layer.figure_table)
    )
    yearly = [s.id for s in series.values() if s.period == "year"]
    params = {"measures": list(series), "yearly": yearly, "last": last, "limit": MOST_FAULTS}
    return [
        {
            "layer": layer.id, "layer_title": layer.title, "id": r["id"], "name": r["name"],
            "unit_code": r["unit_code"],
            "owner": names.get(r["unit_code"], ""), "measure": series[r["measure"]].title,
            "unit": series[r["measure"]].unit, "fault": r["fault"], "months": r["months"],
            "before": r["before"], "before_end": r["before_end"].isoformat() if r["before_end"] else None,
            "value": r["value"], "period_end": r["period_end"].isoformat(),
        }
        for r in await reader.pool.fetch(text, params)
    ]  # fmt: skip
