"""Put together what a provider of plain OAuth 2.0 told: out of it comes a ``FederatedIdentity``."""

from collections.abc import Mapping
from typing import cast

from jitney.model.claims import Claims
from jitney.model.connection import OAuth2Connection
from jitney.model.federated_identity import FederatedIdentity
from jitney.upstream.claim_names import with_standard_names
from jitney.upstream.oauth2.userinfo import read_subject

_ADDRESS = frozenset({"email", "email_verified"})


def build_identity(
    idp: str, userinfo: Mapping[str, object], verified_email: str | None, *, connection: OAuth2Connection
) -> FederatedIdentity:
    """Return the identity; nothing in it is signed, but the settings may say to believe it like a signed word.

    Where the addresses are asked for apart, only the verified primary one is known, and any other address is left
    out: GitHub's profile shows what its owner chose to show there.
    """
    claims = with_standard_names(userinfo, connection.claim_names)
    if connection.emails_endpoint is not None:
        claims = {name: value for name, value in claims.items() if name not in _ADDRESS}
        if verified_email is not None:
            claims |= {"email": verified_email, "email_verified": True}
    return FederatedIdentity(
        idp=idp,
        subject=read_subject(userinfo, connection.subject_claim),
        claims=cast("Claims", claims),
        signed_claims=frozenset(claims) if connection.verified_flags_from_userinfo else frozenset(),
    )
