"""Halts: brings a journey half way, to the page of the second factor."""

from dataclasses import dataclass, field, replace
from typing import Final

from jitney.model.factor import FactorKind
from jitney.model.half_way import AwaitingLink, FirstFactor, HalfWay
from jitney.model.outcome import Outcome, OutcomeKind, Reason
from jitney.model.secret_hash import hash_secret
from jitney.model.sign_in import SignIn
from jitney.ports import Clock, Entropy
from jitney.provisioning.second_factor import Owed

OWED: Final = "second_factor_owed"


@dataclass(frozen=True, slots=True)
class Halt:
    """A journey that waits for the second factor, the key of its page, and its pending outcome."""

    sign_in: SignIn
    key: str = field(repr=False)
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class FactorHalts:
    """Makes halts; writing them is the commit's part, together with what the first factor has led to."""

    clock: Clock
    entropy: Entropy

    def halt(
        self,
        sign_in: SignIn,
        first: FirstFactor,
        outcome: Outcome,
        owed: Owed,
        *,
        link: AwaitingLink | None = None,
        proven: FactorKind | None = None,
    ) -> Halt:
        """Return the journey half way.

        ``outcome`` is the one with which it would have ended; it stays pending under its reference.
        ``link`` is what shall be joined once the factor is proven; ``proven`` one that does not do here.
        The page gets a key of its own, which no earlier page and no provider knows (R-022).
        """
        key = self.entropy.token()
        half_way = HalfWay(
            hash_secret(key), outcome.reference, first, outcome.kind, outcome.reasons, outcome.written,
            proven=proven, link=link,
        )  # fmt: skip
        about = Reason(OWED, {"kinds": ", ".join(sorted(owed.kinds)) or "any"})
        pending = replace(outcome, kind=OutcomeKind.PENDING, reasons=(*outcome.reasons, *owed.reasons, about))
        return Halt(sign_in.owing_factor(half_way, self.clock.now()), key, pending)
