# SPDX-License-Identifier: Apache-2.0
"""One file through every trouble a server can make."""

import base64
import datetime as dt
import gzip
import hashlib
import json
import pickle
import random

import httpx
import pytest

from swath._http.client import HttpClient, Settings
from swath._http.origins import Origins
from swath._transfer.fetch import fetch_all
from swath._transfer.job import Effort
from swath._transfer.part import part_path, record_path
from swath._transfer.plan import Target
from swath.errors import (
    ChecksumMismatch,
    Gone,
    InputError,
    InvalidCredentials,
    LinkExpired,
    NotEntitled,
    NotTheProduct,
    PartialFailure,
    TransferError,
    Unavailable,
)
from swath.models import Asset, Verification
from swath.stac import multihash
from swath.testing.clock import FakeClock

URL = "https://files.example.test/image.tif?sig=canary-secret"
DATA = b"II*\x00" + random.Random(4).randbytes(300_000)
MD5 = multihash("md5", hashlib.md5(DATA).hexdigest())
SHA256 = multihash("sha256", hashlib.sha256(DATA).hexdigest())
OLD = "Thu, 01 Jan 2026 00:00:00 GMT"
NOW = "Thu, 01 Jan 2026 12:00:00 GMT"


class Body(httpx.SyncByteStream):
    """Gives `data` in pieces and breaks off after `cut` bytes."""

    def __init__(self, data, cut=None):
        self.data, self.cut = data, cut

    def __iter__(self):
        end = len(self.data) if self.cut is None else self.cut
        for start in range(0, end, 10_000):
            yield self.data[start : min(end, start + 10_000)]
        if self.cut is not None:
            raise httpx.RemoteProtocolError("peer closed connection without sending complete message body")


class Server:
    """Serves `data` honestly, save for the tricks played in turn, one a request."""

    def __init__(self, *tricks, data=DATA, etag='"v1"', headers=None):
        self.tricks = list(tricks)
        self.data, self.etag = data, etag
        self.headers = headers or {}
        self.seen = []
        self.sent = 0

    def __call__(self, request):
        self.seen.append(request)
        trick = self.tricks.pop(0) if self.tricks else None
        if isinstance(trick, Exception):
            raise trick
        if isinstance(trick, httpx.Response):
            return trick
        return trick(self, request) if trick else self.answer(request)

    def answer(self, request, cut=None):
        headers = {"Content-Type": "image/tiff"} | self.headers
        if self.etag:
            headers["ETag"] = self.etag
        wanted = request.headers.get("range")
        guard = request.headers.get("if-range")
        if wanted and guard == self.etag:
            start = int(wanted.removeprefix("bytes=").removesuffix("-"))
            if start >= len(self.data):
                return httpx.Response(416, headers={"Content-Range": f"bytes */{len(self.data)}"})
            body = self.data[start:]
            headers["Content-Range"] = f"bytes {start}-{len(self.data) - 1}/{len(self.data)}"
            return self.reply(206, body, headers, cut)
        return self.reply(200, self.data, headers, cut)

    def reply(self, status, body, headers, cut=None):
        if cut is not None:
            cut = min(cut, len(body))
        self.sent += len(body) if cut is None else cut
        return httpx.Response(status, headers={"Content-Length": str(len(body))} | headers, stream=Body(body, cut))


def cut_at(count):
    return lambda server, request: server.answer(request, cut=count)


def client(server, clock):
    settings = Settings(
        provider="example", account="a", origins=Origins([]), clock=clock, transport=httpx.MockTransport(server)
    )
    return HttpClient(settings)


def target(folder, **more):
    fields = {"href": URL, "name": "image.tif", "media_type": "image/tiff"} | more
    return Target(asset=Asset(**fields), path=folder / "image.tif")


def fetch(server, *targets, clock=None, **more):
    clock = clock or FakeClock()
    effort = more.pop("effort", Effort(checkpoint_bytes=50_000, headway_bytes=50_000))
    return fetch_all(targets, http=client(server, clock), clock=clock, effort=effort, **more)


def only(report):
    (outcome,) = report.outcomes
    return outcome


def left(folder):
    return sorted(path.name for path in folder.rglob("*") if path.is_file())


# --- whole files ---------------------------------------------------------------------------------------------------


