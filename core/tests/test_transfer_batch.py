# SPDX-License-Identifier: Apache-2.0
"""Many files at once."""

import concurrent.futures
import datetime as dt
import errno
import os
import pickle
import random
import threading

import httpx
import pytest
from attrs import evolve

from swath._http.client import HttpClient, Settings
from swath._http.origins import Origins
from swath._transfer import fetch_all, plan_targets, read_items, verify_dir, write_items
from swath._transfer.claim import Claim
from swath._transfer.disk import disk_error
from swath._transfer.job import Effort
from swath._transfer.live import Live
from swath._transfer.part import beside
from swath._transfer.plan import Target
from swath.errors import (
    DiskFull,
    InputError,
    NameCollision,
    NotTheProduct,
    PartialFailure,
    SwathError,
    TargetNotWritable,
)
from swath.models import Asset
from swath.progress import Event
from swath.testing.clock import FakeClock

ROOT = "https://files.example.test"


def content(name):
    return b"II*\x00" + random.Random(name).randbytes(5_000)


class Server:
    """Serves `content(path)`, or what `tricks` holds for a path; counts, and can be held."""

    def __init__(self, **tricks):
        self.tricks = tricks
        self.seen = []
        self.lock = threading.Lock()
        self.now = self.most = 0
        self.meeting = None

    def __call__(self, request):
        name = request.url.path.rsplit("/", 1)[-1]
        with self.lock:
            self.seen.append(name)
            self.now += 1
            self.most = max(self.most, self.now)
        if self.meeting is not None:
            self.meeting.wait(timeout=10)
        with self.lock:
            self.now -= 1
        trick = self.tricks.get(name.partition(".")[0])
        if trick is not None:
            return trick(request) if callable(trick) else trick
        return httpx.Response(200, content=content(name), headers={"ETag": '"x"'})


def fetch(server, targets, **more):
    clock = more.pop("clock", FakeClock())
    settings = Settings(
        provider="example", account="a", origins=Origins([]), clock=clock, transport=httpx.MockTransport(server)
    )
    return fetch_all(targets, http=HttpClient(settings), clock=clock, **more)


def targets(folder, count, **more):
    return [
        Target(
            asset=Asset(href=f"{ROOT}/f{number}.tif", name=f"f{number}.tif", media_type="image/tiff", **more),
            path=folder / f"f{number}.tif",
        )
        for number in range(count)
    ]


def left(folder):
    return sorted(path.name for path in folder.rglob("*") if path.is_file())


# --- reports -------------------------------------------------------------------------------------------------------


def test_p08_one_failure_of_a_hundred_is_reported_and_alone_retried(tmp_path):
    wanted = targets(tmp_path, 100)
    server = Server(f37=httpx.Response(422, text="no such band"))

    report = fetch(server, wanted)
    server.tricks.clear()
    server.seen.clear()
    again = fetch(server, report.failed_targets)

    assert [len(report.ok), len(report.skipped), len(report.failed)] == [99, 0, 1]
    assert report.failed[0].target.path.name == "f37.tif"
    with pytest.raises(
        PartialFailure, match=r"1 of 100 files failed, 99 are in place: f37\.tif: .*no such band"
    ) as caught:
        report.raise_for_failures()
    assert caught.value.exit_code == 6
    assert caught.value.report is report
    assert len(pickle.loads(pickle.dumps(caught.value)).report.ok) == 99
    assert server.seen == ["f37.tif"]
    again.raise_for_failures()
    assert len(left(tmp_path)) == 100


def test_p08_report_keeps_the_order_and_names_five_at_most(tmp_path):
    server = Server(**{f"f{number}": httpx.Response(422) for number in range(7)})

    report = fetch(server, targets(tmp_path, 9), workers=3)

    assert [outcome.target.path.name for outcome in report.outcomes] == [f"f{number}.tif" for number in range(9)]
    with pytest.raises(PartialFailure, match="and 2 more"):
        report.raise_for_failures()


