"""The card of a site: why it stands where it stands, what it has, the ways to it; and two to four side by side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dash import html
from dash.development.base_component import Component

from app.export.site_gather import record_words
from app.i18n import t
from app.pages import el
from app.pages.format import DASH, day
from app.pages.site.asked import Asked
from app.pages.site.pictures import radar, waterfall
from app.pages.site.ranking import method_name
from app.pages.site.words import demo_tag, figure, hue, plain, score, share
from layers.registry import Catalogue
from layers.site import DRAWN, GRID
from layers.spec import Layer

Body = Mapping[str, Any]
DOUBTFUL_KM = 0.05


def find(body: Body, site: int | None) -> tuple[Body | None, Body | None]:
    """Return a site's entry among the ranked, and among the excluded."""
    ranked = next((r for r in body["ranked"] if r["id"] == site), None)
    return ranked, None if ranked else next((e for e in body["excluded"] if e["id"] == site), None)


def card(
    asked: Asked, cat: Catalogue, body: Body, row: Body | None, routes: Sequence[Body], names: Mapping[str, str]
) -> list[Component | None]:
    """Return the card of the chosen site."""
    ranked, out = find(body, asked.site)
    if row is None:
        return [_bar(None), el.empty(t("site.gone"), el.button(t("site.back"), "btn", **el.op(("set", "s", ""))))]
    layer = cat.layers.get(asked.task.profile.get("alternatives", {}).get("layer", "parcel"))
    return [
        _bar(ranked),
        html.Div(
            [
                _title(row, ranked, names, asked),
                *(_why(body, ranked) if ranked else _why_not(out)),
                _figures(body, ranked) if ranked else None,
                _ways(routes),
                _record(layer, row),
            ],
            className="scroll", tabIndex="0",
        ),
    ]  # fmt: skip


def _bar(ranked: Body | None) -> Component:
    said = t("site.rank_n", rank=ranked["rank"]) if ranked else t("site.is_out")
    copy = el.button(
        [el.icon("link", small=True), t("card.copy")], "txt", **{"data-copy": "", "data-done": t("card.copied")}
    )
    return el.row(el.icon_button("left", t("site.back"), "ib sm", **el.op(("set", "s", ""))), html.H2(said),
                  el.spacer(), copy, className="ph gap2")  # fmt: skip


def _title(row: Body, ranked: Body | None, names: Mapping[str, str], asked: Asked) -> Component:
    layer = asked.task.profile.get("alternatives", {}).get("layer", "parcel")
    tags = [demo_tag(row),
            el.tag(t("site.rough"), "amber") if row["location_accuracy"] not in ("surveyed", None) else None,
            el.tag(t("site.pareto_tag"), "sea") if ranked and ranked["pareto"] else None]  # fmt: skip
    held = row["id"] in asked.compared
    acts: list[Component | None] = [
        el.button(t("site.in_compare") if held else t("site.compare_this"), "btn sm",
                  **el.op(("toggle", "cmp", str(row["id"])))),
        el.button([el.icon("pin", small=True), t("site.fly")], "btn sm", **{"data-site": "fly",
                                                                           "data-id": str(row["id"])}),
    ]  # fmt: skip
    if layer not in (DRAWN, GRID):
        acts.append(html.A(t("site.on_map"), href=f"/?sel={layer}:{row['id']}&on={layer},park,infrastructure",
                           className="btn sm"))  # fmt: skip
    figures = None
    if ranked:
        low = ranked["score_low"]
        span = f"{score(low)}–{score(ranked['score_high'])}" if low is not None else ""
        figures = html.Div(
            [
                _fig(t("site.score"), score(ranked["score"]), span),
                _fig(t("site.h_first"), share(ranked["p_first"]), ""),
                _fig(t("site.h_top10"), share(ranked["p_top10"]), ""),
                _fig(
                    t("site.h_conf"), "—" if ranked["confidence"] is None else f"{100 * ranked['confidence']:.0f}%", ""
                ),
            ],
            className="figs",
        )
    return html.Div(
        [
            html.Div([html.H1(str(row["name"]), className="name"), *tags], className="row gap2 wrap"),
            html.P(t("list.dot").join(x for x in (names.get(str(row["county_code"]), ""), row.get("park_key")) if x),
                   className="cap"),
            figures,
            el.row(*acts, className="gap2 wrap acts3"),
        ],
        className="ssec",
    )  # fmt: skip


