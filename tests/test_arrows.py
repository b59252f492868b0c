"""Who may import whom: geo <- layers <- etl <- app, and the few doors that are open in one place only."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support import syntax_of

ROOT = Path(__file__).parents[1]
ORDER = ("geo", "layers", "etl", "app")

#: Module -> the only places that may import it. A place is a folder or a module, dots and all.
DOORS = {
    "psycopg": ("layers.store",),
    "psycopg2": ("layers.store",),
    "psycopg_pool": ("layers.store",),
    "openpyxl": ("etl.read", "app.export"),
    "pyogrio": ("etl.read", "app.export"),
    "fiona": ("etl.read",),
    "osgeo": ("etl.read",),
    "xlrd": ("etl.read",),
    "dash": ("app",),
}
#: Readers by whatever name they are reached; these stay in etl/read even where the module may write.
READERS = {
    "openpyxl": {"load_workbook", "reader"},
    "pyogrio": {"read_dataframe", "read_arrow", "open_arrow", "read_info", "list_layers", "raw", "read_bounds"},
    "geopandas": {"read_file", "read_parquet", "read_feather"},
    "pandas": {"read_excel", "ExcelFile"},
}
READER_PLACES = ("etl.read",)
ENVIRONMENT = {"environ", "environb", "getenv", "getenvb", "putenv", "unsetenv"}
ENVIRONMENT_PLACES = ("layers.settings",)


def _within(module: str, places: tuple[str, ...]) -> bool:
    return any(module == place or module.startswith(place + ".") for place in places)


def _imports(tree: ast.AST, module: str, is_package: bool) -> Iterator[tuple[int, str, str]]:
    """Line, absolute dotted target and local name of every import, wherever in the file it stands."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                local = alias.asname or alias.name.split(".")[0]
                yield node.lineno, alias.name, f"{local}={alias.name if alias.asname else local}"
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                up = module.split(".") if is_package else module.split(".")[:-1]
                up = up[: len(up) - node.level + 1]
                base = ".".join([*up, base] if base else up)
            for alias in node.names:
                target = f"{base}.{alias.name}"
                yield node.lineno, target, f"{alias.asname or alias.name}={target}"
        elif isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant):
            called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if called in ("import_module", "__import__") and isinstance(node.args[0].value, str):
                yield node.lineno, node.args[0].value, ""


