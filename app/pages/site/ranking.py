"""The right panel: the sentence, the ranking, what is excluded and why, how firm it is, what it stands on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dash import html
from dash.development.base_component import Component

from app.i18n import t
from app.pages import el
from app.pages.format import day
from app.pages.site.asked import Asked
from app.pages.site.controls import do
from app.pages.site.pictures import intervals
from app.pages.site.words import demo_tag, hue, plain, score, share

Body = Mapping[str, Any]
SHOWN = 40


def method_name(method: str) -> str:
    """Return a method's name."""
    return t("site.wsm") if method == "wsm" else "TOPSIS"


def ranking_head(body: Body) -> list[Component | None]:
    """Return the panel's title line."""
    return [
        html.H2(t("site.ranking")),
        html.Span(t("site.n_ranked", n=f"{len(body['ranked']):,}"), className="cap"),
        el.demo_tag() if body["is_demo"] else None,
        el.spacer(),
        html.Button(el.icon("download"), type="button", className="ib sm", title=t("site.download_xlsx"),
                    **{"aria-label": t("site.download_xlsx"), "data-site": "report", "data-how": "xlsx"}),
    ]  # fmt: skip


def ranking_panel(asked: Asked, body: Body, names: Mapping[str, str]) -> list[Component | None]:
    """Return the panel: sentence, tabs, the chosen list."""
    counts = {"": str(len(body["ranked"])), "out": str(len(body["excluded"])), "firm": "", "data": ""}
    titles = {"": t("site.tab_rank"), "out": t("site.tab_out"), "firm": t("site.tab_firm"), "data": t("site.tab_data")}
    tabs = html.Div(
        [html.Button([titles[k], html.Small(counts[k])] if counts[k] else titles[k], type="button", role="tab",
                     className="on" if k == asked.tab else "", **{"aria-selected": str(k == asked.tab).lower(),
                                                                 **el.op(("set", "st", k), ("set", "rule", ""))})
         for k in counts],
        className="tabs stabs2", role="tablist", **{"aria-label": t("site.ranking")},
    )  # fmt: skip
    lists = {"": _ranked, "out": _excluded, "firm": _firm, "data": _data}
    absent = [c["title"] for c in body["criteria"] if c["is_void"]]
    return [
        html.P(body["sentence"], className="says", role="status", id="site-sentence"),
        html.P(t("site.absent", names=t("list.comma").join(absent)), className="cap amber-t absent")
        if absent
        else None,
        intervals(body["ranked"], asked.site),
        tabs,
        *lists[asked.tab](asked, body, names),
    ]


# -- the ranking ------------------------------------------------------------------------------


def _ranked(asked: Asked, body: Body, names: Mapping[str, str]) -> list[Component | None]:
    if not body["ranked"]:
        return [_nothing(body)]
    criteria = [(i, c) for i, c in enumerate(body["criteria"]) if c["weight"] > 0]
    keys = [html.Span([html.I(className="sq", style={"background": hue(i)}), c["title"]]) for i, c in criteria]
    rows = body["ranked"] if asked.every else body["ranked"][:SHOWN]
    top = max((r["score"] for r in body["ranked"]), default=1.0) or 1.0
    listed: list[Component | None] = [_row(asked, body, names, r, top) for r in rows]
    left = len(body["ranked"]) - len(rows)
    if left:
        listed.append(html.Button(t("site.show_all", n=left), type="button", className="txt more",
                                  **el.op(("set", "all", "1"))))  # fmt: skip
    return [html.Div(keys, className="keys skeys"), html.Div(listed, className="ranks", role="list")]


