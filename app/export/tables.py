"""A layer's rows as a workbook, CSV or GeoJSON, with the filter, the dates and the sources in it.

Nothing a data file says can run: text is written as text, whatever it begins with.
"""

from __future__ import annotations

import asyncio
import csv
import datetime as dt
import hashlib
import io
import json
import re
from dataclasses import dataclass
from typing import Any

from app.export.data import AreaValue, now
from app.pages.format import factor_of, quantity
from layers.registry import Catalogue
from layers.spec import Layer
from layers.store.reader import Reader
from layers.store.slices import When

TABLE_MEDIA = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv; charset=utf-8",
    "geojson": "application/geo+json",
    "gpkg": "application/geopackage+sqlite3",
    "kml": "application/vnd.google-earth.kml+xml",
    "parquet": "application/vnd.apache.parquet",
}
AXES = {"county": "县（市、区）", "unit": "责任板块"}
PAGE = 50_000
LAST = ("lon", "lat", "data_date", "source_name", "source_row", "key", "id")


@dataclass(frozen=True)
class Column:
    """A column of the table: ``kind`` is text, number, integer, date or flag; numbers are divided by ``factor``."""

    id: str
    title: str
    kind: str
    factor: float = 1.0


@dataclass(frozen=True)
class Table:
    """The rows under a filter, and the same rolled up on both axes.

    ``rollups`` has, by axis, the title, unit, factor and areas of each measure; the first is the count.
    """

    layer: Layer
    filter: str
    as_of: str
    known_at: str
    columns: tuple[Column, ...]
    rows: tuple[dict[str, Any], ...]
    shapes: dict[int, dict[str, Any]]
    rollups: dict[str, list[tuple[str, str, float, list[AreaValue]]]]
    made: dt.datetime
    demo: bool = False

    @property
    def order(self) -> dict[str, Any]:
        """What makes the same table again."""
        held = {"kind": "rows", "layer": self.layer.id, "filter": self.filter, "as_of": self.as_of}
        return held | {"known_at": self.known_at, "demo": self.demo}

    @property
    def figures(self) -> dict[str, Any]:
        """What it says, so that two can be compared: counts by county, and a fingerprint of the records."""
        rows = [[r.code, r.name, r.value, r.n] for r in self.rollups["county"][0][3]] if self.rollups else []
        texts = json.dumps([self.rows, self.shapes], ensure_ascii=False, sort_keys=True, default=str)
        mine = {
            "id": self.layer.id, "title": self.layer.title, "n": len(self.rows), "n_demo": self.n_demo,
            "drawn": hashlib.sha256(texts.encode()).hexdigest()[:16],
        }  # fmt: skip
        return {"title": self.layer.title, "as_of": self.as_of, "rows": rows, "layers": [mine]}

    @property
    def n_demo(self) -> int:
        """How many rows are 演示数据."""
        return sum(1 for row in self.rows if row["is_demo"])


async def gather_table(
    reader: Reader, layer_id: str, filter: str, when: When, *, demo: bool, internal: bool = False  # noqa: A002
) -> Table:  # fmt: skip
    """Read all rows of a layer under a filter, their shapes, and the rollups.

    Raises
    ------
    NotFoundError
        No such layer.
    FilterError
        The filter cannot be used.
    """
    made = now()
    when = When(when.as_of, when.known_at or made)
    rows: list[dict[str, Any]] = []
    while True:
        page = await reader.rows(layer_id, filter, when, demo, limit=PAGE, offset=len(rows), internal=internal)
        rows += page["rows"]
        if len(rows) >= page["total"] or not page["rows"]:
            break
    cat, layer = reader.cat, reader.cat.layers[layer_id]
    hidden = {f.id for f in layer.fields if f.internal and not internal}
    measures = [None, *(m for m in cat.measures(layer) if not {m.field, m.denominator} & hidden)]
    asked = [(axis, m) for axis in AXES for m in measures]
    features, towns, *found = await asyncio.gather(
        reader.features(layer_id, filter, when, demo, internal=internal),
        reader.rollup(layer_id, ("township",), "n", filter, when, demo, internal=internal),
        *(
            reader.rollup(layer_id, (axis,), m.id if m else "n", filter, when, demo, internal=internal)
            for axis, m in asked
        ),
    )
    rollups: dict[str, list[tuple[str, str, float, list[AreaValue]]]] = {axis: [] for axis in AXES}
    names = {"outside": "界外", "unlocated": "未定位"} | {str(r["code"]): str(r["name"]) for r in towns["rows"]}
    for (axis, measure), body in zip(asked, found, strict=True):
        how = quantity(measure, layer.noun)
        title = measure.title if measure else "数量"
        rollups[axis].append((title, how.unit, how.factor, _areas(body)))
        names |= {str(r["code"]): str(r["name"]) for r in body["rows"]}
    return Table(
        layer=layer, filter=filter, as_of=when.as_of.isoformat(), known_at=(when.known_at or made).isoformat(),
        columns=_columns(cat, layer, page["columns"]), rows=tuple(_named(cat, row, names) for row in rows),
        shapes={f["id"]: f["geometry"] for f in json.loads(features)["features"]}, rollups=rollups, made=made,
        demo=demo,
    )  # fmt: skip


def _areas(body: dict[str, Any]) -> list[AreaValue]:
    rows = [AreaValue(str(r["code"]), str(r["name"]), r["value"], int(r["n_features"])) for r in body["rows"]]
    rows += [AreaValue("outside", "界外", body["outside"], 0), AreaValue("unlocated", "未定位", body["unlocated"], 0)]
    return [*rows, AreaValue("total", "合计", body["total"], int(body["n_features"]))]


