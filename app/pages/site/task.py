"""What a person is working on: a profile, the limits switched off, the comparisons; and its form in an address.

In an address a task is raw deflate of its JSON in base64url; what is ordinary is left out of the JSON.
"""

from __future__ import annotations

import base64
import binascii
import json
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from app.i18n import t
from geo.errors import InputError
from layers.site import Profile, parse_profile, presets

MOST_BYTES = 2_000_000
FIRST = "auto_parts"


@dataclass(frozen=True)
class Task:
    """A profile as the person wrote it, and what the page keeps beside it.

    Attributes
    ----------
    profile : dict
        PROFILE.
    off : tuple of dict
        Limits that are switched off for now.
    pairs : tuple of (criterion, criterion, ratio)
        Paired comparisons, as far as they have been made.
    preset : str
        The preset it began with.
    """

    profile: dict[str, Any]
    off: tuple[dict[str, Any], ...] = ()
    pairs: tuple[tuple[str, str, float], ...] = ()
    preset: str = ""

    @classmethod
    def of_preset(cls, name: str) -> Task:
        """Return the task of a shipped preset.

        Raises
        ------
        InputError
            There is none of that name.
        """
        found = presets().get(name)
        if found is None:
            raise InputError(
                t("site.e_preset", name=name[:40]), t("site.e_preset_cure", known=t("list.comma").join(presets()))
            )
        return cls(lean(found.profile), preset=name)

    @classmethod
    def of_json(cls, given: Any) -> Task:
        """Read a task from JSON: the page's own, or a bare PROFILE.

        Raises
        ------
        InputError
            It is neither.
        """
        if not isinstance(given, Mapping):
            raise InputError(t("site.e_json"), t("site.e_json_cure"))
        body = given.get("profile") if isinstance(given.get("profile"), Mapping) else given
        assert isinstance(body, Mapping)
        mine = given if body is not given else {}
        try:
            off = tuple(dict(x) for x in mine.get("off") or ())
            pairs = tuple((str(a), str(b), float(r)) for a, b, r in mine.get("pairs") or ())
        except (TypeError, ValueError) as error:
            raise InputError(t("site.e_task"), t("site.e_task_cure")) from error
        return cls(dict(body), off[:60], pairs[:200], str(mine.get("preset") or "")[:40])

    @classmethod
    def unpack(cls, text: str) -> Task:
        """Read a task from an address.

        Raises
        ------
        InputError
            The text is broken or too large.
        """
        try:
            raw = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
            inflate = zlib.decompressobj(-15)
            body = inflate.decompress(raw, MOST_BYTES)
            if inflate.unconsumed_tail or not inflate.eof:
                raise ValueError("too large or cut")
            given = json.loads(body)
        except (ValueError, binascii.Error, zlib.error, RecursionError) as error:
            raise InputError(t("site.e_link"), t("site.e_link_cure")) from error
        return cls.of_json(given)

    def parsed(self) -> Profile:
        """Return the checked profile.

        Raises
        ------
        InputError
            Something in it cannot be used.
        """
        return parse_profile(self.profile)

    def as_json(self) -> dict[str, Any]:
        """Return the whole task as JSON."""
        return {"profile": self.profile, "off": list(self.off), "pairs": [list(p) for p in self.pairs],
                "preset": self.preset}  # fmt: skip

    def pack(self) -> str:
        """Return the task for an address."""
        plain = {k: v for k, v in self.as_json().items() if v or k == "profile"}
        body = json.dumps(plain, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode()
        squeeze = zlib.compressobj(9, zlib.DEFLATED, -15)
        return base64.urlsafe_b64encode(squeeze.compress(body) + squeeze.flush()).decode().rstrip("=")

    def with_weights(self, weights: Mapping[str, float]) -> Task:
        """Return this task with other weights, as shares of 100."""
        criteria = [
            {**c, "weight": round(100 * float(weights[c["id"]]), 2)} if c.get("id") in weights else c
            for c in self.profile.get("criteria", [])
        ]
        return replace(self, profile={**self.profile, "criteria": criteria})


def lean(profile: Profile) -> dict[str, Any]:
    """Return a profile without what is ordinary, as a person would write it."""
    body: dict[str, Any] = profile.model_dump(mode="json", exclude_defaults=True)
    return {"version": 1, **body}
