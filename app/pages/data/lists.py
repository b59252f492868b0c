"""The lists of the data page: files received, how fresh each layer is, every run that changed one."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from dash import html
from dash.development.base_component import Component

from app.i18n import t
from app.pages import el
from app.pages.data import pager
from app.pages.data.drafts import Draft
from app.pages.data.pager import Asked
from app.pages.format import DASH, day
from app.pages.map.layers_panel import age_text, stale_days
from app.pages.source import read_run
from app.pages.view import LayerFacts, Run
from layers.registry import Catalogue

STATES = {"new": "amber", "waiting": "amber", "asking": "flat", "published": "reed", "undone": ""}
MOST_RUNS = 1000  # the latest runs; older ones by the command


def layers_table(
    cat: Catalogue, facts: dict[str, LayerFacts], now: dt.date, waiting: Mapping[str, int] | None = None
) -> Component:
    """Return each layer's count, demonstration records, date, owner, whether it is too old, and what waits."""
    heads = ("layer", "n", "n_demo", "date", "state", "owner") + (() if waiting is None else ("held", "template"))
    body = []
    for layer in cat.layers.values():
        own = facts.get(layer.id)
        if own is None:
            continue
        stale = stale_days(layer, own, now)
        state: Component = el.tag(t("data.fresh"), "reed")
        if own.data_date is None:
            state = el.tag(t("data.empty"))
        elif stale:
            state = el.tag(t("layers.stale", age=age_text(stale)), "amber")
        name: Component | str = layer.title
        if layer.id != "boundary":
            name = el.link(layer.title, f"/?layer={layer.id}")
        cells = [
            html.Td(name),
            html.Td(f"{own.n:,}", className="num"),
            html.Td(f"{own.n_demo:,}" if own.n_demo else DASH, className="num"),
            html.Td(day(own.data_date)),
            html.Td(state),
            html.Td(own.owner or layer.owner),
        ]
        if waiting is not None:
            n = waiting.get(layer.id, 0)
            shown = el.link(f"{n:,}", f"/data?held={layer.id}", "lk flat") if n else DASH
            cells.append(html.Td(shown, className="num"))
            label = t("import.template_of", layer=layer.title)
            href = f"/data/template/{layer.id}"
            twice = {"aria-label": t("steward.pairs_of", layer=layer.title)}
            links = [
                el.link(t("import.template"), href, "txt", **{"data-file": "", "aria-label": label}),
            ]
            if layer.id != "boundary":  # one area is several records there: a county, a unit, a generation
                links.append(el.link(t("steward.pairs"), f"/data?pairs={layer.id}", "txt", **twice))
            cells.append(html.Td(html.Span(links, className="row gap2")))
        body.append(html.Tr(cells))
    numbers = ("n", "n_demo", "held")
    head = html.Tr([html.Th(t(f"data.h_{x}"), className="num" if x in numbers else "") for x in heads])
    return html.Table([html.Thead(head), html.Tbody(body)], className="dt")


def runs_table(cat: Catalogue, runs: Sequence[Run], undone: Mapping[int, int] | None = None) -> Component:
    """Return the runs: read = loaded + unchanged + quarantined, always; ``undone`` lets them be rolled back."""
    if not runs:
        return el.empty(t("data.no_runs"))
    heads = ("run", "at", "layer", "kind", "file", "read", "loaded", "unchanged", "quarantined", "who")
    heads += () if undone is None else ("undo",)
    numbers = {"run", "read", "loaded", "unchanged", "quarantined"}
    body = []
    for run in runs:
        layer = cat.layers.get(run.layer)
        cells = [
            html.Td(str(run.id), className="num"),
            html.Td(run.at.strftime("%Y-%m-%d %H:%M") if run.at else DASH),
            html.Td(layer.title if layer else DASH),
            html.Td(t(f"run.{run.kind}")),
            html.Td(run.file or run.reason or DASH, className="ell", title=run.file or run.reason),
            html.Td(f"{run.read:,}", className="num"),
            html.Td(f"{run.loaded:,}", className="num"),
            html.Td(f"{run.unchanged:,}", className="num"),
            html.Td(f"{run.quarantined:,}", className="num"),
            html.Td(run.who or DASH, className="ell", title=run.reason),
        ]
        if undone is not None:
            cells.append(html.Td(_undo(run, undone)))
        body.append(html.Tr(cells, id=f"run-{run.id}"))
    head = html.Tr([html.Th(t(f"data.h_{x}"), className="num" if x in numbers else "") for x in heads])
    return html.Div(
        [html.P(t("data.equation"), className="cap"), html.Table([html.Thead(head), html.Tbody(body)], className="dt")]
    )


