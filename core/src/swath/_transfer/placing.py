# SPDX-License-Identifier: Apache-2.0
"""Checks a file whose bytes are all here, and gives it its place."""

from __future__ import annotations

import os

from swath._transfer.claim import Claim
from swath._transfer.digest import hash_file
from swath._transfer.disk import disk_error
from swath._transfer.part import Part, part_path
from swath._transfer.plan import Target
from swath._transfer.report import Outcome, without_query
from swath._transfer.sniff import check_whole
from swath.errors import ChecksumMismatch
from swath.models import Receipt, Verification

__all__ = ["check", "place", "wrong_size"]


def check(part: Part, target: Target, claim: Claim, *, is_settled: bool) -> None:
    """Check a whole part: size, published checksum, or else what its format tells.

    Args:
        part: All that came.
        target: What was wanted.
        claim: Held on it.
        is_settled: Whether its first bytes have told already all that the format can tell.

    Raises:
        ChecksumMismatch: Size or checksum is another.
        NotTheProduct: It is a message, or cut short.
        DiskFull, TargetNotWritable: It cannot be read.
    """
    size, path, name = target.asset.size, target.path, target.path.name
    if size not in {None, part.offset}:
        raise wrong_size(target, part.offset)
    try:
        digest = part.digest
        matches = digest.matches
        if matches is False:
            raise ChecksumMismatch(
                f"{name!r} has the checksum {digest.found}, published is {part.record.checksum}", step="download"
            )
        if not matches and part.offset and not is_settled:
            check_whole(part_path(path), name=name)
        is_intact = claim.is_sure or hash_file(part_path(path)).checksum == digest.checksum
    except OSError as err:
        raise disk_error(err, path) from err
    if not is_intact:
        raise ChecksumMismatch(
            f"{name!r} changed on the disk while it was written",
            step="download",
            hint="the file system gives no locks: let only one process at a time download to this folder",
        )


def place(part: Part, target: Target, *, waits: bool) -> Outcome:
    """Give a checked part its name, or seal it.

    Args:
        part: Checked.
        target: What was wanted.
        waits: Whether it is brought onto the disk and named later, with others.

    Raises:
        DiskFull, TargetNotWritable: It cannot be written.
    """
    if part.digest.matches:
        verified = Verification.CHECKSUM
    elif target.asset.size is not None or part.record.size is not None:
        verified = Verification.SIZE
    else:
        verified = Verification.UNVERIFIED
    checksum = part.seal(verified) if waits else part.place(verified, journal=target.receipt is not None)
    receipt = Receipt(
        path=os.path.abspath(target.path),  # noqa: PTH100
        size=part.offset,
        checksum=checksum,
        verified=verified,
        asset=without_query(target.asset),
    )
    return Outcome(target=target, status="ok", receipt=receipt)


def wrong_size(target: Target, size: int, *, more: bool = False) -> ChecksumMismatch:
    """Say that a file has another size than was announced.

    Args:
        target: What was wanted.
        size: Bytes that came.
        more: Whether more may follow.
    """
    than = "at least " if more else ""
    return ChecksumMismatch(
        f"{target.path.name!r} has {than}{size:,} bytes, announced are {target.asset.size:,}", step="download"
    )
