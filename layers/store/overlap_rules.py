"""剔重, pure: which records are one thing, and how often lists name it.

A record is a dict with ``id``, ``name``, ``aliases`` (text, spellings separated by 、 or ；), ``code`` (its
identity code or '') and ``lists`` (the files that named it).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import combinations
from typing import Any

from layers.store.search import normalise

Row = dict[str, Any]
_SPLIT = re.compile(r"[、；;\n]")
_COMPANY = re.compile(r"(有限责任公司|股份有限公司|有限公司|股份公司|责任公司)$")


def thing_key(name: str) -> str:
    """Return the form in which two names are one: no width, case, space, bracket, nor kind of company."""
    return _COMPANY.sub("公司", normalise(name))


def words_of(row: Row) -> set[str]:
    """Return every word that a record is known by: its names, other spellings and code."""
    names = [row["name"], *_SPLIT.split(row["aliases"] or "")]
    words = {thing_key(n) for n in names} - {""}
    return words | ({f"code {row['code']}"} if row["code"] else set())


def find_things(rows: Iterable[Row]) -> list[list[Row]]:
    """Put records that share a word together, one list per thing, ordered by their lowest id.

    Records with different identity codes are different things, whatever their names; one without a code
    goes to the lowest code among its namesakes. The order of the rows does not matter.
    """
    ordered = sorted(rows, key=lambda r: r["id"])
    parent = list(range(len(ordered)))

    def root(i: int) -> int:
        while parent[i] != i:
            parent[i] = parent[parent[i]]
            i = parent[i]
        return i

    first: dict[str, int] = {}
    for i, row in enumerate(ordered):
        for word in words_of(row):
            a, b = root(first.setdefault(word, i)), root(i)
            parent[max(a, b)] = min(a, b)
    namesakes: dict[int, list[Row]] = {}
    for i, row in enumerate(ordered):
        namesakes.setdefault(root(i), []).append(row)
    made = [thing for group in namesakes.values() for thing in _by_code(group)]
    return sorted(made, key=lambda thing: thing[0]["id"])


def _by_code(group: list[Row]) -> list[list[Row]]:
    codes = sorted({r["code"] for r in group if r["code"]})
    if len(codes) <= 1:
        return [group]
    things: dict[str, list[Row]] = {code: [] for code in codes}
    for row in group:
        things[row["code"] or codes[0]].append(row)
    return list(things.values())


def lists_of(thing: Sequence[Row]) -> list[str]:
    """Return the lists that name a thing, each once, in order."""
    return sorted({name for row in thing for name in row["lists"]})


def count_lists(things: Sequence[Sequence[Row]]) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Return each list with its records, things and things of its own, and each pair with what both name."""
    named = [lists_of(thing) for thing in things]
    lists = sorted({name for found in named for name in found})
    per_list = [
        {
            "list": name,
            "n_records": sum(name in row["lists"] for thing in things for row in thing),
            "n_things": sum(name in found for found in named),
            "n_only": sum(found == [name] for found in named),
        }
        for name in lists
    ]
    shared: dict[tuple[str, str], int] = {}
    for found in named:
        for pair in combinations(found, 2):
            shared[pair] = shared.get(pair, 0) + 1
    return per_list, [{"a": a, "b": b, "n": n} for (a, b), n in sorted(shared.items())]
