"""Quantities as people write them: units in cells and headers, 万 and 亿, full-width and Chinese digits."""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from etl.fault import Fault
from etl.parse_text import compact, is_no_word, is_nothing, plain

MULTIPLIERS = {
    "万亿": Decimal(10**12), "千亿": Decimal(10**11), "百亿": Decimal(10**10), "十亿": Decimal(10**9),
    "亿": Decimal(10**8), "千万": Decimal(10**7), "百万": Decimal(10**6), "十万": Decimal(10**5),
    "万": Decimal(10**4), "千": Decimal(1000), "百": Decimal(100), "十": Decimal(10), "": Decimal(1),
}  # fmt: skip
# word -> (dimension, factor to the dimension's base)
_WORDS: dict[str, tuple[tuple[str, ...], str]] = {
    "money:1": (("元", "圆", "元人民币", "人民币", "人民币元", "rmb", "cny", "yuan", "块"), ""),
    "area:1": (("平方米", "平米", "平方", "m2", "㎡", "m²", "sqm"), ""),
    "area:666.6666666666666666666666667": (("亩", "mu"), ""),
    "area:10000": (("公顷", "ha", "hm2", "hm²"), ""),
    "area:1000000": (("平方公里", "平方千米", "km2", "km²"), ""),
    "power:1": (("瓦", "w", "va", "伏安"), ""),
    "power:1000": (("千瓦", "kw", "kva", "千伏安"), ""),
    "power:1000000": (("兆瓦", "mw", "mva", "兆伏安"), ""),
    "power:1000000000": (("吉瓦", "gw"), ""),
    "mass:1": (("吨", "t", "公吨"), ""),
    "mass:0.001": (("千克", "公斤", "kg"), ""),
    "coal:1": (("吨标煤", "吨标准煤", "tce", "吨ce"), ""),
    "coal:0.001": (("千克标煤", "kgce", "公斤标煤"), ""),
    "co2:1": (("tco2", "tco₂", "吨co2", "吨二氧化碳", "吨二氧化碳当量", "tco2e"), ""),
    "length:1": (("米", "m"), ""),
    "length:1000": (("公里", "千米", "km"), ""),
    "length:0.01": (("厘米", "cm"), ""),
    "length:0.001": (("毫米", "mm"), ""),
    "volume:1": (("立方米", "立方", "方", "m3", "m³"), ""),
    "ratio:1": (("%", "％", "百分比"), ""),
    "ratio:0.1": (("‰",), ""),
    "time:1": (("日", "天", "d", "day"), ""),
    "time:30": (("月", "mo"), ""),
    "time:365": (("年", "a"), ""),
    "time:0.0416666666666666666666666667": (("时", "小时", "h"), ""),
    "force:1": (("kn", "千牛"), ""),
    "flops:1": (("pflops", "p", "pf"), ""),
    "flops:0.001": (("tflops",), ""),
    "flops:1000": (("eflops",), ""),
    "count:1": (("个", "家", "人", "项", "台", "套", "条", "处", "座", "名", "户", "次", "件"), ""),
}
_UNITS: dict[str, tuple[str, Decimal]] = {
    word: (key.split(":")[0], Decimal(key.split(":")[1])) for key, (words, _) in _WORDS.items() for word in words
}
_FOREIGN = re.compile(r"(美元|美金|港元|港币|欧元|日元|韩元|韩币|英镑|usd|eur|hkd|jpy|krw|\$|€|£)", re.IGNORECASE)
_NUMBER = r"[-+]?(?:\d{1,3}(?:,\d{3})+|\d+)?(?:\.\d+)?(?:e[-+]?\d+)?"
_THOUSANDS = re.compile(r"(?<=\d) (?=\d{3}(?:\D|$))")
_APART = re.compile(r"\d \d")
_PLAIN = re.compile(r"^[0-9]{1,15}(?:\.[0-9]{1,9})?$", re.ASCII)
_AMOUNT = re.compile(rf"^(?P<number>{_NUMBER})(?P<unit>.*)$", re.IGNORECASE)
_APPROXIMATE = re.compile(r"^(约为?|大约|大概|近|将近|接近|预计|估计|~|≈)|(左右|上下|许)$")
_BOUND = re.compile(
    r"^(超过?|逾|突破|不少于|不低于|不超过|不高于|至少|最多|高于|低于|大于|小于|多于|少于|>=?|<=?|≥|≤)"
    r"|(以上|以下|以内|多|余|\+)$|(余|多)(?=[万亿元])"
)
_RANGE = re.compile(r"\d[万亿元]*\s*(?:-|~|—|–|至|到)\s*\d")
_TWO_PARTS = re.compile(r"^(?P<yi>\d+)亿零?(?P<wan>\d{1,4}(?:\.\d+)?)万(?P<unit>元?(?:人民币)?)$")  # 1亿2000万元
_CURRENCY = re.compile(r"^(人民币|rmb|cny|¥|￥)|(人民币)$", re.IGNORECASE)
_CN_DIGITS = {c: i for i, c in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2, "壹": 1, "贰": 2, "叁": 3}
_CN_DIGITS |= {"肆": 4, "伍": 5, "陆": 6, "柒": 7, "捌": 8, "玖": 9}
_CN_TENS = {"十": 10, "拾": 10, "百": 100, "佰": 100, "千": 1000, "仟": 1000}
_CN = re.compile(r"^[零〇一二两三四五六七八九十百千壹贰叁肆伍陆柒捌玖拾佰仟]+(?=[万亿元亩个家人吨年月日平公米%]|$)")


