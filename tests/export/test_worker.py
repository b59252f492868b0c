"""The drawing process: warm, bounded, and replaced when it dies."""

import asyncio
import os
import signal
import time
from pathlib import Path

import pytest

from app.export.worker import Workshop, draw
from geo.errors import ConflictError, InputError, MachineError
from tests.export.world import DATA_DIR, gathered


def own_id() -> int:
    return os.getpid()


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def refuse() -> None:
    raise InputError("不行。", "换一个。", field="x")


def nothing(_: Path) -> None:
    """Draw nothing soon: no need to warm up."""


@pytest.fixture
def shop():
    made = Workshop(DATA_DIR, prepare=nothing)
    yield made
    made.close()


async def test_one_warm_process_draws_many_maps() -> None:
    shop = Workshop(DATA_DIR)
    try:
        first = await shop.run(own_id)
        png = await shop.draw(gathered(dpi=72), "png")
        assert png.startswith(b"\x89PNG")
        assert png == draw(gathered(dpi=72), "png", DATA_DIR)  # the same as in this process
        assert await shop.run(own_id) == first != os.getpid()
    finally:
        shop.close()


async def test_a_dead_process_is_replaced(shop: Workshop) -> None:
    first = await shop.run(own_id)
    os.kill(first, signal.SIGKILL)
    assert await shop.run(own_id) not in (first, os.getpid())


async def test_a_job_that_kills_twice_is_given_up(shop: Workshop) -> None:
    with pytest.raises(MachineError, match="两次"):
        await shop.run(die)
    assert await shop.run(own_id) > 0


async def test_an_error_comes_back_whole(shop: Workshop) -> None:
    with pytest.raises(InputError) as caught:
        await shop.run(refuse)
    assert (caught.value.message, caught.value.cure, caught.value.details) == ("不行。", "换一个。", {"field": "x"})


async def test_a_long_job_is_ended_and_the_next_is_served() -> None:
    shop = Workshop(DATA_DIR, seconds=60, prepare=nothing)
    try:
        first = await shop.run(own_id)
        shop.seconds = 0.3
        with pytest.raises(InputError, match="没有画完"):
            await shop.run(time.sleep, 60)
        shop.seconds = 60
        assert await shop.run(own_id) != first
    finally:
        shop.close()


async def test_a_full_queue_refuses_at_once() -> None:
    shop = Workshop(DATA_DIR, most_waiting=2, prepare=nothing)
    try:
        waiting = [asyncio.create_task(shop.run(time.sleep, 0.2)) for _ in range(2)]
        await asyncio.sleep(0)
        with pytest.raises(ConflictError, match="排队"):
            await shop.run(own_id)
        await asyncio.gather(*waiting)
        assert await shop.run(own_id) > 0
    finally:
        shop.close()


async def test_the_loop_stays_free_while_a_map_is_drawn(shop: Workshop) -> None:
    await shop.run(own_id)
    task = asyncio.create_task(shop.run(time.sleep, 0.5))
    ticks = 0
    while not task.done():
        await asyncio.sleep(0.01)
        ticks += 1
    assert ticks >= 5
