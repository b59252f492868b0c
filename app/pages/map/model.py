"""The model of the map canvas: which layers with which style, the coloured counties, what is selected."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from app.i18n import LANGUAGE, t
from app.pages.filters import NONE
from app.pages.format import quantity
from app.pages.map.choropleth import Choropleth
from app.pages.state import State, mapped_layers
from layers.registry import Catalogue
from layers.spec import Layer
from layers.store.cell_terms import term_field

PIN_SHAPES = ("circle", "square", "triangle", "diamond")
PIN_SIGNS = ("●", "■", "▲", "◆")


MOST_FEATURES = 10_000  # above this the map draws vector tiles


def drawn_query(state: State, layer: Layer) -> dict[str, str]:
    """Return what the map asks of a layer: the state's filter, date and demo switch.

    A choice of the terms that colour the layer is left to the map, which has them with every thing and cell.
    """
    kept = only_terms(state, layer)
    filtered = state.but(conditions=tuple(c for c in state.conditions if kept is None or c.field != kept["field"]))
    text = (state if kept is None else filtered).filter_of(layer)
    asked = {"filter": text, "as_of": state.as_of.isoformat() if state.as_of else ""}
    return {k: v for k, v in asked.items() if v} | {"demo": "1" if state.demo else "0"}


def only_terms(state: State, layer: Layer) -> dict[str, Any] | None:
    """Return the chosen terms of the field that colours a layer, None where nothing or "no value" is chosen."""
    for condition in state.conditions_on(layer.id):
        if condition.field == term_field(layer) and condition.terms and NONE not in condition.terms:
            return {"field": condition.field, "terms": list(condition.terms)}
    return None


def features_url(state: State, layer: Layer) -> str:
    """Return the address of a layer's things, which says so when they are too many for GeoJSON."""
    return f"/api/v1/features/{layer.id}?{urlencode(drawn_query(state, layer) | {'most': MOST_FEATURES})}"


def tiles_url(state: State, layer: Layer) -> str:
    """Return the address of a layer's tiles, with places for zoom, column and row."""
    return f"/tiles/{layer.id}/{{z}}/{{x}}/{{y}}.mvt?{urlencode(drawn_query(state, layer))}"


def before(state: State, layer: Layer) -> dict[str, str]:
    """Return where the layer's things of the earlier day are: the map shows what is new and what is gone."""
    earlier = state.but(as_of=state.since, since=None)
    return {"url": features_url(earlier, layer), "tiles": tiles_url(earlier, layer)}


def style_of(cat: Catalogue, layer: Layer) -> dict[str, Any]:
    """Return a layer's style with the colours, icons and levels of its vocabularies spelled out."""
    style = layer.style.model_dump()
    coloured = layer.field(layer.style.color_by) if layer.style.color_by else None
    if coloured is not None and coloured.vocabulary:
        values = cat.vocabularies[coloured.vocabulary].values
        style["colors"] = {v.value: v.color for v in values if v.color}
        style["terms"] = [v.value for v in values]
        style["icons"] = {v.value: v.icon for v in values if v.icon} | layer.style.icons
        style["icon_by"] = layer.style.color_by
    fields = [*layer.style.pips, layer.style.line_by, layer.style.ring_by]
    specs = [layer.field(name) for name in fields if name]
    style["levels"] = {s.id: list(cat.terms(s)) for s in specs if s is not None and s.is_categorical}
    return style


def hover_fields(layer: Layer) -> list[dict[str, Any]]:
    """Return what the tooltip shows of a layer's things."""
    found = []
    for spec in layer.fields:
        if spec.hover and not spec.internal:
            item: dict[str, Any] = {"id": spec.id, "title": spec.title}
            if spec.is_number:
                how = quantity(spec)
                item |= {"unit": how.unit, "factor": how.factor, "digits": how.digits}
            found.append(item)
    return found


def layer_model(cat: Catalogue, state: State, layer: Layer, visible: bool) -> dict[str, Any]:
    """Return one layer of the map's model."""
    return {
        "id": layer.id,
        "title": layer.title,
        "visible": visible,
        "opacity": state.opacity_of(layer.id) / 100,
        "url": features_url(state, layer),
        "tiles": tiles_url(state, layer),
        "only": only_terms(state, layer),
        "heat": layer.id in state.heat,
        "before": before(state, layer) if state.since and layer.id == state.layer else None,
        "style": style_of(cat, layer),
        "hover": hover_fields(layer),
        "dim": None,
    }


def choropleth_model(state: State, title: str, unit: str, areas: Choropleth) -> dict[str, Any]:
    """Return the coloured counties of the map's model."""
    return {
        "url": "/api/v1/areas/county",
        "title": title,
        "unit": unit,
        "opacity": state.opacity_of("area") / 100,
        "classes": areas.index,
        "colors": list(areas.tokens),
        "values": areas.texts,
        "selected": list(state.areas),
    }


def map_model(cat: Catalogue, state: State, choropleth: dict[str, Any] | None) -> dict[str, Any]:
    """Return the whole model for ``yuantu.setModel``."""
    on = set(state.visible(cat))
    shown = [cat.layers[x] for x in state.order_of(cat) if x in mapped_layers(cat)]
    pins = {
        code: {"shape": PIN_SHAPES[i % len(PIN_SHAPES)], "color": f"v{i % 8 + 1}"} for i, code in enumerate(state.pins)
    }
    return {
        "lang": LANGUAGE,
        "layers": [layer_model(cat, state, layer, True) for layer in shown if layer.id in on],
        "choropleth": choropleth,
        "overlays": {"pins": pins},
        "selected": {"layer": state.selected[0], "id": int(state.selected[1])} if state.selected else None,
        "basemap": {"url": "/api/v1/basemap"},
        "attribution": t("map.attribution"),
    }
