"""All words of the pages stand in one catalogue, so that another language can follow."""

from __future__ import annotations

import ast
import re
import string
from pathlib import Path

import pytest

from app import i18n
from app.pages import shell
from layers.registry import catalogue
from tests.support import syntax_of

ROOT = Path(i18n.__file__).parent.parent
CODE = [*(ROOT / "pages").rglob("*.py"), *(p for p in (ROOT / "assets").glob("*.js") if p.name != "yuantu-map.js")]
CJK = re.compile(r"[\u3000-\u303f\u4e00-\u9fff\uff00-\uffef]")


def _documents(tree: ast.AST) -> set[str | None]:
    kinds = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    return {ast.get_docstring(n, clean=False) for n in ast.walk(tree) if isinstance(n, kinds)}


def test_no_chinese_stands_in_the_code() -> None:
    for path in CODE:
        source = path.read_text(encoding="utf-8")
        if path.name == "format.py":
            continue  # names of units, which are data
        if path.suffix == ".py":
            tree = syntax_of(path)
            strings = [n.value for n in ast.walk(tree) if isinstance(n, ast.Constant) and isinstance(n.value, str)]
            found = [s for s in strings if CJK.search(s) and s not in _documents(tree)]
        else:
            found = CJK.findall(re.sub(r"/\*.*?\*/|//[^\n]*", "", source, flags=re.DOTALL))
        assert not found, (path.name, found)


def _used() -> dict[str, set[str]]:
    """Text keys that the code names, with the values it fills in."""
    found: dict[str, set[str]] = {}
    for path in (ROOT / "pages").rglob("*.py"):
        for node in ast.walk(syntax_of(path)):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "t":
                key = node.args[0]
                if isinstance(key, ast.Constant) and all(k.arg for k in node.keywords):
                    found.setdefault(key.value, set()).update(k.arg for k in node.keywords if k.arg)
    return found


def test_every_text_that_the_code_names_exists_and_is_filled() -> None:
    texts = i18n.texts()
    for key, values in _used().items():
        assert key in texts, key
        places = {name for _, name, _, _ in string.Formatter().parse(texts[key]) if name}
        assert places <= values, (key, places - values)


def test_every_text_is_chinese_and_not_empty() -> None:
    plain = {"layers.percent", "js.percent", "list.dot", "list.slash", "card.row", "rollup.by_term", "filter.with_unit",
             "table.with_unit", "compare.column", "filter.most", "filter.least", "filter.between", "filter.bar",
             "card.path", "compare.finding", "steward.and", "steward.more"}  # fmt: skip
    for key, text in i18n.texts().items():
        assert text, key
        assert key in plain or CJK.search(text), key


def test_the_browser_gets_every_text_it_asks_for() -> None:
    given = shell.browser_config(catalogue(), {})["texts"]
    for path in CODE:
        if path.suffix == ".js":
            for key in re.findall(r'say\("(\w+)"', path.read_text(encoding="utf-8")):
                assert key in given, key


def test_an_unknown_text_is_an_error() -> None:
    with pytest.raises(KeyError):
        i18n.t("no.such.text")
