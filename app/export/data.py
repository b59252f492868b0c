"""Everything a report map shows, gathered through the reader and frozen, so that drawing is pure."""

from __future__ import annotations

import asyncio
import datetime as dt
from dataclasses import dataclass, replace
from typing import Any, Protocol

from app.export.compared import gather_compared
from app.export.extras import Extras, gather_card, gather_ranking, gather_stages
from app.export.filter_words import describe_filter
from app.export.house import house_of
from app.export.recipe import AXES, Recipe, RecipeLayer, check_recipe
from app.pages.format import Quantity, quantity
from geo.errors import InputError
from layers.registry import Catalogue
from layers.settings import Settings
from layers.spec import Layer, VocabularyValue
from layers.store.slices import When, today

NOTHING = Extras()
CHINA = dt.timezone(dt.timedelta(hours=8))


class Source(Protocol):
    """What is asked of ``layers.store.reader.Reader``."""

    cat: Catalogue

    async def layers(self, when: When | None, demo: bool, *, internal: bool) -> list[dict[str, Any]]:
        """Return the layers with their counts and dates."""

    async def rollup(
        self, layer_id: str, by: tuple[str, ...], measure: str, filter: str, when: When | None, demo: bool,  # noqa: A002
        *, internal: bool,
    ) -> dict[str, Any]:  # fmt: skip
        """Return a measure by area as the HTTP body states it."""

    async def features(
        self, layer_id: str, filter: str, when: When | None, demo: bool, *, internal: bool  # noqa: A002
    ) -> bytes:  # fmt: skip
        """Return what is drawn of a layer as GeoJSON, CRS84."""

    async def areas(self, kind: str) -> bytes:
        """Return the active areas as GeoJSON, CRS84, with ``code`` and ``name``."""

    async def card(self, layer_id: str, feature_id: int, when: When | None, *, internal: bool) -> dict[str, Any]:
        """Return everything known of one record."""


@dataclass(frozen=True)
class LayerData:
    """One layer of the map.

    Attributes
    ----------
    features : bytes
        GeoJSON, CRS84, as the screen draws it; empty when the recipe does not draw them.
    values, icons_of : the vocabulary that colours the symbols, and the one that gives them pictograms
    n, n_demo, n_unlocated : int
        Records under the filter, of them 演示数据, of them without a place.
    """

    layer: Layer
    filter: str
    features: bytes
    values: tuple[VocabularyValue, ...]
    levels: dict[str, tuple[str, ...]]
    size: Quantity
    n: int
    n_demo: int
    n_unlocated: int
    data_date: str


@dataclass(frozen=True)
class AreaValue:
    """A row of the table: value in stored units (None is no data), how many records, how many say nothing."""

    code: str
    name: str
    value: float | None
    n: int
    missing: int = 0


@dataclass(frozen=True)
class Summary:
    """The measure by area, as the page shows it."""

    axis: str
    title: str
    shown: Quantity
    noun: str
    is_count: bool
    extensive: bool
    rows: tuple[AreaValue, ...]
    outside: AreaValue
    unlocated: AreaValue
    total: AreaValue


@dataclass(frozen=True)
class MapData:
    """All that the renderer needs besides theme, fonts and surroundings."""

    recipe: Recipe
    layers: tuple[LayerData, ...]
    summary: Summary
    counties: bytes
    as_of: dt.date
    printed: dt.date
    boundary_note: str = ""
    before: Summary | None = None
    after: Summary | None = None
    extras: Extras = NOTHING

    @property
    def subtitle(self) -> str:
        """The subtitle: the one given, or the filter in words, the axis and the day."""
        if self.recipe.subtitle:
            return self.recipe.subtitle
        subject = self.recipe.subject
        layer = next(item.layer for item in self.layers if item.layer.id == subject.id)
        parts = [self.summary.axis, f"截至 {self.as_of.isoformat()}"]
        if self.recipe.since and self.before is not None:
            parts[-1] = f"{self.recipe.since.isoformat()} 至 {self.as_of.isoformat()}"
        if self.extras.compared is not None:
            parts.append(f"对比 {self.extras.compared.versus}")
        if self.recipe.family == "single":
            parts = parts[1:]
        if subject.filter:
            parts.insert(0, describe_filter(subject.filter, layer, {r.code: r.name for r in self.summary.rows}))
        return "，".join(parts)

    @property
    def has_demo(self) -> bool:
        """Whether a single 演示 record stands behind anything on the sheet."""
        shown = bool(self.extras.ranking.get("is_demo")) or bool(self.extras.card.get("is_demo"))
        return shown or any(item.n_demo for item in self.layers)


