"""The recipe inside a map that was made before, so that it can be made again."""

from __future__ import annotations

import io
import re
from html import unescape

from geo.errors import InputError

RECIPE_KEY = "yuantu-recipe"


def recipe_of(content: bytes, name: str = "") -> bytes:
    """Return the recipe's JSON: the content itself, or what a PNG, PDF, SVG or HTML map holds.

    Raises
    ------
    InputError
        A map without a recipe.
    """
    found: str | None = None
    if content.startswith(b"\x89PNG"):
        from PIL import Image

        with Image.open(io.BytesIO(content)) as image:
            found = image.info.get(RECIPE_KEY)
    elif content.startswith(b"%PDF"):
        found = _from_pdf(content)
    elif content.lstrip()[:1] == b"<":
        text = content.decode("utf-8", "replace")
        page = re.search(rf'<script type="application/json" id="{RECIPE_KEY}">(.*?)</script>', text, re.DOTALL)
        drawing = re.search(r"<dc:description>(\{.*?\})</dc:description>", text, re.DOTALL)
        found = page.group(1) if page else unescape(drawing.group(1)) if drawing else None
    else:
        return content
    if not found:
        raise InputError(f"文件 {name} 里没有配方。", "只有园图导出的图才带配方；请改用配方 JSON。")
    return found.encode()


def _from_pdf(content: bytes) -> str | None:
    """Read the keywords of the document information: a hexadecimal or literal string in UTF-16."""
    match = re.search(rb"/Keywords\s*<([0-9A-Fa-f\s]+)>", content)
    if match:
        return bytes.fromhex(match.group(1).decode()).decode("utf-16")
    start = re.search(rb"/Keywords\s*\(", content)
    if start is None:
        return None
    raw, i, depth = bytearray(), start.end(), 1
    escapes = {ord("n"): 10, ord("r"): 13, ord("t"): 9, ord("b"): 8, ord("f"): 12}
    while i < len(content):
        byte = content[i]
        if byte == ord("\\"):
            octal = re.match(rb"[0-7]{1,3}", content[i + 1 : i + 4])
            if octal:
                raw.append(int(octal.group(), 8) & 255)
                i += 1 + len(octal.group())
            else:
                raw.append(escapes.get(content[i + 1], content[i + 1]))
                i += 2
            continue
        depth += (byte == ord("(")) - (byte == ord(")"))
        if depth == 0:
            break
        raw.append(byte)
        i += 1
    data = bytes(raw)
    return data.decode("utf-16") if data[:2] in (b"\xfe\xff", b"\xff\xfe") else data.decode("latin-1")
