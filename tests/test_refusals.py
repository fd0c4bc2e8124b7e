# SPDX-License-Identifier: Apache-2.0
"""What providers answer when they do not simply say yes, through every plugin and its stand-in."""

import json
import logging
import os
import subprocess
import sys
import warnings
from pathlib import Path

import httpx
import pytest

from swath._open import make_provider
from swath._registry import open_hooks
from swath.errors import (
    Gone,
    InvalidCredentials,
    LinkExpired,
    NotEntitled,
    OrderTimeout,
    PartialFailure,
    QuotaExceeded,
    RateLimited,
    Rejected,
    SwathError,
)
from swath.models import OrderState
from swath.sandbox import Sandbox, World
from swath.testing.subject import BoxClock

SEARCHES = {
    "capella": (
        {"collections": ["capella-geo"], "bbox": [5.4, 52.42, 5.6, 52.55], "datetime": "2026-05-01/2026-06-15", "max_items": 2},
        {},
    ),
    "planet": (
        {"collections": ["PSScene"], "bbox": [4.0, 52.0, 4.5, 52.3], "datetime": "2026-03-01/2026-03-10", "max_items": 2},
        {"bundle": "visual"},
    ),
    "sedas": (
        {"collections": ["sentinel-2-l1c"], "bbox": [5.4, 52.42, 5.6, 52.55], "datetime": "2026-02-01/2026-06-15",
         "filter": "\"order:status\" = 'orderable'", "max_items": 2},
        {},
    ),
}  # fmt: skip
BUYS = {"capella": r"/orders$", "planet": r"/orders/v2$", "sedas": r"/request/[^/]+$"}
LOOKS = {"capella": r"/orders/[^/]+$", "planet": r"/orders/v2/[^/]+$", "sedas": r"/request$"}
FILES = {"capella": r"/capella-data/", "planet": r"/download|/storage|/files", "sedas": r"/datamgr/"}
WRONG = {
    "capella": {"api_key": "not-a-key"},
    "planet": {"api_key": "not-a-key"},
    "sedas": {"password": "not-the-password"},
}


@pytest.fixture(scope="module")
def box():
    with Sandbox(list(SEARCHES), world=World(speed=50.0, rate_limits=False)) as running:
        slowly = f"{running.providers['capella'].base_url}/_capella/settings"
        httpx.patch(slowly, json={"order_delay_s": 120.0}).raise_for_status()
        yield running


@pytest.fixture
def opened(box, tmp_path):
    def make(name, **changes):
        info = open_hooks(name).describe()
        env = box.providers[name].env
        declared = [*info.credentials, *info.settings]
        given = {field.name: env[known] for field in declared for known in field.env if known in env}
        return make_provider(
            name, profile="p", given={**given, **changes}, home=tmp_path / "home", clock=BoxClock(box.clock)
        )

    box.faults.clear()
    box.log.clear()
    yield make
    box.faults.clear()


def items_of(provider):
    return list(provider.search(**SEARCHES[provider.name][0]).items_as_dicts())


@pytest.mark.parametrize("name", SEARCHES)
def test_p30_wrong_credentials_are_invalid(opened, name):
    with opened(name, **WRONG[name]) as provider, pytest.raises(InvalidCredentials) as caught:
        items_of(provider)

    assert type(caught.value) is InvalidCredentials
    assert caught.value.exit_code == 3


ORDER_REFUSALS = {
    ("capella", "not entitled"): (403, {"Message": "User is not authorized to perform: orders:create"}, NotEntitled),
    ("capella", "payment"): (402, {"message": "pay first"}, QuotaExceeded),
    ("capella", "too fast"): (429, {"message": "slow down"}, RateLimited),
    ("capella", "contract"): (400, {"error": {"message": "No such contract", "code": "CONTRACT_NOT_FOUND"}}, Rejected),
    ("planet", "not entitled"): (403, {"message": "You do not have access to this asset"}, NotEntitled),
    ("planet", "quota"): (403, {"field": {}, "general": [{"message": "Quota exceeded"}]}, QuotaExceeded),
    ("planet", "quota of the plan"): (400, {"general": [{"message": "no access: exceeds quota"}]}, QuotaExceeded),
    ("planet", "too fast"): (429, {"message": "Rate limit exceeded"}, RateLimited),
    ("planet", "payment"): (402, {"message": "pay first"}, QuotaExceeded),
    ("sedas", "not entitled"): (403, {"message": "not allowed for this group"}, NotEntitled),
    ("sedas", "payment"): (402, {"message": "pay first"}, QuotaExceeded),
    ("sedas", "too fast"): (429, {"message": "slow down"}, RateLimited),
}


