"""The base map: the same bytes each time, shared borders stay shared, nothing drawn that is not a road."""

import json
from pathlib import Path

import pytest
import shapely

from app.map.basemap import SCALE, build_basemap
from geo.errors import MachineError
from tests.map.toy import write_files

SHIPPED = Path(__file__).resolve().parents[2] / "data" / "shapefiles"


def rings(coded: list[list[list[int]]]) -> shapely.Geometry:
    """Decode polygons as the browser does."""
    polygons = []
    for polygon in coded:
        decoded = []
        for flat in polygon:
            x = y = 0
            points = []
            for dx, dy in zip(flat[::2], flat[1::2], strict=True):
                x, y = x + dx, y + dy
                points.append((x / SCALE, y / SCALE))
            decoded.append(points)
        polygons.append(shapely.Polygon(decoded[0], decoded[1:]))
    return shapely.union_all(polygons)


def test_same_files_same_bytes(tmp_path: Path) -> None:
    data = write_files(tmp_path)
    assert build_basemap(data) == build_basemap(data)


def test_toy_city_is_whole(tmp_path: Path) -> None:
    base = json.loads(build_basemap(write_files(tmp_path)))
    assert [c["code"] for c in base["counties"]] == ["320901", "320902", "320903", "320904"]
    parts = [rings(c["rings"]) for c in base["counties"]]
    assert sum(p.area for p in parts) == pytest.approx(4 * 0.8**2)
    assert rings(base["city"]).area == pytest.approx(4 * 0.8**2)
    for county, part in zip(base["counties"], parts, strict=True):
        assert part.contains(shapely.Point(county["label"]))
    land = rings(base["land"])
    assert land.contains(shapely.Point(120.0, 34.0))
    assert not land.intersects(shapely.Point(122.5, 33.5))
    assert len(base["roads"]) == 1, "the shortcut is not drawn"
    assert [p["name"] for p in base["places"]] == ["邻市", "邻县"]


def test_shipped_counties_share_their_borders() -> None:
    base = json.loads(build_basemap(SHIPPED))
    parts = [rings(c["rings"]) for c in base["counties"]]
    assert len(parts) == 9
    assert all(p.is_valid for p in parts)
    whole = shapely.union_all(parts)
    assert sum(p.area for p in parts) == pytest.approx(whole.area, rel=1e-9), "no overlap"
    assert whole.area == pytest.approx(rings(base["city"]).area, rel=1e-6), "no gap"


def test_missing_file_says_which(tmp_path: Path) -> None:
    data = write_files(tmp_path)
    (data / "context" / "lakes_gshhg_full.geojson").unlink()
    with pytest.raises(MachineError, match=r"lakes_gshhg_full\.geojson"):
        build_basemap(data)
