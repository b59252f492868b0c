"""One hand-computed case for every criterion, limits by hand, and the registry complete."""

import numpy as np
import pytest
import shapely

from geo.criteria import CRITERIA, Params, Places, Sites, World, find_criterion, uncertainty
from geo.criteria_limits import Column, breaches, check_operator, emptied_by, intersecting
from geo.errors import InputError, NotFoundError
from geo.network import RoadGraph

KM = 1000.0
ORIGIN = Sites.at([[0.0, 0.0]])
PARAMS = Params(industry=("汽车",), suppliers=("机械",), compatible=("汽车", "机械"), unwanted=("化工",))


def around(layer: str, xy: object, **columns: object) -> World:
    return World({layer: Places.at(xy, **columns)})


def outlined(layer: str, shapes: list[shapely.Geometry], **columns: object) -> World:
    centres = [[g.centroid.x, g.centroid.y] for g in shapes]
    made = Places.at(centres, **columns)
    return World({layer: Places(made.xy, made.names, made.sigma_m, made.terms, made.numbers, np.array(shapes, object))})


def by_road(kind: str) -> World:
    """40 km of road start 3 km north of the origin and end at the target: 1.3 × 3 + 40 = 43.9 km."""
    ends = np.array([[[0.0, 3 * KM], [40 * KM, 3 * KM]]])
    graph = RoadGraph.build(ends / KM, ends, [40 * KM])
    layer = {"seat": "seat", "rail": "rail"}.get(kind, "infrastructure")
    return World({layer: Places.at([[40 * KM, 3 * KM]], kind=[kind])}, graph)


OWN = Sites.at(
    [[0.0, 0.0]], area_mu=[85.5], price_cny_per_mu=[192_000], rent_cny_per_m2_month=[12.5], power_kva=[6300],
    water_m3d=[500], gas_m3d=[1000], steam_th=[20], sewage_m3d=[300], ready_days=[90], invest_cny_per_mu=[4.2e6],
    tax_cny_per_mu=[230_000],
)  # fmt: skip
FIRMS = around(
    "enterprise", [[0, 0], [3 * KM, 4 * KM], [0, 2 * KM], [0, 6 * KM]], industry=["汽车", "机械", "化工", "汽车"]
)
PARK = outlined(
    "park", [shapely.box(-KM, -KM, KM, KM)], level=["省级"], zero_carbon_level=["市级"], green_level=["国家级"],
    kind=["化工园区"], available_mu=[320.0], green_power_pct=[45.0],
)  # fmt: skip
FACILITIES = around(
    "infrastructure", [[10 * KM, 0], [29 * KM, 0], [0, 31 * KM], [5 * KM, 0]],
    kind=["风电场", "光伏电站", "风电场", "火电厂"], capacity_mw=[200.0, 20.0, 400.0, 600.0],
    year=[2016.0, 2020.0, 2018.0, np.nan],
)  # fmt: skip
#: 3/(π·10²)·Σ(1 − d²/10²)² × 100: at 0 and 6 km 1 + 0.64² = 1.4096; at 5 km 0.75² = 0.5625
QUARTIC = 3 / (np.pi * 100) * 100
CASES = {
    "area_mu": (OWN, World(), 85.5),
    "price_wan": (OWN, World(), 19.2),
    "rent_cny": (OWN, World(), 12.5),
    "power_mva": (OWN, World(), 6.3),
    "water_m3d": (OWN, World(), 500.0),
    "gas_m3d": (OWN, World(), 1000.0),
    "steam_th": (OWN, World(), 20.0),
    "sewage_m3d": (OWN, World(), 300.0),
    "ready_days": (OWN, World(), 90.0),
    "invest_wan": (OWN, World(), 420.0),
    "tax_wan": (OWN, World(), 23.0),
    "park_level": (ORIGIN, PARK, 2.0),
    "green_park": (ORIGIN, PARK, 3.0),
    "park_available_mu": (ORIGIN, PARK, 320.0),
    "green_power_pct": (ORIGIN, PARK, 45.0),
    "road_port_km": (ORIGIN, by_road("港口"), 43.9),
    "road_rail_km": (ORIGIN, by_road("rail"), 43.9),
    "road_airport_km": (ORIGIN, by_road("机场"), 43.9),
    "road_seat_km": (ORIGIN, by_road("seat"), 43.9),
    "road_exit_km": (ORIGIN, by_road("高速出入口"), 43.9),
    "substation_km": (ORIGIN, around("infrastructure", [[3 * KM, 4 * KM], [0, KM]], kind=["变电站", "港口"]), 5.0),
    "renewable_mw": (ORIGIN, FACILITIES, 220.0),
    "facility_age": (ORIGIN, FACILITIES, 8.0),  # (2026 − 2016 + 2026 − 2020) / 2
    "chain_density": (ORIGIN, FIRMS, QUARTIC * 1.4096),
    "supplier_density": (ORIGIN, FIRMS, QUARTIC * 0.5625),
    "recognised_factories": (
        ORIGIN,
        around("factory", [[0, 0], [KM, 0], [2 * KM, 0], [9 * KM, 0]], smart_level=["先进级", "", "", "领航级"],
               green_level=["", "省级", "", ""]),
        2.0,
    ),
    "compatible_share": (ORIGIN, FIRMS, 200 / 3),
    "unwanted_share": (ORIGIN, FIRMS, 100 / 3),
    "conversion_pct": (Sites(ORIGIN.xy, ORIGIN.sigma_m, county_codes=np.array(["320904"], object)),
                       World(rates={"320904": 0.75}), 75.0),
    "flood_km": (ORIGIN, outlined("constraint", [shapely.box(2 * KM, -KM, 3 * KM, KM)], kind=["洪水风险"]), 2.0),
    "protected_km": (
        ORIGIN,
        outlined("constraint", [shapely.box(-9 * KM, -KM, -4 * KM, KM), shapely.box(KM, 0, 2 * KM, KM)],
                 kind=["湿地", "洪水风险"]),
        4.0,
    ),
    "chemical_km": (ORIGIN, PARK, 0.0),
}  # fmt: skip


