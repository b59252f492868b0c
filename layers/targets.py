"""The year's targets as data: a document's version, and one row per statement in it.

One TOML in ``data/targets/`` is one version of one document. A row that is computed names the SQL file
that finds its rows and the parameters that file takes; judging is in ``layers.targets_judge``.
"""

from __future__ import annotations

import datetime as dt
import functools
import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Literal, Self

from pydantic import Field, ValidationError, field_validator, model_validator

from geo.errors import CatalogueError, NotFoundError
from layers.registry import Catalogue, term_lines
from layers.spec import Model

ROOT = Path(__file__).resolve().parent.parent
TARGETS_DIR = ROOT / "data" / "targets"
SQL_FOLDER = "layers/sql/targets"

Kind = Literal["target", "list", "threshold", "milestone"]
Judge = Literal["at_least", "more_than", "about", "exactly", "none"]
Schedule = Literal["", "linear", "quarterly", "list", "level"]
Basis = Literal["computed", "entered", "none"]
Measure = Literal["total", "rate", "share"]
Comparator = Literal[">=", ">", "=", "≈", "n/a", "break", "milestone"]

JUDGES: dict[str, Judge] = {">=": "at_least", ">": "more_than", "=": "at_least", "≈": "about"}
UNIT_FACTORS = {"亿元": 100_000_000}
COUNT_UNITS = frozenset("个家项场名户")
CITY_WIDE = "全市"


class Task(Model):
    """One numbered task of the document, by a short title of ours."""

    no: int
    title: str


class TargetRow(Model):
    """One statement of the document.

    ``comparator`` is as the text has it, ``judge`` how it is judged: a bare number (``=``) as at least.
    ``strive`` (力争, 争取, 争创) is never red. ``thresholds`` takes SQL parameters from threshold rows, in the
    smallest unit (元); ``vocabulary`` takes the terms of a group. ``scale`` turns amounts into ``unit``.
    ``question`` says what the text leaves open, ``reading`` what it is taken to mean.
    """

    id: str = Field(pattern=r"^[A-Z]\d{0,2}-\d{2}$")
    kind: Kind
    alias_of: str = ""
    section: str
    task: int | None = None
    indicator: str
    comparator: Comparator
    target: int | float | None = None
    unit: str = ""
    scope: str = CITY_WIDE
    owners: tuple[str, ...] = ()
    clause: str
    strive: bool = False
    basis: Basis = "none"
    sql: str = Field(default="", pattern=r"^[a-z_]*$")
    layer: str = ""
    params: dict[str, tuple[str, ...]] = Field(default={})
    thresholds: dict[str, str] = Field(default={})
    vocabulary: dict[str, tuple[str, str]] = Field(default={})
    measure: Measure = "total"
    scale: float = 1
    schedule: Schedule = ""
    band_width: float | None = None
    question: str = ""
    reading: str = ""

    @property
    def judge(self) -> Judge:
        """How the comparator is judged."""
        if self.kind == "list":
            return "exactly"
        return JUDGES.get(self.comparator, "none") if self.kind == "target" else "none"

    @property
    def is_count(self) -> bool:
        """Whether the figure counts whole things."""
        return self.unit in COUNT_UNITS

    @property
    def is_extensive(self) -> bool:
        """Whether the figures of parts add up to the city's, so that it can be shared out."""
        return self.kind == "target" and self.measure == "total" and self.schedule != "level" and self.unit != "%"

    @property
    def sql_file(self) -> str:
        """The SQL file that finds the row's records, from the project's root; '' where none does."""
        return f"{SQL_FOLDER}/{self.sql}.sql" if self.sql else ""

    @model_validator(mode="after")
    def _coherent(self) -> Self:
        if (self.basis == "computed") != bool(self.sql):
            raise ValueError(f"{self.id}：basis 为 computed 的行要写 sql，其他行不写")
        if self.kind in ("target", "list") and self.target is None:
            raise ValueError(f"{self.id}：目标和清单要有数字")
        if self.kind == "milestone" and self.target is not None:
            raise ValueError(f"{self.id}：里程碑没有数字，请不要补写")
        if self.kind == "target" and not self.alias_of and not (self.schedule and self.basis != "none"):
            raise ValueError(f"{self.id}：要写明 basis 和 schedule")
        if self.judge == "about" and not self.alias_of and self.band_width is None:
            raise ValueError(f"{self.id}：“左右”要写明 band_width")
        return self


