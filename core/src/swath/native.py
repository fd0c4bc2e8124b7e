# SPDX-License-Identifier: Apache-2.0
"""For plugins that also offer their provider's own API under its own names: core's HTTP, transfer and threads.

A native client holds what `open_context` gives, and leaves sockets, threads and files to core as the hooks do.
"""

from __future__ import annotations

from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from swath.hookspecs import Context
from swath.models import Asset, Receipt

if TYPE_CHECKING:
    import httpx

__all__ = ["close_context", "fetch", "open_context", "stream", "workers"]


def open_context(provider: str, *, plugin: object | None = None, profile: str | None = None, **given: Any) -> Context:
    """Open an account the way `swath.open` does, without the neutral surface on top.

    Args:
        provider: Entry-point name.
        plugin: Instance of the provider class, so that no entry point needs to be installed.
        profile: Which of several accounts.
        **given: Credentials and settings, by the names that the plugin declares.

    Returns:
        The context whose `http` is signed.

    Raises:
        MissingCredentials: If a required credential was found nowhere.
    """
    from swath._session import open_session

    return open_session(provider, profile=profile, given=given, plugin=plugin).context


def close_context(context: Context) -> None:
    """Close the context's connections."""
    close = getattr(context.http, "close", None)
    if close is not None:
        close()


def stream(context: Context, url: str) -> AbstractContextManager[httpx.Response]:
    """Open a download as a stream, signed only where the plugin's origins allow.

    Yields:
        An answer of status 200 whose body is still unread.
    """
    client: Any = context.http  # core's own client, which has `stream` beside what `Http` promises
    opened: AbstractContextManager[httpx.Response] = client.stream("GET", url)
    return opened


def fetch(context: Context, asset: Asset, path: str | Path, *, overwrite: bool = False) -> Receipt:
    """Fetch one file, whole and verified, to exactly this path; see `swath.Provider.download` for what that means.

    Args:
        context: The opened account.
        asset: What to fetch.
        path: Where it goes; its folder is made.
        overwrite: Whether a file that is there already is fetched again.

    Raises:
        TransferError: If it cannot be brought here whole; nothing is at `path` then that was not there before.
    """
    from swath._transfer.fetch import fetch_all
    from swath._transfer.plan import Target

    client: Any = context.http  # core's own client, which has `stream` beside what `Http` promises
    report = fetch_all([Target(asset=asset, path=Path(path))], http=client, overwrite=overwrite)
    report.raise_for_failures()
    return report.receipts[0]


def workers(count: int) -> Executor:
    """Give threads to run independent downloads on; close it, or use it in a ``with``."""
    return ThreadPoolExecutor(count, thread_name_prefix="swath-native")