def _uses(tree: ast.AST, names: dict[str, str]) -> Iterator[tuple[int, str]]:
    """Line and dotted name of every attribute reached through an imported name: ``gpd.read_file`` and so on."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute):
            chain, inner = [node.attr], node.value
            while isinstance(inner, ast.Attribute):
                chain.append(inner.attr)
                inner = inner.value
            if isinstance(inner, ast.Name) and inner.id in names:
                yield node.lineno, ".".join([names[inner.id], *reversed(chain)])


def _fault(module: str, target: str) -> str | None:
    """Why ``module`` may not reach ``target``; None when it may."""
    root, _, rest = target.partition(".")
    package = module.split(".")[0]
    if root in ORDER and ORDER.index(root) > ORDER.index(package):
        return f"{package} 不可导入 {root}"
    door = "dash" if root.startswith("dash_") else root  # dash_leaflet and its kin
    places = DOORS.get(door, ())
    if door in DOORS and not _within(module, places):
        return f"{root} 只可在 {'、'.join(places)} 中使用"
    if rest.split(".")[0] in READERS.get(root, ()) and not _within(module, READER_PLACES):
        return f"读取器 {target} 只可在 etl.read 中使用"
    if root == "os" and rest.split(".")[0] in ENVIRONMENT and not _within(module, ENVIRONMENT_PLACES):
        return "环境变量只可在 layers.settings 中读取"
    return None


def find_faults(root: Path) -> list[str]:
    """Walk the four packages under ``root``; one sentence per import or use that goes the wrong way."""
    faults: set[str] = set()
    for path in sorted(p for package in ORDER for p in (root / package).rglob("*.py")):
        parts = path.relative_to(root).with_suffix("").parts
        if "node_modules" in parts:
            continue
        is_package = parts[-1] == "__init__"
        module = ".".join(parts[:-1] if is_package else parts)
        tree = syntax_of(path)
        imported = list(_imports(tree, module, is_package))
        names = dict(bound.split("=", 1) for _, _, bound in imported if bound)
        for line, target in [(line, target) for line, target, _ in imported] + list(_uses(tree, names)):
            why = _fault(module, target)
            if why:
                faults.add(f"{path.relative_to(root)}:{line} {why}")
    return sorted(faults)


def test_every_arrow_points_the_right_way() -> None:
    assert find_faults(ROOT) == []


def test_the_walker_sees_all_four_packages() -> None:
    assert all(any((ROOT / package).rglob("*.py")) for package in ORDER)


@pytest.mark.parametrize(
    ("file", "code"),
    [
        ("geo/a.py", "import layers"),
        ("geo/a.py", "def f():\n    from layers.spec import Layer"),
        ("geo/sub/a.py", "from etl import read"),
        ("layers/a.py", "import etl.load as x"),
        ("layers/store/a.py", "if True:\n    import app.cli"),
        ("etl/a.py", "from app.cli import main"),
        ("etl/a.py", "import importlib\nimportlib.import_module('app.cli')"),
        ("layers/a.py", "import psycopg"),
        ("layers/stores.py", "import psycopg"),
        ("app/a.py", "from psycopg2.extras import execute_values"),
        ("etl/load.py", "import psycopg_pool"),
        ("etl/a.py", "import openpyxl"),
        ("app/a.py", "import pyogrio"),
        ("app/export/a.py", "from openpyxl import load_workbook"),
        ("app/export/a.py", "import pyogrio as p\np.read_dataframe('x')"),
        ("etl/reader.py", "import fiona"),
        ("layers/a.py", "import geopandas as gpd\ngpd.read_file('x')"),
        ("etl/clean.py", "from geopandas import read_file"),
        ("app/a.py", "import pandas as pd\npd.read_excel('x')"),
        ("etl/a.py", "import dash"),
        ("layers/a.py", "from dash import html"),
        ("etl/a.py", "import dash_leaflet as dl"),
        ("app/a.py", "import os\nos.environ['X']"),
        ("app/a.py", "from os import getenv"),
        ("etl/a.py", "import os as o\no.getenv('X')"),
        ("layers/store/a.py", "import os.path\nos.environ.get('X')"),
    ],
)
def test_the_walker_catches(tmp_path: Path, file: str, code: str) -> None:
    (tmp_path / file).parent.mkdir(parents=True)
    (tmp_path / file).write_text(code, encoding="utf-8")
    faults = find_faults(tmp_path)
    assert len(faults) >= 1 and faults[0].startswith(file)


def test_the_walker_lets_the_right_ones_pass(tmp_path: Path) -> None:
    allowed = {
        "geo/b.py": "import numpy\nfrom geo.errors import InputError",
        "layers/store/b.py": "import psycopg\nfrom geo import crs",
        "layers/store/__init__.py": "from . import b\nfrom ..settings import Settings",
        "layers/settings.py": "import os\nos.environ.get('X')",
        "etl/read/b.py": "import pyogrio, openpyxl\nimport geopandas as gpd\ngpd.read_file('x')",
        "etl/b.py": "from layers.store import db\nimport os\nos.path.join('a', 'b')\ngpd = 1",
        "app/b.py": "import dash_leaflet\nimport dash\nfrom etl import load\nfrom layers.settings import Settings",
        "app/export/b.py": "import openpyxl\nopenpyxl.Workbook()\nimport pyogrio\npyogrio.write_dataframe(1, 2)",
    }
    for file, code in allowed.items():
        (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / file).write_text(code, encoding="utf-8")
    assert find_faults(tmp_path) == []
