"""A broken workbook from drop to published: corrected, published, its held row fixed and sent again, rolled back."""

from __future__ import annotations

import base64
import io
import re
import zipfile
from pathlib import Path
from typing import Any

import openpyxl

from tests.browser.conftest import Screen

DROP = """([name, text]) => {
  const bytes = Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
  const data = new DataTransfer();
  data.items.add(new File([bytes], name));
  const page = document.getElementById("page-data");
  for (const kind of ["dragover", "drop"])
    page.dispatchEvent(new DragEvent(kind, { bubbles: true, cancelable: true, dataTransfer: data }));
}"""
HELD = "甲烷岛试验项目"


def broken(datum: str = "") -> bytes:
    """A title, a stated unit, a header of two merged rows, four records of which one lies nowhere, a total."""
    book = openpyxl.Workbook()
    sheet = book.active
    rows: list[list[Any]] = [
        ["2026 年 9 月重点项目进展表"],
        ["单位：万元"],
        ["项目名称", "所在县区", "投资情况", None, "开工时间", "坐标", None, "上报单位意见"],
        [None, None, "总投资", "本年计划", None, f"经度{datum}", f"纬度{datum}", None],
        ["光伏支架项目", "大丰区", 12345, 800, "2026.3", 120.50, 33.20, "同意"],
        ["风机齿轮箱项目", "射阳县", 23000, 900, "2026年5月", 120.26, 33.77, "同意"],
        ["冷链食品项目", "东台市", 8000, 100, "2026-06-01", 120.32, 32.87, "同意"],
        [HELD, "大丰区", 5000, 100, "2026-07-01", 12.05, 33.22, "同意"],
        ["合计", None, 48345, 1900],
    ]
    for row in rows:
        sheet.append(row)
    for area in ("A1:H1", "A3:A4", "B3:B4", "C3:D3", "E3:E4", "F3:G3", "H3:H4"):
        sheet.merge_cells(area)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def drop(screen: Screen, name: str, body: bytes) -> None:
    """Drop a file on the page and wait until it is shown."""
    screen.page.evaluate(DROP, [name, base64.b64encode(body).decode()])
    screen.page.locator(".fh h1", has_text=name).wait_for(timeout=90_000)


def counts(screen: Screen) -> list[int]:
    """read, loaded, unchanged, held back."""
    return [int(x.replace(",", "")) for x in screen.page.locator(".cnt .fig-l").all_inner_texts()]


def publish(screen: Screen, reason: str) -> int:
    """Publish what is shown; return the run."""
    screen.page.locator("[data-open=publish-dialog]").click()
    screen.page.locator("#publish-dialog .btn.pri").click()
    assert screen.text("#publish-dialog .err") == "请先填写原因。"
    screen.page.locator("#publish-reason").fill(reason)
    screen.page.locator("#publish-who").fill("陈")
    screen.page.locator("#publish-dialog .btn.pri").click()
    done = screen.page.locator(".pub", has_text="已发布为第")
    done.wait_for(timeout=90_000)
    return int(re.findall(r"\d+", done.inner_text())[0])


