# SPDX-License-Identifier: Apache-2.0
"""How often the smaller services may be asked, requests a second by rate-limit bucket.

Planet publishes a figure for destinations only; the others get what the Data API allows.

Source: Planet's documentation of the Destinations and Data APIs (rate limits), read 2026-11.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

__all__ = ["SERVICE_LIMITS"]

SERVICE_LIMITS: Final[Mapping[str, float]] = {
    "subscriptions": 10,
    "features": 10,
    "mosaics": 10,
    "destinations": 3,
    "quota": 10,
}
