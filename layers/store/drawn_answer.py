"""A drawn area's groups as one answer: counts, sums, shares by county, unit and term, beside the whole city."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from layers.registry import Catalogue
from layers.spec import FieldSpec, Layer
from layers.store.cell_terms import term_field
from layers.store.queries_drawn import Group

UNFILLED = "未填写"


def share(part: float, whole: float) -> float | None:
    """Return a share in per cent, None of nothing."""
    return round(100.0 * part / whole, 4) if whole else None


def summarise(
    cat: Catalogue, layer: Layer, fields: Sequence[FieldSpec], groups: Sequence[Group], names: Mapping[str, str],
    city: Mapping[str, Any],
) -> dict[str, Any]:  # fmt: skip
    """Return the answer for one layer.

    Parameters
    ----------
    fields : sequence of FieldSpec
        The extensive fields of the groups' sums, in their order.
    names : mapping of code -> name
        Of counties and units.
    city : mapping
        ``n`` and ``sum_<field>`` of the whole layer under the same filter.
    """
    n = sum(g.n for g in groups)
    sums = []
    for i, spec in enumerate(fields):
        known = sum(g.known[i] for g in groups)
        total = sum((g.sums[i] for g in groups), Decimal(0))
        value = (int(total) if spec.type in ("cny", "integer") else float(total)) if known or not n else None
        whole = city.get(f"sum_{spec.id}")
        sums.append(
            {
                "field": spec.id, "title": spec.title, "unit": spec.unit,
                "display_unit": spec.display_unit or spec.unit, "value": value, "n_missing": n - known,
                "city": whole, "share_pct": share(value or 0, whole or 0),
            }
        )  # fmt: skip
    field_id = term_field(layer)
    spec_of_terms = layer.field(field_id) if field_id else None
    terms = None
    if spec_of_terms is not None:
        counts = _counted(groups, lambda g: g.term)
        order = [*cat.terms(spec_of_terms), ""]
        rows = [
            {"value": v or UNFILLED, "n": counts[v], "share_pct": share(counts[v], n)} for v in order if v in counts
        ]
        terms = {"field": field_id, "title": spec_of_terms.title, "rows": rows}
    return {
        "layer": layer.id, "title": layer.title, "noun": layer.noun, "n": n,
        "n_demo": sum(g.n for g in groups if g.is_demo),
        "city": {"n": city.get("n"), "share_pct": share(n, city.get("n") or 0)}, "sums": sums, "terms": terms,
        "by_county": _by_place(groups, lambda g: g.county, names, n),
        "by_unit": _by_place(groups, lambda g: g.unit, names, n),
    }  # fmt: skip


def _counted(groups: Sequence[Group], key: Callable[[Group], str]) -> dict[str, int]:
    found: dict[str, int] = defaultdict(int)
    for group in groups:
        found[key(group)] += group.n
    return dict(found)


def _by_place(
    groups: Sequence[Group], key: Callable[[Group], str], names: Mapping[str, str], n: int
) -> list[dict[str, Any]]:
    counts = _counted(groups, key)
    ranked = sorted(counts, key=lambda code: (-counts[code], code))
    return [{"code": c, "name": names.get(c, c), "n": counts[c], "share_pct": share(counts[c], n)} for c in ranked]
