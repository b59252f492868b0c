"""The comparison as a report for Word or PowerPoint: findings, picture, map, every measure in full, what it is."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from app.export.document import Chapter, Document, Grid, marking_of
from app.i18n import t
from app.pages.compare.book import facts
from app.pages.compare.findings import told_findings
from app.pages.compare.model import APART_CODES, REST, Column, Scene
from app.pages.compare.words import percent, signed, told, with_unit
from app.pages.format import DASH, day, number, share
from app.pages.state import State
from app.pages.view import LayerFacts
from layers.registry import Catalogue
from layers.store.slices import today


def order_of(state: State) -> dict[str, Any]:
    """Return what a report of an address is ordered with; the day is apart, so that it can be left open."""
    bare = state.but(page="/compare", as_of=None, drill=None, report=(), extras=())
    return {"query": bare.query()} | ({"as_of": state.as_of.isoformat()} if state.as_of else {})


def map_recipe(scene: Scene, known_at: str) -> dict[str, Any]:
    """Return the recipe of the map beside the comparison: the areas shaded by the main measure."""
    state, main = scene.state, scene.main
    text = state.filter_of(main.layer, areas=False)
    return {
        "version": 1, "family": "choropleth", "layers": [{"id": main.layer.id, "filter": text, "features": False}],
        "layer": main.layer.id, "measure": main.measure_id, "by": state.axis, "as_of": scene.day.isoformat(),
        "known_at": known_at, "title": main.title[:60], "demo": state.demo, "leave_out": ["table", "headline"],
    }  # fmt: skip


def document_of(
    cat: Catalogue, scene: Scene, held: Mapping[str, LayerFacts], order: Mapping[str, Any], *, known_at: str,
    picture: bytes, area_map: bytes,
) -> Document:  # fmt: skip
    """Return the report; every number is that of the page.

    Parameters
    ----------
    held : mapping of str to LayerFacts
        Counts and dates of the layers compared.
    order : dict
        What it was ordered with (:func:`order_of` with ``title`` and ``map_approval_no``).
    picture, area_map : bytes
        PNG of bars and courses, and of the areas; empty leaves one out.
    """
    title = str(order.get("title") or "").strip() or t("compare.r_title", measure=scene.main.title)
    has_demo = scene.state.demo and any(held[c.layer.id].n_demo for c in scene.columns if c.layer.id in held)
    chapters = [Chapter(t("compare.findings"), told_findings(scene), picture=picture)]
    if area_map:
        chapters.append(Chapter(t("compare.r_map", measure=scene.main.title), picture=area_map))
    chapters += [Chapter(with_unit(c.title, c.how.unit), grid=_grid(scene, c)) for c in scene.columns]
    axis, until = t(f"axis.{scene.state.axis}"), day(scene.day)
    recipe = {k: v for k, v in order.items() if v} | {"kind": "compare", "known_at": known_at}
    return Document(
        title=title, subtitle=t("compare.r_subtitle", axis=axis, day=until),
        marking=marking_of(str(order.get("map_approval_no") or "")), has_demo=has_demo, chapters=tuple(chapters),
        about=tuple(t("compare.r_fact", name=name, text=text) for name, text in facts(cat, scene)),
        recipe=json.dumps(recipe, ensure_ascii=False), made=day(today()),
        figures=json.dumps(_figures(scene, held, title), ensure_ascii=False),
    )  # fmt: skip


def _rows(scene: Scene) -> list[tuple[str, str]]:
    found = [(r.code, r.name) for r in scene.order()]
    if len(scene.codes) < len(scene.all_areas):
        found.append((REST, t("compare.rest", n=len(scene.all_areas) - len(scene.codes))))
    return [*found, *((c, scene.main.row(c).name) for c in APART_CODES)]


def _grid(scene: Scene, column: Column) -> Grid:
    """A measure in full: value, rank, share, the other day, the change, per km²; a dash where there is none."""
    heads = [t(f"axis.{scene.state.axis}"), column.name, t("compare.h_rank")]
    heads += [t("compare.h_share")] if column.additive else []
    heads += [day(scene.versus), t("compare.r_change"), t("compare.r_pct")] if column.before else []
    heads += [t("compare.h_area", unit=column.how.unit)] if column.per_area else []
    ranks, total = column.ranks(scene.codes), column.rollup.total.value
    rest = [r.code for r in scene.all_areas if r.code not in scene.codes]
    rows = []
    for code, name in _rows(scene):
        value, was, each = _values(column, rest if code == REST else [code])
        change = None if value is None or was is None else value - was
        cells = [name, column.how.text(value), str(ranks[code]) if code in ranks else DASH]
        cells += [share(value, total)] if column.additive else []
        cells += [column.how.text(was), signed(column, change), percent(change, was)] if column.before else []
        cells += [number(each, 2, column.how.factor)] if column.per_area else []
        rows.append(tuple(cells))
    return Grid(tuple(heads), tuple(rows), has_total=True)


def _values(column: Column, codes: list[str]) -> tuple[float | None, float | None, float | None]:
    """Return value, earlier value and value per km² of an area, or the first two added up over several."""
    if len(codes) == 1:
        code = codes[0]
        each = None if code in ("outside", "unlocated") else column.per_area.get(code)
        return column.row(code).value, column.before.get(code), each
    if not column.additive:
        return None, None, None
    now = [v for c in codes if (v := column.row(c).value) is not None]
    was = [v for c in codes if (v := column.before.get(c)) is not None]
    return (sum(now) if now else None, sum(was) if was else None, None)


def _figures(scene: Scene, held: Mapping[str, LayerFacts], title: str) -> dict[str, Any]:
    """Return every number in stored units (the other measures as shown), so that two reports can be compared."""
    main = scene.main
    rows = [main.row(c) for c, _ in _rows(scene) if c != REST]
    others = {
        f"{c.title} {c.row(code).name}": [told(c, c.row(code).value)]
        for c in scene.columns[1:]
        for code, _ in _rows(scene)
        if code != REST
    }
    layers = {c.layer.id: c.layer.title for c in scene.columns}
    return {
        "title": title, "as_of": day(scene.day), "measure": main.title, "unit": main.how.unit,
        "factor": main.how.factor, "digits": main.how.digits, "targets": others,
        "rows": [[r.code or "total", r.name, r.value, r.n] for r in rows],
        "before": [[r.code or "total", r.name, main.before.get(r.code), 0] for r in rows] if main.before else [],
        "layers": [
            {"id": k, "title": name, "n": held[k].n, "n_demo": held[k].n_demo, "data_date": day(held[k].data_date)}
            for k, name in layers.items()
            if k in held
        ],
    }  # fmt: skip