def test_p57_batch_goes_on_when_a_file_is_gone(tmp_path):
    report = fetch(Server(f0=httpx.Response(410)), targets(tmp_path, 3))

    assert [outcome.status for outcome in report.outcomes] == ["failed", "ok", "ok"]
    assert report.failed[0].error.exit_code == 4


def test_nothing_to_fetch_is_a_good_report(tmp_path):
    report = fetch(Server(), [])

    report.raise_for_failures()
    assert report.receipts == ()


@pytest.mark.parametrize("workers", [0, -1])
def test_no_workers_are_an_input_error(tmp_path, workers):
    with pytest.raises(InputError, match=f"not {workers}"):
        fetch(Server(), targets(tmp_path, 1), workers=workers)


def test_files_are_fetched_so_many_at_once_and_no_more(tmp_path):
    server = Server()
    server.meeting = threading.Barrier(4)  # broken, and an error in the fetch, unless four are there together

    report = fetch(server, targets(tmp_path, 12), workers=4)

    assert len(report.ok) == 12
    assert server.most == 4


# --- places --------------------------------------------------------------------------------------------------------


def test_target_that_cannot_be_made_stops_before_anything_is_fetched(tmp_path):
    (tmp_path / "file").write_text("x")
    server = Server()
    wanted = [*targets(tmp_path / "ok", 1), *targets(tmp_path / "file" / "sub", 1)]

    with pytest.raises(TargetNotWritable, match="file") as caught:
        fetch(server, wanted)

    assert caught.value.exit_code == 2
    assert server.seen == []


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write anywhere")
def test_target_without_rights_stops_before_anything_is_fetched(tmp_path):
    tmp_path.chmod(0o500)
    server = Server()

    with pytest.raises(TargetNotWritable):
        fetch(server, targets(tmp_path, 1))

    assert server.seen == []


def test_target_that_is_a_folder_stops_before_anything_is_fetched(tmp_path):
    (tmp_path / "f0.tif").mkdir()
    server = Server()

    with pytest.raises(TargetNotWritable, match="is a folder"):
        fetch(server, targets(tmp_path, 1))

    assert server.seen == []


def test_p44_two_targets_of_one_path_stop_before_anything_is_fetched(tmp_path):
    one, other = targets(tmp_path, 2)
    server = Server()

    with pytest.raises(NameCollision):
        fetch(server, [one, evolve(other, path=tmp_path / "F0.TIF")])

    assert server.seen == []


def test_p46_part_that_is_a_link_is_not_followed(tmp_path):
    (tmp_path / "precious").write_text("precious")
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / ".f0.tif.part").symlink_to(tmp_path / "precious")

    report = fetch(Server(), targets(tmp_path / "in", 1))

    assert isinstance(report.failed[0].error, TargetNotWritable)
    assert (tmp_path / "precious").read_text() == "precious"


def test_p49_too_little_space_stops_before_anything_is_fetched(tmp_path):
    server = Server()

    with pytest.raises(DiskFull) as caught:
        fetch(server, targets(tmp_path, 3, size=10**17))

    assert "300,000,000,000,000,000" in caught.value.message
    assert caught.value.details["need"] == 3 * 10**17
    assert caught.value.details["have"] > 0
    assert server.seen == []
    assert left(tmp_path) == []


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EDQUOT, errno.EFBIG])
def test_p49_full_disk_is_told_by_the_systems_word(tmp_path, code):
    assert isinstance(disk_error(OSError(code, os.strerror(code)), tmp_path), DiskFull)
    assert isinstance(disk_error(OSError(errno.EACCES, "no"), tmp_path), TargetNotWritable)


# --- P43 -----------------------------------------------------------------------------------------------------------


def item(name):
    return {
        "type": "Feature",
        "stac_version": "1.1.0",
        "id": name,
        "geometry": None,
        "properties": {"datetime": "2026-01-01T00:00:00Z"},
        "links": [],
        "assets": {},
    }


