# SPDX-License-Identifier: Apache-2.0
"""A round with the official client `sedas_pyapi` at its own addresses, asked for what another client asked for.

    python sedas_production.py DIRECTORY USER PASSWORD < ASKED

ASKED is a JSON object: ``aoi`` (WKT), ``start`` and ``end`` to search by, and the name of an archived ``product`` to
restore and download. It runs in an environment of its own, which has only the official client, and does nothing to lead
the client elsewhere: that is left to the environment. Prints one JSON object; an assertion that fails ends it with
status 1.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

from sedas_pyapi.sedas_api import SeDASAPI

PATIENCE_S = 60.0


def restored(client, name, folder):
    """Have a product brought back from the long-term archive and download it."""
    product = client.search_product(name)[0]
    request_id = client.request(product)
    until = time.monotonic() + PATIENCE_S
    while (url := client.is_request_ready(request_id)) is None:
        assert time.monotonic() < until, f"{request_id} does not get ready"
        time.sleep(0.1)
    client.download({**product, "downloadUrl": url}, str(Path(folder, f"{name}.zip")))
    return url


def main(folder, user, password):
    """Search, restore, download; the test instance too."""
    asked = json.load(sys.stdin)
    client = SeDASAPI(user, password)
    client.login()
    found = client.search(asked["aoi"], asked["start"], asked["end"])["products"]
    url = restored(client, asked["product"], folder)
    client.switch_to_dev()
    groups = [one["name"] for one in client.list_sensor_groups()]
    return {"products": found, "url": url, "groups": groups}


if __name__ == "__main__":
    print(json.dumps(main(*sys.argv[1:4])))
