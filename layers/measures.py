"""Measures that need no declaration: any field's mean, any event's count, any sum per km², by their names."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from layers.spec import Layer, Measure

if TYPE_CHECKING:
    from layers.registry import Catalogue

Plain = Literal["mean", "median", "min", "max"]
PLAIN: dict[Plain, str] = {"mean": "平均{}", "median": "{}中位数", "min": "最小{}", "max": "最大{}"}
PER_KM2, AREA_SHARE = "_per_km2", "area_pct"
FORMS = (
    "mean_、median_、min_、max_ 加数字字段；n_per_km2、sum_字段_per_km2、area_pct；"
    "events:事件、stock:事件（可再加 :级别）；conversion:阶段:后一阶段"
)


def derive(cat: Catalogue, layer: Layer, name: str) -> Measure | None:
    """Return the measure that a name means, or None.

    Parameters
    ----------
    name : str
        ``mean_``, ``median_``, ``min_`` or ``max_`` and a number of the layer; ``n_per_km2``, ``sum_…_per_km2``;
        ``area_pct`` (per cent of the area it lies in); ``events:TYPE[:LEVEL]`` (this year),
        ``stock:TYPE[:LEVEL]`` (on the day); ``conversion:STAGE:LATER STAGE`` (per cent).
    """
    if ":" in name:
        return _of_events(cat, layer, name)
    if name == AREA_SHARE:
        title = "占区域面积比重"
        made = Measure(id=name, title=title, aggregate="density", field="area_m2", unit="%", display_unit="%")
        return made if layer.has_area else None
    if name.endswith(PER_KM2):
        return _per_km2(cat, layer, name)
    for kind, title in PLAIN.items():
        spec = layer.field(name.removeprefix(f"{kind}_")) if name.startswith(f"{kind}_") else None
        if spec is not None and spec.is_number:
            shown = spec.display_unit or spec.unit
            return Measure(
                id=name, title=title.format(spec.title), aggregate=kind, field=spec.id, unit=spec.unit,
                display_unit=shown,
            )  # fmt: skip
    return None


def _per_km2(cat: Catalogue, layer: Layer, name: str) -> Measure | None:
    base = name.removesuffix(PER_KM2)
    if base == "n":
        unit = f"{layer.noun}/km²"
        return Measure(id=name, title="每平方公里数量", aggregate="density", unit=unit, display_unit=unit)
    summed = next((m for m in cat.measures(layer) if m.id == base and m.aggregate == "sum" and m.field), None)
    if summed is None:
        return None
    return Measure(
        id=name, title=f"每平方公里{summed.title}", aggregate="density", field=summed.field,
        unit=f"{summed.unit}/km²", display_unit=f"{summed.display_unit or summed.unit}/km²",
    )  # fmt: skip


def _of_events(cat: Catalogue, layer: Layer, name: str) -> Measure | None:
    kind, event, *rest = name.split(":")
    group = layer.group_of(event)
    if group is None or len(rest) > 1:
        return None
    last = rest[0] if rest else ""
    if kind == "conversion" and group.ordered and not group.levels and last in group.types:
        if group.types.index(event) < group.types.index(last):
            title = f"{event}到{last}转化率"
            return Measure(
                id=name, title=title, aggregate="conversion", event=event, then=last, unit="%", display_unit="%"
            )
        return None
    if kind not in ("events", "stock"):
        return None
    if last and (not group.levels or last not in cat.vocabularies[group.levels].terms):
        return None
    title = f"本年{event}{last}" if kind == "events" else f"已{event}{last}" if group.ordered else f"{event}{last}存量"
    aggregate: Literal["events", "stock"] = "events" if kind == "events" else "stock"
    unit = layer.noun
    return Measure(id=name, title=title, aggregate=aggregate, event=event, level=last, unit=unit, display_unit=unit)
