# SPDX-License-Identifier: Apache-2.0
"""Buckets that open for a while: what is in them, and links to it, with credentials renewed before they die."""

from __future__ import annotations

import datetime as dt
import re
import threading
import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final, Generic, Protocol, TypeVar

from attrs import frozen

from swath.errors import LinkExpired, SwathError, UnexpectedResponse
from swath.hookspecs import Context
from swath_cecil._api.signing import LONGEST, bucket_url, signed
from swath_cecil.models import S3Bucket, S3BucketCredentials

__all__ = ["Store", "Stored"]

_MARGIN: Final = dt.timedelta(minutes=5)
"""Credentials are renewed that long before they die, where they live longer than that."""
_REFUSED: Final = frozenset({400, 401, 403})
"""What a store answers to credentials that have died."""


class _Opened(Protocol):
    """A listing that tells of a bucket."""

    @property
    def bucket(self) -> S3Bucket: ...

    @property
    def credentials(self) -> S3BucketCredentials: ...


_Listing = TypeVar("_Listing", bound=_Opened)


@frozen(kw_only=True)
class Stored:
    """One object of a bucket."""

    key: str
    size: int
    """Bytes."""
    etag: str = ""
    modified: str = ""


class Store(Generic[_Listing]):
    """A subscription's bucket. Any thread may use it.

    Args:
        context: The opened account.
        ask: Asks Cecil for the listing, which has credentials that work from now on.
        again: Opens the same bucket in another process, which finds the account by itself; None where that cannot be.
    """

    def __init__(
        self,
        context: Context,
        ask: Callable[[], _Listing],
        again: tuple[Callable[..., Store[Any]], tuple[Any, ...]] | None = None,
    ) -> None:
        self._context = context
        self._ask = ask
        self._again = again
        self._lock = threading.Lock()
        self._listing: _Listing | None = None
        self._renew_at: dt.datetime | None = None
        self.asked = 0
        """How often Cecil was asked."""

    def __reduce__(self) -> tuple[Any, ...]:
        if self._again is None:
            msg = "this bucket cannot be opened in another process"
            raise TypeError(msg)
        return self._again

    def listing(self) -> _Listing:
        """Give the listing, asked for anew where its credentials are about to die."""
        with self._lock:
            now = self._context.time()
            if self._listing is None or self._renew_at is None or now >= self._renew_at:
                self._listing = self._ask()
                self.asked += 1
                left = self._listing.credentials.expiration - now
                self._renew_at = now + max(left - _MARGIN, left / 2)
            return self._listing

    def forget(self, listing: _Listing) -> None:
        """Ask anew the next time, as these credentials were refused before their time."""
        with self._lock:
            if self._listing is listing:
                self._listing = None

    @property
    def endpoint(self) -> str:
        """Where the store is, if it is not Amazon's."""
        return self._context.settings.get("s3_url") or ""

    def link(self, key: str) -> tuple[str, dt.datetime]:
        """Sign a link to an object now.

        Returns:
            The link, and when it dies.
        """
        url, expires, _ = self._link(key)
        return url, expires

    def _link(self, key: str) -> tuple[str, dt.datetime, _Listing]:
        listing = self.listing()
        now, credentials = self._context.time(), listing.credentials
        expires = min(now + LONGEST, credentials.expiration)
        base = bucket_url(listing.bucket.name, credentials.region, self.endpoint)
        return signed(base, credentials, now, key=key, lifetime=expires - now), expires, listing

    def objects(self) -> Iterator[Stored]:
        """List what is below the prefix, by key.

        Raises:
            UnexpectedResponse: The store's answer is no listing.
        """
        for page in self._pages({"prefix": self.listing().bucket.prefix}):
            yield from page.objects

    def names(self, folder: str) -> Iterator[str]:
        """List the names right in a folder, of objects and folders.

        Args:
            folder: Key that ends with a slash, or nothing for the bucket.
        """
        for page in self._pages({"prefix": folder, "delimiter": "/"}):
            yield from (one.key.removeprefix(folder) for one in page.objects)
            yield from (one.removeprefix(folder).rstrip("/") for one in page.folders)

    def _pages(self, asked: Mapping[str, str]) -> Iterator[_Page]:
        token = ""
        while True:
            listing = self.listing()
            base = bucket_url(listing.bucket.name, listing.credentials.region, self.endpoint)
            params = {"list-type": "2", **asked} | ({"continuation-token": token} if token else {})
            url = signed(base, listing.credentials, self._context.time(), params=params)
            page = _read(self._context.http.request("GET", url, auth=False, bucket="storage").content)
            yield page
            if not page.following:
                return
            if page.following == token:
                raise UnexpectedResponse("the store names the same page as the next one", provider="cecil")
            token = page.following

    def read(self, key: str, start: int | None = None, end: int | None = None) -> bytes:
        """Read an object, or a part of it.

        Args:
            key: Of the object.
            start: First byte; None for all, negative for so many at the end.
            end: Byte after the last one; None for the end.

        Raises:
            NotFound: There is no such object.
            LinkExpired: Fresh credentials were refused, too.
        """
        headers = {"Accept-Encoding": "identity"}
        if start is not None:
            span = f"{start}" if start < 0 else f"{start}-{'' if end is None else end - 1}"
            headers["Range"] = f"bytes={span}"
        for is_last in (False, True):
            url, _, listing = self._link(key)
            try:
                answer = self._context.http.request("GET", url, headers=headers, auth=False, bucket="storage")
            except SwathError as err:
                if err.status_code not in _REFUSED:
                    raise
                self.forget(listing)
                if is_last:
                    raise LinkExpired(
                        f"{key.rpartition('/')[2]!r} cannot be read, with fresh credentials neither: {_code(err)}",
                        provider="cecil",
                        status_code=err.status_code,
                    ) from err
                continue
            whole = answer.content
            if answer.status_code == 200 and start is not None:  # a store that knows no ranges
                return whole[start:end] if start >= 0 else whole[start:]
            return whole
        raise AssertionError  # the loop always ends


