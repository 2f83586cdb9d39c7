"""A key pair of ours that an operator brings: judged in full, every fault at once, before it is kept."""

from datetime import datetime
from typing import Final

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from jitney.errors import InvalidInput
from jitney.model.saml_connection import SAMLCredential
from jitney.upstream.saml.credentials import (
    FLAWS,
    PrivateKey,
    PublicKey,
    UnusableCredentialError,
    as_credential,
    find_certificate_notes,
    is_strong,
    read_certificate,
    read_certificate_key,
)

LONGEST_PEM: Final = 16 * 1024
"""Characters of the longest text that is read as a certificate or a key."""

RSA_MOST_BITS: Final = 4096
"""To prove the arithmetic of a longer key would keep everybody waiting; so its length is looked at first."""

CERTIFICATE, PRIVATE_KEY = "certificate", "private_key"

_UNREADABLE_KEY: Final = "This is not one private key in PEM, which begins with -----BEGIN PRIVATE KEY-----."
_LOCKED_KEY: Final = "This key is locked with a passphrase. Take the passphrase off and bring it again."
_WEAK_KEY: Final = (
    f"The key is neither RSA of 2048 to {RSA_MOST_BITS} bits nor ECDSA on P-256, P-384 or P-521."
)
_OF_ANOTHER: Final = "This key does not belong to the certificate."
_NOT_RSA: Final = "Assertions must be encrypted for us here, and only an RSA key opens them."


def read_brought(
    certificate: str, private_key: str, *, now: datetime, must_decrypt: bool = False
) -> SAMLCredential:
    """Return a key pair as it is kept, of which everything that is not the certificate or the key was dropped.

    ``must_decrypt``: others encrypt for it, which takes an RSA key (R-069).
    Raises ``InvalidInput`` (``saml_key_pair_unfit``) with a sentence for ``certificate`` and ``private_key``, of
    which none repeats anything of the key.
    """
    faults: dict[str, str] = {}
    public = _certified(certificate, now, faults)
    private = _opened(private_key, faults)
    if public is not None and private is not None and private.public_key() != public:
        faults[PRIVATE_KEY] = _OF_ANOTHER
    if must_decrypt and public is not None and not isinstance(public, rsa.RSAPublicKey):
        faults.setdefault(CERTIFICATE, _NOT_RSA)
    if faults or private is None:
        raise InvalidInput("saml_key_pair_unfit", "This key pair cannot be used.", fields=faults)
    return as_credential(read_certificate(certificate), private)


def _certified(pem: str, now: datetime, faults: dict[str, str]) -> PublicKey | None:
    """Return the certificate's key; a date counts here, since a new pair is to serve for a while."""
    if len(pem) > LONGEST_PEM:
        faults[CERTIFICATE] = f"This {FLAWS['certificate_unreadable']}."
        return None
    try:
        public = read_certificate_key(pem)
        notes, told = find_certificate_notes(pem, now=now), read_certificate(pem)
    except UnusableCredentialError as flaw:
        faults[CERTIFICATE] = f"This {flaw}."
        return None
    if not _is_fit(public):
        faults[CERTIFICATE] = _WEAK_KEY
    elif "certificate_expired" in notes:
        faults[CERTIFICATE] = f"This certificate has expired on {told.not_valid_after_utc:%Y-%m-%d}."
    elif "certificate_not_yet_valid" in notes:
        faults[CERTIFICATE] = f"This certificate is valid from {told.not_valid_before_utc:%Y-%m-%d} on."
    return public


def _opened(pem: str, faults: dict[str, str]) -> PrivateKey | None:
    if len(pem) > LONGEST_PEM:
        faults[PRIVATE_KEY] = _UNREADABLE_KEY
        return None
    try:
        private = _read_key(pem)
        if private is not None:
            return private
        faults[PRIVATE_KEY] = _WEAK_KEY
    except TypeError:  # this alone is how the library says that a passphrase is missing
        faults[PRIVATE_KEY] = _LOCKED_KEY
    except (ValueError, UnsupportedAlgorithm):
        faults[PRIVATE_KEY] = _UNREADABLE_KEY
    return None


def _read_key(pem: str) -> PrivateKey | None:
    """Return a key whose arithmetic is proven, ``None`` for one of another kind or strength.

    The attack: a key of 16,384 bits, whose proof takes a minute in which this process answers nobody.
    Raises what the library does.
    """
    unproven = serialization.load_pem_private_key(
        pem.encode(), password=None, unsafe_skip_rsa_key_validation=True
    )
    if isinstance(unproven, ec.EllipticCurvePrivateKey):
        return unproven if _is_fit(unproven.public_key()) else None
    if not isinstance(unproven, rsa.RSAPrivateKey) or not _is_fit(unproven.public_key()):
        return None
    proven = serialization.load_pem_private_key(pem.encode(), password=None)
    return proven if isinstance(proven, rsa.RSAPrivateKey) else None


def _is_fit(public: PublicKey) -> bool:
    return is_strong(public) and not (
        isinstance(public, rsa.RSAPublicKey) and public.key_size > RSA_MOST_BITS
    )
