"""Orders of reports: entered in the database, made one after the other, with progress and cancel.

Whichever process took an order makes it; any process can show how far it is and cancel it. The drawing itself is
done by the warm process, between two steps of which previews get their turn.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
from functools import cache
from typing import Any

from app.actions import writer_dsn
from app.export.figures import differences
from app.export.products import OF_RECIPE, Order, make, recipe_in
from app.export.worker import workshop
from geo.errors import ConflictError, InputError, YuantuError
from layers.settings import Settings
from layers.store import reports
from layers.store.reader import Reader

LOG = logging.getLogger("yuantu.reports")
MOST_WAITING = 40
EDITABLE = {
    "map": ("title", "subtitle", "compiler", "map_approval_no", "as_of"),
    "site": ("title", "compiler", "map_approval_no", "as_of", "customer"),
    "targets": ("dept", "map_approval_no", "as_of"),
    "notice": ("period", "map_approval_no"),
    "compare": ("title", "map_approval_no", "as_of"),
}
BEAT_SECONDS = 20.0


class Cancelled(Exception):  # noqa: N818 - not a fault: somebody asked for it
    """The order was cancelled while it was being made."""


class Queue:
    """The orders of this process."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.tasks: dict[int, asyncio.Task[None]] = {}
        self._turn = asyncio.Lock()
        self._beat: asyncio.Task[None] | None = None

    @property
    def dsn(self) -> str:
        """The writer's DSN."""
        return writer_dsn(self.settings)

    async def submit(self, order: Order, reader: Reader, *, who: str = "", follows: int | None = None) -> int:
        """Enter an order; return its number.

        Raises
        ------
        InputError
            The recipe cannot be used: it is refused at once, not in the queue.
        ConflictError
            Too many are waiting.
        """
        if len(self.tasks) >= MOST_WAITING:
            raise ConflictError(f"已有 {len(self.tasks)} 份报告在排队。", "请等前面的完成，或取消几份。")
        title = recipe_in(order).title if order.kind in OF_RECIPE else ""
        ident = await asyncio.to_thread(
            reports.add_order, self.dsn, order.kind, order.format, order.body, title=title, who=who, follows=follows
        )
        self.tasks[ident] = asyncio.create_task(self._work(ident, order, reader, follows))
        if self._beat is None or self._beat.done():
            self._beat = asyncio.create_task(self._keep_alive())
        return ident

    async def cancel(self, ident: int) -> bool:
        """Cancel an order, also one of another process; False when it had ended."""
        done = await asyncio.to_thread(reports.end, self.dsn, ident, "已取消。", state="cancelled")
        task = self.tasks.get(ident)
        if task is not None:
            task.cancel()
        return done

    async def _work(self, ident: int, order: Order, reader: Reader, follows: int | None) -> None:
        try:
            async with self._turn:
                await self._make(ident, order, reader, follows)
        except (asyncio.CancelledError, Cancelled):
            await asyncio.shield(asyncio.to_thread(reports.end, self.dsn, ident, "已取消。", state="cancelled"))
        except YuantuError as error:
            await self._failed(ident, f"{error.message}{error.cure}")
        except Exception as error:
            LOG.error("a report failed", exc_info=error)
            await self._failed(ident, "程序出错，没有生成文件。请重试，仍不行请把时间告诉管理员。")
        finally:
            self.tasks.pop(ident, None)

    async def _failed(self, ident: int, message: str) -> None:
        with contextlib.suppress(YuantuError):  # the database is away: the order will show as lost
            await asyncio.to_thread(reports.end, self.dsn, ident, message)

    async def _make(self, ident: int, order: Order, reader: Reader, follows: int | None) -> None:
        async def tell(share: float, step: str) -> None:
            if not await asyncio.to_thread(reports.tell, self.dsn, ident, share, step):
                raise Cancelled

        shop = workshop(self.settings.data_dir)
        made = await make(order, reader, shop.run, self.settings.data_dir, tell)
        changed = None
        if follows is not None:
            before = await reports.read_report(reader, follows)
            changed = differences(before["figures"] or {}, json.loads(json.dumps(made.figures, default=str)))
        finished = reports.Finished(
            content=made.content, title=made.title, file_name=made.name, media=made.media, recipe=made.recipe,
            figures=json.loads(json.dumps(made.figures, default=str)), as_of=made.as_of, known_at=made.known_at,
            n_demo=made.n_demo, differences=changed,
        )  # fmt: skip
        if not await asyncio.to_thread(reports.finish, self.dsn, ident, finished):
            raise Cancelled

    async def _keep_alive(self) -> None:
        while self.tasks:
            await asyncio.sleep(BEAT_SECONDS)
            held = list(self.tasks)
            try:
                alive = await asyncio.to_thread(reports.keep_alive, self.dsn, held) if held else set()
            except YuantuError:
                continue
            for ident in held:
                if ident not in alive and (task := self.tasks.get(ident)) is not None:
                    task.cancel()