def _undo(run: Run, undone: Mapping[int, int]) -> Component | str:
    if run.id in undone:
        return el.tag(t("import.undone_by", run=undone[run.id]))
    if run.kind == "reassign" or not (run.loaded or run.quarantined or run.kind == "rollback"):
        return ""
    label = t("import.undo_run", run=run.id)
    return el.button(t("import.undo"), "txt", **{"data-undo": str(run.id), "aria-label": label})


def overview(
    cat: Catalogue,
    facts: dict[str, LayerFacts],
    runs: Sequence[dict[str, Any]],
    waiting: Mapping[str, int],
    now: dt.date,
    drafts: bool,
    *,
    here: bool = True,
    asked: Asked | None = None,
    run: int | None = None,
) -> Component:
    """Return what the page shows when no file is chosen: how to begin, each layer, every run.

    ``asked`` says which page of the runs is shown; a ``run`` that is looked for brings its own page.
    """
    ids = [int(r["run_id"]) for r in runs]
    first = pager.start_of(ids.index(run) + 1 if run in ids else (asked or Asked()).first, len(runs))
    shown = [read_run(r) for r in runs[max(0, first - 1) : max(0, first - 1) + pager.PAGE]]
    more = [pager.line(first, len(runs), "runs")] if len(runs) > pager.PAGE else []
    if len(runs) >= MOST_RUNS:
        more.append(html.P(t("data.runs_some", n=f"{MOST_RUNS:,}"), className="cap"))
    undone = {int(r["run_id"]): int(r["reverted_by"]) for r in runs if r["reverted_by"]}
    start = [html.H1(t("data.title")), html.P(t("data.what"), className="dim")]
    if here and not drafts:
        start.append(html.P(t("import.start"), className="cap"))
    return html.Div(
        [
            *start,
            html.P(el.link(t("rounds.open"), "/data?rounds=now")) if here else None,
            html.H2(t("data.layers")),
            html.Div(layers_table(cat, facts, now, waiting), id="data-layers", className="scrollx", tabIndex=0),
            html.H2(t("data.runs")),
            *more,
            html.Div(
                runs_table(cat, shown, undone if here else None),
                id="data-runs",
                className="scrollx",
                tabIndex=0,
            ),
        ],
        className="sheet-page wide",
    )


def state_of(draft: Draft, undone: Mapping[int, int]) -> str:
    """Return a draft's state, seen with the runs that were rolled back."""
    return "undone" if draft.run in undone else draft.state


def state_tag(draft: Draft, undone: Mapping[int, int]) -> Component:
    """Return the label of a draft's state."""
    state = state_of(draft, undone)
    return el.tag(t(f"import.s_{state}"), STATES[state])


def head_count(drafts: Sequence[Draft], undone: Mapping[int, int]) -> str:
    """Return how many files wait, in words."""
    states = [state_of(d, undone) for d in drafts]
    waiting, asking = states.count("waiting") + states.count("new"), states.count("asking")
    return t("import.count", waiting=waiting, asking=asking)


def drafts_list(cat: Catalogue, drafts: Sequence[Draft], undone: Mapping[int, int], chosen: str) -> Component:
    """Return the files received, the latest first."""
    if not drafts:
        return el.empty(t("import.none"))
    made = []
    for draft in drafts:
        layer = cat.layers.get(draft.layer)
        # the layer of a file that could not be read is nobody's finding
        known = layer is not None and (draft.n_read or draft.state == "new" or not draft.suggested)
        said = [layer.title if layer and known else DASH]
        said += [t("import.rows", n=f"{draft.n_read:,}")] if draft.n_read else []
        on = draft.id == chosen
        made.append(
            html.A(
                [
                    el.row(
                        el.icon("file", small=True), html.Span(draft.file_name, className="ell nm"), className="gap2"
                    ),
                    el.row(
                        html.Span(t("list.dot").join(said)),
                        el.spacer(),
                        html.Span(draft.received_at[5:16].replace("T", " ")),
                        state_tag(draft, undone),
                        className="cap gap2 sub",
                    ),
                ],
                href=f"/data?draft={draft.id}",
                className="q on" if on else "q",
                **({"aria-current": "true"} if on else {}),
            )
        )
    return html.Div(made)
