"""The entrance of what a person typed into a page: answers, a cancel, another account."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from jitney.errors import Expired, JitneyError
from jitney.model.outcome import Reason
from jitney.model.sign_in import Pending, SignIn
from jitney.ports import Clock
from jitney.provisioning.decision import LinkTo, Provision
from jitney.provisioning.facts import Answers
from jitney.provisioning.prompt_forms import Problem, PromptForm, ProofForm
from jitney.provisioning.prompting import MOST_IGNORED, read_answers
from jitney.signin.advance import Hall, Looked
from jitney.signin.arrival import Arrival
from jitney.signin.journey import (
    Arrived,
    AskAgain,
    Choose,
    FactorWanted,
    Leave,
    Prompt,
    Refused,
    Shown,
    TurnedBack,
)
from jitney.signin.journeys_in_browsers import OVER, JourneysInBrowsers, Visitor, waiting
from jitney.signin.page_problems import remembered_problems
from jitney.signin.said import Said, Speaks


@dataclass(frozen=True, slots=True)
class PromptAnswers:
    """Everything that a page which asks can do.

    The form that counts is the one that the policy gives now, not the one that was shown: what was changed
    between two steps asks again, refuses or lets through as if it had always been so (R-021).
    """

    journeys: JourneysInBrowsers
    hall: Hall
    arrival: Arrival
    clock: Clock

    async def show(self, key: str, *, browser: Visitor, wants_link: bool = False) -> Shown:
        """Return what the page says now; changes nothing (R-104).

        ``wants_link``: the person has an account here and wants to prove it.
        Raises ``Expired`` for a page that is over, that was answered, or that is another browser's; and as
        ``Hall.look`` does.
        """
        sign_in, _ = await self.journeys.open_page(key, browser, now=self.clock.now())
        return await self._shown(sign_in, wants_link=wants_link)

    async def look(self, key: str) -> Shown:
        """Return what the page says to whoever has its key, with the problems of the last answer.

        For a page of the customer's own, whose server asks without the person's cookies; raises as ``show`` does.
        """
        sign_in, pending = waiting(await self.journeys.find_by_key_alone(key), self.clock.now())
        shown = await self._shown(sign_in, wants_link=False)
        if not isinstance(shown.form, PromptForm):
            return shown
        problems = {**remembered_problems(shown.form, pending.problems), **shown.form.problems}
        return replace(shown, form=replace(shown.form, problems=problems))

    async def answer(
        self, key: str, posted: Mapping[str, str], *, browser: Visitor, speaks: Speaks, declined: bool = False
    ) -> Arrived | AskAgain | FactorWanted | Prompt | Refused | TurnedBack:
        """Take an answer: go on, ask again with the reasons, or end.

        ``posted`` is everything that was posted but the door's own fields; only what the form asks for is looked
        at (R-019). ``speaks`` says which language the page was in.
        Raises ``Expired``: also where an account must be proven, which no answer of this kind does (R-018).
        """
        sign_in, pending = await self.journeys.open_page(key, browser, now=self.clock.now())
        looked = await self.hall.look(sign_in, connection=pending.connection)
        form = self.hall.shown(sign_in, looked).form
        if isinstance(form, ProofForm):
            raise Expired("sign_in_moved_on", OVER)
        if form is None and not declined and _answers_another_page(posted) and _would_store(looked):
            # What was declined on that page must not be stored because today's policy does not ask.
            return AskAgain(key, self.hall.shown(sign_in, looked))
        read = read_answers(form, posted) if form else Answers()
        ignored = tuple(dict.fromkeys((*pending.ignored, *read.ignored)))[:MOST_IGNORED]
        answers = replace(read, declined=declined, ignored=ignored)
        wish = sign_in.request.ui_locales if sign_in.request else None
        said = Said(key, answers, language=speaks(wish), network=browser.network)
        return await self.hall.advance(sign_in, connection=pending.connection, said=said)

    async def cancel(self, key: str, *, browser: Visitor) -> TurnedBack:
        """End the journey as the person wished; the application is told."""
        sign_in, pending = await self.journeys.open_page(key, browser, now=self.clock.now())
        refused = await self.hall.refuse(
            sign_in,
            "sign_in_cancelled",
            "You have cancelled the sign-in.",
            said=await self._reasoning(sign_in, pending),
        )
        return TurnedBack(refused.request, refused.outcome)

    async def another_account(self, key: str, *, browser: Visitor) -> Choose | Leave:
        """End the journey, and begin one from the same application with another account.

        The attack that this page must not open: an account that somebody else left signed in at the provider
        would be taken again without a question, so the provider is asked to let the person choose.
        """
        sign_in, pending = await self.journeys.open_page(key, browser, now=self.clock.now())
        if sign_in.request is None:
            raise Expired("sign_in_expired", OVER)
        said = await self._reasoning(sign_in, pending)
        await self.hall.refuse(sign_in, "another_account_wanted", "Another account was wanted.", said=said)
        return await self.arrival.with_another_account(sign_in)

    async def check_username(self, key: str, typed: str, *, browser: Visitor) -> Problem | None:
        """Say whether a name would do, as the answer would; ``None`` where it is free and fits (R-109).

        Only inside a sign-in whose page asks for a name, and no more than the page itself would say.
        """
        sign_in, pending = await self.journeys.open_page(key, browser, now=self.clock.now())
        said = Said(key, Answers(username=typed))
        looked = await self.hall.look(sign_in, connection=pending.connection, said=said)
        form = self.hall.shown(sign_in, looked).form
        if not isinstance(form, PromptForm) or not form.mode.asks_username:
            raise Expired("sign_in_moved_on", OVER)
        return form.problems.get("username")

    async def _reasoning(self, sign_in: SignIn, pending: Pending) -> tuple[Reason, ...]:
        """Return why the person was asked something; nothing where that cannot be told any more."""
        try:
            looked = await self.hall.look(sign_in, connection=pending.connection)
        except JitneyError:
            return ()
        return looked.decision.reasons

    async def _shown(self, sign_in: SignIn, *, wants_link: bool) -> Shown:
        pending = sign_in.pending
        if pending is None:
            raise Expired("sign_in_moved_on", OVER)
        said = Said(answers=Answers(wants_link=True)) if wants_link else Said()
        looked = await self.hall.look(sign_in, connection=pending.connection, said=said)
        return self.hall.shown(sign_in, looked)


def _answers_another_page(posted: Mapping[str, str]) -> bool:
    """Say whether a post answers questions about consent, which the policy does not ask any more."""
    return any(name.partition(".")[0] in {"purpose", "consent"} for name in posted)


def _would_store(looked: Looked) -> bool:
    return isinstance(looked.decision, Provision | LinkTo)
