"""A sample application: one button that signs in through an OpenID Provider, and a page that shows who came.

Run it with::

    python -m jitney.testing.sample_application --port 9002 --issuer URL --client-id ID --client-secret SECRET

Its redirect URI is ``ADDRESS/callback`` and its address after the logout ``ADDRESS/signed-out``.
It uses discovery, authorization code with PKCE S256, state and nonce, UserInfo, and RP-initiated logout.
Sessions are kept in memory; it is for demonstrations and tests.
"""

import argparse
import asyncio
import base64
import hashlib
import hmac
import json
import secrets
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from html import escape
from typing import Any, Self
from urllib.parse import quote_plus, urlencode

import aiohttp
import uvloop
from aiohttp import web
from joserfc import jwk, jwt
from joserfc.errors import JoseError

_COOKIE = "sample_application"
_SKEW_SECONDS = 60
_STYLE = """
body { font: 17px/1.5 system-ui, sans-serif; background: #f3f1ec; color: #22201a; margin: 0 }
main { max-width: 40rem; margin: 8vh auto; padding: 2rem; background: #fff; border-radius: 12px;
       box-shadow: 0 2px 14px #0002 }
h1 { margin-top: 0; font-size: 1.6rem }
a.button { display: inline-block; padding: .7rem 1.4rem; margin: .4rem .6rem .4rem 0; border-radius: 8px;
           background: #2b4c8c; color: #fff; text-decoration: none }
a.quiet { background: #e4e0d6; color: #22201a }
table { border-collapse: collapse; width: 100% }
th, td { text-align: left; padding: .4rem .6rem; border-bottom: 1px solid #e4e0d6; vertical-align: top;
         overflow-wrap: anywhere }
main { box-sizing: border-box } th { white-space: nowrap }
@media (max-width: 34rem) { main { padding: 1.2rem } th, td { display: block; padding-inline: 0 }
                            th { border: 0; padding-bottom: 0 } td { padding-top: 0 } }
"""


class SignInFailedError(Exception):
    """The sign-in did not succeed; the text may be shown, escaped."""


_FAULTS = (SignInFailedError, aiohttp.ClientError, TimeoutError, ValueError, LookupError, TypeError)
"""Refusals, silence, and answers that cannot be read."""


@dataclass
class Visit:
    """What the application knows about one browser: a sign-in under way, or who is signed in."""

    state: str = ""
    nonce: str = ""
    verifier: str = ""
    claims: dict[str, Any] = field(default_factory=dict[str, Any])
    id_token: str = ""


