"""The left panel: what is chosen between, the brief, hard limits, weights, method."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from dash import html
from dash.development.base_component import Component

from app.i18n import t
from app.pages import el
from app.pages.site.asked import Asked
from app.pages.site.controls import adder, check, choice, do, entry, segments, terms
from app.pages.site.weights import weight_section
from app.pages.site.words import SIGNS, entered
from geo.criteria import CRITERIA
from layers.registry import Catalogue
from layers.site import DRAWN, GRID, Profile, presets
from layers.site_limits import CONSTRAINT, PARK
from layers.store.queries_site import SURROUNDINGS
from layers.store.slices import today

Body = Mapping[str, Any]
LAYERS = ("parcel", "premises", "park")
TERMS = ("industry", "suppliers", "compatible", "unwanted")
COMPARE = tuple(SIGNS)


@dataclass(frozen=True)
class Panel:
    """What the panel is drawn from: the page's question, the checked profile and its answer."""

    cat: Catalogue
    asked: Asked
    profile: Profile
    body: Body
    counties: Mapping[str, str]
    extra: Body


def brief_panel(panel: Panel) -> list[Component | None]:
    """Return the whole panel below its head."""
    return [
        _head(panel),
        _alternatives(panel),
        _fold("brief", t("site.brief"), _wishes(panel), opened=not panel.profile.industry),
        _limits(panel),
        weight_section(panel.cat, panel.asked, panel.profile, panel.body, panel.extra),
        _method(panel),
    ]


def _fold(name: str, title: str, children: Any, *, opened: bool = False, note: str = "") -> Component:
    head = html.Summary([html.H3(title), el.spacer(), html.Span(note, className="cap"), el.icon("down", small=True)])
    return html.Details([head, html.Div(children, className="fbody")], open=opened, className="ssec fold2",
                        **{"data-keep": name})  # fmt: skip


def _head(panel: Panel) -> Component:
    shipped = presets()
    name = panel.asked.task.preset
    options = [("", t("site.own"))] + [(p.id, p.title) for p in shipped.values()]
    note = shipped[name].note.strip() if name in shipped else ""
    lines = [html.P(line.removeprefix("- "), className="li" if line.startswith("- ") else "")
             for line in note.splitlines() if line.strip()]  # fmt: skip
    return html.Div(
        [
            el.row(
                html.Span(t("site.preset"), className="fk"),
                choice(options, name if name in shipped else "", t("site.preset"), ["preset", "$"]),
                html.Details(
                    [html.Summary(t("site.preset_note"), className="txt"), html.Div(lines, className="pnote")],
                    className="inlined", **{"data-keep": "note"},
                ) if lines else None,
                className="gap2 wrap",
            ),
            el.row(
                html.Span(t("site.name"), className="fk"),
                entry(t("site.name"), panel.profile.title, ["set", "profile.title", "$"], kind="text",
                      className="grow", hint=t("site.name_hint")),
                className="gap2",
            ),
        ],
        className="ssec first",
    )  # fmt: skip


def _alternatives(panel: Panel) -> Component:
    chosen = panel.profile.alternatives
    layers = panel.cat.layers
    options = [(x, layers[x].title) for x in LAYERS if x in layers] + [(GRID, t("site.grid"))]
    if chosen.layer == DRAWN:
        options.append((DRAWN, t("site.drawn")))
    elif chosen.layer not in dict(options):
        options.append((chosen.layer, layers[chosen.layer].title if chosen.layer in layers else chosen.layer))
    tools = el.row(
        el.button([el.icon("polygon", small=True), t("site.draw")], "btn sm", **{"data-site": "draw"}),
        el.button([el.icon("file", small=True), t("site.upload_sites")], "btn sm", title=t("site.upload_sites_title"),
                  **{"data-site": "upload-sites"}),
        className="gap2 wrap",
    )  # fmt: skip
    count = t("site.count", n=panel.body["n"], kept=len(panel.body["ranked"]))
    return html.Div(
        [
            el.row(html.H3(t("site.alternatives")), el.spacer(), html.Span(count, className="cap")),
            el.row(
                choice(options, chosen.layer, t("site.alternatives"), ["layer", "$"]),
                _filter(panel) if chosen.layer not in (DRAWN, GRID) else None,
                className="gap2 wrap",
            ),
            _drawn(panel) if chosen.layer == DRAWN else None,
            html.P(t("site.grid_note"), className="cap") if chosen.layer == GRID else None,
            tools,
        ],
        className="ssec",
    )  # fmt: skip


