# SPDX-License-Identifier: Apache-2.0
"""Clock, limits, links, log and faults of the sandbox."""

from __future__ import annotations

import datetime as dt

import pytest

from swath.sandbox import Fault, Faults, LinkSigner, LinkState, RequestLog, SandboxClock, World
from swath.sandbox.links import links_expired


class StillClock:
    """A clock that stands still."""

    def now(self):
        return dt.datetime(2026, 3, 1, 12, tzinfo=dt.UTC)

    def monotonic(self):
        return 1000.0

    def sleep(self, seconds, *, wake=None):
        raise AssertionError("nothing here may sleep")


@pytest.fixture
def clock():
    return SandboxClock(4, base=StillClock())


def test_clock_goes_ahead_only_when_told(clock):
    before = clock.now(), clock.monotonic()

    after = clock.advance(90)

    assert after - before[0] == dt.timedelta(seconds=90)
    assert clock.now() == after
    assert clock.monotonic() - before[1] == 90


def test_clock_delay_is_shortened_by_speed(clock):
    assert clock.delay(60) == dt.timedelta(seconds=15)


@pytest.mark.parametrize("speed", [0, -1, float("nan")])
def test_clock_refuses_a_speed_that_leads_nowhere(speed):
    with pytest.raises(ValueError, match="speed"):
        SandboxClock(speed)


def test_clock_does_not_run_backwards(clock):
    with pytest.raises(ValueError, match="backwards"):
        clock.advance(-1)


def test_limiter_lets_through_what_is_allowed_in_any_second(clock):
    limiter = World(clock=clock).limiter("x", 3)

    assert [limiter.take().allowed for _ in range(5)] == [True, True, True, False, False]
    clock.advance(0.999)
    assert not limiter.take().allowed
    clock.advance(0.002)
    assert [limiter.take().allowed for _ in range(4)] == [True, True, True, False]


def test_limiter_announces_the_wait_on_every_other_refusal(clock):
    limiter = World(clock=clock).limiter("x", 1)
    limiter.take()

    refusals = [limiter.take() for _ in range(4)]

    assert [one.announce for one in refusals] == [True, False, True, False]
    assert {one.retry_after for one in refusals} == {"1"}


def test_limiter_of_less_than_one_a_second(clock):
    limiter = World(clock=clock).limiter("slow", 0.25)
    assert limiter.take().allowed

    refused = limiter.take()

    assert not refused.allowed
    assert refused.wait_s == 4
    clock.advance(4)
    assert limiter.take().allowed


def test_limiter_is_one_for_one_name_and_can_be_off(clock):
    world = World(clock=clock, rate_limits=False)

    assert world.limiter("a", 1) is world.limiter("a", 1)
    assert all(world.limiter("a", 1).take().allowed for _ in range(100))


def test_link_is_good_until_it_expires(clock):
    links = LinkSigner(clock)
    token = links.sign("/files/a.tif", 60).partition("token=")[2]

    assert links.check("/files/a.tif", token) is LinkState.VALID
    clock.advance(59)
    assert links.check("/files/a.tif", token) is LinkState.VALID
    clock.advance(1)
    assert links.check("/files/a.tif", token) is LinkState.EXPIRED


@pytest.mark.parametrize("token", [None, "", "x", "x.y", "eyJ9.0123"])
def test_link_that_was_not_signed_is_invalid(clock, token):
    assert LinkSigner(clock).check("/a", token) is LinkState.INVALID


def test_link_is_bound_to_path_and_seed(clock):
    token = LinkSigner(clock, seed=1).sign("/a?b=1", 60).partition("&token=")[2]

    assert LinkSigner(clock, seed=1).check("/a?b=1", token) is LinkState.VALID
    assert LinkSigner(clock, seed=1).check("/b", token) is LinkState.INVALID
    assert LinkSigner(clock, seed=2).check("/a?b=1", token) is LinkState.INVALID


def test_link_life_can_be_set_for_all(clock):
    links = LinkSigner(clock)
    links.ttl_s = 1
    token = links.token("x", 3600)
    clock.advance(2)

    assert links.read(token).state is LinkState.EXPIRED
    assert links.read(token).subject == "x"