@pytest.mark.parametrize("announced", [{"size": 5_004}, {}])
def test_p43_second_run_of_a_finished_job_fetches_nothing(tmp_path, announced):
    assets = [
        Asset(href=f"{ROOT}/{name}.tif?sig={name}", name=f"{name}.tif", key=name, item=one, **announced)
        for name, one in [("a1", "a"), ("a2", "a"), ("b1", "b"), ("manifest", None)]
    ]
    items = [item("a"), item("b")]
    first = fetch(Server(), plan_targets(assets, items, tmp_path))
    write_items(items, first.receipts, tmp_path)
    server = Server()
    later = [evolve(asset, href=asset.href.partition("?")[0] + "?sig=other") for asset in assets]

    second = fetch(server, plan_targets(later, items, tmp_path))

    assert server.seen == []
    assert len(second.skipped) == 4
    assert [one.checksum for one in second.receipts] == [one.checksum for one in first.receipts]
    assert [one.verified for one in second.receipts] == [one.verified for one in first.receipts]


def test_p43_run_that_ended_before_the_receipts_were_written_fetches_nothing_twice(tmp_path):
    assets = [Asset(href=f"{ROOT}/f{n}.tif", name=f"f{n}.tif", key=f"k{n}", item="a") for n in range(3)]
    wanted = plan_targets(assets, [item("a")], tmp_path)
    fetch(Server(), wanted)
    server = Server()

    report = fetch(server, wanted)
    write_items([item("a")], report.receipts, tmp_path)

    assert server.seen == []
    assert left(tmp_path) == ["a.json", "catalog.json", "f0.tif", "f1.tif", "f2.tif"]


@pytest.mark.parametrize(
    "changed",
    [
        {"size": 5_005},
        {"checksum": "d50110" + "0" * 32},
        {"href": f"{ROOT}/another.tif"},
    ],
)
def test_file_of_another_order_is_fetched_although_one_of_that_name_is_here(tmp_path, changed):
    asset = Asset(href=f"{ROOT}/f.tif", name="f.tif", item="a")
    first = fetch(Server(), plan_targets([asset], [item("a")], tmp_path))
    write_items([item("a")], first.receipts, tmp_path)
    server = Server()

    fetch(server, plan_targets([evolve(asset, **changed)], [item("a")], tmp_path))

    assert len(server.seen) == 1


def test_file_that_was_changed_since_is_fetched_again(tmp_path):
    asset = Asset(href=f"{ROOT}/f.tif", name="f.tif", item="a", size=5_004)
    wanted = plan_targets([asset], [item("a")], tmp_path)
    write_items([item("a")], fetch(Server(), wanted).receipts, tmp_path)
    wanted[0].path.write_bytes(content("f.tif")[:-1] + b"?")

    report = fetch(Server(), wanted)

    assert len(report.ok) == 1
    assert wanted[0].path.read_bytes() == content("f.tif")


def test_whole_way_from_plan_to_verify(tmp_path):
    assets = [Asset(href=f"{ROOT}/{n}.tif", name=f"{n}.tif", key=n, item=n[0]) for n in ("a1", "a2", "b1")]
    items = [item("a"), item("b")]

    report = fetch(Server(), plan_targets(assets, items, tmp_path))
    local = write_items(items, report.receipts, tmp_path)

    assert [one["id"] for one in local] == ["a", "b"]
    assert read_items(tmp_path) == local
    assert verify_dir(tmp_path).counts == {"ok": 3, "missing": 0, "broken": 0, "unverified": 0}


