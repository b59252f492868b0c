"""Terms of vocabularies, lists of terms, yes and no, names of counties, units and townships."""

from __future__ import annotations

import re

from etl.fault import Fault
from etl.parse_text import compact, header_key, is_no_word, is_nothing, plain
from layers.registry import Catalogue
from layers.spec import FieldSpec

_YES = frozenset({"是", "有", "y", "yes", "true", "t", "1", "√", "✓", "✔", "☑", "对", "已", "1.0", "v", "o", "○", "●"})
_NO = frozenset({"否", "无", "没有", "n", "no", "false", "f", "0", "×", "✗", "x", "☐", "不是", "未", "0.0", "非"})
_KIND_OF_TERM = re.compile(r"(?:认定|评定)?(?:等级|级别|层级|层次|级)$")
_OWNER = re.compile(r"^(?:江苏)?(省|市|国家)级?")
_LIST = re.compile(r"[、,，;；/|\n]+")


def parse_boolean(text: str | None) -> bool | Fault | None:
    """Read 是/否, 有/无, √/×, 1/0, true/false."""
    if text is None or not text.strip():
        return None
    word = compact(text).lower()
    if word in _YES:
        return True
    if word in _NO:
        return False
    return None if is_nothing(text) else Fault("bad_boolean")


class Terms:
    """The terms one field may hold, with their synonyms."""

    def __init__(self, spec: FieldSpec, cat: Catalogue) -> None:
        self.terms = cat.terms(spec)
        self.words: dict[str, str] = {}
        if spec.vocabulary:
            for value in cat.vocabularies[spec.vocabulary].values:
                for word in (value.value, *value.aliases):
                    self.words.setdefault(header_key(word), value.value)
        for term in self.terms:
            self.words[header_key(term)] = term
        titles = {_KIND_OF_TERM.sub("", header_key(word)) for word in (spec.title, *spec.aliases)}
        self._nouns = sorted((t for t in titles if len(t) >= 3), key=len, reverse=True)
        self._expected = "、".join(self.terms[:12]) + ("……" if len(self.terms) > 12 else "")

    def parse(self, text: str | None) -> str | Fault | None:
        """Read one term; where there is only one (灯塔工厂), 是 means it and 否 means none."""
        if text is None or is_nothing(text) or is_no_word(text):
            return None
        found = self.words.get(header_key(text)) or self.within(header_key(text))
        if found is not None:
            return found
        word = compact(text).lower()
        if word in _NO:
            return None
        if len(self.terms) == 1 and word in _YES:
            return self.terms[0]
        return Fault("unknown_term", None, {"expected": self._expected})

    def within(self, key: str) -> str | None:
        """Return the term in a title that also names the field's thing or the province: 国家级绿色工厂."""
        noun = next((n for n in self._nouns if n in key), None)
        if noun is None:
            return None
        rest = key.replace(noun, "", 1)
        for form in (rest, _OWNER.sub("", rest), _OWNER.sub(r"\1级", rest)):
            if form and form in self.words:
                return self.words[form]
        return None

    def parse_list(self, text: str | None) -> tuple[str, ...] | Fault | None:
        """Read several terms; those we know are kept even where another is unknown."""
        if text is None or is_nothing(text) or is_no_word(text):
            return None
        body = plain(text).strip("[]{}\"'")
        known, unknown = [], []
        whole = self.words.get(header_key(body))
        for part in [whole] if whole else _LIST.split(body):
            part = part.strip().strip("\"'")
            if not part:
                continue
            term = self.words.get(header_key(part)) or self.words.get(header_key(part.removesuffix("等")))
            if term is None:
                unknown.append(part)
            elif term not in known:
                known.append(term)
        value = tuple(known) or None
        if unknown:
            return Fault("unknown_term", value, {"expected": self._expected})
        return value
