"""Make the shipped records of real things from the stated facts, one record per thing.

``python -m etl.facts`` reads the excerpts in ``data/shapefiles/named_facts`` and writes one CSV per layer.
What joins names into one thing, what places it, which fields and which dated events it has stand in small
tables beside the excerpts, each row with its reason; nothing is filled that no source states.
"""

from __future__ import annotations

import csv
import re
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from etl.facts_energy import energy_rows
from etl.facts_write import Row, header_of, write_layer, write_sketch
from geo.errors import InputError
from layers.registry import Catalogue, catalogue

SHAPEFILES = Path(__file__).resolve().parents[1] / "data" / "shapefiles"
LAYERS = ("park", "project", "factory", "enterprise", "platform", "infrastructure", "constraint")
SOURCE_CLASS = {"official": "官方", "press": "媒体", "mirror": "转载", "plan": "文件", "": ""}
MU_PER_KM2 = 1500.0
ALIAS_ATTRIBUTE = "别名/同一事物"
EXACT = re.compile(r"\d+(\.\d+)?")
FULL_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")

#: (layer, attribute, unit as stated) → field and the factor to the unit that the CSV column is in.
NUMBERS: dict[tuple[str, str, str], tuple[str, float]] = {
    ("project", "总投资", "亿元"): ("invest_cny", 1),
    ("project", "总投资(签约)", "亿元"): ("invest_cny", 1),
    ("project", "投资", "亿元"): ("invest_cny", 1),
    ("project", "用地", "亩"): ("land_mu", 1),
    ("project", "占地", "亩"): ("land_mu", 1),
    ("platform", "投资(投运时口径)", "亿元"): ("invest_cny", 1),
    ("park", "规划面积", "亩"): ("planned_mu", 1),
    ("park", "规划面积", "平方公里"): ("planned_mu", MU_PER_KM2),
    ("infrastructure", "投运年份", ""): ("year", 1),
}


@dataclass(frozen=True)
class Fact:
    """One stated fact about one named thing, as its source has it."""

    layer: str
    name: str
    county: str = ""
    unit: str = ""
    town_or_park: str = ""
    attribute: str = ""
    value: str = ""
    unit_of_value: str = ""
    date: str = ""
    source_class: str = ""
    source: str = ""

    @property
    def line(self) -> str:
        """The fact as one Chinese line with its date and source class."""
        value = " ".join(part for part in (self.attribute, self.value, self.unit_of_value) if part)
        when = "，".join(part for part in (self.date, SOURCE_CLASS[self.source_class]) if part)
        return f"{value}（{when}）" if when else value


@dataclass
class Thing:
    """One real thing with every fact about it and the names it goes by."""

    layer: str
    name: str
    names: list[str] = field(default_factory=list)
    facts: list[Fact] = field(default_factory=list)


def read_rows(folder: Path, name: str) -> list[dict[str, str]]:
    """Read one UTF-8 CSV of the folder as dictionaries of text."""
    with (folder / name).open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def read_facts(folder: Path, units: Iterable[str]) -> Iterator[Fact]:
    """Yield every fact of the four excerpt files, in file order."""
    known_units = set(units)
    for r in read_rows(folder, "named_facts.csv"):
        yield Fact(
            r["kind"], r["name"], r["county"], r["unit"], r["town_or_park"], r["attribute"], r["value"],
            r["unit_of_value"], r["date"], r["source_class"], r["source_url"],
        )  # fmt: skip
    for r in read_rows(folder, "plan_named_things.csv"):
        clause = f"{r['value']}：“{r['quote']}”"
        where = f"{r['source']}{r['section']}"
        yield Fact(r["kind"], r["name"], r["county"], "", "", r["attribute"], clause, "", "", "plan", where)
    for r in read_rows(folder, "parks_named_sources.csv"):
        code = f"统计代码 {r['nbs_code_matched_by_name']}" if r["nbs_code_matched_by_name"] else ""
        said = "；".join(part for part in (r["fact"], code) if part)
        county = r["county_as_stated_or_in_name"]
        yield Fact("park", r["name"], county, "", "", r["type"], said, source=r["source_url"])
    for r in read_rows(folder, "enterprises_named_sources.csv"):
        where = r["location_as_stated"]
        county = where if where[-1:] in "县市" or where in ("大丰区", "盐都区", "亭湖区") else ""
        unit = where if where in known_units else ""
        park = "" if county or unit else where
        yield Fact("enterprise", r["name"], county, unit, park, "描述", r["fact"], source=r["source_url"])


