"""Columns of text in Arrow's form, and what can be said of all their cells at once.

A cell that has the plain form of what its column holds is read in bulk; only the others go to the parsers. What
a parser makes of a plain cell and what is made of it here are the same.
"""

from __future__ import annotations

import functools
import os
from collections.abc import Callable, Hashable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, TypeAlias, TypeVar

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from etl import _bulk
from etl._bulk import CONTROL, DASH, DIGIT, DOT, HAN, NO_DAY, OTHER, SPACE, UPPER, WIDE

Objects = npt.NDArray[np.object_]
Flags = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.int64]
Array: TypeAlias = Any  # a pyarrow array
T = TypeVar("T")

_EXACT = 2**53  # up to here every whole number is a float
_CHARACTERS = 0x110000
_PART = 100_000  # cells that are worth a thread


@dataclass(frozen=True)
class Look:
    """What characters the cells of a column have, cell by cell; ``first`` and ``last`` are -1 for an empty one."""

    kinds: npt.NDArray[np.uint16]
    first: npt.NDArray[np.int32]
    last: npt.NDArray[np.int32]

    def has(self, kinds: int) -> Flags:
        """Which cells have a character of one of some kinds."""
        found: Flags = (self.kinds & np.uint16(kinds)) != 0
        return found

    def only(self, kinds: int) -> Flags:
        """Which cells are not empty and have characters of some kinds only."""
        found: Flags = ((self.kinds & ~np.uint16(kinds)) == 0) & (self.kinds != 0)
        return found


_LAST_SPACE = 0x3000  # the ideographic one


@functools.cache
def spaces() -> Flags:
    """Return which characters ``str.strip`` takes away."""
    table = np.zeros(_CHARACTERS, bool)
    table[[i for i in range(_LAST_SPACE + 1) if chr(i).isspace()]] = True
    return table


def one_of(characters: str) -> Flags:
    """Return a table of characters, to look the first or last ones up in; -1, nothing, is none of them."""
    table = np.zeros(_CHARACTERS, bool)
    table[[ord(c) for c in characters]] = True
    return table


def text_array(cells: Sequence[str | None] | Objects) -> Array:
    """Return texts as an Arrow array; half a surrogate pair, which is no character, becomes U+FFFD."""
    try:
        return pa.array(cells, pa.string())
    except UnicodeEncodeError:
        whole = [None if c is None else c.encode("utf-16", "surrogatepass").decode("utf-16", "replace") for c in cells]
        return pa.array(whole, pa.string())


def buffers(texts: Array) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.int32]]:
    """Return the bytes of an Arrow array of texts, and where each cell begins and the last ends."""
    _, offsets, data = texts.buffers()
    if offsets is None or not len(texts):
        return np.zeros(0, np.uint8), np.zeros(len(texts) + 1, np.int32)
    at = np.frombuffer(offsets, np.int32)[texts.offset : texts.offset + len(texts) + 1]
    return (np.zeros(0, np.uint8) if data is None else np.frombuffer(data, np.uint8)), at


def missing(values: Array) -> Flags:
    """Return which values of an Arrow array are null."""
    if not values.null_count:
        return np.zeros(len(values), bool)
    found: Flags = values.is_null().to_numpy(zero_copy_only=False)
    return found


def look_at(texts: Array) -> Look:
    """Look at the characters of every cell."""
    n = len(texts)
    look = Look(np.zeros(n, np.uint16), np.full(n, -1, np.int32), np.full(n, -1, np.int32))

    def scan(part: Array, at: slice) -> None:
        _bulk.scan(*buffers(part), _bulk.ASCII_KINDS, look.kinds[at], look.first[at], look.last[at])

    in_parts(texts, scan)
    return look


