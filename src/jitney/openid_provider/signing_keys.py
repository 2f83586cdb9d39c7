"""Our signing keys: made, published before use, used, retired, and known again."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from jitney.errors import Misconfigured
from jitney.jose.algorithms import SigningName
from jitney.jose.key_set import KeySet, parse_key_set
from jitney.jose.signing import SigningKey
from jitney.model.audit_event import Action, AuditEvent
from jitney.model.changes import AddSigningKey, RecordEvent, RetireSigningKey
from jitney.model.signing_key import SigningKeyRecord
from jitney.ports import Clock, Entropy, SigningKeys, UnitOfWork

ALGORITHMS: Final[tuple[SigningName, ...]] = ("ES256", "RS256")

SYSTEM: Final = "system"
"""How audit events name nobody in particular."""

REREAD: Final = timedelta(seconds=5)
"""How long a node may not know of another node's new key; far shorter than ``LEAD``."""

LEAD: Final = timedelta(hours=1)
"""How long a new key is published before it signs, so that every application has fetched it by then."""

OVERLAP: Final = timedelta(hours=24)
"""How long a retired key stays published: longer than any token that it signed lives."""

AT_ONCE: Final = 2 * REREAD
"""The lead and the overlap where a key was stolen: as long as every node needs to know of it, and no longer."""


@dataclass(frozen=True, slots=True)
class Keys:
    """Our keys as of one moment.

    ``signing`` holds the one key that signs for each algorithm, ``key_set`` all that are published.
    """

    signing: Mapping[str, SigningKey]
    key_set: KeySet
    published: Sequence[Mapping[str, str]]

    def for_algorithm(self, algorithm: str) -> SigningKey:
        """Return the key that signs; raises ``Misconfigured`` ``signing_key_missing``."""
        key = self.signing.get(algorithm)
        if key is None:
            raise Misconfigured(
                "signing_key_missing", "There is no key to sign with.", path=f"signing_keys.{algorithm}"
            )
        return key


class KeyRing:
    """Hands out our keys, read again from storage every few seconds (R-092).

    Each private key is parsed once per process; the ring is the one thing in this room that remembers.
    """

    def __init__(self, stored: SigningKeys, work: UnitOfWork, *, clock: Clock, entropy: Entropy) -> None:
        self._stored = stored
        self._work = work
        self._clock = clock
        self._entropy = entropy
        self._parsed: dict[str, SigningKey] = {}
        self._keys: Keys | None = None
        self._read_at: datetime | None = None

    async def current(self) -> Keys:
        """Return the keys of this moment."""
        now = self._clock.now()
        # A clock that was set back must not freeze the ring, so the age is looked at from both sides.
        if self._keys is None or self._read_at is None or abs(now - self._read_at) >= REREAD:
            self._keys = self._sorted(await self._stored.list(), now)
            self._read_at = now
        return self._keys

    async def prepare(self) -> None:
        """Make the keys that are missing; at first start nobody holds an older set, so they sign at once."""
        now = self._clock.now()
        signing = self._sorted(await self._stored.list(), now).signing
        for algorithm in ALGORITHMS:
            if algorithm not in signing:
                await self._add(algorithm, active_from=now, replaced=(), by=SYSTEM)
        self._keys = None

    async def rotate(
        self,
        algorithm: SigningName,
        *,
        by: str = SYSTEM,
        lead: timedelta = LEAD,
        overlap: timedelta = OVERLAP,
    ) -> str:
        """Publish a new key that takes over after ``lead``; return its ``kid``.

        The keys that sign until then are retired at that moment and stay published for ``overlap``, as do those
        that were retired before and would stay longer.
        ``by`` is who asked, as audit events name them.
        """
        active_from = self._clock.now() + lead
        expires = active_from + overlap
        replaced = [
            RetireSigningKey(record.kid, active_from, expires)
            for record in await self._stored.list()
            if record.algorithm == algorithm and (record.expires is None or expires < record.expires)
        ]
        kid = await self._add(algorithm, active_from=active_from, replaced=replaced, by=by)
        self._keys = None
        return kid

    async def rotate_stolen(self, algorithm: SigningName, *, by: str = SYSTEM) -> str:
        """Replace a key that was stolen, within seconds on all nodes; return the new one's ``kid``.

        The attack: whoever has the key signs in as anybody, for as long as it is published.
        So nothing of it is believed after ``AT_ONCE`` twice, and the tokens that it signed end with it.
        """
        return await self.rotate(algorithm, by=by, lead=AT_ONCE, overlap=AT_ONCE)

    async def _add(
        self,
        algorithm: SigningName,
        *,
        active_from: datetime,
        replaced: Sequence[RetireSigningKey],
        by: str,
    ) -> str:
        # Making an RSA key takes a tenth of a second of arithmetic: not on the loop.
        key = await asyncio.to_thread(SigningKey.generate, algorithm)
        now = self._clock.now()
        record = SigningKeyRecord(key.kid, algorithm, key.to_private_bytes(), now, active_from)
        events = [self._event(Action.SIGNING_KEY_ADDED, key.kid, now, by)]
        events += [self._event(Action.SIGNING_KEY_RETIRED, old.kid, now, by) for old in replaced]
        await self._work.commit(AddSigningKey(record), *replaced, *events)
        return key.kid

    def _event(self, action: Action, kid: str, now: datetime, by: str) -> RecordEvent:
        return RecordEvent(AuditEvent(self._entropy.id(), now, action, by, f"signing_key:{kid}"))

    def _sorted(self, records: Sequence[SigningKeyRecord], now: datetime) -> Keys:
        published = [record for record in records if record.expires is None or now < record.expires]
        keys = {record.kid: self._parse(record) for record in published}
        self._parsed = keys
        signing = {
            record.algorithm: keys[record.kid]
            for record in sorted(published, key=lambda record: (record.active_from, record.kid))
            if record.active_from <= now and (record.retired is None or now < record.retired)
        }
        public = [key.public_jwk for key in keys.values()]
        return Keys(signing, parse_key_set({"keys": public}), public)

    def _parse(self, record: SigningKeyRecord) -> SigningKey:
        return self._parsed.get(record.kid) or SigningKey.from_private_bytes(record.private)
