"""How firm a ranking is: SMAA, the smallest change that dethrones the winner, and leave-one-out.

SMAA (stochastic multicriteria acceptability analysis) draws many plausible weightings and asks how often each
alternative ranks where. Sources: Lahdelma & Salminen, "SMAA-2", Operations Research 49(3), 2001; Tervonen &
Lahdelma, "Implementing stochastic multicriteria acceptability analysis", EJOR 178(2), 2007.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from geo.errors import InputError
from geo.rank import TIE_DECIMALS, normalise_weights, pareto_set, rank_scores, score, topsis_closeness, weighted_sum
from geo.robust_smaa import count_ranks

TOP = 10
MAX_DRAWS = 200_000

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Acceptability:
    """What the draws say of each alternative.

    Attributes
    ----------
    ranks : ndarray, (n, 10)
        Share of the draws in which the alternative has rank 1 … 10; ties share the better rank.
    first, top10 : ndarray, (n,)
        Share in which it ranks first, and among the first ten.
    central : ndarray, (n, m)
        The mean weighting that puts it first; NaN where none does.
    n_draws : int
        How many draws there were.
    """

    ranks: Floats
    first: Floats
    top10: Floats
    central: Floats
    n_draws: int


@dataclass(frozen=True)
class Shift:
    """A change of one criterion's share of the weight, the others in proportion, that brings a new winner.

    ``criterion`` and ``winner`` are positions; ``share_now`` and ``share`` are 0 to 1.
    """

    criterion: int
    share_now: float
    share: float
    winner: int

    @property
    def size(self) -> float:
        """How far the share moves."""
        return abs(self.share - self.share_now)


@dataclass(frozen=True)
class LeaveOut:
    """The ranking without one criterion: who wins, and where the winner of the whole comes."""

    criterion: int
    winners: tuple[int, ...]
    rank_of_winner: int


def draw_weights(base: npt.ArrayLike, draws: int, seed: int, spread: float | None = None) -> Floats:
    """Draw weightings, each summing to 1; a criterion without weight stays without.

    Parameters
    ----------
    base : array_like, (m,)
        The stated weights.
    draws, seed : int
        How many, and the only source of chance.
    spread : float or None
        Each weight moves by up to ± this share of itself (0.2 = ±20 %), evenly, before they are made to sum
        to 1. None: every weighting of the criteria that have weight is as likely as any other.

    Raises
    ------
    InputError
        Draws or spread out of range.
    """
    if not 1 <= draws <= MAX_DRAWS:
        raise InputError(f"抽样 {draws} 次，", f"应在 1 到 {MAX_DRAWS} 之间。", value=draws)
    if spread is not None and not 0 <= spread <= 1:
        raise InputError(f"权重变动幅度是 {spread:g}，", "应在 0 到 1 之间。", value=spread)
    w = normalise_weights(base)
    rng = np.random.default_rng(seed)
    if spread is None:
        made = rng.standard_exponential((draws, len(w))) * (w > 0)
    else:
        made = w * (1.0 + spread * rng.uniform(-1.0, 1.0, (draws, len(w))))
    total = made.sum(axis=1, keepdims=True)
    return np.asarray(np.where(total > 0, made / np.where(total > 0, total, 1.0), w), np.float64)


def smaa(values: npt.ArrayLike, draws: npt.ArrayLike, method: str = "wsm") -> Acceptability:
    """Count who ranks where over weight draws.

    Parameters
    ----------
    values : array_like, (n, m)
        Complete, 0 to 1.
    draws : array_like, (d, m)
        Weights that sum to 1.
    method : {"wsm", "topsis"}
        How values are joined.
    """
    array, weights = np.asarray(values, np.float64), np.asarray(draws, np.float64)
    n, m = array.shape
    if n == 0:
        return Acceptability(np.zeros((0, TOP)), np.zeros(0), np.zeros(0), np.zeros((0, m)), len(weights))
    rows, inverse, sizes = np.unique(array + 0.0, axis=0, return_inverse=True, return_counts=True)
    counts, sums = count_ranks(rows, sizes, weights, topsis=method == "topsis", top=TOP)
    counts, sums = counts[inverse.ravel()], sums[inverse.ravel()]
    wins = counts[:, :1]
    central = np.where(wins > 0, sums / np.maximum(wins, 1), np.nan)
    shares = counts / len(weights)
    return Acceptability(shares, shares[:, 0], counts.sum(axis=1) / len(weights), central, len(weights))


def score_interval(
    values: npt.ArrayLike, draws: npt.ArrayLike, method: str, picked: npt.ArrayLike, share: float = 0.9
) -> Floats:
    """Return (low, high) that hold the middle ``share`` of each picked row's scores over the draws, (k, 2)."""
    array, weights = np.asarray(values, np.float64), np.asarray(draws, np.float64)
    some = array[np.asarray(picked, np.int64)]
    if len(some) == 0:
        return np.zeros((0, 2))
    if method == "topsis":
        best, worst = array.max(axis=0), array.min(axis=0)
        away = np.sqrt(((best - some) ** 2) @ (weights**2).T)
        toward = np.sqrt(((some - worst) ** 2) @ (weights**2).T)
        found = np.divide(toward, away + toward, out=np.ones_like(away), where=away + toward > 0)
    else:
        found = some @ weights.T
    edge = 100 * (1 - share) / 2
    return np.asarray(np.percentile(found, [edge, 100 - edge], axis=1).T, np.float64)


