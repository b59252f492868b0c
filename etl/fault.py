"""What a parser returns instead of a value when a cell cannot be used."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Fault:
    """A cell that cannot be used as it stands.

    Attributes
    ----------
    type : str
        An id of ``layers/vocab/issue_types.toml``.
    value : object
        What is stored all the same; None when nothing is.
    facts : dict
        What the issue's text names besides the cell itself.
    """

    type: str
    value: object = None
    facts: dict[str, str] = field(default_factory=dict)
