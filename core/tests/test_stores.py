# SPDX-License-Identifier: Apache-2.0
"""Objects in S3: put whole or not at all, with the environment's account, and errors that tell no secret."""

from __future__ import annotations

import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, unquote, urlsplit

import pytest

from swath.errors import ConfigurationError, InputError, MissingExtra, TargetNotWritable, TransferError, Unavailable
from swath.native import exists, holds, put, size

LARGE = bytes(range(256)) * 80_000  # three parts
IDS = "<Bucket>there</Bucket><Key>k</Key>"
BEGUN = f"<InitiateMultipartUploadResult>{IDS}<UploadId>u</UploadId></InitiateMultipartUploadResult>"
DONE = f"<CompleteMultipartUploadResult><Location>l</Location>{IDS}<ETag>e</ETag></CompleteMultipartUploadResult>"
ENTRY = "<Contents><Key>{}</Key><LastModified>2026-11-21T17:00:00.000Z</LastModified><Size>1</Size><ETag>e</ETag></Contents>"


class Store:
    """What a bucket named ``there`` holds, and how it answers."""

    def __init__(self):
        self.objects = {}
        self.parts = {}
        self.refused = {}
        """Status by method and part number."""
        self.lost = 0
        """Bytes that it loses of each object."""
        self.seen = []

    def keep(self, key, content):
        self.parts.clear()
        self.objects[key] = content[: len(content) - self.lost]


class Handler(BaseHTTPRequestHandler):
    """Speaks S3 as far as is needed."""

    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def answer(self):
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        parts = urlsplit(self.path)
        asked = {name: one[0] for name, one in parse_qs(parts.query, keep_blank_values=True).items()}
        bucket, _, key = unquote(parts.path).lstrip("/").partition("/")
        part = asked.get("partNumber", "")
        self.server.store.seen.append((self.command, part))
        if status := self.server.store.refused.get((self.command, part)):
            code = {400: "InvalidPart", 403: "AccessDenied", 501: "NotImplemented"}[status]
            self.say(status, f"<Error><Code>{code}</Code><Key>hidden</Key></Error>")
        elif bucket != "there":
            self.say(404, "<Error><Code>NoSuchBucket</Code></Error>")
        else:
            getattr(self, self.command.lower())(key, asked, body)

    def get(self, _, asked, __):
        below = [ENTRY.format(one) for one in self.server.store.objects if one.startswith(asked["prefix"])]
        self.say(200, f"<ListBucketResult>{''.join(below)}</ListBucketResult>")

    def head(self, key, *_):
        self.say(200 if key in self.server.store.objects else 404, length=len(self.server.store.objects.get(key, b"")))

    def put(self, key, asked, body):
        if "partNumber" in asked:
            self.server.store.parts[int(asked["partNumber"])] = body
        else:
            self.server.store.keep(key, body)
        self.say(200)

    def post(self, key, asked, _):
        if "uploads" not in asked:
            self.server.store.keep(key, b"".join(data for _, data in sorted(self.server.store.parts.items())))
        self.say(200, BEGUN if "uploads" in asked else DONE)

    def delete(self, *_):
        self.server.store.parts.clear()
        self.say(204)

    do_DELETE = do_GET = do_HEAD = do_POST = do_PUT = answer  # noqa: N815

    def say(self, status, text="", length=None):
        self.send_response(status)
        self.send_header("ETag", '"e"')
        self.send_header("Last-Modified", "Sat, 21 Nov 2026 17:00:00 GMT")
        self.send_header("Content-Length", str(len(text) if length is None else length))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(text.encode())


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, store):
        super().__init__(("127.0.0.1", 0), Handler)
        self.store = store

    def handle_error(self, request, address):
        """Let clients hang up in silence."""


