"""Plain HTML of a component tree: panels of a thousand elements reach the screen in milliseconds that way.

Dash wraps every component of a callback's answer in one of its own; a panel's list of rows then takes the
browser a second to draw. The panels need none of that: what they do stands in their attributes.
"""

from __future__ import annotations

import re
from html import escape
from typing import Any

from dash.development.base_component import Component

VOID = frozenset({"br", "hr"})
NAMES = {"className": "class", "htmlFor": "for", "colSpan": "colspan", "rowSpan": "rowspan", "tabIndex": "tabindex"}
FLAGS = frozenset({"disabled", "open", "hidden", "required", "multiple", "checked", "readOnly", "autoFocus"})
_CAPITAL = re.compile(r"[A-Z]")


def to_html(node: Any) -> str:
    """Return the HTML of components, texts and lists of them; everything is escaped.

    Raises
    ------
    TypeError
        A component that is more than an HTML element.
    """
    if node is None:
        return ""
    if isinstance(node, (list, tuple)):
        return "".join(to_html(child) for child in node)
    if not isinstance(node, Component):
        return escape(str(node), quote=False)
    if node._namespace != "dash_html_components":
        raise TypeError(f"{node._type} is no plain HTML element")
    tag = node._type.lower()
    props = node.to_plotly_json()["props"]
    inner, svg = props.pop("children", None), props.pop("data-svg", None)
    head = f"<{tag}{''.join(_attribute(k, v) for k, v in props.items())}>"
    # a picture is SVG already, made by the pages with everything in it escaped
    return head if tag in VOID else f"{head}{svg or ''}{to_html(inner)}</{tag}>"


def _attribute(name: str, value: Any) -> str:
    if value is None:
        return ""
    if name == "style":
        return f' style="{escape(_css(value))}"' if value else ""
    if name in FLAGS:
        return f" {name.lower()}" if value else ""
    return f' {NAMES.get(name, name.lower())}="{escape(str(value))}"'


def _css(style: dict[str, Any]) -> str:
    return ";".join(f"{k if k.startswith('--') else _CAPITAL.sub(_dashed, k)}:{v}" for k, v in style.items())


def _dashed(match: re.Match[str]) -> str:
    return f"-{match.group().lower()}"
