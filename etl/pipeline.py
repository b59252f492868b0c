"""The import: read, clean, locate, check, and then either say what would happen or publish it as one run."""

from __future__ import annotations

import dataclasses
import datetime as dt
import functools
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd
import shapely

from etl import collect
from etl.check import Seen, check, check_duplicates, check_headers_inside, make_keys, name_keys, read_names
from etl.clean import clean
from etl.coordinates import with_written_shapes
from etl.datum_stated import check_stated
from etl.gazetteer import Gazetteer, Known
from etl.headers import Dictionary, Match, column_words
from etl.issues import IssueLog
from etl.likely import find_beside, note_likely
from etl.load import make_batch, read_tickets
from etl.locate import locate
from etl.options import Options, check_as_of
from etl.parse_text import header_key
from etl.parts import MIXED, Prepared, join_parts, split
from etl.read import read_file
from etl.same_name import Namesakes
from etl.standing import Standing, read_standing
from etl.table import Table
from geo.errors import DatumUndecidedError, ReadError
from layers.registry import Catalogue
from layers.spec import Layer
from layers.store import load as store
from layers.store.matches import header_form, remembered
from layers.store.places import active_areas, load_places
from layers.store.quarantine import Origin, origins
from layers.store.slices import today
from layers.store.staging import Batch, Issue, Resource
from layers.store.watch import Watch

_SKIPPED = {"title": "title_row", "total": "total_row", "note": "note_row", "heading": "heading_row",
            "header_again": "header_again_row", "example": "example_row",
            "deleted": "deleted_row", "sheet_hidden": "sheet_hidden",
            "sheet_other": "sheet_other"}  # fmt: skip


NOTHING_STANDS = Standing()
Answered = Callable[[Table, Options], tuple[Table, Options]]


@dataclass(frozen=True)
class Context:
    """What an import needs from outside.

    Attributes
    ----------
    dsn : str
        DSN of ``yuantu_writer``.
    catalogue : Catalogue
        Layers and vocabularies.
    var_dir : Path
        Where received files are kept.
    gazetteer : Gazetteer or None
        Places and areas; None reads them from the database each time.
    """

    dsn: str
    catalogue: Catalogue
    var_dir: Path
    gazetteer: Gazetteer | None = None

    def places(self) -> Gazetteer:
        """Return the places and the active areas."""
        return self.gazetteer or read_gazetteer(self.dsn)


def read_gazetteer(dsn: str, known: Known | None = None) -> Gazetteer:
    """Read the code table and the active areas from the database."""
    return Gazetteer.build(load_places(dsn), active_areas(dsn, "county"), active_areas(dsn, "township"), known=known)


@dataclass
class Report:
    """The import report of DESIGN.md; ``body`` is its JSON, ``rows`` the rows as they are stored."""

    run: int | None
    layer: str
    resource: Resource
    datum: dict[str, Any]
    counts: dict[str, int]
    issues: list[Issue]
    matches: list[Match] = field(default_factory=list)
    evidence: dict[str, str] = field(default_factory=dict)
    diff: dict[str, int] | None = None
    changes: dict[str, Any] = field(default_factory=dict)
    batch: Batch | None = None

    @property
    def rows(self) -> pd.DataFrame:
        """The rows to load, as they are stored."""
        return pd.DataFrame() if self.batch is None else self.batch.frame()

    @property
    def quarantine(self) -> list[dict[str, Any]]:
        """The rows held back."""
        return [] if self.batch is None else self.batch.quarantine

    @property
    def exit_code(self) -> int:
        """0 done, 1 done with rows quarantined."""
        return 1 if self.counts["quarantined"] else 0

    def body(self) -> dict[str, Any]:
        """Return the report as JSON-serialisable objects, in the order of DESIGN.md."""
        out: dict[str, Any] = {
            "run": self.run,
            "layer": self.layer,
            "resource": {
                "sha256": self.resource.sha256, "file_name": self.resource.file_name, "n_bytes": self.resource.n_bytes,
                "publisher": self.resource.publisher, "licence": self.resource.licence, "url": self.resource.url,
                "data_date": self.resource.data_date.isoformat() if self.resource.data_date else None,
            },
            "datum": self.datum,
            "counts": self.counts,
            "issues": [{k: v for k, v in vars(i).items() if k != "entry"} for i in self.issues],
            "columns": [
                {"header": m.header, "kind": m.kind, "target": m.target, "how": m.how, "score": m.score}
                for m in self.matches
            ],
            "file": self.evidence,
        }  # fmt: skip
        if self.diff is not None:
            out["diff"] = self.diff
            out["changes"] = self.changes
        return out


