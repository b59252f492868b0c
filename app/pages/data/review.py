"""One file under review: steps, the equation, the header match, the choices, the difference, and publishing."""

from __future__ import annotations

from typing import Any

from dash import html
from dash.development.base_component import Component

from app.i18n import t
from app.pages import el
from app.pages.data import differences, summary
from app.pages.data.drafts import Draft
from app.pages.data.lists import STATES
from app.pages.format import DASH
from app.pages.view import LayerFacts
from layers.registry import Catalogue
from layers.spec import Layer

STEPS = ("upload", "read", "headers", "locate", "review", "publish")
FEW_COLUMNS = 12
AMBER = ("none", "similar", "cut")


def choice(options: list[tuple[str, str]], value: str, title: str, send: str, **given: str) -> html.Span:
    """Return a drop-down that is sent as soon as it is changed."""
    select = html.Select(
        [html.Option(text, value=v) for v, text in options],
        **{"aria-label": title, "data-value": value, "data-send": send, **{f"data-{k}": v for k, v in given.items()}},
    )
    return html.Span([select, el.icon("down", small=True)], className="sel")


def box(name: str, value: str, label: str, send: str, hint: str = "") -> html.Span:
    """Return the place of a text box that is sent when it is left."""
    return html.Span(
        className="tbox",
        **{"data-box": name, "data-text": value, "data-label": label, "data-to": send, "data-hint": hint},
    )


def steps(stage: int, failed: bool) -> Component:
    """Return the six steps: done, where it stands, to come."""
    made = []
    for i, name in enumerate(STEPS, 1):
        done = i < stage or stage == len(STEPS)
        state = "done" if done else ("now bad" if failed and i == stage else "now" if i == stage else "")
        mark: Any = el.icon("check", small=True) if done else str(i)
        current = {"aria-current": "step"} if i == stage else {}
        made.append(html.Li([html.I(mark), html.Span(t(f"import.step_{name}"))], className=state, **current))
    return html.Ol(made, className="steps")


def head(draft: Draft, made: dict[str, Any]) -> Component:
    """Return the file's name, size, sender and steps."""
    said = [_size(draft.n_bytes), draft.received_by, draft.received_at[5:16].replace("T", " ")]
    state = draft.state if draft.run is None else "published"
    return html.Div(
        [
            el.row(
                html.H1(draft.file_name, className="ell", title=draft.file_name),
                el.tag(t(f"import.s_{state}"), STATES[state]),
                el.spacer(),
                html.Span(t("list.dot").join(x for x in said if x), className="cap"),
                className="gap2 wrap",
            ),
            steps(made["stage"], bool(made["error"])),
        ],
        className="fh",
    )


def _size(n: int) -> str:
    return f"{n / 1e6:.1f} MB" if n >= 1e6 else f"{max(1, round(n / 1e3))} kB"


def equation(made: dict[str, Any]) -> Component:
    """Return read = loaded + unchanged + held back, with its bar."""
    counts, diff = made["counts"], made["diff"] or {}
    loaded, same, held = counts["loaded"], counts["unchanged"], counts["quarantined"]

    def part(name: str, n: int, note: str = "", colour: str = "") -> Component:
        return html.Div(
            [
                html.Div(t(f"import.q_{name}"), className="cap"),
                html.B(f"{n:,}", className=f"fig-l {colour}"),
                html.Div(note, className="cap"),
            ]
        )

    signs = [html.Span(x, className="op", **{"aria-hidden": "true"}) for x in ("=", "+", "+")]
    split = t("import.q_split", new=f"{diff.get('new', 0):,}", changed=f"{diff.get('changed', 0):,}")
    parts = [
        part("read", counts["read"]),
        part("loaded", loaded, split, "sea"),
        part("unchanged", same),
        part("held", held, t("import.q_held_note") if held else "", "flat" if held else ""),
    ]
    row = [x for pair in zip(parts, [*signs, None], strict=True) for x in pair if x is not None]
    whole = max(1, counts["read"])
    widths = (("sea", loaded), ("same", same), ("held", held))
    bar = html.Div(
        [html.I(className=kind, style={"width": f"{100 * n / whole:.2f}%"}) for kind, n in widths if n],
        className="eqbar",
        **{"aria-hidden": "true"},
    )
    more = t("import.q_skipped", n=counts["skipped_non_data"])
    return html.Div(
        [*row, el.spacer(), html.Div([bar, html.Div(more, className="cap")], className="eqend")], className="cnt"
    )


