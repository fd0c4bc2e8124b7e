# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import datetime as dt
import json
import os
import signal
import subprocess
import sys
import textwrap
import threading

import pytest
from attrs import evolve

from swath._ledger import Ledger, fingerprint
from swath.errors import InputError, NotFound
from swath.models import Asset, Order, OrderRequest, OrderState, Receipt, Secret, Verification, new_tag

START = dt.datetime(2026, 3, 1, 12, tzinfo=dt.UTC)
CANARY = "CANARY-5ecret-0815"


class FakeClock:
    def __init__(self):
        self.time = START

    def now(self):
        return self.time

    def advance(self, seconds):
        self.time += dt.timedelta(seconds=seconds)


@pytest.fixture
def clock():
    return FakeClock()


@pytest.fixture
def path(tmp_path):
    return tmp_path / "home" / "ledger.sqlite3"


@pytest.fixture(params=["sqlite", "postgresql"])
def place(request):
    """Every test that asks for it, or for `ledger`, runs over both databases."""
    return request.getfixturevalue("path" if request.param == "sqlite" else "postgres")


@pytest.fixture
def ledger(place, clock):
    made = Ledger(place, clock=clock)
    yield made
    made.close()


def request(*items, **changes):
    return OrderRequest(items=[{"id": name, "collection": "PSScene"} for name in items or ("a",)], **changes)


def make(tag=None, **changes):
    tag = tag or new_tag()
    wanted = evolve(changes.pop("request", request()), tag=tag)
    return Order(**{"provider": "planet", "tag": tag, "request": wanted, "created": START, **changes})


def claim(ledger, order, mark="f1", **changes):
    return ledger.claim(order, **{"fingerprint": mark, "account": "acc", "profile": "default", **changes})


def run(script, *arguments, **options):
    return subprocess.run(
        [sys.executable, "-c", textwrap.dedent(script), *map(str, arguments)],
        capture_output=True,
        check=False,
        text=True,
        timeout=120,
        **options,
    )


def test_ledger_when_only_made_writes_nothing(path, clock):
    Ledger(path, clock=clock)
    Ledger("postgresql://nobody@127.0.0.1:1/nothing", clock=clock)

    assert not path.parent.exists()


def test_claim_when_new_writes_the_intent(ledger):
    order = make()

    assert claim(ledger, order, group="g-1") is None

    entry = ledger.get(order.tag)
    assert entry.intent
    assert entry.order == order
    assert (entry.account, entry.profile, entry.fingerprint, entry.group) == ("acc", "default", "f1", "g-1")
    assert entry.claimed == START


def test_claim_when_one_like_it_stands_gives_that_and_writes_nothing(ledger):
    first = make()
    claim(ledger, first)

    standing = claim(ledger, make())

    assert standing.order.tag == first.tag
    assert len(ledger.entries()) == 1


@pytest.mark.parametrize("state", [OrderState.FAILED, OrderState.CANCELED])
def test_claim_when_the_one_like_it_ended_badly_may_be_sent(ledger, state):
    first = make()
    claim(ledger, first)
    ledger.record(first.seen(state), source="send")

    assert claim(ledger, make()) is None
    assert len(ledger.entries()) == 2


@pytest.mark.parametrize("state", [state for state in OrderState if state not in {"failed", "canceled"}])
def test_claim_when_the_one_like_it_lives_in_any_state_gives_it(ledger, state):
    first = make()
    claim(ledger, first)
    ledger.record(first.seen(state, id="p1"), source="poll")

    assert claim(ledger, make()).order.state is state


def test_claim_when_again_is_given_writes_another(ledger):
    claim(ledger, make())

    assert claim(ledger, make(), again=True) is None
    assert len(ledger.entries()) == 2


def test_claim_when_the_tag_is_taken_says_so(ledger):
    order = make()
    claim(ledger, order)

    with pytest.raises(InputError, match=order.tag):
        claim(ledger, order, mark="f2")

    assert claim(ledger, make(), mark="f2") is None  # the failed transaction holds no lock


def test_claim_when_there_is_no_tag_says_so(ledger):
    with pytest.raises(InputError, match="without a tag"):
        claim(ledger, Order(provider="planet"))


def test_claim_when_an_option_cannot_be_written_writes_nothing(ledger):
    with pytest.raises(InputError, match=r"OrderRequest\.options\.callback holds object"):
        claim(ledger, make(request=request(options={"callback": object()})))

    assert ledger.entries() == []


