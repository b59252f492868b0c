"""Components as HTML text, so that a long list is one component to the renderer.

Dash's renderer takes about ten milliseconds for each component it mounts: a list of two thousand would freeze the
page for seconds. Everything on this page answers to delegated ``data-`` attributes, so plain HTML is enough.
"""

from __future__ import annotations

import re
from html import escape
from typing import Any

from dash import html
from dash.development.base_component import Component

_NAMES = {"className": "class", "colSpan": "colspan", "rowSpan": "rowspan", "htmlFor": "for", "tabIndex": "tabindex"}
_EMPTY = frozenset({"br", "hr", "img"})
_CAPITAL = re.compile(r"(?=[A-Z])")


def _style(rules: dict[str, Any]) -> str:
    return ";".join(f"{k if k.startswith('--') else _CAPITAL.sub('-', k).lower()}:{v}" for k, v in rules.items())


def _attribute(name: str, value: Any) -> str:
    if value is None or value is False:
        return ""
    if name == "style":
        value = _style(value)
    if value is True:
        return f" {name.lower()}"
    return f' {_NAMES.get(name, name)}="{escape(str(value))}"'


def to_html(node: Any) -> str:
    """Return HTML of a component of ``dash.html``, of a list, a text, a number or nothing.

    Raises
    ------
    TypeError
        A component that is more than an HTML element.
    """
    if node is None:
        return ""
    if isinstance(node, list | tuple):
        return "".join(to_html(child) for child in node)
    if not isinstance(node, Component):
        return escape(str(node), quote=False)
    found = node.to_plotly_json()
    if found["namespace"] != "dash_html_components":
        raise TypeError(f"{found['type']} is no plain HTML")
    props = dict(found["props"])
    children, svg = props.pop("children", None), props.pop("data-svg", None)
    tag = found["type"].lower()
    opened = f"<{tag}{''.join(_attribute(k, v) for k, v in sorted(props.items()))}>"
    # a picture is HTML already, made by this package with everything in it escaped
    return opened if tag in _EMPTY else f"{opened}{svg or ''}{to_html(children)}</{tag}>"


def as_one(children: Any) -> html.Div:
    """Return children as one component; ``assets/40-targets.js`` puts their HTML in its place."""
    return html.Div(className="tgx-mk", **{"data-markup": to_html(children)})
