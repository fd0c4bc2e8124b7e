# SPDX-License-Identifier: Apache-2.0
"""Sends what swath gives to another process and back; prints as JSON what the other one could do with it."""

import json
import multiprocessing
import pickle
import sys
from concurrent.futures import ProcessPoolExecutor

import swath
from swath.errors import NotFound


def look(name, provider, items, order):
    """Run in the other process: the provider opens itself there, from that process's own environment."""
    return {
        "provider": provider.name,
        "ids": [item["id"] for item in provider.search(ids=[items[0]["id"]], **QUERY[name]).items_as_dicts()],
        "state": order.state.value,
        "known": [known.tag for known in provider.orders()] == [order.tag],
    }


def fail(provider):
    provider.wait("no-such-order")


QUERY = json.loads(sys.argv[2])
if __name__ == "__main__":
    found = {}
    way, options, canaries = sys.argv[1], json.loads(sys.argv[3]), json.loads(sys.argv[4])
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context(way)) as pool:
        for name, query in QUERY.items():
            provider = swath.open(name)
            search = provider.search(**query, max_items=1)
            items = list(search.items_as_dicts())
            order = provider.order(items, **options[name])
            try:
                fail(provider)
            except NotFound as err:
                error = err
            held = {"provider": provider, "items": items, "pystac": list(search.items()), "order": order, "err": error}
            data = pickle.dumps(held)
            assert not [one for one in canaries if one.encode() in data], "a secret is in the pickle"
            found[name] = pool.submit(look, name, provider, items, order).result()
            try:
                pool.submit(fail, provider).result()
            except NotFound as err:
                found[name]["error"] = (err.message == error.message, err.hint == error.hint, err.provider)
            provider.close()
    print(json.dumps(found))
