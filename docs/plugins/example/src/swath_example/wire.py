# SPDX-License-Identifier: Apache-2.0
"""What the service answers, as records: the only place that knows its words."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from attrs import frozen

from swath.models import OrderState

__all__ = ["STATES", "File", "Files", "OrderList", "OrderPayload", "Price", "Scene", "SceneList", "Status"]


class Status(StrEnum):
    """The service's words for where an order stands."""

    NEW = "new"
    WORKING = "working"
    READY = "ready"
    FAILED = "failed"
    DROPPED = "dropped"


STATES: Mapping[str, OrderState] = {
    Status.NEW: OrderState.ORDERED,
    Status.WORKING: OrderState.PENDING,
    Status.READY: OrderState.SUCCEEDED,
    Status.FAILED: OrderState.FAILED,
    Status.DROPPED: OrderState.CANCELED,
}
"""Our word for each of theirs."""


@frozen(kw_only=True)
class Scene:
    """One scene of a search."""

    id: str
    taken: dt.datetime
    satellite: str
    cloud: float
    """Fraction, 0 to 1, of three digits."""
    tilt: float
    """Degrees off nadir."""
    sun: float
    """Degrees over the horizon."""
    pixel: float
    """Metres."""
    outline: dict[str, Any]
    """GeoJSON geometry."""
    preview: str


@frozen(kw_only=True)
class SceneList:
    """One page of a search."""

    scenes: tuple[Scene, ...]
    next: str | None = None


@frozen(kw_only=True)
class Price:
    """What scenes would cost, and what the account has."""

    credits: float
    left: float


@frozen(kw_only=True)
class OrderPayload:
    """An order."""

    id: str
    reference: str
    status: Status | str
    """A word that the service adds one day passes as plain text, with one warning."""
    created: dt.datetime
    problem: str | None = None


@frozen(kw_only=True)
class OrderList:
    """The account's orders."""

    orders: tuple[OrderPayload, ...]


@frozen(kw_only=True)
class File:
    """One delivered file, with a link that dies."""

    scene: str
    name: str
    bytes: int
    sha256: str
    url: str
    until: dt.datetime


@frozen(kw_only=True)
class Files:
    """What an order delivered."""

    files: tuple[File, ...]
