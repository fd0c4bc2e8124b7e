# SPDX-License-Identifier: Apache-2.0
"""JSON is read fast, and means what it means to Python's own decoder."""

from __future__ import annotations

import json
import math
import sys

import httpx
import orjson
import pytest

from swath import decoding
from swath.decoding import decode_json, read_json
from swath.errors import UnexpectedResponse


@pytest.fixture
def fresh():
    decoding._fast.cache_clear()
    yield
    decoding._fast.cache_clear()


@pytest.mark.parametrize(
    "content",
    [b'{"a": [1, 2.5, null, true, "\\u00e9"]}', '{"a": 1}', b"[]", b"7", '["é"]'.encode("utf-16"), b"\xef\xbb\xbf[1]"],
)
def test_decode_json_gives_what_json_gives(content):
    assert decode_json(content) == json.loads(content)


def test_decode_json_takes_what_only_json_takes():
    assert math.isnan(decode_json(b"[NaN]")[0])
    assert decode_json(b'["\\ud800"]') == ["\ud800"]


@pytest.mark.parametrize("content", [b"", b"<html></html>", b'{"a": 1', "[1] and more"])
def test_decode_json_of_something_else_is_a_value_error(content):
    with pytest.raises(ValueError, match=r"Expecting|Extra data|Invalid"):
        decode_json(content)


@pytest.mark.usefixtures("fresh")
def test_decode_json_reads_a_document_once(monkeypatch):
    seen = []
    monkeypatch.setattr(orjson, "loads", lambda content: seen.append(content) or {"by": "orjson"})
    monkeypatch.setattr(json, "loads", lambda content: seen.append(content) or {"by": "json"})

    assert decode_json(b'{"a": 1}') == {"by": "orjson"}
    assert len(seen) == 1


@pytest.mark.usefixtures("fresh")
def test_decode_json_without_orjson_falls_back(monkeypatch):
    monkeypatch.setitem(sys.modules, "orjson", None)

    assert decode_json(b'{"a": 1}') == {"a": 1}


@pytest.mark.parametrize(("headers", "kind"), [({"content-type": "text/html"}, "text/html"), ({}, "of no media type")])
def test_answer_that_is_no_json_is_told_with_its_type(headers, kind):
    request = httpx.Request("GET", "https://example.org/items?token=secret")
    answer = httpx.Response(200, content=b"<html>", headers=headers, request=request)

    with pytest.raises(UnexpectedResponse) as caught:
        read_json(answer, provider="example")

    assert caught.value.message == f"the answer to GET /items is no JSON but {kind}"
    assert (caught.value.provider, caught.value.status_code) == ("example", 200)
    assert read_json(httpx.Response(200, content=b"[1]", request=request), provider="example") == [1]
