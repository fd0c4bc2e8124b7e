# SPDX-License-Identifier: Apache-2.0
"""Orders on disk: written before they are sent, found again after a crash."""

from swath._ledger.fingerprint import fingerprint
from swath._ledger.places import open_ledger
from swath._ledger.records import Entry, HistoryRow
from swath._ledger.store import Ledger

__all__ = ["Entry", "HistoryRow", "Ledger", "fingerprint", "open_ledger"]