def choices(cat: Catalogue, draft: Draft, made: dict[str, Any]) -> Component:
    """Return the layer, the mode, the day and the publisher, each changed in place."""
    send = f"/data/drafts/{draft.id}"
    layers = [(x.id, x.title) for x in cat.layers.values()]
    modes = [("upsert", t("import.m_upsert")), ("replace", t("import.m_replace"))]
    given = draft.options

    def item(key: str, control: Component, note: Component | None = None) -> Component:
        return html.Div([html.Span(t(f"import.o_{key}"), className="cap"), control, note], className="opt")

    return html.Div(
        [
            item(
                "layer",
                choice(layers, draft.layer, t("import.o_layer"), send, name="layer"),
                el.tag(t("import.suggested"), "sea") if draft.suggested else None,
            ),
            item("mode", choice(modes, given.get("mode", "upsert"), t("import.o_mode"), send, name="mode")),
            item("as_of", box("as_of", given.get("as_of") or "", t("import.o_as_of"), send, t("import.as_of_hint"))),
            *_policies(draft, made, send),
            item("publisher", box("publisher", given.get("publisher") or "", t("import.o_publisher"), send)),
        ],
        className="opts",
    )


def _policies(draft: Draft, made: dict[str, Any], send: str) -> list[Component]:
    """Return the sheet, where there are several, and what becomes of swapped rows and of 约数."""
    given, found = draft.options, []
    sheets = made.get("sheets") or []
    if len(sheets) > 1:
        options = [("", t("steward.sheet_all")), *((s, s) for s in sheets)]
        control = choice(options, given.get("sheet") or "", t("steward.sheet"), send, name="sheet")
        found.append(html.Div([html.Span(t("steward.sheet"), className="cap"), control], className="opt"))
    for name, values in (("swapped", ("quarantine", "fix")), ("approximate", ("text", "accept"))):
        options = [(v, t(f"steward.{name}_{v}")) for v in values]
        title = t(f"steward.{name}")
        control = choice(options, given.get(name) or values[0], title, send, name=name)
        found.append(html.Div([html.Span(title, className="cap"), control], className="opt"))
    return found


def basis(column: dict[str, Any]) -> Component:
    """Return why a column was taken for a field."""
    how = column["how"] if column["value"] or column["how"] == "given" else "none"
    known = how in ("exact", "bracket", "part", "cut", "similar", "given", "none")
    text = (
        t("import.h_similar", score=f"{column['score']:.2f}")
        if how == "similar"
        else t(f"import.b_{how if known else 'remembered'}")
    )
    return el.tag(text, "amber" if how in AMBER else "sea" if how == "given" or not known else "")


