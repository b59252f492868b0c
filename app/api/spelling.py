"""A misspelt parameter is refused: ignored, it would answer another question with a number."""

from __future__ import annotations

import difflib

from fastapi import Request
from fastapi.dependencies.models import Dependant

from geo.errors import InputError

LIKENESS = 0.75  # difflib's ratio from which a name counts as a slip of a known one


def known_parameters(dependant: Dependant) -> set[str]:
    """Return the query parameters that a route takes, its dependencies' too."""
    found = {field.alias for field in dependant.query_params}
    for part in dependant.dependencies:
        found |= known_parameters(part)
    return found


def refuse_slip(name: str, known: set[str]) -> None:
    """Refuse a name that is nearly a known one; what is like none of them is left alone.

    Raises
    ------
    InputError
        Names the parameter and the one that was meant.
    """
    if name in known:
        return
    meant = difflib.get_close_matches(name.replace("-", "_").lower(), sorted(known), n=1, cutoff=LIKENESS)
    if meant:
        raise InputError(f"没有参数“{name}”。", f"是不是 {meant[0]}？请改正后重试。", parameter=name)


def check_spelling(request: Request) -> None:
    """Refuse a slip in a query, as ``refuse_slip``."""
    known = known_parameters(request.scope["route"].dependant)
    for name in request.query_params:
        refuse_slip(name, known)
