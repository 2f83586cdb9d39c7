"""Vault: secrets that we must be able to show again, sealed to the place where they rest (R-125).

    key id (4 bytes) │ nonce (12 bytes) │ AES-256-GCM ciphertext and tag

Every column has a key of its own, derived from the master key by HKDF (RFC 5869); the place is bound as
associated data. The key id says which master key was used, so that a new one can be taken into use while
older ones still open.
"""

import hashlib
import os
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from jitney.errors import Misconfigured

MASTER_KEY_BYTES = 32
_ID = 4
_NONCE = 12


class Place(NamedTuple):
    """Where a sealed value rests: table, primary key of the row, column."""

    table: str
    row: str
    column: str

    @property
    def purpose(self) -> bytes:
        """Return what keys are derived for: one per column."""
        return f"jitney/{self.table}/{self.column}".encode()

    @property
    def bound(self) -> bytes:
        """Return the associated data; lengths keep the parts from flowing into one another."""
        return b"".join(len(part.encode()).to_bytes(4) + part.encode() for part in self)


@dataclass(frozen=True, slots=True)
class _Key:
    id: bytes
    master: bytes


class Vault:
    """Seals with the current master key, opens with any that it knows.

    A master key is 32 random bytes. Raises ``Misconfigured`` (``master_key_invalid``) for any other length.
    """

    def __init__(self, current: bytes, *, older: Sequence[bytes] = ()) -> None:
        self._current = _key(current)
        self._masters = {key.id: key for key in (self._current, *map(_key, older))}
        self._ciphers: dict[tuple[bytes, bytes], AESGCM] = {}

    def seal(self, place: Place, secret: bytes) -> bytes:
        """Encrypt a secret for one place."""
        nonce = os.urandom(_NONCE)
        sealed = self._cipher(self._current, place).encrypt(nonce, secret, place.bound)
        return self._current.id + nonce + sealed

    def open(self, place: Place, sealed: bytes) -> bytes:
        """Decrypt what was sealed for this place.

        The attack: somebody who can write to the database copies the secret of a provider that they may not
        use into the row of one that they own, and lets us send it to their own token endpoint.
        The place is part of the seal, so a copy does not open.

        Raises ``Misconfigured``: ``master_key_unknown``, or ``sealed_value_unreadable`` when it was changed
        or moved.
        """
        key = self._masters.get(sealed[:_ID])
        if key is None:
            raise Misconfigured(
                "master_key_unknown", "A stored secret was sealed with a master key that is not configured.",
                table=place.table, column=place.column,
            )  # fmt: skip
        nonce, ciphertext = sealed[_ID : _ID + _NONCE], sealed[_ID + _NONCE :]
        try:
            return self._cipher(key, place).decrypt(nonce, ciphertext, place.bound)
        except (InvalidTag, ValueError) as error:
            raise Misconfigured(
                "sealed_value_unreadable", "A stored secret was changed or moved.",
                table=place.table, column=place.column,
            ) from error  # fmt: skip

    def seal_text(self, place: Place, secret: str | None) -> bytes | None:
        """Encrypt text; ``None`` stays ``None``."""
        return None if secret is None else self.seal(place, secret.encode())

    def open_text(self, place: Place, sealed: bytes | None) -> str | None:
        """Decrypt text; ``None`` stays ``None``."""
        return None if sealed is None else self.open(place, sealed).decode()

    def _cipher(self, key: _Key, place: Place) -> AESGCM:
        known = (key.id, place.purpose)
        cipher = self._ciphers.get(known)
        if cipher is None:
            derived = HKDF(algorithm=SHA256(), length=32, salt=None, info=place.purpose).derive(key.master)
            cipher = self._ciphers[known] = AESGCM(derived)
        return cipher


def _key(master: bytes) -> _Key:
    if len(master) != MASTER_KEY_BYTES:
        raise Misconfigured("master_key_invalid", "A master key must be 32 random bytes.")
    return _Key(id=hashlib.sha256(b"jitney master key id" + master).digest()[:_ID], master=master)
