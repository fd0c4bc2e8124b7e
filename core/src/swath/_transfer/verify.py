# SPDX-License-Identifier: Apache-2.0
"""Checks a folder against the receipts in it, without asking anyone."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from enum import StrEnum
from pathlib import Path
from typing import Any

from attrs import field, frozen

from swath._transfer.catalog import read_document
from swath._transfer.digest import hash_file
from swath._transfer.plan import CATALOG
from swath._transfer.receipt import item_documents
from swath.errors import InputError, PartialFailure
from swath.progress import Event
from swath.stac.names import FILE_CHECKSUM, FILE_SIZE

__all__ = ["FileCheck", "FileState", "VerifyReport", "verify_dir"]

_SHOWN = 5


class FileState(StrEnum):
    """How a file stands to its receipt."""

    OK = "ok"
    """Size and SHA-256 are those of the receipt."""
    MISSING = "missing"
    """It is not there."""
    BROKEN = "broken"
    """It is there, and is not what was received; or the receipt itself cannot be read."""
    UNVERIFIED = "unverified"
    """It is there, and the receipt tells neither size nor checksum."""


@frozen(kw_only=True)
class FileCheck:
    """What was found of one file."""

    path: str
    """Absolute."""
    state: FileState
    item: str | None = None
    """Id of the item; None for a file of the order, or the catalogue."""
    key: str | None = None
    """Asset key."""
    detail: str = ""
    """What is wrong, with the values."""
    verified: str | None = None
    """How far it was verified when it came: ``"checksum"``, ``"size"`` or ``"unverified"``."""


def _checks(value: Iterable[FileCheck]) -> tuple[FileCheck, ...]:
    return tuple(value)


@frozen(kw_only=True)
class VerifyReport:
    """What was found in a folder."""

    directory: str
    files: tuple[FileCheck, ...] = field(default=(), converter=_checks)
    """By path."""

    @property
    def counts(self) -> dict[str, int]:
        """How many files are in each state."""
        return {state.value: sum(one.state is state for one in self.files) for state in FileState}

    @property
    def failed(self) -> tuple[FileCheck, ...]:
        """Those that are missing or broken."""
        return tuple(one for one in self.files if one.state in {FileState.MISSING, FileState.BROKEN})

    @property
    def is_ok(self) -> bool:
        """Whether nothing is missing or broken."""
        return not self.failed

    def raise_for_failures(self) -> None:
        """Raise if something is missing or broken.

        Raises:
            PartialFailure: Naming the files; the report is in it.
        """
        if self.is_ok:
            return
        told = "; ".join(f"{one.path}: {one.state.value}, {one.detail}" for one in self.failed[:_SHOWN])
        more = f"; and {len(self.failed) - _SHOWN} more" if len(self.failed) > _SHOWN else ""
        raise PartialFailure(
            f"{len(self.failed)} of {len(self.files)} files in {self.directory} are not as received: {told}{more}",
            step="verify",
            hint="run the same download again: only these are fetched",
            details={"report": self},
        )


@frozen(kw_only=True)
class _Claimed:
    """What a receipt says of one file."""

    path: Path
    entry: Mapping[str, Any]
    item: str | None = None
    key: str | None = None


def verify_dir(path: str | Path, *, progress: Callable[[Event], None] | None = None, workers: int = 4) -> VerifyReport:
    """Check every file that the receipts in a folder speak of: is it there, of that size, with that SHA-256.

    Args:
        path: The folder that was downloaded to, one of its item folders, or one above.
        progress: Told of each file, on this thread.
        workers: Files hashed at once, > 0.

    Returns:
        A check for each file. Missing and broken ones do not raise: see `VerifyReport.raise_for_failures`.

    Raises:
        InputError: It is no folder, or holds no receipt.
    """
    directory = Path(path)
    checks: dict[str, FileCheck] = {}
    claims: list[_Claimed] = []
    for found in _receipts(directory):
        if isinstance(found, FileCheck):
            checks[found.path] = found
        else:
            claims.append(found)
    if not checks and not claims:
        raise InputError(
            f"{directory} holds no receipts: no item's JSON with file sizes and checksums, and no {CATALOG} with files",
            hint="pass the folder that download() wrote to",
        )
    with ThreadPoolExecutor(workers, thread_name_prefix="swath-verify") as pool:
        for number, check in enumerate(pool.map(_check, claims), start=1):
            checks[check.path] = check
            if progress is not None:
                total = len(claims)
                progress(Event(kind="verify", label="files", done=number, total=total, unit="files"))
    return VerifyReport(directory=str(directory), files=(checks[one] for one in sorted(checks)))


def _receipts(directory: Path) -> Iterator[_Claimed | FileCheck]:
    """Yield what all receipts below a folder claim, and a check for each that is itself broken or missing."""
    for path, item in item_documents(directory):
        if item is None:
            yield FileCheck(path=str(path), state=FileState.BROKEN, detail="it is no STAC Item that can be read")
            continue
        for key, asset in item["assets"].items():
            if isinstance(asset, dict) and "swath:member" not in asset and _is_local(asset):
                yield _Claimed(path=path.parent / asset["href"], entry=asset, item=str(item.get("id")), key=key)
    for path in sorted(directory.absolute().rglob(CATALOG)):
        catalog = read_document(path)
        if catalog is None:
            yield FileCheck(path=str(path), state=FileState.BROKEN, detail="it is no JSON object that can be read")
        elif catalog.get("type") == "Catalog":
            yield from _of_catalog(path, catalog)


def _of_catalog(path: Path, catalog: Mapping[str, Any]) -> Iterator[_Claimed | FileCheck]:
    for entry in catalog.get("swath:files") or ():
        if isinstance(entry, dict) and _is_local(entry):
            yield _Claimed(path=path.parent / entry["href"], entry=entry)
    for link in catalog.get("links") or ():
        if isinstance(link, dict) and link.get("rel") == "item" and _is_local(link):
            document = path.parent / link["href"]
            if not document.is_file():
                yield FileCheck(
                    path=str(document), state=FileState.MISSING, item=link.get("title"), detail="the item's JSON"
                )


def _is_local(entry: Mapping[str, Any]) -> bool:
    return isinstance(entry.get("href"), str) and entry["href"].startswith(("./", "../"))


def _check(claimed: _Claimed) -> FileCheck:
    """Compare one file with its receipt."""
    state, detail = _compare(claimed.path, claimed.entry.get(FILE_SIZE), claimed.entry.get(FILE_CHECKSUM))
    return FileCheck(
        path=str(claimed.path),
        state=state,
        item=claimed.item,
        key=claimed.key,
        detail=detail,
        verified=claimed.entry.get("swath:verified"),
    )


def _compare(path: Path, size: object, checksum: object) -> tuple[FileState, str]:
    if not path.is_file():
        return FileState.MISSING, "it is not there"
    try:
        here = path.stat().st_size
        if isinstance(size, int) and here != size:
            return FileState.BROKEN, f"it has {here:,} bytes, received were {size:,}"
        if not isinstance(checksum, str):
            return FileState.UNVERIFIED, "the receipt has no checksum"
        digest = hash_file(path, checksum)
    except OSError as err:
        return FileState.BROKEN, f"it cannot be read: {err.strerror}"
    except InputError as err:
        return FileState.BROKEN, err.message
    if not digest.matches:
        return FileState.BROKEN, f"it has the checksum {digest.found}, received was {checksum}"
    return FileState.OK, ""