def lacks_for_issue(report: dict[str, Any]) -> list[str]:
    """Return what a finished report lacks to be issued; empty when nothing."""
    found = []
    recipe, figures = report["recipe"] or {}, report["figures"] or {}
    if report["kind"] in (*OF_RECIPE, "site") and not recipe.get("compiler") and not recipe.get("house"):
        found.append("编制单位（compiler）没有填写")
    found += [f"图层“{x['title']}”没有数据日期" for x in figures.get("layers", []) if not x.get("data_date")]
    if figures.get("layers") and not any(x["n"] for x in figures["layers"]):
        found.append("没有任何记录")
    if report["n_demo"]:
        found.append("含演示数据，不能正式出具")
    return found


async def issue(queue: Queue, reader: Reader, ident: int, who: str, number: str = "") -> dict[str, Any]:
    """Issue a finished report; it is kept for ever.

    Raises
    ------
    InputError
        Something that a report must have is missing; ``details["problems"]`` lists it.
    ConflictError
        It is not finished, or issued already.
    """
    report = await reports.read_report(reader, ident)
    lacks = lacks_for_issue(report)
    if not who.strip():
        lacks.insert(0, "没有写谁出具")
    if lacks:
        problems = [{"key": "issue", "message": x} for x in lacks]
        raise InputError(f"还不能正式出具：{'；'.join(lacks)}。", "请补齐后重新生成。", problems=problems)
    await asyncio.to_thread(reports.issue, queue.dsn, ident, who.strip()[:100], number.strip()[:60])
    return await reports.read_report(reader, ident)


def editable(report: dict[str, Any]) -> dict[str, str]:
    """Return what may be changed before a report is made again, with what it is now; dates begin open."""
    body = report["ordered"]
    recipe = body.get("recipe") if isinstance(body.get("recipe"), dict) else body
    keys = EDITABLE.get(report["kind"], EDITABLE["map"])
    if report["kind"] in OF_RECIPE and (recipe.get("family") == "change" or report["kind"] in ("atlas", "brief")):
        keys = (*keys, "since")
    held = {k: str((body if k == "customer" else recipe).get(k) or "") for k in keys}
    return held | {k: "" for k in ("as_of", "period") if k in held}


def ordered_again(report: dict[str, Any], changes: dict[str, Any] | None = None) -> Order:
    """Return the order that makes a report again with the data of today: both dates are left open.

    A change keeps its distance to the later day's start: ``since`` stays.

    Parameters
    ----------
    changes : dict, optional
        What is to be different, by the keys of :func:`editable`; empty leaves a key out.

    Raises
    ------
    InputError
        A key that cannot be changed.
    """
    changes = changes or {}
    known = editable(report)
    if unknown := sorted(set(changes) - set(known)):
        raise InputError(f"再做时不能改“{'、'.join(unknown)}”。", f"可以改：{'、'.join(known)}。", field=unknown[0])
    body = json.loads(json.dumps(report["ordered"]))
    for holder in (body, body.get("recipe")):
        if isinstance(holder, dict):
            for key in ("as_of", "known_at"):
                holder.pop(key, None)
    if report["kind"] == "notice":
        body.pop("period", None)
    inner = body["recipe"] if isinstance(body.get("recipe"), dict) else body
    for key, value in changes.items():
        holder = body if key == "customer" else inner
        holder.pop(key, None)
        if str(value or "").strip():
            holder[key] = str(value).strip()
    return Order(report["kind"], report["format"], body)


@cache
def queue_of(settings: Settings) -> Queue:
    """Return the queue of this process."""
    return Queue(settings)