def test_file_is_fetched_whole_and_nothing_else_is_left(tmp_path):
    server = Server()

    outcome = only(fetch(server, target(tmp_path)))

    assert outcome.status == "ok"
    assert (tmp_path / "image.tif").read_bytes() == DATA
    assert left(tmp_path) == ["image.tif"]
    assert outcome.receipt.checksum == SHA256
    assert outcome.receipt.size == len(DATA)
    assert outcome.receipt.path == str(tmp_path / "image.tif")
    assert server.seen[0].headers["accept-encoding"] == "identity"


@pytest.mark.parametrize(
    ("announced", "headers", "verified"),
    [
        ({"checksum": MD5}, {}, Verification.CHECKSUM),
        ({"checksum": SHA256, "size": len(DATA)}, {}, Verification.CHECKSUM),
        ({"size": len(DATA)}, {}, Verification.SIZE),
        ({}, {}, Verification.SIZE),
        ({}, {"Content-MD5": base64.b64encode(hashlib.md5(DATA).digest()).decode()}, Verification.CHECKSUM),
        (
            {},
            {"X-Goog-Hash": "crc32c=AAAAAA==,md5=" + base64.b64encode(hashlib.md5(DATA).digest()).decode()},
            Verification.CHECKSUM,
        ),
        (
            {},
            {"Repr-Digest": "sha-256=:" + base64.b64encode(hashlib.sha256(DATA).digest()).decode() + ":"},
            Verification.CHECKSUM,
        ),
        ({}, {"Content-MD5": "no digest"}, Verification.SIZE),
    ],
)
def test_p07_receipt_tells_how_far_it_was_verified(tmp_path, announced, headers, verified):
    outcome = only(fetch(Server(headers=headers), target(tmp_path, **announced)))

    assert outcome.receipt.verified is verified


def test_p07_file_is_unverified_when_nobody_tells_size_or_checksum(tmp_path):
    server = Server(httpx.Response(200, stream=Body(DATA)))

    outcome = only(fetch(server, target(tmp_path)))

    assert outcome.receipt.verified is Verification.UNVERIFIED
    assert (tmp_path / "image.tif").read_bytes() == DATA


@pytest.mark.parametrize("checksum", [MD5, SHA256])
@pytest.mark.parametrize("place", [4, 150_000, len(DATA) - 1])
def test_p07_one_flipped_bit_is_a_mismatch(tmp_path, checksum, place):
    broken = bytearray(DATA)
    broken[place] ^= 1
    server = Server(data=bytes(broken))

    outcome = only(fetch(server, target(tmp_path, checksum=checksum)))

    assert isinstance(outcome.error, ChecksumMismatch)
    assert checksum in outcome.error.message
    assert left(tmp_path) == []


def test_p07_flipped_bit_is_a_mismatch_with_the_answers_own_header(tmp_path):
    headers = {"Content-MD5": base64.b64encode(hashlib.md5(DATA).digest()).decode()}

    outcome = only(fetch(Server(data=DATA[:-1] + b"?", headers=headers), target(tmp_path)))

    assert isinstance(outcome.error, ChecksumMismatch)


@pytest.mark.parametrize("size", [len(DATA) - 1, len(DATA) + 1])
def test_p07_other_size_than_announced_is_a_mismatch(tmp_path, size):
    outcome = only(fetch(Server(), target(tmp_path, size=size)))

    assert isinstance(outcome.error, ChecksumMismatch)
    assert f"{size:,}" in outcome.error.message
    assert not (tmp_path / "image.tif").exists()


@pytest.mark.parametrize("size", [len(DATA) - 1, len(DATA) + 1])
def test_p07_other_size_is_a_mismatch_when_the_answer_has_no_length(tmp_path, size):
    server = Server(httpx.Response(200, stream=Body(DATA)))

    outcome = only(fetch(server, target(tmp_path, size=size)))

    assert isinstance(outcome.error, ChecksumMismatch)
    assert not (tmp_path / "image.tif").exists()


def test_checksum_that_is_none_fails_only_its_file(tmp_path):
    outcome = only(fetch(Server(), target(tmp_path, checksum="zz")))

    assert isinstance(outcome.error, InputError)


def test_empty_file_is_taken_when_it_is_announced_as_empty(tmp_path):
    outcome = only(fetch(Server(data=b""), target(tmp_path, size=0, media_type=None)))

    assert outcome.status == "ok"
    assert (tmp_path / "image.tif").read_bytes() == b""