# --- links ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("says_when", [True, False])
def test_p20_twenty_files_come_through_links_of_one_second(tmp_path, says_when):
    clock = FakeClock()
    lock = threading.Lock()

    def mint(asset):
        until = clock.now() + dt.timedelta(seconds=4)
        href = f"{ROOT}/{asset.name}?until={until.timestamp()}"
        return evolve(asset, href=href, expires=until if says_when else None)

    def serve(request):
        with lock:
            if float(request.url.params["until"]) < clock.now().timestamp():
                return httpx.Response(403, text="expired")
            clock.advance(1.5)
            return httpx.Response(200, content=content(request.url.path[1:]))

    assets = [mint(Asset(href="x:", name=f"f{n}.tif", item="a", key=str(n))) for n in range(20)]

    report = fetch(serve, plan_targets(assets, [item("a")], tmp_path), remint=mint, clock=clock, workers=1)

    assert len(report.ok) == 20


def test_links_are_minted_on_the_callers_thread(tmp_path):
    threads = []

    def mint(asset):
        threads.append(threading.current_thread())
        return evolve(asset, href=asset.href + "?fresh")

    def serve(request):
        return httpx.Response(200, content=content("x")) if request.url.query else httpx.Response(403)

    report = fetch(serve, targets(tmp_path, 5), remint=mint)

    assert len(report.ok) == 5
    assert threads == [threading.current_thread()] * 5


# --- stopping ------------------------------------------------------------------------------------------------------


def test_p47_cancelled_batch_reports_what_is_not_in_place(tmp_path):
    cancelled = threading.Event()

    def cancel(request):
        cancelled.set()
        return httpx.Response(200, content=content("x"))

    server = Server(f1=cancel)

    report = fetch(server, targets(tmp_path, 50), cancelled=cancelled, workers=1)

    assert report.outcomes[0].status == "ok"
    assert all(outcome.status == "failed" for outcome in report.outcomes[2:])
    assert "stopped" in report.outcomes[-1].error.message
    assert "f49.tif" not in server.seen


def test_p47_interrupt_of_the_caller_ends_the_batch(tmp_path):
    server = Server()

    def interrupt(event):
        if event.label == "files" and event.done == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fetch(server, targets(tmp_path, 600), progress=interrupt, workers=1)

    assert len(server.seen) < 600, "what was not begun is left"


def test_p49_full_disk_on_the_way_stops_the_batch_with_one_error(tmp_path):
    class Full(httpx.SyncByteStream):
        def __iter__(self):
            yield content("x")
            raise DiskFull("no room for f1.tif: No space left on device")

    server = Server(f1=lambda request: httpx.Response(200, stream=Full()))

    with pytest.raises(DiskFull, match=r"f1\.tif") as caught:
        fetch(server, targets(tmp_path, 50), workers=1)

    report = caught.value.details["report"]
    assert report.outcomes[0].status == "ok"
    assert "f49.tif" not in server.seen
    assert len(report.outcomes) == 50
    assert len(pickle.loads(pickle.dumps(caught.value)).details["report"].outcomes) == 50


def test_error_in_the_listener_reaches_the_caller(tmp_path):
    def broken(event):
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fetch(Server(), targets(tmp_path, 3), progress=broken)


# --- progress ------------------------------------------------------------------------------------------------------


def test_progress_tells_of_each_file_and_of_the_whole(tmp_path):
    events = []

    fetch(
        Server(f1=httpx.Response(422)), targets(tmp_path, 3), progress=events.append, effort=Effort(telling_bytes=1000)
    )

    whole = [event for event in events if event.label == "files"]
    assert [event.done for event in whole] == [0, 1, 2, 3]
    assert whole[-1].finished
    ends = [event for event in events if event.finished and event.unit == "B" and event.detail]
    assert sorted(event.label.rsplit("/", 1)[1] for event in ends) == ["f0.tif", "f1.tif", "f2.tif"]
    assert any(event.done == 5_004 and event.total == 5_004 for event in events)
    assert all(isinstance(event, Event) and event.kind == "download" for event in events)


def test_listener_is_called_by_one_thread_at_a_time(tmp_path):
    inside = threading.Lock()
    clashes = []

    def listen(event):
        if not inside.acquire(blocking=False):
            clashes.append(event)
            return
        inside.release()

    fetch(Server(), targets(tmp_path, 40), progress=listen, workers=8, effort=Effort(telling_bytes=100))

    assert clashes == []


