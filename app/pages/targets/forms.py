"""Forms to enter a figure or to share a target out: described here, drawn in the browser, checked on writing."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from app.i18n import t, texts
from app.pages.targets.words import amount, quantity

Row = Mapping[str, Any]
WORDS = ("cancel", "save", "withdraw", "saving", "sum", "sum_right", "sum_short", "sum_over", "wrong_number")


def _form(description: dict[str, Any]) -> dict[str, str]:
    # as they stand: the browser fills their places
    words = {name: texts()[f"targets.f_{name}"] for name in WORDS}
    return {"data-form": json.dumps(description | {"words": words}, ensure_ascii=False, separators=(",", ":"))}


def _field(name: str, value: str = "", hint: str = "", **more: Any) -> dict[str, Any]:
    label = more.pop("label", None) or t(f"targets.f_{name}")
    return {"name": name, "label": label, "value": value, "hint": hint, **more}


def _signed() -> list[dict[str, Any]]:
    return [_field("source", hint=t("targets.f_source_hint")), _field("who", keep=True)]


def value_form(row: Row, body: Mapping[str, Any]) -> dict[str, str] | None:
    """Return the attribute of a button that opens the form of a hand-entered figure; None where none is entered."""
    measure = "value" if row["basis"] == "entered" else "denominator" if row["measure"] == "share" else ""
    if not measure:
        return None
    unit = t("targets.f_province_unit") if measure == "denominator" else row["unit"]
    fields = [
        _field("date", value=body["as_of"]),
        _field("value", label=t("targets.f_value_in", unit=unit)),
        *_signed(),
        _field("note"),
    ]
    title = t("targets.f_title_denominator" if measure == "denominator" else "targets.f_title", name=row["indicator"])
    return _form({
        "kind": "value", "target": row["id"], "year": row["document"]["year"], "measure": measure, "title": title,
        "about": t("targets.f_about"), "fields": fields, "withdraw": True,
    })  # fmt: skip


def allocation_form(row: Row, axis: str, parts: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """Return the attribute of a button that opens the form of a target's shares on an axis."""
    shares = [
        {"name": p["code"], "label": p["name"], "unit": row["unit"], "share": True,
         "value": "" if p["allocated"] is None else str(p["allocated"])}
        for p in parts
    ]  # fmt: skip
    return _form({
        "kind": "shares", "target": row["id"], "year": row["document"]["year"], "axis": axis,
        "title": t("targets.f_title_shares", name=row["indicator"], axis=t(f"axis.{axis}")),
        "about": t("targets.f_about_shares", target=quantity(row["target"], row["unit"])),
        "fields": [*shares, *_signed()], "wanted": row["target"], "wanted_text": amount(row["target"]),
        "unit": row["unit"],
    })  # fmt: skip