def test_body_is_decoded_when_the_server_encodes_it_all_the_same(tmp_path):
    headers = {"Content-Encoding": "gzip"}

    outcome = only(fetch(Server(data=gzip.compress(DATA), headers=headers), target(tmp_path, checksum=MD5)))

    assert outcome.status == "ok"
    assert (tmp_path / "image.tif").read_bytes() == DATA


def test_body_is_kept_as_sent_when_the_archive_itself_is_called_encoded(tmp_path):
    packed = gzip.compress(DATA)
    asset = Asset(href=URL, name="image.tar.gz", media_type="application/gzip")
    server = Server(data=packed, headers={"Content-Encoding": "x-gzip"})

    only(fetch(server, Target(asset=asset, path=tmp_path / "image.tar.gz")))

    assert (tmp_path / "image.tar.gz").read_bytes() == packed


# --- not the product -----------------------------------------------------------------------------------------------

PAGES = {
    "html": (b"<!DOCTYPE html><html><title>Please sign in</title></html>", "text/html"),
    "xml": (b"<?xml version='1.0'?><Error><Code>AccessDenied</Code></Error>", "application/xml"),
    "json": (b'{"error": "not ready"}', "application/json"),
    "empty": (b"", "image/tiff"),
}


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize(
    "media_type",
    [
        "image/tiff",
        "image/tiff; application=geotiff; profile=cloud-optimized",
        "application/zip",
        "application/json",
        "application/vnd.apache.parquet",
    ],
)
def test_p06_page_with_status_200_is_not_the_product(tmp_path, page, media_type):
    body, said = PAGES[page]
    server = Server(data=body, headers={"Content-Type": said})

    outcome = only(fetch(server, target(tmp_path, media_type=media_type)))

    assert isinstance(outcome.error, NotTheProduct)
    assert left(tmp_path) == []
    assert len(server.seen) == 1


def test_p06_page_of_the_announced_size_is_not_the_product(tmp_path):
    body = PAGES["html"][0]

    outcome = only(fetch(Server(data=body), target(tmp_path, size=len(body))))

    assert isinstance(outcome.error, NotTheProduct)


def test_p06_page_in_answer_to_a_continuation_does_not_cost_the_part(tmp_path):
    page = httpx.Response(200, headers={"Content-Length": "57"}, stream=Body(PAGES["html"][0]))
    server = Server(cut_at(200_000), page)

    first = only(fetch(server, target(tmp_path)))
    server.sent = 0
    second = only(fetch(server, target(tmp_path)))

    assert isinstance(first.error, NotTheProduct)
    assert second.status == "ok"
    assert server.sent == len(DATA) - 200_000
    assert (tmp_path / "image.tif").read_bytes() == DATA


def test_p06_file_that_was_there_stays_when_a_page_comes(tmp_path):
    (tmp_path / "image.tif").write_bytes(b"II*\x00 older")

    outcome = only(fetch(Server(data=PAGES["html"][0]), target(tmp_path), overwrite=True))

    assert outcome.status == "failed"
    assert (tmp_path / "image.tif").read_bytes() == b"II*\x00 older"


# --- continuing ----------------------------------------------------------------------------------------------------


def test_p05_cut_connection_is_continued_under_a_strong_tag(tmp_path):
    server = Server(cut_at(100_000), cut_at(50_000), data=DATA)

    outcome = only(fetch(server, target(tmp_path, checksum=MD5)))

    assert outcome.receipt.checksum == SHA256
    assert [request.headers.get("range") for request in server.seen] == [None, "bytes=100000-", "bytes=150000-"]
    assert all(request.headers["if-range"] == '"v1"' for request in server.seen[1:])
    assert server.sent == len(DATA)


def test_p05_part_of_an_earlier_run_is_continued(tmp_path):
    server = Server(*[cut_at(60_000)] + [httpx.ReadTimeout("silent")] * 4)

    first = only(fetch(server, target(tmp_path)))
    second = only(fetch(server, target(tmp_path)))

    assert isinstance(first.error, Unavailable)
    assert "60,000" in first.error.message or "no answer" in first.error.message
    assert second.status == "ok"
    assert server.seen[-1].headers["range"] == "bytes=60000-"
    assert (tmp_path / "image.tif").read_bytes() == DATA
    assert left(tmp_path) == ["image.tif"]


