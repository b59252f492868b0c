"""What a review shows of a file: columns, counts, faults by cause, difference and places, as plain JSON."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from typing import Any

import shapely

from app.i18n import t
from app.pages.format import DASH, degrees, quantity
from etl.fault import Fault
from etl.headers import Dictionary, Match, column_words
from etl.issues import issue_types
from etl.parse_date import parse_date
from etl.parse_text import is_nothing
from etl.pipeline import Report
from etl.table import Column, Table
from layers.registry import Catalogue
from layers.spec import Layer

ROWS, CHANGES, POINTS = 200, 500, 3000
SEVERITIES = ("error", "warning", "info")
_PLACE = re.compile(r"\{\w+\}")
COORDINATES = ("lon", "lat", "x", "y", "easting", "northing", "pair")


def guess_layer(cat: Catalogue, headers: Sequence[str], name: str) -> str:
    """Return the layer whose words name most of the headers; a layer named by the file wins a tie."""

    def score(layer: Layer) -> tuple[float, int]:
        words = Dictionary(layer)
        found = {hit[0] for h in headers if (hit := words.look_up(h)) is not None and hit[1] != "similar"}
        own = [x for x in found if x[0] != "role"]
        named = layer.title in name or layer.id in name.lower()
        first = any(h.startswith(layer.title) or h in layer.name_aliases[:2] for h in headers)
        return len(own) + 0.2 * len(found) + 1.5 * named + 1.0 * first, int(layer.id == "project")

    layers = [x for x in cat.layers.values() if x.id != "boundary"]
    return max(layers, key=score).id


def targets_of(layer: Layer) -> list[tuple[str, str]]:
    """Return what a column may be: (value for the import, its title), in the order of the drop-down."""
    found = [("", t("import.not_imported")), ("role:name", t("import.name_of", layer=layer.title))]
    for spec in layer.fields:
        unit = spec.display_unit or spec.unit
        found.append((f"field:{spec.id}", f"{spec.title} {unit}".strip()))
    for group in layer.events:
        for kind in group.types:
            found.append((f"event:{kind}", t("import.event_of", type=kind)))
            found.append((f"event_end:{kind}", t("import.event_end_of", type=kind)))
    found += [(f"figure:{x.id}", t("import.figure_of", title=x.title)) for x in layer.figures]
    for role, words in column_words().items():
        if role not in ("name", "ignore"):
            title = next((w for w in words if not w.isascii()), words[0])
            found.append((f"role:{role}", title))
    return found


def shown_value(layer: Layer, name: str, value: Any, places: Mapping[str, str]) -> str:
    """Return a stored value as people read it."""
    if value is None or value == "" or (isinstance(value, float) and math.isnan(value)):
        return DASH
    if isinstance(value, bool):
        return t("filter.yes") if value else t("filter.no")
    spec = layer.field(name)
    if isinstance(value, int | float) and spec is not None and spec.is_number:
        how = quantity(spec)
        return f"{how.text(float(value))} {how.unit}".strip()
    if isinstance(value, list | tuple):
        return t("list.comma").join(str(x) for x in value) or DASH
    if name.endswith("_code"):
        return places.get(str(value), str(value))
    return str(value)[:80]


def examine(table: Table, layer: Layer, matches: Sequence[Match], report: Report | None) -> dict[str, Any]:
    """Return the part of a review that needs the file: its columns as they were understood."""
    by_row: dict[int, Any] = {}
    if report is not None and len(report.rows):
        by_row = {int(n): i for i, n in enumerate(report.rows["source_row"])}
    titles = dict(targets_of(layer))
    columns = []
    for column, match in zip(table.columns, matches, strict=True):
        full = [i for i, c in enumerate(column.cells) if not is_nothing(c)]
        at = next((i for i in full if int(table.row_numbers[i]) in by_row), full[0] if full else None)
        row = None if at is None else by_row.get(int(table.row_numbers[at]))
        stored = None if row is None or report is None else report.rows.iloc[row]
        value = f"{match.kind}:{match.target}" if match.kind != "extra" and match.target else ""
        columns.append({
            "header": column.header, "sample": "" if at is None else str(column.cells[at])[:60],
            "value": value if value in titles else "", "title": titles.get(value, ""), "how": match.how,
            "score": match.score, "read": _read(column, match, layer, at, stored), "filled": len(full),
            "empty": len(table) - len(full),
        })  # fmt: skip
    return {
        "columns": columns, "n_columns": len(columns), "n_matched": sum(bool(c["value"]) for c in columns),
        "n_rows": len(table) + sum(len(t) for t in table.others), "file": table.evidence,
    }  # fmt: skip


def _read(column: Column, match: Match, layer: Layer, at: int | None, stored: Any) -> str:
    """Return how a sample was read, '' where nothing was."""
    if at is None or match.kind == "extra":
        return ""
    if match.kind in ("event", "event_end"):
        period = parse_date(str(column.cells[at]), is_number=column.is_number(at))
        if period is None or isinstance(period, Fault):
            return ""
        return str(period.first) if period.first == period.last else t("import.between", a=period.first, b=period.last)
    if stored is None:
        return ""
    if match.kind == "field" and match.target in stored:
        return shown_value(layer, match.target, stored[match.target], {})
    if match.kind == "role" and match.target == "name":
        return str(stored["name"])
    if match.kind == "role" and match.target in COORDINATES and stored["geom"] is not None:
        point = shapely.point_on_surface(stored["geom"])
        return degrees(point.x, point.y)
    return str(column.cells[at])[:40]


def faults(report: Report, layer: Layer) -> list[dict[str, Any]]:
    """Return the faults by cause and field: the worst first, then the most frequent."""
    groups: dict[tuple[str, str, str], list[Any]] = {}
    for issue in report.issues:
        groups.setdefault((issue.severity, issue.type, issue.field), []).append(issue)
    made = []
    for (severity, kind, name), issues in groups.items():
        text = cause_title(kind, name, layer)
        title = issues[0].message if len(issues) == 1 or not text else text
        rows = [{"row": i.row, "field": i.field, "value": i.value, "message": i.message} for i in issues[:ROWS]]
        made.append({"type": f"{kind}.{name}".strip("."), "severity": severity, "n": len(issues), "title": title,
                     "rows": rows})  # fmt: skip
    return sorted(made, key=lambda g: (SEVERITIES.index(g["severity"]), -g["n"]))


def cause_title(kind: str, name: str, layer: Layer) -> str:
    """Return a kind of issue in words, with … in the place of what differs from row to row; '' for an unknown one."""
    spec, entry = layer.field(name), issue_types().get(kind)
    text = "" if entry is None else entry.zh.replace("{title}", spec.title if spec else "{title}")
    return _PLACE.sub("…", text)


def difference(report: Report, layer: Layer, places: Mapping[str, str]) -> dict[str, Any]:
    """Return what would change, with names, rows and places: the first ``CHANGES`` of each kind."""
    changes = report.changes
    kinds = dict.fromkeys(changes.get("new", []), "new") | {c["key"]: "changed" for c in changes.get("changed", [])}
    return {
        "new": created(report, CHANGES), "changed": changed(report, layer, places, CHANGES),
        "closed": ended(report, CHANGES), "points": _points(report.rows, kinds),
    }  # fmt: skip


def changed(report: Report, layer: Layer, places: Mapping[str, str], most: int) -> list[dict[str, Any]]:
    """Return the records that would change: name, row, and per field its title, old and new value."""
    return [
        {"name": item["name"], "row": item["row"], "fields": [
            {"field": _title(layer, k), "old": shown_value(layer, k, v[0], places),
             "new": shown_value(layer, k, v[1], places)}
            for k, v in item["fields"].items()
        ]}
        for item in report.changes.get("changed", [])[:most]
    ]  # fmt: skip


def created(report: Report, most: int) -> list[dict[str, Any]]:
    """Return the records that would be new: name and row."""
    rows, keys = report.rows, report.changes.get("new", [])[:most]
    named = dict(zip(rows["key"], zip(rows["name"], rows["source_row"], strict=True), strict=True)) if len(rows) else {}
    return [{"name": named.get(k, (k, None))[0], "row": named.get(k, (k, None))[1]} for k in keys]


def ended(report: Report, most: int) -> list[dict[str, Any]]:
    """Return the records that would end: their names."""
    return [{"name": _plain(k)} for k in report.changes.get("closed", [])[:most]]


def _plain(closed: Any) -> str:
    """Return the name of a record that ends: its own where the check gives it, else its key."""
    return str(closed.get("name") or closed.get("key")) if isinstance(closed, Mapping) else str(closed)


def _title(layer: Layer, name: str) -> str:
    spec = layer.field(name)
    if spec is not None:
        return spec.title
    own = {"name", "county_code", "unit_code", "township_code", "location_accuracy", "address", "geom", "area_m2"}
    return t(f"import.c_{name}") if name in own else name


def _points(rows: Any, kinds: Mapping[str, str]) -> list[list[Any]]:
    found: list[list[Any]] = []
    for key, shape in zip(rows.get("key", ()), rows.get("geom", ()), strict=True):
        if shape is None or shape.is_empty:
            continue
        point = shapely.point_on_surface(shape)
        found.append([round(point.x, 4), round(point.y, 4), kinds.get(key, "same")])
    found.sort(key=lambda p: ("same", "changed", "new").index(p[2]))
    return found[-POINTS:]
