"""From text cells to typed values: each column is matched to a field and read by the field's own parser."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from etl._bulk import DIGIT, DOT
from etl.beforehand import REPEATED, note_twice, since_1904, stated_unit
from etl.clean_events import EventRow, FigureRow, read_events, read_figures
from etl.extra import Extra
from etl.fault import Fault
from etl.headers import Dictionary, Match, match_headers, with_the_one_date
from etl.issues import IssueLog
from etl.levels import find_levels, read_levels
from etl.options import Options
from etl.parse_amount import Amount, Unit, convert, parse_amount, parse_unit
from etl.parse_code import FORMATS
from etl.parse_date import Period, parse_date
from etl.parse_term import Terms, parse_boolean
from etl.parse_text import is_cell_error, is_nothing, plain
from etl.shared import without_shared
from etl.table import Column, Table
from etl.texts import Array, Flags, credit_codes, days, decimals, each, missing, plain_texts, project_codes
from layers.registry import Catalogue, catalogue
from layers.spec import FieldSpec, Layer

Parser = Callable[[str], Any]
_ROUNDED = 0.05  # 1.2亿 beside 12,345万 is the same, rounded
_YUAN_CLEAR = Decimal(1_000_000)
_MOST = Decimal(10) ** 16  # more than all money there is, and what eight bytes hold


@dataclass
class Cleaned:
    """A file's rows as typed values, before they are located and checked.

    ``values`` has one Arrow array per field that the file has, of the field's type; ``roles`` one text column
    per role; ``extra`` what matched nothing or could not be used.
    """

    table: Table
    log: IssueLog
    matches: list[Match]
    values: dict[str, Array] = field(default_factory=dict)
    roles: dict[str, Column] = field(default_factory=dict)
    extra: Extra = field(default_factory=Extra)
    cat: Catalogue = field(default_factory=catalogue)
    events: list[EventRow] = field(default_factory=list)
    figures: list[FigureRow] = field(default_factory=list)
    _plain: dict[str, list[str]] = field(default_factory=dict, repr=False)

    def texts(self, name: str) -> list[str]:
        """Return the texts of a role's column in all rows, each different one made plain once."""
        if name not in self._plain:
            column = self.roles.get(name)
            self._plain[name] = [""] * len(self.table) if column is None else each(column.texts.fill_null(""), plain)
        return self._plain[name]

    def role(self, name: str, row: int) -> str:
        """Return the text of a role's column in one row, '' when there is none."""
        if name in self._plain or name not in self.roles:
            return self._plain[name][row] if name in self._plain else ""
        return plain(self.roles[name].at(row) or "")

    def written(self, name: str, row: int) -> str:
        """Return the text of a role's column as the sender wrote it, but for spaces and line breaks round it."""
        column = self.roles.get(name)
        text = None if column is None else column.at(row)
        return "" if text is None else " ".join(text.split())


def clean(table: Table, layer: Layer, cat: Catalogue, options: Options, log: IssueLog) -> Cleaned:
    """Match the columns and read every cell.

    Parameters
    ----------
    table : Table
        As read.
    layer, cat : Layer, Catalogue
        What the rows are to become.
    options : Options
        Corrections of headers and units, and the policies.
    log : IssueLog
        Takes the issues.
    """
    headers = [c.header for c in table.columns]
    words = Dictionary(layer)
    matches = match_headers(headers, words, options.columns, options.remembered)
    matches = with_the_one_date(matches, layer)
    table = since_1904(table, matches, layer)
    cleaned = Cleaned(table, log, matches, cat=cat)
    layout = find_levels(table, matches, layer, cat)
    stated = stated_unit(table, log)
    note_twice(table, matches, log)
    for j, (column, match) in enumerate(zip(table.columns, matches, strict=True)):
        log.tick()
        if j in layout.used:
            continue
        column = _without_errors(column, match, log)
        if match.kind == "role":
            cleaned.roles[match.target] = column
        elif match.kind == "field":
            spec = layer.field(match.target)
            if spec is not None:
                if spec.role == "extensive":
                    column = without_shared(cleaned, column, spec.id, spec.title)
                _note_similar(match, spec.title, log)
                cleaned.values[spec.id] = _Reader(cleaned, layer, cat, options, stated).read(column, spec, match)
        elif match.kind == "extra":
            cleaned.extra.keep(column)
            if not column.missing.all():
                log.add("header_unmatched", None, "", match.header)
    _note_contradicted(cleaned, layer, words, options, stated)
    cleaned.events = read_events(cleaned, layer, cat, read_levels(cleaned, layer, layout))
    cleaned.figures = read_figures(cleaned, layer, options, stated)
    return cleaned


