"""POST /api/v1/import: a file comes in over HTTP as it does by ``yuantu import``."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request
from starlette.datastructures import UploadFile

from app import actions_import as actions
from app import state as held
from app.api.common import INTERNAL
from etl.options import Options
from etl.pipeline import import_file
from geo.errors import InputError
from layers.store.dates import parse_day
from layers.store.queries_layers import visible_layer

router = APIRouter(prefix="/api/v1", tags=["园图"])
CHUNK = 1 << 20


async def _chunks(upload: UploadFile) -> AsyncIterator[bytes]:
    while chunk := await upload.read(CHUNK):
        yield chunk


@router.post("/import/{layer}", summary="导入一个文件，同 yuantu import（有账户之前只限本机）")
async def receive(
    request: Request,
    layer: str,
    name: Annotated[str, Query(description="文件名；表单上传时不必写", max_length=400)] = "",
    datum: Annotated[str, Query(max_length=20)] = "",
    crs: Annotated[str, Query(max_length=20)] = "",
    sheet: Annotated[str, Query(max_length=100)] = "",
    mode: Literal["upsert", "replace"] = "upsert",
    as_of: Annotated[str, Query(max_length=10)] = "",
    publisher: Annotated[str, Query(max_length=100)] = "",
) -> dict[str, Any]:
    """Import the body, or the form's ``file``, as one run; the answer is the import report.

    Raises
    ------
    ForbiddenError
        The caller does not sit at this machine.
    ReadError, DatumUndecidedError, InputError
        Refused; nothing was changed.
    """
    actions.check_here(request.client.host if request.client else None, request.headers)
    visible_layer(held.cat(), layer, internal=INTERNAL)
    options = Options(
        datum=datum,
        crs=crs,
        sheet=sheet or None,
        mode=mode,
        as_of=parse_day(as_of),
        publisher=publisher,
        started_by="HTTP",
    )
    settings = held.settings()
    where = actions.context(settings, held.cat())
    settings.var_dir.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=settings.var_dir) as folder:
        path = Path(folder) / "received"
        if request.headers.get("content-type", "").startswith("multipart/form-data"):
            async with request.form() as form:
                upload = form.get("file")
                if not isinstance(upload, UploadFile):
                    raise InputError("表单里没有名为 file 的文件。", "请用 file 字段上传，如 curl -F file=@a.xlsx。")
                plain = await actions.keep(_chunks(upload), path, name or upload.filename or "")
        else:
            plain = await actions.keep(request.stream(), path, name)
        report = await asyncio.to_thread(import_file, layer, path, options, where, name=plain)
    return report.body()
