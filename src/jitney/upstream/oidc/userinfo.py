"""Ask the provider's UserInfo endpoint about the person whose ID token was verified (OIDC Core 5.3)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from jitney.jose.claims_checks import check_audience, check_expiry, check_issuer, check_not_before
from jitney.jose.limits import parse_json_object
from jitney.jose.verifying import USERINFO_TYPES
from jitney.model.connection import OIDCConnection
from jitney.outgoing.client import OutgoingClient
from jitney.upstream.bearer_call import ask_with_token
from jitney.upstream.faults import flaws_of, refusal
from jitney.upstream.oidc.id_token import ProvenIDToken, check_subject_claim, skew_of
from jitney.upstream.oidc.keys import RemoteKeys

USERINFO_MAX_BYTES: Final = 64 * 1024
_ACCEPT: Final = "application/json, application/jwt;q=0.9"


@dataclass(frozen=True, slots=True)
class UserInfo:
    """Claims about the ID token's subject; ``is_signed`` where the provider's key vouches for them."""

    claims: Mapping[str, object]
    is_signed: bool


@dataclass(frozen=True, slots=True)
class UserInfoReader:
    """Reads one provider's UserInfo, plain or signed."""

    outgoing: OutgoingClient
    connection: OIDCConnection
    keys: RemoteKeys

    async def fetch(
        self, endpoint: str, access_token: str, *, id_token: ProvenIDToken, now: float
    ) -> UserInfo:
        """Return what the provider says about ``id_token``'s subject; ``now`` in seconds since 1970 UTC.

        Raises ``UpstreamUnavailable`` and ``UpstreamRejected`` (``userinfo_…``).
        """
        answer = await ask_with_token(
            self.outgoing, endpoint, access_token, document="userinfo", accept=_ACCEPT
        )
        is_signed = answer.content_type == "application/jwt"
        with flaws_of("userinfo"):
            claims = await self._verify(answer.body, id_token, now) if is_signed else _parse(answer.body)
        _check_same_subject(claims, id_token)
        return UserInfo(claims, is_signed)

    async def _verify(
        self, unverified_body: bytes, id_token: ProvenIDToken, now: float
    ) -> Mapping[str, object]:
        """Verify a signed answer, issuer and audience too, so that no other kind of token passes (R-074)."""
        token = await self.keys.verify(
            unverified_body.decode("ascii", "replace").strip(), types=USERINFO_TYPES
        )
        check_issuer(token.claims, expected=str(id_token.claims["iss"]))
        check_audience(
            token.claims, expected=self.connection.client_id, also_trusted=self.connection.trusted_audiences
        )
        skew = skew_of(self.connection)
        if "exp" in token.claims:
            check_expiry(token.claims, now=now, skew=skew)
        check_not_before(token.claims, now=now, skew=skew)
        return token.claims


def _parse(unverified_body: bytes) -> Mapping[str, object]:
    return parse_json_object(unverified_body, max_bytes=USERINFO_MAX_BYTES)


def _check_same_subject(claims: Mapping[str, object], id_token: ProvenIDToken) -> None:
    """Refuse claims about somebody else (OIDC Core 5.3.2, R-052).

    Access tokens can be swapped where ID tokens cannot:
    without this, the thief's own profile, or his victim's, would be worn by whoever signed in.
    """
    check_subject_claim(claims, "userinfo")
    if claims["sub"] != id_token.claims["sub"]:
        raise refusal("userinfo_subject_differs")