def join_things(facts: Iterable[Fact], joins: list[dict[str, str]]) -> list[Thing]:
    """Collect facts into things: every name once, under the name and layer that the join table gives."""
    becomes = {(j["layer"], j["name"]): (j["becomes_layer"], j["becomes"]) for j in joins}
    things: dict[tuple[str, str], Thing] = {}
    for fact in facts:
        key = becomes.get((fact.layer, fact.name), (fact.layer, fact.name))
        thing = things.setdefault(key, Thing(*key))
        thing.facts.append(fact)
        if fact.name != thing.name and fact.name not in thing.names:
            thing.names.append(fact.name)
    for (_, name), key in becomes.items():
        if key in things and name != key[1] and name not in things[key].names:
            things[key].names.append(name)
    return list(things.values())


class Tables:
    """The small tables beside the excerpts, by thing, and the names of the city's places."""

    def __init__(self, folder: Path) -> None:
        self.joins = read_rows(folder, "joins.csv")
        self.park_names = {j["name"]: j["becomes"] for j in self.joins if j["becomes_layer"] == "park"}
        self.places = {(r["layer"], r["name"]): r for r in read_rows(folder, "places.csv")}
        self.fields = self._by_thing(folder, "fields.csv")
        self.events = self._by_thing(folder, "events.csv")
        admin = folder.parent / "admin"
        self.townships = {(r["county"], r["name"]) for r in read_rows(admin, "townships_mca_2026.csv")}

    @staticmethod
    def _by_thing(folder: Path, name: str) -> dict[tuple[str, str], list[dict[str, str]]]:
        found: dict[tuple[str, str], list[dict[str, str]]] = defaultdict(list)
        for row in read_rows(folder, name):
            found[row["layer"], row["name"]].append(row)
        return found

    def check(self, things: Iterable[Thing]) -> None:
        """Refuse a row of a table that names no thing, which would be a fact silently lost."""
        known = {(t.layer, t.name) for t in things}
        for table in (self.places, self.fields, self.events):
            for layer, name in table:
                if (layer, name) not in known:
                    raise InputError(f"named_facts 的表里写了“{name}”（{layer}），但没有这个事物。", "请改正。")


def place_of(thing: Thing, tables: Tables) -> Row:
    """Return the columns of the place as stated: county, unit, township and park."""
    stated = tables.places.get((thing.layer, thing.name), {})
    county = stated.get("county") or next((f.county for f in thing.facts if f.county), "")
    unit = stated.get("unit") or next((f.unit for f in thing.facts if f.unit), "")
    where = next((f.town_or_park for f in thing.facts if f.town_or_park), "")
    township = stated.get("township") or (where if (county, where) in tables.townships else "")
    park = stated.get("park") or ("" if where == township else tables.park_names.get(where, where))
    accuracy = "乡镇" if township else "县级" if county else "无"
    row = {"所属县区": county, "所属板块": unit, "乡镇": township, "位置精度": accuracy}
    return row | ({"所属园区": park} if park else {})


def clean_alias(value: str) -> str:
    """Return the name that an alias fact gives, without its remark; '' where it only suspects."""
    return "" if value.startswith("疑") else value.split("(")[0]


def is_remark(name: str) -> bool:
    """Whether a listed name is another name with a remark about its source, and so no name of its own."""
    return name.endswith("另一来源)")


