"""Text as people type it: full-width forms, stray spaces, words for "nothing", names that mean the same."""

from __future__ import annotations

import functools
import re
import unicodedata

# marks without a width or a look of their own, which copying from web pages and Word leaves behind
_INVISIBLE = re.compile(r"[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]")
_SPACE = re.compile(r"[\s\u200b\ufeff\u00a0]+")
_ODD = re.compile(r"[\s\u00a0\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]")
_MARKS = frozenset("'‘’`")
_NOTHING = frozenset(
    {"", "-", "--", "---", "—", "——", "－", "/", "\\", "／", "*", "n/a", "na", "null", "none", "nan", "#n/a"}
)
_NO_WORD = frozenset({"无", "暂无", "没有", "未填", "空", "不详", "未知", "待定", "未定"})
_ERROR = frozenset({"#ref!", "#value!", "#div/0!", "#name?", "#null!", "#num!", "#n/a"})
_BRACKETS = str.maketrans("", "", "()[]{}<>〈〉《》【】〔〕「」『』\"'“”‘’")
COMPANY = re.compile(r"(有限责任公司|股份有限公司|有限公司|股份公司|责任公司)$")
_PUNCTUATION = re.compile(r"[\s()（）\[\]【】〔〕<>《》:：;；,，、.。·•/\\|_\-—~～*#&+\"'“”‘’?？!！]+")


def visible(text: str) -> str:
    """Return text without the marks that nobody sees, and with single spaces."""
    return " ".join((text if text.isascii() else _INVISIBLE.sub("", text)).split())


@functools.lru_cache(maxsize=200_000)
def plain(text: str) -> str:
    """Return text in half-width forms, with single spaces, without spaces at its ends."""
    if text[:1] in _MARKS and text[1:2].isdigit():  # Excel's mark for "this number is text"
        text = text[1:]
    if text.isascii() and text.isprintable() and "  " not in text:
        return text.strip()
    if _ODD.search(text) is None and unicodedata.is_normalized("NFKC", text):
        return text
    return _SPACE.sub(" ", unicodedata.normalize("NFKC", _INVISIBLE.sub("", text))).strip()


@functools.lru_cache(maxsize=200_000)
def compact(text: str) -> str:
    """Return :func:`plain` text without any space."""
    return plain(text).replace(" ", "")


def is_nothing(text: str | None) -> bool:
    """Whether a cell says nothing: empty, a dash, a slash, N/A."""
    return text is None or compact(text).lower() in _NOTHING


def is_no_word(text: str) -> bool:
    """Whether a cell says in words that there is nothing: 无, 暂无, 待定 …"""
    return compact(text) in _NO_WORD


def is_cell_error(text: str) -> bool:
    """Whether a cell holds a spreadsheet error such as ``#REF!``."""
    return compact(text).lower() in _ERROR


@functools.lru_cache(maxsize=200_000)
def header_key(text: str) -> str:
    """Return the form in which two headers are compared: half-width, lower case, no punctuation."""
    return _PUNCTUATION.sub("", unicodedata.normalize("NFKC", text).lower())


@functools.lru_cache(maxsize=200_000)
def name_key(name: str) -> str:
    """Return the form in which two names are the same: half-width, no spaces, no brackets, upper case."""
    word = compact(name).upper()
    return word.translate(_BRACKETS) or word


def loose_name_key(name: str) -> str:
    """Return :func:`name_key` without 有限公司, 有限责任公司 and the like: for proposing duplicates."""
    key = name_key(name)
    return COMPANY.sub("", key) if key.endswith("公司") else key
