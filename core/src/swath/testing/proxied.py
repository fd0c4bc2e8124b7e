# SPDX-License-Identifier: Apache-2.0
"""The provider under test, opened through a proxy that makes trouble."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from swath._open import make_provider
from swath._provider import Provider
from swath.models import ItemDict
from swath.sandbox import Sandbox
from swath.sandbox.runner import Running
from swath.testing.proxy import FaultProxy
from swath.testing.subject import BoxClock, Subject

__all__ = ["Proxied", "files"]

_READ_S = 2.0
"""Seconds of real silence that a client under test bears: a stall takes as long, and a busy machine less."""


def files(folder: Path) -> dict[str, str]:
    """Give the SHA-256 of the product files below a folder, by path: not of items, receipts or parts."""
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.suffix != ".json" and not path.name.startswith(".") and path.suffix != ".part"
    }


class Proxied(Subject):
    """A subject with a `FaultProxy` before its stand-in."""

    # --- fixtures ---------------------------------------------------------------------------------------------------

    @pytest.fixture
    def proxy(self, box: Sandbox, running: Running) -> Iterator[FaultProxy]:
        """The proxy before the stand-in."""
        with FaultProxy(running.base_url, now=box.clock.now) as between:
            yield between

    @pytest.fixture
    def opening_proxied(
        self, box: Sandbox, running: Running, proxy: FaultProxy, given: dict[str, str], tmp_path: Path
    ) -> Iterator[Callable[[], Provider]]:
        """Open the provider through the proxy, each time as a new process would."""
        opened: list[Provider] = []

        def make() -> Provider:
            one = make_provider(
                self.name,
                profile="conformance",
                given={name: value.replace(running.base_url, proxy.base_url) for name, value in given.items()},
                home=tmp_path / "home",
                clock=BoxClock(box.clock),
                read_s=_READ_S,
            )
            opened.append(one)
            return one

        yield make
        for one in opened:
            one.close()

    @pytest.fixture
    def proxied(self, opening_proxied: Callable[[], Provider]) -> Provider:
        """The provider, opened through the proxy."""
        return opening_proxied()

    @pytest.fixture
    def chosen(self, proxied: Provider) -> list[ItemDict]:
        """Two items that need an order, found through the proxy."""
        found = proxied.search(**{**(self.order_query or self.query), "max_items": 2})
        return list(found.items_as_dicts())
