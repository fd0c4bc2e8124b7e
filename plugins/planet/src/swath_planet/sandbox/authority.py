# SPDX-License-Identifier: Apache-2.0
"""The stand-in's authorisation server: OpenID Connect discovery, all grants, rotation, and the pages of a sign-in.

It answers below ``/auth/`` of the stand-in, and at the paths of Planet's own authorities, for programs that come by the
proxy. Any client id may sign a person in; one that begins with ``sandbox-auto`` needs no person.
"""

from __future__ import annotations

import base64
import html
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import parse_qs, unquote_plus, urlencode, urlsplit

from attrs import frozen
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from swath.sandbox import World
from swath_planet.sandbox.grants import Denied, Grants
from swath_planet.sandbox.signatures import jwks

__all__ = ["Authority"]

_REALM = "/auth/realms/main"
_DEVICE = "urn:ietf:params:oauth:grant-type:device_code"
_PAGE = (
    '<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>Sandbox sign-in</title></head>'
    '<body style="font-family:sans-serif;margin:4em"><h1>{title}</h1>{body}</body></html>'
)


@frozen(kw_only=True)
class _Asked:
    """One request, its form and query read."""

    request: Request
    prefix: str
    form: Mapping[str, str]

    @property
    def issuer(self) -> str:
        """Who this server is, at the host that the client used."""
        url = self.request.url
        return f"{url.scheme}://{url.netloc}{self.prefix}" + ("" if self.prefix == _REALM else "/")

    @property
    def client(self) -> tuple[str, str]:
        """Client id and secret, from the form or the header."""
        scheme, _, value = self.request.headers.get("authorization", "").partition(" ")
        if scheme.lower() == "basic":
            try:
                name, _, secret = base64.b64decode(value).decode().partition(":")
            except ValueError:
                raise Denied("invalid_client", "The header Authorization is not understood", 401) from None
            return unquote_plus(name), unquote_plus(secret)
        return self.form.get("client_id", ""), self.form.get("client_secret", "")

    def url(self, path: str) -> str:
        """Give the absolute URL of an endpoint."""
        return self.issuer.rstrip("/") + path


