"""Finding in a document's text the whole sentence that a clause stands in."""

from __future__ import annotations

import re

_BLANK = re.compile(r"\s+")
_SENTENCE = re.compile(r"[^。！？\n]*[。！？]?")


def find_sentence(text: str, clause: str) -> str:
    """Return the sentence of ``text`` that holds ``clause``, '' where none does.

    Blanks are no difference: a document broken into lines and a clause copied from it still meet. A clause
    with several parts joined in the document by other words is found by its longest part.
    """
    wanted = _BLANK.sub("", clause)
    if not text or not wanted:
        return ""
    sentences = [s.group().strip() for s in _SENTENCE.finditer(text) if s.group().strip()]
    plain = [_BLANK.sub("", s) for s in sentences]
    for part in (wanted, *sorted(re.split(r"[，、；,]", wanted), key=len, reverse=True)):
        hits = [i for i, sentence in enumerate(plain) if part and part in sentence]
        if hits:
            return sentences[hits[0]]
    return ""
