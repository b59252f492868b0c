"""Search words: a record is found by its names, their pinyin and initials, and its codes."""

from __future__ import annotations

import datetime as dt
import functools
import re
import unicodedata

import pandas as pd
from psycopg2 import sql
from psycopg2.extensions import cursor as Cursor  # noqa: N812 - a class, named as the driver names it
from pypinyin import Style, lazy_pinyin
from pypinyin.constants import RE_HANS
from pypinyin.seg import mmseg

from layers.spec import Layer
from layers.store.db import statement
from layers.store.staging import copy_frame
from layers.store.watch import Watch
from layers.store.words_ahead import WORD_COLUMNS, Ahead

PIECE = 20_000
TABLES = 8  # of words of large loads that a layer may have
MANY = 20_000  # records of a load whose words are indexed at once
_DROP = re.compile(r"[\s·・（）()\[\]【】《》“”\"'，,。、：:；;\-—_/]+")


_HAN = RE_HANS.pattern.removeprefix("^(?:").removesuffix(")+$")
_RUNS = re.compile(f"(?:{_HAN})+|(?:(?!{_HAN}).)+", re.DOTALL)


def normalise(text: str) -> str:
    """Fold width and case and drop spaces, brackets and punctuation, so that spellings meet."""
    folded = text if text.isascii() else unicodedata.normalize("NFKC", text)
    return folded.lower() if folded.isalnum() else _DROP.sub("", folded).lower()


@functools.lru_cache(maxsize=65536)
def _word_pinyin(word: str) -> tuple[str, str]:
    full = "".join(lazy_pinyin([word], style=Style.NORMAL, errors="default"))
    return full, "".join(lazy_pinyin([word], style=Style.FIRST_LETTER, errors="default"))


@functools.lru_cache(maxsize=65536)
def _run_pinyin(run: str) -> tuple[str, str]:
    """Return the pinyin and initials of a run of Chinese characters, word by word as pypinyin cuts it."""
    parts = [_word_pinyin(word) for word in mmseg.seg.cut(run)]
    return normalise("".join(p[0] for p in parts)), normalise("".join(p[1] for p in parts))


def _pinyin(text: str) -> tuple[str, str]:
    """Return the pinyin and initials of a text: its words as pypinyin cuts them, each looked up once.

    pypinyin converts word by word too, but anew each time; names are made of few words. What is not Chinese
    stays as it is.
    """
    full, initials = [], []
    for run in _RUNS.findall(text):
        if RE_HANS.match(run):
            made = _run_pinyin(run)
        else:
            plain = normalise(run)
            made = (plain, plain)
        full.append(made[0])
        initials.append(made[1])
    return "".join(full), "".join(initials)


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


def _picked(layer: Layer) -> list[tuple[str, str]]:
    """Return title and column of what a layer's records are found by besides their names."""
    codes = [(f.title, f.id) for f in layer.fields if f.format in ("credit_code", "project_code") and not f.internal]
    alias = layer.field("alias_names")
    return [*codes, ("别名", alias.id)] if alias else codes


def begin_words(cursor: Cursor, layer: Layer, opened: int, ahead: Ahead) -> None:
    """Begin with the words of what is staged, if many records will be opened and they may have a table of their own."""
    if opened < MANY:
        return
    cursor.execute(statement("load/words_tables"), {"layer": layer.id})
    row = cursor.fetchone()
    if row is not None and row[0] < TABLES:
        ahead.begin(cursor, opened, _picked(layer))


def write_words(
    cursor: Cursor, layer: Layer, at: dt.datetime, run_id: int, watch: Watch | None = None, ahead: Ahead | None = None
) -> None:
    """Write the search words of the records that a run opened, and drop those of records it closed.

    Parameters
    ----------
    ahead : Ahead, optional
        The words of a large load, begun before; they are indexed all at once.
    """
    picked = _picked(layer)
    columns = sql.SQL("").join(sql.SQL(", {}").format(sql.Identifier(c)) for _, c in picked)
    parts = {"table": sql.Identifier(layer.table), "columns": columns}
    params = {"layer": layer.id, "at": at, "run_id": run_id}
    cursor.execute(sql.SQL(statement("load/words_forget")).format(**parts), params)
    watch = watch or Watch()
    if ahead is not None and ahead.begun:
        ahead.join(cursor, watch)
        return
    with cursor.connection.cursor(name="words") as reader:
        reader.execute(sql.SQL(statement("load/words")).format(**parts), params)
        done = 0
        while rows := reader.fetchmany(PIECE):
            done += len(rows)
            watch.step("words", done)
            words = [
                (layer.id, feature, *word)
                for feature, name, *values in rows
                for word in words_of(name, [(t, str(v)) for (t, _), v in zip(picked, values, strict=True) if v])
            ]
            copy_frame(
                cursor, "search_word", pd.DataFrame(words, columns=list(WORD_COLUMNS), dtype=object), WORD_COLUMNS
            )
