# SPDX-License-Identifier: Apache-2.0
"""One large file over several connections, and small files landing together."""

import hashlib
import json
import os
import random
import sys
import threading
from collections import Counter
from pathlib import Path

import httpx
import pytest
from attrs import evolve

from swath._http.client import HttpClient, Settings
from swath._http.origins import Origins
from swath._transfer import disk, landing
from swath._transfer.crew import Parts
from swath._transfer.fetch import fetch_all
from swath._transfer.job import Effort
from swath._transfer.part import part_path, record_path
from swath._transfer.plan import Target
from swath._transfer.record import read_record
from swath._transfer.reply import header_dict
from swath.errors import DiskFull
from swath.models import Asset, Verification
from swath.stac import multihash
from swath.testing.clock import FakeClock

SIZE = 12 * 2**20 + 12_345
DATA = b"II*\x00" + random.Random(6).randbytes(SIZE - 4)
SHA256 = multihash("sha256", hashlib.sha256(DATA).hexdigest())
URL = "https://files.example.test/big.tif?sig=canary-secret"
BLOCK = 64 * 1024
PARTS = Parts(least_bytes=512 * 1024, piece_bytes=2**20, window_s=0.01, worth_s=0.01)


class Ticking(FakeClock):
    """Each look at the clock takes 10 ms."""

    def monotonic(self):
        self.advance(0.01)
        return super().monotonic()


class Slow(httpx.SyncByteStream):
    """A body that waits at each block until the test lets it go on."""

    def __init__(self, server, data, cut=None):
        self.server, self.data, self.cut = server, data, cut

    def __iter__(self):
        end = len(self.data) if self.cut is None else self.cut
        for start in range(0, end, BLOCK):
            with self.server.lock:
                self.server.given += min(end, start + BLOCK) - start
            yield self.data[start : min(end, start + BLOCK)]
        if self.cut is not None:
            raise httpx.RemoteProtocolError("cut")


class Server:
    """Serves DATA, with ranges; `tricks` by the first byte that is asked for."""

    def __init__(self, *, ranges=True, etag='"v1"', tricks=None, data=DATA):
        self.ranges, self.etag, self.data = ranges, etag, data
        self.tricks = dict(tricks or {})
        self.asked = []
        self.given = 0
        self.lock = threading.Lock()

    def __call__(self, request):
        wanted = request.headers.get("range")
        start, end = 0, len(self.data)
        if wanted:
            first, _, last = wanted.removeprefix("bytes=").partition("-")
            start, end = int(first), int(last) + 1 if last else end
        with self.lock:
            self.asked.append((start, end) if wanted else None)
            trick = self.tricks.pop("range", None) if wanted else self.tricks.pop("whole", None)
        if callable(trick):
            return trick(self, start, end)
        headers = {"ETag": self.etag, "Content-Type": "image/tiff"}
        if self.ranges:
            headers["Accept-Ranges"] = "bytes"
        if wanted and self.ranges and request.headers.get("if-range") == self.etag:
            return self.piece(start, end, headers)
        return httpx.Response(
            200, headers=headers | {"Content-Length": str(len(self.data))}, stream=Slow(self, self.data, trick)
        )

    def piece(self, start, end, headers, cut=None):
        headers = headers | {
            "Content-Length": str(end - start),
            "Content-Range": f"bytes {start}-{end - 1}/{len(self.data)}",
        }
        return httpx.Response(206, headers=headers, stream=Slow(self, self.data[start:end], cut))


def fetch(server, path, *, parts=PARTS, workers=2, asset=None, **more):
    clock = Ticking()
    client = HttpClient(
        Settings(
            provider="x", account=str(path), origins=Origins([]), clock=clock, transport=httpx.MockTransport(server)
        )
    )
    asset = asset or Asset(href=URL, name=path.name, media_type="image/tiff")
    effort = Effort(parts=parts, first_pause_s=0, checkpoint_bytes=2**20)
    return fetch_all([Target(asset=asset, path=path)], http=client, clock=clock, workers=workers, effort=effort, **more)


def test_large_file_is_shared_while_throughput_grows(tmp_path):
    server = Server()

    report = fetch(server, tmp_path / "big.tif")

    report.raise_for_failures()
    assert (tmp_path / "big.tif").read_bytes() == DATA
    assert report.outcomes[0].receipt.checksum == SHA256
    pieces = [one for one in server.asked if one]
    assert len(pieces) >= 3
    assert len(server.asked) - len(pieces) == 1
    assert all(end - start <= PARTS.piece_bytes for start, end in pieces[:3])
    assert len({start for start, _ in pieces}) == len(pieces), "no byte is asked for twice"


@pytest.mark.parametrize(
    ("server", "parts"),
    [
        (Server(ranges=False), PARTS),
        (Server(etag='W/"weak"'), PARTS),
        (Server(), evolve(PARTS, most=1)),
        (Server(), evolve(PARTS, worth_s=10_000)),
    ],
    ids=["no ranges", "no strong validator", "not allowed", "not worth it"],
)
def test_file_comes_in_one_answer_where_sharing_is_no_good(tmp_path, server, parts):
    fetch(server, tmp_path / "big.tif", parts=parts).raise_for_failures()

    assert (tmp_path / "big.tif").read_bytes() == DATA
    assert server.asked == [None]
    assert server.given == SIZE


