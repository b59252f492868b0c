"""The words and tables beside the map of single families, as stacked parts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from app.export.data import AreaValue, MapData, Summary
from app.export.extras import MOST_RANKED
from app.export.family_map import Bubble, Heat, heat_colors, heat_texts, nested
from app.export.panel import Part, table
from app.export.sheet import Sheet, fitted, text_width, wrapped
from app.export.symbols import CIRCLE
from app.export.theme import Theme
from app.pages.format import DASH, day, number, quantity
from layers.spec import Layer

ROW = 4.95
GAP = Part(2.6, lambda *_: None)
MOST_EVENTS, MOST_NEAR = 8, 5


def grid(
    sheet: Sheet, theme: Theme, heads: Sequence[str], rows: Sequence[Sequence[str]], shares: Sequence[float], *,
    last_bold: bool = False, marked: Sequence[int] = (), left: int = 1,
) -> list[Part]:  # fmt: skip
    """Lay out a table: the first ``left`` columns from the left, the others from the right.

    Parameters
    ----------
    shares : sequence of float
        Width of each column as a part of the whole; their sum is 1.
    marked : sequence of int
        The rows that are set off.
    """
    edges = [sum(shares[: i + 1]) for i in range(len(shares))]

    def line(cells: Sequence[str], size: float, ink: str, *, bold: bool, rule: str, tint: str = "") -> Part:
        def draw(x: float, y: float, width: float, s: float) -> None:
            if tint:
                sheet.rect(x - 0.8 * s, y, width + 1.6 * s, ROW * s, fill=tint)
            for i, text in enumerate(cells):
                room = shares[i] * width - (1.2 * s)
                start = x + (edges[i] - shares[i]) * width
                points = size * s
                if i < left:
                    text = fitted(text, points, room, bold=bold)
                else:  # a number is written smaller, never cut
                    points *= min(1.0, room / max(0.1, text_width(text, points, bold=bold)))
                at, ha = (start, "left") if i < left else (x + edges[i] * width, "right")
                sheet.text(at, y + ROW * 0.72 * s, text, points, ink, bold=bold, ha=ha)
            sheet.line([(x, y + ROW * s), (x + width, y + ROW * s)], rule, 0.12 * s)

        return Part(ROW, draw)

    parts = [line(heads, 7.6, theme["ink-3"], bold=False, rule=theme["ink-3"])]
    for i, cells in enumerate(rows):
        bold = last_bold and i == len(rows) - 1
        tint = theme["sea-s"] if i in marked else ""
        parts.append(line(cells, 8.4, theme["ink"], bold=bold or i in marked, rule=theme["line-2"], tint=tint))
    return [*parts, GAP]


def sentences(sheet: Sheet, theme: Theme, head: str, text: str) -> list[Part]:
    """Return a bold head and a paragraph."""

    def title(x: float, y: float, width: float, s: float) -> None:
        size = 13.0 * s
        size *= min(1.0, width / max(text_width(head, size, bold=True), 0.1))
        sheet.text(x, y + 5.2 * s, head, size, theme["ink"], bold=True)

    parts = [Part(7.4, title)]
    if text:
        run = [(text, theme["ink-2"], False)]
        lines = wrapped(run, 8.6, 78.0)

        def words(x: float, y: float, width: float, s: float) -> None:
            for i, one in enumerate(wrapped(run, 8.6 * s, max(width, 78.0 * s))):
                sheet.runs(x, y + (3.6 + 4.7 * i) * s, one, 8.6 * s)

        parts.append(Part(4.7 * len(lines) + 2.0, words))
    return parts


def signed(summary: Summary, value: float | None) -> str:
    """Write a difference with its sign."""
    if value is None:
        return DASH
    text = summary.shown.text(abs(value))
    return text if value == 0 else f"{'+' if value > 0 else '−'}{text}"


def change_sentence(data: MapData) -> str:
    """Say how the whole changed, and where most."""
    rows = [r for r in data.summary.rows if r.value]
    up = sorted((r for r in rows if float(r.value or 0) > 0), key=lambda r: (-float(r.value or 0), r.code))
    down = sorted((r for r in rows if float(r.value or 0) < 0), key=lambda r: (float(r.value or 0), r.code))
    unit = data.summary.shown.unit
    said = []
    if up:
        said.append(f"增加最多的是{up[0].name}（{signed(data.summary, up[0].value)} {unit}）")
    if down:
        said.append(f"减少最多的是{down[0].name}（{signed(data.summary, down[0].value)} {unit}）")
    level = sum(1 for r in data.summary.rows if r.value == 0)
    said += [f"{level} 地没有变化"] if level else []
    return "；".join(said) + "。" if said else "两日之间没有可比的变化。"


def change_parts(sheet: Sheet, theme: Theme, data: MapData) -> list[Part]:
    """Both days and the difference, area by area."""
    before, after = data.before, data.after
    if before is None or after is None:
        return []
    summary = data.summary
    early = {r.code: r for r in (*before.rows, before.outside, before.unlocated, before.total)}
    late = {r.code: r for r in (*after.rows, after.outside, after.unlocated, after.total)}
    ordered = sorted(summary.rows, key=lambda r: (r.value is None, -float(r.value or 0), r.code))
    apart = [r for r in (summary.outside, summary.unlocated) if late[r.code].n or early[r.code].n]

    def cells(r: AreaValue) -> list[str]:
        shown = summary.shown
        return [r.name, shown.text(early[r.code].value), shown.text(late[r.code].value), signed(summary, r.value)]

    unit = summary.shown.unit
    head = f"{signed(summary, summary.total.value)} {unit}，由 {summary.shown.text(before.total.value)} 到 " \
           f"{summary.shown.text(after.total.value)}"  # fmt: skip
    place = "县（市、区）" if summary.axis == "属地口径" else "责任板块"
    rows = [cells(r) for r in (*ordered, *apart, summary.total)]
    heads = [place, day(data.recipe.since), day(data.as_of), f"增减（{unit}）"]
    return [
        *sentences(sheet, theme, head, change_sentence(data)),
        *grid(sheet, theme, heads, rows, (0.31, 0.23, 0.23, 0.23), last_bold=True),
    ]


def stage_parts(sheet: Sheet, theme: Theme, data: MapData) -> list[Part]:
    """How many are at each stage, area by area."""
    terms, matrix = data.extras.stages, data.extras.matrix
    shown = [i for i, t in enumerate((*terms, "未填")) if any(c[i] for _, c, _ in matrix)]
    names = [(*terms, "未填")[i] for i in shown]
    rows = [[name, *(f"{cells[i]:,}" for i in shown), f"{n:,}"] for name, cells, n in matrix]
    sums = [sum(c[i] for _, c, _ in matrix) for i in shown]
    total = sum(n for _, _, n in matrix)
    rows.append(["合计", *(f"{v:,}" for v in sums), f"{total:,}"])
    first, last = 0.25, 0.13
    each = (1 - first - last) / max(1, len(names))
    best = max(zip(sums, names, strict=True), default=(0, ""))
    text = f"{best[1]}阶段最多，{best[0]:,} {data.summary.noun}。" if total and best[0] else "没有符合条件的记录。"
    place = "县（市、区）" if data.summary.axis == "属地口径" else "责任板块"
    return [
        *sentences(sheet, theme, f"合计 {total:,} {data.summary.noun}", text),
        *grid(sheet, theme, [place, *names, "合计"], rows, (first, *([each] * len(names)), last), last_bold=True),
    ]


def rank_parts(sheet: Sheet, theme: Theme, data: MapData, most: int = MOST_RANKED) -> list[Part]:
    """The ranking with how firm it is, and what was excluded."""
    body = data.extras.ranking
    ranked = body.get("ranked", [])
    rows = [
        [str(r["rank"]), str(r["name"]), f"{100 * r['score']:.1f}", f"{100 * r['p_first']:.0f}%",
         f"{100 * r['p_top10']:.0f}%"]
        for r in ranked[:most]
    ]  # fmt: skip
    head = f"备选 {body.get('n', 0):,} 处，入围 {len(ranked):,} 处"
    told = f"，列前 {most} 处" if len(ranked) > most else ""
    parts = sentences(sheet, theme, head, f"{body.get('sentence', '')}图上编号是名次{told}。")
    if rows:
        heads = ["名次", "备选", "得分", "居首", "前十"]
        parts += grid(sheet, theme, heads, rows, (0.11, 0.47, 0.14, 0.14, 0.14), left=2)
    criteria = [[c["title"], f"{100 * c['weight']:.0f}%"] for c in body.get("criteria", []) if c.get("weight")]
    if criteria:
        parts += grid(sheet, theme, ["准则", "权重"], criteria[:8], (0.8, 0.2))
    excluded: dict[str, int] = {}
    for one in body.get("excluded", []):
        rule = str(one.get("title") or one.get("rule") or "")
        excluded[rule] = excluded.get(rule, 0) + 1
    if excluded:
        some = sorted(excluded.items(), key=lambda kv: (-kv[1], kv[0]))[:6]
        parts += grid(sheet, theme, ["排除原因", "处"], [[k, f"{v:,}"] for k, v in some], (0.8, 0.2))
    return parts


def place_parts(sheet: Sheet, theme: Theme, data: MapData, place: Any, most: int = 6) -> list[Part]:
    """The page of one area in an atlas: its figure and rank, three findings, all areas, what it adds to targets."""
    summary = data.after or data.summary
    rank = f"，第 {place.rank} 位" if place.rank else ""
    head = f"{place.name} {summary.shown.text(place.value)} {summary.shown.unit}{rank}"
    parts = sentences(sheet, theme, head, "")
    for number_, text in enumerate(place.findings, start=1):
        parts += paragraph(sheet, theme, f"{number_}. {text}")
    parts.append(Part(1.5, lambda *_: None))
    parts += table(sheet, theme, summary, (place.code,))
    if place.targets[:most]:
        rows = [[name, own, whole, unit] for name, own, whole, unit in place.targets[:most]]
        parts += grid(sheet, theme, ["目标指标", "本地", "全市", "单位"], rows, (0.52, 0.17, 0.17, 0.14))
    return parts


def paragraph(sheet: Sheet, theme: Theme, text: str) -> list[Part]:
    """Return a paragraph of small type."""
    run = [(text, theme["ink-2"], False)]
    lines = wrapped(run, 8.4, 80.0)

    def words(x: float, y: float, width: float, s: float) -> None:
        for i, one in enumerate(wrapped(run, 8.4 * s, max(width, 80.0 * s))):
            sheet.runs(x, y + (3.6 + 4.5 * i) * s, one, 8.4 * s)

    return [Part(4.5 * len(lines) + 0.8, words)]


def event_day(event: dict[str, Any]) -> str:
    """Return an event's day, with the month, quarter or year that was stated for it where no day was."""
    shown = day(event.get("event_date") or event.get("date"))
    return f"{shown}（原文“{event['date_text']}”）" if event.get("first_day") and event.get("date_text") else shown


