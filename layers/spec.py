"""What a layer is: the frozen specification that every catalogue TOML is checked against.

One TOML in ``layers/catalog/`` declares one layer; its table, events, views, filters, tiles, popups,
import template, API and export columns all follow from it. One TOML in ``layers/vocab/`` declares one
vocabulary. Nothing else lists layers, fields or values.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal, Self

from pydantic import Field, field_validator, model_validator

from layers.spec_measure import Aggregate, Measure, Model

__all__ = ["Aggregate", "Measure", "Model"]

IDENTIFIER = r"^[a-z][a-z0-9_]{0,50}$"

FieldType = Literal["text", "code", "list", "integer", "number", "cny", "date", "boolean"]
GeometryType = Literal["point", "line", "polygon", "any"]
Role = Literal["extensive", "intensive", "none"]
Format = Literal["", "credit_code", "project_code", "adcode", "industry", "url"]

PG_TYPES: dict[FieldType, str] = {
    "text": "text",
    "code": "text",
    "list": "text[]",
    "integer": "bigint",
    "number": "double precision",
    "cny": "bigint",
    "date": "date",
    "boolean": "boolean",
}
PG_GEOMETRY: dict[GeometryType, str] = {
    "point": "Point",
    "line": "MultiLineString",
    "polygon": "MultiPolygon",
    "any": "Geometry",
}

# Columns that every layer has, in order; a catalogue field may not reuse these names.
COMMON_COLUMNS = (
    "id",
    "key",
    "name",
    "county_code",
    "unit_code",
    "township_code",
    "location_accuracy",
    "is_demo",
    "data_date",
    "source_name",
    "source_row",
)
RESERVED = frozenset(
    {*COMMON_COLUMNS, "geom", "geom_3857", "version_id", "recorded_from", "recorded_to", "run_id"}
    | {"entry_number", "original", "extra", "lon", "lat", "address", "valid_from_date", "row_hash", "area_m2"}
)
# Words that stand for something else where a layer's id is expected: search results, the coloured areas.
RESERVED_LAYERS = frozenset({"place", "area"})
LOCATION_ACCURACIES = ("surveyed", "address", "sketched", "township", "county", "none")


class VocabularyValue(Model):
    """One value of a vocabulary: the term stored, its synonyms, and its colour token."""

    value: str
    aliases: tuple[str, ...] = ()
    color: str = ""
    icon: str = ""
    group: str = ""
    pinyin: str = ""


class Vocabulary(Model):
    """A closed list of terms. ``ordered`` means that a later value is a higher or later one."""

    id: str = Field(pattern=IDENTIFIER)
    title: str
    ordered: bool = False
    values: tuple[VocabularyValue, ...] = Field(min_length=1)
    note: str = ""

    @property
    def terms(self) -> tuple[str, ...]:
        """The stored terms in their order."""
        return tuple(v.value for v in self.values)

    @model_validator(mode="after")
    def _one_meaning_per_word(self) -> Self:
        seen: dict[str, str] = {}
        for value in self.values:
            for word in (value.value, *value.aliases):
                if seen.setdefault(word, value.value) != value.value:
                    raise ValueError(f"“{word}”同时指向“{seen[word]}”和“{value.value}”，请只保留一个")
        return self


class FieldSpec(Model):
    """One typed column of a layer.

    ``unit`` is the stored unit (``元``, ``亩``, ``MW``), ``display_unit`` what people see (``亿元``).
    ``role`` says how it may be aggregated: extensive sums, intensive never does. ``internal`` fields
    reach no caller without the right. A ``code`` or ``list`` field has a ``vocabulary`` (a file of
    ``layers/vocab``) or its own short ``values``.
    """

    id: str = Field(pattern=IDENTIFIER)
    title: str
    type: FieldType = "text"
    unit: str = ""
    display_unit: str = ""
    vocabulary: str = ""
    values: tuple[str, ...] = ()
    format: Format = ""
    role: Role = "none"
    aliases: tuple[str, ...] = ()
    internal: bool = False
    required: bool = False
    filter: bool | None = None
    card: bool = True
    table: bool = False
    hover: bool = False
    minimum: float | None = None
    maximum: float | None = None
    note: str = ""

    @field_validator("id")
    @classmethod
    def _not_reserved(cls, value: str) -> str:
        if value in RESERVED:
            raise ValueError(f"“{value}”是每个图层都有的列名，请换一个字段名")
        return value

    @model_validator(mode="before")
    @classmethod
    def _money_is_yuan(cls, given: Any) -> Any:
        """Store money in yuan where the file that declares the field says no unit."""
        if isinstance(given, dict) and given.get("type") == "cny" and not given.get("unit"):
            return given | {"unit": "元"}
        return given

    @model_validator(mode="after")
    def _coherent(self) -> Self:
        is_money = self.id.endswith("_cny") and "_per_" not in self.id
        if is_money != (self.type == "cny"):
            raise ValueError(f"字段“{self.id}”：type 为 cny 的字段以 _cny 结尾，反之亦然")
        if is_money and self.unit != "元":
            raise ValueError(f"字段“{self.id}”：金额一律以元存储，unit 只能是“元”；显示用的单位请写 display_unit")
        if self.type in ("code", "list") and not (self.vocabulary or self.values):
            kind = "多值" if self.type == "list" else "单选"
            raise ValueError(f'{kind}字段“{self.id}”需要 vocabulary 或 values；没有词表的文字请用 type = "text"')
        if twice := sorted({v for v in self.values if self.values.count(v) > 1}):
            raise ValueError(f"字段“{self.id}”的 values 里“{'、'.join(twice)}”写了两次，请只保留一个")
        if self.vocabulary and self.values:
            raise ValueError(f"字段“{self.id}”的 vocabulary 与 values 只能写一个")
        if (self.vocabulary or self.values) and self.type not in ("code", "list", "text"):
            raise ValueError(f"字段“{self.id}”有词表，type 应为 code 或 list")
        if self.role != "none" and self.type not in ("integer", "number", "cny"):
            raise ValueError(f"字段“{self.id}”不是数字，role 只能是 none")
        return self

    @property
    def is_number(self) -> bool:
        """Whether the field holds a quantity."""
        return self.type in ("integer", "number", "cny")

    @property
    def is_categorical(self) -> bool:
        """Whether the field holds a term of a vocabulary."""
        return bool(self.vocabulary or self.values)


class EventGroup(Model):
    """A family of dated events: a project's stages, a factory's recognition as smart, and so on.

    ``types`` are the event types in order. Without ``levels`` the derived ``field`` holds the last type
    reached (stages); with ``levels`` (a vocabulary) it holds the highest level in force. A flat file
    gives one date column per type (``date_aliases``); the level is read from the derived field's column.
    """

    id: str = Field(pattern=IDENTIFIER)
    title: str
    types: tuple[str, ...] = Field(min_length=1)
    levels: str = ""
    field: str = ""
    ordered: bool = False
    date_aliases: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    end_aliases: dict[str, tuple[str, ...]] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _known_types(self) -> Self:
        for name in (*self.date_aliases, *self.end_aliases):
            if name not in self.types:
                raise ValueError(f"事件组“{self.id}”的日期列写了“{name}”，但 types 里没有它")
        if self.levels and not self.field:
            raise ValueError(f"事件组“{self.id}”有 levels，需写出承接等级的 field")
        return self


class FigureSeries(Model):
    """A series of figures per record: investment completed (monthly cumulative), output, 绿电占比."""

    id: str = Field(pattern=IDENTIFIER)
    title: str
    unit: str
    display_unit: str = ""
    cumulative: bool = False
    period: Literal["month", "year"] = "month"
    role: Role = "extensive"
    aliases: tuple[str, ...] = ()


class Style(Model):
    """How the layer is drawn. Colours are names of theme tokens, never literal colours."""

    symbol: Literal["circle", "square", "dot", "icon", "polygon", "line", "hatch"] = "circle"
    color: str = "m-park"
    color_by: str = ""
    size_by: str = ""
    size_range: tuple[float, float] = (5.0, 14.0)
    size_at: tuple[float, float, float] = (0.0, 0.0, 0.0)
    line_by: str = ""
    pips: tuple[str, ...] = ()
    ring_by: str = ""
    icons: dict[str, str] = Field(default_factory=dict)
    label_from_zoom: float = 11.0
    from_zoom: float = 0.0


class Freshness(Model):
    """How old the layer's data may be before it is shown as stale."""

    days: int = 365