@pytest.mark.parametrize(
    ("etag", "headers"),
    [
        (None, {}),
        ('W/"v1"', {}),
        ("v1", {}),
        (None, {"Last-Modified": OLD}),
        (None, {"Last-Modified": NOW, "Date": NOW}),
        (None, {"Last-Modified": "yesterday", "Date": NOW}),
        ('W/"v1"', {"Last-Modified": OLD, "Date": NOW}),
    ],
)
def test_p05_file_starts_anew_when_there_is_no_strong_validator(tmp_path, etag, headers):
    server = Server(cut_at(100_000), etag=etag, headers=headers)

    outcome = only(fetch(server, target(tmp_path)))

    assert "range" not in server.seen[1].headers
    assert outcome.receipt.checksum == SHA256


def test_p05_old_modification_date_is_strong_enough(tmp_path):
    server = Server(cut_at(100_000), etag=None, headers={"Last-Modified": OLD, "Date": NOW})

    outcome = only(fetch(server, target(tmp_path)))

    assert server.seen[1].headers["if-range"] == OLD
    assert outcome.receipt.checksum == SHA256


def test_p05_object_that_changed_between_tries_starts_anew(tmp_path):
    newer = b"II*\x00" + random.Random(5).randbytes(200_000)

    def change(server, request):
        server.data, server.etag = newer, '"v2"'
        return server.answer(request)

    only(fetch(Server(cut_at(100_000), change), target(tmp_path)))

    assert (tmp_path / "image.tif").read_bytes() == newer


def test_p05_range_that_is_ignored_starts_anew(tmp_path):
    def whole(server, request):
        return server.reply(200, server.data, {"ETag": server.etag})

    outcome = only(fetch(Server(cut_at(100_000), whole), target(tmp_path)))

    assert outcome.receipt.checksum == SHA256


@pytest.mark.parametrize(
    "content_range",
    [
        f"bytes 0-{len(DATA) - 1}/{len(DATA)}",
        f"bytes 99999-{len(DATA) - 1}/{len(DATA)}",
        f"bytes 100000-{len(DATA) - 1}/{len(DATA) + 1}",
        f"bytes 100000-{len(DATA)}/{len(DATA)}",
        "bytes 100000-99999/300004",
        f"bytes 100000-{len(DATA) - 1}/*",
        "items 1-2/3",
        "",
    ],
)
def test_p05_wrong_content_range_is_not_believed(tmp_path, content_range):
    def wrong(server, request):
        return server.reply(206, b"?" * (len(DATA) - 100_000), {"ETag": '"v1"', "Content-Range": content_range})

    server = Server(cut_at(100_000), wrong)

    outcome = only(fetch(server, target(tmp_path)))

    assert outcome.receipt.checksum == SHA256
    assert "range" not in server.seen[2].headers


def test_p05_partial_answer_of_another_version_is_not_believed(tmp_path):
    def other(server, request):
        headers = {"ETag": '"v2"', "Content-Range": f"bytes 100000-{len(DATA) - 1}/{len(DATA)}"}
        return server.reply(206, b"?" * (len(DATA) - 100_000), headers)

    outcome = only(fetch(Server(cut_at(100_000), other), target(tmp_path)))

    assert outcome.receipt.checksum == SHA256


def test_p05_partial_answer_to_a_plain_request_is_not_believed(tmp_path):
    def odd(server, request):
        return server.reply(206, DATA[:10], {"Content-Range": f"bytes 0-9/{len(DATA)}"})

    outcome = only(fetch(Server(odd), target(tmp_path)))

    assert outcome.receipt.checksum == SHA256


def test_p05_shorter_partial_answers_are_put_together(tmp_path):
    def some(server, request):
        start = int(request.headers["range"].removeprefix("bytes=").removesuffix("-"))
        headers = {"ETag": '"v1"', "Content-Range": f"bytes {start}-{start + 59_999}/{len(DATA)}"}
        return server.reply(206, DATA[start : start + 60_000], headers)

    outcome = only(fetch(Server(cut_at(100_000), some, some), target(tmp_path)))

    assert outcome.receipt.checksum == SHA256


def test_p05_416_starts_anew(tmp_path):
    server = Server(cut_at(100_000), httpx.Response(416, headers={"Content-Range": "bytes */5"}))

    outcome = only(fetch(server, target(tmp_path)))

    assert outcome.receipt.checksum == SHA256
    assert "range" not in server.seen[2].headers


