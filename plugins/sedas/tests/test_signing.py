# SPDX-License-Identifier: Apache-2.0
import httpx
import pytest

from swath.errors import InvalidCredentials, Rejected, UnexpectedResponse
from swath_sedas.signing import is_stale

SEARCH = "https://sedas.test/api/sensors/satellites"


def test_p17_one_login_serves_many_calls(service, account):
    context = account()

    for _ in range(8):
        context.http.request("GET", SEARCH)

    assert service.logins == 1


def test_login_sends_the_documented_body_unsigned(service, account):
    context = account()

    context.http.request("GET", SEARCH)
    login = context.http.sent[1][1]

    assert str(login.url) == "https://sedas.test/api/authentication"
    assert "authorization" not in login.headers
    assert login.read() == b'{"username":"alice","password":"correct horse"}'


def test_p16_a_dead_token_is_replaced_once(service, account):
    context = account()
    context.http.request("GET", SEARCH)
    service.valid.clear()

    assert context.http.request("GET", SEARCH).status_code == 200
    assert service.logins == 2


@pytest.mark.parametrize("answer", [(400, {"message": "User token does not exist"}), (403, {"message": "no"})])
def test_p16_other_words_for_a_dead_token_are_understood(service, account, answer):
    state = {"answers": [answer]}

    def handler(request):
        if request.url.path.endswith("/satellites") and state["answers"]:
            status, body = state["answers"].pop()
            return httpx.Response(status, json=body)
        return service(request)

    assert account(handler).http.request("GET", SEARCH).status_code == 200
    assert service.logins == 2


def test_a_second_refusal_is_an_error(service, account):
    service.answers["/sensors/satellites"] = (401, {"message": "no"})

    with pytest.raises(InvalidCredentials):
        account().http.request("GET", SEARCH)
    assert service.logins == 2


def test_a_bad_request_is_not_taken_for_a_dead_token(service, account):
    service.answers["/sensors/satellites"] = (400, {"message": "bad WKT"})

    with pytest.raises(Rejected):
        account().http.request("GET", SEARCH)
    assert service.logins == 1


def test_is_stale_reads_a_streamed_body():
    def body():
        yield b"User token does not exist"

    assert is_stale(httpx.Response(400, content=body()))


def test_p30_refused_login_names_user_and_sources_but_not_the_password(service, account):
    with pytest.raises(InvalidCredentials, match="'alice'") as caught:
        account(password="wr0ng-canary").http.request("GET", SEARCH)

    assert "argument" in caught.value.hint
    assert "wr0ng-canary" not in str(caught.value)
    assert caught.value.status_code == 401


@pytest.mark.parametrize("content", [b"<html>login</html>", b'{"validUntil": "2030-01-01T00:00:00Z"}'])
def test_login_answer_of_another_form_is_an_error(account, content):
    def handler(_):
        return httpx.Response(200, content=content)

    with pytest.raises(UnexpectedResponse, match="login"):
        account(handler).http.request("GET", SEARCH)


def test_login_address_can_be_set(service, account):
    urls = []

    def handler(request):
        urls.append(str(request.url))
        return service(request)

    account(handler, authentication_url="https://login.test/api/authentication").http.request("GET", SEARCH)

    assert urls[0] == "https://login.test/api/authentication"
