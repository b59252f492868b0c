"""`make bench`: a table of ratios against peers, all measured in the same run on the same machine."""

from __future__ import annotations

import argparse
import importlib
import json
import pkgutil
import sys
from collections.abc import Mapping, Sequence
from types import ModuleType
from typing import Any

from rich.console import Console

from bench import machine, rows, table
from bench.context import Bench
from bench.timing import Case
from layers.settings import ROOT

PAGE, RESULTS = ROOT / "docs" / "performance.md", ROOT / "bench" / "results.json"
QUICK = 100_000


def row_modules() -> dict[str, ModuleType]:
    """Return the rows there are, in their order; the folder is the registry."""
    found = [importlib.import_module(f"bench.rows.{m.name}") for m in pkgutil.iter_modules(rows.__path__)]
    return {m.__name__.rpartition(".")[2]: m for m in sorted(found, key=lambda m: m.ORDER)}


def parse(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000, help="生成多少个点")
    parser.add_argument("--quick", type=int, nargs="?", const=QUICK, help=f"小规模，默认 {QUICK:,} 个点，不写结果")
    parser.add_argument("--only", action="append", choices=list(row_modules()), default=[], help="只测这一行，可多次")
    parser.add_argument("--seed", type=int, default=None, help="数据的种子")
    return parser.parse_args(arguments)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print, and keep the results after every row; with ``--only`` the other rows keep what they had.

    Returns 1 when a row could not be measured; the others are.
    """
    chosen = parse(arguments)
    console = Console()
    bench = Bench(chosen.quick or chosen.rows, **({} if chosen.seed is None else {"seed": chosen.seed}))
    facts = machine.describe(bench.rows)
    held = json.loads(RESULTS.read_text("utf-8")) if chosen.only and RESULTS.exists() else {}
    cases: list[Case] = []
    failed = []
    try:
        for name, module in row_modules().items():
            if chosen.only and name not in chosen.only:
                continue
            console.print(f"正在测量 {module.TITLE}…")
            try:
                cases += module.run(bench)
            except Exception:
                failed.append(name)
                console.print_exception()
            if chosen.quick is None:
                keep(table.merge(held, cases), facts)
    finally:
        bench.close()
    console.print(table.rich_table(cases))
    for case in cases:
        if case.note:
            console.print(f"{case.title}：{case.note}", highlight=False)
    if failed:
        console.print(f"没有测成：{'、'.join(failed)}。")
    return 1 if failed else 0


def keep(cases: list[Case], facts: Mapping[str, Any]) -> None:
    """Write docs/performance.md and bench/results.json, rows in their order."""
    order = list(row_modules())
    table.write(sorted(cases, key=lambda c: order.index(c.row)), facts, PAGE, RESULTS)


if __name__ == "__main__":
    sys.exit(main())
