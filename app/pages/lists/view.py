"""The view of work lists: which there are, the chosen one by area and row by row, conversion rates."""

from __future__ import annotations

import datetime as dt
from typing import Any
from urllib.parse import urlencode

from dash import html
from dash.development.base_component import Component

from app.i18n import t
from app.pages import el
from app.pages.compare.words import pressed
from app.pages.format import DASH, day, quantity
from app.pages.lists.drill import pick_button, picked_rows
from app.pages.lists.model import CHECKS, CONVERSION, Body, Lists
from app.pages.state import State
from layers.registry import Catalogue
from layers.store.worklist_spec import FIVE, GAPS, WORKLISTS

MOST_ROWS = 300
MOST_FIELDS = 4
GROUPS = (("five", FIVE), ("gaps", GAPS), ("checks", CHECKS))


def side(lists: Lists) -> Component:
    """Return the lists there are with how many each holds."""
    parts: list[Component] = []
    for name, members in GROUPS:
        parts.append(html.H3(t(f"lists.g_{name}")))
        parts += [_entry(lists, x) for x in members]
    parts.append(html.H3(t("lists.g_rates")))
    on = lists.choice.list_id == CONVERSION
    parts.append(
        html.Button(
            [html.Span(t("lists.conversion"))], type="button", className="wl on" if on else "wl",
            **pressed(on), **el.op(("set", "list", CONVERSION), ("set", "over", ""), ("set", "limit", "")),
        )
    )  # fmt: skip
    parts += _saved(lists)
    return html.Section([*parts, html.P(t("lists.side_note"), className="cap")], className="cside wls")


def _saved(lists: Lists) -> list[Component]:
    """Return the lists that are kept; each draws its own rows again."""
    if not lists.saved:
        return []
    made: list[Component] = [html.H3(t("lists.g_saved"))]
    for item in lists.saved:
        count = html.B(str(item["n"])) if item["n"] is not None else None
        name = html.Span([item["title"], html.Small(day(item["as_of"]), className="dim")])
        link = html.A(
            [name, count], href=item["address"], className="wl", title=t("lists.saved_by", who=item["saved_by"])
        )
        drop = el.icon_button("close", t("lists.drop", title=item["title"]), "ib sm",
                              **{"data-drop-list": str(item["saved_id"]), "data-what": "remove"})  # fmt: skip
        made.append(html.Div([link, drop], className="wls1"))
    return made


def _entry(lists: Lists, list_id: str) -> Component:
    body, on = lists.counts[list_id], lists.choice.list_id == list_id
    over = body["n_over"] if list_id in GAPS else 0
    late = html.Span(t("lists.over_n", n=over), className="tag flat") if over else None
    return html.Button(
        [html.Span(WORKLISTS[list_id].title), late, html.B(str(body["n"]))], type="button",
        className="wl on" if on else "wl", **pressed(on), **el.op(("set", "list", list_id), ("set", "over", "")),
    )  # fmt: skip


def _kinds(cat: Catalogue, lists: Lists) -> Component | None:
    spec = cat.layer(lists.choice.layer).field("kind")
    if spec is None or not spec.is_categorical:
        return None
    options = [("", t("lists.all_kinds")), *((x, x) for x in cat.terms(spec))]
    return el.select(options, lists.choice.kind, t("lists.kind"), ("set", "kind", "$"))


def _controls(cat: Catalogue, lists: Lists) -> Component:
    choice, body = lists.choice, lists.body
    parts: list[Component | None] = [_kinds(cat, lists)]
    if choice.list_id in FIVE:
        now = lists.when.as_of.year
        years = [("", t("lists.now")), *((str(y), t("lists.reached", year=y)) for y in range(now, now - 4, -1))]
        if choice.year and str(choice.year) not in dict(years):
            years.append((str(choice.year), t("lists.reached", year=choice.year)))
        parts.append(el.select(years, str(choice.year or ""), t("lists.year"), ("set", "year", "$")))
    if choice.list_id in (*GAPS, "stale"):
        parts.append(
            html.Label(
                [html.Span(t("lists.limit"), className="cap"),
                 html.Span(className="dayin", **{"data-day": "limit", "data-value": str(body["limit_days"]),
                           "data-title": t("lists.limit"), "data-whole": ""}),
                 html.Span(t("lists.days"), className="cap")],
                className="dl num3",
            )
        )  # fmt: skip
    if choice.list_id in GAPS:
        parts.append(
            el.button(t("lists.only_over"), "chip on" if choice.over else "chip",
                      **pressed(choice.over), **el.op(("set", "over", "" if choice.over else "1")))
        )  # fmt: skip
    if choice.area:
        names = {r["code"]: r["name"] for r in lists.counts[FIVE[0]][_counts_key(choice.axis)]}
        text = t("lists.only_area", area=names.get(choice.area, choice.area))
        parts.append(el.button([text, html.Span("×", className="x")], "chip on", **el.op(("set", "area", ""))))
    return el.row(*parts, className="gap2 wrap")