def test_a_broken_workbook_is_carried_from_drop_to_published(screen: Screen, tmp_path: Path) -> None:
    screen.open("/data")
    screen.page.locator("#data-runs table").wait_for(timeout=90_000)

    # Nothing says which datum: nothing is guessed, every candidate is drawn, a person decides.
    drop(screen, "九月进展.xlsx", broken())
    screen.page.locator(".refusal").wait_for()
    assert "没有写入任何数据" in screen.text(".refusal")
    assert screen.page.locator(".cand svg").count() == 3
    assert screen.page.locator("[data-open=publish-dialog]").is_disabled()
    screen.page.get_by_role("button", name="采用WGS84").click()
    screen.page.locator(".cnt").wait_for(timeout=90_000)
    assert counts(screen) == [4, 3, 0, 1]
    assert "另有 3 行非数据" in screen.text(".cnt")

    # A column nobody knew is given a field, and the file is checked again.
    column = screen.page.get_by_label("“上报单位意见”对应的字段")
    column.select_option(label="地址")
    screen.page.locator("tr", has_text="上报单位意见").get_by_text("人工指定").wait_for(timeout=90_000)

    # The address restores what is seen.
    screen.page.locator(".is", has_text="隔离").click()
    screen.page.locator(".frows").wait_for()
    assert "12.05" in screen.text(".frows")
    screen.page.reload()
    screen.page.locator(".frows").wait_for(timeout=90_000)
    assert counts(screen) == [4, 3, 0, 1]

    run = publish(screen, "九月月报")
    screen.page.get_by_role("link", name="改隔离的 1 行").click()
    screen.page.locator("table.held").wait_for(timeout=90_000)
    assert HELD in screen.text("table.held")

    # The returned workbook is corrected and dropped: its row leaves the quarantine.
    with screen.page.expect_download() as given:
        screen.page.get_by_role("link", name="下载改正表").click()
    path = tmp_path / "改正.xlsx"
    given.value.save_as(path)
    book = openpyxl.load_workbook(path)
    for row in book.active.iter_rows():
        for cell in row:
            if str(cell.value) == "12.05":
                cell.value = "120.52"
    book.save(path)
    drop(screen, "改正.xlsx", path.read_bytes())
    screen.page.locator(".cnt").wait_for(timeout=90_000)
    assert counts(screen) == [1, 1, 0, 0]
    second = publish(screen, "改正一行")
    screen.open("/data?held=project")
    screen.page.locator("#data-main .empty").wait_for(timeout=90_000)
    assert "没有隔离的行" in screen.text("#data-main")

    # Both runs are listed with who and why; the second is taken back after a look at what that undoes.
    screen.open("/data")
    line = screen.page.locator(f"#run-{second}")
    line.wait_for(timeout=90_000)
    assert "陈" in line.inner_text() and screen.page.locator(f"#run-{run}").count() == 1
    line.get_by_role("button").click()
    screen.page.locator("#undo-what").get_by_text("1 条记录").wait_for()
    screen.page.locator("#undo-reason").fill("再核对")
    screen.page.locator("[data-undo-now]").click()
    screen.page.locator(f"#run-{second}").get_by_text("已由").wait_for(timeout=90_000)
    assert screen.page.locator(".q .tag").all_inner_texts() == ["已回滚", "已发布"]

    # The row waits again: its cell is corrected in the grid, and goes through the same review.
    screen.open("/data?held=project")
    cell = screen.page.locator("td[data-ticket].bad[data-header*=经度]")
    cell.wait_for(timeout=90_000)
    cell.fill("120.52")
    cell.press("Enter")
    assert "edited" in (cell.get_attribute("class") or "")
    screen.page.get_by_role("button", name="核对改正的行").click()
    screen.page.locator(".cnt").wait_for(timeout=90_000)
    assert counts(screen) == [1, 1, 0, 0]
    publish(screen, "表内改正")


def test_a_record_is_corrected_and_a_pair_is_judged(screen: Screen) -> None:
    head = "企业名称,县区,产业,注册资本（万元）"
    rows = [head, "大丰试验风电有限公司,大丰区,新能源,100", "大丰区试验风电有限责任公司,大丰区,新能源,", ""]
    screen.open("/data")
    screen.page.locator("#data-runs table").wait_for(timeout=90_000)
    drop(screen, "企业.csv", "\n".join(rows).encode())
    screen.page.locator(".cnt").wait_for(timeout=90_000)
    assert "工作表" not in screen.text(".opts")
    screen.page.get_by_label("约数（约5亿）").select_option("accept")
    screen.page.locator("#data-app[aria-busy]").wait_for(state="detached", timeout=90_000)
    screen.page.locator("select[data-name=approximate][data-value=accept]").wait_for(timeout=90_000)
    run = publish(screen, "两种写法")

    screen.open("/data?pairs=enterprise")
    pair = screen.page.locator("table.pairs tr", has_text="大丰试验风电有限公司")
    pair.wait_for(timeout=90_000)
    screen.page.locator("#pair-reason").fill("来函说明")
    pair.get_by_role("button", name="合并，保留").first.click()
    screen.page.locator("#data-main", has_text="已作的判断").wait_for(timeout=90_000)
    assert "来函说明" in screen.text("#data-main")

    # What the merge did is shown before it is taken back; the import below it waits for that.
    screen.open("/data")
    merge = screen.page.locator(f"#run-{run + 1}")
    merge.wait_for(timeout=90_000)
    screen.page.locator(f"#run-{run}").get_by_role("button").click()
    screen.page.locator(".outage, #outage, [role=alert]", has_text="从最新的一次").first.wait_for(timeout=90_000)
    merge.get_by_role("button").click()
    screen.page.locator("#undo-would li").first.wait_for()
    assert "恢复 1 条" in screen.text("#undo-would")
    screen.page.locator("#undo-dialog [data-dialog-close]").click()

    found = screen.page.evaluate(
        "async () => (await (await fetch('/api/v1/search?q=' + encodeURIComponent('试验风电'))).json()).results[0].id"
    )
    screen.open(f"/data?edit=enterprise:{found}")
    box = screen.page.get_by_label("注册资本")
    box.wait_for(timeout=90_000)
    assert box.input_value() in ("100", "0.01")
    box.fill("约5亿")
    screen.page.locator("#edit-reason").fill("企业来函更正")
    screen.page.locator("[data-save]").click()
    screen.page.get_by_text("约数").first.wait_for(timeout=90_000)
    box.fill("2,500万元")
    screen.page.locator("[data-save]").click()
    screen.page.get_by_text(f"已保存为第 {run + 2} 号运行").wait_for(timeout=90_000)
    refused = [c for c in screen.complaints if "409" in c or "400" in c]
    assert len(refused) == 2  # the roll-back in the way of another, and the 约数
    screen.complaints[:] = [c for c in screen.complaints if c not in refused]


