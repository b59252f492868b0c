"""Invented names, codes and batch dates for 演示数据. Every name begins with 演示·."""

from __future__ import annotations

import datetime as dt

from numpy.random import Generator

from etl.parse_code import credit_check_character

PREFIX = "演示·"
FIRST_DAY = dt.date(2023, 10, 1)
LAST_DAY = dt.date(2026, 10, 31)
#: Days on which recognitions are announced: one or two batches a year.
BATCHES = (dt.date(2023, 12, 20), dt.date(2024, 7, 16), dt.date(2024, 12, 18), dt.date(2025, 7, 22),
           dt.date(2025, 12, 16), dt.date(2026, 6, 26))  # fmt: skip

_FIRST = "恒瑞盛华宏泰正祥安达凯兴博信远辉锦旭景润诚嘉众佳德智"
_SECOND = "源通丰腾驰润科达隆益盈航宇峰森海晟诺创联成宁昊"
#: Industry → what its firms make, and the GB/T 4754-2017 classes (four digits) they may carry.
TRADES: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "机械": (("精密机械", "液压装备", "石油机械", "阀门"), ("3421", "3443", "3512", "3484")),
    "纺织": (("纺织科技", "家纺", "印染", "服饰"), ("1711", "1771", "1713", "1810")),
    "化工": (("精细化工", "新材料助剂", "石化"), ("2614", "2662", "2511")),
    "建材": (("绿色建材", "装配式建筑", "玻璃科技"), ("3011", "3022", "3042")),
    "食品": (("食品", "粮油", "水产食品"), ("1371", "1331", "1362")),
    "汽车": (("汽车零部件", "汽车电子", "底盘系统"), ("3670", "3660", "3612")),
    "新能源": (("光伏科技", "风电装备", "叶片制造"), ("3825", "3811", "3415")),
    "新一代信息技术": (("电子科技", "半导体", "显示技术", "精密结构件"), ("3974", "3973", "3982")),
    "新材料": (("特钢", "复合材料", "铝业"), ("3130", "3061", "3252")),
    "高端装备": (("海工装备", "船舶", "智能装备"), ("3737", "3731", "3569")),
    "节能环保": (("环保科技", "滤料", "循环利用"), ("3591", "1789", "4210")),
    "生物医药": (("药业", "医疗器械"), ("2720", "3589")),
    "新型储能": (("储能科技", "锂电"), ("3841", "3849")),
    "具身智能": (("机器人",), ("3964",)),
    "低空": (("无人机",), ("3963",)),
    "氢能": (("氢能科技",), ("3849",)),
}
TRADE_WEIGHTS = (14, 12, 8, 7, 8, 12, 12, 11, 9, 7, 6, 5, 5, 3, 2, 1)


class Namer:
    """Gives names and codes that no other record of the same run has."""

    def __init__(self, rng: Generator) -> None:
        self.rng = rng
        self.used: set[str] = set()

    def unique(self, make: str, n: int = 0) -> str:
        """Return ``make`` with the prefix, numbered when the name is taken."""
        name = f"{PREFIX}{make}" if n == 0 else f"{PREFIX}{make}{n + 1}号"
        if name in self.used:
            return self.unique(make, n + 1)
        self.used.add(name)
        return name

    def brand(self) -> str:
        """Return an invented two-character trade name."""
        return str(self.rng.choice(list(_FIRST))) + str(self.rng.choice(list(_SECOND)))

    def trade(self) -> tuple[str, str, str]:
        """Return an industry, what the firm makes, and its GB/T 4754 code."""
        weights = [w / sum(TRADE_WEIGHTS) for w in TRADE_WEIGHTS]
        industry = str(self.rng.choice(list(TRADES), p=weights))
        goods, codes = TRADES[industry]
        return industry, str(self.rng.choice(goods)), str(self.rng.choice(codes))

    def credit_code(self, county_code: str) -> str:
        """Return a 统一社会信用代码 with the right check character, unused so far."""
        while True:
            body = "".join(str(c) for c in self.rng.choice(list("0123456789ABCDEFGHJKLMNPQRTUWXY"), 8))
            first = f"91{county_code}MA{body[:7]}"[:17]
            code = first + credit_check_character(first)
            if code not in self.used:
                self.used.add(code)
                return code

    def project_code(self, county_code: str, day: dt.date) -> str:
        """Return a 项目代码 of the form YYMM-adcode-NN-NN-NNNNNN, unused so far."""
        while True:
            kind = self.rng.choice(("89", "04"))
            code = f"{day:%y%m}-{county_code}-{kind}-{self.rng.integers(1, 4):02d}-{self.rng.integers(1, 10**6):06d}"
            if code not in self.used:
                self.used.add(code)
                return code


def day_between(rng: Generator, first: dt.date, last: dt.date) -> dt.date:
    """Return a day from ``first`` to ``last``, both included."""
    return first + dt.timedelta(days=int(rng.integers(0, (last - first).days + 1)))


def month_ends(first: dt.date, last: dt.date) -> list[dt.date]:
    """Return the last days of the months from that of ``first`` to the last one that ended by ``last``."""
    ends: list[dt.date] = []
    year, month = first.year, first.month
    while True:
        year, month = (year + 1, 1) if month == 12 else (year, month + 1)
        end = dt.date(year, month, 1) - dt.timedelta(days=1)
        if end > last:
            return ends
        ends.append(end)


def bounded(value: float, low: float, high: float) -> float:
    """Return the value, or the bound it passes."""
    return float(min(max(value, low), high))
