"""A file is compared with the records that it can be taken for, found by index: the same as with the whole layer."""

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path

import psycopg2
import pytest
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st

from etl.duplicates import CROWD, Names, find_pairs, list_pairs
from etl.gazetteer import Known
from etl.headers import Dictionary
from etl.judge import decide
from etl.options import Options
from etl.pipeline import Context, import_file, prepare
from etl.read import read_file
from etl.standing import Standing, read_standing
from etl.texts import Array
from geo.datum import wgs84_to_gcj02
from geo.errors import DatumUndecidedError
from layers.registry import catalogue
from layers.store.beside import Asked, Beside, read_beside
from layers.store.db import connect, role_dsn
from layers.store.duplicates import read_moved, read_neighbours
from layers.store.known import known_places
from tests.etl.world import CENTRES, csv_bytes, gazetteer

NAMES = Names(gazetteer())
EVERYTHING = 10**9
COUNTIES = ["", "亭湖区", "盐都区", "大丰区", "东台市"]
CODES = [f"2403-320902-89-01-{n}" for n in (123456, 234567)]


@pytest.fixture
def context(database_url: str, secret_key: str, tmp_path: Path) -> Context:
    return Context(role_dsn(database_url, "yuantu_writer", secret_key), catalogue(), tmp_path, gazetteer())


def alike(dsn: str, pairs: list[tuple[str, str]]) -> list[bool]:
    """Whether each second name is found for the first one."""
    asked = [{"name": b, "forms": NAMES.spellings(NAMES.form(a))} for a, b in pairs]
    with connect(dsn) as conn, conn.cursor() as cursor:
        cursor.execute(
            "SELECT name_alike(e->>'name') IN (SELECT name_core(f) FROM json_array_elements_text(e->'forms') AS f)"
            " FROM json_array_elements(%s) WITH ORDINALITY AS x (e, n) ORDER BY n",
            (json.dumps(asked),),
        )
        return [found for (found,) in cursor.fetchall()]


REGIONS = ["", "江苏省", "江苏", "盐城市", "江苏盐城"]
PLACES = ["", "大丰区", "大丰市", "大丰", "东台", "盐都县", "320904", "320981"]
COMPANIES = ["", "公司", "有限公司", "有限责任公司", "股份有限公司", "责任公司", "股份", "有限"]
WORDS = st.sampled_from(["宏达", "机械", "abc", "ABC", "1号", "ß", "ı", "é", "一厂", "·", "-", "股份", "有限", "公司"])
PIECES = st.one_of(
    WORDS, st.sampled_from(["（", "）", "(", " ", "\u3000", "①", "Ⅳ", "㎡", "“", "\u0301", "ﬁ"]), st.characters()
)


@st.composite
def spellings(draw: st.DrawFn) -> tuple[str, str]:
    """Two names that are often, but not always, one."""
    words = draw(st.lists(st.one_of(WORDS, PIECES), min_size=1, max_size=4))
    made = []
    for _ in range(2):
        parts = [draw(st.sampled_from(REGIONS)) + draw(st.sampled_from(PLACES))] if draw(st.booleans()) else []
        parts += [
            draw(st.sampled_from([w, w.upper(), f"({w}", w + " ", *([] if w > "z" else [_wide(w)])])) for w in words
        ]
        made.append("".join(parts) + draw(st.sampled_from(COMPANIES)))
    clean = [m.encode("utf-8", "replace").decode().replace("\0", "") for m in made]
    return clean[0], clean[1]


def _wide(word: str) -> str:
    return "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in word)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@example(
    [("江苏省盐城市大丰市宏达机械厂", "大丰宏达机械厂"), ("ＡＢＣ科技（盐城）有限公司", "abc科技(盐城)有限责任公司")]
)
@example([("甲股份·有限公司", "甲股份·"), ("Straße", "STRASSE"), ("e(\u0301", "E\u0301"), ("1320904a", "1大丰a")])
@given(st.lists(spellings(), min_size=1, max_size=60))
def test_names_that_are_one_by_comparison_are_found(context: Context, pairs: list[tuple[str, str]]) -> None:
    same = [NAMES.form(a) == NAMES.form(b) for a, b in pairs]
    for pair, is_one, is_found in zip(pairs, same, alike(context.dsn, pairs), strict=True):
        assert is_found or not is_one, pair


def test_names_that_are_two_are_mostly_not_found(context: Context) -> None:
    pairs = [("大丰宏达机械厂", "大丰宏大机械厂"), ("宏达机械一厂", "宏达机械二厂"), ("企业1", "企业2"), ("A楼", "B楼")]
    assert alike(context.dsn, pairs) == [False] * 4


# every example adds to the same layer, so that a failing one cannot be made smaller
@settings(max_examples=6, phases=[Phase.generate], suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(spellings(), min_size=30, max_size=60), st.booleans())
def test_the_pairs_of_a_layer_are_those_that_reading_all_of_it_would_find(context: Context, pairs, coded: bool) -> None:
    out = io.StringIO()
    write = csv.writer(out)
    write.writerow(["项目名称", "项目代码", "县区"])
    for i, name in enumerate(sorted({" ".join(n.split()) for pair in pairs for n in pair} - {""})):
        write.writerow([name, CODES[i % 2] if coded and i < 2 else "", "亭湖区"])
    import_file("project", out.getvalue().encode(), Options(), context, name="a.csv")
    whole = find_pairs(read_neighbours(context.dsn, context.catalogue.layer("project")), context.places(), frozenset())
    assert list_pairs(context, "project") == whole