def headers(layer: Layer, draft: Draft, made: dict[str, Any], given: dict[str, str]) -> Component:
    """Return the table of columns: each can be given another field, and the file is checked again."""
    options, every = summary.targets_of(layer), given.get("columns") == "all"
    shown = made["columns"] if every else made["columns"][:FEW_COLUMNS]
    body = []
    for c in shown:
        select = choice(
            options,
            c["value"],
            t("import.field_of", header=c["header"]),
            f"/data/drafts/{draft.id}",
            column=c["header"],
        )
        if draft.run is not None:
            select = html.Span(c["title"] or t("import.not_imported"))
        body.append(
            html.Tr(
                [
                    html.Td(c["header"], className="ell hd", title=c["header"]),
                    html.Td(c["sample"] or DASH, className="dim ell sm", title=c["sample"]),
                    html.Td(el.icon("right", small=True), className="arrow"),
                    html.Td(select),
                    html.Td(c["read"] or DASH, className="ell", title=c["read"]),
                    html.Td(basis(c)),
                    html.Td(f"{c['filled']:,}", className="num"),
                    html.Td(t("import.empty", n=f"{c['empty']:,}"), className="num dim"),
                ]
            )
        )
    names = ("column", "sample", "", "field", "read_as", "basis", "filled", "void")
    heads = [
        html.Th(t(f"import.h_{n}") if n else "", className="num" if n in ("filled", "void") else "") for n in names
    ]
    more: Component | str = ""
    if len(made["columns"]) > FEW_COLUMNS:
        text = t("import.few_columns") if every else t("import.all_columns", n=made["n_columns"])
        more = el.button(text, "txt", **el.op(("set", "columns", "" if every else "all")))
    said = t("import.matched", n=made["n_columns"], m=made["n_matched"])
    return html.Section(
        [
            html.Div(
                [html.H2(t("import.match")), html.Span(said, className="cap"), el.spacer(), more], className="ph2"
            ),
            html.Div(
                html.Table([html.Thead(html.Tr(heads)), html.Tbody(body)], className="t1 match"), className="scrollx"
            ),
        ]
    )


def refusal(made: dict[str, Any], layer: Layer) -> Component:
    """Return the sentence of what stopped a file: what was found, what was kept, what to do."""
    error = made["error"]
    said = [
        html.B(error["message"]),
        html.P(t("import.datum_cure") if error["candidates"] else error["cure"]),
        html.P(t("import.kept"), className="cap"),
    ]
    if made["stage"] == STEPS.index("headers") + 1:
        label = t("import.template_of", layer=layer.title)
        said.append(el.link(label, f"/data/template/{layer.id}", "lk flat", **{"data-file": ""}))
    return html.Div([el.icon("warn"), html.Div(said)], className="refusal", role="alert")


def nothing(made: dict[str, Any]) -> Component | None:
    """Return what is to be said of a file that brings nothing: no row at all, or not one that is right."""
    counts = made["counts"]
    if counts["read"] and counts["quarantined"] < counts["read"]:
        return None
    key = "all_held" if counts["read"] else "no_rows"
    said = t(f"import.{key}", n=f"{counts['read']:,}", skipped=f"{counts['skipped_non_data']:,}")
    return html.Div(
        [el.icon("warn"), html.Div([html.B(said), html.P(t(f"import.{key}_cure"))])], className="refusal", role="alert"
    )


def stopped(draft: Draft) -> Component:
    """Return what is shown of a file whose review was stopped: nothing is known of it, and it can be begun again."""
    again = el.button(t("import.check_again"), "btn pri", **{"data-again": ""})
    drop = el.button(t("import.discard"), "btn danger", **{"data-post": f"/data/drafts/{draft.id}/discard"})
    said = t("import.check_stopped", file=draft.file_name)
    return el.empty(said, el.row(again, drop, el.link(t("import.back"), "/data", "btn"), className="gap2 wrap"))


