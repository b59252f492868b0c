"""/ogc: OGC API – Features and Tiles over the published views, by tipg as ``yuantu_public``.

tipg's own pool is the one exception to "store is the only door". Its collections are made from our catalogue,
not by looking into the database, and no filter reaches it that was not checked here.
"""

from __future__ import annotations

import datetime as dt
import json
import re
from typing import Any
from urllib.parse import parse_qsl, urlencode

import asyncpg
import orjson
from fastapi import APIRouter, FastAPI
from starlette.types import ASGIApp, Receive, Scope, Send
from tipg.collections import Catalog, Column, PgCollection
from tipg.factory import Endpoints

from app.api import errors
from app.api.ogc_filter import published_filter
from app.api.spelling import refuse_slip
from geo.errors import DatabaseUnavailableError, FilterError, InputError, NotFoundError, YuantuError
from layers.registry import Catalogue
from layers.spec import PG_GEOMETRY, PG_TYPES, Layer
from layers.store.queries_layers import visible_layer
from layers.store.slices import columns_of

PREFIX = "/ogc"
BOUNDS = [119.0, 32.5, 122.0, 34.8]  # the city and its sea, CRS84
_COMMON_TYPES = {"id": "bigint", "source_row": "integer", "is_demo": "boolean", "data_date": "date"}
_COLLECTION = re.compile(rf"^{PREFIX}/collections/([^/]+)(?:/|$)")
_ITEMS = re.compile(rf"^{PREFIX}/collections/[^/]+/items(?:/|$)")
_DAY = re.compile(r"\b(\d{4}-\d{2}-\d{2})(?![T\d])")
PARAMETERS = {
    "filter", "filter-lang", "filter-crs", "bbox", "bbox-crs", "crs", "datetime", "limit", "offset", "sortby",
    "properties", "ids", "geom-column", "datetime-column", "simplify", "bbox-only", "f",
}  # fmt: skip
_TABLES = ("text/csv", "application/ndjson", "application/geo+json-seq")


def router() -> APIRouter:
    """Return tipg's router under /ogc."""
    made = Endpoints(router_prefix=PREFIX, title="园图 OGC API", with_tiles_viewer=False)
    return made.router


def collections(cat: Catalogue) -> Catalog:
    """Return the published views as tipg's collections ``pub.<layer>``: public fields, EPSG:4490."""
    made = {}
    for layer in cat.layers.values():
        if layer.public:
            collection = _collection(layer)
            made[collection.id] = collection
    return Catalog(collections=made, last_updated=dt.datetime.now(dt.UTC))


def _collection(layer: Layer) -> PgCollection:
    columns = []
    for name in columns_of(layer, internal=False):
        spec = layer.field(name)
        kind = _COMMON_TYPES.get(name, "text") if spec is None else PG_TYPES[spec.type]
        columns.append(Column(name=name, type="text" if kind == "text[]" else kind, description=spec and spec.title))
    shape = PG_GEOMETRY[layer.geometry].upper()
    geom = Column(name="geom", type="geometry", geometry_type=shape, srid=4490, bounds=BOUNDS)
    dates = [c for c in columns if c.name == "data_date"]
    return PgCollection(
        type="Table", id=f"pub.{layer.id}", table=layer.id, schema="pub", title=layer.title,
        description=layer.description, table_columns=[*columns, geom], properties=[*columns, geom],
        id_column=columns[0], geometry_column=geom, datetime_column=dates[0],
    )  # fmt: skip


async def open_pool(app: FastAPI, url: str) -> None:
    """Give tipg its pool; it connects with the first request, so a database that is away is no error yet."""

    async def prepare(connection: Any) -> None:
        for kind in ("json", "jsonb"):
            await connection.set_type_codec(kind, encoder=orjson.dumps, decoder=orjson.loads, schema="pg_catalog")

    app.state.pool = await asyncpg.create_pool(
        url, min_size=0, max_size=4, init=prepare, timeout=3, command_timeout=6,
        max_inactive_connection_lifetime=60,
        server_settings={"application_name": "yuantu-ogc", "TimeZone": "Asia/Shanghai", "jit": "off"},
    )  # fmt: skip