def prepare(
    table: Table, layer: Layer, cat: Catalogue, options: Options, gazetteer: Gazetteer, source_name: str,
    data_date: dt.date | None = None, standing: Standing = NOTHING_STANDS, watch: Watch | None = None,
    namesakes: frozenset[str] | None = None, answered: Answered | None = None,
) -> Prepared:  # fmt: skip
    """Take a table through clean, locate and check.

    ``answered`` says how each part of a file of several is read that answers for rows sent back. ``namesakes`` are
    the keys with a county that a run made when it was first read; None decides anew.

    Raises
    ------
    ReadError
        No column can be the name.
    DatumUndecidedError
        The coordinates fit several datums.
    """
    watch = watch or Watch()
    dates = options.as_of or data_date
    made: list[Prepared] = []
    parts = split(table)
    seen: Seen | None = {} if len(parts) > 1 else None
    same = Namesakes.of(standing.merged, namesakes)
    for part in parts:
        read, how = (part.table, options) if answered is None else answered(part.table, options)
        try:
            made.append(
                _prepare(
                    read, layer, cat, how, gazetteer, source_name, dates, standing, watch, seen, same,
                    sum(p.batch.n_read for p in made),
                )
            )  # fmt: skip
        except DatumUndecidedError as error:
            if not part.label:
                raise
            raise DatumUndecidedError(f"{part.label}：{error.message}", error.cure, **error.details) from error
        made[-1].label = part.label
    whole = made[0] if len(made) == 1 else join_parts(made)
    whole.namesakes = tuple(sorted(same.made))
    return whole


def _prepare(
    table: Table, layer: Layer, cat: Catalogue, options: Options, gazetteer: Gazetteer, source_name: str,
    date: dt.date | None, standing: Standing, watch: Watch, seen: Seen | None, same: Namesakes, offset: int,
) -> Prepared:  # fmt: skip
    watch.step("clean", 0, len(table))
    sheets = None if table.sheets is None else [str(s) for s in table.sheets]
    log = IssueLog(table.row_numbers, sheets, tick=watch.check, offset=offset)
    for skipped in table.skipped:
        log.add_row(_SKIPPED[skipped.reason], skipped.row or None, skipped.text)
    for position, number in enumerate(table.row_numbers) if table.hidden_rows else ():
        if int(number) in table.hidden_rows:
            log.add("hidden_row", position)
    for position, number in enumerate(table.row_numbers) if table.uncomputed else ():
        if int(number) in table.uncomputed:
            log.add("formula_uncomputed", position)
    for position, number in enumerate(table.row_numbers) if table.wide else ():
        if int(number) in table.wide:
            log.add("row_too_wide", position)
    for position, number in enumerate(table.row_numbers) if table.torn else ():
        if int(number) in table.torn:
            log.add("row_torn", position)
    cleaned = with_written_shapes(clean(table, layer, cat, options, log))
    if "name" not in cleaned.roles:
        headers = "、".join(c.header for c in table.columns) or "无"
        raise ReadError(
            f"没有找到“{layer.title}”的名称列；文件的列有：{headers[:300]}。",
            f"名称列可写作“{'、'.join(layer.name_aliases[:3]) or '名称'}”，或在导入时指定哪一列是名称。",
            headers=[c.header for c in table.columns],
        )
    names = read_names(cleaned)
    check_headers_inside(cleaned, Dictionary(layer), names)
    by_name = name_keys(names)
    keys = make_keys(cleaned, layer, by_name)
    watch.step("locate", 0, len(table))
    if gazetteer.known == Known() and options.datum in ("", "auto") and not options.crs:
        gazetteer = dataclasses.replace(gazetteer, known=standing.recognise(standing.keys(keys), names))
    located = locate(cleaned, layer, cat, options, gazetteer, standing.keys(keys), names)
    watch.step("check", 0, len(table))
    check(cleaned, layer, today())
    beside = find_beside(cleaned, located, keys, by_name, names, standing, gazetteer)
    same.learn(((r.key, r.county_code) for r in beside.records), beside.moved)
    keys = standing.keys(same.settle(cleaned, located, layer, keys, by_name))
    check_duplicates(cleaned, keys, seen)
    watch.check()
    note_likely(cleaned, located, keys, names, options, beside.records, standing.apart, gazetteer)
    batch = make_batch(cleaned, located, layer, options, gazetteer, keys, names, source_name, date)
    return Prepared(batch, located.datum.record(), cleaned.matches, table.evidence)


