"""A siting brief as a sheet: written for an investor to fill in, and read back into a profile.

One row an item: a general question, or a criterion with its limit and its weight. What a sheet cannot say in words
stands in the row of other limits, as JSON.
"""

from __future__ import annotations

import io
import json
import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import xlsxwriter

from app.export.workbook import MOST_SIGNS
from etl.read import read_file
from geo.criteria import CRITERIA, Criterion
from geo.errors import InputError
from layers.registry import Catalogue, catalogue
from layers.site import DRAWN, GRID, Profile
from layers.site_limits import CONSTRAINT, PARK

Body = dict[str, Any]
HEADS = ("项目", "填写", "单位", "权重", "价值函数", "填写说明")
WIDTHS = (22, 44, 14, 8, 30, 62)
LAYERS = {"parcel": "地块", "premises": "厂房", "park": "园区", GRID: "全市网格", DRAWN: "自绘地块"}
METHODS = {"wsm": "加权和", "topsis": "TOPSIS"}
MISSING = {"exclude": "排除", "worst": "按最差", "median": "按中位数"}
PARTIES = {"产业": "industry", "配套产业": "suppliers", "相容产业": "compatible", "不宜相邻产业": "unwanted"}
#: item: (limit's id, operator, what to write)
NAMED = {
    "用地性质": ("land_use", "in", "可多项，用顿号分开"),
    "供地方式": ("supply_mode", "in", "可多项，用顿号分开"),
    "供应状态": ("readiness", "in", "可多项，例如 可供、筹备"),
    "准入产业": ("industries", "in", "地块须准入其中之一"),
    "须位于": (CONSTRAINT, "inside", "管控区域，例如 城镇开发边界"),
    "不进入": (CONSTRAINT, "outside", "管控区域，可多项，用顿号分开"),
    "园区类型须为": (PARK + "kind", "in", "所在园区须属于其中之一"),
    "园区级别须为": (PARK + "level", "in", "所在园区须属于其中之一"),
    "交地不晚于": ("ready_date", "<=", "日期，例如 2027-06-30"),
    "容积率不低于": ("plot_ratio", ">=", "标准地控制指标"),
    "单位产值能耗不高于": ("energy_tce_per_10k_cny", "<=", "吨标煤/万元，标准地控制指标"),
}
OTHER, MORE = "其他硬约束", "其他设置"
EXTRAS = ("note", "tuning", "stakeholders")
SIGNS = {"≤": "<=", "≥": ">=", "<=": "<=", ">=": ">=", "<": "<", ">": ">", "=": "=", "不超过": "<=", "不低于": ">="}
_BOUND = re.compile(r"(<=|>=|≤|≥|<|>|=|不超过|不低于)?\s*(-?\d[\d,]*(?:\.\d+)?)\s*([^;；]*)")
_SPLIT = re.compile(r"[、，,;；/\s]+")


@dataclass(frozen=True)
class Item:
    """One row of the sheet."""

    title: str
    filled: str
    unit: str = ""
    weight: float | None = None
    value: str = ""
    note: str = ""
    choices: tuple[str, ...] = ()


def usual_sign(criterion: Criterion) -> str:
    """Return how a bare number bounds a criterion."""
    return "<=" if criterion.objective == "min" else ">="


