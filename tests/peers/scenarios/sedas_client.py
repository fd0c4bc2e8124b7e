# SPDX-License-Identifier: Apache-2.0
"""Runs the official client `sedas_pyapi`, unchanged, against a stand-in.

Usage: sedas_client.py BASE_URL USER PASSWORD

Runs in an environment that has only the official client. The stand-in must run at a speed of 300 or more: requests to
the long-term archive then are ready within seconds. Prints one JSON object with what each step saw; an assertion that
fails ends it with status 1.
"""

from __future__ import annotations

import hashlib
import json
import queue
import re
import sys
import tempfile
import time
import urllib.error
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sedas_pyapi.bulk_download import SeDASBulkDownload
from sedas_pyapi.sedas_api import SeDASAPI

AREA = "POLYGON((-4.20 50.33,-4.05 50.33,-4.05 50.42,-4.20 50.42,-4.20 50.33))"
START, STOP = "2020-06-01T00:00:00Z", "2020-06-30T23:59:59Z"
PATIENCE_S = 90.0
S1_NAME = re.compile(
    r"^(S1[A-D])_(IW|EW|WV|EN|S[1-6]|N[1-6])_(RAW|SLC|GRD|OCN)([FHM_])_([012])([SA])(SH|SV|DH|DV|HH|HV|VV|VH)"
    r"_(\d{8}T\d{6})_(\d{8}T\d{6})_(\d{6})_([0-9A-F]{6})_([0-9A-F]{4})$"
)
S2_NAME = re.compile(r"^(S2[A-D])_MSI(L1C|L2A)_(\d{8}T\d{6})_N(\d{4})_R(\d{3})_T(\d{2}[C-X][A-Z]{2})_(\d{8}T\d{6})$")
PRESENT = {
    "productId", "supplierId", "type", "satelliteName", "instrumentName", "modeName", "sensorType", "sensorResolution",
    "coordinatesWKT", "start", "stop", "area", "aoiCoveragePercent", "usefulAreaPercent",
}  # fmt: skip


def by_subclass(base: str) -> type[SeDASAPI]:
    """Point the client elsewhere by class attributes."""

    class Local(SeDASAPI):
        base_url = f"{base}/api/"
        authentication_url = f"{base}/api/authentication"
        search_url = f"{base}/api/search"
        sensor_url = f"{base}/api/sensors"

    return Local


def by_attributes(base: str, user: str, password: str) -> SeDASAPI:
    """Point a client elsewhere after it was made."""
    client = SeDASAPI(user, password)
    client.base_url = f"{base}/api/"
    client.authentication_url = f"{base}/api/authentication"
    client.search_url = f"{base}/api/search"
    client.sensor_url = f"{base}/api/sensors"
    return client


def status_of(call: Callable[[], Any]) -> tuple[int, str]:
    """Give status and media type of the HTTPError that a call must end with."""
    try:
        call()
    except urllib.error.HTTPError as err:
        with err:
            return err.code, err.headers.get_content_type()
    raise AssertionError("the call was answered, it should have been refused")


def refuses_bad_logins(base: str, user: str, password: str) -> dict[str, Any]:
    """A wrong password is an HTTPError, a blank one a ValueError."""
    local = by_subclass(base)
    refused = status_of(local(user, f"{password}x").login)
    assert refused[0] == 401, refused
    for blank in (("", password), (user, "")):
        try:
            local(*blank).login()
        except ValueError:
            continue
        raise AssertionError("a blank user or password was sent")
    return {"status": refused[0]}


def lists_sensors(client: SeDASAPI) -> dict[str, Any]:
    """Groups and satellites are arrays of objects with names."""
    groups = [one["name"] for one in client.list_sensor_groups()]
    satellites = [one["name"] for one in client.list_satellites()]
    assert groups == ["S1", "S2", "NovaSAR"], groups
    assert set(satellites) == {"Sentinel-1A", "Sentinel-1B", "Sentinel-2A", "Sentinel-2B", "NovaSAR-1"}, satellites
    return {"groups": groups, "satellites": satellites}


