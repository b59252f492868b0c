"""The machine and the versions that a measurement belongs to."""

from __future__ import annotations

import datetime as dt
import os
import platform
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

PACKAGES = ("numpy", "numba", "shapely", "pandas", "geopandas", "psycopg", "fastapi", "dash", "tipg", "matplotlib")


def describe(rows: int) -> dict[str, Any]:
    """Return processor, memory, load and versions; ``rows`` is the size of the generated data."""
    facts: dict[str, Any] = {
        "日期": dt.date.today().isoformat(), "处理器": _processor(), "核": os.cpu_count(),
        "内存": f"{_memory_gib()} GiB",
        "开始时负载": f"{os.getloadavg()[0]:.1f}", "生成的点": f"{rows:,}", "Python": platform.python_version(),
    }  # fmt: skip
    for name in PACKAGES:
        try:
            facts[name] = version(name)
        except PackageNotFoundError:
            facts[name] = "没有"
    return facts


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text("utf-8").splitlines():
        if line.startswith("model name"):
            return line.split(":", 1)[1].strip()
    return platform.machine()


def _memory_gib() -> int:
    line = Path("/proc/meminfo").read_text("utf-8").splitlines()[0]
    return round(int(line.split()[1]) / 2**20)
