"""What the drawing process does: picklable functions that import what they need when they are called."""

from __future__ import annotations

from pathlib import Path
from typing import Any


def draw(data: Any, fmt: str, data_dir: Path) -> bytes:
    """Compose and write one map; pure but for the files that every map shares."""
    from app.export.context import load_context
    from app.export.theme import load_theme

    context, theme = load_context(data_dir), load_theme()
    if fmt == "html":
        from app.export.html import write_html

        return write_html(data, context, theme)
    from app.export.render import compose, write

    return write(compose(data, context, theme), fmt)


def draft(data: Any, data_dir: Path) -> tuple[bytes, dict[str, Any]]:
    """Draw a map as the preview of a page: PNG and where its frame lies."""
    from app.export.context import load_context
    from app.export.render import compose, write
    from app.export.theme import load_theme

    made = compose(data, load_context(data_dir), load_theme())
    return write(made, "png"), made.about()


def count_pages(story: Any) -> int:
    """How many pages an atlas has; refuses a family without areas."""
    from app.export.atlas import count_pages as count

    return count(story)


def atlas_page(story: Any, i: int, data_dir: Path) -> bytes:
    """One page of an atlas as PDF."""
    from app.export.atlas import draw_page
    from app.export.context import load_context
    from app.export.theme import load_theme

    return draw_page(story, i, load_context(data_dir), load_theme())


def bind_atlas(pages: list[bytes], story: Any) -> bytes:
    """Bind the pages of an atlas."""
    from app.export.atlas import bind
    from app.export.theme import load_theme

    return bind(pages, story, load_theme())


def atlas_figures(story: Any) -> dict[str, Any]:
    """The figures of an atlas."""
    from app.export.atlas import atlas_figures as figures

    return figures(story)


def write_brief(story: Any, png: bytes, fmt: str, template: bytes) -> bytes:
    """A brief in Word or PowerPoint."""
    from app.export.document import brief_of

    return write_document(brief_of(story, png), fmt, template)


def write_document(document: Any, fmt: str, template: bytes) -> bytes:
    """Any document in Word or PowerPoint."""
    if fmt == "docx":
        from app.export.word import write_docx

        return write_docx(document, template or None)
    from app.export.slides import write_pptx

    return write_pptx(document, template or None)
