"""What the page's script asks: the answer to a task as HTML and a model of the map, the surface, scenarios, files."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from dash import Input, Output

from app.api.common import INTERNAL
from app.i18n import t
from app.pages.callbacks import Pages
from app.pages.site.asked import Asked, read_asked
from app.pages.site.brief import Panel, brief_panel
from app.pages.site.card import card, compare_panel
from app.pages.site.mapping import map_model
from app.pages.site.ranking import ranking_head, ranking_panel
from app.pages.site.words import plain
from app.pages.targets.markup import to_html
from layers.settings import Settings
from layers.site import Profile, presets
from layers.site_answer import Brief, answer_weights, open_brief
from layers.store.reader import Reader

Body = dict[str, Any]


async def names_of(reader: Reader) -> dict[str, str]:
    """Return the counties by code, and what is beyond or unknown."""
    from app.pages.source import Source

    return await Source(reader, reader.cat).names()


async def answer(reader: Reader, settings: Settings, given: Mapping[str, Any]) -> Body:
    """Return everything the page shows of a task, but for the surface.

    Raises
    ------
    YuantuError
        The task, or something in it, cannot be used.
    """
    asked = await read_asked(reader, given)
    asked, extra = await _weigh(reader, settings, asked)
    profile = asked.task.parsed()
    brief, names = await asyncio.gather(
        open_brief(reader, profile, asked.when, asked.demo, data_dir=settings.data_dir, internal=INTERNAL),
        names_of(reader),
    )
    body = await asyncio.to_thread(brief.rank)
    routes: list[Body] = []
    row = brief.row(asked.site) if asked.site is not None else None
    if row is not None:
        routes = (await asyncio.to_thread(brief.routes, int(row["id"])))["routes"]
    if asked.mode == "parties" and profile.stakeholders:
        extra["parties"] = await asyncio.to_thread(_parties, brief, profile)
    return await asyncio.to_thread(_paint, reader, asked, profile, brief, body, row, routes, names, extra)


def _paint(
    reader: Reader, asked: Asked, profile: Profile, brief: Brief, body: Body, row: Body | None, routes: list[Body],
    names: dict[str, str], extra: Body,
) -> Body:  # fmt: skip
    _tell_facts(brief, body)
    counties = {c["code"]: names.get(c["code"], c["code"]) for c in brief.around.counties}
    panel = Panel(reader.cat, asked, profile, body, counties, extra)
    scenario = asked.scenario
    parts: dict[str, Any] = {
        "site-head": ranking_head(body),
        "site-ranking": ranking_panel(asked, body, names),
        "site-card": card(asked, reader.cat, body, row, routes, names) if asked.site is not None else [],
        "site-compare": compare_panel(asked, body) if asked.compared else [],
    }
    if not asked.moving:
        parts["site-brief"] = brief_panel(panel)
    found = {
        "sentence": body["sentence"], "as_of": body["as_of"], "n": len(body["ranked"]), "is_demo": body["is_demo"],
        "first": [{"id": r["id"], "name": r["name"], "score": r["score"], "p_first": r["p_first"]}
                  for r in body["ranked"][:5]],
    }  # fmt: skip
    return {
        "html": {k: to_html(v) for k, v in parts.items()},
        "task": asked.task.as_json(), "p": asked.task.pack(), "sha256": body["profile_sha256"],
        "map": map_model(asked, reader.cat, brief, body, routes), "found": found,
        "shares": [c["weight"] for c in body["criteria"]],
        "title": profile.title or t("site.untitled"), "site": row is not None, "compared": len(asked.compared),
        "scenario": None if scenario is None else {k: scenario[k] for k in ("id", "name", "note", "saved_at")},
    }  # fmt: skip


def _tell_facts(brief: Brief, body: Body) -> None:
    """Give each ranked site the area and the price of its own record."""
    rows = {r["id"]: r for r in brief.choices.rows}
    for ranked in body["ranked"]:
        row = rows[ranked["id"]]
        words = []
        if row.get("area_mu"):
            words.append(t("site.mu", n=plain(row["area_mu"])))
        if row.get("floor_m2"):
            words.append(f"{plain(row['floor_m2'])} m²")
        if row.get("price_cny_per_mu"):
            words.append(t("site.wan_per_mu", n=plain(row["price_cny_per_mu"] / 1e4)))
        if row.get("rent_cny_per_m2_month"):
            words.append(t("site.rent", n=plain(row["rent_cny_per_m2_month"])))
        ranked["facts"] = t("list.dot").join(words)


async def _weigh(reader: Reader, settings: Settings, asked: Asked) -> tuple[Asked, Body]:
    """Take the weights from the comparisons that have been made; those still open count as equal."""
    extra: Body = {}
    if asked.mode != "ahp" or not asked.task.pairs:
        return asked, extra
    profile = asked.task.parsed()
    ids = [c.id for c in profile.criteria]
    stated = {(a, b): r for a, b, r in asked.task.pairs if a in ids and b in ids and a != b}
    pairs = [(a, b, stated.get((a, b), 1 / stated[b, a] if (b, a) in stated else 1.0))
             for a, b in itertools.combinations(ids, 2)]  # fmt: skip
    found = await answer_weights(reader, profile, "ahp", pairs, asked.when, asked.demo, data_dir=settings.data_dir)
    return asked.with_task(asked.task.with_weights(found["weights"])), {"ahp": found}


def _parties(brief: Brief, profile: Profile) -> dict[int, str]:
    """Return which site each party alone would put first."""
    told = {}
    for k, party in enumerate(profile.stakeholders):
        if not any(party.weights.values()):
            told[k] = t("site.party_none")
            continue
        criteria = tuple(c.model_copy(update={"weight": party.weights.get(c.id, 0.0)}) for c in profile.criteria)
        alone = profile.model_copy(update={"criteria": criteria, "stakeholders": (), "draws": 1})
        ranked = brief.rank(alone)["ranked"]
        told[k] = t("site.party_first", name=ranked[0]["name"], score=f"{ranked[0]['score']:.3f}") if ranked else t(
            "site.party_nothing")  # fmt: skip
    return told


async def auto_weights(reader: Reader, settings: Settings, given: Mapping[str, Any]) -> Body:
    """Return the task with weights from the admitted sites' own figures."""
    asked = await read_asked(reader, given)
    found = await answer_weights(
        reader, asked.task.parsed(), str(given.get("how") or ""), [], asked.when, asked.demo,
        data_dir=settings.data_dir, internal=INTERNAL,
    )  # fmt: skip
    task = asked.task.with_weights(found["weights"])
    task = replace(task, profile={k: v for k, v in task.profile.items() if k != "stakeholders"})
    return {"task": task.as_json(), "said": t("site.auto_done", n=found["n"])}


def register(pages: Pages) -> None:
    """Tell the page's script of each change of the address."""
    from app.pages.site.routes import router

    presets()  # a broken preset fails at start
    pages.app.server.include_router(router)
    pages.app.clientside_callback(
        "function(a){return window.yt && window.yt.siteAddress ? window.yt.siteAddress(a)"
        " : window.dash_clientside.no_update;}",
        Output("site-told", "data"),
        Input("s-site", "data"),
        prevent_initial_call=True,
    )
