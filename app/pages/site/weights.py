"""How weights are given: sliders with value functions, paired comparisons, from the data, by several parties."""

from __future__ import annotations

import itertools
import json
from collections.abc import Mapping
from typing import Any

from dash import html
from dash.development.base_component import Component

from app.i18n import t
from app.pages import el
from app.pages.site.asked import Asked
from app.pages.site.controls import adder, choice, do, entry, slider
from app.pages.site.pictures import value_curve
from app.pages.site.words import entered, hue
from geo.criteria import CRITERIA
from layers.registry import Catalogue
from layers.site import Profile

Body = Mapping[str, Any]
RATIOS = (9, 7, 5, 4, 3, 2, 1, 1 / 2, 1 / 3, 1 / 4, 1 / 5, 1 / 7, 1 / 9)
MOST_PARTIES = 6


def weight_section(cat: Catalogue, asked: Asked, profile: Profile, body: Body, extra: Body) -> Component:
    """Return the section."""
    del cat
    titles = {"": t("site.wm_slide"), "ahp": t("site.wm_ahp"), "auto": t("site.wm_auto"),
              "parties": t("site.wm_parties")}  # fmt: skip
    tabs = html.Span(
        [html.Button(text, type="button", className="on" if mode == asked.mode else "",
                     **{"aria-pressed": str(mode == asked.mode).lower(), **el.op(("set", "wm", mode))})
         for mode, text in titles.items()],
        className="seg wide", role="group", **{"aria-label": t("site.weights")},
    )  # fmt: skip
    shown: list[Component | None] = []
    if asked.mode == "ahp":
        shown = _ahp(asked, profile, extra.get("ahp"))
    elif asked.mode == "auto":
        shown = _auto(extra)
    elif asked.mode == "parties":
        shown = _parties(profile, extra)
    joined = bool(profile.stakeholders) and asked.mode != "parties"
    note = html.P([t("site.joined_note", n=len(profile.stakeholders)), " ",
                   html.Button(t("site.to_parties"), type="button", className="txt",
                               **el.op(("set", "wm", "parties")))], className="note") if joined else None  # fmt: skip
    rows = [_criterion(asked, profile, body, i) for i in range(len(profile.criteria))]
    return html.Div(
        [
            el.row(html.H3(t("site.weights")), el.spacer(), html.Span(t("site.sum100"), className="cap")),
            tabs,
            *shown,
            note,
            html.Div(rows, className="crits"),
            adder(_unused(profile), t("site.add_criterion"), ["push", "profile.criteria", "$"]),
        ],
        className="ssec",
    )  # fmt: skip


def _unused(profile: Profile) -> list[tuple[str, list[tuple[str, str]]]]:
    used = {c.id for c in profile.criteria}
    groups: dict[str, list[tuple[str, str]]] = {}
    for criterion in CRITERIA.values():
        if criterion.id in used or not all(getattr(profile, n) for n in criterion.needs):
            continue
        added = json.dumps({"id": criterion.id, "weight": 10})
        groups.setdefault(criterion.group, []).append((added, f"{criterion.title} {criterion.unit}"))
    return list(groups.items())


def _criterion(asked: Asked, profile: Profile, body: Body, i: int) -> Component:
    chosen, told = profile.criteria[i], body["criteria"][i]
    opened = asked.criterion == chosen.id
    label = t("site.weight_of", name=told["title"])
    goal = t("site.less_better") if told["objective"] == "min" else t("site.more_better")
    if chosen.value.type == "target":
        goal = t("site.target_best")
    under = [told["unit"], goal] if not told["labels"] else [goal]
    held = bool(profile.stakeholders)
    top = max(50.0, chosen.weight)
    bar = slider(label, chosen.weight, top, ["set", f"profile.criteria.{i}.weight", "$"], step=1)
    if held:
        bar = html.Span(html.I(style={"width": f"{100 * told['weight']:.1f}%"}), className="held")
    void = el.tag(t("site.void"), "amber") if told["is_void"] else None
    return html.Div(
        [
            html.Div(
                [
                    html.I(className="sq", style={"background": hue(i)}),
                    html.Button(told["title"], type="button", className="ct2 ell", title=told["source"],
                                **{"aria-expanded": str(opened).lower(),
                                   **el.op(("set", "crit", "" if opened else chosen.id))}),
                    bar,
                    html.Span(f"{100 * told['weight']:.0f}", className="num wv", title=t("site.share_of_100")),
                ],
                className="crow",
            ),
            el.row(html.Span(t("list.dot").join(x for x in under if x), className="cap"), void, el.spacer(),
                   html.Button([t("site.curve"), el.icon("up" if opened else "down", small=True)], type="button",
                               className="txt mini", **el.op(("set", "crit", "" if opened else chosen.id))),
                   className="under gap2"),
            _editor(profile, told, i) if opened else None,
        ],
        className="crit open" if opened else "crit",
    )  # fmt: skip


