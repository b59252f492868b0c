"""From the reader's plain values to the records that the pages draw from; nothing else knows their shapes."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING, Any

from app.i18n import t
from app.pages.filters import NONE, to_cql2
from app.pages.format import as_date
from app.pages.state import State
from app.pages.view import Card, Event, Found, Histogram, LayerFacts, Near, Rollup, RollupRow, Run, TableRows
from layers.registry import Catalogue
from layers.spec import Layer
from layers.store.db import statement
from layers.store.known_days import day_note
from layers.store.slices import When, today

if TYPE_CHECKING:
    from layers.store.reader import Reader

Box = tuple[float, float, float, float]
BINS, FINE, MOST = 24, 200, 0.96  # classes shown, classes tried, share of the things before the tail


MOST_KEPT, MOST_TABLES = 512, 16  # a table's rows take a thousand times the place of a sum

_running: dict[tuple[object, ...], asyncio.Task[Any]] = {}
_kept: OrderedDict[tuple[object, ...], tuple[object, Any]] = OrderedDict()
_kept_tables: OrderedDict[tuple[object, ...], tuple[object, Any]] = OrderedDict()


async def once(key: tuple[object, ...], ask: Callable[[], Awaitable[Any]]) -> Any:
    """Share one answer among those who ask the same at the same time; nothing is kept afterwards."""
    task = _running.get(key)
    if task is None:
        task = asyncio.ensure_future(ask())
        _running[key] = task
        task.add_done_callback(lambda _: _running.pop(key, None))
    return await asyncio.shield(task)


async def while_unchanged(reader: Reader, key: tuple[object, ...], ask: Callable[[], Awaitable[Any]]) -> Any:
    """Keep an answer until a run changes any layer: the layers' versions are asked first, each time."""
    versions = await once(("versions", id(reader)), reader.versions)
    whole = (id(reader), *key)
    kept, most = (_kept_tables, MOST_TABLES) if key[0] == "rows" else (_kept, MOST_KEPT)
    held = kept.get(whole)
    if held is not None and held[0] == versions:
        kept.move_to_end(whole)
        return held[1]
    answer = await once((*whole, *sorted(versions.items())), ask)
    kept[whole] = (versions, answer)
    while len(kept) > most:
        kept.popitem(last=False)
    return answer


