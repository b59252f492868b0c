"""Law 7: domination, scaling, ties; the edges; and a published TOPSIS."""

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from geo.errors import InputError
from geo.rank import (
    fill_missing,
    normalise_weights,
    pareto_set,
    rank,
    rank_scores,
    score,
    topsis_closeness,
    vector_normalise,
)
from geo.value_functions import curve, evaluate, resolve

METHODS = st.sampled_from(["wsm", "topsis"])
SHARES = st.one_of(st.sampled_from([0.0, 0.25, 0.5, 1 / 3, 1.0]), st.floats(0, 1, width=32))


@st.composite
def tables(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray]:
    n, m = draw(st.integers(1, 8)), draw(st.integers(1, 5))
    values = draw(arrays(np.float64, (n, m), elements=SHARES))
    weights = draw(arrays(np.float64, m, elements=st.one_of(st.just(0.0), st.floats(0.01, 100))))
    weights[draw(st.integers(0, m - 1))] = draw(st.floats(0.01, 100))
    return values, weights


@settings(deadline=None)
@given(tables(), METHODS)
def test_a_dominated_site_never_scores_above_its_dominator(table, method):
    values, weights = table
    made = rank(values, weights, method)
    for i in range(len(values)):
        for k in range(len(values)):
            if (values[i] >= values[k]).all():
                assert made.scores[i] >= made.scores[k]
                assert made.ranks[i] <= made.ranks[k]


@settings(deadline=None)
@given(tables(), METHODS, st.sampled_from([1e-300, 1e-9, 3.0, 7.0, 1e12, 1e300]))
def test_scaling_all_weights_changes_nothing(table, method, scale):
    values, weights = table
    weights = np.where(weights > 0, np.maximum(weights, 1e-3), 0)
    assert (rank(values, weights, method).ranks == rank(values, weights * scale, method).ranks).all()


@settings(deadline=None)
@given(tables(), METHODS, st.data())
def test_equal_sites_tie_and_order_does_not_matter(table, method, data):
    values, weights = table
    doubled = np.vstack([values, values[::-1]])
    scores = score(doubled, weights, method)
    assert (scores[: len(values)] == scores[len(values) :][::-1]).all()
    order = data.draw(st.permutations(range(len(values))))
    assert (rank(values[list(order)], weights, method).ranks == rank(values, weights, method).ranks[list(order)]).all()


@settings(deadline=None)
@given(tables())
def test_contributions_add_up_to_the_weighted_sum(table):
    values, weights = table
    made = rank(values, weights, "wsm")
    assert made.contributions.sum(axis=1) == pytest.approx(made.scores, abs=1e-11)


@settings(deadline=None)
@given(tables())
def test_the_winner_is_in_the_pareto_set_and_the_set_is_what_its_definition_says(table):
    values, _ = table
    free = pareto_set(values)
    for i, row in enumerate(values):
        beaten = any((other >= row).all() and (other > row).any() for other in values)
        assert free[i] == (not beaten)
    assert free[rank(values, np.ones(values.shape[1]), "wsm").ranks == 1].any()


def test_ranks_share_the_better_place():
    assert rank_scores([0.5, 0.9, 0.5, 0.1]).tolist() == [2, 1, 2, 4]


def test_one_site_and_none():
    assert rank([[0.3, 0.1]], [1, 1], "topsis").scores.tolist() == [1.0]
    assert rank(np.zeros((0, 2)), [1, 1], "wsm").ranks.tolist() == []
    assert pareto_set(np.zeros((0, 2))).tolist() == []


@pytest.mark.parametrize("method", ["wsm", "topsis"])
def test_all_equal_sites_are_all_first(method):
    made = rank(np.full((4, 3), 0.4), [1, 2, 3], method)
    assert made.ranks.tolist() == [1, 1, 1, 1]
    assert np.isfinite(made.scores).all()


def test_one_criterion_ranks_by_it():
    assert rank([[0.1], [0.9], [0.5]], [7], "wsm").ranks.tolist() == [3, 1, 2]
    assert rank([[0.1], [0.9], [0.5]], [7], "topsis").ranks.tolist() == [3, 1, 2]


def test_a_zero_weight_counts_nothing():
    assert rank([[0.5, 0.0], [0.5, 1.0]], [1, 0], "wsm").ranks.tolist() == [1, 1]
    assert rank([[0.5, 0.0], [0.5, 1.0]], [1, 0], "topsis").ranks.tolist() == [1, 1]


@pytest.mark.parametrize("weights", [[0, 0], [-1, 2], [np.nan, 1], []])
def test_weights_that_mean_nothing_are_refused(weights):
    with pytest.raises(InputError):
        normalise_weights(weights)


