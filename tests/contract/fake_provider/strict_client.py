"""A strict client for judging the fake provider: httpx and PyJWT, nothing of ours.

It walks one sign-in and names the first fault that it finds, or ``None``.
"""

import base64
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx
import jwt

CLIENT_ID = "jitney"
SECRET = "a-secret-that-is-long-enough-for-hs256"
REDIRECT_URI = "https://jitney.example/callback/acme"
VERIFIER = "v" * 43
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()
REQUEST = {
    "response_type": "code",
    "client_id": CLIENT_ID,
    "redirect_uri": REDIRECT_URI,
    "scope": "openid email profile offline_access",
    "state": "the-state",
    "nonce": "the-nonce",
    "max_age": "600",
    "code_challenge": CHALLENGE,
    "code_challenge_method": "S256",
}


@dataclass
class StrictClient:
    """One client of one provider; ``now`` is the time by which tokens are judged."""

    issuer: str
    now: float
    http: httpx.AsyncClient = field(default_factory=lambda: httpx.AsyncClient(trust_env=False))

    async def authorize(self, **changes: str | None) -> list[tuple[str, str]]:
        """The parameters that came back through the browser."""
        parameters = {key: value for key, value in (REQUEST | changes).items() if value is not None}
        answer = await self.http.get(f"{self.issuer}/authorize", params=parameters)
        assert 303 == answer.status_code, answer.text
        location = answer.headers["Location"]
        assert location.startswith(REDIRECT_URI + "?")
        return parse_qsl(urlsplit(location).query, keep_blank_values=True)

    async def token(self, form: Mapping[str, str] | None = None, **changes: str) -> httpx.Response:
        """The answer of the token endpoint, authenticated by client_secret_basic."""
        return await self.http.post(
            f"{self.issuer}/token", data={**(form or {}), **changes}, auth=(CLIENT_ID, SECRET)
        )

    async def sign_in(self, **changes: str | None) -> httpx.Response:
        """Authorize and redeem the code."""
        code = dict(await self.authorize(**changes))["code"]
        return await self.redeem(code)

    async def redeem(self, code: str, **changes: str) -> httpx.Response:
        """Redeem a code."""
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": REDIRECT_URI,
            "code_verifier": VERIFIER,
        }
        return await self.token(form, **changes)

    async def userinfo(self, access_token: str) -> httpx.Response:
        """UserInfo."""
        headers = {"Authorization": f"Bearer {access_token}"}
        return await self.http.get(f"{self.issuer}/userinfo", headers=headers)

    async def keys(self) -> list[dict[str, Any]]:
        """The published keys."""
        return (await self.http.get(f"{self.issuer}/jwks")).json()["keys"]

    async def fault_in_id_token(self, tokens: Mapping[str, Any]) -> str | None:
        """What is wrong with an ID token (OIDC Core 3.1.3.7)."""
        keys = await self.keys()
        fault, claims = read_signed(tokens["id_token"], keys, typ="JWT")
        return fault or fault_in_key_set(keys) or self._fault_in_claims(claims, tokens["access_token"])

    async def fault_in_logout_token(self, token: str, seen: set[str]) -> str | None:
        """What is wrong with a logout token (OIDC Back-Channel Logout 2.6)."""
        fault, claims = read_signed(token, await self.keys(), typ="logout+jwt")
        checks = {
            "iss": claims.get("iss") == self.issuer,
            "aud": claims.get("aud") == CLIENT_ID,
            "iat": abs(claims.get("iat", 0) - self.now) < 60,
            "events": "http://schemas.openid.net/event/backchannel-logout" in claims.get("events", {}),
            "nonce": "nonce" not in claims,
            "who": "sub" in claims or "sid" in claims,
            "jti": claims.get("jti") not in seen,
        }
        seen.add(claims.get("jti", ""))
        return fault or next((name for name, passed in checks.items() if not passed), None)

    def _fault_in_claims(self, claims: Mapping[str, Any], access_token: str) -> str | None:
        half = hashlib.sha256(access_token.encode()).digest()[:16]
        subject, times = claims.get("sub"), [claims.get(name) for name in ("exp", "iat", "auth_time")]
        checks = {
            "iss": claims.get("iss") == self.issuer,
            "aud": claims.get("aud") == CLIENT_ID,
            "azp": claims.get("azp", CLIENT_ID) == CLIENT_ID,
            "sub": isinstance(subject, str) and 0 < len(subject) <= 255,
            "time": all(isinstance(moment, int) for moment in times),
            "nonce": claims.get("nonce") == "the-nonce",
            "at_hash": claims.get("at_hash") == base64.urlsafe_b64encode(half).rstrip(b"=").decode(),
            "types": isinstance(claims.get("email"), str) and isinstance(claims.get("groups"), list),
        }
        failed = next((name for name, passed in checks.items() if not passed), None)
        return failed or self._fault_in_times(claims)

    def _fault_in_times(self, claims: Mapping[str, Any]) -> str | None:
        checks = {
            "exp": claims["exp"] > self.now - 60,
            "iat": claims["iat"] < self.now + 60,
            "nbf": claims.get("nbf", 0) < self.now + 60,
            "auth_time": claims["auth_time"] > self.now - 600,
        }
        return next((name for name, passed in checks.items() if not passed), None)


def fault_in_key_set(keys: list[dict[str, Any]]) -> str | None:
    """What is wrong with a key set."""
    kids = [key["kid"] for key in keys]
    checks = {
        "empty": bool(keys),
        "oct": all(key["kty"] != "oct" for key in keys),
        "short": all(key["kty"] != "RSA" or len(key["n"]) >= 342 for key in keys),
        "duplicate kid": len(kids) == len(set(kids)),
        "use": all(key["use"] == "sig" for key in keys),
    }
    return next((name for name, passed in checks.items() if not passed), None)


def read_signed(token: str, keys: list[dict[str, Any]], *, typ: str) -> tuple[str | None, dict[str, Any]]:
    """The first fault of the envelope and the claims; the signature is checked by PyJWT."""
    if len(token) > 16 * 1024:
        return "size", {}
    header = jwt.get_unverified_header(token) if "crit" not in _head(token) else _head(token)
    checks = {
        "alg": header["alg"] in ("ES256", "RS256"),
        "crit": "crit" not in header,
        "jwk": "jwk" not in header,
        "typ": header["typ"] == typ,
    }
    failed = next((name for name, passed in checks.items() if not passed), None)
    candidates = [key for key in keys if key["kid"] == header.get("kid")]
    if failed or not candidates:
        return failed or "kid", {}
    if fault_in_key_set(candidates):
        return fault_in_key_set(candidates), {}
    try:
        payload = jwt.api_jws.decode(token, jwt.PyJWK(candidates[0]).key, algorithms=[header["alg"]])
    except jwt.InvalidSignatureError:
        return "signature", {}
    return parse_strictly(payload)


def parse_strictly(document: bytes) -> tuple[str | None, dict[str, Any]]:
    """JSON without duplicate names and of bounded depth."""
    duplicates: list[str] = []

    def collect(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        names = [name for name, _ in pairs]
        duplicates.extend(name for name in names if names.count(name) > 1)
        return dict(pairs)

    try:
        claims = json.loads(document, object_pairs_hook=collect)
    except RecursionError:
        return "depth", {}
    except ValueError:
        return "json", {}
    return ("duplicate" if duplicates else None), claims


def _head(token: str) -> dict[str, Any]:
    part = token.split(".")[0]
    return json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
