"""What a measure is: how the records of an area become one number."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

MEASURE_ID = r"^[a-z][a-z0-9_]{0,80}(:[^:,\s]{1,40}){0,2}$"
NEEDED = {
    "ratio": ("field", "denominator"), "percent": ("field", "denominator"), "events": ("event",), "stock": ("event",),
    "conversion": ("event", "then"), "density": (),
}  # fmt: skip


class Model(BaseModel):
    """A frozen model that refuses unknown keys."""

    model_config = ConfigDict(frozen=True, extra="forbid")


Aggregate = Literal[
    "sum", "mean", "median", "min", "max", "ratio", "percent", "share", "events", "stock", "conversion", "density"
]  # fmt: skip


class Measure(Model):
    """A measure beyond ``n``, ``sum_<field>`` and ``area_m2``.

    ``field`` and ``denominator`` name a field, or a figure series (its latest value on the day).

    - sum, mean, median, min, max of ``field``; share of the records where it is true; ratio of two sums,
      percent the same in per cent
    - events: records with an ``event`` of this type (and ``level``) since the year's beginning, or the sum of
      ``field`` over them; stock: the same for the events in force on the day
    - conversion: of the records that reached ``event``, the share (%) that went on to ``then`` or beyond
    - density: the count, the sum of ``field`` or the area (``area_m2``) per km² of the area it lies in
    """

    id: str = Field(pattern=MEASURE_ID)
    title: str
    aggregate: Aggregate
    field: str = ""
    denominator: str = ""
    event: str = ""
    level: str = ""
    then: str = ""
    unit: str = ""
    display_unit: str = ""
    headline: bool = False

    @model_validator(mode="after")
    def _whole(self) -> Self:
        needed = {
            "ratio": ("field", "denominator"),
            "percent": ("field", "denominator"),
            "events": ("event",),
            "stock": ("event",),
        }
        needed["conversion"] = ("event", "then")
        free = ("events", "stock", "conversion", "density")
        for name in needed.get(self.aggregate, () if self.aggregate in free else ("field",)):
            if not getattr(self, name) and self.id != "area_m2":
                raise ValueError(f"指标“{self.id}”是 {self.aggregate}，需写出 {name}")
        return self

    @property
    def is_extensive(self) -> bool:
        """Whether the values of parts add up to the value of the whole."""
        return self.aggregate in ("sum", "events", "stock")

    @property
    def follows_days(self) -> bool:
        """Whether the value rests on dated events, so that another day may give another value."""
        return bool(self.event)
