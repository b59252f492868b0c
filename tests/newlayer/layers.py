"""Seven layers that nobody has seen, each unlike the others, with data whose answers a reader can do by hand."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

Place = tuple[float, float]
# inside 大丰区, 东台市 and 射阳县, at sea, and near the border of 大丰区 and 东台市
DAFENG, DONGTAI, SHEYANG, SEA = (120.47, 33.20), (120.32, 32.85), (120.25, 33.78), (122.40, 33.50)


@dataclass(frozen=True)
class NewLayer:
    """A layer's TOML, its features as (name, geometry, county, properties by header), and what follows by hand.

    ``sums`` maps a measure to (大丰区, total), ``terms`` a categorical field to the number of records by term,
    ``search`` a word to the name it finds, ``secret`` words that no caller may see.
    """

    toml: str
    features: tuple[tuple[str, dict[str, Any] | None, str, dict[str, Any]], ...]
    sums: dict[str, tuple[float | None, float]] = field(default_factory=dict)
    terms: dict[str, dict[str, int]] = field(default_factory=dict)
    vocabularies: dict[str, str] = field(default_factory=dict)
    search: tuple[str, str] = ("", "")
    secret: tuple[str, ...] = ()
    on_map: int = 0


def point(place: Place) -> dict[str, Any]:
    return {"type": "Point", "coordinates": list(place)}


def line(*places: Place) -> dict[str, Any]:
    return {"type": "LineString", "coordinates": [list(p) for p in places]}


def square(place: Place, half: float = 0.01) -> dict[str, Any]:
    x, y = place
    ring = [
        [x - half, y - half],
        [x + half, y - half],
        [x + half, y + half],
        [x - half, y + half],
        [x - half, y - half],
    ]
    return {"type": "Polygon", "coordinates": [ring]}


def near(place: Place, n: int) -> Place:
    return (round(place[0] + n * 0.01, 4), place[1])


LAYERS: dict[str, NewLayer] = {}

LAYERS["pipeline_2"] = NewLayer(
    toml="""
title = "输气管线"
noun = "段"
geometry = "line"
owner = "市发改委"
visible = true
exists_from = "built"

[[fields]]
id = "length_km"
title = "长度"
type = "number"
unit = "km"
role = "extensive"
aliases = ["管长"]
table = true
hover = true

[[fields]]
id = "pressure_mpa"
title = "设计压力"
type = "number"
unit = "MPa"
role = "intensive"
table = true

[[fields]]
id = "medium_2"
title = "介质"
type = "code"
values = ["天然气", "氢气"]
table = true

[[fields]]
id = "built"
title = "建成日期"
type = "date"
table = true

[[measures]]
id = "mean_pressure"
title = "平均设计压力"
aggregate = "mean"
field = "pressure_mpa"
unit = "MPa"

[style]
symbol = "line"
color = "flat"
""",
    features=(
        (
            "南线",
            line(DAFENG, near(DAFENG, 3)),
            "",
            {"管长": 12.5, "设计压力": 4, "介质": "天然气", "建成日期": "2020-05-01"},
        ),
        (
            "北线",
            line(SHEYANG, near(SHEYANG, 3)),
            "",
            {"管长": 7.5, "设计压力": 6, "介质": "氢气", "建成日期": "2024-01-01"},
        ),
        ("海线", line(SEA, near(SEA, 3)), "", {"管长": 30, "设计压力": 8, "介质": "天然气"}),
        ("规划线", None, "大丰区", {"管长": 1, "介质": "氢气"}),
    ),
    sums={"n": (2, 4), "sum_length_km": (13.5, 51), "mean_pressure": (4, 6)},
    terms={"medium_2": {"天然气": 2, "氢气": 2}},
    search=("nanxian", "南线"),
    on_map=4,
)

LAYERS["wetland"] = NewLayer(
    toml="""
title = "湿地"
geometry = "polygon"

[[fields]]
id = "kind"
title = "湿地类型"
type = "code"
values = ["滩涂", "河流", "湖泊"]

