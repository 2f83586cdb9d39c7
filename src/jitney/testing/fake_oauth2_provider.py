"""A fake provider of plain OAuth 2.0, honest by default, that can be told to be any provider and to lie.

In a test::

    async with FakeOAuth2Provider("jitney", "a-secret", REDIRECT_URI) as provider:
        provider.habits.userinfo = {"id": 42, "login": "ada"}
        provider.lie_next(OAuth2Lie.SUBJECT_TRUE)    # in the next sign-in only
        ...                                          # sign in at provider.authorization_endpoint

It follows RFC 6749, RFC 6750 and RFC 7636, and asks nobody for a password.
"""

import base64
import hashlib
import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self
from urllib.parse import unquote_plus, urlencode

from aiohttp import web

from jitney.testing.fake_oauth2.answers import answer, as_json, respond
from jitney.testing.fake_oauth2.lies import OAuth2Lie, Place, lies_about

__all__ = ["FakeOAuth2Provider", "Habits", "OAuth2Lie", "Place", "Received", "lies_about"]


@dataclass(slots=True)
class Habits:
    """How the provider behaves; each field may be changed while it runs.

    ``userinfo`` and ``emails`` are what these two endpoints answer.
    ``requires_pkce``: refuse a request without ``code_challenge``; ``breaks_on_pkce``: refuse one with it.
    ``requires_proof``: refuse a user-info call without the right ``appsecret_proof`` (Facebook).
    ``token_type`` is left out of the token answer where it is ``None``; ``issuer`` is sent as ``iss``.
    """

    userinfo: dict[str, Any] = field(default_factory=lambda: {"id": 42, "login": "ada", "name": "Ada Alder"})
    emails: Any = field(default_factory=list[Any])
    requires_pkce: bool = True
    breaks_on_pkce: bool = False
    requires_proof: bool = False
    token_type: str | None = "bearer"
    issuer: str | None = None


@dataclass(slots=True)
class Received:
    """What was received, oldest first; a token never is among the queries."""

    requests: list[dict[str, str]] = field(default_factory=list[dict[str, str]])
    token_forms: list[dict[str, str]] = field(default_factory=list[dict[str, str]])
    token_accepts: list[str] = field(default_factory=list[str])
    auth_methods: list[str] = field(default_factory=list[str])
    userinfo_queries: list[dict[str, str]] = field(default_factory=list[dict[str, str]])
    email_calls: int = 0


@dataclass(frozen=True, slots=True)
class _Grant:
    redirect_uri: str
    challenge: str | None
    lies: tuple[OAuth2Lie, ...]


