# SPDX-License-Identifier: Apache-2.0
"""The example provider of the documents passes the conformance suite, and the suite notices when it should not."""

import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

EXAMPLE = Path(__file__).parent.parent / "docs" / "plugins" / "example"
SUITE = EXAMPLE / "tests" / "test_conformance.py"
CLASSES = re.findall(r"^class (Test\w+)", SUITE.read_text(encoding="utf-8"), re.MULTILINE)
DEFECTS = {
    "an order is sent again blindly": (
        "operation=Operation.ONCE",
        "operation=Operation.READ",
        "TestOrder::test_p01_lost_reply_is_never_sent_again",
    ),
    "an order goes without its tag": (
        '"reference": request.reference',
        '"reference": request.name',
        "TestOrder::test_p01_lost_reply_is_never_sent_again",
    ),
    "a clip is dropped in silence": (
        '"clip", "delivery"',
        '"delivery"',
        "TestOrder::test_p13_what_an_order_asks_for_is_sent_or_refused",
    ),
    "cancelling only says so": (
        '            "DELETE", f"{_base_url(context)}/v1/orders/{order.id}"',
        '            "GET", f"{_base_url(context)}/v1/orders"',
        "TestOrder::test_cancelling_is_done_or_refused_clearly",
    ),
    "the second page is left out": (
        "if found.next is None:",
        "if True:",
        "TestSearch::test_p09_page_size_never_changes_what_is_found",
    ),
    "cloud cover stays a fraction": (
        "round(scene.cloud * 100, 1)",
        "scene.cloud",
        "TestSearch::test_percentages_are_not_fractions",
    ),
    "a filter is rounded inward": (
        "predicate.value / 100 + 0.0005:.4f",
        "predicate.value / 100 - 0.0050:.4f",
        "TestFilter::test_p13_comparisons_equal_local_filtering",
    ),
    "any bound is taken for one of cloud cover": (
        "predicate.property == stac.CLOUD_COVER and predicate.op",
        "predicate.op",
        "TestFilter::test_p13_filters_drawn_at_random_equal_local_filtering",
    ),
    "the end of an interval loses its day": (
        "stac.timestamp(query.datetime.end)",
        "stac.timestamp(query.datetime.end.replace(hour=0, minute=0))",
        "TestSearch::test_p11_date_as_end_includes_that_day",
    ),
    "only one side of the antimeridian is searched": (
        'area["coordinates"] if area',
        'area["coordinates"][:1] if area',
        "TestSearch::test_p12_crossing_the_antimeridian_finds_both_sides",
    ),
    "the key goes into a log": (
        '        return HeaderAuth("X-Api-Key"',
        '        __import__("logging").getLogger().info(context.secret("api_key"))\n        return HeaderAuth("X-Api-Key"',
        "TestAuthenticate::test_p27_no_secret_shows_anywhere",
    ),
    "a checksum is of other bytes": (
        'stac.multihash("sha256", file.sha256)',
        'stac.multihash("sha256", file.sha256[::-1])',
        "TestDownload::test_p07_files_are_whole_and_say_how_far_they_are_verified",
    ),
    "links are kept from the first listing": (
        'self._get(context, f"orders/{order.id}/files", Files).files:',
        'self.__dict__.setdefault(order.id, self._get(context, f"orders/{order.id}/files", Files)).files:',
        "TestDownload::test_p20_links_are_minted_for_each_download",
    ),
}
"""What is wrong in `provider.py`: the text, what stands there instead, and the check that must fail."""


@pytest.fixture
def package(tmp_path):
    """Copy the package where it can be spoilt, and install it as an unpacked wheel would be."""
    project = tomllib.loads((EXAMPLE / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    shutil.copytree(EXAMPLE / "src", tmp_path / "site", ignore=shutil.ignore_patterns("__pycache__"))
    info = tmp_path / "site" / f"{project['name'].replace('-', '_')}-{project['version']}.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {project['name']}\nVersion: {project['version']}\n")
    points = project["entry-points"]["swath.providers"]
    lines = [f"{name} = {value}" for name, value in points.items()]
    (info / "entry_points.txt").write_text("\n".join(["[swath.providers]", *lines, ""]))
    return tmp_path / "site"


NURSERY = """
import json, os, sys
import pytest, numpy, rasterio, shapely, uvicorn
import swath._load, swath._open, swath._provider, swath.sandbox.runner, swath.sandbox.server

answers = os.fdopen(os.dup(1), "w")
for line in sys.stdin:
    order = json.loads(line)
    number = os.fork()
    if not number:
        answers.close()
        out = os.open(order["out"], os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        os.dup2(out, 1)
        os.dup2(out, 2)
        os.chdir(order["cwd"])
        sys.path.insert(0, order["package"])
        os.environ["PYTHONPATH"] = order["package"]
        sys.exit(pytest.main(order["arguments"]))
    print(os.waitstatus_to_exitcode(os.waitpid(number, 0)[1]), file=answers, flush=True)
"""


@pytest.fixture(scope="module")
def nursery():
    """Start a process that has imported what the suite needs; each run of the suite is a fork of it.

    What is imported already cannot be rewritten, so assertions are plain: they fail as they are, and tell less.
    """
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", "SWATH_"))}
    with subprocess.Popen(
        [sys.executable, "-c", NURSERY], env=kept, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        yield process


@pytest.fixture
def run_suite(nursery, package):
    """Give what runs checks of the suite as the author of the package would, in a process of its own.

    It gives the exit code and what was said.
    """

    def run(checks):
        shutil.copy(SUITE, package.parent / SUITE.name)
        (package.parent / "pytest.ini").write_text(
            "[pytest]\naddopts = -p no:cacheprovider --import-mode=importlib --assert=plain\n"
            "filterwarnings =\n    error\n    ignore:numpy.ndarray size changed:RuntimeWarning\n"
        )
        out = package.parent / "said.txt"
        order = {"out": str(out), "cwd": str(package.parent), "package": str(package)}
        print(json.dumps({**order, "arguments": ["-q", "-rs", f"{SUITE.name}::{checks}"]}), file=nursery.stdin)
        nursery.stdin.flush()
        return int(nursery.stdout.readline()), out.read_text()

    return run


def test_suite_takes_an_author_less_than_forty_lines():
    assert len(SUITE.read_text(encoding="utf-8").splitlines()) < 40
    assert len(CLASSES) == 7


@pytest.mark.parametrize("checks", CLASSES)
def test_example_passes_the_whole_suite(run_suite, checks):
    code, said = run_suite(checks)

    assert code == 0, said
    assert re.search(r"\d+ passed", said)
    assert "skipped" not in said, "the example can do everything"


@pytest.mark.parametrize("defect", DEFECTS)
def test_suite_notices_when(package, run_suite, defect):
    right, wrong, check = DEFECTS[defect]
    file = package / "swath_example" / "provider.py"
    source = file.read_text(encoding="utf-8")
    assert right in source
    file.write_text(source.replace(right, wrong), encoding="utf-8")

    code, said = run_suite(check)

    assert code == 1, said
    assert re.search(r"\d+ failed", said)
