# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import datetime as dt
import json
import logging
import os
import subprocess
import sys
import textwrap
import threading

import filelock
import pytest

from swath._tokens import TokenCache
from swath._worker import Stopped, Work, check, working
from swath.auth import Token
from swath.errors import InvalidCredentials, Unavailable
from swath.models import Secret

START = dt.datetime(2026, 3, 1, 12, tzinfo=dt.UTC)
HOUR = 3600


class FakeClock:
    def __init__(self):
        self.time = START

    def now(self):
        return self.time

    def advance(self, seconds):
        self.time += dt.timedelta(seconds=seconds)


class Fetcher:
    """Issues t1, t2, ... and remembers what it was given."""

    def __init__(self, clock, life_s=HOUR, prefix="t"):
        self.clock = clock
        self.life_s = life_s
        self.prefix = prefix
        self.olds = []

    def __call__(self, old):
        self.olds.append(old)
        expires = None if self.life_s is None else self.clock.now() + dt.timedelta(seconds=self.life_s)
        name = f"{self.prefix}{len(self.olds)}"
        return Token(value=Secret(name), expires=expires, refresh=Secret(f"r-{name}"))


@pytest.fixture
def clock():
    return FakeClock()


@pytest.fixture
def directory(tmp_path):
    return tmp_path / "home" / "tokens"


@pytest.fixture
def cache(directory, clock):
    return TokenCache("planet-acc", directory=directory, clock=clock)


def value(token):
    return token.value.reveal()


def token_file(directory):
    [found] = directory.glob("*.json")
    return found


def test_token_cache_when_only_made_writes_nothing(cache, directory):
    assert cache.peek() is None
    assert not directory.parent.exists()


def test_get_fetches_once_and_keeps(cache, clock):
    fetch = Fetcher(clock)

    tokens = [cache.get(fetch, margin_s=60) for _ in range(3)]

    assert [value(token) for token in tokens] == ["t1"] * 3
    assert fetch.olds == [None]


def test_get_in_a_later_process_takes_the_kept_one(cache, directory, clock):
    first = cache.get(Fetcher(clock), margin_s=60)
    later = TokenCache("planet-acc", directory=directory, clock=clock)
    fetch = Fetcher(clock, prefix="other")

    assert later.get(fetch, margin_s=60) == first
    assert later.peek() == first
    assert fetch.olds == []


def test_get_of_another_account_takes_its_own(cache, directory, clock):
    cache.get(Fetcher(clock), margin_s=60)
    other = TokenCache("planet-other", directory=directory, clock=clock)

    assert value(other.get(Fetcher(clock, prefix="o"), margin_s=60)) == "o1"


def test_get_when_the_end_is_near_renews_with_the_old_one(cache, clock):
    fetch = Fetcher(clock)
    cache.get(fetch, margin_s=60)

    clock.advance(HOUR - 61)
    assert value(cache.get(fetch, margin_s=60)) == "t1"
    clock.advance(1)
    assert value(cache.get(fetch, margin_s=60)) == "t2"

    assert [old and old.refresh.reveal() for old in fetch.olds] == [None, "r-t1"]


def test_get_when_no_end_is_known_keeps_until_refused(cache, clock):
    fetch = Fetcher(clock, life_s=None)
    token = cache.get(fetch, margin_s=60)
    clock.advance(1000 * HOUR)

    assert cache.get(fetch, margin_s=60) is token
    assert value(cache.get(fetch, margin_s=60, not_this=token)) == "t2"


@pytest.mark.parametrize("life_s", [-HOUR, 0])
def test_get_when_the_clocks_differ_does_not_fetch_for_each_request(cache, clock, life_s):
    """A token that is over on arrival tells of a clock, not of the token."""
    fetch = Fetcher(clock, life_s=life_s)

    tokens = {value(cache.get(fetch, margin_s=60)) for _ in range(5)}

    assert tokens == {"t1"}


def test_get_when_life_is_shorter_than_the_margin_renews_at_half_of_it(cache, clock):
    fetch = Fetcher(clock, life_s=40)

    cache.get(fetch, margin_s=60)
    clock.advance(19)
    assert value(cache.get(fetch, margin_s=60)) == "t1"
    clock.advance(1)
    assert value(cache.get(fetch, margin_s=60)) == "t2"


