# SPDX-License-Identifier: Apache-2.0
"""One run over a batch of files: who fetches which, and what becomes of it."""

from __future__ import annotations

import contextvars
import functools
import threading
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import CancelledError, Executor, Future
from concurrent.futures import wait as wait_for
from typing import Final, Literal, TypeAlias

from attrs import define, evolve

from swath._clock import SystemClock
from swath._transfer.attempt import fetch_file, label_of, stopped
from swath._transfer.job import DeadLink, Job
from swath._transfer.landing import Landing, Sealed
from swath._transfer.live import Live
from swath._transfer.plan import Target
from swath._transfer.report import BatchReport, Outcome
from swath.errors import DiskFull, Gone, LinkExpired, NotFound, SwathError
from swath.models import Asset
from swath.progress import Event

__all__ = ["Batch"]

_GONE: Final = frozenset({404, 410})
_MOST_FRESH_LINKS: Final = 2
"""For one file in a row, without a byte from any."""
_LOOK_S: Final = 0.1
"""Between looks at whether the caller has cancelled, and at what small files wait to be landed."""
_MANY: Final = 128
"""Files that wait to be landed before the caller's thread is woken for them."""
_GRACE_S: Final = 1.0
"""For running fetches to write down how far they came, once the batch is to end."""

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


