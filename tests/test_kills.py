# SPDX-License-Identifier: Apache-2.0
"""Real processes that die at the worst moments, and what a new one makes of what they leave.

``SWATH_TEST_KILLS`` says how often the life cycle is killed at random; 20 where it is not set. ``make soak`` does it
hundreds of times.
"""

import importlib.util
import json
import os
import signal
import time
from pathlib import Path

import pytest

_SPEC = importlib.util.spec_from_file_location("swath_soak", Path(__file__).with_name("soak.py"))
soak = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(soak)

KILLS = int(os.environ.get("SWATH_TEST_KILLS", "20"))
PATIENCE_S = 60.0
POST = r"/compute/ops/orders/v2$"

pytestmark = pytest.mark.skipif(os.name != "posix", reason="signals as POSIX has them")

# An extension as any user may install: it wraps hooks, and ends its process at the boundary that the test has chosen.
KILLER = """
import os, signal

from swath.hookspecs import hookimpl

POINT = os.environ["TEST_KILL_POINT"]
LOOKS = [0]


def reach(point):
    if point == POINT:
        os.kill(os.getpid(), signal.SIGKILL)


class Killer:
    @hookimpl(wrapper=True)
    def search(self, context, query):
        found = yield
        def pages():
            for page in found:
                reach("before the intent")
                yield page
        return pages()

    @hookimpl(wrapper=True)
    def order(self, context, request):
        reach("after the intent")
        answer = yield
        reach("after the answer")
        return answer

    @hookimpl(wrapper=True)
    def wait(self, context, order):
        LOOKS[0] += 1
        if LOOKS[0] == 2:
            reach("between looks")
        return (yield)

    @hookimpl(wrapper=True)
    def download(self, context, order):
        reach("before the first byte")
        return (yield)

    @hookimpl(wrapper=True)
    def members(self, context, item, asset, path):
        # Core asks what is inside the files once all are in place, before it writes the receipts.
        reach("before the receipts")
        return (yield)
"""
HOOKED = [
    "before the intent",
    "after the intent",
    "after the answer",
    "between looks",
    "before the first byte",
    "before the receipts",
]


@pytest.fixture(scope="module")
def killer(tmp_path_factory):
    with soak.Killer(tmp_path_factory.mktemp("kills")) as made:
        yield made


@pytest.fixture
def life(killer, tmp_path):
    """A machine with the extension that kills, which only does where a test says so."""
    plugins = tmp_path / "plugins"
    about = plugins / "killer-1.0.dist-info"
    about.mkdir(parents=True)
    (plugins / "killer_for_tests.py").write_text(KILLER)
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: killer\nVersion: 1.0\n")
    (about / "entry_points.txt").write_text("[swath.extensions]\nkiller = killer_for_tests:Killer\n")
    killer.sandbox.log.clear()
    killer.sandbox.faults.clear()
    yield soak.Life(killer.sandbox, killer.nursery, tmp_path, PYTHONPATH=str(plugins), TEST_KILL_POINT="")
    killer.sandbox.faults.clear()


def kill_at(life, point):
    life.env["TEST_KILL_POINT"] = point
    process = life.start(life.acquire)
    process.communicate(timeout=PATIENCE_S)
    life.env["TEST_KILL_POINT"] = ""
    assert process.returncode == -signal.SIGKILL, "the extension was not reached"


def until(condition):
    """Look until something that another process does has come to pass; the test fails if it never does."""
    end_s = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < end_s, "it never came to pass"
        time.sleep(0.005)


def orders(life):
    _, said = life.run(["orders", "--json", "--history"])
    return json.loads(said)


@pytest.mark.parametrize("point", HOOKED)
def test_p02_killed_at_a_hook_ends_with_one_order_and_whole_files(killer, life, point):
    kill_at(life, point)
    _, resumed = life.run(life.resume, soak.LATER_S)
    before = life.posts()

    # Where nothing was sent, only the user's own call may send it: resuming never buys.
    code, said = life.run(life.acquire, soak.LATER_S)

    assert code == 0, resumed + said
    assert before == (0 if point in {"before the intent", "after the intent"} else 1)
    assert life.trouble(killer.wanted) == []


def test_p02_killed_after_the_post_left_ends_with_one_order_and_whole_files(killer, life):
    """The provider has accepted, and its answer is on its way."""
    killer.sandbox.faults.add(method="POST", path=POST, bytes_per_s=1.0)
    process = life.start(life.acquire)
    until(lambda: any(entry.status for entry in killer.sandbox.log.entries(method="POST", path=POST)))
    assert life.kill(process)
    [left] = orders(life)

    code, said = life.run(life.resume)

    assert (left["state"], left["id"]) == ("ordered", "")
    assert code == 0, said
    assert life.trouble(killer.wanted) == []
    assert [row["source"] for row in orders(life)[0]["history"]][:2] == ["claim", "list"]


def test_p02_killed_in_mid_download_goes_on_in_the_same_folder(killer, life):
    killer.sandbox.faults.add(path=r"_Visual\.tif$", bytes_per_s=60_000.0)
    process = life.start(life.acquire)
    until(lambda: any(part.stat().st_size > 0 for part in life.data.rglob(".*.part")))
    assert life.kill(process)
    assert life.files() != killer.wanted

    code, said = life.run(["resume", "--all"])

    assert code == 0, said
    assert life.trouble(killer.wanted) == []
    assert list(life.data.rglob("*.part")) == []


def test_p02_resume_waits_until_the_list_proves_that_nothing_was_accepted(killer, life):
    """Killed a moment ago, the order may still be on its way: absence is not believed before two minutes."""
    kill_at(life, "after the intent")

    code, said = life.run(life.resume)

    [left] = orders(life)
    assert code != 0
    assert "never accepted" in said
    assert (left["state"], life.posts()) == ("failed", 0)


def test_p02_resume_when_there_is_nothing_left_to_do_does_nothing(killer, life):
    life.run(life.acquire)
    asked = len(killer.sandbox.log.entries())

    code, said = life.run(["resume", "--all"])

    assert (code, len(killer.sandbox.log.entries())) == (0, asked), said


def test_p01_lost_ledger_is_rebuilt_from_the_list_and_nothing_is_bought_twice(killer, life):
    life.run(life.acquire)
    (life.home / "ledger.sqlite3").write_bytes(b"not a database" * 1000)
    code, said = life.run(["reconcile", "planet"])
    assert code == 0, said
    assert "adopted" in said
    assert list(life.home.glob("ledger.sqlite3.corrupt-*"))

    code, said = life.run(life.acquire)

    assert code == 0, said
    assert life.posts() == 1
    assert life.files() == killer.wanted


@pytest.mark.parametrize("seed", range(KILLS))
def test_p02_killed_at_random_ends_with_one_order_and_whole_files(killer, seed):
    killer.sandbox.faults.clear()

    _, trouble = killer.trial(seed)

    assert trouble == []
