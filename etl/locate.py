"""Where each row is: its shape in degrees, its county, unit and township, and how well that is known."""

from __future__ import annotations

import json
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import shapely

from etl._bulk import CONTROL, HAN, MARK, OTHER, WIDE
from etl.clean import Cleaned
from etl.coordinates import Coordinates, read_coordinates
from etl.datum import NONE, Datum, Evidence, decide
from etl.datum_evidence import datum_title
from etl.datum_words import DATUM_COLUMNS
from etl.gazetteer import Gazetteer
from etl.options import Options
from etl.parse_text import header_key
from etl.places import Declared, Locality, read_declarations, settle
from etl.shapes import Shapes, fit, to_degrees
from etl.texts import Array, Grouped, look_at, replaced
from geo.crs import CHINA, guess_projected, to_crs84
from geo.errors import InputError
from layers.registry import Catalogue
from layers.spec import Layer

Objects = npt.NDArray[np.object_]
Floats = npt.NDArray[np.float64]


@dataclass
class Located:
    """A file's rows with their places.

    Attributes
    ----------
    geom : Shapes, (n,)
        As stored, EPSG:4490 lon, lat.
    place : Shapes, (n,)
        Where the record is; differs from ``geom`` for a shape that its layer cannot hold.
    locality : sequence of Locality, (n,)
        County, unit, township and accuracy.
    shares : list of tuple
        (row, county_code, unit_code, area_m2) of polygons.
    area_m2 : ndarray, (n,)
        Of polygons; NaN for all others.
    original : dict of row -> dict
        The system a shape was taken for, and a point's pair as it came.
    pairs : tuple of (cells, cells) or None
        The cells that the points were read from, all in the system of ``datum``.
    declared : sequence of Declared, (n,)
        What each row says of its place.
    """

    datum: Datum
    geom: Shapes
    place: Shapes
    area_m2: Floats
    declared: Grouped[Declared]
    locality: Grouped[Locality] = field(default_factory=lambda: Grouped((), np.zeros(0, np.int64)))
    shares: list[tuple[int, str, str, float]] = field(default_factory=list)
    original: dict[int, dict[str, str]] = field(default_factory=dict)
    pairs: tuple[Array, Array] | None = None

    def originals(self, rows: npt.NDArray[np.int64]) -> Array:
        """Return what stays of some rows' own coordinates, as JSON texts."""
        if self.pairs is None:
            texts = [json.dumps(self.original.get(i, {}), ensure_ascii=False) for i in rows.tolist()]
            return pa.array(texts, pa.string())
        x, y = (cells.take(pa.array(rows)).fill_null("") for cells in self.pairs)
        source = self.datum.used
        made = pc.binary_join_element_wise('{"x": "', x, '", "y": "', y, f'", "source": "{source}"}}', "")
        odd = np.zeros(len(rows), bool)
        for cells in (x, y):
            look = look_at(cells)
            odd |= look.has(MARK | CONTROL | WIDE | OTHER | HAN)
        placed = self.place.there[rows]
        wrong = odd | ~placed
        instead = [
            json.dumps({"x": x[i].as_py(), "y": y[i].as_py(), "source": source}, ensure_ascii=False)
            if placed[i]
            else "{}"
            for i in np.flatnonzero(wrong).tolist()
        ]
        return replaced(made, wrong, instead)


def locate(
    cleaned: Cleaned,
    layer: Layer,
    cat: Catalogue,
    options: Options,
    gazetteer: Gazetteer,
    keys: Array,
    names: Array,
) -> Located:
    """Locate every row.

    Parameters
    ----------
    cleaned : Cleaned
        Typed rows.
    layer, cat : Layer, Catalogue
        The kind of shape, and the words of 位置精度.
    options : Options
        Datum, CRS and the policy for swapped rows.
    gazetteer : Gazetteer
        Places, areas, known features.
    keys, names : Arrow arrays of str, (n,)
        To recognise known features.

    Raises
    ------
    DatumUndecidedError
        The coordinates fit several datums; the evidence is in ``details``.
    """
    coordinates = read_coordinates(cleaned)
    declared = read_declarations(cleaned, gazetteer)
    datum = _datum(cleaned, coordinates, options, gazetteer, declared, keys, names)
    n = len(cleaned.table)
    original: dict[int, dict[str, str]] = {}
    pairs = None
    if coordinates.shapes:
        geom, place = _shapes(cleaned, layer, datum, original)
    else:
        geom = place = _points(cleaned, coordinates, datum, options)
        pairs = coordinates.text if datum.used else None
        if layer.geometry not in ("point", "any"):
            geom, place = _misfit(cleaned, place.all(), layer)
    located = Located(datum, geom, place, np.full(n, np.nan), declared, original=original, pairs=pairs)
    return settle(cleaned, layer, cat, gazetteer, declared, located)


