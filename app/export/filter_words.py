"""A CQL2 filter in words for a subtitle: titles for fields, display units for money, names for areas."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from app.pages.format import number, quantity
from layers.spec import Layer

_TOKEN = re.compile(r"'(?:[^']|'')*'|>=|<=|<>|[=<>(),]|[\w.]+|\S")
_WORDS = {
    "and": "且", "or": "或", "not": "非", "in": "属于", "is": "", "null": "无数据", "between": "介于", "like": "形如",
    ">=": "≥", "<=": "≤", "<>": "≠", "=": "为", ">": ">", "<": "<", ",": "、", "(": "（", ")": "）",
    "true": "是", "false": "否",
}  # fmt: skip
_TITLES = {
    "county_code": "县（市、区）", "unit_code": "责任板块", "township_code": "乡镇街道", "name": "名称",
    "location_accuracy": "定位精度", "is_demo": "演示数据", "data_date": "数据日期",
}  # fmt: skip


def describe_filter(text: str, layer: Layer, names: Mapping[str, str]) -> str:
    """Say a filter so that a reader of the map understands it; what is not understood stays as it is.

    Parameters
    ----------
    text : str
        CQL2 text.
    layer : Layer
        Whose fields it names.
    names : mapping
        Names of areas by code.
    """
    said: list[str] = []
    field = None
    for token in _TOKEN.findall(text):
        spec = layer.field(token)
        if spec is not None or token in _TITLES:
            field = spec
            said.append(spec.title if spec is not None else _TITLES[token])
        elif token.startswith("'"):
            plain = token[1:-1].replace("''", "'")
            said.append(names.get(plain, plain))
        elif token.lower() in _WORDS:
            said.append(_WORDS[token.lower()])
        elif re.fullmatch(r"\d+(\.\d+)?", token) and field is not None and field.is_number:
            how = quantity(field)
            shown = number(float(token), 4, how.factor).rstrip("0").rstrip(".")
            said.append(f"{shown} {how.unit}".strip())
        else:
            said.append(token)
    joined = " ".join(w for w in said if w)
    joined = re.sub(r"\s*(、|（|）)\s*", r"\1", joined)
    return joined


def source_note(data: Any) -> str:
    """One layer of the list of sources: who answers for it and how new it is."""
    owner = f"：{data.layer.owner}" if data.layer.owner else ""
    date = data.data_date or "日期未载"
    return f"{data.layer.title}{owner}，{date}"
