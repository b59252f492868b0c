"""SMAA against plain counting and closed forms; what dethrones a winner; the same seed twice."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from geo.errors import InputError
from geo.rank import rank, score
from geo.robust import confidence, dethrone, draw_weights, leave_one_out, score_interval, smaa

METHODS = ["wsm", "topsis"]


def counted(values: np.ndarray, draws: np.ndarray, method: str) -> np.ndarray:
    """How often each row has rank 1 … 10, one ranking after the other."""
    made = np.zeros((len(values), 10))
    for weights in draws:
        ranks = rank(values, weights, method).ranks
        for r in range(1, 11):
            made[ranks == r, r - 1] += 1
    return made / len(draws)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("spread", [None, 0.2])
def test_the_fast_count_is_the_plain_count(method, spread):
    rng = np.random.default_rng(3)
    values = np.vstack([rng.random((400, 5)), np.round(rng.random((200, 5)), 1)])
    values = np.vstack([values, values[:30]])  # ties
    draws = draw_weights([3, 1, 2, 0, 4], 60, 7, spread)
    assert smaa(values, draws, method).ranks == pytest.approx(counted(values, draws, method))


@settings(max_examples=40, deadline=None)
@given(arrays(np.float64, st.tuples(st.integers(1, 14), st.integers(1, 4)),
              elements=st.sampled_from([0.0, 0.2, 0.5, 1.0])), st.sampled_from(METHODS))  # fmt: skip
def test_lopsided_tables_with_ties_count_right(values, method):
    draws = draw_weights(np.ones(values.shape[1]), 20, 1)
    assert smaa(values, draws, method).ranks == pytest.approx(counted(values, draws, method))


@pytest.mark.parametrize("m", [2, 3, 4])
def test_central_weights_are_the_rank_order_centroids(m):
    """All permutations of one row: each wins where the weights have its order, a share 1/m! of all weightings.

    Its central weights are then the rank-order centroids of Barron & Barrett, "Decision quality using ranked
    attribute weights", Management Science 42 (1996) 1515–1523, table 1: (.75, .25), (.6111, .2778, .1111),
    (.5208, .2708, .1458, .0625).
    """
    published = {2: [0.75, 0.25], 3: [0.6111, 0.2778, 0.1111], 4: [0.5208, 0.2708, 0.1458, 0.0625]}[m]
    rows = list(itertools.permutations(np.linspace(1, 0, m)))
    found = smaa(np.array(rows), draw_weights(np.ones(m), 60_000, 1), "wsm")
    assert found.first == pytest.approx(np.full(len(rows), 1 / len(rows)), abs=0.01)
    assert found.central[0] == pytest.approx(published, abs=0.01)


def test_acceptability_of_two_sites_in_closed_form():
    # a leads where 0.8 w > 0.5 (1 - w), so where w > 5/13; the mean of such w is 9/13
    found = smaa(np.array([[0.9, 0.2], [0.1, 0.7]]), draw_weights([1, 1], 100_000, 5), "wsm")
    assert found.first == pytest.approx([8 / 13, 5 / 13], abs=0.006)
    assert found.central[0, 0] == pytest.approx(9 / 13, abs=0.004)


def test_a_site_that_never_wins_has_no_central_weights():
    """As the R package smaa has it (tests/nacw.R): NA for an alternative beaten on all criteria."""
    found = smaa(np.array([[1.0, 1.0], [0.0, 0.0]]), draw_weights([1, 1], 50, 1), "wsm")
    assert found.first.tolist() == [1.0, 0.0]
    assert np.isnan(found.central[1]).all()
    assert found.top10.tolist() == [1.0, 1.0]


@pytest.mark.parametrize("method", METHODS)
def test_the_edges(method):
    draws = draw_weights([1, 1], 25, 1)
    assert smaa(np.zeros((0, 2)), draws, method).first.tolist() == []
    assert smaa(np.array([[0.3, 0.4]]), draws, method).first.tolist() == [1.0]
    assert smaa(np.full((13, 2), 0.5), draws, method).first.tolist() == [1.0] * 13
    assert smaa(np.full((13, 2), 0.5), draws, method).top10.tolist() == [1.0] * 13


@pytest.mark.parametrize("spread", [None, 0.3, 0.0])
def test_draws_are_weightings_and_the_same_seed_draws_them_again(spread):
    draws = draw_weights([5, 0, 3, 2], 500, 11, spread)
    assert draws.sum(axis=1) == pytest.approx(np.ones(500))
    assert (draws[:, 1] == 0).all()
    assert (draws >= 0).all()
    assert (draws == draw_weights([5, 0, 3, 2], 500, 11, spread)).all()
    assert spread == 0.0 or (draws != draw_weights([5, 0, 3, 2], 500, 12, spread)).any()


@pytest.mark.parametrize(("draws", "spread"), [(0, None), (10**7, None), (10, -0.1), (10, 1.5)])
def test_draws_out_of_range_are_refused(draws, spread):
    with pytest.raises(InputError):
        draw_weights([1, 1], draws, 1, spread)


def test_the_smallest_change_by_hand():
    # A = (1, 0), B = (0, 1) at weights 60 : 40. B draws level when the first weighs half.
    shifts = dethrone(np.array([[1.0, 0.0], [0.0, 1.0]]), [60, 40])
    assert [(s.criterion, s.winner) for s in shifts] == [(0, 1), (1, 1)]
    assert [s.share for s in shifts] == pytest.approx([0.5, 0.5])
    assert dethrone(np.array([[1.0, 1.0], [0.0, 0.5]]), [1, 1]) == []
    assert dethrone(np.array([[1.0, 1.0]]), [1, 1]) == []
    assert dethrone(np.array([[1.0], [0.5]]), [1]) == []


@settings(max_examples=40, deadline=None)
@given(arrays(np.float64, st.tuples(st.integers(2, 7), st.integers(2, 4)),
              elements=st.integers(0, 20).map(lambda v: v / 20)), st.sampled_from(METHODS))  # fmt: skip
def test_beyond_the_change_the_winner_is_another_and_before_it_is_not(values, method):
    weights = np.arange(1.0, values.shape[1] + 1)
    winner = int(np.argmax(score(values, weights, method)))
    rest = weights / weights.sum()
    for shift in dethrone(values, weights, method):
        if shift.size < 1e-9:
            now = score(values, weights, method)
            assert now[shift.winner] == pytest.approx(now[winner])
            continue
        j = shift.criterion
        others = np.where(np.arange(len(rest)) == j, 0, rest)

        def mixed(share, j=j, others=others):
            return np.where(np.arange(len(rest)) == j, share, others * (1 - share) / others.sum())

        step = 1e-5 if shift.share >= shift.share_now else -1e-5
        after = float(np.clip(shift.share + step, 0, 1))
        before = shift.share - step
        scores = score(values, mixed(after), method)
        if after not in (0.0, 1.0):
            assert scores[shift.winner] >= scores[winner]
        if min(shift.share_now, shift.share) < before < max(shift.share_now, shift.share):
            assert score(values, mixed(before), method).max() == pytest.approx(
                score(values, mixed(before), method)[winner], abs=1e-9
            )


def test_leaving_out_the_criterion_that_carries_the_winner():
    values = np.array([[1.0, 0.2], [0.0, 0.9]])
    found = {one.criterion: one for one in leave_one_out(values, [3, 1])}
    assert found[0].winners == (1,)
    assert found[0].rank_of_winner == 2
    assert found[1].rank_of_winner == 1
    assert leave_one_out(values, [1, 0]) == []


@pytest.mark.parametrize("method", METHODS)
def test_confidence_is_sure_without_noise_and_falls_with_it(method):
    values = np.array([[0.8, 0.5], [0.7, 0.55]])
    central = np.array([[0.7, 0.3], [0.2, 0.8]])
    best, worst = values.max(axis=0), values.min(axis=0)
    still = np.repeat(values[None], 50, axis=0)
    assert confidence(central, still, method, best, worst).tolist() == [1.0, 1.0]
    noisy = still + np.random.default_rng(1).normal(0, 0.2, still.shape)
    assert (confidence(central, noisy, method, best, worst) < 0.9).all()
    assert confidence(np.full((2, 2), np.nan), still, method, best, worst).tolist() == [0.0, 0.0]


def test_the_interval_holds_the_middle_of_the_scores():
    values, draws = np.array([[1.0, 0.0], [0.0, 1.0], [0.5, 0.5]]), draw_weights([1, 1], 20_000, 2)
    low, high = score_interval(values, draws, "wsm", [0, 2]).T
    assert (low[0], high[0]) == (pytest.approx(0.05, abs=0.01), pytest.approx(0.95, abs=0.01))
    assert low[1] == pytest.approx(0.5)
    assert score_interval(values, draws, "topsis", []).shape == (0, 2)
