"""The header's search: what was found, each a link that selects it on the map."""

from __future__ import annotations

from collections.abc import Sequence

from dash import html
from dash.development.base_component import Component

from app.i18n import t
from app.pages import el
from app.pages.state import AXES, State
from app.pages.view import Found
from layers.registry import Catalogue

PLACE = "place"


def there(cat: Catalogue, state: State, found: Found) -> State:
    """Return the state that shows a result: its card with its rows, or the area's rows."""
    state = state.but(page="/", view=None)
    if found.layer == PLACE:
        axis = found.kind if found.kind in AXES else "county"
        code = found.id if found.kind in AXES else found.county
        return state.but(selected=None, axis=axis, areas=(code,) if code else ())
    on = state.visible(cat)
    return state.but(
        selected=(found.layer, found.id),
        tab="" if found.layer == state.layer else found.layer,
        on=state.on if found.layer in on else (*on, found.layer),
    )


def results(cat: Catalogue, state: State, asked: str, found: Sequence[Found]) -> list[Component]:
    """Return the list of results, or a sentence that says what can be searched for."""
    known = [x for x in found if x.layer in cat.layers or x.layer == PLACE]
    if not known:
        return [html.Div(t("search.none", text=asked), className="empty")]
    items: list[Component] = []
    for x in known:
        layer = cat.layers.get(x.layer)
        title = layer.title if layer is not None else t(f"search.{x.kind}")
        sign = el.symbol(layer.style) if layer is not None else html.I(className="sy sy-areas")
        items.append(
            html.A(
                [
                    sign,
                    html.Span(x.name, className="ell"),
                    el.demo_tag() if x.is_demo else None,
                    el.spacer(),
                    html.Span(t("list.dot").join((title, x.matched)), className="cap"),
                ],
                href=there(cat, state, x).url(),
                role="option",
                **{"data-fly-to": f"{x.lon},{x.lat}" if x.lon is not None else ""},
            )
        )
    return items
