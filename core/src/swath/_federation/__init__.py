# SPDX-License-Identifier: Apache-2.0
"""The same words over several providers at once."""

from swath._federation.group import Federation
from swath._federation.searching import FederatedSearch

__all__ = ["FederatedSearch", "Federation"]
