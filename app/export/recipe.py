"""The recipe of a report map: everything that decides what is drawn, and nothing else.

The same recipe with the same ``as_of`` and ``known_at`` gives the same picture. It travels inside each
product (PNG text chunk, PDF and SVG metadata), so that a picture can be made again.
"""

from __future__ import annotations

import datetime as dt
import json
import re
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from app.export.families import FAMILIES, FEATURE, FILLS, faults, refused_blocks
from app.export.papers import PAPERS
from geo.classify import SCHEMES
from geo.errors import InputError, NotFoundError
from layers.registry import Catalogue

AXES = {"county": "属地口径", "unit": "考核口径"}
MOST_BYTES = 20_000
BOX_LIMITS = (114.0, 26.0, 126.0, 40.0)  # degrees; EPSG:4549 (120°E, 3°) is of no use further away

# keys that are not written where they are ordinary
NEWER = ("since", "profile", "feature", "fills", "leave_out", "house", "page", "areas", "measures", "marked")

Box = tuple[float, float, float, float]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class RecipeLayer(_Part):
    """One layer of the map.

    ``filter`` is CQL2 text. ``features`` draws its things; without, the layer only feeds the areas.
    """

    id: str = Field(min_length=1, max_length=51)
    filter: str = Field(default="", max_length=4000)
    features: bool = True


class ClassRule(_Part):
    """How the areas are cut into classes."""

    scheme: str = "quantiles"
    k: int = Field(default=5, ge=1, le=7)

    @field_validator("scheme")
    @classmethod
    def _known(cls, value: str) -> str:
        if value not in SCHEMES:
            raise ValueError(f"不认识分级方法“{value}”，可用：{'、'.join(SCHEMES)}")
        return value


