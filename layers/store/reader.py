"""The serving side's only door: everything that pages, API, tiles and CLI read comes through ``Reader``."""

from __future__ import annotations

import asyncio
import datetime as dt
import time
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from geo.errors import InputError, YuantuError
from layers.registry import Catalogue
from layers.spec import Layer
from layers.store import (
    queries_drawn,
    queries_features,
    queries_layers,
    queries_rollup,
    queries_rows,
    queries_runs,
    queries_search,
)
from layers.store.coverage import DETAILED, Coverages, is_coverage
from layers.store.dates import parse_when
from layers.store.db import statement
from layers.store.drawn_answer import summarise
from layers.store.filters import Filter, compile_filter, narrow
from layers.store.known_days import day_note
from layers.store.pool import Pool
from layers.store.queries_tiles import TileReader
from layers.store.rollup_change import changed, shifted
from layers.store.rollup_parts import narrow_counted
from layers.store.slices import When, today

__all__ = ["Reader", "When", "parse_when", "today"]

STAMP_SECONDS = 0.025


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
        self.tile_pool = Pool(dsn, size=3)  # small and quick questions never wait behind a table's
        self.tiles = TileReader(self.tile_pool, cat)
        self.coverages = Coverages()
        self._areas: dict[str, tuple[int, bytes]] = {}
        self._stamps: asyncio.Future[dict[str, str]] | None = None
        self._stamped = 0.0
        self._seen: dict[str, tuple[float, str]] = {}  # each layer's stamp, and when it was asked for

    async def open(self) -> None:
        """Begin connecting."""
        await self.pool.open()
        await self.tile_pool.open()

    async def close(self) -> None:
        """Close every connection."""
        await self.pool.close()
        await self.tile_pool.close()

    async def __aenter__(self) -> Reader:
        await self.open()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    def _compile(self, layer: Layer, text: str, within: dict[str, Any] | None, internal: bool) -> Filter:
        chosen = compile_filter(layer, self.cat, text, internal=internal)
        return chosen if within is None else narrow(chosen, within)

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

    async def stamps(self) -> dict[str, str]:
        """Return what names each layer's present content, whatever the database: its version and instant.

        Those who ask within 25 ms share one answer, so that a thousand tiles a second do not ask a thousand times.
        """
        now = time.monotonic()
        if self._stamps is None or now - self._stamped > STAMP_SECONDS or self._stamps.cancelled():
            self._stamped = now
            self._stamps = asyncio.ensure_future(self._read_stamps())
        try:
            return await asyncio.shield(self._stamps)
        except YuantuError:
            self._stamps = None
            raise

    async def stamp(self, layer_id: str) -> str | None:
        """Return what names one layer's content; what a tile brought along within 25 ms will do."""
        at, known = self._seen.get(layer_id, (0.0, ""))
        if time.monotonic() - at <= STAMP_SECONDS:
            return known
        return (await self.stamps()).get(layer_id)

    def last_stamp(self, layer_id: str) -> str:
        """Return a layer's stamp as it was read last, whenever that was."""
        return self._seen.get(layer_id, (0.0, ""))[1]

    async def _read_stamps(self) -> dict[str, str]:
        asked = time.monotonic()
        rows = await self.tile_pool.fetch(statement("query/layer_stamps"))
        found = {r["layer"]: str(r["stamp"]) for r in rows}
        self._seen |= {layer: (asked, stamp) for layer, stamp in found.items()}
        return found

    async def rollup(
        self,
        layer_id: str,
        by: Sequence[str] = ("county",),
        measure: str = "n",
        filter: str = "",  # noqa: A002 - the API's word
        when: When | None = None,
        demo: bool = True,
        *,
        within: dict[str, Any] | None = None,
        since: dt.date | None = None,
        compare_to: dt.date | None = None,
        internal: bool = False,
    ) -> dict[str, Any]:
        """Return one measure by one or two axes, with outside, unlocated and total.

        Extensive values add up: Σ rows + outside + unlocated = total where ``partition`` is true. Means,
        medians and ratios are computed from the records, also those of outside, unlocated and total.
        ``within`` is a drawn polygon (GeoJSON, CRS84) that the records must touch. ``since`` begins the period
        of a measure of events (default: the year's beginning). ``compare_to`` is an earlier or later day: each
        row then carries ``before`` and ``change``, and the body those of outside, unlocated and total.
        """
        asked = self._question(layer_id, by, measure, filter, demo, within, since, internal)
        when = when or When(today())
        body = await queries_rollup.read_rollup(self.pool, self.cat, asked, when)
        body |= {"note": body.get("note", "") + await day_note(self.pool, asked.layer, when)}
        if compare_to is None:
            return body
        earlier = replace(asked, since=shifted(since, when.as_of, compare_to))
        before = await queries_rollup.read_rollup(self.pool, self.cat, earlier, When(compare_to, when.known_at))
        return changed(body, before)

    async def rollup_days(
        self,
        layer_id: str,
        days: Sequence[dt.date],
        by: Sequence[str] = ("county",),
        measure: str = "n",
        filter: str = "",  # noqa: A002
        known_at: dt.datetime | None = None,
        demo: bool = True,
        *,
        internal: bool = False,
    ) -> list[dict[str, Any]]:
        """Return :meth:`rollup` on each of several days, in one reading."""
        asked = self._question(layer_id, by, measure, filter, demo, None, None, internal)
        return await queries_rollup.read_days(
            self.pool, self.cat, asked, When(days[0] if days else today(), known_at), days
        )

    def _question(
        self, layer_id: str, by: Sequence[str], measure: str, text: str, demo: bool, within: dict[str, Any] | None,
        since: dt.date | None, internal: bool,
    ) -> queries_rollup.Question:  # fmt: skip
        layer = queries_layers.visible_layer(self.cat, layer_id, internal=internal)
        chosen = self._compile(layer, text, within, internal)
        return queries_rollup.ask(
            self.cat, layer, by, measure, chosen, filter_text=text or "", demo=demo, since=since, internal=internal
        )

    async def features(
        self,
        layer_id: str,
        filter: str = "",  # noqa: A002
        when: When | None = None,
        demo: bool = True,
        *,
        most: int | None = None,
        bbox: Sequence[float] | None = None,
        internal: bool = False,
    ) -> bytes:
        """Return the layer as GeoJSON (CRS84) for the map, with what the style and the hover card need.

        ``bbox`` keeps what is drawn in a box: west, south, east, north in degrees. Where more
        than ``most`` records have a place, ``too_many`` is true and the list is empty: ask for tiles.
        """
        layer = queries_layers.visible_layer(self.cat, layer_id, internal=internal)
        asked: dict[str, Any] = {"filter_text": filter, "when": when or When(today()), "demo": demo, "bbox": bbox}
        if most is not None and await queries_features.too_many(
            self.tile_pool, self.cat, layer, most, **asked, internal=internal
        ):
            return b'{"type":"FeatureCollection","features":[],"too_many":true}'
        return await queries_features.read_features(self.pool, self.cat, layer, **asked, internal=internal)

    async def rows(
        self,
        layer_id: str,
        filter: str = "",  # noqa: A002
        when: When | None = None,
        demo: bool = True,
        *,
        sort: str = "",
        limit: int = 100,
        offset: int = 0,
        bbox: Sequence[float] | None = None,
        within: dict[str, Any] | None = None,
        measure: str = "n",
        since: dt.date | None = None,
        internal: bool = False,
    ) -> dict[str, Any]:
        """Return records as rows with lon, lat (CRS84, where they are drawn); ``total`` counts all of them.

        ``sort`` is ``field`` or ``-field``; ``bbox`` is (west, south, east, north) in degrees; a ``measure`` of
        events keeps the records it counts (since ``since``, by default the year's beginning).
        """
        layer = queries_layers.visible_layer(self.cat, layer_id, internal=internal)
        when = when or When(today())
        counted = queries_layers.find_measure(self.cat, layer, measure, internal=internal)
        chosen = narrow_counted(self._compile(layer, filter, within, internal), layer, counted, when, since)
        return await queries_rows.read_rows(
            self.pool, self.cat, layer, filter_text=filter, chosen=chosen, when=when, demo=demo, sort=sort,
            limit=limit, offset=offset, bbox=bbox, internal=internal,
        )  # fmt: skip

    async def card(
        self, layer_id: str, feature_id: int, when: When | None = None, *, internal: bool = False
    ) -> dict[str, Any]:
        """Return everything known of one record: fields, events, figures, source, run, neighbours."""
        layer = queries_layers.visible_layer(self.cat, layer_id, internal=internal)
        return await queries_rows.read_card(
            self.pool, self.cat, layer, int(feature_id), when or When(today()), internal=internal
        )

    async def search(self, q: str, limit: int = 20, *, internal: bool = False) -> list[dict[str, Any]]:
        """Return what a text finds, best first."""
        return await queries_search.search(self.pool, self.cat, q, limit, internal=internal)

    async def areas(self, kind: str = "county") -> bytes:
        """Return the active areas of a kind as GeoJSON (CRS84), kept until the boundaries change."""
        version = (await self.versions()).get("boundary", 0)
        held = self._areas.get(kind)
        if held is None or held[0] != version:
            held = self._areas[kind] = (version, await queries_search.read_areas(self.pool, kind))
        return held[1]

    async def histogram(
        self,
        layer_id: str,
        field: str,
        filter: str = "",  # noqa: A002
        when: When | None = None,
        demo: bool = True,
        *,
        bins: int = 20,
        internal: bool = False,
    ) -> dict[str, Any]:
        """Return how a number is spread: ``edges``, ``counts``, ``n_missing``."""
        layer = queries_layers.visible_layer(self.cat, layer_id, internal=internal)
        numbers = [f.id for f in queries_layers.visible_fields(layer, internal=internal) if f.is_number]
        if field not in numbers or not 1 <= bins <= 200:
            raise InputError(
                f"图层“{layer.title}”没有数字字段“{field}”。", f"可用：{'、'.join(numbers)}。", field=field
            )
        chosen = compile_filter(layer, self.cat, filter, internal=internal)
        return await queries_rows.read_histogram(
            self.pool, self.cat, layer, field, chosen, when or When(today()), demo=demo, bins=bins
        )

    async def area_stats(
        self,
        layer_id: str,
        geometry: dict[str, Any],
        measure: str = "n",
        filter: str = "",  # noqa: A002
        when: When | None = None,
        demo: bool = True,
        *,
        internal: bool = False,
    ) -> dict[str, Any]:
        """Return a rollup by county of the records that touch a drawn polygon (CRS84), and their ids.

        Counts exactly the records that ``rows`` gives for the same filter and polygon.
        """
        layer = queries_layers.visible_layer(self.cat, layer_id, internal=internal)
        chosen = self._compile(layer, filter, geometry, internal)
        body, ids = await asyncio.gather(
            self.rollup(layer_id, ("county",), measure, filter, when, demo, within=geometry, internal=internal),
            queries_drawn.read_ids(self.pool, self.cat, layer, chosen, when or When(today()), demo),
        )
        found: dict[str, Any] = body | {"value": body["total"], "ids": ids}
        return found

    async def drawn(self, area: str, when: When | None = None, *, internal: bool = False) -> queries_drawn.Drawn:
        """Evaluate an area that a person drew; see ``geo.drawn`` for how it is written."""
        return await queries_drawn.read_area(self.tile_pool, self.cat, area, when or When(today()), internal=internal)

    async def area_summary(
        self, layer_id: str, area: queries_drawn.Drawn, filter: str = "", when: When | None = None,  # noqa: A002
        demo: bool = True, *, internal: bool = False,
    ) -> dict[str, Any]:  # fmt: skip
        """Return what touches an area: counts, sums, shares by county, unit and term, beside the whole city."""
        layer = queries_layers.visible_layer(self.cat, layer_id, internal=internal)
        when = when or When(today())
        fields = [f for _, f in queries_drawn.visible_sums(layer, internal)]
        measures = ["n", *(f"sum_{f.id}" for f in fields)]
        (groups, how), places, *city = await asyncio.gather(
            queries_drawn.read_groups(
                self.pool, self.cat, layer, area.shape, filter_text=filter, when=when, demo=demo, internal=internal
            ),
            self.pool.fetch(statement("query/places")),
            *(self.rollup(layer_id, ("county",), m, filter, when, demo, internal=internal) for m in measures),
        )
        names = {p["code"]: p["name"] for p in places} | {"outside": "界外", "unlocated": "未定位"}
        totals = {m: body["total"] for m, body in zip(measures, city, strict=True)}
        body: dict[str, Any] = summarise(self.cat, layer, fields, groups, names, totals)
        return body | {
            "area": area.text, "area_m2": area.area_m2, "how": how, "as_of": when.as_of.isoformat(),
            "data_date": city[0].get("data_date"),
        }  # fmt: skip

    async def area_rows(
        self, layer_id: str, area: queries_drawn.Drawn, filter: str = "", when: When | None = None,  # noqa: A002
        demo: bool = True, *, limit: int = 100, offset: int = 0, ordered: bool = True, internal: bool = False,
    ) -> list[dict[str, Any]]:  # fmt: skip
        """Return some of the records that touch an area."""
        if not (0 <= limit <= queries_rows.MAX_ROWS and 0 <= offset < 2**62):
            raise InputError(f"limit 应在 0 到 {queries_rows.MAX_ROWS} 之间，offset 不小于 0。", "请分页读取。")
        layer = queries_layers.visible_layer(self.cat, layer_id, internal=internal)
        return await queries_drawn.read_area_rows(
            self.pool, self.cat, layer, area.shape, filter_text=filter, when=when or When(today()), demo=demo,
            internal=internal, limit=limit, offset=offset, ordered=ordered,
        )  # fmt: skip

    async def saved_areas(self) -> list[dict[str, Any]]:
        """Return the areas kept under a name, the latest first."""
        rows = await self.pool.fetch(statement("drawn/list"))
        return [r | {"created_at": r["created_at"].isoformat()} for r in rows]

    async def nearest(
        self, layer_id: str, lon: float, lat: float, *, k: int = 10, metres: float = 5000.0, filter: str = "",  # noqa: A002
        when: When | None = None, demo: bool = True, internal: bool = False,
    ) -> dict[str, Any]:  # fmt: skip
        """Return the records nearest to a point, and how many lie within a distance of it."""
        layer = queries_layers.visible_layer(self.cat, layer_id, internal=internal)
        return await queries_drawn.read_nearest(
            self.pool, self.cat, layer, lon, lat, k=k, metres=metres, filter_text=filter, when=when or When(today()),
            demo=demo, internal=internal,
        )  # fmt: skip

    async def stamped_tile(
        self, layer_id: str, z: int, x: int, y: int, filter: str = "", when: When | None = None, demo: bool = True,  # noqa: A002
        *, internal: bool = False,
    ) -> tuple[str, bytes]:  # fmt: skip
        """Return a vector tile (MVT, not compressed; empty bytes where nothing lies) and the layer's stamp with it."""
        layer = queries_layers.visible_layer(self.cat, layer_id, internal=internal)
        thin: list[tuple[int, bytes]] = []
        if is_coverage(layer) and z < DETAILED:
            stamp = (await self.stamps()).get(layer.id, "")
            thin = await self.coverages.at(self.tile_pool, layer, z, stamp)
        asked = time.monotonic()
        stamp, body = await self.tiles.read(
            layer, z, x, y, filter_text=filter, when=when or When(today()), demo=demo, internal=internal, thin=thin
        )
        self._seen[layer.id] = (asked, stamp)
        return stamp, body

    async def tile(
        self, layer_id: str, z: int, x: int, y: int, filter: str = "", when: When | None = None, demo: bool = True,  # noqa: A002
        *, internal: bool = False,
    ) -> bytes:  # fmt: skip
        """Return one vector tile (MVT, not compressed); empty bytes where nothing lies."""
        _, body = await self.stamped_tile(layer_id, z, x, y, filter, when, demo, internal=internal)
        return body

    async def runs(
        self, layer_id: str | None = None, run: int | None = None, limit: int = 200, *, internal: bool = False
    ) -> list[dict[str, Any]]:
        """Return the runs, the latest first."""
        return await queries_runs.read_runs(
            self.pool, self.cat, layer=layer_id, run=run, limit=limit, internal=internal
        )

    async def issues(self, run: int, *, internal: bool = False) -> list[dict[str, Any]]:
        """Return the faults that a run found."""
        return await queries_runs.read_issues(self.pool, self.cat, run, internal=internal)

    async def quarantine(self, layer_id: str) -> list[dict[str, Any]]:
        """Return the rows that wait in quarantine, whole: internal, never over HTTP without the right."""
        layer = queries_layers.visible_layer(self.cat, layer_id, internal=True)
        return await queries_runs.read_quarantine(self.pool, layer.id)

    async def waiting(self) -> dict[str, int]:
        """Return how many rows wait in quarantine, by layer."""
        return await queries_runs.read_waiting(self.pool)