@pytest.mark.parametrize("status", [403, 416, 429, 503])
def test_refused_pieces_are_left_to_the_first_answer(tmp_path, status):
    server = Server(tricks={"range": lambda *_: httpx.Response(status, text="no")})

    fetch(server, tmp_path / "big.tif", parts=evolve(PARTS, most=2)).raise_for_failures()

    assert (tmp_path / "big.tif").read_bytes() == DATA
    assert sum(one is None for one in server.asked) == 1


def test_piece_that_ends_early_is_fetched_by_another(tmp_path):
    def short(server, start, end):
        return server.piece(start, end, {"ETag": server.etag}, cut=BLOCK)

    server = Server(tricks={"range": short})

    fetch(server, tmp_path / "big.tif").raise_for_failures()

    assert (tmp_path / "big.tif").read_bytes() == DATA


@pytest.mark.parametrize("spoil", ["start", "total", "tag", "status"])
def test_piece_that_is_not_what_was_asked_for_is_not_taken(tmp_path, spoil):
    def other(server, start, end):
        wrong = start + (spoil == "start")
        total = len(server.data) + (spoil == "total")
        return httpx.Response(
            200 if spoil == "status" else 206,
            headers={
                "ETag": '"v2"' if spoil == "tag" else server.etag,
                "Content-Range": f"bytes {wrong}-{end - 1}/{total}",
            },
            content=bytes(end - wrong),
        )

    server = Server(tricks={"range": other})

    fetch(server, tmp_path / "big.tif").raise_for_failures()

    assert (tmp_path / "big.tif").read_bytes() == DATA


def test_p04_pieces_survive_an_answer_that_breaks(tmp_path):
    server = Server(tricks={"whole": 5 * 2**20})
    given = []

    def count(event):
        given.append(event.done)

    fetch(server, tmp_path / "big.tif", progress=count).raise_for_failures()

    assert (tmp_path / "big.tif").read_bytes() == DATA
    assert server.given <= SIZE + PARTS.piece_bytes * PARTS.most, "only what was under way came twice"


def test_p04_stretches_behind_a_gap_are_continued(tmp_path):
    path = tmp_path / "big.tif"
    asset = Asset(href=URL, name=path.name, media_type="image/tiff")
    there = [(0, 1_000_000), (3_000_000, 5_000_000), (8_000_000, SIZE)]
    spoiled = bytearray(len(DATA))
    for start, end in there:
        spoiled[start:end] = DATA[start:end]
    part_path(path).write_bytes(spoiled)
    record = {
        "url": "https://files.example.test/big.tif",
        "validator": '"v1"',
        "size": SIZE,
        "safe": 1_000_000,
        "beyond": there[1:],
    }
    record_path(path).write_text(json.dumps(record))
    server = Server()

    fetch(server, path, asset=asset, parts=evolve(PARTS, most=1)).raise_for_failures()

    assert path.read_bytes() == DATA
    assert server.asked == [(1_000_000, SIZE), (5_000_000, 8_000_000)]
    assert server.given <= SIZE - sum(end - start for start, end in there) + 2 * BLOCK


@pytest.mark.parametrize("beyond", ["text", [[5]], [[5, 4]], [["a", "b"]], 7, [[1.5, 2.5]]])
def test_record_with_senseless_stretches_is_none(tmp_path, beyond):
    record_path(tmp_path / "a").write_text(json.dumps({"url": "https://x.test/a", "beyond": beyond}))

    assert read_record(record_path(tmp_path / "a")) is None


def test_p01_published_checksum_is_checked_over_pieces(tmp_path):
    asset = Asset(href=URL, name="big.tif", media_type="image/tiff", checksum=SHA256, size=SIZE)
    server = Server()

    report = fetch(server, tmp_path / "big.tif", asset=asset)

    assert report.outcomes[0].receipt.verified is Verification.CHECKSUM
    assert len(server.asked) > 1


def test_wrong_bytes_in_a_piece_are_found_and_fetched_in_one_answer(tmp_path):
    def wrong(server, start, end):
        return httpx.Response(
            206,
            headers={"ETag": server.etag, "Content-Range": f"bytes {start}-{end - 1}/{SIZE}"},
            content=bytes(end - start),
        )

    asset = Asset(href=URL, name="big.tif", media_type="image/tiff", checksum=SHA256, size=SIZE)
    server = Server(tricks={"range": wrong})

    fetch(server, tmp_path / "big.tif", asset=asset, parts=evolve(PARTS, most=2)).raise_for_failures()

    assert (tmp_path / "big.tif").read_bytes() == DATA


