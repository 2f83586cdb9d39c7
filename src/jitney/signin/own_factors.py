"""The second factors of one's own account: set up another one, take one away, get new recovery codes."""

from collections.abc import Sequence
from dataclasses import dataclass

from jitney.errors import Conflict, NotAllowed
from jitney.model.factor import Factor, FactorKind
from jitney.model.myself import Myself
from jitney.ports import Clock, Factors, IdentityProviders
from jitney.signin.factor_enrolment import FactorEnrolment
from jitney.signin.factor_outcomes import Enrolled, RecoveryCodesMade, Wrong, wrong_after
from jitney.signin.factor_page import Offer
from jitney.signin.factor_removal import FactorRemoval
from jitney.signin.factor_settings import MOST_PASSKEYS
from jitney.signin.guesses import Guesses


@dataclass(frozen=True, slots=True)
class MyFactors:
    """The second factors that somebody has, and which kinds they may set up beside them."""

    factors: Sequence[Factor]
    recovery_codes: int
    may_add: tuple[FactorKind, ...]

    def get(self, factor_id: str) -> Factor | None:
        """Return the factor of this id; another person's is none (R-111)."""
        return next((one for one in self.factors if one.id == factor_id), None)


@dataclass(frozen=True, slots=True)
class OwnFactors:
    """What a person who is signed in may do with their second factors.

    The attack (R-099, R-101): whoever finds a browser open, or has got hold of the password alone, puts a factor of
    their own beside the owner's, or takes the owner's away. So all of it needs a sign-in of the last five minutes,
    with a second factor where there is one.
    ``enhanced`` is ``enable_enhanced_feature``, for providers that say nothing themselves.
    """

    factors: Factors
    enrolment: FactorEnrolment
    removal: FactorRemoval
    identity_providers: IdentityProviders
    guesses: Guesses
    clock: Clock
    enhanced: bool

    async def of(self, me: Myself) -> MyFactors:
        """Return what somebody has; changes nothing, and needs no fresh sign-in."""
        factors = await self.factors.of_user(me.id)
        codes = await self.factors.count_recovery_codes(me.id)
        return MyFactors(factors, codes, await self._may_add(me, factors))

    async def offered(self, me: Myself, kind: FactorKind) -> Offer | None:
        """Return what stands offered to this session; raises ``NotAllowed`` as ``Myself.check_fresh`` does."""
        me.check_fresh(self.clock.now())
        return await self.enrolment.offered(me.user, bound_to=me.session.id_hash, kind=kind)

    async def offer(self, me: Myself, kind: FactorKind, *, network: str | None) -> Offer | Wrong:
        """Offer a factor: a secret, a code by e-mail, or a challenge; it is set up once it is answered.

        Raises ``NotAllowed`` as ``Myself.check_fresh`` does and ``second_factor_not_offered``, and ``Overloaded``.
        """
        me.check_fresh(self.clock.now())
        await self._check_may_enrol(me)
        return await self.enrolment.offer(me.user, bound_to=me.session.id_hash, kind=kind, network=network)

    async def confirm(
        self, me: Myself, kind: FactorKind, answer: str, *, label: str = ""
    ) -> Enrolled | Wrong:
        """Set a factor up that was offered to this session and is answered now; ``label`` names a passkey.

        Raises ``NotAllowed`` as ``Myself.check_fresh`` does, and ``Conflict`` where the account or the session has
        changed meanwhile.
        """
        now = self.clock.now()
        me.check_fresh(now)
        await self._check_may_enrol(me)
        enrolled = await self.enrolment.confirm(
            me.user, bound_to=me.session.id_hash, kind=kind, answer=answer, label=label
        )
        if isinstance(enrolled, Wrong):
            return enrolled
        try:
            await self.guesses.commit(*me.holding(now), *enrolled.changes, counted=(enrolled.counted,))
        except Conflict as lost:
            if wrong := wrong_after(lost):
                return wrong
            raise
        return enrolled

    async def remove(self, me: Myself, factor_id: str) -> None:
        """Take a factor away; with the last one the recovery codes go too.

        Raises ``NotAllowed`` as ``Myself.check_fresh`` does, ``NotFound`` (``factor_not_found``), ``Conflict``.
        """
        now = self.clock.now()
        me.check_fresh(now)
        await self.guesses.commit(*me.holding(now), *await self.removal.removal(me.user, factor_id))

    async def new_recovery_codes(self, me: Myself) -> RecoveryCodesMade:
        """Make new recovery codes, after which the earlier ones open nothing.

        Raises ``NotAllowed`` as ``Myself.check_fresh`` does and ``factor_not_enrolled``, and ``Conflict``.
        """
        now = self.clock.now()
        me.check_fresh(now)
        made = await self.removal.new_recovery_codes(me.user)
        await self.guesses.commit(*me.holding(now), *made.changes)
        return made

    async def _may_add(self, me: Myself, factors: Sequence[Factor]) -> tuple[FactorKind, ...]:
        if not await self._may_enrol(me):
            return ()
        kinds = [one.kind for one in factors]
        free = {
            FactorKind.PASSKEY: kinds.count(FactorKind.PASSKEY) < MOST_PASSKEYS,
            FactorKind.TOTP: FactorKind.TOTP not in kinds,
            FactorKind.EMAIL: FactorKind.EMAIL not in kinds
            and self.enrolment.desk.settings.mails_to(me.user),
        }
        return tuple(kind for kind, is_free in free.items() if is_free)

    async def _check_may_enrol(self, me: Myself) -> None:
        if not await self._may_enrol(me):
            raise NotAllowed("second_factor_not_offered", "You cannot set up a second step here.")

    async def _may_enrol(self, me: Myself) -> bool:
        """Say whether the provider through which somebody has come lets its people have second factors here."""
        if me.session.idp is None:
            return True
        idp = await self.identity_providers.find(me.session.idp)
        return idp is not None and bool(idp.enhanced.resolved(default=self.enhanced).second_factors)
