# SPDX-License-Identifier: Apache-2.0
"""The engine under httpx, against a server that sends exactly what a test says."""

import contextlib
import gc
import gzip
import random
import socket
import ssl
import threading

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from swath._http.wire import Wire, body_of
from swath._worker import Stopped, Work, working
from swath.sandbox.certificates import make_authority

PLAIN = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"


class Script:
    """A server that answers each request by the next of `answers`; it keeps what it was asked."""

    def __init__(self):
        self.answers = []
        self.asked = []
        self.connections = 0
        self.closed_early = threading.Event()
        self._server = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._server.getsockname()[1]}/a?b=c"
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self):
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self._server.accept()
                self.connections += 1
                threading.Thread(target=self._talk, args=(connection,), daemon=True).start()

    def _talk(self, connection):
        with connection, contextlib.suppress(OSError):
            while True:
                head = b""
                while b"\r\n\r\n" not in head:
                    data = connection.recv(65536)
                    if not data:
                        return
                    head += data
                self.asked.append(head)
                answer = self.answers.pop(0) if self.answers else PLAIN
                if callable(answer):
                    answer(connection)
                    return
                pieces, ends = answer if isinstance(answer, tuple) else ([answer], False)
                for piece in pieces:
                    connection.sendall(piece)
                if ends:
                    return

    def close(self):
        self._server.close()


@pytest.fixture
def server():
    script = Script()
    yield script
    script.close()


@pytest.fixture
def wire():
    engine = Wire(ssl.create_default_context)
    yield engine
    engine.close()


def ask(wire, server, method="GET", **more):
    limits = {"connect": 5.0, "read": 5.0, "write": 5.0, "pool": None} | more.pop("limits", {})
    request = httpx.Request(method, more.pop("url", None) or server.url, extensions={"timeout": limits}, **more)
    response = wire.handle_request(request)
    response.request = request
    return response


def read(wire, server, *answers, method="GET", **more):
    server.answers[:] = answers
    response = ask(wire, server, method, **more)
    try:
        return response, response.read()
    finally:
        response.close()


# --- what is sent -----------------------------------------------------------------------------------------------------


def test_request_is_sent_in_one_piece_as_http_has_it(wire, server):
    read(wire, server, PLAIN, method="POST", headers={"X-Own": "1"}, content=b"body")

    head, _, body = server.asked[0].partition(b"\r\n\r\n")
    lines = head.split(b"\r\n")
    assert lines[0] == b"POST /a?b=c HTTP/1.1"
    assert {b"X-Own: 1", b"Content-Length: 4"} <= set(lines)
    assert sum(line.lower().startswith(b"host:") for line in lines) == 1
    assert body == b"body"


def test_body_of_unknown_length_is_sent_with_its_length(wire, server):
    read(wire, server, PLAIN, method="PUT", content=iter([b"ab", b"cd"]))

    assert b"Content-Length: 4" in server.asked[0]
    assert b"hunked" not in server.asked[0]


@pytest.mark.parametrize("value", ["a\r\nX-Evil: 1", "a\nb", "a\0b"])
def test_header_that_would_end_its_line_is_not_sent(wire, server, value):
    with pytest.raises(httpx.LocalProtocolError, match=r"(?i)x-own"):
        ask(wire, server, headers={"X-Own": value})

    assert not server.asked


def test_method_with_a_blank_is_not_sent(wire, server):
    with pytest.raises(httpx.LocalProtocolError, match="no method"):
        ask(wire, server, "GET /other HTTP/1.1\r\nX:")

    assert not server.asked


def test_other_schemes_are_refused(wire, server):
    with pytest.raises(httpx.UnsupportedProtocol, match="ftp"):
        ask(wire, server, url="ftp://127.0.0.1/a")


# --- what comes -------------------------------------------------------------------------------------------------------

CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhe\r\n3;x=y\r\nllo\r\n0\r\nTrailer: x\r\n\r\n"