# --- executors -----------------------------------------------------------------------------------------------------


def test_batch_runs_on_a_thread_pool_of_the_callers_and_leaves_it_open(tmp_path):
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        report = fetch(Server(), targets(tmp_path, 5), executor=pool)

        assert len(report.ok) == 5
        assert pool.submit(int, "5").result() == 5


class Inline(concurrent.futures.Executor):
    """Runs a task when it is handed in, after a round through pickle, as another process would."""

    def submit(self, fn, /, *args, **kwargs):
        future = concurrent.futures.Future()
        result = fn(*pickle.loads(pickle.dumps(args)), **kwargs)
        future.set_result(pickle.loads(pickle.dumps(result)))
        return future


class PicklableHttp:
    """Makes its client where it is used."""

    def stream(self, method, url, *, headers=None, wait=True):
        settings = Settings(
            provider="example",
            account="a",
            origins=Origins([]),
            clock=FakeClock(),
            transport=httpx.MockTransport(
                lambda request: httpx.Response(
                    404 if "sig" not in request.url.params else 200, content=content("x"), headers={"ETag": '"x"'}
                )
            ),
        )
        return HttpClient(settings).stream(method, url, headers=headers)


def test_batch_runs_on_an_executor_of_other_processes(tmp_path):
    wanted = targets(tmp_path, 4)
    wanted[1:2] = [evolve(wanted[1], asset=evolve(wanted[1].asset, href=wanted[1].asset.href + "?sig=canary"))]

    report = fetch_all(
        wanted, http=PicklableHttp(), executor=Inline(), remint=lambda a: evolve(a, href=f"{a.href}?sig=c")
    )

    assert len(report.ok) == 4
    assert "sig" in report.outcomes[1].target.asset.href
    assert not any("sig" in receipt.asset.href for receipt in report.receipts)


# --- claims --------------------------------------------------------------------------------------------------------


def test_claim_is_for_one_at_a_time_and_leaves_no_file(tmp_path):
    one, other = Claim(tmp_path / ".x.lock"), Claim(tmp_path / ".x.lock")

    assert one.take()
    assert not other.take()
    one.release()
    assert other.take()
    other.release()
    assert left(tmp_path) == []


def test_claim_is_not_held_twice_when_its_file_was_removed(tmp_path):
    path = tmp_path / ".x.lock"
    one, other, third = Claim(path), Claim(path), Claim(path)
    one.take()
    path.unlink()

    assert other.take()
    assert not third.take()
    one.release()  # must not remove what is the second's by now
    assert not third.take()


def test_fetch_waits_for_whoever_writes_the_file_and_then_finds_it_here(tmp_path):
    (wanted,) = targets(tmp_path, 1, checksum=None, size=5_004)
    wanted = evolve(wanted, asset=evolve(wanted.asset, checksum="1220" + _sha256(content("f0.tif"))))
    claim = Claim(beside(wanted.path, ".part.lock"))
    claim.take()
    server = Server()

    class Clock(FakeClock):
        def sleep(self, seconds, *, wake=None):
            wanted.path.write_bytes(content("f0.tif"))
            claim.release()
            return super().sleep(seconds, wake=wake)

    report = fetch(server, [wanted], clock=Clock())

    assert len(report.skipped) == 1
    assert server.seen == []


def _sha256(data):
    import hashlib

    return hashlib.sha256(data).hexdigest()


def test_live_cuts_what_opens_after_the_stop():
    live = Live(None)
    live.halt()

    with live.reading(httpx.Response(200)):
        assert live.stop.is_set()


def test_outcomes_of_a_page_are_errors_of_ours(tmp_path):
    report = fetch(Server(f0=httpx.Response(200, text="<html>")), targets(tmp_path, 2))

    assert isinstance(report.failed[0].error, NotTheProduct)
    assert isinstance(report.failed[0].error, SwathError)
    assert left(tmp_path) == ["f1.tif"]
