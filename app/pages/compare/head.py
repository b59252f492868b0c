"""The head of the page: axis, days, areas and peers, measures, what is filtered, and how it leaves the page."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from dash import html
from dash.development.base_component import Component

from app.i18n import t
from app.pages import el
from app.pages.compare.model import FEWEST_AREAS, MOST_MEASURES, Scene, year_before
from app.pages.compare.words import pressed
from app.pages.filters import label
from app.pages.format import day
from app.pages.state import AXES, State, mapped_layers
from app.pages.view import RollupRow
from layers.measures import derive
from layers.peers import peer_sets
from layers.registry import Catalogue
from layers.spec import Layer
from layers.store.queries_layers import visible_measures
from layers.store.slices import today


def versus_choices(day_: dt.date) -> list[tuple[str, str]]:
    """Return the days one compares with, as (date, words); the ordinary one is a year before."""
    end = day_.replace(day=1) - dt.timedelta(days=1)
    quarter = day_.replace(month=3 * ((day_.month - 1) // 3) + 1, day=1) - dt.timedelta(days=1)
    year = day_.replace(month=1, day=1) - dt.timedelta(days=1)
    return [
        ("", t("compare.vs_year", day=day(year_before(day_)))),
        (end.isoformat(), t("compare.vs_month", day=day(end))),
        (quarter.isoformat(), t("compare.vs_quarter", day=day(quarter))),
        (year.isoformat(), t("compare.vs_end", day=day(year))),
    ]


def _versus(scene: Scene) -> Component:
    options = versus_choices(scene.day)
    value = scene.state.versus.isoformat() if scene.state.versus else ""
    if value and value not in dict(options):
        options.append((value, t("compare.vs_day", day=value)))
    return el.select(options, value, t("compare.vs"), ("set", "vs", "$"))


def _summary(what: str, n: int) -> Component:
    """Return what opens a menu; its words stay the same whatever it counts, so that the menu stays open."""
    count = html.Span(className="cn", **{"data-n": str(n)})
    label_ = {"aria-label": t(f"compare.n_{what}", n=n)}
    return html.Summary([t(f"compare.w_{what}"), count, el.icon("down", small=True)], className="btn sm", **label_)


def area_menu(scene: Scene) -> Component:
    """Return which areas are compared: sets of peers, then a chip for each. Two at least stay."""
    areas, shown = scene.all_areas, list(scene.codes)
    sets = [(t("compare.all"), "")]
    known = {a.code for a in areas}
    for item in peer_sets():
        codes = [c for c in item.codes if c in known]
        if len(codes) >= FEWEST_AREAS:
            sets.append((item.title, ",".join(codes)))
    now = "" if len(shown) == len(areas) else ",".join(sorted(shown))
    buttons = [
        el.button(text, "chip on" if now == ",".join(sorted(v.split(","))) or (not v and not now) else "chip",
                  **el.op(("set", "shown", v)))
        for text, v in sets
    ]  # fmt: skip
    summary = _summary("areas", len(shown))
    inner = [
        html.P(t("compare.peers"), className="cap"), html.Div(buttons, className="chips"),
        html.P(t("compare.areas"), className="cap"), area_chips(areas, shown),
    ]  # fmt: skip
    return html.Details([summary, html.Div(inner, className="menu cm")], className="drop")


def area_chips(areas: Sequence[RollupRow], shown: Sequence[str]) -> Component:
    """Return a chip for each area."""
    chips = []
    for area in areas:
        on = area.code in shown
        rest = [a.code for a in areas if (a.code in shown) != (a.code == area.code)]
        value = "" if len(rest) in (0, len(areas)) else ",".join(rest)
        locked = on and len(shown) <= FEWEST_AREAS
        chips.append(
            html.Button(
                area.name, className="chip on" if on else "chip", type="button", disabled=locked,
                title=t("compare.two") if locked else "", **pressed(on), **el.op(("set", "shown", value)),
            )
        )  # fmt: skip
    return html.Div(chips, className="chips")


def _choices(cat: Catalogue, layer: Layer) -> list[tuple[str, str]]:
    """Return the measures of a layer to choose from: those of the catalogue and what its events give."""
    found = [("n", t("rollup.count")), *((m.id, m.title) for m in visible_measures(cat, layer, internal=False))]
    titles = {title for _, title in found}
    for group in layer.events:
        for kind in group.types:
            for form in ("events", "stock"):
                made = derive(cat, layer, f"{form}:{kind}")
                if made is not None and made.title not in titles:
                    found.append((made.id, made.title))
    return found


def measure_menu(cat: Catalogue, scene: Scene) -> Component:
    """Return the measures compared, each with its removal, and the choice of one more."""
    chosen = [c.key for c in scene.columns]
    chips: list[Component] = []
    for column in scene.columns:
        rest = ",".join(x for x in chosen if x != column.key)
        cross = html.Span("×", className="x", **{"aria-hidden": "true"})
        chips.append(
            html.Button(
                [column.title, cross], className="chip on", type="button", disabled=len(chosen) == 1,
                title=t("filter.remove", text=column.title), **el.op(("set", "ms", rest)),
            )
        )  # fmt: skip
    if len(chosen) < MOST_MEASURES:
        others = [("", t("compare.add"))]
        for x in mapped_layers(cat):
            layer = cat.layers[x]
            others += [
                (f"{x}.{m}", t("compare.column", layer=layer.title, measure=title))
                for m, title in _choices(cat, layer)
                if f"{x}.{m}" not in chosen
            ]
        chips.append(el.select(others, "", t("compare.add"), ("set", "ms", ",".join(chosen)), ("add", "ms", "$")))
    summary = _summary("measures", len(chosen))
    inner = [html.P(t("compare.measures"), className="cap"), html.Div(chips, className="chips held")]
    return html.Details([summary, html.Div(inner, className="menu cm")], className="drop")


def mine_choice(scene: Scene) -> Component:
    """Return the choice of one's own area."""
    options = [("", t("compare.no_mine")), *((a.code, t("compare.mine_is", area=a.name)) for a in scene.all_areas)]
    known = scene.state.mine in dict(options)
    return el.select(options, scene.state.mine if known else "", t("compare.mine"), ("set", "mine", "$"))


