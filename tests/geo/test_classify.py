"""Choropleth classes: every value in exactly one, few values fewer classes, no data apart."""

import mapclassify
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.classify import NO_DATA, SCHEMES, classify
from geo.errors import InputError

VALUES = st.lists(
    st.one_of(st.floats(-1e12, 1e12), st.integers(-5, 20).map(float), st.just(float("nan")), st.just(float("inf"))),
    max_size=60,
)


@given(VALUES, st.sampled_from(SCHEMES), st.integers(1, 7), st.randoms())
def test_every_value_falls_in_exactly_one_class(values: list[float], scheme: str, k: int, random: object) -> None:
    classes = classify(values, scheme, k)
    array = np.asarray(values, float)
    data = array[np.isfinite(array)]
    bounds = np.asarray(classes.breaks)
    assert len(bounds) <= min(k, len(np.unique(data + 0.0))) if len(data) else len(bounds) == 0
    assert (np.diff(bounds) > 0).all()
    index = classes.index(array)
    assert ((index == NO_DATA) == ~np.isfinite(array)).all()
    for value, i in zip(array, index, strict=True):
        if i != NO_DATA:
            low = classes.lower if i == 0 else bounds[i - 1]
            assert (low <= value if i == 0 else low < value) and value <= bounds[i]
    assert classes.counts == tuple(np.bincount(index[index >= 0], minlength=len(bounds))[: len(bounds)])
    shuffled = list(values)
    random.shuffle(shuffled)
    assert classify(shuffled, scheme, k).breaks == classes.breaks


@pytest.mark.parametrize("scheme", SCHEMES)
def test_few_values(scheme: str) -> None:
    assert classify([], scheme).breaks == () and classify([np.nan], scheme).counts == ()
    assert classify([3, 3, 3], scheme).breaks == (3.0,) and classify([3, 3, 3], scheme).counts == (3,)
    two = classify([0, 7, np.nan, 0], scheme)
    assert (two.lower, two.breaks, two.counts) == (0.0, (0.0, 7.0), (2, 1))
    assert two.index([0, np.nan, 7, 9, -1]).tolist() == [0, NO_DATA, 1, 1, 0]
    assert classify([], scheme).index([1.0, np.nan]).tolist() == [NO_DATA, NO_DATA]


def test_natural_breaks_agree_with_the_published_case() -> None:
    # mapclassify's own documented example: calEMP, k = 5.
    values = mapclassify.load_example()
    assert classify(values, "natural_breaks", 5).counts == (49, 3, 4, 1, 1)
    assert classify(values, "quantiles", 5).counts == (12, 11, 12, 11, 12)
    assert classify(values, "equal", 5).counts == (57, 0, 0, 0, 1)


@pytest.mark.parametrize("k", [2, 3, 5, 7, 9])
def test_quantiles_are_mapclassifys(k: int) -> None:
    values = np.random.default_rng(k).lognormal(3, 1, 101)
    assert classify(values, "quantiles", k).breaks == pytest.approx(mapclassify.Quantiles(values, k=k).bins)


def test_ties_leave_fewer_classes() -> None:
    assert classify([0, 0, 0, 0, 1, 2, -1], "quantiles", 3).breaks == (0.0, 2.0)


def test_round_numbers() -> None:
    classes = classify([3, 18, 47, 12, 33, 41], "round", 5)
    assert (classes.lower, classes.breaks) == (0.0, (10.0, 20.0, 30.0, 40.0, 50.0))
    assert classify([0.12, 0.3, 0.77, 0.9, 0.51, 0.6], "round", 5).breaks == (0.2, 0.4, 0.6, 0.8, 1.0)
    assert classify([1e8, 2.3e8, 9.9e8, 7e8], "round", 2).breaks == (5e8, 1e9)


def test_many_values_are_quick_and_whole() -> None:
    values = np.r_[np.zeros(50_000), np.random.default_rng(0).lognormal(0, 2, 50_000)]
    classes = classify(values, "natural_breaks", 5)
    assert len(classes.breaks) == 5 and sum(classes.counts) == 100_000 and classes.breaks[-1] == values.max()


@pytest.mark.parametrize(("scheme", "k"), [("jenks", 5), ("equal", 0), ("equal", 13)])
def test_bad_arguments(scheme: str, k: int) -> None:
    with pytest.raises(InputError):
        classify([1, 2], scheme, k)