def test_every_criterion_has_a_case_and_there_are_enough():
    assert set(CASES) == set(CRITERIA)
    assert len(CRITERIA) >= 16


@pytest.mark.parametrize("criterion", sorted(CASES))
def test_a_criterion_by_hand(criterion):
    sites, world, expected = CASES[criterion]
    assert CRITERIA[criterion].measure(sites, world, PARAMS) == pytest.approx([expected])


@pytest.mark.parametrize("criterion", sorted(CASES))
def test_nothing_known_is_no_value_and_no_place_none_either(criterion):
    nowhere = Sites.at([[np.nan, np.nan], [0.0, 0.0]])
    found = CRITERIA[criterion].measure(nowhere, World(), PARAMS)
    if criterion in ("park_level", "green_park"):
        assert found.tolist() == [0.0, 0.0]  # in no park: the lowest level, not unknown
    else:
        assert np.isnan(found).all()


@pytest.mark.parametrize("criterion", sorted(CASES))
def test_every_criterion_says_what_it_is(criterion):
    chosen = CRITERIA[criterion]
    assert chosen.title
    assert chosen.source
    assert chosen.group
    assert chosen.objective in ("min", "max")
    assert chosen.function.__doc__
    assert chosen.by_road <= (chosen.targets is not None)


def test_a_criterion_that_lacks_its_industry_says_so_and_an_unknown_one_names_the_others():
    with pytest.raises(InputError, match="产业"):
        CRITERIA["chain_density"].measure(ORIGIN, FIRMS, Params())
    with pytest.raises(NotFoundError, match="road_port_km"):
        find_criterion("moon_distance")


@pytest.mark.parametrize("criterion", ["chain_density", "supplier_density"])
def test_no_company_of_the_industry_is_a_density_of_none_and_no_stated_industry_is_unknown(criterion):
    here_and_nowhere = Sites.at([[0.0, 0.0], [np.nan, np.nan]])
    others = around("enterprise", [[KM, 0]], industry=["煤炭"])
    found = CRITERIA[criterion].measure(here_and_nowhere, others, PARAMS)
    assert found[0] == 0
    assert np.isnan(found[1])
    unstated = around("enterprise", [[KM, 0]], industry=[""])
    assert np.isnan(CRITERIA[criterion].measure(here_and_nowhere, unstated, PARAMS)).all()


def test_an_offshore_substation_connects_nobody():
    world = around(
        "infrastructure", [[KM, 0], [5 * KM, 0]], kind=["变电站", "变电站"], county_code=["outside", "320904"]
    )
    assert CRITERIA["substation_km"].measure(ORIGIN, world, PARAMS).tolist() == [5.0]


