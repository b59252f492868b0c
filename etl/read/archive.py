"""Zip files, opened with care: no path outside, no bomb, no encryption; names in GBK come out right."""

from __future__ import annotations

import io
import lzma
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import PurePosixPath

from geo.errors import ReadError

MAX_ENTRIES = 5_000
MAX_UNPACKED = 1 << 30
MAX_RATIO = 400
RATIO_FROM = 64 << 20
_CHUNK = 1 << 20
_BROKEN = (zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, NotImplementedError, OSError, ValueError)


@dataclass(frozen=True)
class Member:
    """One file inside a zip: its readable name and the entry to read it by."""

    name: str
    info: zipfile.ZipInfo

    @property
    def suffix(self) -> str:
        """The file's extension in lower case, with its dot."""
        return PurePosixPath(self.name).suffix.lower()

    @property
    def stem(self) -> str:
        """The path without its last extension, lower case."""
        return self.name[: len(self.name) - len(self.suffix)].lower()


class SafeZip:
    """A zip in memory.

    Raises
    ------
    ReadError
        It is broken, encrypted, names files outside itself, or unpacks to more than the limits.
    """

    def __init__(self, data: bytes) -> None:
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(data))
        except (zipfile.BadZipFile, NotImplementedError, ValueError, OSError) as error:
            raise ReadError("压缩包不完整或已损坏，打不开。", "请重新压缩或重新下载后再试。") from error
        infos = [i for i in self._zip.infolist() if not i.is_dir()]
        if len(infos) > MAX_ENTRIES:
            raise ReadError(f"压缩包里有 {len(infos)} 个文件，上限 {MAX_ENTRIES} 个。", "请只打包需要导入的文件。")
        self.members = [Member(_readable(i), i) for i in infos]
        for member in self.members:
            _check(member)
        total = sum(m.info.file_size for m in self.members)
        if total > MAX_UNPACKED or (total > RATIO_FROM and total > MAX_RATIO * max(len(data), 1)):
            raise ReadError(
                f"压缩包解开后约 {total >> 20} MB，超过上限或压缩比异常，已拒绝。", "请拆分文件，或联系发送方核对。"
            )
        self._left = MAX_UNPACKED

    def read(self, member: Member) -> bytes:
        """Return a member's bytes; the limits hold for what really comes out, not for what the zip states."""
        parts: list[bytes] = []
        try:
            with self._zip.open(member.info) as stream:
                while chunk := stream.read(_CHUNK):
                    self._left -= len(chunk)
                    if self._left < 0:
                        raise ReadError("压缩包解开后超过 1 GB，已拒绝。", "请拆分文件后分批导入。")
                    parts.append(chunk)
        except (*_BROKEN, RuntimeError) as error:
            raise ReadError(
                f"压缩包里的“{member.name}”损坏或已加密，读不出来。",
                "请重新压缩（不设密码）后再试。",
            ) from error
        return b"".join(parts)


def _readable(info: zipfile.ZipInfo) -> str:
    """Undo zipfile's guess of cp437 for names that Chinese Windows wrote in GBK."""
    if info.flag_bits & 0x800:
        return info.filename
    raw = info.filename.encode("cp437", errors="replace")
    for encoding in ("utf-8", "gb18030"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    return info.filename


def _check(member: Member) -> None:
    path = PurePosixPath(member.name.replace("\\", "/"))
    if path.is_absolute() or ".." in path.parts or (path.parts and ":" in path.parts[0]):
        raise ReadError(f"压缩包里有指向包外的路径“{member.name}”，已拒绝。", "请联系发送方核对这个文件。")
    if member.info.flag_bits & 0x1:
        raise ReadError("压缩包设了密码，读不出来。", "请去掉密码后重新压缩。")
