"""The rules of the findings, each by hand, and what may not change them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.findings import find_outliers, largest, most_changed

VALUES = st.dictionaries(st.text("abcdefgh", min_size=1, max_size=2), st.one_of(st.none(), st.integers(-50, 50)))


def test_the_largest_is_above_zero_and_ties_go_to_the_lowest_code() -> None:
    assert largest({"b": 3.0, "a": 3.0, "c": 1.0}) == ("a", 3.0)
    assert largest({"a": 0.0, "b": None}) is None
    assert largest({}) is None


def test_the_most_changed_counts_falls_too_and_no_unknown() -> None:
    assert most_changed({"a": 5, "b": 1, "c": 9}, {"a": 3, "b": 6, "c": None}) == ("b", -5)
    assert most_changed({"a": 5, "b": 1}, {"a": 4, "b": 2}) == ("a", 1)
    assert most_changed({"a": 5}, {"a": 5}) is None


def test_an_outlier_by_hand() -> None:
    # median 10; distances 4 2 0 2 1 0 90 -> sorted 0 0 1 2 2 4 90, MAD 2; score 90 / (1.4826 * 2) = 30.35
    values = {"a": 6.0, "b": 8.0, "c": 10.0, "d": 12.0, "e": 11.0, "f": 10.0, "g": 100.0}
    found = find_outliers(values)
    assert [x.code for x in found] == ["g"]
    assert (found[0].middle, found[0].score) == (10.0, pytest.approx(90 / 2.9652))


def test_few_or_equal_values_have_no_outlier() -> None:
    assert find_outliers({"a": 1, "b": 1, "c": 1, "d": 90}) == []
    assert find_outliers({"a": 1, "b": 1, "c": 1, "d": 1, "e": 90}) == []
    assert find_outliers({}) == []


@given(values=VALUES, shift=st.integers(-9, 9), scale=st.sampled_from([0.5, 2.0, 16.0]))
def test_units_and_order_do_not_matter(values: dict[str, int | None], shift: int, scale: float) -> None:
    codes = [x.code for x in find_outliers(values)]
    other = {c: None if v is None else (v + shift) * scale for c, v in reversed(values.items())}
    assert [x.code for x in find_outliers(other)] == codes