def _counts_key(axis: str) -> str:
    return "counts" if axis == "county" else "unit_counts"


def _said(cat: Catalogue, lists: Lists) -> str:
    body, noun = lists.body, cat.layer(lists.choice.layer).noun
    parts = [t("lists.s_n", n=body["n"], noun=noun)]
    if lists.choice.list_id in GAPS:
        parts.append(t("lists.s_over", n=body["n_over"], days=body["limit_days"]))
    if body["median_days"] is not None and body["kind"] in ("stage", "gap"):
        parts.append(t("lists.s_median", days=f"{body['median_days']:g}"))
    if body["n_undated"] and body["kind"] != "location":
        parts.append(t("lists.s_undated", n=body["n_undated"]))
    if "n_checked" in body:
        parts.append(t("lists.s_checked", n=body["n_checked"]))
    if body["n_demo"]:
        parts.append(t("lists.s_demo", n=body["n_demo"]))
    return t("list.comma").join(parts) + t("compare.stop")


def pinned(lists: Lists) -> str:
    """Return the address that shows exactly these rows for ever: both dates are in it."""
    state, known = lists.state, lists.body.get("known_at") or (lists.rates or {}).get("known_at")
    extras = dict(state.extras) | ({"known_at": known} if known else {})
    return state.but(as_of=lists.when.as_of, extras=tuple(sorted(extras.items()))).url()


def export_url(lists: Lists) -> str:
    """Return the address of the list as a workbook."""
    return f"/api/v1/export/worklist.xlsx?{pinned(lists).partition('?')[2]}"


def main(cat: Catalogue, lists: Lists) -> Component:
    """Return the chosen list."""
    choice = lists.choice
    title = t("lists.conversion") if choice.list_id == CONVERSION else WORKLISTS[choice.list_id].title
    keep = el.button([el.icon("file", small=True), t("lists.save")], "btn sm", title=t("lists.pin_title"),
                     **{"data-save-list": pinned(lists)})  # fmt: skip
    pin = html.A([el.icon("link", small=True), t("lists.pin")], href=pinned(lists), className="btn sm",
                 title=t("lists.pin_title"))  # fmt: skip
    book = html.A([el.icon("download", small=True), t("compare.xlsx")], href=export_url(lists), className="btn sm",
                  **{"data-file": ""})  # fmt: skip
    dated = t("lists.dated", day=day(lists.when.as_of))
    if lists.state.extra("known_at") and lists.when.known_at:
        at = lists.when.known_at.astimezone(dt.timezone(dt.timedelta(hours=8))).strftime("%Y-%m-%d %H:%M")
        dated += t("lists.known", at=at)
    head = el.row(
        html.H2(title), html.Span(dated, className="cap"), el.spacer(), keep, pin, book, className="gap2 wrap"
    )
    if lists.rates is not None:
        return html.Div([head, _controls(cat, lists), rates_table(lists)], className="cbody lb")
    said = html.P(_said(cat, lists), className="said")
    body = [head, _controls(cat, lists), said, area_table(lists), rows_table(cat, lists)]
    return html.Div(body, className="cbody lb")


def area_table(lists: Lists) -> Component:
    """Return the list's counts by area; each leads to its rows."""
    body, choice = lists.body, lists.choice
    rows = [r for r in body[_counts_key(choice.axis)] if r["n"] or r["code"] not in ("outside", "unlocated")]
    gap = choice.list_id in GAPS
    heads = [html.Th(t(f"axis.{choice.axis}")), html.Th(t("lists.h_n"), className="num")]
    heads += [html.Th(t("lists.h_over"), className="num")] if gap else []
    heads += [html.Th(t("lists.h_median"), className="num")] if body["kind"] in ("stage", "gap", "stale") else []
    top = max((r["n"] for r in rows), default=0) or 1
    lines = []
    for r in rows:
        number: Any = str(r["n"])
        if r["n"]:
            number = el.button(str(r["n"]), "lk", **el.op(("set", "area", r["code"])))
        bar = html.Span(html.I(style={"width": f"{100 * r['n'] / top:.0f}%"}), className="mini")
        cells = [html.Td(r["name"]), html.Td([bar, number], className="num")]
        over: Any = str(r["n_over"])
        if r["n_over"]:
            over = el.button(over, "lk", **el.op(("set", "area", r["code"]), ("set", "over", "1")))
        cells += [html.Td(over, className="num late" if r["n_over"] else "num")] if gap else []
        if len(heads) > len(cells):
            cells.append(html.Td(DASH if r["median_days"] is None else f"{r['median_days']:g}", className="num dim"))
        kind = "out" if r["code"] in ("outside", "unlocated") else ""
        lines.append(html.Tr(cells, className=kind))
    whole: list[Any] = [str(body["n"]), str(body["n_over"])]
    if body["n"]:
        whole[0] = el.button(
            whole[0], "lk", title=t("lists.all_rows"), **el.op(("set", "area", ""), ("set", "over", ""))
        )
    if body["n_over"]:
        ops = el.op(("set", "area", ""), ("set", "over", "1"))
        whole[1] = el.button(whole[1], "lk", title=t("lists.all_over"), **ops)
    total = [html.Td(t("area.total")), html.Td(whole[0], className="num")]
    total += [html.Td(whole[1], className="num")] if gap else []
    if len(heads) > len(total):
        total.append(html.Td(DASH if body["median_days"] is None else f"{body['median_days']:g}", className="num"))
    lines.append(html.Tr(total, className="sum"))
    return html.Div(html.Table([html.Thead(html.Tr(heads)), html.Tbody(lines)], className="ct at"), className="scrollx")