class Authority:
    """Serves an authorisation server.

    Args:
        world: Its clock ends tokens.
        grants: What was granted.
    """

    def __init__(self, world: World, grants: Grants) -> None:
        self._world = world
        self._grants = grants

    def routes(self) -> list[Route]:
        """Give the routes, below each place where clients look for them."""
        made = []
        for prefix in ("/auth", _REALM, ""):
            for method, path, answer in self._table():
                made.append(Route(f"{prefix}{path}", self._endpoint(prefix, answer), methods=[method]))
        return made

    def _table(self) -> tuple[tuple[str, str, Callable[[_Asked], Response]], ...]:
        tokens = ("/oauth/token", "/protocol/openid-connect/token")
        return (
            ("GET", "/.well-known/openid-configuration", self._discovery),
            ("GET", "/.well-known/jwks.json", self._keys),
            ("GET", "/authorize", self._authorize),
            ("POST", "/authorize", self._consent),
            ("POST", "/oauth/device/code", self._device),
            ("GET", "/activate", self._activate),
            ("POST", "/activate", self._approve),
            *(("POST", path, self._token) for path in tokens),
            ("POST", "/oauth/revoke", self._revoke),
            ("POST", "/oauth/introspect", self._introspect),
            ("GET", "/userinfo", self._userinfo),
        )

    @staticmethod
    def _endpoint(prefix: str, answer: Callable[[_Asked], Response]) -> Callable[[Request], Any]:
        async def route(request: Request) -> Response:
            raw = (await request.body()).decode("utf-8", "replace") if request.method == "POST" else request.url.query
            form = {name: values[-1] for name, values in parse_qs(raw, keep_blank_values=True).items()}
            try:
                return await run_in_threadpool(answer, _Asked(request=request, prefix=prefix, form=form))
            except Denied as denied:
                body = {"error": denied.code, "error_description": denied.text}
                return JSONResponse(body, status_code=denied.status, headers={"Cache-Control": "no-store"})

        return route

    # --- about the server -------------------------------------------------------------------------------------------

    @staticmethod
    def _discovery(asked: _Asked) -> Response:
        token = "/protocol/openid-connect/token" if asked.prefix == _REALM else "/oauth/token"
        return JSONResponse(
            {
                "issuer": asked.issuer,
                "authorization_endpoint": asked.url("/authorize"),
                "token_endpoint": asked.url(token),
                "device_authorization_endpoint": asked.url("/oauth/device/code"),
                "userinfo_endpoint": asked.url("/userinfo"),
                "jwks_uri": asked.url("/.well-known/jwks.json"),
                "revocation_endpoint": asked.url("/oauth/revoke"),
                "introspection_endpoint": asked.url("/oauth/introspect"),
                "scopes_supported": ["planet", "offline_access", "openid", "profile", "email"],
                "response_types_supported": ["code"],
                "grant_types_supported": ["authorization_code", "client_credentials", "refresh_token", _DEVICE],
                "code_challenge_methods_supported": ["S256"],
                "token_endpoint_auth_methods_supported": ["none", "client_secret_post", "client_secret_basic"],
                "subject_types_supported": ["public"],
                "id_token_signing_alg_values_supported": ["RS256"],
            }
        )

    @staticmethod
    def _keys(_: _Asked) -> Response:
        return JSONResponse(jwks())

    # --- a person at a browser --------------------------------------------------------------------------------------

    def _authorize(self, asked: _Asked) -> Response:
        form = asked.form
        back = urlsplit(form.get("redirect_uri", ""))
        if back.hostname not in {"127.0.0.1", "localhost"} or not form.get("client_id"):
            return HTMLResponse(_PAGE.format(title="Not understood", body="Wrong redirect_uri."), status_code=400)
        if form.get("response_type") != "code" or form.get("code_challenge_method") != "S256":
            return _back(form, {"error": "invalid_request", "error_description": "code with S256 only"})
        if form["client_id"].startswith("sandbox-auto"):
            return self._grant_code(form)
        hidden = "".join(
            f'<input type="hidden" name="{html.escape(name)}" value="{html.escape(value)}">'
            for name, value in form.items()
        )
        buttons = '<button name="answer" value="yes">Allow</button> <button name="answer" value="no">Refuse</button>'
        body = f'<form method="post">{hidden}{_ACCOUNTS}{buttons}</form>'
        return HTMLResponse(_PAGE.format(title="Allow access to the sandbox?", body=body))

    def _consent(self, asked: _Asked) -> Response:
        if asked.form.get("answer") != "yes":
            return _back(asked.form, {"error": "access_denied", "error_description": "The person said no."})
        return self._grant_code(asked.form)

    def _grant_code(self, form: Mapping[str, str]) -> Response:
        code = self._grants.code(
            client_id=form["client_id"],
            redirect_uri=form["redirect_uri"],
            challenge=form.get("code_challenge", ""),
            scope=form.get("scope", ""),
            audience=form.get("audience", ""),
            user=form.get("account", "full"),
        )
        return _back(form, {"code": code})

    # --- a code on another device -----------------------------------------------------------------------------------

    def _device(self, asked: _Asked) -> Response:
        client_id, _ = asked.client
        if not client_id:
            raise Denied("invalid_request", "client_id is missing")
        begun = self._grants.device(client_id, asked.form.get("scope", ""), asked.form.get("audience", ""))
        page = asked.url("/activate")
        return JSONResponse(
            {
                "device_code": begun.device_code,
                "user_code": begun.user_code,
                "verification_uri": page,
                "verification_uri_complete": f"{page}?{urlencode({'user_code': begun.user_code})}",
                "expires_in": int(begun.life_s),
                "interval": 1,
            }
        )

    @staticmethod
    def _activate(asked: _Asked) -> Response:
        code = html.escape(asked.form.get("user_code", ""))
        buttons = '<button name="answer" value="yes">Approve</button> <button name="answer" value="no">Refuse</button>'
        body = f'<form method="post"><input name="user_code" value="{code}">{_ACCOUNTS}{buttons}</form>'
        return HTMLResponse(_PAGE.format(title="Approve a device?", body=body))

    def _approve(self, asked: _Asked) -> Response:
        form = asked.form
        known = self._grants.answer_device(
            form.get("user_code", ""), yes=form.get("answer", "yes") == "yes", user=form.get("account", "full")
        )
        title = "Done" if known else "This code is not known, or too old"
        return HTMLResponse(
            _PAGE.format(title=title, body="You can close this window."), status_code=200 if known else 404
        )

    # --- tokens -----------------------------------------------------------------------------------------------------

    def _token(self, asked: _Asked) -> Response:
        form, grants, issuer = asked.form, self._grants, asked.issuer
        client_id, secret = asked.client
        match form.get("grant_type"):
            case "client_credentials":
                answer = grants.machine(issuer, client_id, secret, form.get("scope", ""), form.get("audience", ""))
            case "authorization_code":
                answer = grants.redeem_code(
                    issuer, client_id, form.get("code", ""), form.get("code_verifier", ""), form.get("redirect_uri", "")
                )
            case "refresh_token":
                answer = grants.renew(issuer, client_id, form.get("refresh_token", ""))
            case grant if grant == _DEVICE:
                answer = grants.redeem_device(issuer, client_id, form.get("device_code", ""))
            case other:
                raise Denied("unsupported_grant_type", f"{other!r} is not supported")
        return JSONResponse(answer, headers={"Cache-Control": "no-store"})

    def _revoke(self, asked: _Asked) -> Response:
        self._grants.revoke(asked.form.get("token", ""))
        return Response(status_code=200)

    def _introspect(self, asked: _Asked) -> Response:
        return JSONResponse(self._grants.describe(asked.form.get("token", "")))

    def _userinfo(self, asked: _Asked) -> Response:
        scheme, _, token = asked.request.headers.get("authorization", "").partition(" ")
        claims = self._grants.describe(token.strip()) if scheme.lower() == "bearer" else {"active": False}
        if not claims["active"]:
            raise Denied("invalid_token", "The token is not valid", 401)
        return JSONResponse({"sub": claims["sub"], "email": f"{claims['sub']}@sandbox.example", "name": "Sandbox"})


_ACCOUNTS = (
    '<p><select name="account"><option value="full">may do everything</option>'
    '<option value="viewer">may search only</option></select></p>'
)


def _back(form: Mapping[str, str], answer: Mapping[str, str]) -> Response:
    """Send the browser back to the program."""
    target = form["redirect_uri"]
    query = urlencode({**answer, "state": form.get("state", "")})
    return RedirectResponse(f"{target}{'&' if '?' in target else '?'}{query}", status_code=302)
