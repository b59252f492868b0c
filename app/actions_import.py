"""What a person does with a received file: each step off the event loop, from this machine only.

Every function takes the settings of the deployment; what writes to the database takes a reason and who gave it.
"""

from __future__ import annotations

import asyncio
import ipaddress
import re
import secrets
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from app import actions
from app.i18n import t
from app.pages.data import books, summary
from app.pages.data.drafts import Draft, Drafts
from app.pages.data.pager import PAGE, Asked
from app.pages.data.quarantine import cause_of
from app.pages.source import Source
from etl.headers import Dictionary, match_headers
from etl.options import Options
from etl.pipeline import Context, Report, check_file, import_file
from etl.read import read_file, sheet_names
from etl.returned import write_returned
from etl.table import Table
from etl.template import write_template
from geo.errors import ConflictError, DatumUndecidedError, ForbiddenError, InputError, ReadError
from layers.registry import Catalogue
from layers.settings import Settings
from layers.spec import Layer
from layers.store.load import Published
from layers.store.quarantine import HeldFile, HeldPage, read_held, read_held_page
from layers.store.reader import Reader
from layers.store.rollback import rollback

MOST_BYTES = 200 << 20
FORWARDED = ("x-forwarded-for", "forwarded", "x-real-ip")
CHOICES = frozenset(
    {"datum", "crs", "sheet", "mode", "as_of", "approximate", "swapped", "publisher", "licence", "url", "is_demo"}
)
STAGES = {"read": 2, "headers": 3, "locate": 4, "review": 5}
_locks: dict[str, asyncio.Lock] = {}


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def check_here(remote: str | None, headers: Mapping[str, str]) -> None:
    """Refuse callers who do not sit at this machine, and pages of other sites, while there are no accounts.

    Raises
    ------
    ForbiddenError
        The caller is elsewhere, came through a proxy, or is another site's page.
    """
    names = {k.lower(): v for k, v in headers.items()}
    own = _is_loopback(remote or "") and _is_loopback(urlsplit("//" + names.get("host", "")).hostname or "")
    origin = names.get("origin")
    foreign = origin is not None and urlsplit(origin).netloc != names.get("host")
    if not own or foreign or any(h in names for h in FORWARDED):
        raise ForbiddenError("收到的文件和隔离的行只能在本机查看和改动。", "请在运行园图的电脑上打开，或用命令行导入。")


def context(settings: Settings, cat: Catalogue) -> Context:
    """Return what an import needs."""
    return Context(actions.writer_dsn(settings), cat, settings.var_dir)


def _clean_name(name: str) -> str:
    plain = re.sub(r"[\x00-\x1f\x7f]", "", name.replace("\\", "/").rsplit("/", 1)[-1]).strip()
    if not plain or len(plain.encode()) > 240:
        raise InputError("文件没有可用的名字。", "请改一个短一些的文件名后再上传。")
    return plain


def _unkept(name: str, error: OSError) -> ReadError:
    return ReadError(f"“{name}”保存不下来：{error.strerror}。", "请检查磁盘空间后再试。")


async def keep(chunks: AsyncIterator[bytes], path: Path, name: str) -> str:
    """Write a file that comes in to ``path``; return its name without folders.

    Raises
    ------
    InputError
        The file has no usable name.
    ReadError
        Empty, larger than ``MOST_BYTES``, or the disk is full.
    """
    plain, size = _clean_name(name), 0
    try:
        with path.open("wb") as stream:
            async for chunk in chunks:
                size += len(chunk)
                if size > MOST_BYTES:
                    raise ReadError(
                        f"“{plain}”超过网页上传的上限 {MOST_BYTES >> 20} MB，没有保留。",
                        "请用命令行 yuantu import 导入。",
                    )
                await asyncio.to_thread(stream.write, chunk)
    except OSError as error:
        raise _unkept(plain, error) from error
    if not size:
        raise ReadError(f"“{plain}”是空的，没有保留。", "请确认文件是否选对。")
    return plain