class Layer(Model):
    """One layer of the map, as its TOML declares it."""

    id: str = Field(pattern=IDENTIFIER)
    title: str
    noun: str = "条"
    description: str = ""
    geometry: GeometryType
    key: tuple[str, ...] = ()
    owner: str = ""
    order: int = 500
    visible: bool = False
    public: bool = True
    fields: tuple[FieldSpec, ...] = ()
    events: tuple[EventGroup, ...] = ()
    figures: tuple[FigureSeries, ...] = ()
    measures: tuple[Measure, ...] = ()
    style: Style = Style()
    rollups: tuple[str, ...] = ("county", "unit", "township")
    freshness: Freshness = Freshness()
    exists_from: str = ""
    exists_to: str = ""
    name_aliases: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _references(self) -> Self:
        if self.id in RESERVED_LAYERS:
            raise ValueError(f"“{self.id}”另有所指，不能作图层的名字，请给文件换一个名字")
        ids = [f.id for f in self.fields]
        parts = {"字段": ids, "事件组": [e.id for e in self.events], "数列": [s.id for s in self.figures]}
        parts["指标"] = ["n", "area_m2", *(f"sum_{f.id}" for f in self.fields), *(m.id for m in self.measures)]
        for what, names in parts.items():
            if twice := sorted({x for x in names if names.count(x) > 1}):
                raise ValueError(f"{what}“{'、'.join(twice)}”写了两次，请换一个 id")
        known = {*ids, "name"}
        wanted: list[tuple[str, str]] = [("key", k) for k in self.key]
        wanted += [("style.color_by", self.style.color_by), ("style.size_by", self.style.size_by)]
        wanted += [("style.line_by", self.style.line_by), ("style.ring_by", self.style.ring_by)]
        wanted += [("style.pips", p) for p in self.style.pips]
        wanted += [("exists_from", self.exists_from), ("exists_to", self.exists_to)]
        wanted += [(f"events.{e.id}.field", e.field) for e in self.events]
        for where, name in wanted:
            if name and name not in known:
                have = "、".join(sorted(known))
                raise ValueError(f"{where} 指向“{name}”，但 fields 里没有它；已有：{have}")
        measured = {*known, *(f.id for f in self.figures)}
        types = {kind for group in self.events for kind in group.types}
        for m in self.measures:
            for part, name, have_ in (
                ("field", m.field, measured), ("denominator", m.denominator, measured),
                ("event", m.event, types), ("then", m.then, types),
            ):  # fmt: skip
                if name and name not in have_:
                    raise ValueError(f"measures.{m.id}.{part} 指向“{name}”，没有它；已有：{'、'.join(sorted(have_))}")
        size = self.field(self.style.size_by)
        if size is not None and not size.is_number:
            raise ValueError(f"style.size_by 指向“{size.id}”，但它不是数字，画不出大小")
        return self

    @model_validator(mode="after")
    def _one_meaning_per_header(self) -> Self:
        seen: dict[str, str] = {}
        for header, what in self.headers():
            if seen.setdefault(header, what) != what:
                raise ValueError(
                    f"表头“{header}”同时指向“{seen[header]}”和“{what}”，请只在一处写它（title 或 aliases）"
                )
        return self

    def headers(self) -> Iterator[tuple[str, str]]:
        """Yield every column title that a file may use, with what it means."""
        for alias in self.name_aliases:
            yield alias, "name"
        for spec in self.fields:
            for alias in dict.fromkeys((spec.title, *spec.aliases)):
                yield alias, spec.id
        for group in self.events:
            for which, words in (("date", group.date_aliases), ("end", group.end_aliases)):
                for kind, aliases in words.items():
                    for alias in aliases:
                        yield alias, f"events.{group.id}.{which}.{kind}"
        for series in self.figures:
            for alias in dict.fromkeys((series.title, *series.aliases)):
                yield alias, f"figures.{series.id}"

    @property
    def table(self) -> str:
        """Name of the layer's table."""
        return f"layer_{self.id}"

    @property
    def event_table(self) -> str:
        """Name of the table of dated events."""
        return f"{self.id}_event"

    @property
    def figure_table(self) -> str:
        """Name of the table of figure series."""
        return f"{self.id}_figure"

    @property
    def has_area(self) -> bool:
        """Whether the geometry may have an area."""
        return self.geometry in ("polygon", "any")

    def field(self, name: str) -> FieldSpec | None:
        """Return the field called ``name``, or None when the layer has no such field."""
        return next((f for f in self.fields if f.id == name), None)

    def series(self, name: str) -> FigureSeries | None:
        """Return the figure series called ``name``, or None; a field of that name comes first."""
        return None if self.field(name) else next((f for f in self.figures if f.id == name), None)

    def group_of(self, event: str) -> EventGroup | None:
        """Return the group of an event type."""
        return next((g for g in self.events if event in g.types), None)

    def event_field(self, name: str) -> EventGroup | None:
        """Return the event group whose derived field is ``name``, if any."""
        return next((e for e in self.events if e.field == name), None)
