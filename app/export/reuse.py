"""The recipe and the figures inside a product that was made before, so that it can be made again and compared."""

from __future__ import annotations

import io
import json
import re
import zipfile
from html import unescape
from typing import Any

from geo.errors import InputError

RECIPE_KEY, FIGURES_KEY = "yuantu-recipe", "yuantu-figures"


def recipe_of(content: bytes, name: str = "") -> bytes:
    """Return the recipe's JSON: the content itself, or what a PNG, PDF, SVG or HTML map holds.

    Raises
    ------
    InputError
        A map without a recipe.
    """
    if not content.startswith((b"\x89PNG", b"%PDF", b"PK")) and content.lstrip()[:1] != b"<":
        return content
    found = _inside(content)[0]
    if not found:
        raise InputError(f"文件 {name} 里没有配方。", "只有园图导出的图才带配方；请改用配方 JSON。")
    held = _read(found)
    if held.get("kind") == "site" and isinstance(held.get("recipe"), dict):
        return json.dumps(held["recipe"], ensure_ascii=False).encode()  # its map is a map like others
    return found.encode()


def order_in(content: bytes, kind: str, title: str, name: str = "") -> dict[str, Any]:
    """Return what a document that is no map was ordered with.

    Parameters
    ----------
    kind, title : str
        The kind it must be of, and what that is called.

    Raises
    ------
    InputError
        It holds nothing, or is of another kind.
    """
    held = _read(_inside(content)[0])
    if kind == "site" and held.get("family") == "rank":  # of an earlier version
        held = {"kind": "site", "recipe": held}
    if held.get("kind") != kind:
        raise InputError(f"文件 {name} 不是园图导出的{title}。", "请给出原来的文件，或重新写条件。", field="kind")
    return {k: v for k, v in held.items() if k != "kind"}


def _read(text: str | None) -> dict[str, Any]:
    try:
        held = json.loads(text) if text else {}
    except ValueError:
        return {}
    return held if isinstance(held, dict) else {}


def figures_in(content: bytes) -> dict[str, Any] | None:
    """Return the figures a product was made with (``figures.figures_of``); None where it holds none."""
    found = _inside(content)[1]
    try:
        read = json.loads(found) if found else None
    except ValueError:
        return None
    return read if isinstance(read, dict) else None


def _inside(content: bytes) -> tuple[str | None, str | None]:
    """The texts of recipe and figures inside a product."""
    if content.startswith(b"\x89PNG"):
        from PIL import Image

        with Image.open(io.BytesIO(content)) as image:
            return image.info.get(RECIPE_KEY), image.info.get(FIGURES_KEY)
    if content.startswith(b"%PDF"):
        about = _pdf_information(content)
        return about.get("/Keywords"), about.get("/Subject")
    if content.startswith(b"PK"):
        return _from_office(content)
    if content.lstrip()[:1] == b"<":
        text = content.decode("utf-8", "replace")
        return _between(text, RECIPE_KEY, "dc:description"), _between(text, FIGURES_KEY, "dc:source")
    return None, None


def _between(text: str, key: str, tag: str) -> str | None:
    page = re.search(rf'<script type="application/json" id="{key}">(.*?)</script>', text, re.DOTALL)
    drawing = re.search(rf"<{tag}>(\{{.*?\}})</{tag}>", text, re.DOTALL)
    return page.group(1) if page else unescape(drawing.group(1)) if drawing else None


def _pdf_information(content: bytes) -> dict[str, str]:
    from pypdf import PdfReader
    from pypdf.errors import PyPdfError

    try:
        return {k: str(v) for k, v in (PdfReader(io.BytesIO(content)).metadata or {}).items()}
    except (PyPdfError, ValueError, KeyError, OSError) as error:
        raise InputError("这个 PDF 读不出来，文件可能不完整。", "请改用完整的文件，或配方 JSON。") from error


def _from_office(content: bytes) -> tuple[str | None, str | None]:
    """A document of Word or PowerPoint keeps both in a custom XML part."""
    from app.export.office import ITEM, read_inside

    try:
        with zipfile.ZipFile(io.BytesIO(content)) as held:
            if "xl/workbook.xml" in held.namelist():
                return _from_workbook(held.read("docProps/core.xml").decode("utf-8", "replace"))
            for name in held.namelist():
                if ITEM.fullmatch(name):
                    found = read_inside(held.read(name).decode("utf-8", "replace"))
                    if found[0]:
                        return found
    except (zipfile.BadZipFile, KeyError) as error:
        raise InputError("这个文件读不出来，可能不完整。", "请改用完整的文件，或配方 JSON。") from error
    return None, None


def _from_workbook(core: str) -> tuple[str | None, str | None]:
    """A workbook keeps both in its keywords."""
    found = re.search(r"<cp:keywords>(.*?)</cp:keywords>", core, re.DOTALL)
    held = _read(unescape(found.group(1))) if found else {}
    given = [held.get(key) for key in ("recipe", "figures")]
    return tuple(json.dumps(x, ensure_ascii=False) if isinstance(x, dict) else None for x in given)  # type: ignore[return-value]
