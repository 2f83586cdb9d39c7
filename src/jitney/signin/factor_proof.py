"""FactorProof: asks for a second factor that somebody has enrolled, and checks what they answer."""

from dataclasses import dataclass

from jitney.errors import Locked
from jitney.factors import recovery_codes, totp
from jitney.factors.passkeys import Enrolled, Holder, PasskeyUse, verify_authentication
from jitney.model.attempts import AttemptKind
from jitney.model.audit_event import Action
from jitney.model.changes import Change, RequireUser, SpendRecoveryCode, UseFactor
from jitney.model.factor import (
    ChallengeFor,
    EmailAddress,
    Factor,
    FactorKind,
    Passkey,
    TOTPSecret,
    WebAuthnChallenge,
)
from jitney.model.user import User
from jitney.signin.factor_desk import FactorDesk
from jitney.signin.factor_offers import proof_offer
from jitney.signin.factor_outcomes import (
    CODE_EXPIRED,
    CODE_USED,
    CODE_WRONG,
    NOT_ENROLLED,
    Proven,
    Wrong,
)
from jitney.signin.factor_page import Offer
from jitney.signin.factor_places import Place, spent
from jitney.signin.factor_settings import CODE_HOLDS
from jitney.signin.guesses import Counted
from jitney.signin.mailed_codes import MailedCodes


@dataclass(frozen=True, slots=True)
class Ways:
    """What somebody can prove themselves with: the kinds that they have enrolled, the oldest first."""

    kinds: tuple[FactorKind, ...]
    has_recovery_codes: bool


@dataclass(frozen=True, slots=True)
class _Right:
    """An answer that was right, and what spends it."""

    changes: tuple[Change, ...]
    counted: Counted


