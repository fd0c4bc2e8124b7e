# SPDX-License-Identifier: Apache-2.0
"""Fetches a batch of files, several at once."""

from __future__ import annotations

import contextvars
import threading
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from concurrent.futures import wait as wait_for
from queue import Empty, SimpleQueue
from typing import Final, Literal, TypeAlias

from attrs import define, evolve

from swath._clock import Clock, SystemClock
from swath._transfer.attempt import fetch_file, label_of, stopped
from swath._transfer.disk import make_folders, require_room
from swath._transfer.job import DeadLink, Effort, Job, Streams
from swath._transfer.landing import Landing, Sealed
from swath._transfer.live import Live
from swath._transfer.names import fold
from swath._transfer.part import part_path
from swath._transfer.plan import Target
from swath._transfer.report import BatchReport, Outcome
from swath._transfer.workers import Workers
from swath._worker import current
from swath.errors import DiskFull, Gone, InputError, LinkExpired, NameCollision, NotFound, SwathError, TargetNotWritable
from swath.models import Asset
from swath.progress import Event

__all__ = ["fetch_all"]

_GONE: Final = frozenset({404, 410})
_MOST_FRESH_LINKS: Final = 2
"""For one file in a row, without a byte from any."""
_LOOK_S: Final = 0.1
"""Between looks at whether the caller has cancelled."""
_GRACE_S: Final = 1.0
"""For running fetches to write down how far they came, once the batch is to end."""


def fetch_all(
    files: Sequence[Target],
    *,
    http: Streams,
    remint: Callable[[Asset], Asset] | None = None,
    workers: int = 8,
    progress: Callable[[Event], None] | None = None,
    overwrite: bool = False,
    cancelled: threading.Event | None = None,
    executor: Executor | None = None,
    clock: Clock | None = None,
    effort: Effort | None = None,
) -> BatchReport:
    """Bring files into their places, each under its final name only when it is whole and checked.

    What is here already and proven is not fetched. What was begun is continued where the server allows it safely. A
    file that fails does not stop the others; a full disk does. Two processes may fetch the same files at once: each
    file is written by one of them, the other then finds it here.

    Args:
        files: What and where to; see `plan_targets`.
        http: Core's client.
        remint: Gives the same file with a fresh link; called on this thread only. None if links cannot be had again.
        workers: Files at once, > 0.
        progress: Told of each file and of the whole, one call at a time, from several threads.
        overwrite: Whether what is here and whole is fetched again.
        cancelled: Set to stop; what drops the work if None. What is not in place then is reported as failed, its part
            is kept.
        executor: Runs the fetches instead of threads of our own. It is not shut down. Where it is not a thread pool,
            `http` must pickle, single files report no progress and what runs is not stopped early.
        clock: What waits go through.
        effort: How hard to try.

    Returns:
        One outcome for each file, in the order given. It does not raise for them: see `raise_for_failures`.

    Raises:
        InputError: `workers` is below 1.
        TargetNotWritable: A folder cannot be written to; nothing was fetched.
        NameCollision: Two of the files have one path; nothing was fetched.
        DiskFull: Before the first byte, if the announced sizes need more than is free; or as soon as it shows. The
            report so far is in ``details["report"]``.
    """
    cancelled = cancelled or current()
    if workers < 1:
        raise InputError(f"workers must be at least 1, not {workers}", step="download")
    effort, clock = effort or Effort(), clock or SystemClock()
    _prepare(files, overwrite=overwrite)
    batch = _Batch(
        files,
        remint=remint,
        live=Live(progress),
        cancelled=cancelled,
        landing=Landing(clock),
        job=lambda file: Job(
            target=file.target,
            http=http,
            overwrite=overwrite,
            can_mint=remint is not None and not file.trusts_link,
            effort=effort,
            clock=clock,
        ),
    )
    if executor is not None:
        return batch.run(executor, workers)
    own = Workers(min(workers, max(1, len(files))))
    try:
        return batch.run(own, workers)
    finally:
        own.shutdown(wait=False, cancel_futures=True)