def publish_bar(draft: Draft, made: dict[str, Any], layer: Layer) -> Component:
    """Return the last line: what publishing means, and its buttons."""
    held = made["counts"]["quarantined"] if made.get("counts") else 0
    buttons: list[Any] = [html.Span(t("import.bar_note"), className="cap grow")]
    if draft.run is not None:
        link = el.link(t("import.see_run", run=draft.run), f"/data?run={draft.run}", "btn")
        waiting = el.link(t("import.see_held", n=f"{held:,}"), f"/data?held={layer.id}", "btn") if held else None
        return html.Div(
            [html.Span(t("import.published_as", run=draft.run), className="grow"), waiting, link], className="pub"
        )
    buttons.append(el.button(t("import.discard"), "btn danger", **{"data-open": "discard-dialog"}))
    n = made["counts"]["loaded"] if made.get("counts") else 0
    closed = (made.get("diff") or {}).get("closed", 0)
    ready = made["stage"] == len(STEPS) - 1 and bool(made["counts"]["read"])
    text = t("import.publish", n=f"{n:,}") if ready else t("import.step_publish")
    if ready and not n and not closed and held:
        text = t("import.publish_held", n=f"{held:,}")
    if ready and closed:
        text = t("import.publish_end", n=f"{n:,}", closed=f"{closed:,}")
    buttons.append(el.button(text, "btn pri", disabled=not ready, **{"data-open": "publish-dialog"}))
    return html.Div(buttons, className="pub")


def dialogs(draft: Draft, made: dict[str, Any], layer: Layer) -> list[Component]:
    """Return the two dialogs that say what will happen before it does."""
    made_of: list[Component] = [
        html.Dialog(
            [
                html.H2(t("import.discard_title", file=draft.file_name)),
                html.P(t("import.discard_what")),
                el.row(
                    el.spacer(),
                    el.button(t("import.cancel"), **{"data-dialog-close": "discard-dialog"}),
                    el.button(t("import.discard"), "btn danger", **{"data-post": f"/data/drafts/{draft.id}/discard"}),
                    className="gap2",
                ),
            ],
            id="discard-dialog",
            className="dialog",
        )
    ]
    if not made.get("counts"):
        return made_of
    diff, counts = made["diff"], made["counts"]
    said = {name: f"{n:,}" for name, n in diff.items()}
    lines = [t("import.will", layer=layer.title, new=said["new"], changed=said["changed"], same=said["unchanged"])]
    if diff["closed"]:
        lines.append(t("import.will_close", n=said["closed"]))
    if counts["quarantined"]:
        lines.append(t("import.will_hold", n=counts["quarantined"]))
    made_of.append(
        html.Dialog(
            [
                html.H2(t("import.publish_title", file=draft.file_name)),
                html.Ul([html.Li(x) for x in lines]),
                html.P(t("import.undo_note"), className="cap"),
                html.Label(
                    [t("import.reason"), el.text_input("publish-reason", t("import.reason_hint"), t("import.reason"))]
                ),
                html.Label([t("import.who"), el.text_input("publish-who", "", t("import.who"), remembered=True)]),
                html.P(className="err", role="alert"),
                el.row(
                    el.spacer(),
                    el.button(t("import.cancel"), **{"data-dialog-close": "publish-dialog"}),
                    el.button(
                        t("import.publish_now"),
                        "btn pri",
                        **{
                            "data-post": f"/data/drafts/{draft.id}/publish",
                            "data-with": "publish",
                            "data-seen": made["mark"],
                        },
                    ),
                    className="gap2",
                ),
            ],
            id="publish-dialog",
            className="dialog",
        )
    )
    return made_of


def page(
    cat: Catalogue, draft: Draft, made: dict[str, Any], given: dict[str, str], facts: LayerFacts | None, areas: bytes
) -> Component:
    """Return the middle of the page for one file."""
    layer = cat.layers[draft.layer]
    parts: list[Any] = [head(draft, made)]
    if made["error"]:
        parts.append(refusal(made, layer))
    if made.get("counts"):
        parts += [nothing(made), equation(made)]
    if draft.run is None:
        parts.append(choices(cat, draft, made))
    if made["columns"]:
        parts.append(headers(layer, draft, made, given))
    if made.get("difference"):
        parts.append(differences.section(draft, made, given, facts, areas))
    body = html.Div(parts, className="dscroll", tabIndex=0)
    return html.Div(
        [body, publish_bar(draft, made, layer), *dialogs(draft, made, layer)], className="dbody", id=f"draft-{draft.id}"
    )