def _code(err: SwathError) -> str:
    """Give the store's own word for a refusal."""
    found = re.search(r"<Code>(\w+)</Code>", str(err.details.get("body") or ""))
    return found[1] if found else str(err.details.get("said") or err.status_code)


@frozen(kw_only=True)
class _Page:
    """One page of a listing."""

    objects: list[Stored]
    folders: list[str]
    following: str
    """Token of the next page; empty after the last."""


def _read(body: bytes) -> _Page:
    """Read one page of a listing."""
    try:
        root = ET.fromstring(body)  # noqa: S314  (expat expands no external entities and bounds internal ones)
    except ET.ParseError as err:
        raise UnexpectedResponse(f"the store's listing is no XML: {err}", provider="cecil") from err
    if _name(root) != "ListBucketResult":
        raise UnexpectedResponse(f"the store answers {_name(root)!r} instead of a listing", provider="cecil")
    found, folders = [], []
    for entry in root:
        told = {_name(one): one.text or "" for one in entry}
        if _name(entry) == "CommonPrefixes":
            folders.append(told.get("Prefix", ""))
        elif _name(entry) == "Contents":
            size = told.get("Size", "")
            if not told.get("Key") or not size.isdigit():
                raise UnexpectedResponse("the store lists an object without key or size", provider="cecil")
            found.append(
                Stored(
                    key=told["Key"],
                    size=int(size),
                    etag=told.get("ETag", ""),
                    modified=told.get("LastModified", ""),
                )
            )
    said = {_name(one): one.text or "" for one in root}
    following = said.get("NextContinuationToken", "") if said.get("IsTruncated") == "true" else ""
    return _Page(objects=found, folders=folders, following=following)


def _name(element: ET.Element) -> str:
    return element.tag.rpartition("}")[2]
