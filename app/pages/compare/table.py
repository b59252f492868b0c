"""The table: areas as rows; the main measure in full, the others as value and rank; a press on a head makes it main."""

from __future__ import annotations

from collections.abc import Sequence

from dash import html
from dash.development.base_component import Component

from app.i18n import t
from app.pages import el
from app.pages.compare.charts import sparks
from app.pages.compare.model import APART_CODES, REST, Column, Scene
from app.pages.compare.words import colour_of, percent, pressed, sign_of, signed, value_link
from app.pages.format import DASH, day, number, share
from app.pages.view import RollupRow


def table(scene: Scene) -> Component:
    """Return the areas compared as rows, then 界外, 未定位 and 合计 of the whole axis."""
    ranks = [c.ranks(scene.codes) for c in scene.columns]
    body = [_area_row(scene, ranks, r) for r in scene.order()]
    if len(scene.codes) < len(scene.all_areas):
        body.append(_rest_row(scene))
    body += [_apart_row(scene, which) for which in APART_CODES]
    return html.Div(html.Table([html.Thead(_heads(scene)), html.Tbody(body)], className="ct"), className="scrollx")


def _details(scene: Scene) -> list[str]:
    main = scene.main
    found = ["rank", "share" if main.additive else "gap"]
    found += ["change", "pct"] if main.before else []
    found += ["area"] if main.per_area else []
    return [*found, "trend"] if main.series else found


def _heads(scene: Scene) -> html.Tr:
    main, chosen = scene.main, [c.key for c in scene.columns]
    cells = [html.Th("", className="pinc"), html.Th(t(f"axis.{scene.state.axis}"))]
    several = len({c.layer.id for c in scene.columns}) > 1
    cells.append(
        html.Th(
            [main.title if several else main.name, html.Span(main.how.unit, className="unit"), html.U("↓")],
            className="num grp",
        )
    )
    for part in _details(scene):
        text = t(f"compare.h_{part}", day=day(scene.versus), unit=main.how.unit)
        cells.append(html.Th(text, className="num" if part != "trend" else ""))
    for i, column in enumerate(scene.columns[1:], 1):
        order = ",".join([chosen[i], *chosen[:i], *chosen[i + 1 :]])
        name = column.title if several else column.name
        press = html.Button(
            [name, html.Span(column.how.unit, className="unit")], type="button", className="hd",
            title=t("compare.make_main", measure=column.title), **el.op(("set", "ms", order)),
        )  # fmt: skip
        cells.append(html.Th(press, className="num grp" if i == 1 else "num"))
    return html.Tr(cells)


def _area_row(scene: Scene, ranks: Sequence[dict[str, int]], area: RollupRow) -> Component:
    code, main, mine = area.code, scene.main, area.code == scene.state.mine
    colour = colour_of(scene, code)
    pin = html.Button(
        sign_of(scene, code) or "○", type="button", className="pin",
        title=t("compare.unpin" if colour else "compare.pin", area=area.name),
        **pressed(bool(colour)), **{"aria-label": t("compare.pin", area=area.name)}, **el.op(("toggle", "pins", code)),
    )  # fmt: skip
    tag = el.tag(t("compare.mine"), "sea") if mine else None
    name = html.Td([html.B(area.name) if colour or mine else area.name, tag], className="an")
    cells = [html.Td(pin, className="pinc"), name, html.Td(value_link(main, code), className="num grp")]
    cells += [_detail(scene, part, code, ranks[0]) for part in _details(scene)]
    for i, (column, rank) in enumerate(zip(scene.columns[1:], ranks[1:], strict=True), 1):
        place = html.Small(str(rank[code]), title=t("compare.h_rank")) if code in rank else html.Small(DASH)
        cells.append(html.Td([value_link(column, code), place], className="num grp" if i == 1 else "num"))
    kind = " ".join(x for x, on in (("pinned", colour), ("mine", mine)) if on)
    return html.Tr(cells, className=kind, **{"data-area": code})


def _detail(scene: Scene, part: str, code: str, rank: dict[str, int]) -> Component:
    main = scene.main
    value, change = main.row(code).value, main.change(code)
    if part == "rank":
        return html.Td(str(rank[code]) if code in rank else DASH, className="num dim")
    if part == "share":
        return html.Td(share(value, main.rollup.total.value), className="num")
    if part == "gap":
        total = main.rollup.total.value
        return html.Td(signed(main, None if value is None or total is None else value - total), className="num")
    if part == "change":
        kind = "up" if (change or 0) > 0 else "down" if (change or 0) < 0 else ""
        return html.Td(signed(main, change), className=f"num chg {kind}")
    if part == "pct":
        return html.Td(percent(change, main.before.get(code)), className="num dim")
    if part == "area":
        return html.Td(number(main.per_area.get(code), 2, main.how.factor), className="num")
    return html.Td(sparks(main, code, colour_of(scene, code)), className="spc")


def rest_value(scene: Scene, column: Column) -> str:
    """Write what the areas that are not compared hold together; a dash where values do not add up."""
    known = [r.value for r in column.rollup.rows if r.code not in scene.codes and r.value is not None]
    return column.how.text(sum(known)) if column.additive and known else DASH


def _rest_row(scene: Scene) -> Component:
    """The areas that are not compared, together: what they hold belongs to the total too."""
    name = t("compare.rest", n=len(scene.all_areas) - len(scene.codes))
    cells = [html.Td("", className="pinc"), html.Td(name)]
    for i, column in enumerate(scene.columns):
        text: Component | str = rest_value(scene, column)
        if any(r.n for r in column.rollup.rows if r.code not in scene.codes):
            title = t("compare.rows_of", area=name, measure=column.title)
            text = html.Button(
                text, type="button", className="lk", title=title, **el.op(("set", "rows", f"{REST}@{column.key}"))
            )
        cells.append(html.Td(text, className="num grp" if i < 2 else "num"))
        cells += [html.Td("") for _ in _details(scene)] if i == 0 else []
    return html.Tr(cells, className="rest")


def _apart_row(scene: Scene, code: str) -> Component:
    main = scene.main
    cells = [html.Td("", className="pinc"), html.Td(main.row(code).name)]
    for i, column in enumerate(scene.columns):
        cells.append(html.Td(_apart_value(column, code), className="num grp" if i < 2 else "num"))
        if i == 0:
            cells += [
                _detail(scene, part, code, {}) if part != "area" or not code else html.Td("")
                for part in _details(scene)
            ]
    return html.Tr(cells, className="out" if code else "sum")


def _apart_value(column: Column, code: str) -> Component | str:
    return value_link(column, code or "") if column.row(code).n else column.how.text(column.row(code).value)
