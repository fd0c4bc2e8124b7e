# SPDX-License-Identifier: Apache-2.0
"""Fetches one file: asks, continues, checks, places."""

from __future__ import annotations

import datetime as dt
import random
import re
import threading
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, nullcontext
from typing import Protocol

import httpx
from attrs import field, frozen, validators

from swath._clock import Clock, SystemClock
from swath._http.redact import redact_text
from swath._transfer.claim import Claim
from swath._transfer.digest import announced_checksum, hash_file
from swath._transfer.disk import disk_error
from swath._transfer.here import find_here
from swath._transfer.live import Live
from swath._transfer.part import Part, lock_path, part_path
from swath._transfer.plan import Target
from swath._transfer.record import strong_validator
from swath._transfer.report import Outcome, without_query
from swath._transfer.sniff import HEAD_BYTES, check_head, check_whole, expected_kinds
from swath.errors import (
    ChecksumMismatch,
    NotTheProduct,
    RateLimited,
    SwathError,
    TransferError,
    Unavailable,
    UnexpectedResponse,
)
from swath.models import Receipt, Verification
from swath.progress import Event

__all__ = ["DeadLink", "Effort", "Job", "Streams", "fetch_file", "label_of", "stopped"]

_DEAD = frozenset({400, 401, 403, 404, 410})
"""What servers answer to a link that has expired; 400 is Google's and, for session tokens, Amazon's word."""
_PASSING = frozenset({408, 425})
_CONTENT_RANGE = re.compile(r"bytes (\d+)-(\d+)/(\d+)")
_LOCK_LOOK_S = 0.1
_EXPIRY_MARGIN_S = 2.0


class Streams(Protocol):
    """The part of core's HTTP client that fetching uses."""

    def stream(
        self, method: str, url: str, *, headers: Mapping[str, str] | None = None
    ) -> AbstractContextManager[httpx.Response]:
        """Send one request and hand out the answer with its body unread; status 200, 206, 304 or 416."""


@frozen(kw_only=True)
class Effort:
    """How hard to try."""

    attempts: int = field(default=5, validator=validators.ge(1))
    """Failures in a row that end it; one that brought a file forward by `headway_bytes` starts the count anew."""
    headway_bytes: int = field(default=1024 * 1024, validator=validators.ge(1))
    first_pause_s: float = field(default=1.0, validator=validators.ge(0))
    """Seconds after the first failure; doubled after each further one, with jitter."""
    longest_pause_s: float = field(default=30.0, validator=validators.ge(0))
    checkpoint_bytes: int = field(default=32 * 1024 * 1024, validator=validators.ge(1))
    """What a killed process may have to fetch again."""
    telling_bytes: int = field(default=1024 * 1024, validator=validators.ge(1))
    """Between two progress events of a file."""


@frozen(kw_only=True)
class Job:
    """One file to fetch. Pickles if `http` does and `live` is None."""

    target: Target
    http: Streams = field(repr=False)
    overwrite: bool = False
    can_mint: bool = False
    """Whether a fresh link can be had instead of trying one that has expired by its own date."""
    effort: Effort = field(factory=Effort)
    clock: Clock = field(factory=SystemClock, repr=False)
    live: Live | None = field(default=None, repr=False)

    @property
    def stop(self) -> threading.Event | None:
        """Set when the batch is to end."""
        return self.live.stop if self.live is not None else None


@frozen(kw_only=True)
class DeadLink:
    """A link that no longer leads to the file."""

    error: SwathError | None
    """The server's refusal; None where the link's own date has passed."""
    gained: bool = False
    """Whether it gave bytes before."""


class _Again(Exception):
    """This try brought nothing whole; another one may."""


def label_of(target: Target) -> str:
    """Name a file for people: folder and name."""
    return "/".join(target.path.parts[-2:])


def stopped(target: Target) -> TransferError:
    """Say that a file was not fetched because the batch ended."""
    return TransferError(
        f"{target.path.name!r} was stopped before it was complete",
        step="download",
        hint="run the same download again: it continues where the server allows it",
    )


def fetch_file(job: Job) -> Outcome | DeadLink:
    """Bring one file into its place.

    Args:
        job: What, where and how.

    Returns:
        What came of it. A dead link is handed back: only the batch can have a fresh one minted.
    """
    try:
        return _fetch(job)
    except SwathError as err:
        return Outcome(target=job.target, status="failed", error=err)


def _fetch(job: Job) -> Outcome | DeadLink:
    target = job.target
    claim = Claim(lock_path(target.path))
    _take(claim, job)
    try:
        if not job.overwrite and (receipt := find_here(target, stop=job.stop)) is not None:
            return Outcome(target=target, status="skipped", receipt=receipt)
        expires = target.asset.expires
        if job.can_mint and expires and expires <= job.clock.now() + dt.timedelta(seconds=_EXPIRY_MARGIN_S):
            return DeadLink(error=None)
        with Part(target.path, target.asset, checkpoint_bytes=job.effort.checkpoint_bytes) as part:
            part.resume()
            return _Fetch(job, part, is_alone=claim.is_sure).run()
    finally:
        claim.release()


