# SPDX-License-Identifier: Apache-2.0
"""The table of promises says what is."""

import re
import runpy
from pathlib import Path

import pytest

TOOL = runpy.run_path(str(Path(__file__).parent / "promises.py"))


def test_every_promise_has_a_text_and_a_test():
    assert list(TOOL["texts"]()) == [f"P{number:02}" for number in range(1, 64)]
    assert TOOL["tests"]().keys() == TOOL["texts"]().keys()


def test_page_lists_the_tests_that_there_are():
    """Results are of the last run and are not compared; the rest is."""
    kept = TOOL["PAGE"].read_text(encoding="utf-8")

    assert kept == TOOL["page"](TOOL["written"]()), "run: python tests/promises.py --write"


def test_page_tells_of_no_failure():
    bad = {number: said for number, said in TOOL["written"]().items() if "failed" in said}

    assert bad == {}


def test_results_are_read_and_kept():
    cases = {name: {"passed": 2} for pairs in TOOL["tests"]().values() for _, name in pairs}
    first = TOOL["tests"]()["P01"][0][1]
    counters = {name: __import__("collections").Counter(ends) for name, ends in cases.items()}
    counters[first]["failed"] = 1
    del counters[TOOL["tests"]()["P02"][0][1]]

    said = TOOL["verdicts"](counters)

    assert re.fullmatch(r"\d+ passed, 1 failed", said["P01"])
    assert said["P02"].endswith("1 not run")
    again = dict(TOOL["ROW"].findall(TOOL["page"](said)))
    assert again == said


@pytest.mark.parametrize("number", ["P01", "P63"])
def test_a_name_that_begins_with_the_number_counts(number):
    names = [name for _, name in TOOL["tests"]()[number]]

    assert names
    assert all(name.startswith(f"test_{number.lower()}_") for name in names)
