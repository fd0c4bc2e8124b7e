# SPDX-License-Identifier: Apache-2.0
"""Which ledger is in use: this machine's own, or the one that ``SWATH_LEDGER`` names."""

from __future__ import annotations

import os
from collections.abc import Mapping

from swath._clock import Clock, SystemClock
from swath._home import state_dir
from swath._ledger.postgres import is_shared
from swath._ledger.store import Ledger
from swath.errors import ConfigurationError

__all__ = ["open_ledger"]


def open_ledger(*, clock: Clock | None = None, environ: Mapping[str, str] | None = None) -> Ledger:
    """Give the user's ledger; nothing is opened before it is used.

    Args:
        clock: What times are taken from; the machine's own if None.
        environ: Where ``SWATH_LEDGER`` and ``SWATH_HOME`` are looked up; the process's environment if None.

    Raises:
        ConfigurationError: If ``SWATH_LEDGER`` is set and is no database's address.
    """
    known = os.environ if environ is None else environ
    shared = known.get("SWATH_LEDGER", "").strip()
    if shared and not is_shared(shared):
        raise ConfigurationError(
            "SWATH_LEDGER is set and is no address of a database",
            hint="write SWATH_LEDGER=postgresql://user:password@host/database; to choose a folder, set SWATH_HOME",
        )
    return Ledger(shared or state_dir(environ) / "ledger.sqlite3", clock=clock or SystemClock())