def test_get_when_one_is_refused_fetches_another(cache, clock):
    fetch = Fetcher(clock)
    dead = cache.get(fetch, margin_s=60)

    fresh = cache.get(fetch, margin_s=60, not_this=dead)

    assert value(fresh) == "t2"
    assert fetch.olds[1] == dead


def test_get_when_another_has_renewed_it_takes_that(cache, directory, clock):
    dead = cache.get(Fetcher(clock), margin_s=60)
    other = TokenCache("planet-acc", directory=directory, clock=clock)
    clock.advance(1)
    renewed = other.get(Fetcher(clock, prefix="n"), margin_s=60, not_this=dead)
    fetch = Fetcher(clock, prefix="mine")

    assert cache.get(fetch, margin_s=60, not_this=dead) == renewed
    assert fetch.olds == []
    # Many requests were refused with the dead one at once: the second one's complaint is answered already.
    assert cache.get(fetch, margin_s=60, not_this=dead) == renewed
    assert fetch.olds == []


def test_get_when_another_has_written_the_dead_one_again_fetches(cache, directory, clock):
    dead = cache.get(Fetcher(clock), margin_s=60)
    kept = token_file(directory).read_bytes()
    fetch = Fetcher(clock, prefix="n")
    cache.get(fetch, margin_s=60, not_this=dead)
    token_file(directory).write_bytes(kept)
    later = TokenCache("planet-acc", directory=directory, clock=clock)

    assert value(later.get(fetch, margin_s=60, not_this=dead)) == "n2"


def test_get_when_renewing_uses_the_refresh_token_issued_last(cache, directory, clock):
    cache.get(Fetcher(clock), margin_s=60)
    clock.advance(HOUR)
    other = TokenCache("planet-acc", directory=directory, clock=clock)
    other.get(Fetcher(clock, prefix="n"), margin_s=60)
    clock.advance(HOUR)
    fetch = Fetcher(clock)

    cache.get(fetch, margin_s=60)

    assert fetch.olds[0].refresh.reveal() == "r-n1"


def test_get_without_a_folder_keeps_in_memory(clock):
    cache = TokenCache("planet-acc", directory=None, clock=clock)
    fetch = Fetcher(clock)

    assert value(cache.get(fetch, margin_s=60)) == "t1"
    assert value(cache.get(fetch, margin_s=60)) == "t1"
    assert cache.forget()
    assert value(cache.get(fetch, margin_s=60)) == "t2"


def test_forget_drops_it_everywhere(cache, directory, clock):
    cache.get(Fetcher(clock), margin_s=60)
    later = TokenCache("planet-acc", directory=directory, clock=clock)

    assert later.forget()
    assert not later.forget()
    assert list(directory.glob("*.json")) == []


def good_content(**changes):
    content = {"version": 1, "value": "kept", "expires": None, "refresh": None, "fetched": START.isoformat()}
    return json.dumps({**content, **changes}).encode()


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b"\xff\xfe",
        b"{}",
        good_content(value=""),
        good_content(value=5),
        good_content(version=2),
        good_content(expires="tomorrow"),
        good_content(fetched="2026-03-01T12:00:00"),
        good_content(expires=5),
    ],
)
def test_get_when_the_file_is_no_token_replaces_it(cache, directory, clock, data, caplog):
    cache.get(Fetcher(clock), margin_s=60)
    token_file(directory).write_bytes(data)
    later = TokenCache("planet-acc", directory=directory, clock=clock)

    assert value(later.get(Fetcher(clock, prefix="new"), margin_s=60)) == "new1"

    assert json.loads(token_file(directory).read_bytes())["value"] == "new1"
    assert "will be replaced" in caplog.text