def _fig(label: str, value: str, note: str) -> Component:
    return html.Div([html.Div(label, className="cap"), html.Div(value, className="fig"),
                     html.Div(note, className="cap") if note else None])  # fmt: skip


def _why(body: Body, ranked: Body) -> list[Component | None]:
    first = body["ranked"][0]
    rival = first if first["id"] != ranked["id"] else next(
        (r for r in body["ranked"] if r["id"] != ranked["id"]), None)  # fmt: skip
    weighed = [(i, c) for i, c in enumerate(body["criteria"])]
    criteria = [c for _, c in weighed]
    note = t("site.rival", name=rival["name"]) if rival else t("site.no_rival")
    method = body["method"]
    said = None if method == "wsm" else html.P(t("site.topsis_note"), className="cap")
    star = radar([ranked, rival], criteria, [ranked["name"], rival["name"]]) if rival else None
    keys = None
    if star is not None and rival is not None:
        keys = html.Div([html.Span([html.I(className="sq", style={"background": hue(i)}), r["name"]])
                         for i, r in enumerate((ranked, rival))], className="keys")  # fmt: skip
    other = ranked["other"]
    return [
        html.Div([el.row(html.H3(t("site.why")), el.spacer(),
                         html.Span(t("site.both", a=method_name(method), ra=ranked["rank"],
                                     b=method_name(other["method"]), rb=other["rank"]), className="cap")),
                  waterfall(ranked, criteria, rival), html.P(note, className="cap"), said], className="ssec"),
        html.Div([html.H3(t("site.against")), star, keys], className="ssec") if star is not None else None,
    ]  # fmt: skip


def _why_not(out: Body | None) -> list[Component | None]:
    if out is None:
        return [html.Div(html.P(t("site.not_ranked")), className="ssec")]
    return [
        html.Div([html.H3(t("site.why_out")), html.Ul([html.Li(f["text"]) for f in out["fails"]]),
                  html.P(out["change"], className="change")], className="ssec lists"),
    ]  # fmt: skip


def _figures(body: Body, ranked: Body) -> Component:
    dates = {d["layer"]: d for d in body["data"]}
    rows = []
    for i, criterion in enumerate(body["criteria"]):
        ident = criterion["id"]
        value = ranked["values"].get(ident)
        lacking = ident in ranked["missing"]
        text = t("site.filled") if lacking else figure(value, criterion["unit"], criterion["labels"])
        rows.append(html.Tr([
            html.Td([html.I(className="sq", style={"background": hue(i)}), criterion["title"]],
                    title=criterion["source"]),
            html.Td(text, className="num amber-t" if lacking else "num"),
            html.Td(plain(ranked["utilities"].get(ident)), className="num"),
            html.Td(f"{100 * criterion['weight']:.0f}", className="num dim"),
        ]))  # fmt: skip
    heads = [t("site.h_criterion"), t("site.h_value"), t("site.h_utility"), t("site.h_weight")]
    stands = [f"{d['title']} {day(d['data_date'])}" for d in dates.values()]
    return html.Div(
        [html.H3(t("site.figures")),
         html.Table([html.Thead(html.Tr([html.Th(h, className="num" if i else "") for i, h in enumerate(heads)])),
                     html.Tbody(rows)], className="ft"),
         html.P(t("list.comma").join(stands), className="cap")],
        className="ssec",
    )  # fmt: skip


def _ways(routes: Sequence[Body]) -> Component | None:
    if not routes:
        return None
    rows = []
    for i, way in enumerate(routes):
        straight = t("site.way_straight", factor=f"{way['detour']:g}") if way["is_straight"] else t(
            "site.way_parts", access=f"{way['access_km']:.1f}", road=f"{way['network_km']:.1f}",
            egress=f"{way['egress_km']:.1f}", factor=f"{way['detour']:g}")  # fmt: skip
        doubt = t("site.way_doubt", km=f"{way['sigma_km']:.1f}") if way["sigma_km"] > DOUBTFUL_KM else ""
        rows.append(html.Li([
            html.Div([html.I(className="ln", style={"background": hue(i)}), html.Span(way["title"]), el.spacer(),
                      html.B(f"{way['total_km']:.1f} km"), html.Span(doubt, className="cap")], className="row gap2"),
            html.Div([html.Span(t("site.way_to", target=way["target"])), html.Span(straight)], className="cap wparts"),
        ]))  # fmt: skip
    return html.Div([el.row(html.H3(t("site.ways")), el.spacer(), html.Span(t("site.ways_note"), className="cap")),
                     html.Ul(rows, className="ways")], className="ssec")  # fmt: skip