ROWS = st.tuples(
    st.sampled_from(["宏达厂", "大丰宏达厂", "大丰市宏达厂", "（宏达）厂", "光伏一期", "光伏一期有限公司", "abc"]),
    st.sampled_from(["", "", *CODES]),
    st.sampled_from(COUNTIES),
    st.sampled_from(list(CENTRES)),
    st.integers(0, 3),
)  # fmt: skip
FILES = st.lists(ROWS, min_size=4, max_size=9)
HEAD = "项目名称,项目代码,县区,经度,纬度,总投资（万元）"


def written(rows: list[tuple[str, str, str, str, int]], datum: str) -> bytes:
    lines = []
    for name, code, county, at, amount in rows:
        lon, lat = CENTRES[at][0] + amount / 1000, CENTRES[at][1]
        if datum == "gcj02":
            lon, lat = (float(v[0]) for v in wgs84_to_gcj02([lon], [lat]))
        lines.append(f"{name},{code},{county},{lon:.7f},{lat:.7f},{amount}")
    return csv_bytes(HEAD, *lines)


def outcome(context: Context, standing: Standing, data: bytes, datum: str = "") -> object:
    layer = context.catalogue.layer("project")
    table = read_file(data, "a.csv", known=Dictionary(layer).knows)
    try:
        made = prepare(
            table, layer, context.catalogue, Options(datum=datum), context.places(), "a.csv", standing=standing
        )
    except DatumUndecidedError as error:
        return error.message, error.details
    batch = made.batch
    return batch.frame().astype(str).to_dict("records"), batch.issues, batch.quarantine, made.datum, made.namesakes


# every example adds to the same layer, so that a failing one cannot be made smaller
@settings(max_examples=8, phases=[Phase.generate], suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.tuples(FILES, st.sampled_from(["upsert", "upsert", "replace"])), min_size=2, max_size=2),
    st.lists(st.tuples(FILES, st.sampled_from(["wgs84", "gcj02"]), st.booleans()), min_size=8, max_size=8),
    st.booleans(),
)
def test_what_is_found_tells_the_same_as_the_whole_layer(context: Context, before, files, merges: bool) -> None:
    dsn, layer = context.dsn, context.catalogue.layer("project")
    for rows, mode in before:
        import_file("project", written(rows, "wgs84"), Options(datum="wgs84", mode=mode), context, name="b.csv")
    for pair in list_pairs(context, "project")[:1]:
        decide(context, "project", pair.key_a, pair.key_b, "merge" if merges else "apart")
    decided = read_standing(dsn, layer)
    everything = Beside(tuple(read_neighbours(dsn, layer)), read_moved(dsn, layer))
    places = Known(*known_places(dsn, layer, EVERYTHING, lambda: ((), ())))

    def whole(*_: object) -> Beside:
        return everything

    def looked_up(_: int, asked: Callable[[], Asked]) -> Beside:
        return read_beside(dsn, layer, -1, asked, CROWD)

    def known(keys: Array, names: Array) -> Known:
        return Known(*known_places(dsn, layer, -1, lambda: (keys.to_pylist(), names.to_pylist())))

    old = Standing(decided.merged, decided.apart, whole, lambda *_: places)
    new = Standing(decided.merged, decided.apart, looked_up, known)
    for rows, datum, stated in files:
        data, said = written(rows, datum), datum if stated else ""
        assert outcome(context, new, data, said) == outcome(context, old, data, said)


def test_no_more_is_read_than_the_file_asks_for(context: Context, database_url: str) -> None:
    """A small file into a larger layer reads the records it names and those that sound like it, in any number."""
    with psycopg2.connect(database_url) as conn, conn.cursor() as cursor:
        cursor.execute("INSERT INTO load_run (layer, kind, recorded_at) VALUES ('project', 'import', now())")
        cursor.execute(
            "INSERT INTO layer_project (id, key, name, county_code, unit_code, location_accuracy, row_hash, run_id,"
            " recorded_from) SELECT g, 'k' || g, CASE WHEN g <= 100 THEN '连锁店' ELSE '项目' || g END, '320902',"
            " '320902', 'county', '', 1, now() FROM generate_series(1, 500) AS g"
        )
        cursor.execute("INSERT INTO rollup VALUES ('project', 'county', '320902', false, 'n', 500, 0, 500)")
    conn.close()
    layer = context.catalogue.layer("project")
    found = {}

    def find(n, asked):
        beside = read_beside(context.dsn, layer, n, asked, CROWD)
        found["records"] = [r.key for r in beside.records]
        return beside

    outcome(context, Standing(find=find), csv_bytes("项目名称,县区", "项目(300),亭湖区", "连锁店有限公司,亭湖区"))
    assert found["records"] == [f"k{g}" for g in (*range(1, CROWD + 1), 300)]
