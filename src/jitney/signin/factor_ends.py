"""The end of a journey whose second factor is proven: the session, or the link that had waited for it."""

from dataclasses import dataclass, replace

from jitney.errors import Conflict, Expired, JitneyError, Overloaded, UserStoreUnavailable
from jitney.model.audit_event import Action
from jitney.model.changes import SaveAttempts, SaveSignIn
from jitney.model.factor import FactorKind
from jitney.model.half_way import HalfWay
from jitney.model.outcome import Reason
from jitney.model.sign_in import Pending, SignIn, Stage
from jitney.signin.advance import Hall
from jitney.signin.factor_outcomes import Proven, wrong_after
from jitney.signin.factor_standing import Standing, Standings
from jitney.signin.guesses import Guesses
from jitney.signin.journey import Arrived, FactorWanted, Prompt, Refused, TurnedBack
from jitney.signin.journeys_in_browsers import OVER
from jitney.signin.said import ProvenFactor, Said

MOST_TRIES = 8
"""How often the end of a journey is looked at again after somebody else was quicker."""


@dataclass(frozen=True, slots=True)
class FactorEnds:
    """Ends journeys that had waited half way."""

    standings: Standings
    hall: Hall
    guesses: Guesses

    async def standing(
        self, sign_in: SignIn, half_way: HalfWay, *, network: str | None
    ) -> Standing | Refused:
        """Return the standing; whoever may not go on at all ends here, with an outcome (R-048).

        Where something does not answer now, the journey waits for the next try (P-11): raises
        ``UserStoreUnavailable`` and ``Overloaded``.
        """
        try:
            await self.hall.provisioner.sessions.find_raised(half_way.first)
            return await self.standings.find(sign_in, half_way, network=network)
        except (Overloaded, UserStoreUnavailable):
            raise
        except JitneyError as fault:
            return await self.hall.refuse(
                sign_in, fault.code, fault.sentence, said=half_way.reasons, fault=fault
            )

    async def finish(
        self,
        sign_in: SignIn,
        half_way: HalfWay,
        kind: FactorKind,
        proven: Proven | None,
        *,
        network: str | None,
    ) -> Arrived | Refused:
        """Make the session, and spend what proved it, in one commit; whoever loses a race looks again."""
        spent = proven.changes if proven else ()
        counted = (proven.counted,) if proven else ()
        for _ in range(MOST_TRIES):
            standing = await self.standing(sign_in, replace(half_way, proven=kind), network=network)
            if isinstance(standing, Refused):
                return standing
            if not standing.is_met:  # the policy was changed in this very moment: the page asks anew
                break
            started = await self.hall.provisioner.sessions.start(half_way.first, sign_in.request, factor=kind)
            records = self.hall.provisioner.records
            said = (*half_way.reasons[:-1], Reason("second_factor_proven", {"kind": kind.value}))
            outcome = records.outcome(
                sign_in, half_way.kind, (*said, *half_way.reasons[-1:]),
                person=half_way.first.person, written=half_way.written,
            )  # fmt: skip
            try:
                await self.guesses.commit(
                    *standing.holding(),
                    *spent,
                    SaveSignIn(sign_in.done()),
                    *started.changes,
                    *records.keep(sign_in, outcome),
                    records.event(Action.SIGN_IN_SUCCEEDED, sign_in, outcome),
                    counted=counted,
                )
            except Conflict as lost:
                if lost.what == SaveSignIn.guard:
                    raise Expired("sign_in_moved_on", OVER) from lost
                if wrong_after(lost) is not None:
                    raise
                continue
            return Arrived(started.session, started.token, sign_in.request, started.code)
        raise Expired("sign_in_moved_on", OVER)

    async def join(
        self,
        sign_in: SignIn,
        standing: Standing,
        way: FactorKind,
        proven: Proven,
        *,
        network: str | None,
    ) -> Arrived | FactorWanted | Prompt | Refused | TurnedBack:
        """Join the identity that waits, now that the account's own second factor is proven (R-007)."""
        half_way, link = standing.half_way, standing.half_way.link
        if link is None:  # pragma: no cover (the caller has looked)
            raise Expired("sign_in_moved_on", OVER)
        waiting = Pending(half_way.page_hash, half_way.reference, link.connection)
        journey = replace(sign_in, stage=Stage.PROVEN, identity=link.identity, pending=waiting, half_way=None)
        proof = None
        if link.by is not None:
            found = await self.hall.facts.candidates.proof_of(standing.user, link.by)
            proof = replace(found, through=link.through, idp_version=link.idp_version)
        # The hall commits by itself: what it could not give back again stays counted, on the safe side.
        changes = tuple(each for each in proven.changes if not isinstance(each, SaveAttempts))
        spent = ProvenFactor(standing.user.id, way, changes)
        step = await self.hall.advance(
            journey, connection=link.connection, said=Said(proof=proof, network=network, proven=spent)
        )
        if isinstance(step, Arrived | FactorWanted | Prompt | Refused | TurnedBack):
            return step
        raise Expired("sign_in_moved_on", OVER)