def in_parts(texts: Array, work: Callable[[Array, slice], T]) -> list[T]:
    """Do what does not hold the GIL with a column, a long one's parts side by side; in the order of the parts."""
    n = len(texts)
    count = max(min(os.cpu_count() or 1, n // _PART), 1)
    places = [slice(n * i // count, n * (i + 1) // count) for i in range(count)]
    if count == 1:
        return [work(texts, places[0])]
    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(lambda at: work(texts.slice(at.start, at.stop - at.start), at), places))


def holds(texts: Array, pattern: str, *, plain: bool = False) -> Flags:
    """Return which cells have a pattern somewhere; a null has none. ``plain``: the pattern is a text."""
    find = pc.match_substring if plain else pc.match_substring_regex
    return np.concatenate(
        in_parts(texts, lambda part, _: find(part, pattern).fill_null(False).to_numpy(zero_copy_only=False))
    )


def is_stripped(look: Look) -> Flags:
    """Which cells neither begin nor end with a space, and are not empty."""
    return (look.first >= 0) & ~spaces()[look.first] & ~spaces()[look.last]


def says_something(look: Look) -> Flags:
    """Which cells surely say something: a dash, N/A, null and the like have neither a digit nor a Han character."""
    return look.has(DIGIT | HAN)


def plain_texts(look: Look) -> Flags:
    """Which cells are a text as it is stored."""
    return is_stripped(look) & says_something(look)


def plain_names(look: Look) -> Flags:
    """Which cells are a name as it is stored: no space anywhere."""
    return says_something(look) & ~look.has(SPACE | CONTROL | OTHER)


def plain_keys(look: Look) -> Flags:
    """Which names are their own key: half-width, no spaces, no brackets, upper case."""
    return look.only(HAN | DIGIT | UPPER | DOT | DASH)


def is_simple(look: Look) -> Flags:
    """Which cells stay as they are when they are brought to half-width forms, but for spaces."""
    return ~look.has(CONTROL | WIDE | OTHER)


@dataclass(frozen=True)
class Decimals:
    """Plain decimals: ``number`` over ten to the ``scale``; ``good`` says which cells are one."""

    number: Ints
    scale: npt.NDArray[np.int64]
    good: Flags


def decimals(texts: Array) -> Decimals:
    """Read the plain decimals of a column, exactly."""
    number, scale = np.zeros(len(texts), np.int64), np.full(len(texts), -1, np.int64)
    _bulk.decimals(*buffers(texts), number, scale)
    good = (scale >= 0) & (np.abs(number) < _EXACT)
    return Decimals(number, np.maximum(scale, 0), good)


def floats(found: Decimals) -> npt.NDArray[np.float64]:
    """Return good decimals as ``float`` reads them: both numbers are exact, so their quotient is rounded once."""
    made: npt.NDArray[np.float64] = found.number / np.power(10.0, found.scale)
    return made


def days(texts: Array) -> tuple[npt.NDArray[np.int32], Flags]:
    """Return the plain dates of a column as days since 1970, and which cells are one."""
    out = np.full(len(texts), NO_DAY, np.int32)
    _bulk.days(*buffers(texts), out)
    return out, out != NO_DAY


def credit_codes(texts: Array) -> Flags:
    """Which cells are a 统一社会信用代码 as it is stored."""
    out = np.zeros(len(texts), bool)
    _bulk.credit_codes(*buffers(texts), _bulk.CREDIT_VALUES, _bulk.CREDIT_WEIGHTS, out)
    return out


def project_codes(texts: Array) -> Flags:
    """Which cells are a 项目代码 as it is stored."""
    out = np.zeros(len(texts), bool)
    _bulk.project_codes(*buffers(texts), out)
    return out


def repeated(texts: Array, look: Flags | None = None) -> Flags:
    """Which rows have a text that another row has too; of ``look`` only. Next to never one too many, never one too few.

    A null is the empty text.
    """
    n = len(texts)
    numbers, out = np.zeros(n, np.uint64), np.zeros(n, bool)
    _bulk.hashes(*buffers(texts), numbers)
    size = 1 << max(int(2 * n - 1).bit_length(), 4)
    rows = np.ones(n, bool) if look is None else look
    _bulk.repeated(numbers, rows, np.zeros(size, np.uint64), np.full(size, -1, np.int64), out)
    return out


def as_objects(values: Array) -> Objects:
    """Return an Arrow array's values as Python objects, lists as tuples."""
    listed = values.to_pylist()
    if pa.types.is_list(values.type):
        listed = [None if v is None else tuple(v) for v in listed]
    return np.fromiter(listed, dtype=object, count=len(listed))


def replaced(texts: Array, rows: Flags, instead: Sequence[str | None] | Array) -> Array:
    """Return texts with those of some rows replaced, in order."""
    if not rows.any():
        return texts
    new = instead if isinstance(instead, pa.Array) else text_array(instead)
    return pc.replace_with_mask(texts, pa.array(rows), new)


def each(texts: Array, make: Callable[[str], T]) -> list[T]:
    """Return what is made of each text, each different one once."""
    listed = texts.to_pylist()
    known = {text: make(text) for text in set(listed)}
    return [known[text] for text in listed]


def mapped(texts: Array, good: Flags, make: Callable[[str], str], source: Array | None = None) -> Array:
    """Return texts with those that are not ``good`` replaced by what is made of them, or of others in their place."""
    rest = ~good
    given = texts if source is None else source
    return replaced(texts, rest, each(given.filter(pa.array(rest)), make)) if rest.any() else texts


def groups(columns: Sequence[npt.NDArray[Any]]) -> tuple[Ints, Ints]:
    """Group rows that are equal in all columns, of whole numbers or texts.

    Returns
    -------
    first : ndarray of int64
        The first row of each group, ascending.
    of : ndarray of int64, (n,)
        Each row's group.
    """
    joined = np.zeros(len(columns[0]), np.int64)
    for column in columns:
        codes, distinct = pd.factorize(column)
        joined = pd.factorize(joined * len(distinct) + codes)[0] if len(distinct) > 1 else joined
    of, distinct = pd.factorize(joined)
    first = np.full(len(distinct), len(joined), np.int64)
    np.minimum.at(first, of, np.arange(len(joined)))
    return first, of.astype(np.int64)


class Grouped(Sequence[T]):
    """One value per row where many rows have the same one: the different ones, and which of them each row has."""

    def __init__(self, values: Sequence[T], of: Ints) -> None:
        self.values, self.of = values, of

    def __len__(self) -> int:
        return len(self.of)

    def __getitem__(self, row: Any) -> Any:
        return self.values[self.of[row]]

    def texts(self, read: Callable[[T], str | None], rows: Ints | None = None) -> Array:
        """Return a text of each row's value, of some rows or all, as an Arrow array."""
        return text_array([read(v) for v in self.values]).take(pa.array(self.of if rows is None else self.of[rows]))

    def where(self, test: Callable[[T], bool]) -> Flags:
        """Return the rows whose value passes a test."""
        found: Flags = np.array([test(v) for v in self.values], bool)[self.of]
        return found


def codes_of(values: Sequence[Hashable]) -> Ints:
    """Return a number for each value, the same for equal ones."""
    known: dict[Hashable, int] = {}
    return np.fromiter((known.setdefault(v, len(known)) for v in values), np.int64, len(values))
