# SPDX-License-Identifier: Apache-2.0
"""Conformance: what has a final name is whole, verified and where it belongs."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

import swath
from swath import stac
from swath._provider import Provider
from swath.errors import PartialFailure
from swath.models import ItemDict, Order
from swath.sandbox import Sandbox
from swath.testing.subject import Subject

__all__ = ["BaseDownload"]


def _files(folder: Path) -> list[Path]:
    """Give the product files below a folder: not items, receipts or parts."""
    return sorted(
        path
        for path in folder.rglob("*")
        if path.is_file() and path.suffix != ".json" and not path.name.startswith(".")
    )


class BaseDownload(Subject):
    """Bytes, receipts and places."""

    @pytest.fixture
    def target(self, tmp_path: Path) -> Path:
        """A folder that is not there yet, beside that of the ledger."""
        return tmp_path / "data"

    @pytest.fixture
    def order_done(self, provider: Provider, wanted: list[ItemDict]) -> Order:
        """An order that is delivered."""
        return provider.wait(provider.order(wanted, **self.order), timeout=3600)

    def test_p07_files_are_whole_and_say_how_far_they_are_verified(
        self, provider: Provider, order_done: Order, target: Path
    ) -> None:
        local = provider.download(order_done, target, progress=False)

        assert self.ids(local) == self.ids(order_done.items)
        seen = 0
        for item in local:
            for asset in item.assets.values():
                if "file:checksum" not in asset.extra_fields or asset.href.startswith("/vsi"):
                    continue
                seen += 1
                content = Path(asset.href).read_bytes()
                algorithm, digest = stac.parse_multihash(asset.extra_fields["file:checksum"])
                assert hashlib.new(algorithm.replace("-", ""), content).hexdigest() == digest
                assert asset.extra_fields["file:size"] == len(content)
                expected = {"size", "unverified"} if self.lacks("checksums") else {"checksum"}
                assert asset.extra_fields["swath:verified"] in expected
        assert seen >= len(local)

    def test_p52_local_items_validate_offline(self, provider: Provider, order_done: Order, target: Path) -> None:
        local = provider.download(order_done, target, progress=False)
        written = [json.loads(file.read_text()) for file in target.glob("*/*.json") if file.stem == file.parent.name]

        assert self.ids(written) == self.ids(local)
        for item in written:
            stac.validate(item)

    def test_receipts_prove_the_files_without_the_provider(
        self, provider: Provider, order_done: Order, target: Path
    ) -> None:
        provider.download(order_done, target, progress=False)

        assert not swath.verify(target).failed
        broken = _files(target)[0]
        content = bytearray(broken.read_bytes())
        content[-1] ^= 1
        broken.write_bytes(content)
        assert [Path(row.path).name for row in swath.verify(target).failed] == [broken.name]

    def test_p43_second_run_fetches_no_data(
        self, box: Sandbox, provider: Provider, order_done: Order, target: Path
    ) -> None:
        first = provider.download(order_done, target, progress=False)
        box.log.clear()

        second = provider.download(order_done, target, progress=False)

        assert self.fetched(box) == []
        assert [item.to_dict() for item in second] == [item.to_dict() for item in first]

    def test_p04_cut_transfer_is_taken_up_again(
        self, box: Sandbox, provider: Provider, order_done: Order, target: Path
    ) -> None:
        box.faults.add(provider=self.name, method="GET", path=self.data, truncate_at=1000, times=1)

        provider.download(order_done, target, progress=False)

        assert not swath.verify(target).failed
        assert not list(target.rglob("*.part"))

    def test_p04_file_that_never_comes_whole_has_no_final_name(
        self, box: Sandbox, provider: Provider, order_done: Order, target: Path
    ) -> None:
        box.faults.add(provider=self.name, method="GET", path=self.data, drop="before", times=None)

        with pytest.raises(PartialFailure) as caught:
            provider.download(order_done, target, progress=False)

        assert _files(target) == []
        assert caught.value.report.failed
        box.faults.clear()
        provider.download(order_done, target, progress=False)
        assert not swath.verify(target).failed

    @pytest.mark.parametrize(
        "trouble", [{"html": True}, {"status": 200, "body": {"message": "not ready"}}], ids=["html", "json"]
    )
    def test_p06_page_that_is_not_the_product_is_never_saved_as_it(
        self, box: Sandbox, provider: Provider, order_done: Order, target: Path, trouble: dict[str, Any]
    ) -> None:
        box.faults.add(provider=self.name, method="GET", path=self.data, times=None, **trouble)

        with pytest.raises(PartialFailure):
            provider.download(order_done, target, progress=False)

        assert _files(target) == []

    def test_p07_flipped_bit_is_noticed(
        self, box: Sandbox, provider: Provider, order_done: Order, target: Path
    ) -> None:
        if self.lacks("checksums"):
            pytest.skip(self.cannot["checksums"])
        box.faults.add(provider=self.name, method="GET", path=self.data, flip_bit_at=700, times=None)

        with pytest.raises(PartialFailure, match=r"(?i)checksum"):
            provider.download(order_done, target, progress=False)

        assert _files(target) == []

    def test_p05_changed_range_answers_never_make_a_wrong_file(
        self, box: Sandbox, provider: Provider, order_done: Order, target: Path
    ) -> None:
        box.faults.add(provider=self.name, method="GET", path=self.data, truncate_at=900, times=1)
        box.faults.add(provider=self.name, method="GET", path=self.data, ignore_range=True, call=2, times=None)

        provider.download(order_done, target, progress=False)

        assert not swath.verify(target).failed

    def test_p20_dead_link_is_minted_again(
        self, box: Sandbox, provider: Provider, order_done: Order, target: Path
    ) -> None:
        box.faults.add(provider=self.name, method="GET", path=self.data, status=403, times=1)

        provider.download(order_done, target, progress=False)

        assert not swath.verify(target).failed

    def test_p20_links_are_minted_for_each_download(
        self, box: Sandbox, provider: Provider, order_done: Order, target: Path
    ) -> None:
        if self.lacks("late download"):
            pytest.skip(self.cannot["late download"])
        provider.download(order_done, target / "today", progress=False)
        box.clock.advance(26 * 3600)

        provider.download(order_done, target / "tomorrow", progress=False)

        assert not swath.verify(target / "tomorrow").failed

    def test_p08_one_bad_file_does_not_take_the_others_along(
        self, box: Sandbox, provider: Provider, order_done: Order, tmp_path: Path
    ) -> None:
        provider.download(order_done, tmp_path / "whole", progress=False)
        total = len(_files(tmp_path / "whole"))
        # The answer's body is of the wrong kind each time that one file is asked for; no other path has its name.
        box.faults.add(provider=self.name, method="GET", path=self.data, flip_bit_at=0, html=True, times=1)

        with pytest.raises(PartialFailure) as caught:
            provider.download(order_done, tmp_path / "data", workers=1, progress=False)

        report = caught.value.report
        assert len(report.failed) == 1
        assert len(_files(tmp_path / "data")) == total - 1
        provider.download(order_done, tmp_path / "data", progress=False)
        assert len(_files(tmp_path / "data")) == total

    def test_p46_everything_stays_below_the_target(self, provider: Provider, order_done: Order, tmp_path: Path) -> None:
        target = tmp_path / "target"
        (tmp_path / "witness").write_text("untouched")

        provider.download(order_done, target, progress=False)

        assert sorted(path.name for path in tmp_path.iterdir() if path.name != "home") == ["target", "witness"]
        names = [str(path.relative_to(target)).lower() for path in target.rglob("*")]
        assert len(names) == len(set(names))

    def test_order_can_be_downloaded_by_its_items_and_its_id(
        self, provider: Provider, order_done: Order, wanted: list[ItemDict], tmp_path: Path
    ) -> None:
        by_id = provider.download(order_done.id, tmp_path / "a", progress=False)
        by_items = provider.download(wanted, tmp_path / "b", progress=False)

        assert self.ids(by_id) == self.ids(by_items) == self.ids(order_done.items)
