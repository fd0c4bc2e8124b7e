# SPDX-License-Identifier: Apache-2.0
"""What authors of providers test with: the conformance suite, a proxy that makes trouble, and a clock in the hand.

A plugin adopts the suite in one short file. Each class is one step of the life cycle, and runs against the plugin's own
stand-in server::

    from swath import testing


    class Example(testing.Subject):
        name = "example"
        query = {"collections": ["scenes"], "bbox": [5.4, 52.4, 5.6, 52.6], "datetime": "2026-06-01/2026-06-15"}
        buys = ("POST", r"/orders$")
        data = r"/files/"


    class TestDescribe(Example, testing.BaseDescribe): ...


    class TestSearch(Example, testing.BaseSearch): ...

What a provider cannot do is declared in `Subject.cannot`, with the reason; a check that a declared ability fails is a
failure, never a skip. New checks come with a minor release of swath; a check changes its meaning only with a major one.
"""

from __future__ import annotations

import importlib
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from swath.testing.authenticating import BaseAuthenticate
    from swath.testing.clock import FakeClock
    from swath.testing.describing import BaseDescribe
    from swath.testing.downloading import BaseDownload
    from swath.testing.faulting import BaseFaults
    from swath.testing.filtering import BaseFilter
    from swath.testing.loading import BaseLoad
    from swath.testing.ordering import BaseOrder
    from swath.testing.proxy import FaultProxy, Passage
    from swath.testing.rules import Rule
    from swath.testing.searching import BaseSearch
    from swath.testing.subject import Subject
    from swath.testing.tasking import BaseTask

__all__ = [
    "BaseAuthenticate",
    "BaseDescribe",
    "BaseDownload",
    "BaseFaults",
    "BaseFilter",
    "BaseLoad",
    "BaseOrder",
    "BaseSearch",
    "BaseTask",
    "FakeClock",
    "FaultProxy",
    "Passage",
    "Rule",
    "Subject",
]

_PLACES = {
    "BaseAuthenticate": "authenticating",
    "BaseDescribe": "describing",
    "BaseDownload": "downloading",
    "BaseFaults": "faulting",
    "BaseFilter": "filtering",
    "BaseLoad": "loading",
    "BaseOrder": "ordering",
    "BaseSearch": "searching",
    "BaseTask": "tasking",
    "FakeClock": "clock",
    "FaultProxy": "proxy",
    "Passage": "proxy",
    "Rule": "rules",
    "Subject": "subject",
}


_BEHIND = ("faulting_files", "proxied", "troubles")
_WITHOUT_PYTEST = frozenset({"FakeClock", "FaultProxy", "Passage", "Rule"})


def __getattr__(name: str) -> Any:
    if name not in _PLACES:
        msg = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(msg)
    if name in _WITHOUT_PYTEST:
        return getattr(importlib.import_module(f"swath.testing.{_PLACES[name]}"), name)
    _rewrite_asserts()
    return getattr(importlib.import_module(f"swath.testing.{_PLACES[name]}"), name)


def _rewrite_asserts() -> None:
    """Let pytest explain the suite's assertions as it does those of test files."""
    import pytest

    places = {*_PLACES.values(), *_BEHIND}
    modules = {f"swath.testing.{place}" for place in places} - sys.modules.keys()
    if modules:
        pytest.register_assert_rewrite(*sorted(modules))


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
