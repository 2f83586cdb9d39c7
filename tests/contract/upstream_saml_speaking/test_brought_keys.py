"""A key pair that an operator brings is judged in full before it is ours."""

from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from jitney.errors import InvalidInput
from jitney.model.saml_connection import SAMLCredential
from jitney.outgoing.client import OutgoingClient
from jitney.ports import SAMLSource
from jitney.testing.fake_saml.keys import KeyPair, dsa_key, ec_key, rsa_key
from jitney.upstream.saml.credentials import read_credential
from jitney.upstream.saml.source import SAMLMetadataSource

NOW = datetime(2030, 6, 1, 12, 0, 0, tzinfo=UTC)
SOURCE: SAMLSource = SAMLMetadataSource(OutgoingClient())
GOOD, OTHER, CURVED = rsa_key("ours"), rsa_key("another's"), ec_key("ours")
SHORT = rsa_key("s", 1024)
DAY = timedelta(days=1)


def brought(certificate: str, private_key: str, *, must_decrypt: bool = False) -> SAMLCredential:
    return SOURCE.read_credential(certificate, private_key, now=NOW, must_decrypt=must_decrypt)


def certified(private: rsa.RSAPrivateKey, begins: datetime, ends: datetime) -> str:
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "ours")])
    builder = x509.CertificateBuilder(
        name, name, private.public_key(), x509.random_serial_number(), begins, ends
    )
    return builder.sign(private, hashes.SHA256()).public_bytes(serialization.Encoding.PEM).decode()


def locked(pair: KeyPair) -> str:
    return pair.private.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.BestAvailableEncryption(b"a passphrase"),
    ).decode()


def key_without_primes(bits: int) -> str:
    """What has the form of an RSA key, and is made in no time: both factors can be divided by three."""
    one, other = (1 << bits // 2) - 1, (1 << bits // 2) - 7
    numbers = rsa.RSAPrivateNumbers(one, other, 3, 3, 3, 3, rsa.RSAPublicNumbers(65537, one * other))
    private = numbers.private_key(unsafe_skip_rsa_key_validation=True)
    form = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return private.private_bytes(*form).decode()


@pytest.mark.parametrize("pair", [GOOD, CURVED], ids=["rsa", "elliptic"])
def test_sound_pair_is_taken_and_what_stands_around_it_dropped(pair: KeyPair) -> None:
    """Issue 7: an RSA and an elliptic pair are ready to sign; what other programs write around them is not kept."""
    taken = brought(
        f"Bag Attributes\nfriendlyName: x\n{pair.certificate}", f"localKeyID: 1\n{pair.private_pem}"
    )
    assert (pair.certificate, pair.private_pem) == (taken.certificate, taken.private_key)
    assert read_credential(taken).decrypts is (pair is GOOD)


_NEITHER = {"certificate": "not one certificate", "private_key": "not one private key"}
_UNFIT = {
    "of-another": (GOOD.certificate, OTHER.private_pem, {"private_key": "does not belong"}),
    "locked": (GOOD.certificate, locked(GOOD), {"private_key": "passphrase"}),
    "short": (SHORT.certificate, SHORT.private_pem, {"certificate": "2048", "private_key": "2048"}),
    "dsa": (dsa_key("d").certificate, dsa_key("d").private_pem, {"certificate": "RSA", "private_key": "RSA"}),
    "swapped": (GOOD.private_pem, GOOD.certificate, _NEITHER),
    "nothing": ("", "", _NEITHER),
    "two-certificates": (GOOD.certificate * 2, GOOD.private_pem, {"certificate": "not one"}),
    "no-text": ("\ufffd\x00", "\ufffd\x00", _NEITHER),
    "endless": ("-" * 20000, "-" * 20000, _NEITHER),
}  # fmt: skip


@pytest.mark.parametrize(("certificate", "private_key", "told"), _UNFIT.values(), ids=_UNFIT)
def test_unfit_pair_is_refused_with_every_fault_by_its_field(
    certificate: str, private_key: str, told: dict[str, str]
) -> None:
    """R-061, R-115: each fault stands at its field and repeats nothing of the key; a sound pair is taken."""
    with pytest.raises(InvalidInput) as refused:
        brought(certificate, private_key)
    assert "saml_key_pair_unfit" == refused.value.code
    assert set(told) == set(refused.value.fields)
    assert all(word in refused.value.fields[field] for field, word in told.items()), refused.value.fields
    assert not any("BEGIN RSA" in text or "MII" in text for text in refused.value.fields.values())
    assert GOOD.certificate == brought(GOOD.certificate, GOOD.private_pem).certificate


def test_key_that_is_too_long_is_refused_before_its_arithmetic_is_proven() -> None:
    """R-151: the attack: to prove a key of 16,384 bits takes a minute in which nobody signs in.

    Its primes here are none, which whoever proves it finds first; of one that is not too long it is found.
    """
    for bits, told in ((4104, "RSA of 2048 to 4096 bits"), (2048, "not one private key")):
        with pytest.raises(InvalidInput) as refused:
            brought(GOOD.certificate, key_without_primes(bits))
        assert {"private_key"} == set(refused.value.fields)
        assert told in refused.value.fields["private_key"]
    assert GOOD.certificate == brought(GOOD.certificate, GOOD.private_pem).certificate


def test_certificate_out_of_its_time_is_refused() -> None:
    """R-142: one that has ended, or has not begun, is told with the day; from its first moment on it is taken."""
    private = GOOD.private
    assert isinstance(private, rsa.RSAPrivateKey)
    for begins, ends, told in (
        (NOW - 3 * DAY, NOW - DAY, "2030-05-31"),
        (NOW + DAY, NOW + 3 * DAY, "2030-06-02"),
    ):
        with pytest.raises(InvalidInput) as refused:
            brought(certified(private, begins, ends), GOOD.private_pem)
        assert {"certificate"} == set(refused.value.fields)
        assert told in refused.value.fields["certificate"]
    good = certified(private, NOW, NOW + DAY)
    assert good == brought(good, GOOD.private_pem).certificate


def test_elliptic_key_is_refused_where_assertions_must_be_encrypted() -> None:
    """R-069: a key that opens nothing is refused where all must be encrypted for it; an RSA key is taken."""
    with pytest.raises(InvalidInput) as refused:
        brought(CURVED.certificate, CURVED.private_pem, must_decrypt=True)
    assert ("saml_key_pair_unfit", {"certificate"}) == (refused.value.code, set(refused.value.fields))
    assert GOOD.certificate == brought(GOOD.certificate, GOOD.private_pem, must_decrypt=True).certificate
