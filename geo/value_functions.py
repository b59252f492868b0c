"""Value functions: from a criterion's own unit to a value between 0 (worst) and 1 (best).

Every function is monotone up to its one turning point, is clamped to [0, 1], and keeps NaN as NaN. A default is
linear over the range of the data, so that the best site has 1 and the worst has 0.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from typing import Any, Literal, get_args

import numpy as np
import numpy.typing as npt

from geo.errors import InputError

Kind = Literal["linear", "piecewise", "sigmoid", "target", "categorical"]
Objective = Literal["min", "max"]
KINDS: tuple[str, ...] = get_args(Kind)
PARAMS: dict[str, tuple[str, ...]] = {
    "linear": ("worst", "best"),
    "piecewise": ("points",),
    "sigmoid": ("worst", "best"),
    "target": ("target", "tolerance", "tolerance_low", "tolerance_high"),
    "categorical": ("values", "default"),
}
#: A sigmoid has this value at ``best``, and one minus it at ``worst``.
SIGMOID_AT_BEST = 0.95

Floats = npt.NDArray[np.float64]


def resolve(
    kind: str, params: Mapping[str, Any], x: npt.ArrayLike, objective: Objective, labels: Sequence[str] = ()
) -> dict[str, Any]:
    """Return complete parameters: those that are left out follow from the data.

    Parameters
    ----------
    kind : {"linear", "piecewise", "sigmoid", "target", "categorical"}
        Which function.
    params : mapping
        linear, sigmoid: ``worst``, ``best`` (criterion's unit; default: the range of ``x``); piecewise: ``points``
        [[x, value], …] with ascending x; target: ``target`` and ``tolerance`` (or ``tolerance_low`` and
        ``tolerance_high``), where the value falls to 0; categorical: ``values`` {label: value} and ``default``.
    x : array_like, (n,)
        The data, for the defaults. NaN is missing.
    objective : {"min", "max"}
        Whether less or more is better.
    labels : sequence of str
        What the whole numbers 0, 1, … of a criterion mean; for ``categorical`` only.

    Raises
    ------
    InputError
        Unknown kind or parameter, not a number, or points that do not ascend.
    """
    if kind not in KINDS:
        raise InputError(f"没有“{kind}”这种价值函数，", f"可用 {'、'.join(KINDS)}。", value=kind)
    unknown = [name for name in params if name not in PARAMS[kind]]
    if unknown:
        raise InputError(
            f"价值函数 {kind} 没有参数“{unknown[0]}”，", f"可用 {'、'.join(PARAMS[kind])}。", value=unknown[0]
        )
    if kind in ("linear", "sigmoid"):
        return _range(params, np.asarray(x, np.float64), objective)
    if kind == "piecewise":
        return {"points": _points(params.get("points"))}
    if kind == "target":
        return _target(params)
    return _categories(params, labels)


def evaluate(kind: str, params: Mapping[str, Any], x: npt.ArrayLike, labels: Sequence[str] = ()) -> Floats:
    """Return the value, 0 to 1, of each ``x`` under parameters that ``resolve`` has completed; NaN stays NaN."""
    array = np.asarray(x, np.float64)
    if kind in ("linear", "sigmoid"):
        worst, best = float(params["worst"]), float(params["best"])
        if worst == best:  # one value only: nothing tells the sites apart
            return np.where(np.isnan(array), np.nan, 1.0)
        with np.errstate(over="ignore"):  # beyond all numbers is beyond 1 as well, in a range as narrow as 1e-310
            share = (array - worst) / (best - worst)
        if kind == "linear":
            return np.asarray(np.clip(share, 0.0, 1.0), np.float64)
        steep = 2.0 * np.log(SIGMOID_AT_BEST / (1.0 - SIGMOID_AT_BEST))
        return np.asarray(1.0 / (1.0 + np.exp(np.clip(-steep * (share - 0.5), -500.0, 500.0))), np.float64)
    if kind == "piecewise":
        points = np.asarray(params["points"], np.float64)
        return np.asarray(np.interp(array, points[:, 0], points[:, 1]), np.float64)
    if kind == "target":
        away = array - float(params["target"])
        width = np.where(away < 0, float(params["tolerance_low"]), float(params["tolerance_high"]))
        with np.errstate(over="ignore"):
            return np.asarray(np.clip(1.0 - np.abs(away) / width, 0.0, 1.0), np.float64)
    table = np.array([float(params["values"].get(label, params["default"])) for label in labels])
    found = np.where(np.isnan(array), 0, array).astype(np.int64)
    if len(table) == 0 or found.min(initial=0) < 0 or found.max(initial=0) >= len(table):
        raise InputError("这项准则没有分类，", "请改用 linear、piecewise、sigmoid 或 target。")
    return np.where(np.isnan(array), np.nan, table[found])


def curve(kind: str, params: Mapping[str, Any], low: float, high: float, labels: Sequence[str] = ()) -> Floats:
    """Return (x, value) pairs, (k, 2), that draw the function over [low, high]; its corners are among them."""
    if kind == "categorical":
        x = np.arange(len(labels), dtype=np.float64)
    else:
        corners: list[float] = []
        if kind == "piecewise":
            corners = [float(p[0]) for p in params["points"]]
        elif kind == "target":
            t = float(params["target"])
            corners = [t - float(params["tolerance_low"]), t, t + float(params["tolerance_high"])]
        elif kind == "linear":
            corners = [float(params["worst"]), float(params["best"])]
        inner = [c for c in corners if low < c < high]
        steps = np.linspace(low, high, 41) if kind == "sigmoid" else np.array([low, high])
        x = np.unique(np.r_[steps, inner])
    return np.column_stack([x, evaluate(kind, params, x, labels)])


def _number(value: Any, name: str) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not np.isfinite(value):
        raise InputError(f"价值函数的参数 {name} 是“{value}”，", "应为数字。", value=name)
    return float(value)


def _range(params: Mapping[str, Any], x: Floats, objective: Objective) -> dict[str, Any]:
    data = x[np.isfinite(x)]
    low, high = (float(data.min()), float(data.max())) if len(data) else (0.0, 0.0)
    if objective == "min":
        low, high = high, low
    worst, best = params.get("worst"), params.get("best")
    return {
        "worst": low if worst is None else _number(worst, "worst"),
        "best": high if best is None else _number(best, "best"),
    }


def _points(points: Any) -> list[list[float]]:
    if (
        not isinstance(points, (list, tuple))
        or len(points) < 2
        or any(not isinstance(p, (list, tuple)) or len(p) != 2 for p in points)
    ):
        raise InputError("分段函数的 points 至少要两个点，", "例如 [[0, 1], [50, 0]]。")
    made = [[_number(p[0], "points"), _number(p[1], "points")] for p in points]
    if any(a[0] >= b[0] for a, b in itertools.pairwise(made)):
        raise InputError("分段函数的点没有按横坐标从小到大排列，", "请重新排列，横坐标不可重复。")
    if any(not 0.0 <= v <= 1.0 for _, v in made):
        raise InputError("分段函数的值不在 0 与 1 之间，", "请把各点的值改到 0–1。")
    return made


def _target(params: Mapping[str, Any]) -> dict[str, Any]:
    both = params.get("tolerance")
    made = {"target": _number(params.get("target"), "target")}
    for side in ("tolerance_low", "tolerance_high"):
        made[side] = _number(params.get(side, both), side)
        if made[side] <= 0:
            raise InputError(f"目标函数的 {side} 是 {made[side]:g}，", "应大于 0。", value=side)
    return made


def _categories(params: Mapping[str, Any], labels: Sequence[str]) -> dict[str, Any]:
    values = params.get("values")
    if not labels or not isinstance(values, Mapping):
        raise InputError("分类函数只用于有分类的准则，", '请给出 values，例如 {"国家级": 1, "省级": 0.7}。')
    unknown = [name for name in values if name not in labels]
    if unknown:
        raise InputError(f"分类函数写了“{unknown[0]}”，", f"这项准则只有 {'、'.join(labels)}。", value=unknown[0])
    made = {str(k): _number(v, str(k)) for k, v in values.items()}
    default = _number(params.get("default", 0.0), "default")
    if any(not 0.0 <= v <= 1.0 for v in (*made.values(), default)):
        raise InputError("分类函数的值不在 0 与 1 之间，", "请改到 0–1。")
    return {"values": made, "default": default}
