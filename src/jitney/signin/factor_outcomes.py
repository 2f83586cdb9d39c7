"""What an answer with a second factor comes to: it was wrong, it proves, or it enrols."""

from dataclasses import dataclass, field
from typing import Final

from jitney.errors import Conflict
from jitney.model.changes import AddFactor, Change, SpendFactorChallenge, SpendRecoveryCode, UseFactor
from jitney.model.factor import Factor, FactorKind
from jitney.signin.guesses import Counted

CODE_WRONG: Final = "factor_code_wrong"
CODE_USED: Final = "factor_code_used"
CODE_EXPIRED: Final = "factor_code_expired"
TOO_MANY: Final = "too_many_attempts"
NOT_ENROLLED: Final = "factor_not_enrolled"
ENROLLED_ALREADY: Final = "factor_enrolled_already"
TOO_MANY_FACTORS: Final = "factors_too_many"
NO_ADDRESS: Final = "factor_address_unverified"
SENT_LATELY: Final = "factor_code_sent_lately"
CODES_EXHAUSTED: Final = "factor_codes_exhausted"

_UNTOLD: Final = frozenset({CODE_WRONG, CODE_USED, CODE_EXPIRED, TOO_MANY, NOT_ENROLLED})


@dataclass(frozen=True, slots=True)
class Wrong:
    """Nothing was proven, sent or enrolled; ``code`` is the true reason, for the outcome and the audit log."""

    code: str

    @property
    def shown(self) -> str:
        """Return the code of what the person may be told.

        The attack: somebody who guesses learns when to stop, and when to come back; so all answers that are not
        taken look alike (R-109).
        """
        return CODE_WRONG if self.code in _UNTOLD else self.code


@dataclass(frozen=True, slots=True)
class Proven:
    """A second factor that proves somebody once ``changes`` are committed, with whatever it leads to.

    The commit is for ``Guesses.commit``, which gives ``counted`` back; one that loses is for ``wrong_after``.
    """

    kind: FactorKind
    changes: tuple[Change, ...]
    counted: Counted


@dataclass(frozen=True, slots=True)
class Enrolled:
    """A second factor that is enrolled once ``changes`` are committed; like ``Proven``.

    ``recovery_codes`` are there with the first factor alone, as they are shown, once.
    """

    factor: Factor
    changes: tuple[Change, ...]
    counted: Counted
    recovery_codes: tuple[str, ...] = field(default=(), repr=False)

    @property
    def kind(self) -> FactorKind:
        """Return which kind it is."""
        return self.factor.kind


@dataclass(frozen=True, slots=True)
class RecoveryCodesMade:
    """Ten recovery codes as they are shown, once, and the changes by which they hold and no earlier one does."""

    codes: tuple[str, ...] = field(repr=False)
    changes: tuple[Change, ...]


_LOST: Final = {
    UseFactor.guard: CODE_USED,
    SpendRecoveryCode.guard: CODE_USED,
    SpendFactorChallenge.guard: CODE_EXPIRED,
    AddFactor.guard: ENROLLED_ALREADY,
}


def wrong_after(lost: Conflict) -> Wrong | None:
    """Return what a commit of ``Proven`` or ``Enrolled`` says that was too late; ``None`` where it is another's."""
    code = _LOST.get(lost.what)
    return Wrong(code) if code else None
