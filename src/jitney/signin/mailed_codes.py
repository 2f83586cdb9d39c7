"""Mailed codes: sends a code to a person's address, within bounds, and takes what comes back (R-097)."""

import hashlib
import hmac
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from ipaddress import IPv6Address, ip_network
from typing import Final

from jitney.errors import Conflict
from jitney.factors.mailed_codes import CHANCE_BYTES, Binding, fits, hash_code, new_code
from jitney.model.attempts import AttemptKind, Attempts
from jitney.model.changes import AddMail, SaveAttempts, SaveFactorChallenge
from jitney.model.factor import FactorChallenge, SentCode
from jitney.model.mail import Mail
from jitney.provisioning.factor_letters import code_letter, masked
from jitney.provisioning.networks import read_address
from jitney.signin.chance import random_octets
from jitney.signin.factor_desk import FactorDesk
from jitney.signin.factor_outcomes import CODE_EXPIRED, CODE_WRONG, CODES_EXHAUSTED, SENT_LATELY, Wrong
from jitney.signin.factor_page import EmailOffer
from jitney.signin.factor_places import Place, contended, tried
from jitney.signin.factor_settings import CODE_HOLDS, MOST_TRIES
from jitney.signin.guesses import MOST_LOOKS, Counted

_HOUR: Final = timedelta(hours=1)
_IPV6_NETWORK: Final = 64
"""How many bits of an IPv6 address are the same for everybody in one household; the rest is free to choose."""

_RACES: Final = frozenset({SaveAttempts.guard, SaveFactorChallenge.guard})


@dataclass(frozen=True, slots=True)
class Answered:
    """A code that was right, with the challenge to spend and the try to give back."""

    challenge: FactorChallenge
    sent: SentCode
    counted: Counted


@dataclass(frozen=True, slots=True)
class MailedCodes:
    """Codes by e-mail, for proof and for enrolment alike."""

    desk: FactorDesk

    async def send(self, place: Place, address: str, *, network: str | None) -> EmailOffer | Wrong:
        """Mail a new code, in the place of any before; the letter and all that counts it are one commit.

        The attack: somebody who knows a password has a thousand codes sent to its owner; or one network to many
        people, or many networks to everybody.
        ``network`` is the browser's address. Raises ``Overloaded`` where others were always faster.
        """
        for _ in range(MOST_LOOKS):
            now = self.desk.clock.now()
            counting = await self._counting(place.user_id, network, now)
            if isinstance(counting, Wrong):
                return counting
            kept = await self.desk.places.standing(place)
            challenge, letter = self._drawn(place, address, kept, network=network, now=now)
            try:
                await self.desk.work.commit(*counting, SaveFactorChallenge(challenge), AddMail(letter))
            except Conflict as lost:
                if lost.what not in _RACES:
                    raise
            else:
                return EmailOffer(masked(address))
        raise contended()

    async def check(self, place: Place, typed: str) -> Answered | Wrong:
        """Compare what was typed with the code of this place, once the try is counted, twice over.

        It counts for the person, as every guess does, and for the code, which dies of too many.
        Raises ``Locked`` (``too_many_attempts``), and ``Overloaded``.
        """
        for _ in range(MOST_LOOKS):
            kept = await self.desk.places.live(place)
            if kept is None or not isinstance(kept.asked, SentCode) or kept.asked.tries >= MOST_TRIES:
                return Wrong(CODE_EXPIRED)
            now_tried = tried(kept, replace(kept.asked, tries=kept.asked.tries + 1))
            try:
                counted = await self.desk.guesses.count(
                    place.user_id, AttemptKind.EMAIL_CODE, SaveFactorChallenge(now_tried)
                )
            except Conflict as lost:
                if lost.what != SaveFactorChallenge.guard:
                    raise
            else:
                return self._compared(place, kept.asked, typed, now_tried, counted)
        raise contended()

    def _compared(
        self, place: Place, sent: SentCode, typed: str, challenge: FactorChallenge, counted: Counted
    ) -> Answered | Wrong:
        binding = _binding(place, sent.address)
        if not fits(typed, sent.code_hash, binding, key=self.desk.settings.key):
            return Wrong(CODE_WRONG)
        return Answered(challenge, sent, counted)

    async def _counting(
        self, user_id: str, network: str | None, now: datetime
    ) -> tuple[SaveAttempts, ...] | Wrong:
        """Return the changes that count one more letter, or why there shall be none."""
        to_user = (await self._sent(user_id, AttemptKind.EMAIL_SENT)).counted(now)
        if to_user is None:
            return Wrong(SENT_LATELY)
        key = f"network:{self._network_key(network)}"
        to_network = (await self._sent(key, AttemptKind.EMAIL_SENT_TO_NETWORK)).counted(now)
        sent_to_all = await self.desk.factors.count_codes_sent(now - _HOUR)
        if to_network is None or sent_to_all >= self.desk.settings.most_emails_per_hour:
            return Wrong(CODES_EXHAUSTED)
        return SaveAttempts(to_user), SaveAttempts(to_network)

    async def _sent(self, key: str, kind: AttemptKind) -> Attempts:
        return await self.desk.guesses.attempts.find(key, kind)

    def _drawn(
        self, place: Place, address: str, kept: FactorChallenge | None, *, network: str | None, now: datetime
    ) -> tuple[FactorChallenge, Mail]:
        code = new_code(random_octets(self.desk.entropy, CHANCE_BYTES))
        code_hash = hash_code(code, _binding(place, address), key=self.desk.settings.key)
        asked = SentCode(address, code_hash, network=self._network_key(network))
        challenge = place.challenge(asked, kept, now=now, holds=CODE_HOLDS)
        letter = code_letter(
            address, code,
            id=self.desk.entropy.id(), issuer=self.desk.settings.issuer, now=now, expires=challenge.expires,
        )  # fmt: skip
        return challenge, letter

    def _network_key(self, network: str | None) -> str:
        said = f"network\0{_network_of(network)}".encode()
        return hmac.digest(self.desk.settings.key, said, hashlib.sha256).hex()


def _network_of(address: str | None) -> str:
    """Return what a browser cannot change at will: its IPv4 address, or the network of its IPv6 address."""
    ip = read_address(address)
    if isinstance(ip, IPv6Address):
        return str(ip_network((ip, _IPV6_NETWORK), strict=False))
    return str(ip) if ip else "unknown"


def _binding(place: Place, address: str) -> Binding:
    return Binding(place.bound_to, place.user_id, place.wanted_for.value, address)
