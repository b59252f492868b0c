"""Make the pictures of ``docs/gallery`` from the shipped data: ``python docs/gallery.py``, after ``yuantu up``.

Every picture is what ``yuantu export`` gives, smaller and with fewer colours so that the folder stays light.
"""

from __future__ import annotations

import asyncio
import io
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from PIL import Image

from app.export.cli import _reader
from app.export.products import Order, here, make
from layers.settings import Settings
from layers.site import presets

FOLDER = Path(__file__).resolve().parent / "gallery"
WIDTH, COLORS = 1240, 256
PROJECTS = {"id": "project", "filter": "invest_cny >= 1000000000"}
PORTS = {"id": "infrastructure", "filter": "kind IN ('港口','机场','火电厂','风电场')"}
AREAS_ONLY = [{"id": "project", "filter": "", "features": False}]
BASE: dict[str, Any] = {
    "version": 1, "family": "map", "layers": [PORTS, {"id": "park", "filter": ""}, PROJECTS], "layer": "project",
    "by": "county", "measure": "sum_invest_cny", "as_of": "2026-09-30", "extent": "city", "dpi": 150,
    "title": "盐城市重点项目总投资分布图", "compiler": "市工信局", "demo": True,
}  # fmt: skip
BY_COUNTY = "各县（市、区）重点项目总投资"
RANK = next(iter(presets().values())).profile.model_dump(mode="json")
MAPS: dict[str, tuple[str, dict[str, Any]]] = {
    "map": ("屏幕上的地图，A4", {}),
    "choropleth": ("分级统计图", {"family": "choropleth", "layers": AREAS_ONLY, "title": BY_COUNTY}),
    "hatch": ("分级统计图，黑白线纹", {
        "family": "choropleth", "layers": AREAS_ONLY, "fills": "hatch", "title": f"{BY_COUNTY}（黑白）",
    }),
    "points": ("分布图，密处放大", {"family": "points", "layers": [{"id": "factory", "filter": ""}], "layer": "factory",
                           "measure": "n", "title": "智能、绿色工厂分布图"}),
    "symbols": ("比例符号图，套叠图例", {"family": "symbols", "layers": AREAS_ONLY, "title": BY_COUNTY}),
    "heat": ("热度图", {"family": "heat", "layers": [{"id": "project", "filter": ""}], "measure": "n",
                     "title": "重点项目密度"}),
    "change": ("变化图", {"family": "change", "layers": AREAS_ONLY, "since": "2026-01-01", "house": "bureau",
                      "title": "今年以来重点项目总投资的变化"}),
    "stages": ("项目阶段图", {"family": "stages", "layers": [{"id": "project", "filter": ""}], "measure": "n",
                        "house": "city", "title": "重点项目阶段图"}),
    "rank": ("选址结果图", {"family": "rank", "layers": [{"id": "park", "filter": ""}], "layer": "", "measure": "n",
                      "profile": RANK, "title": "汽车零部件项目选址结果"}),
    "single": ("一园一档", {"family": "single", "layers": [PORTS, {"id": "project", "filter": ""}], "measure": "n",
                       "title": "一园一档"}),
    "portrait": ("A4 纵向", {"paper": "A4-portrait"}),
    "slide": ("幻灯片 16:9，审图号", {"paper": "16:9", "map_approval_no": "苏S（2026）000号（示例）"}),
}  # fmt: skip


def keep(name: str, png: bytes) -> None:
    """Write a picture smaller and with fewer colours."""
    with Image.open(io.BytesIO(png)) as image:
        small = image.convert("RGB").resize(
            (WIDTH, round(image.height * WIDTH / image.width)), Image.Resampling.LANCZOS
        )
        small.quantize(COLORS, method=Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE).save(
            FOLDER / f"{name}.png", optimize=True
        )


def pages(content: bytes, suffix: str, wanted: tuple[int, ...]) -> list[bytes]:
    """Return pages of a document as PNG; LibreOffice prints what is no PDF."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"a.{suffix}"
        path.write_bytes(content)
        if suffix != "pdf":
            profile = f"-env:UserInstallation={(Path(folder) / 'profile').as_uri()}"
            subprocess.run(
                ["soffice", profile, "--headless", "--convert-to", "pdf", "--outdir", folder, path], check=True
            )
        found = []
        for n in wanted:
            command = ["pdftoppm", "-r", "110", "-png", "-f", str(n), "-l", str(n), "-singlefile"]
            subprocess.run([*command, path.with_suffix(".pdf"), Path(folder) / "p"], check=True)
            found.append((Path(folder) / "p.png").read_bytes())
        return found


async def best_park(reader: Any) -> str:
    """Return a park with a drawn outline, so that its report shows one."""
    rows = (await reader.rows("park", "", None, True, limit=500, sort="-level"))["rows"]
    drawn = [r for r in rows if r["location_accuracy"] in ("surveyed", "sketched") and r["lon"] is not None]
    return f"park:{(drawn or rows)[0]['id']}"


async def draw() -> list[tuple[str, str]]:
    """Make every picture; return names and captions."""
    made = []
    settings = Settings()
    async with _reader(settings) as reader:

        async def product(kind: str, fmt: str, body: dict[str, Any]) -> bytes:
            return (await make(Order(kind, fmt, body), reader, here, settings.data_dir)).content

        for name, (caption, changes) in MAPS.items():
            extra = {"feature": await best_park(reader)} if name == "single" else {}
            keep(name, await product("map", "png", BASE | changes | extra))
            made.append((name, caption))
        atlas = await product("atlas", "pdf", BASE | {"title": "重点项目县区图集", "house": "city"})
        for name, caption, png in zip(
            ("atlas-1", "atlas-5"), ("图集：封面和目录", "图集：一县一页"), pages(atlas, "pdf", (1, 5)), strict=True
        ):
            keep(name, png)
            made.append((name, caption))
        for fmt, caption in (("docx", "简报，Word"), ("pptx", "简报，PPT")):
            content = await product("brief", fmt, BASE | {"title": "重点项目推进情况简报"})
            for i, png in zip((2, 4), pages(content, fmt, (2, 4) if fmt == "pptx" else (1, 2)), strict=True):
                keep(f"brief-{fmt}-{i}", png)
                made.append((f"brief-{fmt}-{i}", caption))
    return made


def main() -> int:
    """Write the pictures and the page that shows them."""
    FOLDER.mkdir(exist_ok=True)
    made = asyncio.run(draw())
    lines = ["# 图例", "", "由 `python docs/gallery.py` 从随程序发布的数据和演示数据生成；演示数据是虚构的。", ""]
    for name, caption in made:
        lines += [f"## {caption}", "", f"![{caption}]({name}.png)", ""]
    (FOLDER / "README.md").write_text("\n".join(lines), encoding="utf-8")
    print(json.dumps({"pictures": len(made), "bytes": sum(p.stat().st_size for p in FOLDER.glob("*.png"))}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