def _datum(
    cleaned: Cleaned, coordinates: Coordinates, options: Options, gazetteer: Gazetteer,
    declared: Grouped[Declared], keys: Array, names: Array,
) -> Datum:  # fmt: skip
    if not np.isfinite(coordinates.x).any():
        return NONE
    table = cleaned.table
    words = [*coordinates.headers, *table.notes]
    for match, column in zip(cleaned.matches, table.columns, strict=True):
        if header_key(column.header) in DATUM_COLUMNS or match.header in coordinates.headers:
            words.append(column.header)
        if header_key(column.header) in DATUM_COLUMNS:
            words += sorted(c for c in pc.unique(column.texts).to_pylist() if c)[:20]
    evidence = Evidence(
        x=coordinates.x, y=coordinates.y,
        crs=table.crs if coordinates.shapes else "",
        format=table.evidence.get("format", "") if coordinates.shapes else "",
        words=tuple(words), ordered=coordinates.ordered,
        counties=declared.texts(lambda d: d.county), keys=keys, names=names,
    )  # fmt: skip
    datum = decide(evidence, options.datum, options.crs, gazetteer)
    if datum.swapped and coordinates.ordered:
        value = "、".join(f"“{h}”" for h in coordinates.headers)
        said = "经度在前" if np.nanmedian(np.abs(coordinates.x)) <= 180 else "东坐标在前"
        cleaned.log.add("columns_exchanged", None, ",".join(coordinates.headers), value, title=said)
        datum.evidence.append(f"{value}两列的数值与表头相反，已对调读入")
    elif datum.swapped and coordinates.shapes and np.nanmedian(np.abs(coordinates.y)) <= 180:
        cleaned.log.add("axes_exchanged", None, "geom", "")
        datum.evidence.append("图形坐标纬度在前，已对调读入")
    return datum


def _shapes(cleaned: Cleaned, layer: Layer, datum: Datum, original: dict[int, dict[str, str]]) -> tuple[Shapes, Shapes]:
    shapes = cleaned.table.geometry
    n = len(cleaned.table)
    geom, place = np.empty(n, dtype=object), np.empty(n, dtype=object)
    for i, shape in enumerate(shapes if shapes is not None else ()):
        if shape is None:
            continue
        if shape.is_empty:
            cleaned.log.add("geometry_unreadable", i, "geom", "")
            continue
        turned = shapely.transform(shapely.force_2d(shape), lambda c: c[:, ::-1]) if datum.swapped else shape
        try:
            degrees = to_degrees(turned, datum.used)
        except InputError as error:
            cleaned.log.add("coordinate_out_of_range", i, "geom", shapely.to_wkt(shape)[:60], expected=error.message)
            continue
        bounds = degrees.bounds
        if not (
            np.isfinite(bounds).all()
            and bounds[0] >= CHINA[0]
            and bounds[1] >= CHINA[1]
            and bounds[2] <= CHINA[2]
            and bounds[3] <= CHINA[3]
        ):
            cleaned.log.add(
                "coordinate_out_of_range", i, "geom", shapely.to_wkt(shape)[:60], expected=datum_title(datum.used)
            )
            continue
        geom[i], place[i] = fit(degrees, layer.geometry, cleaned.log, i)
        if datum.used not in ("wgs84", "cgcs2000"):
            pair = {"x": repr(shape.x), "y": repr(shape.y)} if shape.geom_type == "Point" else {}
            original[i] = pair | {"source": datum.used}
    return Shapes(geom), Shapes(place)


