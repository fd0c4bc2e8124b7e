# SPDX-License-Identifier: Apache-2.0
"""Fetches a batch of files into an object store, by way of this machine."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from attrs import evolve

from swath._stores import put, staging
from swath._transfer.fetch import fetch_all
from swath._transfer.job import Streams
from swath._transfer.names import relative_parts
from swath._transfer.plan import Target
from swath._transfer.report import BatchReport, Outcome
from swath.errors import SwathError
from swath.models import Asset
from swath.progress import Event

__all__ = ["fetch_stored"]


def fetch_stored(
    assets: Sequence[Asset],
    url: str,
    *,
    http: Streams,
    remint: Callable[[Asset], Asset] | None = None,
    workers: int = 8,
    progress: Callable[[Event], None] | None = None,
    cancelled: threading.Event | None = None,
) -> BatchReport:
    """Bring files to their keys, each only when it is here whole and verified; a key is never seen half written.

    So many files as there are workers are on this machine at once.

    Args:
        assets: What to fetch; the name of each is the end of its key.
        url: ``s3://bucket`` or ``s3://bucket/prefix``.
        http: Core's client.
        remint: Gives the same file with a fresh link.
        workers: Files at once, > 0.
        progress: Told of what arrives here.
        cancelled: Set to stop.

    Returns:
        Outcomes in the order of `assets`; their paths are gone.
    """
    outcomes: list[Outcome] = []
    for at in range(0, len(assets), workers):
        batch = assets[at : at + workers]
        with staging() as folder, ThreadPoolExecutor(len(batch), thread_name_prefix="swath-store") as pool:
            targets = [
                Target(asset=one, path=folder / str(place) / relative_parts(one.name)[-1])
                for place, one in enumerate(batch)
            ]
            report = fetch_all(
                targets, http=http, remint=remint, workers=workers, progress=progress, cancelled=cancelled
            )
            if cancelled is not None and cancelled.is_set():
                return BatchReport(outcomes=[*outcomes, *report.outcomes])
            outcomes += pool.map(_sent, report.outcomes, [f"{url.rstrip('/')}/{one.name}" for one in batch])
    return BatchReport(outcomes=outcomes)


def _sent(outcome: Outcome, url: str) -> Outcome:
    """Upload a file that has come."""
    if outcome.error is not None:
        return outcome
    try:
        put(Path(outcome.target.path), url, overwrite=True)
    except SwathError as err:
        return evolve(outcome, status="failed", receipt=None, error=err)
    return outcome
