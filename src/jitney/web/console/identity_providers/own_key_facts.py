"""What is told of our own keys for a SAML provider: what stands in their certificates."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from jitney.model.identity_provider import IdentityProvider
from jitney.model.saml_connection import SAMLConnection
from jitney.web.console.identity_providers.endings import Ending, judged
from jitney.web.console.identity_providers.places import Certificates, address_of


@dataclass(frozen=True, slots=True)
class OwnKey:
    """What is told of a key of ours; of one whose certificate cannot be read only that."""

    subject: str
    key: str
    fingerprint: str
    ending: Ending
    href: str


def own_keys_of(idp: IdentityProvider, certificates: Certificates, *, now: datetime) -> Sequence[OwnKey]:
    """Return what is told of our keys, the one that signs first."""
    return [_told(pem, idp, certificates, now) for pem in certificates_of(idp)]


def certificates_of(idp: IdentityProvider) -> tuple[str, ...]:
    """Return the certificates of our keys for a provider; none where it speaks no SAML."""
    connection = idp.connection
    return (
        tuple(one.certificate for one in connection.credentials)
        if isinstance(connection, SAMLConnection)
        else ()
    )


def _told(pem: str, idp: IdentityProvider, certificates: Certificates, now: datetime) -> OwnKey:
    told = certificates.find_facts(pem)
    if told is None:
        return OwnKey("cannot be read", "", "", Ending("Our key cannot be read", None, "bad"), "")
    href = address_of(idp.name, f"keys/{told.fingerprint}.pem")
    return OwnKey(
        told.name, told.key, _in_pairs(told.fingerprint), judged("Our key", told.expires, now), href
    )


def _in_pairs(digits: str) -> str:
    """Return a fingerprint as other programs show it: ``0A:1B:…``."""
    return ":".join(digits[at : at + 2] for at in range(0, len(digits), 2)).upper()
