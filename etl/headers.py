"""Which column is which field: by the catalogue's words, then by likeness; units in brackets are read off."""

from __future__ import annotations

import difflib
import functools
import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from etl.parse_amount import Unit, parse_unit
from etl.parse_date import Period, find_period
from etl.parse_text import header_key, plain
from geo.errors import InputError
from layers.spec import Layer
from layers.store.matches import header_form

SIMILAR, MARGIN = 0.84, 0.06
# 1-9月, 截至9月底: since January of a year that stands elsewhere; 9月 alone is one month and no sum
MONTHS = re.compile(
    r"^(?:1月?[-至~—－]|(?:截至|截止|截止到)(?:1月?[-至~—－])?|(?=\d{1,2}月[底末]))(\d{1,2})月(?:份|底|末)?"
)
_BRACKET = re.compile(r"[（(\[【]([^）)\]】]*)[）)\]】]")
_UNIT_TAIL = re.compile(r"[/,，:：_]\s*([^/,，:：_]{1,8})$")
_DATE_WORDS = ("日期", "时间", "年月", "年份", "年度", "认定日期", "认定时间", "认定年度", "认定年份")
RECOGNISED = frozenset(
    {"认定日期", "认定时间", "认定年度", "认定年份", "认定年月", "公布日期", "公布时间", "获评时间", "获评日期"}
)
_END_WORDS = ("失效日期", "失效时间", "有效期至", "有效期", "到期日期", "撤销日期", "结束日期", "终止日期")
_GENERIC = frozenset(
    {"金额", "数值", "数量", "名称", "内容", "情况", "合计", "总额", "面积", "级别", "等级", "时间", "日期"}
)
_COORDINATES = frozenset({"lon", "lat", "x", "y", "easting", "northing", "pair"})
_DATUM_WORDS = re.compile(
    r"高德|腾讯|百度|火星|天地图|谷歌|国家|大地|[-_]|gcj02|gcj|bd09|wgs84|wgs|cgcs2000|2000|gps|84|地图", re.IGNORECASE
)
# 拟开工时间 is no 开工时间, 总投资增幅 no 总投资.
_CHANGES_MEANING = re.compile(
    r"计划|拟|预计|预期|目标|其中|上年|去年|同期|同比|增幅|增长|增速|增减|占比|比重|比例|率|未|非|不|累计|年度|本年|当年|当月|本月|新增|剩余|结束|失效|撤销|到期"
)


@dataclass(frozen=True)
class Match:
    """What one column was taken for.

    Attributes
    ----------
    header : str
        As in the file.
    kind : str
        ``field``, ``role``, ``event``, ``event_end``, ``figure`` or ``extra``.
    target : str
        Field id, role, event type or figure id; '' for ``extra``.
    how : str
        ``exact``, ``bracket`` (exact without what stands in brackets), ``part`` (a level of a merged header),
        ``cut`` (at ten bytes, as a DBF
        does), ``similar``, ``given`` (a person said so), ``remembered`` (for the publisher's earlier file),
        ``none``.
    unit : Unit or None
        Stated in the header.
    period : Period or None
        The reporting period the header names.
    score : float
        Likeness, 1 for exact.
    """

    header: str
    kind: str
    target: str = ""
    how: str = "none"
    unit: Unit | None = None
    period: Period | None = None
    score: float = 0.0


Target = tuple[str, str]


@functools.cache
def column_words() -> dict[str, tuple[str, ...]]:
    """Return what a column may be besides a field of the layer, with the words used for it in the files."""
    text = (Path(__file__).parent / "column_words.toml").read_text(encoding="utf-8")
    return {role: tuple(words) for role, words in tomllib.loads(text).items()}


