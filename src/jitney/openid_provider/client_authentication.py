"""Prove who an application is."""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Final
from urllib.parse import unquote_plus

from jitney.errors import Conflict, InvalidInput, NotAllowed
from jitney.jose.algorithms import AsymmetricName
from jitney.jose.claims_checks import (
    check_audience,
    check_expiry,
    check_issued_at,
    check_issuer,
    check_lifetime,
    check_not_before,
    get_text,
    get_time,
)
from jitney.jose.compact import parse_compact
from jitney.jose.key_set import KeySet, parse_key_set
from jitney.jose.limits import parse_json_object
from jitney.jose.verifying import CLIENT_ASSERTION_TYPES, verify_signature
from jitney.model.application import Application, ClientAuthentication
from jitney.model.changes import SpendOnce
from jitney.model.secret_hash import hash_secret
from jitney.ports import Applications, Clock, UnitOfWork

ASSERTION_TYPE: Final = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
ASSERTION_ALGORITHMS: Final[tuple[AsymmetricName, ...]] = ("ES256", "RS256", "PS256", "EdDSA")
ASSERTION_SECONDS: Final = 300
_SKEW: Final = 30
_NOBODYS_HASH: Final = hash_secret("nobody")
_NOBODYS_KEYS: Final = '{"keys":[]}'
_SEAL: Final = object()


@dataclass(frozen=True, slots=True)
class ProvenApplication:
    """An application that has shown who it is; only this file makes one."""

    application: Application
    _seal: object = field(repr=False, compare=False)

    def __post_init__(self) -> None:
        if self._seal is not _SEAL:
            raise TypeError("ProvenApplication is made by ClientAuthenticator alone")


@dataclass(frozen=True, slots=True)
class _Credentials:
    """What a request brought along: by which method, in whose name, and the proof."""

    method: ClientAuthentication
    client_id: str
    proof: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class ClientAuthenticator:
    """Proves applications at the token, introspection and revocation endpoints (R-091)."""

    issuer: str
    applications: Applications
    work: UnitOfWork
    clock: Clock

    async def prove(
        self, form: Mapping[str, str], *, authorization: str | None, public_allowed: bool = True
    ) -> ProvenApplication:
        """Return the application that sent this form; ``authorization`` is the header of that name, if any.

        An application that is unknown, switched off, or has another method costs the same work and gets the
        same answer as one whose secret is wrong (R-091).
        Raises ``NotAllowed`` ``client_refused``, whose ``details["reason"]`` says why; ``InvalidInput``
        ``client_credentials_repeated`` for two methods at once (RFC 6749 section 2.3).
        """
        credentials = _read_credentials(form, authorization)
        application = await self.applications.find(credentials.client_id)
        flaw = self._flaw(credentials, application)
        if flaw is None and not public_allowed and credentials.method is ClientAuthentication.NONE:
            flaw = "client_must_authenticate"
        if flaw is not None or application is None:
            raise refused(flaw or "client_unknown")
        if credentials.method is ClientAuthentication.PRIVATE_KEY_JWT:
            await self._spend_assertion(credentials)
        return ProvenApplication(application, _SEAL)

    def _flaw(self, credentials: _Credentials, application: Application | None) -> str | None:
        """Return what is wrong, in the order in which an operator wants to know; the proof is always weighed."""
        reason = self._proof_flaw(credentials, application)
        if application is None:
            return "client_unknown"
        if not application.enabled:
            return "client_disabled"
        if application.authentication is not credentials.method:
            return "client_method_wrong"
        return reason

    def _proof_flaw(self, credentials: _Credentials, application: Application | None) -> str | None:
        if credentials.method is ClientAuthentication.NONE:
            return None
        if credentials.method is ClientAuthentication.PRIVATE_KEY_JWT:
            return self._assertion_flaw(credentials, application)
        kept = application.secret_hash if application is not None else None
        matches = hmac.compare_digest(
            hash_secret(credentials.proof).encode(), (kept or _NOBODYS_HASH).encode()
        )
        return None if matches and kept is not None else "client_secret_wrong"

    def _assertion_flaw(self, credentials: _Credentials, application: Application | None) -> str | None:
        """Check a client assertion (RFC 7523 section 3); its audience is our issuer and nothing else.

        The attack: another server that the application also trusts forwards the assertion which it was sent.
        """
        keys = application.jwks if application is not None else None
        now = self.clock.now().timestamp()
        try:
            claims = verify_signature(
                credentials.proof,
                key_set=_key_set(keys or _NOBODYS_KEYS),
                algorithms=ASSERTION_ALGORITHMS,
                types=CLIENT_ASSERTION_TYPES,
            ).claims
            check_issuer(claims, expected=credentials.client_id)
            if get_text(claims, "sub") != credentials.client_id:
                return "client_assertion_subject_wrong"
            check_audience(claims, expected=self.issuer)
            check_expiry(claims, now=now, skew=_SKEW)
            check_lifetime(claims, now=now, skew=_SKEW, max_lifetime=ASSERTION_SECONDS)
            check_not_before(claims, now=now, skew=_SKEW)
            if "iat" in claims:
                check_issued_at(claims, now=now, skew=_SKEW, max_age=ASSERTION_SECONDS)
            if len(get_text(claims, "jti")) > 255:
                return "client_assertion_id_too_long"
        except InvalidInput as fault:
            return f"client_assertion_{fault.code}"
        return None

    async def _spend_assertion(self, credentials: _Credentials) -> None:
        """Let an assertion through once: whoever reads it on the way cannot send it again (R-020, P-5)."""
        claims = parse_json_object(parse_compact(credentials.proof).payload)
        spent = hashlib.sha256(f"{credentials.client_id}\0{get_text(claims, 'jti')}".encode()).hexdigest()
        expires = datetime.fromtimestamp(get_time(claims, "exp"), UTC) + timedelta(seconds=2 * _SKEW)
        try:
            await self.work.commit(SpendOnce("client_assertion", spent, expires))
        except Conflict as fault:
            raise refused("client_assertion_replayed") from fault