def county_filter(codes: list[str]) -> str:
    """Return the CQL2 filter that keeps some counties."""
    return "county_code IN (" + ", ".join(f"'{c}'" for c in codes) + ")" if codes else ""


def _filter(panel: Panel) -> Component:
    text = panel.profile.alternatives.filter
    chosen = [c for c in panel.counties if f"'{c}'" in text]
    if text and text != county_filter(chosen):
        return el.row(
            html.Code(text, className="ell", title=text),
            el.icon_button("close", t("site.clear_filter"), "ib sm",
                           **do(["set", "profile.alternatives.filter", ""])),
            className="gap1 grow",
        )  # fmt: skip
    chips = []
    for code, name in panel.counties.items():
        held = [c for c in panel.counties if (c in chosen) != (c == code)]
        chips.append(html.Button(name, type="button", className="chip on" if code in chosen else "chip",
                                 **{"aria-pressed": str(code in chosen).lower(),
                                    **do(["set", "profile.alternatives.filter", county_filter(held)])}))  # fmt: skip
    words = t("list.comma").join(panel.counties[c] for c in chosen) if chosen else t("site.everywhere")
    return html.Details(
        [html.Summary([html.Span(words, className="ell"), el.icon("down", small=True)], className="pick"),
         html.Div(chips, className="chips")],
        className="terms grow", **{"data-keep": "counties"},
    )  # fmt: skip


def _drawn(panel: Panel) -> Component:
    features: Any = (panel.profile.alternatives.sites or {}).get("features", [])
    rows = []
    for i, feature in enumerate(features[:30]):
        name = (feature.get("properties") or {}).get("name") or t("site.drawn_n", n=i + 1)
        steps = ["cut", "profile.alternatives.sites.features", i]
        if len(features) == 1:
            steps = ["layer", "parcel"]
        rows.append(el.row(
            entry(t("site.site_name"), str(name),
                  ["set", f"profile.alternatives.sites.features.{i}.properties.name", "$"], kind="text",
                  className="grow"),
            el.icon_button("close", t("site.remove", name=name), "ib sm", **do(steps)), className="gap1",
        ))  # fmt: skip
    if len(features) > 30:
        rows.append(html.P(t("site.more_drawn", n=len(features) - 30), className="cap"))
    return html.Div(rows, className="drawn")


def _wishes(panel: Panel) -> list[Component]:
    options = list(panel.cat.vocabularies["industry"].terms)
    rows = []
    for name in TERMS:
        chosen = list(getattr(panel.profile, name))
        label = {"industry": t("site.w_industry"), "suppliers": t("site.w_suppliers"),
                 "compatible": t("site.w_compatible"), "unwanted": t("site.w_unwanted")}[name]  # fmt: skip
        pick = terms(options, chosen, f"profile.{name}", t("site.none_chosen"))
        rows.append(el.row(html.Span(label, className="fk"), pick, className="gap2 top"))
    tuning = panel.profile.tuning
    for name, label in (("bandwidth_km", t("site.t_bandwidth")), ("radius_km", t("site.t_radius")),
                        ("energy_radius_km", t("site.t_energy")), ("detour", t("site.t_detour"))):  # fmt: skip
        rows.append(el.row(
            html.Span(label, className="grow cap"),
            entry(label, entered(getattr(tuning, name)), ["set", f"profile.tuning.{name}", "$"], className="w56"),
            html.Span("km" if name != "detour" else t("site.times"), className="unit w24"), className="gap1",
        ))  # fmt: skip
    return rows


