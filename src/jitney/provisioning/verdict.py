"""Verdict: what a decision comes to, as plain data that two decisions are compared by and operators read."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from jitney.model.outcome import Reason
from jitney.provisioning.decision import (
    Ask,
    Decision,
    LinkTo,
    Provision,
    Refuse,
    Settle,
    SignInAs,
)
from jitney.provisioning.difference import Lines, difference
from jitney.provisioning.prompt_forms import PromptForm


@dataclass(frozen=True, slots=True)
class Verdict:
    """What happens to a person.

    ``kind`` is the kind of the decision (``sign_in_as``), ``reasons`` the reasoning, whose last code settled it.
    ``store`` and ``username`` are those of the account that the person would have afterwards, ``None`` where there
    is none or where the person says it.
    ``asks`` is what a page would ask for, ``proof`` where an account must be proven; ``sentence`` is what somebody
    who is refused reads; ``written`` are the lines of the difference.
    """

    kind: str
    reasons: tuple[Reason, ...]
    store: str | None = None
    username: str | None = field(default=None, repr=False)
    asks: tuple[str, ...] = ()
    sentence: str | None = None
    written: Lines = field(default=(), repr=False)

    @property
    def code(self) -> str:
        """Return the reason that settled it."""
        return self.reasons[-1].code if self.reasons else self.kind

    def comes_to_the_same(self, other: "Verdict") -> bool:
        """Say whether nobody would notice a difference: neither the person nor who looks at their account later.

        The reasoning on the way does not count, but the reason for which somebody is refused does.
        """
        return self._told == other._told

    @property
    def _told(self) -> tuple[object, ...]:
        why = self.code if self.kind == "refuse" else ""
        return (self.kind, why, self.store, self.username, self.asks, self.sentence, self.written)


def verdict_of(decision: Decision) -> Verdict:
    """Return what a decision comes to; its lines hold values, for operators alone."""
    store, username = _account(decision)
    return Verdict(
        kind=kind_of(decision),
        reasons=decision.reasons,
        store=store,
        username=username,
        asks=questions_of(decision),
        sentence=decision.sentence if isinstance(decision, Refuse) else None,
        written=difference(decision),
    )


def kind_of(decision: Decision) -> str:
    """Return the kind of a decision in words with underscores (``sign_in_as``)."""
    return re.sub(r"(?<!^)([A-Z])", r"_\1", type(decision).__name__).lower()


def questions_of(decision: Decision) -> tuple[str, ...]:
    """Return what a page would ask for, in its order; ``proof`` where an existing account must be proven."""
    if not isinstance(decision, Ask):
        return ()
    return tuple(_questions(decision.form)) if isinstance(decision.form, PromptForm) else ("proof",)


def _questions(form: PromptForm) -> Iterator[str]:
    if form.mode.asks_username:
        yield "user name"
    if form.mode.asks_password:
        yield "password"
    yield from (asked.name for asked in form.missing)
    for purpose in form.purposes:
        for box in purpose.consents:
            yield f"consent to {box.attribute} for “{purpose.name}”" + " (mandatory)" * box.mandatory


def _account(decision: Decision) -> tuple[str | None, str | None]:
    match decision:
        case SignInAs(user=user) | LinkTo(user=user) | Settle(user=user):
            return user.username.domain, str(user.username)
        case Provision(draft=draft):
            return draft.username.domain, str(draft.username)
        case _:
            return None, None