def _items(profile: Profile, cat: Catalogue, counties: Mapping[str, str]) -> list[Item]:
    chosen = [c for c in counties if f"'{c}'" in profile.alternatives.filter]
    every = "、".join(counties.values())
    made = [
        Item("任务名称", profile.title, note="会写在报告的封面"),
        Item("备选", LAYERS.get(profile.alternatives.layer, profile.alternatives.layer), note="从中选一种",
             choices=tuple(v for k, v in LAYERS.items() if k != DRAWN)),
        Item("其他筛选", "" if chosen else profile.alternatives.filter, note="CQL2 条件，填了它就不看县区"),
        Item("县区", "、".join(counties[c] for c in chosen), note=f"空白为全市；可多项：{every}"),
    ]  # fmt: skip
    terms = "、".join(cat.vocabularies["industry"].terms)
    for title, name in PARTIES.items():
        made.append(Item(title, "、".join(getattr(profile, name)), note=f"可多项：{terms}"))
    left = list(profile.limits)
    for title, (ident, op, note) in NAMED.items():
        held = [x for x in left if (x.id, x.op) == (ident, op)]
        words: list[str] = []
        for limit in held if op in ("in", "inside") else held[:1]:
            if op == "inside" and words:
                break  # a second area to lie in is a limit of its own
            words += [str(v) for v in limit.value] if isinstance(limit.value, list) else [str(limit.value)]
            left.remove(limit)
        if op == "outside":
            for limit in held[1:]:
                words += [str(v) for v in limit.value] if isinstance(limit.value, list) else [str(limit.value)]
                left.remove(limit)
        made.append(Item(title, "、".join(dict.fromkeys(words)), note=note))
    weights = {c.id: c for c in profile.criteria}
    for criterion in CRITERIA.values():
        held = [x for x in left if x.id == criterion.id and isinstance(x.value, (int, float))]
        for limit in held:
            left.remove(limit)
        usual = usual_sign(criterion)
        bounds = [
            f"{x.value:g}" if x.op == usual and len(held) == 1 else f"{x.op}{x.value:g}"
            for x in held
            if x.op in SIGNS.values()
        ]
        choice = weights.get(criterion.id)
        value = ""
        if choice is not None and (choice.value.type != "linear" or choice.value.params):
            value = json.dumps(choice.value.model_dump(mode="json"), ensure_ascii=False)
        sign = "不超过" if usual == "<=" else "不低于"
        note = f"限值写一个数表示{sign}，也可写 ≥60；≤200；权重空白为不参与打分。{criterion.source}"
        made.append(
            Item(criterion.title, "；".join(bounds), criterion.unit, choice.weight if choice else None, value, note)
        )
    extras = profile.model_dump(mode="json", include=set(EXTRAS), exclude_defaults=True)
    spread = "" if profile.spread is None else f"{100 * profile.spread:g}"
    made += [
        Item("合成方法", METHODS[profile.method], note="加权和 或 TOPSIS", choices=tuple(METHODS.values())),
        Item("缺值处理", MISSING[profile.missing], note="没有资料的地块怎么办", choices=tuple(MISSING.values())),
        Item("权重抽样次数", str(profile.draws), "次"),
        Item("权重变动幅度", spread, "%", note="空白为任意取值"),
        Item("随机种子", str(profile.seed), note="种子相同，结果相同"),
        Item(OTHER, json.dumps([x.model_dump(mode="json") for x in left], ensure_ascii=False) if left else "",
             note="上面写不下的硬约束，JSON"),
        Item(MORE, json.dumps(extras, ensure_ascii=False) if extras else "",
             note="半径、绕行系数、多方权重、备注，JSON"),
    ]  # fmt: skip
    return made


