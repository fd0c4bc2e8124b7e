# SPDX-License-Identifier: Apache-2.0
"""Public names are the ones that are said to be public."""

import importlib

import pytest

PUBLIC = [
    "swath",
    "swath.aio",
    "swath.auth",
    "swath.commands",
    "swath.convert",
    "swath.decoding",
    "swath.errors",
    "swath.hookspecs",
    "swath.models",
    "swath.native",
    "swath.oauth",
    "swath.paging",
    "swath.progress",
    "swath.pushdown",
    "swath.sandbox",
    "swath.stac",
    "swath.testing",
]


@pytest.mark.parametrize("name", PUBLIC)
def test_all_is_sorted_and_true(name):
    module = importlib.import_module(name)

    exported = module.__all__

    assert list(exported) == sorted(exported, key=lambda word: (not word.isupper(), word)) or list(exported) == sorted(
        exported
    )
    for word in exported:
        assert getattr(module, word) is not None
    assert set(exported) <= set(dir(module))


def test_unknown_name_is_an_attribute_error():
    import swath

    with pytest.raises(AttributeError, match="serach"):
        _ = swath.serach