@dataclass
class OpenIDClient:
    """The plain protocol of a confidential client (OIDC Core 3.1), without a library for it."""

    issuer: str
    client_id: str
    client_secret: str
    redirect_uri: str
    scope: str = "openid profile email address phone roles"
    http: aiohttp.ClientSession | None = None

    async def _get_json(self, url: str, **headers: str) -> dict[str, Any]:
        if self.http is None:
            raise SignInFailedError("The application is not started.")
        async with self.http.get(url, headers=headers, allow_redirects=False) as response:
            if response.status != 200:
                raise SignInFailedError(f"{url} answered with status {response.status}.")
            return await response.json()

    async def discover(self) -> dict[str, Any]:
        """The provider's metadata; its issuer must be ours (OIDC Discovery 4.3)."""
        metadata = await self._get_json(f"{self.issuer}/.well-known/openid-configuration")
        if metadata.get("issuer") != self.issuer:
            raise SignInFailedError("The discovery document is about another issuer.")
        return metadata

    async def begin(self, visit: Visit, **extra: str) -> str:
        """The address to send the browser to; keeps state, nonce and verifier in the visit."""
        visit.state, visit.nonce = secrets.token_urlsafe(24), secrets.token_urlsafe(24)
        visit.verifier = secrets.token_urlsafe(48)
        digest = hashlib.sha256(visit.verifier.encode()).digest()
        parameters = {
            "response_type": "code",
            "client_id": self.client_id,
            "redirect_uri": self.redirect_uri,
            "scope": self.scope,
            "state": visit.state,
            "nonce": visit.nonce,
            "code_challenge": base64.urlsafe_b64encode(digest).rstrip(b"=").decode(),
            "code_challenge_method": "S256",
            **extra,
        }
        metadata = await self.discover()
        return f"{metadata['authorization_endpoint']}?{urlencode(parameters)}"

    async def complete(self, visit: Visit, unverified_response: dict[str, str]) -> None:
        """Redeem the code and keep the claims in the visit; raises ``SignInFailedError``."""
        sent, visit.state = visit.state, ""
        if not sent or not hmac.compare_digest(sent, unverified_response.get("state", "")):
            raise SignInFailedError(
                "This answer belongs to no sign-in of this browser. Please sign in again."
            )
        if unverified_response.get("iss", self.issuer) != self.issuer:
            raise SignInFailedError("The answer comes from another provider.")
        if "error" in unverified_response:
            reason = unverified_response.get("error_description", "")[:300]
            raise SignInFailedError(f"The provider refused: {unverified_response['error'][:60]}. {reason}")
        metadata = await self.discover()
        tokens = await self._redeem(metadata, unverified_response.get("code", ""), visit.verifier)
        claims = await self._verify_id_token(metadata, tokens.get("id_token", ""), visit.nonce)
        bearer = f"Bearer {tokens.get('access_token')}"
        userinfo = await self._get_json(metadata["userinfo_endpoint"], Authorization=bearer)
        if userinfo.get("sub") != claims["sub"]:
            raise SignInFailedError("UserInfo is about somebody else.")
        visit.claims, visit.id_token = claims | userinfo, tokens["id_token"]

    async def _redeem(self, metadata: dict[str, Any], code: str, verifier: str) -> dict[str, Any]:
        if self.http is None:
            raise SignInFailedError("The application is not started.")
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self.redirect_uri,
            "code_verifier": verifier,
        }
        joined = f"{quote_plus(self.client_id)}:{quote_plus(self.client_secret)}"
        basic = {"Authorization": f"Basic {base64.b64encode(joined.encode()).decode()}"}
        async with self.http.post(metadata["token_endpoint"], data=form, headers=basic) as response:
            if response.status != 200:
                raise SignInFailedError(f"The token endpoint answered with status {response.status}.")
            return await response.json()

    async def _verify_id_token(self, metadata: dict[str, Any], id_token: str, nonce: str) -> dict[str, Any]:
        """Signature, issuer, audience, times, nonce (OIDC Core 3.1.3.7)."""
        key_set = await self._get_json(metadata["jwks_uri"])
        keys = jwk.KeySet.import_key_set({"keys": key_set["keys"]})
        try:
            claims = jwt.decode(id_token, keys, algorithms=["ES256", "RS256"]).claims
            jwt.JWTClaimsRegistry(
                leeway=_SKEW_SECONDS,
                now=int(time.time()),
                iss={"essential": True, "value": self.issuer},
                aud={"essential": True, "value": self.client_id},
                exp={"essential": True},
                iat={"essential": True},
                sub={"essential": True},
                nonce={"essential": True, "value": nonce},
            ).validate(claims)
        except (JoseError, ValueError) as fault:
            raise SignInFailedError(f"The ID token is not acceptable: {type(fault).__name__}.") from fault
        return claims


