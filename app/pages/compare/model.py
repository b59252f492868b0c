"""What is compared: measures with their values now, on another day, month by month and per km²."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from app.i18n import t
from app.pages.format import Quantity, quantity
from app.pages.map.choropleth import Choropleth, colour_areas
from app.pages.source import Source, read_rollup
from app.pages.state import ORDINARY_CLASSES, ORDINARY_SCHEME, State, default_measure, default_on, first_layer
from app.pages.view import Rollup, RollupRow
from layers.measures import AREA_SHARE, PER_KM2
from layers.registry import Catalogue
from layers.spec import Layer, Measure
from layers.store.slices import today

MOST_MEASURES, FEWEST_AREAS = 10, 2
FEW_RECORDS = 8  # an area with fewer things gets no rank of means and ratios
MONTHS = 12
REST = "rest"  # in the address: the rows of all areas that are not compared
APART_CODES = ("outside", "unlocated", "")  # what stands below the areas: 界外, 未定位, 合计
Values = Mapping[str, float | None]


@dataclass(frozen=True)
class Point:
    """The values by area on one day; "" is the total."""

    day: dt.date
    values: Values


@dataclass(frozen=True)
class Column:
    """One measure of one layer with its rollup on the axis.

    ``before`` are the values on the other day, ``series`` those of the past months; both are empty where the
    records have no dates. ``per_area`` are the values per km² (a share of the area for areas).
    """

    layer: Layer
    measure_id: str
    measure: Measure | None
    rollup: Rollup
    before: Values = field(default_factory=dict)
    series: tuple[Point, ...] = ()
    per_area: Values = field(default_factory=dict)

    @property
    def key(self) -> str:
        """The measure's name in the address."""
        return f"{self.layer.id}.{self.measure_id}"

    @property
    def additive(self) -> bool:
        """Whether shares of the total mean something."""
        return self.measure is None or self.measure.is_extensive

    @property
    def name(self) -> str:
        """The measure's name alone."""
        return self.measure.title if self.measure else t("rollup.count")

    @property
    def title(self) -> str:
        """The layer's and the measure's name."""
        return t("compare.column", layer=self.layer.title, measure=self.name)

    @property
    def how(self) -> Quantity:
        """How its values are written."""
        return quantity(self.measure, self.layer.noun)

    def row(self, code: str) -> RollupRow:
        """Return an area's row; "" is the total."""
        apart = {"": self.rollup.total, "outside": self.rollup.outside, "unlocated": self.rollup.unlocated}
        return apart.get(code) or next((r for r in self.rollup.rows if r.code == code), RollupRow(code, code, None, 0))

    def values(self, codes: Sequence[str]) -> dict[str, float | None]:
        """Return the values of some areas."""
        held = {r.code: r.value for r in self.rollup.rows}
        return {c: held.get(c) for c in codes}

    def fit(self, codes: Sequence[str]) -> list[RollupRow]:
        """Return the areas that may be ranked: with a value, and with enough records where values do not add up."""
        return [
            r
            for r in self.rollup.rows
            if r.code in codes and r.value is not None and (self.additive or r.n >= FEW_RECORDS)
        ]

    def ranks(self, codes: Sequence[str] | None = None) -> dict[str, int]:
        """Return the rank of each area among those compared, equal values alike."""
        fit = self.fit([r.code for r in self.rollup.rows] if codes is None else codes)
        return {r.code: 1 + sum(1 for o in fit if o.value > r.value) for r in fit}  # type: ignore[operator]

    def change(self, code: str) -> float | None:
        """Return what the value has changed by since the other day; None where either is not known."""
        now, was = self.row(code).value, self.before.get(code)
        return None if now is None or was is None else now - was


@dataclass(frozen=True)
class Scene:
    """All that the page draws from."""

    state: State
    day: dt.date
    versus: dt.date
    columns: tuple[Column, ...]
    codes: tuple[str, ...]
    areas: bytes = b""
    colours: Choropleth | None = None

    @property
    def main(self) -> Column:
        """The measure that ranks, colours and sorts."""
        return self.columns[0]

    @property
    def all_areas(self) -> tuple[RollupRow, ...]:
        """Every area of the axis."""
        return self.main.rollup.rows

    def order(self) -> list[RollupRow]:
        """Return the areas compared, the largest first, one's own on top of all."""
        shown = [r for r in self.all_areas if r.code in self.codes]
        return sorted(shown, key=lambda r: (r.code != self.state.mine, r.value is None, -(r.value or 0), r.code))


def default_measures(cat: Catalogue) -> tuple[str, ...]:
    """Return the measures compared when the address names none: those of the first layer that head a report."""
    first = cat.layers[first_layer(cat)]
    found: list[str] = []
    for layer in (first, *(cat.layers[x] for x in default_on(cat) if x != first.id)):
        heads = [m.id for m in cat.measures(layer) if m.headline]
        main = default_measure(cat, layer)
        found += [f"{layer.id}.{m}" for m in dict.fromkeys((main, "n", *heads))]
        if len(found) >= 4:
            break
    return tuple(found[:MOST_MEASURES])


