"""Every layer's template is read back: the example is left out, and a row filled in like it comes in whole."""

import io

import openpyxl
import pytest
import shapely

from etl.gazetteer import Gazetteer
from etl.template import DATA_SHEET, entries, write_template
from layers.registry import catalogue
from tests.etl.world import PLACES, found, take

LAYERS = sorted(catalogue().layers)
AROUND = Gazetteer.build(PLACES, (["320902"], [shapely.box(120, 33, 121, 34)], [(120.16, 33.38)]))


def book_of(layer: str) -> openpyxl.Workbook:
    return openpyxl.load_workbook(io.BytesIO(write_template(catalogue().layer(layer), catalogue())))


def saved(book: openpyxl.Workbook) -> bytes:
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


@pytest.mark.parametrize("layer", LAYERS)
def test_a_template_as_it_is_brings_nothing_and_complains_of_nothing(layer: str) -> None:
    made = take(write_template(catalogue().layer(layer), catalogue()), "模板.xlsx", layer, AROUND)
    assert (made.batch.n_read, made.batch.n_skipped) == (0, 1)
    assert {i.type for i in made.batch.issues} == {"example_row"}


@pytest.mark.parametrize("layer", LAYERS)
def test_a_row_like_the_example_fills_every_field(layer: str) -> None:
    spec, book = catalogue().layer(layer), book_of(layer)
    sheet = book[DATA_SHEET]
    sheet.cell(2, 1).value = "真的"
    made = take(saved(book), "模板.xlsx", layer, AROUND)
    assert [(i.type, i.field, i.message) for i in made.batch.issues if i.severity != "info"] == []
    assert (made.batch.n_read, len(made.batch.rows)) == (1, 1)
    assert [f.id for f in spec.fields if made.batch.rows[f.id][0] is None] == []
    assert len(made.batch.events) == sum(len(g.types) for g in spec.events)
    assert len(made.batch.figures) == len(spec.figures)
    assert made.batch.rows["extra"][0] == {}
    assert {m.how for m in made.matches} <= {"exact", "bracket", "part"}
    assert found(made, "header_unmatched") == []


@pytest.mark.parametrize("layer", LAYERS)
def test_every_vocabulary_is_a_drop_down(layer: str) -> None:
    columns, book = entries(catalogue().layer(layer), catalogue()), book_of(layer)
    checks = [v for v in book[DATA_SHEET].data_validations.dataValidation if v.formula1.startswith("词表")]
    assert len(checks) == sum(bool(c.terms) for c in columns)
    for check in checks:
        where = check.formula1.split("!")[1].replace("$", "")
        terms = [c.value for row in book["词表"][where] for c in (row if isinstance(row, tuple) else (row,))]
        column = next(iter(check.sqref.ranges)).min_col
        assert tuple(terms) == columns[column - 1].terms