def _misfit(cleaned: Cleaned, points: Objects, layer: Layer) -> tuple[Shapes, Shapes]:
    """Points of a layer of lines or polygons: they tell the place, and the shape is still to come."""
    geom, place = np.empty(len(points), dtype=object), np.empty(len(points), dtype=object)
    for i, point in enumerate(points):
        if point is not None:
            geom[i], place[i] = fit(point, layer.geometry, cleaned.log, i)
    return Shapes(geom), Shapes(place)


def _points(cleaned: Cleaned, coordinates: Coordinates, datum: Datum, options: Options) -> Shapes:
    x, y = coordinates.x.copy(), coordinates.y.copy()
    if datum.swapped:
        x, y = y, x
    zero = (x == 0) & (y == 0)
    for i in np.flatnonzero(zero):
        cleaned.log.add("coordinate_zero", int(i), ",".join(coordinates.headers), "0,0")
    x[zero] = y[zero] = np.nan
    if not datum.used:
        return Shapes(None, x, y)
    _check_rows(cleaned, coordinates, x, y, datum, options)
    lon, lat = to_crs84(x, y, datum.used)
    _check_result(cleaned, coordinates, x, y, lon, lat, datum)
    return Shapes(None, lon, lat)


def _fits(x: Floats, y: Floats, source: str) -> npt.NDArray[np.bool_]:
    """Whether each pair can be what ``source`` says, before it is converted."""
    if source in ("wgs84", "cgcs2000", "gcj02", "bd09"):
        return (x >= CHINA[0]) & (x <= CHINA[2]) & (y >= CHINA[1]) & (y <= CHINA[3])
    if source == "gk":
        zone = np.floor(x / 1e6)
        return (((zone >= 25) & (zone <= 45)) | ((zone >= 13) & (zone <= 23))) & (y > 3e5) & (y < 6.1e6)
    return np.isfinite(x) & np.isfinite(y)


def _check_rows(
    cleaned: Cleaned, coordinates: Coordinates, x: Floats, y: Floats, datum: Datum, options: Options
) -> None:
    """Find the rows whose pair stands the other way round, and those that do not fit at all; both leave x, y."""
    finite = np.isfinite(x) & np.isfinite(y)
    wrong = finite & ~_fits(x, y, datum.used)
    for i in np.flatnonzero(wrong):
        value = f"{x[i]:.10g},{y[i]:.10g}"
        where = ",".join(coordinates.headers)
        if _fits(y[i : i + 1], x[i : i + 1], datum.used)[0]:
            cure = f"{y[i]:.10g},{x[i]:.10g}"
            if options.swapped == "fix":
                cleaned.log.add("coordinate_swapped_fixed", int(i), where, value, expected=cure)
                x[i], y[i] = y[i], x[i]
                continue
            cleaned.log.add("coordinate_swapped", int(i), where, value, expected=cure)
        else:
            cleaned.log.add("coordinate_out_of_range", int(i), where, value, expected=datum_title(datum.used))
        x[i] = y[i] = np.nan


def _check_result(
    cleaned: Cleaned, coordinates: Coordinates, x: Floats, y: Floats, lon: Floats, lat: Floats, datum: Datum
) -> None:
    """Plane coordinates that came out beyond China were wrong, or the other way round."""
    given = np.isfinite(x) & np.isfinite(y)
    good = (
        np.isfinite(lon)
        & np.isfinite(lat)
        & (lon >= CHINA[0])
        & (lon <= CHINA[2])
        & (lat >= CHINA[1])
        & (lat <= CHINA[3])
    )
    for i in np.flatnonzero(given & ~good):
        lon[i] = lat[i] = np.nan
        value = f"{x[i]:.10g},{y[i]:.10g}"
        turned = guess_projected(x[i : i + 1], y[i : i + 1])
        where = ",".join(coordinates.headers)
        if any(r.swapped and r.source == datum.used for r in turned):
            cleaned.log.add("coordinate_swapped", int(i), where, value, expected=f"{y[i]:.10g},{x[i]:.10g}")
        else:
            cleaned.log.add("coordinate_out_of_range", int(i), where, value, expected=datum_title(datum.used))
