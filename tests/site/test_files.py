"""Files of siting: the brief as a sheet and back, sites from a file, the investor's report."""

from __future__ import annotations

import io
from typing import Any

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.export.site_brief import NAMED, read_brief, write_brief
from geo.criteria import CRITERIA
from geo.errors import InputError
from layers.site import Profile, parse_profile, presets
from layers.site_limits import CONSTRAINT

COUNTIES = {"320904": "大丰区", "320981": "东台市"}
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
numbers = st.integers(0, 5000) | st.floats(0.25, 5000).map(lambda v: v if (v := round(v, 2)) % 1 else int(v))
terms = st.sampled_from(["汽车", "机械", "化工", "新材料"])
bounds = st.builds(
    lambda c, op, v: {"id": c, "op": op, "value": v},
    st.sampled_from(sorted(CRITERIA)), st.sampled_from(["<=", ">=", "<", ">"]), numbers,
)  # fmt: skip
weighed = st.lists(st.sampled_from(sorted(CRITERIA)), min_size=1, max_size=6, unique=True).flatmap(
    lambda ids: st.tuples(*(st.builds(lambda w, i=i: {"id": i, "weight": w}, numbers) for i in ids))
)
profiles = st.fixed_dictionaries({
    "title": st.text("叶片基地（一）=+-@ 1", max_size=12).map(str.strip), "criteria": weighed.map(list),
    "limits": st.lists(bounds, max_size=4, unique_by=lambda x: (x["id"], x["op"])),
    "industry": st.lists(terms, max_size=2, unique=True), "suppliers": st.lists(terms, max_size=2, unique=True),
    "method": st.sampled_from(["wsm", "topsis"]), "missing": st.sampled_from(["exclude", "worst", "median"]),
    "draws": st.integers(1, 20000), "seed": st.integers(0, 99), "spread": st.sampled_from([None, 0.1, 0.2, 1]),
})  # fmt: skip


def same(a: Profile, b: Profile) -> None:
    one, two = a.model_dump(mode="json"), b.model_dump(mode="json")
    for key in ("criteria", "limits"):
        assert sorted(map(str, one.pop(key))) == sorted(map(str, two.pop(key)))
    assert one == two


@settings(max_examples=20)
@given(profiles)
def test_a_written_brief_reads_back_as_the_same_profile(body: dict[str, Any]) -> None:
    profile = parse_profile(body)
    same(profile, parse_profile(read_brief(write_brief(profile, COUNTIES), "任务书.xlsx", COUNTIES)))


@pytest.mark.parametrize("name", presets())
def test_every_preset_survives_the_sheet(name: str) -> None:
    """Kinds of areas to keep out of are one limit or several: the sheet holds them as one."""
    profile = presets()[name].profile
    back = parse_profile(read_brief(write_brief(profile, COUNTIES), "a.xlsx", COUNTIES))

    def kinds(p: Profile) -> set[str]:
        return {str(k) for x in p.limits if (x.id, x.op) == (CONSTRAINT, "outside") for k in list(x.value)}

    def others(p: Profile) -> list[str]:
        return sorted(str(x) for x in p.limits if (x.id, x.op) != (CONSTRAINT, "outside"))

    assert kinds(back) == kinds(profile)
    assert [str(c) for c in sorted(back.criteria, key=str)] == [str(c) for c in sorted(profile.criteria, key=str)]
    assert len(others(back)) == len(others(profile))
    assert back.title == profile.title


def sheet(*rows: tuple[Any, ...]) -> bytes:
    book = openpyxl.Workbook()
    for row in (("项目", "填写", "单位", "权重", "价值函数", "填写说明"), *rows):
        book.active.append([*row, *([None] * (5 - len(row))), "说明"])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def test_a_sheet_filled_by_a_person_is_understood() -> None:
    body = read_brief(sheet(
        ("任务名称", "叶片基地"), ("备选", "地块"), ("县区", "大丰区、东台市"), ("产业", "高端装备，新能源"),
        ("用地性质", "工业用地"), ("交地不晚于", "2027-06-30"), ("不进入", "湿地 永久基本农田"),
        ("可用面积", "≥３50；<=1,200 亩", "亩", 18), ("到港口路程", "不超过 60", "km", "34"),
        ("地价", 35, "万元/亩", 16),
    ), "x.xlsx", COUNTIES)  # fmt: skip
    profile = parse_profile(body)
    assert {(x.id, x.op): x.value for x in profile.limits} == {
        ("land_use", "in"): ["工业用地"], ("ready_date", "<="): "2027-06-30",
        (CONSTRAINT, "outside"): ["湿地", "永久基本农田"], ("area_mu", ">="): 350, ("area_mu", "<="): 1200,
        ("road_port_km", "<="): 60, ("price_wan", "<="): 35,
    }  # fmt: skip
    assert {c.id: c.weight for c in profile.criteria} == {"area_mu": 18, "road_port_km": 34, "price_wan": 16}
    assert profile.industry == ("高端装备", "新能源")
    assert profile.alternatives.filter == "county_code IN ('320904', '320981')"


@pytest.mark.parametrize(
    ("rows", "word"),
    [([("月球", "1"), ("地价", "", "", 1)], "月球"), ([("地价", "二十", "", 1)], "二十"), ([("地价", "20")], "权重"),
     ([("备选", "海面"), ("地价", "", "", 1)], "海面"), ([("县区", "南京市"), ("地价", "", "", 1)], "南京市"),
     ([("地价", "30 km", "", 1)], "30 km"), ([("地价", "", "", "重")], "重"),
     ([("地价", "", "", 1, "{")], "JSON"), ([("其他硬约束", "[", "", None), ("地价", "", "", 1)], "JSON")],
)  # fmt: skip
def test_what_cannot_be_read_is_named(rows: list[tuple[Any, ...]], word: str) -> None:
    with pytest.raises(InputError) as error:
        read_brief(sheet(*rows), "x.xlsx", COUNTIES)
    assert word in str(error.value)