@pytest.mark.parametrize("case", ORDER_REFUSALS, ids=" ".join)
def test_p30_refusals_of_an_order_are_told_apart_and_bought_nothing(box, opened, case):
    name, _ = case
    status, body, kind = ORDER_REFUSALS[case]
    with opened(name) as provider:
        items = items_of(provider)[:1]
        box.faults.add(provider=name, method="POST", path=BUYS[name], status=status, body=body, times=None)

        with pytest.raises(kind) as caught:
            provider.order(items, **SEARCHES[name][1])

        assert type(caught.value) is kind
        assert caught.value.status_code == status
        assert [order.state for order in provider.orders()] == [OrderState.FAILED]
    # A dead token may look like a refusal: one more try with a fresh one is all there is.
    assert len(box.log.entries(provider=name, method="POST", path=BUYS[name])) <= 2


def test_p30_an_expired_token_is_renewed_and_not_an_error(box, opened):
    with opened("sedas") as provider:
        provider.authenticate()
        box.faults.add(provider="sedas", path=r"/search", status=401, body={"message": "token expired"})

        assert items_of(provider)

    assert len(box.log.entries(provider="sedas", method="POST", path=r"/authentication")) == 2


@pytest.mark.parametrize("name", ["capella", "planet"])
def test_p30_a_link_that_expired_is_no_refusal_of_the_account(box, opened, tmp_path, name):
    with opened(name) as provider:
        order = provider.wait(provider.order(items_of(provider)[:1], **SEARCHES[name][1]), timeout=1_000_000)
        box.faults.add(provider=name, path=FILES[name], expire_links=True, times=None)

        with pytest.raises((LinkExpired, PartialFailure)) as caught:
            provider.download(order, tmp_path / "data")

        error = caught.value
        report = error.details.get("report")
        kinds = {type(error)} if report is None else {type(one.error) for one in report.failed}
        assert kinds == {LinkExpired}


@pytest.mark.parametrize("name", SEARCHES)
@pytest.mark.parametrize("status", [404, 410])
def test_p57_a_file_that_is_gone_says_so_and_the_others_come(box, opened, tmp_path, name, status):
    options = SEARCHES[name][1]
    with opened(name) as provider:
        items = items_of(provider)
        orders = [provider.wait(provider.order([item], again=True, **options), timeout=1_000_000) for item in items]
        gone = items[0]["id"]
        box.log.clear()
        box.faults.add(provider=name, path=FILES[name], status=status, body="gone", times=None, call=1)
        with pytest.raises((Gone, PartialFailure)) as caught:
            provider.download(orders[0], tmp_path / "data")
        asked = len(box.log.entries(provider=name, method="GET", path=FILES[name]))
        box.faults.clear()

        local = provider.download(orders[1], tmp_path / "data")

    report = caught.value.details.get("report")
    failed = [caught.value] if report is None else [one.error for one in report.failed]
    assert {type(one) for one in failed} == {Gone}
    assert asked <= 2 * max(1, len(failed)), "what is gone was asked for again and again"
    assert [item.id for item in local] == [items[1]["id"]]
    assert not list((tmp_path / "data" / gone).rglob("*.tif"))


