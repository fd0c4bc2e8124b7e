# SPDX-License-Identifier: Apache-2.0
"""The object store: listings of both versions, HEAD, and GET with ranges."""

from __future__ import annotations

import base64
import binascii
import itertools
from collections.abc import Mapping
from urllib.parse import quote
from xml.sax.saxutils import escape

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from swath.sandbox import World
from swath.sandbox.links import LinkState
from swath.sandbox.serving import file_response
from swath_cecil.sandbox.credentials import Credentials, StoreRefusal
from swath_cecil.sandbox.objects import Entry, Shelf
from swath_cecil.sandbox.settings import Settings

__all__ = ["Buckets"]

_HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'
_SPACE = "http://s3.amazonaws.com/doc/2006-03-01/"
_LAST = "\U0010ffff"


class Buckets:
    """The buckets, by name.

    Args:
        world: Its links sign what can be had without credentials.
        settings: How many keys a page has.
        credentials: Judges requests.
        shelves: What is in each bucket.
    """

    def __init__(
        self, world: World, settings: Settings, credentials: Credentials, shelves: Mapping[str, Shelf]
    ) -> None:
        self._world, self._settings, self._credentials = world, settings, credentials
        self._shelves = shelves

    def signed(self, root: str, bucket: str, key: str) -> str:
        """Give a link to an object that is good for a while, without credentials."""
        path = f"/{bucket}/{quote(key)}"
        life = self._settings.credentials_s
        return f"{root}{path}?X-Amz-Expires={life:.0f}&X-Amz-Signature={self._world.links.token(path, life)}"

    async def serve(self, request: Request) -> Response:
        """Answer one request."""
        bucket, key = request.path_params["bucket"], request.path_params.get("key", "")
        try:
            return await run_in_threadpool(self._answer, request, bucket, key)
        except StoreRefusal as refusal:
            return _refused(request, refusal)

    def _answer(self, request: Request, bucket: str, key: str) -> Response:
        shelf = self._shelves.get(bucket)
        if shelf is None:
            raise StoreRefusal(404, "NoSuchBucket", f"The specified bucket does not exist: {bucket}")
        if request.method not in {"GET", "HEAD"}:
            raise StoreRefusal(405, "MethodNotAllowed", "The specified method is not allowed against this resource.")
        query = request.query_params
        signature = query.get("X-Amz-Signature")
        if signature is not None and "X-Amz-Credential" not in query:
            state = self._world.links.check(f"/{bucket}/{quote(key)}", signature)
            if state is not LinkState.VALID:
                text = "Request has expired" if state is LinkState.EXPIRED else "Access Denied"
                raise StoreRefusal(403, "AccessDenied", text)
        else:
            self._credentials.check(request, bucket, key or query.get("prefix", ""))
        if not key:
            return self._listing(shelf, bucket, query, is_second=query.get("list-type") == "2")
        return self._object(request, shelf, key)

    def _object(self, request: Request, shelf: Shelf, key: str) -> Response:
        entry, content = shelf.entry(key), shelf.read(key)
        if entry is None or content is None:
            raise StoreRefusal(404, "NoSuchKey", "The specified key does not exist.")
        answer = file_response(
            request, content, media_type="binary/octet-stream", etag=entry.etag, last_modified=entry.modified
        )
        if answer.status_code == 416:
            raise StoreRefusal(416, "InvalidRange", "The requested range is not satisfiable")
        return answer

    def _listing(self, shelf: Shelf, bucket: str, query: Mapping[str, str], *, is_second: bool) -> Response:
        prefix, delimiter = query.get("prefix", ""), query.get("delimiter", "")
        most = min(int(query.get("max-keys", self._settings.page)), self._settings.page)
        is_coded = query.get("encoding-type") == "url"
        after = query.get("start-after" if is_second else "marker", "")
        if is_second and "continuation-token" in query:
            after = _place(query["continuation-token"])
        elif delimiter and after.endswith(delimiter):
            after += _LAST
        found, groups, last = _page(shelf, prefix, delimiter, after, most)

        def written(text: str) -> str:
            return quote(text, safe="/-_.~") if is_coded else escape(text)

        parts = [
            f"<Name>{bucket}</Name><Prefix>{written(prefix)}</Prefix><MaxKeys>{most}</MaxKeys>",
            f"<IsTruncated>{'true' if last else 'false'}</IsTruncated>",
        ]
        if delimiter:
            parts.append(f"<Delimiter>{written(delimiter)}</Delimiter>")
        if is_coded:
            parts.append("<EncodingType>url</EncodingType>")
        if is_second:
            parts.append(f"<KeyCount>{len(found) + len(groups)}</KeyCount>")
        if last:
            name = "NextContinuationToken" if is_second else "NextMarker"
            place = base64.urlsafe_b64encode(last.encode()).decode() if is_second else written(last.rstrip(_LAST))
            parts.append(f"<{name}>{place}</{name}>")
        parts += [
            f"<Contents><Key>{written(one.key)}</Key><LastModified>{one.modified:%Y-%m-%dT%H:%M:%S.000Z}</LastModified>"
            f"<ETag>&quot;{one.etag}&quot;</ETag><Size>{one.size}</Size><StorageClass>STANDARD</StorageClass></Contents>"
            for one in found
        ]
        parts += [f"<CommonPrefixes><Prefix>{written(one)}</Prefix></CommonPrefixes>" for one in groups]
        body = f'{_HEAD}<ListBucketResult xmlns="{_SPACE}">{"".join(parts)}</ListBucketResult>'
        return Response(body, media_type="application/xml")


def _page(shelf: Shelf, prefix: str, delimiter: str, after: str, most: int) -> tuple[list[Entry], list[str], str]:
    """Give one page of a listing: objects, common prefixes, and where the next page begins; empty after the last."""
    found: list[Entry] = []
    groups: list[str] = []
    last = ""
    while True:
        step = list(itertools.islice(shelf.entries(prefix, after), 1)) if delimiter else []
        rest = iter(step) if delimiter else shelf.entries(prefix, after)
        for entry in rest:
            if len(found) + len(groups) >= most:
                return found, groups, last or after
            cut = entry.key.find(delimiter, len(prefix)) if delimiter else -1
            if cut < 0:
                found.append(entry)
                last = after = entry.key
            else:
                groups.append(entry.key[: cut + len(delimiter)])
                last = after = groups[-1] + _LAST
        if not step:
            return found, groups, ""


def _place(token: str) -> str:
    """Read where a continuation token points."""
    try:
        return base64.urlsafe_b64decode(token).decode()
    except (binascii.Error, UnicodeDecodeError):
        raise StoreRefusal(400, "InvalidArgument", "The continuation token provided is incorrect") from None


def _refused(request: Request, refusal: StoreRefusal) -> Response:
    body = (
        f"{_HEAD}<Error><Code>{refusal.code}</Code><Message>{escape(refusal.message)}</Message>"
        f"<Resource>{escape(request.url.path)}</Resource><RequestId>SANDBOX</RequestId></Error>"
    )
    content = b"" if request.method == "HEAD" else body.encode()
    return Response(content, status_code=refusal.status, media_type="application/xml")
