# SPDX-License-Identifier: Apache-2.0
"""Awaitable faces: what is carried over, and what ends when."""

from __future__ import annotations

import asyncio
import contextvars
import inspect
import socket
import threading

import pytest

from swath._clock import SystemClock
from swath._http.client import HttpClient, Settings
from swath._http.origins import Origins
from swath._worker import at_hand
from swath.aio import Bridge, Face
from swath.errors import NotFound, SwathError

WHO = contextvars.ContextVar("who", default="nobody")


class Shop:
    """A synchronous class."""

    def __init__(self):
        self.calls = []
        self.closed = 0
        self.began = threading.Event()
        self.ended = threading.Event()
        self.most = 0
        self._now = 0
        self._lock = threading.Lock()

    def get(self, name: str, *, loud: bool = False) -> str:
        """Get a thing."""
        self.calls.append(threading.get_ident())
        if name == "none":
            raise NotFound("no such thing")
        return name.upper() if loud else name

    def who(self) -> str:
        """Say for whom it works."""
        return WHO.get()

    def wait(self, delay: float = 60, callback=None) -> str:
        """Wait long."""
        self.began.set()
        try:
            if callback is not None:
                callback("waiting")
            SystemClock().sleep(delay)
        finally:
            self.ended.set()
        return "done"

    def list_all(self, pages: int = 2, size: int = 3):
        """List page by page."""
        try:
            for page in range(pages):
                self.calls.append(page)
                for index in range(size):
                    at_hand(size - index - 1)
                    yield page * size + index
        finally:
            self.closed += 1

    def list_badly(self):
        """List one and fail."""
        yield 1
        raise NotFound("no more")

    def meet(self, barrier):
        """Meet as many others."""
        barrier.wait(10)

    @staticmethod
    def check(name: str) -> None:
        """Check a name."""
        if not name:
            raise NotFound("empty")


class Told(Exception):
    pass


class AsyncShop(
    Face, over=Shop, calls=["get", "who", "wait", "meet"], streams=["list_all", "list_badly"], plain=["check"]
):
    """The same, awaitable."""

    def __init__(self, shop, bridge):
        self._shop, self._made = shop, bridge

    def _bridge(self):
        return self._made

    def _below(self):
        return self._shop

    @staticmethod
    def _told(err: SwathError) -> Exception:
        return Told(err.message)


@pytest.fixture
def shop():
    return Shop()


def run(shop, use):
    """Use a face in a loop of its own."""

    async def main():
        bridge = Bridge()
        try:
            return await use(AsyncShop(shop, bridge))
        finally:
            await bridge.aclose()

    return asyncio.run(main())


def test_face_has_every_public_method():
    public = {name for name in vars(Shop) if not name.startswith("_")}

    assert public == set(AsyncShop._names)
    assert all(hasattr(AsyncShop, name) for name in public)


def test_face_keeps_signatures_names_and_docstrings():
    for name in AsyncShop._names:
        mine, theirs = getattr(AsyncShop, name), getattr(Shop, name)
        assert inspect.signature(mine) == inspect.signature(theirs)
        assert (mine.__name__, mine.__doc__) == (theirs.__name__, theirs.__doc__)
    assert inspect.iscoroutinefunction(AsyncShop.get)
    assert AsyncShop.get.__qualname__ == "AsyncShop.get"


def test_call_runs_on_another_thread(shop):
    async def use(face):
        return await face.get("a", loud=True)

    assert run(shop, use) == "A"
    assert shop.calls != [threading.get_ident()]


def test_wrong_arguments_are_a_type_error_before_any_thread(shop):
    async def use(face):
        with pytest.raises(TypeError):
            await face.get("a", "b", "c")
        with pytest.raises(TypeError):
            face.list_all(colour=1)

    run(shop, use)
    assert shop.calls == []


def test_errors_are_told_by_the_face(shop):
    async def use(face):
        with pytest.raises(Told, match="no such thing") as caught:
            await face.get("none")
        with pytest.raises(Told, match="empty"):
            face.check("")
        return caught.value

    assert isinstance(run(shop, use).__cause__, NotFound)


def test_context_variables_are_carried(shop):
    async def use(face):
        WHO.set("me")
        return await face.who()

    assert run(shop, use) == "me"


def test_stream_gives_all_and_takes_a_page_at_once(shop):
    hops = []

    async def use(face):
        bridge = face._bridge()
        submit = bridge._submit
        bridge._submit = lambda *given: hops.append(1) or submit(*given)
        return [one async for one in face.list_all(pages=2, size=3)]

    assert run(shop, use) == [0, 1, 2, 3, 4, 5]
    assert len(hops) == 3  # two pages, and the end


