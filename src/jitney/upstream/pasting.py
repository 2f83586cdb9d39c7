"""What an operator pasted, read as the word of one identity provider by the rules of its connection."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

from jitney.errors import InvalidInput, JitneyError, NotFound
from jitney.model.claims import Claims
from jitney.model.connection import OAuth2Connection, OIDCConnection
from jitney.model.identity_provider import IdentityProvider
from jitney.model.saml_connection import SAMLConnection
from jitney.ports import Clock, ExaminedResponse, PastedPerson
from jitney.upstream.claim_names import with_boolean_flags, with_standard_names
from jitney.upstream.oauth2.userinfo import read_subject
from jitney.upstream.oidc.id_token import check_subject_claim
from jitney.upstream.places import OurPlaces
from jitney.upstream.saml.attributes import NAME_ID_CLAIM
from jitney.upstream.saml.examining import examine_response
from jitney.upstream.saml.expected import ExpectedResponse
from jitney.upstream.tenants import subject_of, verify_tenant


@dataclass(frozen=True, slots=True)
class PastedWordsOfProviders:
    """Implements the port ``PastedWords``; ``base_url`` is our public address without a slash at its end.

    What it returns is no ``FederatedIdentity``: no way leads from a paste to a session (law 6).
    """

    clock: Clock
    base_url: str

    def describe(self, idp: IdentityProvider, claims: Claims, *, subject: str | None = None) -> PastedPerson:
        """Return whom these claims describe; see ``ports.PastedWords``."""
        connection = idp.connection
        whom = subject or _subject_in(claims, connection)
        known: Mapping[str, object] = claims
        if not isinstance(connection, SAMLConnection):
            known = with_standard_names(claims, connection.claim_names)
        if isinstance(connection, OIDCConnection) and connection.string_flags_count:
            known = with_boolean_flags(known)
        is_unsigned = isinstance(connection, OAuth2Connection) and not connection.verified_flags_from_userinfo
        return PastedPerson(
            whom, cast("Claims", dict(known)), frozenset() if is_unsigned else frozenset(known)
        )

    def examine(self, idp: IdentityProvider, unverified: str) -> ExaminedResponse:
        """Verify a pasted SAML response; see ``ports.PastedWords``."""
        connection = idp.connection
        if not isinstance(connection, SAMLConnection):
            raise NotFound("saml_not_spoken", "This identity provider does not speak SAML.")
        places = OurPlaces(self.base_url.rstrip("/"), idp.name)
        return examine_response(
            unverified, ExpectedResponse(idp.id, connection, places, None, self.clock.now())
        )


def _subject_in(claims: Claims, connection: OIDCConnection | OAuth2Connection | SAMLConnection) -> str:
    try:
        match connection:
            case OIDCConnection():
                check_subject_claim(claims, "id_token")
                return subject_of(verify_tenant(claims, connection), str(claims["sub"]))
            case OAuth2Connection():
                return read_subject(claims, connection.subject_claim)
            case SAMLConnection():
                return read_subject(claims, connection.subject_attribute or NAME_ID_CLAIM)
    except JitneyError as fault:
        where = _place_of_subject(connection)
        sentence = f"The claims do not say who this is: {where}. Add it, or fill in the subject."
        raise InvalidInput(
            "subject_missing", sentence, fields={"subject": sentence}, cause=fault.code
        ) from fault


def _place_of_subject(connection: OIDCConnection | OAuth2Connection | SAMLConnection) -> str:
    match connection:
        case OIDCConnection():
            return "the claim sub, and tid for a provider of many tenants"
        case OAuth2Connection():
            return f"the claim {connection.subject_claim}"
        case SAMLConnection():
            return f"the claim {connection.subject_attribute or NAME_ID_CLAIM}"
