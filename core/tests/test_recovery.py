# SPDX-License-Identifier: Apache-2.0
"""Orders are taken up again from wherever they were, and nothing is ever sent twice."""

from __future__ import annotations

import concurrent.futures
import datetime as dt
import json

import httpx
import pytest

from swath._cli import main
from swath._ledger import Ledger
from swath._open import make_provider
from swath.errors import InputError, NotFound, OrderFailed, OrderTimeout, OrderUncertain, Rejected
from swath.hookspecs import Operation, hookimpl
from swath.models import Asset, Order, OrderState, Outcome, ProviderInfo, SettingField, find_tag
from swath.testing.clock import FakeClock

API = "https://shop.example.test"
START = dt.datetime(2026, 3, 20, tzinfo=dt.UTC)
DATA = b"II*\x00" + bytes(range(256)) * 8


class Crash(BaseException):
    """The process ends here, as far as swath can tell."""


class Server:
    """The provider: a list of orders, and files."""

    def __init__(self, clock):
        self.clock = clock
        self.orders = []
        self.posts = 0
        self.down = False
        self.lose_reply = False
        self.broken_files = set()
        self.in_flight = lambda: None

    def __call__(self, request):
        path = request.url.path
        if self.down:
            return httpx.Response(503)
        if request.method == "POST":
            self.posts += 1
            self.in_flight()
            made = {"id": f"n{self.posts}", "at": self.clock.now().isoformat(), "state": "succeeded"}
            self.orders.append({**made, **json.loads(request.content)})
            if self.lose_reply:
                raise httpx.ReadError("reset", request=request)
            return httpx.Response(200, json=self.orders[-1])
        if path == "/orders":
            return httpx.Response(200, json=self.orders[::-1])
        if path.startswith("/orders/"):
            found = [one for one in self.orders if one["id"] == path.split("/")[2]]
            return httpx.Response(200, json=found[0]) if found else httpx.Response(404)
        if path in self.broken_files:
            return httpx.Response(410)
        return httpx.Response(200, content=DATA, headers={"content-type": "image/tiff", "etag": '"1"'})


class Shop:
    """A plugin for it.

    Args:
        tagged: Whether its list shows the tag.
        crash: ``"before"`` or ``"after"`` the sending.
    """

    def __init__(self, *, tagged=True, crash=None):
        self.tagged = tagged
        self.crash = crash
        self.look_up = lambda: None

    @hookimpl
    def describe(self):
        return ProviderInfo(
            name="shop",
            title="Shop",
            settings=[SettingField(name="base_url", default=API, origin=True)],
            tagged=self.tagged,
            max_items_per_order=2,
        )

    @hookimpl
    def order(self, context, request):
        self.look_up()
        if self.crash == "before":
            raise Crash
        body = {"name": request.reference if self.tagged else "", "items": [one["id"] for one in request.items]}
        answer = context.http.request("POST", f"{API}/orders", json=body, operation=Operation.ONCE)
        if self.crash == "after":
            raise Crash
        return self._seen(answer.json())

    @hookimpl
    def wait(self, context, order):
        seen = self._seen(context.http.request("GET", f"{API}/orders/{order.id}").json())
        return order.seen(seen.state, id=seen.id, native_state=seen.native_state)

    @hookimpl
    def orders(self, context, since):
        for payload in context.http.request("GET", f"{API}/orders").json():
            seen = self._seen(payload)
            if since is None or seen.created >= since:
                yield seen

    @hookimpl
    def download(self, context, order):
        for one in order.items:
            yield Asset(
                href=f"{API}/files/{one['id']}", name=f"{one['id']}.tif", item=one["id"], media_type="image/tiff"
            )

    @staticmethod
    def _seen(payload):
        return Order(
            provider="shop",
            id=payload["id"],
            tag=find_tag(payload["name"]) or "",
            state=OrderState(payload["state"]),
            native_state=payload["state"].upper(),
            created=dt.datetime.fromisoformat(payload["at"]),
        )


def item(name):
    return {"type": "Feature", "stac_version": "1.1.0", "id": name, "geometry": None, "links": [], "assets": {},
            "properties": {"datetime": "2026-01-01T00:00:00Z", "swath:provider": "shop"}}  # fmt: skip