def now() -> dt.datetime:
    """Return the present moment in China."""
    return dt.datetime.now(CHINA)


async def gather(recipe: Recipe, source: Source, *, internal: bool = False) -> MapData:
    """Read everything the recipe asks for, all at one recorded moment.

    The returned recipe has ``as_of`` and ``known_at`` filled in, so that it makes the same picture again.

    Raises
    ------
    InputError
        The recipe does not fit the catalogue.
    FilterError
        A filter cannot be used.
    """
    check_recipe(recipe, source.cat)
    moment = recipe.known_at or now()
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=CHINA)
    recipe = recipe.model_copy(update={"as_of": recipe.as_of or today(), "known_at": moment})
    # what was recorded a moment ago is known "now": only a stated instant is asked of the history
    when = When(recipe.as_of or today(), moment)
    measure = recipe.measure or "n"
    if recipe.since is not None and recipe.since >= when.as_of:
        raise InputError(f"since {recipe.since} 应早于截止日 {when.as_of}。", "请改早起始日期。", field="since")
    ask = _Ask(recipe, source, when, internal)
    rolled, counted, counties, extras, *layers = await asyncio.gather(
        ask.rollup(measure, when), ask.rollup("n", when), source.areas("county"), ask.extras(),
        *(_layer(recipe, part, source, when, internal=internal) for part in _shown(recipe)),
    )  # fmt: skip
    summary, before, after = summary_of(recipe, source.cat, rolled, counted), None, None
    if recipe.since is not None and recipe.family == "change":
        then = When(recipe.since, moment)
        early, early_n = await asyncio.gather(ask.rollup(measure, then), ask.rollup("n", then))
        before, after = summary_of(recipe, source.cat, early, early_n), summary
        summary = difference(before, after)
    return MapData(
        recipe=recipe, layers=tuple(layers), summary=summary, counties=counties, as_of=when.as_of,
        printed=now().date(), before=before, after=after, extras=extras,
    )  # fmt: skip


@dataclass(frozen=True)
class _Ask:
    """The questions of one recipe at one recorded moment."""

    recipe: Recipe
    source: Source
    when: When
    internal: bool

    async def rollup(self, measure: str, when: When) -> dict[str, Any]:
        part = self.recipe.subject
        return await self.source.rollup(
            part.id, (self.recipe.by,), measure, part.filter, when, self.recipe.demo, internal=self.internal
        )

    async def extras(self) -> Extras:
        recipe, source, when = self.recipe, self.source, self.when
        rights = {"demo": recipe.demo, "internal": self.internal}
        made = Extras(house=house_of(recipe.house, Settings().var_dir if recipe.house else None))
        if recipe.family == "rank":
            return replace(made, ranking=await gather_ranking(source, recipe.profile, when, **rights))
        if recipe.family == "compare":
            compared = await gather_compared(source, recipe, when, internal=self.internal)
            return replace(made, compared=compared)
        if recipe.family == "single":
            return replace(made, card=await gather_card(source, recipe.feature, when, **rights))
        if recipe.family == "stages":
            layer = source.cat.layers[recipe.subject.id]
            spec = layer.field(layer.style.color_by) if layer.style.color_by else None
            if spec is None or not spec.vocabulary:
                raise InputError(
                    f"图层“{layer.title}”没有阶段，画不出项目阶段图。", "请改用 project 图层。", field="layer"
                )
            terms = tuple(source.cat.vocabularies[spec.vocabulary].terms)
            matrix = await gather_stages(source, layer, terms, recipe.by, recipe.subject.filter, when, **rights)
            return replace(made, stages=terms, matrix=matrix)
        return made


