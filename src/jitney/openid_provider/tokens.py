"""Person and grant → signed tokens."""

import hashlib
from base64 import urlsafe_b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from jitney.jose.claims_checks import check_audience, check_expiry, check_issuer, get_text
from jitney.jose.signing import sign
from jitney.jose.verifying import ACCESS_TOKEN_TYPES, verify_signature
from jitney.model.application import Application
from jitney.model.grant import Authentication, TokenFamily, TokenSet
from jitney.model.session import PassingPerson
from jitney.model.user import User
from jitney.openid_provider.released_claims import (
    RESERVED_CLAIMS,
    names_allowed,
    names_for_scopes,
    released_claims,
)
from jitney.openid_provider.signing_keys import Keys
from jitney.openid_provider.subjects import Subjects
from jitney.ports import Clock, Entropy

ACCESS_TOKEN_SECONDS: Final = 600
"""The longest life of an access token: it cannot be called back from those who check it alone (R-084)."""

ID_TOKEN_SECONDS: Final = 600

_ROLES: Final = names_for_scopes(("roles",))


@dataclass(frozen=True, slots=True)
class AccessTokenFacts:
    """What an access token of ours says, once its signature, issuer, audience and time have been checked."""

    family: str
    application: str
    scopes: tuple[str, ...]
    claims: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class TokenMint:
    """Makes tokens, and knows its own again; ``issuer`` is our address as applications know it."""

    issuer: str
    subjects: Subjects
    clock: Clock
    entropy: Entropy

    def issue(
        self,
        family: TokenFamily,
        person: User | PassingPerson,
        *,
        application: Application,
        keys: Keys,
        scopes: tuple[str, ...],
        refresh_token: str | None,
    ) -> TokenSet:
        """Return an access token (RFC 9068) and, for ``openid``, an ID token (OIDC Core 2, 3.1.3.6).

        ``scopes`` are those of this answer, never more than the family's.
        Raises ``Misconfigured`` ``signing_key_missing``.
        """
        now = int(self.clock.now().timestamp())
        shared = self._shared_claims(family.authentication, application, now)
        roles = released_claims(person, _ROLES) if "roles" in scopes else {}
        seconds = min(application.access_token_seconds, ACCESS_TOKEN_SECONDS)
        access_token = sign(
            keys.for_algorithm("ES256"),
            roles
            | shared
            | {
                "aud": self.issuer,
                "exp": now + seconds,
                "jti": self.entropy.id(),
                "client_id": application.id,
                "scope": " ".join(scopes),
                "family": family.id,
            },
            typ="at+jwt",
        )
        id_token = None
        if "openid" in scopes:
            names = names_allowed(family.claims.get("id_token", ()), registered_scopes=application.scopes)
            asked_for = without_reserved(released_claims(person, names))
            id_token = sign(
                keys.for_algorithm(application.id_token_algorithm),
                asked_for | roles | shared | self._id_claims(family, application, access_token, now),
                typ="JWT",
            )
        return TokenSet(access_token, seconds, scopes, id_token, refresh_token)

    def _shared_claims(
        self, authentication: Authentication, application: Application, now: int
    ) -> dict[str, object]:  # fmt: skip
        claims: dict[str, object] = {
            "iss": self.issuer,
            "sub": self.subjects.name(authentication.person, application),
            "iat": now,
            "auth_time": int(authentication.authenticated_at.timestamp()),
            "sid": authentication.session_public_id,
        }
        if authentication.acr is not None:
            claims["acr"] = authentication.acr
        if authentication.amr:
            claims["amr"] = list(authentication.amr)
        return claims

    def _id_claims(
        self, family: TokenFamily, application: Application, access_token: str, now: int
    ) -> dict[str, object]:  # fmt: skip
        claims: dict[str, object] = {
            "aud": application.id,
            "exp": now + ID_TOKEN_SECONDS,
            "at_hash": _left_half_hash(access_token),
        }
        # OIDC Core 12.2: an ID token of a refresh should have no nonce.
        if family.nonce is not None and family.rotated is None:
            claims["nonce"] = family.nonce
        return claims

    def verify_access_token(self, unverified_token: str, *, keys: Keys) -> AccessTokenFacts:
        """Return what an access token of ours says (R-074).

        The attack: an ID token, which every application shows around, is presented as an access token.
        Raises ``InvalidInput`` with a reason of ``jose/faults.py``.
        """
        claims = verify_signature(
            unverified_token, key_set=keys.key_set, algorithms=("ES256",), types=ACCESS_TOKEN_TYPES
        ).claims
        check_issuer(claims, expected=self.issuer)
        check_audience(claims, expected=self.issuer)
        check_expiry(claims, now=self.clock.now().timestamp(), skew=0)
        scopes: Sequence[str] = get_text(claims, "scope").split(" ")
        return AccessTokenFacts(
            get_text(claims, "family"), get_text(claims, "client_id"), tuple(scopes), claims
        )


def without_reserved(claims: Mapping[str, object]) -> dict[str, object]:
    """Return the claims that a person's attributes may state; the rest is for us alone (R-087).

    The attack: a provider sends an attribute ``sub`` or ``roles``, and the application believes that we said so.
    """
    return {name: value for name, value in claims.items() if name not in RESERVED_CLAIMS}


def _left_half_hash(token: str) -> str:
    """Return the ``at_hash`` of a token under ES256 and RS256 (OIDC Core 3.1.3.6)."""
    return urlsafe_b64encode(hashlib.sha256(token.encode("ascii")).digest()[:16]).rstrip(b"=").decode()