async def receive(settings: Settings, cat: Catalogue, chunks: AsyncIterator[bytes], name: str, who: str = "") -> Draft:
    """Keep an uploaded file as a draft, with the layer its headers suggest; nothing is imported.

    Raises
    ------
    ReadError
        Empty, larger than ``MOST_BYTES``, or the disk is full; nothing is kept.
    """
    drafts = Drafts(settings.var_dir)
    await asyncio.to_thread(drafts.folder.mkdir, parents=True, exist_ok=True)
    part = drafts.folder / f"{secrets.token_hex(8)}.part"
    try:
        plain = await keep(chunks, part, name)
        draft = await asyncio.to_thread(drafts.add, part, plain, who)
    except OSError as error:
        raise _unkept(_clean_name(name), error) from error
    finally:
        part.unlink(missing_ok=True)
    layer = await asyncio.to_thread(_suggest, drafts, draft, cat)
    draft = replace(draft, layer=layer)
    await asyncio.to_thread(drafts.save, draft)
    return draft


def _suggest(drafts: Drafts, draft: Draft, cat: Catalogue) -> str:
    words = [Dictionary(x) for x in cat.layers.values() if x.id != "boundary"]
    try:
        table = read_file(drafts.data(draft), draft.file_name, known=lambda text: any(w.knows(text) for w in words))
    except InputError:
        return summary.guess_layer(cat, (), draft.file_name)
    return summary.guess_layer(cat, [c.header for c in table.columns], draft.file_name)


async def choose(settings: Settings, cat: Catalogue, ident: str, given: Mapping[str, Any]) -> Draft:
    """Change a draft's choices: ``layer``, ``column`` + ``target``, or an option of ``CHOICES``.

    Raises
    ------
    ConflictError
        It is published already.
    InputError, NotFoundError
        Not a choice there is.
    """
    drafts = Drafts(settings.var_dir)
    draft = await asyncio.to_thread(drafts.get, ident)
    if draft.run is not None:
        raise ConflictError(f"这个文件已发布为第 {draft.run} 号运行。", "若要改动，请先回滚那次运行，或重新上传。")
    options = dict(draft.options)
    if "sheet" in given:
        options["columns"] = {}
    if "layer" in given:
        layer = cat.layer(str(given["layer"]))
        draft, options = replace(draft, layer=layer.id, suggested=False), options | {"columns": {}}
    if "column" in given:
        options["columns"] = dict(options.get("columns", {})) | {str(given["column"]): str(given.get("target", ""))}
    for name in CHOICES & set(given):
        options[name] = given[name]
    draft = replace(draft, options=options, state="new")
    _checked_options(draft)
    await asyncio.to_thread(drafts.save, draft)
    return draft


def _checked_options(draft: Draft) -> Options:
    closed = {"mode": ("upsert", "replace"), "approximate": ("text", "accept"), "swapped": ("quarantine", "fix")}
    for name, allowed in closed.items():
        if draft.options.get(name, allowed[0]) not in allowed:
            raise InputError("没有这种选择。", "请从列表中选。")
    try:
        return draft.import_options()
    except ValueError as error:
        raise InputError(f"日期“{draft.options.get('as_of')}”看不懂。", "请写作 2026-06-30。") from error


async def review(settings: Settings, reader: Reader, ident: str) -> tuple[Draft, dict[str, Any]]:
    """Return a draft and its review: what would happen, or what must be answered first. Nothing is written.

    Raises
    ------
    NotFoundError, DatabaseUnavailableError
        No such draft; no database to compare with.
    CancelledError
        Stopped by :func:`stop`.
    """
    drafts = Drafts(settings.var_dir)
    async with _locks.setdefault(ident, asyncio.Lock()):
        draft = await asyncio.to_thread(drafts.get, ident)
        kept = await asyncio.to_thread(drafts.review, draft)
        if draft.run is not None and kept is not None:
            return draft, kept
        version = (await reader.versions()).get(draft.layer, 0)
        mark = draft.fingerprint(version)
        if kept is not None and kept["mark"] == mark:
            return draft, kept
        names = await Source(reader, reader.cat).names()
        made = await asyncio.to_thread(_review, settings, reader.cat, drafts, draft, names)
        made |= {"mark": mark, "version": version}
        state = "waiting" if made["stage"] == STAGES["review"] else "asking"
        draft = replace(draft, state=state, n_read=made["n_rows"])
        await asyncio.to_thread(drafts.keep_review, draft, made)
        await asyncio.to_thread(drafts.save, draft)
    return draft, made