class OgcGuard:
    """Stands before tipg: checks the filter as the API does and hands on what is left of it as CQL2 JSON."""

    def __init__(self, app: ASGIApp, cat: Catalogue) -> None:
        self.app, self.cat = app, cat

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass other paths on; refuse or rewrite a request under /ogc."""
        path = scope.get("path", "")
        if scope["type"] != "http" or not (path == PREFIX or path.startswith(PREFIX + "/")):
            await self.app(scope, receive, send)
            return
        try:
            scope = self.checked(scope)
        except YuantuError as error:
            await errors.from_error(error, path)(scope, receive, send)
            return
        started = False

        async def watched(message: Any) -> None:
            nonlocal started
            started = True
            await send(message)

        try:
            await self.app(scope, receive, watched)
        except (OSError, ValueError) as error:  # asyncpg cannot connect; a date that tipg cannot read
            if started:
                raise
            known: YuantuError = InputError("参数看不懂。", "请对照 OGC API 改正，日期写作 2026-06-30。")
            if isinstance(error, OSError):
                known = DatabaseUnavailableError("数据库连接不上。", "请稍后重试。", reason=str(error))
            await errors.from_error(known, path)(scope, receive, send)

    def checked(self, scope: Scope) -> Scope:
        """Return the request with its filter checked and rewritten, asking for data and not for web pages.

        Raises
        ------
        FilterError, NotFoundError
            What the API says to the same filter and layer.
        """
        try:
            pairs = parse_qsl(scope["query_string"].decode("ascii"), keep_blank_values=True, errors="strict")
        except UnicodeDecodeError as error:
            raise FilterError("地址里的参数不是 UTF-8。", "请改正地址。") from error
        layer = self._collection(scope["path"])
        texts = [value for name, value in pairs if name.lower() == "filter"]
        rest = [(n, v) for n, v in pairs if n.lower() not in ("filter", "filter-lang", "filter-crs")]
        if len(texts) > 1:
            raise FilterError("filter 写了不止一次。", "请用 AND 合成一个。")
        if any(value.lower() == "html" for name, value in pairs if name == "f"):
            raise FilterError("这里只提供数据，不提供网页。", "请用 f=json 或 f=geojson。")
        self._check_names(rest, layer)
        if any("\x00" in value for _, value in rest):
            raise FilterError("参数含有不能使用的字符。", "请删除不可见字符。")
        if texts and texts[0].strip():
            if layer is None:
                raise FilterError("filter 只能用于一个图层的要素。", "例如 /ogc/collections/pub.park/items。")
            tree = published_filter(layer, self.cat, texts[0])
            rest += [("filter", json.dumps(tree, ensure_ascii=False)), ("filter-lang", "cql2-json")]
        rest = [(n, _DAY.sub(r"\1T00:00:00+08:00", v) if n == "datetime" else v) for n, v in rest]
        accept = "application/json"
        if _ITEMS.match(scope["path"]):
            wanted = dict(scope["headers"]).get(b"accept", b"").decode("latin-1")
            accept = next((kind for kind in _TABLES if kind in wanted), "application/geo+json")
        headers = [(n, v) for n, v in scope["headers"] if n != b"accept"] + [(b"accept", accept.encode())]
        return {**scope, "query_string": urlencode(rest).encode(), "headers": headers}

    def _collection(self, path: str) -> Layer | None:
        found = _COLLECTION.match(path)
        if found is None:
            return None
        schema, _, name = found[1].partition(".")
        if schema != "pub" or not name:
            raise NotFoundError(f"没有集合“{found[1]}”。", f"集合名是 pub.图层，见 {PREFIX}/collections。")
        return visible_layer(self.cat, name, internal=False)

    @staticmethod
    def _check_names(pairs: list[tuple[str, str]], layer: Layer | None) -> None:
        """Refuse what tipg would pass over: a slip in a name, fields that are not there, a page of nothing."""
        fields = set(columns_of(layer, internal=False)) if layer else set()
        for name, value in pairs:
            if name not in fields:
                refuse_slip(name, PARAMETERS)
            if name == "limit" and value.strip().lstrip("+-").isdigit() and int(value) < 1:
                raise InputError(f"limit 是 {value}，应为 1 以上的整数。", "请改正后重试。", parameter="limit")
            missing = [f for f in value.split(",") if f and f not in fields] if name == "properties" and layer else []
            if missing:
                raise FilterError(f"没有字段“{missing[0]}”。", "请用集合的 queryables 里的字段名。", field=missing[0])
