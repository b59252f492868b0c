"""The hard limits of the left panel: each in one line, with how many it excludes; edited, switched off, added."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from dash import html
from dash.development.base_component import Component

from app.i18n import t
from app.pages import el
from app.pages.site.controls import adder, check, choice, do, entry, terms
from app.pages.site.task import Task
from app.pages.site.words import SIGNS, entered
from geo.criteria import CRITERIA
from layers.registry import Catalogue
from layers.site import Profile
from layers.site_limits import CONSTRAINT, PARK
from layers.store.queries_site import SURROUNDINGS
from layers.store.slices import today

Body = Mapping[str, Any]
COMPARE = tuple(SIGNS)


def limit_section(cat: Catalogue, task: Task, profile: Profile, body: Body) -> Component:
    """Return the section."""
    rows = [_limit(cat, profile, i, limit) for i, limit in enumerate(body["limits"])]
    rows += [_off(cat, profile, j, limit) for j, limit in enumerate(task.off)]
    out = len({e["id"] for e in body["excluded"]})
    return html.Div(
        [
            el.row(html.H3(t("site.limits")), el.spacer(),
                   html.Span(t("site.limits_note", n=body["n"], out=out), className="cap")),
            html.Div(rows, className="limits") if rows else html.P(t("site.no_limits"), className="cap"),
            adder(limit_options(cat, profile), t("site.add_limit"), ["push", "profile.limits", "$"]),
        ],
        className="ssec",
    )  # fmt: skip


def _limit(cat: Catalogue, profile: Profile, i: int, limit: Body) -> Component:
    count: Component = html.Span("0", className="num cap")
    if limit["n_excluded"]:
        steps = ("set", "st", "out"), ("set", "rule", str(i))
        count = html.Button(
            t("site.out_n", n=f"{limit['n_excluded']:,}"), type="button", className="lk num",
            title=t("site.out_why"), **el.op(*steps),
        )  # fmt: skip
    remove = el.button(t("site.remove_limit"), "txt", **do(["cut", "profile.limits", i]))
    said = html.Summary([html.Span(limit_words(limit), className="lt"), el.icon("down", small=True)],
                        title=limit["text"])  # fmt: skip
    editor = html.Div([_limit_value(cat, profile, i, limit), remove], className="lv")
    return html.Div(
        [
            check(t("site.limit_off", name=limit["text"]), True, ["off", i]),
            html.Details([said, editor], className="ld", **{"data-keep": f"limit-{i}-{limit['id']}"}),
            count,
            html.Div(
                el.tag(t("site.unchecked", kinds=t("list.comma").join(limit["unchecked"])), "amber"),
                className="unchecked",
            )
            if limit["unchecked"]
            else None,
        ],
        className="lim",
    )


def limit_words(limit: Body) -> str:
    """Return a limit in one short line."""
    if limit["id"] == CONSTRAINT:
        return str(limit["title"])
    sign = SIGNS.get(limit["op"])
    if sign and isinstance(limit["value"], (int, float)) and not isinstance(limit["value"], bool):
        return f"{limit['title']} {sign} {entered(limit['value'])} {limit['unit']}".strip()
    return str(limit["text"])


def _limit_value(cat: Catalogue, profile: Profile, i: int, limit: Body) -> Component:
    path = f"profile.limits.{i}"
    if isinstance(limit["value"], list) or limit["op"] in ("in", "not_in", "inside", "outside"):
        options = _terms_of(cat, profile, limit["id"])
        held = [str(v) for v in limit["value"]] if isinstance(limit["value"], list) else [str(limit["value"])]
        kinds = [("inside", t("site.op_inside")), ("outside", t("site.op_outside"))]
        if limit["id"] != CONSTRAINT:
            kinds = [("in", t("site.op_in")), ("not_in", t("site.op_not_in"))]
        return el.row(choice(kinds, limit["op"], t("site.operator"), ["set", f"{path}.op", "$"]),
                      terms(options or held, held, f"{path}.value", t("site.none_chosen")),
                      className="gap1 top")  # fmt: skip
    kind = "number" if isinstance(limit["value"], (int, float)) and not isinstance(limit["value"], bool) else "text"
    return el.row(
        choice([(op, SIGNS[op]) for op in COMPARE], limit["op"], t("site.operator"), ["set", f"{path}.op", "$"]),
        entry(limit["title"], entered(limit["value"]), ["set", f"{path}.value", "$"], kind=kind, className="w88"),
        html.Span(limit["unit"], className="unit"), className="gap1",
    )  # fmt: skip


def _off(cat: Catalogue, profile: Profile, j: int, limit: Body) -> Component:
    title = _limit_title(cat, profile, str(limit.get("id", "")))
    value = limit.get("value")
    words = t("list.comma").join(map(str, value)) if isinstance(value, list) else entered(value)
    sign = SIGNS.get(str(limit.get("op")), "")
    return html.Div(
        [
            check(t("site.limit_on", name=title), False, ["on", j]),
            html.Span(f"{title} {sign} {words}".strip(), className="lt dim"),
            el.icon_button("close", t("site.remove", name=title), "ib sm", **do(["cut", "off", j])),
        ],
        className="lim",
    )


def _limit_title(cat: Catalogue, profile: Profile, ident: str) -> str:
    if ident == CONSTRAINT:
        return t("site.areas")
    if ident in CRITERIA:
        return CRITERIA[ident].title
    layer = cat.layers.get("park" if ident.startswith(PARK) else profile.alternatives.layer)
    spec = layer.field(ident.removeprefix(PARK)) if layer else None
    return spec.title if spec else ident


def _terms_of(cat: Catalogue, profile: Profile, ident: str) -> list[str]:
    """Return the terms that a limit may name."""
    layer = cat.layers.get(profile.alternatives.layer)
    name = ident
    if ident == CONSTRAINT:
        layer, name = cat.layers.get("constraint"), "kind"
    elif ident.startswith(PARK):
        layer, name = cat.layers.get("park"), ident.removeprefix(PARK)
    spec = layer.field(name) if layer else None
    return list(cat.terms(spec)) if spec is not None and spec.is_categorical else []


def limit_options(cat: Catalogue, profile: Profile) -> list[tuple[str, list[tuple[str, str]]]]:
    """Return what a limit can be added on, by group; an option's value is the limit as JSON."""

    def option(ident: str, op: str, value: Any, title: str) -> tuple[str, str]:
        return json.dumps({"id": ident, "op": op, "value": value}, ensure_ascii=False), title

    criteria = [
        option(c.id, "<=" if c.objective == "min" else ">=", 50 if c.objective == "min" else 0, c.title)
        for c in CRITERIA.values() if all(getattr(profile, n) for n in c.needs)
    ]  # fmt: skip
    kinds = _terms_of(cat, profile, CONSTRAINT)
    areas = [option(CONSTRAINT, "inside", kinds[:1], t("site.keep_in", kind=kinds[0]))] if kinds else []
    areas += [option(CONSTRAINT, "outside", [k], t("site.keep_out", kind=k)) for k in kinds[1:]]
    groups = [(t("site.g_areas"), areas), (t("site.g_criteria"), criteria)]
    for layer_id, prefix, label in (
        (profile.alternatives.layer, "", t("site.g_fields")),
        ("park", PARK, t("site.g_park")),
    ):
        layer = cat.layers.get(layer_id)
        options = []
        for spec in layer.fields if layer and (prefix or layer_id != "park") else ():
            if spec.internal or (prefix and spec.id not in SURROUNDINGS["park"]):
                continue
            if spec.is_categorical:
                options.append(option(prefix + spec.id, "in", list(cat.terms(spec))[:1], spec.title))
            elif spec.is_number:
                options.append(option(prefix + spec.id, ">=", 0, f"{spec.title} {spec.unit}"))
            elif spec.type == "date":
                options.append(option(prefix + spec.id, "<=", _end_of_year(profile), spec.title))
        groups.append((label, options))
    return groups


def _end_of_year(profile: Profile) -> str:
    """Return the date that a new limit on a date begins with: the one the brief has, or the end of next year."""
    held = [str(x.value) for x in profile.limits if x.id == "ready_date"]
    return held[0] if held else f"{today().year + 1}-12-31"
