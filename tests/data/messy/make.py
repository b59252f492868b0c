"""Write the corpus into a folder, to look at or to import by hand: ``python -m tests.data.messy.make FOLDER``."""

from __future__ import annotations

import sys
from pathlib import Path

from tests.data.messy import sent, sheets, spatial, texts
from tests.data.messy.case import CASES

__all__ = ["CASES", "sent", "sheets", "spatial", "texts", "write"]


def write(folder: Path) -> list[Path]:
    """Make every file; return their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    for case in CASES.values():
        (folder / case.name).write_bytes(case.make())
    return [folder / name for name in CASES]


if __name__ == "__main__":
    write(Path(sys.argv[1]))
