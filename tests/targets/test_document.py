"""The shipped rows: how many of each kind, each once, each with its SQL file, its clause and its owners."""

import re
import tomllib
from typing import Any

import pytest

from geo.errors import CatalogueError, NotFoundError
from layers.registry import VOCAB_DIR, catalogue
from layers.targets import (
    ROOT,
    TARGETS_DIR,
    Document,
    choose_document,
    compare_documents,
    parse_document,
    read_document,
    shipped_documents,
    sql_params,
)
from tests.targets.world import day

DRAFT = shipped_documents()[0]
RAW = tomllib.loads((TARGETS_DIR / "2026-draft.toml").read_text(encoding="utf-8"))
BY_PARKS_PROJECTS_FACTORIES = {
    *("T09-01", "T09-02", "T09-03", "T12-01", "T12-02", "T13-01", "T13-02", "T13-03"),
    *("T16-01", "T17-01", "T17-02", "T17-03", "T17-04", "T17-05", "T17-06"),
}


def altered(**rows: dict[str, Any]) -> dict[str, Any]:
    """The raw document with some rows changed; keys are ids with _ for -."""
    return RAW | {"rows": [r | rows.get(r["id"].replace("-", "_"), {}) for r in RAW["rows"]]}


def test_the_77_rows_are_of_the_kinds_that_the_document_has() -> None:
    kinds = [r.kind for r in DRAFT.rows]
    assert len(kinds) == 77
    assert {k: kinds.count(k) for k in set(kinds)} == {"target": 55, "list": 7, "threshold": 6, "milestone": 9}
    assert len([r for r in DRAFT.rows if r.alias_of]) == 11
    assert len(DRAFT.distinct()) == 44


def test_15_follow_from_parks_projects_and_factories_13_from_the_rest_and_16_are_entered() -> None:
    computed = {r.id: r for r in DRAFT.distinct() if r.basis == "computed"}
    first = {i for i, r in computed.items() if r.layer in ("park", "project", "factory")}
    assert first == BY_PARKS_PROJECTS_FACTORIES
    assert len(computed) - len(first) == 13
    assert len([r for r in DRAFT.distinct() if r.basis == "entered"]) == 16


def test_every_computed_row_names_a_file_and_every_file_is_named() -> None:
    named = {r.sql_file for r in DRAFT.rows if r.sql_file}
    there = {str(p.relative_to(ROOT)) for p in (ROOT / "layers/sql/targets").glob("*.sql")}
    assert named == there
    assert {r.sql_file for r in DRAFT.rows if r.basis != "computed"} == {""}


def test_an_alias_repeats_the_number_and_is_judged_as_its_main_row() -> None:
    for alias in (r for r in DRAFT.rows if r.alias_of):
        main = DRAFT.main(alias)
        assert (alias.target, alias.unit, main.alias_of) == (main.target, main.unit, "")
        assert DRAFT.owners(alias) == DRAFT.owners(main)
        assert alias.id in DRAFT.aliases(main)


def test_every_clause_holds_its_number_and_every_task_binds_the_eleven_units() -> None:
    written = {"S-02": "五大", "H-01": "亿元以上", "H-04": "百亿元"}  # numbers that the text has in characters
    for row in DRAFT.rows:
        if row.target is not None:
            number = rf"(?<![\d.]){row.target:g}(?!\d)"
            assert re.search(written.get(row.id, number), row.clause), (row.id, row.clause)
        if row.task is not None:
            assert DRAFT.owners(row)[-1] == "各县（市、区）、盐城经开区、盐南高新区"
    assert DRAFT.owners(DRAFT.row("G-01")) == []


def test_what_the_text_leaves_open_says_which_reading_is_used() -> None:
    asked = {r.id for r in DRAFT.rows if r.question}
    assert {"T13-01", "T03-01", "T06-02"} <= asked
    assert all(r.reading for r in DRAFT.rows if r.question)


