"""What of a provider decides who signs in as whom, and on what proof: a change is audited as high risk (pure)."""

from collections.abc import Collection

from jitney.errors import NotAllowed
from jitney.model.connection import OAuth2Connection, OIDCConnection
from jitney.model.identity_provider import UpstreamConnection
from jitney.model.saml_connection import SAMLConnection

_WHO_SAYS_WHO = frozenset(
    f"connection.{name}"
    for name in (
        "issuer", "approved_origins", "tenants", "groups_endpoint", "claim_names", "verified_flags_from_userinfo",
        "authorization_endpoint", "token_endpoint", "userinfo_endpoint", "emails_endpoint", "userinfo_root",
        "entity_id", "signing_certificates", "single_sign_on", "metadata_url", "metadata_certificates", "signed",
        "sha1_allowed_risky", "mutable_subject_allowed_risky", "idp_initiated",
    )
) | {"connection"}  # fmt: skip

_WHAT_IS_PROOF_ENOUGH = frozenset(
    f"second_factor.{name}" for name in ("required", "kinds", "trusted_acr", "trusted_amr")
)


def is_risky(fields: Collection[str]) -> bool:
    """Say whether a change of these fields lets somebody else say who people are (R-004), or on less proof."""
    return bool((_WHO_SAYS_WHO | _WHAT_IS_PROOF_ENOUGH).intersection(fields))


def check_subject_stays(present: UpstreamConnection, wanted: UpstreamConnection, *, links: int) -> None:
    """Refuse to take another claim for the subject while people are linked by the present one (R-002).

    The attack: an operator has the subject read from a claim that people may set themselves; whoever sets it to
    the number of somebody who is linked opens their account.
    Raises ``NotAllowed`` (``identity_provider_subject_fixed``).
    """
    if links and _subject_of(present) != _subject_of(wanted):
        raise NotAllowed(
            "identity_provider_subject_fixed",
            "People are linked by what this identity provider calls them now, so that cannot change.",
            links=links,
        )


def _subject_of(connection: UpstreamConnection) -> tuple[str | None, ...]:
    match connection:
        case OIDCConnection():
            return "oidc", "tenant" if connection.tenants else None
        case OAuth2Connection():
            return "oauth2", connection.subject_claim
        case SAMLConnection():
            return "saml", connection.subject_attribute
