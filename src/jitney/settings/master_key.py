"""The master key's file: made at the first start, read at every start, judged before it is used."""

import base64
import binascii
import os
import secrets
import stat
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from jitney.errors import Misconfigured
from jitney.settings.resolved import SecuritySettings
from jitney.settings.written import read_secret

KEY_BYTES = 32
_FEWEST_DIFFERENT_BYTES = 16


@dataclass(frozen=True, slots=True)
class MasterKeys:
    """The key that closes, and the keys that can only open; each has 32 bytes."""

    current: bytes = field(repr=False)
    older: tuple[bytes, ...] = field(default=(), repr=False)

    def derive(self, purpose: str) -> bytes:
        """Return 32 bytes that serve one purpose and stay the same for good: they come from the oldest key.

        HKDF (RFC 5869) keeps the purposes apart; a new master key therefore changes no application's view of
        a person, as long as the first one stays the last in the list of older keys.
        """
        oldest = self.older[-1] if self.older else self.current
        info = f"jitney/{purpose}".encode()
        return HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=info).derive(oldest)


def load_master_keys(security: SecuritySettings) -> MasterKeys:
    """Read the master keys; make the first one where its file is missing.

    Raises ``Misconfigured``: ``master_key_unreadable``, ``master_key_weak``.
    """
    if not security.master_key_file.exists():
        _make(security.master_key_file)
    current = _load(security.master_key_file, "security.master_key_file")
    older = (_load(path, "security.master_key_older_files") for path in security.master_key_older_files)
    return MasterKeys(current, tuple(older))


def find_weakness(path: Path) -> str | None:
    """Say in a sentence what is weak about the key in an existing file, ``None`` where nothing is.

    The attack: a key of words, zeroes or a sample's text is guessed, or read by another account of the
    machine; with it every stored secret of a stolen database lies open.
    """
    try:
        mode = path.stat().st_mode
        key = _decoded(read_secret(path))
    except (OSError, ValueError):
        return "The master key cannot be read: its file holds 32 random bytes in base64url on one line."
    if len(key) != KEY_BYTES or len(set(key)) < _FEWEST_DIFFERENT_BYTES:
        return "The master key is weak: it is 32 random bytes. Remove the file, and a good one is made."
    if mode & (stat.S_IRWXG | stat.S_IRWXO):
        return "The master key can be read by other accounts of this machine: chmod 600 its file."
    return None


def _load(path: Path, setting: str) -> bytes:
    try:
        key = _decoded(read_secret(path))
    except (OSError, ValueError) as fault:
        raise Misconfigured(
            "master_key_unreadable", "The master key cannot be read.", path=setting, file=str(path)
        ) from fault
    if len(key) != KEY_BYTES or len(set(key)) < _FEWEST_DIFFERENT_BYTES:
        raise Misconfigured("master_key_weak", "The master key is not 32 random bytes.", path=setting)
    return key


def _make(path: Path) -> None:
    """Write a new key, readable by its owner alone; if another process was first, its key stands.

    The key is complete on the disk before it gets its name, so that a crash leaves no half key.
    """
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
    line = base64.urlsafe_b64encode(secrets.token_bytes(KEY_BYTES)) + b"\n"
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(line)
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _decoded(line: str) -> bytes:
    try:
        return base64.b64decode(line.strip() + "=" * (-len(line.strip()) % 4), altchars=b"-_", validate=True)
    except binascii.Error as fault:
        raise ValueError("not base64url") from fault
