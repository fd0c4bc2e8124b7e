# SPDX-License-Identifier: Apache-2.0
"""Fetches a batch of files, several at once."""

from __future__ import annotations

import os
import stat
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from pathlib import Path

from swath._clock import Clock, SystemClock
from swath._transfer.batch import Batch
from swath._transfer.disk import make_folders, require_room
from swath._transfer.job import Effort, Job, Streams
from swath._transfer.landing import Landing
from swath._transfer.live import Live
from swath._transfer.names import fold
from swath._transfer.part import beside
from swath._transfer.plan import Target
from swath._transfer.report import BatchReport
from swath._worker import current
from swath.errors import InputError, NameCollision, TargetNotWritable
from swath.models import Asset
from swath.progress import Event

__all__ = ["fetch_all"]


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
    is_local = executor is None or isinstance(executor, ThreadPoolExecutor)
    live = Live(progress)
    batch = Batch(
        files,
        remint=remint,
        live=live,
        cancelled=cancelled,
        landing=Landing(clock),
        job=lambda target, can_mint: Job(
            target=target,
            http=http,
            overwrite=overwrite,
            can_mint=can_mint,
            effort=effort,
            clock=clock,
            live=live if is_local else None,
        ),
    )
    return batch.run(executor, workers)


def _prepare(files: Sequence[Target], *, overwrite: bool) -> None:
    """Find out what is wrong with the places before anything is fetched."""
    seen: dict[str, Target] = {}
    needs: list[tuple[Path, int]] = []
    for target in files:
        other = seen.setdefault(fold(os.path.abspath(target.path)), target)  # noqa: PTH100
        if other is not target:
            raise NameCollision(f"{other.path} and {target.path} are one path on some systems", step="download")
        needs.append((target.path.parent, _missing_bytes(target, overwrite=overwrite)))
    make_folders(folder for folder, _ in needs)
    require_room(needs)


def _missing_bytes(target: Target, *, overwrite: bool) -> int:
    """Say how many bytes will be written, as far as sizes are announced; bytes.

    Raises:
        TargetNotWritable: A folder has the file's name.
    """
    here = _found(target.path)
    if here is not None and stat.S_ISDIR(here.st_mode):
        raise TargetNotWritable(f"{target.path} is a folder, and a file is to be written there", step="download")
    size = target.asset.size
    if size is None or (not overwrite and here is not None and here.st_size == size):
        return 0
    part = _found(beside(target.path, ".part"))
    return max(0, size - (part.st_size if part is not None else 0))


def _found(path: str | Path) -> os.stat_result | None:
    try:
        return os.stat(path)  # noqa: PTH116
    except OSError:
        return None