class Dictionary:
    """Every word that names a column of one layer; a field's own words win over the common ones."""

    def __init__(self, layer: Layer) -> None:
        self.words: dict[str, Target] = {}
        kinds = [kind for group in layer.events for kind in group.types]
        self.types: set[Target] = {(what, kind) for kind in kinds for what in ("event", "event_end")}
        for word in (f"{layer.title}名称", *layer.name_aliases):
            self._add(word, ("role", "name"))
        for spec in layer.fields:
            for word in (spec.id, spec.title):
                self._add(word, ("field", spec.id))
        self._events(layer)
        for spec in layer.fields:
            for word in spec.aliases:
                self._add(word, ("field", spec.id))
        for series in layer.figures:
            for word in (series.id, series.title, *series.aliases):
                self._add(word, ("figure", series.id))
        for role, words in column_words().items():
            for word in words:
                self._add(word, ("role", role))

    def _add(self, word: str, target: Target) -> None:
        for form in {word, _BRACKET.sub("", word)}:
            key = header_key(form)
            if key:
                self.words.setdefault(key, target)

    def _events(self, layer: Layer) -> None:
        for group in layer.events:
            for kind in group.types:
                for word in group.date_aliases.get(kind, ()):
                    self._add(word, ("event", kind))
                for word in group.end_aliases.get(kind, ()):
                    self._add(word, ("event_end", kind))
                for tail in _DATE_WORDS:
                    self._add(kind + tail, ("event", kind))
                for tail in _END_WORDS:
                    self._add(kind + tail, ("event_end", kind))
                if len(group.types) > 1 or not group.field:
                    self._add(kind, ("event", kind))

    def knows(self, text: str) -> bool:
        """Whether a text is a header of the layer."""
        if len(text) > 40:
            return False
        bare, _ = split_unit(text)
        return header_key(text) in self.words or header_key(bare) in self.words

    def look_up(self, header: str) -> tuple[Target, str, float] | None:
        """Return what a header names, how it was found and how alike it is; None when nothing does."""
        bare, _ = split_unit(header)
        forms = [(header, "exact"), (bare, "bracket")]
        levels = [split_unit(p)[0] for p in header.split("/")]
        if len(levels) > 1:
            forms += [("".join(levels), "part"), ("".join(reversed(levels)), "part"), (levels[-1], "part")]
            if header_key(levels[-1]) in _GENERIC:
                forms.append((levels[-2], "part"))
        for form, how in forms:
            hit = self.words.get(header_key(form))
            if hit is not None:
                return hit, how, 1.0
        hit = self.words.get(header_key(_DATUM_WORDS.sub("", bare)))
        if hit is not None and hit[0] == "role" and hit[1] in _COORDINATES:
            return hit, "part", 1.0
        for form in dict.fromkeys((bare, levels[-1])):
            hit = self.words.get(header_key(_without_period(form)))
            if hit is not None and hit[0] == "figure":
                return hit, "part", 1.0
        return self._cut(header) or self._similar(header_key(bare))

    def _cut(self, header: str) -> tuple[Target, str, float] | None:
        """Find what a name cut at the ten bytes of a DBF was: the one target whose words begin with it."""
        if not any(9 <= len(header.encode(encoding, errors="ignore")) <= 10 for encoding in ("gb18030", "utf-8")):
            return None
        key = header_key(header)
        targets = {target for word, target in self.words.items() if word.startswith(key) and target[1] != "ignore"}
        return (next(iter(targets)), "cut", 1.0) if len(key) >= 3 and len(targets) == 1 else None

    def _similar(self, key: str) -> tuple[Target, str, float] | None:
        if len(key) < 3:
            return None
        scored: dict[Target, float] = {}
        for word, target in self.words.items():
            if len(word) < 3 or target == ("role", "ignore"):
                continue
            if (word in key or key in word) and key[-2:] != word[-2:]:
                continue  # 联系人电话 is no 联系人: what stands last names the thing
            if set(_CHANGES_MEANING.findall(key)) != set(_CHANGES_MEANING.findall(word)):
                continue
            score = difflib.SequenceMatcher(None, key, word).ratio()
            scored[target] = max(scored.get(target, 0.0), score)
        order = sorted(scored.items(), key=lambda kv: -kv[1])
        if not order or order[0][1] < SIMILAR or (len(order) > 1 and order[0][1] - order[1][1] < MARGIN):
            return None
        return order[0][0], "similar", round(order[0][1], 3)


def _without_period(text: str) -> str:
    if (months := MONTHS.match(plain(text))) is not None:
        return plain(text)[months.end() :]
    return re.sub(
        r"(截至|截止)?\d{4}[年.-]?(度|底|末|[\d一]*[-至~]?\d{0,2}月(份|底|末)?|第?[一二三四1-4]季度|上半年)?|本年|当年",
        "",
        plain(text),
    )


def split_unit(header: str) -> tuple[str, Unit | None]:
    """Return a header without what stands in brackets, and the unit it states: ``总投资（万元）``, ``面积/亩``."""
    text, unit = plain(header), None
    for inside in _BRACKET.findall(text):
        words = re.sub(r"^(单位|计量单位)[:：]?", "", inside.strip())
        unit = unit or parse_unit(words)
    bare = _BRACKET.sub("", text).strip()
    tail = _UNIT_TAIL.search(bare)
    if unit is None and tail and (found := parse_unit(tail.group(1))) is not None and tail.start() > 0:
        return bare[: tail.start()].strip(), found
    if unit is None and (glued := re.search(r"(?<=[\u4e00-\u9fff])(万元|亿元)$", bare)) and len(bare) > 3:
        return bare[: glued.start()], parse_unit(glued.group())
    return bare, unit


