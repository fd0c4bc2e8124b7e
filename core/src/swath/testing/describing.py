# SPDX-License-Identifier: Apache-2.0
"""Conformance: what the provider says of itself."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable

from swath import stac
from swath._provider import Provider
from swath._registry import list_plugins, open_hooks
from swath.sandbox import Sandbox
from swath.testing.subject import Subject

__all__ = ["BaseDescribe"]

_HEAVY = ("numpy", "pandas", "xarray", "rasterio", "shapely", "geopandas", "starlette")
_LIFE_CYCLE = frozenset({"describe", "search", "order", "wait", "download"})


class BaseDescribe(Subject):
    """The description is complete, and nothing happens before it is asked for."""

    def test_description_is_complete(self) -> None:
        info = open_hooks(self.name).describe()

        assert info.name == self.name
        assert info.title
        assert info.description
        assert all(field.env and field.title for field in info.credentials)
        assert all(rate > 0 for rate in info.limits.values())
        assert all(origin.startswith("https://") for origin in info.origins)

    def test_life_cycle_is_whole(self) -> None:
        assert open_hooks(self.name).own >= _LIFE_CYCLE

    def test_p40_opening_sends_nothing(self, box: Sandbox, opening: Callable[..., Provider]) -> None:
        opening()

        assert len(box.log) == 0

    def test_p41_importing_the_plugin_loads_nothing_heavy(self) -> None:
        entry = next(entry for entry in list_plugins() if entry.name == self.name)
        module = entry.value.partition(":")[0]
        code = f"import {module}, sys, json; print(json.dumps([m for m in {_HEAVY!r} if m in sys.modules]))"

        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)  # noqa: S603

        assert json.loads(done.stdout) == []

    def test_collections_are_valid_stac(self, provider: Provider) -> None:
        collections = list(provider.get_collections())

        assert collections
        for collection in collections:
            stac.validate(collection.to_dict(include_self_link=False, transform_hrefs=False))

    def test_queryables_are_json_schema(self, provider: Provider) -> None:
        import jsonschema

        for collection in provider.get_collections():
            schema = dict(provider.queryables(collection.id))
            jsonschema.Draft202012Validator.check_schema(schema)
            assert schema["properties"], collection.id
