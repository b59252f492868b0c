from hypothesis import given
from hypothesis import strategies as st

from app.pages.format import Quantity
from app.pages.map.choropleth import TINTS, ZERO, colour_areas
from app.pages.state import SCHEMES
from tests.pages.support import rollup

HOW = Quantity("亿元", 1e8, 1)
VALUES = st.lists(st.none() | st.integers(0, 10**12), max_size=11)


def test_zero_and_no_data_are_no_class() -> None:
    found = colour_areas(rollup(0, None, 1e8, 2e8, 3e8), HOW, "equal", 3)
    assert found.index == {"320900": 0, "320901": None, "320902": 1, "320903": 2, "320904": 3}
    assert found.tokens == (ZERO, "q1", "q3", "q5")
    assert (found.n_zero, found.n_none, sum(found.counts)) == (1, 1, 3)
    assert found.texts["320902"] == "1.0 亿元"
    assert found.texts["320901"] == "— 亿元"


def test_nothing_to_class() -> None:
    found = colour_areas(rollup(None, None), HOW, "quantiles", 5)
    assert found.tokens == () and found.breaks == () and set(found.index.values()) == {None}
    assert colour_areas(rollup(0, 0), HOW, "quantiles", 5).tokens == (ZERO,)


@given(VALUES, st.sampled_from(SCHEMES), st.integers(3, 5))
def test_classes_rise_with_the_values(values: list[float | None], scheme: str, k: int) -> None:
    found = colour_areas(rollup(*values), HOW, scheme, k)
    pairs = sorted((v, found.index[f"32090{i}"]) for i, v in enumerate(values) if v is not None)
    indices = [i for _, i in pairs]
    assert indices == sorted(indices)
    assert all(i is not None and i < len(found.tokens) for i in indices)
    assert all((v == 0) == (found.tokens[i] == ZERO) for v, i in pairs)
    assert sum(found.counts) + found.n_zero + found.n_none == len(values)


def test_the_ends_of_the_scale_keep_their_tints() -> None:
    assert all(TINTS[k][-1] == 5 and TINTS[k][0] == 1 for k in (3, 4, 5))