def test_stream_left_early_asks_for_nothing_more_and_closes(shop):
    async def use(face):
        stream = face.list_all(pages=9)
        async for one in stream:
            if one == 1:
                break
        await stream.aclose()
        return [one async for one in stream]

    assert run(shop, use) == []
    assert shop.calls == [0]
    assert shop.closed == 1


def test_stream_may_be_awaited_first(shop):
    async def use(face):
        stream = await face.list_all(pages=1, size=2)
        return [one async for one in stream]

    assert run(shop, use) == [0, 1]


def test_stream_that_nobody_asks_does_nothing(shop):
    async def use(face):
        face.list_all()

    run(shop, use)
    assert shop.calls == []


def test_stream_gives_what_came_before_its_error(shop):
    async def use(face):
        stream = face.list_badly()
        got = await anext(stream)
        with pytest.raises(Told, match="no more"):
            await anext(stream)
        return got

    assert run(shop, use) == 1


def test_two_tasks_cannot_ask_one_stream_at_once(shop):
    async def use(face):
        stream = face.list_all()
        first = asyncio.ensure_future(anext(stream))
        await asyncio.sleep(0)
        with pytest.raises(RuntimeError, match="another task"):
            await anext(stream)
        return await first

    assert run(shop, use) == 0


def test_cancelling_a_task_ends_its_wait(shop):
    async def use(face):
        began = asyncio.Event()
        task = asyncio.ensure_future(face.wait(3600, callback=lambda _: began.set()))
        await began.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert shop.ended.wait(30)  # not only dropped: it has ended
        return await face.get("still works")

    assert run(shop, use) == "still works"


def test_time_out_ends_the_wait(shop):
    async def use(face):
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.01):
                await face.wait(3600)

    run(shop, use)
    assert not shop.began.is_set() or shop.ended.wait(30)


def test_closing_the_bridge_cancels_what_runs(shop):
    async def use(face):
        began = asyncio.Event()
        task = asyncio.ensure_future(face.wait(3600, callback=lambda _: began.set()))
        await began.wait()
        await face._bridge().aclose()
        with pytest.raises(asyncio.CancelledError):
            await task
        with pytest.raises(RuntimeError, match="closed"):
            await face.get("a")

    run(shop, use)
    assert shop.ended.wait(30)


def test_callbacks_run_in_the_loop_and_their_errors_come_out(shop):
    heard = []

    async def use(face):
        await face.wait(0, callback=lambda state: heard.append((state, threading.get_ident())))
        with pytest.raises(ZeroDivisionError):
            await face.wait(0, callback=lambda _: 1 / 0)

    run(shop, use)
    assert heard == [("waiting", threading.get_ident())]


def test_one_face_serves_several_loops_one_after_another(shop):
    bridge = Bridge()
    face = AsyncShop(shop, bridge)

    assert asyncio.run(face.get("a")) == "a"
    assert asyncio.run(face.get("b")) == "b"
    asyncio.run(bridge.aclose())


def test_fifty_calls_run_at_once_and_threads_are_used_again(shop):
    async def use(face):
        await asyncio.gather(*(face.meet(threading.Barrier(1)) for _ in range(200)))
        barrier = threading.Barrier(50)
        await asyncio.gather(*(face.meet(barrier) for _ in range(50)))
        return len(face._bridge()._workers._threads)

    assert run(shop, use) <= 128


def test_threads_are_bounded(shop):
    async def main():
        bridge = Bridge(threads=2)
        face = AsyncShop(shop, bridge)
        got = await asyncio.gather(*(face.get(str(one)) for one in range(20)))
        await bridge.aclose()
        return got

    assert asyncio.run(main()) == [str(one) for one in range(20)]
    assert len(set(shop.calls)) <= 2


def test_silent_server_is_left_when_the_work_is_dropped():
    """A socket that takes the request and says nothing: the read ends, and with it the thread."""
    asked = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def take():
            with listener.accept()[0] as peer:
                peer.recv(4096)
                asked.set()
                left.append(peer.recv(4096))

        left = []
        server = threading.Thread(target=take)
        server.start()
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        client = HttpClient(Settings(provider="x", account="x", origins=Origins([url]), clock=SystemClock()))

        async def main():
            bridge = Bridge()
            task = asyncio.ensure_future(bridge.run(client.request, "GET", url))
            await asyncio.to_thread(asked.wait)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            assert bridge._running == {}
            await bridge.aclose()

        asyncio.run(main())
        server.join(10)
    assert left == [b""]  # the connection was closed, not kept
    client.close()