def difference(before: Summary, after: Summary) -> Summary:
    """Return the later figures less the earlier; no data on either day is no difference.

    Counts and sums are differences of sums; a mean's difference is that of the two means.
    """
    early = {r.code: r for r in (*before.rows, before.outside, before.unlocated, before.total)}

    def less(row: AreaValue) -> AreaValue:
        old = early.get(row.code)
        known = old is not None and old.value is not None and row.value is not None
        value = float(row.value or 0) - float(old.value or 0) if known and old is not None else None
        return AreaValue(row.code, row.name, value, row.n - (old.n if old else 0))

    return replace(
        after, title=f"{after.title}增减", rows=tuple(less(r) for r in after.rows), outside=less(after.outside),
        unlocated=less(after.unlocated), total=less(after.total),
    )  # fmt: skip


def _shown(recipe: Recipe) -> list[RecipeLayer]:
    """The layers of the sheet, also one that is only measured: its source is stated too."""
    subject = recipe.subject
    shown = [*recipe.layers, *([] if subject in recipe.layers else [subject])]
    thing = recipe.feature.partition(":")[0]
    if thing and thing not in [part.id for part in shown]:
        shown.append(RecipeLayer(id=thing))
    return shown


async def _layer(recipe: Recipe, part: RecipeLayer, source: Source, when: When, *, internal: bool) -> LayerData:
    counted = await source.rollup(part.id, (recipe.by,), "n", part.filter, when, recipe.demo, internal=internal)
    shapes = b""
    if part.features:
        shapes = await source.features(part.id, part.filter, when, recipe.demo, internal=internal)
    cat, layer = source.cat, source.cat.layers[part.id]
    colored = layer.field(layer.style.color_by) if layer.style.color_by else None
    values: tuple[VocabularyValue, ...] = ()
    if colored is not None and colored.vocabulary:
        values = cat.vocabularies[colored.vocabulary].values
    leveled = {layer.style.line_by, layer.style.ring_by, *layer.style.pips} - {""}
    levels = {name: cat.terms(spec) for name in leveled if (spec := layer.field(name)) is not None}
    return LayerData(
        layer=layer,
        filter=part.filter,
        features=shapes,
        values=values,
        levels=levels,
        size=quantity(layer.field(layer.style.size_by)) if layer.style.size_by else Quantity(),
        n=int(counted["n_features"]),
        n_demo=int(counted["n_demo"]),
        n_unlocated=int(counted["unlocated"] or 0),
        data_date=str(counted["data_date"] or ""),
    )


def summary_of(recipe: Recipe, cat: Catalogue, rolled: dict[str, Any], counted: dict[str, Any]) -> Summary:
    """Return a rollup and the counts that go with it as what the page shows."""
    layer = cat.layers[recipe.subject.id]
    measure = cat.measure(layer, recipe.measure or "n")
    rows = tuple(AreaValue(str(r["code"]), str(r["name"]), r["value"], int(r["n_features"])) for r in rolled["rows"])
    return Summary(
        axis=AXES[recipe.by],
        title=measure.title if measure else f"{layer.title}数量",
        shown=quantity(measure, layer.noun),
        noun=layer.noun,
        is_count=measure is None,
        extensive=bool(rolled["extensive"]),
        rows=rows,
        outside=AreaValue("outside", "界外", rolled["outside"], int(counted["outside"] or 0)),
        unlocated=AreaValue("unlocated", "未定位", rolled["unlocated"], int(counted["unlocated"] or 0)),
        total=AreaValue("", "合计", rolled["total"], int(rolled["n_features"]), int(rolled.get("n_missing") or 0)),
    )
