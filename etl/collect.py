"""Files as they were received: kept for ever under their content's sha256, whatever becomes of them."""

from __future__ import annotations

import datetime as dt
import errno
import hashlib
import io
import os
import secrets
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from geo.errors import ReadError
from layers.store.staging import Resource

MAX_BYTES = 1 << 30
_CHUNK = 1 << 20
_REFUSALS = {
    errno.EACCES: "没有权限", errno.EPERM: "没有权限", errno.ENOSPC: "磁盘已满", errno.EDQUOT: "超出磁盘配额",
    errno.EROFS: "磁盘只读", errno.EIO: "磁盘读写出错", errno.EISDIR: "它是文件夹", errno.ENAMETOOLONG: "文件名太长",
}  # fmt: skip
_SHAPEFILE = (".shp", ".shx", ".dbf", ".prj", ".cpg")


def kept_path(var_dir: Path, sha256: str) -> Path:
    """Return where a kept file's bytes are."""
    return var_dir / "resources" / f"{sha256}.bin"


def read_source(path: Path) -> tuple[bytes, str]:
    """Return a file's bytes and name; a shapefile's parts, or a folder's, come back as one zip.

    Raises
    ------
    ReadError
        Missing, not readable, or too large: said before it is read.
    """
    try:
        if path.is_dir() or path.suffix.lower() == ".shp":
            return _shapefile(path)
        size = path.stat().st_size
        if size > MAX_BYTES:
            raise ReadError(f"文件有 {size >> 20} MB，超过 {MAX_BYTES >> 20} MB 的上限。", "请拆分后分批导入。")
        return path.read_bytes(), path.name
    except FileNotFoundError as error:
        raise ReadError(f"没有文件“{path}”。", "请检查路径。") from error
    except OSError as error:
        raise ReadError(f"文件“{path}”读不出来：{_why(error)}。", "请检查权限后再试。") from error


def _why(error: OSError) -> str:
    """Return in Chinese what the system refused."""
    return _REFUSALS.get(error.errno or 0, f"系统错误 {error.errno or '未知'}")


def _shapefile(path: Path) -> tuple[bytes, str]:
    if path.is_dir():
        found = sorted(p for p in path.iterdir() if p.suffix.lower() == ".shp")
        if len(found) != 1:
            names = "、".join(p.name for p in found) or "没有"
            raise ReadError(f"文件夹“{path.name}”里的 .shp：{names}。", "请指到其中一个 .shp 文件。")
        path = found[0]
    parts = sorted(
        p for p in path.parent.iterdir() if p.stem.lower() == path.stem.lower() and p.suffix.lower() in _SHAPEFILE
    )
    if not parts:
        raise ReadError(f"没有文件“{path}”。", "请检查路径。")
    if sum(p.stat().st_size for p in parts) > MAX_BYTES:
        raise ReadError("整套 shapefile 超过 1 GB 的上限。", "请拆分后分批导入。")
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for part in parts:  # a fixed date: the same parts make the same bytes
            archive.writestr(zipfile.ZipInfo(part.name), part.read_bytes(), zipfile.ZIP_DEFLATED)
    return buffer.getvalue(), f"{path.stem}.zip"


def describe(
    data: bytes, name: str, *, publisher: str = "", licence: str = "", url: str = "", data_date: dt.date | None = None,
    received_by: str = "",
) -> Resource:  # fmt: skip
    """Return what is noted of a received file."""
    return Resource(hashlib.sha256(data).hexdigest(), name, len(data), publisher, licence, url, data_date, received_by)


@contextmanager
def held(data: bytes, resource: Resource, var_dir: Path) -> Iterator[Callable[[], None]]:
    """Write a file's bytes without a name; what is yielded gives them theirs, atomically.

    The name is given in the last moment of the transaction that speaks of the file: a process that is killed
    before leaves nothing behind. The same content is kept once.

    Raises
    ------
    ReadError
        There is no room, or no right to write.
    """
    path = kept_path(var_dir, resource.sha256)
    if path.exists() and path.stat().st_size == len(data):
        yield lambda: None
        return
    draft = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with _open_unnamed(draft) as stream:
            for at in range(0, len(data), _CHUNK):
                stream.write(data[at : at + _CHUNK])
            stream.flush()
            os.fsync(stream.fileno())
            yield lambda: _name(stream.fileno(), draft, path)
    except OSError as error:
        raise _not_kept(error) from error
    finally:
        draft.unlink(missing_ok=True)


def _open_unnamed(draft: Path) -> IO[bytes]:
    """Open a file that ends with its process unless it is given a name; where the disk has none, a draft."""
    try:
        return os.fdopen(os.open(draft.parent, os.O_TMPFILE | os.O_WRONLY, 0o644), "wb")
    except OSError:
        return draft.open("xb")


def _name(number: int, draft: Path, path: Path) -> None:
    if not draft.exists():
        os.link(f"/proc/self/fd/{number}", draft, src_dir_fd=number, follow_symlinks=True)
    draft.replace(path)


def _not_kept(error: OSError) -> ReadError:
    return ReadError(f"文件保存不下来：{_why(error)}，没有导入任何数据。", "请运行 yuantu doctor 检查磁盘空间与权限。")


def keep(data: bytes, resource: Resource, var_dir: Path) -> Path:
    """Keep a file's bytes at once, for a resource that needs no transaction; return where."""
    with held(data, resource, var_dir) as give:
        give()
    return kept_path(var_dir, resource.sha256)


def recall(sha256: str, var_dir: Path) -> bytes:
    """Return a kept file's bytes.

    Raises
    ------
    ReadError
        It is gone, or no longer what it was.
    """
    path = kept_path(var_dir, sha256)
    if not path.exists():
        raise ReadError(f"保存的原始文件 {sha256[:12]} 不在了。", f"请把它放回 {path.parent.name} 文件夹。")
    data = path.read_bytes()
    if hashlib.sha256(data).hexdigest() != sha256:
        raise ReadError(f"保存的原始文件 {sha256[:12]} 已被改动。", "请从备份恢复。")
    return data
