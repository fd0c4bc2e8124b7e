# SPDX-License-Identifier: Apache-2.0
"""Threads that what is awaited runs on."""

import threading

import pytest

from swath._aio.workers import Workers


def test_workers_keep_what_a_task_raises_and_take_none_once_shut_down():
    workers = Workers(1)
    failing = workers.submit(int, "x")
    fine = workers.submit(int, "7")

    assert fine.result(timeout=10) == 7
    assert isinstance(failing.exception(timeout=10), ValueError)
    workers.shutdown()
    with pytest.raises(RuntimeError):
        workers.submit(int, "7")


def test_workers_drop_waiting_tasks_when_asked():
    workers = Workers(1)
    entered, go = threading.Event(), threading.Event()
    running = workers.submit(lambda: (entered.set(), go.wait(10)))
    waiting = workers.submit(int, "7")
    entered.wait(10)

    workers.shutdown(wait=False, cancel_futures=True)
    go.set()

    assert running.result(timeout=10)
    assert waiting.cancelled()
