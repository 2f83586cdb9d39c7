"""FactorEnrolment: offers a second factor, and enrols it once an answer proves that it works (R-099)."""

from dataclasses import dataclass

from jitney.errors import Locked
from jitney.factors import totp
from jitney.factors.passkeys import verify_registration
from jitney.model.attempts import AttemptKind
from jitney.model.audit_event import Action
from jitney.model.changes import AddFactor, AddMail, Change, SetHasSecondFactor, SpendFactorChallenge
from jitney.model.factor import (
    ChallengeFor,
    EmailAddress,
    Factor,
    FactorKind,
    Means,
    OfferedSecret,
    Passkey,
    TOTPSecret,
    WebAuthnChallenge,
)
from jitney.model.user import User
from jitney.provisioning.factor_letters import added_notice, one_line
from jitney.provisioning.link_notice import verified_address
from jitney.signin.chance import random_octets
from jitney.signin.factor_desk import FactorDesk
from jitney.signin.factor_offers import enrolment_offer
from jitney.signin.factor_outcomes import (
    CODE_EXPIRED,
    CODE_WRONG,
    ENROLLED_ALREADY,
    NO_ADDRESS,
    NOT_ENROLLED,
    TOO_MANY_FACTORS,
    Enrolled,
    RecoveryCodesMade,
    Wrong,
)
from jitney.signin.factor_page import Offer
from jitney.signin.factor_places import Place, spent
from jitney.signin.factor_settings import CODE_HOLDS, MOST_PASSKEYS, SECRET_HOLDS
from jitney.signin.guesses import Counted
from jitney.signin.mailed_codes import MailedCodes

_NO_CODES = RecoveryCodesMade((), ())


@dataclass(frozen=True, slots=True)
class _Confirmed:
    """What was confirmed: the means and where its counter stands, what spends the offer, the try to give back."""

    means: Means
    counter: int
    spending: SpendFactorChallenge
    counted: Counted