# -- value functions --------------------------------------------------------------------------


def _editor(profile: Profile, told: Body, i: int) -> Component:
    chosen = profile.criteria[i]
    kinds = {"linear": t("site.v_linear"), "sigmoid": t("site.v_sigmoid"), "piecewise": t("site.v_piecewise"),
             "target": t("site.v_target"), "categorical": t("site.v_categorical")}  # fmt: skip
    if not told["labels"]:
        kinds.pop("categorical")
    fresh = {k: json.dumps({"type": k, "params": _first_params(k, told)}, ensure_ascii=False) for k in kinds}
    pick = choice([(fresh[k], kinds[k]) for k in kinds], fresh.get(chosen.value.type, ""), t("site.value_type"),
                  ["set", f"profile.criteria.{i}.value", "$"], kind="json")  # fmt: skip
    drawn = value_curve(told, i)
    missing = told["histogram"]["n_missing"]
    lacks = html.P(t("site.n_missing", n=missing), className="cap amber-t") if missing else None
    return html.Div(
        [
            html.P(t("site.no_curve"), className="cap") if drawn is None else drawn,
            el.row(html.Span(t("site.value_type"), className="cap grow"), pick, className="gap2"),
            *_params(chosen.value.type, told, i),
            lacks,
            html.P(t("site.source_of", source=told["source"]), className="cap"),
            el.button(t("site.drop_criterion"), "txt", **do(["cut", "profile.criteria", i]))
            if len(profile.criteria) > 1 else None,
        ],
        className="veditor",
    )  # fmt: skip


def _range_of(told: Body) -> tuple[float, float]:
    edges = told["histogram"]["edges"]
    return (float(edges[0]), float(edges[-1])) if edges else (0.0, 100.0)


def _first_params(kind: str, told: Body) -> dict[str, Any]:
    """Return the parameters that a newly chosen function begins with; the present one keeps its own."""
    if told["value"]["type"] == kind:
        return dict(told["value"]["params"])
    low, high = (round(x, 2) for x in _range_of(told))
    if kind == "piecewise":
        high = high if high > low else low + 1
        ends = [[low, 1.0], [high, 0.0]] if told["objective"] == "min" else [[low, 0.0], [high, 1.0]]
        return {"points": [ends[0], [round((low + high) / 2, 2), 0.5], ends[1]]}
    if kind == "target":
        wide = round(max((high - low) / 2, 1.0), 2)
        return {"target": round((low + high) / 2, 2), "tolerance_low": wide, "tolerance_high": wide}
    if kind == "categorical":
        n = max(len(told["labels"]) - 1, 1)
        return {"values": {w: round(k / n, 2) for k, w in enumerate(told["labels"])}}
    return {}


def _params(kind: str, told: Body, i: int) -> list[Component]:
    path, params = f"profile.criteria.{i}.value", told["value"]["params"]

    def one(name: str, label: str, unit: str = told["unit"]) -> Component:
        steps = ["set", f"{path}.params.{name}", "$"], ["set", f"{path}.type", kind]
        return el.row(html.Span(label, className="cap grow"),
                      entry(label, entered(_short(params.get(name))), *steps, className="w72"),
                      html.Span(unit, className="unit"), className="gap1")  # fmt: skip

    if kind in ("linear", "sigmoid"):
        auto = el.button(t("site.auto_range"), "txt", **do(["set", path, {"type": kind, "params": {}}]))
        return [one("best", t("site.best")), one("worst", t("site.worst")), auto]
    if kind == "target":
        return [one("target", t("site.target")), one("tolerance_low", t("site.tol_low")),
                one("tolerance_high", t("site.tol_high"))]  # fmt: skip
    if kind == "piecewise":
        text = "; ".join(f"{plain_number(x)}:{plain_number(v)}" for x, v in params["points"])
        steps = ["set", f"{path}.params.points", "$"], ["set", f"{path}.type", kind]
        box = entry(t("site.points"), text, *steps, kind="points", className="grow")
        return [el.row(html.Span(t("site.points"), className="cap"), box, className="gap2")]
    rows = []
    for label in told["labels"]:
        steps = ["set", f"{path}.params.values.{label}", "$"], ["set", f"{path}.type", kind]
        rows.append(el.row(html.Span(label, className="cap grow"),
                           entry(label, entered(params["values"].get(label, params.get("default", 0))), *steps,
                                 className="w72"), className="gap1"))  # fmt: skip
    return rows


