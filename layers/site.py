"""A siting brief as a profile: typed, versioned, hashed; and the presets that ship with the product."""

from __future__ import annotations

import functools
import hashlib
import json
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import Field, JsonValue, ValidationError, field_validator, model_validator

from geo.criteria import CRITERIA, Params
from geo.errors import CatalogueError, InputError
from geo.network import DETOUR
from geo.rank import normalise_weights
from geo.robust import MAX_DRAWS
from geo.weights import join
from layers.registry import catalogue
from layers.spec import Model

PRESETS_DIR = Path(__file__).parent / "presets"
DRAWN = "drawn"
GRID = "grid"
MAX_DRAWN = 500

Share = Annotated[float, Field(ge=0, le=1)]


class Alternatives(Model):
    """What is chosen between: a layer's records, drawn and uploaded sites, or the best cells of the city's grid.

    ``layer`` is a layer's id, ``drawn`` or ``grid``. ``sites`` is a GeoJSON FeatureCollection (CRS84) for
    ``drawn``; a feature's ``name`` and numbers in its properties count as its figures.
    """

    layer: str = "parcel"
    filter: str = ""
    sites: dict[str, JsonValue] | None = None

    @model_validator(mode="after")
    def _sites_when_drawn(self) -> Self:
        if (self.layer == DRAWN) != (self.sites is not None):
            raise ValueError("自绘地块要写 layer 为 drawn，并给出 sites（GeoJSON）")
        if self.filter and self.layer in (DRAWN, GRID):
            raise ValueError("自绘地块和网格没有字段可筛选，请去掉 filter")
        features = (self.sites or {}).get("features", [])
        if self.sites is not None and (not isinstance(features, list) or not 1 <= len(features) <= MAX_DRAWN):
            raise ValueError(f"sites 应是 1 到 {MAX_DRAWN} 个要素的 GeoJSON FeatureCollection")
        return self


class Limit(Model):
    """A hard limit. ``id`` is a criterion, a field of the layer, ``park.<field>`` or ``constraint``."""

    id: str = Field(min_length=1, max_length=60)
    op: str
    value: JsonValue


class Value(Model):
    """A value function; what its params leave out follows from the data. See ``geo.value_functions``."""

    type: str = "linear"
    params: dict[str, JsonValue] = Field(default={})


class Choice(Model):
    """A chosen criterion with its weight on any scale, and its value function."""

    id: str
    weight: float = Field(default=1.0, ge=0, allow_inf_nan=False)
    value: Value = Value()

    @field_validator("value", mode="before")
    @classmethod
    def _default_value(cls, value: Any) -> Any:
        return {} if value is None else value

    @field_validator("id")
    @classmethod
    def _known(cls, value: str) -> str:
        if value not in CRITERIA:
            raise ValueError(f"没有准则“{value}”；现有：{'、'.join(CRITERIA)}")
        return value


class Stakeholder(Model):
    """One party's weights by criterion, kept apart; ``power`` is how much the party counts."""

    name: str = Field(min_length=1, max_length=40)
    power: float = Field(default=1.0, ge=0, allow_inf_nan=False)
    weights: dict[str, Annotated[float, Field(ge=0, allow_inf_nan=False)]]


class Tuning(Model):
    """Distances that criteria look over, km, and the detour factor of straight legs."""

    bandwidth_km: float = Field(default=10.0, gt=0, le=100)
    radius_km: float = Field(default=5.0, gt=0, le=100)
    energy_radius_km: float = Field(default=30.0, gt=0, le=200)
    detour: float = Field(default=DETOUR, ge=1, le=3)


