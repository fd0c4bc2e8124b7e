# SPDX-License-Identifier: Apache-2.0
"""Capella's words, under the names that its own client has for them.

Members are plain text or numbers, so that a member and its value can stand for one another, and a value can be looked
for: ``"GEO" in ProductType``.

Source: the Capella wire contract, 2.2, 4.2, 5.1 and 6.1, read 2026-11.
"""

from __future__ import annotations

from enum import Enum, EnumMeta, IntEnum, StrEnum
from typing import Any

__all__ = [
    "ArchiveHoldback",
    "AssetType",
    "AuthHeaderPrefix",
    "CollectionTier",
    "CollectionType",
    "InsarOrbit",
    "InstrumentMode",
    "LocalTimeOption",
    "ObservationDirection",
    "OrbitState",
    "OrbitalPlane",
    "OwnershipOption",
    "Polarization",
    "ProductType",
    "RepeatCollectionTier",
    "RepeatCycle",
    "SquintMode",
    "TaskingRequestStatus",
]


class _ByValue(EnumMeta):
    """Lets ``in`` find values, in all versions of Python."""

    def __contains__(cls, value: object) -> bool:
        return value in cls._value2member_map_ if isinstance(value, str | int) else isinstance(value, cls)


class _Words(StrEnum, metaclass=_ByValue):
    @classmethod
    def is_valid(cls, value: Any) -> bool:
        """Whether it is one of the values."""
        return value in cls


class _Numbers(IntEnum, metaclass=_ByValue):
    @classmethod
    def is_valid(cls, value: Any) -> bool:
        """Whether it is one of the values."""
        return value in cls


class ProductType(_Words):
    """What a product is."""

    SLC = "SLC"
    GEO = "GEO"
    SICD = "SICD"
    GEC = "GEC"
    SIDD = "SIDD"
    CPHD = "CPHD"
    CSI = "CSI"
    CSIDD = "CSIDD"
    VC = "VC"
    VS = "VS"
    ACD = "ACD"


class AssetType(_Words):
    """Files of a product that can be downloaded; `raster` stands for `HH` and `VV`."""

    preview = "preview"
    thumbnail = "thumbnail"
    HH = "HH"
    VV = "VV"
    raster = "raster"
    metadata = "metadata"
    analytic_product = "analytic_product"
    analytic_product_diag = "analytic_product_diag"
    landmask = "landmask"
    changemap = "changemap"
    log = "log"
    profile = "profile"
    stats = "stats"
    stats_plots = "stats_plots"


class OrbitState(_Words):
    """Which way the satellite flies."""

    ascending = "ascending"
    descending = "descending"
    either = "either"


class ObservationDirection(_Words):
    """Which side the antenna looks to."""

    left = "left"
    right = "right"
    either = "either"


class OrbitalPlane(_Numbers):
    """Inclination of the orbit, degrees."""

    fortyfive = 45
    fiftythree = 53
    ninetyseven = 97


class InstrumentMode(_Words):
    """How the antenna is steered."""

    stripmap = "stripmap"
    spotlight = "spotlight"
    sliding_spotlight = "sliding_spotlight"


class CollectionType(_Words):
    """What can be tasked."""

    SPOTLIGHT = "spotlight"
    SPOTLIGHT_ULTRA = "spotlight_ultra"
    SPOTLIGHT_WIDE = "spotlight_wide"
    STRIPMAP_20 = "stripmap_20"
    STRIPMAP_50 = "stripmap_50"
    STRIPMAP_100 = "stripmap_100"
    PARALLEL_STRIPMAP_20 = "parallel_stripmap_20"
    PARALLEL_STRIPMAP_50 = "parallel_stripmap_50"
    PARALLEL_STRIPMAP_100 = "parallel_stripmap_100"


class CollectionTier(_Words):
    """How urgent a tasking request is."""

    urgent = "urgent"
    priority = "priority"
    standard = "standard"
    flexible = "flexible"
    internal = "internal"


class RepeatCollectionTier(_Words):
    """How urgent a repeat request is."""

    flexible = "flexible"
    routine = "routine"
    internal = "internal"
    insar = "insar"
    insar_internal = "insar-internal"


class RepeatCycle(_Numbers):
    """Days between acquisitions."""

    DAILY = 1
    WEEKLY = 7
    BI_WEEKLY = 14
    MONTHLY = 30


class TaskingRequestStatus(_Words):
    """Where a tasking or repeat request stands."""

    received = "received"
    review = "review"
    submitted = "submitted"
    active = "active"
    accepted = "accepted"
    rejected = "rejected"
    expired = "expired"
    completed = "completed"
    anomaly = "anomaly"
    canceled = "canceled"
    error = "error"
    failed = "failed"


class ArchiveHoldback(_Words):
    """How long what was tasked stays out of the archive."""

    none = "none"
    one_year = "1_year"
    thirty_day = "30_day"
    permanent = "permanent"


class Polarization(_Words):
    """Polarisation sent and received."""

    HH = "HH"
    VV = "VV"


class LocalTimeOption(_Words):
    """Time of the local day."""

    day = "day"
    night = "night"
    anytime = "anytime"


class OwnershipOption(_Words):
    """Whose an item is."""

    ORG = "ownedByOrganization"
    PUBLIC = "publiclyAvailable"
    SHARED = "sharedWithOrganization"
    PURCHASABLE = "availableForPurchase"


class SquintMode(_Words):
    """Whether the antenna may look forward or back."""

    ENABLED = "enabled"
    DISABLED = "disabled"
    FORWARD = "forward"
    BACKWARD = "backward"


class InsarOrbit(_Words):
    """Orbits whose ground track repeats for interferometry."""

    MIO_53_2P95 = "MIO_53_2P95"
    SSO_97_7P00 = "SSO_97_7P00"


class AuthHeaderPrefix(Enum):
    """Schemes of the ``Authorization`` header."""

    BASIC = "Basic"
    TOKEN = "Bearer"  # noqa: S105 - the word, no token
    API_KEY = "ApiKey"
