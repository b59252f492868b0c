"""Make the pictures of the README and the guides from a running app: ``python docs/screenshots.py URL``."""

from __future__ import annotations

import io
import sys
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page, sync_playwright

FOLDER = Path(__file__).resolve().parent / "img"
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]
COLORS = 160
# nothing of the page that is seen is still being made
QUIET = """() => ![...document.querySelectorAll('[aria-busy=true],.busy,.skel')].some(x => x.offsetParent)"""
DESK, PHONE = (1440, 900), (390, 844)
SHOTS = {
    "map": ("/", DESK),
    "map-dark": ("/?theme=dark", DESK),
    "map-phone": ("/", PHONE),
    "card": ("/?sel=project:300", DESK),
    "compare": ("/compare", DESK),
    "targets": ("/targets", DESK),
    "site": ("/site", DESK),
    "report": ("/report", DESK),
    "data": ("/data", DESK),
}


def settle(page: Page) -> None:
    """Give the page time to ask for everything it shows and draw it; its socket never falls idle."""
    page.wait_for_load_state("load")
    page.wait_for_timeout(9000)
    page.wait_for_function(QUIET, timeout=120_000)


def main(base: str) -> int:
    """Write one PNG per page."""
    FOLDER.mkdir(exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=FLAGS)
        for name, (path, (width, height)) in SHOTS.items():
            page = browser.new_page(viewport={"width": width, "height": height})
            page.goto(base + path)
            settle(page)
            picture = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
            # few colours make a small file; a page of flat colours loses nothing that is seen
            picture.quantize(COLORS, dither=Image.Dither.NONE).save(FOLDER / f"{name}.png", optimize=True)
            page.close()
        browser.close()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1] if len(sys.argv) > 1 else "http://127.0.0.1:8050"))