def sheet_unit(notes: Sequence[str]) -> Unit | None:
    """Return the unit that a title or note states for the sheet: ``单位：万元``."""
    return next(iter(sheet_units(notes).values()), None)


def sheet_units(notes: Sequence[str]) -> dict[str, Unit]:
    """Return every unit that titles and notes state, by its word, in their order."""
    stated: dict[str, Unit] = {}
    for note in notes:
        for found in re.finditer(r"单位\s*(?:[:：]|均?为)\s*([^\s,，;；、。)）]+)", note):
            unit = parse_unit(found.group(1))
            if unit is not None:
                stated.setdefault(found.group(1), unit)
    return stated


def match_headers(
    headers: Sequence[str],
    dictionary: Dictionary,
    given: Mapping[str, str] | None = None,
    remembered: Mapping[str, str] | None = None,
) -> list[Match]:
    """Say what each column is.

    Parameters
    ----------
    headers : sequence of str
        As in the file, distinct.
    dictionary : Dictionary
        The layer's words.
    given : mapping of header -> target, optional
        What a person decided: a field id, a role, ``event:<type>``, ``figure:<id>``, or '' to leave it alone.
    remembered : mapping of header form -> target, optional
        What a person decided for an earlier file; what means nothing any more is passed over.

    Returns
    -------
    list of Match
        In the order of the columns; a field is given to one column only, the most alike and then the first.

    Raises
    ------
    InputError
        A given target is neither a field nor anything else a column can be.
    """
    given, remembered = given or {}, remembered or {}
    found = []
    for h in headers:
        said, how = given.get(h), "given"
        if said is None:
            said, how = remembered.get(header_form(h)), "remembered"
        found.append(_match(h, dictionary, said, how))
    taken: dict[tuple[str, str, object], int] = {}
    rank = {"given": 0, "remembered": 1, "exact": 2, "bracket": 3, "part": 4, "cut": 5, "similar": 6}
    for i in sorted(range(len(found)), key=lambda i: (rank.get(found[i].how, 9), -found[i].score, i)):
        match = found[i]
        if match.kind == "extra" or match.target == "ignore":
            continue
        slot = (match.kind, match.target, _period_named(match) if match.kind == "figure" else None)
        if taken.setdefault(slot, i) != i:
            found[i] = Match(match.header, "extra", unit=match.unit)
    return found


def _period_named(match: Match) -> object:
    months = MONTHS.match(plain(match.header.split("/")[-1]))
    return match.period.last if match.period else months.group(1) if months else None


def with_the_one_date(matches: Sequence[Match], layer: Layer) -> list[Match]:
    """Take a lone 认定时间 for the date of the one recognition whose level the file has."""
    fields = {m.target for m in matches if m.kind == "field"}
    dated = {m.target for m in matches if m.kind == "event"}
    groups = [g for g in layer.events if g.levels and g.field in fields]
    bare = [i for i, m in enumerate(matches) if m.kind == "extra" and header_key(m.header) in RECOGNISED]
    out = list(matches)
    if len(groups) == len(bare) == 1 and len(groups[0].types) == 1 and groups[0].types[0] not in dated:
        m = matches[bare[0]]
        if m.how != "given" and m.how != "remembered":
            out[bare[0]] = Match(m.header, "event", groups[0].types[0], "part", m.unit, m.period, 1.0)
    return out


def _target(text: str, dictionary: Dictionary) -> Target | None:
    kind, _, target = text.rpartition(":")
    if not text:
        return "extra", ""
    known = set(dictionary.words.values())
    if kind:
        return (kind, target) if (kind, target) in known or (kind, target) in dictionary.types else None
    return next((t for t in (("field", target), ("role", target), ("figure", target)) if t in known), None)


def _match(header: str, dictionary: Dictionary, given: str | None, how: str = "given") -> Match:
    _, unit = split_unit(header.split("/")[-1])
    if unit is None:
        _, unit = split_unit(header)
    period = find_period(header)
    if given is not None:
        decided = _target(given, dictionary)
        if decided is not None:
            return Match(header, *decided, how, unit, period, 1.0)
        if how == "given":
            raise InputError(
                f"列“{header}”指定为“{given}”，但没有这个字段。",
                f"可用：{'、'.join(sorted({t[1] for t in dictionary.words.values() if t[0] == 'field'}))}，"
                "name、lon、lat、county 等，event:事件，figure:数值系列，或留空不用这一列。",
                header=header,
            )
    hit = dictionary.look_up(header)
    if hit is None:
        return Match(header, "extra", unit=unit, period=period)
    (kind, target), how, score = hit
    return Match(header, kind, target, how, unit, period, score)