def chosen_measures(cat: Catalogue, state: State) -> tuple[str, ...]:
    """Return the measures that are compared."""
    return (tuple(dict.fromkeys(state.measures)) or default_measures(cat))[:MOST_MEASURES]


def shown_codes(state: State, areas: Sequence[RollupRow]) -> list[str]:
    """Return the codes of the areas compared: all of them unless two or more are chosen."""
    found = [a.code for a in areas if a.code in state.shown]
    return found if len(found) >= FEWEST_AREAS else [a.code for a in areas]


def year_before(day: dt.date) -> dt.date:
    """Return the same day a year earlier; 28 February for the 29th."""
    try:
        return day.replace(year=day.year - 1)
    except ValueError:
        return day.replace(year=day.year - 1, day=28)


def month_days(day: dt.date, months: int = MONTHS) -> list[dt.date]:
    """Return the last days of the months before a day, and the day: the course of a year."""
    found, end = [day], day.replace(day=1) - dt.timedelta(days=1)
    while len(found) <= months and end.year >= 1950:
        found.append(end)
        end = end.replace(day=1) - dt.timedelta(days=1)
    return found[::-1]


def is_dated(state: State, layer: Layer, measure: Measure | None) -> bool:
    """Whether another day may give other values: stages, events, figures, or a filter on what follows from them."""
    return dated(layer, measure, [c.field for c in state.conditions_on(layer.id)])


def dated(layer: Layer, measure: Measure | None, filtered: Iterable[str]) -> bool:
    """Whether another day may give other values under a filter on these fields."""
    if layer.exists_from or layer.exists_to or any(g.ordered and not g.levels for g in layer.events):
        return True
    if measure is not None and (measure.event or layer.series(measure.field) or layer.series(measure.denominator)):
        return True
    return any(layer.event_field(name) is not None for name in filtered)


def column_of(cat: Catalogue, key: str) -> tuple[Layer, Measure | None]:
    """Return the layer and measure that a name in the address means."""
    layer_id, _, measure_id = key.partition(".")
    layer = cat.layer(layer_id)
    return layer, cat.measure(layer, measure_id)


def per_area_id(measure_id: str, measure: Measure | None) -> str:
    """Return the measure per km² that stands beside a measure; \"\" where there is none."""
    if measure_id == "area_m2":
        return AREA_SHARE
    summed = measure is None or (measure.aggregate == "sum" and bool(measure.field))
    return f"{measure_id}{PER_KM2}" if summed else ""


async def gather(source: Source, state: State) -> Scene:
    """Read everything the page shows."""
    cat, day = source.cat, state.as_of or today()
    versus = state.versus or year_before(day)
    keys = chosen_measures(cat, state)
    columns, areas = await asyncio.gather(
        asyncio.gather(*(_column(source, state, key, day, versus) for key in keys)), source.reader.areas("county")
    )
    first = columns[0]
    colours = await asyncio.to_thread(colour_areas, first.rollup, first.how, ORDINARY_SCHEME, ORDINARY_CLASSES)
    codes = tuple(shown_codes(state, first.rollup.rows))
    return Scene(state, day, versus, tuple(columns), codes, areas, colours)


async def _column(source: Source, state: State, key: str, day: dt.date, versus: dt.date) -> Column:
    cat, measure_id = source.cat, key.partition(".")[2]
    layer, measure = column_of(cat, key)
    counts = source.body(state, layer, "n")
    density = per_area_id(measure_id, measure)
    asked = source.body(state, layer, density) if density and state.axis == "county" else None
    if is_dated(state, layer, measure):
        days = sorted({*month_days(day), versus})
        bodies, counted = await asyncio.gather(source.rollup_days(state, layer, measure_id, days), counts)
        points = [Point(d, values_of(b)) for d, b in zip(days, bodies, strict=True)]
        body = bodies[days.index(day)]
        before = points[days.index(versus)].values
        series = tuple(p for p in points if p.day in month_days(day) and _belongs(measure, p.day, day))
    else:
        body, counted = await asyncio.gather(source.body(state, layer, measure_id), counts)
        before, series = {}, ()
    per_area = values_of(await asked) if asked is not None else {}
    return Column(layer, measure_id, measure, read_rollup(body, counted), before, series, per_area)


def _belongs(measure: Measure | None, point: dt.date, day: dt.date) -> bool:
    """Whether a day belongs to the same course: what is counted from New Year on begins anew each year."""
    return measure is None or measure.aggregate != "events" or point.year == day.year


def values_of(body: dict[str, Any]) -> dict[str, float | None]:
    """Return the values of a rollup's body by area; \"\" is the total."""
    held: dict[str, float | None] = {r["code"]: r["value"] for r in body["rows"]}
    return held | {"outside": body["outside"], "unlocated": body["unlocated"], "": body["total"]}