[[fields]]
id = "protected"
title = "受保护"
type = "boolean"
""",
    features=(
        ("甲湿地", square(DAFENG), "", {"湿地类型": "滩涂", "受保护": "是"}),
        ("乙湿地", square(near(DAFENG, 5)), "", {"湿地类型": "河流", "受保护": "否"}),
        ("丙湿地", square(DONGTAI), "", {"湿地类型": "滩涂", "受保护": ""}),
    ),
    sums={"n": (2, 3)},
    terms={"kind": {"滩涂": 2, "河流": 1, "湖泊": 0}},
    search=("jsd", "甲湿地"),
    on_map=3,
)

LAYERS["drill"] = NewLayer(
    toml="""
title = "安全标准化单位"
noun = "家"
geometry = "point"
key = ["credit_code"]
owner = "市应急管理局"
name_aliases = ["单位名称"]

[[fields]]
id = "credit_code"
title = "统一社会信用代码"
format = "credit_code"

[[fields]]
id = "step"
title = "进度"
type = "code"
values = ["申报", "评审", "授牌"]
table = true

[[fields]]
id = "grade"
title = "等级"
type = "code"
vocabulary = "safety_grade"
table = true

[[events]]
id = "step"
title = "创建进度"
types = ["申报", "评审", "授牌"]
field = "step"
ordered = true
[events.date_aliases]
"申报" = ["申报日期"]
"评审" = ["评审日期"]
"授牌" = ["授牌日期"]

[[events]]
id = "grade"
title = "标准化等级"
types = ["标准化"]
field = "grade"
levels = "safety_grade"
[events.date_aliases]
"标准化" = ["定级日期"]

[style]
symbol = "circle"
color_by = "step"
pips = ["grade"]
""",
    vocabularies={
        "safety_grade": 'title = "安全等级"\nordered = true\n[[values]]\nvalue = "三级"\n[[values]]\nvalue = "二级"\n'
        '[[values]]\nvalue = "一级"\ncolor = "reed"\n'
    },
    features=(
        (
            "甲厂",
            point(DAFENG),
            "",
            {
                "统一社会信用代码": "91350100M000100Y43",
                "申报日期": "2024-01-05",
                "评审日期": "2024-06-01",
                "授牌日期": "2025-02-03",
                "等级": "二级",
                "定级日期": "2025-02-03",
            },
        ),
        ("乙厂", point(DONGTAI), "", {"申报日期": "2025-03-01", "等级": "三级", "定级日期": "2025-08-01"}),
        ("丙厂", None, "响水县", {"申报日期": "2024-05-01", "评审日期": "2025-05-01"}),
    ),
    sums={"n": (1, 3)},
    terms={"step": {"申报": 1, "评审": 1, "授牌": 1}, "grade": {"二级": 1, "三级": 1}},
    search=("91350100M000100Y43", "甲厂"),
    on_map=3,
)

LAYERS["venue"] = NewLayer(
    toml="""
title = "会展场馆"
noun = "座"
geometry = "point"
owner = "市商务局"

[[fields]]
id = "uses"
title = "用途"
type = "list"
values = ["展览", "会议", "演出"]
table = true
hover = true

[[fields]]
id = "chains"
title = "服务产业"
type = "list"
vocabulary = "industry"

[[fields]]
id = "halls"
title = "展厅数"
type = "integer"
unit = "个"
role = "extensive"

[[fields]]
id = "hall_m2"
title = "展厅面积"
type = "number"
unit = "m²"
role = "extensive"
minimum = 0

[[fields]]
id = "rent_cny"
title = "年租金"
type = "cny"
unit = "元"
display_unit = "万元"
role = "extensive"

[[fields]]
id = "opened_on"
title = "启用日期"
type = "date"
hover = true

[[fields]]
id = "is_public"
title = "是否公益"
type = "boolean"

[[fields]]
id = "site_url"
title = "网址"
format = "url"

