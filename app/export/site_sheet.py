"""The investor's site report as a PDF: the map with the ranked sites, why the first leads, the excluded, sources."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
import shapely
from matplotlib.backends.backend_pdf import PdfPages

from app.export import blocks
from app.export.context import Context, load_context
from app.export.frame import CRS_TEXT, Frame
from app.export.ground import draw_areas, draw_borders, draw_ground, draw_roads, on_page, union_of
from app.export.papers import PAPERS
from app.export.render import read_counties
from app.export.sheet import Run, Sheet, fitted, text_width, wrapped
from app.export.site_report import SiteReport
from app.export.theme import Theme, load_theme

LEFT, RIGHT, FOOT = 10.5, 286.5, 201.0
SIDE = 96.0
SHOWN, EXCLUDED = 12, 24
Row = dict[str, Any]


def draw_site_pdf(report: SiteReport, data_dir: Path) -> bytes:
    """Return the report as a PDF of A4 landscape pages."""
    context, theme = load_context(data_dir), load_theme()
    sheets = [_first(report, context, theme), *_more(report, theme)]
    settings = {"pdf.fonttype": 3, "hatch.linewidth": 0.4, "text.hinting": "no_hinting"}
    out = io.BytesIO()
    with mpl.rc_context(settings):
        about = {"Title": report.title, "Creator": "Yuantu", "Producer": None, "Subject": "site report",
                 "Keywords": report.body["profile_sha256"], "CreationDate": None}  # fmt: skip
        with PdfPages(out, metadata=about) as pages:
            for i, sheet in enumerate(sheets, 1):
                _foot(sheet, theme, report, i, len(sheets))
                pages.savefig(sheet.figure)
    return out.getvalue()


def _head(sheet: Sheet, theme: Theme, report: SiteReport, subtitle: str) -> None:
    sheet.text(LEFT, 14, fitted(report.title, 17, 210, bold=True), 17, theme["ink"], bold=True)
    sheet.text(LEFT, 20.5, subtitle, 9.5, theme["ink-2"])
    sheet.rect(RIGHT - 24, 8, 24, 7, edge=theme["flat-t"], mm=0.4)
    sheet.text(RIGHT - 12, 13, "内部使用", 10.5, theme["flat-t"], bold=True, ha="center")
    if report.body["is_demo"]:
        x = LEFT + text_width(subtitle, 9.5) + 3
        sheet.rect(x, 17, 42, 4.8, fill=theme["amber-s"], radius=0.8)
        sheet.text(x + 21, 20.4, "含演示数据，不作依据", 8.4, theme["amber-t"], ha="center")


def _foot(sheet: Sheet, theme: Theme, report: SiteReport, page: int, pages: int) -> None:
    dates = "；".join(f"{t} {date or '无日期'}" for t, _, _, _, date in report.layers)
    sheet.text(LEFT, 205, fitted(f"数据：{dates}。行政区界为非权威界线。", 7, 240), 7, theme["ink-3"])
    sheet.text(RIGHT, 205, f"{page} / {pages}", 7, theme["ink-3"], ha="right")


def _first(report: SiteReport, context: Context, theme: Theme) -> Sheet:
    sheet = Sheet(PAPERS["A4"])
    body = report.body
    _head(sheet, theme, report, f"选址报告　截至 {body['as_of']}　备选 {body['n']} 处，可选 {len(body['ranked'])} 处")
    _map(sheet, report, context, theme)
    x = RIGHT - SIDE
    y = 30.0
    sheet.rect(x, y - 4, SIDE, 0.1, fill=theme["sea"])
    y = _text(sheet, x, y + 2, body["sentence"], 10, theme["sea-t"], SIDE) + 3
    y = _bars(sheet, theme, report, x, y)
    y = _title(sheet, theme, x, y + 2, "硬约束（排除处数）")
    for text, n in report.limit_lines()[:9]:
        sheet.text(x, y, fitted(text, 8, SIDE - 12), 8, theme["ink-2"])
        sheet.text(x + SIDE, y, str(n), 8, theme["ink"], ha="right")
        y += 4.4
    return sheet


def _map(sheet: Sheet, report: SiteReport, context: Context, theme: Theme) -> None:
    counties = read_counties(report.counties)
    bounds = shapely.total_bounds([g for _, _, g in counties])
    window = (LEFT + 4, 28.0, RIGHT - SIDE - 10 - LEFT - 8, FOOT - 32.0)
    frame = Frame.fit(window, tuple(map(float, bounds)), margin=0.03, lead=0.4)  # type: ignore[arg-type]
    sheet.clipped(frame.x, frame.y, frame.w, frame.h)
    sheet.rect(frame.x, frame.y, frame.w, frame.h, fill=theme["m-sea"])
    draw_ground(sheet, theme, context, frame)
    shown = on_page(counties, frame)
    draw_areas(sheet, theme, shown, None, "")
    draw_roads(sheet, theme, context, frame)
    draw_borders(sheet, theme, shown, "")
    labels: list[tuple[float, float, float]] = []
    for _, name, shape in shown:
        point = shapely.maximum_inscribed_circle(shape).coords[0]
        sheet.text(point[0], point[1], name, 8.5, theme["m-label"], ha="center", halo=theme["m-halo"])
        labels.append((point[0], point[1] - 1.1, 1.5 * len(name) + 2.5))
    ranked = [r for r in report.body["ranked"] if r["lon"] is not None]
    if ranked:
        _ways(sheet, theme, report, frame, ranked[0]["id"])
        _pins(sheet, theme, frame, ranked, labels)
    bar = frame.scale_bar(38)
    taken: list[blocks.Block] = []
    whole = union_of(shown)
    spots = shapely.MultiPoint(frame.place([r["lon"] for r in ranked], [r["lat"] for r in ranked]) if ranked else [])
    for size, draw in ((blocks.scale_size(bar, 1.0), "scale"), (blocks.north_size(1.0), "north")):
        corners = ("bottom right", "top right", "bottom left", "top left")
        block = blocks.stand(frame, size, corners, whole, spots, taken, 2.5)
        taken.append(block)
        if draw == "scale":
            blocks.draw_scale(sheet, theme, frame, bar, block)
        else:
            blocks.draw_north(sheet, theme, frame, block)
    sheet.unclipped()
    blocks.draw_frame(sheet, theme, frame)


def _ways(sheet: Sheet, theme: Theme, report: SiteReport, frame: Frame, first: int) -> None:
    for i, way in enumerate(report.ways.get(first, ())):
        for piece in way["pieces"]:
            lonlat = np.asarray(piece["coordinates"], np.float64)
            line = frame.place(lonlat[:, 0], lonlat[:, 1])
            if len(line) > 1:
                dashes = () if piece["kind"] == "road" else (0.8, 0.8)
                sheet.line(line, theme["m-halo"], 1.4)
                sheet.line(line, theme[f"v{i % 8 + 1}"], 0.8, dashes=dashes)


def _pins(
    sheet: Sheet, theme: Theme, frame: Frame, ranked: Sequence[Row], labels: Sequence[tuple[float, float, float]]
) -> None:
    """Ranks on plates, the first on top; plates that would cover each other or a county's name step aside with a line
    to their place. ``labels`` are the names' centres and how far to the side of one a plate is clear of it, mm."""
    placed: list[tuple[float, float]] = []
    drawn = []
    for row in ranked[:SHOWN]:
        home = frame.place([row["lon"]], [row["lat"]])[0]
        spot = (float(home[0]), float(home[1]))
        for k in range(1, 60):
            if all(np.hypot(spot[0] - x, spot[1] - y) >= 5.4 for x, y in placed) and all(
                abs(spot[0] - x) >= beside or abs(spot[1] - y) >= 4.2 for x, y, beside in labels
            ):
                break
            spot = (
                float(home[0] + 1.1 * np.sqrt(k) * 2 * np.cos(2.4 * k)),
                float(home[1] + 1.1 * np.sqrt(k) * 2 * np.sin(2.4 * k)),
            )
        placed.append(spot)
        drawn.append((row, home, spot))
    for row in ranked[SHOWN:]:
        x, y = frame.place([row["lon"]], [row["lat"]])[0]
        sheet.rect(x - 0.7, y - 0.7, 1.4, 1.4, fill=theme["surface"], edge=theme["sea"], mm=0.3, radius=0.5)
    for row, home, spot in reversed(drawn):
        if np.hypot(home[0] - spot[0], home[1] - spot[1]) > 0.5:
            sheet.line([home, spot], theme["sea"], 0.25)
        top = row["rank"] <= 3
        sheet.rect(spot[0] - 2.5, spot[1] - 2.5, 5, 5, fill=theme["sea"] if top else theme["surface"],
                   edge=theme["surface"] if top else theme["sea"], mm=0.35, radius=2.4)  # fmt: skip
        ink = theme["surface"] if top else theme["sea-t"]
        sheet.text(spot[0], spot[1] + 1.15, str(row["rank"]), 8.6, ink, bold=True, ha="center")