def _take(claim: Claim, job: Job) -> None:
    """Wait until nobody else writes this file."""
    while True:
        try:
            taken = claim.take()
        except OSError as err:
            raise disk_error(err, job.target.path) from err
        if taken:
            return
        if job.clock.sleep(_LOCK_LOOK_S, wake=job.stop):
            raise stopped(job.target)


def _raw(response: httpx.Response) -> Iterator[bytes]:
    """Give the body as it is sent. A transport may have read it already, as `httpx.MockTransport` does."""
    return response.iter_bytes() if response.is_stream_consumed else response.iter_raw()


class _Fetch:
    """The tries at one file."""

    def __init__(self, job: Job, part: Part, *, is_alone: bool) -> None:
        self._job = job
        self._part = part
        self._is_alone = is_alone
        self._asset = job.target.asset
        self._name = job.target.path.name
        self._is_patched = part.offset > 0
        """Whether the bytes come from more than one answer."""
        self._told_at = 0
        self._rng = random.Random()  # noqa: S311  jitter, no secret

    def run(self) -> Outcome | DeadLink:
        """Try until it is in place or there is no more use."""
        effort, part = self._job.effort, self._part
        failures, begun = 0, part.offset
        while True:
            before = part.offset
            failure: Exception
            try:
                return self._once()
            except (httpx.RequestError, _Again) as err:
                failure = err
            except SwathError as err:
                if err.status_code in _DEAD:
                    return DeadLink(error=err, gained=part.offset > begun)
                if not (isinstance(err, Unavailable | RateLimited) or err.status_code in _PASSING):
                    raise
                failure = err
            self._heed_stop()
            has_headway = part.record.validator is not None and part.offset - before >= effort.headway_bytes
            failures = 1 if has_headway else failures + 1
            if failures >= effort.attempts:
                raise self._given_up(failure, failures) from failure
            pause_s = min(effort.longest_pause_s, effort.first_pause_s * 2 ** (failures - 1))
            self._job.clock.sleep(pause_s * self._rng.uniform(0.5, 1.0), wake=self._job.stop)
            self._heed_stop()

    def _once(self) -> Outcome:
        if not self._part.is_whole:
            self._pull()
        return self._finish()

    def _pull(self) -> None:
        """Ask for what is missing and write what comes.

        Raises:
            _Again: The answer ended early, or does not continue what is here.
        """
        self._heed_stop()
        part = self._part
        offset = part.offset if part.record.validator is not None else 0
        headers = {"Accept-Encoding": "identity"}
        if offset and part.record.validator is not None:
            headers |= {"Range": f"bytes={offset}-", "If-Range": part.record.validator}
        with self._job.http.stream("GET", self._asset.href, headers=headers) as response, self._reading(response):
            if response.status_code == 416 or (response.status_code == 206 and not self._continues(response, offset)):
                part.restart()
                what = response.headers.get("content-range", "no Content-Range")
                raise _Again(f"status {response.status_code} ({what}) does not continue from byte {offset}")
            if response.status_code == 206:
                self._is_patched = True
                self._write(_raw(response))
            elif response.status_code == 200:
                self._begin(response)
            else:
                raise UnexpectedResponse(
                    f"status {response.status_code} for {self._name!r}",
                    step="download",
                    status_code=response.status_code,
                )
        self._heed_stop()  # a body without length ends just so when `Live.halt` shuts its socket
        if part.record.size is not None and not part.is_whole:
            raise _Again(f"the answer ended at byte {part.offset} of {part.record.size}")

    def _reading(self, response: httpx.Response) -> AbstractContextManager[None]:
        return self._job.live.reading(response) if self._job.live is not None else nullcontext()

    def _continues(self, response: httpx.Response, offset: int) -> bool:
        """Whether a partial answer begins where the part ends, of the same whole."""
        found = _CONTENT_RANGE.fullmatch(response.headers.get("content-range", ""))
        record = self._part.record
        if not offset or found is None or response.headers.get("content-encoding", "identity") != "identity":
            return False
        start, end, total = (int(number) for number in found.groups())
        tag = response.headers.get("etag")
        if tag is not None and str(record.validator).startswith('"') and tag != record.validator:
            return False
        if start != offset or not start <= end < total or record.size not in {None, total}:
            return False
        self._part.continued(size=total)
        return True

    def _begin(self, response: httpx.Response) -> None:
        """Take an answer that starts at the first byte; nothing that is here is lost before it is seen to be right."""
        asset, headers = self._asset, response.headers
        encoding = headers.get("content-encoding", "identity").lower()
        # Some servers call a .tar.gz "encoded": there the bytes as sent are the file.
        is_raw = encoding == "identity" or ("gzip" in encoding and "gzip" in self._expected)
        body = _raw(response) if is_raw else response.iter_bytes()
        head = bytearray()
        for chunk in body:
            self._heed_stop()
            head += chunk
            if len(head) >= HEAD_BYTES:
                break
        if head or asset.size != 0:
            check_head(bytes(head[:HEAD_BYTES]), media_type=asset.media_type, name=self._name)
        if not head and asset.size != 0:
            raise NotTheProduct(f"the answer for {self._name!r} is empty", step="download")
        length = headers.get("content-length", "") if is_raw else ""
        size = int(length) if length.isdigit() else None
        if size is not None and asset.size not in {None, size}:
            raise self._wrong_size(size)
        self._is_patched = False
        self._told_at = 0
        self._part.restart(
            validator=strong_validator(headers) if is_raw else None,
            size=size,
            checksum=announced_checksum(headers) if encoding == "identity" else None,
        )
        self._write(iter((bytes(head),)))
        self._write(body)

    @property
    def _expected(self) -> frozenset[str]:
        return expected_kinds(self._asset.media_type, self._name)

    def _write(self, body: Iterator[bytes]) -> None:
        part, asset = self._part, self._asset
        for chunk in body:
            self._heed_stop()
            whole = part.record.size
            if whole is not None and part.offset + len(chunk) > whole:
                part.restart()
                raise _Again(f"more came than the {whole} bytes that were announced")
            if asset.size is not None and part.offset + len(chunk) > asset.size:
                part.discard()
                raise self._wrong_size(part.offset + len(chunk), more=True)
            part.write(chunk)
            if part.offset - self._told_at >= self._job.effort.telling_bytes:
                self._told_at = part.offset
                self._tell()

    def _finish(self) -> Outcome:
        """Check the whole and give it its name.

        Raises:
            _Again: What was patched together from several answers is wrong; one answer may be right.
        """
        part, asset, target = self._part, self._asset, self._job.target
        try:
            self._check()
        except (ChecksumMismatch, NotTheProduct) as err:
            if self._is_patched:
                self._is_patched = False
                part.restart()
                raise _Again(err.message) from err
            part.discard()
            raise
        if part.matches:
            verified = Verification.CHECKSUM
        elif asset.size is not None or part.record.size is not None:
            verified = Verification.SIZE
        else:
            verified = Verification.UNVERIFIED
        checksum = part.place(verified, journal=target.receipt is not None)
        self._tell()
        receipt = Receipt(
            path=str(target.path.absolute()),
            size=part.offset,
            checksum=checksum,
            verified=verified,
            asset=without_query(asset),
        )
        return Outcome(target=target, status="ok", receipt=receipt)

    def _check(self) -> None:
        part, asset = self._part, self._asset
        if asset.size not in {None, part.offset}:
            raise self._wrong_size(part.offset)
        if part.matches is False:
            raise ChecksumMismatch(
                f"{self._name!r} has the checksum {part.found}, published is {part.record.checksum}", step="download"
            )
        try:
            if not part.matches and part.offset:
                check_whole(part_path(self._job.target.path), name=self._name)
            is_intact = self._is_alone or hash_file(part_path(self._job.target.path)).checksum == part.checksum
        except OSError as err:
            raise disk_error(err, self._job.target.path) from err
        if not is_intact:
            raise ChecksumMismatch(
                f"{self._name!r} changed on the disk while it was written",
                step="download",
                hint="the file system gives no locks: let only one process at a time download to this folder",
            )

    def _tell(self) -> None:
        if self._job.live is not None:
            part = self._part
            total = part.record.size if part.record.size is not None else self._asset.size
            label = label_of(self._job.target)
            self._job.live.tell(Event(kind="download", label=label, done=part.offset, total=total, unit="B"))

    def _heed_stop(self) -> None:
        if self._job.stop is not None and self._job.stop.is_set():
            raise stopped(self._job.target)

    def _wrong_size(self, size: int, *, more: bool = False) -> ChecksumMismatch:
        than = "at least " if more else ""
        return ChecksumMismatch(
            f"{self._name!r} has {than}{size:,} bytes, announced are {self._asset.size:,}", step="download"
        )

    def _given_up(self, failure: Exception, failures: int) -> SwathError:
        if isinstance(failure, SwathError):
            return failure
        whole = self._part.record.size
        where = f"byte {self._part.offset:,}" + (f" of {whole:,}" if whole is not None else "")
        what = redact_text(str(failure)) or type(failure).__name__
        return Unavailable(
            f"{self._name!r} failed {failures} times in a row, last at {where}: {what}",
            step="download",
            hint="check the network, then run the same download again: it continues where the server allows it",
        )
