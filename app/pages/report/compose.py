"""From the address to what is ordered: the map's state with what the page adds to it (parameters ``r.…``)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from app.export.families import OPTIONAL
from app.export.papers import PAPERS
from app.export.products import KINDS
from app.i18n import t
from app.pages.compare import report as compare_report
from app.pages.compare.model import chosen_measures, column_of, year_before
from app.pages.map.export_menu import recipe as map_recipe
from app.pages.state import State
from layers.registry import Catalogue
from layers.site import presets
from layers.store.slices import today

FAMILIES = ("map", "choropleth", "points", "symbols", "heat", "change", "stages", "compare", "rank", "single")
OFFERED = ("map", "atlas", "brief", "batch", "compare", "targets", "notice", "site")
WITH_MAP = ("map", "atlas", "brief", "batch", "site")


@dataclass(frozen=True)
class Asked:
    """What the address asks for; anything it does not know is the ordinary choice."""

    kind: str
    format: str
    family: str
    values: dict[str, str]

    def get(self, key: str) -> str:
        """Return a text of the address; '' when it is not there."""
        return self.values.get(key, "")

    @property
    def has_map(self) -> bool:
        """Whether there is a draft to look at."""
        return self.kind in WITH_MAP


def asked_of(state: State) -> Asked:
    """Read the page's own parameters."""
    values = {k.removeprefix("r."): v for k, v in state.report}
    kind = values["kind"] if values.get("kind") in OFFERED else "map"
    formats = KINDS[kind][1]
    fmt = values["fmt"] if values.get("fmt") in formats else formats[0]
    family = values["fam"] if values.get("fam") in FAMILIES else "map"
    return Asked(kind, fmt, "rank" if kind == "site" else family, values)


def _extent(asked: Asked, ordinary: Any) -> Any:
    given = asked.get("ext")
    if given.isdecimal() and len(given) == 6:
        return given
    try:
        box = [round(float(x), 6) for x in given.split(",")]
    except ValueError:
        return ordinary
    return box if len(box) == 4 else ordinary


def hidden(asked: Asked) -> tuple[str, ...]:
    """Return the optional blocks that are left out."""
    return tuple(x for x in asked.get("hide").split(",") if x in OPTIONAL)


def recipe_of(cat: Catalogue, state: State, asked: Asked) -> dict[str, Any]:
    """Return the recipe of the page: the map's, with family, words, paper and blocks of the address."""
    made = map_recipe(cat, state)
    layer = made["layer"]
    family = asked.family
    if family == "map" and state.choropleth is False:
        made["measure"] = None
    elif made["measure"] is None and family != "map":
        made["measure"] = state.shown_measure(cat)[0]
    made |= {
        "family": family, "extent": _extent(asked, made["extent"]),
        "paper": asked.get("paper") if asked.get("paper") in PAPERS else "A4",
        "title": asked.get("title") or made["title"], "subtitle": asked.get("sub"),
        "compiler": asked.get("by"), "map_approval_no": asked.get("no"), "house": asked.get("house"),
        "leave_out": list(hidden(asked)), "fills": "hatch" if asked.get("fills") == "hatch" else "color",
        "demo": state.demo if asked.get("demo") == "" else asked.get("demo") == "1",
    }  # fmt: skip
    if asked.get("since"):
        made["since"] = asked.get("since")
    if family in ("heat", "stages"):
        made["layers"] = [x for x in made["layers"] if x["id"] == layer] or made["layers"][:1]
    if family in ("symbols", "change", "choropleth"):
        made["layers"] = [x | {"features": x["id"] != layer} for x in made["layers"]]
    if family == "compare":
        made |= _compared(cat, state)
    if family == "single" and state.selected:
        made["feature"] = f"{state.selected[0]}:{state.selected[1]}"
        made["extent"] = _extent(asked, "city")
    if family == "rank":
        known = presets()
        chosen = known.get(asked.get("prof")) or next(iter(known.values()))
        made["profile"] = chosen.profile.model_dump(mode="json")
        made["layers"] = [{"id": "park", "filter": ""}]
        made |= {"layer": "", "measure": "n", "title": asked.get("title") or t("report.families.rank")}
    return made


def _compared(cat: Catalogue, state: State) -> dict[str, Any]:
    """Return what the page of comparison shows: its measures, areas, marks, both days and filters."""
    keys = chosen_measures(cat, state)
    first, _, measure = keys[0].partition(".")
    layers = list(dict.fromkeys(k.partition(".")[0] for k in keys))
    _, found = column_of(cat, keys[0])
    name = found.title if found is not None else t("rollup.count")
    asked = dict(state.report).get("r.title")
    return {
        "layers": [{"id": x, "filter": state.filter_of(cat.layers[x], areas=False), "features": False} for x in layers],
        "layer": first, "measure": measure, "measures": list(keys), "areas": list(state.shown),
        "marked": [c for c in dict.fromkeys((state.mine, *state.pins)) if c][:5],
        "since": (state.versus or year_before(state.as_of or today())).isoformat(),
        "title": asked or t("report.compare_title", measure=f"{cat.layers[first].title}{name}"),
    }  # fmt: skip


def order_of(cat: Catalogue, state: State, asked: Asked) -> dict[str, Any]:
    """Return what ``POST /api/v1/export/reports`` takes as ``order``."""
    if asked.kind == "targets":
        demo = asked.get("demo") == "1"
        day = state.as_of.isoformat() if state.as_of else ""
        given = {"dept": asked.get("dept"), "as_of": day, "demo": demo, "map_approval_no": asked.get("no")}
        return {k: v for k, v in given.items() if v}
    if asked.kind == "notice":
        return {"period": asked.get("period")} if asked.get("period") else {}
    if asked.kind == "compare":
        given = {"title": asked.get("title"), "map_approval_no": asked.get("no")}
        return compare_report.order_of(state) | {k: v for k, v in given.items() if v}
    made = recipe_of(cat, state, asked)
    return {"recipe": made} if asked.kind == "site" else made