@pytest.fixture
def clock():
    return FakeClock(START)


@pytest.fixture
def server(clock):
    return Server(clock)


@pytest.fixture
def opened(server, clock, tmp_path):
    """Open the account: each call is a new process, on this machine or another."""
    made = []

    def make(machine="here", *, plugin=None, **behaviour):
        provider = make_provider(
            "shop",
            profile="default",
            given={},
            plugin=plugin or Shop(**behaviour),
            clock=clock,
            transport=httpx.MockTransport(server),
            home=tmp_path / machine,
        )
        made.append(provider)
        return provider

    yield make
    for provider in made:
        provider.close()
        provider._ledger.close()


def crashed(opened, crash, *names, **plugin):
    with pytest.raises(Crash):
        opened(crash=crash, **plugin).order([item(name) for name in names or ("a",)])


# --- resume ----------------------------------------------------------------------------------------------------------


def test_p02_resume_when_the_answer_was_lost_finds_it_and_fetches_all(opened, server, tmp_path):
    crashed(opened, "after")

    [one] = opened().resume(directory=tmp_path / "data")

    assert (one.order.id, one.order.state, one.error) == ("n1", OrderState.SUCCEEDED, None)
    assert (tmp_path / "data" / "a" / "a.tif").read_bytes() == DATA
    assert one.folder == str(tmp_path / "data")
    assert [got["id"] for got in one.items] == ["a"]
    assert server.posts == 1
    assert opened().resume(directory=tmp_path / "data") == []


def test_p02_resume_when_nothing_was_sent_waits_for_proof_and_never_sends(opened, server, clock):
    crashed(opened, "before")

    [one] = opened().resume()

    assert clock.now() - START > dt.timedelta(seconds=120)
    assert one.order.state is OrderState.FAILED
    assert isinstance(one.error, OrderFailed)
    assert "never accepted" in one.error.message
    assert server.posts == 0


def test_resume_when_there_is_no_time_leaves_what_is_in_doubt(opened, clock):
    crashed(opened, "before")

    [one] = opened().resume(timeout=0)

    assert isinstance(one.error, OrderUncertain)
    assert opened()._ledger.get(one.order.tag).intent
    assert clock.now() == START


def test_resume_of_a_cut_download_goes_on_in_its_folder(opened, server, tmp_path):
    provider = opened()
    order = provider.order([item("a"), item("b")])
    server.broken_files.add("/files/b")
    with pytest.raises(Exception, match="1 of 2 files"):
        provider.download(order, tmp_path / "data")
    server.broken_files.clear()

    [one] = opened().resume()

    assert one.error is None
    assert sorted(path.name for path in (tmp_path / "data").rglob("*.tif")) == ["a.tif", "b.tif"]
    assert opened()._ledger.get(order.tag).received


def test_resume_when_one_order_is_gone_ends_the_others(opened, server, clock, tmp_path):
    provider = opened()
    first = provider.order([item("a")])
    second = provider.order([item("b")])
    for made in server.orders:
        made["state"] = "shipping"
    ledger = provider._ledger
    for order in (first, second):
        ledger.record(order.seen(OrderState.SHIPPING), source="poll")
    clock.advance(3600)
    server.orders = [one for one in server.orders if one["id"] != first.id]
    server.orders[0]["state"] = "succeeded"

    lost, whole = opened().resume(directory=tmp_path)

    assert isinstance(lost.error, NotFound)
    assert (whole.order.id, whole.error, whole.folder) == (second.id, None, str(tmp_path))


def test_resume_when_time_is_up_says_so_for_what_is_late(opened, server):
    provider = opened()
    order = provider.order([item("a")])
    server.orders[0]["state"] = "shipping"
    provider._ledger.record(order.seen(OrderState.SHIPPING), source="poll")

    [one] = opened().resume(timeout=30)

    assert isinstance(one.error, OrderTimeout)
    assert one.order.state is OrderState.SHIPPING


def test_resume_without_a_folder_leaves_what_is_delivered_and_says_how_to_get_it(opened, server):
    provider = opened()
    order = provider.order([item("a")])

    [one] = opened().resume(order.id)

    assert (one.folder, one.error) == (None, None)
    assert f"swath download {order.id}" in one.note


