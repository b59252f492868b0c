"""A task in an address: what is packed is unpacked, and nothing else is."""

from __future__ import annotations

import base64
import json
import zlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.pages.site.task import MOST_BYTES, Task, lean
from geo.errors import InputError
from layers.site import parse_profile, presets

leaves = st.none() | st.booleans() | st.integers(-(10**6), 10**6) | st.text(max_size=12)
bodies = st.dictionaries(st.text(max_size=8), st.recursive(leaves, lambda x: st.lists(x, max_size=3), max_leaves=8))
pairs = st.lists(st.tuples(st.text(max_size=6), st.text(max_size=6), st.sampled_from([1.0, 3.0, 1 / 3])), max_size=5)


def packed(data: bytes) -> str:
    squeeze = zlib.compressobj(9, zlib.DEFLATED, -15)
    return base64.urlsafe_b64encode(squeeze.compress(data) + squeeze.flush()).decode().rstrip("=")


@given(bodies, st.lists(bodies, max_size=2), pairs)
def test_a_packed_task_is_the_same_task(profile: dict[str, Any], off: list[dict[str, Any]], made: list[Any]) -> None:
    task = Task(profile, tuple(x for x in off), tuple(made), "auto_parts")
    again = Task.unpack(task.pack())
    assert again == task
    assert all(c.isalnum() or c in "-_" for c in task.pack())


@pytest.mark.parametrize("name", presets())
def test_a_preset_written_leanly_is_the_same_profile(name: str) -> None:
    profile = presets()[name].profile
    task = Task.of_preset(name)
    assert parse_profile(lean(profile)).sha256() == profile.sha256()
    assert Task.unpack(task.pack()).parsed().sha256() == profile.sha256()
    assert len(task.pack()) < 1500


@given(st.text(max_size=60) | st.binary(max_size=60).map(lambda b: base64.urlsafe_b64encode(b).decode()))
def test_anything_else_is_refused_in_words(text: str) -> None:
    try:
        task = Task.unpack(text)
    except InputError as error:
        assert "选址任务" in error.message
    else:
        assert isinstance(task.profile, dict)


@pytest.mark.parametrize(
    "body", [b" " * (MOST_BYTES + 1), b"[" * 100_000, b"[1]", b"null", b'{"profile": {}, "off": 5}', b"\xff"]
)
def test_a_bomb_and_a_stranger_are_refused(body: bytes) -> None:
    with pytest.raises(InputError):
        Task.unpack(packed(body))


def test_a_bare_profile_is_a_task() -> None:
    profile = json.loads(json.dumps(lean(presets()["electronics"].profile)))
    assert Task.of_json(profile) == Task.of_json({"profile": profile}) == Task(profile)


def test_weights_are_replaced_by_shares_of_a_hundred() -> None:
    task = Task.of_preset("electronics")
    ids = [c["id"] for c in task.profile["criteria"]]
    changed = task.with_weights(dict.fromkeys(ids, 1 / len(ids)))
    assert sum(c["weight"] for c in changed.profile["criteria"]) == pytest.approx(100, abs=0.1)
    assert task.with_weights({}) == task
