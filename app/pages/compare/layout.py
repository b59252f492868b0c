"""The frame of the page and its callback."""

from __future__ import annotations

import asyncio
from typing import Any

from dash import Output, html
from dash.development.base_component import Component

from app.i18n import t
from app.pages import el
from app.pages.callbacks import Pages, on_slice
from app.pages.compare.area_map import area_map
from app.pages.compare.charts import bars, multiples
from app.pages.compare.drill import drill
from app.pages.compare.findings import findings
from app.pages.compare.head import head, plain_head
from app.pages.compare.model import Scene, gather
from app.pages.compare.table import table
from app.pages.lists.axes import axes_body, gather_axes
from app.pages.lists.model import gather_lists
from app.pages.lists.view import body as lists_body
from app.pages.state import State


def page() -> Component:
    """Return the page's frame."""
    body = el.painted("compare-body", "cmp")
    return html.Div([html.Div(id="compare-head", className="cmp-head"), body], id="page-compare", className="page")


def compare_body(scene: Scene, rows: Component | None = None) -> list[Component | None]:
    """Return the map and the sentences beside bars, small multiples, the table and the chosen rows."""
    note = html.P(t("rollup.note_sum", n=len(scene.all_areas), areas=t(f"axis.{scene.state.axis}")), className="cap")
    side = html.Section([area_map(scene), findings(scene)], className="cside")
    top = html.Div([bars(scene), multiples(scene)], className="ctop")
    main = html.Div([rows, top, table(scene), note, unsized(scene)], className="cbody")
    return [html.Div([side, main], className="cg")]


def unsized(scene: Scene) -> Component | None:
    """Return why some areas have no density, in words that need no pointer; None where all have one."""
    dense = [c for c in scene.columns if c.measure is not None and c.measure.aggregate == "density"]
    names = [r.name for r in scene.order() if any(c.row(r.code).value is None and c.row(r.code).n for c in dense)]
    if not names:
        return None
    areas = t("compare.every") if len(names) == len(scene.codes) else t("list.comma").join(names)
    return html.P(t("compare.no_size_of", areas=areas), className="cap")


def register(pages: Pages) -> None:
    """Register the page's callback."""

    async def fill(where: Pages, state: State) -> Any:
        if state.extra("view") == "lists":
            lists = await gather_lists(where.source, state)
            return lists_body(where.cat, lists), plain_head(where.cat, state)
        if state.extra("view") == "axes":
            return axes_body(where.cat, await gather_axes(where.source, state)), plain_head(where.cat, state)
        scene, rows = await asyncio.gather(gather(where.source, state), drill(where.source, state))
        return compare_body(scene, rows), head(where.cat, scene)

    on_slice(pages, "compare", [Output("compare-body", "children"), Output("compare-head", "children")], fill)
