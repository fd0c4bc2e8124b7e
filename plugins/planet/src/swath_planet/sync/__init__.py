# SPDX-License-Identifier: Apache-2.0
"""The synchronous clients: `Planet` has them all."""

from __future__ import annotations

from swath_planet.sync.client import Planet

__all__ = ["Planet"]
