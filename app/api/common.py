"""What every route shares: the pair of dates, the demo switch, ETags."""

from __future__ import annotations

import hashlib
from typing import Annotated, Literal

from fastapi import Depends, Query, Request
from starlette.responses import Response

from layers.store.reader import Reader, parse_when
from layers.store.slices import When

AsOf = Annotated[str, Query(description="有效时间：那一天的情况，YYYY-MM-DD，默认今天", max_length=10)]
KnownAt = Annotated[str, Query(description="记录时间：当时所知，日期或时刻，默认现在", max_length=40)]
FilterText = Annotated[str, Query(alias="filter", description="CQL2 文本，最多 4,000 个字符")]
Demo = Annotated[Literal["0", "1"], Query(description="1 含演示数据，0 不含")]
# Nobody has the right to internal fields until there are accounts.
INTERNAL = False


def dates(as_of: AsOf = "", known_at: KnownAt = "") -> When:
    """Return the pair of dates that a request names."""
    return parse_when(as_of or None, known_at or None)


def reader_of(request: Request) -> Reader:
    """Return the app's reader."""
    found = request.app.state.reader()
    assert isinstance(found, Reader)
    return found


WhenQuery = Annotated[When, Depends(dates)]
ReaderOf = Annotated[Reader, Depends(reader_of)]


def etag_of(*parts: object) -> str:
    """Return a weak-free ETag over the parts that decide an answer."""
    return '"' + hashlib.blake2b("\x1f".join(map(str, parts)).encode(), digest_size=12).hexdigest() + '"'


def not_modified(request: Request, etag: str) -> Response | None:
    """Return a 304 when the caller holds this very answer."""
    held = [tag.strip().removeprefix("W/") for tag in request.headers.get("if-none-match", "").split(",")]
    if etag in held or "*" in held:
        return Response(status_code=304, headers={"ETag": etag, "Cache-Control": "no-cache"})
    return None
