"""One table turns an exception into an HTTP answer (RFC 9457 problem JSON) and an exit code."""

from __future__ import annotations

import asyncpg
import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse
from tipg import errors as tipg_errors

from geo import errors

log = structlog.get_logger()

# The first class that matches decides: subclasses stand before their base.
TABLE: tuple[tuple[type[Exception], int, str], ...] = (
    (errors.FilterError, 400, "筛选条件不能使用"),
    (errors.ReadError, 422, "文件读不了"),
    (errors.DatumUndecidedError, 422, "坐标基准无法确定"),
    (errors.InputError, 400, "输入不能使用"),
    (errors.NotFoundError, 404, "没有找到"),
    (errors.ForbiddenError, 403, "没有权限"),
    (errors.ConflictError, 409, "与现状冲突"),
    (errors.DatabaseUnavailableError, 503, "数据库连接不上"),
    (errors.CatalogueError, 500, "图层目录有误"),
    (errors.MachineError, 500, "运行环境有问题"),
    (tipg_errors.NotFound, 404, "没有找到"),
    (tipg_errors.InvalidPropertyName, 400, "没有这个字段"),
    (tipg_errors.InvalidGeometryColumnName, 400, "没有这个字段"),
    (tipg_errors.InvalidDatetimeColumnName, 400, "没有这个字段"),
    (tipg_errors.TiPgError, 400, "输入不能使用"),
    (asyncpg.exceptions.QueryCanceledError, 400, "查询用时太长"),
    (asyncpg.exceptions.DataError, 400, "输入不能使用"),
    (asyncpg.exceptions.UndefinedFunctionError, 400, "输入不能使用"),
    (asyncpg.exceptions.InsufficientPrivilegeError, 404, "没有找到"),
    (asyncpg.exceptions.UndefinedTableError, 404, "没有找到"),
    (asyncpg.exceptions.PostgresConnectionError, 503, "数据库连接不上"),
    (asyncpg.exceptions.CannotConnectNowError, 503, "数据库连接不上"),
    (asyncpg.exceptions.AdminShutdownError, 503, "数据库连接不上"),
    (asyncpg.exceptions.CrashShutdownError, 503, "数据库连接不上"),
    (asyncpg.exceptions.InterfaceError, 503, "数据库连接不上"),
    (TimeoutError, 503, "数据库连接不上"),
    (ConnectionError, 503, "数据库连接不上"),
    (errors.YuantuError, 500, "出错了"),
)
HTTP_TITLES = {
    400: "请求有误", 403: "没有权限", 404: "没有找到", 405: "不支持这种请求方式", 406: "没有这种格式",
    413: "内容太大", 414: "地址太长", 415: "不支持这种内容", 422: "请求有误", 429: "请求太多",
}  # fmt: skip
EXIT_REFUSED = 2


def status_of(error: Exception) -> tuple[int, str]:
    """Return (status, title) of an exception; 500 for one that nobody foresaw."""
    for kind, status, title in TABLE:
        if isinstance(error, kind):
            return status, title
    return 500, "服务出错"


def problem(
    status: int, title: str, detail: str = "", *, instance: str = "", headers: dict[str, str] | None = None,
    **more: object,
) -> JSONResponse:  # fmt: skip
    """Return problem JSON; ``more`` are members of its own such as ``field``."""
    body: dict[str, object] = {"type": "about:blank", "title": title, "status": status, "detail": detail or title}
    if instance:
        body["instance"] = instance
    body |= {key: value for key, value in more.items() if key not in body}
    return JSONResponse(body, status, headers, media_type="application/problem+json")


def from_error(error: Exception, instance: str = "") -> JSONResponse:
    """Return the problem that an exception becomes; the driver's own words never leave the server."""
    status, title = status_of(error)
    headers = {"Retry-After": "3"} if status == 503 else None
    if isinstance(error, errors.YuantuError):
        details = {k: v for k, v in error.details.items() if k not in ("reason", "status", "title", "type")}
        more = {"cure": error.cure, **details} if error.cure else details
        return problem(status, title, str(error), instance=instance, headers=headers, **more)
    if status >= 500:
        log.error("request_failed", path=instance, error=type(error).__name__, text=str(error)[:300])
    return problem(status, title, instance=instance, headers=headers)


def add_handlers(app: FastAPI) -> None:
    """Answer every error of an app as problem JSON."""

    async def known(request: Request, error: Exception) -> JSONResponse:
        return from_error(error, request.url.path)

    async def unknown(request: Request, error: Exception) -> JSONResponse:
        log.error("unforeseen", path=request.url.path, exc_info=error)
        return problem(500, "服务出错", "服务出错，已记录；请稍后重试。", instance=request.url.path)

    async def http(request: Request, error: Exception) -> JSONResponse:
        status = error.status_code if isinstance(error, HTTPException) else 400
        headers = dict(error.headers or {}) if isinstance(error, HTTPException) else {}
        title = HTTP_TITLES.get(status, "请求有误")
        return problem(status, title, f"{title}：{request.url.path}", instance=request.url.path, headers=headers)

    async def invalid(request: Request, error: Exception) -> JSONResponse:
        found = error.errors() if isinstance(error, RequestValidationError) else []
        names = [".".join(str(p) for p in e["loc"][1:]) or str(e["loc"][0]) for e in found]
        detail = f"参数 {'、'.join(dict.fromkeys(names))} 不能使用，请对照 /api/openapi.json 改正。"
        return problem(400, "请求有误", detail, instance=request.url.path, fields=names)

    for kind, _, _ in TABLE:
        app.add_exception_handler(kind, known)
    app.add_exception_handler(HTTPException, http)
    app.add_exception_handler(RequestValidationError, invalid)
    app.add_exception_handler(Exception, unknown)
