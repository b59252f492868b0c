"""What a person has set up on the map, frozen, and the URL that restores it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import parse_qsl, urlencode

from app.pages.filters import Condition, parse_condition, to_cql2
from geo.errors import InputError, NotFoundError
from layers.registry import Catalogue
from layers.spec import Layer, Measure
from layers.store.known_days import check_days
from layers.store.slices import When

AXES = ("county", "unit")
SCHEMES = ("quantiles", "natural_breaks", "equal", "round")
ORDINARY_SCHEME = "quantiles"
LONGEST_AREA = 20_000
MIN_CLASSES, MAX_CLASSES, ORDINARY_CLASSES = 3, 5, 5

# Parameters of the page of comparison that it reads itself: which view, which list, with which limits.
EXTRAS = ("view", "list", "kind", "limit", "over", "year", "ga", "gb", "known_at", "pick")
_DATA = ("as_of", "demo", "f.", "area", "axis")
_DRAWN = ("draw", "draw2", "near", "nm")
# Which URL parameters each part of the page depends on; a name that ends in a dot is a prefix.
SLICES: dict[str, tuple[str, ...]] = {
    "layers": ("on", "order", "op", "heat", "since", "layer", "by", "measure", "choro", "scheme", "k", *_DATA),
    "filters": ("layer", *_DATA),
    "side": ("layer", "by", "measure", "sel", *_DRAWN, *_DATA),
    "table": ("on", "order", "layer", "tab", "follow", *_DATA),
    "model": (
        "on", "order", "op", "heat", "since", "layer", "by", "measure", "choro", "scheme", "k", "sel", "pins", "theme",
        *_DRAWN, *_DATA,
    ),
    "compare": ("pins", "ms", "shown", "mine", "vs", "multi", "rows", "layer", *EXTRAS, *_DATA),
    "report": (
        "on", "order", "layer", "by", "measure", "choro", "scheme", "k", "sel", "ms", "shown", "vs", "pins", "mine",
        "r.", *_DATA,
    ),
    "data": (
        "as_of", "demo", "draft", "diff", "issue", "held", "columns", "pairs", "edit", "rounds", "run", "from", "why",
        "find",
    ),
    "targets": (
        "as_of", "known_at", "tdemo", "task", "dept", "status", "basis", "open", "t", "axis", "rows", "of", "page",
        "print",
    ),
    "site": ("p", "sc", "preset", "s", "cmp", "st", "rule", "crit", "wm", "all", "surf", "as_of", "known_at", "demo"),
}  # fmt: skip


@dataclass(frozen=True)
class State:
    """Everything a URL says. Empty means the catalogue's default."""

    on: tuple[str, ...] | None = None
    order: tuple[str, ...] = ()
    opacity: tuple[tuple[str, int], ...] = ()
    heat: tuple[str, ...] = ()
    draw: str = ""
    draw2: str = ""
    near: tuple[float, float] | None = None
    near_m: float = 5000.0
    since: dt.date | None = None
    layer: str = "project"
    conditions: tuple[Condition, ...] = ()
    axis: str = "county"
    areas: tuple[str, ...] = ()
    by: str = ""
    measure: str = ""
    choropleth: bool = True
    scheme: str = ORDINARY_SCHEME
    k: int = ORDINARY_CLASSES
    as_of: dt.date | None = None
    demo: bool = True
    selected: tuple[str, str] | None = None
    pins: tuple[str, ...] = ()
    measures: tuple[str, ...] = ()
    shown: tuple[str, ...] = ()
    mine: str = ""
    versus: dt.date | None = None
    by_area: bool = False
    extras: tuple[tuple[str, str], ...] = ()
    drill: tuple[str, str] | None = None  # the rows behind a number: (code of the area or "", measure)
    follow: bool = False
    tab: str = ""
    view: tuple[float, float, float] | None = None
    theme: str = ""
    report: tuple[tuple[str, str], ...] = ()
    page: str = field(default="/", compare=False)
    # what the URL asks and nobody knows, as (parameter, value): said on the screen, never used
    unknown: tuple[tuple[str, str], ...] = field(default=(), compare=False)

    # -- reading ------------------------------------------------------------------------------

    @classmethod
    def from_query(cls, cat: Catalogue, query: str, page: str = "/") -> State:
        """Read a query string; what it does not know it leaves out, so that no URL can break a page."""
        given = dict(parse_qsl(query.removeprefix("?"), keep_blank_values=True))
        known = mapped_layers(cat)
        active = given.get("layer", "")
        layer = cat.layers[active] if active in known else cat.layers[first_layer(cat)]
        found: dict[str, Any] = {"layer": layer.id, "page": page}
        if "on" in given:
            asked = given["on"].split(",")
            found["on"] = tuple(x for x in known if x in asked)
        if given.get("order"):
            named = [x for x in dict.fromkeys(given["order"].split(",")) if x in known]
            found["order"] = (*named, *(x for x in known if x not in named))
        found["opacity"] = tuple(_opacities(given.get("op", ""), {*known, "area"}))
        found["heat"] = tuple(x for x in dict.fromkeys(given.get("heat", "").split(",")) if x in known)
        found["draw"], found["draw2"] = (given.get(k, "")[:LONGEST_AREA] for k in ("draw", "draw2"))
        found["since"] = _date(given.get("since", ""))
        found["near"] = _near(given.get("near", ""))
        found["near_m"] = _metres(given.get("nm", ""))
        found["conditions"] = tuple(_conditions(cat, known, given))
        found["axis"] = given.get("axis") if given.get("axis") in AXES else "county"
        found["areas"] = tuple(x for x in given.get("area", "").split(",") if _is_code(x))
        found["by"] = given["by"] if given.get("by") in groupings(cat, layer) else ""
        found["measure"] = given.get("measure", "") if _is_measure(cat, f"{layer.id}.{given.get('measure')}") else ""
        found["choropleth"] = given.get("choro") != "0"
        found["scheme"] = given["scheme"] if given.get("scheme") in SCHEMES else ORDINARY_SCHEME
        k = given.get("k", "")
        found["k"] = int(k) if k.isdecimal() and MIN_CLASSES <= int(k) <= MAX_CLASSES else ORDINARY_CLASSES
        found["as_of"] = _date(given.get("as_of", ""))
        found["demo"] = given.get("demo") != "0"
        chosen, _, ident = given.get("sel", "").partition(":")
        found["selected"] = (chosen, ident) if chosen in cat.layers and ident.isdecimal() else None
        found["pins"] = tuple(x for x in dict.fromkeys(given.get("pins", "").split(",")) if _is_code(x))
        found["measures"] = tuple(x for x in given.get("ms", "").split(",") if _is_measure(cat, x))
        found["shown"] = tuple(x for x in dict.fromkeys(given.get("shown", "").split(",")) if _is_code(x))
        found["mine"] = given.get("mine", "") if _is_code(given.get("mine", "")) else ""
        found["versus"] = _date(given.get("vs", ""))
        found["by_area"] = given.get("multi") == "area"
        found["extras"] = tuple((k, given[k][:80]) for k in EXTRAS if given.get(k)) if page == "/compare" else ()
        code, _, key = given.get("rows", "").partition("@")
        found["drill"] = (code, key) if _is_measure(cat, key) and (not code or _is_code(code)) else None
        found["tab"] = given["tab"] if given.get("tab") in known and given.get("tab") != layer.id else ""
        found["follow"] = given.get("follow") == "1"
        found["view"] = _view(given.get("v", ""))
        found["report"] = tuple(sorted((k, v[:400]) for k, v in given.items() if k.startswith("r.") and v))
        found["theme"] = given["theme"] if given.get("theme") in ("light", "dark") else ""
        found["unknown"] = tuple(_unknown(cat, given, found, known))
        return cls(**found)

    # -- writing ------------------------------------------------------------------------------

    def query(self) -> str:
        """Return the query string that restores this state; what is ordinary is left out."""
        pairs: list[tuple[str, str]] = []
        if self.on is not None:
            pairs.append(("on", ",".join(self.on)))
        pairs += [("order", ",".join(self.order)), ("op", ",".join(f"{k}:{v}" for k, v in self.opacity))]
        pairs += [("since", self.since.isoformat() if self.since else ""), ("draw", self.draw), ("draw2", self.draw2)]
        pairs.append(("near", place_text(self.near) if self.near else ""))
        pairs.append(("nm", "" if self.near_m == 5000.0 else f"{self.near_m:g}"))
        pairs += [("heat", ",".join(self.heat)), ("layer", "" if self.layer == "project" else self.layer)]
        pairs += [c.query() for c in self.conditions]
        pairs += [("axis", "" if self.axis == "county" else self.axis), ("area", ",".join(self.areas))]
        pairs += [("by", self.by), ("measure", self.measure), ("choro", "" if self.choropleth else "0")]
        pairs.append(("scheme", "" if self.scheme == ORDINARY_SCHEME else self.scheme))
        pairs.append(("k", "" if self.k == ORDINARY_CLASSES else str(self.k)))
        pairs.append(("as_of", self.as_of.isoformat() if self.as_of else ""))
        pairs += [("demo", "" if self.demo else "0"), ("sel", ":".join(self.selected) if self.selected else "")]
        pairs += [("pins", ",".join(self.pins)), ("ms", ",".join(self.measures)), ("shown", ",".join(self.shown))]
        pairs += list(self.extras)
        pairs += [("mine", self.mine), ("vs", self.versus.isoformat() if self.versus else "")]
        pairs += [("multi", "area" if self.by_area else ""), ("rows", "@".join(self.drill) if self.drill else "")]
        pairs.append(("tab", self.tab))
        pairs += [("follow", "1" if self.follow else "")]
        if self.view:
            pairs.append(("v", "/".join(f"{x:g}" for x in self.view)))
        pairs += [("theme", self.theme), *self.report]
        keep = [(k, v) for k, v in pairs if v or k == "on"]
        return urlencode(keep, safe=",:~/@")

    def url(self) -> str:
        """Return the address that restores this state."""
        query = self.query()
        return f"{self.page}?{query}" if query else self.page

    def but(self, **changes: Any) -> State:
        """Return this state with some parts changed."""
        return replace(self, **changes)

    def extra(self, key: str) -> str:
        """Return one of the page's own parameters; "" where the address does not name it."""
        return dict(self.extras).get(key, "")

    # -- what follows from it -----------------------------------------------------------------

    def order_of(self, cat: Catalogue) -> tuple[str, ...]:
        """Return every layer of the panel, the topmost first."""
        return self.order or mapped_layers(cat)

    def visible(self, cat: Catalogue) -> tuple[str, ...]:
        """Return the layers that are switched on, the topmost first."""
        on = default_on(cat) if self.on is None else self.on
        return tuple(x for x in self.order_of(cat) if x in on)

    @property
    def table_layer(self) -> str:
        """The layer whose rows are listed: the active one unless another tab was pressed."""
        return self.tab or self.layer

    def opacity_of(self, layer_id: str) -> int:
        """Return a layer's opacity in per cent; "area" is the choropleth."""
        return dict(self.opacity).get(layer_id, 80 if layer_id == "area" else 100)

    def conditions_on(self, layer_id: str) -> tuple[Condition, ...]:
        """Return the conditions on one layer."""
        return tuple(c for c in self.conditions if c.layer == layer_id)

    def filter_of(self, layer: Layer, *, areas: bool = True) -> str:
        """Return the CQL2 filter of one layer, with or without the chosen areas."""
        return to_cql2(layer, self.conditions_on(layer.id), self.axis, self.areas if areas else ())

    def shown_measure(self, cat: Catalogue) -> tuple[str, Measure | None]:
        """Return the measure of the rollup and its declaration; the count is None."""
        layer = cat.layer(self.layer)
        wanted = self.measure or default_measure(cat, layer)
        return wanted, cat.measure(layer, wanted)


