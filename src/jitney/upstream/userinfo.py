"""Ask the provider's UserInfo endpoint about the person whose ID token was verified (OIDC Core 5.3)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from jitney.jose.claims_checks import check_audience, check_expiry, check_issuer, check_not_before
from jitney.jose.limits import parse_json_object
from jitney.jose.verifying import USERINFO_TYPES
from jitney.model.identity_provider import OIDCConnection
from jitney.outgoing.client import OutgoingClient, OutgoingResponse
from jitney.upstream.faults import call_to, flaws_of, refusal
from jitney.upstream.id_token import ProvenIDToken, check_subject_claim, skew_of
from jitney.upstream.keys import RemoteKeys

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
        with call_to("userinfo"):
            answer = await self.outgoing.get_bytes(
                endpoint, accept=_ACCEPT, headers={"Authorization": f"Bearer {access_token}"}
            )
        _check_status(answer)
        is_signed = answer.content_type == "application/jwt"
        with flaws_of("userinfo"):
            claims = await self._verify(answer.body, now) if is_signed else _parse(answer.body)
        _check_same_subject(claims, id_token)
        return UserInfo(claims, is_signed)

    async def _verify(self, unverified_body: bytes, now: float) -> Mapping[str, object]:
        """Verify a signed answer, issuer and audience too, so that no other kind of token passes (R-074)."""
        token = await self.keys.verify(
            unverified_body.decode("ascii", "replace").strip(), types=USERINFO_TYPES
        )
        check_issuer(token.claims, expected=self.connection.issuer)
        check_audience(
            token.claims, expected=self.connection.client_id, also_trusted=self.connection.trusted_audiences
        )
        skew = skew_of(self.connection)
        if "exp" in token.claims:
            check_expiry(token.claims, now=now, skew=skew)
        check_not_before(token.claims, now=now, skew=skew)
        return token.claims


def _check_status(answer: OutgoingResponse) -> None:
    if answer.status in (401, 403):
        raise refusal("userinfo_refused", status=answer.status)
    if answer.status != 200:
        raise refusal("userinfo_failed", status=answer.status)


def _parse(unverified_body: bytes) -> Mapping[str, object]:
    return parse_json_object(unverified_body, max_bytes=USERINFO_MAX_BYTES)


def _check_same_subject(claims: Mapping[str, object], id_token: ProvenIDToken) -> None:
    """Refuse claims about somebody else (OIDC Core 5.3.2, R-052).

    Access tokens can be swapped where ID tokens cannot:
    without this, the thief's own profile, or his victim's, would be worn by whoever signed in.
    """
    check_subject_claim(claims, "userinfo")
    if claims["sub"] != id_token.subject:
        raise refusal("userinfo_subject_differs")
