"""Hard limits: which sites a brief does not admit, by which rule, by how much, and which limit empties the list.

What is not known cannot be shown to satisfy a limit: a missing figure excludes, and says so.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely

from geo.criteria_base import Bools, Floats, Ints, Objects, as_terms
from geo.errors import InputError

COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "<=": lambda a, b: a <= b, ">=": lambda a, b: a >= b, "<": lambda a, b: a < b, ">": lambda a, b: a > b,
    "=": lambda a, b: a == b, "<>": lambda a, b: a != b,
}  # fmt: skip
MEMBER = ("in", "not_in")
SPATIAL = ("outside", "inside")
OPS = (*COMPARE, *MEMBER, *SPATIAL)
SIGNS = {
    "<=": "不超过", ">=": "不低于", "<": "小于", ">": "大于", "=": "等于", "<>": "不等于", "in": "属于",
    "not_in": "不属于", "outside": "不进入", "inside": "位于",
}  # fmt: skip


@dataclass(frozen=True, eq=False)
class Column:
    """What a limit looks at: one value a site, None where nothing is known; text, lists, dates (ISO) or numbers.

    ``shown`` turns a value into words.
    """

    title: str
    values: Sequence[Any]
    unit: str = ""
    shown: Callable[[Any], str] = str


@dataclass(frozen=True)
class Breach:
    """One limit that one site does not keep.

    Attributes
    ----------
    site, limit : int
        Positions.
    found : object
        The site's value; None where nothing is known.
    short : float or None
        How much is lacking, in the column's unit; for areas the share of the site inside or outside, %.
    change : str
        The nearest change that would keep it.
    """

    site: int
    limit: int
    found: Any
    short: float | None
    change: str


def check_operator(op: str, value: Any, title: str) -> None:
    """Refuse an operator that there is not, or a value that it cannot use.

    Raises
    ------
    InputError
        Names the limit.
    """
    if op not in OPS:
        raise InputError(f"硬约束“{title}”的比较符是“{op}”，", f"可用 {'、'.join(OPS)}。", value=op)
    if op in COMPARE and (isinstance(value, (list, dict)) or value is None):
        raise InputError(f"硬约束“{title}”没有可比较的值，", "请填一个数、一个词或一个日期。", value=value)
    if op in (*MEMBER, *SPATIAL):
        items = list(value) if isinstance(value, (list, tuple)) else [value]
        if not items or value is None or value == "":
            raise InputError(f"硬约束“{title}”没有可选的值，", "请至少写一项。", value=value)
        if not all(isinstance(v, str) for v in items):
            raise InputError(f"硬约束“{title}”的值不是词，", "请写一个词，或词的数组。", value=value)


def breaches(limit: int, op: str, value: Any, column: Column) -> list[Breach]:
    """Return the sites that do not keep a limit on a figure, a term, a list or a date.

    Raises
    ------
    InputError
        The value cannot be compared with the column.
    """
    check_operator(op, value, column.title)
    found = []
    for site, held in enumerate(column.values):
        known = held is not None and held != "" and held != [] and held == held
        try:
            keeps = known and _keeps(op, held, value)
        except TypeError as error:
            raise InputError(
                f"硬约束“{column.title}”的值“{value}”与资料里的“{held}”不能比较，", "请改成同一种值。", value=value
            ) from error
        if not keeps:
            found.append(_breach(site, limit, op, held if known else None, value, column))
    return found


def _keeps(op: str, held: Any, value: Any) -> bool:
    if op in MEMBER:
        return bool(set(as_terms(held)) & set(as_terms(value))) == (op == "in")
    if isinstance(held, str) != isinstance(value, str):
        raise TypeError
    return COMPARE[op](held, value)


def _breach(site: int, limit: int, op: str, held: Any, value: Any, column: Column) -> Breach:
    if held is None:
        return Breach(site, limit, None, None, f"补上“{column.title}”的资料")
    if op in COMPARE:
        # a strict bound would still refuse the value itself
        sign = SIGNS[{"<": "<=", ">": ">=", "<>": "="}.get(op, op)]
        change = f"把“{column.title}”改为{sign} {column.shown(held)}{column.unit}"
        return Breach(site, limit, held, None if isinstance(held, str) else abs(float(held) - float(value)), change)
    words = "、".join(as_terms(held))
    verb = "增加" if op == "in" else "去掉"
    return Breach(site, limit, list(as_terms(held)), None, f"在“{column.title}”里{verb}{words}")


@dataclass(frozen=True, eq=False)
class Overlaps:
    """Which sites meet which areas: one row a pair."""

    site: Ints
    area: Ints


def intersecting(sites: npt.ArrayLike, areas: npt.ArrayLike) -> Overlaps:
    """Return every pair of a site and an area that share a point, borders included: as ``ST_Intersects``.

    Parameters
    ----------
    sites, areas : array_like of geometry
        In one CRS; None and empty ones meet nothing.
    """
    left, right = np.asarray(sites, object), np.asarray(areas, object)
    usable = np.flatnonzero([g is not None and not g.is_empty for g in right])
    known = np.flatnonzero([g is not None and not g.is_empty for g in left])
    if len(usable) == 0 or len(known) == 0:
        return Overlaps(np.zeros(0, np.int64), np.zeros(0, np.int64))
    s, a = shapely.STRtree(right[usable]).query(left[known], predicate="intersects")
    order = np.lexsort((a, s))
    return Overlaps(np.asarray(known[s[order]], np.int64), np.asarray(usable[a[order]], np.int64))


def area_breaches(limit: int, op: str, kinds: Sequence[str], sites: Objects, areas: Objects, names: Objects,
                  measure: Callable[[Objects], Floats]) -> list[Breach]:  # fmt: skip
    """Return the sites that meet areas they must keep ``outside`` of, or are not wholly ``inside`` the areas together.

    Parameters
    ----------
    sites, areas : ndarray of geometry
        In one CRS. A site without geometry cannot be shown to keep the limit.
    names : ndarray of str
        What each area is called.
    measure : callable
        Area of geometries, for the share of the site; points have none.
    """
    word = "、".join(kinds)
    found = [
        Breach(i, limit, None, None, "补上位置")
        for i, g in enumerate(sites)
        if g is None or g.is_empty
    ]  # fmt: skip
    if op == "outside":
        pairs = intersecting(sites, areas)
        for i in np.unique(pairs.site):
            met = pairs.area[pairs.site == i]
            share = _share(sites[i], areas[met], measure)
            title = "、".join(dict.fromkeys(str(n) for n in names[met]))
            found.append(Breach(int(i), limit, title, share, f"避开“{title}”，或改选不在{word}内的部分"))
    else:
        pairs = intersecting(sites, areas)
        for i, site in enumerate(sites):
            if site is None or site.is_empty:
                continue
            met = areas[pairs.area[pairs.site == i]]
            if len(met) and shapely.covers(shapely.union_all(met), site):
                continue
            outside = 100.0 - (_share(site, met, measure) if len(met) else 0.0)
            part = "部分在外" if len(met) else "全部在外"
            found.append(Breach(i, limit, part, round(outside, 1), f"调整{word}，或改选其内的部分"))
    return sorted(found, key=lambda b: b.site)


def _share(site: Any, areas: Objects, measure: Callable[[Objects], Floats]) -> float:
    whole = float(measure(np.array([site], object))[0])
    if whole <= 0:
        return 100.0
    common = shapely.intersection(site, shapely.union_all(areas))
    return round(100.0 * float(measure(np.array([common], object))[0]) / whole, 1)


@dataclass(frozen=True)
class Emptied:
    """Which limit leaves nothing.

    ``limit`` is the position of the first limit, in the order stated, after which no site is left; ``alone``
    whether it admits none even by itself; ``without`` how many sites the brief admits when that limit is
    dropped; ``best`` the limit whose removal admits most, ``best_admits`` how many.
    """

    limit: int
    alone: bool
    without: int
    best: int
    best_admits: int


def emptied_by(n_sites: int, n_limits: int, found: Sequence[Breach]) -> Emptied | None:
    """Return which limit empties the list; None where some site keeps all limits or there was none to begin with."""
    broken = np.zeros((n_sites, n_limits), np.bool_)
    for breach in found:
        broken[breach.site, breach.limit] = True
    if n_sites == 0 or not broken.any(axis=1).all():
        return None
    left = np.ones(n_sites, np.bool_)
    first = 0
    for first in range(n_limits):
        left &= ~broken[:, first]
        if not left.any():
            break
    admits = [int((~np.delete(broken, k, axis=1).any(axis=1)).sum()) for k in range(n_limits)]
    best = int(np.argmax(admits))
    return Emptied(first, bool(broken[:, first].all()), admits[first], best, admits[best])


def nearest_admission(found: Sequence[Breach]) -> Mapping[int, list[Breach]]:
    """Return each excluded site's breaches in the order of the limits; with one breach, one change admits it."""
    made: dict[int, list[Breach]] = {}
    for breach in sorted(found, key=lambda b: (b.site, b.limit)):
        made.setdefault(breach.site, []).append(breach)
    return made


def keeps_all(n_sites: int, found: Sequence[Breach]) -> Bools:
    """Return which sites keep every limit."""
    keeps = np.ones(n_sites, np.bool_)
    for breach in found:
        keeps[breach.site] = False
    return keeps