def searches_everything(client: SeDASAPI) -> dict[str, Any]:
    """All sensors together, newest first, with the documented fields and nothing null."""
    answer = client.search(AREA, START, STOP)
    products = answer["products"]
    assert products
    for one in products:
        assert set(one) >= PRESENT, PRESENT - set(one)
        assert None not in one.values(), one
        assert START <= one["start"] <= STOP, one["start"]
        name = S2_NAME if one["supplierId"].startswith("S2") else S1_NAME
        assert name.match(one["supplierId"]) or one["supplierId"].startswith("NovaSAR"), one["supplierId"]
        assert re.fullmatch(r"POLYGON\(\((-?[\d.]+ -?[\d.]+,?){4,}\)\)", one["coordinatesWKT"]), one["coordinatesWKT"]
    starts = [one["start"] for one in products]
    assert starts == sorted(starts, reverse=True)
    assert client.search(AREA, START, STOP) == answer
    online = sum("downloadUrl" in one for one in products)
    assert online < len(products) / 3, f"{online} of {len(products)} are online"
    return {"products": len(products), "online": online, "sensors": sorted({one["sensorType"] for one in products})}


def searches_radar(client: SeDASAPI) -> dict[str, Any]:
    """Only radar, narrowed by product type, orbit direction, satellite and group."""
    grd = client.search_sar(AREA, START, STOP, sarProductType="GRD")["products"]
    assert grd
    assert {one["productType"] for one in grd} == {"GRD"}
    assert {one["sensorType"] for one in grd} == {"SAR"}
    assert all("cloudCoveragePercent" not in one for one in grd)
    up = client.search_sar(AREA, START, STOP, sarProductType="GRD", orbitDirection="ASCENDING")["products"]
    assert 0 < len(up) < len(grd)
    one_satellite = client.search_sar(AREA, START, STOP, satellite_name="Sentinel-1B")["products"]
    assert {one["satelliteName"] for one in one_satellite} == {"Sentinel-1B"}
    group = client.search_sar(AREA, START, STOP, source_group="S1")["products"]
    assert {one["satelliteName"] for one in group} == {"Sentinel-1A", "Sentinel-1B"}
    both = client.search_sar(AREA, START, STOP, sarProductType="ALL", source_group="S1")["products"]
    assert len(both) == len(group)
    return {"grd": len(grd), "ascending": len(up), "s1b": len(one_satellite), "group": len(group)}


def searches_optical(client: SeDASAPI) -> dict[str, Any]:
    """Only optical, narrowed by cloud, coverage and product type."""
    every = client.search_optical(AREA, START, STOP)["products"]
    clear = client.search_optical(AREA, START, STOP, maxCloudPercent=40, minCoveragePercent=10)["products"]
    assert 0 < len(clear) < len(every)
    assert all(one["cloudCoveragePercent"] <= 40 and one["aoiCoveragePercent"] >= 10 for one in clear)
    level = client.search_optical(AREA, START, STOP, opticalProductType="L1C", source_group="S2")["products"]
    assert {one["productType"] for one in level} == {"L1C"}
    nothing = client.search_optical(AREA, START, STOP, source_group="S1")["products"]
    assert nothing == []
    refused = status_of(lambda: client.search("POLYGON((nonsense))", START, STOP, retry=False))
    assert refused == (400, "application/json"), refused
    return {"products": len(every), "clear": len(clear), "l1c": len(level)}


def looks_up(client: SeDASAPI) -> dict[str, Any]:
    """A product found by its name is the one of the search; an unknown name gives an empty list."""
    found = client.search_optical(AREA, START, STOP)["products"][0]
    answer = client.search_product(found["supplierId"])
    assert isinstance(answer, list)
    assert len(answer) == 1
    shares = {"aoiCoveragePercent", "usefulAreaPercent", "vendorSpecific"}
    assert {k: v for k, v in answer[0].items() if k not in shares} == {
        k: v for k, v in found.items() if k not in shares
    }
    assert client.search_product("S2A_MSIL1C_20200101T000000_N0208_R001_T30UVA_20200101T010000") == []
    assert client.search_product(found["productId"]) == []
    return {"supplierId": found["supplierId"]}


def check_zip(path: Path, supplier_id: str) -> None:
    """A whole archive with the SAFE folder inside."""
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None
        names = archive.namelist()
    assert names
    assert all(name.startswith(f"{supplier_id}.SAFE/") for name in names)
    assert f"{supplier_id}.SAFE/manifest.safe" in names


