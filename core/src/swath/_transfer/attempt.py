# SPDX-License-Identifier: Apache-2.0
"""Fetches one file: asks, continues, checks, places."""

from __future__ import annotations

import datetime as dt
import itertools
import random
from collections.abc import Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext

import httpx

from swath._http.redact import redact_text
from swath._transfer.claim import Claim
from swath._transfer.crew import Broken, Crew, Overrun
from swath._transfer.digest import announced_checksum
from swath._transfer.disk import disk_error
from swath._transfer.here import find_here
from swath._transfer.job import DeadLink, Job
from swath._transfer.landing import SMALL_BYTES, Sealed
from swath._transfer.live import Answers
from swath._transfer.part import Part, beside
from swath._transfer.placing import check, place, wrong_size
from swath._transfer.plan import Target
from swath._transfer.record import strong_validator
from swath._transfer.reply import blocks, goes_on, header_dict, takes_ranges
from swath._transfer.report import Outcome
from swath._transfer.sniff import HEAD_BYTES, SETTLED, check_head, expected_kinds
from swath.errors import (
    ChecksumMismatch,
    NotTheProduct,
    RateLimited,
    SwathError,
    TransferError,
    Unavailable,
    UnexpectedResponse,
)
from swath.progress import Event

__all__ = ["fetch_file", "label_of", "stopped"]

_DEAD = frozenset({400, 401, 403, 404, 410})
"""What servers answer to a link that has expired; 400 is Google's and, for session tokens, Amazon's word."""
_PASSING = frozenset({408, 425})
_LOCK_LOOK_S = 0.1
_EXPIRY_MARGIN_S = 2.0


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


def fetch_file(job: Job) -> Outcome | DeadLink | Sealed:
    """Bring one file into its place.

    Args:
        job: What, where and how.

    Returns:
        What came of it. A dead link is handed back: only the batch can have a fresh one minted. So is a small file that
        is whole: the batch brings many onto the disk at once.
    """
    try:
        return _fetch(job)
    except SwathError as err:
        return Outcome(target=job.target, status="failed", error=err)


def _fetch(job: Job) -> Outcome | DeadLink | Sealed:
    target = job.target
    claim = Claim(beside(target.path, ".part.lock"))
    _take(claim, job)
    result: Outcome | DeadLink | Sealed | None = None
    try:
        if not job.overwrite and (receipt := find_here(target, stop=job.stop)) is not None:
            return Outcome(target=target, status="skipped", receipt=receipt)
        expires = target.asset.expires
        if job.can_mint and expires and expires <= job.clock.now() + dt.timedelta(seconds=_EXPIRY_MARGIN_S):
            return DeadLink(error=None)
        with Part(target.path, target.asset, checkpoint_bytes=job.effort.checkpoint_bytes) as part:
            part.resume()
            result = _Fetch(job, part, claim).run()
            return result
    finally:
        if not isinstance(result, Sealed):
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