def _bars(sheet: Sheet, theme: Theme, report: SiteReport, x: float, y: float) -> float:
    criteria = report.body["criteria"]
    y = _title(sheet, theme, x, y, "排序（得分由各项贡献组成）")
    runs: list[Run] = []
    for i, c in enumerate(criteria):
        if c["weight"] > 0:
            runs += [
                ("■ ", theme[f"v{i % 8 + 1}"], False),
                (f"{c['title']} {100 * c['weight']:.0f}　", theme["ink-2"], False),
            ]
    for line in wrapped(runs, 7.2, SIDE):
        sheet.runs(x, y, line, 7.2)
        y += 3.8
    y += 2
    top = max((r["score"] for r in report.body["ranked"]), default=1.0) or 1.0
    for row in report.body["ranked"][:8]:
        sheet.text(x, y, str(row["rank"]), 9, theme["sea-t"], bold=True)
        sheet.text(x + 5, y, fitted(row["name"], 8.6, SIDE - 40), 8.6, theme["ink"])
        told = f"{row['score']:.3f}　居首 {100 * row['p_first']:.1f}%"
        sheet.text(x + SIDE, y, told, 8, theme["ink-2"], ha="right")
        at, whole = x + 5, sum(row["contributions"].values()) or 1.0
        for i, c in enumerate(criteria):
            part = row["contributions"].get(c["id"], 0.0) / whole * row["score"] / top * (SIDE - 5)
            sheet.rect(at, y + 1.2, part, 2, fill=theme[f"v{i % 8 + 1}"])
            at += part
        y += 7.4
    return y


