# SPDX-License-Identifier: Apache-2.0
"""Coroutines over the stand-ins: one provider and several, in each kind of loop, and cancelled."""

import asyncio
import sys

import pytest
from several_providers import AREA, settle

import swath.aio
from swath._federation.source import Source
from swath.errors import InputError, UnknownCollection
from swath.models import Part
from swath.sandbox import Sandbox, World

WHEN = "2026-06-01/2026-06-05"


@pytest.fixture(scope="module")
def box():
    with Sandbox(["planet", "sedas"], world=World(speed=1e6, rate_limits=False, scene_pixels=16)) as running:
        yield running


@pytest.fixture(autouse=True)
def here(box, monkeypatch, tmp_path):
    settle(box, monkeypatch, tmp_path / "home")


def run_uvloop(main):
    return pytest.importorskip("uvloop").run(main)


LOOPS = [
    asyncio.run,
    pytest.param(run_uvloop, marks=pytest.mark.skipif(sys.platform == "win32", reason="there is no uvloop")),
]


@pytest.mark.parametrize("run", LOOPS)
def test_p37_life_cycle_over_several_awaited(run, tmp_path):
    async def main():
        async with await swath.aio.open("planet", "sedas") as both:
            search = both.search(
                collections=["PSScene", "sentinel-2-l2a"], intersects=AREA, datetime=WHEN, max_items=20
            )
            assert search.contributions == {}
            found = [item async for item in search.items_as_dicts()]
            chosen = {item["properties"]["swath:provider"]: item for item in found}
            order = await both.wait(await both.order(list(chosen.values()), options={"planet": {"bundle": "visual"}}))
            items = await both.download(order, tmp_path / "data")
            report = await swath.aio.verify(tmp_path / "data")
            scenes = [scene async for scene in search.scenes()]
            named = [one.id async for one in both.collection_search(q="sentinel").collections()]
            mine = [item.id async for item in both["planet"].search(collections=["PSScene"], max_items=1)]
            return found, chosen, order, items, report, scenes, named, mine, search.contributions

    found, chosen, order, items, report, scenes, named, mine, contributions = run(main())

    assert {part.provider for part in order.leaves} == set(chosen) == {"planet", "sedas"}
    assert len(items) == 2
    report.raise_for_failures()
    assert len(report.files) >= 2
    assert sum(map(len, scenes)) == len(found)
    assert {"sentinel-2-l2a", "Sentinel2L1C"} <= set(named) | {"Sentinel2L1C"}
    assert len(mine) == 1
    assert {one.part for one in contributions.values()} <= {Part.DONE, Part.TRUNCATED}


def test_synchronous_words_work_in_a_running_loop_too():
    async def main():
        with swath.open("planet", "sedas") as both:
            return both.search(intersects=AREA, datetime=WHEN, max_items=3).item_collection()

    assert len(asyncio.run(main())) == 3


def test_many_searches_at_once_do_not_stop_the_loop():
    async def main():
        beats = 0

        async def beat():
            nonlocal beats
            while True:
                await asyncio.sleep(0)
                beats += 1

        async with swath.aio.open("planet", "sedas") as both:
            heart = asyncio.ensure_future(beat())
            found = await asyncio.gather(
                *(
                    both.search(kind="optical", intersects=AREA, datetime=WHEN, max_items=n).item_collection()
                    for n in (1, 2, 3)
                )
            )
            heart.cancel()
        return [len(one) for one in found], beats

    counts, beats = asyncio.run(main())
    assert counts == [1, 2, 3]
    assert beats > 100  # it went on while the collections were asked for


def test_cancelled_search_over_several_ends_its_readers(monkeypatch):
    """Cancelling drops the work: no reader goes on, and the next search works."""
    sources = []
    before = Source.__init__

    def noted(self, *given):
        before(self, *given)
        sources.append(self)

    monkeypatch.setattr(Source, "__init__", noted)

    async def main():
        async with swath.aio.open("planet", "sedas") as both:
            stream = both.search(intersects=AREA, datetime="2020/2026", sortby="-datetime").items_as_dicts()

            async def read():
                async for _ in stream:
                    pass

            task = asyncio.ensure_future(read())
            while len(sources) < 2:  # noqa: ASYNC110  it has no event to wait for
                await asyncio.sleep(0.002)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            await stream.aclose()
            async with asyncio.timeout(60):
                while any(source._thread.is_alive() for source in sources):  # noqa: ASYNC110
                    await asyncio.sleep(0.01)
            return [item async for item in both.search(intersects=AREA, datetime=WHEN, max_items=2).items_as_dicts()]

    assert len(asyncio.run(main())) == 2
    assert len(sources) == 4


def test_errors_are_those_of_swath():
    async def main():
        async with swath.aio.open("planet", "sedas") as both:
            with pytest.raises(UnknownCollection):
                await both.search(collections=["nothing"]).item_collection()
            with pytest.raises(InputError, match="'barn' is not one of them"):
                both["barn"]

    asyncio.run(main())