def test_live_gives_the_newest_that_stands(ledger):
    one, two = make(), make()
    claim(ledger, one)
    claim(ledger, two, again=True)

    assert ledger.live("f1").order.tag == two.tag
    assert ledger.live("other") is None


def test_record_when_answered_is_no_intent_any_more(ledger, clock):
    order = make()
    claim(ledger, order)
    clock.advance(5)

    ledger.record(order.seen(OrderState.PENDING, id="p1", native_state="queued"), source="send")

    entry = ledger.get("p1")
    assert not entry.intent
    assert entry.order.state is OrderState.PENDING
    assert entry.updated == START + dt.timedelta(seconds=5)


def test_record_when_the_reply_was_lost_is_uncertain_and_stands(ledger):
    order = make()
    claim(ledger, order)

    ledger.record(order.seen(OrderState.UNCERTAIN), source="send")

    assert ledger.live("f1").order.state is OrderState.UNCERTAIN
    assert not ledger.live("f1").intent


def test_record_when_a_user_notes_something_the_intent_stays(ledger):
    order = make()
    claim(ledger, order)

    ledger.record(order, source="user", note="asked support")

    assert ledger.get(order.tag).intent


def test_record_when_a_look_shows_less_keeps_what_was_known(ledger):
    order = make()
    claim(ledger, order)
    ledger.record(order.seen(OrderState.PENDING, id="p1"), source="send")

    merged = ledger.record(Order(provider="planet", tag=order.tag, state=OrderState.SHIPPING), source="webhook")

    assert merged == ledger.get(order.tag).order
    assert merged == order.seen(OrderState.SHIPPING, id="p1")


def test_record_when_only_the_id_is_known_finds_the_order(ledger):
    order = make()
    claim(ledger, order)
    ledger.record(order.seen(OrderState.PENDING, id="p1"), source="send")

    merged = ledger.record(Order(provider="planet", id="p1", state=OrderState.SUCCEEDED), source="list")

    assert merged.tag == order.tag
    assert [entry.order.state for entry in ledger.entries()] == [OrderState.SUCCEEDED]


def test_record_when_made_elsewhere_adds_it(ledger):
    foreign = Order(provider="planet", id="p9", state=OrderState.SHIPPING)

    ledger.record(foreign, source="list", account="acc", profile="work")

    entry = ledger.get("p9")
    assert (entry.order.tag, entry.profile, entry.intent) == ("planet/p9", "work", False)
    ledger.record(foreign.seen(OrderState.SUCCEEDED), source="poll")
    assert ledger.get("planet/p9").order.state is OrderState.SUCCEEDED


def test_record_when_neither_tag_nor_id_says_so(ledger):
    with pytest.raises(InputError, match="neither tag nor id"):
        ledger.record(Order(provider="planet"), source="poll")


def test_history_is_all_that_was_learnt_in_turn(ledger, clock):
    order = make()
    claim(ledger, order)
    steps = [
        (order.seen(OrderState.PENDING, id="p1", native_state="queued"), "send", ""),
        (order.seen(OrderState.SHIPPING, native_state="running"), "poll", ""),
        (order.seen(OrderState.SHIPPING, native_state="running"), "poll", ""),
        (order.seen(OrderState.CANCELED, native_state="cancelled"), "user", "by hand"),
    ]
    for seen, source, note in steps:
        clock.advance(60)
        ledger.record(seen, source=source, note=note)

    rows = [(row.at, row.state, row.native_state, row.source, row.note) for row in ledger.history(order.tag)]

    minute = dt.timedelta(minutes=1)
    assert rows == [
        (START, "ordered", "", "claim", "about to be sent"),
        (START + minute, "pending", "queued", "send", ""),
        (START + 2 * minute, "shipping", "running", "poll", ""),
        (START + 4 * minute, "canceled", "cancelled", "user", "by hand"),
    ]


def test_entries_when_asked_for_some_gives_them_newest_first(ledger, clock):
    tags = {}
    for number, (provider, profile, state) in enumerate(
        [
            ("planet", "default", OrderState.SUCCEEDED),
            ("sedas", "default", OrderState.SHIPPING),
            ("planet", "work", OrderState.SHIPPING),
        ]
    ):
        order = make(provider=provider)
        tags[order.tag] = number
        claim(ledger, order, mark=str(number), profile=profile)
        ledger.record(order.seen(state, id=f"p{number}"), source="send")
        clock.advance(3600)

    def numbers(**wanted):
        return [tags[entry.order.tag] for entry in ledger.entries(**wanted)]

    assert numbers() == [2, 1, 0]
    assert numbers(provider="planet") == [2, 0]
    assert numbers(profile="default") == [1, 0]
    assert numbers(states={OrderState.SHIPPING}) == [2, 1]
    assert numbers(states=["succeeded", "shipping"]) == [2, 1, 0]
    assert numbers(states=[]) == []
    assert numbers(since=START + dt.timedelta(hours=1)) == [2, 1]
    # The same instant in another zone is the same instant.
    zone = dt.timezone(dt.timedelta(hours=9))
    assert numbers(since=(START + dt.timedelta(hours=2)).astimezone(zone)) == [2]