def _record(layer: Layer | None, row: Body) -> Component | None:
    if layer is None:
        return None
    pairs = [html.Div([html.Dt(title), html.Dd(text)]) for title, text in record_words(layer, row)]
    source = [x for x in (row.get("source_name"), day(row.get("data_date"))) if x and x != DASH]
    if source:
        pairs.append(html.Div([html.Dt(t("site.source")), html.Dd(t("list.dot").join(source))]))
    return html.Div([html.H3(t("site.record")), html.Dl(pairs)], className="ssec sec")


# -- side by side -----------------------------------------------------------------------------


def compare_panel(asked: Asked, body: Body) -> list[Component | None]:
    """Return two to four sites side by side; nothing while fewer are chosen."""
    found = [(i, *find(body, i)) for i in asked.compared]
    entries = [(i, ranked, out) for i, ranked, out in found if ranked or out]
    if not entries:
        return []
    close = el.icon_button("close", t("site.compare_close"), "ib sm", **el.op(("set", "cmp", "")))
    head = el.row(html.H2(t("site.compare")), html.Span(t("site.compare_hint"), className="cap"), el.spacer(), close,
                  className="ph gap2")  # fmt: skip
    if len(entries) < 2:
        return [head, el.empty(t("site.compare_more"))]
    heads: list[Component] = [html.Th("")]
    for k, (i, ranked, out) in enumerate(entries):
        name = (ranked or out or {})["name"]
        heads.append(html.Th([html.I(className="sq", style={"background": hue(k)}),
                              html.Button(name, type="button", className="lk ell", **el.op(("set", "s", str(i)))),
                              el.icon_button("close", t("site.remove", name=name), "ib sm",
                                             **el.op(("toggle", "cmp", str(i))))], className="num"))  # fmt: skip
    lines = [
        _line(t("site.h_rank"), [str(r["rank"]) if r else t("site.is_out") for _, r, _ in entries]),
        _line(t("site.score"), [score(r["score"]) if r else DASH for _, r, _ in entries],
              _best([r["score"] if r else None for _, r, _ in entries], "max")),
        _line(t("site.h_first"), [share(r["p_first"]) if r else DASH for _, r, _ in entries]),
        _line(t("site.h_top10"), [share(r["p_top10"]) if r else DASH for _, r, _ in entries]),
        _line(method_name(next(r for _, r, _ in entries if r)["other"]["method"]) if any(r for _, r, _ in entries)
              else t("site.other_method"), [str(r["other"]["rank"]) if r else DASH for _, r, _ in entries]),
    ]  # fmt: skip
    for criterion in body["criteria"]:
        values = [r["values"].get(criterion["id"]) if r else None for _, r, _ in entries]
        useful = [r["utilities"].get(criterion["id"]) if r else None for _, r, _ in entries]
        title = f"{criterion['title']} {criterion['unit']}" if not criterion["labels"] else criterion["title"]
        lines.append(_line(title, [figure(v, "", criterion["labels"]) for v in values], _best(useful, "max"), useful))
    rows = [r for _, r, _ in entries if r]
    star = radar(rows, body["criteria"], [r["name"] for r in rows]) if len(rows) > 1 else None
    outs = [html.P(t("site.compare_out", name=o["name"], why=o["text"]), className="cap") for _, _, o in entries if o]
    return [head, html.Div([html.Div([html.Table([html.Thead(html.Tr(heads)), html.Tbody(lines)], className="ft cmpt"),
                                      *outs], className="grow scrollx"), star], className="cmpb")]  # fmt: skip


def _best(values: Sequence[float | None], objective: str) -> int | None:
    known = [(v, k) for k, v in enumerate(values) if v is not None]
    if len(known) < 2 or len({round(v, 9) for v, _ in known}) == 1:
        return None
    return (max if objective == "max" else min)(known)[1]


def _line(
    title: str, texts: Sequence[str], best: int | None = None, bars: Sequence[float | None] | None = None
) -> Component:
    cells = []
    for k, text in enumerate(texts):
        value = bars[k] if bars else None
        under = html.I(className="ub", style={"width": f"{100 * value:.0f}%", "background": hue(k)}) if value else None
        cells.append(html.Td([html.Span(text), under], className="num best" if k == best else "num"))
    return html.Tr([html.Td(title), *cells])
