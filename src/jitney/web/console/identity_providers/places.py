"""What the pages are told of the world beside them: our addresses, certificates, and what sign-ins would become."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Final, Protocol
from urllib.parse import quote

from jitney.model.connection import OIDCConnection
from jitney.model.identity_provider import IdentityProvider
from jitney.model.saml_connection import SAMLConnection

BASE: Final = "/console/identity-providers"
SECTION: Final = "identity-providers"


class Places(Protocol):
    """Our own addresses for one provider."""

    @property
    def callback(self) -> str:
        """Return the redirect URI."""
        ...

    @property
    def signed_out(self) -> str:
        """Return where a person comes back to who has signed out there."""
        ...

    @property
    def back_channel_logout(self) -> str:
        """Return where the provider sends its logout tokens."""
        ...

    @property
    def saml_metadata(self) -> str:
        """Return where our SAML metadata stand."""
        ...

    @property
    def assertion_consumer(self) -> str:
        """Return where SAML responses are posted to."""
        ...

    @property
    def single_logout(self) -> str:
        """Return where SAML logout messages go."""
        ...


PlacesOf = Callable[[str], Places]
"""Short name of a provider → our addresses for it."""


class CertificateTold(Protocol):
    """What stands in a certificate; as text it is one line for an operator.

    ``key`` says kind and size, ``fingerprint`` is SHA-256 in hexadecimal digits.
    """

    @property
    def name(self) -> str:
        """Return on whom it is."""
        ...

    @property
    def key(self) -> str:
        """Return what kind of key it certifies."""
        ...

    @property
    def fingerprint(self) -> str:
        """Return by what people compare it."""
        ...

    @property
    def expires(self) -> datetime:
        """Return until when it says that it is good."""
        ...


class Certificates(Protocol):
    """Reads certificates (PEM)."""

    def find_facts(self, pem: str) -> CertificateTold | None:
        """Return what stands in a certificate, ``None`` where it cannot be read."""
        ...

    def split(self, text: str) -> tuple[str, ...]:
        """Return the certificates of a text one by one; none where it cannot be read."""
        ...


def address_of(name: str, part: str = "") -> str:
    """Return the address of a provider's page."""
    return f"{BASE}/{quote(name, safe='')}" + (f"/{part}" if part else "")


def to_register(
    kind: str, places: Places, *, service_provider_id: str | None = None
) -> Sequence[tuple[str, str]]:
    """Return what the provider must be told of us: what it is called there, and the text to copy."""
    if kind == "saml":
        return (
            ("Our metadata, which say all of this", places.saml_metadata),
            ("Our entity id (audience)", service_provider_id or places.saml_metadata),
            ("Assertion consumer service (ACS, HTTP-POST)", places.assertion_consumer),
            ("Single logout service", places.single_logout),
        )
    if kind == "oauth2":
        return (("Redirect URI (callback)", places.callback),)
    return (
        ("Redirect URI (callback)", places.callback),
        ("After sign-out", places.signed_out),
        ("Back-channel logout", places.back_channel_logout),
    )


def kind_word(idp: IdentityProvider) -> str:
    """Return what a provider speaks, as people call it."""
    match idp.connection:
        case OIDCConnection():
            return "OpenID Connect"
        case SAMLConnection():
            return "SAML"
        case _:
            return "OAuth 2.0"