def mapped_layers(cat: Catalogue) -> tuple[str, ...]:
    """Return the layers of the panel in the catalogue's order; borders are drawn by the map itself."""
    return tuple(x for x, spec in cat.layers.items() if x != "boundary" and spec.public)


def first_layer(cat: Catalogue) -> str:
    """Return the layer that is active when the URL names none."""
    return "project" if "project" in cat.layers else mapped_layers(cat)[0]


def default_on(cat: Catalogue) -> tuple[str, ...]:
    """Return the layers that are on when the URL names none."""
    return tuple(x for x in mapped_layers(cat) if cat.layers[x].visible)


def default_measure(cat: Catalogue, layer: Layer) -> str:
    """Return the measure shown first: the sum of what sizes the symbols, or the count."""
    sized = f"sum_{layer.style.size_by}"
    return sized if sized in {m.id for m in cat.measures(layer)} else "n"


def groupings(cat: Catalogue, layer: Layer) -> tuple[str, ...]:
    """Return what a rollup can be grouped by beside the axis: towns and the layer's own terms."""
    del cat
    return ("township", *(f.id for f in layer.fields if f.is_categorical and not f.internal))


def _conditions(cat: Catalogue, known: tuple[str, ...], given: dict[str, str]) -> list[Condition]:
    found = []
    for key, text in given.items():
        head, _, rest = key.partition(".")
        layer_id, _, field_id = rest.partition(".")
        if head == "f" and layer_id in known:
            condition = parse_condition(cat, cat.layers[layer_id], field_id, text)
            found += [condition] if condition else []
    return found