def card_parts(sheet: Sheet, theme: Theme, data: MapData, layer: Layer) -> list[Part]:
    """Everything public that is known of the one thing."""
    card = data.extras.card
    where = "、".join(x for x in (card.get("county"), card.get("township"), card.get("address")) if x) or "未定位"
    lead = f"{layer.title}，{where}。"
    parts = sentences(sheet, theme, str(card["name"]), lead)
    rows = card_rows(layer, card)
    if card.get("area_m2"):
        rows.append(("图上面积", f"{float(card['area_m2']) / (2000 / 3):,.1f} 亩"))
    if rows:
        parts += grid(sheet, theme, ["项目", "内容"], [list(r) for r in rows[:16]], (0.34, 0.66))
    events = [e for e in card.get("events", []) if e.get("event_date") or e.get("date")]
    if events:
        told = [
            [event_day(e), " ".join(x for x in (e.get("type"), e.get("level")) if x)] for e in events[-MOST_EVENTS:]
        ]
        parts += grid(sheet, theme, ["日期", "事件"], told, (0.34, 0.66), left=2)
    return parts


def card_rows(layer: Layer, card: dict[str, Any]) -> list[tuple[str, str]]:
    """Return title and value of each field that is filled in; internal fields never."""
    values = card["values"]
    rows = []
    for spec in layer.fields:
        value = values.get(spec.id)
        if spec.internal or value in (None, "", []) or spec.id in ("source_url", "facts"):
            continue
        if spec.is_number and isinstance(value, int | float):
            how = quantity(spec)
            text = f"{how.text(value)} {how.unit}".strip()
        elif isinstance(value, bool):
            text = "是" if value else "否"
        else:
            text = "、".join(map(str, value)) if isinstance(value, list) else str(value)
        rows.append((spec.title, " ".join(text.split())))
    return rows