[[fields]]
id = "remark"
title = "说明"

[[measures]]
id = "m2_per_hall"
title = "每厅面积"
aggregate = "ratio"
field = "hall_m2"
denominator = "halls"
unit = "m²"

[style]
symbol = "square"
color_by = "uses"
size_by = "rent_cny"
""",
    features=(
        (
            "国际会展中心",
            point(DAFENG),
            "",
            {
                "用途": "展览、会议",
                "服务产业": "汽车、机械",
                "展厅数": 4,
                "展厅面积": 20000,
                "年租金（万元）": 320.5,
                "启用日期": "2019年6月",
                "是否公益": "否",
                "网址": "https://example.org/a",
                "说明": "“一期”<b>&</b>",
            },
        ),
        ("小剧场", point(near(DAFENG, 1)), "", {"用途": "演出", "展厅数": 1, "展厅面积": 800, "是否公益": "是"}),
        ("会议楼", point(SHEYANG), "", {"用途": "会议", "服务产业": "汽车", "年租金（万元）": 12}),
    ),
    sums={
        "n": (2, 3),
        "sum_halls": (5, 5),
        "sum_hall_m2": (20800, 20800),
        "sum_rent_cny": (3205000, 3325000),
        "m2_per_hall": (4160, 4160),
    },
    terms={"uses": {"展览": 1, "会议": 2, "演出": 1}, "chains": {"汽车": 2, "机械": 1}},
    search=("guojihuizhan", "国际会展中心"),
    on_map=3,
)

LAYERS["hydrant"] = NewLayer(
    toml="""
title = "消防水源"
geometry = "point"

[[fields]]
id = "flow_lps"
title = "流量"
type = "number"
unit = "L/s"
role = "extensive"
internal = true

[[fields]]
id = "state"
title = "状况"
type = "code"
values = ["完好乙", "停用丙"]
internal = true

[[fields]]
id = "keeper"
title = "保管人"
internal = true
""",
    features=(
        ("一号水源", point(DAFENG), "", {"流量": 31.25, "状况": "完好乙", "保管人": "钱七七"}),
        ("二号水源", point(DONGTAI), "", {"流量": 62.5, "状况": "停用丙", "保管人": "孙八八"}),
    ),
    sums={"n": (1, 2)},
    search=("yhsy", "一号水源"),
    secret=("钱七七", "孙八八", "31.25", "62.5", "完好乙", "停用丙", "flow_lps", "keeper"),
    on_map=2,
)

LAYERS["reservoir"] = NewLayer(
    toml="""
title = "水库"
noun = "座"
geometry = "any"
owner = "市水利局"

[[fields]]
id = "grade_no"
title = "等别"
type = "integer"

[[figures]]
id = "stored_m3"
title = "蓄水量"
unit = "万m³"
period = "month"
role = "extensive"
aliases = ["月末蓄水量"]

[[figures]]
id = "clean_pct"
title = "达标率"
unit = "%"
period = "year"
role = "intensive"
""",
    features=(
        (
            "东水库",
            square(DAFENG),
            "",
            {"等别": 3, "2026年3月蓄水量": 120, "2026年4月蓄水量": 150, "2025年达标率": 98.5},
        ),
        ("西水库", point(DONGTAI), "", {"等别": 4, "2026年4月蓄水量": 30}),
        ("引水渠", line(SHEYANG, near(SHEYANG, 2)), "", {"等别": 5}),
    ),
    sums={"n": (1, 3)},
    search=("东水库", "东水库"),
    on_map=3,
)

LAYERS["z9"] = NewLayer(
    toml='title = "古树"\ngeometry = "point"\n',
    features=(
        ("千年银杏", point(DONGTAI), "", {}),
        ("无名古树", None, "", {}),
        ("皂荚", point(DAFENG), "", {"没有这一列": "留着"}),
    ),
    sums={"n": (1, 3)},
    search=("qianniany", "千年银杏"),
    on_map=2,
)
