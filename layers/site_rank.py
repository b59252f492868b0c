"""One brief answered: limits, criteria, ranking, robustness and the sentence. Pure: data in, the HTTP body out."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

import numpy as np

from geo.criteria import CRITERIA, World, uncertainty
from geo.criteria_base import Floats, Ints
from geo.rank import fill_missing, pareto_set, rank
from geo.robust import confidence, dethrone, draw_weights, leave_one_out, score_interval, smaa
from geo.value_functions import curve, evaluate
from layers.registry import Catalogue
from layers.site import Profile
from layers.site_limits import no_geometry
from layers.site_measure import Measured, stand
from layers.site_words import DEMO, lead_sentence
from layers.site_world import Choices
from layers.store.queries_site import Row, Surroundings

INTERVALS = 200
UNSURE, SAMPLES = 40, 400
BINS = 20
OTHER = {"wsm": "topsis", "topsis": "wsm"}


def rank_sites(
    profile: Profile, cat: Catalogue, choices: Choices, world: World, around: Surroundings, as_of: dt.date
) -> dict[str, Any]:
    """Answer a brief.

    Returns
    -------
    dict
        The body of ``POST /api/v1/site/rank``.

    Raises
    ------
    InputError
        A limit, value function, weight or criterion that cannot be used.
    """
    judged, kept, measured = stand(profile, cat, choices, world, around)
    weights = np.array(profile.weights())
    notes = list(judged.notes)
    nothing = np.isnan(measured.raw[kept]).all(axis=0) & bool(kept.any())
    void = nothing & (weights > 0)
    if void.any() and (weights[~void] > 0).any():
        titles = [c.title for c, gone in zip(measured.criteria, void, strict=True) if gone]
        notes.append(f"没有一处有“{'”“'.join(titles)}”的数据，未计入，其余权重按比例补足。")
        weights = np.where(void, 0.0, weights)
        weights = weights / weights.sum()
    active = np.flatnonzero(weights > 0)
    places = np.flatnonzero(kept)
    filled, complete = fill_missing(measured.values[np.ix_(places, active)], profile.missing)
    lacking, places, filled = places[~complete], places[complete], filled[complete]
    excluded = judged.excluded + [_without_figure(choices.rows[i], measured, active, int(i)) for i in lacking]
    body = _ranked(profile, choices, world, measured, weights, active, places, filled)
    demo = _demo_layers(profile, cat, choices, around)
    if lost := no_geometry(choices):
        notes.append(f"{lost} 处备选没有坐标，距离类准则无值。")
    if demo:
        notes.append(f"{'、'.join(demo)}含{DEMO}，结果只供演示。")
    n_out = len(excluded)
    return {
        "profile_sha256": profile.sha256(), "as_of": as_of.isoformat(), "seed": profile.seed,
        "sentence": lead_sentence(
            body["ranked"], body.pop("_shifts"), profile.draws, profile.spread, demo=bool(demo),
            emptied=judged.emptied["text"] if judged.emptied else _nothing_to_rank(profile, cat, choices, excluded),
            n_excluded=n_out,
        ),
        **body, "excluded": excluded, "n": len(choices.rows), "n_excluded": n_out,
        "n_demo": sum(bool(r["is_demo"]) for r in choices.rows),
        "limits": judged.limits, "emptied": judged.emptied,
        "criteria": _describe(profile, measured, weights, nothing, kept), "method": profile.method,
        "missing": profile.missing, "draws": profile.draws, "spread": profile.spread,
        "data": _data(profile, cat, choices, around), "notes": notes, "is_demo": bool(demo),
    }  # fmt: skip


def _ranked(
    profile: Profile, choices: Choices, world: World, measured: Measured, weights: Floats, active: Ints, places: Ints,
    filled: Floats,
) -> dict[str, Any]:  # fmt: skip
    empty: dict[str, Any] = {"ranked": [], "dethrone": [], "leave_one_out": [], "_shifts": []}
    if len(places) == 0:
        return empty
    w = weights[active]
    made = rank(filled, w, profile.method)
    other = rank(filled, w, OTHER[profile.method])
    draws = draw_weights(w, profile.draws, profile.seed, profile.spread)
    firm = smaa(filled, draws, profile.method)
    order = np.lexsort((np.array([choices.rows[i]["id"] for i in places]), made.ranks))
    sure = _confidence(profile, choices, world, measured, active, places, filled, firm.central, firm.first, made.ranks)
    spans = dict(zip(order[:INTERVALS].tolist(), score_interval(filled, draws, profile.method, order[:INTERVALS]),
                     strict=True))  # fmt: skip
    front = pareto_set(filled)
    ids = [measured.criteria[j].id for j in active]
    lonlat = choices.lonlat()
    ranked = []
    for k in order.tolist():
        i = int(places[k])
        row = choices.rows[i]
        low, high = spans.get(k, (None, None))
        ranked.append({
            "id": row["id"], "name": row["name"], "rank": int(made.ranks[k]), "score": float(made.scores[k]),
            "contributions": dict(zip(ids, made.contributions[k].tolist(), strict=True)),
            "p_first": float(firm.first[k]), "p_top10": float(firm.top10[k]), "confidence": sure.get(k),
            "score_low": None if low is None else float(low), "score_high": None if high is None else float(high),
            "other": {"method": OTHER[profile.method], "rank": int(other.ranks[k]), "score": float(other.scores[k])},
            "central_weights": None if np.isnan(firm.central[k]).any()
            else dict(zip(ids, firm.central[k].tolist(), strict=True)),
            "pareto": bool(front[k]), "is_demo": bool(row["is_demo"]), "county_code": row["county_code"],
            "location_accuracy": row["location_accuracy"], "lon": _plain(lonlat[i, 0]), "lat": _plain(lonlat[i, 1]),
            "values": {c.id: _plain(v) for c, v in zip(measured.criteria, measured.raw[i], strict=True)},
            "utilities": dict(zip(ids, filled[k].tolist(), strict=True)),
            "missing": [measured.criteria[j].id for j in active if np.isnan(measured.raw[i, j])],
        })  # fmt: skip
    shifts = dethrone(filled, w, profile.method)
    named = [(s, measured.criteria[active[s.criterion]].title, choices.rows[places[s.winner]]["name"]) for s in shifts]
    return {
        "ranked": ranked, "_shifts": named,
        "dethrone": [
            {"id": ids[s.criterion], "title": title, "share_now": s.share_now, "share": s.share,
             "winner_id": choices.rows[places[s.winner]]["id"], "winner": name}
            for s, title, name in named
        ],
        "leave_one_out": [
            {"id": ids[one.criterion], "title": measured.criteria[active[one.criterion]].title,
             "winners": [choices.rows[places[i]]["name"] for i in one.winners],
             "winner_ids": [choices.rows[places[i]]["id"] for i in one.winners],
             "rank_of_winner": one.rank_of_winner}
            for one in leave_one_out(filled, w, profile.method)
        ],
    }  # fmt: skip


def _nothing_to_rank(
    profile: Profile, cat: Catalogue, choices: Choices, excluded: list[dict[str, Any]]
) -> str:  # fmt: skip
    """Return why nothing is left although no limit took it all."""
    layer = cat.layers.get(profile.alternatives.layer)
    if len(choices.rows) == 0 and layer is not None:
        return f"没有备选：“{layer.title}”没有符合备选条件的记录。请导入记录，放宽备选条件，或含{DEMO}试算。"
    return _all_lacking(excluded)


def _all_lacking(excluded: list[dict[str, Any]]) -> str:
    """Return why nothing is left, where the policy for missing figures leaves out what the limits admit."""
    titles = dict.fromkeys(f["title"] for e in excluded for f in e["fails"] if f["op"] == "missing")
    if not titles:
        return ""
    return f"符合硬约束的都缺少“{'”“'.join(titles)}”的资料，按“排除”处理后没有剩余；可把缺值改为按最差或按中位数。"


def _plain(value: Any) -> float | None:
    return None if value != value else float(value)


def _confidence(
    profile: Profile, choices: Choices, world: World, measured: Measured, active: Ints, places: Ints, filled: Floats,
    central: Floats, first: Floats, ranks: Ints,
) -> dict[int, float | None]:  # fmt: skip
    """Return confidence factors of the likeliest winners by position; 0 for those that never win.

    Distances vary with the accuracy of both ends, missing figures over what the others have.
    """
    likely = np.lexsort((ranks, -first))[:UNSURE]
    likely = likely[first[likely] > 0]
    found: dict[int, float | None] = {k: 0.0 for k in range(len(places)) if first[k] == 0}
    if len(likely) == 0:
        return found
    rng = np.random.default_rng([profile.seed, 1])
    samples = np.repeat(filled[likely][None], SAMPLES, axis=0)
    for column, j in enumerate(active.tolist()):
        criterion, function = measured.criteria[j], measured.functions[j]
        sigma = uncertainty(criterion, choices.sites, world, profile.params)[places[likely]]
        raw = measured.raw[places[likely], j]
        noise = rng.standard_normal((SAMPLES, len(likely)))
        moved = np.flatnonzero((sigma > 0) & np.isfinite(raw))
        if len(moved):
            shaken = np.maximum(raw[moved] + noise[:, moved] * sigma[moved], 0.0)
            samples[:, moved, column] = evaluate(function["type"], function["params"], shaken, criterion.labels)
        unknown, known = np.flatnonzero(np.isnan(raw)), measured.values[places, j]
        known = known[~np.isnan(known)]
        if len(unknown) and len(known):
            samples[:, unknown, column] = rng.choice(known, (SAMPLES, len(unknown)))
    sure = confidence(central[likely], samples, profile.method, filled.max(axis=0), filled.min(axis=0))
    return found | dict(zip(likely.tolist(), map(float, sure), strict=True))


def _without_figure(row: Row, measured: Measured, active: Ints, i: int) -> dict[str, Any]:
    """Return the entry of a site that the policy for missing figures leaves out."""
    lacking = [measured.criteria[j] for j in active if np.isnan(measured.values[i, j])]
    change = f"补上{'、'.join(c.title for c in lacking)}，或把缺值处理改为按最差或按中位数。"
    fails = [
        {"rule": f"missing:{c.id}", "title": c.title, "op": "missing", "limit": "exclude", "found": None,
         "short": None, "unit": c.unit, "change": f"补上“{c.title}”的资料", "text": f"{c.title}：没有资料"}
        for c in lacking
    ]  # fmt: skip
    return {
        "id": row["id"], "name": row["name"], "county_code": row["county_code"], "is_demo": row["is_demo"],
        **{key: fails[0][key] for key in ("rule", "title", "found", "limit", "short", "unit", "text")},
        "change": change, "n_fails": len(fails), "fails": fails,
    }  # fmt: skip


def _describe(profile: Profile, measured: Measured, weights: Floats, void: Any, kept: Any) -> list[dict[str, Any]]:
    """Return each criterion with its weight, value function, curve, and histogram over the sites admitted."""
    found = []
    for j, criterion in enumerate(measured.criteria):
        raw = measured.raw[kept, j]
        known = raw[np.isfinite(raw)]
        function = measured.functions[j]
        shape: dict[str, Any] = {"edges": [], "counts": [], "n_missing": len(raw) - len(known)}
        drawn: list[list[float]] = []
        if len(known):
            low, high = float(known.min()), float(known.max())
            counts, edges = np.histogram(known, bins=BINS if high > low else 1)
            shape |= {"edges": edges.tolist(), "counts": counts.tolist()}
            drawn = curve(function["type"], function["params"], low, high, criterion.labels).tolist()
        found.append({
            "id": criterion.id, "title": criterion.title, "unit": criterion.unit, "objective": criterion.objective,
            "source": criterion.source, "labels": list(criterion.labels), "weight": float(weights[j]),
            "stated_weight": profile.criteria[j].weight, "value": function, "curve": drawn, "histogram": shape,
            "is_void": bool(void[j]),
        })  # fmt: skip
    return found


def used_layers(profile: Profile) -> list[str]:
    """Return the layers that a brief stands on, the alternatives' first."""
    names = [profile.alternatives.layer, *(n for c in profile.criteria for n in CRITERIA[c.id].layers)]
    names += [n for limit in profile.limits if limit.id in CRITERIA for n in CRITERIA[limit.id].layers]
    names += ["constraint" for limit in profile.limits if limit.id == "constraint"]
    names += ["park" for limit in profile.limits if limit.id.startswith("park.")]
    return list(dict.fromkeys(names))


