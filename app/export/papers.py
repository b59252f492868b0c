"""The papers a report map is made for, and how large things are on each."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Paper:
    """A sheet: size in mm, and what type and symbols are multiplied by (A4 is 1)."""

    title: str
    width_mm: float
    height_mm: float
    scale: float = 1.0

    @property
    def is_portrait(self) -> bool:
        """Whether the sheet stands upright."""
        return self.height_mm > self.width_mm


PAPERS: dict[str, Paper] = {
    "A4": Paper("A4 横向", 297.0, 210.0),
    "A4-portrait": Paper("A4 纵向", 210.0, 297.0),
    "A3": Paper("A3 横向", 420.0, 297.0, 1.3),
    "A3-portrait": Paper("A3 纵向", 297.0, 420.0, 1.3),
    "16:9": Paper("幻灯片 16:9", 338.667, 190.5, 1.02),
}