@pytest.mark.parametrize("name", SEARCHES)
def test_p63_an_order_state_that_nobody_knows_is_pending_with_one_warning(box, opened, name, caplog):
    with opened(name) as provider:
        order = provider.order(items_of(provider)[:1], **SEARCHES[name][1])
        context = provider._session.context
        base = context.settings["base_url"].rstrip("/")
        if name == "capella":
            body = context.http.request("GET", f"{base}/orders/{order.id}").json()
            body["orderStatus"] = "teleporting"
        elif name == "planet":
            body = context.http.request("GET", f"{base}/compute/ops/orders/v2/{order.id}").json()
            body["state"] = "teleporting"
        else:
            url = f"{base}/request"
            body = context.http.request("GET", url, params={"ids": order.id}).json()
            (body[0] if isinstance(body, list) else body)["status"] = "TELEPORTING"
        box.faults.add(provider=name, method="GET", path=LOOKS[name], status=200, body=body, times=None)

        with warnings.catch_warnings(record=True) as caught, caplog.at_level(logging.WARNING):
            warnings.simplefilter("always")
            with pytest.raises(OrderTimeout):
                provider.wait(order, timeout=3000)

        (seen,) = provider.orders()
    assert seen.state is OrderState.PENDING
    assert seen.native_state.lower() == "teleporting"
    told = [str(one.message) for one in caught]
    told += [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING]
    assert len([text for text in told if "teleporting" in text.lower()]) == 1


SCRIPT = """
import json, logging, sys
import swath

def state():
    names = ["", *[name for name in logging.root.manager.loggerDict if name.startswith("swath") or name == "httpx"]]
    loggers = {name: logging.getLogger(name) for name in names}
    return {name: [one.level if name else 0, [type(h).__name__ for h in one.handlers], one.disabled, one.propagate]
            for name, one in loggers.items()}

for name, (query, options) in json.loads(sys.argv[1]).items():
    with swath.open(name) as provider:
        items = list(provider.search(**query).items_as_dicts())
        provider.quote(items, **options)
        order = provider.order(items[:1], **options)
        order = provider.wait(order)
        local = provider.download(order, sys.argv[2])
        provider.load(local)
        try:
            provider.wait("none")
        except swath.SwathError:
            pass
with open(sys.argv[3], "w") as out:
    json.dump(state(), out)
"""


def test_p60_the_library_prints_nothing_and_configures_no_logging(tmp_path):
    with Sandbox(list(SEARCHES), world=World(speed=1_000_000.0, rate_limits=False)) as box:
        env = {**os.environ, **box.env, "SWATH_HOME": str(tmp_path / "home")}
        done = subprocess.run(
            [sys.executable, "-c", SCRIPT, json.dumps(SEARCHES), str(tmp_path / "data"), str(tmp_path / "state.json")],
            env=env, capture_output=True, text=True, check=False,
        )  # fmt: skip

    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    state = json.loads((tmp_path / "state.json").read_text())
    assert state.pop("")[1] == []
    assert any(name.startswith("swath") for name in state)
    for name, (level, handlers, disabled, propagate) in state.items():
        assert (level, [one for one in handlers if one != "NullHandler"], disabled, propagate) == (
            0,
            [],
            False,
            True,
        ), name


def test_p60_no_module_of_the_library_prints():
    root = Path(__file__).parents[1]
    sources = [*root.glob("core/src/swath/**/*.py"), *root.glob("plugins/*/src/**/*.py")]
    talkers = {"_cli", "_demo"}

    bad = [
        str(path.relative_to(root))
        for path in sources
        if not talkers & set(path.parts)
        and any(word in path.read_text(encoding="utf-8") for word in ("\n    print(", "basicConfig(", "dictConfig("))
    ]

    assert len(sources) > 150
    assert bad == []


def test_p60_warning_filters_are_changed_only_for_the_moment():
    root = Path(__file__).parents[1]

    for path in [*root.glob("core/src/swath/**/*.py"), *root.glob("plugins/*/src/**/*.py")]:
        text = path.read_text(encoding="utf-8")
        if "simplefilter(" in text or "filterwarnings(" in text:
            assert "warnings.catch_warnings(" in text, path


def test_every_refusal_is_one_of_ours(box, opened):
    """Whatever status comes at a search, what leaves is a `SwathError` with provider, step and hint."""
    for name in SEARCHES:
        with opened(name) as provider:
            for status in (400, 401, 403, 404, 409, 410, 418, 422, 500, 502, 511):
                box.faults.clear()
                box.faults.add(provider=name, status=status, body={"message": "no"}, times=None)
                with pytest.raises(SwathError) as caught:
                    items_of(provider)
                assert (caught.value.provider, bool(caught.value.step), bool(caught.value.hint)) == (name, True, True)