def _prepare(files: Sequence[Target], *, overwrite: bool) -> None:
    """Find out what is wrong with the places before anything is fetched."""
    seen: dict[str, Target] = {}
    for target in files:
        other = seen.setdefault(fold(str(target.path.absolute())), target)
        if other is not target:
            raise NameCollision(f"{other.path} and {target.path} are one path on some systems", step="download")
        if target.path.is_dir():
            raise TargetNotWritable(f"{target.path} is a folder, and a file is to be written there", step="download")
    make_folders(target.path.parent for target in files)
    require_room((target.path.parent, _missing_bytes(target, overwrite=overwrite)) for target in files)


def _missing_bytes(target: Target, *, overwrite: bool) -> int:
    """Say how many bytes will be written, as far as sizes are announced; bytes."""
    size = target.asset.size
    if size is None:
        return 0
    here, part = target.path, part_path(target.path)
    if not overwrite and here.is_file() and here.stat().st_size == size:
        return 0
    return max(0, size - (part.stat().st_size if part.is_file() else 0))


_Result: TypeAlias = Outcome | DeadLink | Sealed


@define(eq=False)
class _File:
    """Where the batch stands with one file."""

    target: Target
    outcome: Outcome | None = None
    fresh_links: int = 0
    """Minted in a row without a byte."""
    trusts_link: bool = False
    """Whether the link is to be tried although its own date has passed: a fresh one looked just so."""


