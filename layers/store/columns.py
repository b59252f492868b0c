"""Frames of Arrow columns: what the import hands over piece by piece, without a Python object per cell."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import shapely

Array: TypeAlias = Any  # a pyarrow array
Series: TypeAlias = "pd.Series[Any]"
Floats = npt.NDArray[np.float64]
OBJECT: Any = object


def columnar(columns: Mapping[str, Any]) -> pd.DataFrame:
    """Return a frame of Arrow arrays and of arrays of objects (shapes)."""
    made: dict[str, Series] = {
        name: pd.Series(values, dtype=pd.ArrowDtype(values.type) if isinstance(values, pa.Array) else OBJECT)
        for name, values in columns.items()
    }
    return pd.DataFrame(made)


def point_column(x: Floats, y: Floats) -> Array:
    """Return points as a column of coordinate pairs, null where one is not finite."""
    nowhere = ~(np.isfinite(x) & np.isfinite(y))
    return pa.StructArray.from_arrays([pa.array(x), pa.array(y)], ["x", "y"], mask=pa.array(nowhere))


def arrow_of(series: Series) -> Array | None:
    """Return a frame's column as an Arrow array, None where it is none."""
    if not isinstance(series.dtype, pd.ArrowDtype):
        return None
    values: Any = series.array
    found = values.__arrow_array__()
    return found.combine_chunks() if isinstance(found, pa.ChunkedArray) else found


def coordinates(points: Array) -> tuple[Floats, Floats]:
    """Return the coordinates of a column of points that are all there."""
    x, y = points.flatten()
    return x.to_numpy(), y.to_numpy()


def as_plain(frame: pd.DataFrame) -> pd.DataFrame:
    """Return a frame with Python objects: None for null, tuples for lists, shapely points for pairs."""
    return pd.DataFrame({name: pd.Series(_objects(frame[name]), dtype=OBJECT) for name in frame.columns})


def _objects(series: Series) -> npt.NDArray[np.object_]:
    values = arrow_of(series)
    if values is None:
        return series.to_numpy(dtype=object)
    out = np.empty(len(values), dtype=object)
    if pa.types.is_struct(values.type):
        there = values.is_valid().to_numpy(zero_copy_only=False)
        out[there] = shapely.points(*coordinates(values.drop_null()))
        return out
    listed = values.to_pylist()
    out[:] = [None if v is None else tuple(v) for v in listed] if pa.types.is_list(values.type) else listed
    return out
