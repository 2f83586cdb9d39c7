"""An application in a few lines: it sends browsers to Jitney, and redeems the codes that they bring back.

It verifies with PyJWT, which Jitney does not use: two mistakes would have to meet.
"""

import base64
import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx
import jwt
from tests.end_to_end.jitney_process import SAMPLE_CALLBACK, SECRET


@dataclass
class Visit:
    """One sign-in of one browser, as the application remembers it."""

    state: str = field(default_factory=lambda: secrets.token_urlsafe(24))
    nonce: str = field(default_factory=lambda: secrets.token_urlsafe(24))
    verifier: str = field(default_factory=lambda: secrets.token_urlsafe(48))


@dataclass(frozen=True)
class SignedIn:
    """What the application has at the end: the ID token's verified claims, and all tokens."""

    claims: Mapping[str, Any]
    tokens: Mapping[str, Any]

    @property
    def subject(self) -> str:
        """Who signed in."""
        return str(self.claims["sub"])


@dataclass
class RelyingParty:
    """A confidential client of the issuer.

    ``transport`` says how requests travel there; ``leeway`` by how many seconds the clocks may differ.
    """

    issuer: str
    client_id: str = "sample"
    client_secret: str = SECRET
    redirect_uri: str = SAMPLE_CALLBACK
    transport: httpx.AsyncBaseTransport | None = None
    leeway: float = 0

    def address(self, visit: Visit, **extra: str) -> str:
        """Where to send the browser."""
        digest = hashlib.sha256(visit.verifier.encode()).digest()
        parameters = {
            "response_type": "code",
            "client_id": self.client_id,
            "redirect_uri": self.redirect_uri,
            "scope": "openid profile email",
            "state": visit.state,
            "nonce": visit.nonce,
            "code_challenge": base64.urlsafe_b64encode(digest).rstrip(b"=").decode(),
            "code_challenge_method": "S256",
            **extra,
        }
        return f"{self.issuer}/oauth2/authorize?{urlencode(parameters)}"

    def code(self, visit: Visit, location: str | None) -> str:
        """The code in the address to which the browser was sent; checks ``state`` and ``iss`` (RFC 9207)."""
        assert location is not None
        assert location.startswith(self.redirect_uri), location
        query = parse_qs(urlsplit(location).query)
        assert [visit.state] == query.get("state")
        assert [self.issuer] == query.get("iss")
        assert "code" in query, location
        return query["code"][0]

    async def redeem(self, visit: Visit, code: str) -> httpx.Response:
        """Ask for the tokens of a code."""
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self.redirect_uri,
            "code_verifier": visit.verifier,
        }
        async with self._http() as http:
            return await http.post(
                f"{self.issuer}/oauth2/token", data=form, auth=(self.client_id, self.client_secret)
            )

    async def complete(self, visit: Visit, location: str | None) -> SignedIn:
        """Redeem the code of the browser's last address and verify the ID token."""
        answer = await self.redeem(visit, self.code(visit, location))
        assert 200 == answer.status_code, answer.text
        return await self.verified(visit, answer.json())

    async def verified(self, visit: Visit, tokens: Mapping[str, Any]) -> SignedIn:
        """Verify the ID token among tokens (OIDC Core 3.1.3.7)."""
        async with self._http() as http:
            key_set = jwt.PyJWKSet.from_dict((await http.get(f"{self.issuer}/oauth2/jwks")).json())
        token = tokens["id_token"]
        key = key_set[jwt.get_unverified_header(token)["kid"]]
        claims = jwt.decode(
            token, key, algorithms=["ES256"], audience=self.client_id, issuer=self.issuer, leeway=self.leeway
        )
        assert visit.nonce == claims["nonce"]
        return SignedIn(claims, tokens)

    def _http(self) -> httpx.AsyncClient:
        return httpx.AsyncClient(transport=self.transport, trust_env=False, timeout=60)