def test_link_counts_as_expired_under_the_fault(clock):
    links = LinkSigner(clock)
    token = links.token("x", 3600)
    mark = links_expired.set(True)
    try:
        assert links.read(token).state is LinkState.EXPIRED
    finally:
        links_expired.reset(mark)
    assert links.read(token).state is LinkState.VALID


def _add(log, clock, *, provider="p", method="GET", path="/a", query="", headers=(), body=b""):
    return log.add(
        provider=provider, method=method, path=path, query=query, headers=headers, body=body, time=clock.now(), at=0.0
    )


def test_log_keeps_no_secret(clock):
    log = RequestLog()

    entry = _add(
        log,
        clock,
        method="POST",
        query="api_key=CANARY&token=CANARY&q=1&q=2",
        headers=[("Authorization", "api-key CANARY"), ("X-Api-Key", "CANARY"), ("Accept", "*/*"), ("Cookie", "CANARY")],
        body=b'{"username": "me", "password": "CANARY", "s3": [{"aws_secret_access_key": "CANARY", "n": 1}]}',
    )

    assert "CANARY" not in repr(entry)
    assert "CANARY" not in str(entry.as_json())
    assert entry.headers["authorization"] == "api-key <redacted>"
    assert entry.headers["accept"] == "*/*"
    assert entry.query["q"] == ["1", "2"]
    assert entry.body["username"] == "me"
    assert entry.body["s3"][0]["n"] == 1


def test_log_views_share_the_entries_of_their_provider(clock):
    log = RequestLog()
    one, other = log.only("one"), log.only("other")
    _add(one, clock, provider="one", path="/orders/1")
    _add(log, clock, provider="other", method="POST", path="/orders")

    assert [entry.path for entry in one] == ["/orders/1"]
    assert log.count(path=r"^/orders") == 2
    assert log.count(method="post") == 1
    assert log.count(provider="one", path="nothing") == 0
    assert [entry.number for entry in log] == [1, 2]
    one.clear()
    assert (len(one), len(other), len(log)) == (0, 1, 1)


def test_log_takes_bodies_that_are_no_json(clock):
    log = RequestLog()

    assert _add(log, clock, body=b"a=1").body == "a=1"
    assert _add(log, clock).body is None


def test_fault_meets_the_calls_it_says():
    faults = Faults()
    faults.add(provider="p", method="get", path=r"/items/\d+$", call=2, times=2, status=500)

    met = [faults.meet("p", "GET", "/items/1") is not None for _ in range(5)]

    assert met == [False, True, True, False, False]
    assert faults.active() == []


def test_fault_leaves_other_requests_alone():
    faults = Faults()
    fault = faults.add(Fault(provider="p", method="POST", path="^/orders$", times=None, drop="after"))

    assert faults.meet("q", "POST", "/orders") is None
    assert faults.meet("p", "GET", "/orders") is None
    assert faults.meet("p", "POST", "/orders/1") is None
    assert [faults.meet("p", "POST", "/orders") for _ in range(3)] == [fault] * 3
    faults.clear()
    assert faults.meet("p", "POST", "/orders") is None


def test_fault_switched_on_first_goes_first():
    faults = Faults()
    first, second = faults.add(status=500), faults.add(times=2, status=503)

    assert [faults.meet("p", "GET", "/"), faults.meet("p", "GET", "/")] == [first, second]


@pytest.mark.parametrize(
    ("settings", "error"),
    [
        ({"status": 99}, ValueError),
        ({"times": 0}, ValueError),
        ({"call": 0}, ValueError),
        ({"drop": "sideways"}, ValueError),
        ({"delay_s": -1}, ValueError),
        ({"unknown": 1}, TypeError),
    ],
)
def test_fault_refuses_what_makes_no_sense(settings, error):
    with pytest.raises(error):
        Faults().add(**settings)


def test_world_keys_depend_on_seed_and_parts_alone():
    assert World(1).key("a", 2) == World(1, 50).key("a", 2)
    assert len({World(1).key("a", 2), World(2).key("a", 2), World(1).key("a", 3), World(1).key("a2")}) == 4
    assert World(1).rng("x").random() == World(1).rng("x").random()