def seed(ledger):
    one = make("swath-aaaa000000000001")
    two = make("swath-aaaa000000000002")
    three = make("swath-bbbb000000000003", provider="sedas")
    claim(ledger, one, "1", group="group-12345")
    claim(ledger, two, "2", group="group-12345")
    claim(ledger, three, "3")
    ledger.record(one.seen(OrderState.SUCCEEDED, id="1234-x"), source="send")
    ledger.record(two.seen(OrderState.SHIPPING, id="5678-y"), source="send")
    return one, two, three


def test_get_takes_tag_id_and_beginnings(ledger):
    one, two, three = seed(ledger)

    assert ledger.get(one.tag).order.tag == one.tag
    assert ledger.get("5678-y").order.tag == two.tag
    assert ledger.get("5678").order.tag == two.tag
    assert ledger.get("swath-bbbb").order.tag == three.tag
    assert ledger.get("bbbb0").order.tag == three.tag


def test_get_when_a_group_is_named_gives_it_as_one(ledger):
    one, two, _ = seed(ledger)

    for key in ("group-12345", "group-1"):
        entry = ledger.get(key)

        assert (entry.order.kind, entry.order.id, entry.group) == ("group", "group-12345", "group-12345")
        assert [part.tag for part in entry.order.parts] == [one.tag, two.tag]
        assert entry.order.state is OrderState.SHIPPING
        assert [part.order.tag for part in ledger.group(key)] == [one.tag, two.tag]


@pytest.mark.parametrize(
    ("states", "together"),
    [
        (["succeeded", "succeeded"], "succeeded"),
        (["failed", "failed"], "failed"),
        (["succeeded", "failed"], "partial"),
        (["succeeded", "uncertain"], "uncertain"),
        (["shipping", "pending"], "pending"),
    ],
)
def test_get_when_a_group_is_named_its_state_is_that_of_all(ledger, states, together):
    for number, state in enumerate(states):
        order = make()
        claim(ledger, order, str(number), group="group-7")
        ledger.record(order.seen(OrderState(state)), source="send")

    assert ledger.get("group-7").order.state == together


def test_group_when_it_is_no_group_gives_nothing(ledger):
    one, _, _ = seed(ledger)

    assert ledger.group(one.tag) == []
    assert ledger.group("1234-x") == []


def test_get_when_several_begin_so_lists_them(ledger):
    one, two, _ = seed(ledger)

    with pytest.raises(InputError, match="may be any of 2 orders") as caught:
        ledger.get("swath-aaaa")

    assert one.tag in caught.value.message
    assert two.tag in caught.value.message


def test_get_when_two_providers_use_one_id_lists_both(ledger):
    for provider in ("planet", "sedas"):
        ledger.record(Order(provider=provider, id="1000"), source="list")

    with pytest.raises(InputError, match=r"planet/1000.*sedas/1000"):
        ledger.get("1000")


@pytest.mark.parametrize("key", ["nope", "", "%", "____", "swa", "aaa", "swath-cccc"])
def test_get_when_unknown_says_how_to_list(ledger, key):
    seed(ledger)

    with pytest.raises(NotFound) as caught:
        ledger.get(key)

    assert "swath orders" in caught.value.hint
    assert caught.value.exit_code == 4


def receipt(path, tmp_path, **changes):
    asset = Asset(href=f"https://host/{path}?token={CANARY}#{CANARY}", name=path, expires=START, fields={"gsd": 3.0})
    facts = {"path": str(tmp_path / path), "size": 7, "checksum": "1220ab", "verified": Verification.SIZE}
    return Receipt(**{**facts, "asset": asset, **changes})


