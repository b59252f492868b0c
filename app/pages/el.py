"""Small pieces of the pages: icons, buttons that change the state, linked numbers, tags, notes.

A control says what it changes in ``data-op``: a JSON list of steps on the URL's parameters, done in the
browser at once (``assets/10-state.js``): ["set", key, value], ["toggle", key, value], ["put", key, name,
value], ["move", key, value, by], ["drop", key or prefix.].
"""

from __future__ import annotations

import json
from typing import Any

from dash import html
from dash.development.base_component import Component

from app.i18n import t

Child = Component | str | None
Step = tuple[str | int, ...]


def op(*steps: Step) -> dict[str, str]:
    """Return the attribute of a control that does these steps when pressed."""
    return {"data-op": json.dumps(steps, ensure_ascii=False, separators=(",", ":"))}


def change(*steps: Step) -> dict[str, str]:
    """Return the attribute of a select that does these steps with "$" as the chosen value."""
    return {"data-change": json.dumps(steps, ensure_ascii=False, separators=(",", ":"))}


def icon(name: str, small: bool = False) -> html.I:
    """Return an icon of ``assets/12-icons.css``."""
    return html.I(className=f"ic i-{name}" + (" sm" if small else ""), **{"aria-hidden": "true"})


def row(*children: Any, className: str = "", **props: Any) -> html.Div:  # noqa: N803 - as Dash names it
    """Return children side by side."""
    return html.Div(list(children), className=f"row {className}".strip(), **props)


def spacer() -> html.Span:
    """Return what pushes the rest of a row to the right."""
    return html.Span(className="sp")


def icon_button(name: str, title: str, className: str = "ib", **props: Any) -> html.Button:  # noqa: N803
    """Return a button that shows only an icon; the title is its label."""
    return html.Button(icon(name), className=className, title=title, type="button", **{"aria-label": title}, **props)


def button(children: Any, className: str = "btn", **props: Any) -> html.Button:  # noqa: N803
    """Return a text button."""
    return html.Button(children, className=className, type="button", **props)


def link(text: str, href: str, className: str = "lk", **props: Any) -> html.A:  # noqa: N803
    """Return a number or a name that leads to its rows."""
    return html.A(text, href=href, className=className, **props)


def tag(text: str, kind: str = "") -> html.Span:
    """Return a small label."""
    return html.Span(text, className=f"tag {kind}".strip())


def demo_tag() -> html.Span:
    """Return the amber label of demonstration data."""
    return tag(t("demo.tag"), "amber")


def select(options: list[tuple[str, str]], value: str, title: str, *steps: Step, **props: Any) -> html.Span:
    """Return a choice; the steps run with "$" as the chosen value."""
    chosen = html.Select(
        [html.Option(text, value=v) for v, text in options],
        title=title,
        **{"aria-label": title, "data-value": value},
        **change(*steps),
        **props,
    )
    return html.Span([chosen, icon("down", small=True)], className="sel")


def day_input(key: str, value: str, title: str) -> html.Label:
    """Return where a day is chosen; it goes to the address under ``key``."""
    box = html.Span(className="dayin", **{"data-day": key, "data-value": value, "data-title": title})
    return html.Label([html.Span(title, className="cap"), box], className="dl")


def segments(options: list[tuple[str, str]], value: str, title: str, key: str) -> html.Span:
    """Return a choice between two or three, side by side; the first is the ordinary one."""
    ordinary = options[0][0]
    return html.Span(
        [
            html.Button(
                text,
                type="button",
                className="on" if v == value else "",
                **{"aria-pressed": "true" if v == value else "false"},
                **op(("set", key, "" if v == ordinary else v)),
            )
            for v, text in options
        ],
        className="seg",
        role="group",
        **{"aria-label": title},
    )


def text_input(name: str, placeholder: str, label: str, remembered: bool = False) -> html.Div:
    """Return a place for a native text box, made in the browser: its caret stays where the person has it."""
    what = {"id": name, "placeholder": placeholder, "label": label, "remembered": remembered}
    return html.Div(className="txtin", **{"data-input": json.dumps(what, ensure_ascii=False)})


def empty(text: str, *ways_out: Component) -> html.Div:
    """Return an empty state: why, and what to do."""
    return html.Div([html.P(text), *ways_out], className="empty")


def painted(name: str, className: str = "", tag: type[Component] = html.Div) -> Component:  # noqa: N803
    """Return the place of a panel whose HTML comes from a callback; grey lines stand in it until then."""
    busy = {"aria-busy": "true", "aria-label": t("state.loading")} if tag is html.Div else {}
    return tag(id=name, className=f"{className} painted".strip(), **busy)


def skeleton(lines: int = 6) -> html.Div:
    """Return grey lines in the place of what is being fetched for the first time."""
    return html.Div(
        [html.Div(className="skel", style={"width": f"{90 - 11 * (i % 4)}%"}) for i in range(lines)],
        className="skels",
        **{"aria-busy": "true", "aria-label": t("state.loading")},
    )


def symbol(layer_style: Any, token: str = "", hollow: bool = False) -> html.I:
    """Return the little picture of how a layer is drawn."""
    color = token or layer_style.color
    classes = f"sy sy-{layer_style.symbol}" + (" hollow" if hollow else "")
    return html.I(className=classes, style={"--c": f"var(--{color})"}, **{"aria-hidden": "true"})
