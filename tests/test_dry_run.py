# SPDX-License-Identifier: Apache-2.0
"""What ``order(..., dry_run=True)`` shows is what is sent, through every plugin."""

import json
import os
import subprocess
import sys

import pytest

from swath._open import make_provider
from swath._registry import open_hooks
from swath.errors import CostExceeded
from swath.models import Order
from swath.sandbox import Sandbox, World

SEARCHES = {
    "capella": (
        {"collections": ["capella-geo"], "bbox": [5.4, 52.42, 5.6, 52.55], "datetime": "2026-05-01/2026-06-15", "max_items": 2},
        {"contract_id": "ct-1"},
        r"/orders$",
    ),
    "planet": (
        {"collections": ["PSScene"], "bbox": [4.0, 52.0, 4.5, 52.3], "datetime": "2026-03-01/2026-03-10", "max_items": 2},
        {"bundle": "visual", "name": "mine"},
        r"/compute/ops/orders/v2$",
    ),
    "sedas": (
        {"collections": ["sentinel-2-l1c"], "bbox": [5.4, 52.42, 5.6, 52.55], "datetime": "2026-02-01/2026-06-15",
         "filter": "\"order:status\" = 'orderable'", "max_items": 2},
        {},
        r"/request/[^/]+$",
    ),
}  # fmt: skip


@pytest.fixture(scope="module")
def box():
    with Sandbox(list(SEARCHES), world=World(speed=50.0, rate_limits=False)) as running:
        yield running


@pytest.fixture
def opened(box, tmp_path, monkeypatch):
    def make(name):
        info = open_hooks(name).describe()
        declared = [*info.credentials, *info.settings]
        env = box.providers[name].env
        given = {field.name: env[known] for field in declared for known in field.env if known in env}
        return make_provider(name, profile="default", given=given, home=tmp_path / "home")

    for name in SEARCHES:
        monkeypatch.delenv(f"SWATH_BUDGET_{name.upper()}", raising=False)
    box.log.clear()
    return make


def wanted(provider):
    search, order, path = SEARCHES[provider.name]
    items = list(provider.search(**search).items_as_dicts())
    assert items, "the stand-in has nothing to order here"
    return items, order, path


def posts(box, name, path):
    return box.log.entries(provider=name, method="POST", path=path)


@pytest.mark.parametrize("name", SEARCHES)
def test_dry_run_shows_what_is_then_sent(box, opened, name):
    with opened(name) as provider:
        items, options, path = wanted(provider)
        items = items[:1]  # what was bought may be free from then on

        dry = provider.order(items, dry_run=True, **options)

        assert posts(box, name, path) == []
        assert provider.orders() == []
        order = provider.order(items, **options)
    assert isinstance(order, Order)
    sent = posts(box, name, path)
    assert len(sent) == len(dry.requests) > 0
    for shown, seen in zip(dry.requests, sent, strict=True):
        assert (shown.method, shown.url) == (seen.method, f"{box.providers[name].base_url}{seen.path}")
        text = json.dumps(shown.body).replace("swath-0000000000000000", order.leaves[0].tag)
        assert json.loads(text) == seen.body


@pytest.mark.parametrize("name", SEARCHES)
def test_p03_budget_keeps_every_provider_from_sending(box, opened, name, monkeypatch):
    monkeypatch.setenv(f"SWATH_BUDGET_{name.upper()}", "0")
    with opened(name) as provider:
        items, options, path = wanted(provider)

        with pytest.raises(CostExceeded):
            provider.order(items[1:], **options)

    assert posts(box, name, path) == []


def test_command_prints_the_request(box, tmp_path):
    env = {**os.environ, **box.env, "SWATH_HOME": str(tmp_path / "home")}
    swath = [sys.executable, "-m", "swath"]
    found = subprocess.run(
        [*swath, "search", "planet", "-c", "PSScene", "--bbox", "4,52,4.5,52.3", "-d", "2026-03-01/2026-03-10", "-n", "1"],
        env=env, capture_output=True, text=True, check=True,
    )  # fmt: skip
    box.log.clear()

    done = subprocess.run(
        [*swath, "order", "-", "--bundle", "visual", "--dry-run"],
        env=env, input=found.stdout, capture_output=True, text=True, check=True,
    )  # fmt: skip

    first, _, body = done.stdout.partition("\n")
    assert first == f"POST {box.providers['planet'].base_url}/compute/ops/orders/v2"
    assert json.loads(body)["products"][0]["product_bundle"] == "visual"
    assert "Nothing was sent." in done.stderr
    assert posts(box, "planet", r"/orders/v2$") == []