def _read_credentials(form: Mapping[str, str], authorization: str | None) -> _Credentials:
    """Return the one set of credentials that was sent; two sets are refused, whichever of them is right."""
    found = [
        credentials
        for credentials in (_basic(authorization), _posted_secret(form), _assertion(form))
        if credentials is not None
    ]
    if len(found) > 1:
        raise InvalidInput(
            "client_credentials_repeated", "The application authenticated in two ways at once."
        )
    named = form.get("client_id")
    if not found:
        if named is None:
            raise refused("client_missing")
        return _Credentials(ClientAuthentication.NONE, named)
    if named is not None and named != found[0].client_id:
        raise InvalidInput("client_credentials_repeated", "The application gave two different names.")
    return found[0]


def _basic(authorization: str | None) -> _Credentials | None:
    """Read HTTP Basic with form-encoded parts (RFC 6749 section 2.3.1)."""
    if authorization is None:
        return None
    scheme, _, coded = authorization.partition(" ")
    if scheme.lower() != "basic":
        raise refused("client_scheme_unknown")
    try:
        name, colon, secret = base64.b64decode(coded.strip(), validate=True).decode().partition(":")
        client_id, proof = unquote_plus(name, errors="strict"), unquote_plus(secret, errors="strict")
    except (binascii.Error, ValueError) as fault:
        raise refused("client_header_malformed") from fault
    if not colon:
        raise refused("client_header_malformed")
    return _Credentials(ClientAuthentication.CLIENT_SECRET_BASIC, client_id, proof)


def _posted_secret(form: Mapping[str, str]) -> _Credentials | None:
    if "client_secret" not in form:
        return None
    return _Credentials(
        ClientAuthentication.CLIENT_SECRET_POST, form.get("client_id", ""), form["client_secret"]
    )


def _assertion(form: Mapping[str, str]) -> _Credentials | None:
    if "client_assertion" not in form and "client_assertion_type" not in form:
        return None
    assertion = form.get("client_assertion", "")
    if form.get("client_assertion_type") != ASSERTION_TYPE:
        raise refused("client_assertion_type_unknown")
    try:
        unverified = parse_json_object(parse_compact(assertion).payload)
        return _Credentials(ClientAuthentication.PRIVATE_KEY_JWT, get_text(unverified, "iss"), assertion)
    except InvalidInput as fault:
        raise refused(f"client_assertion_{fault.code}") from fault


@lru_cache(maxsize=256)
def _key_set(document: str) -> KeySet:
    return parse_key_set(document.encode())


def refused(reason: str) -> NotAllowed:
    """Return the one refusal that every application gets; ``reason`` is for the operator's log."""
    return NotAllowed("client_refused", "The application could not be authenticated.", reason=reason)
