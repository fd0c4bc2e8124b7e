# SPDX-License-Identifier: Apache-2.0
import contextlib
import datetime as dt
import json
import subprocess
import sys
import threading

import httpx
import pytest

from swath._cli import main
from swath._open import make_provider
from swath.budget import Budget, cap_of
from swath.errors import ConfigurationError, CostExceeded
from swath.hookspecs import Operation, hookimpl
from swath.models import Order, OrderState, ProviderInfo, Quote, SettingField
from swath.testing.clock import FakeClock

API = "https://shop.example.test"


class Shop:
    """Sells every item at the price in its properties."""

    def __init__(self, per_order=None):
        self.asked = 0
        self._per_order = per_order

    @hookimpl
    def describe(self):
        return ProviderInfo(
            name="shop",
            title="Shop",
            settings=[SettingField(name="base_url", default=API, origin=True)],
            max_items_per_order=self._per_order,
        )

    @hookimpl
    def quote(self, context, request):
        self.asked += 1
        prices = [item["properties"].get("price") for item in request.items]
        return Quote(amount=None if None in prices else sum(prices), unit="EUR", note="list prices")

    @hookimpl
    def order(self, context, request):
        context.http.request("GET", f"{API}/bundles", params={"token": "canary-in-query"})
        answer = context.http.request(
            "POST",
            f"{API}/orders",
            params={"api_key": "canary-in-query", "mode": "full"},
            json={"ids": [item["id"] for item in request.items], "name": request.reference, "to": request.delivery},
            operation=Operation.ONCE,
        )
        return Order(provider="shop", id=answer.json()["id"], state=OrderState.ORDERED)

    @hookimpl
    def wait(self, context, order):
        return order.seen(OrderState.SUCCEEDED)


def item(name, price=None):
    properties = {"datetime": "2026-01-01T00:00:00Z", "swath:provider": "shop"}
    if price is not None:
        properties["price"] = price
    return {"type": "Feature", "stac_version": "1.1.0", "id": name, "geometry": None, "properties": properties,
            "assets": {}, "links": []}  # fmt: skip


@pytest.fixture
def shop(tmp_path, monkeypatch):
    monkeypatch.setenv("SWATH_HOME", str(tmp_path / "home"))
    for name in ("SWATH_BUDGET_SHOP", "SWATH_BUDGET_ALLOW_UNKNOWN"):
        monkeypatch.delenv(name, raising=False)
    clock = FakeClock(dt.datetime(2026, 3, 20, tzinfo=dt.UTC))
    posted = []

    def handler(request):
        if request.method == "POST":
            posted.append(json.loads(request.content))
        return httpx.Response(200, json={"id": f"order-{len(posted)}"})

    def opened(plugin=None, *, answer=handler, profile="default"):
        return make_provider(
            "shop",
            profile=profile,
            given={},
            plugin=plugin or Shop(),
            clock=clock,
            transport=httpx.MockTransport(answer),
            home=tmp_path / "home",
        )

    opened.posted, opened.clock = posted, clock
    return opened


def test_p03_without_a_budget_nobody_is_asked(shop):
    plugin = Shop()

    shop(plugin).order([item("a")])

    assert plugin.asked == 0
    assert len(shop.posted) == 1


def test_p03_order_above_the_months_budget_is_refused_before_anything_is_sent(shop, monkeypatch):
    monkeypatch.setenv("SWATH_BUDGET_SHOP", "100 EUR")
    shop().order([item("a", 70)])

    with pytest.raises(CostExceeded, match=r"quoted at 40 EUR, and 30 EUR of this month's budget of 100 EUR"):
        shop().order([item("b", 40)])

    assert len(shop.posted) == 1
    shop().order([item("c", 30)])
    assert len(shop.posted) == 2


def test_p03_refused_and_failed_orders_do_not_count(shop, monkeypatch):
    monkeypatch.setenv("SWATH_BUDGET_SHOP", "100")
    refusing = shop(answer=lambda request: httpx.Response(400 if request.method == "POST" else 200, json={}))
    with pytest.raises(Exception, match="400"):
        refusing.order([item("a", 90)])
    with pytest.raises(CostExceeded):
        shop().order([item("b", 101)])

    shop().order([item("c", 100)])

    assert [one["ids"] for one in shop.posted] == [["c"]]