class _Batch:
    """One run over all files. Its methods run on the caller's thread."""

    def __init__(
        self,
        files: Sequence[Target],
        *,
        remint: Callable[[Asset], Asset] | None,
        live: Live,
        cancelled: threading.Event | None,
        landing: Landing,
        job: Callable[[_File], Job],
    ) -> None:
        self._files = [_File(target) for target in files]
        self._waiting = deque(self._files)
        self._running: dict[Future[_Result], _File] = {}
        self._ended: SimpleQueue[Future[_Result]] = SimpleQueue()
        self._landing = landing
        self._sealed: dict[Sealed, _File] = {}
        self._remint = remint
        self._live = live
        self._cancelled = cancelled
        self._job = job
        self._full: DiskFull | None = None
        self._done = 0

    def run(self, executor: Executor, workers: int) -> BatchReport:
        """Fetch all, `workers` at once."""
        try:
            self._tell()
            while (self._waiting or self._running) and not self._is_over():
                while self._waiting and len(self._running) < workers:
                    self._submit(executor, self._waiting.popleft())
                self._collect(_LOOK_S)
                if self._landing.is_due or not (self._waiting or self._running):
                    self._land()
            if self._is_over():
                self._end()
        except BaseException:  # Ctrl-C above all; what runs must not go on behind the caller's back
            self._end()
            raise
        report = BatchReport(outcomes=tuple(self._outcome_of(file) for file in self._files))
        if self._full is not None:
            self._full.details["report"] = report
            raise self._full
        return report

    def _is_over(self) -> bool:
        return self._full is not None or (self._cancelled is not None and self._cancelled.is_set())

    def _submit(self, executor: Executor, file: _File) -> None:
        job = self._job(file)
        if isinstance(executor, Workers | ThreadPoolExecutor):
            # Log lines and errors of the workers carry the caller's correlation id.
            future = executor.submit(contextvars.copy_context().run, fetch_file, evolve(job, live=self._live))
        else:
            future = executor.submit(fetch_file, job)
        self._running[future] = file
        future.add_done_callback(self._ended.put)

    def _collect(self, patience_s: float) -> None:
        """Take the next result, if there is one in time."""
        try:
            future = self._ended.get(timeout=patience_s)
        except Empty:
            return
        file = self._running.pop(future)
        result = future.result()
        if isinstance(result, DeadLink):
            self._renew(file, result)
        elif isinstance(result, Sealed):
            self._sealed[result] = file
            self._landing.add(result)
        else:
            self._settle(file, evolve(result, target=file.target))

    def _land(self) -> None:
        """Bring small files onto the disk and give them their names."""
        for sealed, outcome in self._landing.land():
            file = self._sealed.pop(sealed)
            self._settle(file, evolve(outcome, target=file.target))

    def _renew(self, file: _File, dead: DeadLink) -> None:
        """Have a fresh link minted for a file and let it go on at once, before that one dies too."""
        old = file.target.asset
        status = dead.error.status_code if dead.error is not None else None
        file.fresh_links = 0 if dead.gained else file.fresh_links
        most = 1 if status in _GONE else _MOST_FRESH_LINKS
        if self._remint is None or file.fresh_links >= most:
            self._settle(file, _failed(file, _verdict(dead.error, file)))
            return
        try:
            fresh = self._remint(old)
        except SwathError as err:
            self._settle(file, _failed(file, _verdict(err, file) if isinstance(err, NotFound) else err))
            return
        if fresh.href == old.href and dead.error is not None:
            self._settle(file, _failed(file, _verdict(dead.error, file)))
            return
        file.fresh_links += dead.error is not None
        file.trusts_link = dead.error is None
        asset = evolve(
            old,
            href=fresh.href,
            expires=fresh.expires,
            size=old.size if fresh.size is None else fresh.size,
            checksum=fresh.checksum or old.checksum,
        )
        file.target = evolve(file.target, asset=asset)
        self._waiting.appendleft(file)

    def _settle(self, file: _File, outcome: Outcome) -> None:
        file.outcome = outcome
        self._done += 1
        if isinstance(outcome.error, DiskFull):
            self._full = self._full or outcome.error
        receipt = outcome.receipt
        done = receipt.size if receipt is not None else None
        detail = outcome.error.message if outcome.error is not None else outcome.status
        self._live.tell(
            Event(
                kind="download",
                label=label_of(file.target),
                done=done,
                total=done,
                unit="B",
                detail=detail,
                finished=True,
            )
        )
        self._tell()

    def _tell(self) -> None:
        done, total = self._done, len(self._files)
        self._live.tell(
            Event(kind="download", label="files", done=done, total=total, unit="files", finished=done == total)
        )

    def _end(self) -> None:
        """Stop what runs, and give it a moment to write down how far it came."""
        self._live.halt()
        for future in self._running:
            future.cancel()
        wait_for(self._running, timeout=_GRACE_S)
        for future, file in self._running.items():
            if future.done() and not future.cancelled() and future.exception() is None:
                result = future.result()
                file.outcome = evolve(result, target=file.target) if isinstance(result, Outcome) else None
                if isinstance(result, Sealed):
                    self._sealed[result] = file
                    self._landing.add(result)
        for sealed, outcome in self._landing.land():
            file = self._sealed.pop(sealed)
            file.outcome = evolve(outcome, target=file.target)

    def _outcome_of(self, file: _File) -> Outcome:
        return file.outcome or _failed(file, stopped(file.target))


def _failed(file: _File, error: SwathError) -> Outcome:
    status: Literal["failed"] = "failed"
    return Outcome(target=file.target, status=status, error=error)


def _verdict(error: SwathError | None, file: _File) -> SwathError:
    """Say what a dead link means once no fresh one helps."""
    name = file.target.path.name
    said = error.message if error is not None else "its own date has passed"
    status = error.status_code if error is not None else None
    provider = error.provider if error is not None else None
    request_id = error.request_id if error is not None else None
    if status in _GONE or isinstance(error, NotFound):
        return Gone(
            f"{name!r} is not there any more: {said}",
            provider=provider,
            step="download",
            status_code=status,
            request_id=request_id,
        )
    if error is not None and not file.fresh_links:
        return error
    return LinkExpired(
        f"the link to {name!r} was refused, and so was a fresh one: {said}",
        provider=provider,
        step="download",
        status_code=status,
        request_id=request_id,
    )