@dataclass(frozen=True)
class Unit:
    """A unit of measure: what it measures (``money/area``), how many base units it is, and the 万 or 亿 in that."""

    dimension: str
    factor: Decimal
    times: Decimal = Decimal(1)


@dataclass(frozen=True)
class Amount:
    """A number as a cell states it. ``unit`` is None when the cell names none, a bare 万 has dimension ''."""

    number: Decimal
    unit: Unit | None


@functools.lru_cache(maxsize=5000)
def parse_unit(text: str) -> Unit | None:
    """Read a unit such as 万元, 亿, 平方公里, 元/亩, 吨标煤/万元; None when it is no unit we know."""
    words = compact(text).lower().replace("每", "/").replace("·", "/").strip("/")
    if not words:
        return None
    dimension, factor, times = [], Decimal(1), Decimal(1)
    for i, word in enumerate(words.split("/")):
        one = _one_unit(word)
        if one is None:
            return None
        dimension.append(one.dimension)
        factor = factor * one.factor if i == 0 else factor / one.factor
        times = one.times if i == 0 else times
    return Unit("/".join(dimension), factor, times)


def _one_unit(word: str) -> Unit | None:
    if word in _UNITS:
        return Unit(*_UNITS[word])
    for prefix, times in MULTIPLIERS.items():
        if prefix and word.startswith(prefix):
            rest = word[len(prefix) :]
            if not rest:
                return Unit("", times, times)
            if rest in _UNITS:
                name, factor = _UNITS[rest]
                return Unit(name, factor * times, times)
    return None


def chinese_number(text: str) -> int | None:
    """Read 三百二十 or 二〇二六; None when the text is not only Chinese digits."""
    if not text or any(c not in _CN_DIGITS and c not in _CN_TENS for c in text):
        return None
    if all(c in _CN_DIGITS for c in text):
        return int("".join(str(_CN_DIGITS[c]) for c in text))
    total, digit = 0, None
    for c in text:
        if c in _CN_TENS:
            total += (1 if digit is None else digit) * _CN_TENS[c]
            digit = None
        else:
            digit = _CN_DIGITS[c]
    return total + (digit or 0)


def parse_amount(text: str | None) -> Amount | Fault | None:
    """Read one cell as a number with its unit.

    Returns
    -------
    Amount, or None for a cell that says nothing, or Fault: ``approximate_amount`` (约5亿; the Amount is
    its value), ``bound_amount`` (超百亿, 10亿元以上, 3-5亿), ``foreign_currency``, ``bad_number``.
    """
    if text is None:
        return None
    if _PLAIN.match(text):  # the usual case, which nothing below would read otherwise
        return Amount(Decimal(text), None)
    if is_nothing(text) or is_no_word(text):
        return None
    if _APART.search(_THOUSANDS.sub("", plain(text))):
        return Fault("bad_number")
    raw = _CURRENCY.sub("", compact(text).replace("，", ",").replace("−", "-"))
    if _FOREIGN.search(raw):
        return Fault("foreign_currency")
    if _RANGE.search(raw) or _BOUND.search(raw):
        return Fault("bound_amount")
    approximate = _APPROXIMATE.search(raw) is not None
    amount = _exact(_CURRENCY.sub("", _APPROXIMATE.sub("", raw)))
    if amount is None:
        return Fault("bad_number")
    return Fault("approximate_amount", amount) if approximate else amount


def _exact(raw: str) -> Amount | None:
    two = _TWO_PARTS.match(raw)
    if two:
        return Amount(Decimal(two["yi"]) * 10_000 + Decimal(two["wan"]), parse_unit("万" + two["unit"]))
    chinese = _CN.match(raw)
    if chinese and (value := chinese_number(chinese.group())) is not None:
        number, rest = Decimal(value), raw[chinese.end() :]
    else:
        found = _AMOUNT.match(raw)
        digits = found.group("number").replace(",", "") if found else ""
        if found is None or not digits:
            return None
        try:
            number, rest = Decimal(digits), found.group("unit")
        except InvalidOperation:
            return None
    if not number.is_finite() or abs(number.adjusted()) > 30:
        return None
    if not rest:
        return Amount(number, None)
    unit = parse_unit(rest.strip("()[]"))
    return None if unit is None else Amount(number, unit)


def convert(amount: Amount, target: Unit | None, stated: Unit | None) -> Decimal | None:
    """Bring an amount to the stored unit.

    Parameters
    ----------
    amount : Amount
        As the cell states it; its own unit wins over ``stated``.
    target : Unit or None
        The stored unit; None for a plain number.
    stated : Unit or None
        The unit of the header or the sheet; None means the stored unit.

    Returns
    -------
    Decimal, or None where the units measure different things.
    """
    unit = amount.unit or stated
    if unit is None:
        return amount.number
    if unit.dimension == "" or (target is None and unit.dimension == "count"):
        factor = unit.factor  # 万 alone multiplies whatever is counted; money in 亿 means 亿元
        if target is not None and target.dimension != "money" and stated is not None and amount.unit is not None:
            factor *= stated.factor / stated.times / target.factor  # 22万 under 万千瓦 is 22万千瓦, not 22万万
        return amount.number * factor
    if target is None or unit.dimension != target.dimension:
        return None
    return amount.number * unit.factor / target.factor
