# SPDX-License-Identifier: Apache-2.0
"""Downloads of the native client into S3, beside those of Capella's own: the same objects, whole or not at all."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from xml.etree import ElementTree as ET

import httpx
import pytest

from swath.errors import PartialFailure, TargetNotWritable
from swath_capella._native.places import StoreUrl
from swath_capella._native.selecting import file_name
from swath_capella.exceptions import CapellaConsoleClientError
from swath_capella.sandbox.access import FULL_KEY

PEER = Path(__file__).parents[3] / ".venvs" / "peers-capella" / "bin" / "python"
pytestmark = [
    pytest.mark.peers,
    pytest.mark.skipif(not PEER.exists(), reason="there is no store to write to: run `make peers`"),
    pytest.mark.filterwarnings("ignore:Use `@` matmul:PendingDeprecationWarning"),
]
STORE = """
import logging, sys
from moto.server import ThreadedMotoServer
logging.getLogger("werkzeug").disabled = True
server = ThreadedMotoServer("127.0.0.1", 0)
server.start()
print("at", server.get_host_and_port()[1], flush=True)
sys.stdin.read()
"""
SCRIPT = """
import json, sys
from capella_console_client import CapellaConsoleClient
key, root, order, bucket = sys.argv[1:]
client = CapellaConsoleClient(api_key=key, base_url=root)
items = client.get_presigned_items(order)
given = [client.download_products(items, local_dir="s3://" + bucket, include=["metadata", "thumbnail"])]
given.append(client.download_products(items, local_dir="s3://" + bucket, include=["metadata"], separate_dirs=False))
link = next(iter(items[0]["assets"].values()))["href"]
given += [client.download_asset(link, "s3://" + bucket + end) for end in ("/one.bin", "/" + items[0]["id"])]
print(json.dumps(given, default=str).replace(bucket, "bucket"))
"""

SIGNED = {"authorization": "AWS4-HMAC-SHA256 Credential=someone/20261121/us-east-1/s3/aws4_request"}
"""As far as moto looks."""


class Bucket:
    """A bucket of a test's own."""

    def __init__(self, root, name):
        self.url = f"s3://{name}"
        self._root = f"{root}/{name}"
        assert httpx.put(self._root).status_code == 200

    def __getitem__(self, key):
        return httpx.get(f"{self._root}/{key}", headers=SIGNED).raise_for_status().content

    def __setitem__(self, key, content):
        httpx.put(f"{self._root}/{key}", content=content).raise_for_status()

    def keys(self):
        found = ET.fromstring(httpx.get(f"{self._root}?list-type=2").content)
        return [one.text for one in found.iter() if one.tag.endswith("}Key")]


