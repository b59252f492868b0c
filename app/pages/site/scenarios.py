"""Saved tasks: save, list, delete, and rank several side by side."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

from dash import html
from dash.development.base_component import Component

from app.actions import writer_dsn
from app.api.common import INTERNAL
from app.i18n import t
from app.pages import el
from app.pages.site.asked import read_asked
from app.pages.site.task import Task
from app.pages.site.words import hue, score, share
from app.pages.targets.markup import to_html
from geo.criteria import CRITERIA
from geo.errors import InputError
from layers.settings import Settings
from layers.site_answer import answer_rank
from layers.store.reader import Reader
from layers.store.scenarios import delete_scenario, read_scenarios, save_scenario

Body = dict[str, Any]
MOST = 4


async def save(reader: Reader, settings: Settings, given: Mapping[str, Any]) -> Body:
    """Save what the page works on; with ``id`` as a new version of that scenario.

    Raises
    ------
    YuantuError
        No name, or a task that cannot be answered; nothing was saved.
    """
    asked = await read_asked(reader, given)
    profile = asked.task.parsed()
    body = await answer_rank(
        reader, profile, asked.when, asked.demo, data_dir=settings.data_dir, internal=INTERNAL
    )  # fmt: skip
    found = {
        "sentence": body["sentence"], "as_of": body["as_of"], "n": len(body["ranked"]), "is_demo": body["is_demo"],
        "first": [{"id": r["id"], "name": r["name"]} for r in body["ranked"][:3]],
    }  # fmt: skip
    dsn = await asyncio.to_thread(writer_dsn, settings)
    ident = await asyncio.to_thread(
        save_scenario, dsn, str(given.get("name") or ""), asked.task.as_json(), body["profile_sha256"], found,
        scenario_id=str(given.get("id") or "")[:20], note=str(given.get("note") or ""), who=str(given.get("who") or ""),
    )  # fmt: skip
    return {"id": ident, "said": t("site.saved", name=str(given.get("name"))[:60])}


async def remove(settings: Settings, ident: str) -> Body:
    """Delete a scenario; its versions stay on record."""
    dsn = await asyncio.to_thread(writer_dsn, settings)
    name = await asyncio.to_thread(delete_scenario, dsn, ident[:20])
    return {"said": t("site.deleted", name=name)}


async def list_scenarios(reader: Reader, opened: str) -> Body:
    """Return the list as HTML."""
    rows = await read_scenarios(reader)
    if not rows:
        return {"html": to_html(el.empty(t("site.no_scenarios"))), "n": 0}
    items = [_item(row, row["id"] == opened) for row in rows]
    foot = el.row(html.Span(t("site.tick_two"), className="cap grow"),
                  el.button(t("site.compare_them"), "btn pri", disabled=True, **{"data-site": "compare-scenarios"}),
                  className="gap2 sfoot2")  # fmt: skip
    return {"html": to_html([html.Div(items, className="sitems"), foot, html.Div(id="site-scenario-compared")]),
            "n": len(rows)}  # fmt: skip


def _item(row: Mapping[str, Any], opened: bool) -> Component:
    found = row["found"]
    when = str(row["saved_at"])[:16].replace("T", " ")
    under = [x for x in (when, row["saved_by"], t("site.n_ranked", n=found.get("n", 0))) if x]
    return html.Div(
        [
            html.Button(html.I(className="tick"), type="button", role="checkbox", className="ck",
                        title=t("site.tick"), **{"aria-checked": "false", "aria-label": t("site.tick_named",
                                                                                         name=row["name"]),
                                                 "data-site": "tick", "data-id": row["id"]}),
            html.Div([
                el.row(html.A(row["name"], href=f"/site?sc={row['id']}", className="nm2 ell", **{"data-open": ""}),
                       el.demo_tag() if found.get("is_demo") else None,
                       el.tag(t("site.opened"), "sea") if opened else None, className="gap2"),
                html.P(t("list.dot").join(under), className="cap"),
                html.P(found.get("sentence", ""), className="small2"),
                html.P(row["note"], className="cap") if row["note"] else None,
            ], className="grow"),
            el.icon_button("close", t("site.delete", name=row["name"]), "ib sm",
                           **{"data-site": "delete", "data-id": row["id"], "data-name": row["name"]}),
        ],
        className="sitem on" if opened else "sitem",
    )  # fmt: skip


async def compare_scenarios(reader: Reader, settings: Settings, given: Mapping[str, Any]) -> Body:
    """Return two to four scenarios side by side, each ranked anew on the same day.

    Raises
    ------
    InputError
        Fewer than two, or more than four.
    """
    ids = [str(x)[:20] for x in given.get("ids") or []]
    if not 2 <= len(ids) <= MOST:
        raise InputError(t("site.tick_two"), "")
    rows = await read_scenarios(reader, ids)
    asked = await read_asked(reader, {**given, "task": rows[0]["task"]})
    bodies = [
        await answer_rank(reader, Task.of_json(r["task"]).parsed(), asked.when, asked.demo, data_dir=settings.data_dir,
                          internal=INTERNAL)
        for r in rows
    ]  # fmt: skip
    return {"html": to_html(_table(rows, bodies))}


def _table(rows: Sequence[Mapping[str, Any]], bodies: Sequence[Body]) -> list[Component]:
    heads = [html.Th("")] + [
        html.Th([html.I(className="sq", style={"background": hue(k)}), r["name"]], className="num")
        for k, r in enumerate(rows)
    ]
    lines = [
        _line(t("site.first_site"), [b["ranked"][0]["name"] if b["ranked"] else "—" for b in bodies]),
        _line(t("site.h_first"), [share(b["ranked"][0]["p_first"]) if b["ranked"] else "—" for b in bodies]),
        _line(t("site.n_kept"), [f"{len(b['ranked'])} / {b['n']}" for b in bodies]),
        _line(t("site.method"), [t("site.wsm") if b["method"] == "wsm" else "TOPSIS" for b in bodies]),
    ]
    used = [c for c in CRITERIA if any(c == x["id"] for b in bodies for x in b["criteria"])]
    lines.append(html.Tr([html.Td(html.B(t("site.weights")), colSpan=len(rows) + 1)]))
    for ident in used:
        weights = [next((x["weight"] for x in b["criteria"] if x["id"] == ident), None) for b in bodies]
        lines.append(_line(CRITERIA[ident].title, ["—" if w is None else f"{100 * w:.0f}" for w in weights]))
    lines.append(html.Tr([html.Td(html.B(t("site.ranks")), colSpan=len(rows) + 1)]))
    names: dict[Any, str] = {r["id"]: r["name"] for b in bodies for r in b["ranked"][:5]}
    for ident, name in names.items():
        entries = [next((r for r in b["ranked"] if r["id"] == ident), None) for b in bodies]
        lines.append(_line(name, [f"{e['rank']} · {score(e['score'])}" if e else t("site.is_out") for e in entries]))
    sentences = [html.P([html.I(className="sq", style={"background": hue(k)}), b["sentence"]], className="small2")
                 for k, b in enumerate(bodies)]  # fmt: skip
    return [html.Table([html.Thead(html.Tr(heads)), html.Tbody(lines)], className="ft cmpt"), *sentences]


def _line(title: str, texts: Sequence[str]) -> Component:
    return html.Tr([html.Td(title), *(html.Td(x, className="num") for x in texts)])
