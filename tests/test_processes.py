# SPDX-License-Identifier: Apache-2.0
"""swath in threads, loops and other processes."""

import json
import os
import pickle
import subprocess
import sys
from pathlib import Path

import pytest

from swath import errors
from swath._open import make_provider
from swath._transfer.report import BatchReport, Outcome
from swath.models import Asset, Order, OrderState, Quote, Receipt, Secret, Verification
from swath.sandbox import Sandbox, World

SCRIPTS = Path(__file__).parent / "scripts"
CANARY = "canary-pickle-90aa"
QUERIES = {
    "capella": {"collections": ["capella-geo"], "bbox": [5.4, 52.42, 5.6, 52.55], "datetime": "2026-05-01/2026-06-15"},
    "planet": {"collections": ["PSScene"], "bbox": [4.0, 52.0, 4.5, 52.3], "datetime": "2026-03-01/2026-03-10"},
    "sedas": {
        "collections": ["sentinel-2-l1c"],
        "bbox": [5.4, 52.42, 5.6, 52.55],
        "datetime": "2026-06-01/2026-06-15",
    },
}


@pytest.fixture(scope="module")
def box():
    with Sandbox(list(QUERIES), world=World(speed=50.0, rate_limits=False)) as running:
        yield running


@pytest.fixture
def run(box, tmp_path):
    def start(script, *arguments):
        env = {**os.environ, **box.env, "SWATH_HOME": str(tmp_path / "home")}
        done = subprocess.run(  # noqa: PLW1510 (the assert below shows what it said)
            [sys.executable, str(SCRIPTS / script), *arguments], env=env, capture_output=True, text=True, timeout=120
        )
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    return start


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
@pytest.mark.parametrize("name", QUERIES)
def test_p37_the_same_call_works_wherever_it_is_made(run, name):
    found = run("same_call.py", name, json.dumps({**QUERIES[name], "max_items": 20}))

    assert len(found) == 5
    assert found["script"]
    assert {way: ids for way, ids in found.items() if ids != found["script"]} == {}


@pytest.mark.parametrize("way", ["spawn", "forkserver"])
def test_p38_providers_items_orders_and_errors_go_to_another_process(run, box, way):
    secrets = [box.env[name] for name in ("CAPELLA_API_KEY", "PL_API_KEY", "SEDAS_PASSWORD")]

    found = run(
        "pickled.py", way, json.dumps(QUERIES), json.dumps({"capella": {}, "planet": {"bundle": "visual"}, "sedas": {}}),
        json.dumps(secrets),
    )  # fmt: skip

    for name in QUERIES:
        assert found[name]["provider"] == name
        assert len(found[name]["ids"]) == 1
        assert found[name]["known"] is True
        assert found[name]["error"] == [True, True, name]


def test_p38_a_pickled_provider_holds_no_secret_even_if_it_was_an_argument(tmp_path):
    key = {"api_key": CANARY}
    given = {"capella": key, "planet": key, "sedas": {"username": "someone", "password": CANARY}}

    for name, secrets in given.items():
        with make_provider(name, profile="work", given=secrets, home=tmp_path) as provider:
            assert CANARY.encode() not in pickle.dumps(provider)
            assert CANARY not in repr(provider)


def test_p38_a_secret_itself_does_not_pickle():
    with pytest.raises(TypeError, match="does not pickle"):
        pickle.dumps(Secret(CANARY))


def test_p38_reports_and_records_pickle(tmp_path):
    from swath._transfer.plan import Target

    asset = Asset(href="https://x.test/a.tif?sig=1", name="a.tif", item="a")
    receipt = Receipt(path="/a.tif", size=3, checksum="1220aa", verified=Verification.SIZE, asset=asset)
    failure = errors.Gone("gone", provider="planet", status_code=410)
    report = BatchReport(
        outcomes=(
            Outcome(target=Target(asset=asset, path=tmp_path / "a.tif"), status="ok", receipt=receipt),
            Outcome(target=Target(asset=asset, path=tmp_path / "b.tif"), status="failed", error=failure),
        )
    )
    order = Order(provider="planet", id="1", tag="swath-0123456789abcdef", state=OrderState.PARTIAL, quote=Quote())

    again = pickle.loads(pickle.dumps((report, order)))

    assert again[1] == order
    assert [one.status for one in again[0].outcomes] == ["ok", "failed"]
    assert str(again[0].outcomes[1].error) == str(failure)


def test_p38_every_error_pickles_with_all_it_says():
    def walk(kind):
        yield kind
        for child in kind.__subclasses__():
            yield from walk(child)

    kinds = [kind for kind in set(walk(errors.SwathError)) if kind.__module__ == "swath.errors"]
    assert len(kinds) > 40
    for kind in kinds:
        made = kind("what", hint="do", provider="p", step="s", status_code=4, request_id="r", details={"orders": ["1"]})

        again = pickle.loads(pickle.dumps(made))

        assert type(again) is kind
        assert str(again) == str(made)
        assert {**vars(again)} == {**vars(made)}