@pytest.fixture(scope="module")
def store():
    """Run a store of the S3 kind."""
    with subprocess.Popen(
        [PEER, "-B", "-c", STORE],
        env={"PATH": os.environ["PATH"]},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        port = next(line.split()[1] for line in process.stdout if line.startswith("at "))
        yield f"http://127.0.0.1:{port}"
        process.stdin.close()


@pytest.fixture
def bucket(store, request, monkeypatch):
    """Give an empty bucket, which the environment leads to."""
    for name, value in environment(store).items():
        monkeypatch.setenv(name, value)
    return Bucket(store, f"b{abs(hash(request.node.name)):x}")


def environment(store):
    return {
        "AWS_ACCESS_KEY_ID": "someone",
        "AWS_SECRET_ACCESS_KEY": "hidden",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ENDPOINT_URL": store,
        "NO_PROXY": "127.0.0.1",
    }


@pytest.fixture(scope="module")
def order_id(client):
    found = client.search(ownership="publiclyAvailable", product_type="GEO", limit=2)
    return client.submit_order(items=found, omit_search=True, check_active_orders=True)


@pytest.fixture
def items(client, order_id):
    return client.get_presigned_items(order_id)


@pytest.fixture
def href(items):
    return items[0]["assets"]["thumbnail"]["href"]


@pytest.fixture
def tmp(monkeypatch, tmp_path):
    """Give the folder for files on their way."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    return tmp_path


def test_products_go_to_a_prefix(client, items, bucket, tmp, said):
    paths = client.download_products(items, local_dir=f"{bucket.url}/a b/", include=["metadata", "thumbnail"])

    name = items[0]["id"]
    assert set(paths) == {one["id"] for one in items}
    assert paths[name]["thumbnail"] == f"{bucket.url}/a b/{name}/{name}_thumb.png"
    assert (paths[name]["thumbnail"].name, paths[name]["thumbnail"].parent.name) == (f"{name}_thumb.png", name)
    assert sorted(bucket.keys()) == sorted(
        path.removeprefix(f"{bucket.url}/") for files in paths.values() for path in files.values()
    )
    assert bucket[f"a b/{name}/{name}_thumb.png"] == httpx.get(items[0]["assets"]["thumbnail"]["href"]).content
    assert "nothing is resumed in S3: what is there already stays" in said()
    assert not list(tmp.iterdir())


def test_one_product_goes_to_a_bucket(client, items, bucket):
    paths = client.download_product(items[0]["assets"], local_dir=bucket.url, include="metadata")

    assert paths == {"metadata": f"{bucket.url}/{items[0]['id']}/{items[0]['id']}_extended.json"}
    assert [f"{bucket.url}/{key}" for key in bucket.keys()] == [*paths.values()]  # noqa: SIM118


@pytest.mark.parametrize(
    ("place", "key"),
    [("/some/key.png", "some/key.png"), ("/some/", "some/{}"), ("/there", "there/{}"), ("", "{}"), ("/new", "new")],
)
def test_one_file_goes_to_a_key_or_below_a_prefix(client, href, bucket, place, key):
    bucket["there/else"] = b"1"

    path = client.download_asset(href, bucket.url + place)

    assert path == f"{bucket.url}/{key.format(file_name(href))}"
    assert bucket[key.format(file_name(href))] == httpx.get(href).content


class S3Path:
    """Has of cloudpathlib's class what is used."""

    def __init__(self, url):
        self.url = url

    def __str__(self):
        return self.url

    def __truediv__(self, name):
        return S3Path(str(StoreUrl(self.url) / name))

    name = property(lambda self: StoreUrl(self.url).name)
    parent = property(lambda self: S3Path(str(StoreUrl(self.url).parent)))


def test_paths_of_cloudpathlib_are_given_back_as_such(client, items, href, bucket):
    one = client.download_asset(href, S3Path(f"{bucket.url}/one.png"))
    products = client.download_products(items[:1], local_dir=S3Path(bucket.url), include="metadata")

    given = [one, products[items[0]["id"]]["metadata"]]
    assert [type(path) for path in given] == [S3Path, S3Path]
    assert sorted(map(str, given)) == sorted(f"{bucket.url}/{key}" for key in bucket.keys())  # noqa: SIM118


def test_what_is_there_stays_unless_overridden(box, client, href, bucket, said):
    bucket["one.png"] = b"other"
    box.forget()

    client.download_asset(href, f"{bucket.url}/one.png")
    assert bucket["one.png"] == b"other"
    assert not box.sent("/capella-data/")
    client.download_asset(href, f"{bucket.url}/one.png", override=True)
    assert bucket["one.png"] == httpx.get(href).content
    assert [one for one in said() if "resumed" in one] == [
        "nothing is resumed in S3: what is there already stays",
        "nothing is resumed in S3: what is there already is replaced",
    ]


def test_a_download_that_fails_leaves_nothing_at_its_key(box, client, items, bucket, tmp):
    box.faults.add(path=r"_thumb\.png", status=404, times=None)

    with pytest.raises(PartialFailure, match="1 of 2 files failed, 1 are in place"):
        client.download_products(
            [items[0]], local_dir=bucket.url, include=["metadata", "thumbnail"], separate_dirs=False, threaded=False
        )

    assert bucket.keys() == [f"{items[0]['id']}_extended.json"]
    assert not list(tmp.iterdir())


def test_a_bucket_that_is_not_there_is_said_before_anything_is_sent(box, client, bucket):
    box.forget()

    with pytest.raises(TargetNotWritable, match="no such bucket") as caught:
        client.download_products(order_id="anything", local_dir=f"{bucket.url}-not/prefix")

    assert isinstance(caught.value, CapellaConsoleClientError)
    assert not box.sent("")


def test_both_clients_write_the_same_objects(running, client, items, order_id, bucket, store, tmp_path):  # noqa: PLR0917
    theirs = Bucket(store, "theirs")
    ours = Bucket(store, "ours-too")
    root = running.providers["capella"].base_url
    script = tmp_path / "script.py"
    script.write_text(SCRIPT, encoding="utf-8")
    done = subprocess.run(
        [PEER, "-B", script, FULL_KEY, root, order_id, "theirs"],
        env={"PATH": os.environ["PATH"], "HOME": str(tmp_path), "TMPDIR": str(tmp_path), **environment(store)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    given = [client.download_products(items, local_dir=ours.url, include=["metadata", "thumbnail"])]
    given.append(client.download_products(items, local_dir=ours.url, include=["metadata"], separate_dirs=False))
    link = next(iter(items[0]["assets"].values()))["href"]
    given += [client.download_asset(link, ours.url + end) for end in ("/one.bin", "/" + items[0]["id"])]

    assert json.loads(done.stdout) == json.loads(json.dumps(given).replace("ours-too", "bucket"))
    assert ours.keys() == theirs.keys()
    assert [key for key in ours.keys() if ours[key] != theirs[key]] == []  # noqa: SIM118
