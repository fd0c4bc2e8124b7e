# SPDX-License-Identifier: Apache-2.0
"""Brings small files onto the disk together: one flush for many instead of one for each."""

from __future__ import annotations

from typing import Final

from attrs import evolve, frozen

from swath._clock import Clock
from swath._transfer.claim import Claim
from swath._transfer.disk import disk_error, sync_files
from swath._transfer.part import Part
from swath._transfer.report import Outcome
from swath.errors import SwathError

__all__ = ["SMALL_BYTES", "Landing", "Sealed"]

SMALL_BYTES: Final = 1024 * 1024
"""A file up to here is brought onto the disk with others."""
_MOST: Final = 256
_MOST_BYTES: Final = 64 * 1024 * 1024
_LONGEST_S: Final = 0.5
"""Seconds that a file waits for others."""


@frozen(kw_only=True, eq=False)
class Sealed:
    """A file that is whole, checked, and not yet named."""

    outcome: Outcome
    """What comes of it once it is named."""
    part: Part
    claim: Claim
    """Held until then."""

    def drop(self) -> None:
        """Give the claim back."""
        self.claim.release()


class Landing:
    """The files of one batch that wait for the next flush.

    A file gets its name only when its bytes are on the disk, as ever. A process that is killed meanwhile leaves parts
    that are fetched again: of half a second, 256 files or 64 MiB, whichever is least.

    Args:
        clock: Tells the time.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._waiting: list[Sealed] = []
        self._bytes = 0
        self._since_s = 0.0

    def add(self, file: Sealed) -> None:
        """Let a file wait for the next flush."""
        if not self._waiting:
            self._since_s = self._clock.monotonic()
        self._waiting.append(file)
        self._bytes += file.part.offset

    @property
    def is_due(self) -> bool:
        """Whether enough have come, or one has waited long enough."""
        if not self._waiting:
            return False
        is_full = len(self._waiting) >= _MOST or self._bytes >= _MOST_BYTES
        return is_full or self._clock.monotonic() - self._since_s >= _LONGEST_S

    def land(self) -> list[tuple[Sealed, Outcome]]:
        """Flush, and give all that wait their names.

        Returns:
            Each with what came of it.
        """
        files, self._waiting, self._bytes = self._waiting, [], 0
        try:
            failure = _flushed(files)
            return [(file, _named(file) if failure is None else _failed(file, failure)) for file in files]
        finally:
            for file in files:
                file.drop()

    def drop(self) -> None:
        """Give up what waits."""
        for file in self._waiting:
            file.drop()
        self._waiting.clear()


def _flushed(files: list[Sealed]) -> OSError | None:
    try:
        sync_files([file.part.here for file in files])
    except OSError as err:
        return err
    return None


def _named(file: Sealed) -> Outcome:
    try:
        file.part.name(journal=file.outcome.target.receipt is not None)
    except SwathError as err:
        return evolve(file.outcome, status="failed", receipt=None, error=err)
    return file.outcome


def _failed(file: Sealed, failure: OSError) -> Outcome:
    return evolve(file.outcome, status="failed", receipt=None, error=disk_error(failure, file.part.path))
