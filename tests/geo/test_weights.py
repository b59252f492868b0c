"""AHP as Saaty published it, entropy and CRITIC by hand, and people at one table."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.errors import InputError
from geo.weights import ahp, critic, entropy, join, pair_matrix

HOUSE = [
    [1, 5, 3, 7, 6, 6, 1 / 3, 1 / 4],
    [1 / 5, 1, 1 / 3, 5, 3, 3, 1 / 5, 1 / 7],
    [1 / 3, 3, 1, 6, 3, 4, 6, 1 / 5],
    [1 / 7, 1 / 5, 1 / 6, 1, 1 / 3, 1 / 4, 1 / 7, 1 / 8],
    [1 / 6, 1 / 3, 1 / 3, 3, 1, 1 / 2, 1 / 5, 1 / 6],
    [1 / 6, 1 / 3, 1 / 4, 4, 2, 1, 1 / 5, 1 / 6],
    [3, 5, 1 / 6, 7, 5, 5, 1, 1 / 2],
    [4, 7, 5, 8, 6, 6, 2, 1],
]


def test_ahp_of_the_house():
    """T. L. Saaty, "How to make a decision", EJOR 48 (1990) 9–26, table 3: choosing a house by eight criteria."""
    found = ahp(HOUSE)
    published = [0.173, 0.054, 0.188, 0.018, 0.031, 0.036, 0.167, 0.333]
    assert found.weights == pytest.approx(published, abs=0.002)
    assert found.consistency_ratio == pytest.approx(0.169, abs=0.002)
    assert not found.is_consistent
    assert found.worst_pair == (2, 6)  # neighbourhood is stated 6 times the condition, the rest says about equal


@given(st.lists(st.floats(0.2, 1.6), min_size=2, max_size=6))
def test_consistent_pairs_give_their_weights_back(weights):
    w = np.array(weights) / sum(weights)
    m = len(w)
    found = ahp(pair_matrix(m, {(i, j): w[i] / w[j] for i in range(m) for j in range(i + 1, m)}))
    assert found.weights == pytest.approx(w)
    assert found.consistency_ratio == pytest.approx(0, abs=1e-9)
    assert found.worst_pair is None


@pytest.mark.parametrize(
    "pairs",
    [{(0, 1): 3}, {(0, 1): 3, (1, 0): 1, (0, 2): 1, (1, 2): 1}, {(0, 1): 30, (0, 2): 1, (1, 2): 1}, {(0, 5): 1}],
)
def test_incomplete_or_impossible_pairs_are_refused(pairs):
    with pytest.raises(InputError):
        pair_matrix(3, pairs)


def test_a_matrix_that_is_not_reciprocal_is_refused():
    with pytest.raises(InputError):
        ahp([[1, 3], [3, 1]])
    assert ahp([[1.0]]).weights.tolist() == [1.0]


def test_entropy_by_hand():
    # the first column: shares 1/2, 1/2 carry nothing; the second: all in one row carries everything
    assert entropy([[0.5, 1.0], [0.5, 0.0]]).tolist() == [0.0, 1.0]
    assert entropy([[0.3, 0.3], [0.3, 0.3]]).tolist() == [0.5, 0.5]
    assert entropy([[0.3, 0.9]]).tolist() == [0.5, 0.5]


def test_critic_by_hand():
    # columns 1 and 2 repeat each other, 3 is their opposite: conflicts 0+2, 0+2, 2+2 at equal spread
    found = critic([[0.0, 0.0, 1.0], [1.0, 1.0, 0.0]])
    assert found == pytest.approx([0.25, 0.25, 0.5])
    assert critic([[0.0, 0.5], [1.0, 0.5]]).tolist() == [1.0, 0.0]
    assert critic([[0.2, 0.2], [0.2, 0.2]]).tolist() == [0.5, 0.5]


@given(st.integers(2, 6), st.integers(1, 5))
def test_objective_weights_sum_to_one(n, m):
    table = np.random.default_rng(n * 10 + m).random((n, m))
    for made in (entropy(table), critic(table)):
        assert made.sum() == pytest.approx(1)
        assert (made >= 0).all()


def test_parties_are_joined_by_their_power():
    joined = join([[1, 1], [30, 10]])
    assert joined.weights == pytest.approx([0.625, 0.375])
    assert joined.low == pytest.approx([0.5, 0.25])
    assert joined.high == pytest.approx([0.75, 0.5])
    assert join([[1, 1], [30, 10]], [3, 1]).weights == pytest.approx([0.5625, 0.4375])
    with pytest.raises(InputError):
        join([])
    with pytest.raises(InputError):
        join([[1, 1]], [1, 2])
