"""The card of one target: its gauge, verdict and reason, its year, who contributes, the document's words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dash import html
from dash.development.base_component import Component

from app.i18n import t
from app.pages import el
from app.pages.format import as_date
from app.pages.targets.contributions import Contributions, section
from app.pages.targets.forms import value_form
from app.pages.targets.svg import gauge, trend
from app.pages.targets.table import rows_link
from app.pages.targets.view import View
from app.pages.targets.words import amount, comparator, quantity, share_text, status_tag
from layers.targets_forecast import whole_months

Row = Mapping[str, Any]
CLOSE = (("set", "t", ""), ("set", "rows", ""), ("set", "of", ""), ("set", "page", ""))


def bar(row: Row) -> html.Div:
    """Return the card's first line: task, number, aliases, link, close."""
    words = [t("targets.task", no=row["task"], title=row["task_title"]) if row["task"] else row["section"], row["id"]]
    if row["aliases"]:
        words.append(t("targets.alias", ids=t("list.comma").join(row["aliases"])))
    if row["alias_of"]:
        words.append(t("targets.alias_of", id=row["alias_of"]))
    copy = el.button(
        [el.icon("link", small=True), t("card.copy")], "txt", **{"data-copy": "", "data-done": t("card.copied")}
    )
    return el.row(
        html.Span(t("list.dot").join(words), className="cap ell"),
        el.spacer(),
        copy,
        el.icon_button("close", t("targets.close"), "ib sm", **el.op(*CLOSE)),
        className="ph gap2",
    )


def _figure(label: str, value: Component | str, unit: str, large: bool = False, tone: str = "") -> html.Div:
    number = html.Div([value, html.Span(unit, className="unit")], className=f"{'fig-l' if large else 'fig'} {tone}")
    return html.Div([html.Div(label, className="cap"), number])


def figures(view: View, row: Row) -> list[Component | None]:
    """Return the value against its target, what is due, the difference, and the gauge."""
    unit = row["unit"]
    if row["kind"] in ("threshold", "milestone"):
        return [html.P(comparator(row), className="tgx-said")]
    goal = t("targets.of_target", target=quantity(row["target"], unit))
    value = rows_link(view, row, amount(row["value"]))
    parts = [_figure(t("targets.as_of", day=row["found"]["day"]), value, goal, large=True)]
    if row["due"] is not None:
        parts.append(_figure(t("targets.due"), amount(row["due"]), unit))
    if row["gap"] is not None:
        gap = amount(round(row["gap"], 2)).replace("-", "\N{MINUS SIGN}")
        sign = "+" if row["gap"] > 0 else ""
        parts.append(_figure(t("targets.gap"), f"{sign}{gap}", unit, tone="late" if row["gap"] < 0 else "early"))
    if row["done_pct"] is not None:
        parts.append(_figure(t("targets.done"), share_text(row["done_pct"]), "%"))
    return [html.Div(parts, className="figs end"), gauge(row, "gauge big")]


def verdict(view: View, row: Row) -> html.Div:
    """Return the name, the status, the figures and the reason."""
    tags = [
        el.demo_tag() if row["found"]["n_demo"] else None,
        el.tag(t("targets.strive")) if row["strive"] else None,
        html.Span(t("targets.open"), className="tag open") if row["question"] else None,
        status_tag(row["status"]),
    ]
    children = [
        html.Div([html.H2(row["indicator"], className="name"), *tags], className="row gap2 top-row"),
        *figures(view, row),
        html.P(row["reason"], className="tgx-said", role="status"),
    ]
    if row["question"]:
        text = t("targets.open_reading", question=row["question"], reading=row["reading"])
        children.append(html.P(text, className="note open"))
    return html.Div(children, className="sec")


def pace(row: Row) -> str:
    """Return what each remaining month must bring, beside what each so far brought; '' where it says nothing."""
    points, year = row["series"]["points"], row["document"]["year"]
    if row["schedule"] != "linear" or not points or row["value"] is None or row["status"] == "met":
        return ""
    day = as_date(row["found"]["day"])
    months = whole_months(year, day) if day else 0
    missing = float(row["target"]) - float(row["value"])
    if not 1 <= months < 12 or missing <= 0:
        return ""
    so_far = float(points[months - 1]["value"] or 0) if len(points) >= months else float(row["value"])
    return t("targets.pace", left=12 - months, need=amount(round(missing / (12 - months), 1)), months=months,
             mean=amount(round(so_far / months, 1)), unit=row["unit"])  # fmt: skip


