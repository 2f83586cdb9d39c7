"""FederatedIdentity: what an upstream proved about a person, and nothing more."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from jitney.model.claims import Claims


@dataclass(frozen=True, slots=True)
class UnverifiedResponse:
    """What a browser brought back from an identity provider, before anything in it is believed.

    ``parameters`` are those of the query or form; a parameter that came twice is refused at the door.
    """

    parameters: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class FederatedIdentity:
    """A person as an identity provider proved them; only an ``Upstream`` makes one.

    ``idp`` is the internal id of the identity provider and ``subject`` the provider's exact bytes:
    the two together are the key of an account link, and nothing else is (R-001, R-002).
    ``signed_claims`` names the claims that stood in a signed document; a verified flag or a role from
    elsewhere proves nothing (R-052).
    """

    idp: str
    subject: str
    claims: Claims
    signed_claims: frozenset[str] = frozenset()
    authenticated_at: datetime | None = None
    acr: str | None = None
    amr: tuple[str, ...] = ()
    upstream_session: str | None = None