def write_brief(profile: Profile, counties: Mapping[str, str]) -> bytes:
    """Return the sheet of a profile, to be filled in and read back."""
    cat = catalogue()
    out = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(out, options) as book:
        sheet = book.add_worksheet("选址任务书")
        bold = book.add_format({"bold": True, "font_size": 13})
        head = book.add_format({"bold": True, "bg_color": "#ECEFF4", "bottom": 1})
        fill = book.add_format({"bg_color": "#FDF9EC", "border": 1, "border_color": "#D8D2BE", "text_wrap": True})
        note = book.add_format({"font_color": "#647080", "text_wrap": True, "font_size": 9})
        sheet.write_string(0, 0, "选址任务书：在浅黄格中填写，然后在选址页“更多 → 读入任务书”上传", bold)
        for x, (title, width) in enumerate(zip(HEADS, WIDTHS, strict=True)):
            sheet.write_string(1, x, title, head)
            sheet.set_column(x, x, width)
        for y, item in enumerate(_items(profile, cat, counties), start=2):
            sheet.write_string(y, 0, item.title)
            sheet.write_string(y, 1, item.filled[:MOST_SIGNS], fill)
            sheet.write_string(y, 2, item.unit)
            if item.weight is not None:
                sheet.write_number(y, 3, item.weight, fill)
            elif item.title in {c.title for c in CRITERIA.values()}:
                sheet.write_blank(y, 3, None, fill)
            sheet.write_string(y, 4, item.value[:MOST_SIGNS], note)
            sheet.write_string(y, 5, item.note[:MOST_SIGNS], note)
            if item.choices:
                sheet.data_validation(y, 1, y, 1, {"validate": "list", "source": list(item.choices)})
        sheet.freeze_panes(2, 1)
        sheet.set_landscape()
        sheet.fit_to_pages(1, 0)
    return out.getvalue()


# -- reading ----------------------------------------------------------------------------------


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).strip()


def _refuse(row: int, item: str, said: str, cure: str) -> InputError:
    return InputError(f"第 {row} 行“{item}”：{said}。", cure, row=row, item=item)


def read_brief(data: bytes, name: str, counties: Mapping[str, str]) -> Body:
    """Return the PROFILE that a filled sheet describes; the caller checks it.

    Parameters
    ----------
    data, name : bytes, str
        The file and its name.
    counties : mapping of code to name
        For the row of counties.

    Raises
    ------
    ReadError, InputError
        No such sheet; an item that is unknown or cannot be read, with its row.
    """
    table = read_file(data, name, known=lambda text: text.strip() in HEADS)
    columns = {c.header.strip(): c for c in table.columns}
    if HEADS[0] not in columns or HEADS[1] not in columns:
        raise InputError("这不是选址任务书：没有“项目”和“填写”两列。", "请先下载任务书模板，填写后再上传。")
    given: dict[str, tuple[int, str, str, str]] = {}
    for i, number in enumerate(table.row_numbers):
        cell = {h: _plain(str(columns[h].cells[i] or "")) if h in columns else "" for h in HEADS}
        title = cell["项目"]
        if title == "任务名称":  # a name is no number: its full-width signs stay
            cell["填写"] = str(columns["填写"].cells[i] or "").strip()
        if title:
            given[title] = (int(number), cell["填写"], cell["权重"], cell["价值函数"])
    return _profile(given, counties)


def _profile(given: Mapping[str, tuple[int, str, str, str]], counties: Mapping[str, str]) -> Body:
    body: Body = {"version": 1, "alternatives": {"layer": "parcel"}, "limits": [], "criteria": []}
    titles = {_plain(c.title): c for c in CRITERIA.values()}
    codes = {n: c for c, n in counties.items()}
    for title, (row, text, weight, value) in given.items():
        if title in titles:
            body["limits"] += _bounds(row, titles[title], text)
            if weight:
                body["criteria"].append(_choice(row, titles[title], weight, value))
        elif title in NAMED:
            body["limits"] += _named(title, text)
        elif title in PARTIES:
            body[PARTIES[title]] = _terms(text)
        elif title == "县区":
            unknown = [n for n in _terms(text) if n not in codes]
            if unknown:
                raise _refuse(row, title, f"没有“{unknown[0]}”", f"可用：{'、'.join(codes)}。")
            held = ", ".join(f"'{codes[n]}'" for n in _terms(text))
            if held:
                body["alternatives"].setdefault("filter", f"county_code IN ({held})")
        else:
            _general(body, row, title, text)
    if not body["criteria"]:
        raise InputError("任务书里没有一项准则有权重。", "请在“权重”一列给至少一项准则填数。")
    if body["alternatives"].get("layer") == GRID:
        body["alternatives"].pop("filter", None)
    return body


