"""Saving a sketched outline: one run, with its reason."""

from __future__ import annotations

from typing import Any

from dash import Input, Output
from dash import State as Was

from app import actions
from app import state as held
from app.i18n import t
from app.pages.callbacks import Pages, guarded
from geo.errors import DatabaseUnavailableError, YuantuError


def _polygon(drawn: Any) -> dict[str, Any] | None:
    """Return the drawn geometry of whatever GeoJSON came, None when there is none."""
    if not isinstance(drawn, dict):
        return None
    if drawn.get("type") == "FeatureCollection":
        features = drawn.get("features") or [None]
        return _polygon(features[0])
    if drawn.get("type") == "Feature":
        return _polygon(drawn.get("geometry"))
    return drawn if drawn.get("type") in ("Polygon", "MultiPolygon") else None


async def save(drawn: Any, target: dict[str, Any] | None, reason: str | None, who: str | None) -> tuple[str, Any]:
    """Save what was drawn; return the sentence of the dialog, and the answer when it was saved."""
    geometry = _polygon(drawn)
    if geometry is None or not target:
        return t("sketch.nothing"), None
    try:
        published = await actions.save_sketch(
            held.settings(), target["layer"], int(target["id"]), geometry, reason or "", who or ""
        )
    except DatabaseUnavailableError:
        raise
    except YuantuError as error:
        return f"{error.message}{error.cure}", None
    text = t("sketch.saved", run=published.run_id)
    return text, {"ok": True, "text": text, "run": published.run_id}


def register(pages: Pages) -> None:
    """Register the dialog's callbacks."""

    async def save_sketch(asked: dict[str, Any] | None, drawn: Any, target: Any) -> Any:
        if not asked:
            return "", None
        return await save(drawn, target, asked.get("reason"), asked.get("who"))

    pages.app.callback(
        Output("sketch-result", "children"), Output("sketch-answer", "data"), Input("sketch-ask", "data"),
        Was("sketch-geometry", "data"), Was("sketch-target", "data"), prevent_initial_call=True,
    )(guarded(save_sketch, 2))  # fmt: skip
    for name, function in (
        ("map-event", "mapEvent"),
        ("sketch-geometry", "sketched"),
        ("sketch-answer", "sketchSaved"),
    ):
        pages.app.clientside_callback(
            f"function(x){{return window.yt ? window.yt.{function}(x) : window.dash_clientside.no_update;}}",
            Output(f"{name}-done", "data"),
            Input(name, "data"),
            prevent_initial_call=True,
        )
