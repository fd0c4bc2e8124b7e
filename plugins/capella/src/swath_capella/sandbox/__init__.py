# SPDX-License-Identifier: Apache-2.0
"""Capella's stand-in server, after the Capella wire contract. Needs ``pip install "swath[sandbox]"``."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from swath.sandbox import StandIn, World
    from swath_capella.sandbox.settings import Settings

__all__ = ["make_stand_in"]


def make_stand_in(world: World, settings: Settings | None = None) -> StandIn:
    """Make the stand-in.

    The API key `swath_capella.sandbox.access.FULL_KEY` may do everything; `POOR_KEY` has no money, and `MATE_KEY`
    belongs to another user of the same organisation. How the service behaves is in `settings`; a client changes it by
    ``PATCH /_capella/settings``.

    Args:
        world: Clock, seed and switches that all stand-ins share.
        settings: How it behaves; the defaults if None.
    """
    from swath_capella.sandbox.app import build

    return build(world, settings)
