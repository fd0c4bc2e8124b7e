# SPDX-License-Identifier: Apache-2.0
"""Cecil's hooks, in the sequence of the life cycle."""

from __future__ import annotations

from typing import TYPE_CHECKING

from swath.hookspecs import hookimpl
from swath.models import ProviderInfo

if TYPE_CHECKING:
    from swath.sandbox import StandIn, World

__all__ = ["CecilProvider"]


class CecilProvider:
    """Cecil."""

    @hookimpl
    def describe(self) -> ProviderInfo:
        """Say what it can do."""
        return ProviderInfo(name="cecil", title="Cecil")

    @hookimpl
    def sandbox(self, world: World) -> StandIn:
        """Make the stand-in."""
        from swath_cecil.sandbox import make_stand_in

        return make_stand_in(world)
