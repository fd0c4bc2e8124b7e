# SPDX-License-Identifier: Apache-2.0
"""Temporary credentials for the buckets, and the judgement of requests signed with them.

Source of the signature: AWS Signature Version 4, as object stores take it.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from typing import Any
from urllib.parse import parse_qsl, quote, unquote

from starlette.requests import Request

from swath.sandbox import World
from swath.sandbox.links import LinkState
from swath_cecil.sandbox.settings import Settings

__all__ = ["Credentials", "StoreRefusal"]

_AUTHORIZATION = re.compile(
    r"AWS4-HMAC-SHA256\s+Credential=(?P<key>[^/]+)/(?P<day>\d{8})/(?P<region>[^/]+)/s3/aws4_request,\s*"
    r"SignedHeaders=(?P<headers>[^,]+),\s*Signature=(?P<signature>[0-9a-f]{64})\s*\Z"
)
_SPACES = re.compile(r"\s+")


class StoreRefusal(Exception):
    """A bucket's refusal, with the store's code for it."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status, self.code, self.message = status, code, message


class Credentials:
    """Issues credentials for one prefix of one bucket, and checks requests against them."""

    def __init__(self, world: World, settings: Settings) -> None:
        self._world, self._settings = world, settings
        self._age = 0

    def issue(self, bucket: str, prefix: str, region: str) -> dict[str, str]:
        """Make credentials, as listings have them."""
        life = self._settings.credentials_s
        expiry = self._world.links.expiry(life)
        token = self._world.links.token(f"s3 {self._age} {region} {bucket}/{prefix}", life)
        return {
            "access_key_id": _access_key(token),
            "secret_access_key": self._secret(token),
            "session_token": token,
            "region": region,
            "expiration": f"{expiry:%Y-%m-%dT%H:%M:%SZ}",
        }

    def expire(self) -> None:
        """Make all that was issued so far worthless."""
        self._age += 1

    def check(self, request: Request, bucket: str, prefix: str) -> None:
        """Judge a request for a key, or for a listing below a prefix.

        Raises:
            StoreRefusal: If its credentials are missing, unknown, expired, for something else, or used wrongly.
        """
        found = _AUTHORIZATION.match(request.headers.get("authorization") or _in_query(request))
        if found is None:
            raise StoreRefusal(403, "AccessDenied", "Access Denied")
        token = _told(request, "X-Amz-Security-Token")
        ticket = self._world.links.read(token)
        kind, _, rest = ticket.subject.partition(" ")
        age, _, rest = rest.partition(" ")
        region, _, place = rest.partition(" ")
        if ticket.state is LinkState.INVALID or kind != "s3":
            raise StoreRefusal(400, "InvalidToken", "The provided token is malformed or otherwise invalid.")
        if ticket.state is LinkState.EXPIRED or age != str(self._age):
            raise StoreRefusal(400, "ExpiredToken", "The provided token has expired.")
        if found["key"] != _access_key(token):
            raise StoreRefusal(403, "InvalidAccessKeyId", "The access key does not exist in our records.")
        if self._settings.checks_signatures and not self._is_signed(request, found, self._secret(token)):
            raise StoreRefusal(403, "SignatureDoesNotMatch", "The signature we calculated does not match.")
        if found["region"] != region:
            text = (
                f"The authorization header is malformed; the region '{found['region']}' is wrong; expecting '{region}'"
            )
            raise StoreRefusal(400, "AuthorizationHeaderMalformed", text)
        if not f"{bucket}/{prefix}".startswith(place):
            raise StoreRefusal(403, "AccessDenied", "Access Denied")

    def _secret(self, token: str) -> str:
        key = f"swath sandbox bucket {self._world.seed}".encode()
        return base64.b64encode(hmac.new(key, token.encode(), hashlib.sha256).digest()[:30]).decode()

    def _is_signed(self, request: Request, found: re.Match[str], secret: str) -> bool:
        scope = f"{found['day']}/{found['region']}/s3/aws4_request"
        text = "\n".join(
            (
                "AWS4-HMAC-SHA256",
                _told(request, "X-Amz-Date"),
                scope,
                hashlib.sha256(_canonical(request, found["headers"]).encode()).hexdigest(),
            )
        )
        key = f"AWS4{secret}".encode()
        for part in (*scope.split("/"), text):
            key = hmac.new(key, part.encode(), hashlib.sha256).digest()
        return hmac.compare_digest(key.hex(), found["signature"])


def _in_query(request: Request) -> str:
    """Give what a signed link has in its query as the header would have it.

    A link dies with its token here, whatever it says itself: clients go by their own clocks, not by the stand-in's.
    """
    told = request.query_params
    return (
        f"{told.get('X-Amz-Algorithm', '')} Credential={told.get('X-Amz-Credential', '')}, "
        f"SignedHeaders={told.get('X-Amz-SignedHeaders', '')}, Signature={told.get('X-Amz-Signature', '')}"
    )


def _told(request: Request, name: str) -> str:
    """Give what stands in a header, or in the query of a signed link."""
    return str(request.headers.get(name) or request.query_params.get(name, ""))


def _access_key(token: str) -> str:
    return "ASIA" + base64.b32encode(hashlib.sha256(token.encode()).digest()[:10]).decode()


def _canonical(request: Request, names: str) -> str:
    """Write a request as its signer did."""
    scope: Any = request.scope
    path = unquote(scope.get("raw_path", scope["path"].encode()).decode("latin-1"))
    pairs = parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)
    query = sorted(
        (quote(name, safe="-_.~"), quote(value, safe="-_.~")) for name, value in pairs if name != "X-Amz-Signature"
    )
    headers = [
        f"{name}:{_SPACES.sub(' ', ','.join(request.headers.getlist(name)).strip())}" for name in names.split(";")
    ]
    return "\n".join(
        (
            request.method,
            quote(path, safe="/-_.~"),
            "&".join(f"{name}={value}" for name, value in query),
            *headers,
            "",
            names,
            request.headers.get("x-amz-content-sha256", "UNSIGNED-PAYLOAD"),
        )
    )