def test_missing_values_follow_the_stated_policy():
    table = [[0.2, np.nan], [0.4, 0.6], [0.9, 1.0]]
    filled, kept = fill_missing(table, "exclude")
    assert kept.tolist() == [False, True, True]
    filled, kept = fill_missing(table, "worst")
    assert filled[0, 1] == 0.0
    assert kept.all()
    filled, kept = fill_missing(table, "median")
    assert filled[0, 1] == 0.8
    filled, kept = fill_missing(np.full((2, 2), np.nan), "median")
    assert (filled == 0).all()
    assert not fill_missing(np.full((2, 2), np.nan), "exclude")[1].any()
    with pytest.raises(InputError):
        fill_missing(table, "guess")


def test_topsis_of_the_fighter_aircraft():
    """Hwang & Yoon, Multiple Attribute Decision Making (Springer, 1981): closeness .643, .268, .613, .312."""
    matrix = [
        [2.0, 1500, 20000, 5.5, 5, 9],
        [2.5, 2700, 18000, 6.5, 3, 5],
        [1.8, 2000, 21000, 4.5, 7, 7],
        [2.2, 1800, 20000, 5.0, 5, 5],
    ]
    normal = vector_normalise(matrix, ("max", "max", "max", "min", "max", "max"))
    closeness = topsis_closeness(normal, [0.2, 0.1, 0.1, 0.1, 0.2, 0.3])
    assert closeness == pytest.approx([0.643, 0.268, 0.613, 0.312], abs=1.5e-3)
    assert rank_scores(closeness).tolist() == [1, 4, 2, 3]


def test_value_functions_by_hand():
    linear = resolve("linear", {}, [10.0, 30.0, np.nan], "min")
    assert linear == {"worst": 30.0, "best": 10.0}
    assert evaluate("linear", linear, [10, 15, 30, 99]).tolist() == [1.0, 0.75, 0.0, 0.0]
    assert np.isnan(evaluate("linear", linear, [np.nan])).all()
    steps = resolve("piecewise", {"points": [[0, 1], [10, 0.5], [30, 0]]}, [], "min")
    assert evaluate("piecewise", steps, [-5, 5, 20, 40]).tolist() == [1.0, 0.75, 0.25, 0.0]
    bell = resolve("target", {"target": 100, "tolerance_low": 50, "tolerance_high": 100}, [], "max")
    assert evaluate("target", bell, [40, 75, 100, 150, 300]).tolist() == [0.0, 0.5, 1.0, 0.5, 0.0]
    labels = ("无", "市级", "省级")
    terms = resolve("categorical", {"values": {"省级": 1, "市级": 0.4}}, [], "max", labels)
    assert evaluate("categorical", terms, [0, 1, 2], labels).tolist() == [0.0, 0.4, 1.0]
    curved = resolve("sigmoid", {"worst": 0, "best": 10}, [], "max")
    assert evaluate("sigmoid", curved, [0, 5, 10]) == pytest.approx([0.05, 0.5, 0.95])
    assert evaluate("linear", resolve("linear", {}, [4.0, 4.0], "max"), [4.0]).tolist() == [1.0]
    assert curve("target", bell, 0, 200).tolist() == [[0, 0], [50, 0], [100, 1], [200, 0]]


@pytest.mark.parametrize(
    ("kind", "params"),
    [
        ("wavy", {}), ("linear", {"mid": 3}), ("linear", {"worst": "x"}), ("piecewise", {"points": [[1, 0]]}),
        ("piecewise", {"points": [[1, 0], [1, 1]]}), ("piecewise", {"points": [[0, 0], [1, 3]]}),
        ("target", {"target": 5}), ("target", {"target": 5, "tolerance": 0}), ("categorical", {"values": {"省级": 1}}),
    ],
)  # fmt: skip
def test_value_functions_that_make_no_sense_are_refused(kind, params):
    with pytest.raises(InputError):
        resolve(kind, params, [1.0, 2.0], "max")


@settings(max_examples=60)
@given(
    st.sampled_from(["linear", "sigmoid"]), st.floats(-1e6, 1e6), st.floats(-1e6, 1e6), st.lists(st.floats(-1e7, 1e7))
)
@example("linear", 0.0, 2.2250738585e-313, [1.0])
@example("sigmoid", 1.0, 1.0 + 2.3e-16, [-1e7, 1e7])
def test_monotone_value_functions_stay_between_0_and_1_in_order(kind, worst, best, points):
    params = resolve(kind, {"worst": worst, "best": best}, [], "max")
    values = evaluate(kind, params, np.sort(points))
    assert ((values >= 0) & (values <= 1)).all()
    steps = np.diff(values)
    assert (steps >= 0).all() if best >= worst else (steps <= 0).all()