def _refusal(error: InputError, stage: str) -> dict[str, Any]:
    candidates = error.details.get("candidates", [])
    return {
        "stage": STAGES[stage],
        "error": {"message": error.message, "cure": error.cure, "candidates": candidates},
    }


def _review(
    settings: Settings, cat: Catalogue, drafts: Drafts, draft: Draft, names: Mapping[str, str]
) -> dict[str, Any]:
    layer, options, data = cat.layer(draft.layer), draft.import_options(), drafts.data(draft)
    made: dict[str, Any] = {"columns": [], "n_columns": 0, "n_matched": 0, "n_rows": 0, "file": {}}
    made["sheets"] = sheet_names(data, draft.file_name)
    try:
        table = read_file(data, draft.file_name, sheet=options.sheet, known=Dictionary(layer).knows)
    except InputError as error:
        return made | _refusal(error, "read")
    matches = match_headers([c.header for c in table.columns], Dictionary(layer), options.columns)
    try:
        with drafts.running(draft.id).watched() as watch:
            report = check_file(layer.id, data, options, context(settings, cat), name=draft.file_name, watch=watch)
    except DatumUndecidedError as error:
        return made | summary.examine(table, layer, matches, None) | _refusal(error, "locate")
    except InputError as error:
        if "headers" not in error.details:
            return made | summary.examine(table, layer, matches, None) | _refusal(error, "locate")
        if draft.suggested:  # the layer is only our guess: what does not fit it need not be its file
            said = t("import.e_no_layer", columns=t("steward.and").join(c.header for c in table.columns[:12]))
            error = InputError(said, t("import.e_no_layer_cure"))
        return made | summary.examine(table, layer, matches, None) | _refusal(error, "headers")
    drafts.keep_rows(draft, "faults", books.every_fault(report, layer))
    drafts.keep_rows(draft, "difference", books.every_change(report, layer, names))
    return made | _reviewed(table, layer, report, names)


def _reviewed(table: Table, layer: Layer, report: Report, names: Mapping[str, str]) -> dict[str, Any]:
    by_header = {m.header: m for m in report.matches}
    matches = [by_header[c.header] for c in table.columns]
    examined = summary.examine(table, layer, matches, report)
    seen = {c.header for c in table.columns}
    for other in table.others:  # of a table under this one: its own columns can be corrected too
        more = tuple(c for c in other.columns if c.header in by_header and c.header not in seen)
        seen |= {c.header for c in more}
        found = summary.examine(replace(other, columns=more), layer, [by_header[c.header] for c in more], report)
        examined["columns"] += found["columns"]
        examined["n_columns"] += found["n_columns"]
        examined["n_matched"] += found["n_matched"]
    return examined | {
        "stage": STAGES["review"], "error": None, "counts": report.counts, "diff": report.diff,
        "difference": summary.difference(report, layer, names), "datum": report.datum,
        "faults": summary.faults(report, layer),
    }  # fmt: skip


async def publish(settings: Settings, reader: Reader, ident: str, *, reason: str, who: str, seen: str) -> Report:
    """Publish a draft as one run, exactly as it was shown.

    Raises
    ------
    ForbiddenError
        No reason was given.
    ConflictError
        Published already, or not what was shown any more: nothing was written.
    """
    if not reason.strip():
        raise ForbiddenError("没有填写原因，没有写入任何数据。", "请写一句为什么发布，例如“9 月月报”。")
    draft, made = await review(settings, reader, ident)
    drafts = Drafts(settings.var_dir)
    async with _locks.setdefault(ident, asyncio.Lock()):
        draft = await asyncio.to_thread(drafts.get, ident)
        if draft.run is not None:
            raise ConflictError(f"这个文件已发布为第 {draft.run} 号运行。", "请看运行记录。")
        if made["stage"] != STAGES["review"]:
            raise ConflictError("这个文件还有问题没有回答，没有写入任何数据。", "请先选定坐标系或名称列。")
        if made["mark"] != seen:
            raise ConflictError("核对之后数据或选择有了变化，没有写入任何数据。", "请看过新的差异后再发布。")
        options = draft.import_options(reason=reason.strip(), started_by=who.strip() or draft.received_by)
        data = await asyncio.to_thread(drafts.data, draft)
        where = context(settings, reader.cat)
        report = await asyncio.to_thread(_publish, drafts, draft, data, options, where, made["version"])
        await asyncio.to_thread(drafts.save, replace(draft, run=report.run, state="published"))
        await asyncio.to_thread(drafts.keep_review, draft, made | {"stage": 6, "counts": report.counts})
    return report


