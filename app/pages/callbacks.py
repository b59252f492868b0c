"""How every callback of the pages is made: async, one state in, components out, faults as a sentence."""

from __future__ import annotations

import functools
import json
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

from dash import Dash, Output, no_update, set_props
from dash import State as Was
from dash._utils import to_json
from dash.exceptions import PreventUpdate
from fastapi import FastAPI, Request, Response

from app import state as held
from app.i18n import t
from app.pages.markup import to_html
from app.pages.source import Source
from app.pages.state import State
from geo.errors import DatabaseUnavailableError, YuantuError
from layers.registry import Catalogue

DATED = ("/", "/report")  # pages of one layer on one day
LOG = logging.getLogger("yuantu.pages")


@dataclass(frozen=True)
class Asker:
    """Who asks for a panel, and at which address: for panels that only some may see, or that read more of it."""

    address: str = ""
    remote: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)


ASKER: ContextVar[Asker] = ContextVar("asker", default=Asker())  # noqa: B039 - frozen, and its default is nobody


@dataclass(frozen=True)
class Pages:
    """What the pages stand on: the Dash app, the catalogue, and where the numbers come from."""

    app: Dash
    cat: Catalogue
    panels: dict[str, Panel] = field(default_factory=dict)

    @property
    def source(self) -> Source:
        """The numbers, through the server's reader."""
        return Source(held.reader(), self.cat)

    def state(self, address: str) -> State:
        """Read a state from an address such as ``/?layer=park``."""
        page, _, query = address.partition("?")
        return State.from_query(self.cat, query, page or "/")


def outage_of(error: Exception) -> dict[str, str]:
    """Return what the page says of a fault: its kind, its sentence and the cure."""
    if isinstance(error, DatabaseUnavailableError):
        return {"kind": "database", "text": error.message, "cure": t("outage.recovers")}
    if isinstance(error, YuantuError):
        return {"kind": "input", "text": error.message, "cure": error.cure}
    LOG.error("a page's part failed", exc_info=error)
    return {"kind": "fault", "text": t("outage.fault"), "cure": t("outage.fault_cure")}


def guarded(function: Callable[..., Awaitable[Any]], n_outputs: int) -> Callable[..., Awaitable[Any]]:
    """Turn faults of a callback into the page's sentence and leave what is on the screen."""

    @functools.wraps(function)
    async def run(*args: Any) -> Any:
        try:
            return await function(*args)
        except PreventUpdate:
            raise
        except Exception as error:
            set_props("outage", {"data": outage_of(error)})
        return no_update if n_outputs == 1 else (no_update,) * n_outputs

    return run


def on_slice(
    pages: Pages, name: str, outputs: Sequence[Output], function: Callable[..., Awaitable[Any]], *states: Was
) -> None:
    """Call ``function(pages, state, extra…)`` when a slice of the address changes.

    The page's script asks ``/panels/<name>`` and paints the answer itself (``assets/10-state.js``): Dash's
    renderer goes over the whole page for every answer, which is a tenth of a second each time.

    Parameters
    ----------
    name : str
        A slice of ``state.SLICES``.
    outputs : sequence of Output
        As many as the function returns; a single one gets the value itself. What goes to ``children`` is
        plain HTML, anything else a property of a Dash component.
    states : State
        Further values, passed after the state: properties that another slice or the map has set.
    """
    pages.panels[name] = Panel(
        tuple(outputs), tuple(f"{s.component_id}.{s.component_property}" for s in states), function
    )


@dataclass(frozen=True)
class Panel:
    """What a slice of the address fills, what it needs besides the address, and the function that makes it."""

    outputs: tuple[Output, ...]
    was: tuple[str, ...]
    function: Callable[..., Awaitable[Any]]


async def fill_panel(pages: Pages, name: str, address: str, was: Sequence[Any] = ()) -> dict[str, Any]:
    """Return what a slice shows at an address: ``html`` by element id, ``props`` as (id, property, value)."""
    panel = pages.panels[name]
    extra = [*was, *(None for _ in panel.was)][: len(panel.was)]
    try:
        state = await settle(pages.source, pages.state(address))
        answer = await panel.function(pages, state, *extra)
        notes = await notes_of(pages, state)
    except PreventUpdate:
        return {}
    except Exception as error:
        return {"outage": outage_of(error)}
    values = [answer] if len(panel.outputs) == 1 else list(answer)
    pairs = [(o, v) for o, v in zip(panel.outputs, values, strict=True) if v is not no_update]
    painted = {o.component_id: to_html(v) for o, v in pairs if o.component_property == "children"}
    props = [(o.component_id, o.component_property, v) for o, v in pairs if o.component_property != "children"]
    return {"html": painted, "props": props, "notes": notes}


async def settle(source: Source, state: State) -> State:
    """Return the state without the areas that nobody knows: they would empty the table and leave the sums."""
    if not state.areas:
        return state
    have = await source.codes(state.axis)
    lost = [x for x in state.areas if x not in have]
    if not lost:
        return state
    return state.but(
        areas=tuple(x for x in state.areas if x in have), unknown=(*state.unknown, ("area", ",".join(lost)))
    )


async def notes_of(pages: Pages, state: State) -> list[dict[str, str]]:
    """Return the sentences on what the URL asks and is not done, and on a day that the records do not reach.

    Each has ``text``, and ``key`` and ``value`` of the parameter to leave out.
    """
    found = []
    for key, value in state.unknown:
        what = t(f"note.{key.partition('.')[0]}", name=key.removeprefix("f."), value=value)
        found.append({"text": what, "key": key, "value": value})
    if state.as_of is not None and state.page in DATED:
        said = await pages.source.day_note(state, pages.cat.layer(state.layer))
        found += [{"text": said, "key": "as_of", "value": state.as_of.isoformat()}] if said else []
    return found


def add_panels(server: FastAPI, pages: Pages) -> None:
    """Answer ``/panels/<name>?at=<address>&was=<JSON list>`` for every registered slice."""

    async def panel(request: Request, name: str, at: str, was: str = "[]") -> Response:
        try:
            given = json.loads(was)
        except ValueError:
            given = None
        if name not in pages.panels or not isinstance(given, list):
            return Response(status_code=404)
        ASKER.set(Asker(at, request.client.host if request.client else None, request.headers))
        made = await fill_panel(pages, name, at, given)
        return Response(to_json(made), media_type="application/json", headers={"Cache-Control": "no-store"})

    server.add_api_route("/panels/{name}", panel, include_in_schema=False)