def test_cells_corrected_on_two_pages_are_one_file_and_pairs_are_picked(screen: Screen) -> None:
    page = screen.page
    bad = [f",大丰区,{n}" for n in range(1, 121)]
    pairs = [f"翻页{n}号机械{kind},大丰区,1" for n in "甲乙丙" for kind in ("有限公司", "有限责任公司")]
    screen.open("/data")
    page.locator("#data-runs table").wait_for(timeout=90_000)
    drop(screen, "翻页.csv", "\n".join(["企业名称,县区,注册资本（万元）", *bad, *pairs, ""]).encode())
    page.locator(".cnt").wait_for(timeout=90_000)
    assert counts(screen) == [126, 6, 0, 120]
    assert "1 类隔离 120 行" in screen.text(".dside")
    publish(screen, "翻页试验")

    # What is typed on one page is still there after another page, a filter and a reload.
    page.get_by_role("link", name="改隔离的 120 行").click()
    page.get_by_text("第 1–100 行，共").first.wait_for(timeout=90_000)
    cell = page.locator("td[data-header=企业名称]")
    cell.first.click()
    page.keyboard.type("补名一厂")
    page.keyboard.press("Enter")
    page.keyboard.type("补错了")
    page.keyboard.press("Escape")
    page.get_by_role("button", name="下一页").first.click()
    page.get_by_text("第 101–").first.wait_for()
    assert page.locator("td.edited").count() == 0
    cell.last.click()
    page.keyboard.type("补名二厂")
    page.go_back()
    page.get_by_text("第 1–100 行，共").first.wait_for()
    screen.until(lambda: page.locator("td.edited").all_inner_texts() == ["补名一厂"])
    find = page.get_by_role("searchbox", name="在单元格里找")
    find.fill("120")
    find.press("Enter")
    page.get_by_text("第 1–1 行，共 1 行").wait_for()
    page.reload()
    page.locator("td.edited", has_text="补名二厂").wait_for(timeout=90_000)
    assert screen.text("[data-cells-count]") == "已改 2 行 2 格，翻页不丢"
    page.get_by_role("button", name="核对改正的行").click()
    page.locator(".cnt").wait_for(timeout=90_000)
    assert counts(screen) == [2, 2, 0, 0]

    # Pairs picked together are one run; a page of others is left as it is.
    screen.open("/data?pairs=enterprise&find=%E7%BF%BB%E9%A1%B5")
    ticks = page.locator("[data-tick] input")
    ticks.first.wait_for(timeout=90_000)
    assert page.get_by_role("button", name="所选合并，留甲").is_disabled()
    ticks.nth(1).check()
    ticks.nth(2).check()
    page.get_by_role("button", name="所选合并，留甲").click()
    page.get_by_text("已合并 2 对").wait_for(timeout=90_000)
    page.get_by_text("第 1–1 对，共 1 对").wait_for(timeout=90_000)
    assert not ticks.nth(1).is_checked()
    page.get_by_role("button", name="分开", exact=True).first.click()
    page.get_by_role("button", name="撤回").first.click(timeout=90_000)
    page.get_by_text("第 1–1 对，共 1 对").wait_for(timeout=90_000)


PARTS = """async (names) => {
  const transfer = new DataTransfer();
  for (const name of names) transfer.items.add(new File([name], name));
  const found = await window.yt.gather(await window.yt.dropped(transfer));
  return Promise.all(found.map(async (f) => [f.name, [...new Uint8Array(await f.arrayBuffer())]]));
}"""


def test_the_parts_of_a_shapefile_become_one_zip(screen: Screen) -> None:
    screen.open("/data")
    screen.page.locator("#data-runs table").wait_for(timeout=90_000)
    found = screen.page.evaluate(PARTS, ["园区.shp", "园区.DBF", "园区.prj", "另一.dbf", "表.xlsx", "孤.shp"])
    assert [name for name, _ in found] == ["另一.dbf", "表.xlsx", "园区.zip", "孤.shp"]
    with zipfile.ZipFile(io.BytesIO(bytes(dict(found)["园区.zip"]))) as archive:
        assert archive.testzip() is None
        assert {n: archive.read(n).decode() for n in archive.namelist()} == {
            n: n for n in ("园区.shp", "园区.DBF", "园区.prj")
        }
