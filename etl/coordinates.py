"""The coordinates of a file as numbers: two columns, one cell with a pair, degrees and minutes, or shapes."""

from __future__ import annotations

import dataclasses
import re
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import shapely

from etl.clean import Cleaned
from etl.fault import Fault
from etl.parse_angle import parse_coordinate, parse_pair
from etl.parse_text import header_key
from etl.table import Column
from etl.texts import Array, decimals, floats

Floats = npt.NDArray[np.float64]
_SRID = re.compile(r"^\s*SRID=\d+;", re.IGNORECASE)
_SHAPE = re.compile(
    r'^\s*(SRID=\d+;\s*)?(MULTI)?(POINT|LINESTRING|POLYGON)\b|^\s*\{\s*"(type|coordinates)"', re.IGNORECASE
)
_PAIRS = (("lon", "lat"), ("easting", "northing"), ("x", "y"))


@dataclass
class Coordinates:
    """A file's coordinates in its own order.

    Attributes
    ----------
    x, y : ndarray, (n,)
        First and second coordinate, NaN where there is none.
    text : tuple of (cells, cells) or None
        What stood in the two columns, or in the one and nothing; None for shapes.
    headers : tuple of str
        The columns they came from; empty for shapes.
    ordered : bool
        The headers say which is the longitude or easting.
    shapes : bool
        They are the first vertex of the file's own shapes.
    """

    x: Floats
    y: Floats
    text: tuple[Array, Array] | None = None
    headers: tuple[str, ...] = ()
    ordered: bool = False
    shapes: bool = False


def _holds_shapes(column: Column) -> bool:
    """Whether a column named geometry holds shapes in words, as a table of GeoPandas does."""
    if header_key(column.header) not in ("geom", "geometry"):
        return False
    first = np.flatnonzero(~column.missing)[:1].tolist()
    return bool(first) and _SHAPE.match(column.at(first[0]) or "") is not None


def with_written_shapes(cleaned: Cleaned) -> Cleaned:
    """Take shapes written as WKT in a column for the file's own, where it has none."""
    table = cleaned.table
    column = cleaned.roles.get("wkt")
    if column is None and not {"lon", "lat", "x", "y", "easting", "northing", "pair"} & set(cleaned.roles):
        column = next((c for c in table.columns if _holds_shapes(c)), None)
    if column is None or (table.geometry is not None and not shapely.is_missing(table.geometry).all()):
        return cleaned
    if column.missing.all():
        return cleaned
    shapes = np.empty(len(column.cells), dtype=object)
    for i, cell in enumerate(column.cells):
        if cell is not None:
            read = shapely.from_geojson if cell.lstrip().startswith("{") else shapely.from_wkt
            made = read(_SRID.sub("", cell), on_invalid="ignore")
            shapes[i] = shapely.Point() if made is None else made  # unreadable: empty, so that the row is reported
    cleaned.table = dataclasses.replace(table, geometry=shapes)
    return cleaned


def read_coordinates(cleaned: Cleaned) -> Coordinates:
    """Return the file's coordinates; cells that cannot be read become issues and stay in ``extra``."""
    n = len(cleaned.table)
    shapes = cleaned.table.geometry
    if shapes is not None and not shapely.is_missing(shapes).all():
        return _of_shapes(shapes, n)
    for first, second in _PAIRS:
        if first in cleaned.roles and second in cleaned.roles:
            return _of_columns(cleaned, cleaned.roles[first], cleaned.roles[second], ordered=first != "x")
    if "pair" in cleaned.roles:
        return _of_pair(cleaned, cleaned.roles["pair"])
    return Coordinates(np.full(n, np.nan), np.full(n, np.nan))


def _of_shapes(shapes: npt.NDArray[np.object_], n: int) -> Coordinates:
    """Two vertices would do for size; all are needed for nothing: the first of each shape."""
    x, y = np.full(n, np.nan), np.full(n, np.nan)
    usable = ~shapely.is_missing(shapes) & ~shapely.is_empty(shapes)
    coords, owner = shapely.get_coordinates(shapes[usable], return_index=True)
    if len(coords):
        first = np.r_[True, owner[1:] != owner[:-1]]
        x[np.flatnonzero(usable)[owner[first]]], y[np.flatnonzero(usable)[owner[first]]] = coords[first].T
    return Coordinates(x, y, shapes=True)


def _numbers(cleaned: Cleaned, column: Column) -> Floats:
    """Read a column of numbers: plain decimals all at once, all other cells one by one."""
    found = decimals(column.texts)
    out = np.where(found.good, floats(found), np.nan)
    for i in np.flatnonzero(~(found.good | column.missing)).tolist():
        cell = str(column.at(i))
        try:
            out[i] = float(cell)
            if np.isfinite(out[i]):
                continue
            out[i] = np.nan
        except ValueError:
            pass
        value = parse_coordinate(cell)
        if isinstance(value, Fault):
            cleaned.log.add(value.type, i, column.header, cell)
            cleaned.extra[i][column.header] = cell
        elif value is not None:
            out[i] = value
    return out


def _of_columns(cleaned: Cleaned, first: Column, second: Column, *, ordered: bool) -> Coordinates:
    x, y = _numbers(cleaned, first), _numbers(cleaned, second)
    for i in np.flatnonzero(np.isfinite(x) != np.isfinite(y)).tolist():
        here, there = (first, second) if np.isfinite(x[i]) else (second, first)
        if there.header not in cleaned.extra[i]:  # else it was there and could not be read, which is said already
            cleaned.log.add("coordinate_incomplete", i, here.header, here.at(i))
        cleaned.extra[i][here.header] = str(here.at(i))
        x[i] = y[i] = np.nan
    return Coordinates(x, y, (first.texts, second.texts), (first.header, second.header), ordered)


def _is_latitude_first(a: float, b: float) -> bool:
    """Whether degrees stand latitude first: in China the longitude is always above 72 and the latitude below 55."""
    return 0 < a < 55 and 72 < b <= 180


def _of_pair(cleaned: Cleaned, column: Column) -> Coordinates:
    n = len(column.cells)
    x, y = np.full(n, np.nan), np.full(n, np.nan)
    for i, cell in enumerate(column.cells):
        if cell is None:
            continue
        pair = parse_pair(cell)
        if isinstance(pair, Fault):
            cleaned.log.add(pair.type, i, column.header, cell)
            cleaned.extra[i][column.header] = cell
        elif pair is not None:
            x[i], y[i] = pair[::-1] if _is_latitude_first(*pair) else pair
    return Coordinates(x, y, (column.texts, pa.repeat("", n)), (column.header,))
