"""The map page's callbacks: each asks for its numbers at once and hands them to one pure function."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

from dash import Input, Output, html, no_update
from dash import State as Was
from dash.development.base_component import Component

from app.i18n import t
from app.pages import el
from app.pages.callbacks import Pages, guarded, on_slice
from app.pages.filters import filter_fields
from app.pages.format import quantity
from app.pages.map import card as cards
from app.pages.map import drawn, export_menu, filters_panel, layers_panel, model, rollup_panel, sketch, table
from app.pages.map.choropleth import Choropleth, colour_areas, colour_differences, difference
from app.pages.map.search import results
from app.pages.state import State
from app.pages.view import Histogram, LayerFacts, Rollup
from geo.errors import NotFoundError
from layers.registry import Catalogue
from layers.spec import Measure
from layers.store.slices import today


async def colours(cat: Catalogue, state: State, rollup: Rollup) -> Choropleth:
    """Class the areas by the state's measure and scheme, off the event loop."""
    _, measure = state.shown_measure(cat)
    how = quantity(measure, cat.layer(state.layer).noun)
    if state.since:
        return await asyncio.to_thread(colour_differences, rollup, how)
    return await asyncio.to_thread(colour_areas, rollup, how, state.scheme, state.k)


def area_title(cat: Catalogue, state: State, measure: Measure | None) -> str:
    """Return the name of the coloured counties' entry."""
    what = measure.title if measure is not None else t("rollup.count")
    if state.since:
        what = t("time.change", what=what, since=state.since.isoformat())
    return t("layers.area", axis=t(f"axis.{state.axis}"), layer=cat.layer(state.layer).title, measure=what)


async def by_area(pages: Pages, state: State) -> Rollup:
    """Return the shown measure by the axis, or its change since an earlier day."""
    measure_id, _ = state.shown_measure(pages.cat)
    layer = pages.cat.layer(state.layer)
    if state.since is None:
        return await pages.source.rollup(state, layer, measure_id)
    days = (state, state.but(as_of=state.since))
    now, before = await asyncio.gather(*(pages.source.rollup(day, layer, measure_id) for day in days))
    return difference(now, before)


async def layers(pages: Pages, state: State) -> Any:
    """Fill the list of layers."""
    cat, source = pages.cat, pages.source
    on = state.visible(cat)
    active = cat.layer(state.layer)
    shown = [cat.layers[x] for x in on if state.conditions_on(x) or state.areas or x == state.layer]
    # what is drawn is a matter of where things lie, whichever axis is summed over
    lying = state if state.areas else replace(state, axis="county")
    facts, areas, counts, *filtered = await asyncio.gather(
        source.layers(state),
        by_area(pages, state),
        source.counts(state, active, active.style.color_by, own=True)
        if active.style.color_by
        else asyncio.sleep(0, {}),
        *(source.rollup(lying, x, areas=True) for x in shown),
    )
    found = {x.id: r for x, r in zip(shown, filtered, strict=True)}
    _, measure = state.shown_measure(cat)
    coloured = await colours(cat, state, areas) if state.axis == "county" else None
    entries = [layers_panel.area_entry(state, area_title(cat, state, measure), coloured, areas, cat)]
    for x in state.order_of(cat):
        own = facts.get(x, LayerFacts(x))
        entries.append(layers_panel.layer_entry(cat, state, cat.layers[x], own, found.get(x), counts, today()))
    return entries, layers_panel.panel_head(cat, state)


async def filters(pages: Pages, state: State) -> Any:
    """Fill the filters of the active layer."""
    cat, source = pages.cat, pages.source
    layer = cat.layer(state.layer)
    fields = filter_fields(layer)
    terms = [f for f in fields if f.is_categorical or f.type == "boolean"]
    numbers = [f for f in fields if f.is_number]
    facts, areas, *rest = await asyncio.gather(
        source.layers(state),
        source.rollup(state, layer),
        *(source.counts(state, layer, f.id) for f in terms),
        *(source.histogram(state, layer, f.id) for f in numbers),
    )
    counts: dict[str, dict[str, int]] = dict(zip((f.id for f in terms), rest[: len(terms)], strict=True))
    histograms: dict[str, Histogram] = dict(zip((f.id for f in numbers), rest[len(terms) :], strict=True))
    own = facts.get(layer.id, LayerFacts(layer.id))
    body = filters_panel.filters_panel(cat, state, counts, histograms, areas.rows, own.n_demo)
    n = filters_panel.n_filters(state)
    head = [
        html.Span(t("filter.head", layer=layer.title, n=n) if n else layer.title, className="cap"),
        el.spacer(),
        filters_panel.clear_button(state),
    ]
    names = {a.code: a.name for a in areas.rows}
    return body, head, filters_panel.condition_chips(cat, state, names)


async def side(pages: Pages, state: State) -> Any:
    """Fill the right panel with the card of what is selected, else with the rollup."""
    if state.selected is None:
        if state.draw or state.near:
            return await drawn.panel(pages, state)
        return await _rollup_side(pages, state)
    try:
        card = await pages.source.card(state, *state.selected)
    except NotFoundError as error:
        back = el.link(t("card.back"), state.but(selected=None).url(), "btn sm")
        return [el.empty(error.message, back)], _card_head(state, t("card.gone"))
    return cards.card_panel(pages.cat, state, card), _card_head(state, pages.cat.layer(card.layer).title)


