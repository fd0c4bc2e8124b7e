# SPDX-License-Identifier: Apache-2.0
"""The native client over core's own HTTP, against a small service on loopback."""

import io
import json
import zipfile

import pytest

from swath.errors import ChecksumMismatch, InvalidCredentials, SwathError
from swath_sedas import SeDASAPI

WKT = "POLYGON((-1 49,1 49,1 51,-1 51,-1 49))"
START, END = "2019-04-30T00:00:00Z", "2021-05-12T23:59:59Z"

GUIDE = """
from getpass import getpass
import json
import time

username = input("Please enter your username:")
password = getpass("Please enter your password:")

sedas = SeDASAPI(username, password)
sedas.login()
result_groups = sedas.list_sensor_groups()
groups = []
for i in range(0, len(result_groups)):
    groups.append(result_groups[i]['name'])
print(f"Available groups are: {', '.join(groups)}")

wkt = "POLYGON ((-1.3295 51.5881," \\
      "-1.3013 51.5872," \\
      "-1.3020 51.5621," \\
      "-1.3300 51.5622," \\
      "-1.3295 51.5881))"
startDate = "2019-04-30T00:00:00Z"
endDate = "2021-05-12T23:59:59Z"

result_sar = sedas.search_sar(wkt, startDate, endDate, sarProductType="SLC")
print(json.dumps(result_sar, sort_keys=True, indent=4, separators=(',', ': ')))

singleProduct = sedas.search_product(result_sar['products'][0]['supplierId'])
sedas.download(singleProduct[0], OUTPUT + "/one.zip")

downloader = SeDASBulkDownload(sedas, OUTPUT, parallel=3)
downloader.add(result_sar['products'])
while not downloader.is_done():
    time.sleep(0.001)
downloader.shutdown()
"""
"""The examples of the provider's guide in one, its imports and output path aside."""


def zipped(text):
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr("a.SAFE/manifest.safe", text)
    return target.getvalue()


def local(url):
    """Give the class with its four addresses set, as the wire contract's recipe for another host does."""

    class Local(SeDASAPI):
        base_url = url
        authentication_url = f"{url}authentication"
        search_url = f"{url}search"
        sensor_url = f"{url}sensors"

    return Local


def by_subclass(url):
    return local(url)("alice", "correct horse")


def by_instance(url):
    client = SeDASAPI("alice", "correct horse")
    client.base_url = url
    client.authentication_url = f"{url}authentication"
    client.search_url = f"{url}search"
    client.sensor_url = f"{url}sensors"
    return client


def by_base_alone(url):
    client = SeDASAPI("alice", "correct horse")
    client.base_url = url
    return client


@pytest.mark.parametrize("make", [by_subclass, by_instance, by_base_alone])
def test_another_host_by_each_way(served, service, make_product, make):
    service.products = [make_product("a")]
    client = make(served)

    assert client.search(WKT, START, END)["products"] == service.products
    assert client.search_product("a") == service.products
    assert client.list_satellites() == [{"name": "Sentinel-2A"}]
    assert service.logins == 1


def test_another_host_by_the_environment(served, service, monkeypatch):
    monkeypatch.setenv("SWATH_SEDAS_URL", served)
    client = SeDASAPI("alice", "correct horse")

    client.login()

    assert service.logins == 1
    assert client.search_url == f"{served}search"


def test_host_may_be_changed_after_the_first_call(served, service):
    client = by_base_alone("http://127.0.0.1:9/api/")
    client.base_url = served

    client.list_satellites()
    client.base_url = served.replace("127.0.0.1", "localhost")
    client.list_sensor_groups()

    assert [path for _, path, _ in service.log] == ["/sensors/satellites", "/sensors/sourceGroups"]


def test_wrong_password_is_refused_without_telling_it(served):
    client = local(served)("alice", "canary-7f3a9c")

    with pytest.raises(InvalidCredentials) as caught:
        client.login()
    assert isinstance(caught.value, SwathError)
    assert "canary-7f3a9c" not in f"{caught.value!r} {caught.value} {caught.value.details}"


def test_closed_client_opens_again(served, service):
    with by_base_alone(served) as client:
        client.list_satellites()

    assert client.list_satellites() == [{"name": "Sentinel-2A"}]
    client.close()


def test_p58_two_accounts_side_by_side_keep_their_tokens(served, service):
    good, bad = by_base_alone(served), local(served)("mallory", "x")

    good.login()
    with pytest.raises(InvalidCredentials):
        bad.login()

    assert good.list_satellites()
    assert service.logins == 1


def test_download_writes_the_whole_file_in_a_new_folder(served, service, tmp_path):
    path, digest = service.offer("a", zipped("x" * 100_000))
    product = {
        "supplierId": "a",
        "downloadUrl": path.replace("https://sedas.test/", served.removesuffix("api/")),
        "vendorSpecific": {"Filehash": digest},
    }

    by_base_alone(served).download(product, str(tmp_path / "new" / "a.zip"))

    assert (tmp_path / "new" / "a.zip").read_bytes() == service.files["/files/a.zip"]


def test_p07_download_with_another_checksum_leaves_nothing(served, service, tmp_path):
    path, _ = service.offer("a", zipped("x"))
    product = {
        "supplierId": "a",
        "downloadUrl": path.replace("https://sedas.test/", served.removesuffix("api/")),
        "vendorSpecific": {"Filehash": "0" * 32},
    }

    with pytest.raises(ChecksumMismatch):
        by_base_alone(served).download(product, str(tmp_path / "a.zip"))
    assert not (tmp_path / "a.zip").exists()


@pytest.mark.parametrize(
    "imports",
    [
        "from swath_sedas import SeDASAPI, SeDASBulkDownload",
        "from swath_sedas.bulk_download import SeDASBulkDownload\nfrom swath_sedas.sedas_api import SeDASAPI",
    ],
)
def test_guide_runs_with_only_the_import_changed(
    served, service, make_product, monkeypatch, *, tmp_path, capsys, imports
):
    products = []
    for name in ("a", "b"):
        path, digest = service.offer(name, zipped(name))
        url = path.replace("https://sedas.test/", served.removesuffix("api/"))
        products.append(make_product(name, lon=-1.31, lat=51.57, downloadUrl=url, vendorSpecific={"Filehash": digest}))
    service.products = products
    monkeypatch.setenv("SWATH_SEDAS_URL", served)
    monkeypatch.setattr("builtins.input", lambda _: "alice")
    monkeypatch.setattr("getpass.getpass", lambda _: "correct horse")

    exec(f"{imports}\n{GUIDE}", {"OUTPUT": str(tmp_path / "out")})

    assert sorted(path.name for path in (tmp_path / "out").iterdir() if path.suffix == ".zip") == [
        "a.zip",
        "b.zip",
        "one.zip",
    ]
    told = capsys.readouterr().out
    assert told.startswith("Available groups are: Sentinel-2A\n{")
    assert json.loads(told.split("\n", 1)[1])["products"] == products
    assert service.logins == 1
