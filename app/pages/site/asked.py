"""What the page's script asks: a task, and what of its answer is looked at."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from app.pages.site.task import FIRST, Task
from geo.criteria import CRITERIA
from geo.errors import NotFoundError
from layers.store.reader import Reader, parse_when
from layers.store.scenarios import read_scenarios
from layers.store.slices import When, today

TABS = ("", "out", "firm", "data")
MODES = ("", "ahp", "auto", "parties")
MOST_COMPARED = 4


@dataclass(frozen=True)
class Asked:
    """A question of the page.

    Attributes
    ----------
    task : Task
        What is worked on.
    scenario : dict or None
        The saved scenario that was opened.
    site : int or None
        Whose card is shown.
    compared : tuple of int
        Sites side by side.
    tab, rule, criterion, mode : str
        Which list is on the right; only the exclusions by one limit; whose value function is open; how weights are
        given.
    every : bool
        Whether the whole ranking is listed.
    moving : bool
        Whether a slider is held: the panel it stands in stays as it is.
    have : tuple of str
        Layers of the map that the page holds already, by the name of their data.
    when, demo
        Dates, and whether 演示 rows take part.
    """

    task: Task
    when: When
    demo: bool = True
    scenario: dict[str, Any] | None = None
    site: int | None = None
    compared: tuple[int, ...] = ()
    tab: str = ""
    rule: int | None = None
    criterion: str = ""
    mode: str = ""
    every: bool = False
    moving: bool = False
    have: tuple[str, ...] = ()

    def with_task(self, task: Task) -> Asked:
        """Return the same question of another task."""
        return replace(self, task=task)


def _whole(value: Any) -> int | None:
    text = str(value if value is not None else "")
    return int(text) if text.isdecimal() and text.isascii() and len(text) < 16 else None


async def read_asked(reader: Reader, given: Mapping[str, Any]) -> Asked:
    """Read a question; what it does not know it leaves out, but a task must be whole.

    Raises
    ------
    InputError, NotFoundError
        The task, the scenario or a date cannot be used.
    """
    scenario = None
    changed = given.get("task") is not None or bool(given.get("p"))
    if given.get("sc"):
        try:
            scenario = (await read_scenarios(reader, [str(given["sc"])[:20]]))[0]
        except NotFoundError:
            if not changed:
                raise
    if given.get("task") is not None:
        task = Task.of_json(given["task"])
    elif given.get("p"):
        task = Task.unpack(str(given["p"]))
    elif scenario is not None:
        task = Task.of_json(scenario["task"])
    else:
        task = Task.of_preset(str(given.get("preset") or FIRST))
    ids = [_whole(x) for x in str(given.get("cmp") or "").split(",")]
    when = parse_when(str(given.get("as_of") or "") or None, str(given.get("known_at") or "") or None)
    have = given.get("have")
    crit, tab, mode = (str(given.get(k) or "") for k in ("crit", "st", "wm"))
    return Asked(
        task, when if given.get("as_of") or given.get("known_at") else When(today()),
        demo=str(given.get("demo") or "1") != "0", scenario=scenario, site=_whole(given.get("s")),
        compared=tuple(dict.fromkeys(x for x in ids if x is not None))[:MOST_COMPARED],
        tab=tab if tab in TABS else "", rule=_whole(given.get("rule")), criterion=crit if crit in CRITERIA else "",
        mode=mode if mode in MODES else "", every=str(given.get("all") or "") == "1",
        moving=given.get("moving") is True, have=tuple(map(str, have[:8])) if isinstance(have, list) else (),
    )  # fmt: skip
