# SPDX-License-Identifier: Apache-2.0
"""Tells whether a file is here already, whole and the one that is wanted."""

from __future__ import annotations

import contextlib
import json
import os
import stat
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from attrs import frozen

from swath._http.redact import redact_url
from swath._transfer.digest import hash_file
from swath._transfer.part import record_path
from swath._transfer.plan import Target
from swath._transfer.record import read_record
from swath._transfer.report import without_query
from swath.models import Receipt, Verification
from swath.stac.names import FILE_CHECKSUM, FILE_SIZE

__all__ = ["find_here"]


@frozen(kw_only=True)
class _Known:
    """What an earlier run wrote down of a file."""

    size: int
    checksum: str
    verified: Verification
    url: str | None


def find_here(target: Target, *, stop: threading.Event | None = None) -> Receipt | None:
    """Prove that a file need not be fetched. Costs no data: the local file is hashed again.

    It is whole if it has the published checksum, or the size and checksum that an earlier run wrote down for it. It is
    the wanted one if what the provider announces now does not speak against it: checksum, else size, else the address.

    Args:
        target: What is wanted, and where.
        stop: Ends it early when set; None is returned then.

    Returns:
        Its receipt, ``skipped``; None where it must be fetched.

    Raises:
        InputError: The asset's checksum is no multihash.
    """
    asset, path = target.asset, target.path
    try:
        found = os.stat(path)  # noqa: PTH116
        size = found.st_size if stat.S_ISREG(found.st_mode) else None
    except OSError:
        size = None
    if size is None or (asset.size is not None and asset.size != size):
        return None
    known = [one for one in _known(target) if one.size == size]
    if asset.checksum is None and asset.size is None:
        known = [one for one in known if one.url == redact_url(asset.href)]
    if asset.checksum is None and not known:
        return None
    try:
        digest = hash_file(path, asset.checksum, stop=stop)
    except OSError:
        return None
    verified = Verification.CHECKSUM
    if digest.matches is None:
        verified = next((one.verified for one in known if one.checksum == digest.checksum), verified)
        if all(one.checksum != digest.checksum for one in known):
            return None
    if digest.size != size or digest.matches is False:
        return None
    return Receipt(
        path=str(path.absolute()),
        size=size,
        checksum=digest.checksum,
        verified=verified,
        asset=without_query(asset),
        skipped=True,
    )


def _known(target: Target) -> Iterator[_Known]:
    """Yield what the progress record and the receipt say of the file."""
    record = read_record(record_path(target.path))
    if record is not None and record.done and record.sha256 and record.size is not None:
        yield _Known(size=record.size, checksum=record.sha256, verified=record.verified, url=record.url)
    if target.receipt is None:
        return
    found: Any = None
    with contextlib.suppress(OSError, ValueError):
        found = json.loads(target.receipt.read_bytes())
    if isinstance(found, dict):
        yield from _listed(found, target.receipt.parent, target.path)


def _listed(document: dict[str, Any], folder: Path, path: Path) -> Iterator[_Known]:
    """Yield what an item's JSON or the catalogue says of a file."""
    assets, files = document.get("assets"), document.get("swath:files")
    entries = [*(assets.values() if isinstance(assets, dict) else ()), *(files if isinstance(files, list) else ())]
    for entry in entries:
        if not isinstance(entry, dict) or "swath:member" in entry or not isinstance(entry.get("href"), str):
            continue
        size, checksum = entry.get(FILE_SIZE), entry.get(FILE_CHECKSUM)
        if folder.joinpath(entry["href"]) != path or not isinstance(size, int) or not isinstance(checksum, str):
            continue
        with contextlib.suppress(ValueError):
            yield _Known(
                size=size,
                checksum=checksum,
                verified=Verification(entry.get("swath:verified", "unverified")),
                url=entry.get("swath:source"),
            )
