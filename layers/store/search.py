"""Search words: a record is found by its names, their pinyin and initials, and its codes."""

from __future__ import annotations

import datetime as dt
import functools
import re
import unicodedata

from psycopg2 import sql
from psycopg2.extensions import cursor as Cursor  # noqa: N812 - a class, named as the driver names it
from psycopg2.extras import execute_values
from pypinyin import Style, lazy_pinyin

from layers.spec import Layer
from layers.store.db import statement

_DROP = re.compile(r"[\s·・（）()\[\]【】《》“”\"'，,。、：:；;\-—_/]+")


def normalise(text: str) -> str:
    """Fold width and case and drop spaces, brackets and punctuation, so that spellings meet."""
    return _DROP.sub("", unicodedata.normalize("NFKC", text)).lower()


@functools.lru_cache(maxsize=65536)
def _pinyin(text: str) -> tuple[str, str]:
    full = "".join(lazy_pinyin(text, style=Style.NORMAL, errors="default"))
    initials = "".join(lazy_pinyin(text, style=Style.FIRST_LETTER, errors="default"))
    return normalise(full), normalise(initials)


def words_of(name: str, others: list[tuple[str, str]]) -> list[tuple[str, str, int]]:
    """Return (word, what it matched, weight) for a record's name and its other spellings and codes.

    Parameters
    ----------
    name : str
        The record's name; it also gives pinyin and initials.
    others : list of (field title, text)
        Other spellings (separated by 、 or ；) and codes.
    """
    full, initials = _pinyin(name)
    found = [(normalise(name), "名称", 3), (full, "拼音", 2), (initials, "首字母", 1)]
    for title, text in others:
        for part in re.split(r"[、；;\n]", text):
            if part.strip():
                found.append((normalise(part), title, 2))
                if title == "别名":
                    found += [(word, "拼音", 1) for word in _pinyin(part)]
    return [w for w in dict.fromkeys(found) if w[0]]


def write_words(cursor: Cursor, layer: Layer, at: dt.datetime) -> None:
    """Write the search words of the records that a run opened, and drop those of records it closed."""
    codes = [f for f in layer.fields if f.format in ("credit_code", "project_code") and not f.internal]
    alias = layer.field("alias_names")
    picked = [(f.title, f.id) for f in codes] + ([("别名", alias.id)] if alias else [])
    columns = sql.SQL("").join(sql.SQL(", {}").format(sql.Identifier(c)) for _, c in picked)
    parts = {"table": sql.Identifier(layer.table), "columns": columns}
    cursor.execute(sql.SQL(statement("load/words")).format(**parts), {"layer": layer.id, "at": at})
    rows = cursor.fetchall()
    made = []
    for feature, name, *values in rows:
        others = [(title, str(v)) for (title, _), v in zip(picked, values, strict=True) if v]
        made += [(layer.id, feature, word, matched, weight) for word, matched, weight in words_of(name, others)]
    execute_values(cursor, "INSERT INTO search_word (layer, id, word, matched, weight) VALUES %s", made, page_size=5000)