@dataclass(frozen=True, slots=True)
class FactorEnrolment:
    """Enrolments of second factors.

    The attack: somebody who knows a password enrols a factor of their own in the place where the owner's is asked.
    So whoever has a factor must have proven one before they are offered another, and whoever has none must have
    signed in just now; both are for the caller to see to.
    """

    desk: FactorDesk

    async def offered(self, user: User, *, bound_to: str, kind: FactorKind) -> Offer | None:
        """Return what stands offered on this page; changes nothing (R-104)."""
        live = await self.desk.places.live(_place(user, bound_to, kind))
        mine = await self.desk.of_kind(user.id, kind)
        return enrolment_offer(live.asked, user, mine, self.desk.settings) if live else None

    async def offer(
        self, user: User, *, bound_to: str, kind: FactorKind, network: str | None
    ) -> Offer | Wrong:
        """Draw a secret, mail a code or challenge an authenticator; a secret that stands is offered again.

        ``bound_to`` names the page that alone may answer, ``network`` is the browser's address.
        A code goes to the stored verified address alone (R-098). Raises ``Overloaded``.
        """
        mine, place = await self.desk.of_kind(user.id, kind), _place(user, bound_to, kind)
        if wrong := _why_not(user, kind, len(mine)):
            return wrong
        if kind is FactorKind.EMAIL:
            return await MailedCodes(self.desk).send(place, verified_address(user) or "", network=network)
        if kind is FactorKind.TOTP:
            challenge = await self.desk.places.ask(place, self._secret, holds=SECRET_HOLDS)
        else:
            challenge = await self.desk.places.ask(place, self.desk.challenge, holds=CODE_HOLDS)
        return enrolment_offer(challenge.asked, user, mine, self.desk.settings)

    async def confirm(
        self,
        user: User,
        *,
        bound_to: str,
        kind: FactorKind,
        answer: str,
        label: str = "",
        reference: str | None = None,
    ) -> Enrolled | Wrong:
        """Check the answer to an offer, once it is counted; the factor exists with the commit of its changes.

        ``label`` is the person's own name for a passkey. With the first factor come recovery codes.
        A wrong answer leaves an audit event with the true reason, and ``reference``.
        Raises ``Overloaded``.
        """
        try:
            confirmed = await self._confirmed(user, _place(user, bound_to, kind), answer)
        except Locked as locked:
            confirmed = Wrong(locked.code)
        if isinstance(confirmed, Wrong):
            refused = self.desk.event(
                Action.FACTOR_REFUSED, user.id, kind=kind, reason=confirmed.code, reference=reference
            )
            await self.desk.work.commit(refused)
            return confirmed
        return await self._enrolled(user, confirmed, label, reference)

    # ── one answer of each kind ─────────────────────────────────────────────────────────────────────

    async def _confirmed(self, user: User, place: Place, answer: str) -> _Confirmed | Wrong:
        mine = await self.desk.of_kind(user.id, place.kind)
        if wrong := _why_not(user, place.kind, len(mine)):
            return wrong
        if place.kind is FactorKind.EMAIL:
            return await self._confirm_address(user, place, answer)
        live = await self.desk.places.live(place)
        match live.asked if live else None:
            case OfferedSecret(secret=secret) if live:
                return await self._confirm_app(user, secret, answer, spent(live))
            case WebAuthnChallenge(challenge=challenge) if live:
                return await self._confirm_passkey(user, challenge, answer, spent(live))
            case _:
                return Wrong(CODE_EXPIRED)

    async def _confirm_app(
        self, user: User, secret: str, answer: str, spending: SpendFactorChallenge
    ) -> _Confirmed | Wrong:
        counted = await self.desk.guesses.count(user.id, AttemptKind.TOTP)
        step = totp.accepted_step(secret, answer, now=counted.moment, after=0)
        # The step is kept with the factor: the code that enrolled it never proves anything again.
        return Wrong(CODE_WRONG) if step is None else _Confirmed(TOTPSecret(secret), step, spending, counted)

    async def _confirm_passkey(
        self, user: User, challenge: str, answer: str, spending: SpendFactorChallenge
    ) -> _Confirmed | Wrong:
        counted = await self.desk.guesses.count(user.id, AttemptKind.PASSKEY)
        new = verify_registration(self.desk.settings.party, answer, challenge=challenge)
        return Wrong(CODE_WRONG) if new is None else _Confirmed(new.passkey, new.counter, spending, counted)

    async def _confirm_address(self, user: User, place: Place, answer: str) -> _Confirmed | Wrong:
        answered = await MailedCodes(self.desk).check(place, answer)
        if isinstance(answered, Wrong):
            return answered
        address = answered.sent.address
        if address != verified_address(user):
            # It was changed since the letter left, so that nobody knows whose it is now.
            return Wrong(CODE_EXPIRED)
        return _Confirmed(EmailAddress(address), 0, spent(answered.challenge), answered.counted)

    # ── what enrolling comes to ─────────────────────────────────────────────────────────────────────

    async def _enrolled(
        self, user: User, confirmed: _Confirmed, label: str, reference: str | None
    ) -> Enrolled:
        desk, now = self.desk, confirmed.counted.moment
        shown = one_line(label) if isinstance(confirmed.means, Passkey) else ""
        factor = Factor(desk.entropy.id(), user.id, confirmed.means, now, shown, confirmed.counter)
        is_first = not await desk.factors.of_user(user.id)
        made = desk.recovery_codes(user.id) if is_first else _NO_CODES
        letter = added_notice(
            user, factor.kind, id=desk.entropy.id(), issuer=desk.settings.issuer, now=now
        )  # fmt: skip
        changes: tuple[Change, ...] = (
            # Its version says that nobody enrols, removes or locks meanwhile; so "first" and "at most ten" hold.
            SetHasSecondFactor(user.id, user.version, has_second_factor=True),
            AddFactor(factor),
            confirmed.spending,
            *made.changes,
            confirmed.counted.given_back(),
            *((AddMail(letter),) if letter else ()),
            desk.event(Action.FACTOR_ENROLLED, user.id, kind=factor.kind, reference=reference),
        )
        return Enrolled(factor, changes, confirmed.counted, made.codes)

    def _secret(self) -> OfferedSecret:
        return OfferedSecret(totp.new_secret(random_octets(self.desk.entropy, totp.SECRET_BYTES)))


def _place(user: User, bound_to: str, kind: FactorKind) -> Place:
    return Place(bound_to, user.id, ChallengeFor.ENROLMENT, kind)


def _why_not(user: User, kind: FactorKind, enrolled: int) -> Wrong | None:
    """Say why somebody who has ``enrolled`` so many of a kind is not offered one more."""
    match kind:
        case FactorKind.TOTP:
            return Wrong(ENROLLED_ALREADY) if enrolled else None
        case FactorKind.EMAIL if enrolled:
            return Wrong(ENROLLED_ALREADY)
        case FactorKind.EMAIL:
            return None if verified_address(user) else Wrong(NO_ADDRESS)
        case FactorKind.PASSKEY:
            return Wrong(TOO_MANY_FACTORS) if enrolled >= MOST_PASSKEYS else None
        case FactorKind.RECOVERY:
            return Wrong(NOT_ENROLLED)