@pytest.mark.parametrize(
    ("answer", "ends"),
    [
        (PLAIN, False),
        (CHUNKED, False),
        (b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nhello", True),
        (b"HTTP/1.0 200 OK\r\n\r\nhello", True),
        (b"HTTP/1.1 100 Continue\r\nX-No: 1\r\n\r\nHTTP/1.1 103 Early Hints\r\nX-No: 2\r\n\r\n" + PLAIN, False),
        (b"HTTP/1.1 200\r\ncontent-length:5 \r\n\r\nhello", False),
    ],
)
@pytest.mark.parametrize("size", [1, 7, 10_000])
def test_body_is_the_same_however_it_comes(wire, server, answer, ends, size):
    pieces = [answer[at : at + size] for at in range(0, len(answer), size)]

    response, body = read(wire, server, (pieces, ends))

    assert (response.status_code, body) == (200, b"hello")
    assert "x-no" not in response.headers
    assert "trailer" not in response.headers


@pytest.mark.parametrize("status", [b"204 No Content", b"304 Not Modified"])
def test_answers_that_have_no_body_leave_the_connection_usable(wire, server, status):
    answer = b"HTTP/1.1 " + status + b"\r\nContent-Length: 7\r\n\r\n"
    if status.startswith(b"204"):
        answer = b"HTTP/1.1 204 No Content\r\n\r\n"

    assert read(wire, server, answer)[1] == b""
    assert read(wire, server, PLAIN)[1] == b"hello"
    assert server.connections == 1


def test_answer_to_head_has_no_body_whatever_its_length_says(wire, server):
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n"

    response, body = read(wire, server, head, method="HEAD")

    assert (response.headers["content-length"], body) == ("5", b"")
    assert read(wire, server, PLAIN)[1] == b"hello"
    assert server.connections == 1


def test_encoded_bodies_are_decoded_by_httpx(wire, server):
    packed = gzip.compress(b"hello" * 100)
    answer = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n%s" % (len(packed), packed)

    assert read(wire, server, answer)[1] == b"hello" * 100


@pytest.mark.parametrize(
    ("answer", "what"),
    [
        (b"", "without sending a response"),
        (b"HTTP/1.1 200 OK\r\nContent-Le", "without sending a response"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nhello", "45 bytes before the end"),
        (b"HTTP/1.1 404 No\r\nContent-Length: 50\r\n\r\nhello", "before the answer was whole"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhel", "before the answer was whole"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nhello", "no HTTP"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello", "no HTTP"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\nhello", "no HTTP"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\nhello", "no HTTP"),
        (b"SSH-2.0-OpenSSH_9\r\n", "no HTTP"),
        (b"HTTP/1.1 101 Switching\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\nabc", "another protocol"),
        (b"HTTP/1.1 200 OK\r\nX-Long: " + b"a" * 300_000, "longer than"),
    ],
)
def test_what_is_no_whole_answer_is_a_protocol_error(wire, server, answer, what):
    with pytest.raises(httpx.RemoteProtocolError, match=what):
        read(wire, server, ([answer], True))


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.integers(0, 2000), st.binary(max_size=4)), max_size=6), st.sampled_from([PLAIN, CHUNKED]))
def test_spoiled_answers_end_in_an_answer_or_a_transport_error(wire, server, changes, answer):
    spoiled = bytearray(answer)
    for place, data in changes:
        at = place % len(spoiled)
        spoiled[at : at + len(data)] = data

    with contextlib.suppress(httpx.TransportError, httpx.DecodingError):
        _, body = read(wire, server, ([bytes(spoiled)], True))
        assert isinstance(body, bytes)


# --- connections ------------------------------------------------------------------------------------------------------


