"""Who may ask the fake provider for tokens, and how a client proves who it is.

All four methods of OIDC Core 9 and the signed secret of Apple are checked.
A client that uses two at once is refused (RFC 6749 2.3).
"""

import base64
import hmac
import json
from collections.abc import Callable, Mapping, MutableSet
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote_plus

from joserfc import jwk, jwt
from joserfc.errors import JoseError

JWT_BEARER = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
SIGNED_SECRET = "signed_client_secret"
METHODS = ("client_secret_basic", "client_secret_post", "client_secret_jwt", "private_key_jwt")


@dataclass(frozen=True, slots=True)
class RegisteredClient:
    """A client of the fake provider.

    ``redirect_uris`` are compared letter by letter.
    ``jwks`` is the client's public key set (RFC 7517), needed for ``private_key_jwt``.
    ``auth_method`` binds the client to one of ``METHODS``; ``None`` allows each that it has the means for.
    With ``signed_client_secret`` the secret that it posts is a token that ``secret_issuer`` (its team) signed.
    """

    client_id: str
    secret: str = ""
    redirect_uris: tuple[str, ...] = ()
    post_logout_redirect_uris: tuple[str, ...] = ()
    jwks: Mapping[str, Any] | None = None
    auth_method: str | None = None
    secret_issuer: str = ""

    @classmethod
    def parse(cls, text: str) -> "RegisteredClient":
        """``id:secret:redirect[,redirect…]``, as on the command line; a colon in the secret is ``%3A``."""
        client_id, secret, redirects = text.split(":", 2)
        return cls(unquote_plus(client_id), unquote_plus(secret), tuple(redirects.split(",")))


class BadClientError(Exception):
    """The client did not prove who it is (``invalid_client``); the text says why, for the test's reader."""


@dataclass(frozen=True, slots=True)
class ClientDesk:
    """Checks the client authentication of token requests.

    ``audience`` is the issuer, the only audience that an assertion may have; ``seen`` holds used ``jti``.
    """

    clients: Mapping[str, RegisteredClient]
    audience: str
    now: Callable[[], float]
    seen: MutableSet[str]

    def verify_client(
        self, authorization: str | None, form: Mapping[str, str]
    ) -> tuple[RegisteredClient, str]:
        """The client and the method that it used; raises ``BadClientError``."""
        methods = _methods_used(authorization, form)
        if len(methods) != 1:
            raise BadClientError(f"exactly one method is expected, {methods or 'none'} used")
        if methods[0] == "assertion":
            client, method = self._verify_assertion(form)
        else:
            client, method = self._verify_secret(authorization, form), methods[0]
            if client.auth_method == SIGNED_SECRET and method == "client_secret_post":
                method = SIGNED_SECRET
        if client.auth_method not in (None, method):
            raise BadClientError(f"the client is registered for {client.auth_method} and used {method}")
        return client, method

    def _find(self, client_id: str) -> RegisteredClient:
        if client_id not in self.clients:
            raise BadClientError("unknown client")
        return self.clients[client_id]

    def _verify_secret(self, authorization: str | None, form: Mapping[str, str]) -> RegisteredClient:
        client_id, secret = (
            _basic(authorization) if authorization else (form["client_id"], form["client_secret"])
        )
        client = self._find(client_id)
        if client.auth_method == SIGNED_SECRET:
            self._verify_signed_secret(client, secret)
            return client
        if not client.secret or not hmac.compare_digest(client.secret.encode(), secret.encode()):
            raise BadClientError("wrong secret")
        return client

    def _verify_signed_secret(self, client: RegisteredClient, secret: str) -> None:
        """Apple, *Creating a client secret*: ES256 with a ``kid``, by the team, for the client, to us."""
        try:
            header = _json_part(secret.split(".")[0])
            keys = jwk.KeySet.import_key_set({"keys": list((client.jwks or {})["keys"])})
            claims = jwt.decode(secret, keys, algorithms=["ES256"]).claims
        except (JoseError, ValueError, KeyError, TypeError) as fault:
            raise BadClientError(f"the signed secret cannot be verified: {type(fault).__name__}") from fault
        wanted = {"iss": client.secret_issuer, "sub": client.client_id, "aud": self.audience}
        if "kid" not in header or wanted != {name: claims.get(name) for name in wanted}:
            raise BadClientError("the signed secret is another's")
        issued, expires = claims.get("iat"), claims.get("exp")
        if not isinstance(issued, int) or not isinstance(expires, int) or not issued <= self.now() < expires:
            raise BadClientError("the signed secret is not good now")
        if expires > issued + 15_777_000:
            raise BadClientError("the signed secret is good for more than six months")

    def _verify_assertion(self, form: Mapping[str, str]) -> tuple[RegisteredClient, str]:
        """RFC 7523 3; the audience must be the issuer and nothing else (rfc7523bis)."""
        try:
            client, method, claims = self._read_assertion(form["client_assertion"])
        except (JoseError, ValueError, KeyError, TypeError) as fault:
            raise BadClientError(f"the assertion cannot be verified: {type(fault).__name__}") from fault
        if not claims.get("iss") == claims.get("sub") == client.client_id:
            raise BadClientError("iss and sub must both be the client")
        if form.get("client_id", client.client_id) != client.client_id:
            raise BadClientError("client_id and the assertion disagree")
        if claims.get("aud") not in (self.audience, [self.audience]):
            raise BadClientError("the audience must be the issuer alone")
        self._check_freshness(claims)
        return client, method

    def _read_assertion(self, assertion: str) -> tuple[RegisteredClient, str, dict[str, Any]]:
        header, unverified_claims = (_json_part(part) for part in assertion.split(".")[:2])
        client = self._find(str(unverified_claims["sub"]))
        if header["alg"] == "HS256" and client.secret:
            secret = jwk.OctKey.import_key(client.secret)
            return client, "client_secret_jwt", jwt.decode(assertion, secret, algorithms=["HS256"]).claims
        keys = jwk.KeySet.import_key_set({"keys": list((client.jwks or {})["keys"])})
        return client, "private_key_jwt", jwt.decode(assertion, keys, algorithms=["ES256", "RS256"]).claims

    def _check_freshness(self, claims: Mapping[str, Any]) -> None:
        expires, identifier = claims.get("exp"), claims.get("jti")
        if not isinstance(expires, int | float) or not self.now() < expires <= self.now() + 3600:
            raise BadClientError("exp is missing, past, or too far away")
        if not isinstance(identifier, str) or identifier in self.seen:
            raise BadClientError("jti is missing or was used before")
        self.seen.add(identifier)


def _methods_used(authorization: str | None, form: Mapping[str, str]) -> list[str]:
    signs = {
        "client_secret_basic": authorization is not None,
        "client_secret_post": "client_secret" in form and "client_id" in form,
        "assertion": "client_assertion" in form and form.get("client_assertion_type") == JWT_BEARER,
    }
    return [method for method, used in signs.items() if used]


def _json_part(part: str) -> dict[str, Any]:
    return json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))


def _basic(authorization: str) -> tuple[str, str]:
    """Client id and secret, each form-encoded before they were joined (RFC 6749 2.3.1)."""
    scheme, _, credentials = authorization.partition(" ")
    try:
        joined = base64.b64decode(credentials, validate=True).decode()
    except ValueError as fault:
        raise BadClientError("the Authorization header is malformed") from fault
    if scheme.lower() != "basic":
        raise BadClientError("the Authorization header is not Basic")
    client_id, _, secret = joined.partition(":")
    return unquote_plus(client_id), unquote_plus(secret)