def confidence(central: Floats, samples: Floats, method: str, best: Floats, worst: Floats) -> Floats:
    """Return how surely each alternative is first under its own central weights when the data are uncertain.

    Parameters
    ----------
    central : ndarray, (k, m)
        The alternatives' central weights; NaN where they never win.
    samples : ndarray, (e, k, m)
        What their values may be, given the data's accuracy; at least one sample.
    method : {"wsm", "topsis"}
        How values are joined.
    best, worst : ndarray, (m,)
        Best and worst values among all alternatives, for the ideals of TOPSIS.

    Returns
    -------
    ndarray, (k,)
        Share of samples in which the alternative is first; 0 where it never wins.
    """
    found = np.zeros(len(central))
    high, low = np.maximum(samples.max(axis=1), best), np.minimum(samples.min(axis=1), worst)
    for i, weights in enumerate(central):
        if np.isnan(weights).any():
            continue
        if method == "topsis":
            away = np.sqrt(((high[:, None, :] - samples) ** 2) @ weights**2)
            toward = np.sqrt(((samples - low[:, None, :]) ** 2) @ weights**2)
            scores = np.divide(toward, away + toward, out=np.ones_like(away), where=away + toward > 0)
        else:
            scores = samples @ weights
        scores = np.round(scores, TIE_DECIMALS)
        found[i] = float((scores[:, i] >= scores.max(axis=1)).mean())
    return found


def dethrone(values: npt.ArrayLike, weights: npt.ArrayLike, method: str = "wsm") -> list[Shift]:
    """Find, per criterion, the nearest share of the weight above and below its own that brings a new winner.

    The other weights keep their proportions. Exact for the weighted sum; to 1e-9 for TOPSIS, looking at 200
    shares either way. A tie for the first place is a shift of nothing.

    Returns
    -------
    list of Shift
        The smallest first; empty where nothing dethrones the winner.
    """
    array, w = np.asarray(values, np.float64), normalise_weights(weights)
    if len(array) < 2:
        return []
    scores = score(array, w, method)
    winner = int(np.argmax(scores))
    rivals = np.flatnonzero(pareto_set(array[:, w > 0]) & (array != array[winner]).any(axis=1))
    found: list[Shift] = []
    for j in np.flatnonzero(w > 0):
        if w[j] >= 1.0:  # the only criterion: its share is all there is
            continue
        find = _shifts_wsm if method == "wsm" else _shifts_topsis
        found += find(array, w, int(j), winner, rivals)
    return sorted(found, key=lambda s: (round(s.size, TIE_DECIMALS), s.criterion, s.share))


def _shifts_wsm(array: Floats, w: Floats, j: int, winner: int, rivals: Ints) -> list[Shift]:
    rest = w.copy()
    rest[j] = 0.0
    others = weighted_sum(array, rest / rest.sum())
    own, by_rest = array[rivals, j] - array[winner, j], others[rivals] - others[winner]
    with np.errstate(divide="ignore", invalid="ignore"):
        cross = by_rest / (by_rest - own)
    found = []
    for overtakes, pick in ((own > 0, np.argmin), (by_rest > 0, np.argmax)):
        if overtakes.any():
            places = np.flatnonzero(overtakes)
            best = places[int(pick(cross[places]))]
            found.append(Shift(j, float(w[j]), float(np.clip(cross[best], 0, 1)), int(rivals[best])))
    return found


def _shifts_topsis(array: Floats, w: Floats, j: int, winner: int, rivals: Ints) -> list[Shift]:
    rest = w.copy()
    rest[j] = 0.0
    rest /= rest.sum()
    front = np.unique(np.r_[winner, rivals])
    some = np.vstack([array[front], array.max(axis=0), array.min(axis=0)])  # the ideals stay those of all
    mine = int(np.searchsorted(front, winner))

    def leader(share: float) -> int:
        mixed = share * np.eye(len(w))[j] + (1 - share) * rest
        scores = topsis_closeness(some, mixed)[: len(front)]
        return mine if scores[mine] >= scores.max() - 1e-12 else int(np.argmax(scores))

    found = []
    for end in (1.0, 0.0):
        held = float(w[j])
        for share in np.linspace(w[j], end, 201)[1:]:
            if leader(float(share)) != mine:
                lost = float(share)
                while abs(lost - held) > 1e-9:
                    middle = (lost + held) / 2
                    held, lost = (middle, lost) if leader(middle) == mine else (held, middle)
                found.append(Shift(j, float(w[j]), lost, int(front[leader(lost)])))
                break
            held = float(share)
    return found


def leave_one_out(values: npt.ArrayLike, weights: npt.ArrayLike, method: str = "wsm") -> list[LeaveOut]:
    """Rank again without each criterion that has weight; empty where it is the only one."""
    array, w = np.asarray(values, np.float64), normalise_weights(weights)
    active = np.flatnonzero(w > 0)
    if len(active) < 2 or len(array) == 0:
        return []
    winner = int(np.argmax(score(array, w, method)))
    found = []
    for j in active:
        without = w.copy()
        without[j] = 0.0
        ranks = rank_scores(score(array, without, method))
        found.append(LeaveOut(int(j), tuple(int(i) for i in np.flatnonzero(ranks == 1)), int(ranks[winner])))
    return found