class Document(Model):
    """One version of a document that states a year's targets."""

    id: str = Field(pattern=r"^[a-z0-9-]+$")
    title: str
    version: str
    year: int = Field(ge=2000, le=2100)
    everywhere: str = ""
    tasks: tuple[Task, ...] = ()
    rows: tuple[TargetRow, ...] = Field(min_length=1)

    @field_validator("rows")
    @classmethod
    def _distinct(cls, rows: tuple[TargetRow, ...]) -> tuple[TargetRow, ...]:
        ids = [r.id for r in rows]
        twice = sorted({i for i in ids if ids.count(i) > 1})
        if twice:
            raise ValueError(f"编号 {'、'.join(twice)} 写了两次")
        return rows

    @model_validator(mode="after")
    def _references(self) -> Self:
        by_id = {r.id: r for r in self.rows}
        for row in self.rows:
            main = by_id.get(row.alias_of)
            if row.alias_of and (main is None or main.alias_of or main.target != row.target):
                raise ValueError(f"{row.id} 是 {row.alias_of} 的别名，但没有数值相同的这一主条目")
            for name in row.thresholds.values():
                if name not in by_id or by_id[name].kind != "threshold":
                    raise ValueError(f"{row.id} 用到门槛 {name}，但没有这一行")
        return self

    def row(self, target_id: str) -> TargetRow:
        """Return a row, or raise ``NotFoundError``."""
        found = next((r for r in self.rows if r.id == target_id), None)
        if found is None:
            raise NotFoundError(
                f"《{self.title}》没有编号为“{target_id}”的目标。", "编号形如 T17-01。", target=target_id
            )
        return found

    def main(self, row: TargetRow) -> TargetRow:
        """Return the row that an alias repeats, or the row itself."""
        return self.row(row.alias_of) if row.alias_of else row

    def aliases(self, row: TargetRow) -> list[str]:
        """Return the ids of the rows that repeat a row."""
        return [r.id for r in self.rows if r.alias_of == row.id]

    def distinct(self) -> list[TargetRow]:
        """Return the targets, each once."""
        return [r for r in self.rows if r.kind == "target" and not r.alias_of]

    def owners(self, row: TargetRow) -> list[str]:
        """Return who answers for a row: the departments named, and everybody where it is of a task."""
        main = self.main(row)
        return [*main.owners, *([self.everywhere] if main.task is not None and self.everywhere else [])]

    def task_title(self, row: TargetRow) -> str:
        """Return the short title of a row's task, '' where it has none."""
        return next((t.title for t in self.tasks if t.no == row.task), "")

    @property
    def start(self) -> dt.date:
        """The first day of the year."""
        return dt.date(self.year, 1, 1)

    @property
    def end(self) -> dt.date:
        """The last day of the year."""
        return dt.date(self.year, 12, 31)


def sql_params(document: Document, row: TargetRow, cat: Catalogue) -> dict[str, object]:
    """Return the parameters of a row's SQL file: its own, those of thresholds, those of vocabularies."""
    found: dict[str, object] = {"types": None, "levels": None, "kinds": None, "tiers": None, "figures": None}
    found["min_invest_cny"] = None
    found |= {name: list(values) for name, values in row.params.items()}
    for name, threshold in row.thresholds.items():
        limit = document.row(threshold)
        found[name] = round((limit.target or 0) * UNIT_FACTORS.get(limit.unit, 1))
    for name, (vocabulary, group) in row.vocabulary.items():
        found[name] = [v.value for v in cat.vocabularies[vocabulary].values if v.group == group]
        lines = term_lines(vocabulary)
        found[f"{name.removesuffix('s')}_lines"] = [
            lines.get(v.value) for v in cat.vocabularies[vocabulary].values if v.group == group
        ]
    return found


def parse_document(raw: dict[str, Any], where: str) -> Document:
    """Check a document's data.

    Raises
    ------
    CatalogueError
        Names the file, the row and the cure.
    """
    try:
        document = Document.model_validate(raw)
    except ValidationError as error:
        lines = []
        for item in error.errors():
            place = ".".join(str(part) for part in item["loc"]) or "整个文件"
            lines.append(f"{place}：{item['msg'].removeprefix('Value error, ')}")
        raise CatalogueError(f"{where} 不合规范：{'；'.join(lines)}。", "请修改后重试。", file=where) from error
    missing = sorted({r.sql_file for r in document.rows if r.sql_file and not (ROOT / r.sql_file).exists()})
    if missing:
        raise CatalogueError(f"{where} 写了不存在的 SQL 文件 {'、'.join(missing)}。", "请改正文件名。", file=where)
    return document


def read_document(path: Path) -> Document:
    """Read one version of a document from its TOML.

    Raises
    ------
    CatalogueError
        Names the file, the row and the cure.
    """
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise CatalogueError(f"{path.name} 读不了：{error}。", "它应是 UTF-8 的 TOML。", file=path.name) from error
    return parse_document(raw, path.name)


@functools.cache
def shipped_documents(folder: Path = TARGETS_DIR) -> tuple[Document, ...]:
    """Return the shipped versions, the newest year first."""
    found = [read_document(path) for path in sorted(folder.glob("*.toml"))]
    return tuple(sorted(found, key=lambda d: d.year, reverse=True))


def choose_document(documents: Iterable[Document], day: dt.date) -> Document:
    """Return the document that a day is judged by: of its year, else the nearest year, earlier ones first.

    Parameters
    ----------
    documents : iterable of Document
        The newest version first.

    Raises
    ------
    NotFoundError
        There is none.
    """
    found = list(documents)
    if not found:
        raise NotFoundError("还没有年度目标文件。", "请先载入一个版本。")
    return min(found, key=lambda d: (abs(d.year - day.year), d.year > day.year))


def compare_documents(old: Document, new: Document) -> dict[str, Any]:
    """Say what differs between two versions: rows added, removed, and changed field by field."""
    before, after = ({r.id: r.model_dump(mode="json") for r in d.rows} for d in (old, new))
    changed = [
        {"id": i, "field": name, "old": before[i][name], "new": value}
        for i, fields in after.items()
        if i in before
        for name, value in fields.items()
        if before[i][name] != value
    ]
    return {
        "old": {"id": old.id, "version": old.version}, "new": {"id": new.id, "version": new.version},
        "added": [i for i in after if i not in before], "removed": [i for i in before if i not in after],
        "changed": changed,
    }  # fmt: skip
