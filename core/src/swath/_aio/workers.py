# SPDX-License-Identifier: Apache-2.0
"""Threads that never keep a process from ending."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Executor, Future
from queue import Empty, SimpleQueue
from typing import Any, ParamSpec, TypeVar

__all__ = ["Workers"]

_P = ParamSpec("_P")
_T = TypeVar("_T")


class Workers(Executor):
    """An executor on daemon threads.

    `concurrent.futures.ThreadPoolExecutor` is joined when the interpreter ends: after Ctrl-C, a thread that waits for a
    silent server would hold the process for as long as its time-out lasts (P47).

    Args:
        count: Threads at most, > 0.
    """

    def __init__(self, count: int) -> None:
        self._count = count
        self._tasks: SimpleQueue[tuple[Future[Any], Callable[[], Any]] | None] = SimpleQueue()
        self._threads: list[threading.Thread] = []
        self._idle = threading.Semaphore(0)
        """Threads that wait for a task; a new one is only started where there is none."""
        self._lock = threading.Lock()
        self._closed = False

    def submit(self, fn: Callable[_P, _T], /, *args: _P.args, **kwargs: _P.kwargs) -> Future[_T]:
        """Hand in a task."""
        future: Future[_T] = Future()
        with self._lock:
            if self._closed:
                msg = "these workers are shut down"
                raise RuntimeError(msg)
            self._tasks.put((future, lambda: fn(*args, **kwargs)))
            if not self._idle.acquire(blocking=False) and len(self._threads) < self._count:
                thread = threading.Thread(target=self._work, name=f"swath-transfer-{len(self._threads)}", daemon=True)
                self._threads.append(thread)
                thread.start()
        return future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Take no more tasks, and let the threads end once they have none."""
        with self._lock:
            self._closed = True
            if cancel_futures:
                self._drop_tasks()
            for _ in self._threads:
                self._tasks.put(None)
        if wait:
            for thread in self._threads:
                thread.join()

    def _drop_tasks(self) -> None:
        while True:
            try:
                task = self._tasks.get_nowait()
            except Empty:
                return
            if task is not None:
                task[0].cancel()

    def _work(self) -> None:
        while (task := self._tasks.get()) is not None:
            future, run = task
            if not future.set_running_or_notify_cancel():
                self._idle.release()
                continue
            try:
                result = run()
            except BaseException as err:  # noqa: BLE001  an executor keeps whatever a task raises for who asks
                future.set_exception(err)
            else:
                future.set_result(result)
            self._idle.release()
            del task, future, run  # an idle thread must not hold on to the last result
