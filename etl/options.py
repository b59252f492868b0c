"""How a file is to be imported: every policy has a name and a default that never guesses."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from typing import Any, Literal

from geo.errors import InputError

OLDEST = dt.date(1949, 10, 1)  # nothing in the files is older than that; most data are a few years old
MOST_AHEAD = dt.timedelta(days=366)
_OF_THE_RUN = frozenset({"sheet", "mode", "kind", "reason", "started_by"})
_NOT_RECORDED = ("started_by", "reason", "kind", "remembered")


def check_as_of(day: dt.date | None, now: dt.date) -> None:
    """Refuse a day that no data can state.

    Raises
    ------
    InputError
        Before ``OLDEST``, or more than ``MOST_AHEAD`` to come.
    """
    if day is not None and not OLDEST <= day <= now + MOST_AHEAD:
        raise InputError(
            f"数据日期 {day.isoformat()} 不合常理。",
            f"应在 {OLDEST.isoformat()} 至 {(now + MOST_AHEAD).isoformat()} 之间，写作 2026-06-30。",
        )


@dataclass(frozen=True)
class Options:
    """The choices of one import.

    Attributes
    ----------
    datum : str
        ``wgs84``, ``cgcs2000``, ``gcj02``, ``bd09``, ``gk``, ``gk:<meridian>``, ``auto``; '' means auto.
    crs : str
        ``EPSG:n``; wins over the datum and the file.
    sheet : str or None
        Sheet or layer; None: see ``etl.read``.
    mode : str
        ``upsert``, or ``replace``: records that the file does not name end.
    as_of : date or None
        The day the data state; goes to ``data_date`` and dates figures without a period.
    columns : dict
        Header -> field, role, ``event:<type>``, ``figure:<id>`` or '' (leave alone): a person's corrections.
    units : dict
        Header -> unit, where the file states none.
    approximate : str
        What becomes of 约5亿: ``text`` keeps the words only, ``accept`` takes the number with a warning.
    remembered : dict
        Header (as :func:`layers.store.matches.header_form` writes it) -> the same: what was decided for the
        publisher's earlier files; ``columns`` goes before it.
    swapped : str
        What becomes of single rows with swapped coordinates: ``quarantine`` or ``fix``.
    on_invalid : str
        What becomes of rows with errors; only ``quarantine``.
    publisher, licence, url, is_demo, kind, reason, started_by
        Where it comes from and why; kept with the run.
    """

    datum: str = ""
    crs: str = ""
    sheet: str | None = None
    mode: Literal["upsert", "replace"] = "upsert"
    as_of: dt.date | None = None
    columns: dict[str, str] = field(default_factory=dict)
    units: dict[str, str] = field(default_factory=dict)
    approximate: Literal["text", "accept"] = "text"
    remembered: dict[str, str] = field(default_factory=dict)
    swapped: Literal["quarantine", "fix"] = "quarantine"
    on_invalid: Literal["quarantine"] = "quarantine"
    publisher: str = ""
    licence: str = ""
    url: str = ""
    is_demo: bool = False
    kind: str = "import"
    reason: str = ""
    started_by: str = ""

    def record(self) -> dict[str, Any]:
        """Return what is kept with the run, so that it can be replayed: only what differs from the defaults."""
        default = asdict(Options())
        return {k: v for k, v in asdict(self).items() if v != default[k] and k not in _NOT_RECORDED}

    @classmethod
    def restore(cls, record: Mapping[str, Any]) -> Options:
        """Return the options that :meth:`record` wrote; what a later version no longer knows is left out."""
        known = {k: v for k, v in record.items() if k in {f.name for f in fields(cls)}}
        day = known.pop("as_of", None)
        return cls(**known, as_of=dt.date.fromisoformat(str(day)) if day else None)

    def completed_by(self, other: Options) -> Options:
        """Return these options with what they leave at the default taken from others, but for how the run goes."""
        default = Options()
        names = [f.name for f in fields(self) if f.name not in _OF_THE_RUN]
        taken = {n: getattr(other, n) for n in names if getattr(self, n) == getattr(default, n)}
        if self.datum or self.crs:  # one statement of the system, not a mixture of two
            taken |= {"datum": self.datum, "crs": self.crs}
        merged = {name: getattr(other, name) | getattr(self, name) for name in ("columns", "units", "remembered")}
        return replace(self, **(taken | merged))
