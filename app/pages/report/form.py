"""The form of the page, drawn by the server: every control says which parameter of the address it changes."""

from __future__ import annotations

import json
from typing import Any

from dash import html
from dash.development.base_component import Component

from app.export.families import BLOCKS, FILLS, OPTIONAL
from app.export.house import House
from app.export.papers import PAPERS
from app.export.products import KINDS
from app.i18n import t
from app.pages import el
from app.pages.compare.model import chosen_measures, column_of, year_before
from app.pages.filters import label
from app.pages.format import day
from app.pages.report.compose import FAMILIES, OFFERED, Asked, hidden, order_of, recipe_of
from app.pages.state import MAX_CLASSES, MIN_CLASSES, SCHEMES, State
from layers.registry import Catalogue
from layers.site import presets
from layers.store.slices import today

ROWS = ("xlsx", "csv", "geojson", "gpkg", "kml", "parquet")


def line(name: str, *controls: Any) -> html.Div:
    """Return a control with its name before it."""
    return html.Div([html.Span(t(f"report.{name}"), className="rlab"), *controls], className="rline")


def _select(name: str, options: list[tuple[str, str]], value: str, key: str, usual: str = "") -> html.Div:
    del usual
    return line(name, el.select(options, value, t(f"report.{name}"), ("set", key, "$")))


def _text(name: str, key: str, value: str, hint: str = "", most: int = 60, kind: str = "text") -> html.Div:
    box = html.Span(
        **{
            "data-text": json.dumps(
                {"key": key, "value": value, "hint": hint, "label": t(f"report.{name}"), "most": most, "kind": kind},
                ensure_ascii=False,
            )
        },
        className="rtext",
    )
    return line(name, box)


def form(
    cat: Catalogue, state: State, asked: Asked, names: dict[str, str], houses: dict[str, House]
) -> list[Component]:
    """Return the sections of the form, and what is drawn and ordered as JSON for the page's script."""
    kinds = [(k, t(f"report.kinds.{k}")) for k in OFFERED]
    formats = [(f, t(f"report.formats.{f}")) for f in KINDS[asked.kind][1]]
    first = [_select("kind", kinds, asked.kind, "r.kind"), _select("format", formats, asked.format, "r.fmt")]
    sections = [_section("content", *first, *_content(cat, state, asked, names))]
    if asked.has_map:
        sections += [
            _section("picture", *_picture(state, asked, names)),
            _section("words", *_words(asked, houses, cat, state)),
        ]
    else:
        number = _text("number", "r.no", asked.get("no"), t("report.number_hint"))
        title = (
            [_text("title", "r.title", asked.get("title"), t("report.title_hint"))] if asked.kind == "compare" else []
        )
        sections.append(_section("words", *title, number))
    drawn = recipe_of(cat, state, asked) if asked.has_map else None
    given = {"kind": asked.kind, "format": asked.format, "order": order_of(cat, state, asked)}
    sections.append(
        html.Div(
            id="report-asked",
            hidden=True,
            **{
                "data-recipe": json.dumps(drawn, ensure_ascii=False) if drawn else "",
                "data-order": json.dumps(given, ensure_ascii=False),
            },
        )
    )
    return sections


def _section(name: str, *children: Any) -> html.Section:
    return html.Section([html.H3(t(f"report.{name}")), *children], className="rsec")


def _content(cat: Catalogue, state: State, asked: Asked, names: dict[str, str]) -> list[Component]:
    when = _text("day", "as_of", day(state.as_of or today()), kind="date", most=10)
    demo = _check("demo", "r.demo", asked.get("demo") == "1" or (asked.get("demo") == "" and state.demo), "1", "0")
    if asked.kind == "targets":
        demo = _check("demo", "r.demo", asked.get("demo") == "1", "1", "")
        return [_text("dept", "r.dept", asked.get("dept"), t("report.dept_hint"), 30), when, demo]
    if asked.kind == "compare":
        return [*_compared(cat, state, names), when]
    if asked.kind == "notice":
        return [_text("period", "r.period", asked.get("period"), t("report.period_hint"), 7)]
    made: list[Component] = []
    if asked.kind != "site":
        families = [(f, t(f"report.families.{f}")) for f in FAMILIES]
        made.append(_select("family", families, asked.family, "r.fam"))
    if asked.family == "rank":
        made.append(
            _select(
                "preset",
                [(p.id, p.title) for p in presets().values()],
                asked.get("prof") or next(iter(presets())),
                "r.prof",
            )
        )
        return [*made, when, demo]
    if asked.family == "compare":
        return [*made, *_compared(cat, state, names), when]
    if asked.family == "single":
        chosen = names.get("·selected") or t("report.feature_none")
        to_pick = state.but(page="/", report=()).url()
        made.append(line("feature", html.A(chosen, href=to_pick, className="rv ell", title=t("report.to_map"))))
    layer = cat.layer(state.layer)
    measures = [("n", t("rollup.count")), *((m.id, m.title) for m in cat.measures(layer))]
    shown = state.shown_measure(cat)[0]
    held = [*(names.get(x, t("area.unknown")) for x in state.areas), *(label(cat, c) for c in state.conditions)]
    titles = t("list.comma").join(cat.layers[x].title for x in state.visible(cat))
    to_map = state.but(page="/", report=()).url()
    axes = [("county", t("axis.county")), ("unit", t("axis.unit"))]
    made += [
        line("layers", html.A(titles, href=to_map, className="rv ell", title=t("report.to_map"))),
        line("filter", html.Span(t("list.comma").join(held) or t("report.no_filter"), className="rv ell")),
        _select("measure", measures, shown, "measure"),
        line("axis", el.segments(axes, state.axis, t("report.axis"), "axis")),
        when,
    ]
    if asked.family == "change" or asked.kind in ("atlas", "brief"):
        made.append(_text("since", "r.since", asked.get("since"), t("report.since_hint"), 10, "date"))
    return [*made, demo]