def _general(body: Body, row: int, title: str, text: str) -> None:
    lists = {"备选": ("alternatives", LAYERS), "合成方法": ("method", METHODS), "缺值处理": ("missing", MISSING)}
    if title == "任务名称":
        body["title"] = text
    elif title == "其他筛选":
        if text:
            body["alternatives"]["filter"] = text
    elif title in lists:
        key, words = lists[title]
        found = next((k for k, v in words.items() if v == text), None)
        if text and found is None:
            raise _refuse(row, title, f"没有“{text}”", f"可用：{'、'.join(words.values())}。")
        if found == DRAWN:
            raise _refuse(row, title, "自绘地块不能由任务书给出", "请在选址页上传地块或在图上画。")
        if found and key == "alternatives":
            body["alternatives"]["layer"] = found
        elif found:
            body[key] = found
    elif title in ("权重抽样次数", "随机种子", "权重变动幅度"):
        key = {"权重抽样次数": "draws", "随机种子": "seed", "权重变动幅度": "spread"}[title]
        number = _number(row, title, text.rstrip("%次")) if text else None
        if key == "spread":
            body[key] = None if number is None else number / 100
        elif number is not None:
            body[key] = int(number)
    elif title == MORE:
        try:
            body |= {k: v for k, v in (json.loads(text) if text else {}).items() if k in EXTRAS}
        except (ValueError, AttributeError) as error:
            raise _refuse(row, title, "不是有效的 JSON", "请清空这一格，或从选址页重新下载。") from error
    elif title == OTHER:
        try:
            body["limits"] += json.loads(text) if text else []
        except (ValueError, TypeError) as error:
            raise _refuse(row, title, "不是有效的 JSON", "请清空这一格，或从选址页重新下载。") from error
    else:
        known = [*NAMED, *PARTIES, "任务名称", "备选", "县区", "其他筛选", "合成方法", "缺值处理"]
        raise _refuse(row, title, "不认识这个项目", f"可用：{'、'.join(known)}，以及各项准则的名称。")


def _whole(value: float) -> float | int:
    return int(value) if value.is_integer() else value


def _terms(text: str) -> list[str]:
    return list(dict.fromkeys(x for x in _SPLIT.split(text) if x))


def _number(row: int, title: str, text: str) -> float:
    try:
        return float(text.replace(",", "").strip())
    except ValueError as error:
        raise _refuse(row, title, f"“{text}”不是数字", "请只填一个数。") from error


def _named(title: str, text: str) -> Iterable[Body]:
    ident, op, _ = NAMED[title]
    if not text:
        return []
    if op in ("<=", ">="):
        return [{"id": ident, "op": op, "value": text[:10] if ident == "ready_date" else _number(0, title, text)}]
    return [{"id": ident, "op": op, "value": _terms(text)}]


def _bounds(row: int, criterion: Criterion, text: str) -> list[Body]:
    """Read ``60``, ``≥60；≤200`` or ``不超过 25 万元/亩``."""
    found = []
    for part in (p.strip() for p in re.split(r"[;；]", text)):
        if not part:
            continue
        match = _BOUND.fullmatch(part)
        unit = _plain(criterion.unit)
        if match is None or match[3].strip() not in ("", unit):
            raise _refuse(
                row, criterion.title, f"看不懂“{part}”", f"请写一个数（单位 {criterion.unit}），例如 60 或 ≥60；≤200。"
            )
        op = SIGNS[match[1]] if match[1] else usual_sign(criterion)
        found.append({"id": criterion.id, "op": op, "value": _whole(float(match[2].replace(",", "")))})
    return found


def _choice(row: int, criterion: Criterion, weight: str, value: str) -> Body:
    made: Body = {"id": criterion.id, "weight": _number(row, criterion.title, weight)}
    if value:
        try:
            made["value"] = json.loads(value)
        except ValueError as error:
            raise _refuse(
                row, criterion.title, "价值函数不是有效的 JSON", "请清空这一格，按数据范围取线性。"
            ) from error
    return made
