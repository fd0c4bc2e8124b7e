# SPDX-License-Identifier: Apache-2.0
"""Real processes, a real server, and what is left when they end badly.

``SWATH_TEST_KILLS`` says how often a download is killed; 20 where it is not set.
"""

import contextlib
import hashlib
import http.server
import json
import os
import random
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from swath._clock import SystemClock
from swath._http.client import HttpClient, Settings
from swath._http.origins import Origins
from swath._transfer import fetch_all
from swath._transfer.disk import unfinished_path
from swath._transfer.part import part_path, record_path
from swath._transfer.plan import Target
from swath.models import Asset

KILLS = int(os.environ.get("SWATH_TEST_KILLS", "20"))
DATA = b"II*\x00" + random.Random(1).randbytes(700_000)
BIG = 300 * 1024 * 1024

pytestmark = pytest.mark.skipif(os.name != "posix", reason="signals and limits as POSIX has them")

CHILD = """
import json, resource, signal, sys
from pathlib import Path
from swath._clock import SystemClock
from swath._http.client import HttpClient, Settings
from swath._http.origins import Origins
from swath._transfer import fetch_all
from swath._transfer.job import Effort
from swath._transfer.plan import Target
from swath.models import Asset

signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background jobs inherit that it is ignored
order = json.loads(sys.argv[1])
if order.get("largest"):
    resource.setrlimit(resource.RLIMIT_FSIZE, (order["largest"], order["largest"]))
http = HttpClient(Settings(provider="example", account="a", origins=Origins([]), clock=SystemClock()))
targets = [
    Target(asset=Asset(href=url, name=Path(path).name), path=Path(path), receipt=Path(path).with_name("none.json"))
    for url, path in order["files"]
]
print("ready", flush=True)
if order.get("together"):
    sys.stdin.readline()
def peak_kb():  # not ru_maxrss: on Linux it counts what the parent process held, too
    status = Path("/proc/self/status")
    if status.exists():
        return int(status.read_text().split("VmHWM:")[1].split()[0])
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
before = peak_kb()
effort = Effort(checkpoint_bytes=order.get("checkpoint", 64 * 1024))
try:
    report = fetch_all(targets, http=http, effort=effort, workers=order.get("workers", 4))
except Exception as err:
    print(json.dumps({"error": type(err).__name__, "message": str(err)}))
else:
    after = peak_kb()
    print(json.dumps({"grown_kb": after - before, "status": [one.status for one in report.outcomes]}))
"""


