"""How every callback of the pages is made: async, one state in, components out, faults as a sentence."""

from __future__ import annotations

import functools
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any

from dash import Dash, Input, Output, no_update, set_props
from dash import State as Was
from dash.exceptions import PreventUpdate

from app import state as held
from app.i18n import t
from app.pages.markup import to_html
from app.pages.source import Source
from app.pages.state import State
from geo.errors import DatabaseUnavailableError, YuantuError
from layers.registry import Catalogue

LOG = logging.getLogger("yuantu.pages")


@dataclass(frozen=True)
class Pages:
    """What the pages stand on: the Dash app, the catalogue, and where the numbers come from."""

    app: Dash
    cat: Catalogue

    @property
    def source(self) -> Source:
        """The numbers, through the server's reader."""
        return Source(held.reader(), self.cat)

    def state(self, address: str) -> State:
        """Read a state from an address such as ``/?layer=park``."""
        page, _, query = address.partition("?")
        return State.from_query(self.cat, query, page or "/")


def guarded(
    function: Callable[..., Awaitable[Any]], n_outputs: int, always_many: bool = False
) -> Callable[..., Awaitable[Any]]:
    """Turn faults of a callback into the page's sentence and leave what is on the screen."""

    @functools.wraps(function)
    async def run(*args: Any) -> Any:
        try:
            return await function(*args)
        except PreventUpdate:
            raise
        except DatabaseUnavailableError as error:
            set_props("outage", {"data": {"kind": "database", "text": error.message, "cure": t("outage.recovers")}})
        except YuantuError as error:
            set_props("outage", {"data": {"kind": "input", "text": error.message, "cure": error.cure}})
        except Exception:
            LOG.exception("callback %s failed", function.__name__)
            set_props("outage", {"data": {"kind": "fault", "text": t("outage.fault"), "cure": t("outage.fault_cure")}})
        return no_update if n_outputs == 1 and not always_many else (no_update,) * n_outputs

    return run


def on_slice(
    pages: Pages, name: str, outputs: Sequence[Output], function: Callable[..., Awaitable[Any]], *states: Was
) -> None:
    """Call ``function(pages, state, extra…)`` when a slice of the address changes.

    Parameters
    ----------
    name : str
        A slice of ``state.SLICES``; the store ``s-<name>`` holds the address.
    outputs : sequence of Output
        As many as the function returns; a single one gets the value itself. What goes to ``children`` is
        plain HTML: it is painted from the store ``h-<name>`` (``assets/10-state.js``).
    states : State
        Further values, passed after the state.
    """
    painted = [o.component_property == "children" for o in outputs]
    kept = [o for o, paint in zip(outputs, painted, strict=True) if not paint]

    async def callback(address: str | None, *extra: Any) -> Any:
        if not address:
            raise PreventUpdate
        answer = await function(pages, pages.state(address), *extra)
        values = [answer] if len(outputs) == 1 else list(answer)
        pairs = list(zip(outputs, values, painted, strict=True))
        html = {o.component_id: to_html(v) for o, v, paint in pairs if paint}
        return [*([html] if html else []), *(v for _, v, paint in pairs if not paint)]

    callback.__name__ = f"on_{name}_{function.__name__}"
    store = [Output(f"h-{name}", "data")] if any(painted) else []
    all_outputs = [*store, *kept]
    pages.app.callback(all_outputs, Input(f"s-{name}", "data"), *states, prevent_initial_call=True)(
        guarded(callback, len(all_outputs), always_many=True)
    )
    if store:
        pages.app.clientside_callback(
            "function(x){return window.yt ? window.yt.paint(x) : window.dash_clientside.no_update;}",
            Output(f"h-{name}-done", "data"),
            Input(f"h-{name}", "data"),
            prevent_initial_call=True,
        )