class Batch:
    """One run over all files. What is not a fetch happens on the caller's thread: minting, telling, naming.

    Args:
        files: What to fetch, and where to.
        job: Makes the job of a file, given whether a fresh link can be had.
        remint: Gives the same file with a fresh link; None if links cannot be had again.
        live: Shared by the fetches.
        cancelled: Set to stop; None where nobody can.
        landing: Where small files wait.
    """

    def __init__(
        self,
        files: Sequence[Target],
        *,
        job: Callable[[Target, bool], Job],
        remint: Callable[[Asset], Asset] | None,
        live: Live,
        cancelled: threading.Event | None,
        landing: Landing,
    ) -> None:
        self._files = [_File(target) for target in files]
        self._job = job
        self._remint = remint
        self._live = live
        self._cancelled = cancelled
        self._landing = landing
        self._sealed: dict[Sealed, _File] = {}
        self._full: DiskFull | None = None
        self._done = 0
        self._lock = threading.Lock()
        """Of what follows; the threads that fetch take from it and add to it."""
        self._waiting = deque(self._files)
        self._open = len(self._files)
        """Files of which nobody has reported."""
        self._ended: deque[tuple[_File, _Result | BaseException]] = deque()
        self._news = threading.Event()
        self._threads: set[threading.Thread] = set()
        self._futures: set[Future[_Result]] = set()

    def run(self, executor: Executor | None, workers: int) -> BatchReport:
        """Fetch all, `workers` at once.

        Args:
            executor: Runs the fetches; None for threads of our own, which end with the batch.
            workers: Files at once, > 0.

        Raises:
            DiskFull: The disk is full; the report so far is in ``details["report"]``.
        """
        try:
            self._tell()
            while not self._is_over() and not self._is_done:
                if executor is None:
                    self._hire(workers)
                else:
                    self._submit(executor, workers)
                self._news.wait(_LOOK_S)
                self._news.clear()
                self._collect()
                if self._landing.is_due or not self._open:
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

    @property
    def _is_done(self) -> bool:
        return not self._open and not self._ended and not self._sealed

    def _is_over(self) -> bool:
        return self._full is not None or (self._cancelled is not None and self._cancelled.is_set())

    # --- fetching -----------------------------------------------------------------------------------------------------

    def _hire(self, workers: int) -> None:
        """Have as many threads as there is work for. Each takes one file after the other.

        They are daemons. `concurrent.futures.ThreadPoolExecutor` is joined when the interpreter ends: after Ctrl-C, a
        thread that waits for a silent server would hold the process for as long as its time-out lasts (P47).
        """
        with self._lock:
            for _ in range(min(len(self._waiting), workers - len(self._threads))):
                # Log lines and errors carry the caller's correlation id.
                work = contextvars.copy_context().run
                name = f"swath-transfer-{len(self._threads)}"
                thread = threading.Thread(target=work, args=(self._work,), name=name, daemon=True)
                self._threads.add(thread)
                thread.start()

    def _work(self) -> None:
        while True:
            with self._lock:
                if not self._waiting or self._live.stop.is_set() or self._is_over():
                    self._threads.discard(threading.current_thread())
                    return
                file = self._waiting.popleft()
            result: _Result | BaseException
            try:
                result = fetch_file(self._job_of(file))
            except BaseException as err:  # noqa: BLE001  for the caller's thread
                result = err
            if isinstance(result, DeadLink):  # a fresh one may die soon: no other file goes before this one
                self._leave()
                self._report(file, result)
                return
            self._report(file, result)

    def _leave(self) -> None:
        with self._lock:
            self._threads.discard(threading.current_thread())

    def _submit(self, executor: Executor, workers: int) -> None:
        """Keep an executor of the caller's busy: others may use it too, so it gets one file at a time."""
        with self._lock:
            files = [self._waiting.popleft() for _ in range(min(len(self._waiting), workers - len(self._futures)))]
        for file in files:
            job = self._job_of(file)
            if job.live is not None:
                future = executor.submit(contextvars.copy_context().run, fetch_file, job)
            else:
                future = executor.submit(fetch_file, job)
            self._futures.add(future)
            future.add_done_callback(functools.partial(self._heard, file))

    def _heard(self, file: _File, future: Future[_Result]) -> None:
        self._futures.discard(future)
        failure = CancelledError() if future.cancelled() else future.exception()
        self._report(file, future.result() if failure is None else failure)
        self._news.set()  # it can have the next

    def _job_of(self, file: _File) -> Job:
        return self._job(file.target, self._remint is not None and not file.trusts_link)

    def _report(self, file: _File, result: _Result | BaseException) -> None:
        """Hand in what came of a fetch. Small files wait anyway: the caller's thread is only woken for the last."""
        with self._lock:
            self._ended.append((file, result))
            self._open -= 1
            if isinstance(result, Outcome) and isinstance(result.error, DiskFull):
                self._full = self._full or result.error  # nobody begins another
            is_news = not self._open or not isinstance(result, Sealed) or len(self._ended) >= _MANY
        if is_news:
            self._news.set()

    def _again(self, file: _File) -> None:
        with self._lock:
            self._waiting.appendleft(file)
            self._open += 1

    # --- on the caller's thread ---------------------------------------------------------------------------------------

    def _collect(self) -> None:
        """Take what was handed in."""
        while self._ended:
            file, result = self._ended.popleft()
            if isinstance(result, BaseException):
                raise result
            if isinstance(result, DeadLink):
                self._renew(file, result)
            elif isinstance(result, Sealed):
                self._sealed[result] = file
                self._landing.add(result)
            else:
                self._settle(file, result)

    def _land(self) -> None:
        """Bring small files onto the disk and give them their names."""
        for sealed, outcome in self._landing.land():
            file = self._sealed.pop(sealed)
            self._settle(file, outcome)

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
        self._again(file)

    def _settle(self, file: _File, outcome: Outcome) -> None:
        file.outcome = _of(file, outcome)
        self._done += 1
        if isinstance(outcome.error, DiskFull):
            self._full = self._full or outcome.error
        if not self._live.is_heard:
            return
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
        clock = SystemClock()
        end_s = clock.monotonic() + _GRACE_S
        for future in tuple(self._futures):
            future.cancel()
        wait_for(tuple(self._futures), timeout=_GRACE_S)
        for thread in tuple(self._threads):
            thread.join(max(0.0, end_s - clock.monotonic()))
        while self._ended:
            file, result = self._ended.popleft()
            if isinstance(result, Outcome):
                file.outcome = _of(file, result)
            elif isinstance(result, Sealed):
                self._sealed[result] = file
                self._landing.add(result)
        for sealed, outcome in self._landing.land():
            file = self._sealed.pop(sealed)
            file.outcome = _of(file, outcome)

    def _outcome_of(self, file: _File) -> Outcome:
        return file.outcome or _failed(file, stopped(file.target))


def _of(file: _File, outcome: Outcome) -> Outcome:
    """Give an outcome with the file's own target: one that comes from another process has none with a whole link."""
    return outcome if outcome.target is file.target else evolve(outcome, target=file.target)


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