def test_p03_an_order_whose_reply_was_lost_counts(shop, monkeypatch):
    monkeypatch.setenv("SWATH_BUDGET_SHOP", "100")
    losing = shop(answer=lambda request: httpx.Response(502 if request.method == "POST" else 200, json={}))
    with pytest.raises(Exception, match="reply was lost"):
        losing.order([item("a", 90)])

    with pytest.raises(CostExceeded, match="10 of this month"):
        shop().order([item("b", 20)])


def test_p03_pieces_of_one_call_are_judged_together(shop, monkeypatch):
    monkeypatch.setenv("SWATH_BUDGET_SHOP", "100")

    with pytest.raises(CostExceeded, match="quoted at 120"):
        shop(Shop(per_order=1)).order([item("a", 40), item("b", 40), item("c", 40)])

    assert shop.posted == []
    shop(Shop(per_order=1)).order([item("a", 40), item("b", 40)])
    assert len(shop.posted) == 2


def test_p03_each_piece_is_quoted_once(shop, monkeypatch):
    monkeypatch.setenv("SWATH_BUDGET_SHOP", "100")
    plugin = Shop(per_order=1)

    shop(plugin).order([item("a", 40), item("b", 40)], max_cost=90)

    assert plugin.asked == 2


def test_p03_unknown_cost_under_a_budget_is_refused_unless_allowed(shop, monkeypatch):
    monkeypatch.setenv("SWATH_BUDGET_SHOP", "100 EUR")

    with pytest.raises(CostExceeded, match=r"unknown \(list prices\)"):
        shop().order([item("a")])
    assert shop.posted == []

    shop().order([item("a")], allow_unknown_cost=True)
    monkeypatch.setenv("SWATH_BUDGET_ALLOW_UNKNOWN", "1")
    shop().order([item("b")])
    assert len(shop.posted) == 2


def test_p03_a_quote_in_another_unit_is_unknown(shop, monkeypatch):
    monkeypatch.setenv("SWATH_BUDGET_SHOP", "100 ha")

    with pytest.raises(CostExceeded, match="1 EUR, not in ha"):
        shop().order([item("a", 1)])

    assert shop.posted == []


def test_p03_a_new_month_begins_at_zero(shop, monkeypatch):
    monkeypatch.setenv("SWATH_BUDGET_SHOP", "100")
    shop().order([item("a", 90)])

    shop.clock.advance(12 * 86400)
    shop().order([item("b", 90)])

    assert len(shop.posted) == 2


def test_p03_profiles_have_budgets_of_their_own(shop, tmp_path):
    (tmp_path / "home").mkdir(mode=0o700)
    file = tmp_path / "home" / "credentials.json"
    file.write_text(json.dumps({"settings": {"budgets": {"work": {"shop": {"amount": 50, "unit": "EUR"}}}}}))
    file.chmod(0o600)

    shop().order([item("a", 90)])
    with pytest.raises(CostExceeded, match=r"budget of 50 EUR are left \(profile file \(work\)\)"):
        shop(profile="work").order([item("b", 60)])

    assert len(shop.posted) == 1