def _rows_of(layer: str, profile: Profile, choices: Choices, around: Surroundings) -> Sequence[Row]:
    return choices.rows if layer == profile.alternatives.layer else around.rows.get(layer, [])


def _demo_layers(profile: Profile, cat: Catalogue, choices: Choices, around: Surroundings) -> list[str]:
    return [
        cat.layers[layer].title
        for layer in used_layers(profile)
        if layer in cat.layers and any(r["is_demo"] for r in _rows_of(layer, profile, choices, around))
    ]


def _data(profile: Profile, cat: Catalogue, choices: Choices, around: Surroundings) -> list[dict[str, Any]]:
    """Return what the answer stands on: per layer how many records, of which 演示, and their latest date."""
    found = []
    for layer in used_layers(profile):
        if layer not in cat.layers or (layer not in around.rows and layer != profile.alternatives.layer):
            continue
        rows = _rows_of(layer, profile, choices, around)
        real = [str(r["data_date"]) for r in rows if r["data_date"] and not r["is_demo"]]
        every = [str(r["data_date"]) for r in rows if r["data_date"]]
        found.append({
            "layer": layer, "title": cat.layers[layer].title, "owner": cat.layers[layer].owner, "n": len(rows),
            "n_demo": sum(bool(r["is_demo"]) for r in rows),
            "n_located": sum(r.get("geom") is not None for r in rows),
            "data_date": max(real or every, default=None),
        })  # fmt: skip
    return found