def _publish(drafts: Drafts, draft: Draft, data: bytes, options: Options, where: Context, version: int) -> Report:
    with drafts.running(draft.id).watched() as watch:
        return import_file(draft.layer, data, options, where, name=draft.file_name, watch=watch, at_version=version)


async def progress(settings: Settings, ident: str) -> str:
    """Return how far the review or the publishing of a draft is, '' when none is under way."""
    return await asyncio.to_thread(lambda: Drafts(settings.var_dir).running(ident).text())


async def stop(settings: Settings, ident: str) -> None:
    """Stop the review or the publishing of a draft, in whatever process it runs."""
    await asyncio.to_thread(lambda: Drafts(settings.var_dir).running(ident).stop())


async def discard(settings: Settings, ident: str) -> None:
    """Remove a draft and its file; what was published stays."""
    await asyncio.to_thread(Drafts(settings.var_dir).remove, ident)


async def drafts_of(settings: Settings) -> list[Draft]:
    """Return the drafts, the latest first."""
    return await asyncio.to_thread(Drafts(settings.var_dir).all)


async def undo_preview(reader: Reader, run: int) -> dict[str, Any]:
    """Return what rolling a run back would undo."""
    found = await reader.runs(run=run, limit=1, internal=True)
    if not found:
        raise ConflictError(f"没有第 {run} 号运行。", "请刷新后再试。")
    return found[0]


async def undo(settings: Settings, cat: Catalogue, run: int, *, reason: str, who: str) -> Published:
    """Roll a run back as a new run.

    Raises
    ------
    ForbiddenError
        No reason was given.
    ConflictError
        Later runs touched the same records; nothing was changed.
    """
    if not reason.strip():
        raise ForbiddenError("没有填写原因，没有改动任何数据。", "请写一句为什么回滚。")
    dsn = await asyncio.to_thread(actions.writer_dsn, settings)
    return await asyncio.to_thread(rollback, dsn, cat, run, started_by=who.strip(), reason=reason.strip())


async def held(
    settings: Settings, layer_id: str, run: int | None = None, tickets: Sequence[int] | None = None
) -> list[HeldFile]:
    """Return the rows of a layer that wait in quarantine, by the run that held them back, with their faults."""
    dsn = await asyncio.to_thread(actions.writer_dsn, settings)
    return await asyncio.to_thread(read_held, dsn, layer_id, run, tickets)


async def held_page(settings: Settings, layer_id: str, asked: Asked) -> HeldPage:
    """Return the page of a layer's quarantine that an address asks for."""
    dsn = await asyncio.to_thread(actions.writer_dsn, settings)
    return await asyncio.to_thread(
        read_held_page, dsn, layer_id, cause=cause_of(asked.why), find=asked.find, first=asked.first, most=PAGE
    )


async def quarantine_file(settings: Settings, cat: Catalogue, layer_id: str) -> bytes:
    """Return the rows that wait as a workbook to send back; imported again, its corrected rows leave the quarantine.

    Raises
    ------
    NotFoundError
        No such layer.
    """
    layer = cat.layer(layer_id)
    return await asyncio.to_thread(write_returned, await held(settings, layer.id), layer)


async def template_file(cat: Catalogue, layer_id: str) -> bytes:
    """Return a layer's import template as a workbook.

    Raises
    ------
    NotFoundError
        No such layer.
    """
    return await asyncio.to_thread(write_template, cat.layer(layer_id), cat)