class SampleApplication:
    """The application as a server; ``address`` is where browsers reach it, known after ``start``."""

    def __init__(self, issuer: str, client_id: str, client_secret: str, *, address: str = "") -> None:
        self.address = address
        self.client = OpenIDClient(issuer.rstrip("/"), client_id, client_secret, "")
        self._visits: dict[str, Visit] = {}
        self._runner: web.AppRunner | None = None

    async def start(self, port: int = 0, host: str = "127.0.0.1") -> None:
        """Begin to listen; port 0 takes a free one."""
        application = web.Application()
        application.add_routes(
            [
                web.get("/", self.home),
                web.get("/sign-in", self.sign_in),
                web.get("/callback", self.callback),
                web.get("/sign-out", self.sign_out),
                web.get("/signed-out", self.signed_out),
            ]
        )
        self._runner = web.AppRunner(application, access_log=None, shutdown_timeout=1.0)
        await self._runner.setup()
        await web.TCPSite(self._runner, host, port).start()
        self.address = self.address or f"http://{host}:{self._runner.addresses[0][1]}"
        self.client.redirect_uri = f"{self.address}/callback"
        self.client.http = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=10))

    async def stop(self) -> None:
        """Stop listening."""
        if self.client.http:
            await self.client.http.close()
        if self._runner:
            await self._runner.cleanup()

    async def __aenter__(self) -> Self:
        """Start on a free port."""
        await self.start()
        return self

    async def __aexit__(self, *fault: object) -> None:
        """Stop."""
        await self.stop()

    def _visit(self, request: web.Request) -> Visit:
        return self._visits.get(request.cookies.get(_COOKIE, ""), Visit())

    async def home(self, request: web.Request) -> web.Response:
        """The claims of who is signed in, or the button."""
        visit = self._visit(request)
        if not visit.claims:
            text = "<p>You are not signed in.</p><a class=button href=/sign-in>Sign in</a>"
            return _page("Sample application", text)
        rows = "".join(
            f"<tr><th>{escape(name)}</th><td>{escape(_shown(value))}</td></tr>"
            for name, value in sorted(visit.claims.items())
        )
        who = escape(str(visit.claims.get("name") or visit.claims["sub"]))
        return _page(
            "Sample application",
            f"<p>Welcome, <strong>{who}</strong>. This is what the application learned about you:</p>"
            f"<table>{rows}</table><p><a class='button' href='/sign-out'>Sign out</a>"
            "<a class='button quiet' href='/sign-in'>Sign in again</a></p>",
        )

    async def sign_in(self, request: web.Request) -> web.Response:
        """Send the browser to the provider; the query (``prompt``, ``login_hint``) is passed on."""
        handle, visit = secrets.token_urlsafe(24), Visit()
        try:
            location = await self.client.begin(visit, **dict(request.query))
        except _FAULTS as fault:
            return _failure(fault)
        self._visits.pop(request.cookies.get(_COOKIE, ""), None)
        self._visits[handle] = visit
        answer = web.Response(status=303, headers={"Location": location})
        answer.set_cookie(_COOKIE, handle, httponly=True, samesite="Lax")
        return answer

    async def callback(self, request: web.Request) -> web.Response:
        """The provider's answer."""
        try:
            await self.client.complete(self._visit(request), dict(request.query))
        except _FAULTS as fault:
            return _failure(fault)
        return web.Response(status=303, headers={"Location": "/"})

    async def sign_out(self, request: web.Request) -> web.Response:
        """End the session here, then at the provider (OIDC RP-Initiated Logout 2)."""
        visit = self._visits.pop(request.cookies.get(_COOKIE, ""), Visit())
        location = f"{self.address}/signed-out"
        if visit.id_token:
            metadata = await self.client.discover()
            parameters = {"id_token_hint": visit.id_token, "post_logout_redirect_uri": location}
            location = f"{metadata['end_session_endpoint']}?{urlencode(parameters)}"
        answer = web.Response(status=303, headers={"Location": location})
        answer.del_cookie(_COOKIE)
        return answer

    async def signed_out(self, _request: web.Request) -> web.Response:
        """The last page."""
        return _page(
            "Signed out", "<p>You are signed out.</p><a class=button href=/sign-in>Sign in again</a>"
        )


def _shown(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _failure(fault: Exception) -> web.Response:
    sentence = (
        str(fault)
        if isinstance(fault, SignInFailedError)
        else "The provider does not answer, or not understandably."
    )
    again = "<a class=button href=/sign-in>Sign in again</a>"
    return _page("Sign-in failed", f"<p>{escape(sentence)}</p>{again}", status=400)


def _page(title: str, body: str, *, status: int = 200) -> web.Response:
    text = (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title>'
        f'<meta name="viewport" content="width=device-width, initial-scale=1"><style>{_STYLE}</style></head>'
        f"<body><main><h1>{escape(title)}</h1>{body}</main></body></html>"
    )
    headers = {"Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'"}
    return web.Response(text=text, status=status, content_type="text/html", headers=headers)


def parse_arguments(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m jitney.testing.sample_application")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    parser.add_argument("--address", default="", help="where browsers reach it; default http://HOST:PORT")
    parser.add_argument("--issuer", required=True)
    parser.add_argument("--client-id", required=True)
    parser.add_argument("--client-secret", required=True)
    return parser.parse_args(arguments)


async def serve(options: argparse.Namespace) -> None:
    """Serve until cancelled; the first line on standard output says that the application is ready."""
    application = SampleApplication(
        options.issuer, options.client_id, options.client_secret, address=options.address
    )
    await application.start(options.port, options.host)
    print(f"sample application ready at {application.address}", flush=True)
    try:
        await asyncio.Event().wait()
    finally:
        await application.stop()


def main() -> None:
    """Run as a process until interrupted."""
    try:
        uvloop.run(serve(parse_arguments()))
    except KeyboardInterrupt:
        return


if __name__ == "__main__":
    main()