def _title(sheet: Sheet, theme: Theme, x: float, y: float, text: str) -> float:
    sheet.text(x, y, text, 9.5, theme["ink"], bold=True)
    return y + 5.2


def _text(sheet: Sheet, x: float, y: float, text: str, points: float, ink: str, width: float) -> float:
    for line in wrapped([(text, ink, False)], points, width):
        sheet.runs(x, y, line, points)
        y += points * 0.5
    return y


class _Flow:
    """Lines and tables from page to page."""

    def __init__(self, report: SiteReport, theme: Theme, subtitle: str) -> None:
        self.report, self.theme, self.subtitle = report, theme, subtitle
        self.sheets: list[Sheet] = []
        self.turn()

    def turn(self) -> None:
        self.sheet = Sheet(PAPERS["A4"])
        _head(self.sheet, self.theme, self.report, self.subtitle)
        self.sheets.append(self.sheet)
        self.y = 30.0

    def room(self, mm: float) -> None:
        if self.y + mm > FOOT - 4:
            self.turn()

    def title(self, text: str) -> None:
        self.room(14)
        self.y = _title(self.sheet, self.theme, LEFT, self.y + 2, text)

    def lines(self, texts: Iterable[str]) -> None:
        for text in texts:
            for line in wrapped([(text, self.theme["ink-2"], False)], 8.4, RIGHT - LEFT):
                self.room(4.6)
                self.sheet.runs(LEFT, self.y, line, 8.4)
                self.y += 4.4

    def table(
        self, heads: Sequence[str], rows: Sequence[Sequence[str]], widths: Sequence[float], left: int = 2
    ) -> None:
        total = RIGHT - LEFT
        edges = np.r_[0, np.cumsum(widths)] / sum(widths) * total + LEFT

        def write(cells: Sequence[str], ink: str, bold: bool) -> None:
            for k, cell in enumerate(cells):
                room = edges[k + 1] - edges[k] - 1.6
                text = fitted(cell, 7.8, room, bold=bold)
                at = edges[k] if k < left else edges[k + 1] - 1.6
                self.sheet.text(at, self.y, text, 7.8, ink, bold=bold, ha="left" if k < left else "right")

        self.room(12)
        write(heads, self.theme["ink-3"], False)
        self.y += 1.6
        self.sheet.rect(LEFT, self.y, total, 0.15, fill=self.theme["line-2"])
        self.y += 4
        for row in rows:
            self.room(5)
            write(row, self.theme["ink"], False)
            self.y += 4.7
        self.y += 2