def test_get_when_the_file_is_a_folder_goes_on_in_memory(cache, directory, clock, caplog):
    cache.get(Fetcher(clock), margin_s=60)
    file = token_file(directory)
    file.unlink()
    file.mkdir()
    later = TokenCache("planet-acc", directory=directory, clock=clock)
    fetch = Fetcher(clock, prefix="new")

    assert [value(later.get(fetch, margin_s=60)) for _ in range(2)] == ["new1"] * 2
    assert "kept for this process only" in caplog.text
    assert "new1" not in caplog.text


def test_get_when_the_folder_cannot_be_made_goes_on_in_memory(tmp_path, clock):
    (tmp_path / "home").write_text("a file")
    cache = TokenCache("planet-acc", directory=tmp_path / "home" / "tokens", clock=clock)
    fetch = Fetcher(clock)

    assert [value(cache.get(fetch, margin_s=60)) for _ in range(2)] == ["t1"] * 2


@pytest.mark.skipif(os.name != "posix", reason="modes are POSIX's")
def test_p25_token_file_is_private_also_under_an_open_umask(cache, directory, clock, caplog):
    old = os.umask(0)
    try:
        cache.get(Fetcher(clock), margin_s=60)
    finally:
        os.umask(old)

    assert directory.stat().st_mode & 0o777 == 0o700
    assert {entry.stat().st_mode & 0o777 for entry in directory.iterdir()} == {0o600}
    token_file(directory).chmod(0o644)
    later = TokenCache("planet-acc", directory=directory, clock=clock)
    assert value(later.get(Fetcher(clock), margin_s=60)) == "t1"
    assert token_file(directory).stat().st_mode & 0o777 == 0o600
    assert "could be read by others" in caplog.text


@pytest.mark.skipif(os.name != "posix", reason="links are POSIX's")
def test_p25_token_file_that_is_a_link_is_not_followed(cache, directory, clock, tmp_path):
    cache.get(Fetcher(clock), margin_s=60)
    planted = tmp_path / "planted.json"
    token_file(directory).rename(planted)
    cache._place.path.symlink_to(planted)
    before = planted.read_bytes()
    later = TokenCache("planet-acc", directory=directory, clock=clock)

    assert value(later.get(Fetcher(clock, prefix="new"), margin_s=60)) == "new1"
    assert planted.read_bytes() == before


def test_key_and_token_are_in_no_file_name(cache, directory, clock):
    cache.get(Fetcher(clock), margin_s=60)

    assert all("acc" not in entry.name and "t1" not in entry.name for entry in directory.iterdir())


def test_get_when_another_process_holds_the_lock_too_long_fetches_too(directory, clock, caplog):
    cache = TokenCache("planet-acc", directory=directory, clock=clock, lock_timeout_s=0.01)
    directory.mkdir(parents=True)
    with filelock.FileLock(f"{cache._place.path}.lock"), caplog.at_level(logging.WARNING):
        token = cache.get(Fetcher(clock), margin_s=60)

    assert value(token) == "t1"
    assert "not waiting longer" in caplog.text


