"""Know an ID token again that we gave away, when an application hands it back as a hint."""

from dataclasses import dataclass

from jitney.errors import InvalidInput
from jitney.jose.claims_checks import check_issuer, get_audience, get_text
from jitney.jose.key_set import KeySet
from jitney.jose.verifying import ID_TOKEN_TYPES, verify_signature


@dataclass(frozen=True, slots=True)
class IDTokenHint:
    """What an ID token of ours said: to which application, about whom, from which session."""

    application: str
    subject: str
    session_public_id: str | None


def verify_id_token_hint(unverified_token: str, *, key_set: KeySet, issuer: str) -> IDTokenHint:
    """Return what the token says, if we signed it as an ID token; it may have expired (R-090).

    The attack: a forged hint names another person's session, which is then ended or taken for proof.
    Raises ``InvalidInput`` ``id_token_hint_invalid``.
    """
    try:
        claims = verify_signature(
            unverified_token, key_set=key_set, algorithms=("ES256", "RS256"), types=ID_TOKEN_TYPES
        ).claims
        check_issuer(claims, expected=issuer)
        (application,) = get_audience(claims)
        session = claims.get("sid")
        return IDTokenHint(
            application, get_text(claims, "sub"), session if isinstance(session, str) else None
        )
    except (InvalidInput, ValueError) as fault:
        reason = fault.code if isinstance(fault, InvalidInput) else "jwt_foreign_audience"
        raise InvalidInput(
            "id_token_hint_invalid", "The id_token_hint is not an ID token of ours.", reason=reason
        ) from fault
