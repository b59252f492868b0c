"""The dates a caller names."""

from __future__ import annotations

import datetime as dt

from geo.errors import InputError
from layers.store.known_days import check_days
from layers.store.slices import When, today


def parse_day(text: str | None) -> dt.date | None:
    """Return a date; None where no text is given.

    Raises
    ------
    InputError
        Not a date, or one that no answer can be about.
    """
    return parse_when(text, None).as_of if text else None


def parse_when(as_of: str | None, known_at: str | None) -> When:
    """Return the pair of dates that a caller names.

    Parameters
    ----------
    as_of : str or None
        A date; today where none is given.
    known_at : str or None
        A date (its end, China time) or an instant; as known now where none is given.

    Raises
    ------
    InputError
        Not a date, or one that no answer can be about.
    """
    china = dt.timezone(dt.timedelta(hours=8))
    try:
        day = dt.date.fromisoformat(as_of) if as_of else today()
        moment: dt.datetime | None = None
        if known_at and len(known_at) <= 10:
            next_day = dt.date.fromisoformat(known_at) + dt.timedelta(days=1)
            moment = dt.datetime.combine(next_day, dt.time(), china)
        elif known_at:
            moment = dt.datetime.fromisoformat(known_at.replace(" ", "+"))
            moment = moment if moment.tzinfo else moment.replace(tzinfo=china)
    except (ValueError, OverflowError) as error:
        raise InputError("日期看不懂。", "请写作 2026-06-30。", as_of=as_of, known_at=known_at) from error
    return check_days(When(day, moment))