def crowd(cache, fetch, count=50, **options):
    """Let many threads ask while the first one fetches."""
    barrier = threading.Barrier(count)
    answers, errors = [], []

    def ask():
        barrier.wait()
        try:
            answers.append(cache.get(fetch, margin_s=60, **options))
        except Exception as err:  # noqa: BLE001 - counted by the test
            errors.append(err)

    threads = [threading.Thread(target=ask) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers, errors


def test_p17_threads_share_one_fetch(cache, clock):
    fetch = Fetcher(clock)

    answers, errors = crowd(cache, fetch)

    assert errors == []
    assert {value(token) for token in answers} == {"t1"}
    assert len(answers) == 50
    assert len(fetch.olds) == 1


def test_p17_threads_that_were_all_refused_share_one_renewal(cache, clock):
    fetch = Fetcher(clock)
    dead = cache.get(fetch, margin_s=60)

    answers, _ = crowd(cache, fetch, not_this=dead)

    assert {value(token) for token in answers} == {"t2"}
    assert len(fetch.olds) == 2


def waiting_in(cache, count):
    """Give what a fetch calls to go on only when so many threads stand before the cache's lock, itself included."""
    standing = threading.Semaphore(0)

    class Lock:
        def __init__(self, lock):
            self.lock = lock

        def __enter__(self):
            standing.release()
            self.lock.acquire()

        def __exit__(self, *_):
            self.lock.release()

    cache._lock = Lock(cache._lock)

    def hold():
        for _ in range(count):
            standing.acquire()

    return hold


def test_p17_a_failed_fetch_is_told_to_all_who_waited_and_not_repeated(cache, clock):
    count = 20
    hold = waiting_in(cache, count)
    calls = []

    def fetch(old):
        calls.append(old)
        if len(calls) == 1:
            hold()
        raise InvalidCredentials("401 for the password", provider="planet")

    answers, errors = crowd(cache, fetch, count=count)

    assert answers == []
    assert len(calls) == 1
    assert len({id(error) for error in errors}) == count
    assert {(type(error), error.message, error.provider) for error in errors} == {
        (InvalidCredentials, "401 for the password", "planet")
    }
    assert value(cache.get(Fetcher(clock), margin_s=60)) == "t1"


def test_p17_a_fetch_that_brings_the_refused_one_again_is_not_repeated_by_those_who_waited(cache, clock):
    count = 20
    dead = Token(value=Secret("same"))
    cache.get(lambda _: dead, margin_s=60)
    hold = waiting_in(cache, count)
    calls = []

    def fetch(old):
        calls.append(old)
        if len(calls) == 1:
            hold()
        return dead

    answers, errors = crowd(cache, fetch, count=count, not_this=dead)

    assert errors == []
    assert answers == [dead] * count
    assert len(calls) == 1


def test_get_when_a_fetch_failed_earlier_tries_again(cache, clock):
    def broken(old):
        raise Unavailable("503")

    with pytest.raises(Unavailable):
        cache.get(broken, margin_s=60)

    assert value(cache.get(Fetcher(clock), margin_s=60)) == "t1"


def test_get_when_interrupted_lets_others_go_on(cache, clock):
    def interrupted(old):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        cache.get(interrupted, margin_s=60)

    assert value(cache.get(Fetcher(clock), margin_s=60)) == "t1"


def test_p17_fifty_threads_and_four_processes_make_one_request(directory, tmp_path):
    log = tmp_path / "requests"
    script = textwrap.dedent(
        """
        import datetime as dt, os, sys, threading
        from pathlib import Path
        from swath._clock import SystemClock
        from swath._tokens import TokenCache
        from swath.auth import Token
        from swath.models import Secret

        clock = SystemClock()
        cache = TokenCache("planet-acc", directory=Path(sys.argv[1]), clock=clock)

        def fetch(old):
            with open(sys.argv[2], "a") as log:
                log.write(f"{os.getpid()}\\n")
            expires = clock.now() + dt.timedelta(hours=1)
            return Token(value=Secret(f"from {os.getpid()}"), expires=expires)

        barrier = threading.Barrier(50)
        values = []

        def ask():
            barrier.wait()
            values.append(cache.get(fetch, margin_s=60).value.reveal())

        threads = [threading.Thread(target=ask) for _ in range(50)]
        print("ready", flush=True)
        sys.stdin.readline()
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        print(len(values), *set(values))
        """
    )
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", script, str(directory), str(log)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(4)
    ]
    for process in processes:
        assert process.stdout.readline() == "ready\n"
    for process in processes:
        process.stdin.write("go\n")
        process.stdin.flush()
    answers = {process.communicate(timeout=120)[0].strip() for process in processes}

    [fetched_by] = log.read_text().split()
    assert answers == {f"50 from {fetched_by}"}


def test_renewal_goes_on_when_the_work_that_asked_for_it_is_dropped(clock, directory):
    """The old refresh token may be spent by then, and the new one is in the answer."""
    work, cache = Work(), TokenCache("a", directory=directory, clock=clock)

    def fetch(old):
        work.stop.set()
        check()
        return Token(value=Secret("renewed"), refresh=Secret("the only one"))

    with working(work):
        cache.get(fetch, margin_s=60)
        with pytest.raises(Stopped):
            check()

    kept = TokenCache("a", directory=directory, clock=clock).peek()
    assert kept.refresh.reveal() == "the only one"
