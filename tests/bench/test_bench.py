"""The benchmark's generator is seeded, its table says what was measured, and a part of it can be run again."""

import json
from pathlib import Path

import numpy as np
import psycopg2
import pytest
import shapely
from rich.console import Console

from bench import run, table
from bench.country import BOX, country_points, in_morton_order, make_country
from bench.data import make_points, read_counties
from bench.rows import load
from bench.rows.tiles import tiles_at
from bench.timing import Case, Timing, case, measure
from etl.headers import Dictionary
from etl.pipeline import prepare
from etl.read import read_file
from geo.assign import AreaIndex
from layers.registry import catalogue
from tests.etl.test_clean import credit_code
from tests.etl.world import gazetteer

OURS = Timing("甲法", (0.002, 0.001, 0.003))
CASES = [
    Case("assign", "计数", OURS, (Timing("乙|法", (0.02,)), Timing("丙", note="装不上")), "说明一句"),
    Case("page", "页面", Timing("/", (1.5,))),
]


def test_the_same_seed_gives_the_same_points_in_clusters_and_some_outside() -> None:
    counties = read_counties()
    a, b, c = (make_points(20_000, counties, seed) for seed in (1, 1, 2))
    assert np.array_equal(a.lon, b.lon) and np.array_equal(a.lat, b.lat) and np.array_equal(a.value, b.value)
    assert not np.array_equal(a.lon, c.lon)
    where = AreaIndex.build(counties.codes, counties.geoms).points(a.lon, a.lat)
    assert set(range(9)) <= set(where) and 0 < (where < 0).mean() < 0.5
    tiles = [tiles_at(a, zoom) for zoom in (6, 12)]
    assert len(tiles[0]) <= 4 and len(tiles[1]) == 8


def test_a_country_is_tiled_by_counties_with_ragged_borders() -> None:
    country = make_country(40, levels=5, seed=3)
    assert shapely.is_valid(country.geoms).all() and len(country.codes) == 40
    west, south, east, north = BOX
    assert shapely.area(country.geoms).sum() == pytest.approx((east - west) * (north - south))
    assert shapely.union_all(country.geoms).area == pytest.approx((east - west) * (north - south))
    assert shapely.get_num_coordinates(country.geoms).min() > 3 * 2**5
    points = country_points(5_000, country, seed=3)
    ordered = in_morton_order(points)
    assert sorted(zip(points.lon, points.lat, points.value, strict=True)) == sorted(
        zip(ordered.lon, ordered.lat, ordered.value, strict=True)
    )
    steps = [np.hypot(np.diff(p.lon), np.diff(p.lat)).mean() for p in (points, ordered)]
    assert steps[1] < steps[0] / 5


def test_subjects_are_measured_in_turns_after_a_warm_round() -> None:
    called: list[str] = []
    taken = measure({"a": lambda: called.append("a"), "b": lambda: called.append("b")}, 3)
    assert "".join(called) == "abababab"
    assert {name: len(seconds) for name, seconds in taken.items()} == {"a": 3, "b": 3}
    made = case("x", "题", "a", {"a": int, "b": int}, repeats=2, others=[Timing("c", note="没有")])
    assert (made.ours.name, [p.name for p in made.peers]) == ("a", ["b", "c"])


def test_the_table_shows_medians_spread_ratios_and_what_could_not_be_measured(tmp_path: Path) -> None:
    page, results = tmp_path / "performance.md", tmp_path / "results.json"
    table.write(CASES, {"核": 2}, page, results)
    text = page.read_text("utf-8")
    assert "| 计数 | 园图 甲法 | 2 ms | 1 ms–3 ms | 3 | 1 |" in text
    assert "|  | 乙/法 | 20 ms | 20 ms–20 ms | 1 | 10× |" in text
    assert "|  | 丙 | 装不上 |  |  | — |" in text
    assert "机器与版本：核 2" in text and "- **计数**：说明一句" in text
    assert "争用" not in text and "争用" in table.markdown(CASES, {"核": 2, "开始时负载": "2.1"})
    held = json.loads(results.read_text("utf-8"))
    assert held["cases"][0]["ratios"] == {"乙|法": 10.0, "丙": None}
    again = Case("page", "页面", Timing("/", (2.5,)))
    assert table.merge(held, [again]) == [CASES[0], again]
    console = Console(width=160, record=True)
    console.print(table.rich_table(CASES))
    assert "10×" in console.export_text()


def test_seconds_are_written_in_the_unit_that_reads_best() -> None:
    assert [table.seconds(s) for s in (None, 12.345, 1.0, 0.1234, 0.00012)] == [
        "—",
        "12.35 s",
        "1.00 s",
        "123 ms",
        "120 µs",
    ]


def test_every_row_of_the_folder_can_be_chosen() -> None:
    modules = run.row_modules()
    assert [m.ORDER for m in modules.values()] == sorted(m.ORDER for m in modules.values())
    for name, module in modules.items():
        assert run.parse(["--only", name]).only == [name]
        assert module.TITLE and callable(module.run)
    assert run.parse(["--quick"]).quick == run.QUICK
    assert run.parse([]).rows == 1_000_000
    with pytest.raises(SystemExit):
        run.parse(["--only", "nothing"])


def test_the_loading_peer_checks_what_the_import_checks(scratch_database) -> None:
    """The same rows stand after both, of a file with one fault of each kind."""
    good = credit_code(1)
    rows = [
        ("甲厂有限公司", good, "5", "120.1", "33.4"),
        ("甲厂股份有限公司", credit_code(2), "6", "120.2", "33.5"),
        ("校验位错的厂", good[:17] + ("0" if good[17] != "0" else "1"), "5", "120.1", "33.4"),
        ("位数不对的厂", credit_code(3)[:17], "5", "120.1", "33.4"),
        ("", credit_code(4), "5", "120.1", "33.4"),
        ("飞出去的厂", credit_code(5), "5", "220.1", "33.4"),
    ]
    cells = "\n".join(",".join(row) for row in rows)
    file = f"name,credit_code,registered_cny,lon,lat\n{cells}\n".encode()
    layer = catalogue().layer("enterprise")
    made = prepare(
        read_file(file, "a.csv", known=Dictionary(layer).knows), layer, catalogue(), load.CHECKED, gazetteer(), "a.csv"
    )
    with scratch_database() as url, psycopg2.connect(url) as conn, conn.cursor() as cursor:
        cursor.execute(
            "CREATE TABLE bench_ogr_file (ogc_fid serial, name text, credit_code text, registered_cny text, lon text,"
            " lat text); CREATE TABLE bench_county_part (code text, geom geometry(Polygon, 4490));"
        )
        for row in rows:
            cursor.execute(
                "INSERT INTO bench_ogr_file (name, credit_code, registered_cny, lon, lat) VALUES (%s, %s, %s, %s, %s)",
                row,
            )
        cursor.execute(load.peer_statements())
        cursor.execute("SELECT key FROM bench_ogr_loaded ORDER BY key")
        assert (
            [key for (key,) in cursor.fetchall()]
            == sorted(made.batch.frame()["credit_code"])
            == sorted([good, credit_code(2)])
        )
        cursor.execute("SELECT keys FROM bench_ogr_alike")
        assert cursor.fetchall() == [([good, credit_code(2)],)]