def test_files_are_kept_with_their_order_without_the_links_secret(ledger, tmp_path):
    one, two, _ = seed(ledger)
    first, second = receipt("b.tif", tmp_path), receipt("a.tif", tmp_path)

    ledger.record_files(one.tag, [first])
    ledger.record_files(two.tag, [second])
    ledger.record_files(one.tag, [evolve(first, size=8)])

    clean = evolve(first, size=8, asset=evolve(first.asset, href="https://host/b.tif"))
    assert ledger.files(one.tag) == [clean]
    assert [found.path for found in ledger.files("group-12345")] == [second.path, first.path]
    assert ledger.files("unknown") == []


def test_record_files_when_the_order_is_unknown_says_so(ledger, tmp_path):
    with pytest.raises(NotFound):
        ledger.record_files("swath-0000", [receipt("a.tif", tmp_path)])


def test_close_when_used_again_opens_again(ledger):
    order = make()
    claim(ledger, order)
    ledger.close()
    ledger.close()

    assert ledger.get(order.tag).order == order


def test_ledger_file_is_private_also_under_an_open_umask(path, clock, caplog):
    old = os.umask(0)
    try:
        ledger = Ledger(path, clock=clock)
        claim(ledger, make())
    finally:
        os.umask(old)

    modes = {entry.name: entry.stat().st_mode & 0o777 for entry in path.parent.iterdir()}
    ledger.close()
    assert path.parent.stat().st_mode & 0o777 == 0o700
    assert {"ledger.sqlite3", "ledger.sqlite3-wal", "ledger.sqlite3-shm"} <= modes.keys()
    assert set(modes.values()) == {0o600}
    assert caplog.records == []  # it was so from the first moment: nothing had to be tightened


def rows_of(place):
    """Give all that stands in a shared ledger, as text."""
    import psycopg

    with psycopg.connect(place) as connection:
        return repr(
            [connection.execute(f"SELECT * FROM swath.{table}").fetchall() for table in ("orders", "history", "files")]
        ).encode()


def test_p27_secrets_are_in_no_byte_of_the_ledger(path, place, ledger):
    secret = {
        "delivery": {"amazon_s3": {"aws_access_key_id": CANARY, "aws_secret_access_key": CANARY, "bucket": "mine"}},
        "options": {
            "password": CANARY,
            "sasUrl": CANARY,
            "nested": [{"API_Token": CANARY}],
            "wrapped": Secret(CANARY),
        },
        "tools": [{"upload": {"credentials": {"json": CANARY}}}],
    }
    order = make(request=request(**secret), raw={"delivery": {"azure": {"sas_token": CANARY}}, "access_token": CANARY})

    claim(ledger, order)
    ledger.record(order.seen(OrderState.PENDING, id="p1"), source="send")
    written = {file.name: file.read_bytes() for file in path.parent.iterdir()} if path.exists() else {}
    if ledger.shared:
        written["rows"] = rows_of(place)
    found = [name for name, data in written.items() if CANARY.encode() in data]

    assert len(written) >= (1 if ledger.shared else 3)
    assert found == []
    kept = ledger.get("p1").order.request
    assert kept.delivery == {
        "amazon_s3": {
            "aws_access_key_id": "<redacted>",
            "aws_secret_access_key": "<redacted>",
            "bucket": "mine",
        }
    }
    assert b"mine" in b"".join(written.values())


CLAIM = """
    import os, signal, sys
    from pathlib import Path
    from swath._clock import SystemClock
    from swath._ledger import Ledger
    from swath.models import Order, OrderRequest

    ledger = Ledger(sys.argv[1], clock=SystemClock())
    tag = sys.argv[2]
    request = OrderRequest(items=[{"id": "a"}], tag=tag, options={"when": "now"})
    order = Order(provider="planet", tag=tag, request=request)
    said = ledger.claim(order, fingerprint="f1", account="acc", profile="default")
"""


def test_p02_the_intent_outlives_a_kill_right_after_the_claim(place, ledger):
    tag = new_tag()
    killed = run(CLAIM + "\n    os.kill(os.getpid(), signal.SIGKILL)", place, tag)

    assert killed.returncode == -signal.SIGKILL, killed.stderr
    entry = ledger.get(tag)
    assert entry.intent
    assert entry.order.request.options == {"when": "now"}
    assert claim(ledger, make()).order.tag == tag
    assert ledger.set_aside is None


