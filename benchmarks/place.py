"""Where everything of one run is, and what it is called."""

from dataclasses import dataclass
from pathlib import Path

from jitney.model.user import PRIMARY

PROVIDER, CHANGING = "acme", "changing"
"""The provider of people who stay as they are, and that of people who change from visit to visit."""

SAML = "SAML"
"""What leads to the people who come by SAML is called after it, as after a user store elsewhere."""

DOMAINS = (PRIMARY, "LDAP", "SQL", "LDAP-FEW", "LDAP-MANY", "SQL-FEW", "SQL-MANY")
"""Every user store that people may be sent to, each with a provider and an application of its own."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where everything of one run is: the folder, the port of the server, the identity providers, the secrets.

    The same client id and secret serve at the providers (for us) and at us (for the application).
    An application of its own, ``changing_client_id``, leads to the people who change.
    ``saml`` is the address of the SAML provider.
    """

    folder: Path
    port: int
    issuer: str = ""
    changing_issuer: str = ""
    saml: str = ""
    client_id: str = "bench"
    changing_client_id: str = "bench-changing"
    secret: str = "bench-0123456789-0123456789-0123456789"

    @property
    def address(self) -> str:
        """The server's address."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def providers(self) -> tuple[str, ...]:
        """The addresses of the identity providers that there are."""
        return tuple(each for each in (self.issuer, self.changing_issuer, self.saml) if each)

    def redirect_uri(self, provider: str) -> str:
        """Return where an identity provider sends browsers back to."""
        return f"{self.address}/callback/{provider}"

    def application(self, domain: str, *, changing: bool) -> str:
        """Return the client id of the application that leads to people of a user store."""
        return of_store(self.changing_client_id if changing else self.client_id, domain)

    @property
    def application_uri(self) -> str:
        """Where browsers go in the end; nothing needs to listen there."""
        return "http://127.0.0.1:9/callback"


def of_store(name: str, domain: str) -> str:
    """Return the name of what leads to the people of a user store; that of PRIMARY is the bare one."""
    return name if domain == PRIMARY else f"{name}-{domain.lower()}"