class Source:
    """Everything the pages ask for, under a state's filter, date and demo switch."""

    def __init__(self, reader: Reader, cat: Catalogue, known_at: dt.datetime | None = None) -> None:
        self.reader = reader
        self.cat = cat
        self.known_at = known_at

    def when(self, state: State) -> When:
        """Return the dates a state is about: its day, as known now or then."""
        return When(state.as_of or today(), self.known_at)

    async def layers(self, state: State) -> dict[str, LayerFacts]:
        """Return each layer's counts and data date."""
        when = self.when(state)
        found = await while_unchanged(
            self.reader, ("layers", when, state.demo), lambda: self.reader.layers(when, state.demo)
        )
        return {
            x["id"]: LayerFacts(x["id"], x["n"], x["n_demo"], as_date(x["data_date"]), x.get("owner") or "")
            for x in found
        }

    async def rollup(
        self, state: State, layer: Layer, measure: str = "n", by: str = "", *, areas: bool = False
    ) -> Rollup:
        """Return a measure by the state's axis (or ``by``), with the counts of things beside the values.

        ``areas`` says whether the chosen areas restrict it too.
        """
        axis, text = by or state.axis, state.filter_of(layer, areas=areas)
        wanted = [measure] if measure == "n" else [measure, "n"]
        answers = await asyncio.gather(*(self._ask(state, layer.id, axis, m, text) for m in wanted))
        return read_rollup(answers[0], answers[-1])

    async def _ask(self, state: State, layer_id: str, by: str, measure: str, text: str) -> dict[str, Any]:
        when, demo = self.when(state), state.demo
        key = ("rollup", layer_id, by, measure, text, when, demo)
        answer: dict[str, Any] = await while_unchanged(
            self.reader, key, lambda: self.reader.rollup(layer_id, [by], measure, text, when, demo)
        )
        return answer

    async def rollup_days(
        self, state: State, layer: Layer, measure: str, days: Sequence[dt.date]
    ) -> list[dict[str, Any]]:
        """Return the bodies of a measure by the state's axis on each of several days."""
        text, demo = state.filter_of(layer, areas=False), state.demo
        key = ("days", layer.id, state.axis, measure, text, tuple(days), self.known_at, demo)
        answer: list[dict[str, Any]] = await while_unchanged(
            self.reader,
            key,
            lambda: self.reader.rollup_days(layer.id, list(days), [state.axis], measure, text, self.known_at, demo),
        )
        return answer

    async def body(self, state: State, layer: Layer, measure: str) -> dict[str, Any]:
        """Return the body of a measure by the state's axis on its day."""
        return await self._ask(state, layer.id, state.axis, measure, state.filter_of(layer, areas=False))

    async def counts(self, state: State, layer: Layer, field_id: str, *, own: bool = False) -> dict[str, int]:
        """Return how many things hold each term of a field under the other conditions (``own``: all of them)."""
        held = tuple(c for c in state.conditions if own or (c.layer, c.field) != (layer.id, field_id))
        text = to_cql2(layer, held, state.axis, state.areas)
        answer = await self._ask(state, layer.id, field_id, "n", text)
        return {r["code"] or NONE: r["n_features"] for r in answer["rows"]}

    async def histogram(self, state: State, layer: Layer, field_id: str) -> Histogram:
        """Return the distribution of a number over the whole layer; the largest few share one last class."""

        async def ask(text: str, bins: int) -> dict[str, Any]:
            when, demo = self.when(state), state.demo
            found: dict[str, Any] = await while_unchanged(
                self.reader,
                ("histogram", layer.id, field_id, text, when, demo, bins),
                lambda: self.reader.histogram(layer.id, field_id, text, when, demo, bins=bins),
            )
            return found

        answer = await ask("", FINE)
        edges, counts = answer["edges"], answer["counts"]
        cut = _cut(edges, counts)
        if cut is None:
            answer = await ask("", BINS)
            return Histogram(tuple(answer["edges"]), tuple(answer["counts"]))
        answer = await ask(f"{field_id} <= {cut!r}", BINS)
        rest = sum(counts) - sum(answer["counts"])
        return Histogram((*answer["edges"], edges[-1]), (*answer["counts"], rest))

    async def table(self, state: State, layer: Layer, limit: int, box: Box | None = None) -> TableRows:
        """Return the rows of a layer, all of them or those in a box of the map."""
        text, when, demo = state.filter_of(layer), self.when(state), state.demo

        def ask() -> Awaitable[dict[str, Any]]:
            return self.reader.rows(layer.id, text, when, demo, sort=first_order(layer), limit=limit, bbox=box)

        whole = ("rows", layer.id, text, when, demo, limit)
        answer, names = await asyncio.gather(
            while_unchanged(self.reader, whole, ask) if box is None else ask(), self.names()
        )
        for row in answer["rows"]:
            for part in ("county", "unit", "township"):
                row[part] = names.get(row[f"{part}_code"] or "", "")
        return TableRows(tuple(answer["rows"]), answer["n"])

    async def names(self) -> dict[str, str]:
        """Return the names of all places by code, of what lies outside and of what has no place."""
        places = await self._places()
        apart = {"outside": t("area.outside"), "unlocated": t("area.unlocated")}
        return {p["code"]: p["name"] for p in places} | apart

    async def _places(self) -> list[dict[str, Any]]:
        places: list[dict[str, Any]] = await while_unchanged(
            self.reader, ("places",), lambda: self.reader.pool.fetch(statement("query/places"))
        )
        return places

    async def codes(self, axis: str) -> set[str]:
        """Return the codes of an axis: its areas, what lies outside and what has no place."""
        places = await self._places()
        kinds = ("county", "unit") if axis == "unit" else (axis,)  # a county answers for what no zone does
        return {p["code"] for p in places if p["kind"] in kinds} | {"outside", "unlocated"}

    async def day_note(self, state: State, layer: Layer) -> str:
        """Return what to know of the state's day for this layer; "" where nothing."""
        when = self.when(state)
        said: str = await while_unchanged(
            self.reader, ("day", layer.id, when), lambda: day_note(self.reader.pool, layer, when)
        )
        return said

    async def card(self, state: State, layer_id: str, ident: str) -> Card:
        """Return everything known of one thing."""
        return read_card(await self.reader.card(layer_id, int(ident), self.when(state)))

    async def search(self, text: str) -> list[Found]:
        """Return what a search finds, best first."""
        answer = await self.reader.search(text)
        return [
            Found(
                x["layer"],
                str(x["id"]),
                x["name"],
                x["matched"],
                x.get("lon"),
                x.get("lat"),
                bool(x.get("is_demo")),
                x.get("kind") or "",
                x.get("county_code") or "",
            )
            for x in answer
        ]

    async def runs(self) -> list[Run]:
        """Return the runs, the latest first."""
        return [read_run(x) for x in await self.reader.runs()]


