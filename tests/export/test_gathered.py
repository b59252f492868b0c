"""Very many symbols become counts in discs: nothing is lost, none lies on another, and few stay symbols."""

import math
from typing import Any, cast

import shapely
from hypothesis import given
from hypothesis import strategies as st

from app.export.gathered import count_text, discs_of, radius_of
from app.export.items import FEWEST, Drawn, Item

PLACES = st.lists(st.tuples(st.floats(0, 200), st.floats(0, 150)), min_size=1, max_size=300)


def drawn(places: list[tuple[float, float]], radius: float = 0.5) -> Drawn:
    items = [Item("", {}, shapely.Point(x, y), x, y, radius, "m-park", "", 0.0) for x, y in places]
    return Drawn(cast(Any, None), tuple(items), 0)


@given(PLACES, st.floats(0.5, 3))
def test_counts_in_discs_are_those_of_the_things_and_can_all_be_read(places: list, u: float) -> None:
    discs = discs_of(drawn(places), u)
    assert sum(d.n for d in discs) == len(places)
    for i, a in enumerate(discs):
        assert a.radius >= radius_of(1) * u
        assert all(math.hypot(a.x - b.x, a.y - b.y) >= a.radius + b.radius for b in discs[:i])


def test_a_layer_is_counted_only_where_its_symbols_are_many_and_touch() -> None:
    side = math.ceil(math.sqrt(FEWEST))
    grid = [(float(x), float(y)) for x in range(side) for y in range(side)]
    assert drawn(grid, 0.6).is_dense
    assert not drawn(grid, 0.4).is_dense
    assert not drawn(grid[: FEWEST - 1], 0.6).is_dense
    assert not drawn([]).is_dense


def test_a_count_says_ten_thousands_as_the_screen_does() -> None:
    assert [count_text(n) for n in (7, 9_999, 10_000, 25_869, 1_234_567)] == ["7", "9,999", "1.0万", "2.6万", "123万"]
