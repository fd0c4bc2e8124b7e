# SPDX-License-Identifier: Apache-2.0
"""What came of a batch, file by file."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Literal

from attrs import evolve, field, frozen

from swath._http.redact import redact_url
from swath._transfer.plan import Target
from swath.errors import PartialFailure, SwathError
from swath.models import Asset, Receipt

__all__ = ["BatchReport", "Outcome", "without_query"]

_SHOWN = 5


def without_query(asset: Asset) -> Asset:
    """Copy an asset with its link cut down to what holds no secret."""
    return evolve(asset, href=redact_url(asset.href))


@frozen(kw_only=True)
class Outcome:
    """What came of one file."""

    target: Target
    status: Literal["ok", "skipped", "failed"]
    """``"skipped"`` is a file that was there already, whole."""
    receipt: Receipt | None = None
    """None only where it failed."""
    error: SwathError | None = None
    """Why it failed."""

    def __reduce__(self) -> tuple[Any, ...]:
        # A report travels inside errors; the links in it may be signed.
        target = evolve(self.target, asset=without_query(self.target.asset))
        return (_rebuild, (target, self.status, self.receipt, self.error))


def _rebuild(
    target: Target, status: Literal["ok", "skipped", "failed"], receipt: Receipt | None, error: SwathError | None
) -> Outcome:
    return Outcome(target=target, status=status, receipt=receipt, error=error)


def _outcomes(value: Iterable[Outcome]) -> tuple[Outcome, ...]:
    return tuple(value)


@frozen(kw_only=True)
class BatchReport:
    """What came of all files, in the order they were given."""

    outcomes: tuple[Outcome, ...] = field(default=(), converter=_outcomes)

    @property
    def ok(self) -> tuple[Outcome, ...]:
        """Those that were fetched."""
        return tuple(one for one in self.outcomes if one.status == "ok")

    @property
    def skipped(self) -> tuple[Outcome, ...]:
        """Those that were there already."""
        return tuple(one for one in self.outcomes if one.status == "skipped")

    @property
    def failed(self) -> tuple[Outcome, ...]:
        """Those that are not in place."""
        return tuple(one for one in self.outcomes if one.status == "failed")

    @property
    def failed_targets(self) -> list[Target]:
        """What to give to `fetch_all` to try the failed ones again."""
        return [one.target for one in self.failed]

    @property
    def receipts(self) -> tuple[Receipt, ...]:
        """A receipt for each file in place."""
        return tuple(one.receipt for one in self.outcomes if one.receipt is not None)

    def raise_for_failures(self) -> None:
        """Raise if a file is not in place.

        Raises:
            PartialFailure: Naming the files and reasons; the report is in it. Where the batch was a single file, that
                file's own error.
        """
        failed = [(one.target, one.error) for one in self.outcomes if one.error is not None]
        if not failed:
            return
        first = failed[0][1]
        if len(self.outcomes) == 1:
            raise first
        told = "; ".join(f"{target.path.name}: {error.message}" for target, error in failed[:_SHOWN])
        more = f"; and {len(failed) - _SHOWN} more" if len(failed) > _SHOWN else ""
        raise PartialFailure(
            f"{len(failed)} of {len(self.outcomes)} files failed, {len(self.receipts)} are in place: {told}{more}",
            provider=first.provider,
            step="download",
            status_code=first.status_code,
            request_id=first.request_id,
            details={"report": self},
        ) from first