def test_connection_is_used_again_after_a_whole_body(wire, server):
    for answer in (PLAIN, CHUNKED, PLAIN):
        read(wire, server, answer)

    assert server.connections == 1


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 5\r\n\r\nhello",
        b"HTTP/1.0 200 OK\r\nContent-Length: 5\r\n\r\nhello",
        PLAIN + b"HTTP/1.1 500 Oops\r\nContent-Length: 0\r\n\r\n",
        PLAIN + b"\0\0\0",
    ],
)
def test_connection_that_cannot_be_trusted_is_not_used_again(wire, server, answer):
    assert read(wire, server, answer)[1] == b"hello"
    assert read(wire, server, PLAIN)[1] == b"hello"

    assert server.connections == 2


def test_connection_with_an_unread_body_is_closed(wire, server):
    server.answers[:] = [b"HTTP/1.1 200 OK\r\nContent-Length: 500000\r\n\r\n" + bytes(500_000)]
    ask(wire, server).close()

    assert read(wire, server, PLAIN)[1] == b"hello"
    assert server.connections == 2


def test_connection_that_the_server_closed_while_idle_is_replaced_unnoticed(wire, server):
    closed = threading.Event()

    def answer_and_close(connection):
        connection.sendall(PLAIN)
        connection.shutdown(socket.SHUT_RDWR)
        closed.set()

    assert read(wire, server, answer_and_close)[1] == b"hello"
    assert closed.wait(10)

    assert read(wire, server, PLAIN)[1] == b"hello"
    assert server.connections == 2


def test_fresh_engine_opens_one_connection_a_request(server):
    engine = Wire(ssl.create_default_context, keep=0)

    for _ in range(3):
        read(engine, server, PLAIN)

    assert server.connections == 3


def test_no_more_connections_are_kept_than_asked(server):
    engine = Wire(ssl.create_default_context, keep=2)
    responses = [ask(engine, server) for _ in range(5)]
    for response in responses:
        response.read()
        response.close()
    [ask(engine, server).read() for _ in range(1)]

    assert server.connections == 5
    engine.close()
    assert read(engine, server, PLAIN)[1] == b"hello"
    assert server.connections == 6, "nothing is kept by an engine that is closed"


def test_engine_that_is_forgotten_closes_its_connections(server):
    engine = Wire(ssl.create_default_context)
    response, _ = read(engine, server, PLAIN)
    held = response.extensions["network_stream"].get_extra_info("socket")
    assert held.fileno() >= 0

    del engine, response
    gc.collect()

    assert held.fileno() == -1


def test_nobody_listening_is_a_connect_error(wire):
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]

    with pytest.raises(httpx.ConnectError):
        ask(wire, None, url=f"http://127.0.0.1:{port}/")


def test_server_that_speaks_no_tls_is_a_connect_error(wire):
    def greet(listening):
        connection, _ = listening.accept()
        with connection:
            connection.sendall(b"220 mail.example ESMTP\r\n")
            connection.recv(1000)

    with socket.create_server(("127.0.0.1", 0)) as listening:
        threading.Thread(target=greet, args=(listening,), daemon=True).start()
        with pytest.raises(httpx.ConnectError, match=r"(?i)ssl"):
            ask(wire, None, url=f"https://127.0.0.1:{listening.getsockname()[1]}/")


def test_p48_silence_is_a_timeout(wire, server):
    server.answers[:] = [lambda connection: connection.recv(1)]

    with pytest.raises(httpx.ReadTimeout, match="timed out"):
        ask(wire, server, limits={"read": 0.05})


def test_p47_dropped_work_ends_while_the_server_is_silent(wire, server):
    work = Work()

    def fall_silent(connection):
        work.stop.set()
        connection.recv(1)

    server.answers[:] = [fall_silent]

    with working(work), pytest.raises(Stopped):
        ask(wire, server)


