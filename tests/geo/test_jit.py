"""The kernels run where no compiled code can be kept: a read-only package and no home."""

import shutil
import subprocess
import sys
from pathlib import Path

import geo

TRY = """
import geo.assign as assign, shapely
index = assign.AreaIndex.build(["1"], [shapely.box(0, 0, 1, 1)])
print(index.points([0.5, 1.0, 2.0], [0.5, 1.0, 2.0]).tolist(), end=" ")
print(bool(assign._pip.locate.stats.cache_path), assign.__file__)
"""


def run(folder: Path, home: str) -> str:
    environment = {"HOME": home, "XDG_CACHE_HOME": home, "PATH": "", "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run([sys.executable, "-c", TRY], cwd=folder, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert str(folder) in done.stdout
    return done.stdout


def test_cached_where_possible_and_compiled_anew_elsewhere(tmp_path: Path) -> None:
    shutil.copytree(Path(geo.__file__).parent, tmp_path / "geo", ignore=shutil.ignore_patterns("__pycache__"))
    # Files where folders are wanted stop even root, whom a read-only mode would not.
    blocked = tmp_path / "geo" / "__pycache__"
    blocked.write_text("")
    home = tmp_path / "home"
    home.write_text("")
    assert run(tmp_path, str(home)).startswith("[0, 0, -1] False")
    blocked.unlink()
    assert run(tmp_path, str(home)).startswith("[0, 0, -1] True")
    assert list(blocked.glob("*.nbi"))
