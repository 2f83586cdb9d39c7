"""Passkeys: what a browser's authenticator is asked, and whether what it answers holds (WebAuthn Level 3).

webauthn does the work behind this page; whatever it raises, and it raises many things, is ``None`` here (R-128).
"""

import hashlib
import json
from base64 import urlsafe_b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from webauthn import (
    generate_authentication_options,
    generate_registration_options,
    options_to_json,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers import (
    base64url_to_bytes,
    bytes_to_base64url,
    decode_credential_public_key,
    decoded_public_key_to_cryptography,
    parse_attestation_object,
    parse_authentication_credential_json,
    parse_client_data_json,
    parse_registration_credential_json,
)
from webauthn.helpers.cose import COSEAlgorithmIdentifier
from webauthn.helpers.structs import (
    AttestationConveyancePreference,
    AttestationFormat,
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from jitney.model.factor import Passkey

ALGORITHMS: Final = (
    COSEAlgorithmIdentifier.ECDSA_SHA_256,
    COSEAlgorithmIdentifier.EDDSA,
    COSEAlgorithmIdentifier.RSASSA_PKCS1_v1_5_SHA_256,
)
"""What every authenticator can sign with, the best liked first."""

MOST_SENT: Final = 16 * 1024
"""How many characters a browser may send; an answer without an attestation is a tenth of that."""

_MOST_CREDENTIAL_ID: Final = 1023
"""WebAuthn 7.1 (25)."""

_LEAST_CHANCE: Final = 16
"""WebAuthn 13.4.3."""

_RSA_BITS: Final = range(2048, 4097)
_FORMATS: Final = frozenset({AttestationFormat.NONE, AttestationFormat.PACKED})
"""We ask for none; some authenticators sign for themselves all the same. The other formats need not be read."""

_TIMEOUT_MS: Final = 4 * 60 * 1000


@dataclass(frozen=True, slots=True)
class RelyingParty:
    """Us, as authenticators know us: ``id`` is a domain, ``origin`` that of our pages (``https://id.example``)."""

    id: str
    name: str
    origin: str


@dataclass(frozen=True, slots=True)
class Holder:
    """Whose passkey it is; ``name`` is what the browser shows where one is made."""

    user_id: str
    name: str = ""

    @property
    def handle(self) -> bytes:
        """Return what the authenticator keeps of the user: 32 octets that name nobody (WebAuthn 14.6.1)."""
        return hashlib.sha256(b"passkey holder\0" + self.user_id.encode()).digest()


@dataclass(frozen=True, slots=True)
class NewPasskey:
    """A passkey that was made just now, and where its signature counter stands."""

    passkey: Passkey
    counter: int


@dataclass(frozen=True, slots=True)
class Enrolled:
    """A passkey that somebody has enrolled, and where its signature counter stood last."""

    passkey: Passkey
    counter: int


@dataclass(frozen=True, slots=True)
class PasskeyUse:
    """That a passkey has signed; ``counter`` is the new one, or 0 of an authenticator that does not count."""

    credential_id: str
    counter: int


def new_challenge(chance: bytes) -> str:
    """Return what the authenticator shall sign, in base64url; raises ``ValueError`` below 128 bits of chance."""
    if len(chance) < _LEAST_CHANCE:
        raise ValueError("too little chance for a challenge")
    return urlsafe_b64encode(chance).decode().rstrip("=")


def registration_options(
    party: RelyingParty, holder: Holder, *, challenge: str, known: Sequence[Passkey]
) -> str:
    """Return what ``navigator.credentials.create`` needs, as JSON; authenticators in ``known`` make no second one.

    No attestation is asked for: which make a person's key is of is nobody's business here.
    """
    options = generate_registration_options(
        rp_id=party.id,
        rp_name=party.name,
        user_id=holder.handle,
        user_name=holder.name,
        challenge=base64url_to_bytes(challenge),
        timeout=_TIMEOUT_MS,
        attestation=AttestationConveyancePreference.NONE,
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.DISCOURAGED,
            user_verification=UserVerificationRequirement.PREFERRED,
        ),
        exclude_credentials=_descriptors(known),
        supported_pub_key_algs=list(ALGORITHMS),
    )
    return options_to_json(options)


def authentication_options(party: RelyingParty, *, challenge: str, known: Sequence[Passkey]) -> str:
    """Return what ``navigator.credentials.get`` needs, as JSON; only the passkeys in ``known`` can answer."""
    options = generate_authentication_options(
        rp_id=party.id,
        challenge=base64url_to_bytes(challenge),
        timeout=_TIMEOUT_MS,
        allow_credentials=_descriptors(known),
        user_verification=UserVerificationRequirement.PREFERRED,
    )
    return options_to_json(options)


def verify_registration(party: RelyingParty, unverified: str, *, challenge: str) -> NewPasskey | None:
    """Return the passkey that a browser says was made (WebAuthn 7.1); ``None`` where anything is not as it must be.

    The attack: a page of another origin has its visitor's authenticator make a key, or sends one that was made for
    another challenge; or a key that nothing can ever be verified with, so that its owner is locked out.
    """
    if not _is_readable(unverified):
        return None
    try:
        return _registered(party, unverified, challenge)
    except Exception:
        return None


def verify_authentication(
    party: RelyingParty, unverified: str, *, challenge: str, holder: Holder, enrolled: Sequence[Enrolled]
) -> PasskeyUse | None:
    """Return which of a user's passkeys has signed (WebAuthn 7.2); ``None`` where anything is not as it must be.

    The attack: a signature that was made for another page, another challenge or another user is sent here; or one
    by a copy of the authenticator, whose counter has not gone on (7.2, 22).
    """
    if not _is_readable(unverified):
        return None
    try:
        return _authenticated(party, unverified, challenge, holder, enrolled)
    except Exception:
        return None


def _registered(party: RelyingParty, unverified: str, challenge: str) -> NewPasskey | None:
    credential = parse_registration_credential_json(unverified)
    attested = parse_attestation_object(credential.response.attestation_object)
    if attested.fmt not in _FORMATS or _is_framed(credential.response.client_data_json):
        return None
    done = verify_registration_response(
        credential=credential,
        expected_challenge=base64url_to_bytes(challenge),
        expected_rp_id=party.id,
        expected_origin=party.origin,
        require_user_verification=False,
        supported_pub_key_algs=list(ALGORITHMS),
    )
    if done.credential_id != credential.raw_id or len(done.credential_id) > _MOST_CREDENTIAL_ID:
        return None
    if not _is_usable(done.credential_public_key):
        return None
    names = bytes_to_base64url(done.credential_id), bytes_to_base64url(done.credential_public_key)
    return NewPasskey(Passkey(*names), done.sign_count)


def _authenticated(
    party: RelyingParty, unverified: str, challenge: str, holder: Holder, enrolled: Sequence[Enrolled]
) -> PasskeyUse | None:
    credential = parse_authentication_credential_json(unverified)
    mine = [each for each in enrolled if each.passkey.credential_id == credential.id]
    handle = credential.response.user_handle
    if not mine or (handle and handle != holder.handle) or _is_framed(credential.response.client_data_json):
        return None
    done = verify_authentication_response(
        credential=credential,
        expected_challenge=base64url_to_bytes(challenge),
        expected_rp_id=party.id,
        expected_origin=party.origin,
        credential_public_key=base64url_to_bytes(mine[0].passkey.public_key),
        credential_current_sign_count=mine[0].counter,
        require_user_verification=False,
    )
    return PasskeyUse(mine[0].passkey.credential_id, done.new_sign_count)


def _descriptors(known: Sequence[Passkey]) -> list[PublicKeyCredentialDescriptor]:
    return [PublicKeyCredentialDescriptor(id=base64url_to_bytes(each.credential_id)) for each in known]


def _is_readable(unverified: str) -> bool:
    """Say whether a text is short and is JSON, before anything else looks at it.

    A small text can nest deep enough to exhaust whoever reads it; that ends here too.
    """
    if len(unverified) > MOST_SENT:
        return False
    try:
        json.loads(unverified)
    except (ValueError, RecursionError):
        return False
    return True


def _is_framed(client_data: bytes) -> bool:
    """Say whether a page within somebody else's page has asked; none of ours may be shown there."""
    return bool(parse_client_data_json(client_data).cross_origin)


def _is_usable(public_key: bytes) -> bool:
    """Say whether signatures of a key can be verified, and in bounded time; raises what the library raises."""
    key = decoded_public_key_to_cryptography(decode_credential_public_key(public_key))
    return not isinstance(key, RSAPublicKey) or key.key_size in _RSA_BITS
