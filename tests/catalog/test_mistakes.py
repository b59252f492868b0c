"""A mistake in a TOML is told with the file, the key and the cure, in Chinese."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from geo.errors import CatalogueError
from layers.registry import load_catalogue

GOOD = """
title = "码头"
geometry = "point"

[[fields]]
id = "kind"
title = "类型"
type = "code"
values = ["散货", "集装箱"]

[[fields]]
id = "berths"
title = "泊位数"
type = "integer"
role = "extensive"

[[events]]
id = "step"
title = "进展"
types = ["散货"]
field = "kind"

[style]
color_by = "kind"
size_by = "berths"
"""
ENGLISH = re.compile(r"\b(should|Input|valid|required|expected|permitted|must|unable|Field)\b")


def measure(name: str, aggregate: str, more: str = "") -> str:
    return f'[[measures]]\nid = "{name}"\ntitle = "x"\naggregate = "{aggregate}"\n{more}\n[style]'


def refusal(folder: Path, toml: str, name: str = "quay", **vocabularies: str) -> str:
    for part in ("catalog", "vocab"):
        (folder / part).mkdir()
    (folder / f"catalog/{name}.toml").write_text(toml, encoding="utf-8")
    for vocabulary, text in vocabularies.items():
        (folder / f"vocab/{vocabulary}.toml").write_text(text, encoding="utf-8")
    with pytest.raises(CatalogueError) as found:
        load_catalogue(folder / "catalog", folder / "vocab")
    assert found.value.cure
    return f"{found.value.message} {found.value.cure}"


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('title = "码头"', "", ["title：缺少"]),
        ('geometry = "point"', "", ["geometry：缺少"]),
        ('geometry = "point"', 'geometry = "dot"', ["geometry：只能是 'point'", "'dot'"]),
        ('geometry = "point"', 'geometry = "point"\ntitel = "x"', ["titel：不认识的键"]),
        ('title = "码头"', "title = 3", ["title：应为文字", "3"]),
        ('geometry = "point"', 'geometry = "point"\norder = "abc"', ["order：应为整数", "abc"]),
        ('geometry = "point"', 'geometry = "point"\nvisible = "maybe"', ["visible：应为 true 或 false"]),
        ('geometry = "point"', 'geometry = "point"\nkey = "kind"', ["key：应为列表"]),
        ('geometry = "point"', 'geometry = "point"\nkey = ["nosuch"]', ["key 指向“nosuch”", "berths"]),
        ('geometry = "point"', 'geometry = "point"\nfreshness = 3', ["freshness：应为一节表"]),
        ('id = "berths"', 'id = "Berths-2"', ["fields.Berths-2.id：只能用小写"]),
        ('id = "berths"', 'id = "kind"', ["字段“kind”写了两次"]),
        ('id = "berths"', 'id = "geom"', ["fields.geom.id", "“geom”是每个图层都有的列名"]),
        ('id = "berths"', 'id = "area_m2"', ["“area_m2”是每个图层都有的列名"]),
        ('title = "泊位数"', 'title = "类型"', ["表头“类型”同时指向“kind”和“berths”"]),
        ('title = "泊位数"', 'title = "泊位数"\naliases = ["类型"]', ["表头“类型”"]),
        ('title = "进展"', 'title = "进展"\ndate_aliases = {"散货" = ["泊位数"]}', ["表头“泊位数”"]),
        ('title = "进展"', 'title = "进展"\ndate_aliases = {"客运" = ["客运日期"]}', ["“客运”，但 types 里没有它"]),
        ('types = ["散货"]', 'types = ["开工"]', ["events.step.types 有“开工”", "散货、集装箱"]),
        ('types = ["散货"]', "types = []", ["events.step.types：至少要有一项"]),
        ('values = ["散货", "集装箱"]', "", ["fields.kind", "需要 vocabulary 或 values"]),
        ('values = ["散货", "集装箱"]', 'values = ["散货", "散货"]', ["“散货”写了两次"]),
        ('values = ["散货", "集装箱"]', 'vocabulary = "nosuch"', ["fields.kind.vocabulary 指向词表“nosuch”"]),
        ('type = "integer"', 'type = "cny"', ["_cny"]),
        ('type = "integer"', 'type = "int"', ["fields.berths.type：只能是"]),
        ('type = "integer"\nrole = "extensive"', 'type = "text"\nrole = "extensive"', ["不是数字，role 只能是 none"]),
        ('size_by = "berths"', 'size_by = "kind"', ["style.size_by", "不是数字"]),
        ('size_by = "berths"', 'size_by = "nosuch"', ["style.size_by 指向“nosuch”"]),
        ("[style]", "[style", ["不是有效的 TOML", "第 23 行"]),
        ("[style]", measure("sum_berths", "sum", 'field = "berths"'), ["指标“sum_berths”写了两次"]),
        ("[style]", measure("m", "avg"), ["measures.m.aggregate：只能是"]),
        ("[style]", measure("m", "sum", 'field = "y"'), ["measures.m.field", "berths"]),
    ],
)  # fmt: skip
def test_a_mistake_names_its_file_key_and_cure(tmp_path: Path, old: str, new: str, said: list[str]) -> None:
    assert old in GOOD
    words = refusal(tmp_path, GOOD.replace(old, new, 1))
    assert "quay" in words
    assert [x for x in said if x not in words] == [], words
    assert not ENGLISH.search(words), words


@pytest.mark.parametrize("name", ["Quay", "area", "place", "9lives", "码头"])
def test_a_file_name_that_cannot_be_a_layer_is_said(tmp_path: Path, name: str) -> None:
    words = refusal(tmp_path, GOOD, name)
    assert f"{name}.toml" in words
    assert not ENGLISH.search(words)


def test_an_id_that_is_not_the_file_name_is_said(tmp_path: Path) -> None:
    assert "与文件名不一致" in refusal(tmp_path, 'id = "other"' + GOOD)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('title = "x"', "values：缺少"),
        ('title = "x"\nvalues = []', "values：至少要有一项"),
        ('title = "x"\n[[values]]\nvalue = "a"\naliases = ["b"]\n[[values]]\nvalue = "b"', "“b”同时指向"),
        ('title = "x"\n[[values]]\nvalue = "a"\ncolour = "b"', "values.a.colour：不认识的键"),
    ],
)
def test_a_mistake_in_a_vocabulary_too(tmp_path: Path, text: str, said: str) -> None:
    words = refusal(tmp_path, GOOD, steps=text)
    assert "steps.toml" in words
    assert said in words


def test_the_pattern_itself_is_good(tmp_path: Path) -> None:
    for part in ("catalog", "vocab"):
        (tmp_path / part).mkdir()
    (tmp_path / "catalog/quay.toml").write_text(GOOD, encoding="utf-8")
    assert list(load_catalogue(tmp_path / "catalog", tmp_path / "vocab").layers) == ["quay"]
