# SPDX-License-Identifier: Apache-2.0
"""Stand-in provider servers on loopback.

`Sandbox` runs those of the installed providers; a plugin's ``sandbox`` hook gets a `World` and returns a `StandIn`.
What helps to write one: `swath.sandbox.serving` (files with ranges), `swath.sandbox.scenes` (pictures) and
`swath.sandbox.catalogue` (what was acquired where and when). Needs ``pip install "swath[sandbox]"``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from swath.sandbox.clock import SandboxClock
from swath.sandbox.faults import Fault, Faults
from swath.sandbox.hooks import Outbox, SentHook
from swath.sandbox.limits import Limiter, Verdict
from swath.sandbox.links import LinkSigner, LinkState, Ticket
from swath.sandbox.log import LoggedRequest, RequestLog
from swath.sandbox.world import StandIn, World

if TYPE_CHECKING:
    from swath.sandbox.catalogue import Catalogue, Scene
    from swath.sandbox.proxy import Interception
    from swath.sandbox.runner import Running, Sandbox, serve

__all__ = [
    "Catalogue",
    "Fault",
    "Faults",
    "Interception",
    "Limiter",
    "LinkSigner",
    "LinkState",
    "LoggedRequest",
    "Outbox",
    "RequestLog",
    "Running",
    "Sandbox",
    "SandboxClock",
    "Scene",
    "SentHook",
    "StandIn",
    "Ticket",
    "Verdict",
    "World",
    "serve",
]

_LAZY = {
    "Catalogue": "catalogue",
    "Scene": "catalogue",
    "Interception": "proxy",
    "Running": "runner",
    "Sandbox": "runner",
    "serve": "runner",
}


def __getattr__(name: str) -> Any:
    if name in _LAZY:
        import importlib

        return getattr(importlib.import_module(f"swath.sandbox.{_LAZY[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(set(globals()) | set(__all__))
