"""Road distances on a trunk network, with the way to and from it stated apart.

The shipped graph has trunk roads only: a place in the city is some 5 km from its nearest node. A distance is
therefore access leg + network + egress leg, the legs being straight lines times a stated detour factor. Where
the destination is nearer than the network, or the network does not lead there, the whole way is a straight line
times that factor, and says so.
"""

from __future__ import annotations

import functools
import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra
from scipy.spatial import cKDTree

from geo.errors import InputError

DETOUR = 1.3
#: How many nodes round a place are tried as the way onto the network.
NEAREST_NODES = 4

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class RoadTable:
    """The way to the nearest of some destinations, one row per place.

    Attributes
    ----------
    total_m, access_m, network_m, egress_m : ndarray, (n,)
        Metres; the total is the sum of the three. Legs have the detour factor in them. NaN without a place or
        a destination.
    target : ndarray of int, (n,)
        Which destination; -1 none.
    node : ndarray of int, (n,)
        Where the network is entered; -1 for a straight line.
    """

    total_m: Floats
    access_m: Floats
    network_m: Floats
    egress_m: Floats
    target: Ints
    node: Ints

    @property
    def is_straight(self) -> Bools:
        """Whether the way is a straight line with the detour factor."""
        return np.asarray((self.target >= 0) & (self.node < 0), np.bool_)


@dataclass(frozen=True, eq=False)
class RoadGraph:
    """An undirected graph of road nodes.

    Attributes
    ----------
    xy : ndarray, (k, 2)
        Nodes, metres in EPSG:4549.
    lonlat : ndarray, (k, 2)
        The same in degrees, for drawing.
    lengths : csr_array, (k, k)
        Metres of the edge between two nodes, both ways.
    shortcuts : frozenset of (int, int)
        Edges that are straight links: driven over, not drawn as road.
    """

    xy: Floats
    lonlat: Floats
    lengths: csr_array
    shortcuts: frozenset[tuple[int, int]] = frozenset()

    @classmethod
    def build(
        cls, ends: npt.ArrayLike, xy: npt.ArrayLike, lengths_m: npt.ArrayLike, shortcut: npt.ArrayLike | None = None
    ) -> RoadGraph:
        """Join edges into a graph.

        Parameters
        ----------
        ends : array_like, (e, 2, 2)
            Both ends of each edge, degrees; equal pairs are one node.
        xy : array_like, (e, 2, 2)
            The same in EPSG:4549 metres.
        lengths_m : array_like, (e,)
            Above 0. Of parallel edges the shortest counts.
        shortcut : array_like of bool, (e,), optional
            Edges that are not drawn.

        Raises
        ------
        InputError
            A length that is not above 0.
        """
        degrees, metres = np.asarray(ends, np.float64), np.asarray(xy, np.float64)
        length = np.asarray(lengths_m, np.float64)
        if not (np.isfinite(length) & (length > 0)).all():
            raise InputError("路网里有长度不大于 0 的边，", "请检查路网数据的 length。")
        flat = degrees.reshape(-1, 2)
        lonlat, index, inverse = np.unique(flat, axis=0, return_index=True, return_inverse=True)
        pairs = np.sort(inverse.reshape(-1, 2), axis=1)
        order = np.lexsort((length, pairs[:, 1], pairs[:, 0]))
        pairs, length = pairs[order], length[order]
        first = np.r_[True, (pairs[1:] != pairs[:-1]).any(axis=1)][: len(pairs)] & (pairs[:, 0] != pairs[:, 1])
        links = np.zeros(len(order), np.bool_) if shortcut is None else np.asarray(shortcut, np.bool_)[order]
        pairs, length, links = pairs[first], length[first], links[first]
        a, b = pairs[:, 0], pairs[:, 1]
        n = len(lonlat)
        table = csr_array((np.r_[length, length], (np.r_[a, b], np.r_[b, a])), shape=(n, n))
        return cls(metres.reshape(-1, 2)[index], lonlat, table, frozenset(map(tuple, pairs[links].tolist())))

    def near(self, places: npt.ArrayLike) -> tuple[Floats, Ints]:
        """Return the straight metres to, and the numbers of, the nodes nearest to each place; both (n, 4 or fewer)."""
        xy = np.asarray(places, np.float64).reshape(-1, 2)
        k = min(NEAREST_NODES, len(self.xy))
        if k == 0 or len(xy) == 0:
            return np.zeros((len(xy), k)), np.zeros((len(xy), k), np.int64)
        legs, nodes = cKDTree(self.xy).query(xy, k=k, workers=-1)
        return legs.reshape(len(xy), k), nodes.reshape(len(xy), k)

    def between(self, sources: npt.ArrayLike, targets: npt.ArrayLike) -> Floats:
        """Return the shortest network distance of each pair of nodes, metres; inf where none leads there."""
        start, end = np.asarray(sources, np.int64), np.asarray(targets, np.int64)
        several, inverse = np.unique(start, return_inverse=True)
        return np.asarray(dijkstra(self.lengths, indices=several)[inverse, end], np.float64)

    def reach(self, targets: npt.ArrayLike, detour: float = DETOUR) -> Reach:
        """Find the shortest way from every node to the nearest of some destinations.

        Parameters
        ----------
        targets : array_like, (t, 2)
            Destinations, EPSG:4549 metres, none missing.
        detour : float
            Factor of the straight legs, at least 1.
        """
        if detour < 1:
            raise InputError(f"绕行系数是 {detour:g}，", "应不小于 1。", value=detour)
        goal = np.asarray(targets, np.float64).reshape(-1, 2)
        n, t = len(self.xy), len(goal)
        if t == 0 or n == 0:
            return Reach(self, goal, detour, np.full(n, np.inf), np.full(n, -1), np.full(n, -1))
        legs, nodes = self.near(goal)
        rows = np.repeat(np.arange(t) + n, legs.shape[1])
        metres = np.maximum(legs.ravel() * detour, 1e-6)  # a stored 0 would be no edge
        wide = self.lengths.tocoo()
        table = csr_array(
            (np.r_[wide.data, metres], (np.r_[wide.coords[0], rows], np.r_[wide.coords[1], nodes.ravel()])),
            shape=(n + t, n + t),
        )
        found, before, source = dijkstra(table, indices=np.arange(n, n + t), min_only=True, return_predecessors=True)
        return Reach(self, goal, detour, found[:n], before[:n].astype(np.int64), source[:n].astype(np.int64) - n)