def _more(report: SiteReport, theme: Theme) -> list[Sheet]:
    body = report.body
    flow = _Flow(report, theme, f"选址报告　截至 {body['as_of']}")
    criteria = [c for c in body["criteria"] if c["weight"] > 0]
    flow.title("各项数值")
    heads = [
        "名次",
        "地块",
        *(f"{c['title']} {c['unit']}" if not c["labels"] else c["title"] for c in criteria),
        "另一方法",
    ]
    rows = [
        [str(r["rank"]), r["name"], *(_figure(r["values"].get(c["id"]), c["labels"]) for c in criteria),
         str(r["other"]["rank"])]
        for r in body["ranked"][:SHOWN]
    ]  # fmt: skip
    flow.table(heads, rows, [8, 40, *([22] * len(criteria)), 14])
    flow.title("有多稳固")
    flow.table(
        ["名次", "地块", "得分", "90% 区间", "居首", "前十", "置信", "非劣"],
        [[str(r["rank"]), r["name"], f"{r['score']:.3f}",
          "" if r["score_low"] is None else f"{r['score_low']:.3f}–{r['score_high']:.3f}", f"{100 * r['p_first']:.1f}%",
          f"{100 * r['p_top10']:.1f}%", "—" if r["confidence"] is None else f"{100 * r['confidence']:.0f}%",
          "是" if r["pareto"] else ""] for r in body["ranked"][:8]],
        [8, 60, 16, 28, 16, 16, 16, 12],
    )  # fmt: skip
    flow.lines(
        f"“{s['title']}”的权重由 {100 * s['share_now']:.1f}% {'升' if s['share'] > s['share_now'] else '降'}到"
        f" {100 * s['share']:.1f}%，{s['winner']}居首。" for s in body["dethrone"][:4]
    )  # fmt: skip
    changed = [x for x in body["leave_one_out"] if body["ranked"] and x["winner_ids"] != [body["ranked"][0]["id"]]]
    flow.lines(f"去掉“{x['title']}”，{'、'.join(x['winners'][:2])}居首。" for x in changed[:4])
    if report.ways:
        flow.title("前三处的路程")
        named = {r["id"]: r["name"] for r in body["ranked"]}
        flow.table(
            ["地块", "到哪里", "合计 km", "接驳", "路网", "末段", "误差 km"],
            [[named.get(i, ""), f"{w['title']}：{w['target']}", f"{w['total_km']:.1f}", f"{w['access_km']:.1f}",
              f"{w['network_km']:.1f}", f"{w['egress_km']:.1f}", f"±{w['sigma_km']:.1f}"]
             for i, ways in list(report.ways.items())[:3] for w in ways],
            [50, 70, 18, 16, 16, 16, 16],
        )  # fmt: skip
    out = sorted(body["excluded"], key=lambda e: (e["n_fails"], str(e["name"])))
    if out:
        flow.title(f"排除 {len(out)} 处：原因与最近的改动（只差一条的在前，列前 {min(len(out), EXCLUDED)} 处）")
        rows = [[e["name"], "；".join(f["text"] for f in e["fails"]), e["change"]] for e in out[:EXCLUDED]]
        flow.table(["地块", "不符合", "最近的改动"], rows, [44, 74, 74], left=3)
    flow.title("口径与来源")
    flow.lines([f"{c['title']}：{c['source']}。" for c in criteria])
    flow.lines(report.method_lines())
    flow.lines(f"说明：{note}" for note in body["notes"])
    layers = "；".join(
        f"{t}（{owner or '责任单位未定'}，{n} 条{f'，其中演示 {demo}' if demo else ''}，{date or '无日期'}）"
        for t, owner, n, demo, date in report.layers
    )
    flow.lines([f"数据：{layers}。坐标系：{CRS_TEXT}。制图：园图 {report.made.isoformat()}。道路 © OpenStreetMap。"])
    return flow.sheets


def _figure(value: float | None, labels: Sequence[str]) -> str:
    if value is None:
        return "—"
    if labels and 0 <= round(value) < len(labels):
        return labels[round(value)]
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:,.1f}"
