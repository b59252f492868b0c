"""What the weights of a brief do not change: limits judged and criteria measured, once for all weightings."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from geo.criteria import CRITERIA, Criterion, Sites, World
from geo.criteria_base import Bools, Floats
from geo.criteria_limits import keeps_all
from geo.value_functions import evaluate, resolve
from layers.registry import Catalogue
from layers.site import Alternatives, Profile
from layers.site_limits import Judged, judge
from layers.site_world import Choices
from layers.store.queries_site import Surroundings

MOST_KEPT = 4


@dataclass(frozen=True)
class Steady:
    """A brief without its weights and what follows from them; two are one whose content is the same."""

    digest: str
    profile: Profile = field(compare=False)

    @classmethod
    def of(cls, profile: Profile, alternatives: Alternatives | None = None) -> Steady:
        """Return what of a brief stays when weights, method, draws and words change."""
        bare = profile.model_copy(update={
            "criteria": tuple(c.model_copy(update={"weight": 1.0}) for c in profile.criteria), "stakeholders": (),
            "method": "wsm", "draws": 1, "seed": 1, "spread": None, "title": "", "note": "",
            "alternatives": alternatives or profile.alternatives,
        })  # fmt: skip
        return cls(bare.sha256(), bare)


@dataclass(frozen=True, eq=False)
class Measured:
    """The criteria over the alternatives: raw figures, values 0 to 1, and each value function made complete."""

    criteria: list[Criterion]
    raw: Floats
    values: Floats
    functions: list[dict[str, Any]]


def measure(profile: Profile, sites: Sites, world: World, kept: Any) -> Measured:
    """Measure every chosen criterion; ranges that the brief leaves open follow from the sites that are kept."""
    chosen = [CRITERIA[c.id] for c in profile.criteria]
    raw = np.column_stack([c.measure(sites, world, profile.params) for c in chosen])
    raw[np.isinf(raw)] = np.nan
    functions, values = [], np.full(raw.shape, np.nan)
    for j, (criterion, choice) in enumerate(zip(chosen, profile.criteria, strict=True)):
        kind = choice.value.type
        params = resolve(kind, choice.value.params, raw[kept, j], criterion.objective, criterion.labels)
        values[:, j] = evaluate(kind, params, raw[:, j], criterion.labels)
        functions.append({"type": kind, "params": params})
    return Measured(chosen, raw, values, functions)


def stand(
    profile: Profile, cat: Catalogue, choices: Choices, world: World, around: Surroundings
) -> tuple[Judged, Bools, Measured]:
    """Return what the limits say, which alternatives keep them, and the criteria; kept with the alternatives.

    Raises
    ------
    InputError
        A limit, value function or criterion that cannot be used.
    """
    key = Steady.of(profile, Alternatives())
    found = choices.kept.get(key)
    if found is None:
        judged = judge(profile, cat, choices, world, around)
        keeps = keeps_all(len(choices.rows), judged.breaches)
        found = (judged, keeps, measure(profile, choices.sites, world, keeps))
        held = [k for k in list(choices.kept) if isinstance(k, Steady)]
        for old in held[: len(held) - MOST_KEPT + 1]:
            choices.kept.pop(old, None)
        choices.kept[key] = found
    return found
