# SPDX-License-Identifier: Apache-2.0
"""Webhooks: verified, written down once, and taken as a reason to look, never as the truth."""

from swath._listening.app import Listener
from swath._listening.receiving import Receiver

__all__ = ["Listener", "Receiver"]