def _row(asked: Asked, body: Body, names: Mapping[str, str], row: Body, top: float) -> Component:
    on = row["id"] == asked.site
    parts = []
    whole = sum(row["contributions"].values()) or 1.0
    for i, criterion in enumerate(body["criteria"]):
        part = row["contributions"].get(criterion["id"])
        if part:
            told = t("site.part", name=criterion["title"], value=f"{part:.3f}")
            wide = 100 * part / whole * row["score"] / top
            parts.append(html.I(style={"width": f"{wide:.2f}%", "background": hue(i)}, title=told))
    held = row["id"] in asked.compared
    values = row["values"]
    facts = [names.get(str(row["county_code"]), "")]
    if row.get("facts"):
        facts += [row["facts"]]
    elif values.get("area_mu") is not None:
        facts.append(t("site.mu", n=plain(values["area_mu"])))
    other = row["other"]
    beside = t("site.other", method=method_name(other["method"]), rank=other["rank"])
    return html.Div(
        [
            html.Button(
                [
                    html.Span(str(row["rank"]), className="no top" if row["rank"] <= 3 else "no"),
                    html.Span(
                        [
                            html.Span([html.Span(row["name"], className="nm2 ell"),
                                       demo_tag(row), el.spacer(),
                                       html.B(score(row["score"]))], className="row gap2"),
                            html.Span(parts, className="seg2", **{"aria-hidden": "true"}),
                            html.Span([html.Span(t("list.dot").join(x for x in facts if x), className="ell"),
                                       el.spacer(),
                                       html.Span(beside, className="off") if other["rank"] != row["rank"] else None,
                                       html.Span(t("site.first_in", share=share(row["p_first"])))],
                                      className="row gap2 cap"),
                        ],
                        className="rb",
                    ),
                ],
                type="button", className="rk on" if on else "rk",
                **{"data-row": str(row["id"]), "aria-current": str(on).lower(), **el.op(("set", "s", str(row["id"])))},
            ),
            html.Button(html.I(className="tick"), type="button", className="ck cmpk on" if held else "ck cmpk",
                        role="checkbox", title=t("site.compare_this"),
                        **{"aria-checked": str(held).lower(), "aria-label": t("site.compare_named", name=row["name"]),
                           **el.op(("toggle", "cmp", str(row["id"])))}),
        ],
        className="rkw", role="listitem",
    )  # fmt: skip


def _nothing(body: Body) -> Component:
    ways = []
    emptied = body["emptied"]
    if body["n"] == 0:
        ways.append(el.button(t("site.any_county"), "btn", **do(["set", "profile.alternatives.filter", ""])))
    elif emptied and emptied["best_admits"]:
        limit = body["limits"][emptied["best"]]
        ways.append(el.button(t("site.without", name=limit["text"], n=emptied["best_admits"]), "btn pri",
                              **do(["off", emptied["best"]])))  # fmt: skip
    if body["excluded"]:
        ways.append(el.button(t("site.see_out", n=len(body["excluded"])), "btn", **el.op(("set", "st", "out"))))
    text = emptied["text"] if emptied else t("site.no_alternatives") if body["n"] == 0 else t("site.all_out")
    return el.empty(text, *ways)


# -- the excluded -----------------------------------------------------------------------------


def _excluded(asked: Asked, body: Body, names: Mapping[str, str]) -> list[Component | None]:
    limits = body["limits"]
    chosen = limits[asked.rule] if asked.rule is not None and asked.rule < len(limits) else None
    rows = [e for e in body["excluded"]
            if chosen is None or any((f["rule"], f["op"], f["limit"]) == (chosen["id"], chosen["op"], chosen["value"])
                                     for f in e["fails"])]  # fmt: skip
    head = None
    if chosen is not None:
        head = el.row(html.Span(t("site.only_rule", name=chosen["text"], n=len(rows)), className="cap grow"),
                      html.Button(t("site.every_rule"), type="button", className="txt",
                                  **el.op(("set", "rule", ""))), className="gap2 orow")  # fmt: skip
    if not rows:
        return [head, el.empty(t("site.none_out"))]
    shown = sorted(rows, key=lambda e: (e["n_fails"], str(e["name"])))
    listed = shown if asked.every else shown[:SHOWN]
    items: list[Component] = [_out(asked, e, names) for e in listed]
    if len(listed) < len(shown):
        items.append(html.Button(t("site.show_all", n=len(shown) - len(listed)), type="button", className="txt more",
                                 **el.op(("set", "all", "1"))))  # fmt: skip
    return [head, html.P(t("site.out_order"), className="cap orow"), html.Div(items, className="outs")]


def _out(asked: Asked, row: Body, names: Mapping[str, str]) -> Component:
    on = row["id"] == asked.site
    fails = [html.Li(f["text"]) for f in row["fails"]]
    return html.Div(
        [
            html.Button([html.Span(row["name"], className="nm2 ell"), demo_tag(row),
                         el.spacer(), html.Span(names.get(str(row["county_code"]), ""), className="cap")],
                        type="button", className="row gap2 oname", **{"data-row": str(row["id"]),
                                                                     **el.op(("set", "s", str(row["id"])))}),
            html.Ul(fails),
            html.P(row["change"], className="change"),
        ],
        className="out on" if on else "out",
    )  # fmt: skip


# -- how firm ---------------------------------------------------------------------------------


