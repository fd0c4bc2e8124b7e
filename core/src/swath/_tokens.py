# SPDX-License-Identifier: Apache-2.0
"""One token an account: fetched once for all threads and processes, kept, and renewed before it dies."""

from __future__ import annotations

import contextlib
import copy
import datetime as dt
import hashlib
import logging
import os
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from attrs import field, frozen

from swath._home import ensure_private_dir
from swath._token_places import FilePlace, HasNow, MemoryPlace, OwnFormat, TokenFormat, TokenPlace
from swath._worker import undisturbed
from swath.errors import ConfigurationError

if TYPE_CHECKING:
    from swath.auth import Token

__all__ = ["TokenCache"]

_LOG = logging.getLogger("swath.tokens")


@frozen(kw_only=True)
class _Kept:
    """A token, and when our own clock saw it arrive."""

    token: Token
    fetched: dt.datetime

    def lives(self, now: dt.datetime, margin_s: float) -> bool:
        """Say whether it is worth using.

        A token that was over on arrival shows that our clock and the provider's differ: its end says nothing, and
        the provider's own refusal will. One that lives shorter than twice the margin is renewed at half its life, or
        each request would fetch a new one.
        """
        if self.token.expires is None:
            return True
        life_s = (self.token.expires - self.fetched).total_seconds()
        if life_s <= 0:
            return True
        margin_s = min(margin_s, life_s / 2)
        return now < self.token.expires - dt.timedelta(seconds=margin_s)


@frozen(kw_only=True)
class _Outcome:
    """How the last fetch of this cache ended."""

    count: int = 0
    error: Exception | None = field(default=None, repr=False)


