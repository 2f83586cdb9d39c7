"""Stands on loopback for the documented hosts of a provider, over TLS, and says what its recording says."""

import hashlib
import hmac
from base64 import b64decode
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from aiohttp import web
from tests.contract.presets.recordings import Recording

from jitney.jose.signing import SigningKey, sign
from jitney.upstream.browser_address import challenge_of

Place = tuple[str, frozenset[tuple[str, str]]]


def place_of(url: str) -> Place:
    """An address without its query, and the query apart: the order of parameters means nothing."""
    base, _, query = url.partition("?")
    return base, frozenset(parse_qsl(query, keep_blank_values=True))


class ProviderStandIn:
    """Answers at exactly the addresses of the recording; ``asked`` are those that were called, in order.

    ``token_form`` and ``client_secret`` are what the token request brought.
    """

    def __init__(self, recording: Recording, now: float) -> None:
        self.recording = recording
        self.asked: list[str] = []
        self.token_form: dict[str, str] = {}
        self.client_secret = ""
        self.authorization: dict[str, str] = {}
        self.claims: dict[str, Any] = {}
        self._now = int(now)
        self._key = SigningKey.generate(recording.signed_with)
        self._answers = {place_of(self._with_proof(url)): body for url, body in recording.answers.items()}
        if recording.discovery:
            document = recording.discovery["document"]
            self._open = {
                place_of(recording.discovery["url"]): document,
                place_of(document["jwks_uri"]): {"keys": [*recording.keys_beside, self._key.public_jwk]},
            }
        else:
            self._open = {}

    @property
    def hosts(self) -> frozenset[str]:
        """All hosts at which it is called."""
        places = [*self._open, *self._answers, place_of(self.recording.redeemed_at)]
        return frozenset(str(urlsplit(base).hostname) for base, _ in places)

    @property
    def application(self) -> web.Application:
        """What runs on loopback."""
        application = web.Application()
        application.router.add_route("*", "/{rest:.*}", self.answer)
        return application

    async def answer(self, request: web.Request) -> web.Response:
        place = place_of(f"https://{request.host}{request.path_qs}")
        self.asked.append(place[0])
        if place[0] == self.recording.redeemed_at and request.method == "POST":
            return web.json_response(self._tokens(dict(parse_qsl(await request.text())), request))
        if place in self._open:
            return web.json_response(self._open[place])
        bearer = f"Bearer {self.recording.token_answer['access_token']}"
        if place in self._answers and request.headers.get("Authorization") == bearer:
            return web.json_response(self._answers[place])
        return web.json_response({"error": "not_found"}, status=404)

    def _tokens(self, form: dict[str, str], request: web.Request) -> dict[str, Any]:
        self.token_form = form
        self.client_secret = form.get("client_secret") or _basic(request)
        assert "authorization_code" == form["grant_type"]
        assert self.authorization["redirect_uri"] == form["redirect_uri"]
        if "code_challenge" in self.authorization:
            assert self.authorization["code_challenge"] == challenge_of(form["code_verifier"])
        if not self.recording.id_token:
            return self.recording.token_answer
        self.claims = {
            **self.recording.id_token,
            **({"auth_time": self._now - 10} if "auth_time" in self.recording.id_token else {}),
            "iat": self._now, "exp": self._now + 600, "nonce": self.authorization["nonce"],
        }  # fmt: skip
        return {**self.recording.token_answer, "id_token": sign(self._key, self.claims, typ="JWT")}

    def _with_proof(self, url: str) -> str:
        """Facebook's proof of the call: the HMAC of the access token under the client secret."""
        secret = str(self.recording.written.get("client_secret", "")).encode()
        token = str(self.recording.token_answer["access_token"]).encode()
        return url.replace("PROOF", hmac.new(secret, token, hashlib.sha256).hexdigest())


def _basic(request: web.Request) -> str:
    return b64decode(request.headers["Authorization"].removeprefix("Basic ")).decode().partition(":")[2]