def _short(value: Any) -> Any:
    return None if value is None else round(float(value), 4)


def plain_number(value: float) -> str:
    """Write a number without needless digits."""
    return f"{float(value):.6g}"


# -- paired comparisons, the data's own, parties ----------------------------------------------


def _ahp(asked: Asked, profile: Profile, found: Body | None) -> list[Component | None]:
    ids = [c.id for c in profile.criteria]
    stated = {(a, b): r for a, b, r in asked.task.pairs}
    worst = (found or {}).get("worst_pair") or {}
    consistent = found is None or found["is_consistent"]
    rows = []
    for a, b in itertools.combinations(ids, 2):
        ratio = stated.get((a, b))
        words = t("site.pair", a=CRITERIA[a].title, b=CRITERIA[b].title)
        options = [("", t("site.pair_open"))] + [(f"{r:.6g}", _ratio(r)) for r in RATIOS]
        held = "" if ratio is None else f"{min(RATIOS, key=lambda r: abs(r - ratio)):.6g}"
        flagged = not consistent and {worst.get("a"), worst.get("b")} == {a, b}
        rows.append(html.Div(
            [html.Span(CRITERIA[a].title, className="ell"),
             choice(options, held, words, ["pair", a, b, "$"], kind="number"),
             html.Span(CRITERIA[b].title, className="ell right")],
            className="pair bad" if flagged else "pair",
        ))  # fmt: skip
    said: list[Component | None] = [html.P(t("site.ahp_note"), className="cap")]
    if found is not None:
        said.append(html.P(found["sentence"], className="note" if consistent else "note amber", role="status"))
    again = el.button(t("site.pairs_clear"), "txt", **do(["set", "pairs", []])) if asked.task.pairs else None
    return [*said, html.Details([html.Summary([t("site.pairs", n=len(stated), of=len(rows)),
                                               el.icon("down", small=True)], className="pick"),
                                 html.Div(rows, className="pairs")], open=True, className="terms",
                                **{"data-keep": "pairs"}), again]  # fmt: skip


def _ratio(r: float) -> str:
    if r == 1:
        return t("site.same")
    return t("site.left_more", n=f"{r:g}") if r > 1 else t("site.right_more", n=f"{round(1 / r):g}")


def _auto(extra: Body) -> list[Component | None]:
    buttons = el.row(
        el.button(t("site.entropy"), "btn sm", **{"data-site": "auto", "data-how": "entropy"}),
        el.button("CRITIC", "btn sm", **{"data-site": "auto", "data-how": "critic"}), className="gap2",
    )  # fmt: skip
    done = extra.get("auto")
    note = html.P(t("site.auto_done", n=done["n"]), className="note", role="status") if done else None
    return [html.P(t("site.auto_note"), className="cap"), buttons, note]


def _parties(profile: Profile, extra: Body) -> list[Component | None]:
    cards = []
    for k, party in enumerate(profile.stakeholders):
        path = f"profile.stakeholders.{k}"
        first = (extra.get("parties") or {}).get(k)
        cards.append(html.Div(
            [
                el.row(entry(t("site.party_name"), party.name, ["set", f"{path}.name", "$"], kind="text",
                             className="grow"),
                       html.Span(t("site.power"), className="cap"),
                       entry(t("site.power"), entered(party.power), ["set", f"{path}.power", "$"], className="w40"),
                       el.icon_button("close", t("site.remove", name=party.name), "ib sm",
                                      **do(["cut", "profile.stakeholders", k])), className="gap1"),
                html.Div([
                    html.Div([html.I(className="sq", style={"background": hue(i)}),
                              html.Span(CRITERIA[c.id].title, className="ell cap"),
                              entry(t("site.party_weight", party=party.name, name=CRITERIA[c.id].title),
                                    entered(party.weights.get(c.id, 0.0)), ["set", f"{path}.weights.{c.id}", "$"],
                                    className="w40")], className="pw")
                    for i, c in enumerate(profile.criteria)
                ], className="pws"),
                html.P(first, className="cap") if first else None,
            ],
            className="party",
        ))  # fmt: skip
    weights = {c.id: c.weight for c in profile.criteria}
    fresh = {"name": t("site.party_n", n=len(profile.stakeholders) + 1), "power": 1, "weights": weights}
    add = el.button([el.icon("plus", small=True), t("site.add_party")], "btn sm",
                    **do(["push", "profile.stakeholders", fresh]))  # fmt: skip
    return [html.P(t("site.parties_note"), className="cap"), *cards,
            add if len(profile.stakeholders) < MOST_PARTIES else None]  # fmt: skip
