"""The words round the map: title and marking above, sources and the technical line below."""

from __future__ import annotations

from app.export.context import Context
from app.export.data import MapData
from app.export.filter_words import source_note
from app.export.frame import CRS_TEXT
from app.export.house import House
from app.export.items import Drawn
from app.export.sheet import Run, Sheet, fitted, text_width, wrapped
from app.export.theme import Theme

FOOT = 6.2  # from the last line's base to the edge, mm of A4
UNPLACED_UNITS = ("320971", "3209YN")


def draw_title(sheet: Sheet, theme: Theme, data: MapData) -> None:
    """Write title, subtitle and marking, and the amber sign of 演示数据."""
    u, recipe = sheet.u, data.recipe
    left, right = 10.5 * u, sheet.paper.width_mm - 10.5 * u
    house = data.extras.house
    if house is not None:
        right = _draw_house(sheet, theme, house, right)
    mark, ink = ("内部使用", theme["flat-t"])
    if recipe.map_approval_no:
        mark, ink = f"审图号：{recipe.map_approval_no.removeprefix('审图号').lstrip('：: ')}", theme["ink-2"]
    size = 11.0 * u
    width = text_width(mark, size, bold=True) + (8 if not recipe.map_approval_no else 5) * u
    sheet.rect(right - width, 7.2 * u, width, 7.2 * u, edge=ink, mm=0.4 * u, gid="marking")
    sheet.text(right - width / 2, 12.3 * u, mark, size, ink, bold=True, ha="center", gid="marking-text")
    room = right - width - 6 * u - left
    points = 20.0 * u * min(1.0, room / text_width(recipe.title, 20.0 * u, bold=True))
    sheet.text(left, 13.6 * u, recipe.title, points, theme["ink"], bold=True, gid="title")
    text = data.subtitle
    size = 10.2 * u
    tag = 24 * u if data.has_demo else 0
    size *= min(1.0, (right - left - tag) / text_width(text, size))
    sheet.text(left, 20.4 * u, text, size, theme["ink-2"], gid="subtitle")
    if data.has_demo:
        x = left + text_width(text, size) + 3.5 * u
        w = text_width("演示数据", 8.6 * u) + 3.4 * u
        sheet.rect(x, 16.7 * u, w, 4.9 * u, fill=theme["amber-s"], radius=0.8 * u, gid="demo-tag")
        sheet.text(x + w / 2, 20.2 * u, "演示数据", 8.6 * u, theme["amber-t"], ha="center")


def _draw_house(sheet: Sheet, theme: Theme, house: House, right: float) -> float:
    """Draw the template's line, its organisation and its logo; return where the marking may end."""
    u = sheet.u
    color = house.accent if house.accent.startswith("#") else theme[house.accent]
    sheet.rect(0, 0, sheet.paper.width_mm, 2.4 * u, fill=color, gid="house")
    if house.organisation:
        room = 96 * u
        text = fitted(house.organisation, 8.2 * u, room)
        sheet.text(
            sheet.paper.width_mm - 10.5 * u, 5.6 * u, text, 8.2 * u, theme["ink-2"], ha="right", gid="house-name"
        )
    if house.logo:
        wide = sheet.picture(house.logo, right, 7.2 * u, 30 * u, 7.2 * u)
        right -= wide + 3 * u
    return right


def footer_lines(
    sheet: Sheet, theme: Theme, data: MapData, drawn: tuple[Drawn, ...], context: Context
) -> list[list[Run]]:
    """Sources and dates of every layer shown, then the technical line."""
    ink, bold, amber = theme["ink-2"], theme["ink"], theme["amber-t"]
    runs: list[Run] = [("数据 ", bold, True)]
    for i, item in enumerate(data.layers):
        runs.append(("；" if i else "", ink, False))
        runs.append((source_note(item), ink, False))
        if item.n_demo:
            part = "演示数据" if item.n_demo == item.n else f"含演示数据 {item.n_demo:,} {item.layer.noun}"
            runs += [("（", ink, False), (part, amber, True), ("）", ink, False)]
    credit = "；".join(
        ("行政区界：非权威界线" + (f"，{data.boundary_note}" if data.boundary_note else ""), *context.publishers)
    )
    runs.append((f"；{credit}。", ink, False))
    runs.append((_missing(data, drawn), ink, False))
    recipe, house = data.recipe, data.extras.house
    technical: list[Run] = []
    for name, text in (
        ("坐标系", CRS_TEXT),
        ("编制", recipe.compiler or (house.compiler if house else "") or "未填写"),
        ("制图", f"园图 {data.printed.isoformat()}"),
        ("审图号", recipe.map_approval_no or "无，内部使用，不得公开"),
    ):
        technical += [(f"{'　' if technical else ''}{name} ", bold, True), (text, ink, False)]
    width = sheet.paper.width_mm - 21 * sheet.u
    return wrapped(runs, 7.2 * sheet.u, width) + wrapped(technical, 7.2 * sheet.u, width)


def _missing(data: MapData, drawn: tuple[Drawn, ...]) -> str:
    """What belongs to the figures but is not on the map."""
    found = [f"{item.layer.title} {item.n_unlocated:,} {item.layer.noun}" for item in data.layers if item.n_unlocated]
    text = f"未定位、不在图上：{'，'.join(found)}。" if found else ""
    beyond = [f"{d.data.layer.title} {d.n_beyond:,} {d.data.layer.noun}" for d in drawn if d.n_beyond]
    text += f"图幅以外：{'，'.join(beyond)}。" if beyond else ""
    if data.summary.axis == "考核口径" and data.recipe.is_filled:
        zones = [r.name for r in data.summary.rows if r.code in UNPLACED_UNITS]
        text += f"{'、'.join(zones)}没有公开界线，只列表、不着色。" if zones else ""
    if data.recipe.family == "single":
        text += "没有随程序发布的卫星影像，底图为矢量要素。"
    return text


def draw_footer(
    sheet: Sheet, lines: list[list[Run]], page: tuple[int, int] | None = None, theme: Theme | None = None
) -> None:
    """Write the lines at the foot, and the page's number on the right of the last."""
    u = sheet.u
    if page is not None and theme is not None:
        text = f"第 {page[0]} 页，共 {page[1]} 页"
        right = sheet.paper.width_mm - 10.5 * u
        sheet.text(right, sheet.paper.height_mm - FOOT * u, text, 7.2 * u, theme["ink-2"], ha="right", gid="page")
    top = sheet.paper.height_mm - (FOOT + 3.7 * (len(lines) - 1)) * u
    for i, line in enumerate(lines):
        sheet.runs(10.5 * u, top + 3.7 * u * i, line, 7.2 * u)
