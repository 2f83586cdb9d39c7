"""An authenticator in software, with cryptography and cbor2 alone: honest, and able to lie in every field."""

import hashlib
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import cbor2
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import NameOID

UP, UV, AT = 1, 4, 64
Key = ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey | rsa.RSAPrivateKey


def b64(octets: bytes) -> str:
    return urlsafe_b64encode(octets).decode().rstrip("=")


def unb64(text: str) -> bytes:
    return urlsafe_b64decode(text + "===")


@dataclass
class SoftwareAuthenticator:
    """Holds one credential; ``lies`` replace what it would say."""

    origin: str = "https://id.example"
    rp_id: str = "id.example"
    key: Key = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    credential_id: bytes = b"credential-1"
    counter: int = 0
    counts: bool = True
    handle: bytes | None = None

    def create(self, options: str, **lies: Any) -> str:
        """Answer ``navigator.credentials.create``, as the JSON that a page sends."""
        asked = json.loads(options)
        self.handle = unb64(asked["user"]["id"])
        client = self._client("webauthn.create", asked["challenge"], lies)
        attested = (
            lies.get("aaguid", bytes(16))
            + len(self.credential_id).to_bytes(2, "big")
            + self.credential_id
            + lies.get("cose", cbor2.dumps(self.cose(lies.get("alg"))))
        )
        said = self._data(lies, UP | UV | AT) + attested + lies.get("tail", b"")
        attestation = {"fmt": lies.get("fmt", "none"), "attStmt": lies.get("statement", {}), "authData": said}
        if lies.get("signs_itself"):
            statement = {"alg": -7, "sig": self.sign(said + hashlib.sha256(client).digest())}
            attestation = {"fmt": "packed", "attStmt": statement, "authData": said}
        if lies.get("as_u2f"):
            statement = self._u2f(hashlib.sha256(client).digest())
            attestation = {"fmt": "fido-u2f", "attStmt": statement, "authData": said}
        response = {
            "clientDataJSON": b64(client),
            "attestationObject": b64(lies.get("attestation", cbor2.dumps(attestation))),
        }
        return self._sent(response, lies)

    def get(self, options: str, **lies: Any) -> str:
        """Answer ``navigator.credentials.get``, as the JSON that a page sends."""
        asked = json.loads(options)
        client = self._client("webauthn.get", asked["challenge"], lies)
        self.counter += self.counts
        said = self._data(lies, UP | UV)
        signature = lies.get("signature", self.sign(said + hashlib.sha256(client).digest()))
        response: dict[str, Any] = {
            "clientDataJSON": b64(lies.get("client_after", client)),
            "authenticatorData": b64(said),
            "signature": b64(signature),
        }
        handle = lies.get("handle", self.handle)
        if handle is not None:
            response["userHandle"] = b64(handle)
        return self._sent(response, lies)

    def cose(self, alg: int | None = None) -> dict[int, Any]:
        public = self.key.public_key()
        if isinstance(public, ec.EllipticCurvePublicKey):
            numbers = public.public_numbers()
            x, y = (number.to_bytes(32, "big") for number in (numbers.x, numbers.y))
            return {1: 2, 3: alg or -7, -1: 1, -2: x, -3: y}
        if isinstance(public, ed25519.Ed25519PublicKey):
            return {1: 1, 3: alg or -8, -1: 6, -2: public.public_bytes_raw()}
        rsa_numbers = public.public_numbers()
        modulus = rsa_numbers.n.to_bytes((rsa_numbers.n.bit_length() + 7) // 8, "big")
        return {1: 3, 3: alg or -257, -1: modulus, -2: rsa_numbers.e.to_bytes(3, "big")}

    def sign(self, data: bytes) -> bytes:
        match self.key:
            case ec.EllipticCurvePrivateKey():
                return self.key.sign(data, ec.ECDSA(SHA256()))
            case ed25519.Ed25519PrivateKey():
                return self.key.sign(data)
            case _:
                return self.key.sign(data, padding.PKCS1v15(), SHA256())

    def _u2f(self, client_hash: bytes) -> dict[str, Any]:
        """Attest as a U2F token does, with a certificate of its own (WebAuthn 8.6)."""
        public = self.key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        party = hashlib.sha256(self.rp_id.encode()).digest()
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "token")])
        now = datetime(2026, 1, 1)  # noqa: DTZ001 - as certificates want it
        builder = x509.CertificateBuilder(name, name, self.key.public_key(), 1, now, now.replace(year=2040))
        certificate = builder.sign(self.key, SHA256())  # pyright: ignore[reportArgumentType]
        signed = self.sign(b"\0" + party + client_hash + self.credential_id + public)
        return {"x5c": [certificate.public_bytes(Encoding.DER)], "sig": signed}

    def _client(self, type: str, challenge: str, lies: dict[str, Any]) -> bytes:
        said = {
            "type": lies.get("type", type),
            "challenge": lies.get("challenge", challenge),
            "origin": lies.get("origin", self.origin),
            "crossOrigin": lies.get("cross_origin", False),
        }
        return lies.get("client", json.dumps(said).encode())

    def _data(self, lies: dict[str, Any], flags: int) -> bytes:
        party = hashlib.sha256(lies.get("rp_id", self.rp_id).encode()).digest()
        counter = lies.get("counter", self.counter)
        return party + bytes([lies.get("flags", flags)]) + counter.to_bytes(4, "big")

    def _sent(self, response: dict[str, Any], lies: dict[str, Any]) -> str:
        name = b64(lies.get("id", self.credential_id))
        sent = {"id": name, "rawId": lies.get("raw_id", name), "type": "public-key", "response": response}
        return json.dumps({**sent, "clientExtensionResults": {}, "authenticatorAttachment": "platform"})
