import asyncio

import pytest

from app.pages.source import _cut, once, while_unchanged


async def test_those_who_ask_the_same_at_once_share_one_answer() -> None:
    asked = 0

    async def ask() -> int:
        nonlocal asked
        asked += 1
        mine = asked
        await asyncio.sleep(0)
        return mine

    assert await asyncio.gather(*(once(("a",), ask) for _ in range(5))) == [1] * 5
    assert await once(("a",), ask) == 2  # later ones ask anew
    assert await asyncio.gather(once(("a",), ask), once(("b",), ask)) == [3, 4]


async def test_a_fault_reaches_everyone_and_is_not_kept() -> None:
    async def fail() -> None:
        raise ValueError("away")

    found = await asyncio.gather(once(("c",), fail), once(("c",), fail), return_exceptions=True)
    assert [str(x) for x in found] == ["away", "away"]

    async def work() -> str:
        return "back"

    assert await once(("c",), work) == "back"


async def test_one_who_leaves_takes_nothing_from_the_others() -> None:
    begun = asyncio.Event()

    async def slow() -> str:
        begun.set()
        await asyncio.sleep(0.01)
        return "here"

    first = asyncio.ensure_future(once(("d",), slow))
    await begun.wait()
    second = asyncio.ensure_future(once(("d",), slow))
    first.cancel()
    assert await second == "here"
    with pytest.raises(asyncio.CancelledError):
        await first


def test_a_long_tail_is_cut_and_an_even_spread_is_not() -> None:
    assert _cut([0.0, 1.0, 2.0, 100.0], [60, 39, 1]) == 2.0
    assert _cut([0.0, 1.0, 2.0, 3.0], [3, 3, 3]) is None
    assert _cut([], []) is None


class Versions:
    """A reader of which only the layers' versions are asked."""

    def __init__(self) -> None:
        self.now = {"park": 1}

    async def versions(self) -> dict[str, int]:
        return dict(self.now)


async def test_an_answer_is_kept_until_any_layer_changes() -> None:
    reader, asked = Versions(), []

    async def ask() -> int:
        asked.append(1)
        return len(asked)

    async def answer(question: str) -> int:
        return await while_unchanged(reader, (question,), ask)

    assert [await answer("a"), await answer("a")] == [1, 1]
    assert await answer("b") == 2
    reader.now = {"park": 2}
    assert [await answer("a"), await answer("a"), await answer("b")] == [3, 3, 4]