def test_p49_full_disk_under_a_piece_ends_the_batch(tmp_path, monkeypatch):
    original = os.pwrite

    def full(fd, data, at):
        if at > 3 * 2**20:
            raise OSError(28, "No space left on device")
        return original(fd, data, at)

    monkeypatch.setattr(os, "pwrite", full)

    with pytest.raises(DiskFull):
        fetch(Server(), tmp_path / "big.tif")

    assert not (tmp_path / "big.tif").exists()


# --- small files ------------------------------------------------------------------------------------------------------


def small(folder, count):
    return [
        Target(
            asset=Asset(href=f"https://files.example.test/{number}.tif", name=f"{number}.tif", media_type="image/tiff"),
            path=folder / f"{number}.tif",
        )
        for number in range(count)
    ]


def fetch_small(targets, **more):
    def answer(request):
        return httpx.Response(200, content=b"II*\x00" + request.url.path.encode() * 50)

    client = HttpClient(
        Settings(
            provider="x", account="a", origins=Origins([]), clock=FakeClock(), transport=httpx.MockTransport(answer)
        )
    )
    return fetch_all(targets, http=client, clock=FakeClock(), **more)


def test_small_files_share_a_flush(tmp_path, monkeypatch):
    flushes = []
    monkeypatch.setattr(disk, "_sync_device", lambda folder: flushes.append(folder) or True)
    monkeypatch.setattr(disk.sys, "platform", "linux")

    fetch_small(small(tmp_path, 600)).raise_for_failures()

    assert 1 <= len(flushes) <= 3, "600 files, at least 256 at a time"
    assert len(list(tmp_path.glob("*.tif"))) == 600
    assert not list(tmp_path.glob(".*")), "nothing is left beside them"


def test_small_file_costs_two_opens(tmp_path):
    """Its lock and its part: no look into what was just written, no record that nobody needs (counts imply speed)."""
    targets, opened = small(tmp_path, 50), Counter()
    folder, is_on = str(tmp_path), [True]

    def hear(event, args):
        if is_on[0] and event == "open" and str(args[0]).startswith(folder):
            opened[Path(str(args[0])).suffix] += 1

    sys.addaudithook(hear)  # it cannot be taken away again
    try:
        fetch_small(targets, workers=1).raise_for_failures()
    finally:
        is_on[0] = False

    assert opened[".lock"] == 50
    assert opened[".part"] <= 50 + (0 if sys.platform == "linux" else 50), (
        "elsewhere each is opened again to be flushed"
    )
    assert opened[".json"] == 0


def test_thread_fetches_one_file_after_the_other(tmp_path):
    by = set()

    def answer(request):
        by.add(threading.get_ident())
        return httpx.Response(200, content=b"II*\x00" + request.url.path.encode() * 50)

    settings = Settings(
        provider="x", account="a", origins=Origins([]), clock=FakeClock(), transport=httpx.MockTransport(answer)
    )
    fetch_all(small(tmp_path, 40), http=HttpClient(settings), clock=FakeClock(), workers=2).raise_for_failures()

    assert 1 <= len(by) <= 2
    assert threading.get_ident() not in by


def test_headers_given_twice_are_one():
    twice = httpx.Response(200, headers=[("ETag", '"a"'), ("Digest", "md5=x"), ("digest", "sha-256=y")])

    assert header_dict(twice) == {"etag": '"a"', "digest": "md5=x, sha-256=y"}


def test_small_file_has_no_name_before_the_flush(tmp_path, monkeypatch):
    seen = []

    def look(paths):
        seen.append((len(paths), [path.name for path in tmp_path.glob("*.tif")]))

    monkeypatch.setattr(landing, "sync_files", look)

    fetch_small(small(tmp_path, 20)).raise_for_failures()

    assert seen == [(20, [])]


def test_failed_flush_fails_its_files_and_names_none(tmp_path, monkeypatch):
    def broken(_paths):
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(landing, "sync_files", broken)

    report = fetch_small(small(tmp_path, 20))

    assert {outcome.status for outcome in report.outcomes} == {"failed"}
    assert "Input/output error" in report.outcomes[0].error.message
    assert not list(tmp_path.glob("*.tif"))


def test_interrupt_lands_what_is_whole_and_frees_its_locks(tmp_path):
    cancelled = threading.Event()

    def stop(event):
        if event.label == "files":
            return
        cancelled.set()

    fetch_small(small(tmp_path, 50), cancelled=cancelled, progress=stop, workers=1)

    assert list(tmp_path.glob("*.tif"))
    assert not list(tmp_path.glob(".*.lock"))
    fetch_small(small(tmp_path, 50)).raise_for_failures()


@pytest.mark.parametrize("count", [3, 20])
def test_files_are_flushed_one_by_one_where_there_is_no_common_flush(tmp_path, monkeypatch, count):
    synced = []
    original = os.fsync
    monkeypatch.setattr(disk.sys, "platform", "darwin")
    monkeypatch.setattr(os, "fsync", lambda fd: synced.append(fd) or original(fd))

    fetch_small(small(tmp_path, count)).raise_for_failures()

    assert len(synced) == count + 1, "each file, and the folder once"
