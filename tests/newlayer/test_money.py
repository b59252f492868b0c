"""Money of a layer that nobody has seen: stored in yuan, whatever unit the header or the cell states."""

import pytest
from pydantic import ValidationError

from etl.headers import Dictionary
from etl.options import Options
from etl.pipeline import prepare
from etl.read import read_file
from etl.template import entries
from layers.registry import catalogue
from layers.spec import FieldSpec, Layer
from tests.etl.world import csv_bytes, gazetteer

LAYER = Layer.model_validate(
    {
        "id": "charger", "title": "充电站", "geometry": "point",
        "fields": [{"id": "build_cny", "title": "建设投资", "type": "cny", "role": "extensive"}],
    }
)  # fmt: skip


def money(header: str, cell: str) -> tuple[object, list[str]]:
    table = read_file(csv_bytes(f"名称,县区,{header}", f'甲,亭湖区,"{cell}"'), "a.csv", known=Dictionary(LAYER).knows)
    made = prepare(table, LAYER, catalogue(), Options(), gazetteer(), "a.csv")
    return made.batch.rows.build_cny[0], [i.type for i in made.batch.issues]


@pytest.mark.parametrize(
    ("header", "cell", "yuan"),
    [
        ("建设投资（万元）", "1,200", 12_000_000),
        ("建设投资（亿元）", "1.5", 150_000_000),
        ("建设投资/元", "1200", 1_200),
        ("建设投资", "300万元", 3_000_000),
        ("build_cny", "5", 5),
    ],
)
def test_a_money_field_without_a_unit_is_in_yuan(header: str, cell: str, yuan: int) -> None:
    assert money(header, cell) == (yuan, [])


def test_the_templates_own_header_is_read() -> None:
    header = next(e.header for e in entries(LAYER, catalogue()) if "建设投资" in e.header)
    assert money(header, "3")[1] == []
    assert money(header, "3")[0] is not None


def test_a_money_field_cannot_be_stored_in_another_unit() -> None:
    with pytest.raises(ValidationError, match="display_unit"):
        FieldSpec(id="build_cny", title="建设投资", type="cny", unit="万元")
    assert FieldSpec(id="build_cny", title="建设投资", type="cny", display_unit="万元").unit == "元"
