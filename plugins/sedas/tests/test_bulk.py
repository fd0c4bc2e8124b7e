# SPDX-License-Identifier: Apache-2.0
import queue
import threading

import pytest

from swath.errors import (
    InputError,
    InvalidCredentials,
    NotFound,
    OrderFailed,
    OrderTimeout,
    PartialFailure,
    Unavailable,
)
from swath_sedas import SeDASBulkDownload

PATIENCE_S = 30.0


class Client:
    """Stands in for `SeDASAPI`: what each call does is scripted, and what was asked is kept."""

    def __init__(self):
        self.requested = []
        self.looked = []
        self.downloaded = []
        self.script = {}
        """By supplierId or request id, what successive calls raise or return."""

    def _next(self, key, default):
        steps = self.script.get(key)
        step = steps.pop(0) if steps else default
        if isinstance(step, BaseException):
            raise step
        return step

    def request(self, product, retry=True):
        self.requested.append(product["supplierId"])
        return self._next(f"request {product['supplierId']}", product["supplierId"])

    def is_request_ready(self, request_id, retry=True):
        self.looked.append(request_id)
        return self._next(f"look {request_id}", f"https://x/{request_id}.zip")

    def download(self, product, output_path, retry=True):
        self.downloaded.append((product["supplierId"], product["downloadUrl"], output_path))
        self._next(f"download {product['supplierId']}", None)


@pytest.fixture
def client():
    return Client()


@pytest.fixture
def bulk(client, tmp_path):
    made = []

    def make(**options):
        made.append(SeDASBulkDownload(client, str(tmp_path), **({"poll_s": 0.001} | options)))
        return made[-1]

    yield make
    for one in made:
        one.failures.clear()
        one.shutdown()


def archived(*names):
    return [{"supplierId": name} for name in names]


def online(*names):
    return [{"supplierId": name, "downloadUrl": f"https://now/{name}.zip"} for name in names]


def test_archived_product_is_requested_awaited_and_retried_after_an_io_error(bulk, client, tmp_path):
    client.script = {"look a": [None, None], "download a": [OSError("boom")]}
    downloader = bulk()

    downloader.add(archived("a"))
    downloader.wait(PATIENCE_S)

    assert downloader.is_done()
    assert client.requested == ["a"]
    assert client.looked == ["a", "a", "a"]
    assert client.downloaded == [("a", "https://x/a.zip", str(tmp_path / "a.zip"))] * 2


def test_online_product_is_downloaded_without_a_request(bulk, client):
    downloader = bulk()

    downloader.add(online("a"))
    downloader.wait(PATIENCE_S)

    assert (client.requested, client.looked) == ([], [])
    assert client.downloaded[0][:2] == ("a", "https://now/a.zip")


def test_product_on_its_way_is_not_requested_again(bulk, client):
    client.script = {"look a": [None] * 5}
    downloader = bulk()

    downloader.add([*archived("a"), *archived("a")])
    downloader.add(archived("a"))
    downloader.wait(PATIENCE_S)

    assert client.requested == ["a"]


def test_every_ready_request_is_seen_in_one_round(bulk, client):
    downloader = bulk()

    downloader.add(archived("a", "b", "c", "d"))
    downloader.wait(PATIENCE_S)

    assert sorted(one[0] for one in client.downloaded) == ["a", "b", "c", "d"]
    assert sorted(client.looked) == ["a", "b", "c", "d"]


@pytest.mark.parametrize("problem", [Unavailable("down"), OSError("reset")])
def test_p21_failed_look_does_not_end_the_polling(bulk, client, problem):
    client.script = {"look a": [problem, None]}
    downloader = bulk()

    downloader.add(archived("a"))
    downloader.wait(PATIENCE_S)

    assert client.looked == ["a", "a", "a"]
    assert downloader.failures == {}


def test_a_look_that_breaks_ends_only_its_own_product(bulk, client):
    client.script = {"look a": [KeyError("requestId")]}
    downloader = bulk()

    downloader.add(archived("a", "b"))

    with pytest.raises(PartialFailure, match="1 of 2 products failed: a"):
        downloader.wait(PATIENCE_S)
    assert isinstance(downloader.failures["a"], KeyError)
    assert [one[0] for one in client.downloaded] == ["b"]


def test_request_that_the_service_gives_up_is_a_failure(bulk, client):
    client.script = {"look a": [OrderFailed("tape is broken")]}
    downloader = bulk()

    downloader.add(archived("a"))

    with pytest.raises(PartialFailure, match="tape is broken"):
        downloader.wait(PATIENCE_S)
    assert downloader.is_done()


def test_request_that_never_ends_has_a_deadline(bulk, client):
    client.script = {"look a": [None] * 10_000}
    downloader = bulk(timeout=0.005)

    downloader.add(archived("a"))

    with pytest.raises(PartialFailure):
        downloader.wait(PATIENCE_S)
    assert isinstance(downloader.failures["a"], OrderTimeout)