def _note_contradicted(
    cleaned: Cleaned, layer: Layer, words: Dictionary, options: Options, stated: Unit | None
) -> None:  # fmt: skip
    """Say where a column that is not used states another amount than the one that is: 总投资 in 万元 and in 亿元."""
    for column, match in zip(cleaned.table.columns, cleaned.matches, strict=True):
        hit = words.look_up(column.header) if match.kind == "extra" and match.how == "none" else None
        spec = layer.field(hit[0][1]) if hit is not None and hit[0][0] == "field" else None
        used = cleaned.values.get(spec.id) if spec is not None and spec.is_number else None
        if spec is None or used is None or REPEATED.search(column.header):
            continue
        unit = match.unit or (stated if spec.type == "cny" else None)
        parse = NumberParser(spec, parse_unit(spec.unit) if spec.unit else None, unit, options)
        for i in np.flatnonzero(~column.missing & ~missing(used)).tolist():
            other, value = parse(column.at(i) or ""), used[i].as_py()
            if isinstance(other, int | float) and abs(other - value) > _ROUNDED * max(abs(other), abs(value)):
                said = {"title": column.header, "expected": spec.title, "found": value}
                cleaned.log.add("amount_contradicted", i, spec.id, column.at(i), **said)


def _note_similar(match: Match, title: str, log: IssueLog) -> None:
    if match.how in ("similar", "cut"):
        log.add("header_similar", None, match.target, match.header, title=title, score=f"{match.score:.2f}")


def _without_errors(column: Column, match: Match, log: IssueLog) -> Column:
    wrong = [i for i in np.flatnonzero(column.look.first == ord("#")).tolist() if is_cell_error(column.at(i) or "")]
    if not wrong:
        return column
    cells = column.cells.copy()
    for i in wrong:
        log.add("cell_error", i, match.target, cells[i], title=column.header)
        cells[i] = None
    return Column(column.header, cells, column.kinds)


@dataclass
class _Reader:
    """Reads the columns of one file."""

    cleaned: Cleaned
    layer: Layer
    cat: Catalogue
    options: Options
    stated: Unit | None

    def read(self, column: Column, spec: FieldSpec, match: Match) -> Array:
        """Read a column; faults become issues, and what cannot be used stays in ``extra``.

        Cells in the plain form of the field's type are read all at once, the others one by one.
        """
        parse = self._parser(column, spec, match)
        values, good = read_plain(column, spec, parse)
        if (good | column.missing).all():
            return values
        texts = pc.if_else(pa.array(good), pa.scalar(None, pa.string()), column.texts) if good.any() else column.texts
        cells = texts.dictionary_encode()
        made = [parse(cell) for cell in cells.dictionary.to_pylist()]
        of = cells.indices.fill_null(-1).to_numpy()
        wrong = [which for which, value in enumerate(made) if isinstance(value, Fault)]
        for i in np.flatnonzero(np.isin(of, wrong)).tolist() if wrong else ():
            self._fault(made[of[i]], i, str(column.at(i)), column, spec)
        made = [value.value if isinstance(value, Fault) else value for value in made]
        read = pa.array(made, values.type).take(cells.indices)
        return pc.if_else(pa.array(good), values, read) if good.any() else read

    def _fault(self, fault: Fault, i: int, cell: str, column: Column, spec: FieldSpec) -> None:
        log = self.cleaned.log
        log.add_fault(fault, i, spec.id, cell, spec.title)
        if fault.type != "url_invalid":
            self.cleaned.extra[i][column.header] = cell.strip()
        if fault.value is None and spec.id in self.layer.key and self.layer.key != ("name",):
            hint = fault.facts.get("hint", "")
            log.add("key_invalid", i, spec.id, cell, title=spec.title, expected=hint)
        elif fault.value is None and spec.required:
            log.add("required_bad", i, spec.id, cell, title=spec.title, expected=fault.facts.get("expected", ""))

    def _parser(self, column: Column, spec: FieldSpec, match: Match) -> Parser:
        if spec.is_number:
            return self._number_parser(column, spec, match)
        if spec.type == "date":
            return _date_value
        if spec.type == "boolean":
            return parse_boolean
        if spec.is_categorical:
            terms = Terms(spec, self.cat)
            return terms.parse_list if spec.type == "list" else terms.parse
        if spec.format:
            return FORMATS[spec.format]
        return _text_value

    def _number_parser(self, column: Column, spec: FieldSpec, match: Match) -> Parser:
        target = parse_unit(spec.unit) if spec.unit else None
        stated = parse_unit(self.options.units.get(column.header, "")) or match.unit
        if stated is None and spec.type == "cny":
            stated = self.stated if self.stated and self.stated.dimension in ("money", "") else None
            stated = stated or self._yuan(column, spec)
        return NumberParser(spec, target, stated, self.options)

    def _yuan(self, column: Column, spec: FieldSpec) -> Unit | None:
        """Yuan, when the header is the field's own id or every bare number is a million or more."""
        if column.header.strip().lower() == spec.id:
            return parse_unit("元")
        found = decimals(column.texts)
        rest = pc.unique(column.texts.filter(pa.array(~found.good & ~column.missing))).to_pylist()
        bare = [a for c in rest if isinstance(a := parse_amount(c), Amount) and a.unit is None and a.number]
        clear = np.abs(found.number) >= int(_YUAN_CLEAR) * np.power(10, np.minimum(found.scale, 10))
        some = found.good & (found.number != 0)
        if (bare or some.any()) and all(abs(a.number) >= _YUAN_CLEAR for a in bare) and clear[some].all():
            self.cleaned.log.add("unit_assumed", None, spec.id, column.header)
            return parse_unit("元")
        return None


