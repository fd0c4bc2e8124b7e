# SPDX-License-Identifier: Apache-2.0
"""SeDAS's stand-in server, after the SeDAS wire contract. Needs ``pip install "swath[sandbox]"``."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from swath.sandbox import StandIn, World
    from swath_sedas.sandbox.settings import Settings

__all__ = ["make_stand_in"]


def make_stand_in(world: World, settings: Settings | None = None) -> StandIn:
    """Make the stand-in.

    The account ``sandbox`` with password ``sandbox-sedas-password`` sees everything; ``sandbox-s2`` with
    ``sandbox-s2-password`` belongs to the group S2 only. How the service behaves is in `settings`; a client changes
    them while it runs by ``PATCH /_sedas/settings``.

    Args:
        world: What it shares with other stand-ins.
        settings: How it behaves; the defaults where left out.
    """
    from swath_sedas.sandbox.app import build

    return build(world, settings)
