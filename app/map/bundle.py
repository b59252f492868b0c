"""The committed bundle of the map's TypeScript: is it fresh, and building it again.

``python -m app.map.bundle --check`` needs no node: the first line of the bundle carries the sha256 of the
sources it was made from. ``--build`` needs node and the modules of ``app/map/package.json``.
"""

from __future__ import annotations

import hashlib
import re
import shutil
import subprocess
from pathlib import Path

import typer

from geo.errors import MachineError, YuantuError

HERE = Path(__file__).resolve().parent
BUNDLE = HERE.parent / "assets" / "yuantu-map.js"
HEADER = re.compile(r"^/\* yuantu-map sources sha256:([0-9a-f]{64}) \*/")


def sources_sha256() -> str:
    """Hash of every file the bundle is made from: name and content, in order of names."""
    digest = hashlib.sha256()
    for path in sorted([*(HERE / "src").glob("*.ts"), HERE / "build.mjs", HERE / "package-lock.json"]):
        digest.update(path.relative_to(HERE).as_posix().encode() + b"\0")
        digest.update(path.read_bytes() + b"\0")
    return digest.hexdigest()


def bundle_sha256() -> str:
    """Hash of the sources that the bundle says it was made from, "" when it says nothing."""
    with BUNDLE.open(encoding="utf-8") as file:
        found = HEADER.match(file.readline())
    return found.group(1) if found else ""


def check() -> None:
    """Raise when the committed bundle was made from other sources than those beside it.

    Raises
    ------
    MachineError
        The bundle is missing or stale.
    """
    if not BUNDLE.exists() or bundle_sha256() != sources_sha256():
        raise MachineError(
            "地图脚本 app/assets/yuantu-map.js 与 app/map/src 的源码不一致。",
            "请在 app/map 下 npm ci，再运行 python -m app.map.bundle --build，并一并提交。",
        )


def build() -> None:
    """Make the bundle from the sources.

    Raises
    ------
    MachineError
        Node or the node modules are missing, or the build failed.
    """
    node = shutil.which("node")
    if node is None or not (HERE / "node_modules" / "esbuild").exists():
        raise MachineError("没有 node 或 app/map/node_modules。", "请安装 Node 20，并在 app/map 下运行 npm ci。")
    header = f"/* yuantu-map sources sha256:{sources_sha256()} */"
    done = subprocess.run(
        [node, str(HERE / "build.mjs"), f"--header={header}"],
        cwd=HERE,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise MachineError(f"地图脚本打包失败：{done.stderr.strip()}", "请按上面的提示修改源码。")


def main(
    rebuild: bool = typer.Option(False, "--build", help="重新打包（需要 node）"),
    verify: bool = typer.Option(False, "--check", help="只检查是否与源码一致"),
) -> None:
    """Build or check the map's bundle."""
    try:
        if rebuild:
            build()
        if verify or not rebuild:
            check()
    except YuantuError as problem:
        typer.echo(str(problem), err=True)
        raise typer.Exit(2) from problem
    typer.echo("地图脚本与源码一致。")


if __name__ == "__main__":
    typer.run(main)