def test_resume_of_a_group_fetches_it_as_one(opened, server, tmp_path):
    provider = opened()
    group = provider.order([item(name) for name in "abcde"])
    server.broken_files |= {f"/files/{name}" for name in "bcde"}
    with pytest.raises(Exception, match="4 of 5 files"):
        provider.download(group, tmp_path / "data")
    server.broken_files.clear()

    resumed = opened().resume()

    assert len(group.parts) == 3
    assert [one.error for one in resumed] == [None] * len(resumed)
    assert len(list((tmp_path / "data").rglob("*.tif"))) == 5
    assert opened().resume() == []


def test_resume_on_a_shared_ledger_leaves_other_machines_folders_alone(opened, tmp_path, monkeypatch):
    provider = opened()
    order = provider.order([item("a")])
    ledger = provider._ledger
    ledger.record_folder([order.tag], tmp_path / "there")
    monkeypatch.setattr("platform.node", lambda: "another-machine")
    monkeypatch.setattr(Ledger, "shared", True)

    [one] = opened().resume()

    assert str(tmp_path / "there") in one.note
    assert not (tmp_path / "there").exists()


# --- reconcile -------------------------------------------------------------------------------------------------------


def test_p01_list_that_does_not_answer_proves_nothing(opened, server, clock):
    crashed(opened, "after")
    clock.advance(3600)
    server.down = True

    [one] = opened().resume(timeout=0)

    assert isinstance(one.error, OrderUncertain)
    server.down = False
    [found] = opened().reconcile()
    assert (found.outcome, found.order.id) == (Outcome.FOUND, "n1")


def test_p01_order_that_another_process_gave_up_is_not_sent_any_more(opened, server, clock):
    """The look-ups before the sending took so long that another process proved the order absent."""
    plugin = Shop()

    def look_up():
        clock.advance(600)
        assert [one.outcome for one in opened().reconcile()] == [Outcome.ABSENT]

    plugin.look_up = look_up
    slow = opened(plugin=plugin)

    with pytest.raises(Rejected, match="settled by another process"):
        slow.order([item("a")])

    assert server.posts == 0


def test_p01_order_that_is_on_its_way_is_not_proven_absent(opened, server, clock):
    """The sending began late; the two minutes count from then."""
    seen = []
    plugin = Shop()
    plugin.look_up = lambda: clock.advance(600)
    server.in_flight = lambda: seen.extend(opened().reconcile())

    order = opened(plugin=plugin).order([item("a")])

    assert [one.outcome for one in seen] == [Outcome.UNSETTLED]
    assert (order.id, server.posts) == ("n1", 1)


def test_p01_order_of_a_lost_ledger_is_taken_up_and_not_bought_again(opened, server):
    opened("one").order([item("a")])
    server.orders.append({"id": "x", "name": "somebody's own", "at": START.isoformat(), "state": "succeeded"})

    [adopted] = opened("two").reconcile()
    again = opened("two").order([item("a")])
    other = opened("two").order([item("b")])

    assert (adopted.outcome, adopted.order.id) == (Outcome.ADOPTED, "n1")
    assert (again.id, other.id) == ("n1", "n2")
    assert opened("two").reconcile() == []


def test_reconcile_tells_of_orders_that_have_changed(opened, server):
    provider = opened()
    order = provider.order([item("a")])
    provider._ledger.record(order.seen(OrderState.SHIPPING), source="poll")

    [one] = opened().reconcile()

    assert (one.outcome, one.order.state) == (Outcome.CHANGED, OrderState.SUCCEEDED)
    assert provider._ledger.history(order.tag)[-1].source == "list"


def test_p01_without_tags_candidates_are_shown_and_nothing_is_sent(opened, server, clock):
    server.orders.append({"id": "old", "name": "", "at": (START - dt.timedelta(days=2)).isoformat(), "state": "failed"})
    server.lose_reply = True
    with pytest.raises(OrderUncertain):
        opened(tagged=False).order([item("a")])
    clock.advance(3600)

    [one] = opened(tagged=False).reconcile()

    assert one.outcome is Outcome.UNSETTLED
    assert [order.id for order in one.candidates] == ["n1"]
    assert f"--match {one.order.tag}=ID" in one.note
    assert server.posts == 1