def fields_of(thing: Thing, tables: Tables, cat: Catalogue) -> Row:
    """Return the columns that the facts state: exact numbers, curated terms, dated events."""
    layer = cat.layer(thing.layer)
    row: Row = {}
    for fact in thing.facts:
        rule = NUMBERS.get((thing.layer, fact.attribute, fact.unit_of_value))
        if rule and EXACT.fullmatch(fact.value):
            name, factor = rule
            row.setdefault(header_of(layer, name), f"{float(fact.value) * factor:.10g}")
    for extra in tables.fields[thing.layer, thing.name]:
        row[header_of(layer, extra["field"])] = extra["value"]
    for event in tables.events[thing.layer, thing.name]:
        group = next(g for g in layer.events if event["type"] in g.types)
        row[group.date_aliases[event["type"]][0]] = event["date"]
        if event["level"]:
            row[header_of(layer, group.field)] = event["level"]
    return row


def record_of(thing: Thing, tables: Tables, cat: Catalogue) -> Row:
    """Return the one record of a thing under the column titles that the import recognises."""
    aliases = [n for n in thing.names if not is_remark(n)]
    aliases += [clean_alias(f.value) for f in thing.facts if f.attribute == ALIAS_ATTRIBUTE]
    place = place_of(thing, tables)
    lines = list(dict.fromkeys(f.line for f in thing.facts))
    park_field = cat.layer(thing.layer).field("park_key")
    if park_field is None and (park := place.pop("所属园区", "")):
        lines.insert(0, f"所在 {park}")
    sources = list(dict.fromkeys(f.source for f in thing.facts))
    lines += [f"其他来源：{source}" for source in sources[1:]]
    mirrored = any(f.source_class == "mirror" for f in thing.facts)
    dates = [f.date for f in thing.facts if FULL_DATE.fullmatch(f.date)]
    return (
        {"名称": thing.name, "别名": "；".join(dict.fromkeys(a for a in aliases if a))}
        | place
        | fields_of(thing, tables, cat)
        | {
            "已载事实": "\n".join(lines),
            "核实状态": "待核实" if mirrored else "已核实",
            "数据来源": sources[0],
            "数据日期": max(dates, default=""),
        }
    )


def build_things(folder: Path) -> tuple[list[Thing], Tables]:
    """Read the excerpts of a folder into joined, checked things."""
    tables = Tables(folder)
    facts = read_facts(folder, ("盐城经济技术开发区", "盐南高新区"))
    things = join_things(facts, tables.joins)
    tables.check([*things, *(Thing("infrastructure", name) for name in ("射阳机场", "盐城建湖通用机场"))])
    return things, tables


def make_records(folder: Path) -> dict[str, dict[str, list[Row]]]:
    """Return the records of every layer by file: ``{"park": {"parks.csv": [...]}, ...}``."""
    cat = catalogue()
    things, tables = build_things(folder)
    records: dict[str, list[Row]] = {layer: [] for layer in LAYERS}
    for thing in things:
        records[thing.layer].append(record_of(thing, tables, cat))
    plants = energy_rows(folder, records["infrastructure"], cat.layer("infrastructure"))
    names = {
        "park": "parks.csv", "project": "projects.csv", "factory": "factories.csv",
        "enterprise": "enterprises.csv", "platform": "platforms.csv", "constraint": "constraints.csv",
    }  # fmt: skip
    return {layer: {file: records[layer]} for layer, file in names.items()} | {"infrastructure": plants}


def main(target: Path = SHAPEFILES) -> None:
    """Write every layer's CSV below ``target`` and bring the checksums of its ``source.toml`` up to date."""
    records = make_records(SHAPEFILES / "named_facts")
    write_sketch(SHAPEFILES, target, records["park"])
    for layer, files in records.items():
        write_layer(target, layer, files)


if __name__ == "__main__":
    main(*(Path(a) for a in sys.argv[1:2]))
