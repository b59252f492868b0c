"""The catalogue: every layer and vocabulary, read from the folders that are the registry."""

from __future__ import annotations

import functools
import hashlib
import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from pydantic import ValidationError

from geo.errors import CatalogueError, NotFoundError
from layers.measures import derive
from layers.spec import FieldSpec, Layer, Measure, Vocabulary

M = TypeVar("M", Layer, Vocabulary)

HERE = Path(__file__).parent
CATALOG_DIR = HERE / "catalog"
VOCAB_DIR = HERE / "vocab"


_TERM = re.compile(r"^\s*(?:\{\s*)?value\s*=\s*\"([^\"]+)\"", re.MULTILINE)


def term_lines(vocabulary: str) -> dict[str, int]:
    """Return the line of a vocabulary's file on which each of its terms stands, from 1."""
    text = (VOCAB_DIR / f"{vocabulary}.toml").read_text(encoding="utf-8")
    return {found.group(1): text.count("\n", 0, found.start(1)) + 1 for found in _TERM.finditer(text)}


@dataclass(frozen=True)
class Catalogue:
    """All layers and vocabularies, validated against each other."""

    layers: dict[str, Layer]
    vocabularies: dict[str, Vocabulary]
    hashes: dict[str, str] = field(default_factory=dict)

    def layer(self, layer_id: str) -> Layer:
        """Return a layer, or raise ``NotFoundError`` naming the layers there are."""
        try:
            return self.layers[layer_id]
        except KeyError:
            known = "、".join(self.layers)
            raise NotFoundError(f"没有图层“{layer_id}”。", f"现有图层：{known}。", layer=layer_id) from None

    def terms(self, spec: FieldSpec) -> tuple[str, ...]:
        """Return the terms a categorical field may hold, in their order."""
        if spec.vocabulary:
            return self.vocabularies[spec.vocabulary].terms
        return spec.values

    def measures(self, layer: Layer) -> tuple[Measure, ...]:
        """Return the listed measures of a layer but ``n``: sums of extensive fields and figures, area, declared ones.

        More can be had by name, see :func:`layers.measures.derive`.
        """
        found = [
            Measure(
                id=f"sum_{f.id}", title=f.title, aggregate="sum", field=f.id,
                unit=f.unit, display_unit=f.display_unit or f.unit,
            )
            for f in layer.fields
            if f.role == "extensive"
        ]  # fmt: skip
        found += [
            Measure(
                id=f"sum_{f.id}", title=f.title, aggregate="sum", field=f.id,
                unit=f.unit, display_unit=f.display_unit or f.unit,
            )
            for f in layer.figures
            if f.role == "extensive" and layer.field(f.id) is None
        ]  # fmt: skip
        if layer.has_area:
            found.append(Measure(id="area_m2", title="面积", aggregate="sum", unit="m²", display_unit="km²"))
        return (*found, *layer.measures)

    def measure(self, layer: Layer, measure_id: str) -> Measure | None:
        """Return a measure by id; None stands for the count ``n``."""
        if measure_id == "n":
            return None
        for measure in self.measures(layer):
            if measure.id == measure_id:
                return measure
        made = derive(self, layer, measure_id)
        if made is not None:
            return made
        known = "、".join(["n", *(m.id for m in self.measures(layer))])
        raise NotFoundError(f"图层“{layer.title}”没有指标“{measure_id}”。", f"可用指标：{known}。", measure=measure_id)


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        at = re.search(r"line (\d+), column (\d+)", str(error))
        where = f"第 {at[1]} 行第 {at[2]} 列附近写法不对" if at else "请检查引号、括号是否成对，编码是否为 UTF-8"
        raise CatalogueError(
            f"{path.name} 不是有效的 TOML：{where}。", "请按行号修改该文件。", file=path.name
        ) from error


# What is wrong with a value, by the checker's name of the fault; a name that ends in a star begins so.
FAULTS = {
    "extra_forbidden": "不认识的键，请删除或改正拼写",
    "missing": "缺少这个键，请补上",
    "string_type": "应为文字，请加引号",
    "string_pattern_mismatch": "只能用小写英文字母、数字和下划线，以字母开头，至多 51 个字符",
    "int*": "应为整数，不加引号",
    "float*": "应为数字，不加引号",
    "bool*": "应为 true 或 false，不加引号",
    "tuple_type": "应为列表，请写在方括号里",
    "dict_type": "应为一节表，例如 [style]",
    "model_type": "应为一节表，例如 [style]；多项用 [[fields]] 这样的双方括号",
    "too_short": "至少要有一项",
}


