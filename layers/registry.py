"""The catalogue: every layer and vocabulary, read from the folders that are the registry."""

from __future__ import annotations

import functools
import hashlib
import tomllib
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
        raise CatalogueError(
            f"{path.name} 不是有效的 TOML：{error}。", "请按报错的行号修改该文件。", file=path.name
        ) from error


def _explain(path: Path, error: ValidationError) -> CatalogueError:
    lines = []
    for item in error.errors():
        key = ".".join(str(part) for part in item["loc"]) or "（整个文件）"
        text = {"extra_forbidden": "不认识的键，请删除或改正拼写", "missing": "缺少这个键，请补上"}.get(
            item["type"], item["msg"].removeprefix("Value error, ")
        )
        lines.append(f"{key}：{text}")
    return CatalogueError(
        f"{path.name} 不合目录规范：{'；'.join(lines)}。", "请修改后重试。", file=path.name, keys=lines
    )


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
            raise _explain(path, error) from error
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
    ordered = dict(sorted(layers.items(), key=lambda kv: (kv[1].order, kv[0])))
    hashes = {f"layer:{k}": v for k, v in layer_hashes.items()}
    hashes |= {f"vocab:{k}": v for k, v in vocab_hashes.items()}
    return Catalogue(ordered, vocabularies, hashes)


@functools.cache
def catalogue() -> Catalogue:
    """Return the shipped catalogue, read once."""
    return load_catalogue()
