"""The table under the map: columns from the catalogue, tabs for the visible layers, a footer with sums."""

from __future__ import annotations

import json
from typing import Any

from dash import html
from dash.development.base_component import Component

from app.i18n import t
from app.pages import el
from app.pages.format import quantity
from app.pages.state import State
from app.pages.view import Rollup, TableRows
from layers.registry import Catalogue
from layers.spec import FieldSpec, Layer

MOST_ROWS = 5000


def columns(cat: Catalogue, layer: Layer) -> list[dict[str, Any]]:
    """Return the grid's columns: name, place, the catalogue's table fields, accuracy, dates."""
    found: list[dict[str, Any]] = [
        {
            "field": "name", "headerName": t("table.name"), "pinned": "left",
            "cellClass": {"function": "ytNameClass(params.data)"},
            "valueFormatter": {"function": "ytText(params.value)"},
            "minWidth": 180, "flex": 2, "headerTooltip": t("table.name"),
        },
        {"field": "county", "headerName": t("table.county"), "width": 92},
        {"field": "unit", "headerName": t("table.unit"), "width": 128, "hide": True},
        {"field": "township", "headerName": t("table.township"), "width": 96, "hide": True},
    ]  # fmt: skip
    for spec in layer.fields:
        if not spec.internal and (spec.table or spec.is_number):
            found.append(column(cat, spec) | ({} if spec.table else {"hide": True}))
    found.append({"field": "accuracy", "headerName": t("table.accuracy"), "width": 84})
    found.append({"field": "data_date", "headerName": t("table.data_date"), "width": 108, "cellClass": "dim"})
    return found


def column(cat: Catalogue, spec: FieldSpec) -> dict[str, Any]:
    """Return a field's column: numbers to the right with the unit in the header, terms with their colour."""
    if spec.is_number:
        how = quantity(spec)
        title = t("table.with_unit", field=spec.title, unit=how.unit) if how.unit else spec.title
        shown = f"ytNumber(params.value, {how.factor:.10g}, {how.digits}, {int(how.grouped)})"
        return {
            "field": spec.id, "headerName": title, "headerTooltip": title, "type": "rightAligned",
            "width": 40 + 14 * len(title),
            "valueFormatter": {"function": shown},
            "sortingOrder": ["desc", "asc", None], "cellClass": "numc",
        }  # fmt: skip
    found: dict[str, Any] = {"field": spec.id, "headerName": spec.title, "headerTooltip": spec.title}
    if spec.is_categorical and spec.type != "list":
        values = cat.vocabularies[spec.vocabulary].values if spec.vocabulary else ()
        colors = {v.value: v.color for v in values if v.color}
        found |= {
            "cellClass": {"function": "ytTermClass(params.value)"},
            "cellStyle": {"function": f"ytTermStyle(params.value, {json.dumps(colors, ensure_ascii=False)})"},
            "valueFormatter": {"function": "ytText(params.value)"},
            "width": 34 + 14 * max(4, len(spec.title)),
        }
    elif spec.type == "boolean":
        found |= {"valueFormatter": {"function": "ytYesNo(params.value)"}, "width": 96}
    elif spec.type == "date":
        found |= {"width": 108}
    elif spec.type == "list":
        found |= {"valueFormatter": {"function": "ytList(params.value)"}, "minWidth": 120, "flex": 1}
    else:
        found |= {"minWidth": 120, "flex": 1, "tooltipField": spec.id}
    return found


def grid_rows(cat: Catalogue, layer: Layer, rows: TableRows) -> list[dict[str, Any]]:
    """Return the grid's rows: the record's values, its place in words, a text id."""
    words = {v.value: v.aliases[0] for v in cat.vocabularies["location_accuracy"].values if v.aliases}
    keep = {"name", "is_demo", *(f.id for f in layer.fields if not f.internal and (f.table or f.is_number))}
    found = []
    for row in rows.rows:
        item = {k: v for k, v in row.items() if k in keep}
        item["rid"] = str(row["id"])
        item["county"] = row.get("county", "")
        item["unit"] = row.get("unit", "")
        item["township"] = row.get("township", "")
        item["accuracy"] = words.get(str(row.get("location_accuracy", "none")), "")
        item["data_date"] = str(row.get("data_date") or "")[:10]
        found.append(item)
    return found


def tabs(cat: Catalogue, state: State, counts: dict[str, int]) -> list[Component]:
    """Return a tab for every visible layer, and for the active one even when it is off."""
    shown = [x for x in state.visible(cat) if x in cat.layers]
    shown += [x for x in dict.fromkeys((state.layer, state.table_layer)) if x not in shown]
    shown.sort(key=lambda x: cat.layers[x].order)
    return [
        html.Button(
            [cat.layers[x].title, html.Small(f"{counts[x]:,}") if x in counts else None],
            type="button",
            role="tab",
            className="on" if x == state.table_layer else "",
            **{"aria-selected": "true" if x == state.table_layer else "false"},
            **el.op(("set", "tab", "" if x == state.layer else x)),
        )
        for x in shown
    ]


def footer(
    layer: Layer, n_shown: int, n: int, totals: list[tuple[str, Rollup]], follow: bool, way_on: Component | None = None
) -> list[Component]:
    """Return how many rows are shown of how many, and the sums of the layer's extensive fields.

    ``totals`` are pairs of measure id and its rollup under the same filter; in the view they do not hold.
    ``way_on`` stands beside a table without rows.
    """
    text = t("table.rows_some", shown=f"{n_shown:,}", n=f"{n:,}") if n_shown < n else t("table.rows", n=f"{n:,}")
    if follow:
        text += t("table.in_view")
    sums = []
    for field_id, rollup in totals:
        spec = layer.field(field_id)
        if spec is not None and rollup.total.value is not None and not follow:
            how = quantity(spec)
            sums.append(t("table.sum", field=spec.title, value=how.text(rollup.total.value), unit=how.unit))
    beside = [way_on] if way_on is not None and n == 0 else []
    return [html.Span(text), *beside, el.spacer(), html.Span(t("list.dot").join(sums))]


def summed_fields(layer: Layer) -> list[str]:
    """Return the fields whose sums the footer states: the extensive ones among the table's columns."""
    return [f.id for f in layer.fields if f.table and f.role == "extensive" and not f.internal][:2]


def locale() -> dict[str, str]:
    """Return the grid's own words in the page's language."""
    keys = (
        "noRowsToShow", "loadingOoo", "filterOoo", "contains", "notContains", "equals", "notEqual", "blank", "notBlank",
        "startsWith", "endsWith", "lessThan", "lessThanOrEqual", "greaterThan", "greaterThanOrEqual", "inRange",
        "andCondition", "orCondition", "applyFilter", "resetFilter", "clearFilter", "cancelFilter", "searchOoo",
        "selectAll", "blanks", "ariaSortableColumn", "ariaRowSelect", "ariaRowDeselect", "ariaLabelColumnFilter",
        "ariaHidden", "ariaVisible", "ariaColumn", "ariaInputEditor", "ariaSearch", "ariaMenuColumn",
    )  # fmt: skip
    return {key: t(f"grid.{key}") for key in keys}
