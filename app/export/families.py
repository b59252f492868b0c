"""The families of report maps: what each shows, and which keys of a recipe it needs."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from app.export.recipe import Recipe

FAMILIES = {
    "choropleth": "分级统计图",
    "points": "分布图",
    "map": "屏幕上的地图：有指标时着色，无指标时只画要素",
    "symbols": "比例符号图",
    "heat": "热度图",
    "change": "两个日期之间的变化图",
    "stages": "项目阶段图",
    "rank": "选址结果图",
    "compare": "对比图",
    "single": "一企一档、一园一档",
}
FILLS = {"color": "彩色", "hatch": "黑白线纹"}
BLOCKS = {
    "title": "标题", "legend": "图例", "scale": "比例尺", "north": "指北针", "crs": "坐标系",
    "sources": "资料来源和日期", "printed": "制图日期", "marking": "审图号或内部使用", "demo": "演示数据标记",
    "graticule": "经纬网", "inset": "位置图", "table": "表格", "headline": "要点", "labels": "注记",
}  # fmt: skip
OPTIONAL = ("graticule", "inset", "table", "headline", "labels")
FEATURE = r"[a-z_]{1,51}:[0-9]{1,15}"


def faults(recipe: Recipe) -> list[str]:
    """Return what a family lacks or cannot use."""
    found = []
    measured = {"choropleth", "symbols", "change", "compare"}
    if recipe.measure is None and recipe.family in measured:
        found.append(f"{FAMILIES[recipe.family]}需要 measure，请写指标，或改用 points")
    if recipe.family == "change" and recipe.since is None:
        found.append("变化图需要 since（起始日期），例如 2026-01-01")
    if recipe.since is not None and recipe.as_of is not None and recipe.since >= recipe.as_of:
        found.append(f"since {recipe.since} 应早于 as_of {recipe.as_of}")
    if recipe.family != "compare" and (recipe.areas or recipe.measures or recipe.marked):
        found.append(f"areas、measures、marked 只用于{FAMILIES['compare']}（family 写 compare）")
    if len(recipe.areas) == 1:
        found.append("areas 至少写两个区域，不写就比较全部")
    for name, family in (("profile", "rank"), ("feature", "single")):
        given = getattr(recipe, name)
        if recipe.family == family and not given:
            found.append(
                f"{FAMILIES[family]}需要 profile：选址任务（PROFILE）"
                if name == "profile"
                else f"{FAMILIES[family]}要先选定一个对象：在地图上点选，或写 feature（图层:编号，例如 park:12）"
            )
        if recipe.family != family and given:
            found.append(f"{name} 只用于{FAMILIES[family]}（family 写 {family}）")
    return found


def refused_blocks(names: tuple[str, ...]) -> str:
    """Return why blocks cannot be left out; empty when they can."""
    unknown = [n for n in names if n not in BLOCKS]
    needed = [n for n in names if n in BLOCKS and n not in OPTIONAL]
    if unknown:
        return f"没有图件要素“{'、'.join(unknown)}”，可省略的有：{'、'.join(f'{n}（{BLOCKS[n]}）' for n in OPTIONAL)}"
    if needed:
        return f"报告图必须有这些要素，不能省略：{'、'.join(f'{BLOCKS[n]}（{n}）' for n in needed)}"
    return ""
