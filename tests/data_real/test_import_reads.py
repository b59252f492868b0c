"""The ordinary import understands every shipped and every demo file: no column unknown, no cell refused."""

from pathlib import Path

import numpy as np
import pytest

from etl import demo
from etl.clean import Cleaned, clean
from etl.facts import SHAPEFILES
from etl.headers import Dictionary
from etl.issues import IssueLog
from etl.options import Options
from etl.read import read_file
from layers.registry import catalogue

SHIPPED = [
    (layer, path)
    for layer in catalogue().layers
    for path in sorted((SHAPEFILES / layer).glob("*.*"))
    if path.suffix in (".csv", ".geojson")
]


def cleaned(layer_id: str, path: Path) -> Cleaned:
    cat = catalogue()
    layer = cat.layer(layer_id)
    table = read_file(path, path.name, known=Dictionary(layer).knows)
    log = IssueLog([int(n) for n in table.row_numbers])
    return clean(table, layer, cat, Options(), log)


@pytest.mark.parametrize(("layer_id", "path"), SHIPPED, ids=lambda p: getattr(p, "name", p))
def test_a_shipped_file_is_read_whole(layer_id: str, path: Path) -> None:
    found = cleaned(layer_id, path)
    undated = {("level_without_date", "国家级")} if path.name == "parks.csv" else set()
    assert {(i.type, i.value) for i in found.log.issues if i.type != "date_coarse"} == undated
    years = [i.value for i in found.log.issues if i.type == "date_coarse"]  # stated by year only, and said to be
    assert all(v.isdecimal() and len(v) == 4 for v in years)
    assert {words for extra in found.extra.of(np.arange(len(found.table))) for words in extra.values()} <= set(years)


def test_a_demo_file_is_read_whole_with_all_events_and_figures(tmp_path: Path) -> None:
    frames = demo.generate()
    for layer_id, path in demo.write(tmp_path):
        found = cleaned(layer_id, path)
        assert found.log.issues == [], layer_id
        assert not any(found.extra.of(np.arange(len(found.table)))), layer_id
        frame = frames[layer_id]
        assert len(found.events) == frame["events"].map(len).sum(), layer_id
        assert len(found.figures) == frame["figures"].map(len).sum(), layer_id