@pytest.fixture
def store(monkeypatch):
    """Give a store on this machine, which the environment leads to."""
    made = Store()
    server = Server(made)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    for name in ("AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT", "AWS_SESSION_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    for name, value in {
        "AWS_ACCESS_KEY_ID": "someone",
        "AWS_SECRET_ACCESS_KEY": "hidden",
        "AWS_REGION": "eu-central-1",
        "AWS_ENDPOINT_URL": f"http://127.0.0.1:{server.server_port}",
        "NO_PROXY": "127.0.0.1",
    }.items():
        monkeypatch.setenv(name, value)
    yield made
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def file(tmp_path):
    """Give a file of some bytes."""

    def made(content):
        path = tmp_path / "file.bin"
        path.write_bytes(content)
        return path

    return made


@pytest.mark.parametrize("content", [b"", b"small", LARGE], ids=["empty", "small", "in parts"])
def test_a_file_is_put_whole(store, file, content):
    url = "s3://there/a b/what?#%41.bin"

    assert size(url) is None
    assert put(file(content), url)
    assert store.objects == {"a b/what?#%41.bin": content}
    assert size(url) == len(content)


def test_what_is_there_stays_unless_it_is_to_be_replaced(store, file):
    store.objects["a"] = b"old"

    assert not put(file(b"new"), "s3://there/a")
    assert store.objects["a"] == b"old"
    assert put(file(b"new"), "s3://there/a", overwrite=True)
    assert store.objects["a"] == b"new"


def test_a_prefix_holds_what_is_below_it(store):
    store.objects["a/b"] = b"1"

    assert holds("s3://there/a")
    assert holds("s3://there/a/")
    assert not holds("s3://there/b")
    assert exists("s3://there/a/b")
    assert not exists("s3://there/a")


@pytest.mark.parametrize(("status", "error"), [(400, TransferError), (403, TargetNotWritable)])
def test_of_an_upload_that_fails_nothing_stays(store, file, status, error):
    store.refused["PUT", "2"] = status

    with pytest.raises(error, match=f"cannot be written.*{status}") as caught:
        put(file(LARGE), "s3://there/a")

    assert ("DELETE", "") in store.seen
    assert not store.objects
    assert "hidden" not in str(caught.value) + repr(caught.value)


def test_bytes_that_the_store_loses_are_noticed(store, file):
    store.lost = 1

    with pytest.raises(TransferError, match="has 4 bytes after the upload, the file has 5"):
        put(file(b"small"), "s3://there/a")


def test_a_bucket_that_is_not_there_is_said(store, file):
    with pytest.raises(TargetNotWritable, match="no such bucket"):
        put(file(b"small"), "s3://nowhere/a")
    with pytest.raises(TargetNotWritable, match="no such bucket"):
        holds("s3://nowhere")


def test_a_refusal_names_the_variables(store):
    store.refused["HEAD", ""] = 403

    with pytest.raises(TargetNotWritable, match="refuses") as caught:
        exists("s3://there/a")

    assert "AWS_SECRET_ACCESS_KEY" in caught.value.hint


def test_a_store_that_cannot_answer_is_unavailable(store):
    store.refused["HEAD", ""] = 501

    with pytest.raises(Unavailable, match="no answer"):
        exists("s3://there/a")


@pytest.mark.parametrize("url", ["s3://", "s3://a", "gs://there/a", "there/a", "s3://there@evil.example/a"])
def test_only_places_in_s3_are_taken(url, file):
    with pytest.raises(InputError, match="no place in an object store"):
        size(url)


@pytest.mark.parametrize("url", ["s3://there", "s3://there/a/", "s3://there/a/../b", "s3://there/a//b"])
def test_only_keys_that_lead_nowhere_else_are_written(store, file, url):
    with pytest.raises(InputError, match=r"names no object|is no key"):
        put(file(b"small"), url)
    assert not store.objects


def test_secrets_do_not_cross_a_network_in_clear_text(store, monkeypatch):
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://user:hidden@store.example")

    with pytest.raises(ConfigurationError, match=r"http://store\.example is not https") as caught:
        size("s3://there/a")
    assert "hidden" not in str(caught.value)


def test_without_the_library_the_extra_is_named(store, monkeypatch):
    monkeypatch.setitem(sys.modules, "obstore", None)

    with pytest.raises(MissingExtra, match="obstore") as caught:
        size("s3://there/a")
    assert "swath[s3]" in caught.value.hint
