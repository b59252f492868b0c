"""Files of every format with wrong bytes: read whole or refused in a sentence; no crash, no hang, no row lost."""

import faulthandler
import io
import zipfile

from hypothesis import example, given, settings
from hypothesis import strategies as st

from geo.errors import YuantuError
from tests.data.messy.make import CASES
from tests.etl.world import gazetteer, take

PLACES = gazetteer()
SEEDS = (
    "merged_headers.xlsx", "formula_cached.xlsx", "quotes_and_line_breaks.csv", "gb18030_four_bytes.csv",
    "utf16_tab.txt", "amounts.csv", "dates.csv", "a_pair_in_one_cell.csv", "wkt_in_a_column.csv",
    "gbk_without_cpg.zip", "with_heights.zip", "prj_of_a_chinese_software.zip", "a_csv_in_a.zip",
    "shapes_with_faults.geojson", "with_a_crs_member.geojson", "phone.kml", "phone.kmz", "two_layers.gpkg",
    "drawing.dxf", "boundary_points.txt",
)  # fmt: skip
FILES = {name: CASES[name].make() for name in SEEDS}
SECONDS = 60  # far beyond what any of them takes: a hang ends the process with its stack


def take_or_refuse(name: str, data: bytes) -> None:
    case = CASES[name]
    faulthandler.dump_traceback_later(SECONDS, exit=True)
    try:
        batch = take(data, name, case.layer, PLACES, **case.options).batch
    except YuantuError as refusal:
        assert refusal.message
    else:
        assert batch.n_read == len(batch.rows) + len(batch.quarantine)
        assert batch.rows["key"].is_unique
    finally:
        faulthandler.cancel_dump_traceback_later()


def changed(data: bytes, changes: list[tuple[float, int]]) -> bytes:
    made = bytearray(data)
    for at, byte in changes if made else ():
        made[int(at * len(made))] = byte
    return bytes(made)


CHANGES = st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 255)), max_size=8)


@settings(max_examples=150)
@given(st.sampled_from(SEEDS), CHANGES, st.floats(0, 1), st.booleans())
def test_a_file_with_wrong_bytes(name: str, changes: list[tuple[float, int]], where: float, cut: bool) -> None:
    data = changed(FILES[name], changes)
    take_or_refuse(name, data[: int(where * len(data))] if cut else data)


ARCHIVES = [name for name in SEEDS if FILES[name].startswith(b"PK")]


@settings(max_examples=150)
@given(st.sampled_from(ARCHIVES), st.integers(0, 30), CHANGES)
def test_an_archive_whose_member_has_wrong_bytes(name: str, which: int, changes: list[tuple[float, int]]) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(FILES[name])) as old, zipfile.ZipFile(out, "w") as new:
        members = [i for i in old.infolist() if "Props" not in i.filename]
        for k, info in enumerate(members):
            data = old.read(info)
            new.writestr(info, changed(data, changes) if k == which % len(members) else data)
    take_or_refuse(name, out.getvalue())


@settings(max_examples=100)
@given(st.sampled_from(SEEDS), st.floats(0, 1), st.floats(0, 1), st.integers(1, 3))
@example("dates.csv", 0.0, 0.5, 2)
def test_a_file_with_a_piece_lost_or_repeated(name: str, first: float, second: float, times: int) -> None:
    data = FILES[name]
    a, b = sorted((int(first * len(data)), int(second * len(data))))
    take_or_refuse(name, data[:a] + data[a:b] * (times - 1) + data[b:])


@settings(max_examples=100)
@given(st.lists(st.lists(st.text(max_size=12), max_size=6), min_size=1, max_size=8), st.sampled_from(",\t;|"))
def test_any_text_table(rows: list[list[str]], separator: str) -> None:
    text = "\r\n".join(
        separator.join(row) for row in [["项目名称", "总投资（万元）", "开工时间", "经度", "纬度"], *rows]
    )
    take_or_refuse("amounts.csv", text.encode("utf-8", errors="replace"))
