"""What of the layout never changes by Dash: sent as plain HTML, so that its renderer has a third of the work.

Dash wraps every component in one of its own, which costs the browser most of a millisecond each before the
first page is seen. An element without an id that a callback or a property needs, and all below it, needs none.
"""

from __future__ import annotations

import json
from typing import Any

from dash.development.base_component import Component

from app.pages.markup import to_html

PLACE = "data-still"


def _is_still(node: Any, needed: set[str]) -> bool:
    if isinstance(node, (list, tuple)):
        return all(_is_still(x, needed) for x in node)
    if not isinstance(node, Component):
        return True
    return (
        node._namespace == "dash_html_components"
        and getattr(node, "id", None) not in needed
        and _is_still(getattr(node, "children", None), needed)
    )


def settle(node: Any, needed: set[str], found: list[str]) -> None:
    """Take the children that never change out of a layout, in place; their HTML is added to ``found``.

    Parameters
    ----------
    node : Component or list
        The layout. An element that lost its children says in ``data-still`` which HTML is to stand in it.
    needed : set of str
        Ids of the elements that Dash has to know.
    """
    if isinstance(node, (list, tuple)):
        for child in node:
            settle(child, needed, found)
        return
    children = getattr(node, "children", None) if isinstance(node, Component) else None
    if children is None or children == []:
        return
    own = node._namespace == "dash_html_components" and getattr(node, "id", None) not in needed  # not Dash's to fill
    if own and _is_still(children, needed):
        setattr(node, PLACE, str(len(found)))
        found.append(to_html(children))
        node.children = None
    else:
        settle(children, needed, found)


def script(found: list[str]) -> str:
    """Return the element that carries the HTML to the browser."""
    body = json.dumps(found, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")
    return f'<script type="application/json" id="still">{body}</script>'