class TokenCache:
    """Keeps the token of one account. Nothing is read or written before the first `get`.

    Threads that wait while one of them fetches share its outcome, be it a token or an error: they do not fetch again.
    A later call tries anew. Other processes wait for the file lock and then take the token from the file; after a
    failed fetch each of them tries once itself.

    Args:
        key: Says which account; used only as a hash.
        directory: Where the file is kept (0600); None keeps the token in memory only.
        clock: Says when a token is over.
        lock_timeout_s: Seconds, > 0, that another process may take over its fetch; then this one fetches too.
        place: Another place than a file of that folder.
        form: How the token is written there, where others read it too.
    """

    def __init__(
        self,
        key: str,
        *,
        directory: Path | None,
        clock: HasNow,
        lock_timeout_s: float = 120.0,
        place: TokenPlace | None = None,
        form: TokenFormat | None = None,
    ) -> None:
        name = hashlib.sha256(key.encode()).hexdigest()[:32]
        own = MemoryPlace() if directory is None else FilePlace(directory / f"{name}.json")
        self._place = own if place is None else place
        self._form: TokenFormat = OwnFormat() if form is None else form
        self._clock = clock
        self._lock_timeout_s = lock_timeout_s
        self._lock = threading.Lock()
        self._pid = os.getpid()
        self._kept: _Kept | None = None
        self._last = _Outcome()

    def keep(self, token: Token) -> None:
        """Keep a token that was fetched elsewhere, as by a sign-in."""
        self._after_fork()
        with self._lock, self._file_lock():
            self._kept = _Kept(token=token, fetched=self._clock.now())
            self._write(self._kept)

    def get(self, fetch: Callable[[Token | None], Token], *, margin_s: float, not_this: Token | None = None) -> Token:
        """Give a token that lives at least a little longer.

        Args:
            fetch: Gets a new one; it is given the last known one, whose refresh token may still be good.
            margin_s: Seconds before its end at which a token is renewed.
            not_this: A token that the provider refused. It is not given again, whoever wrote it, unless a fresh
                fetch brings the same.

        Raises:
            Exception: What `fetch` raised, to everyone who waited for it.
        """
        self._after_fork()
        kept, seen = self._kept, self._last.count
        if self._is_good(kept, margin_s, not_this):
            return kept.token  # type: ignore[union-attr]  # _is_good refuses None
        with self._lock:
            if self._last.count != seen:
                return self._shared()
            if self._is_good(self._kept, margin_s, not_this):
                return self._kept.token  # type: ignore[union-attr]  # _is_good refuses None
            with self._file_lock():
                stored = self._read()
                if self._is_good(stored, margin_s, not_this):
                    self._kept = stored
                    return stored.token  # type: ignore[union-attr]  # _is_good refuses None
                return self._fetch(fetch, _newest(stored, self._kept, not_this))

    def peek(self) -> Token | None:
        """Give the token that is kept, dead or alive, without fetching."""
        self._after_fork()
        with self._lock:
            kept = self._kept or self._read()
        return None if kept is None else kept.token

    def held(self) -> Token | None:
        """Give the token that this process has used; no file is read."""
        return None if self._kept is None else self._kept.token

    def forget(self) -> bool:
        """Drop the token here and in the file.

        Returns:
            Whether there was one.
        """
        self._after_fork()
        with self._lock, self._file_lock():
            had = self._kept is not None
            self._kept = None
            return self._place.remove() or had

    def _is_good(self, kept: _Kept | None, margin_s: float, not_this: Token | None) -> bool:
        if kept is None or (not_this is not None and kept.token.value == not_this.value):
            return False
        return kept.lives(self._clock.now(), margin_s)

    def _shared(self) -> Token:
        """Give a waiter the outcome of the fetch that it waited for."""
        if self._last.error is not None:
            raise _copy(self._last.error) from self._last.error
        assert self._kept is not None  # noqa: S101 - a fetch without an error has kept its token
        return self._kept.token

    def _fetch(self, fetch: Callable[[Token | None], Token], old: Token | None) -> Token:
        try:
            with undisturbed():  # an answer that nobody reads may hold the only refresh token that is still good
                token = fetch(old)
        except Exception as err:
            self._last = _Outcome(count=self._last.count + 1, error=err)
            raise
        self._kept = _Kept(token=token, fetched=self._clock.now())
        self._last = _Outcome(count=self._last.count + 1)
        self._write(self._kept)
        return token

    def _after_fork(self) -> None:
        """Give a forked child a lock of its own: the parent's may be held by a thread that the child has not."""
        if self._pid != os.getpid():
            self._lock = threading.Lock()
            self._pid = os.getpid()

    # --- the file -------------------------------------------------------------------------------------------------

    @contextlib.contextmanager
    def _file_lock(self) -> Iterator[None]:
        """Hold the other processes off; where that cannot be, go on without, for the lock only saves requests."""
        path = self._place.path
        if path is None:
            yield
            return
        import filelock

        lock = filelock.FileLock(f"{path}.lock", timeout=self._lock_timeout_s, mode=0o600)
        try:
            ensure_private_dir(path.parent)
            lock.acquire()
        except filelock.Timeout:
            _LOG.warning("another process has held %s for %g s; not waiting longer", lock.lock_file, lock.timeout)
        except (OSError, NotImplementedError, ConfigurationError) as err:
            _LOG.debug("tokens are not shared with other processes: %s", err)
        try:
            yield
        finally:
            lock.release()

    def _read(self) -> _Kept | None:
        try:
            data = self._place.read()
            if data is None:
                return None
            token, fetched = self._form.decode(data)
        except (ConfigurationError, ValueError, TypeError, KeyError, AttributeError, OverflowError) as err:
            _LOG.warning("the kept token %s cannot be used and will be replaced (%s)", self._place, type(err).__name__)
            return None
        return _Kept(token=token, fetched=fetched)

    def _write(self, kept: _Kept) -> None:
        try:
            before = self._place.read()
        except ConfigurationError:
            before = None
        try:
            self._place.write(self._form.encode(kept.token, kept.fetched, before))
        except ConfigurationError as err:
            _LOG.warning("the token is kept for this process only: %s", err.message)


def _newest(stored: _Kept | None, kept: _Kept | None, not_this: Token | None) -> Token | None:
    """Give the token whose refresh token was issued last: providers may have made the earlier ones useless."""
    known = [entry for entry in (stored, kept) if entry is not None]
    return max(known, key=lambda entry: entry.fetched).token if known else not_this


def _copy(error: Exception) -> Exception:
    """Copy an error for another thread: one object raised in several would mix up their tracebacks."""
    try:
        return copy.copy(error)
    except Exception:  # noqa: BLE001 - an error of foreign code may not be made to be copied
        return error