def _fault(item: Mapping[str, Any]) -> str:
    kind = item["type"]
    if kind == "value_error":
        return str(item["msg"]).removeprefix("Value error, ")
    if kind == "literal_error":
        return f"只能是 {item['ctx']['expected'].replace(' or ', '、').replace(', ', '、')} 之一"
    found = FAULTS.get(kind) or next((v for k, v in FAULTS.items() if k.endswith("*") and kind.startswith(k[:-1])), "")
    return found or "这个值不能用"


def _explain(path: Path, raw: Mapping[str, Any], error: ValidationError) -> CatalogueError:
    lines = []
    for item in error.errors():
        key = ".".join(_part(raw, item["loc"][:i], part) for i, part in enumerate(item["loc"])) or "（整个文件）"
        given = item["input"]
        shown = (
            f"（现在是 {given!r}）" if isinstance(given, (str, int, float, bool)) and item["type"] != "missing" else ""
        )
        lines.append(f"{key}：{_fault(item)}{shown}")
    return CatalogueError(
        f"{path.name} 不合目录规范：{'；'.join(lines)}。", "请修改后重试。", file=path.name, keys=lines
    )


def _part(raw: Any, path: Sequence[int | str], part: int | str) -> str:
    """Return a key as a person finds it in the file: of a list's item its id or term, else its number from 1."""
    for step in path:
        try:
            raw = raw[step]
        except (KeyError, IndexError, TypeError):
            return str(part)
    if isinstance(part, str):
        return part
    item = raw[part] if isinstance(raw, list) and part < len(raw) else None
    name = (item.get("id") or item.get("value")) if isinstance(item, dict) else None
    return str(name) if isinstance(name, str) and name else f"第 {part + 1} 项"


def _load_all(folder: Path, model: type[M]) -> tuple[dict[str, M], dict[str, str]]:
    found: dict[str, M] = {}
    hashes: dict[str, str] = {}
    for path in sorted(folder.glob("*.toml")):
        raw = _read(path)
        if "issue" in raw:  # issue_types.toml is a table of its own kind
            continue
        raw.setdefault("id", path.stem)
        try:
            item = model.model_validate(raw)
        except ValidationError as error:
            raise _explain(path, raw, error) from error
        if item.id != path.stem:
            raise CatalogueError(f"{path.name} 的 id 是“{item.id}”，与文件名不一致。", "请让两者相同。", file=path.name)
        found[item.id] = item
        hashes[item.id] = hashlib.sha256(path.read_bytes()).hexdigest()
    return found, hashes


def load_catalogue(catalog_dir: Path = CATALOG_DIR, vocab_dir: Path = VOCAB_DIR) -> Catalogue:
    """Read and validate every layer and vocabulary.

    Raises
    ------
    CatalogueError
        Names the file, the key and the cure.
    """
    vocabularies, vocab_hashes = _load_all(vocab_dir, Vocabulary)
    layers, layer_hashes = _load_all(catalog_dir, Layer)
    for layer in layers.values():
        wanted = [(f"fields.{f.id}.vocabulary", f.vocabulary) for f in layer.fields if f.vocabulary]
        wanted += [(f"events.{e.id}.levels", e.levels) for e in layer.events if e.levels]
        for where, name in wanted:
            if name not in vocabularies:
                raise CatalogueError(
                    f"{layer.id}.toml 的 {where} 指向词表“{name}”，但 layers/vocab 里没有它。",
                    f"现有词表：{'、'.join(vocabularies)}。",
                    file=f"{layer.id}.toml",
                )
        for group in layer.events:
            spec = layer.field(group.field) if group.field and not group.levels else None
            terms = vocabularies[spec.vocabulary].terms if spec and spec.vocabulary else spec.values if spec else ()
            if spec is not None and terms and (strange := [x for x in group.types if x not in terms]):
                raise CatalogueError(
                    f"{layer.id}.toml 的 events.{group.id}.types 有“{'、'.join(strange)}”，"
                    f"但承接它的字段“{spec.id}”没有这个值。",
                    f"请写成 {'、'.join(terms)} 之一，或把它加进词表。",
                    file=f"{layer.id}.toml",
                )
    ordered = dict(sorted(layers.items(), key=lambda kv: (kv[1].order, kv[0])))
    hashes = {f"layer:{k}": v for k, v in layer_hashes.items()}
    hashes |= {f"vocab:{k}": v for k, v in vocab_hashes.items()}
    return Catalogue(ordered, vocabularies, hashes)


@functools.cache
def catalogue() -> Catalogue:
    """Return the shipped catalogue, read once."""
    return load_catalogue()
