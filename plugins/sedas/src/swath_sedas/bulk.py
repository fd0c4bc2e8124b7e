# SPDX-License-Identifier: Apache-2.0
"""The provider's bulk downloader under its documented name: `SeDASBulkDownload`.

What is in the archive is requested and awaited in the background, what is online is downloaded, several at once. Each
product is requested once, tried a limited number of times, and announced only when its file is whole.
"""

from __future__ import annotations

import logging
import queue
import threading
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Future
from pathlib import Path
from typing import Any

from attrs import evolve, frozen

from swath.errors import (
    CredentialError,
    InputError,
    NotFound,
    OrderTimeout,
    PartialFailure,
    ProviderError,
    Rejected,
    SwathError,
    TransferError,
)
from swath_sedas.api import SeDASAPI
from swath_sedas.products import supplier_id_of
from swath_sedas.wire import ONLINE_KEY

__all__ = ["SeDASBulkDownload"]

_LOG = logging.getLogger("bulk_downloader")
_GROWTH = 1.5
_LONGEST_S = 60.0


@frozen(kw_only=True)
class _Job:
    """One product on its way."""

    product: dict[str, Any]
    supplier_id: str
    request_id: str | None = None
    tries: int = 0
    waited_s: float = 0.0


class SeDASBulkDownload:
    """Downloads many products in the background.

    Args:
        sedas_client: Client to use.
        download_prefix: Folder; each product becomes ``<supplierId>.zip`` in it. A file that is there whole is kept.
        parallel: Downloads at once.
        done_queue: Is given ``{"search": product, "path": file}`` for each product whose file is whole.
        attempts: Tries of one download before it counts as failed.
        timeout: Seconds to wait for a product from the archive before it counts as failed; None for ever.
        poll_s: Seconds between the first looks at the requests; the pause grows to a minute.
    """

    def __init__(
        self,
        sedas_client: SeDASAPI,
        download_prefix: str,
        parallel: int = 2,
        done_queue: queue.Queue[dict[str, Any]] | None = None,
        *,
        attempts: int = 5,
        timeout: float | None = None,
        poll_s: float = 5.0,
    ) -> None:
        from swath.native import workers

        self._client = sedas_client
        self._prefix = Path(download_prefix)
        self._done_queue = done_queue
        self._attempts = attempts
        self._timeout_s = timeout
        self._poll_s = poll_s
        self._lock = threading.Lock()
        self._open: dict[str, _Job] = {}
        self._waiting: dict[str, _Job] = {}
        self._again: list[_Job] = []
        self._done = 0
        self._polling = False
        self._fresh = False
        self._stop: Future[None] = Future()
        self._ended: Future[None] | None = None
        self._downloads = workers(parallel)
        self._looks = workers(1)
        self._poller = workers(1)
        self.failures: dict[str, BaseException] = {}
        """Why a product was given up, by ``supplierId``."""

    # --- documented -------------------------------------------------------------------------------------------------

    def add(self, search_results: Iterable[Mapping[str, Any]]) -> None:
        """Add products. Those in the archive are requested before this returns, one after the other.

        A product that is on its way already is passed over. One that cannot be requested is listed in `failures`;
        the others go on.

        Args:
            search_results: Products as a search lists them; they are not changed.

        Raises:
            InputError: One of them has no ``supplierId``, or the downloader was shut down; nothing was added.
            CredentialError: The account is not accepted.
        """
        jobs = [_Job(supplier_id=supplier_id_of(one), product=dict(one)) for one in search_results]
        if self._stop.done():
            raise InputError("the downloader was shut down", hint="make a new SeDASBulkDownload")
        for job in jobs:
            with self._lock:
                if job.supplier_id in self._open:
                    continue
                self._open[job.supplier_id] = job
                self.failures.pop(job.supplier_id, None)
            if job.product.get(ONLINE_KEY):
                self._start(job)
            else:
                self._request(job)

    def is_done(self) -> bool:
        """Whether nothing is on its way any more: each product is a whole file or one of `failures`."""
        with self._lock:
            return not self._open

    def shutdown(self) -> None:
        """Stop: what is being downloaded comes to its end, nothing new begins, what waits is dropped.

        Raises:
            PartialFailure: All is done and some products failed.
        """
        with self._lock:
            finished = not self._open
            if not self._stop.done():
                self._stop.set_result(None)
            for job in [*self._waiting.values(), *self._again]:
                self._close(job)
            self._waiting, self._again = {}, []
        for executor in (self._downloads, self._looks, self._poller):
            executor.shutdown(wait=False, cancel_futures=True)
        if finished and self.failures:
            raise self._failed()

    # --- beyond -----------------------------------------------------------------------------------------------------

    def wait(self, timeout: float | None = None) -> None:
        """Wait until all is done.

        Args:
            timeout: Seconds; None for as long as it takes.

        Raises:
            PartialFailure: Some products failed; the others are in place.
            OrderTimeout: It is not done by then; it goes on.
        """
        with self._lock:
            ended = self._ended if self._open else None
            if self._open and ended is None:
                ended = self._ended = Future()
        if ended is not None:
            try:
                ended.result(timeout)
            except TimeoutError as err:
                raise OrderTimeout(
                    f"{len(self._open)} products are still on their way after {timeout} s", provider="sedas"
                ) from err
        if self.failures:
            raise self._failed()

    def _failed(self) -> PartialFailure:
        names = sorted(self.failures)
        first = self.failures[names[0]]
        more = f" and {len(names) - 1} more" if len(names) > 1 else ""
        return PartialFailure(
            f"{len(names)} of {len(names) + self._done} products failed: {names[0]}{more} ({first})",
            provider="sedas",
            details={"failed": names},
        )

    # --- requesting -------------------------------------------------------------------------------------------------

    def _request(self, job: _Job) -> None:
        """Request a product from the archive, once: a lost answer is a failure, not a reason to ask again."""
        try:
            request_id = str(self._client.request(job.product))
        except CredentialError:
            self._end(job)
            raise
        except (SwathError, OSError) as err:
            self._fail(job, err)
            return
        _LOG.debug("requested %s as %s", job.supplier_id, request_id)
        with self._lock:
            self._waiting[job.supplier_id] = evolve(job, request_id=request_id)
            self._fresh = True
        self._poll()

    def _poll(self) -> None:
        """See that somebody looks after what waits."""
        with self._lock:
            if self._polling or self._stop.done():
                return
            self._polling = True
            self._poller.submit(self._look_after)

    def _look_after(self) -> None:
        """Look at the requests from time to time, as long as anything waits."""
        pause_s = self._poll_s
        while True:
            try:
                self._stop.result(pause_s)
            except TimeoutError:
                pass
            else:
                return
            with self._lock:
                again, self._again = self._again, []
                waiting = list(self._waiting.values())
            for job in again:
                self._start(job)
            for job in waiting:
                self._look(evolve(job, waited_s=job.waited_s + pause_s))
            with self._lock:
                _LOG.info(
                    "%d products pending, %d requests among them, %d done",
                    len(self._open),
                    len(self._waiting),
                    self._done,
                )
                if not self._waiting and not self._again:
                    self._polling = False
                    return
                fresh, self._fresh = self._fresh, False
            pause_s = self._poll_s if fresh else min(pause_s * _GROWTH, max(_LONGEST_S, self._poll_s))

    def _look(self, job: _Job) -> None:
        """Look at one request; only a lasting refusal gives it up."""
        url, problem = self._answer(job)
        with self._lock:
            if job.supplier_id not in self._waiting:
                return
            if url or (problem is not None and not _may_pass(problem)):
                del self._waiting[job.supplier_id]
            elif self._timeout_s is not None and job.waited_s >= self._timeout_s:
                del self._waiting[job.supplier_id]
                problem = OrderTimeout(
                    f"request {job.request_id} for {job.supplier_id} was not fulfilled within {self._timeout_s} s",
                    provider="sedas",
                )
            else:
                self._waiting[job.supplier_id] = job
                return
        if url:
            _LOG.info("request %s complete for %s", job.request_id, job.supplier_id)
            self._start(evolve(job, product={**job.product, ONLINE_KEY: url}))
        elif problem is not None:
            self._fail(job, problem)

    def _answer(self, job: _Job) -> tuple[str | None, BaseException | None]:
        """Ask for a request on a thread of its own, so that whatever it raises is an answer and ends nothing."""
        look: Future[str | None] = self._looks.submit(self._client.is_request_ready, str(job.request_id))
        problem = look.exception()
        if problem is not None:
            _LOG.warning("could not look at request %s: %s", job.request_id, problem)
            return None, problem
        return look.result(), None

    # --- downloading ------------------------------------------------------------------------------------------------

    def _path(self, job: _Job) -> str:
        return str(self._prefix / f"{job.supplier_id}.zip")

    def _start(self, job: _Job) -> None:
        """Put a download in line."""
        with self._lock:
            if self._stop.done():
                return
            path = self._path(job)
            _LOG.info("downloading %s to %s", job.supplier_id, path)
            download = self._downloads.submit(self._client.download, job.product, path)
        download.add_done_callback(self._ender(job))

    def _ender(self, job: _Job) -> Callable[[Future[None]], None]:
        def end(download: Future[None]) -> None:
            self._finish(job, download)

        return end

    def _finish(self, job: _Job, download: Future[None]) -> None:
        """Take a download's end, on its thread."""
        if download.cancelled():
            self._end(job)
            return
        problem = download.exception()
        if problem is None:
            self._succeed(job)
        elif _may_pass(problem) and job.tries + 1 < self._attempts:
            _LOG.warning("could not download %s, it is tried again: %s", job.supplier_id, problem)
            with self._lock:
                self._again.append(evolve(job, tries=job.tries + 1))
            self._poll()
        else:
            self._fail(job, problem)

    def _succeed(self, job: _Job) -> None:
        """Announce a whole file. Who takes the message finds `is_done` right."""
        message = {"search": job.product, "path": self._path(job)}
        with self._lock:
            announced = self._done_queue is None or _put(self._done_queue, message)
            self._done += 1
            if announced:
                self._close(job)
        if not announced and self._done_queue is not None:
            self._done_queue.put(message)
            self._end(job)

    def _fail(self, job: _Job, problem: BaseException) -> None:
        _LOG.error("gave up %s: %s", job.supplier_id, problem)
        with self._lock:
            self.failures[job.supplier_id] = problem
            self._close(job)

    def _end(self, job: _Job) -> None:
        with self._lock:
            self._close(job)

    def _close(self, job: _Job) -> None:
        """Take a product off the list, under the lock."""
        self._open.pop(job.supplier_id, None)
        if not self._open and self._ended is not None:
            ended, self._ended = self._ended, None
            ended.set_result(None)


def _put(done_queue: queue.Queue[dict[str, Any]], message: dict[str, Any]) -> bool:
    """Put a message without waiting; false where the queue is full."""
    try:
        done_queue.put_nowait(message)
    except queue.Full:
        return False
    return True


def _may_pass(problem: BaseException) -> bool:
    """Whether a later try may succeed: trouble on the way does pass, a refusal does not."""
    if isinstance(problem, (NotFound, Rejected)):
        return False
    return isinstance(problem, (OSError, TransferError, ProviderError))