class Origin(http.server.ThreadingHTTPServer):
    """Serves DATA under every path; may fall silent after some bytes."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.silent_after = None
        self.headers_too = False
        self.unsized = False
        self.fell_silent = threading.Event()
        self.go_on = threading.Event()
        self.starts = []
        self.sent = 0
        self.lock = threading.Lock()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_address[1]}"

    def handle_error(self, request, client_address):
        pass  # killed clients reset their connections


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Origin

    def log_message(self, *_):
        pass

    def do_GET(self):
        start = 0
        if self.headers.get("If-Range") == '"v1"':
            start = int(self.headers["Range"].removeprefix("bytes=").removesuffix("-"))
        with self.server.lock:
            self.server.starts.append((self.path, start))
        if self.server.headers_too:
            self._fall_silent()
        total = BIG if self.path.startswith("/big") else len(DATA)
        self.send_response(206 if start else 200)
        self.send_header("ETag", '"v1"')
        if self.server.unsized:
            self.send_header("Connection", "close")
        else:
            self.send_header("Content-Length", str(total - start))
        if start:
            self.send_header("Content-Range", f"bytes {start}-{total - 1}/{total}")
        self.end_headers()
        if total == BIG:
            block = bytes(1024 * 1024)
            for _ in range(BIG // len(block)):
                self.wfile.write(block)
            return
        silent_after = self.server.silent_after
        if silent_after is not None:
            self._send(DATA[start : max(start, silent_after)])
            self._fall_silent()
        self._send(DATA[max(start, silent_after or 0) :])

    def _send(self, data):
        self.wfile.write(data)
        self.wfile.flush()
        with self.server.lock:
            self.server.sent += len(data)

    def _fall_silent(self):
        self.server.fell_silent.set()
        self.server.go_on.wait(60)


@pytest.fixture
def origin():
    server = Origin()
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    yield server
    server.go_on.set()
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch):
    monkeypatch.setenv("NO_PROXY", "*")


@contextlib.contextmanager
def child(origin, paths, **order):
    files = [(f"{origin.url}/{order.pop('prefix', '')}{path.name}", str(path)) for path in paths]
    process = subprocess.Popen(
        [sys.executable, "-c", CHILD, json.dumps({"files": files, **order})],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout.readline() == "ready\n"
        yield process
    finally:
        if process.poll() is None:
            process.kill()
        process.communicate(timeout=30)


def answer_of(process):
    out, err = process.communicate(timeout=60)
    assert process.returncode == 0, err
    return json.loads(out)


def fetch_here(origin, path):
    http = HttpClient(Settings(provider="example", account="a", origins=Origins([]), clock=SystemClock()))
    try:
        target = Target(asset=Asset(href=f"{origin.url}/{path.name}", name=path.name), path=path)
        return fetch_all([target], http=http)
    finally:
        http.close()


@pytest.mark.parametrize("run", range(KILLS))
def test_p04_interrupted_download_leaves_no_final_file(tmp_path, origin, run):
    """Killed at any byte, the final name is absent or holds every byte; the next run completes it."""
    path = tmp_path / "image.tif"
    origin.silent_after = random.Random(run).randrange(len(DATA)) if run % 5 else len(DATA)

    with child(origin, [path]) as process:
        origin.fell_silent.wait(60)
        process.kill()
        process.wait(30)
    there = path.read_bytes() if path.exists() else None
    origin.silent_after = None
    origin.go_on.set()
    report = fetch_here(origin, path)

    assert there is None or there == DATA
    report.raise_for_failures()
    assert path.read_bytes() == DATA
    assert sorted(entry.name for entry in tmp_path.iterdir() if not entry.name.endswith(".lock")) == ["image.tif"]


def test_p04_a_record_that_was_being_written_when_the_process_died_is_not_left_behind(tmp_path, origin):
    path = tmp_path / "image.tif"
    Path(unfinished_path(record_path(path))).write_text('{"url": "half')

    fetch_here(origin, path).raise_for_failures()

    assert [entry.name for entry in tmp_path.iterdir() if not entry.name.endswith(".lock")] == ["image.tif"]


def test_p04_killed_download_is_continued_from_its_last_checkpoint(tmp_path, origin):
    path = tmp_path / "image.tif"
    origin.silent_after = 600_000

    with child(origin, [path]) as process:
        origin.fell_silent.wait(60)
        while not _safe_bytes(path) >= 500_000:
            assert process.poll() is None
            os.sched_yield()
        process.kill()
        process.wait(30)
    origin.silent_after = None
    origin.go_on.set()
    fetch_here(origin, path).raise_for_failures()

    assert path.read_bytes() == DATA
    assert origin.starts[-1][1] >= 500_000


def _safe_bytes(path):
    try:
        return json.loads(record_path(path).read_bytes())["safe"]
    except (OSError, ValueError):
        return 0


@pytest.mark.parametrize("headers_too", [False, True])
def test_p47_interrupt_does_not_wait_for_a_silent_server(tmp_path, origin, headers_too):
    """The server is silent for a minute; the process must be gone long before."""
    path = tmp_path / "image.tif"
    origin.silent_after, origin.headers_too = 200_000, headers_too

    with child(origin, [path]) as process:
        origin.fell_silent.wait(60)
        while not headers_too and not (part_path(path).exists() and part_path(path).stat().st_size == 200_000):
            assert process.poll() is None
            os.sched_yield()
        process.send_signal(signal.SIGINT)
        process.wait(20)
    origin.silent_after, origin.headers_too = None, False
    origin.go_on.set()
    fetch_here(origin, path).raise_for_failures()

    assert path.read_bytes() == DATA
    assert origin.starts[-1][1] == (0 if headers_too else 200_000)


def test_p47_interrupt_does_not_make_an_unsized_body_whole(tmp_path, origin):
    """Without a length, a body that is cut off locally ends like one that is complete."""
    path = tmp_path / "image.tif"
    origin.silent_after, origin.unsized = 200_000, True

    with child(origin, [path]) as process:
        origin.fell_silent.wait(60)
        while not (part_path(path).exists() and part_path(path).stat().st_size == 200_000):
            assert process.poll() is None
            os.sched_yield()
        process.send_signal(signal.SIGINT)
        process.wait(20)

    assert not path.exists()


def test_p17_two_processes_fetch_each_file_once_and_both_are_content(tmp_path, origin):
    paths = [tmp_path / f"f{number}.tif" for number in range(6)]

    with child(origin, paths, together=True) as one, child(origin, paths, together=True) as other:
        for process in (one, other):
            process.stdin.write("go\n")
            process.stdin.flush()
        answers = [answer_of(one), answer_of(other)]

    assert sorted(path for path, _ in origin.starts) == [f"/f{number}.tif" for number in range(6)]
    assert sorted(answers[0]["status"] + answers[1]["status"]) == ["ok"] * 6 + ["skipped"] * 6
    assert all(path.read_bytes() == DATA for path in paths)


def test_p07_large_file_is_fetched_and_hashed_in_little_memory(tmp_path, origin):
    path = tmp_path / "file.bin"

    with child(origin, [path], prefix="big-", checkpoint=32 * 1024 * 1024) as process:
        answer = answer_of(process)

    assert answer["status"] == ["ok"]
    assert path.stat().st_size == BIG
    assert json.loads(record_path(path).read_bytes())["sha256"] == "1220" + _sha256_of_zeros(BIG)
    assert answer["grown_kb"] < 40_000


def _sha256_of_zeros(size):
    made = hashlib.sha256()
    block = bytes(1024 * 1024)
    for _ in range(size // len(block)):
        made.update(block)
    return made.hexdigest()


def test_p49_file_that_the_system_does_not_take_stops_the_batch(tmp_path, origin):
    paths = [tmp_path / f"f{number}.tif" for number in range(9)]

    with child(origin, paths, largest=300_000, workers=1) as process:
        answer = answer_of(process)

    assert answer["error"] == "DiskFull"
    assert "f0.tif" in answer["message"]
    assert [path for path, _ in origin.starts] == ["/f0.tif"]
    assert not any(path.exists() for path in paths)


@pytest.fixture
def tiny_disk(tmp_path):
    place = tmp_path / "disk"
    place.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=2m", "none", str(place)], check=False, capture_output=True
    )
    if mounted.returncode:
        pytest.skip("mounting a tmpfs is not allowed here")
    yield place
    subprocess.run(["umount", "-l", str(place)], check=True)


def test_p49_full_disk_stops_the_batch(tiny_disk, origin):
    paths = [tiny_disk / f"f{number}.tif" for number in range(9)]

    with child(origin, paths, workers=1) as process:
        answer = answer_of(process)

    assert answer["error"] == "DiskFull"
    assert "No space left" in answer["message"]
    assert 0 < sum(path.exists() for path in paths) < 4
    assert all(path.read_bytes() == DATA for path in paths if path.exists())