class FakeOAuth2Provider:
    """A provider on a loopback port, with one client; ``client_secret`` is ``None`` for a public one."""

    def __init__(self, client_id: str, client_secret: str | None, redirect_uri: str) -> None:
        self.client_id = client_id
        self.client_secret = client_secret
        self.redirect_uri = redirect_uri
        self.habits = Habits()
        self.received = Received()
        self.base = ""
        self._upcoming: list[OAuth2Lie] = []
        self._codes: dict[str, _Grant] = {}
        self._tokens: dict[str, _Grant] = {}
        self._runner: web.AppRunner | None = None

    @property
    def authorization_endpoint(self) -> str:
        """Where browsers go; it has a query of its own."""
        return f"{self.base}/authorize?version=2"

    @property
    def token_endpoint(self) -> str:
        """Where codes are redeemed."""
        return f"{self.base}/token"

    @property
    def userinfo_endpoint(self) -> str:
        """Where a token tells whose it is."""
        return f"{self.base}/me"

    @property
    def emails_endpoint(self) -> str:
        """Where a token tells its owner's addresses."""
        return f"{self.base}/me/emails"

    def lie_next(self, *lies: OAuth2Lie) -> None:
        """Tell these lies in the sign-in that begins next and in no other."""
        self._upcoming.extend(lies)

    async def __aenter__(self) -> Self:
        """Start on a free port."""
        application = web.Application()
        application.add_routes(
            [
                web.get("/authorize", self._authorize),
                web.post("/token", self._token),
                web.get("/me", self._me),
                web.get("/me/emails", self._my_emails),
            ]
        )
        self._runner = web.AppRunner(application, access_log=None, shutdown_timeout=1.0)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.base = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        return self

    async def __aexit__(self, *fault: object) -> None:
        """Stop."""
        if self._runner is not None:
            await self._runner.cleanup()

    async def _authorize(self, request: web.Request) -> web.Response:
        """RFC 6749 4.1.1: everybody agrees at once."""
        sent = dict(request.query)
        self.received.requests.append(sent)
        if (sent.get("client_id"), sent.get("redirect_uri")) != (self.client_id, self.redirect_uri):
            return web.Response(status=400, text="unknown client or redirect URI")
        challenge = sent.get("code_challenge")
        is_wrong = self.habits.requires_pkce if challenge is None else self.habits.breaks_on_pkce
        if is_wrong or sent.get("response_type") != "code":
            return self._send_back({"error": "invalid_request", "state": sent["state"]})
        grant = _Grant(sent["redirect_uri"], challenge, tuple(self._upcoming))
        self._upcoming.clear()
        code = secrets.token_urlsafe(24)
        self._codes[code] = grant
        issuer = {"iss": self.habits.issuer} if self.habits.issuer else {}
        return self._send_back(respond({"code": code, "state": sent["state"], **issuer}, grant.lies))

    def _send_back(self, parameters: Mapping[str, str]) -> web.Response:
        location = f"{self.redirect_uri}?{urlencode(parameters)}"
        return web.Response(status=302, headers={"Location": location})

    async def _token(self, request: web.Request) -> web.Response:
        """RFC 6749 4.1.3."""
        form = {name: str(value) for name, value in (await request.post()).items()}
        method = self._method_of(request.headers.get("Authorization"), form)
        self.received.token_forms.append(form)
        self.received.token_accepts.append(request.headers.get("Accept", ""))
        self.received.auth_methods.append(method)
        if not method:
            return as_json({"error": "invalid_client"}, status=401)
        grant = self._codes.pop(form.get("code", ""), None)
        if grant is None or not _fits(grant, form):
            return as_json({"error": "invalid_grant"}, status=400)
        token = secrets.token_urlsafe(24)
        self._tokens[token] = grant
        kind = {"token_type": self.habits.token_type} if self.habits.token_type is not None else {}
        lies = [lie for lie in grant.lies if lie.place is Place.TOKEN_ENDPOINT]
        return answer({"access_token": token, "scope": "", **kind}, lies)

    def _method_of(self, authorization: str | None, form: Mapping[str, str]) -> str:
        """How the client proved itself; empty where it did not, or did so in two ways (RFC 6749 2.3)."""
        if self.client_secret is None:
            is_public = authorization is None and "client_secret" not in form
            return "public" if is_public and form.get("client_id") == self.client_id else ""
        if authorization is not None:
            sent = base64.b64decode(authorization.removeprefix("Basic ")).decode().partition(":")
            is_right = (unquote_plus(sent[0]), unquote_plus(sent[2])) == (self.client_id, self.client_secret)
            return "client_secret_basic" if is_right and "client_secret" not in form else ""
        is_right = (form.get("client_id"), form.get("client_secret")) == (self.client_id, self.client_secret)
        return "client_secret_post" if is_right else ""

    async def _me(self, request: web.Request) -> web.Response:
        grant, token = self._grant_of(request)
        query = dict(request.query)
        self.received.userinfo_queries.append(query)
        if grant is None or (
            self.habits.requires_proof and query.get("appsecret_proof") != self._proof(token)
        ):
            return as_json({"message": "Bad credentials"}, status=401)
        return answer(self.habits.userinfo, [lie for lie in grant.lies if lie.place is Place.USERINFO])

    async def _my_emails(self, request: web.Request) -> web.Response:
        grant, _ = self._grant_of(request)
        self.received.email_calls += 1
        if grant is None:
            return as_json({"message": "Bad credentials"}, status=401)
        return answer(self.habits.emails, [lie for lie in grant.lies if lie.place is Place.EMAILS])

    def _grant_of(self, request: web.Request) -> tuple[_Grant | None, str]:
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        return (self._tokens.get(token) if scheme == "Bearer" else None), token

    def _proof(self, token: str) -> str:
        return hmac.new((self.client_secret or "").encode(), token.encode(), hashlib.sha256).hexdigest()


def _fits(grant: _Grant, form: Mapping[str, str]) -> bool:
    """A code belongs to its redirect URI (RFC 6749 4.1.3) and to its verifier (RFC 7636 4.6)."""
    if form.get("redirect_uri") != grant.redirect_uri or form.get("grant_type") != "authorization_code":
        return False
    if grant.challenge is None:
        return "code_verifier" not in form
    digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode() == grant.challenge