def nested_part(sheet: Sheet, theme: Theme, summary: Summary, bubbles: Sequence[Bubble]) -> list[Part]:
    """The legend of proportional circles: one inside the other, standing on one point, each with its value."""
    if not bubbles:
        return []
    most = max(bubbles, key=lambda b: b.radius)
    values = nested(abs(most.value) / summary.shown.factor)
    unit = summary.shown.unit
    u = sheet.u

    def radius(value: float) -> float:
        return most.radius * (value * summary.shown.factor / abs(most.value)) ** 0.5

    tallest = 2 * radius(values[0]) / u

    def draw(x: float, y: float, width: float, s: float) -> None:
        del width
        sheet.text(x, y + 4.3 * s, summary.title, 8.6 * s, theme["ink"], bold=True)
        at = x + text_width(summary.title, 8.6 * s, bold=True) + 2.2 * s
        sheet.text(at, y + 4.3 * s, f"圆面积与数值成正比，{unit}", 7.8 * s, theme["ink-3"])
        base = y + (7.0 + tallest) * s
        middle = x + radius(values[0]) + 1.0 * s
        last = y - 9.0
        for value in values:
            r = radius(value)
            sheet.marks(
                CIRCLE, [(middle, base - r)], r, fill=theme["q5"] + "d0", edge=theme["m-park"], mm=0.25 * u,
                gid="legend-bubble",
            )  # fmt: skip
            top = max(base - 2 * r, last + 3.6 * s)
            last = top
            right = middle + radius(values[0]) + 4.0 * s
            sheet.line([(middle, base - 2 * r), (right - 0.8 * s, top)], theme["ink-3"], 0.14 * s)
            digits = 0 if value == int(value) else 2
            sheet.text(right, top + 1.0 * s, number(value, digits), 7.9 * s, theme["ink"])

    return [Part(tallest + 10.0, draw), GAP]


