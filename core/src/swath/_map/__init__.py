# SPDX-License-Identifier: Apache-2.0
"""Shows items: as a map in one file that needs no network, and as a short table in a notebook."""

from swath._map.card import card
from swath._map.shown import ItemMap, show

__all__ = ["ItemMap", "card", "show"]