def _unknown(
    cat: Catalogue, given: dict[str, str], found: dict[str, Any], known: tuple[str, ...]
) -> Iterator[tuple[str, str]]:
    """Yield what a URL asks and the state does not hold: whole filters, single terms, areas, names and dates."""
    held = {c.query()[0]: c for c in found["conditions"]}
    for key, text in given.items():
        if key.startswith("f.") and text:
            condition = held.get(key)
            lost = [x for x in text.split(",") if x not in condition.terms] if condition and condition.terms else []
            if condition is None or (lost and len(condition.terms) < len(text.split(","))):
                yield key, text if condition is None else ",".join(lost)
    asked = [x for x in given.get("area", "").split(",") if x]
    if lost := [x for x in asked if x not in found["areas"]]:
        yield "area", ",".join(lost)
    if given.get("layer") and given["layer"] not in known:
        yield "layer", given["layer"]
    if given.get("sel") and found["selected"] is None:
        yield "sel", given["sel"]
    if given.get("axis") and given["axis"] != found["axis"]:
        yield "axis", given["axis"]
    # the measure and the grouping stay in the address when another layer is pressed: only what no layer has is lost
    layers = [cat.layers[x] for x in known]
    if given.get("measure") and not any(_is_measure(cat, f"{x}.{given['measure']}") for x in known):
        yield "measure", given["measure"]
    if given.get("by") and not any(given["by"] in groupings(cat, x) for x in layers):
        yield "by", given["by"]
    for key in ("ms", "shown", "pins"):
        held_ = found["measures" if key == "ms" else key]
        if lost := [x for x in given.get(key, "").split(",") if x and x not in held_]:
            yield key, ",".join(lost)
    for key, kept in (("vs", found["versus"]), ("mine", found["mine"])):
        if given.get(key) and not kept:
            yield key, given[key]
    if given.get("as_of") and found["as_of"] is None:
        yield "as_of", given["as_of"]