def rows_table(cat: Catalogue, lists: Lists) -> Component:
    """Return the list's rows, the longest wait first."""
    layer, body, choice = cat.layer(lists.choice.layer), lists.body, lists.choice
    if not body["rows"]:
        clear = [el.button(t("filter.clear"), "btn", **el.op(("drop", "f."), ("set", "area", ""), ("set", "kind", "")))]
        return el.empty(t("lists.empty"), *clear)
    fields = [f for f in layer.fields if f.table and not f.internal][:MOST_FIELDS]
    staged = body["kind"] in ("stage", "gap")
    heads = [html.Th(t("compare.d_no"), className="num"), html.Th(t("compare.d_name")), html.Th(t("axis.county")),
             html.Th(t("axis.unit"))]  # fmt: skip
    heads += [html.Th(t("lists.h_since", stage=body["stage"]))] if staged else []
    heads += [html.Th(t("lists.h_faults"))] if body["kind"] == "violations" else []
    heads += [html.Th(t("lists.h_accuracy"))] if body["kind"] == "location" else []
    heads += [html.Th(t("lists.h_days"), className="num")] if body["kind"] in ("stage", "gap", "stale") else []
    heads += [html.Th([f.title, html.Span(quantity(f).unit, className="unit")], className="num" if f.is_number else "")
              for f in fields]  # fmt: skip
    heads += [html.Th(t("compare.d_date")), html.Th(t("compare.d_source"))]
    rows = [_row(cat, lists, i, r) for i, r in enumerate(body["rows"][:MOST_ROWS], 1)]
    more = html.P(t("compare.d_more", n=MOST_ROWS), className="cap") if body["n"] > MOST_ROWS else None
    del choice
    table = html.Table([html.Thead(html.Tr(heads)), html.Tbody(rows)], className="ct dt rows-of")
    return html.Div([html.Div(table, className="scrollx"), more])


def _row(cat: Catalogue, lists: Lists, number: int, r: Body) -> html.Tr:
    layer, body = cat.layer(lists.choice.layer), lists.body
    there = State(page="/", layer=layer.id, as_of=lists.state.as_of, demo=lists.state.demo,
                  selected=(layer.id, str(r["id"])))  # fmt: skip
    cells = [
        html.Td(str(number), className="num dim"),
        html.Td(html.Div([el.link(r["name"], there.url()), el.demo_tag() if r["is_demo"] else None], title=r["name"])),
        html.Td(r["county"]), html.Td(r["unit"]),
    ]  # fmt: skip
    if body["kind"] in ("stage", "gap"):
        said = r.get("stage_text")
        taken = day(r["stage_date"])
        cells.append(html.Td(said or taken, title=t("lists.told", text=said, day=taken) if said else None))
    if body["kind"] == "violations":
        found = (t("lists.fault", stage=v["stage"], date=v["date"], before=v["before"], other=v["before_date"])
                 for v in r["violations"])  # fmt: skip
        cells.append(html.Td(t("list.comma").join(found), className="flt"))
    if body["kind"] == "location":
        cells.append(html.Td(t(f"lists.acc_{r['location_accuracy']}")))
    if body["kind"] in ("stage", "gap", "stale"):
        late = bool(r["is_over"]) and body["kind"] == "gap"
        cells.append(html.Td(DASH if r["days"] is None else str(r["days"]), className="num late" if late else "num"))
    for f in [f for f in layer.fields if f.table and not f.internal][:MOST_FIELDS]:
        value = r.get(f.id)
        if f.is_number:
            cells.append(html.Td(quantity(f).text(value), className="num"))
        else:
            cells.append(html.Td(t("list.comma").join(value) if isinstance(value, list) else value or DASH))
    line = t("card.row", file=r["source_name"], row=r["source_row"]) if r["source_row"] else r["source_name"]
    cells += [html.Td(day(r["data_date"])), html.Td(line or DASH, className="cap ell", title=line)]
    return html.Tr(cells)


