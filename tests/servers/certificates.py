"""A certificate authority for tests, and the good and the bad certificates that servers show."""

import ipaddress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Certificate:
    """The PEM files of one server: ``certificate`` and its ``key``."""

    certificate: Path
    key: Path


class TestAuthority:
    """A CA of its own with a folder for its files; ``ca_file`` is what a client shall trust."""

    __test__ = False  # no test case, whatever its name says

    def __init__(self, folder: Path, name: str = "Test CA") -> None:
        self._folder = folder
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        self._issued = 0
        folder.mkdir(parents=True, exist_ok=True)
        self.ca_file = folder / "ca.pem"
        self.ca_file.write_bytes(self._own_certificate().public_bytes(Encoding.PEM))

    def good(self, *hosts: str) -> Certificate:
        """A certificate for ``hosts``, names or addresses; without any for 127.0.0.1 and localhost."""
        return self._issue(hosts or ("127.0.0.1", "localhost"), -_DAY, 30 * _DAY)

    def expired(self) -> Certificate:
        """A certificate for 127.0.0.1 that ended an hour ago."""
        return self._issue(("127.0.0.1",), -2 * _DAY, -timedelta(hours=1))

    def for_another_host(self) -> Certificate:
        """A certificate that is good, but for somebody else."""
        return self._issue(("ldap.elsewhere.example",), -_DAY, 30 * _DAY)

    def _own_certificate(self) -> x509.Certificate:
        builder = self._builder(self._name, self._key.public_key(), -_DAY, 365 * _DAY)
        usage = x509.KeyUsage(
            digital_signature=True,
            content_commitment=False,
            key_encipherment=False,
            data_encipherment=False,
            key_agreement=False,
            key_cert_sign=True,
            crl_sign=True,
            encipher_only=False,
            decipher_only=False,
        )
        builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        return builder.add_extension(usage, critical=True).sign(self._key, SHA256())

    def _issue(self, hosts: tuple[str, ...], since: timedelta, until: timedelta) -> Certificate:
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, hosts[0])])
        certificate = (
            self._builder(name, key.public_key(), since, until)
            .add_extension(
                x509.SubjectAlternativeName([_general_name(host) for host in hosts]), critical=False
            )
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
            .sign(self._key, SHA256())
        )
        self._issued += 1
        files = Certificate(self._folder / f"{self._issued}.pem", self._folder / f"{self._issued}.key")
        files.certificate.write_bytes(certificate.public_bytes(Encoding.PEM))
        # Samba refuses a key that others may read.
        files.key.touch(mode=0o600)
        secret = key.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption())
        files.key.write_bytes(secret)
        return files

    def _builder(
        self, name: x509.Name, key: ec.EllipticCurvePublicKey, since: timedelta, until: timedelta
    ) -> x509.CertificateBuilder:
        now = datetime.now(UTC)
        key_id = x509.SubjectKeyIdentifier.from_public_key(key)
        authority_id = x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key())
        return (
            x509.CertificateBuilder(self._name, name, key, x509.random_serial_number())
            .not_valid_before(now + since)
            .not_valid_after(now + until)
            .add_extension(key_id, critical=False)
            .add_extension(authority_id, critical=False)
        )


def _general_name(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        return x509.DNSName(host)
