# SPDX-License-Identifier: Apache-2.0
"""Conformance: what the network does to files on their way."""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path
from typing import Any

import pytest
from attrs import frozen

import swath
from swath._open import make_provider
from swath._provider import Provider
from swath.errors import PartialFailure, SwathError
from swath.models import Order
from swath.sandbox import Sandbox
from swath.sandbox.runner import Running
from swath.testing.proxied import Proxied, files
from swath.testing.proxy import FaultProxy
from swath.testing.spoiling import changed_bytes
from swath.testing.subject import BoxClock, given_by
from swath.testing.troubles import ALWAYS, SILENT, SPOILT, cases

__all__ = ["FileFaults"]


@frozen(kw_only=True)
class Delivered:
    """An order that is delivered, and its files as they are."""

    order: Order
    folder: Path
    files: dict[str, str]
    """SHA-256 by path below the folder."""


class FileFaults(Proxied):
    """Downloads under every fault."""

    @pytest.fixture(scope="class")
    @classmethod
    def made(cls, box: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> Delivered:
        """An order that is delivered, fetched without any trouble; once for all, as it costs most of the time."""
        folder = tmp_path_factory.mktemp("delivered")
        with make_provider(
            cls.name,
            profile="conformance",
            given=given_by(box.providers[cls.name]),
            home=folder / "home",
            clock=BoxClock(box.clock),
        ) as provider:
            found = provider.search(**{**(cls.order_query or cls.query), "max_items": 2})
            wanted = list(found.items_as_dicts())
            order = provider.wait(provider.order(wanted, **cls.order), timeout=3600)
            provider.download(order, folder / "data", progress=False)
        return Delivered(order=order, folder=folder / "data", files=files(folder / "data"))

    @pytest.fixture
    def delivered(self, made: Delivered, tmp_path: Path) -> Delivered:
        """The same order, in the ledger of this check."""
        shutil.copytree(made.folder.parent / "home", tmp_path / "home")
        return made

    @pytest.fixture
    def target(self, tmp_path: Path) -> Path:
        """A folder that is not there yet."""
        return tmp_path / "data"

    @cases(SPOILT)
    def test_p04_file_is_right_whatever_happened_on_its_way(
        self,
        proxy: FaultProxy,
        proxied: Provider,
        delivered: Delivered,
        target: Path,
        trouble: list[dict[str, Any]],
    ) -> None:
        proxied.close()
        proxy.clear()
        for rule in trouble:
            proxy.add(method="GET", path="" if rule.get("cut") == "connect" else self.data, **rule)

        try:
            proxied.download(delivered.order, target, progress=False)
        except PartialFailure as err:
            assert err.report.failed  # noqa: PT017
            assert files(target).items() <= delivered.files.items()
            proxied.download(delivered.order, target, progress=False)

        assert proxy.log(done=True), "the rule met nothing"
        assert files(target) == delivered.files
        assert not swath.verify(target).failed
        assert not list(target.rglob("*.part"))

    @cases(SILENT)
    @pytest.mark.parametrize("times", [1, None], ids=["once", "always"])
    def test_p07_spoilt_bytes_never_get_the_final_name(  # noqa: PLR0917 (fixtures and cases)
        self,
        proxy: FaultProxy,
        proxied: Provider,
        delivered: Delivered,
        target: Path,
        trouble: dict[str, Any],
        times: int | None,
    ) -> None:
        if self.lacks("checksums"):
            pytest.skip(self.cannot["checksums"])
        proxy.clear()
        proxy.add(method="GET", path=self.data, times=times, **trouble)

        self._run_out_of_luck(proxied, delivered, target, must_fail=times is None)

        proxy.clear()
        proxied.download(delivered.order, target, progress=False)
        assert files(target) == delivered.files

    @cases(ALWAYS)
    def test_p04_file_that_never_comes_has_no_final_name(
        self,
        proxy: FaultProxy,
        proxied: Provider,
        delivered: Delivered,
        target: Path,
        trouble: dict[str, Any],
    ) -> None:
        proxy.clear()
        proxy.add(method="GET", path=self.data, times=None, **trouble)

        self._run_out_of_luck(proxied, delivered, target, must_fail=True)

        proxy.clear()
        proxied.download(delivered.order, target, progress=False)
        assert files(target) == delivered.files
        assert not swath.verify(target).failed

    def _run_out_of_luck(self, proxied: Provider, delivered: Delivered, target: Path, *, must_fail: bool) -> None:
        """Download under trouble: what has its final name is right, and whatever is missing is told of."""
        try:
            proxied.download(delivered.order, target, progress=False)
        except SwathError as err:
            assert (err.provider, err.step) == (self.name, "download")  # noqa: PT017
            assert not isinstance(err, PartialFailure) or err.report.failed  # noqa: PT017
            assert files(target).items() <= delivered.files.items()
            return
        assert not must_fail, "what was spoilt each time was taken for whole"
        assert files(target) == delivered.files

    def test_p05_object_that_changed_between_tries_is_never_mixed(
        self, proxy: FaultProxy, proxied: Provider, delivered: Delivered, target: Path
    ) -> None:
        proxy.clear()
        proxy.add(method="GET", path=self.data, cut="body", after=700)
        proxy.add(method="GET", path=self.data, call=2, changed=True, times=None)

        try:
            proxied.download(delivered.order, target, progress=False)
        except SwathError as err:
            assert (err.provider, err.step) == (self.name, "download")  # noqa: PT017

        for name, digest in files(target).items():
            other = hashlib.sha256(changed_bytes((delivered.folder / name).read_bytes())).hexdigest()
            assert digest in ({delivered.files[name], other} if self.lacks("checksums") else {delivered.files[name]})

    def test_p28_download_led_to_another_host_takes_no_secret_along(  # noqa: PLR0917 (fixtures)
        self,
        running: Running,
        proxy: FaultProxy,
        proxied: Provider,
        delivered: Delivered,
        target: Path,
        given: dict[str, str],
    ) -> None:
        secrets = [given[one.name] for one in proxied.info.credentials if one.secret and one.name in given]
        proxy.clear()
        with FaultProxy(running.base_url) as elsewhere:
            proxy.add(method="GET", path=self.data, redirect=elsewhere.base_url, status=302, times=None)

            try:
                proxied.download(delivered.order, target, progress=False)
            except SwathError as err:
                assert (err.provider, err.step) == (self.name, "download")  # noqa: PT017

            assert elsewhere.log()
            for passage in elsewhere.log():
                assert passage.header("authorization") is None
                assert not [value for _, value in passage.headers if any(one in value for one in secrets)]
        assert files(target).items() <= delivered.files.items()

    def test_p02_download_without_a_network_is_an_error_and_goes_on_later(
        self, proxy: FaultProxy, proxied: Provider, delivered: Delivered, target: Path
    ) -> None:
        with proxy.down(), pytest.raises(SwathError) as caught:
            proxied.download(delivered.order, target, progress=False)

        assert caught.value.step == "download"
        assert files(target) == {}
        proxied.download(delivered.order, target, progress=False)
        assert files(target) == delivered.files