def _compared(cat: Catalogue, state: State, names: dict[str, str]) -> list[Component]:
    """Return what the comparison is about, which is changed where it is shown."""
    back = state.but(page="/compare", report=())
    areas = [names.get(x, t("area.unknown")) for x in state.shown] or [
        t("compare.all_of", axis=t(f"axis.{state.axis}"))
    ]
    parts = [column_of(cat, key) for key in chosen_measures(cat, state)]
    titles = [t("compare.column", layer=x.title, measure=m.title if m else t("rollup.count")) for x, m in parts]
    held = [label(cat, c) for c in state.conditions]
    versus = state.versus or year_before(state.as_of or today())
    return [
        line(
            "areas", html.A(t("list.comma").join(areas), href=back.url(), className="rv", title=t("report.to_compare"))
        ),
        line("measures", html.Span(t("list.comma").join(titles), className="rv")),
        line("filter", html.Span(t("list.comma").join(held) or t("report.no_filter"), className="rv ell")),
        line("versus", html.Span(day(versus), className="rv")),
        line("demo_of", html.Span(t("demo.included") if state.demo else t("report.demo_out"), className="rv")),
    ]


def _check(name: str, key: str, on: bool, yes: str, no: str) -> html.Div:
    box = html.Button(
        [html.I(className="tick"), t(f"report.{name}")],
        type="button",
        role="checkbox",
        className="rcheck",
        **{"aria-checked": "true" if on else "false"},
        **el.op(("set", key, no if on else yes)),
    )
    return html.Div([html.Span(className="rlab"), box], className="rline")


def _picture(state: State, asked: Asked, names: dict[str, str]) -> list[Component]:
    own = "," in asked.get("ext")
    areas = [
        ("", t("report.extent_city")),
        *((c, n) for c, n in sorted(names.items()) if c.isdecimal() and len(c) == 6 and c != "320971"),
    ]
    if own:
        areas.append((asked.get("ext"), t("report.extent_own")))
    gone = hidden(asked)
    chips = [
        html.Button(
            BLOCKS[b],
            type="button",
            className="chip" + ("" if b in gone else " on"),
            **{"aria-pressed": "false" if b in gone else "true"},
            **el.op(("toggle", "r.hide", b)),
        )
        for b in OPTIONAL
    ]
    made = [_select("extent", areas, asked.get("ext"), "r.ext")] if asked.kind in ("map", "brief", "site") else []
    made.append(_select("paper", [(k, p.title) for k, p in PAPERS.items()], asked.get("paper") or "A4", "r.paper"))
    if asked.family in ("map", "choropleth", "change", "compare"):
        steps = [(str(k), t("report.classes", n=k)) for k in range(MIN_CLASSES, MAX_CLASSES + 1)]
        made += [
            line(
                "fills",
                el.segments(
                    [("", FILLS["color"]), ("hatch", FILLS["hatch"])], asked.get("fills"), t("report.fills"), "r.fills"
                ),
            ),
            line(
                "scheme",
                el.select(
                    [(s, t(f"report.schemes.{s}")) for s in SCHEMES],
                    state.scheme,
                    t("report.scheme"),
                    ("set", "scheme", "$"),
                ),
                el.select(steps, str(state.k), t("report.scheme"), ("set", "k", "$")),
            ),
        ]
    return [*made, line("blocks", html.Span(chips, className="chips"))]


def _words(asked: Asked, houses: dict[str, House], cat: Catalogue, state: State) -> list[Component]:
    usual = recipe_of(cat, state, asked)["title"]
    known = [("", t("report.house_none")), *((h.id, h.title) for h in houses.values())]
    made = [
        _text("title", "r.title", asked.get("title"), usual),
        _text("subtitle", "r.sub", asked.get("sub"), t("report.subtitle_hint"), 120),
        _text("compiler", "r.by", asked.get("by")),
        _text("number", "r.no", asked.get("no"), t("report.number_hint")),
        _select("house", known, asked.get("house"), "r.house"),
    ]
    if asked.format in ("docx", "pptx"):
        made.append(line("template", html.Span(className="rfile", **{"data-template": f".{asked.format}"})))
    return made


def row_links(cat: Catalogue, state: State) -> list[Component]:
    """Return the links to the records on the screen, in every format."""
    from urllib.parse import urlencode

    layer = cat.layer(state.layer)
    given = {"filter": state.filter_of(layer), "as_of": day(state.as_of) if state.as_of else ""}
    query = {k: v for k, v in given.items() if v} | {"demo": "1" if state.demo else "0"}
    return [
        html.A(
            f.upper(),
            href=f"/api/v1/export/rows/{layer.id}.{f}?{urlencode(query)}",
            className="chip",
            **{"data-file": ""},
        )
        for f in ROWS
    ]