def test_download_that_keeps_failing_is_given_up(bulk, client):
    client.script = {"download a": [OSError("boom")] * 10}
    downloader = bulk(attempts=3)

    downloader.add(online("a"))

    with pytest.raises(PartialFailure):
        downloader.wait(PATIENCE_S)
    assert len(client.downloaded) == 3


@pytest.mark.parametrize("problem", [KeyError("x"), TypeError("None"), NotFound("gone")])
def test_download_that_cannot_succeed_is_not_tried_again(bulk, client, problem):
    client.script = {"download a": [problem]}
    downloader = bulk()

    downloader.add(online("a", "b"))

    with pytest.raises(PartialFailure):
        downloader.wait(PATIENCE_S)
    assert sorted(one[0] for one in client.downloaded) == ["a", "b"]
    assert list(downloader.failures) == ["a"]


def test_p08_only_whole_files_are_announced_and_each_once(bulk, client, tmp_path):
    client.script = {"download a": [OSError("boom")] * 2, "download b": [KeyError("x")]}
    done = queue.Queue()
    downloader = bulk(done_queue=done)

    downloader.add(online("a", "b"))

    with pytest.raises(PartialFailure):
        downloader.wait(PATIENCE_S)
    assert done.get(timeout=PATIENCE_S) == {"search": online("a")[0], "path": str(tmp_path / "a.zip")}
    assert done.empty()


def test_announcement_has_the_link_and_the_callers_dict_has_not(bulk):
    done = queue.Queue()
    products = archived("a")
    downloader = bulk(done_queue=done)

    downloader.add(products)

    assert done.get(timeout=PATIENCE_S)["search"] == {"supplierId": "a", "downloadUrl": "https://x/a.zip"}
    assert products == archived("a")


def test_who_takes_the_last_announcement_finds_all_done(bulk):
    done = queue.Queue()
    downloader = bulk(done_queue=done)

    for number in range(200):
        downloader.add(online(str(number)))
        done.get(timeout=PATIENCE_S)
        assert downloader.is_done()


def test_full_queue_holds_the_announcement_back(bulk):
    done = queue.Queue(maxsize=1)
    downloader = bulk(done_queue=done, parallel=1)

    downloader.add(online("a", "b", "c"))
    taken = [done.get(timeout=PATIENCE_S)["search"]["supplierId"] for _ in range(3)]
    downloader.wait(PATIENCE_S)

    assert taken == ["a", "b", "c"]


def test_is_done_is_false_from_the_moment_of_adding(bulk, client):
    go = threading.Event()
    client.download = lambda product, path: go.wait(PATIENCE_S)
    downloader = bulk()

    assert downloader.is_done()
    downloader.add(online("a"))
    assert not downloader.is_done()
    with pytest.raises(OrderTimeout, match="1 products"):
        downloader.wait(0)
    go.set()
    downloader.wait(PATIENCE_S)
    assert downloader.is_done()


def test_parallel_downloads_run_at_once(bulk, client):
    together = threading.Barrier(3)
    client.download = lambda product, path: together.wait(PATIENCE_S)
    downloader = bulk(parallel=3)

    downloader.add(online("a", "b", "c"))
    downloader.wait(PATIENCE_S)

    assert not together.broken


def test_p01_request_whose_answer_is_lost_is_not_sent_again(bulk, client):
    client.script = {"request a": [Unavailable("reset", details={"outcome_unknown": True})]}
    downloader = bulk()

    downloader.add(archived("a", "b"))

    with pytest.raises(PartialFailure, match="1 of 2"):
        downloader.wait(PATIENCE_S)
    assert client.requested == ["a", "b"]


def test_refused_account_ends_the_adding(bulk, client):
    client.script = {"request a": [InvalidCredentials("no")]}
    downloader = bulk()

    with pytest.raises(InvalidCredentials):
        downloader.add(archived("a", "b"))
    assert downloader.is_done()


def test_add_of_no_product_adds_nothing(bulk, client):
    downloader = bulk()

    with pytest.raises(InputError, match="supplierId"):
        downloader.add([*archived("a"), {"productId": "b"}])
    assert client.requested == []


def test_shutdown_drops_what_waits_and_lets_nothing_in(bulk, client):
    client.script = {"look a": [None] * 10_000}
    downloader = bulk(poll_s=1000.0)
    downloader.add(archived("a"))

    downloader.shutdown()
    downloader.wait(PATIENCE_S)

    assert client.downloaded == []
    with pytest.raises(InputError, match="shut down"):
        downloader.add(online("b"))


def test_p08_shutdown_after_failures_raises(bulk, client):
    client.script = {"download a": [KeyError("x")]}
    downloader = bulk()
    downloader.add(online("a", "b"))
    with pytest.raises(PartialFailure):
        downloader.wait(PATIENCE_S)

    with pytest.raises(PartialFailure, match="1 of 2"):
        downloader.shutdown()


def test_failed_product_can_be_added_again(bulk, client):
    client.script = {"download a": [KeyError("x")]}
    downloader = bulk()
    downloader.add(online("a"))
    with pytest.raises(PartialFailure):
        downloader.wait(PATIENCE_S)

    downloader.add(online("a"))
    downloader.wait(PATIENCE_S)

    assert downloader.failures == {}