def answer(context: Context, layer: Layer, table: Table, options: Options) -> tuple[Table, Options]:
    """Read a corrected sheet as the file whose rows it sends back: with its units, datum and headers."""
    tickets = read_tickets(next((c for c in table.columns if header_key(c.header) in column_words()["ticket"]), None))
    found = origins(context.dsn, layer.id, tickets) if tickets else []
    if len(found) != 1:  # rows of several files have no one datum or unit in common
        return table, options
    return dataclasses.replace(table, notes=(*table.notes, *found[0].notes)), options.completed_by(replayed(found[0]))


def replayed(origin: Origin) -> Options:
    """Return the options that read a run's file again as that run did: its datum and headers are settled."""
    options = Options.restore(origin.options)
    used = str(origin.datum.get("used") or "").replace(MIXED, "")
    if used and not options.crs:
        plane = used.upper().startswith("EPSG")
        options = dataclasses.replace(options, datum="" if plane else used, crs=used if plane else "")
    kept = {header_form(c["header"]): _named(c) for c in origin.columns if c.get("how") in ("given", "remembered")}
    return dataclasses.replace(
        options, remembered=kept, publisher=options.publisher or origin.publisher,
        licence=options.licence or origin.licence, url=options.url or origin.url,
    )  # fmt: skip


def _named(column: dict[str, Any]) -> str:
    kind = str(column["kind"])
    return "" if kind == "extra" else f"{kind}:{column['target']}"


def _prepare_file(
    context: Context, layer: Layer, data: bytes, resource: Resource, options: Options, watch: Watch
) -> tuple[Prepared, Resource, Options]:
    check_stated(options.datum, options.crs)
    check_as_of(options.as_of, today())
    dictionary = Dictionary(layer)
    watch.step("read")
    table = read_file(data, resource.file_name, sheet=options.sheet, known=dictionary.knows)
    if not table.others:
        table, options = answer(context, layer, table, options)
    known = remembered(context.dsn, layer.id, options.publisher)
    options = dataclasses.replace(options, remembered=known | options.remembered)
    resource = dataclasses.replace(
        resource, publisher=options.publisher, licence=options.licence, url=options.url,
        data_date=resource.data_date or options.as_of,
    )  # fmt: skip
    made = prepare(
        table, layer, context.catalogue, options, context.places(), resource.file_name, resource.data_date,
        read_standing(context.dsn, layer), watch,
        answered=functools.partial(answer, context, layer) if table.others else None,
    )  # fmt: skip
    return made, resource, options


def _collect(path: Path | bytes, name: str | None, options: Options) -> tuple[bytes, Resource]:
    if isinstance(path, bytes):
        data, found = path, name or "upload"
    else:
        data, found = collect.read_source(path)
    resource = collect.describe(
        data, name or found, publisher=options.publisher, licence=options.licence, url=options.url,
        data_date=options.as_of, received_by=options.started_by,
    )  # fmt: skip
    return data, resource