def test_users_word_settles_what_cannot_be_told(opened, server):
    server.lose_reply = True
    with pytest.raises(OrderUncertain) as caught:
        opened(tagged=False).order([item("a")])
    [tag] = caught.value.details["orders"]

    [one] = opened(tagged=False).reconcile(matches={tag: "n1"})

    assert (one.outcome, one.order.id, one.order.state) == (Outcome.FOUND, "n1", OrderState.SUCCEEDED)
    assert opened(tagged=False).order([item("a")]).id == "n1"
    assert server.posts == 1


def test_users_word_that_it_is_absent_lets_it_be_ordered_again(opened, server):
    crashed(opened, "before", tagged=False)
    tag = opened(tagged=False).orders()[0].tag

    [one] = opened(tagged=False).reconcile(absent=[tag])

    assert (one.outcome, one.order.state) == (Outcome.ABSENT, OrderState.FAILED)
    assert opened(tagged=False).order([item("a")]).id == "n1"


def test_users_word_on_an_order_that_is_in_no_doubt_is_refused(opened):
    order = opened().order([item("a")])

    with pytest.raises(InputError, match="not in doubt"):
        opened().reconcile(absent=[order.tag])


# --- together --------------------------------------------------------------------------------------------------------


def test_p01_two_machines_that_share_a_ledger_buy_once(postgres, server, clock, tmp_path, monkeypatch):
    monkeypatch.setenv("SWATH_LEDGER", postgres)
    providers = []
    for number in range(4):
        monkeypatch.setenv("SWATH_HOME", str(tmp_path / str(number)))
        providers.append(
            make_provider(
                "shop",
                profile="default",
                given={},
                plugin=Shop(),
                clock=clock,
                transport=httpx.MockTransport(server),
            )
        )

    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        bought = list(pool.map(outcome, providers))

    assert server.posts == 1
    assert {found for found in bought if found != "in doubt"} == {"n1"}
    assert {outcome(provider) for provider in providers} == {"n1"}
    for provider in providers:
        provider.close()
        provider._ledger.close()


def outcome(provider):
    try:
        return provider.order([item("a")]).id
    except OrderUncertain:
        return "in doubt"  # the other is sending just now


# --- what the command line shows -------------------------------------------------------------------------------------


@pytest.fixture
def shown(opened, monkeypatch, tmp_path, capsys):
    """Run a command on the ledger of the machine "here", and give what it prints."""
    monkeypatch.setenv("SWATH_HOME", str(tmp_path / "here"))
    monkeypatch.delenv("SWATH_LEDGER", raising=False)

    def run(*words):
        code = main(["orders", *words])
        return code, capsys.readouterr().out

    return run


def test_orders_of_one_id_tells_all_about_it(opened, shown, tmp_path):
    provider = opened()
    order = provider.order([item("a")], name="mine")
    provider.download(order, tmp_path / "data")

    code, said = shown(order.id, "--history")
    _, plain = shown(order.tag, "--json")

    assert code == 0
    assert f"folder:       {tmp_path / 'data'}" in said
    table = [line.split() for line in said.splitlines() if line.startswith("2026-")]
    assert [line[2:5] for line in table] == [["ordered", "-", "claim"], ["succeeded", "SUCCEEDED", "send"]]
    told = json.loads(plain)
    assert [row["source"] for row in told["history"]] == ["claim", "send"]
    assert [row["native_state"] for row in told["history"]] == ["", "SUCCEEDED"]
    assert [file["size"] for file in told["files"]] == [len(DATA)]
    assert told["received"]


def test_orders_can_be_chosen_by_time_and_profile(opened, shown, clock):
    opened().order([item("a")])
    clock.advance(86400)
    opened().order([item("b")])

    def ids(*words):
        return [one["id"] for one in json.loads(shown("--json", *words)[1])]

    assert ids() == ["n2", "n1"]
    assert ids("--since", "2026-03-21") == ["n2"]
    assert ids("--since", "99999d") == ["n2", "n1"]
    assert ids("--profile", "other") == []


def test_orders_watch_ends_when_all_are_final(opened, shown):
    opened().order([item("a")])

    code, said = shown("--watch", "--interval", "0")

    assert code == 0
    assert "n1  succeeded" in said