@dataclass(frozen=True)
class NumberParser:
    """Reads a quantity into the stored unit of its field."""

    spec: FieldSpec
    target: Unit | None
    stated: Unit | None
    options: Options

    def __call__(self, cell: str) -> float | int | Fault | None:
        """Return the number, or the fault."""
        amount = parse_amount(cell)
        approximate = False
        if isinstance(amount, Fault):
            if amount.type != "approximate_amount" or self.options.approximate != "accept":
                return Fault(amount.type, None, amount.facts)
            amount, approximate = amount.value, True  # type: ignore[assignment]
        if not isinstance(amount, Amount):
            return None
        value = self._stored(amount)
        if isinstance(value, Fault) or not approximate:
            return value
        return Fault("approximate_accepted", value)

    @property
    def times(self) -> int | None:
        """How many stored units a bare number's one is; None where that is no whole number or nothing tells it."""
        if self.spec.type == "cny" and self.stated is None:
            return None
        one = convert(Amount(Decimal(1), None), self.target, self.stated)
        return int(one) if one is not None and one == one.to_integral_value() and 1 <= one <= 10**12 else None

    def _stored(self, amount: Amount) -> float | int | Fault:
        if self.spec.type == "cny" and amount.unit is None and self.stated is None and amount.number != 0:
            return Fault("unit_missing")
        number = convert(amount, self.target, self.stated)
        if number is None:
            return Fault("unit_mismatch", None, {"expected": self.spec.unit or "纯数字"})
        if abs(number) >= _MOST:
            return Fault("number_too_large")
        if self.spec.type == "cny":
            return int(number.to_integral_value(rounding="ROUND_HALF_UP"))
        if self.spec.type == "integer":
            return int(number) if number == number.to_integral_value() else Fault("not_integer")
        return float(number)


_TYPES = {
    "text": pa.string(), "code": pa.string(), "list": pa.list_(pa.string()), "integer": pa.int64(), "cny": pa.int64(),
    "number": pa.float64(), "date": pa.date32(), "boolean": pa.bool_(),
}  # fmt: skip
_CODES = {"credit_code": credit_codes, "project_code": project_codes}


def read_plain(column: Column, spec: FieldSpec, parse: Parser) -> tuple[Array, Flags]:
    """Return a column's values where its cells have the plain form of the field's type, and where they have it."""
    kind = _TYPES[spec.type]
    good = np.zeros(len(column), bool)
    if isinstance(parse, NumberParser) and parse.times is not None:
        made, good = _plain_numbers(column, spec, parse.times)
        return pa.array(made, kind, mask=~good), good
    if spec.type == "date":
        made, good = days(column.texts)
        return pa.array(made, pa.int32(), mask=~good).cast(kind), good
    if kind == pa.string() and not spec.is_categorical:
        if spec.format in _CODES:
            good = _CODES[spec.format](column.texts)
        elif not spec.format:
            good = plain_texts(column.look)
        return pc.if_else(pa.array(good), column.texts, pa.scalar(None, kind)), good
    return pa.nulls(len(column), kind), good


def _plain_numbers(column: Column, spec: FieldSpec, times: int) -> tuple[Any, Flags]:
    found = decimals(column.texts)
    digits = column.look.only(DIGIT | DOT)
    good = found.good & digits & (found.scale <= 9) & (found.number < 2**53 // times) & (found.number < 10**15)
    number = np.where(good, found.number, 0) * times
    over = np.power(10, np.where(good, found.scale, 0))
    if spec.type == "cny":
        return (2 * number + over) // (2 * over), good
    if spec.type == "integer":
        return number // over, good & (number % over == 0)
    return number / over, good


def _date_value(cell: str) -> dt.date | Fault | None:
    period = parse_date(cell)
    if isinstance(period, Period) and period.is_vague:
        return Fault("date_coarse", period.day, {"expected": period.day.isoformat()})
    return period.day if isinstance(period, Period) else period


def _text_value(cell: str) -> str | None:
    text = cell.strip()
    return None if is_nothing(text) else text
