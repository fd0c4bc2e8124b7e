# SPDX-License-Identifier: Apache-2.0
"""The provider under test: what its author says of it, and the fixtures that follow."""

from __future__ import annotations

import datetime as dt
import functools
import threading
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, ClassVar

import pytest

from swath._open import make_provider
from swath._provider import Provider
from swath._registry import open_hooks
from swath.models import ItemDict
from swath.sandbox import LoggedRequest, Sandbox, SandboxClock, World
from swath.sandbox.runner import Running

__all__ = ["BoxClock", "Subject", "given_by"]


class BoxClock:
    """The sandbox's own clock, on which a sleep takes no real time: it puts the clock forward."""

    def __init__(self, clock: SandboxClock) -> None:
        self._clock = clock

    def now(self) -> dt.datetime:
        """Give the sandbox's time of day."""
        return self._clock.now()

    def monotonic(self) -> float:
        """Give the sandbox's seconds."""
        return self._clock.monotonic()

    def sleep(self, seconds: float, *, wake: threading.Event | None = None) -> bool:
        """Put the sandbox's clock forward."""
        if wake is not None and wake.is_set():
            return True
        self._clock.advance(max(seconds, 0.0))
        return False


def given_by(running: Running) -> dict[str, str]:
    """Give the credentials and settings that a stand-in takes, by the names that its provider declares."""
    names = _declared(running.name)
    return {name: running.env[known] for name, variables in names for known in variables if known in running.env}


@functools.cache
def _declared(provider: str) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Give the credentials and settings that a provider declares, each with its variables."""
    info = open_hooks(provider).describe()
    credentials = [(one.name, one.env) for one in info.credentials]
    return (*credentials, *((one.name, one.env) for one in info.settings))


class Subject:
    """What an author says of the provider; subclassed once, and mixed into every class of the suite."""

    name: ClassVar[str]
    """Entry-point name."""
    query: ClassVar[Mapping[str, Any]]
    """Keywords of `Provider.search` that find 4 to 200 items in the stand-in, with collection, area and time."""
    order_query: ClassVar[Mapping[str, Any]] = {}
    """A search whose items need an order, where those of `query` may not; `query` if empty."""
    filter_query: ClassVar[Mapping[str, Any]] = {}
    """A search over items of several kinds, so that some lack what others have; `query` if empty."""
    order: ClassVar[Mapping[str, Any]] = {}
    """Keywords of `Provider.order` for the items of the search."""
    buys: ClassVar[tuple[str, str]]
    """HTTP method and a regular expression for the path of the request that buys."""
    data: ClassVar[str]
    """Regular expression for the paths that product bytes are fetched from."""
    searches: ClassVar[str] = r"search"
    """Regular expression for the paths that searches go to."""
    cannot: ClassVar[Mapping[str, str]] = {}
    """What the provider cannot do, each with the reason, for example ``{"quote": "it publishes no prices"}``.

    - ``"antimeridian"``: find anything on both sides of it near Fiji;
    - ``"cancel"``: drop an order of what exists already;
    - ``"checksums"``: publish a checksum for each file;
    - ``"georeferencing"``: deliver data with a coordinate reference system;
    - ``"late download"``: keep an order's files for 26 hours;
    - ``"quote"``: tell what an order would cost.
    """

    # --- fixtures ---------------------------------------------------------------------------------------------------

    @pytest.fixture(scope="class")
    @classmethod
    def box(cls) -> Iterator[Sandbox]:
        """The running stand-in, without rate limits."""
        with Sandbox([cls.name], world=World(speed=50.0, rate_limits=False)) as running:
            yield running

    @pytest.fixture(autouse=True)
    def _calm(self, box: Sandbox) -> Iterator[None]:
        """Begin every check without faults and with an empty log."""
        box.faults.clear()
        box.log.clear()
        yield
        box.faults.clear()

    @pytest.fixture
    def running(self, box: Sandbox) -> Running:
        """The provider's own stand-in."""
        return box.providers[self.name]

    @pytest.fixture
    def given(self, running: Running) -> dict[str, str]:
        """Credentials and settings that the stand-in takes."""
        return given_by(running)

    @pytest.fixture
    def opening(self, box: Sandbox, given: dict[str, str], tmp_path: Path) -> Iterator[Callable[..., Provider]]:
        """Open the provider as often as wanted, each time as a new process would."""
        opened: list[Provider] = []

        def make(**changes: str) -> Provider:
            one = make_provider(
                self.name,
                profile="conformance",
                given={**given, **changes},
                home=tmp_path / "home",
                clock=BoxClock(box.clock),
            )
            opened.append(one)
            return one

        yield make
        for one in opened:
            one.close()

    @pytest.fixture
    def provider(self, opening: Callable[..., Provider]) -> Provider:
        """The provider, opened."""
        return opening()

    @pytest.fixture
    def items(self, provider: Provider) -> list[ItemDict]:
        """Everything that `query` finds."""
        return list(provider.search(**self.query).items_as_dicts())

    @pytest.fixture
    def wanted(self, provider: Provider) -> list[ItemDict]:
        """Two items that need an order."""
        found = provider.search(**{**(self.order_query or self.query), "max_items": 2})
        return list(found.items_as_dicts())

    # --- helpers ----------------------------------------------------------------------------------------------------

    def bought(self, box: Sandbox) -> list[LoggedRequest]:
        """Give the requests that bought something."""
        method, path = self.buys
        return box.log.entries(provider=self.name, method=method, path=path)

    def fetched(self, box: Sandbox) -> list[LoggedRequest]:
        """Give the requests for product bytes."""
        return box.log.entries(provider=self.name, method="GET", path=self.data)

    def lacks(self, ability: str) -> bool:
        """Whether the author declares that the provider cannot do it."""
        return ability in self.cannot

    @staticmethod
    def ids(items: Any) -> list[str]:
        """Give the items' ids, sorted."""
        return sorted(item["id"] if isinstance(item, dict) else item.id for item in items)
