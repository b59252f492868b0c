"""No label lies on another, whatever the crowd."""

import numpy as np
import shapely
from hypothesis import given
from hypothesis import strategies as st

from app.export.labels import Placer, Wanted

WINDOW = (0.0, 0.0, 180.0, 160.0)
SPOT = st.tuples(st.floats(0, 180), st.floats(0, 160), st.floats(0.5, 3), st.floats(3, 40))


@given(st.lists(SPOT, max_size=60))
def test_labels_never_overlap_and_stay_inside(spots: list[tuple[float, float, float, float]]) -> None:
    placer = Placer(WINDOW)
    if spots:
        placer.block_discs(np.array([s[:2] for s in spots]), [s[2] for s in spots])
    placed = [placer.at_symbol(Wanted("x", w, 2.8, x, y, r)) for x, y, r, w in spots]
    boxes = [shapely.box(*p.box) for p in placed if p is not None]
    tree = shapely.STRtree(boxes)
    for i, box in enumerate(boxes):
        assert shapely.box(*WINDOW).covers(box)
        others = [boxes[j] for j in tree.query(box) if j != i]
        assert all(box.intersection(other).area == 0 for other in others)


def test_a_lone_label_stands_right_of_its_symbol() -> None:
    placed = Placer(WINDOW).at_symbol(Wanted("大丰港", 12, 2.8, 50, 50, 2))
    assert placed is not None
    assert placed.box[0] > 52
    assert placed.leader is None


def test_a_crowded_label_gets_a_leader_line() -> None:
    placer = Placer(WINDOW)
    placer.block((30, 44, 70, 49.2))
    placer.block((30, 50.8, 70, 56))
    placer.block((30, 48, 48.5, 52))
    placer.block((51.5, 48, 70, 52))
    placed = placer.at_symbol(Wanted("大丰港", 6, 2, 50, 50, 1))
    assert placed is not None
    assert placed.leader is not None


def test_an_area_is_named_inside_itself_or_not_at_all() -> None:
    ring = shapely.Polygon([(10, 10), (60, 10), (60, 20), (20, 20), (20, 60), (10, 60)])
    placed = Placer(WINDOW).inside(Wanted("滨海县", 14, 4, 30, 40, 0), ring)
    assert placed is not None
    assert ring.contains(shapely.box(*placed.box))
    assert Placer(WINDOW).inside(Wanted("滨海县", 55, 4, 30, 40, 0), ring) is None
