import datetime as dt
from typing import Any
from urllib.parse import urlencode

from hypothesis import given
from hypothesis import strategies as st

from app.pages.filters import Condition, filter_fields
from app.pages.state import AXES, SCHEMES, SLICES, State, default_on, groupings, mapped_layers
from layers.registry import catalogue
from layers.store.known_days import FIRST_DAY, last_day
from layers.store.queries_layers import visible_measures

CAT = catalogue()
LAYERS = mapped_layers(CAT)


@st.composite
def conditions(draw: st.DrawFn, layer_id: str) -> tuple[Condition, ...]:
    layer = CAT.layers[layer_id]
    made = []
    for spec in filter_fields(layer):
        if not draw(st.booleans()):
            continue
        if spec.is_number:
            low = draw(st.none() | st.integers(0, 10**12).map(float))
            high = draw(st.none() | st.integers(0, 10**12).map(float))
            if low is not None or high is not None:
                made.append(Condition(layer_id, spec.id, (), low, high))
        elif spec.type == "date":
            made.append(Condition(layer_id, spec.id, (), draw(st.dates()).isoformat(), None))
        else:
            known = ("1", "0", "-") if spec.type == "boolean" else (*CAT.terms(spec), "-")
            picked = draw(st.sets(st.sampled_from(known), min_size=1))
            made.append(Condition(layer_id, spec.id, tuple(x for x in known if x in picked)))
    return tuple(made)


@st.composite
def states(draw: st.DrawFn) -> State:
    layer_id = draw(st.sampled_from(LAYERS))
    layer = CAT.layers[layer_id]
    codes = st.lists(st.sampled_from(["320902", "320904", "320971", "3209YN", "outside", "unlocated"]), unique=True)
    on = draw(st.none() | st.sets(st.sampled_from(LAYERS)))
    measures = ["n", *(m.id for m in visible_measures(CAT, layer, internal=False))]
    held: Any = draw(conditions(layer_id))
    if draw(st.booleans()):
        other = draw(st.sampled_from([x for x in LAYERS if x != layer_id]))
        held += draw(conditions(other))
    return State(
        on=None if on is None else tuple(x for x in LAYERS if x in on),
        order=draw(st.just(()) | st.permutations(LAYERS).map(tuple)),
        opacity=tuple(draw(st.dictionaries(st.sampled_from([*LAYERS, "area"]), st.integers(0, 100))).items()),
        layer=layer_id,
        conditions=held,
        axis=draw(st.sampled_from(AXES)),
        areas=tuple(draw(codes)),
        by=draw(st.sampled_from(["", *groupings(CAT, layer)])),
        measure=draw(st.sampled_from(["", *measures])),
        choropleth=draw(st.booleans()),
        scheme=draw(st.sampled_from(SCHEMES)),
        k=draw(st.integers(3, 5)),
        as_of=draw(st.none() | st.dates(FIRST_DAY, last_day())),
        demo=draw(st.booleans()),
        selected=draw(st.none() | st.tuples(st.sampled_from(LAYERS), st.integers(1, 10**9).map(str))),
        pins=tuple(draw(codes)),
        measures=tuple(f"{layer_id}.{m}" for m in draw(st.sets(st.sampled_from(measures)))),
        shown=tuple(draw(codes)),
        mine=draw(st.sampled_from(["", "320904", "320971"])),
        versus=draw(st.none() | st.dates(FIRST_DAY, last_day())),
        by_area=draw(st.booleans()),
        drill=draw(st.none() | st.tuples(st.sampled_from(["", "320904", "outside"]), st.just(f"{layer_id}.n"))),
        tab=draw(st.sampled_from(["", *(x for x in LAYERS if x != layer_id)])),
        follow=draw(st.booleans()),
        view=draw(st.none() | st.tuples(st.integers(3, 19), st.integers(-85, 85), st.integers(-180, 180))),
        theme=draw(st.sampled_from(["", "light", "dark"])),
    )


@given(states())
def test_every_state_has_an_address_that_restores_it(state: State) -> None:
    assert State.from_query(CAT, state.query()) == state


@given(states())
def test_an_address_is_written_in_one_way_only(state: State) -> None:
    assert State.from_query(CAT, state.query()).query() == state.query()


@given(st.dictionaries(st.text(max_size=12), st.text(max_size=20), max_size=6))
def test_no_address_breaks_the_page(junk: dict[str, str]) -> None:
    State.from_query(CAT, urlencode(junk))


@given(st.sampled_from(["on", "order", "op", "layer", "axis", "area", "by", "measure", "scheme", "k", "as_of", "sel",
                        "pins", "ms", "shown", "v", "f.project.stage", "f.project.invest_cny", "f.nope.x",
                        "f.project.leader"]), st.text(max_size=30))  # fmt: skip
def test_a_wrong_value_is_left_out(key: str, value: str) -> None:
    state = State.from_query(CAT, urlencode({key: value}))
    assert State.from_query(CAT, state.query()) == state
    assert all(CAT.layers[c.layer].field(c.field).internal is False for c in state.conditions)


@given(states())
def test_nothing_is_said_of_an_address_that_a_page_wrote(state: State) -> None:
    assert State.from_query(CAT, state.query()).unknown == ()


@given(
    st.dictionaries(
        st.sampled_from(["f.nope.x", "f.project.nope", "f.project.leader", "f.project.stage", "f.project.invest_cny",
                         "area", "layer", "sel", "axis", "measure", "by", "as_of"]),
        st.sampled_from(["没有的", "0001-01-01", "9999-12-31", "a b", "-32"]), min_size=1),
)  # fmt: skip
def test_what_an_address_asks_in_vain_is_named_with_its_value(junk: dict[str, str]) -> None:
    assert dict(State.from_query(CAT, urlencode(junk)).unknown) == junk


def test_of_a_filter_only_the_unknown_terms_are_named() -> None:
    state = State.from_query(CAT, urlencode({"f.project.stage": "开工,飞天,竣工"}))
    assert state.conditions == (Condition("project", "stage", ("开工", "竣工")),)
    assert state.unknown == (("f.project.stage", "飞天"),)


def test_the_measure_of_the_layer_before_is_no_fault() -> None:
    assert State.from_query(CAT, "layer=park&measure=sum_invest_cny&by=stage").unknown == ()


def test_the_ordinary_state_has_the_bare_address() -> None:
    state = State.from_query(CAT, "")
    assert state.url() == "/"
    assert state.visible(CAT) == default_on(CAT)
    assert state.layer == "project"
    assert state.shown_measure(CAT)[0] == "sum_invest_cny"
    assert state.but(as_of=dt.date(2026, 9, 30)).url() == "/?as_of=2026-09-30"


def test_slices_name_every_parameter_that_a_state_writes() -> None:
    written = {"on", "order", "op", "layer", "axis", "area", "by", "measure", "choro", "scheme", "k", "as_of", "demo"}
    written |= {"sel", "pins", "ms", "shown", "follow"}
    named = {key for keys in SLICES.values() for key in keys}
    assert written <= named
