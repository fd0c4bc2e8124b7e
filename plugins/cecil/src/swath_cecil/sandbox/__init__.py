# SPDX-License-Identifier: Apache-2.0
"""Cecil's stand-in server, after the Cecil wire contract. Needs ``pip install "swath[sandbox]"``."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from swath.sandbox import StandIn, World
    from swath_cecil.sandbox.settings import Settings

__all__ = ["make_stand_in"]


def make_stand_in(world: World, settings: Settings | None = None) -> StandIn:
    """Make the stand-in.

    The API key `swath_cecil.sandbox.access.FULL_KEY` belongs to a verified organisation, `SMALL_KEY` to one that is not
    verified. How the service behaves is in `settings`; a client changes it by ``PATCH /_cecil/settings``.

    Args:
        world: Clock, seed and switches that all stand-ins share.
        settings: How it behaves; the defaults if None.
    """
    from swath_cecil.sandbox.app import build

    return build(world, settings)
