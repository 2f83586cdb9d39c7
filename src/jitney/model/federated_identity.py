"""FederatedIdentity: what an upstream proved about a person, and nothing more."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from jitney.model.claims import Claims


@dataclass(frozen=True, slots=True)
class UnverifiedResponse:
    """What a browser brought back from an identity provider, before anything in it is believed.

    ``parameters`` are those of the query or form; a parameter that came twice is refused at the door.
    ``query`` is the query octet by octet as it came, which the signature of a SAML redirect covers;
    ``is_posted`` says that the parameters came as a form.
    """

    parameters: Mapping[str, str]
    query: str = ""
    is_posted: bool = False

    @property
    def state(self) -> str:
        """Return the state that travelled with it, which SAML calls RelayState; empty where there is none."""
        return self.parameters.get("state") or self.parameters.get("RelayState", "")


@dataclass(frozen=True, slots=True)
class OneTimeId:
    """The id of a document that proved somebody, and may do so only once until it has expired (R-065)."""

    id: str
    expires: datetime


@dataclass(frozen=True, slots=True)
class FederatedIdentity:
    """A person as an identity provider proved them; only an ``Upstream`` makes one.

    ``idp`` is the internal id of the identity provider and ``subject`` the provider's exact bytes:
    the two together are the key of an account link, and nothing else is (R-001, R-002).
    ``signed_claims`` names the claims that stood in a signed document; a verified flag or a role from
    elsewhere proves nothing (R-052).
    ``upstream_session`` is the provider's name for its session,
    and ``upstream_name`` the hash of the name by which a
    SAML provider will ask us to end it. ``logout_hint`` is what the provider wants to see when we ask it to end the
    session: the ID token, or the NameID.
    ``one_time`` are the documents that proved all this.
    """

    idp: str
    subject: str
    claims: Claims
    signed_claims: frozenset[str] = frozenset()
    authenticated_at: datetime | None = None
    acr: str | None = None
    amr: tuple[str, ...] = ()
    upstream_session: str | None = None
    upstream_name: str | None = None
    logout_hint: str | None = field(default=None, repr=False)
    one_time: tuple[OneTimeId, ...] = ()
