"""Lets a journey wait for its person: seals what was proven, keeps a pending outcome, says what a page shows."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from jitney.model.application import Application
from jitney.model.changes import Change, RecordOutcome, SaveSignIn
from jitney.model.outcome import Outcome, OutcomeKind
from jitney.model.secret_hash import hash_secret
from jitney.model.sign_in import Pending, SignIn
from jitney.ports import Clock, Entropy, UnitOfWork
from jitney.provisioning.decision import Ask
from jitney.provisioning.facts import Answers, Facts
from jitney.provisioning.prompt_forms import PromptForm, ProofForm
from jitney.signin.journey import Prompt, Shown
from jitney.signin.journey_records import JourneyRecords
from jitney.signin.journeys_in_browsers import visitor_token


@dataclass(frozen=True, slots=True)
class Asker:
    """Writes down that the person is asked something; what they typed is never written down."""

    work: UnitOfWork
    clock: Clock
    entropy: Entropy
    records: JourneyRecords

    async def ask(self, sign_in: SignIn, decision: Ask, *, connection: str) -> Prompt:
        """Seal the proven identity, and draw a key for the page, which the provider does not know either (R-019).

        A journey that was asked before keeps its tries and its outcome, and gets a new key: the old page is gone.
        Raises ``Conflict`` where the journey has moved on.
        """
        key = self.entropy.token()
        known = sign_in.pending
        if known is None:
            pending = Pending(hash_secret(key), self.entropy.reference(), connection)
        else:
            pending = replace(known, page_hash=hash_secret(key), arriving=None)
        asked = sign_in.asked(pending, self.clock.now())
        records = () if known else self._pending_records(sign_in, decision, pending)
        await self.work.commit(SaveSignIn(asked), *records)
        mode = decision.form.mode if isinstance(decision.form, PromptForm) else None
        return Prompt(key, mode, visitor_token(sign_in.browser_hash))

    async def ask_again(self, sign_in: SignIn, decision: Ask, answers: Answers | None) -> SignIn:
        """Count an answer that would not do; its fields are kept by name and reason, never by value.

        Raises ``Conflict`` where the journey has moved on.
        """
        problems = {name: problem.reason.code for name, problem in decision.form.problems.items()}
        return await self.count_try(sign_in, problems, ignored=answers.ignored if answers else ())

    async def count_try(
        self, sign_in: SignIn, problems: Mapping[str, str], *, ignored: tuple[str, ...] = ()
    ) -> SignIn:
        """Use up one try, before what was tried is looked at (R-020); raises ``Conflict``."""
        tried = sign_in.tried(problems, ignored=ignored)
        await self.work.commit(SaveSignIn(tried))
        return tried

    def shown(
        self,
        sign_in: SignIn,
        form: PromptForm | ProofForm | None,
        facts: Facts,
        application: Application | None,
    ) -> Shown:
        """Return what the page says about this journey."""
        pending = sign_in.pending
        return Shown(
            form=form,
            provider=facts.idp.display_name,
            application=application.name if application else "",
            reference=pending.reference if pending else "",
            tries_left=pending.tries_left if pending else 0,
            ui_locales=sign_in.request.ui_locales if sign_in.request else None,
        )

    def _pending_records(self, sign_in: SignIn, decision: Ask, pending: Pending) -> tuple[Change, ...]:
        identity = sign_in.identity
        outcome = Outcome(
            reference=pending.reference,
            at=self.clock.now(),
            kind=OutcomeKind.PENDING,
            reasons=decision.reasons,
            application=sign_in.request.application if sign_in.request else None,
            idp=identity.idp if identity else None,
            subject=identity.subject if identity else None,
        )
        return (RecordOutcome(outcome), *self.records.arrival(sign_in, outcome))