def _card_head(state: State, title: str) -> list[Any]:
    back = el.icon_button("left", t("card.back"), "ib sm", **el.op(("set", "sel", "")))
    close = el.icon_button("close", t("card.close"), "ib sm", **el.op(("set", "sel", "")))
    del state
    return [back, html.Span(t("card.path", layer=title), className="cap"), el.spacer(), close]


async def _rollup_side(pages: Pages, state: State) -> Any:
    cat, source = pages.cat, pages.source
    layer = cat.layer(state.layer)
    measure_id, _ = state.shown_measure(cat)
    main = rollup_panel.main_terms(layer)
    rollup, facts, counts = await asyncio.gather(
        source.rollup(state, layer, measure_id, state.by),
        source.layers(state),
        source.counts(state, layer, main, own=True) if main else asyncio.sleep(0, {}),
    )
    body = rollup_panel.rollup_panel(cat, state, rollup, facts.get(layer.id, LayerFacts(layer.id)), counts)
    head = [
        html.H2(t("rollup.title")),
        html.Span(t("rollup.follows"), className="cap"),
        el.spacer(),
        export_menu.export_menu(cat, state),
    ]
    return body, head


async def rows(pages: Pages, state: State, shown: str | None, box: list[float] | None) -> Any:
    """Fill the table; its columns change only with the layer."""
    cat, source = pages.cat, pages.source
    layer = cat.layer(state.table_layer)
    view = (box[0], box[1], box[2], box[3]) if state.follow and box and len(box) == 4 else None
    sums = table.summed_fields(layer)
    others = [cat.layers[x] for x in dict.fromkeys((*state.visible(cat), state.layer)) if x != layer.id]
    found, own, *rest = await asyncio.gather(
        source.table(state, layer, table.MOST_ROWS, view),
        source.rollup(state, layer, areas=True),
        *(source.rollup(state, layer, f"sum_{x}", areas=True) for x in sums),
        *(source.rollup(state, x, areas=True) for x in others),
    )
    totals = list(zip(sums, rest[: len(sums)], strict=True))
    counts = {layer.id: own.total.n} | {x.id: r.total.n for x, r in zip(others, rest[len(sums) :], strict=True)}
    return (
        table.grid_rows(cat, layer, found),
        no_update if shown == layer.id else table.columns(cat, layer),
        table.tabs(cat, state, counts),
        table.footer(layer, len(found.rows), found.n, totals, view is not None, _way_on(state, view is not None)),
        layer.id,
        export_menu.rows_url(state, layer),
        "chip on" if state.follow else "chip",
    )


def _way_on(state: State, follow: bool) -> Component:
    """Return what leads out of an empty table: the whole city again, or as out of an empty layer."""
    if follow:
        return el.button(t("table.whole"), "btn sm", **el.op(("set", "follow", "")))
    return rollup_panel.way_on(state)


async def map_model(pages: Pages, state: State) -> Any:
    """Make the map's model."""
    cat = pages.cat
    chosen = None
    if state.choropleth and state.axis == "county":
        rollup = await by_area(pages, state)
        _, measure = state.shown_measure(cat)
        how = quantity(measure, cat.layer(state.layer).noun)
        title = area_title(cat, state, measure)
        chosen = model.choropleth_model(state, title, how.unit, await colours(cat, state, rollup))
    made = model.map_model(cat, state, chosen)
    made["overlays"]["outlines"] = await drawn.outlines(pages, state)
    return made


def register(pages: Pages) -> None:
    """Register the map page's callbacks."""
    on_slice(pages, "layers", [Output("layers-list", "children"), Output("layers-head", "children")], layers)
    on_slice(
        pages, "filters",
        [Output("filters-body", "children"), Output("filters-head", "children"), Output("map-chips", "children")],
        filters,
    )  # fmt: skip
    on_slice(pages, "side", [Output("side-body", "children"), Output("side-head", "children")], side)
    on_slice(pages, "model", [Output("map-model", "data")], map_model)
    on_slice(
        pages, "table",
        [
            Output("grid", "rowData"), Output("grid", "columnDefs"), Output("tabs", "children"),
            Output("table-foot", "children"), Output("grid-layer", "data"), Output("rows-xlsx", "href"),
            Output("follow", "className"),
        ],
        rows, Was("grid-layer", "data"), Was("map-box-bounds", "data"),
    )  # fmt: skip
    register_search(pages)
    sketch.register(pages)


def register_search(pages: Pages) -> None:
    """Register the search of the header."""

    async def search(text: str | None, address: str | None) -> Any:
        asked = (text or "").strip()
        if not asked:
            return []
        found = await pages.source.search(asked)
        return results(pages.cat, pages.state(address or "/"), asked, found)

    pages.app.callback(
        Output("search-results", "children"),
        Input("search-text", "data"),
        Was("address", "data"),
        prevent_initial_call=True,
    )(guarded(search, 1))
