"""Rows as PostgreSQL's binary COPY takes them: columns encoded as arrays, then put together row by row at once."""

from __future__ import annotations

import datetime as dt
import json
import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import shapely

from geo._jit import jit
from layers.store.columns import arrow_of, as_plain, coordinates

HEADER = b"PGCOPY\n\xff\r\n\x00" + struct.pack(">ii", 0, 0)
TRAILER = struct.pack(">h", -1)
PIECE = 5_000
_EPOCH = np.datetime64(dt.date(2000, 1, 1), "D")
_TEXT_OID = 25
_HAS_SRID, _POINT = 0x20000000, 1

Bytes = npt.NDArray[np.uint8]
Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]
Objects = npt.NDArray[np.object_]


@dataclass(frozen=True)
class Packed:
    """One column: the values that are there one after the other, where each begins, and which rows have none.

    ``starts`` has one more entry than there are rows; a missing value is zero bytes long. ``version``: before each
    value comes the byte that says which form of jsonb follows.
    """

    payload: Bytes
    starts: Ints
    missing: Flags
    version: bool = False


@jit
def _put(out, at, payload, starts, missing, version):  # type: ignore[no-untyped-def]
    """Write one column into its rows, each value after its length; ``at`` moves on in each row."""
    for i in range(len(missing)):
        k = at[i]
        if missing[i]:
            out[k] = out[k + 1] = out[k + 2] = out[k + 3] = 255
            at[i] = k + 4
            continue
        first, last = starts[i], starts[i + 1]
        n = last - first + version
        out[k] = (n >> 24) & 255
        out[k + 1] = (n >> 16) & 255
        out[k + 2] = (n >> 8) & 255
        out[k + 3] = n & 255
        k += 4
        if version:
            out[k] = 1
            k += 1
        for j in range(first, last):
            out[k] = payload[j]
            k += 1
        at[i] = k


def binary_rows(frame: pd.DataFrame, kinds: dict[str, str], srids: dict[str, int]) -> Iterator[bytes]:
    """Yield a frame as binary COPY, some thousands of rows at a time.

    Parameters
    ----------
    frame : DataFrame
        Rows; a cell that is None, NaN or NaT is null.
    kinds : dict of column -> PostgreSQL type
        In the order of the table's columns; every one is in the frame.
    srids : dict of geometry column -> SRID
        Shapely geometries, after the columns of ``kinds``.
    """
    yield HEADER
    for start in range(0, len(frame), PIECE):
        piece = frame.iloc[start : start + PIECE]
        columns = [_pack_column(piece[name], kind) for name, kind in kinds.items()]
        columns += [_pack_shapes(piece[name], srid) for name, srid in srids.items()]
        yield _joined(columns, len(piece))
    yield TRAILER


def _joined(columns: list[Packed], n: int) -> bytes:
    sizes = np.full(n, 2 + 4 * len(columns), dtype=np.int64)
    for column in columns:
        sizes += np.diff(column.starts)
        if column.version:
            sizes += ~column.missing
    ends = np.cumsum(sizes)
    at = ends - sizes
    out = np.empty(int(ends[-1]) if n else 0, dtype=np.uint8)
    out[at], out[at + 1] = len(columns) >> 8, len(columns) & 255
    at += 2
    for column in columns:
        _put(out, at, column.payload, column.starts, column.missing, column.version)
    return out.tobytes()


def _pack_column(series: pd.Series[Any], kind: str) -> Packed:
    values = arrow_of(series)
    if values is None or kind == "text[]":
        return pack(as_plain(series.to_frame()).iloc[:, 0].to_numpy(), kind)
    missing = values.is_null().to_numpy(zero_copy_only=False)
    if kind in ("text", "jsonb"):
        return _arrow_texts(values, missing, version=kind == "jsonb")
    plain = {"date": pa.int32(), "boolean": pa.uint8()}.get(kind, values.type)
    made = values.cast(plain).fill_null(0).to_numpy(zero_copy_only=False)
    if kind == "date":
        made = made - int(_EPOCH.astype(np.int64))
    return _of_fixed(made.astype(_FIXED[kind][0]), missing)


def _arrow_texts(values: Any, missing: Flags, *, version: bool) -> Packed:
    _, offsets, data = values.buffers()
    at = np.frombuffer(offsets, np.int32)[values.offset : values.offset + len(values) + 1].astype(np.int64)
    payload = np.zeros(0, np.uint8) if data is None else np.frombuffer(data, np.uint8)[at[0] : at[-1]]
    if not payload.all():  # a byte that no text has
        return pack(values.to_numpy(zero_copy_only=False), "jsonb" if version else "text")
    return Packed(payload, at - at[0], missing, version)


def _pack_shapes(series: pd.Series[Any], srid: int) -> Packed:
    points = arrow_of(series)
    if points is None:
        return pack_geometry(series.to_numpy(dtype=object), srid)
    missing = points.is_null().to_numpy(zero_copy_only=False)
    return _pack_points(*coordinates(points.drop_null()), missing, srid)


def pack(values: Objects, kind: str) -> Packed:
    """Encode one column of a PostgreSQL type."""
    missing = np.asarray(pd.isna(values), dtype=bool)
    fixed = _FIXED.get(kind)
    if fixed is not None:
        made = np.zeros(len(values), dtype=fixed[0])
        if not missing.all():
            made[~missing] = fixed[1](values[~missing])
        return _of_fixed(made, missing)
    if kind == "text":
        return _texts(values, missing)
    return _each(values, missing, _array if kind == "text[]" else _json)