def year_section(row: Row) -> html.Div | None:
    """Return the year month by month with the forecast, or why there is none."""
    if row["kind"] != "target":
        return None
    drawn = trend(row, row["document"]["year"])
    made = row["series"]["forecast"]
    title = t("targets.monthly") if row["basis"] == "computed" else t("targets.entries")
    head = el.row(html.H3(title), el.spacer(), html.Span(t("targets.tr_key", unit=row["unit"]), className="cap"))
    words: list[Component | None] = []
    if drawn is None:
        return html.Div([html.H3(title), html.P(t("targets.no_series"), className="cap")], className="sec")
    if made:
        unit = row["unit"]
        said = t("targets.forecast", months=made["months"], value=quantity(made["value"], unit),
                 low=quantity(round(made["low"], 2), unit), high=quantity(round(made["high"], 2), unit),
                 coverage=round(100 * made["coverage"]), target=quantity(row["target"], unit))  # fmt: skip
        words.append(html.P(said, title=made["method"]))
        words.append(html.Details([html.Summary(t("targets.how")), html.P(made["method"])], className="fold"))
    else:
        words.append(html.P(t("targets.no_forecast"), className="cap"))
    rate = pace(row)
    return html.Div([head, drawn, html.P(rate) if rate else None, *words], className="sec small")


def _fact(name: str, value: Any) -> html.Div | None:
    return html.Div([html.Dt(t(f"targets.d_{name}")), html.Dd(value)]) if value else None


def facts(row: Row) -> html.Div:
    """Return how the target is judged and counted, by whom it is answered for, and where it stands written."""
    found, document = row["found"], row["document"]
    schedule = row["schedule_name"]
    if row["share_due_pct"] is not None:
        schedule = t("targets.schedule_due", name=schedule, share=amount(row["share_due_pct"]))
    elif row["list_by"] and not row["strive"]:
        schedule = t("targets.schedule_list", name=schedule, day=row["list_by"])
    counted = row["reading"] if not row["question"] else ""
    base = t("targets.base", n=amount(found["n_base"])) if found["n_base"] and row["n_rows"] != found["n_base"] else ""
    written = [t("targets.document", title=document["title"], version=document["version"]),
               html.Br(), row["section"], html.Q(row["sentence"] or row["clause"])]  # fmt: skip
    if not row["sentence"]:
        written.append(html.Span(t("targets.no_text"), className="cap"))
    basis = t(f"targets.basis_{row['basis']}_long")
    rows = [
        _fact("judge", comparator(row)),
        _fact("schedule", schedule if row["kind"] == "target" else ""),
        _fact("count", counted),
        _fact("base", base),
        _fact("scope", row["scope"]),
        _fact("basis", basis if row["kind"] in ("target", "list") else ""),
        _fact("owners", t("list.comma").join(row["owners"])),
        _fact("document", written),
    ]
    fold = None
    if row["sql"]:
        code = [html.Summary(t("targets.sql")), html.Code(row["sql"])]
        fold = html.Details(code, className="fold")
    return html.Div([html.Dl(rows), fold], className="sec")


def actions(view: View, row: Row, body: Mapping[str, Any]) -> html.Div | None:
    """Return what can be done: see the rows, enter a figure."""
    parts: list[Component] = []
    if row["basis"] == "computed" and row["n_rows"] is not None:
        main = row["alias_of"] or row["id"]
        there = view.but(target=main, rows=True, of="", page=1)
        steps = el.op(("set", "t", main), ("set", "rows", "1"), ("set", "of", ""), ("set", "page", ""))
        parts.append(
            html.A(t("targets.see_rows", n=amount(row["n_rows"])), href=there.url(), className="btn pri", **steps)
        )
    form = value_form(row, body)
    if form and not row["alias_of"]:
        label = t("targets.enter_whole" if row["basis"] == "computed" else "targets.enter")
        parts.append(el.button([el.icon("edit", small=True), label], "btn", **form))
    return el.row(*parts, className="gap2 acts2 wrap") if parts else None


def card(view: View, row: Row, contributions: Contributions | None) -> list[Component | None]:
    """Return the whole card."""
    return [
        bar(row),
        html.Div(
            [
                verdict(view, row),
                year_section(row),
                section(view, row, contributions) if contributions else None,
                facts(row),
            ],
            className="scroll",
        ),
        actions(view, row, row),
    ]