def test_p03_of_threads_that_order_at_once_no_two_exceed_the_budget(shop, monkeypatch):
    monkeypatch.setenv("SWATH_BUDGET_SHOP", "100")
    start = threading.Barrier(6)

    def buy(name):
        provider = shop()
        start.wait()
        with contextlib.suppress(CostExceeded):
            provider.order([item(name, 60)])

    threads = [threading.Thread(target=buy, args=(f"item-{n}",)) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(shop.posted) <= 1


@pytest.mark.parametrize("text", ["much", "-5", "5 5", "ha 5"])
def test_a_budget_that_cannot_be_read_stops_the_order(shop, monkeypatch, text):
    monkeypatch.setenv("SWATH_BUDGET_SHOP", text)

    with pytest.raises(ConfigurationError, match="SWATH_BUDGET_SHOP"):
        shop().order([item("a", 1)])

    assert shop.posted == []


@pytest.mark.parametrize("held", [[], {"default": 5}, {"default": {"shop": True}}, {"default": {"shop": {"amout": 5}}}])
def test_a_budget_in_the_file_that_cannot_be_read_says_where(tmp_path, held):
    file = tmp_path / "credentials.json"
    file.write_text(json.dumps({"settings": {"budgets": held}}))
    file.chmod(0o600)

    with pytest.raises(ConfigurationError, match="budget"):
        cap_of("shop", "default", {"SWATH_HOME": str(tmp_path)})


def test_names_with_hyphens_have_a_variable():
    assert cap_of("my-shop", "default", {"SWATH_BUDGET_MY_SHOP": "5 km2"}).unit == "km2"


def test_p03_the_order_keeps_its_quote(shop, monkeypatch):
    made = shop().order([item("a", 12)], max_cost=20)

    assert made.quote.amount == 12
    (order,) = shop().orders()

    assert order.quote.amount == 12
    assert shop().wait(order.id).state is OrderState.SUCCEEDED
    assert shop().orders()[0].quote.amount == 12


def test_command_shows_cap_spent_and_left(shop, monkeypatch, capsys):
    monkeypatch.setenv("SWATH_BUDGET_SHOP", "100 EUR")
    shop.clock.advance((dt.datetime.now(dt.UTC) - shop.clock.now()).total_seconds())
    shop().order([item("a", 70)])

    assert main(["budget", "shop", "--json"]) == 0

    (row,) = json.loads(capsys.readouterr().out)
    assert (row["cap"], row["spent"], row["left"], row["orders"], row["unknown"]) == (100, 70, 30, 1, 0)
    assert main(["budget", "shop"]) == 0
    assert capsys.readouterr().out.splitlines()[1].split()[:6] == ["shop", row["month"], "100", "70", "30", "EUR"]


def test_it_is_installed_and_imports_nothing_heavy():
    code = (
        "import sys, importlib.metadata as m\n"
        "found = [e for e in m.entry_points(group='swath.extensions') if e.name == 'budget']\n"
        "assert found[0].load().__name__ == 'Budget'\n"
        "heavy = {'httpx', 'numpy', 'shapely', 'sqlite3', 'rasterio', 'pystac'} & sys.modules.keys()\n"
        "assert not heavy, heavy"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_hooks_called_outside_an_order_count_as_unknown(shop, monkeypatch):
    monkeypatch.setenv("SWATH_BUDGET_SHOP", "100")
    provider = shop()
    session = provider._session
    from swath.models import OrderRequest

    with pytest.raises(CostExceeded, match="unknown"):
        session.hooks.send(session.context, OrderRequest(items=[item("a", 1)]))

    assert shop.posted == []


# --- dry run ---------------------------------------------------------------------------------------------------------


def test_dry_run_shows_the_paying_request_and_sends_nothing(shop, tmp_path):
    delivery = {"amazon_s3": {"bucket": "b", "aws_secret_access_key": "canary-in-body"}}

    dry = shop().order([item("a", 1)], dry_run=True, delivery=delivery, name="mine")

    (request,) = dry.requests
    assert request.method == "POST"
    assert request.url == f"{API}/orders?api_key=<redacted>&mode=full"
    assert request.body == {
        "ids": ["a"],
        "name": "mine swath-0000000000000000",
        "to": {"amazon_s3": {"bucket": "b", "aws_secret_access_key": "<redacted>"}},
    }
    assert shop.posted == []
    assert shop().orders() == []
    assert "canary" not in repr(dry)


def test_dry_run_passes_a_plugin_that_catches_everything(shop):
    class Careless(Shop):
        @hookimpl
        def order(self, context, request):
            try:
                return super().order(context, request)
            except Exception:  # noqa: BLE001 (that is the point)
                return Order(provider="shop", id="made up")

    dry = shop(Careless()).order([item("a")], dry_run=True)

    assert [one.method for one in dry.requests] == ["POST"]
    assert shop.posted == []


def test_dry_run_of_what_is_ordered_says_so(shop):
    made = shop().order([item("a")])

    dry = shop().order([item("a")], dry_run=True)

    assert dry.requests == ()
    assert [order.id for order in dry.existing] == [made.id]


def test_dry_run_shows_each_piece(shop):
    dry = shop(Shop(per_order=2)).order([item("a"), item("b"), item("c")], dry_run=True)

    assert [one.body["ids"] for one in dry.requests] == [["a", "b"], ["c"]]


def test_dry_run_is_refused_where_the_order_would_be(shop, monkeypatch):
    with pytest.raises(CostExceeded):
        shop().order([item("a", 5)], dry_run=True, max_cost=1)
    monkeypatch.setenv("SWATH_BUDGET_SHOP", "1")
    with pytest.raises(CostExceeded):
        shop().order([item("a", 5)], dry_run=True)

    assert shop().orders() == []


def test_budget_wraps_the_hooks_that_pay():
    assert {name for name in vars(Budget) if not name.startswith("_")} == {"approve", "order", "task", "subscribe"}