def test_a_stated_park_comes_before_the_one_it_lies_in():
    world = outlined(
        "park", [shapely.box(-KM, -KM, KM, KM), shapely.box(5 * KM, 0, 6 * KM, KM)], level=["省级", "国家级"]
    )
    stated = Sites(np.zeros((3, 2)), np.zeros(3), park=np.array([1, -1, 0]))
    assert CRITERIA["park_level"].measure(stated, world, PARAMS).tolist() == [3.0, 2.0, 2.0]


def test_the_accuracy_of_both_ends_adds_in_squares():
    world = around("infrastructure", [[3 * KM, 4 * KM]], kind=["变电站"])
    rough = Places(world.places("infrastructure").xy, np.array(["站"], object), np.array([4000.0]),
                   {"kind": np.array(["变电站"], object)})  # fmt: skip
    sites = Sites(np.zeros((1, 2)), np.array([3000.0]))
    chosen = CRITERIA["substation_km"]
    assert uncertainty(chosen, sites, World({"infrastructure": rough}), PARAMS).tolist() == [5.0]
    assert uncertainty(CRITERIA["area_mu"], sites, World(), PARAMS).tolist() == [0.0]


AREA = Column("面积", [50.0, 80.0, None, float("nan")], "亩", str)


@pytest.mark.parametrize(
    ("op", "value", "out"),
    [(">=", 80, [0, 2, 3]), (">", 80, [0, 1, 2, 3]), ("<=", 50, [1, 2, 3]), ("<", 50, [0, 1, 2, 3]),
     ("=", 50, [1, 2, 3]), ("<>", 50, [0, 2, 3])],
)  # fmt: skip
def test_limits_on_numbers_and_what_is_unknown_is_out(op, value, out):
    assert [b.site for b in breaches(0, op, value, AREA)] == out


def test_a_breach_says_by_how_much_and_what_would_admit():
    first = breaches(0, ">=", 80, AREA)[0]
    assert (first.found, first.short) == (50.0, 30.0)
    assert first.change == "把“面积”改为不低于 50.0亩"
    assert breaches(0, ">=", 50.0, AREA)[0].change == "补上“面积”的资料"  # what the change says does admit
    strict = breaches(0, "<", 50, AREA)[0].change
    assert strict == "把“面积”改为不超过 50.0亩"
    assert 0 not in [b.site for b in breaches(0, "<=", 50.0, AREA)]


def test_limits_on_terms_lists_and_dates():
    uses = Column("用地", ["工业用地", "科研用地", None])
    assert [b.site for b in breaches(0, "in", ["工业用地"], uses)] == [1, 2]
    assert [b.site for b in breaches(0, "not_in", "工业用地", uses)] == [0, 2]
    lists = Column("准入", [["汽车", "机械"], ["食品"], []])
    assert [b.site for b in breaches(0, "in", ["汽车", "化工"], lists)] == [1, 2]
    dates = Column("交付", ["2026-05-01", "2027-08-01"])
    assert [b.site for b in breaches(0, "<=", "2027-06-30", dates)] == [1]
    with pytest.raises(InputError):
        breaches(0, "<=", 3, dates)


@pytest.mark.parametrize(("op", "value"), [("~", 3), (">=", None), (">=", [1]), ("in", []), ("outside", "")])
def test_limits_that_make_no_sense_are_refused(op, value):
    with pytest.raises(InputError):
        check_operator(op, value, "面积")


def test_the_limit_that_empties_a_brief_is_named():
    area, price = Column("面积", [10.0, 90.0]), Column("价格", [5.0, 30.0])
    both = breaches(0, ">=", 50, area) + breaches(1, "<=", 20, price)
    answer = emptied_by(2, 2, both)
    assert (answer.limit, answer.alone, answer.without) == (1, False, 1)
    alone = breaches(0, ">=", 5, area) + breaches(1, "<=", 1, price)
    assert (emptied_by(2, 2, alone).limit, emptied_by(2, 2, alone).alone) == (1, True)
    assert emptied_by(2, 1, breaches(0, ">=", 50, area)) is None
    assert emptied_by(0, 1, []) is None


def test_touching_is_intersecting():
    pairs = intersecting(
        [shapely.box(0, 0, 1, 1), None, shapely.box(5, 5, 6, 6)], [shapely.box(1, 1, 2, 2), shapely.Polygon()]
    )
    assert (pairs.site.tolist(), pairs.area.tolist()) == ([0], [0])
