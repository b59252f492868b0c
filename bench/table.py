"""The measurements as a table on screen, as docs/performance.md and as JSON."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from rich.table import Table

from bench.timing import Case, Timing

HEAD = ("项目", "对象", "中位数", "最小–最大", "次数", "倍数")


def seconds(value: float | None) -> str:
    """Write seconds in the unit that reads best."""
    if value is None:
        return "—"
    if value >= 1:
        return f"{value:.2f} s"
    return f"{value * 1e3:.3g} ms" if value >= 1e-3 else f"{value * 1e6:.3g} µs"


def lines(cases: Iterable[Case]) -> list[tuple[str, ...]]:
    """Return the table's lines: ours first, then each peer with how many times as long it takes."""
    made = []
    for one in cases:
        made.append((one.title, f"园图 {one.ours.name}", *_numbers(one.ours), "1"))
        for peer in one.peers:
            ratio = one.ratio(peer)
            made.append(("", peer.name, *_numbers(peer), "—" if ratio is None else f"{ratio:.3g}×"))
    return made


def _numbers(timing: Timing) -> tuple[str, str, str]:
    if timing.spread is None:
        return timing.note or "没有测", "", ""
    low, high = timing.spread
    return seconds(timing.median), f"{seconds(low)}–{seconds(high)}", str(len(timing.seconds))


def rich_table(cases: Sequence[Case]) -> Table:
    """Lay out the table for a terminal."""
    out = Table(*HEAD, title="性能对照（同一台机器，同一次运行；倍数 = 对象用时 ÷ 园图用时）")
    for line in lines(cases):
        out.add_row(*(cell.replace("[", "\\[") for cell in line), end_section=False)
    return out


def markdown(cases: Sequence[Case], machine: Mapping[str, Any]) -> str:
    """Return docs/performance.md: the machine, the table, and what each number rests on."""
    facts = "、".join(f"{name} {value}" for name, value in machine.items())
    text = [
        "# 性能对照", "",
        "本页由 `make bench` 写成，请勿手改。绝对时间只对这台机器有意义；同一次运行里与同类软件的倍数才可比较。"
        "倍数是对象的用时除以园图的用时：大于 1 表示园图快。", "",
        f"机器与版本：{facts}。{_busy(machine)}", "",
        f"| {' | '.join(HEAD)} |", f"|{' --- |' * len(HEAD)}",
        *(f"| {' | '.join(cell.replace('|', '/') for cell in line)} |" for line in lines(cases)), "",
    ]  # fmt: skip
    notes = [f"- **{one.title}**：{one.note}" for one in cases if one.note]
    if notes:
        text += ["## 各行说明", "", *notes, ""]
    return "\n".join(text)


def _busy(machine: Mapping[str, Any]) -> str:
    """Say so where the machine had more to do than it has cores."""
    load, cores = float(machine.get("开始时负载", 0)), int(machine.get("核", 1))
    return "测量时机器上还有别的程序在争用处理器，绝对时间偏大。" if load > cores else ""


def as_json(cases: Sequence[Case], machine: Mapping[str, Any]) -> dict[str, Any]:
    """Return everything that was measured, every single time included."""
    return {
        "machine": dict(machine),
        "cases": [
            dataclasses.asdict(one) | {"ratios": {p.name: one.ratio(p) for p in one.peers}} for one in cases
        ],
    }  # fmt: skip


def merge(old: Mapping[str, Any], fresh: Sequence[Case]) -> list[Case]:
    """Return the cases of an earlier results.json with the rows measured now put in their place."""
    measured = {one.row for one in fresh}
    kept = [_case(body) for body in old.get("cases", ()) if body["row"] not in measured]
    return [*kept, *fresh]


def _case(body: Mapping[str, Any]) -> Case:
    return Case(
        body["row"], body["title"], _timing(body["ours"]), tuple(_timing(p) for p in body["peers"]), body["note"],
        body["facts"],
    )  # fmt: skip


def _timing(body: Mapping[str, Any]) -> Timing:
    return Timing(body["name"], tuple(body["seconds"]), body["note"])


def write(cases: Sequence[Case], machine: Mapping[str, Any], page: Path, results: Path) -> None:
    """Write the page and the JSON, a case a line: a row of frames has thousands of times."""
    page.write_text(markdown(cases, machine), encoding="utf-8")
    body = as_json(cases, machine)
    facts, *lines = (json.dumps(part, ensure_ascii=False) for part in (body["machine"], *body["cases"]))
    text = ",\n".join(lines)
    results.write_text(f'{{"machine": {facts}, "cases": [\n{text}\n]}}\n', encoding="utf-8")