def _of_fixed(made: npt.NDArray[Any], missing: Flags) -> Packed:
    width = made.dtype.itemsize
    payload = np.ascontiguousarray(made[~missing]).view(np.uint8).reshape(-1)
    return Packed(payload, _starts(np.where(missing, 0, width)), missing)


def _starts(lengths: npt.NDArray[Any]) -> Ints:
    starts = np.zeros(len(lengths) + 1, dtype=np.int64)
    np.cumsum(lengths, out=starts[1:])
    return starts


def _texts(values: Objects, missing: Flags) -> Packed:
    """Join the texts with a byte that no text has, encode them once, and find where each ends."""
    cells = values[~missing].tolist()
    try:
        joined = "\0".join(cells)
    except TypeError:
        cells = [v if isinstance(v, str) else str(v) for v in cells]
        joined = "\0".join(cells)
    if joined.count("\0") != max(len(cells) - 1, 0):
        joined = "\0".join(c.replace("\0", "") for c in cells)
    data = np.frombuffer(bytearray(joined.encode("utf-8", "replace")), dtype=np.uint8)
    breaks = np.flatnonzero(data == 0)
    lengths = np.zeros(len(values), dtype=np.int64)
    if cells:
        lengths[~missing] = np.diff(np.r_[-1, breaks, len(data)]) - 1
    return Packed(data[data != 0], _starts(lengths), missing)


def _each(values: Objects, missing: Flags, encode: Callable[[Any], bytes]) -> Packed:
    """Encode value by value, equal neighbours once."""
    known: dict[Any, bytes] = {}
    parts: list[bytes] = []
    for value in values[~missing].tolist():
        mark = value if isinstance(value, str | tuple) else None
        made = known.get(mark) if mark is not None else None
        if made is None:
            made = encode(value)
            if mark is not None:
                known[mark] = made
        parts.append(made)
    lengths = np.zeros(len(values), dtype=np.int64)
    lengths[~missing] = np.fromiter(map(len, parts), dtype=np.int64, count=len(parts))
    return Packed(np.frombuffer(bytearray(b"".join(parts)), dtype=np.uint8), _starts(lengths), missing)


def _json(value: Any) -> bytes:
    """Encode jsonb: its version, then the text; a text is JSON already."""
    if isinstance(value, str):
        return b"\x01" + value.encode()
    if not value:
        return b"\x01{}" if isinstance(value, dict) else b"\x01[]"
    return b"\x01" + json.dumps(value, ensure_ascii=False, sort_keys=True, default=str).encode("utf-8", "replace")


def _array(value: Any) -> bytes:
    """Encode text[]: dimensions, no nulls, the type of its elements, then each with its length."""
    cells = [str(v).encode("utf-8", "replace") for v in value]
    if not cells:
        return struct.pack(">iii", 0, 0, _TEXT_OID)
    head = struct.pack(">iiiii", 1, 0, _TEXT_OID, len(cells), 1)
    return head + b"".join(struct.pack(">i", len(c)) + c for c in cells)


def pack_geometry(shapes: Objects, srid: int) -> Packed:
    """Encode shapes as EWKB; points, the usual case, all at once."""
    shapes = shapes.copy()
    shapes[pd.isna(shapes)] = None
    missing = np.asarray(shapely.is_missing(shapes), dtype=bool)
    there = shapes[~missing]
    plain = not len(there) or bool(
        (shapely.get_type_id(there) == 0).all() and not shapely.is_empty(there).any() and not shapely.has_z(there).any()
    )
    if plain:
        return _pack_points(shapely.get_x(there), shapely.get_y(there), missing, srid)
    parts = list(shapely.to_wkb(shapely.set_srid(there, srid), include_srid=True))
    lengths = np.zeros(len(shapes), dtype=np.int64)
    lengths[~missing] = np.fromiter(map(len, parts), dtype=np.int64, count=len(parts))
    return Packed(np.frombuffer(bytearray(b"".join(parts)), dtype=np.uint8), _starts(lengths), missing)


def _pack_points(x: Any, y: Any, missing: Flags, srid: int) -> Packed:
    made = np.empty(len(x), dtype=[("order", "u1"), ("type", "<u4"), ("srid", "<u4"), ("x", "<f8"), ("y", "<f8")])
    made["order"], made["type"], made["srid"] = 1, _POINT | _HAS_SRID, srid
    made["x"], made["y"] = x, y
    return Packed(made.view(np.uint8).reshape(-1), _starts(np.where(missing, 0, made.dtype.itemsize)), missing)


def _days(values: Objects) -> npt.NDArray[Any]:
    days: npt.NDArray[Any] = (values.astype("datetime64[D]") - _EPOCH).astype(np.int64)
    return days


_FIXED: dict[str, tuple[str, Callable[[Objects], Any]]] = {
    "boolean": ("u1", lambda v: v.astype(bool)),
    "smallint": (">i2", lambda v: v.astype(np.int64)),
    "integer": (">i4", lambda v: v.astype(np.int64)),
    "bigint": (">i8", lambda v: v.astype(np.int64)),
    "double precision": (">f8", lambda v: v.astype(np.float64)),
    "date": (">i4", _days),
}