class Profile(Model):
    """A brief: alternatives, hard limits, weighted criteria, and how they are joined and shaken.

    Attributes
    ----------
    method : {"wsm", "topsis"}
        Weighted sum, or closeness to the ideal.
    missing : {"exclude", "worst", "median"}
        What becomes of a site without a figure.
    draws, seed : int
        Weightings that robustness draws, and the only source of chance.
    spread : float or None
        How far each weight moves in a draw, as a share of itself; None: any weighting at all.
    industry, suppliers, compatible, unwanted : tuple of str
        Terms of the vocabulary ``industry``.
    stakeholders : tuple of Stakeholder
        With any, the criteria's weights are these joined.
    """

    version: Literal[1] = 1
    title: str = Field(default="", max_length=120)
    note: str = Field(default="", max_length=2000)
    alternatives: Alternatives = Alternatives()
    limits: tuple[Limit, ...] = Field(default=(), max_length=60)
    criteria: tuple[Choice, ...] = Field(min_length=1, max_length=60)
    method: Literal["wsm", "topsis"] = "wsm"
    missing: Literal["exclude", "worst", "median"] = "exclude"
    draws: int = Field(default=10_000, ge=1, le=MAX_DRAWS)
    seed: int = Field(default=1, ge=0, lt=2**63)
    spread: Share | None = 0.2
    industry: tuple[str, ...] = ()
    suppliers: tuple[str, ...] = ()
    compatible: tuple[str, ...] = ()
    unwanted: tuple[str, ...] = ()
    tuning: Tuning = Tuning()
    stakeholders: tuple[Stakeholder, ...] = Field(default=(), max_length=20)

    @field_validator("industry", "suppliers", "compatible", "unwanted")
    @classmethod
    def _terms(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        known = catalogue().vocabularies["industry"].terms
        for term in value:
            if term not in known:
                raise ValueError(f"没有产业“{term}”；可用：{'、'.join(known)}")
        return value

    @model_validator(mode="after")
    def _coherent(self) -> Self:
        ids = [c.id for c in self.criteria]
        for name in ids:
            if ids.count(name) > 1:
                raise ValueError(f"准则“{name}”写了两次")
        for party in self.stakeholders:
            for name in party.weights:
                if name not in ids:
                    raise ValueError(f"“{party.name}”给“{name}”打了权重，但它不在所选准则里")
        return self

    @property
    def params(self) -> Params:
        """What the criteria need to know of the brief."""
        return Params(self.industry, self.suppliers, self.compatible, self.unwanted, **self.tuning.model_dump())

    def weights(self) -> list[float]:
        """Return each criterion's share of the weight; with stakeholders, theirs joined.

        Raises
        ------
        InputError
            No weight is above 0.
        """
        if not self.stakeholders:
            return [float(w) for w in normalise_weights([c.weight for c in self.criteria])]
        each = [[party.weights.get(c.id, 0.0) for c in self.criteria] for party in self.stakeholders]
        return [float(w) for w in join(each, [party.power for party in self.stakeholders]).weights]

    def sha256(self) -> str:
        """Return the hash of the complete profile: the same brief has the same hash, defaults written out or not."""
        body = json.dumps(self.model_dump(mode="json"), ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(body.encode()).hexdigest()


class Preset(Model):
    """A profile that ships with the product, with what it stands on."""

    id: str
    title: str
    note: str
    profile: Profile


def parse_profile(body: Mapping[str, Any]) -> Profile:
    """Return the profile that a JSON object describes.

    Raises
    ------
    InputError
        Names the key and what is wrong with it.
    """
    try:
        return Profile.model_validate(dict(body))
    except ValidationError as error:
        raise InputError(f"选址任务有误：{explain(error)}。", "请按提示修改后重试。", fields=_keys(error)) from error


def read_profile(path: Path) -> Profile:
    """Return the profile of a JSON file.

    Raises
    ------
    InputError
        No such file, not JSON, or not a profile.
    """
    try:
        body = json.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise InputError(f"读不到文件 {path}。", "请检查路径。", file=str(path)) from error
    except ValueError as error:
        raise InputError(f"{path.name} 不是有效的 JSON：{error}。", "请修改后重试。", file=str(path)) from error
    if not isinstance(body, dict):
        raise InputError(f"{path.name} 不是一个 JSON 对象。", "请按 PROFILE 的格式书写。", file=str(path))
    return parse_profile(body)


def _keys(error: ValidationError) -> list[str]:
    return [".".join(map(str, e["loc"])) for e in error.errors()]


def explain(error: ValidationError) -> str:
    """Return the faults of a profile in one Chinese line."""
    faults = error.errors()
    inside = {fault["loc"][:1] for fault in faults if len(fault["loc"]) > 1}
    lines = []
    for fault in faults:
        if fault["type"] == "too_short" and fault["loc"] in inside:
            continue  # its items were refused, and are named
        where = ".".join(map(str, fault["loc"])) or "整体"
        lines.append(f"{where}：{_said(fault)}")
    return "；".join(lines)


def _said(fault: Mapping[str, Any]) -> str:
    """Return one fault in Chinese."""
    kind, context = str(fault["type"]), fault.get("ctx", {})
    if kind == "value_error":
        return str(fault["msg"]).removeprefix("Value error, ")
    if kind in _LIMITS:
        words, key = _LIMITS[kind]
        return words.format(context[key])
    if kind == "literal_error":
        return f"可用 {str(context['expected']).replace(' or ', '、').replace(', ', '、')}"
    return next((words for start, words in _KINDS.items() if kind.startswith(start)), "不能使用")


_LIMITS = {
    "greater_than_equal": ("应不小于 {}", "ge"), "greater_than": ("应大于 {}", "gt"),
    "less_than_equal": ("应不大于 {}", "le"), "less_than": ("应小于 {}", "lt"),
    "too_long": ("最多 {} 项", "max_length"), "too_short": ("至少要有 {} 项", "min_length"),
    "string_too_long": ("最多 {} 个字", "max_length"), "string_too_short": ("至少 {} 个字", "min_length"),
}  # fmt: skip
_KINDS = {
    "extra_forbidden": "不认识的键", "missing": "缺少这个键", "int": "应为整数", "float": "应为数字",
    "finite": "应为有限的数字", "string": "应为文字", "tuple": "应为数组", "list": "应为数组", "dict": "应为对象",
    "model": "应为对象", "bool": "应为 true 或 false",
}  # fmt: skip


@functools.cache
def presets() -> dict[str, Preset]:
    """Return the shipped presets: every TOML of ``layers/presets``.

    Raises
    ------
    CatalogueError
        Names the file and the fault.
    """
    found = {}
    for path in sorted(PRESETS_DIR.glob("*.toml")):
        try:
            raw = tomllib.loads(path.read_text(encoding="utf-8"))
            preset = Preset.model_validate({"id": path.stem, **raw})
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise CatalogueError(f"{path.name} 不是有效的 TOML：{error}。", "请修改该文件。", file=path.name) from error
        except ValidationError as error:
            raise CatalogueError(f"{path.name} 有误：{explain(error)}。", "请修改该文件。", file=path.name) from error
        found[path.stem] = preset
    return found
