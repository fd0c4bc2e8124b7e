# SPDX-License-Identifier: Apache-2.0
"""Planet's stand-in server, all its services. Needs ``pip install "swath[sandbox]"``."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from swath.sandbox import StandIn, World

__all__ = ["make_stand_in"]


def make_stand_in(world: World) -> StandIn:
    """Make the stand-in.

    Its first API key is ``sandbox-planet-key``, which may do everything; ``sandbox-planet-viewer`` may search only.
    An order whose name contains ``sandbox:failed``, ``sandbox:partial`` or ``sandbox:stuck`` goes that way; one with
    ``sandbox:expired`` gets links that are dead at once. A subscription named ``sandbox:failed`` fails, one named
    ``sandbox:bad-results`` fails to deliver every second result. Webhooks are posted to this machine only.

    Args:
        world: What it shares with other stand-ins.
    """
    from swath_planet.sandbox.app import build

    return build(world)