def heat_part(sheet: Sheet, theme: Theme, heat: Heat) -> list[Part]:
    """The classes of density as they are filled."""
    colors, texts = heat_colors(theme, heat), heat_texts(heat)

    def title(x: float, y: float, width: float, s: float) -> None:
        text = f"{heat.title}密度" if heat.title else "密度"
        sheet.text(x, y + 4.3 * s, text, 8.6 * s, theme["ink"], bold=True)
        note = f"{heat.unit}，高斯核 4 km，图上 {heat.n:,}" + (f"，{heat.missing:,} 未填写" if heat.missing else "")
        at = text_width(text, 8.6 * s, bold=True) + 2.2 * s
        sheet.text(x + at, y + 4.3 * s, fitted(note, 7.8 * s, width - at), 7.8 * s, theme["ink-3"])

    def row(start: int) -> Part:
        def draw(x: float, y: float, width: float, s: float) -> None:
            for i in range(start, min(start + 3, len(colors))):
                left = x + (i - start) * width / 3
                sheet.rect(
                    left, y + 0.6 * s, 7.2 * s, 3.2 * s, fill=colors[i], edge=theme["m-line"], mm=0.2 * s,
                    gid="legend-heat",
                )  # fmt: skip
                sheet.text(left + 9.0 * s, y + 3.15 * s, texts[i], 7.9 * s, theme["ink"])

        return Part(4.7, draw)

    return [Part(6.6, title), *(row(i) for i in range(0, len(colors), 3)), GAP]
