"""Documents that are no map of a recipe: a department's targets, the circular of a reporting round, a site report."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

from app.export.data import now
from app.export.document import Chapter, Chart, Document, Grid, marking_of, target_grid
from app.export.site_brief import METHODS, MISSING
from app.pages.format import DASH
from app.rounds import fault, files, said
from geo.errors import InputError
from layers.duties import STATES
from layers.targets_judge import STATUS_NAMES

ALL = "各县"
MOST_SITES = 20


def targets_document(
    body: dict[str, Any], dept: str, *, number: str = "", demo: bool = False, known_at: str = ""
) -> Document:  # fmt: skip
    """Return the report of a department's targets; every figure is that of ``/api/v1/targets``.

    Parameters
    ----------
    body : dict
        :func:`layers.store.queries_target_cards.target_cards`.
    dept : str
        A department as the document names it; '' is every target.

    Raises
    ------
    InputError
        Nobody is named so; the message lists the departments.
    """
    rows = [r for r in body["rows"] if not r.get("alias_of")]
    owners = sorted({o for r in rows for o in r["owners"]})
    mine = [r for r in rows if not dept or dept in r["owners"]]
    if not mine:
        raise InputError(f"没有由“{dept}”负责的目标。", f"可用：{'、'.join(owners)}。", field="dept")
    lead = f"{dept or '全市'}共 {_tally([r for r in mine if r['kind'] == 'target'], '个目标（重复的只计一次）')}。"
    if lists := [r for r in mine if r["kind"] == "list"]:
        lead += f"另有清单规模 {_tally(lists, '项')}。"
    if n_info := sum(r["kind"] in ("threshold", "milestone") for r in mine):
        lead += f"门槛和里程碑 {n_info} 项，没有要完成的数量，只列出。"
    behind = [r for r in mine if r["status"] == "behind"]
    chapters = [Chapter("总体", (lead,))]
    if behind:
        chapters.append(Chapter("需要关注", tuple(f"{r['indicator']}：{r['reason']}" for r in behind)))
    chapters.append(Chapter("各项进度", grid=target_grid(mine)))
    stated = tuple(f"{r['indicator']}：{r['reason']}" for r in mine if r["status"] != "behind" and r["reason"])
    if stated:
        chapters.append(Chapter("说明", stated))
    day = body["as_of"]
    figures = {
        "title": "目标", "as_of": day, "targets": {r["indicator"]: [r["value"], r["status"]] for r in mine},
        "layers": [], "rows": [],
    }  # fmt: skip
    has_demo = demo and any(r.get("found", {}).get("n_demo") for r in mine)
    return Document(
        title=f"{dept or '全市'}年度目标进度报告", subtitle=f"截至 {day}", marking=marking_of(number),
        has_demo=bool(has_demo), chapters=tuple(chapters),
        about=(
            f"目标取自 {body['document']['title']}；现值由库内数据计算或按期填报，判断按各项进度安排。",
            f"{'含演示数据。' if has_demo else '不含演示数据。'}制图：园图 {now().date()}。",
        ),
        recipe=_order(
            kind="targets", dept=dept, as_of=str(day), known_at=known_at, demo=demo, map_approval_no=number
        ),
        figures=json.dumps(figures, ensure_ascii=False, default=str), made=now().date().isoformat(),
    )  # fmt: skip


def _tally(rows: list[dict[str, Any]], noun: str) -> str:
    """Return how many rows there are, and how many have each status."""
    counts = {s: sum(r["status"] == s for r in rows) for s in STATUS_NAMES}
    told = "、".join(f"{STATUS_NAMES[s]} {n} 项" for s, n in counts.items() if n)
    return f"{len(rows)} {noun}" + (f"：{told}" if told else "")


def _order(**given: Any) -> str:
    """What makes a document again; it travels inside."""
    return json.dumps({k: v for k, v in given.items() if v}, ensure_ascii=False)


def notice_document(body: dict[str, Any], *, number: str = "") -> Document:
    """Return the circular (通报) of a reporting round; the body is that of ``yuantu rounds``."""
    items, period = body["items"], body["period"]
    month = f"{period[:4]}年{int(period[5:])}月"
    summary = body["summary"]
    told = "、".join(f"{STATES[s]} {n} 项" for s, n in summary.items() if n)
    late = [i for i in items if i["state"] in ("overdue", "returned")]
    chapters = [Chapter("总体", (f"{month}应报 {len(items)} 项：{told or '无'}。按 {body['on']} 判断。",))]
    heads = ("责任单位", "应报", "截止日", "状态", "说明")
    for title, kept in (("逾期和退回", late), ("全部", items)):
        rows = tuple((i["owner"], i["title"], i["due"], i["state_title"], said(i) or DASH) for i in kept)
        if rows:
            chapters.append(Chapter(title, grid=Grid(heads, rows, left=5)))
    came = tuple(f"{i['owner']} {i['title']}：{files(i)}" for i in items if i["files"])
    if came:
        chapters.append(Chapter("收到的文件", came))
    if body["figures"]:
        rows = tuple((f["owner"], f["layer_title"], f["name"], f["measure"], fault(f)) for f in body["figures"])
        chapters.append(Chapter("请核对的数字", grid=Grid(("责任单位", "图层", "名称", "指标", "问题"), rows, left=5)))
    states = {f"{i['owner']} {i['title']}": i["state"] for i in items}
    figures = {"title": month, "as_of": body["on"], "targets": states, "layers": [], "rows": []}
    return Document(
        title=f"{month}数据报送情况通报", subtitle=f"{body['first']} 至 {body['last']}", marking=marking_of(number),
        has_demo=False, chapters=tuple(chapters),
        about=("依据库内的导入记录；演示数据不计。", f"制作：园图 {now().date()}。"),
        recipe=_order(kind="notice", period=period, map_approval_no=number), made=now().date().isoformat(),
        figures=json.dumps(figures, ensure_ascii=False),
    )  # fmt: skip


def site_document(
    body: dict[str, Any], title: str, picture: bytes = b"", *, number: str = "", profile: dict[str, Any] | None = None,
    recipe: str = "", customer: str = "",
) -> Document:  # fmt: skip
    """Return the investor's site report from the body of ``POST /api/v1/site/rank``.

    Parameters
    ----------
    picture : bytes
        The map of family ``rank`` as PNG; empty leaves the map out.
    profile : dict, optional
        The brief, for the record; ``recipe`` is what travels inside when it is given.
    customer : str
        For whom the report is.
    """
    ranked = body["ranked"]
    rows = tuple(
        (str(r["rank"]), str(r["name"]), f"{100 * r['score']:.1f}", f"{100 * r['p_first']:.1f}%",
         f"{100 * r['p_top10']:.1f}%", DASH if r.get("confidence") is None else f"{100 * r['confidence']:.0f}%",
         "演示" if r["is_demo"] else "")
        for r in ranked[:MOST_SITES]
    )  # fmt: skip
    heads = ("名次", "备选", "得分", "居首概率", "前十概率", "置信度", "数据")
    chart = Chart(
        "得分（满分 100）", tuple(str(r["name"]) for r in ranked[:10]),
        (("得分", tuple(round(100 * r["score"], 4) for r in ranked[:10])),),
    )  # fmt: skip
    chapters = [
        Chapter("结论", (str(body["sentence"]),), picture=picture),
        *([Chapter("排序", chart=chart, grid=Grid(heads, rows, left=2))] if rows else []),
    ]
    weights = tuple(
        (
            c["title"],
            f"{100 * c['weight']:.1f}%",
            {"min": "越小越好", "max": "越大越好"}.get(c["objective"], ""),
            c["source"],
        )
        for c in body["criteria"]
    )
    chapters.append(Chapter("准则与权重", grid=Grid(("准则", "权重", "方向", "依据"), weights)))
    chapters += [_site_chapter(r, body["criteria"]) for r in ranked[:3]]
    excluded: dict[str, int] = {}
    for one in body["excluded"]:
        name = str(one.get("title") or one["rule"])
        excluded[name] = excluded.get(name, 0) + 1
    if excluded:
        some = tuple((k, f"{v:,}") for k, v in sorted(excluded.items(), key=lambda kv: (-kv[1], kv[0])))
        text = f"备选 {body['n']:,} 处中，{body['n_excluded']:,} 处不符合硬性条件，第一条不符合的原因如下。"
        chapters.append(Chapter("排除", (text,), grid=Grid(("原因", "处"), some)))
    data = tuple(
        f"{d['title']}：{d['owner'] or '责任单位未载'}，{d['n']:,} 条"
        + (f"（演示数据 {d['n_demo']:,} 条）" if d["n_demo"] else "") + f"，数据日期 {d['data_date'] or '未载'}"
        for d in body["data"]
    )  # fmt: skip
    notes = tuple(str(n) for n in body["notes"])
    figures = {
        "title": title, "as_of": body["as_of"], "rows": [], "layers": [],
        "ranked": [[r["rank"], r["name"], round(float(r["score"]), 9)] for r in ranked],
    }  # fmt: skip
    held = recipe or json.dumps({"kind": "site", "profile": profile or {}}, ensure_ascii=False)
    day = dt.date.fromisoformat(str(body["as_of"])[:10])
    return Document(
        title=title, subtitle="　".join(x for x in (customer, f"截至 {day}") if x), marking=marking_of(number),
        has_demo=bool(body["is_demo"]), chapters=tuple(chapters),
        about=(
            *data, *notes,
            f"方法：{METHODS[body['method']]}；缺值处理：{MISSING[body['missing']]}；抽样 {body['draws']:,} 次，"
            f"种子 {body['seed']}，任务指纹 {body['profile_sha256'][:16]}。",
        ),
        recipe=held, figures=json.dumps(figures, ensure_ascii=False), made=now().date().isoformat(),
    )  # fmt: skip


def _site_chapter(row: dict[str, Any], criteria: list[dict[str, Any]]) -> Chapter:
    """What each criterion found at one of the first sites, and what it added to the score."""
    rows = []
    for c in criteria:
        value = row["values"].get(c["id"])
        labels = c.get("labels") or []
        if value is None:
            shown = DASH
        elif labels and float(value).is_integer() and 0 <= int(value) < len(labels):
            shown = str(labels[int(value)])
        else:
            shown = f"{value:,.4g} {c['unit']}".strip()
        added = row["contributions"].get(c["id"])
        rows.append((c["title"], shown, DASH if added is None else f"{100 * added:.1f}"))
    return Chapter(f"第 {row['rank']} 位：{row['name']}", grid=Grid(("准则", "现状", "得分"), tuple(rows)))
