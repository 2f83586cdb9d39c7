"""What the SAML identity providers of the tests have in common: people, a form to sign in, and keys that change."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Protocol

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from tests.servers.http_browser import Hop, HttpBrowser


@dataclass(frozen=True)
class KnownPerson:
    """Somebody who can sign in; ``attributes`` are what the provider says of them, by the name on the wire."""

    username: str
    password: str
    attributes: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True)
class SigningPair:
    """A private key and its certificate, both as PEM."""

    key: str = field(repr=False)
    certificate: str


@dataclass(frozen=True)
class SignInForm:
    """The names of the two fields on the provider's page, and the words on its button, if it has any."""

    username: str
    password: str
    button: str | None = None

    async def fill_in(
        self, browser: HttpBrowser, page: Hop, person: KnownPerson, *, stop_before: str | None = None
    ) -> Hop:
        """Sign in on the page, and walk on until the browser rests, or stands before an address."""
        fields = {self.username: person.username, self.password: person.password}
        return await browser.submit(page, fields, button=self.button, stop_before=stop_before)


class SAMLServer(Protocol):
    """An identity provider that speaks SAML 2.0, as the walks through it need it."""

    form: SignInForm

    @property
    def entity_id(self) -> str:
        """Its own name."""
        ...

    @property
    def metadata_url(self) -> str:
        """Where it describes itself."""
        ...

    @property
    def people(self) -> tuple[KnownPerson, ...]:
        """Who can sign in."""
        ...

    def trust(self, metadata: bytes) -> None:
        """Take the service provider that the document describes for a known one, as it is described now."""
        ...

    def roll_over(self) -> None:
        """Sign with the next key from now on, and show it alone."""
        ...


def new_signing_pair() -> SigningPair:
    """A fresh RSA key with a certificate that it signed itself, as SAML providers show them."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Test identity provider")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=30))
        .sign(key, SHA256())
    )
    secret = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return SigningPair(secret.decode(), certificate.public_bytes(Encoding.PEM).decode())