def _opacities(text: str, known: set[str]) -> list[tuple[str, int]]:
    pairs = (item.partition(":") for item in text.split(","))
    return [(k, min(100, int(v))) for k, _, v in pairs if k in known and v.isdecimal()]


def _is_code(text: str) -> bool:
    return 0 < len(text) <= 12 and text.isascii() and text.isalnum()


def _is_measure(cat: Catalogue, text: str) -> bool:
    layer_id, _, measure_id = text.partition(".")
    if layer_id not in mapped_layers(cat):
        return False
    layer = cat.layers[layer_id]
    try:
        found = cat.measure(layer, measure_id)
    except NotFoundError:
        return False
    hidden = {f.id for f in layer.fields if f.internal}
    return found is None or not {found.field, found.denominator} & hidden


def _date(text: str) -> dt.date | None:
    """Return a day that a question may be about."""
    try:
        return check_days(When(dt.date.fromisoformat(text))).as_of
    except (ValueError, InputError):
        return None


def place_text(place: tuple[float, float]) -> str:
    """Write a place as longitude and latitude in degrees, to a tenth of a metre."""
    return ",".join(f"{round(v, 6):.10g}" for v in place)


def _near(text: str) -> tuple[float, float] | None:
    try:
        lon, lat = (float(x) for x in text.split(","))
    except ValueError:
        return None
    return (lon, lat) if -180 <= lon <= 180 and -85 <= lat <= 85 else None


def _metres(text: str) -> float:
    try:
        metres = float(text)
    except ValueError:
        return 5000.0
    return metres if 0 < metres <= 300_000 else 5000.0


def _view(text: str) -> tuple[float, float, float] | None:
    try:
        zoom, lat, lon = (float(x) for x in text.split("/"))
    except ValueError:
        return None
    return (zoom, lat, lon) if 3 <= zoom <= 19 and -85 <= lat <= 85 and -180 <= lon <= 180 else None
