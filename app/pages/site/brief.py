"""The left panel: what is chosen between, the brief, hard limits, weights, method."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from dash import html
from dash.development.base_component import Component

from app.i18n import t
from app.pages import el
from app.pages.site.asked import Asked
from app.pages.site.controls import choice, do, entry, segments, terms
from app.pages.site.limits import limit_section
from app.pages.site.weights import weight_section
from app.pages.site.words import SIGNS, entered
from layers.registry import Catalogue
from layers.site import DRAWN, GRID, Profile, presets

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
        limit_section(panel.cat, panel.asked.task, panel.profile, panel.body),
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
