# SPDX-License-Identifier: Apache-2.0
"""What an examination finds."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from attrs import field, frozen

__all__ = ["Finding", "Level"]


class Level(StrEnum):
    """How bad it is."""

    OK = "ok"
    WARN = "warn"
    """Works, or is not needed, yet worth knowing."""
    FAIL = "fail"


@frozen(kw_only=True)
class Finding:
    """One thing that was looked at."""

    part: str
    """``"versions"``, ``"plugins"``, ``"credentials"``, ``"network"``, ``"clock"``, ``"proxy"``, ``"disk"``,
    ``"ledger"``."""
    name: str
    level: Level = Level.OK
    text: str = ""
    hint: str = ""
    """What to do, where something is not right."""
    facts: Mapping[str, Any] = field(factory=dict)
    """The same for programs."""
