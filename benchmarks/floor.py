"""The floor: the work that nobody can avoid, and nothing else, as a server of raw ASGI on uvicorn.

The same HTTP exchanges as a federated sign-in at Jitney: authorize → 303, callback → 303, token → JSON; one
token request to the identity provider, one RS256 signature checked, two ES256 signatures made, and one durable
transaction. State travels sealed in what the browser carries, so that several processes may share the work.
It checks nothing that a broker must check: it is a measure, and no server to use.
"""

import base64
import json
import os
import secrets
from collections.abc import Mapping
from hashlib import sha256
from typing import Any
from urllib.parse import parse_qsl, urlencode

import aiohttp
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from benchmarks.floor_store import FloorStore, open_store

_SHA256 = hashes.SHA256()
_ECDSA = ec.ECDSA(_SHA256)
_PKCS1 = padding.PKCS1v15()


class Floor:
    """The ASGI application; its settings are JSON in ``JITNEY_FLOOR``."""

    def __init__(self) -> None:
        self._settings: Mapping[str, str] = json.loads(os.environ["JITNEY_FLOOR"])
        self._seal = AESGCM(bytes.fromhex(self._settings["key"]))
        self._signing = ec.generate_private_key(ec.SECP256R1())
        self._keys: dict[str, rsa.RSAPublicKey] = {}
        basic = f"{self._settings['client_id']}:{self._settings['client_secret']}".encode()
        self._basic = {"Authorization": f"Basic {base64.b64encode(basic).decode()}"}
        self._store: FloorStore
        self._outgoing: aiohttp.ClientSession

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        """Serve."""
        if scope["type"] == "lifespan":
            await self._live(receive, send)
        elif scope["path"] == "/oauth2/authorize":
            await self._authorize(dict(parse_qsl(scope["query_string"].decode())), send)
        elif scope["path"] == "/oauth2/token":
            form = (await receive())["body"]
            await self._token(dict(parse_qsl(form.decode())), send)
        else:
            await self._callback(dict(parse_qsl(scope["query_string"].decode())), send)

    async def _live(self, receive: Any, send: Any) -> None:
        await receive()
        self._outgoing = aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar())
        self._store = await open_store(self._settings["database"])
        async with self._outgoing.get(f"{self._settings['issuer']}/jwks") as answer:
            for key in (await answer.json())["keys"]:
                numbers = rsa.RSAPublicNumbers(_number(key["e"]), _number(key["n"]))
                self._keys[key["kid"]] = numbers.public_key()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await self._outgoing.close()
        await self._store.close()
        await send({"type": "lifespan.shutdown.complete"})

    async def _authorize(self, asked: dict[str, str], send: Any) -> None:
        verifier, nonce = secrets.token_urlsafe(32), secrets.token_urlsafe(32)
        kept = {f"asked_{name}": asked[name] for name in ("state", "nonce", "redirect_uri") if name in asked}
        state = self._closed({"verifier": verifier, "nonce": nonce, **kept})
        going = {
            "response_type": "code",
            "client_id": self._settings["client_id"],
            "redirect_uri": self._settings["redirect_uri"],
            "scope": "openid profile email",
            "state": state,
            "nonce": nonce,
            "code_challenge": _b64(sha256(verifier.encode()).digest()),
            "code_challenge_method": "S256",
            "login_hint": asked["login_hint"],
        }
        await _redirect(
            send, f"{self._settings['issuer']}/authorize?{urlencode(going)}", b"b=" + nonce.encode()
        )

    async def _callback(self, came: dict[str, str], send: Any) -> None:
        asked = self._opened(came["state"])
        form = {
            "grant_type": "authorization_code",
            "code": came["code"],
            "redirect_uri": self._settings["redirect_uri"],
            "code_verifier": asked["verifier"],
        }
        token_endpoint = f"{self._settings['issuer']}/token"
        async with self._outgoing.post(token_endpoint, data=form, headers=self._basic) as answer:
            tokens = json.loads(await answer.read())
        claims = self._verified(tokens["id_token"])
        if claims["nonce"] != asked["nonce"]:
            raise ValueError("nonce")
        session = secrets.token_urlsafe(32)
        user_id = await self._store.sign_in(claims, session)
        code = self._closed({"user": user_id, "nonce": asked["asked_nonce"], "email": claims["email"]})
        back = urlencode({"code": code, "state": asked["asked_state"]})
        await _redirect(send, f"{asked['asked_redirect_uri']}?{back}", b"s=" + session.encode())

    async def _token(self, form: dict[str, str], send: Any) -> None:
        claims = self._opened(form["code"])
        body = {
            "access_token": self._signed(claims),
            "id_token": self._signed({**claims, "iss": self._settings["issuer"]}),
            "token_type": "Bearer",
            "expires_in": 600,
        }
        await _answer(send, 200, [(b"content-type", b"application/json")], json.dumps(body).encode())

    def _verified(self, token: str) -> dict[str, Any]:
        head, payload, signature = token.split(".")
        key = self._keys[json.loads(_unb64(head))["kid"]]
        key.verify(_unb64(signature), f"{head}.{payload}".encode(), _PKCS1, _SHA256)
        return json.loads(_unb64(payload))

    def _signed(self, claims: Mapping[str, Any]) -> str:
        text = f"{_HEADER}.{_b64(json.dumps(claims).encode())}"
        r, s = decode_dss_signature(self._signing.sign(text.encode(), _ECDSA))
        return f"{text}.{_b64(r.to_bytes(32) + s.to_bytes(32))}"

    def _closed(self, what: Mapping[str, str]) -> str:
        once = secrets.token_bytes(12)
        return _b64(once + self._seal.encrypt(once, json.dumps(what).encode(), None))

    def _opened(self, sealed: str) -> dict[str, str]:
        raw = _unb64(sealed)
        return json.loads(self._seal.decrypt(raw[:12], raw[12:], None))


async def _redirect(send: Any, location: str, cookie: bytes) -> None:
    headers = [(b"location", location.encode()), (b"set-cookie", cookie + b"; HttpOnly")]
    await _answer(send, 303, headers, b"")


async def _answer(send: Any, status: int, headers: list[tuple[bytes, bytes]], body: bytes) -> None:
    headers.append((b"content-length", str(len(body)).encode()))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def _b64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _unb64(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _number(text: str) -> int:
    return int.from_bytes(_unb64(text))


_HEADER = _b64(b'{"alg":"ES256","typ":"JWT"}')
