"""From text cells to typed values: each column is matched to a field and read by the field's own parser."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from etl.clean_events import EventRow, FigureRow, read_events, read_figures
from etl.fault import Fault
from etl.headers import Dictionary, Match, match_headers, sheet_unit, with_the_one_date
from etl.issues import IssueLog
from etl.options import Options
from etl.parse_amount import Amount, Unit, convert, parse_amount, parse_unit
from etl.parse_code import FORMATS
from etl.parse_date import Period, parse_date
from etl.parse_term import Terms, parse_boolean
from etl.parse_text import is_cell_error, is_nothing, plain
from etl.table import Column, Objects, Table, objects
from layers.registry import Catalogue
from layers.spec import FieldSpec, Layer

Parser = Callable[[str], Any]
_YUAN_CLEAR = Decimal(1_000_000)
_MOST = Decimal(10) ** 16  # more than all money there is, and what eight bytes hold


@dataclass
class Cleaned:
    """A file's rows as typed values, before they are located and checked.

    ``values`` has one object array per field that the file has; ``roles`` one text column per role;
    ``extra`` what matched nothing or could not be used, per row.
    """

    table: Table
    log: IssueLog
    matches: list[Match]
    values: dict[str, Objects] = field(default_factory=dict)
    roles: dict[str, Column] = field(default_factory=dict)
    extra: list[dict[str, str]] = field(default_factory=list)
    events: list[EventRow] = field(default_factory=list)
    figures: list[FigureRow] = field(default_factory=list)
    _plain: dict[str, list[str]] = field(default_factory=dict, repr=False)

    def texts(self, name: str) -> list[str]:
        """Return the texts of a role's column in all rows, each different one made plain once."""
        if name not in self._plain:
            column = self.roles.get(name)
            if column is None:
                self._plain[name] = [""] * len(self.table)
            else:
                cells = column.cells.tolist()
                known = {c: "" if c is None else plain(c) for c in set(cells)}
                self._plain[name] = [known[c] for c in cells]
        return self._plain[name]

    def role(self, name: str, row: int) -> str:
        """Return the text of a role's column in one row, '' when there is none."""
        return self.texts(name)[row] if name in self.roles else ""

    def written(self, name: str, row: int) -> str:
        """Return the text of a role's column as the sender wrote it, but for spaces and line breaks round it."""
        column = self.roles.get(name)
        text = None if column is None else column.cells[row]
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
    matches = match_headers(headers, Dictionary(layer), options.columns, options.remembered)
    matches = with_the_one_date(matches, layer)
    cleaned = Cleaned(table, log, matches, extra=[{} for _ in range(len(table))])
    stated = sheet_unit(table.notes)
    for column, match in zip(table.columns, matches, strict=True):
        log.tick()
        column = _without_errors(column, match, log)
        if match.kind == "role":
            cleaned.roles[match.target] = column
        elif match.kind == "field":
            spec = layer.field(match.target)
            if spec is not None:
                _note_similar(match, spec.title, log)
                cleaned.values[spec.id] = _Reader(cleaned, layer, cat, options, stated).read(column, spec, match)
        elif match.kind == "extra":
            keep_extra(cleaned, column)
            if any(c is not None for c in column.cells):
                log.add("header_unmatched", None, "", match.header)
    cleaned.events = read_events(cleaned, layer, cat)
    cleaned.figures = read_figures(cleaned, layer, options, stated)
    return cleaned


def keep_extra(cleaned: Cleaned, column: Column) -> None:
    """Keep a column's cells in ``extra`` under its header."""
    cells, header = column.cells.tolist(), column.header
    known = {c: None if c is None or is_nothing(c) else c.strip() for c in set(cells)}
    for extra, cell in zip(cleaned.extra, cells, strict=True):
        if (text := known[cell]) is not None:
            extra[header] = text


def _note_similar(match: Match, title: str, log: IssueLog) -> None:
    if match.how in ("similar", "cut"):
        log.add("header_similar", None, match.target, match.header, title=title, score=f"{match.score:.2f}")


def _without_errors(column: Column, match: Match, log: IssueLog) -> Column:
    wrong = [i for i, c in enumerate(column.cells.tolist()) if c is not None and c[:1] == "#" and is_cell_error(c)]
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

    def read(self, column: Column, spec: FieldSpec, match: Match) -> Objects:
        """Read a column; faults become issues, and what cannot be used stays in ``extra``."""
        parse = self._parser(column, spec, match)
        cells = column.cells.tolist()
        made = {cell: None if cell is None else parse(cell) for cell in dict.fromkeys(cells)}
        bad = {cell: value for cell, value in made.items() if isinstance(value, Fault)}
        if bad:
            for i, cell in enumerate(cells):
                if cell in bad:
                    self._fault(bad[cell], i, cell, column, spec)
            made |= {cell: fault.value for cell, fault in bad.items()}
        return objects([made[cell] for cell in cells])

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
        bare = [
            a
            for c in set(column.cells)
            if c and isinstance(a := parse_amount(c), Amount) and a.unit is None and a.number
        ]
        if bare and all(abs(a.number) >= _YUAN_CLEAR for a in bare):
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


def _date_value(cell: str) -> dt.date | Fault | None:
    period = parse_date(cell)
    if isinstance(period, Period) and period.coarse:
        return Fault("date_coarse", period.day, {"expected": period.day.isoformat()})
    return period.day if isinstance(period, Period) else period


def _text_value(cell: str) -> str | None:
    text = cell.strip()
    return None if is_nothing(text) else text