class Recipe(_Part):
    """A report map, as DESIGN.md's RECIPE; what has a default may be left out.

    Attributes
    ----------
    layer : str
        The layer that is measured; the first one when it is empty.
    measure : str or None
        A measure of that layer; None (family ``map``) counts it and leaves the areas uncoloured.
    extent : str or (w, s, e, n)
        ``city``, an adcode, or a box in CRS84 degrees.
    paper, dpi : str, int
        A key of ``PAPERS``; resolution of the PNG, 72 to 600.
    known_at : datetime or None
        Recorded time; None is filled in when the data are gathered.
    since : date or None
        The earlier day of a change.
    profile : dict
        The brief of family ``rank`` (DESIGN.md's PROFILE).
    feature : str
        The thing of family ``single``: ``layer:id``.
    areas, measures, marked : tuple of str
        Family ``compare``: codes of the areas (all when empty), measures as ``layer.measure`` with the main one
        first, and the areas set off. ``since`` is the day compared with, a year before when it is not given.
    fills, leave_out, house, page
        Colour or hatches for black-and-white print; optional blocks that are not drawn; the house template;
        the page's number and how many there are.
    """

    version: Literal[1]
    family: str
    layers: tuple[RecipeLayer, ...] = Field(min_length=1, max_length=12)
    layer: str = Field(default="", max_length=51)
    by: str = "county"
    measure: str | None = "n"
    as_of: dt.date | None = None
    known_at: dt.datetime | None = None
    extent: str | Box = "city"
    classes: ClassRule = ClassRule()
    title: str = Field(min_length=1, max_length=60)
    subtitle: str = Field(default="", max_length=120)
    paper: str = "A4"
    dpi: int = Field(default=300, ge=72, le=600)
    map_approval_no: str = Field(default="", max_length=60)
    compiler: str = Field(default="", max_length=60)
    demo: bool = False
    since: dt.date | None = None
    profile: dict[str, Any] = Field(default_factory=dict)
    feature: str = Field(default="", max_length=70)
    areas: tuple[str, ...] = Field(default=(), max_length=20)
    measures: tuple[str, ...] = Field(default=(), max_length=10)
    marked: tuple[str, ...] = Field(default=(), max_length=5)
    fills: str = "color"
    leave_out: tuple[str, ...] = Field(default=(), max_length=20)
    house: str = Field(default="", max_length=40, pattern=r"^[a-z0-9_-]*$")
    page: tuple[int, int] | None = None

    @field_validator("title", "subtitle", "map_approval_no", "compiler", mode="before")
    @classmethod
    def _nothing_is_empty(cls, value: object) -> object:
        return "" if value is None else value

    @field_validator("fills")
    @classmethod
    def _fills(cls, value: str) -> str:
        if value not in FILLS:
            raise ValueError(f"没有填充方式“{value}”，现有：{'、'.join(f'{k}（{v}）' for k, v in FILLS.items())}")
        return value

    @field_validator("leave_out")
    @classmethod
    def _blocks(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if reason := refused_blocks(value):
            raise ValueError(reason)
        return value

    @field_validator("feature")
    @classmethod
    def _feature(cls, value: str) -> str:
        if value and not re.fullmatch(FEATURE, value):
            raise ValueError(f"“{value}”不是“图层:编号”，例如 park:12")
        return value

    @field_validator("family")
    @classmethod
    def _family(cls, value: str) -> str:
        if value not in FAMILIES:
            known = "、".join(f"{k}（{v}）" for k, v in FAMILIES.items())
            raise ValueError(f"没有图种“{value}”，现有：{known}")
        return value

    @field_validator("paper")
    @classmethod
    def _paper(cls, value: str) -> str:
        if value not in PAPERS:
            raise ValueError(f"没有纸张“{value}”，现有：{'、'.join(PAPERS)}")
        return value

    @field_validator("by")
    @classmethod
    def _by(cls, value: str) -> str:
        if value not in AXES:
            known = "、".join(f"{k}（{v}）" for k, v in AXES.items())
            raise ValueError(f"报告图不能按“{value}”汇总，可用：{known}")
        return value

    @field_validator("title", "subtitle", "map_approval_no", "compiler")
    @classmethod
    def _one_line(cls, value: str) -> str:
        return " ".join("".join(c if c.isprintable() else " " for c in value).split())

    @field_validator("extent")
    @classmethod
    def _extent(cls, value: str | Box) -> str | Box:
        if isinstance(value, str):
            if value != "city" and not (value.isdecimal() and len(value) == 6):
                raise ValueError(f"范围“{value}”不认识，应为 city、六位行政区划代码或 [西, 南, 东, 北]")
            return value
        west, south, east, north = value
        low_lon, low_lat, high_lon, high_lat = BOX_LIMITS
        if not (low_lon <= west < east <= high_lon and low_lat <= south < north <= high_lat):
            raise ValueError(
                f"范围 {list(value)} 不对，应为 [西, 南, 东, 北]（度），西小于东、南小于北，"
                f"并在东经 {low_lon:g}–{high_lon:g}°、北纬 {low_lat:g}–{high_lat:g}° 以内"
            )
        if min(east - west, north - south) < 0.005:
            raise ValueError(f"范围 {list(value)} 太小，边长至少 0.005°")
        return value

    @model_validator(mode="after")
    def _title_left(self) -> Self:
        if not self.title:
            raise ValueError("标题是空的，请写出图名")
        ids = [part.id for part in self.layers]
        twice = next((i for i in ids if ids.count(i) > 1), None)
        if twice:
            raise ValueError(f"图层“{twice}”写了两次，请合并为一个（条件用 OR 相连）")
        if found := faults(self):
            raise ValueError("；".join(found))
        return self

    @property
    def subject(self) -> RecipeLayer:
        """The layer that is measured, with its filter."""
        wanted = self.layer or self.layers[0].id
        return next((part for part in self.layers if part.id == wanted), RecipeLayer(id=wanted, features=False))

    @property
    def is_filled(self) -> bool:
        """Whether the areas are coloured."""
        return self.family in ("choropleth", "change", "compare") or (self.family == "map" and self.measure is not None)

    def shows(self, block: str) -> bool:
        """Whether an optional block is drawn."""
        return block not in self.leave_out

    def canonical(self) -> str:
        """Return the recipe as JSON with sorted keys, the form that is kept inside a product."""
        given = self.model_dump(mode="json")
        plain = {n: f.get_default(call_default_factory=True) for n, f in type(self).model_fields.items()}
        kept = {k: v for k, v in given.items() if k not in NEWER or v not in (plain[k], list(plain[k] or ()))}
        return json.dumps(kept, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


_TEXT = {
    "extra_forbidden": "不认识的键，请删除或改正拼写",
    "missing": "缺少这个键，请补上",
    "literal_error": "应为 1（目前只有这一版）",
    "string_too_long": "文字太长",
    "string_too_short": "不能为空",
    "too_long": "项数太多",
    "too_short": "至少要有一项",
    "greater_than_equal": "太小",
    "less_than_equal": "太大",
    "string_type": "应为文字",
    "string_pattern_mismatch": "只能用小写字母、数字、- 和 _",
    "dict_type": "应为对象",
    "bool_parsing": "应为 true 或 false",
    "tuple_type": "应为数组",
    "model_type": "应为对象",
}
_STARTS = {"int": "应为整数", "float": "应为数字", "date": "应为日期，如 2026-09-30", "tuple": "应为数组"}


def parse_recipe(given: str | bytes | dict[str, Any]) -> Recipe:
    """Read and check a recipe.

    Raises
    ------
    InputError
        Names every wrong key and its cure; ``details["problems"]`` lists them.
    """
    document: Any = given
    if not isinstance(given, dict):
        if len(given) > MOST_BYTES:
            raise InputError(f"配方有 {len(given)} 字节，最多 {MOST_BYTES}。", "请缩短筛选条件或减少图层。")
        try:
            document = json.loads(given)
        except ValueError as error:  # broken JSON and broken UTF-8 alike
            raise InputError(f"配方不是有效的 JSON：{error}。", "请检查括号、引号和逗号。") from error
    if not isinstance(document, dict):
        raise InputError("配方应是一个 JSON 对象。", '请以 {"version": 1, "family": … } 的形式给出。')
    try:
        return Recipe.model_validate(document)
    except ValidationError as error:
        raise refused([(_place(item["loc"]), _reason(item)) for item in error.errors()]) from error


def _place(loc: tuple[int | str, ...]) -> str:
    kept = [str(p) for p in loc if not (isinstance(p, str) and ("[" in p or p in ("str", "tuple")))]
    return ".".join(kept) or "（整个配方）"


def _reason(item: Any) -> str:
    kind = str(item["type"])
    context = item.get("ctx", {})
    if kind == "value_error":
        return str(item["msg"]).removeprefix("Value error, ")
    if kind in ("greater_than_equal", "less_than_equal"):
        return f"是 {item['input']}，应在 {context.get('ge', context.get('le'))} " + (
            "以上" if "ge" in context else "以下"
        )
    for start, text in _STARTS.items():
        if kind.startswith(start):
            return text
    return _TEXT.get(kind, str(item["msg"]))


def refused(problems: list[tuple[str, str]]) -> InputError:
    """Return the error that lists what is wrong with a recipe."""
    unique = list(dict.fromkeys(problems))
    text = "；".join(f"{key}：{reason}" for key, reason in unique)
    listed = [{"key": key, "message": reason} for key, reason in unique]
    return InputError(f"配方不能用：{text}。", "请改正后重试。", problems=listed, field=unique[0][0])


def check_recipe(recipe: Recipe, cat: Catalogue) -> None:
    """Check a recipe against the catalogue: its layers exist and the measure is the subject's.

    Raises
    ------
    InputError
        Lists every key that is wrong.
    """
    problems = []
    known = "、".join(x for x in cat.layers if x != "boundary")
    for i, part in enumerate(recipe.layers):
        if part.id not in cat.layers:
            problems.append((f"layers.{i}.id", f"没有图层“{part.id}”，现有：{known}"))
    subject = recipe.subject.id
    if recipe.layer and recipe.layer not in cat.layers:
        problems.append(("layer", f"没有图层“{recipe.layer}”，现有：{known}"))
    if subject in cat.layers:
        try:
            cat.measure(cat.layers[subject], recipe.measure or "n")
        except NotFoundError as error:
            problems.append(("measure", f"{error.message}{error.cure}".rstrip("。")))
    for key in recipe.measures:
        layer_id, _, measure_id = key.partition(".")
        try:
            cat.measure(cat.layer(layer_id), measure_id)
        except NotFoundError as error:
            problems.append(("measures", f"“{key}”：{error.message}{error.cure}".rstrip("。")))
    if recipe.measures and recipe.measures[0] != f"{subject}.{recipe.measure or 'n'}":
        problems.append(("measures", f"第一项应是主指标 {subject}.{recipe.measure or 'n'}"))
    thing = recipe.feature.partition(":")[0]
    if thing and (thing not in cat.layers or thing == "boundary"):
        problems.append(("feature", f"没有图层“{thing}”，现有：{known}"))
    if problems:
        raise refused(problems)