@dataclass(frozen=True, eq=False)
class Reach:
    """Shortest ways from all nodes to the nearest destination; made by ``RoadGraph.reach``.

    ``node_m`` includes the egress leg; ``next_node`` is the next node on the way (a number past the last node
    stands for the destination); ``node_target`` is -1 or below where no way leads.
    """

    graph: RoadGraph
    targets: Floats
    detour: float
    node_m: Floats
    next_node: Ints
    node_target: Ints

    def table(self, places: npt.ArrayLike, near: tuple[Floats, Ints] | None = None) -> RoadTable:
        """Return the way from each place to the nearest destination by road.

        Parameters
        ----------
        places : array_like, (n, 2)
            EPSG:4549 metres; NaN for a place without position.
        near : optional
            What ``RoadGraph.near`` says of the places that have one, where it is known already.
        """
        xy = np.asarray(places, np.float64).reshape(-1, 2)
        n = len(xy)
        total, access, egress = np.full(n, np.nan), np.full(n, np.nan), np.full(n, np.nan)
        target, node = np.full(n, -1), np.full(n, -1)
        known = np.flatnonzero(np.isfinite(xy).all(axis=1))
        if len(known) == 0 or len(self.targets) == 0:
            return RoadTable(total, access, total.copy(), egress, target, node)
        here = xy[known]
        straight, nearest = cKDTree(self.targets).query(here, workers=-1)
        total[known], access[known], egress[known], target[known] = straight * self.detour, 0.0, 0.0, nearest
        legs, found = near if near is not None else self.graph.near(here)
        if found.shape[1]:
            whole = legs * self.detour + self.node_m[found]
            row = np.arange(len(here))
            pick = np.argmin(whole, axis=1)
            by, leg, way = found[row, pick], legs[row, pick] * self.detour, whole[row, pick]
            out = self.exit_m[by]
            # the destination is nearer than the network: nobody drives to the trunk road and back
            over = np.isfinite(way) & (leg + out < straight * self.detour)
            some = known[over]
            total[some], access[some], egress[some] = way[over], leg[over], out[over]
            target[some], node[some] = self.node_target[by[over]], by[over]
        direct = known[node[known] < 0]
        access[direct] = total[direct]
        return RoadTable(total, access, np.maximum(total - access - egress, 0.0), egress, target, node)

    @functools.cached_property
    def exit_m(self) -> Floats:
        """The egress leg, metres, at the end of the way from each node."""
        last = np.arange(len(self.next_node))
        outside = (self.next_node < 0) | (self.next_node >= len(last))
        follow = np.where(outside, last, self.next_node)
        while not (follow[follow] == follow).all():  # every step covers twice the way
            follow = follow[follow]
        return np.asarray(self.node_m[follow], np.float64)

    def path(self, node: int) -> list[int]:
        """Return the nodes from ``node`` to the one where the network is left."""
        found = [int(node)]
        while 0 <= self.next_node[found[-1]] < len(self.next_node):
            found.append(int(self.next_node[found[-1]]))
        return found

    def drawn(self, node: int) -> list[tuple[list[tuple[float, float]], bool]]:
        """Return the way from a node in pieces: coordinates in degrees, and whether the piece is a straight link."""
        nodes = self.path(node)
        pieces: list[tuple[list[tuple[float, float]], bool]] = []
        for a, b in itertools.pairwise(nodes):
            link = (min(a, b), max(a, b)) in self.graph.shortcuts
            ends: Sequence[tuple[float, float]] = [(float(x), float(y)) for x, y in self.graph.lonlat[[a, b]]]
            if pieces and pieces[-1][1] == link:
                pieces[-1][0].append(ends[1])
            else:
                pieces.append((list(ends), link))
        return pieces