class _Fetch:
    """The tries at one file."""

    def __init__(self, job: Job, part: Part, claim: Claim) -> None:
        self._job = job
        self._part = part
        self._claim = claim
        self._asset = job.target.asset
        self._name = job.target.path.name
        self._is_patched = part.offset > 0
        """Whether the bytes come from more than one answer."""
        self._is_settled = False
        """Whether the first bytes have told all that the format can tell."""
        self._told_at = 0

    def run(self) -> Outcome | DeadLink | Sealed:
        """Try until it is in place or there is no more use."""
        effort, part = self._job.effort, self._part
        failures, begun = 0, part.total
        while True:
            before = part.total
            failure: Exception
            try:
                return self._once()
            except (httpx.RequestError, Broken) as err:
                failure = err
            except SwathError as err:
                if err.status_code in _DEAD:
                    return DeadLink(error=err, gained=part.total > begun)
                if not (isinstance(err, Unavailable | RateLimited) or err.status_code in _PASSING):
                    raise
                failure = err
            self._heed_stop()
            has_headway = part.record.validator is not None and part.total - before >= effort.headway_bytes
            failures = 1 if has_headway else failures + 1
            if failures >= effort.attempts:
                raise self._given_up(failure, failures) from failure
            pause_s = min(effort.longest_pause_s, effort.first_pause_s * 2 ** (failures - 1))
            self._job.clock.sleep(pause_s * random.uniform(0.5, 1.0), wake=self._job.stop)  # noqa: S311  jitter, no secret
            self._heed_stop()

    def _once(self) -> Outcome | Sealed:
        if not self._part.is_whole:
            self._pull()
        return self._finish()

    def _pull(self) -> None:
        """Ask for what is missing and write what comes.

        Raises:
            Broken: The answer ended early, or does not continue what is here.
        """
        self._heed_stop()
        part = self._part
        headers = {"Accept-Encoding": "identity"}
        start = None
        if part.total and part.record.validator is not None:
            start = part.gaps()[0][0] if part.record.size is not None else part.offset
            headers |= {"Range": f"bytes={start}-", "If-Range": part.record.validator}
        with self._job.http.stream("GET", self._asset.href, headers=headers) as response, self._reading(response):
            if response.status_code == 206 and start is not None and self._goes_on(response, start):
                self._is_patched = True
                self._share(blocks(response), can_split=True, host=response.request.url.host)
            elif response.status_code in {206, 416}:
                part.restart()
                what = response.headers.get("content-range", "no Content-Range")
                raise Broken(f"status {response.status_code} ({what}) does not continue from byte {start or 0}")
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
            raise Broken(f"the answer ended at byte {part.offset} of {part.record.size}")

    @contextmanager
    def _ask(self, start: int, end: int, answers: Answers, *, is_own: bool) -> Iterator[Iterable[bytes | memoryview]]:
        """Ask for a piece of the file, beside the answer at hand.

        Args:
            start: Its first byte.
            end: The byte behind its last.
            answers: Where the answer is noted, so that it can be cut.
            is_own: Whether it is for the thread that has the first answer, which may wait for its turn.

        Raises:
            Broken: It is not given as a piece, or no longer of this file.
        """
        self._is_patched = True
        headers = {
            "Accept-Encoding": "identity",
            "Range": f"bytes={start}-{end - 1}",
            "If-Range": str(self._part.record.validator),
        }
        with (
            self._job.http.stream("GET", self._asset.href, headers=headers, wait=is_own) as response,
            self._reading(response),
            answers.reading(response),
        ):
            if response.status_code != 206 or not self._goes_on(response, start):
                raise Broken(f"status {response.status_code} is not the piece from byte {start}")
            yield blocks(response)

    def _reading(self, response: httpx.Response) -> AbstractContextManager[None]:
        return self._job.live.reading(response) if self._job.live is not None else nullcontext()

    def _goes_on(self, response: httpx.Response, start: int) -> bool:
        """Whether a partial answer begins where it is to, of the same whole."""
        total = goes_on(response, start, self._part.record)
        if total is not None and self._part.record.size is None:
            self._part.continued(size=total)
        return total is not None

    def _begin(self, response: httpx.Response) -> None:
        """Take an answer that starts at the first byte; nothing that is here is lost before it is seen to be right."""
        asset, headers = self._asset, header_dict(response)
        encoding = headers.get("content-encoding", "identity").lower()
        # Some servers call a .tar.gz "encoded": there the bytes as sent are the file.
        is_raw = encoding == "identity" or ("gzip" in encoding and "gzip" in self._expected)
        body = blocks(response, is_raw=is_raw)
        first = self._first(body)
        kind = None
        if first or asset.size != 0:
            kind = check_head(bytes(first[:HEAD_BYTES]), media_type=asset.media_type, name=self._name)
        if not first and asset.size != 0:
            raise NotTheProduct(f"the answer for {self._name!r} is empty", step="download")
        length = headers.get("content-length", "") if is_raw else ""
        size = int(length) if length.isdigit() else None
        if size is not None and asset.size not in {None, size}:
            raise wrong_size(self._job.target, size)
        self._is_patched = False
        self._is_settled = kind in SETTLED
        self._told_at = 0
        self._part.restart(
            validator=strong_validator(headers) if is_raw else None,
            size=size,
            checksum=announced_checksum(headers) if encoding == "identity" else None,
        )
        self._write(itertools.chain((first,), body), headers, host=response.request.url.host)

    def _first(self, body: Iterator[bytes | memoryview]) -> bytes | memoryview:
        """Read until there is enough to tell what it is."""
        first: bytes | memoryview | bytearray = next(body, b"")
        while len(first) < HEAD_BYTES:
            self._heed_stop()
            first = bytearray(first)
            more = next(body, None)
            if more is None:
                break
            first += more
        return memoryview(first)

    @property
    def _expected(self) -> frozenset[str]:
        return expected_kinds(self._asset.media_type, self._name)

    def _write(self, body: Iterator[bytes | memoryview], headers: Mapping[str, str], *, host: str) -> None:
        part, asset = self._part, self._asset
        whole = part.record.size
        if whole is not None and whole > SMALL_BYTES:
            self._share(body, can_split=part.record.validator is not None and takes_ranges(headers), host=host)
            return
        for data in body:
            self._heed_stop()
            if whole is not None and part.offset + len(data) > whole:
                part.restart()
                raise Broken(f"more came than the {whole} bytes that were announced")
            if asset.size is not None and part.offset + len(data) > asset.size:
                part.discard()
                raise wrong_size(self._job.target, part.offset + len(data), more=True)
            part.write(data)
            self._tell_now_and_then()

    def _share(self, body: Iterator[bytes | memoryview], *, can_split: bool, host: str) -> None:
        """Read an answer whose length is known; others may take pieces of it."""
        live = self._job.live
        crew = Crew(
            self._part,
            ask=self._ask,
            parts=self._job.effort.parts,
            can_split=can_split,
            host=host,
            live=live,
            clock=self._job.clock,
            heed=self._heed,
        )
        if live is not None:
            live.join(host)
        try:
            crew.run(body)
        except Overrun:
            self._part.restart()
            raise
        finally:
            if live is not None:
                live.leave(host)

    def _heed(self) -> None:
        self._heed_stop()
        self._tell_now_and_then()

    def _tell_now_and_then(self) -> None:
        if self._part.total - self._told_at >= self._job.effort.telling_bytes:
            self._told_at = self._part.total
            self._tell()

    def _finish(self) -> Outcome | Sealed:
        """Check the whole and give it its name.

        Raises:
            Broken: What was patched together from several answers is wrong; one answer may be right.
        """
        part, target = self._part, self._job.target
        try:
            check(part, target, self._claim, is_settled=self._is_settled)
        except (ChecksumMismatch, NotTheProduct) as err:
            if self._is_patched:
                self._is_patched = False
                part.restart()
                raise Broken(err.message) from err
            part.discard()
            raise
        waits = self._job.live is not None and part.offset <= SMALL_BYTES
        outcome = place(part, target, waits=waits)
        self._tell()
        return Sealed(outcome=outcome, part=part, claim=self._claim) if waits else outcome

    def _tell(self) -> None:
        if self._job.live is not None and self._job.live.is_heard:
            part = self._part
            total = part.record.size if part.record.size is not None else self._asset.size
            label = label_of(self._job.target)
            self._job.live.tell(Event(kind="download", label=label, done=part.total, total=total, unit="B"))

    def _heed_stop(self) -> None:
        if self._job.stop is not None and self._job.stop.is_set():
            raise stopped(self._job.target)

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
