"""What publishing would change: a table of old → new, and where it lies."""

from __future__ import annotations

from typing import Any

from dash import html
from dash.development.base_component import Component

from app.i18n import t
from app.pages import el
from app.pages.data import county_map
from app.pages.data.drafts import Draft
from app.pages.format import DASH, day
from app.pages.view import LayerFacts

KINDS = ("changed", "new", "closed", "unchanged")
TAGS = {"changed": "sea", "new": "reed", "closed": "amber"}
SHOWN = 200
DRAWN = {"new": ("square", "reed"), "changed": ("dot", "sea"), "same": ("cross", "ink-4")}


def _rows(kind: str, items: list[dict[str, Any]]) -> list[Component]:
    made = []
    label = el.tag(t(f"import.d_{kind}"), TAGS[kind])
    for item in items[:SHOWN]:
        row = str(item.get("row") or DASH)
        fields = item.get("fields") or [{"field": t(f"import.d_{kind}_note"), "old": "", "new": ""}]
        for i, f in enumerate(fields):
            first = i == 0
            made.append(
                html.Tr(
                    [
                        html.Td(label if first else ""),
                        html.Td(item["name"] if first else "", className="ell"),
                        html.Td(row if first else "", className="num dim"),
                        html.Td(f["field"]),
                        html.Td(html.Del(f["old"]) if f["old"] and f["old"] != DASH else f["old"], className="dim ell"),
                        html.Td(f["new"], className="ell new"),
                    ]
                )
            )
    return made


def section(
    draft: Draft, made: dict[str, Any], given: dict[str, str], facts: LayerFacts | None, areas: bytes
) -> Component:
    """Return the section: chips with counts, the table, the map."""
    diff, items = made["diff"], made["difference"]
    counts = {k: diff[k] for k in KINDS}
    first = next((k for k in KINDS if counts[k]), "changed")
    kind = given.get("diff") if given.get("diff") in KINDS else first
    chips = [
        html.Button(
            f"{t(f'import.d_{k}')} {counts[k]:,}",
            type="button",
            className="chip on" if k == kind else "chip",
            **{"aria-pressed": "true" if k == kind else "false"},
            **el.op(("set", "diff", k)),
        )
        for k in KINDS
    ]
    against = t("import.against", day=day(facts.data_date)) if facts is not None and facts.data_date else ""
    if kind == "unchanged" or not counts[kind]:
        key = "import.d_same" if kind == "unchanged" and counts[kind] else "import.d_none"
        table: Component = html.P(t(key, n=f"{counts[kind]:,}", kind=t(f"import.d_{kind}")), className="cap pad")
    else:
        names = ("", "name", "row", "field", "old", "new")
        heads = [html.Th(t(f"import.h_{n}") if n else "", className="num" if n == "row" else "") for n in names]
        body = _rows(str(kind), items[str(kind)])
        table = html.Table([html.Thead(html.Tr(heads)), html.Tbody(body)], className="t1 diff")
    some = counts[str(kind)] > SHOWN and kind != "unchanged"
    said = [t("import.difference_some", n=SHOWN, of=f"{counts[str(kind)]:,}"), _every(draft)]
    note = html.P(said, className="cap pad") if some else None
    return html.Section(
        [
            html.Div(
                [html.H2(t("import.diff")), *chips, el.spacer(), html.Span(against, className="cap"), _every(draft)],
                className="ph2 wrap",
            ),
            html.Div(table, className="scrollx"),
            note,
            _map(items["points"], areas),
        ]
    )


def _every(draft: Draft) -> Component:
    return el.link(t("import.difference_all"), f"/data/drafts/{draft.id}/difference", "txt", **{"data-file": ""})


def _map(points: list[list[Any]], areas: bytes) -> Component:
    groups = {k: [p for p in points if p[2] == k] for k in ("same", "changed", "new")}
    if not points:
        return html.P(t("import.map_none"), className="cap pad")
    drawn = [(DRAWN[k][0], DRAWN[k][1], groups[k]) for k in groups]
    keys = [(*DRAWN[k], t(f"import.p_{k}", n=f"{len(groups[k]):,}")) for k in ("new", "changed", "same") if groups[k]]
    label = t("import.map_label", n=f"{len(points):,}")
    return html.Div([county_map.picture(areas, drawn, label), county_map.legend(keys)], className="dmap")
