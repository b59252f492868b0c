"""Ways over the shipped trunk graph against networkx, and the legs by hand."""

import itertools
import json

import networkx as nx
import numpy as np
import pytest

from geo.criteria_plane import to_degrees, to_plane
from geo.errors import InputError
from geo.network import RoadGraph
from layers.settings import ROOT
from layers.site_world import road_graph

DATA = ROOT / "data" / "shapefiles"


@pytest.fixture(scope="module")
def shipped() -> tuple[RoadGraph, nx.Graph]:
    """The graph as the product reads it, and as networkx does, straight from the file."""
    other = nx.Graph()
    for feature in json.loads((DATA / "context" / "highways_osm_scgraph.geojson").read_text("utf-8"))["features"]:
        a, b = (tuple(c) for c in feature["geometry"]["coordinates"])
        length = feature["properties"]["length"] * 1000
        if not other.has_edge(a, b) or other[a][b]["weight"] > length:
            other.add_edge(a, b, weight=length)
    return road_graph(DATA), other


def test_a_thousand_random_pairs_are_as_networkx_has_them(shipped):
    graph, other = shipped
    rng = np.random.default_rng(1)
    pairs = rng.integers(0, len(graph.xy), (1000, 2))
    pairs[:20] = np.repeat(rng.integers(0, len(graph.xy), 20)[:, None], 2, axis=1)  # from a node to itself
    ours = graph.between(pairs[:, 0], pairs[:, 1])
    names = [tuple(p) for p in graph.lonlat.tolist()]
    theirs = np.full(len(pairs), np.inf)
    for source in np.unique(pairs[:, 0]):
        found = nx.single_source_dijkstra_path_length(other, names[source])
        for i in np.flatnonzero(pairs[:, 0] == source):
            theirs[i] = found.get(names[pairs[i, 1]], np.inf)
    assert (np.isinf(ours) == np.isinf(theirs)).all()
    assert ours[np.isfinite(ours)] == pytest.approx(theirs[np.isfinite(theirs)])
    assert (ours[:20] == 0).all()


def test_the_way_to_the_nearest_of_several_is_the_best_of_them(shipped):
    graph, _ = shipped
    rng = np.random.default_rng(2)
    goals = graph.xy[rng.integers(0, len(graph.xy), 5)]
    places = graph.xy[rng.integers(0, len(graph.xy), 200)] + rng.normal(0, 3000, (200, 2))
    found = graph.reach(goals).table(places)
    assert found.total_m == pytest.approx(found.access_m + found.network_m + found.egress_m)
    legs, nodes = graph.near(places)
    ends, last = graph.near(goals)
    ways = graph.between(nodes.ravel().repeat(last.size), np.tile(last.ravel(), nodes.size))
    ways = ways.reshape(len(places), nodes.shape[1], len(goals), last.shape[1])
    best = (legs[:, :, None, None] * 1.3 + ways + ends[None, None] * 1.3).min(axis=(1, 2, 3))
    straight = np.linalg.norm(places[:, None] - goals[None], axis=2).min(axis=1) * 1.3
    assert found.total_m == pytest.approx(np.where(found.is_straight, straight, best), abs=0.01)


def test_a_path_is_as_long_as_it_says_and_links_are_told_apart(shipped):
    graph, _ = shipped
    reach = graph.reach(graph.xy[[100]])
    start = int(np.argmax(np.where(np.isfinite(reach.node_m), reach.node_m, -1)))
    nodes = reach.path(start)
    length = sum(graph.lengths[a, b] for a, b in itertools.pairwise(nodes))
    assert length == pytest.approx(reach.node_m[start], abs=0.01)
    pieces = reach.drawn(start)
    assert sum(len(c) - 1 for c, _ in pieces) == len(nodes) - 1
    assert any(link for _, link in pieces)
    assert pieces[0][0][0] == pytest.approx(tuple(graph.lonlat[start]))


def line(*lengths: float, at: float = 0.0) -> RoadGraph:
    """Nodes at x = 0, 1000, 2000 …, y = ``at``, joined by edges of these lengths in metres."""
    xy = np.array([[[1000.0 * i, at], [1000.0 * (i + 1), at]] for i in range(len(lengths))])
    return RoadGraph.build(xy / 1000, xy, lengths)


def test_both_legs_are_stated_by_hand():
    # the road runs 1 km north: on at x = 0, off at x = 50 km, each with a leg of 1000 m times 1.5
    xy = np.array([[[0.0, 1000.0], [20_000.0, 1000.0]], [[20_000.0, 1000.0], [50_000.0, 1000.0]]])
    graph = RoadGraph.build(xy / 1000, xy, [21_000, 31_000])
    found = graph.reach([[50_000.0, 2000.0]], detour=1.5).table([[0.0, 0.0]])
    assert found.access_m.tolist() == [1500.0]
    assert found.network_m == pytest.approx([52_000.0])
    assert found.egress_m == pytest.approx([1500.0])
    assert found.total_m == pytest.approx([55_000.0])
    assert not found.is_straight[0]


def test_a_destination_nearer_than_the_road_is_a_straight_line():
    found = line(1000, at=9000.0).reach([[300.0, 400.0]], detour=1.3).table([[0.0, 0.0], [np.nan, 0.0]])
    assert found.total_m[0] == pytest.approx(650.0)
    assert found.is_straight.tolist() == [True, False]
    assert np.isnan(found.total_m[1])
    assert found.target.tolist() == [0, -1]


def test_a_network_that_does_not_lead_there_is_a_straight_line():
    here, there = line(1000), line(1000, at=90_000.0)
    ends = np.concatenate([[[[0.0, 0.0], [1.0, 0.0]]], [[[0.0, 90.0], [1.0, 90.0]]]])
    both = RoadGraph.build(ends, ends * 1000, [1000, 1000])
    assert len(both.xy) == len(here.xy) + len(there.xy)
    assert np.isinf(both.between([0], [1])).any() or np.isinf(both.between([0], [3])).any()
    empty = RoadGraph.build(np.zeros((0, 2, 2)), np.zeros((0, 2, 2)), [])
    found = empty.reach([[3000.0, 4000.0]], 1.2).table([[0.0, 0.0]])
    assert found.total_m.tolist() == [6000.0]
    assert found.is_straight.tolist() == [True]


def test_nowhere_to_go():
    found = line(1000).reach(np.zeros((0, 2))).table([[0.0, 0.0]])
    assert np.isnan(found.total_m).all()
    assert found.target.tolist() == [-1]


def test_the_shortest_of_parallel_edges_counts_and_lengths_are_checked():
    xy = np.array([[[0.0, 0.0], [1.0, 0.0]], [[1.0, 0.0], [0.0, 0.0]]])
    graph = RoadGraph.build(xy, xy, [900, 700], [True, False])
    assert graph.between([0], [1]).tolist() == [700.0]
    assert graph.shortcuts == frozenset()
    for bad in (0.0, -1.0, np.nan):
        with pytest.raises(InputError):
            RoadGraph.build(xy, xy, [900, bad])
    with pytest.raises(InputError):
        graph.reach([[0.0, 0.0]], detour=0.9)


def test_the_plane_and_back():
    xy = to_plane([[120.0, 33.0], [119.5, 34.0], [np.nan, 33.0]])
    assert xy[0, 0] == pytest.approx(500_000.0, abs=1e-6)
    assert to_degrees(xy)[:2] == pytest.approx(np.array([[120.0, 33.0], [119.5, 34.0]]))
    assert np.isnan(xy[2]).all()
