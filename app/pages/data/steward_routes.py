"""Addresses of the steward's grids and forms; every change is a POST from this machine."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Depends
from starlette.responses import Response

from app import actions_steward as actions
from app import state as held
from app.i18n import t
from app.pages.data.routes import Given, file_answer, here
from app.rounds import write_round
from geo.errors import InputError
from layers.store.queries_rounds import read_round

router = APIRouter(prefix="/data", dependencies=[Depends(here)], include_in_schema=False)


def _who(given: dict[str, Any]) -> str:
    return str(given.get("who") or "").strip()[:100]


@router.get("/rounds/{period}")
async def round_file(period: str) -> Response:
    """Give a round's list as a workbook to send out."""
    body = write_round(await read_round(held.reader(), period))
    return file_answer(body, t("rounds.file", period=period))


@router.post("/pairs/{layer}")
async def judge(layer: str, given: Given) -> dict[str, Any]:
    """Merge pairs, keep them apart, or propose one again."""
    made = await actions.judge(held.settings(), held.cat(), layer, given, _who(given))
    many = made.done + made.left > 1
    if given.get("decision") == "again":
        said = t("steward.again_done")
    elif made.run_id is not None:
        said = t("steward.merged_many" if many else "steward.merged", run=made.run_id, n=made.done)
    else:
        said = t("steward.apart_many" if many else "steward.kept_apart", n=made.done)
    return {"done": said + (t("steward.judged_left", n=made.left) if made.left else "")}


@router.post("/held/{layer}/{run}")
async def corrected(layer: str, run: int, given: Given) -> dict[str, Any]:
    """Take cells corrected in the grid as a file to review."""
    cells = given.get("cells")
    if not isinstance(cells, dict) or not all(isinstance(v, dict) for v in cells.values()):
        raise InputError(t("steward.cells_none"), t("steward.cells_note"))
    draft, gone = await actions.corrected(held.settings(), held.cat(), layer, run, cells, _who(given))
    said = {"done": t("steward.edits_gone", n=gone)} if gone else {}
    return {"go": f"/data?draft={draft.id}", **said}


@router.post("/records/{layer}/{ident}")
async def correct(layer: str, ident: int, given: Given) -> dict[str, Any]:
    """Write the corrections of one record."""
    changes = given.get("changes")
    if not isinstance(changes, dict):
        raise InputError(t("steward.no_change"), t("steward.no_change_cure"))
    done = await actions.correct(
        held.settings(), held.cat(), layer, ident, {str(k): str(v)[:5000] for k, v in changes.items()},
        reason=str(given.get("reason") or "")[:500], who=_who(given), since=str(given.get("since") or "").strip(),
    )  # fmt: skip
    return {"done": t("steward.edit_done", run=done.run_id) if done.loaded else t("steward.edit_same")}
