"""Keep the checksums in ``data/shapefiles/*/source.toml`` those of the files: ``--check`` or ``--write``."""

import hashlib
import re
import sys
import tomllib
from pathlib import Path

SHAPEFILES = Path(__file__).resolve().parent.parent / "data" / "shapefiles"
CURE = "请确认文件确实该变，然后执行 make checksums。"


def digest(path: Path) -> str:
    """Return a file's sha256."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def faults(root: Path = SHAPEFILES) -> list[str]:
    """Say in Chinese which descriptions and files do not match; an empty list means that all do."""
    found = []
    for source in sorted(root.glob("*/source.toml")):
        described = {f["file"]: f.get("sha256") for f in tomllib.loads(source.read_text("utf-8"))["files"]}
        shipped = {p.name for p in source.parent.iterdir()} - {"source.toml"}
        where = f"data/shapefiles/{source.parent.name}"
        found += [
            f"{where}/{name} 在 source.toml 里没有说明出处，请补写一节。" for name in sorted(shipped - described.keys())
        ]
        found += [f"{where}/source.toml 写着 {name}，但没有这个文件。" for name in sorted(described.keys() - shipped)]
        for name in sorted(described.keys() & shipped):
            if described[name] != digest(source.parent / name):
                found.append(f"{where}/{name} 与 source.toml 里的 sha256 不一致。{CURE}")
    return found


def write(root: Path = SHAPEFILES) -> list[str]:
    """Write the checksums of the files as they are; return the changed ones."""
    changed = []
    for source in sorted(root.glob("*/source.toml")):
        parts = re.split(r"(?m)^(?=\[\[files\]\])", source.read_text("utf-8"))
        for i, part in enumerate(parts):
            name = re.search(r'(?m)^file = "([^"]+)"', part)
            if name is None or not (path := source.parent / name[1]).is_file():
                continue
            line = f'sha256 = "{digest(path)}"'
            parts[i], n = re.subn(r"(?m)^sha256 = .*$", line, part)
            if not n:
                parts[i] = part.rstrip("\n") + f"\n{line}\n\n"
            if parts[i] != part:
                changed.append(f"{source.parent.name}/{path.name}")
        source.write_text("".join(parts), "utf-8")
    return changed


if __name__ == "__main__":
    if sys.argv[1:] == ["--write"]:
        print("已更新：", "、".join(write()) or "没有变化")
    wrong = faults()
    print("\n".join(wrong), file=sys.stderr, end="\n" if wrong else "")
    sys.exit(bool(wrong))
