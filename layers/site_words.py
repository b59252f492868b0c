"""A ranking in one Chinese sentence: who leads, how firmly, and what would change it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from geo.robust import Shift

DEMO = "演示数据"
FIRM, CLEAR = 0.8, 0.5


def percent(share: float, digits: int = 1) -> str:
    """Return a share as a percentage; never 100 % or 0 % where it is only nearly so."""
    value = round(100 * share, digits)
    step = 10.0**-digits
    if value >= 100 and share < 1:
        value = 100 - step
    if value <= 0 and share > 0:
        value = step
    text = f"{value:.{digits}f}"
    return (text.rstrip("0").rstrip(".") if digits else text) + "%"


def lead_sentence(
    ranked: Sequence[dict[str, Any]], shifts: Sequence[tuple[Shift, str, str]], draws: int, spread: float | None,
    *, demo: bool, emptied: str = "", n_excluded: int = 0,
) -> str:  # fmt: skip
    """Return the sentence on top of the ranking.

    Parameters
    ----------
    ranked : sequence of dict
        Entries with ``name``, ``rank`` and ``p_first``, best first.
    shifts : sequence of (Shift, criterion's title, new winner's name)
        Smallest first.
    draws, spread : int, float or None
        What robustness drew.
    demo : bool
        Whether any 演示 row takes part.
    emptied : str
        Why nothing is left, when nothing is.
    """
    tail = f"（含{DEMO}，不作依据）" if demo else ""
    if not ranked:
        reason = emptied or ("所有备选都被排除。" if n_excluded else "没有备选。")
        return reason + tail
    if len(ranked) == 1:
        return f"只有{ranked[0]['name']}一处符合全部条件，没有可比的备选。{tail}"
    winners = [r for r in ranked if r["rank"] == 1]
    if len(winners) > 1:
        names = "、".join(r["name"] for r in winners[:3]) + (f"等 {len(winners)} 处" if len(winners) > 3 else "")
        return f"{names}得分相同，并列第一。{_shaken(draws, spread)}，{winners[0]['name']}在" \
               f" {percent(winners[0]['p_first'])} 的情形中居首。{tail}"  # fmt: skip
    first = ranked[0]
    rival = max(ranked[1:], key=lambda r: (r["p_first"], -r["rank"]))
    firm = first["p_first"]
    how = "领先稳固" if firm >= FIRM else "领先，但不悬殊" if firm >= CLEAR else "暂列第一，名次不稳"
    text = f"{first['name']}{how}。{_shaken(draws, spread)}，它在 {percent(firm)} 的情形中居首"
    if rival["p_first"] > 0:
        text += f"，{rival['name']}占 {percent(rival['p_first'])}"
    return f"{text}；{_dethroned(shifts)}。{tail}"


def _shaken(draws: int, spread: float | None) -> str:
    if spread is None:
        return f"权重任意取值 {draws:,} 次"
    return f"权重在 ±{percent(spread, 0)} 内随机变动 {draws:,} 次"


def _dethroned(shifts: Sequence[tuple[Shift, str, str]]) -> str:
    if not shifts:
        return "单独调整任何一项权重都不会换掉它"
    shift, title, name = shifts[0]
    up = shift.share > shift.share_now
    edge = 100 * shift.share
    shown = math.floor(edge) if up else math.ceil(edge)
    if shift.size < 5e-4:
        return f"“{title}”的权重稍有变动，{name}就会居首"
    return f"“{title}”的权重{'升到' if up else '降到'} {shown}% {'以上' if up else '以下'}，{name}会居首"