def test_p02_a_kill_within_the_transaction_leaves_nothing(place, ledger):
    script = """
        import os, signal, sys
        from pathlib import Path
        from swath._clock import SystemClock
        from swath._ledger import Ledger
        from swath.models import Order

        class Fatal(SystemClock):
            asked = 0
            def now(self):
                # Asked once to open a file, then within the transaction.
                self.asked += 1
                if self.asked == (1 if "://" in sys.argv[1] else 2):
                    os.kill(os.getpid(), signal.SIGKILL)
                return super().now()

        ledger = Ledger(sys.argv[1], clock=Fatal())
        ledger.claim(Order(provider="planet", tag="swath-dead"), fingerprint="f1", account="acc", profile="default")
    """
    killed = run(script, place)

    assert killed.returncode == -signal.SIGKILL, killed.stderr
    assert ledger.entries() == []
    assert claim(ledger, make()) is None


def test_claim_when_eight_processes_come_at_once_one_wins(place, ledger):
    script = textwrap.dedent(
        """
        import sys
        print("ready", flush=True)
        sys.stdin.readline()
        """
    )
    body = textwrap.dedent(CLAIM)
    code = f"{body.split('ledger =')[0]}{script}ledger ={body.split('ledger =', 1)[1]}"
    code += "import json; print(json.dumps(None if said is None else said.order.tag))"
    tags = [new_tag() for _ in range(8)]
    racers = [
        subprocess.Popen(
            [sys.executable, "-c", code, str(place), tag], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        for tag in tags
    ]
    for racer in racers:
        assert racer.stdout.readline() == "ready\n"
    for racer in racers:
        racer.stdin.write("go\n")
        racer.stdin.flush()
    answers = [json.loads(racer.communicate(timeout=120)[0]) for racer in racers]

    winner = tags[answers.index(None)]
    assert sorted(answers, key=str) == sorted([None, *[winner] * 7], key=str)
    assert [entry.order.tag for entry in ledger.entries()] == [winner]
    assert ledger.set_aside is None


def test_claim_when_many_threads_of_two_ledgers_come_at_once_one_wins(place, clock):
    ledgers = [Ledger(place, clock=clock) for _ in range(2)]
    barrier = threading.Barrier(16)
    wins, errors = [], []

    def work(number):
        barrier.wait()
        try:
            wins.extend(mark for mark in range(10) if claim(ledgers[number % 2], make(), str(mark)) is None)
        except Exception as err:  # noqa: BLE001 - shown by the assertion
            errors.append(err)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for ledger in ledgers:
        ledger.close()

    assert errors == []
    assert sorted(wins) == list(range(10))


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_ledger_when_forked_serves_both_sides(place):
    script = """
        import os, sys
        from pathlib import Path
        from swath._clock import SystemClock
        from swath._ledger import Ledger
        from swath.models import Order

        ledger = Ledger(sys.argv[1], clock=SystemClock())
        def claim(mark):
            order = Order(provider="planet", tag="swath-" + mark)
            return ledger.claim(order, fingerprint=mark, account="acc", profile="default")
        claim("before")
        child = os.fork()
        if child == 0:
            assert getattr(ledger._store, "_connection", None) is None  # SQLite allows none to cross
            claim("child")
            os._exit(0 if claim("before").order.tag == "swath-before" else 1)
        claim("parent")
        assert os.waitpid(child, 0)[1] == 0
        print(sorted(entry.fingerprint for entry in ledger.entries()))
    """
    forked = run(script, place)

    assert forked.stdout == "['before', 'child', 'parent']\n", forked.stderr


def test_fingerprint_of_a_claimed_request_finds_it_again(ledger):
    wanted = request("b", "a", delivery={"secret": "x"}, options={"quality": 10})
    mark = fingerprint("planet", "acc", "order", wanted)
    claim(ledger, make(request=wanted), mark)

    kept = ledger.live(mark).order.request

    assert fingerprint("planet", "acc", "order", kept) == mark


def test_text_that_is_no_valid_unicode_stops_nothing(ledger, tmp_path):
    """Providers answer lone surrogates and NUL, file systems give names with them: the order is paid for all the same."""
    odd = "a\ud800\0\udcff"
    order = make(request=request(options={"name": odd}))
    claim(ledger, order)

    ledger.record(order.seen(OrderState.PENDING, id="p1", native_state=odd, raw={"say": odd}), source="send", note=odd)
    ledger.record_files(order.tag, [receipt(f"{odd}.tif", tmp_path)])

    kept = ledger.get("p1").order
    assert (kept.request.options, kept.native_state, kept.raw) == ({"name": odd}, odd, {"say": odd})
    assert ledger.history(order.tag)[-1].native_state == r"a\ud800\x00\udcff"
    assert [found.path for found in ledger.files(order.tag)] == [str(tmp_path / f"{odd}.tif")]
