"""The hall: find the facts, decide, carry out, and say which step comes next."""

from dataclasses import dataclass, replace

from jitney.errors import Conflict, Expired, JitneyError, NotAllowed, Overloaded
from jitney.model.application import Application
from jitney.model.changes import SpendFactorChallenge, SpendRecoveryCode, UseFactor
from jitney.model.outcome import Reason
from jitney.model.sign_in import SignIn
from jitney.operations.recovery import Recovery
from jitney.provisioning.decision import Ask, Decision, LinkTo, Settle, decide
from jitney.provisioning.facts import Facts, LocalProof
from jitney.provisioning.second_factor import Owed as FactorOwed
from jitney.provisioning.second_factor import Unmet
from jitney.provisioning.sentences import SENTENCES
from jitney.signin.asking import Asker
from jitney.signin.fact_finding import FactFinder
from jitney.signin.factor_demands import FactorDemands, Towards
from jitney.signin.journey import (
    Arrived,
    AskAgain,
    FactorWanted,
    Owed,
    Prompt,
    Refused,
    Shown,
    TurnedBack,
    next_step,
)
from jitney.signin.page_problems import PROOF_OPENS_NOTHING
from jitney.signin.provisioner import Provisioner
from jitney.signin.said import NOTHING, Said
from jitney.signin.work import StoreSaidNo

FACTOR_GUARDS = frozenset({UseFactor.guard, SpendRecoveryCode.guard, SpendFactorChallenge.guard})
"""The guards by which it shows that an answer with a second factor was used by somebody else first."""

MOST_TRIES = 8
"""How often a sign-in looks again after somebody else was quicker; every loss means that another one won."""


@dataclass(frozen=True, slots=True)
class Looked:
    """How a journey stands now: what is known, and what follows from it."""

    application: Application | None
    facts: Facts
    decision: Decision