def _firm(asked: Asked, body: Body, names: Mapping[str, str]) -> list[Component | None]:
    del asked, names
    ranked = body["ranked"]
    if len(ranked) < 2:
        return [el.empty(t("site.firm_one"))]
    draws = f"{body['draws']:,}"
    how = t("site.drawn_any", n=draws) if body["spread"] is None else t("site.drawn_near", n=draws,
                                                                       share=f"{100 * body['spread']:g}")  # fmt: skip
    table = [
        html.Tr([html.Td(str(r["rank"])), html.Td(html.Button(r["name"], type="button", className="lk ell",
                                                            **el.op(("set", "s", str(r["id"]))))),
                 html.Td(share(r["p_first"]), className="num"), html.Td(share(r["p_top10"]), className="num"),
                 html.Td("—" if r["confidence"] is None else f"{100 * r['confidence']:.0f}%", className="num"),
                 html.Td(str(r["other"]["rank"]), className="num"),
                 html.Td(t("site.yes") if r["pareto"] else "")])
        for r in ranked[:12]
    ]  # fmt: skip
    heads = [t("site.h_rank"), t("site.h_site"), t("site.h_first"), t("site.h_top10"), t("site.h_conf"),
             method_name(ranked[0]["other"]["method"]), t("site.h_pareto")]  # fmt: skip
    shifts = [
        html.Li(t("site.shift_up" if s["share"] > s["share_now"] else "site.shift_down", name=s["title"],
                  now=share(s["share_now"]), then=share(s["share"]), winner=s["winner"]))
        for s in body["dethrone"][:6]
    ]  # fmt: skip
    without = []
    for one in body["leave_one_out"]:
        same = one["winner_ids"] == [ranked[0]["id"]]
        without.append(html.Li(t("site.without_same", name=one["title"]) if same else
                               t("site.without_other", name=one["title"], winner=t("list.comma").join(one["winners"]),
                                 rank=one["rank_of_winner"]), className="" if same else "warn2"))  # fmt: skip
    n_pareto = sum(r["pareto"] for r in ranked)
    return [
        html.Div([
            html.P(how, className="cap"),
            html.Div(html.Table([html.Thead(html.Tr([html.Th(h, className="num" if 2 <= i <= 5 else "")
                                                     for i, h in enumerate(heads)])), html.Tbody(table)],
                                className="ft"), className="scrollx"),
            html.P(t("site.conf_note"), className="cap"),
        ], className="ssec"),
        html.Div([html.H3(t("site.dethrone")), html.Ul(shifts) if shifts else html.P(t("site.no_shift"))],
                 className="ssec lists"),
        html.Div([html.H3(t("site.leave_out")), html.Ul(without)], className="ssec lists"),
        html.Div([html.H3(t("site.pareto")), html.P(t("site.pareto_note", n=n_pareto, of=len(ranked)))],
                 className="ssec lists"),
        _central(body),
    ]  # fmt: skip


def _central(body: Body) -> Component | None:
    rows = [r for r in body["ranked"][:5] if r["central_weights"]]
    if not rows:
        return None
    lines = []
    for row in rows:
        weights = sorted(row["central_weights"].items(), key=lambda x: -x[1])
        titles = {c["id"]: c["title"] for c in body["criteria"]}
        words = t("list.comma").join(f"{titles[k]} {100 * v:.0f}%" for k, v in weights[:4])
        lines.append(html.Li([html.B(row["name"]), html.Br(), words]))
    return html.Div([html.H3(t("site.central")), html.P(t("site.central_note"), className="cap"), html.Ul(lines)],
                    className="ssec lists")  # fmt: skip


# -- what it stands on ------------------------------------------------------------------------


def _data(asked: Asked, body: Body, names: Mapping[str, str]) -> list[Component | None]:
    del asked, names
    rows = [
        html.Tr([html.Td(d["title"]), html.Td(f"{d['n']:,}", className="num"),
                 html.Td(f"{d['n_demo']:,}", className="num amber-t" if d["n_demo"] else "num"),
                 html.Td(day(d["data_date"]), className="num"), html.Td(d["owner"] or "—", className="ell")])
        for d in body["data"]
    ]  # fmt: skip
    heads = [t("site.h_layer"), t("site.h_n"), t("site.h_demo"), t("site.h_date"), t("site.h_owner")]
    sources = [html.Div([html.Dt(c["title"]), html.Dd(c["source"])]) for c in body["criteria"]]
    notes = [html.Li(n) for n in body["notes"]]
    return [
        html.Div(html.Table([html.Thead(html.Tr([html.Th(h, className="num" if 1 <= i <= 3 else "")
                                                 for i, h in enumerate(heads)])), html.Tbody(rows)], className="ft"),
                 className="ssec scrollx"),
        html.Div([html.H3(t("site.notes")), html.Ul(notes) if notes else html.P(t("site.no_notes"))],
                 className="ssec lists"),
        html.Div([html.H3(t("site.how_counted")), html.Dl(sources)], className="ssec sec lists"),
        html.Div([html.P(t("site.hash", hash=body["profile_sha256"][:16], seed=body["seed"], day=body["as_of"]),
                         className="cap mono"),
                  html.Button(t("site.as_json"), type="button", className="txt", **{"data-site": "json"})],
                 className="ssec"),
    ]  # fmt: skip