def test_p05_garbage_before_the_drop_is_mended_where_a_checksum_is_published(tmp_path):
    def garbage(server, request):
        return server.reply(200, DATA[:50_000] + b"?" * 250_004, {"ETag": '"v1"'}, cut=100_000)

    server = Server(garbage)

    outcome = only(fetch(server, target(tmp_path, checksum=MD5)))

    assert outcome.receipt.checksum == SHA256
    assert [request.headers.get("range") for request in server.seen] == [None, "bytes=100000-", None]


def test_p05_short_body_that_ends_quietly_is_continued(tmp_path):
    def short(server, request):
        return httpx.Response(
            200, headers={"Content-Length": str(len(DATA)), "ETag": '"v1"'}, stream=Body(DATA[:123_456])
        )

    server = Server(short)

    outcome = only(fetch(server, target(tmp_path)))

    assert outcome.receipt.checksum == SHA256
    assert server.seen[1].headers["range"] == "bytes=123456-"


def test_p05_longer_body_than_announced_is_not_believed(tmp_path):
    def long(server, request):
        return httpx.Response(200, headers={"Content-Length": "100000", "ETag": '"v1"'}, stream=Body(DATA))

    outcome = only(fetch(Server(long), target(tmp_path)))

    assert outcome.receipt.checksum == SHA256


def test_p05_part_is_not_continued_when_the_provider_announces_another_file(tmp_path):
    server = Server(*[cut_at(60_000)] + [httpx.ReadTimeout("silent")] * 4)
    only(fetch(server, target(tmp_path, checksum=multihash("md5", "0" * 32))))
    server.seen.clear()

    outcome = only(fetch(server, target(tmp_path, checksum=MD5)))

    assert outcome.status == "ok"
    assert "range" not in server.seen[0].headers


@pytest.mark.parametrize("damage", ["record gone", "record empty", "record nonsense", "part gone", "part shorter"])
def test_p05_damaged_leftovers_never_lead_to_wrong_bytes(tmp_path, damage):
    server = Server(*[cut_at(200_000)] + [httpx.ReadTimeout("silent")] * 4)
    only(fetch(server, target(tmp_path)))
    part, record = part_path(tmp_path / "image.tif"), record_path(tmp_path / "image.tif")
    match damage:
        case "record gone":
            record.unlink()
        case "record empty":
            record.write_bytes(b"")
        case "record nonsense":
            record.write_text(json.dumps({"url": 5, "safe": "many"}))
        case "part gone":
            part.unlink()
        case "part shorter":
            part.write_bytes(part.read_bytes()[:1000])

    outcome = only(fetch(server, target(tmp_path)))

    assert outcome.receipt.checksum == SHA256


def test_p05_bytes_that_were_not_on_the_disk_for_sure_are_fetched_again(tmp_path):
    server = Server(*[cut_at(200_000)] + [httpx.ReadTimeout("silent")] * 4)
    only(fetch(server, target(tmp_path)))
    part, record = part_path(tmp_path / "image.tif"), record_path(tmp_path / "image.tif")
    known = json.loads(record.read_text())
    record.write_text(json.dumps(known | {"safe": 150_000}))  # as a power cut between two checkpoints leaves it
    part.write_bytes(part.read_bytes()[:150_000] + bytes(50_000))

    outcome = only(fetch(server, target(tmp_path)))

    assert server.seen[-1].headers["range"] == "bytes=150000-"
    assert outcome.receipt.checksum == SHA256


def test_whole_part_is_placed_without_asking(tmp_path):
    server = Server(*[cut_at(200_000)] + [httpx.ReadTimeout("silent")] * 4)
    only(fetch(server, target(tmp_path)))
    part, record = part_path(tmp_path / "image.tif"), record_path(tmp_path / "image.tif")
    part.write_bytes(DATA)
    record.write_text(json.dumps(json.loads(record.read_text()) | {"safe": len(DATA)}))
    server.seen.clear()

    outcome = only(fetch(server, target(tmp_path)))

    assert outcome.receipt.checksum == SHA256
    assert server.seen == []


def test_progress_record_holds_no_secret(tmp_path):
    server = Server(*[cut_at(60_000)] + [httpx.ReadTimeout("silent")] * 4)

    only(fetch(server, target(tmp_path)))

    text = record_path(tmp_path / "image.tif").read_text()
    assert "files.example.test/image.tif" in text
    assert "canary" not in text