# -- hard limits ------------------------------------------------------------------------------


def _limits(panel: Panel) -> Component:
    body = panel.body
    rows = [_limit(panel, i, limit) for i, limit in enumerate(body["limits"])]
    rows += [_off(panel, j, limit) for j, limit in enumerate(panel.asked.task.off)]
    out = len({e["id"] for e in body["excluded"]})
    return html.Div(
        [
            el.row(html.H3(t("site.limits")), el.spacer(),
                   html.Span(t("site.limits_note", n=body["n"], out=out), className="cap")),
            html.Div(rows, className="limits") if rows else html.P(t("site.no_limits"), className="cap"),
            adder(limit_options(panel.cat, panel.profile), t("site.add_limit"), ["push", "profile.limits", "$"]),
        ],
        className="ssec",
    )  # fmt: skip


def _limit(panel: Panel, i: int, limit: Body) -> Component:
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
    editor = html.Div([_limit_value(panel, i, limit), remove], className="lv")
    return html.Div(
        [
            check(t("site.limit_off", name=limit["text"]), True, ["off", i]),
            html.Details([said, editor], className="ld", **{"data-keep": f"limit-{i}-{limit['id']}"}),
            count,
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


def _limit_value(panel: Panel, i: int, limit: Body) -> Component:
    path = f"profile.limits.{i}"
    if isinstance(limit["value"], list) or limit["op"] in ("in", "not_in", "inside", "outside"):
        options = _terms_of(panel.cat, panel.profile, limit["id"])
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


def _off(panel: Panel, j: int, limit: Body) -> Component:
    title = _limit_title(panel.cat, panel.profile, str(limit.get("id", "")))
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
                options.append(option(prefix + spec.id, "<=", panel_year(profile), spec.title))
        groups.append((label, options))
    return groups


def panel_year(profile: Profile) -> str:
    """Return the date that a new limit on a date begins with: the one the brief has, or the end of next year."""
    held = [str(x.value) for x in profile.limits if x.id == "ready_date"]
    return held[0] if held else f"{today().year + 1}-12-31"


def _method(panel: Panel) -> Component:
    profile = panel.profile
    spread = "" if profile.spread is None else entered(round(100 * profile.spread, 4))
    missing = [("exclude", t("site.m_exclude")), ("worst", t("site.m_worst")), ("median", t("site.m_median"))]
    return html.Div(
        [
            el.row(
                segments([("wsm", t("site.wsm")), ("topsis", "TOPSIS")], profile.method, t("site.method"),
                         "profile.method"),
                el.spacer(),
                html.Span(t("site.missing"), className="cap"),
                choice(missing, profile.missing, t("site.missing"), ["set", "profile.missing", "$"]),
                className="gap2",
            ),
            html.Details(
                [
                    html.Summary([html.Span(t("site.firmness"), className="cap"), el.icon("down", small=True)],
                                 className="pick"),
                    html.Div(
                        [
                            _number(t("site.draws"), profile.draws, "draws", t("site.draws_unit")),
                            _number(t("site.spread"), spread, "spread", "%", kind="share",
                                    hint=t("site.any")),
                            _number(t("site.seed"), profile.seed, "seed", ""),
                            html.P(t("site.spread_note"), className="cap"),
                        ],
                        className="fbody",
                    ),
                ],
                className="terms", **{"data-keep": "firm"},
            ),
        ],
        className="ssec",
    )  # fmt: skip


def _number(label: str, value: Any, name: str, unit: str, kind: str = "number", hint: str = "") -> Component:
    return el.row(
        html.Span(label, className="grow cap"),
        entry(label, entered(value), ["set", f"profile.{name}", "$"], kind=kind, className="w72", hint=hint),
        html.Span(unit, className="unit w24"), className="gap1",
    )  # fmt: skip