@dataclass(frozen=True, slots=True)
class FactorProof:
    """Proofs by a second factor; whoever may use this account at all is the caller's question (R-048)."""

    desk: FactorDesk

    async def ways(self, user_id: str) -> Ways:
        """Return what somebody can prove themselves with."""
        kinds = dict.fromkeys(each.kind for each in await self.desk.factors.of_user(user_id))
        codes = await self.desk.factors.count_recovery_codes(user_id)
        return Ways(tuple(kinds), has_recovery_codes=bool(codes))

    async def asked(self, user_id: str, *, bound_to: str, kind: FactorKind) -> Offer | None:
        """Return what was asked on this page and may be answered now; changes nothing (R-104)."""
        live = await self.desk.places.live(_place(user_id, bound_to, kind))
        mine = await self.desk.of_kind(user_id, kind)
        return proof_offer(live.asked, mine, self.desk.settings) if live else None

    async def ask(
        self, user_id: str, *, bound_to: str, kind: FactorKind, network: str | None
    ) -> Offer | Wrong | None:
        """Mail a new code, or challenge the authenticators; ``None`` where nothing has to be asked.

        ``bound_to`` names the page that alone may answer, ``network`` is the browser's address.
        Raises ``Overloaded``.
        """
        mine = await self.desk.of_kind(user_id, kind)
        if kind is FactorKind.RECOVERY:
            return None
        if not mine:
            return Wrong(NOT_ENROLLED)
        place = _place(user_id, bound_to, kind)
        match mine[0].means:
            case EmailAddress(address=address):
                return await MailedCodes(self.desk).send(place, address, network=network)
            case Passkey():
                await self.desk.places.ask(place, self.desk.challenge, holds=CODE_HOLDS)
                return await self.asked(user_id, bound_to=bound_to, kind=kind)
            case TOTPSecret():
                return None

    async def check(
        self, user: User, *, bound_to: str, kind: FactorKind, answer: str, reference: str | None = None
    ) -> Proven | Wrong:
        """Check an answer, once it is counted; what is right counts with the commit of its changes alone.

        A wrong one leaves an audit event with the true reason, and ``reference``.
        Raises ``Overloaded``.
        """
        place = _place(user.id, bound_to, kind)
        try:
            checked = await self._checked(place, answer)
        except Locked as locked:
            checked = Wrong(locked.code)
        if isinstance(checked, Wrong):
            refused = self.desk.event(
                Action.FACTOR_REFUSED, user.id, kind=kind, reason=checked.code, reference=reference
            )
            await self.desk.work.commit(refused)
            return checked
        act = Action.RECOVERY_CODE_USED if kind is FactorKind.RECOVERY else Action.FACTOR_PROVEN
        changes = (
            RequireUser(user.id, self.desk.clock.now()),
            *checked.changes,
            checked.counted.given_back(),
            self.desk.event(act, user.id, kind=kind, reference=reference),
        )
        return Proven(kind, changes, checked.counted)

    # ── one answer of each kind ─────────────────────────────────────────────────────────────────────

    async def _checked(self, place: Place, answer: str) -> _Right | Wrong:
        if place.kind is FactorKind.RECOVERY:
            return await self._check_recovery_code(place.user_id, answer)
        mine = await self.desk.of_kind(place.user_id, place.kind)
        if not mine:
            return Wrong(NOT_ENROLLED)
        match mine[0].means:
            case TOTPSecret(secret=secret):
                return await self._check_app(mine[0], secret, answer)
            case EmailAddress(address=address):
                return await self._check_mailed(place, mine[0], address, answer)
            case Passkey():
                return await self._check_passkey(place, mine, answer)

    async def _check_app(self, factor: Factor, secret: str, answer: str) -> _Right | Wrong:
        """Compare an app's code: never one of a step that was accepted before, nor of one before that (R-095)."""
        counted = await self.desk.guesses.count(factor.user_id, AttemptKind.TOTP)
        step = totp.accepted_step(secret, answer, now=counted.moment, after=factor.counter)
        if step is None:
            again = totp.accepted_step(secret, answer, now=counted.moment, after=0)
            return Wrong(CODE_WRONG if again is None else CODE_USED)
        return _Right((UseFactor(factor.id, step, counted.moment),), counted)

    async def _check_mailed(self, place: Place, factor: Factor, address: str, answer: str) -> _Right | Wrong:
        answered = await MailedCodes(self.desk).check(place, answer)
        if isinstance(answered, Wrong):
            return answered
        if answered.sent.address != address:
            # The factor was taken away and enrolled anew since the letter left.
            return Wrong(CODE_EXPIRED)
        used = UseFactor(factor.id, factor.counter, answered.counted.moment, may_stay=True)
        return _Right((used, spent(answered.challenge)), answered.counted)

    async def _check_passkey(self, place: Place, mine: list[Factor], answer: str) -> _Right | Wrong:
        live = await self.desk.places.live(place)
        if live is None or not isinstance(live.asked, WebAuthnChallenge):
            return Wrong(CODE_EXPIRED)
        counted = await self.desk.guesses.count(place.user_id, AttemptKind.PASSKEY)
        use = verify_authentication(
            self.desk.settings.party,
            answer,
            challenge=live.asked.challenge,
            holder=Holder(place.user_id),
            enrolled=[Enrolled(each.means, each.counter) for each in mine if isinstance(each.means, Passkey)],
        )
        if use is None:
            return Wrong(CODE_WRONG)
        used = _used(mine, use, counted)
        return _Right((used, spent(live)), counted)

    async def _check_recovery_code(self, user_id: str, answer: str) -> _Right | Wrong:
        counted = await self.desk.guesses.count(user_id, AttemptKind.RECOVERY_CODE)
        code = recovery_codes.normalised(answer)
        if code is None:
            return Wrong(CODE_WRONG)
        kept = recovery_codes.hash_code(code, user_id, key=self.desk.settings.key)
        if not await self.desk.factors.has_recovery_code(user_id, kept):
            return Wrong(CODE_WRONG)
        return _Right((SpendRecoveryCode(user_id, kept),), counted)


def _place(user_id: str, bound_to: str, kind: FactorKind) -> Place:
    return Place(bound_to, user_id, ChallengeFor.PROOF, kind)


def _used(mine: list[Factor], use: PasskeyUse, counted: Counted) -> UseFactor:
    (factor,) = (
        each
        for each in mine
        if isinstance(each.means, Passkey) and each.means.credential_id == use.credential_id
    )
    # An authenticator that does not count says 0 for ever; one that does must go on, on every node.
    return UseFactor(factor.id, use.counter, counted.moment, may_stay=use.counter == 0)