# --- trying again --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("trouble", [500, 503, 429, 408, 425])
def test_passing_trouble_is_tried_again_with_growing_pauses(tmp_path, trouble):
    clock = FakeClock()
    server = Server(*[httpx.Response(trouble) for _ in range(3)])

    outcome = only(fetch(server, target(tmp_path), clock=clock))

    assert outcome.status == "ok"
    assert len(clock.sleeps) == 3
    assert 0.5 <= clock.sleeps[0] <= 1.0 <= clock.sleeps[1] <= 2.0 <= clock.sleeps[2] <= 4.0


def test_p48_silence_ends_after_the_attempts(tmp_path):
    server = Server(*[httpx.ReadTimeout("silent")] * 99)

    outcome = only(fetch(server, target(tmp_path)))

    assert isinstance(outcome.error, Unavailable)
    assert len(server.seen) == 5


def test_p48_headway_starts_the_count_of_failures_anew(tmp_path):
    server = Server(*[cut_at(50_000)] * 5)

    outcome = only(fetch(server, target(tmp_path), effort=Effort(attempts=2, headway_bytes=50_000)))

    assert outcome.receipt.checksum == SHA256
    assert server.sent == len(DATA)


def test_file_that_always_breaks_off_ends_without_validator(tmp_path):
    server = Server(*[cut_at(200_000)] * 99, etag=None)

    outcome = only(fetch(server, target(tmp_path)))

    assert isinstance(outcome.error, Unavailable)
    assert "5 times in a row" in outcome.error.message
    assert "200,000 of 300,004" in outcome.error.message
    assert len(server.seen) == 5


@pytest.mark.parametrize("status", [402, 409, 422])
def test_refusal_is_not_tried_again(tmp_path, status):
    server = Server(httpx.Response(status))

    outcome = only(fetch(server, target(tmp_path)))

    assert outcome.error.status_code == status
    assert len(server.seen) == 1


# --- links ---------------------------------------------------------------------------------------------------------


class Minter:
    """Gives links that count up."""

    def __init__(self, *, expires=None, fails=None):
        self.calls = 0
        self.expires, self.fails = expires, fails

    def __call__(self, asset):
        self.calls += 1
        if self.fails is not None:
            raise self.fails
        return Asset(href=f"{URL}&fresh={self.calls}", name=asset.name, expires=self.expires)


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410])
def test_p20_dead_link_is_minted_again(tmp_path, status):
    server, minter = Server(httpx.Response(status)), Minter()

    outcome = only(fetch(server, target(tmp_path, checksum=MD5), remint=minter))

    assert outcome.receipt.verified is Verification.CHECKSUM
    assert minter.calls == 1
    assert str(server.seen[1].url).endswith("fresh=1")


def test_p20_link_that_dies_on_the_way_is_minted_again_and_the_part_continued(tmp_path):
    server, minter = Server(cut_at(100_000), httpx.Response(403)), Minter()

    outcome = only(fetch(server, target(tmp_path), remint=minter))

    assert outcome.receipt.checksum == SHA256
    assert server.seen[2].headers["range"] == "bytes=100000-"
    assert server.sent == len(DATA)


def test_p20_many_links_may_die_while_bytes_come(tmp_path):
    tricks = [trick for _ in range(5) for trick in (cut_at(50_000), httpx.Response(403))]
    minter = Minter()

    outcome = only(fetch(Server(*tricks), target(tmp_path), remint=minter))

    assert outcome.receipt.checksum == SHA256
    assert minter.calls == 5


def test_p20_link_whose_date_has_passed_is_not_tried(tmp_path):
    clock = FakeClock()
    server, minter = Server(), Minter()

    outcome = only(fetch(server, target(tmp_path, expires=clock.now()), clock=clock, remint=minter))

    assert outcome.status == "ok"
    assert [str(request.url)[-7:] for request in server.seen] == ["fresh=1"]


def test_p20_fresh_link_is_tried_even_when_its_date_has_passed_by_our_clock(tmp_path):
    clock = FakeClock()
    minter = Minter(expires=clock.now() - dt.timedelta(minutes=5))

    outcome = only(fetch(Server(), target(tmp_path, expires=clock.now()), clock=clock, remint=minter))

    assert outcome.status == "ok"
    assert minter.calls == 1


