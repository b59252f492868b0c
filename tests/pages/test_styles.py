"""No page's stylesheet changes what another page looks like: all are on every page."""

import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from layers.settings import ROOT

ASSETS = ROOT / "app" / "assets"
COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
PRINTED = re.compile(r"@media print\s*\{(?:[^{}]*\{[^{}]*\})*[^{}]*\}")
RULE = re.compile(r"([^{}]+)\{([^{}]*)\}")


def bare_classes(path: Path) -> Iterator[str]:
    """Yield the classes that a sheet styles wherever they stand, but for what it only hides."""
    text = PRINTED.sub("", COMMENT.sub("", path.read_text(encoding="utf-8")))
    for selectors, body in RULE.findall(text):
        if body.strip() == "display:none!important":
            continue
        for selector in selectors.split(","):
            match = re.fullmatch(r"\.([\w-]+)", selector.strip())
            if match:
                yield match[1]


def test_a_class_is_styled_in_one_sheet_only() -> None:
    where: dict[str, set[str]] = defaultdict(set)
    for path in sorted(ASSETS.glob("*.css")):
        for name in bare_classes(path):
            where[name].add(path.name)
    assert {name: sheets for name, sheets in where.items() if len(sheets) > 1} == {}
