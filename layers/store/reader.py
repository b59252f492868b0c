"""The serving side's only door: everything that pages, API, tiles and CLI read comes through ``Reader``."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from layers.registry import Catalogue
from layers.store import queries_features, queries_layers, queries_rollup
from layers.store.pool import Pool
from layers.store.slices import When, today

__all__ = ["Reader", "When", "today"]


class Reader:
    """Reads as ``yuantu_reader``. Methods return plain JSON-able values.

    Parameters
    ----------
    dsn : str
        DSN of ``yuantu_reader``.
    cat : Catalogue
        The layers there are.

    Every method takes ``when`` (default: today, as known now), ``demo`` (whether 演示 rows count) and
    ``internal`` (whether the caller may see internal fields), and raises ``DatabaseUnavailableError`` within
    seconds when the database is away, ``NotFoundError`` for an unknown layer, ``FilterError`` or
    ``InputError`` for what cannot be asked.
    """

    def __init__(self, dsn: str, cat: Catalogue) -> None:
        self.cat = cat
        self.pool = Pool(dsn)

    async def open(self) -> None:
        """Begin connecting."""
        await self.pool.open()

    async def close(self) -> None:
        """Close every connection."""
        await self.pool.close()

    async def __aenter__(self) -> Reader:
        await self.open()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def layers(
        self, when: When | None = None, demo: bool = True, *, internal: bool = False
    ) -> list[dict[str, Any]]:
        """Return the visible layers with live counts; see ``queries_layers.list_layers``."""
        return await queries_layers.list_layers(
            self.pool, self.cat, when or When(today()), demo=demo, internal=internal
        )

    async def versions(self) -> dict[str, int]:
        """Return each layer's version; it grows with every run that changes the layer."""
        rows = await self.pool.fetch("SELECT layer, version FROM layer_state")
        return {r["layer"]: int(r["version"]) for r in rows}

    async def rollup(
        self,
        layer_id: str,
        by: Sequence[str] = ("county",),
        measure: str = "n",
        filter: str = "",  # noqa: A002 - the API's word
        when: When | None = None,
        demo: bool = True,
        *,
        internal: bool = False,
    ) -> dict[str, Any]:
        """Return one measure by one or two axes, with outside, unlocated and total.

        Extensive values add up: Σ rows + outside + unlocated = total where ``partition`` is true. Means,
        medians and ratios are computed from the records, also those of outside, unlocated and total.
        """
        layer = queries_layers.visible_layer(self.cat, layer_id, internal=internal)
        return await queries_rollup.read_rollup(
            self.pool, self.cat, layer, by=by, measure_id=measure, filter_text=filter,
            when=when or When(today()), demo=demo, internal=internal,
        )  # fmt: skip

    async def features(
        self,
        layer_id: str,
        filter: str = "",  # noqa: A002
        when: When | None = None,
        demo: bool = True,
        *,
        internal: bool = False,
    ) -> bytes:
        """Return the layer as GeoJSON (CRS84) for the map, with what the style and the hover card need."""
        layer = queries_layers.visible_layer(self.cat, layer_id, internal=internal)
        return await queries_features.read_features(
            self.pool, self.cat, layer, filter_text=filter, when=when or When(today()), demo=demo, internal=internal
        )  # fmt: skip


def parse_when(as_of: str | None, known_at: str | None) -> When:
    """Return the pair of dates that a caller names.

    Parameters
    ----------
    as_of : str or None
        A date; today where none is given.
    known_at : str or None
        A date (its end, China time) or an instant; as known now where none is given.

    Raises
    ------
    InputError
        Not a date.
    """
    from geo.errors import InputError

    china = dt.timezone(dt.timedelta(hours=8))
    try:
        day = dt.date.fromisoformat(as_of) if as_of else today()
        if not known_at:
            return When(day)
        if len(known_at) <= 10:
            next_day = dt.date.fromisoformat(known_at) + dt.timedelta(days=1)
            return When(day, dt.datetime.combine(next_day, dt.time(), china))
        moment = dt.datetime.fromisoformat(known_at.replace(" ", "+"))
        return When(day, moment if moment.tzinfo else moment.replace(tzinfo=china))
    except (ValueError, OverflowError) as error:
        raise InputError("日期看不懂。", "请写作 2026-06-30。", as_of=as_of, known_at=known_at) from error
