"""The investor's site report as a workbook: brief, ranking, contributions, ways, excluded, how firm, sources."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import xlsxwriter
from xlsxwriter.workbook import Workbook

from app.export.theme import load_theme
from app.export.workbook import MOST_SIGNS

Body = dict[str, Any]
METHODS = {"wsm": "加权和", "topsis": "TOPSIS"}
MISSING = {"exclude": "排除", "worst": "按最差", "median": "按中位数"}
SHAPES = {"linear": "线性", "sigmoid": "S 形", "piecewise": "分段", "target": "目标值", "categorical": "分类"}


@dataclass(frozen=True)
class SiteReport:
    """What a report holds, gathered and plain.

    Attributes
    ----------
    title, note : str
        Of the brief.
    body : dict
        The body of ``POST /api/v1/site/rank``.
    ways : mapping of site id to routes
        Of the first sites.
    facts : mapping of site id to pairs of (title, text)
        The record's own fields, of the first sites.
    names : mapping of code to county
    counties : bytes
        The counties as GeoJSON, for the map.
    made : date
    profile : str
        The profile as JSON.
    """

    title: str
    note: str
    body: Body
    ways: Mapping[int, Sequence[Body]]
    facts: Mapping[int, Sequence[tuple[str, str]]]
    names: Mapping[str, str]
    counties: bytes
    made: dt.date
    profile: str

    @property
    def layers(self) -> list[tuple[str, str, int, int, str]]:
        """Title, owner, records, of them 演示, latest date of every layer."""
        return [(d["title"], d["owner"] or "", d["n"], d["n_demo"], d["data_date"] or "") for d in self.body["data"]]

    def method_lines(self) -> list[str]:
        """Return how the answer came about, one sentence each."""
        body = self.body
        spread = "任意取值" if body["spread"] is None else f"各在 ±{100 * body['spread']:g}% 内变动"
        lines = [
            f"合成：{METHODS[body['method']]}；另一方法的名次并列给出。缺值：{MISSING[body['missing']]}。",
            f"稳健性：SMAA，权重{spread}，抽样 {body['draws']:,} 次，随机种子 {body['seed']}；"
            "居首、前十为抽样中的比例；置信为按最有利的权重、计入位置误差和缺值后仍居首的比例。",
            "价值函数把各项数值换成 0（最差）到 1（最好）；没有写明的范围取自可选地块。",
            f"任务指纹 {body['profile_sha256']}；同一任务、日期和数据，结果相同。",
        ]
        return lines

    def limit_lines(self) -> list[tuple[str, int]]:
        """Return each hard limit with how many it excludes."""
        return [(str(x["text"]), int(x["n_excluded"])) for x in self.body["limits"]]


def write_xlsx(report: SiteReport) -> bytes:
    """Return the report as an xlsx file; values and text only, no cell is a formula."""
    out = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(out, options) as book:
        book.set_properties({"title": report.title, "comments": "内部使用"})
        writer = _Writer(book, report)
        writer.summary()
        writer.ranking()
        writer.contributions()
        writer.ways()
        writer.records()
        writer.excluded()
        writer.firmness()
        writer.sources()
    return out.getvalue()


class _Writer:
    def __init__(self, book: Workbook, report: SiteReport) -> None:
        theme = load_theme()
        self.book, self.report, self.body = book, report, report.body
        self.title = book.add_format({"bold": True, "font_size": 14})
        self.head = book.add_format({"bold": True, "bg_color": theme["surface-3"], "bottom": 1, "text_wrap": True})
        self.bold = book.add_format({"bold": True})
        self.wrap = book.add_format({"text_wrap": True, "valign": "top"})
        self.says = book.add_format({"text_wrap": True, "valign": "top", "bg_color": theme["sea-s"]})
        self.demo = book.add_format({"font_color": theme["amber-t"], "bg_color": theme["amber-s"], "bold": True})
        self.formats = {k: book.add_format({"num_format": v}) for k, v in
                        {"int": "0", "num": "#,##0.00", "score": "0.000", "share": "0.0%"}.items()}  # fmt: skip

    def _sheet(self, name: str, widths: Sequence[float]) -> Any:
        sheet = self.book.add_worksheet(name)
        for x, width in enumerate(widths):
            sheet.set_column(x, x, width)
        sheet.set_landscape()
        sheet.set_paper(9)
        sheet.fit_to_pages(1, 0)
        said = "　含演示数据，不作依据" if self.body["is_demo"] else ""
        sheet.set_footer(
            f"&L{self.report.title.replace('&', '&&')}　截至 {self.body['as_of']}{said}&C内部使用&R&P / &N"
        )
        return sheet

    def _table(self, sheet: Any, top: int, heads: Sequence[str], rows: Sequence[Sequence[Any]], kinds: str) -> int:
        """Write a table; ``kinds`` has one sign a column: t text, i integer, n number, s score, p share."""
        names = {"i": "int", "n": "num", "s": "score", "p": "share"}
        for x, text in enumerate(heads):
            sheet.write_string(top, x, text, self.head)
        for y, row in enumerate(rows, start=top + 1):
            for x, (value, kind) in enumerate(zip(row, kinds, strict=True)):
                if value is None or value == "":
                    continue
                if kind == "t" or isinstance(value, str):
                    sheet.write_string(y, x, str(value)[:MOST_SIGNS], self.wrap)
                else:
                    sheet.write_number(y, x, value, self.formats[names[kind]])
        return top + 1 + len(rows)

    def _county(self, row: Body) -> str:
        return self.report.names.get(str(row["county_code"]), "")

    def summary(self) -> None:
        report, body = self.report, self.body
        sheet = self._sheet("摘要", (26, 14, 14, 30, 40))
        sheet.write_string(0, 0, report.title, self.title)
        sheet.write_string(1, 0, f"选址报告　截至 {body['as_of']}　编制 {report.made.isoformat()}　内部使用")
        if body["is_demo"]:
            sheet.write_string(2, 0, "含演示数据，只供演示，不作依据", self.demo)
        sheet.merge_range(3, 0, 3, 4, "", self.says)
        sheet.write_string(3, 0, body["sentence"], self.says)
        sheet.set_row(3, 64)
        y = 5
        if report.note:
            sheet.merge_range(y, 0, y, 4, "", self.wrap)
            sheet.write_string(y, 0, report.note, self.wrap)
            y += 2
        sheet.write_string(
            y, 0, f"备选 {body['n']} 处，可选 {len(body['ranked'])} 处，排除 {body['n_excluded']} 处", self.bold
        )
        y = self._table(sheet, y + 1, ("硬约束", "排除处数"), report.limit_lines(), "ti") + 1
        rows = [
            (c["title"], c["weight"], c["unit"], SHAPES[c["value"]["type"]], _params(c["value"]))
            for c in body["criteria"]
        ]
        y = self._table(sheet, y, ("准则", "权重", "单位", "价值函数", "参数"), rows, "tpttt") + 1
        for note in body["notes"]:
            sheet.merge_range(y, 0, y, 4, "", self.wrap)
            sheet.write_string(y, 0, f"说明：{note}", self.wrap)
            y += 1

    def ranking(self) -> None:
        criteria = self.body["criteria"]
        heads = ["名次", "名称", "县（市、区）", "得分", "区间下限", "区间上限", "居首", "前十", "置信", "另一方法名次",
                 "非劣", "演示", "缺值"]  # fmt: skip
        heads += [f"{c['title']}（{c['unit']}）" if not c["labels"] else c["title"] for c in criteria]
        sheet = self._sheet("排序", (6, 30, 12, *([9] * 8), 6, 16, *([14] * len(criteria))))
        titles = {c["id"]: c["title"] for c in criteria}
        rows = []
        for r in self.body["ranked"]:
            values = [_label(r["values"].get(c["id"]), c["labels"]) for c in criteria]
            lacking = "、".join(titles[i] for i in r["missing"])
            rows.append((r["rank"], r["name"], self._county(r), r["score"], r["score_low"], r["score_high"],
                         r["p_first"], r["p_top10"], r["confidence"], r["other"]["rank"], "是" if r["pareto"] else "",
                         "演示数据" if r["is_demo"] else "", lacking, *values))  # fmt: skip
        self._table(sheet, 0, heads, rows, "ittssspppittt" + "n" * len(criteria))
        sheet.freeze_panes(1, 2)

    def contributions(self) -> None:
        criteria = [c for c in self.body["criteria"] if c["weight"] > 0]
        sheet = self._sheet("得分构成", (6, 30, 10, *([14] * len(criteria))))
        heads = ["名次", "名称", "得分", *(f"{c['title']} {100 * c['weight']:.0f}%" for c in criteria)]
        rows = [(r["rank"], r["name"], r["score"], *(r["contributions"].get(c["id"]) for c in criteria))
                for r in self.body["ranked"]]  # fmt: skip
        self._table(sheet, 0, heads, rows, "its" + "s" * len(criteria))
        sheet.freeze_panes(1, 2)

    def ways(self) -> None:
        sheet = self._sheet("路程", (30, 18, 24, 11, 11, 11, 11, 11, 30))
        heads = ("地块", "路程", "终点", "合计 km", "接驳 km", "路网 km", "末段 km", "误差 km", "说明")
        rows = []
        named = {r["id"]: r["name"] for r in self.body["ranked"]}
        for site, routes in self.report.ways.items():
            for w in routes:
                said = (
                    f"接驳为直线×{w['detour']:g}" if not w["is_straight"] else f"路网到不了，全程直线×{w['detour']:g}"
                )
                rows.append((named.get(site, ""), w["title"], w["target"], w["total_km"], w["access_km"],
                             w["network_km"], w["egress_km"], w["sigma_km"], said))  # fmt: skip
        self._table(sheet, 0, heads, rows, "tttnnnnnt")
        sheet.freeze_panes(1, 1)

    def records(self) -> None:
        sheet = self._sheet("地块资料", (30, 20, 46))
        named = {r["id"]: r["name"] for r in self.body["ranked"]}
        rows = [
            (named.get(site, ""), title, text) for site, facts in self.report.facts.items() for title, text in facts
        ]
        self._table(sheet, 0, ("地块", "项目", "内容"), rows, "ttt")
        sheet.freeze_panes(1, 1)

    def excluded(self) -> None:
        sheet = self._sheet("排除", (30, 12, 8, 60, 60, 10))
        heads = ("名称", "县（市、区）", "不符条数", "不符合的硬约束：现状与差距", "最近的改动", "演示")
        rows = [(e["name"], self._county(e), e["n_fails"], "；".join(f["text"] for f in e["fails"]), e["change"],
                 "演示数据" if e["is_demo"] else "")
                for e in sorted(self.body["excluded"], key=lambda e: (e["n_fails"], str(e["name"])))]  # fmt: skip
        self._table(sheet, 0, heads, rows, "ttittt")
        sheet.freeze_panes(1, 1)

    def firmness(self) -> None:
        body = self.body
        sheet = self._sheet("稳健性", (30, 16, 16, 30, 14))
        rows = [(s["title"], s["share_now"], s["share"], s["winner"]) for s in body["dethrone"]]
        sheet.write_string(0, 0, "最小改动：单独把一项权重改到多少会换掉第一名", self.bold)
        y = self._table(sheet, 1, ("准则", "现在的权重", "改到", "换成"), rows, "tppt") + 1
        sheet.write_string(y, 0, "去掉一项准则", self.bold)
        rows = [(x["title"], "、".join(x["winners"]), x["rank_of_winner"]) for x in body["leave_one_out"]]
        y = self._table(sheet, y + 1, ("去掉的准则", "居首", "原第一名的名次"), rows, "tti") + 1
        sheet.write_string(y, 0, "中心权重：抽样中它居首时权重的平均", self.bold)
        criteria = [c for c in body["criteria"] if c["weight"] > 0]
        rows = [(r["name"], *(r["central_weights"][c["id"]] for c in criteria))
                for r in body["ranked"][:20] if r["central_weights"]]  # fmt: skip
        self._table(sheet, y + 1, ("名称", *(c["title"] for c in criteria)), rows, "t" + "p" * len(criteria))

    def sources(self) -> None:
        report = self.report
        sheet = self._sheet("口径与来源", (26, 60, 10, 10, 14))
        rows: list[Sequence[Any]] = [(c["title"], c["source"]) for c in self.body["criteria"]]
        y = self._table(sheet, 0, ("准则", "口径"), rows, "tt") + 1
        rows = [(title, owner, n, demo, date) for title, owner, n, demo, date in report.layers]
        y = self._table(sheet, y, ("图层", "责任单位", "记录数", "演示数据", "数据日期"), rows, "ttiit") + 1
        for line in (*report.method_lines(), f"任务（PROFILE）：{report.profile}"):
            sheet.merge_range(y, 0, y, 4, "", self.wrap)
            sheet.write_string(y, 0, line[:MOST_SIGNS], self.wrap)
            sheet.set_row(y, 32)
            y += 1


def _params(value: Body) -> str:
    params = value["params"]
    if value["type"] in ("linear", "sigmoid"):
        return f"取 1：{params['best']:g}，取 0：{params['worst']:g}"
    if value["type"] == "piecewise":
        return "；".join(f"{x:g}→{v:g}" for x, v in params["points"])
    if value["type"] == "target":
        return f"目标 {params['target']:g}，低 {params['tolerance_low']:g} 或高 {params['tolerance_high']:g} 时为 0"
    return "；".join(f"{k}→{v:g}" for k, v in params["values"].items())


def _label(value: float | None, labels: Sequence[str]) -> Any:
    if value is None or not labels or not 0 <= round(value) < len(labels):
        return value
    return labels[round(value)]
