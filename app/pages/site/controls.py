"""Controls that change the task: each says in ``data-do`` what it does to it, and the page's script does it.

Steps are ["set", path, value], ["drop", path], ["push", path, value], ["cut", path, index], ["toggle", path, term],
["off", index], ["on", index]; "$" is the control's value, read as ``data-kind`` says.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from dash import html
from dash.development.base_component import Component

from app.i18n import t
from app.pages import el

Step = Sequence[Any]


def do(*steps: Step) -> dict[str, str]:
    """Return the attribute of a control that does these steps to the task."""
    return {"data-do": json.dumps(steps, ensure_ascii=False, separators=(",", ":"))}


def entry(
    label: str, value: str, *steps: Step, kind: str = "number", className: str = "", hint: str = "", **more: Any  # noqa: N803
) -> Component:  # fmt: skip
    """Return a text box; the script makes the input, so that its caret stays."""
    what = {"label": label, "value": value, "kind": kind, "hint": hint, **more}
    return html.Span(
        className=f"si {className}".strip(),
        **{"data-entry": json.dumps(what, ensure_ascii=False), **do(*steps)},
    )


def slider(label: str, value: float, top: float, *steps: Step, step: float = 1) -> Component:
    """Return a slider; it changes the task while it moves."""
    what = {"label": label, "value": value, "min": 0, "max": top, "step": step}
    return html.Span(className="rng", **{"data-slide": json.dumps(what, ensure_ascii=False), **do(*steps)})


def choice(options: Sequence[tuple[str, str]], value: str, label: str, *steps: Step, kind: str = "text") -> Component:
    """Return a select that sets something of the task."""
    chosen = html.Select(
        [html.Option(text, value=v, selected=v == value) for v, text in options],
        title=label,
        **{"aria-label": label, "data-value": value, "data-kind": kind, **do(*steps)},
    )
    return html.Span([chosen, el.icon("down", small=True)], className="sel")


def adder(groups: Sequence[tuple[str, Sequence[tuple[str, str]]]], label: str, *steps: Step) -> Component:
    """Return a select that adds something; an option's value is the JSON that is added."""
    inner: list[Component] = [html.Option(label, value="")]
    for title, options in groups:
        if options:
            inner.append(html.Optgroup([html.Option(text, value=v) for v, text in options], label=title))
    chosen = html.Select(
        inner, title=label, **{"aria-label": label, "data-value": "", "data-kind": "json", **do(*steps)}
    )
    return html.Span([chosen, el.icon("down", small=True)], className="sel add")


def segments(options: Sequence[tuple[str, str]], value: str, label: str, path: str) -> Component:
    """Return a choice between two or three, side by side."""
    return html.Span(
        [
            html.Button(text, type="button", className="on" if v == value else "",
                        **{"aria-pressed": str(v == value).lower(), **do(["set", path, v])})
            for v, text in options
        ],
        className="seg", role="group", **{"aria-label": label},
    )  # fmt: skip


def check(label: str, on: bool, *steps: Step) -> Component:
    """Return a tick box."""
    return html.Button(
        html.I(className="tick", **{"aria-hidden": "true"}), type="button", role="checkbox",
        className="ck on" if on else "ck", title=label,
        **{"aria-label": label, "aria-checked": str(on).lower(), **do(*steps)},
    )  # fmt: skip


def terms(options: Sequence[str], chosen: Sequence[str], path: str, empty: str) -> Component:
    """Return a folded list of terms to pick from; the chosen ones are shown."""
    chips = [
        html.Button(term, type="button", className="chip on" if term in chosen else "chip",
                    **{"aria-pressed": str(term in chosen).lower(), **do(["toggle", path, term])})
        for term in options
    ]  # fmt: skip
    text = t("list.comma").join(chosen) if chosen else empty
    return html.Details(
        [html.Summary([html.Span(text, className="ell"), el.icon("down", small=True)], className="pick"),
         html.Div(chips, className="chips")],
        className="terms", **{"data-keep": path},
    )  # fmt: skip