def _columns(cat: Catalogue, layer: Layer, given: list[dict[str, str]]) -> tuple[Column, ...]:
    del cat
    titles = {c["id"]: c["title"] for c in given} | {"lon": "经度", "lat": "纬度"}
    order = [c for c in titles if c not in LAST] + [c for c in LAST if c in titles]
    found = []
    for name in order:
        spec = layer.field(name)
        if spec is not None and spec.is_number:
            shown = spec.display_unit or spec.unit
            factor = factor_of(spec.unit, shown)
            kind = "integer" if spec.type == "integer" else "number"
            found.append(Column(name, f"{spec.title}（{shown}）" if shown else spec.title, kind, factor))
            continue
        kind = {"is_demo": "flag", "data_date": "date", "lon": "degrees", "lat": "degrees"}.get(name, "text")
        if name in ("id", "source_row"):
            kind = "integer"
        if spec is not None:
            kind = {"date": "date", "boolean": "flag"}.get(spec.type, "text")
        found.append(Column(name, titles[name], kind))
    return tuple(found)


def _named(cat: Catalogue, row: dict[str, Any], names: dict[str, str]) -> dict[str, Any]:
    """Codes of areas and accuracies in words; the codes stay beside them in ``*_raw``."""
    accuracy = cat.vocabularies.get("location_accuracy")
    words = {v.value: (v.aliases[0] if v.aliases else v.value) for v in accuracy.values} if accuracy else {}
    changed = {name: names.get(str(row[name]), row[name]) for name in ("county_code", "unit_code", "township_code")}
    changed["location_accuracy"] = words.get(str(row["location_accuracy"]), row["location_accuracy"])
    return row | changed | {f"{name}_raw": row[name] for name in changed}


def write_table(table: Table, suffix: str) -> bytes:
    """Return the table as ``xlsx``, ``csv`` (UTF-8 with BOM), ``geojson``, ``gpkg``, ``kml`` or ``parquet``."""
    if suffix in ("gpkg", "kml", "parquet"):
        from app.export import spatial

        return {"gpkg": spatial.write_geopackage, "kml": spatial.write_kml, "parquet": spatial.write_parquet}[suffix](
            table
        )
    if suffix == "xlsx":
        from app.export.workbook import write_workbook

        return write_workbook(table)
    return write_csv(table) if suffix == "csv" else write_geojson(table)


def cell(column: Column, value: Any) -> Any:
    """Return a value as a person reads it: in the display unit, lists with 、, flags as 是 and 否."""
    if value is None or value == "":
        return None
    if column.kind in ("number", "integer", "degrees"):
        return value / column.factor if column.factor != 1.0 else value
    if column.kind == "flag":
        return "是" if value else "否"
    if isinstance(value, list):
        return "、".join(map(str, value))
    return value if column.kind == "date" else str(value)


def notes(table: Table) -> list[tuple[str, str]]:
    """Return what the table is: layer, filter, dates, counts, marking."""
    return [
        ("图层", table.layer.title),
        ("筛选条件", table.filter or "无"),
        ("截至（有效时间）", table.as_of),
        ("按所知（记录时间）", dt.datetime.fromisoformat(table.known_at).isoformat(timespec="seconds")),
        ("导出时间", table.made.isoformat(timespec="seconds")),
        ("记录数", str(len(table.rows))),
        ("其中演示数据", str(table.n_demo)),
        ("负责单位", table.layer.owner or "未载"),
        ("密级", "内部使用"),
    ]


def sources(table: Table) -> list[tuple[str, int, int, str]]:
    """Return each source file with its rows, its 演示 rows and its newest data date."""
    found: dict[str, list[dict[str, Any]]] = {}
    for row in table.rows:
        found.setdefault(str(row["source_name"] or "未载"), []).append(row)
    return [
        (name, len(rows), sum(1 for r in rows if r["is_demo"]), max(str(r["data_date"] or "") for r in rows))
        for name, rows in sorted(found.items())
    ]


def write_csv(table: Table) -> bytes:
    """Write one line a record; text that a spreadsheet would run is led by an apostrophe."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow([c.title for c in table.columns])
    for row in table.rows:
        writer.writerow([_harmless(cell(c, row.get(c.id))) for c in table.columns])
    return out.getvalue().encode("utf-8-sig")


def _harmless(value: Any) -> Any:
    if isinstance(value, str) and value.startswith(("=", "+", "-", "@", "\t", "\r")):
        return f"'{value}"
    return "" if value is None else value


def write_geojson(table: Table) -> bytes:
    """Write a FeatureCollection with the catalogue's column names and stored units."""
    features = []
    for row in table.rows:
        raw = {c.id: row.get(f"{c.id}_raw", row.get(c.id)) for c in table.columns if c.id not in ("lon", "lat")}
        features.append(
            {"type": "Feature", "id": row["id"], "geometry": table.shapes.get(row["id"]), "properties": raw}
        )
    about = dict(notes(table))
    document = {"type": "FeatureCollection", "name": table.layer.id, "about": about, "features": features}
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()


def file_stem(text: str) -> str:
    """Return a text as a file name on any system."""
    return re.sub(r'[\\/:*?"<>|\x00-\x1f]+', "_", text).strip(" ._")[:80] or "yuantu"