@dataclass(frozen=True, slots=True)
class Hall:
    """Where every entrance leads to."""

    facts: FactFinder
    asker: Asker
    provisioner: Provisioner
    recovery: Recovery
    demands: FactorDemands

    async def advance(
        self, sign_in: SignIn, *, connection: str, said: Said = NOTHING
    ) -> Arrived | AskAgain | FactorWanted | Prompt | Refused | TurnedBack:
        """Bring a journey with a proven identity to its end, or to the page that asks what is missing.

        ``connection`` is the fingerprint of the settings by which the identity was verified, ``said`` what came
        with this step.
        The loser of a race (two browsers of one new person, a provider edited meanwhile) looks again and decides
        again: it signs in as the user whom the winner made (P-1), and waits while that is under way.
        What a store outside our database refuses is a fact, and is decided about like any other.
        Raises as ``look`` does, ``Overloaded``, and ``Conflict`` where the answer with a second factor was spent.
        """
        unsettled: set[str] = set()
        for _ in range(MOST_TRIES):
            looked = await self.look(sign_in, connection=connection, said=said)
            try:
                if isinstance(looked.decision, Settle):
                    if await self.recovery.settle(looked.decision.user.id) or _is_news(looked, unsettled):
                        continue
                    return await self._not_ready(sign_in, looked.decision)
                if isinstance(looked.decision, Ask):
                    return await self._ask(sign_in, looked, connection, said)
                return await self._carry_out(sign_in, looked, said)
            except StoreSaidNo as no:
                said = replace(said, setback=no.why)
            except Conflict as lost:
                if lost.what == "sign_in":
                    raise _moved_on() from lost
                if said.proven and lost.what in FACTOR_GUARDS:
                    raise
                if said.proof and not await self._still_holds(said.proof):
                    return await self.refuse(sign_in, "link_proof_opens_no_account", PROOF_OPENS_NOTHING)
        raise Overloaded("sign_in_contended", "Too much happens to this account at once. Please try again.")

    async def _carry_out(
        self, sign_in: SignIn, looked: Looked, said: Said
    ) -> Arrived | FactorWanted | Refused | TurnedBack:
        """Carry out a decision, unless what it leads to could not come in anyway: then nothing is made."""
        towards, proven = Towards(looked.application, sign_in.request, said.network), said.proven
        if proven is not None and not _joins(looked.decision, proven.user_id):
            return await self.refuse(sign_in, "link_proof_opens_no_account", PROOF_OPENS_NOTHING)
        owed = self.demands.of_decision(
            looked.decision, looked.facts, towards, proven=proven.kind if proven else None
        )
        if isinstance(owed, Unmet):
            return await self.provisioner.refuse(
                sign_in, (*looked.decision.reasons, owed.reason), owed.sentence
            )
        return await self.provisioner.carry_out(
            looked.decision, looked.facts, sign_in, application=looked.application, said=said,
            owed=owed if isinstance(owed, FactorOwed) else None,
        )  # fmt: skip

    async def look(self, sign_in: SignIn, *, connection: str, said: Said = NOTHING) -> Looked:
        """Find the facts and decide, changing nothing.

        Raises ``Expired``, ``NotAllowed`` (``application_disabled``, ``identity_provider_not_offered``,
        ``connection_changed``), ``NotFound``, ``UserStoreUnavailable``.
        """
        if next_step(sign_in) is not Owed.PROVISIONING or sign_in.identity is None:
            raise Expired("sign_in_moved_on", "This sign-in has moved on. Please start again.")
        application = await self._application_of(sign_in)
        facts = await self.facts.find(
            sign_in.identity, application=application, answers=said.answers, proof=said.proof,
            setback=said.setback,
        )  # fmt: skip
        _check_way(facts, application, connection)
        return Looked(application, facts, decide(facts))

    def shown(self, sign_in: SignIn, looked: Looked) -> Shown:
        """Return what the page that asks says now; without a form where nothing is left to ask."""
        form = looked.decision.form if isinstance(looked.decision, Ask) else None
        return self.asker.shown(sign_in, form, looked.facts, looked.application)

    async def refuse(
        self,
        sign_in: SignIn,
        code: str,
        sentence: str,
        *,
        said: tuple[Reason, ...] = (),
        fault: JitneyError | None = None,
    ) -> Refused:
        """End a journey otherwise than by a decision; ``said`` is the reasoning up to here.

        Raises ``Expired`` where it has ended already.
        """
        try:
            return await self.provisioner.refuse(sign_in, (*said, Reason(code)), sentence, fault=fault)
        except Conflict as lost:
            raise _moved_on() from lost

    async def turn_away(self, sign_in: SignIn, fault: JitneyError, *, idp: str) -> None:
        """Keep an outcome about a fault that ends no journey; ``idp`` is the identity provider's id."""
        await self.provisioner.turn_away(sign_in, fault, idp=idp)

    async def _ask(
        self, sign_in: SignIn, looked: Looked, connection: str, said: Said
    ) -> AskAgain | Prompt | Refused:
        if not isinstance(looked.decision, Ask):  # pragma: no cover (the caller has looked)
            raise _moved_on()
        if said.key is None or sign_in.pending is None:
            return await self.asker.ask(sign_in, looked.decision, connection=connection)
        if sign_in.pending.is_exhausted:
            return await self.refuse(
                sign_in,
                "too_many_answers",
                "That was tried too often. Please start again.",
                said=looked.decision.reasons,
            )
        tried = await self.asker.ask_again(sign_in, looked.decision, said.answers)
        shown = self.asker.shown(tried, looked.decision.form, looked.facts, looked.application)
        return AskAgain(said.key, shown)

    async def _not_ready(self, sign_in: SignIn, decision: Settle) -> Refused:
        """Refuse a person whose account is neither ready nor being made: nothing that we could wait for."""
        code = f"user_{decision.user.state.value}"
        return await self.refuse(sign_in, code, SENTENCES[code], said=decision.reasons)

    async def _still_holds(self, proof: LocalProof) -> bool:
        """Say whether what a proof went through is still there; behind a password there is nothing."""
        if proof.through is None:
            return True
        idp = await self.facts.identity_providers.find(proof.through.idp)
        link = await self.facts.links.find(proof.through.idp, proof.through.subject)
        return idp is not None and idp.version == proof.idp_version and link == proof.through

    async def _application_of(self, sign_in: SignIn) -> Application | None:
        """Return the application as it stands now, which may have been switched off since (R-021)."""
        if sign_in.request is None:
            return None
        application = await self.facts.applications.find(sign_in.request.application)
        if application is None or not application.enabled:
            raise NotAllowed("application_disabled", "The application that sent you here is switched off.")
        return application


def _joins(decision: Decision, user_id: str) -> bool:
    """Say whether the identity joins this very account, whose second factor was proven for it."""
    return isinstance(decision, LinkTo) and decision.user.id == user_id


def _is_news(looked: Looked, unsettled: set[str]) -> bool:
    """Say whether this is the first look at a user for whom nothing is under way: it may just have ended."""
    if not isinstance(looked.decision, Settle) or looked.decision.user.id in unsettled:
        return False
    unsettled.add(looked.decision.user.id)
    return True


def _check_way(facts: Facts, application: Application | None, connection: str) -> None:
    """Refuse a way that was closed while the person was on it.

    The attack: an issuer or its key is given up because somebody else has it, and whoever was quick enough to
    leave under the old settings comes back as anybody (R-004, R-021).
    """
    if facts.idp.connection.fingerprint != connection:
        raise NotAllowed(
            "connection_changed", "This way of signing in was changed meanwhile. Please start again."
        )
    if application is not None and not application.takes_from(facts.idp.name):
        raise NotAllowed(
            "identity_provider_not_offered",
            "This way of signing in is not offered here. Please choose another one.",
        )


def _moved_on() -> Expired:
    return Expired("sign_in_moved_on", "This sign-in was completed already. Please start again.")
