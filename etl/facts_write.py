"""Write the records of real things as files that the ordinary import reads."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import re
from pathlib import Path

from etl.sketch import SKETCHED, sketch_huanghai
from layers.spec import Layer

Row = dict[str, str]
SKETCH_FILE = "huanghai_new_area.geojson"


def header_of(layer: Layer, name: str) -> str:
    """Return the column title of a field, with the unit people write it in."""
    spec = layer.field(name)
    if spec is None:
        raise KeyError(f"{layer.id}.{name}")
    unit = spec.display_unit or spec.unit
    return f"{spec.title}（{unit}）" if unit else spec.title


def columns_of(rows: list[Row]) -> list[str]:
    """Return the used columns: name and place first, the facts and their source last."""
    first = ["名称", "别名", "所属县区", "所属板块", "乡镇", "经度", "纬度", "位置精度", "所属园区"]
    last = ["已载事实", "核实状态", "数据来源", "数据日期"]
    used = {column for row in rows for column, value in row.items() if value}
    middle = [c for c in dict.fromkeys(c for row in rows for c in row) if c not in {*first, *last}]
    return [c for c in (*first, *middle, *last) if c in used]


def to_csv(rows: list[Row]) -> str:
    """Return the rows as CSV text (UTF-8, comma, LF between records)."""
    stream = io.StringIO(newline="")
    writer = csv.DictWriter(stream, columns_of(rows), restval="", extrasaction="ignore", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return stream.getvalue()


def write_layer(target: Path, layer: str, files: dict[str, list[Row]]) -> None:
    """Write a layer's CSV files into ``target/layer`` and their checksums into its ``source.toml``."""
    folder = target / layer
    folder.mkdir(parents=True, exist_ok=True)
    for file, rows in files.items():
        (folder / file).write_text(to_csv(rows), encoding="utf-8", newline="\n")
        record_checksum(folder, file)


def write_sketch(shapefiles: Path, target: Path, park_files: dict[str, list[Row]]) -> None:
    """Move 黄海新区 from the park rows into a GeoJSON file with its sketched polygon.

    Parameters
    ----------
    shapefiles : Path
        Folder with the shipped county polygons and the seaward boundary.
    target : Path
        Folder to write ``park/huanghai_new_area.geojson`` into.
    park_files : dict
        The park layer's rows by file; the sketched park is removed from them.
    """
    rows = park_files["parks.csv"]
    row = next(r for r in rows if r["名称"] == SKETCHED)
    rows.remove(row)
    properties = {k: v for k, v in row.items() if v and k != "位置精度"} | {"位置精度": "示意"}
    feature = {"type": "Feature", "properties": properties, "geometry": sketch_huanghai(shapefiles)}
    text = json.dumps({"type": "FeatureCollection", "features": [feature]}, ensure_ascii=False)
    folder = target / "park"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / SKETCH_FILE).write_text(text + "\n", encoding="utf-8", newline="\n")
    record_checksum(folder, SKETCH_FILE)


def record_checksum(folder: Path, file: str) -> None:
    """Set the sha256 of ``file`` in the folder's ``source.toml``, if there is one."""
    source = folder / "source.toml"
    if not source.exists():
        return
    digest = hashlib.sha256((folder / file).read_bytes()).hexdigest()
    pattern = re.compile(rf'(file = "{re.escape(file)}".*?sha256 = ")[0-9a-f]*(")', re.DOTALL)
    text = source.read_text(encoding="utf-8")
    source.write_text(pattern.sub(rf"\g<1>{digest}\g<2>", text, count=1), encoding="utf-8", newline="\n")