def check_file(
    layer_id: str, source: Path | bytes, options: Options, context: Context, *, name: str | None = None,
    watch: Watch | None = None,
) -> Report:  # fmt: skip
    """Do everything of an import but the last step; nothing is written.

    Parameters
    ----------
    layer_id : str
        The layer the rows are for.
    source : Path or bytes
        The file, or its bytes with ``name``.
    options : Options
        Datum, sheet, mode, corrections, policies.
    context : Context
        Database, catalogue, folder.
    watch : Watch, optional
        Is told how far the work is, and may stop it.

    Raises
    ------
    CancelledError
        It was stopped; nothing was changed.
    NotFoundError, ReadError, DatumUndecidedError
        Refused: no such layer, not readable, datum undecided.
    """
    layer = context.catalogue.layer(layer_id)
    data, resource = _collect(source, name, options)
    watch = watch or Watch()
    prepared, resource, options = _prepare_file(context, layer, data, resource, options, watch)
    _refuse_empty(prepared.batch, layer, options)
    diff = store.difference(context.dsn, layer, context.catalogue, prepared.batch, options.mode, watch)
    counts = _counts(prepared.batch, diff.unchanged)
    report = _report(None, layer, resource, prepared, counts)
    report.diff = {
        "new": len(diff.new), "changed": len(diff.changed), "unchanged": diff.unchanged, "closed": len(diff.closed),
    }  # fmt: skip
    report.changes = {"new": diff.new, "changed": diff.changed, "closed": diff.closed}
    return report


def _refuse_empty(batch: Batch, layer: Layer, options: Options) -> None:
    """A file without records that replaces a layer would end every record of it."""
    if options.mode == "replace" and not batch.n_read:
        raise ReadError(
            f"文件里没有一条记录，不能用来替换“{layer.title}”的全部记录。", "请确认文件是否选对；没有改动任何数据。"
        )


def import_file(
    layer_id: str, source: Path | bytes, options: Options, context: Context, *, name: str | None = None,
    watch: Watch | None = None, at_version: int | None = None,
) -> Report:  # fmt: skip
    """Import a file as one run, in one transaction; the arguments and refusals are those of :func:`check_file`.

    ``at_version``: the layer's version that the check was shown for; a layer that has changed since is left alone.
    """
    layer = context.catalogue.layer(layer_id)
    data, resource = _collect(source, name, options)
    watch = watch or Watch()
    prepared, resource, options = _prepare_file(context, layer, data, resource, options, watch)
    _refuse_empty(prepared.batch, layer, options)
    info = store.RunInfo(
        kind=options.kind, mode=options.mode, resource=resource,
        options=options.record() | ({"namesakes": list(prepared.namesakes)} if prepared.namesakes else {}),
        datum=prepared.datum,
        reason=options.reason, started_by=options.started_by, publisher=options.publisher, at_version=at_version,
        remember={m.header: _named(vars(m)) for m in prepared.matches if m.how == "given"},
    )  # fmt: skip
    with collect.held(data, resource, context.var_dir) as name_it:
        published = store.publish(
            context.dsn, layer, context.catalogue, prepared.batch, info, at_the_end=name_it, watch=watch
        )
    return _report(published.run_id, layer, resource, prepared, _counts(prepared.batch, published.unchanged))


def _counts(batch: Batch, unchanged: int) -> dict[str, int]:
    return {
        "read": batch.n_read,
        "loaded": len(batch.rows) - unchanged,
        "unchanged": unchanged,
        "quarantined": len(batch.quarantine),
        "skipped_non_data": batch.n_skipped,
    }


def _report(run: int | None, layer: Layer, resource: Resource, prepared: Prepared, counts: dict[str, int]) -> Report:
    return Report(
        run, layer.id, resource, prepared.datum, counts, prepared.batch.issues, prepared.matches, prepared.evidence,
        batch=prepared.batch,
    )  # fmt: skip


def stored_rows(report: Report) -> pd.DataFrame:
    """Return the rows as they would be stored, for ``--rows``: fields, codes, and lon, lat in CRS84.

    A shape other than a point gives the coordinates of a point on it; ``geometry`` holds the shape itself.
    """
    rows = report.rows.copy()
    shapes: list[Any] = list(rows.pop("geom")) if "geom" in rows else []
    rows = rows.drop(columns=[c for c in ("geom_3857", "original") if c in rows])
    points = [None if g is None else (g if g.geom_type == "Point" else shapely.point_on_surface(g)) for g in shapes]
    rows["lon"] = [None if p is None else p.x for p in points]
    rows["lat"] = [None if p is None else p.y for p in points]
    rows["geometry"] = shapes
    for column in rows.columns:
        if rows[column].map(lambda v: isinstance(v, tuple | list)).any():
            rows[column] = ["、".join(v) if isinstance(v, tuple | list) else v for v in rows[column]]
    return rows
