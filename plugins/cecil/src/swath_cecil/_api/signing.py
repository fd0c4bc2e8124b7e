# SPDX-License-Identifier: Apache-2.0
"""Signs requests to S3-compatible stores in their URLs, so that core's own transfer can send them.

Source: https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html, read 2026-11.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
from collections.abc import Mapping
from typing import Final
from urllib.parse import quote, urlsplit

from swath_cecil.models import S3BucketCredentials

__all__ = ["LONGEST", "bucket_url", "signed"]

LONGEST: Final = dt.timedelta(hours=1)
"""For how long a link is signed at most; it dies with the credentials before that."""


def bucket_url(name: str, region: str, endpoint: str = "") -> str:
    """Give where a bucket is, without trailing slash.

    Args:
        name: Of the bucket.
        region: Where it is.
        endpoint: Of a store that is not Amazon's; buckets are below it.
    """
    if endpoint:
        return f"{endpoint.rstrip('/')}/{name}"
    if "." in name:  # the certificate of the service does not cover it as a host name
        return f"https://s3.{region}.amazonaws.com/{name}"
    return f"https://{name}.s3.{region}.amazonaws.com"


def signed(
    url: str,
    credentials: S3BucketCredentials,
    now: dt.datetime,
    *,
    key: str = "",
    params: Mapping[str, str] | None = None,
    lifetime: dt.timedelta = LONGEST,
) -> str:
    """Sign a GET.

    Args:
        url: Of the bucket, from `bucket_url`.
        credentials: What opens it.
        now: Time of day, aware UTC.
        key: Of the object; none for the bucket itself.
        params: Query parameters.
        lifetime: For how long it shall hold.

    Returns:
        The URL with everything in its query that the store asks for.
    """
    base = urlsplit(url)
    path = quote(f"{base.path}/{key}" if key else base.path or "/", safe="/~")
    stamp = now.astimezone(dt.UTC).strftime("%Y%m%dT%H%M%SZ")
    scope = f"{stamp[:8]}/{credentials.region}/s3/aws4_request"
    query = {
        **(params or {}),
        "X-Amz-Algorithm": "AWS4-HMAC-SHA256",
        "X-Amz-Credential": f"{credentials.access_key_id}/{scope}",
        "X-Amz-Date": stamp,
        "X-Amz-Expires": str(max(1, int(lifetime.total_seconds()))),
        "X-Amz-SignedHeaders": "host",
    }
    if credentials.session_token:
        query["X-Amz-Security-Token"] = credentials.session_token
    text = "&".join(f"{quote(name, safe='~')}={quote(value, safe='~')}" for name, value in sorted(query.items()))
    canonical = "\n".join(("GET", path, text, f"host:{base.netloc}", "", "host", "UNSIGNED-PAYLOAD"))
    hashed = hashlib.sha256(canonical.encode()).hexdigest()
    told = f"AWS4-HMAC-SHA256\n{stamp}\n{scope}\n{hashed}"
    secret = f"AWS4{credentials.secret_access_key}".encode()
    for part in scope.split("/"):
        secret = hmac.new(secret, part.encode(), hashlib.sha256).digest()
    signature = hmac.new(secret, told.encode(), hashlib.sha256).hexdigest()
    return f"{base.scheme}://{base.netloc}{path}?{text}&X-Amz-Signature={signature}"