def test_another_sheet_is_refused() -> None:
    book = openpyxl.Workbook()
    book.active.append(["名称", "面积"])
    book.active.append(["甲", 1])
    out = io.BytesIO()
    book.save(out)
    with pytest.raises(InputError, match="任务书"):
        read_brief(out.getvalue(), "x.xlsx", COUNTIES)


def test_every_named_item_is_in_the_sheet() -> None:
    book = openpyxl.load_workbook(io.BytesIO(write_brief(presets()["auto_parts"].profile, COUNTIES)))
    items = [row[0].value for row in book.active.iter_rows(min_row=3)]
    assert set(NAMED) <= set(items)
    assert {c.title for c in CRITERIA.values()} <= set(items)
    assert len(items) == len(set(items))


def cells(content: bytes) -> list[Any]:
    book = openpyxl.load_workbook(io.BytesIO(content))
    return [c for s in book.worksheets for row in s.iter_rows() for c in row if c.value is not None]


@pytest.mark.asyncio(loop_scope="module")
async def test_the_workbook_says_what_the_interface_says_and_holds_no_formula(client, brief):
    evil = '=HYPERLINK("http://x","y")'
    sites = [{"type": "Feature", "properties": {"name": name, "area_mu": mu},
              "geometry": {"type": "Point", "coordinates": [lon, 33.2]}}
             for name, mu, lon in ((evil, 90.0, 120.5), ("+乙", 40.0, 120.3), ("-丙", 70.0, 120.4))]  # fmt: skip
    profile = brief | {
        "title": "@基地", "criteria": [{"id": "area_mu", "weight": 1}, {"id": "road_port_km", "weight": 1}],
        "limits": [{"id": "area_mu", "op": ">=", "value": 50}],
        "alternatives": {"layer": "drawn", "sites": {"type": "FeatureCollection", "features": sites}},
    }  # fmt: skip
    answer = await client.post("/site/report.xlsx", json={"task": {"profile": profile}})
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == XLSX
    found = cells(answer.content)
    assert all(c.data_type != "f" for c in found)
    ranked = (await client.post("/api/v1/site/rank", json=profile)).json()
    book = openpyxl.load_workbook(io.BytesIO(answer.content))
    table = list(book["排序"].iter_rows(min_row=2, values_only=True))
    assert [row[1] for row in table] == [r["name"] for r in ranked["ranked"]]
    assert [row[3] for row in table] == pytest.approx([r["score"] for r in ranked["ranked"]])
    assert book["摘要"]["A4"].value == ranked["sentence"]
    assert [c.value for c in book["排除"]["A"]][1:] == ["+乙"]
    assert ranked["profile_sha256"] in "".join(str(c.value) for c in book["口径与来源"]["A"])


@pytest.mark.asyncio(loop_scope="module")
async def test_the_paper_report_is_a_pdf_of_the_same_answer(client, brief):
    answer = await client.post("/site/report.pdf", json={"task": {"profile": brief | {"title": "叶片基地"}}})
    assert answer.status_code == 200, answer.text
    assert answer.content.startswith(b"%PDF-")
    assert answer.content.count(b"/Type /Page ") + answer.content.count(b"/Type /Page\n") >= 2
    ranked = (await client.post("/api/v1/site/rank", json=brief | {"title": "叶片基地"})).json()
    assert ranked["profile_sha256"].encode() in answer.content
    word = await client.post("/site/report.docx", json={"task": {"profile": brief | {"title": "叶片基地"}}})
    assert word.status_code == 200, word.text
    assert word.content.startswith(b"PK")
    wrong = await client.post("/site/report.doc", json={"task": {"profile": brief}})
    assert wrong.status_code == 400


@pytest.mark.asyncio(loop_scope="module")
async def test_sites_of_a_file_become_alternatives_and_nothing_is_kept(client, brief):
    heads = "地块名称,地块编号,经度（WGS84）,纬度（WGS84）,面积（亩）"
    text = heads + "\n甲,A1,120.5,33.2,120\n乙,A2,120.3,33.3,80\n丙,A3,,,10\n"
    answer = await client.post("/site/sites?name=sites.csv", content=text.encode())
    assert answer.status_code == 200, answer.text
    found = answer.json()
    features = found["alternatives"]["sites"]["features"]
    assert [f["properties"]["name"] for f in features] == ["甲", "乙"]
    assert features[0]["properties"]["area_mu"] == 120
    chosen = brief | {"alternatives": found["alternatives"], "criteria": [{"id": "area_mu", "weight": 1}]}
    body = (await client.post("/api/v1/site/rank", json=chosen)).json()
    assert [r["name"] for r in body["ranked"]] == ["甲", "乙"]
    before = (await client.post("/api/v1/site/rank", json=brief)).json()
    assert before["n"] == 7
    unknown = await client.post("/site/sites?name=sites.csv", content=text.replace("（WGS84）", "").encode())
    assert unknown.status_code == 422
    assert {c["datum"] for c in unknown.json()["candidates"]} >= {"wgs84", "gcj02"}
    stated = await client.post("/site/sites?name=sites.csv&datum=gcj02", content=text.replace("（WGS84）", "").encode())
    assert stated.status_code == 200
    assert stated.json()["alternatives"]["sites"]["features"][0]["geometry"]["coordinates"][0] < 120.5
    assert (await client.post("/site/sites?name=x.csv", content="名称\n甲\n".encode())).status_code in (400, 422)