def first_order(layer: Layer) -> str:
    """Return what a table is sorted by at first: what sizes the symbols, else the level, else the main quantity."""
    main = [f.id for f in layer.fields if f.table and f.role == "extensive" and not f.internal]
    chosen = next((x for x in (layer.style.size_by, layer.style.line_by, *layer.style.pips, *main) if x), "")
    return f"-{chosen}" if chosen else ""


def _cut(edges: Sequence[float], counts: Sequence[int]) -> float | None:
    """Return where the long tail of a distribution begins, None when it has none."""
    total, below = sum(counts), 0
    for edge, n in zip(edges[1:], counts, strict=False):
        below += n
        if below >= MOST * total:
            return float(f"{edge:.2g}") if edge < edges[-1] / 2 else None
    return None


def read_rollup(answer: dict[str, Any], counts: dict[str, Any]) -> Rollup:
    """Join a rollup of a measure with that of the count over the same axis."""
    rows = tuple(RollupRow(r["code"], r["name"], r["value"], r["n_features"], r["n_missing"]) for r in answer["rows"])
    return Rollup(
        rows=rows,
        outside=RollupRow("outside", t("area.outside"), answer["outside"], int(counts["outside"] or 0)),
        unlocated=RollupRow("unlocated", t("area.unlocated"), answer["unlocated"], int(counts["unlocated"] or 0)),
        total=RollupRow("", t("area.total"), answer["total"], answer["n_features"], answer["n_missing"]),
        data_date=as_date(answer.get("data_date")),
        partition=bool(answer.get("partition", True)),
    )


def read_card(x: dict[str, Any]) -> Card:
    """Read a card."""
    events = tuple(
        Event(
            e["type"],
            as_date(e.get("event_date")),
            e.get("level") or "",
            as_date(e.get("end_date")),
            (e.get("date_text") or "") if e.get("first_day") else "",
        )
        for e in x.get("events", [])
    )
    return Card(
        layer=x["layer"], id=str(x["id"]), name=x["name"], values=x["values"], events=events,
        figures=_series(x.get("figures", [])), county=_place(x, "county"), unit=_place(x, "unit"),
        township=x.get("township") or "", accuracy=x.get("location_accuracy") or "none", lon=x.get("lon"),
        lat=x.get("lat"), geometry=x.get("geometry_type") or "", is_demo=bool(x.get("is_demo")),
        data_date=as_date(x.get("data_date")), source_name=x.get("source_name") or "", source_row=x.get("source_row"),
        run_id=x.get("run_id"), near=tuple(_near(n) for n in x.get("near", [])),
    )  # fmt: skip


def _place(x: dict[str, Any], part: str) -> str:
    code = x.get(f"{part}_code")
    return t(f"area.{code}") if code in ("outside", "unlocated") else x.get(part) or ""


def _series(points: Sequence[dict[str, Any]]) -> dict[str, tuple[tuple[dt.date, float], ...]]:
    found: dict[str, list[tuple[dt.date, float]]] = {}
    for p in points:
        end = as_date(p["period_end"])
        if end is not None and p["value"] is not None:
            found.setdefault(p["measure"], []).append((end, float(p["value"])))
    return {k: tuple(sorted(v)) for k, v in found.items()}


def _near(x: dict[str, Any]) -> Near:
    return Near(
        x["layer"], str(x["id"]), x["name"], x.get("note") or "", float(x["distance_m"]), bool(x.get("is_demo"))
    )


def read_run(x: dict[str, Any]) -> Run:
    """Read a run."""
    at = x.get("recorded_at") or x.get("started_at")
    return Run(
        id=int(x["run_id"]), layer=x["layer"], kind=x["kind"],
        at=dt.datetime.fromisoformat(at) if isinstance(at, str) else at, file=x.get("file_name") or "",
        read=x.get("n_read") or 0, loaded=x.get("n_loaded") or 0, unchanged=x.get("n_unchanged") or 0,
        quarantined=x.get("n_quarantined") or 0, who=x.get("started_by") or "", reason=x.get("reason") or "",
    )  # fmt: skip