def rates_table(lists: Lists) -> Component:
    """Return the conversion rates: years side by side under each step, areas as rows."""
    rates = lists.rates or {}
    periods = rates["periods"]
    axis = "counties" if lists.choice.axis == "county" else "units"
    steps = [(s["from"], s["to"]) for s in periods[0]["steps"]]
    top = [html.Th(t(f"axis.{lists.choice.axis}"), rowSpan=2)]
    top += [html.Th(t("lists.step", a=a, b=b), colSpan=len(periods), className="grp") for a, b in steps]
    low = [html.Th(p["label"], className="num grp" if i == 0 else "num") for _ in steps for i, p in enumerate(periods)]
    names = [(r["code"], r["name"]) for r in periods[0]["steps"][0][axis]]

    def cell(found: Body, k: int, period: str, first: bool) -> html.Td:
        said = t("lists.rate_title", a=found["n_from"], b=found["n_to"],
                 days=DASH if found["median_days"] is None else f"{found['median_days']:g}")  # fmt: skip
        if found["n_from"] == 0:
            text: Any = DASH
        elif found["rate_pct"] is None:
            text = html.Span(f"{found['n_to']}/{found['n_from']}", className="dim")
        else:
            text = [f"{found['rate_pct']:.0f}%", html.Small(f"{found['n_to']}/{found['n_from']}")]
        if found["n_from"]:
            key = f"{k}.{period}.{found.get('code', '')}"
            text = pick_button(
                text, key, lists.state, f"{said}{t('compare.stop')}{t('lists.rate_rows', n=found['n_from'])}"
            )
        return html.Td(text, className="num grp" if first else "num")

    lines = []
    for code, name in names:
        found = [(next(r for r in p["steps"][k][axis] if r["code"] == code), k, p["label"], i == 0)
                 for k in range(len(steps)) for i, p in enumerate(periods)]  # fmt: skip
        if code in ("outside", "unlocated") and not any(f[0]["n_from"] for f in found):
            continue
        cells = [cell(*f) for f in found]
        lines.append(html.Tr([html.Td(name), *cells], className="out" if code in ("outside", "unlocated") else ""))
    total = [
        cell(p["steps"][k]["total"], k, p["label"], i == 0) for k in range(len(steps)) for i, p in enumerate(periods)
    ]
    lines.append(html.Tr([html.Td(t("area.total")), *total], className="sum"))
    table = html.Table([html.Thead([html.Tr(top), html.Tr(low)]), html.Tbody(lines)], className="ct rates")
    note = html.P(t("lists.rates_note", n=rates["minimum"]), className="cap")
    return html.Div([_rate_rows(lists, axis), html.Div(table, className="scrollx"), note])


def _rate_rows(lists: Lists, axis: str) -> Component | None:
    """Return the records behind the rate that was pressed: all that reached the first stage, who went on first."""
    rates = lists.rates or {}
    if lists.picked is None:
        return None
    k, label, code = lists.picked
    period = next((p for p in rates["periods"] if p["label"] == label), None)
    if period is None or k >= len(period["steps"]):
        return None
    step = period["steps"][k]
    names = {r["code"]: r["name"] for r in step[axis]} | {"": t("area.total")}
    column = "county_code" if lists.choice.axis == "county" else "unit_code"
    rows = [r | {"area": names.get(r[column], r[column])} for r in step["rows"] if code in ("", r[column])]
    went = sum(r["to_date"] is not None for r in rows)
    title = t(
        "lists.rate_of", area=names.get(code, code), year=label, a=step["from"], b=step["to"], n=len(rows), m=went
    )
    shown = sorted(rows, key=lambda r: (r["to_date"] is None, r["from_date"], r["id"]))
    shown = [r | {"to_date": r["to_date"] or t("lists.not_yet")} for r in shown]
    more = [(t(f"axis.{lists.choice.axis}"), "area"), (t("lists.h_from", a=step["from"]), "from_date"),
            (t("lists.h_to", b=step["to"]), "to_date"), (t("lists.h_days"), "days")]  # fmt: skip
    return picked_rows(title, rates["layer"], shown, lists.state, more)


def body(cat: Catalogue, lists: Lists) -> list[Component]:
    """Return the view."""
    return [html.Div([side(lists), main(cat, lists)], className="cg")]


def query(**given: str) -> str:
    """Return the address of a list."""
    return "/compare?" + urlencode({"view": "lists", **given})