def test_p20_expired_link_is_tried_when_no_other_can_be_had(tmp_path):
    clock = FakeClock()

    outcome = only(fetch(Server(), target(tmp_path, expires=clock.now()), clock=clock))

    assert outcome.status == "ok"


def test_link_expired_when_fresh_links_are_refused_too(tmp_path):
    server, minter = Server(*[httpx.Response(403)] * 9), Minter()

    outcome = only(fetch(server, target(tmp_path), remint=minter))

    assert isinstance(outcome.error, LinkExpired)
    assert outcome.error.status_code == 403
    assert len(server.seen) == 3
    assert minter.calls == 2


@pytest.mark.parametrize("status", [404, 410])
def test_p57_gone_is_gone_and_asked_for_once_a_link(tmp_path, status):
    server, minter = Server(*[httpx.Response(status)] * 9), Minter()

    with_links = only(fetch(server, target(tmp_path), remint=minter))
    asked = len(server.seen)
    without = only(fetch(server, target(tmp_path)))

    assert isinstance(with_links.error, Gone)
    assert isinstance(without.error, Gone)
    assert asked == 2
    assert len(server.seen) == 3


@pytest.mark.parametrize(("status", "error"), [(401, InvalidCredentials), (403, NotEntitled)])
def test_refusal_stays_what_it_is_when_there_are_no_other_links(tmp_path, status, error):
    same = only(fetch(Server(*[httpx.Response(status)] * 9), target(tmp_path), remint=lambda asset: asset))
    none = only(fetch(Server(*[httpx.Response(status)] * 9), target(tmp_path)))

    assert isinstance(same.error, error)
    assert isinstance(none.error, error)


def test_failure_to_mint_fails_only_its_file(tmp_path):
    minter = Minter(fails=Unavailable("the provider is away"))

    outcome = only(fetch(Server(httpx.Response(403)), target(tmp_path), remint=minter))

    assert outcome.error.message == "the provider is away"


# --- here already --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("checksum", [MD5, SHA256])
def test_p43_file_with_the_published_checksum_is_not_fetched(tmp_path, checksum):
    (tmp_path / "image.tif").write_bytes(DATA)
    server = Server()

    outcome = only(fetch(server, target(tmp_path, checksum=checksum)))

    assert outcome.status == "skipped"
    assert outcome.receipt.skipped
    assert outcome.receipt.checksum == SHA256
    assert outcome.receipt.verified is Verification.CHECKSUM
    assert server.seen == []
    assert left(tmp_path) == ["image.tif"]


@pytest.mark.parametrize("announced", [{"checksum": MD5}, {"size": len(DATA)}, {}])
def test_file_that_is_not_proven_is_fetched(tmp_path, announced):
    (tmp_path / "image.tif").write_bytes(DATA[:-1] + b"?")

    outcome = only(fetch(Server(), target(tmp_path, **announced)))

    assert outcome.status == "ok"
    assert (tmp_path / "image.tif").read_bytes() == DATA


def test_whole_file_is_fetched_again_when_asked(tmp_path):
    (tmp_path / "image.tif").write_bytes(DATA)
    server = Server()

    outcome = only(fetch(server, target(tmp_path, checksum=MD5), overwrite=True))

    assert outcome.status == "ok"
    assert len(server.seen) == 1


# --- secrets -------------------------------------------------------------------------------------------------------


def test_p27_reports_and_receipts_hold_no_link(tmp_path):
    good = fetch(Server(), target(tmp_path))
    bad = fetch(Server(httpx.Response(404)), target(tmp_path / "b"))
    broken = fetch(Server(*[httpx.ReadError(f"reset by {URL}")] * 9), target(tmp_path / "c"))
    error = PartialFailure("x", details={"report": bad})

    texts = [repr(good), repr(bad), repr(broken), str(bad.failed[0].error), str(broken.failed[0].error)]
    pickles = [pickle.dumps(one) for one in (good, bad, broken, error, good.receipts)]

    assert not any("canary" in text for text in texts)
    assert not any(b"canary" in data for data in pickles)
    assert pickle.loads(pickles[3]).report.failed[0].error.message == bad.failed[0].error.message


def test_single_file_raises_its_own_error(tmp_path):
    report = fetch(Server(httpx.Response(404)), target(tmp_path))

    with pytest.raises(Gone):
        report.raise_for_failures()
    assert not isinstance(report.failed[0].error, TransferError)
