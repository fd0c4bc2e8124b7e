# SPDX-License-Identifier: Apache-2.0
"""The bundle specification that the Orders API publishes."""

from __future__ import annotations

import json
from importlib.resources import files
from typing import Any

__all__ = ["SPEC", "bundle_assets", "has_pair"]

SPEC: dict[str, Any] = json.loads(files(__package__).joinpath("bundles.json").read_text(encoding="utf-8"))
"""As it is served."""


def has_pair(item_type: str, bundle: str) -> bool:
    """Say whether an item type can be ordered in a bundle."""
    return item_type in SPEC["bundles"].get(bundle, {"assets": {}})["assets"]


def bundle_assets(item_type: str, bundle: str) -> tuple[str, ...]:
    """Give the asset types of a bundle.

    Raises:
        KeyError: For a pair that does not exist.
    """
    return tuple(SPEC["bundles"][bundle]["assets"][item_type])