def exports(cat: Catalogue, state: State) -> Component:
    """Return the ways out: workbook, picture, report."""
    query = state.but(drill=None).query()
    report = state.but(page="/report", drill=None, extras=(), report=(("r.kind", "compare"),))
    ways = [
        (t("compare.xlsx"), f"/api/v1/export/compare.xlsx?{query}"),
        (t("compare.png"), f"/api/v1/export/compare.png?{query}"),
    ]
    links: list[Component] = [
        html.A([el.icon("download", small=True), text], href=url, **{"data-file": ""}) for text, url in ways
    ]
    sheet = report.but(report=(("r.fam", "compare"),))
    links.append(html.A([el.icon("doc", small=True), t("compare.to_report")], href=report.url()))
    links.append(html.A([el.icon("doc", small=True), t("compare.to_sheet")], href=sheet.url()))
    summary = html.Summary([el.icon("download", small=True), t("compare.export")], className="btn sm")
    del cat
    return html.Details([summary, html.Div(links, className="menu")], className="drop", id="compare-export")


def views(state: State) -> Component:
    """Return the choice of the view: comparison, work lists, the reckoning of the axes."""
    options = [("", t("lists.v_compare")), ("lists", t("lists.v_lists")), ("axes", t("lists.v_axes"))]
    return el.segments(options, state.extra("view"), t("lists.views"), "view")


def _filtered(cat: Catalogue, state: State) -> list[Component | None]:
    """Return the filters in force and their end, the demo switch, the link."""
    text = t("list.comma").join(
        t("filter.of_layer", layer=cat.layer(c.layer).title, text=label(cat, c)) for c in state.conditions
    )
    demo = el.button(
        t("demo.included"), "chip on" if state.demo else "chip",
        **pressed(state.demo), **el.op(("set", "demo", "0" if state.demo else "")),
    )  # fmt: skip
    copy = el.button(
        [el.icon("link", small=True), t("card.copy")], "btn sm desk", **{"data-copy": "", "data-done": t("card.copied")}
    )
    return [
        html.Span(t("compare.filter", text=text or t("report.no_filter")), className="cap ell", title=text),
        el.button(t("filter.clear"), "txt", **el.op(("drop", "f."))) if state.conditions else None,
        el.spacer(),
        el.demo_tag() if state.demo else None,
        demo,
        copy,
    ]


def _start(state: State) -> list[Component | None]:
    return [
        html.H1(t("compare.title"), className="vh"),
        views(state),
        el.segments([(a, t(f"axis.{a}_short")) for a in AXES], state.axis, t("rollup.axis"), "axis"),
        el.day_input("as_of", (state.as_of or today()).isoformat(), t("compare.day")),
    ]


def plain_head(cat: Catalogue, state: State) -> list[Component | None]:
    """Return the head of the other views."""
    return [*_start(state), *_filtered(cat, state)]


def head(cat: Catalogue, scene: Scene) -> list[Component | None]:
    """Return the head."""
    state = scene.state
    return [
        *_start(state), _versus(scene), html.I(className="vl"), area_menu(scene), measure_menu(cat, scene),
        mine_choice(scene), *_filtered(cat, state), exports(cat, state),
    ]  # fmt: skip