def downloads_online(client: SeDASAPI, folder: Path) -> dict[str, Any]:
    """Something recent is online; its bytes are those that the hash tells, to a file and as a stream."""
    now = time.gmtime()
    newest = client.search(AREA, "2020-01-01T00:00:00Z", time.strftime("%Y-%m-%dT%H:%M:%SZ", now), source_group="S2")
    online = next(one for one in newest["products"] if "downloadUrl" in one and "vendorSpecific" in one)
    path = folder / "online.zip"
    client.download(online, str(path))
    check_zip(path, online["supplierId"])
    content = path.read_bytes()
    assert hashlib.md5(content).hexdigest() == online["vendorSpecific"]["Filehash"]
    with client.download_request(online) as response:
        assert int(response.headers["Content-Length"]) == len(content)
        assert response.read() == content
    gone = {"downloadUrl": online["downloadUrl"].replace(".zip", "0.zip")}
    refused = status_of(lambda: client.download_request(gone, retry=False))
    assert refused == (404, "text/html"), refused
    return {"supplierId": online["supplierId"], "bytes": len(content)}


def restores_one(client: SeDASAPI, folder: Path) -> dict[str, Any]:
    """A product of the long-term archive is requested, polled for and fetched; asking again gives the same request."""
    archived = next(one for one in client.search(AREA, START, STOP)["products"] if "downloadUrl" not in one)
    request_id = client.request(archived)
    assert client.request(archived) == request_id
    looks, until = 0, time.monotonic() + PATIENCE_S
    while (url := client.is_request_ready(request_id)) is None:
        looks += 1
        assert time.monotonic() < until, f"{request_id} is not ready after {looks} looks"
        time.sleep(0.2)
    path = folder / "restored.zip"
    client.download({**archived, "downloadUrl": url}, str(path))
    check_zip(path, archived["supplierId"])
    known = client.search_product(archived["supplierId"])[0]
    assert known["downloadUrl"] == url
    assert hashlib.md5(path.read_bytes()).hexdigest() == known["vendorSpecific"]["Filehash"]
    assert client.is_request_ready("r-999999") is None
    return {"requestId": request_id, "supplierId": archived["supplierId"], "looks": looks}


def downloads_in_bulk(client: SeDASAPI, folder: Path) -> dict[str, Any]:
    """The bulk tool fetches what is online and restores what is not."""
    products = client.search(AREA, "2020-05-01T00:00:00Z", "2020-05-31T00:00:00Z")["products"]
    chosen = {one["productType"]: one for one in products if "downloadUrl" not in one and one["type"] == "ARCHIVE"}
    wanted = [chosen[kind] for kind in sorted(chosen) if kind in {"GRD", "L1C", "L2A", "SLC"}]
    assert len(wanted) == 4, sorted(chosen)
    done: queue.Queue[dict[str, Any]] = queue.Queue()
    bulk = SeDASBulkDownload(client, str(folder), parallel=2, done_queue=done)
    bulk.add(wanted)
    arrived = [done.get(timeout=PATIENCE_S) for _ in wanted]
    until = time.monotonic() + PATIENCE_S
    while not bulk.is_done():
        assert time.monotonic() < until, "the bulk download does not end"
        time.sleep(0.2)
    bulk.shutdown()
    assert {one["search"]["supplierId"] for one in arrived} == {one["supplierId"] for one in wanted}
    for one in arrived:
        check_zip(Path(one["path"]), one["search"]["supplierId"])
    return {"files": sorted(Path(one["path"]).name for one in arrived)}


def main() -> None:
    """Run all steps."""
    base, user, password = sys.argv[1].rstrip("/"), *sys.argv[2:4]
    seen: dict[str, Any] = {"bad_logins": refuses_bad_logins(base, user, password)}
    client = by_subclass(base)(user, password)
    client.login()
    seen["sensors"] = lists_sensors(by_attributes(base, user, password))
    seen["search"] = searches_everything(client)
    seen["radar"] = searches_radar(client)
    seen["optical"] = searches_optical(client)
    seen["look_up"] = looks_up(client)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        seen["online"] = downloads_online(client, folder)
        seen["restored"] = restores_one(client, folder)
        seen["bulk"] = downloads_in_bulk(client, folder)
    print(json.dumps(seen))


if __name__ == "__main__":
    main()
