# SPDX-License-Identifier: Apache-2.0
"""Capella's hooks, in the sequence of the life cycle."""

from __future__ import annotations

from typing import TYPE_CHECKING

from swath.hookspecs import hookimpl
from swath.models import CredentialField, ProviderInfo, SettingField

if TYPE_CHECKING:
    from swath.sandbox import StandIn, World

__all__ = ["CapellaProvider"]


class CapellaProvider:
    """Capella: catalogue, orders and tasking."""

    @hookimpl
    def describe(self) -> ProviderInfo:
        """Say what Capella is and needs."""
        return ProviderInfo(
            name="capella",
            title="Capella",
            description="High-resolution radar imagery from the archive and on demand, by Capella's API",
            url="https://www.capellaspace.com",
            credentials=[CredentialField(name="api_key", env="CAPELLA_API_KEY", title="API key")],
            settings=[
                SettingField(
                    name="base_url", env="SWATH_CAPELLA_URL", default="https://api.capellaspace.com", origin=True
                )
            ],
        )

    @hookimpl
    def sandbox(self, world: World) -> StandIn:
        """Make Capella's stand-in server."""
        from swath_capella.sandbox import make_stand_in

        return make_stand_in(world)
