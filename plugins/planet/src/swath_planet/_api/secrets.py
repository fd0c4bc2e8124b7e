# SPDX-License-Identifier: Apache-2.0
"""Writes secrets into a request, at the last moment."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from swath.models import Secret

__all__ = ["revealed"]


def revealed(value: Any) -> Any:
    """Copy a request with each `swath.Secret` in it revealed. What was given is not changed."""
    if isinstance(value, Secret):
        return value.reveal()
    if isinstance(value, Mapping):
        return {key: revealed(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [revealed(inner) for inner in value]
    return value