def test_answer_that_comes_before_the_request_was_taken_is_read(wire, server):
    def refuse(connection):
        connection.sendall(b"HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        connection.shutdown(socket.SHUT_WR)
        while connection.recv(1 << 20):
            pass

    response, _ = read(wire, server, refuse, method="POST", content=bytes(20 * 2**20))

    assert response.status_code == 413


# --- bodies past the parser ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("head", [b"Content-Length: 300000\r\n", b"Connection: close\r\n"])
@pytest.mark.parametrize("room", [1000, 100_000, 1_000_000])
def test_body_is_read_into_the_callers_buffer(wire, server, head, room):
    data = random.Random(1).randbytes(300_000)
    server.answers[:] = [([b"HTTP/1.1 200 OK\r\n" + head + b"\r\n" + data], b"close" in head)]
    response = ask(wire, server)
    body = body_of(response)
    buffer = memoryview(bytearray(room))
    found = bytearray()

    while count := body.read_into(buffer):
        found += buffer[:count]
    response.close()

    assert found == data
    assert body.read_into(buffer) == 0


def test_body_may_be_begun_in_pieces_and_ended_in_a_buffer(wire, server):
    data = random.Random(2).randbytes(300_000)
    server.answers[:] = [b"HTTP/1.1 206 Partial\r\nContent-Length: 300000\r\n\r\n" + data]
    response = ask(wire, server)
    body = body_of(response)

    found = bytearray(next(iter(body)))
    buffer = memoryview(bytearray(4096))
    while count := body.read_into(buffer):
        found += buffer[:count]

    assert found == data
    assert read(wire, server, PLAIN)[1] == b"hello"
    assert server.connections == 1


# --- TLS ----------------------------------------------------------------------------------------------------------------


@pytest.fixture
def secure():
    """Run a TLS server that gives what a test puts into `answer`: pieces, and events to wait for between them."""
    authority = make_authority(["127.0.0.1"])
    answer = []

    def serve(listening):
        with contextlib.suppress(OSError):
            while True:
                plain, _ = listening.accept()
                with authority.context.wrap_socket(plain, server_side=True) as connection:
                    connection.recv(65536)
                    for piece in answer:
                        if isinstance(piece, threading.Event):
                            piece.wait(30)
                        else:
                            connection.sendall(piece)

    with socket.create_server(("127.0.0.1", 0)) as listening:
        threading.Thread(target=serve, args=(listening,), daemon=True).start()
        trusted = ssl.create_default_context(cadata=authority.pem.decode())
        engine = Wire(lambda: trusted)
        yield engine, f"https://127.0.0.1:{listening.getsockname()[1]}/", answer
        engine.close()


def test_body_over_tls_is_read_into_large_buffers(secure):
    engine, url, answer = secure
    data = random.Random(3).randbytes(700_000)
    answer[:] = [b"HTTP/1.1 200 OK\r\nContent-Length: 700000\r\n\r\n" + data]
    body = body_of(ask(engine, None, url=url))
    buffer = memoryview(bytearray(256 * 1024))
    found = bytearray()

    while count := body.read_into(buffer):
        found += buffer[:count]

    assert found == data


def test_p48_what_has_come_over_tls_is_given_before_the_next_comes(secure):
    engine, url, answer = secure
    go_on = threading.Event()
    answer[:] = [b"HTTP/1.1 200 OK\r\nContent-Length: 60000\r\n\r\n", b"a" * 40_000, go_on, b"b" * 20_000]
    body = body_of(ask(engine, None, url=url))
    buffer = memoryview(bytearray(256 * 1024))
    found = bytearray()

    while len(found) < 40_000:
        found += buffer[: body.read_into(buffer)]
    go_on.set()
    while count := body.read_into(buffer):
        found += buffer[:count]

    assert found == b"a" * 40_000 + b"b" * 20_000


def test_certificate_of_an_unknown_authority_is_a_connect_error(secure):
    _, url, _ = secure

    with pytest.raises(httpx.ConnectError, match=r"(?i)certificate"):
        ask(Wire(ssl.create_default_context), None, url=url)