def test_only_the_three_striving_targets_are_never_red() -> None:
    assert {r.id for r in DRAFT.rows if r.strive} == {"T06-03", "T08-02", "T13-03"}
    assert all(re.search("力争|争取|争创", r.clause) for r in DRAFT.rows if r.strive)


def test_a_milestone_has_no_number() -> None:
    assert {r.target for r in DRAFT.rows if r.kind == "milestone"} == {None}
    with pytest.raises(CatalogueError, match="里程碑没有数字"):
        parse_document(altered(Q_01={"target": 1}), "试")


def test_a_threshold_is_said_once_and_used_as_a_filter() -> None:
    cat = catalogue()
    assert sql_params(DRAFT, DRAFT.row("T17-01"), cat)["min_invest_cny"] == 100_000_000
    assert sql_params(DRAFT, DRAFT.row("S-07"), cat)["min_invest_cny"] == 500_000_000
    lower = parse_document(altered(H_01={"target": 0.5}), "试")
    assert sql_params(lower, lower.row("T17-01"), cat)["min_invest_cny"] == 50_000_000
    terms = sql_params(DRAFT, DRAFT.row("S-02"), cat)["terms"]
    assert terms == ["机械", "纺织", "化工", "建材", "食品"]
    lines = (VOCAB_DIR / "industry.toml").read_text(encoding="utf-8").splitlines()
    for term, line in zip(terms, sql_params(DRAFT, DRAFT.row("S-02"), cat)["term_lines"], strict=True):
        assert f'value = "{term}"' in lines[line - 1]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"G_03": {"alias_of": "T17-09"}}, "T17-09"),
        ({"G_03": {"target": 999}}, "别名"),
        ({"T17_01": {"sql": "no_such_file"}}, "no_such_file"),
        ({"T17_01": {"sql": ""}}, "sql"),
        ({"T17_01": {"thresholds": {"min_invest_cny": "Q-01"}}}, "门槛"),
        ({"G_01": {"band_width": None}}, "band_width"),
        ({"G_02": {"id": "G-01"}}, "两次"),
        ({"G_02": {"color": "red"}}, "color"),
    ],
)
def test_a_wrong_document_is_refused_by_name(change: dict[str, Any], words: str) -> None:
    with pytest.raises(CatalogueError, match=words):
        parse_document(altered(**change), "试")


def test_a_file_that_is_no_toml_is_refused_by_name(tmp_path: Any) -> None:
    (tmp_path / "x.toml").write_text("rows = [", encoding="utf-8")
    with pytest.raises(CatalogueError, match=r"x\.toml"):
        read_document(tmp_path / "x.toml")


def test_two_versions_are_compared_row_by_row_and_field_by_field() -> None:
    new = parse_document(altered(T17_02={"target": 640}, G_04={"target": 640}) | {"version": "印发稿"}, "试")
    fewer = Document(**new.model_dump() | {"rows": new.rows[:-1]})
    found = compare_documents(DRAFT, fewer)
    assert found["removed"] == ["Q-09"]
    assert found["added"] == []
    assert [(c["id"], c["field"], c["old"], c["new"]) for c in found["changed"]] == [
        ("G-04", "target", 630, 640), ("T17-02", "target", 630, 640),
    ]  # fmt: skip
    assert compare_documents(fewer, DRAFT)["added"] == ["Q-09"]
    assert compare_documents(DRAFT, DRAFT)["changed"] == []


def test_a_day_is_judged_by_its_years_document_or_the_nearest() -> None:
    later = Document(**DRAFT.model_dump() | {"id": "2028", "year": 2028})
    for asked, year in (("2026-06-30", 2026), ("2025-01-01", 2026), ("2027-06-30", 2026), ("2028-01-01", 2028)):
        assert choose_document([later, DRAFT], day(asked)).year == year
    with pytest.raises(NotFoundError):
        choose_document([], day("2026-06-30"))


def test_an_unknown_row_is_not_found() -> None:
    with pytest.raises(NotFoundError, match="T99-01"):
        DRAFT.row("T99-01")
