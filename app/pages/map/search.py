"""The header's search: what was found, each a link that selects it on the map."""

from __future__ import annotations

from collections.abc import Sequence

from dash import html
from dash.development.base_component import Component

from app.i18n import t
from app.pages import el
from app.pages.state import State
from app.pages.view import Found
from layers.registry import Catalogue


def results(cat: Catalogue, state: State, asked: str, found: Sequence[Found]) -> list[Component]:
    """Return the list of results, or a sentence that says what can be searched for."""
    known = [x for x in found if x.layer in cat.layers]
    if not known:
        return [html.Div(t("search.none", text=asked), className="empty")]
    items: list[Component] = []
    for x in known:
        layer = cat.layers[x.layer]
        on = state.visible(cat)
        shown = state.but(selected=(x.layer, x.id), page="/", view=None)
        if x.layer not in on and x.layer != "boundary":
            shown = shown.but(on=(*on, x.layer))
        items.append(
            html.A(
                [
                    el.symbol(layer.style),
                    html.Span(x.name, className="ell"),
                    el.demo_tag() if x.is_demo else None,
                    el.spacer(),
                    html.Span(t("list.dot").join((layer.title, x.matched)), className="cap"),
                ],
                href=shown.url(),
                role="option",
                **{"data-fly-to": f"{x.lon},{x.lat}" if x.lon is not None else ""},
            )
        )
    return items
