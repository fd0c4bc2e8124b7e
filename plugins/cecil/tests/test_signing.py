# SPDX-License-Identifier: Apache-2.0
"""Signed links, and buckets whose credentials die."""

from __future__ import annotations

import datetime as dt
from types import SimpleNamespace

import httpx
import pytest

from swath._http.failures import status_error
from swath.errors import LinkExpired, NotFound, UnexpectedResponse
from swath_cecil._api.signing import bucket_url, signed
from swath_cecil._api.storage import Store
from swath_cecil.models import S3Bucket, S3BucketCredentials

NOW = dt.datetime(2013, 5, 24, tzinfo=dt.UTC)


def credentials(expires=NOW + dt.timedelta(hours=1), token=""):
    return S3BucketCredentials(
        access_key_id="AKIAIOSFODNN7EXAMPLE",
        secret_access_key="wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
        session_token=token,
        region="us-east-1",
        expiration=expires,
    )


def test_signature_is_that_of_the_published_example():
    url = signed(
        "https://examplebucket.s3.amazonaws.com", credentials(), NOW, key="test.txt", lifetime=dt.timedelta(days=1)
    )

    assert url.endswith("&X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404")


def test_key_and_token_are_escaped():
    url = signed("https://b.s3.x.amazonaws.com", credentials(token="a/b+c="), NOW, key="a b/ü+?.tif")

    assert url.startswith("https://b.s3.x.amazonaws.com/a%20b/%C3%BC%2B%3F.tif?")
    assert "X-Amz-Security-Token=a%2Fb%2Bc%3D" in url


@pytest.mark.parametrize(
    ("name", "endpoint", "url"),
    [
        ("plain", "", "https://plain.s3.eu-west-2.amazonaws.com"),
        ("with.dot", "", "https://s3.eu-west-2.amazonaws.com/with.dot"),
        ("plain", "http://127.0.0.1:9000/", "http://127.0.0.1:9000/plain"),
    ],
)
def test_bucket_is_where_its_region_is(name, endpoint, url):
    assert bucket_url(name, "eu-west-2", endpoint) == url


def test_p27_credentials_are_not_shown():
    assert "EXAMPLE" not in repr(credentials(token="secret-EXAMPLE"))


class Box:
    """A store of one object, whose credentials die when told."""

    def __init__(self, lifetime=dt.timedelta(hours=1)):
        self.now, self.lifetime, self.issued, self.good = NOW, lifetime, 0, 0
        self.refused = 0
        self.answer = None
        self.context = SimpleNamespace(settings={"s3_url": "http://store"}, time=lambda: self.now, http=self)

    def ask(self):
        self.issued += 1
        self.good = self.issued
        held = credentials(self.now + self.lifetime, token=f"token-{self.issued}")
        return SimpleNamespace(bucket=S3Bucket(name="b", prefix="p/"), credentials=held)

    def request(self, method, url, **given):
        assert given["auth"] is False
        request = httpx.Request(method, url, headers=given.get("headers"))
        if f"token-{self.good}" not in url:
            self.refused += 1
            raise status_error(httpx.Response(400, text="ExpiredToken", request=request), provider="cecil")
        if self.answer is not None:
            if self.answer.status_code >= 400:
                raise status_error(httpx.Response(self.answer.status_code, request=request), provider="cecil")
            return self.answer
        return httpx.Response(206, content=request.headers.get("range", "all").encode())


def test_credentials_are_renewed_before_they_die():
    box = Box()
    store = Store(box.context, box.ask)

    for _ in range(10):
        store.read("k", 0, 5)
        box.now += dt.timedelta(minutes=50)

    assert box.refused == 0
    assert store.asked == box.issued <= 10


def test_credentials_that_die_early_are_asked_for_again():
    box = Box()
    store = Store(box.context, box.ask)
    store.read("k")

    box.good = -1

    assert store.read("k", 5) == b"bytes=5-"
    assert (box.issued, box.refused) == (2, 1)


def test_fresh_credentials_that_are_refused_are_an_error():
    box = Box()
    store = Store(box.context, box.ask)
    box.ask = None
    store._ask = lambda: SimpleNamespace(bucket=S3Bucket(name="b", prefix="p/"), credentials=credentials())

    with pytest.raises(LinkExpired, match="fresh credentials"):
        store.read("k")


@pytest.mark.parametrize(
    ("start", "end", "sent"), [(0, 5, "bytes=0-4"), (7, None, "bytes=7-"), (-8, None, "bytes=-8"), (None, None, "all")]
)
def test_ranges_are_said_as_http_has_them(start, end, sent):
    box = Box()

    assert Store(box.context, box.ask).read("k", start, end).decode() == sent


@pytest.mark.parametrize(("start", "end", "data"), [(2, 5, b"cde"), (5, None, b"fgh"), (-3, None, b"fgh")])
def test_store_without_ranges_gives_the_same(start, end, data):
    box = Box()
    box.answer = httpx.Response(200, content=b"abcdefgh")

    assert Store(box.context, box.ask).read("k", start, end) == data


def test_object_that_is_not_there_is_not_found():
    box = Box()
    box.answer = httpx.Response(404)

    with pytest.raises(NotFound):
        Store(box.context, box.ask).read("k")


@pytest.mark.parametrize("body", [b"<html>", b"<Error/>", b"<ListBucketResult><Contents/></ListBucketResult>"])
def test_listing_that_is_none_is_an_error(body):
    box = Box()
    box.answer = httpx.Response(200, content=body)

    with pytest.raises(UnexpectedResponse):
        list(Store(box.context, box.ask).objects())


def test_listing_that_goes_round_in_circles_is_an_error():
    box = Box()
    box.answer = httpx.Response(
        200,
        content=b"<ListBucketResult><IsTruncated>true</IsTruncated><NextContinuationToken>t</NextContinuationToken>"
        b"</ListBucketResult>",
    )

    with pytest.raises(UnexpectedResponse, match="same page"):
        list(Store(box.context, box.ask).objects())
