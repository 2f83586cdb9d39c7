"""What happened, through the verbs over memory doors: who finds it, who takes it, and how long it is remembered."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from tests.journeys.administration.office import ROOT

from jitney.administration.audit_trail import AuditTrail
from jitney.administration.operator import Operator, Right, rights_of
from jitney.administration.people.user_finding import UserFinding
from jitney.administration.records.audit_finding import AuditFinding, SoughtEvents
from jitney.administration.records.outcome_finding import OutcomeFinding, Sought
from jitney.administration.records.overview import Overview, OverviewSockets
from jitney.administration.records.record_names import RecordNames
from jitney.administration.records.records_export import RecordsExport
from jitney.administration.records.sign_in_chart import Span
from jitney.errors import NotAllowed, NotFound
from jitney.model.audit_event import Action, AuditEvent
from jitney.model.changes import (
    AddIdentityProvider,
    AddMail,
    AddOperation,
    AddProviderRemoval,
    AddUser,
    RecordEvent,
    RecordOutcome,
)
from jitney.model.connection import OIDCConnection
from jitney.model.identity_provider import IdentityProvider
from jitney.model.mail import Mail
from jitney.model.operation import Operation, OperationKind
from jitney.model.outcome import Outcome, OutcomeKind, Reason
from jitney.model.provider_removal import ProviderRemoval, RemovalCounts
from jitney.model.user import AUDITOR_ROLE, HELP_DESK_ROLE, User, Username
from jitney.testing.counted_entropy import CountedEntropy
from jitney.testing.memory import MemoryDoors
from jitney.testing.standing_clock import StandingClock

pytestmark = pytest.mark.anyio

GONE = "11111111-2222-3333-4444-555555555555"
NOBODY = Operator("u-nobody", "nobody", frozenset())
AUDITOR = Operator("u-audit", "audit", rights_of([AUDITOR_ROLE]))
HELP_DESK = Operator("u-desk", "desk", frozenset({Right.SEE, Right.HELP}))


class Archive:
    """Every verb over what happened, with a provider ``acme`` and a person ``ada``."""

    def __init__(self) -> None:
        self.doors, self.clock, self.entropy = MemoryDoors(), StandingClock(), CountedEntropy()
        doors = self.doors
        finding = UserFinding(doors.user_stores, doors.identity_providers, doors.account_links)
        names = RecordNames(doors.identity_providers, doors.user_store_records)
        self.outcomes = OutcomeFinding(doors.records, finding, doors.identity_providers, names, self.clock)
        self.audit = AuditFinding(
            doors.records, finding, doors.identity_providers, doors.user_store_records, names
        )
        trail = AuditTrail(self.clock, self.entropy)
        self.export = RecordsExport(self.outcomes, self.audit, doors.unit_of_work, trail)
        sockets = OverviewSockets(
            doors.records, doors.identity_providers, doors.applications, doors.provider_removals, doors.operations,
            doors.outbox, names, self.clock,
        )  # fmt: skip
        self.overview = Overview.of(sockets, expiry_of=lambda _: None, can_mail=False)

    async def open(self) -> "Archive":
        """Add whom the tests speak of."""
        acme = IdentityProvider("idp-1", "acme", "Acme", OIDCConnection("https://acme.example", "jitney"))
        ada = User("u-ada", Username("PRIMARY", "ada", "ada"), self.clock.now())
        await self.doors.unit_of_work.commit(AddIdentityProvider(acme), AddUser(ada, None))
        return self

    async def keep(self, number: int = 1, **known: Any) -> list[Outcome]:
        """Keep how this many sign-ins ended."""
        kept = [
            Outcome(
                self.entropy.reference(),
                self.clock.now(),
                OutcomeKind.REFUSED,
                (Reason("name_taken"),),
                **known,
            )
            for _ in range(number)
        ]
        await self.doors.unit_of_work.commit(*map(RecordOutcome, kept))
        return kept

    async def note(self, action: Action, actor: str, target: str) -> AuditEvent:
        """Keep an audit event."""
        event = AuditEvent(self.entropy.id(), self.clock.now(), action, actor, target)
        await self.doors.unit_of_work.commit(RecordEvent(event))
        return event


async def test_who_sees_nothing_is_told_nothing() -> None:
    """R-110: each of these verbs asks for the right to see, and whoever has it is answered."""
    archive = await Archive().open()
    [kept] = await archive.keep()
    before = archive.doors.look()
    for ask in (
        lambda who: archive.outcomes.page(who, Sought()),
        lambda who: archive.outcomes.find_reference(who, kept.reference),
        lambda who: archive.audit.page(who, SoughtEvents()),
        archive.overview.failures, archive.overview.needs, archive.overview.first_steps,
        lambda who: archive.overview.chart(who, Span.DAY),
        lambda who: archive.export.outcomes(who, Sought(), form="csv"),
        lambda who: archive.export.events(who, SoughtEvents(), form="csv"),
    ):  # fmt: skip
        with pytest.raises(NotAllowed) as refusal:
            await ask(NOBODY)
        assert "operator_right_missing" == refusal.value.code
        assert before == archive.doors.look()
    for ask in (archive.overview.failures, archive.overview.needs, archive.overview.first_steps):
        assert await ask(AUDITOR) is not None


async def test_narrower_duty_decides_who_takes_a_file() -> None:
    """R-110: who helps people and does not administer takes no file, and nothing of it is recorded."""
    archive = await Archive().open()
    before = archive.doors.look()
    both = Operator("u-both", "both", rights_of([AUDITOR_ROLE, HELP_DESK_ROLE]))
    for take in (archive.export.outcomes, archive.export.events):
        with pytest.raises(NotAllowed) as refusal:
            await take(HELP_DESK, Sought() if take == archive.export.outcomes else SoughtEvents(), form="csv")
        assert "export_not_allowed" == refusal.value.code
    assert before == archive.doors.look()
    assert not archive.export.may_export(both)
    assert [False, False, True, True] == [
        archive.export.may_export(who) for who in (NOBODY, HELP_DESK, AUDITOR, ROOT)
    ]
    await archive.export.outcomes(AUDITOR, Sought(subject="s"), form="csv")
    assert {"format": "csv", "by_subject": "yes"} == archive.doors.look().events[-1].about


async def test_file_holds_no_more_than_its_bound() -> None:
    """R-127: page after page, each record once, and never more than the bound; all of it where there is less."""
    archive = await Archive().open()
    kept = await archive.keep(1203)
    references = [one.reference for one in reversed(kept)]

    async def taken() -> tuple[list[str], list[int]]:
        pages = [page async for page in await archive.export.outcomes(ROOT, Sought(), form="csv")]
        return [one.reference for page in pages for one in page.outcomes], [
            len(page.outcomes) for page in pages
        ]

    assert (references, [500, 500, 203]) == await taken()
    archive.export = replace(archive.export, most=600)
    assert (references[:600], [500, 100]) == await taken()
    for number in range(700):
        await archive.note(Action.ROLE_ADDED, "system", f"role:{number}")
    events = [page async for page in await archive.export.events(ROOT, SoughtEvents(), form="csv")]
    assert [500, 100] == [len(page.events) for page in events]
    assert Action.RECORDS_EXPORTED is events[0].events[0].action


async def test_parties_are_found_by_name_and_those_who_are_gone_by_id() -> None:
    """Issue 7: a removed person or provider is sought by id, a name that nobody has is no search at all."""
    archive = await Archive().open()
    wanted = {
        "user:ada": "user:u-ada", "operator:ada": "operator:u-ada", "idp:acme": "idp:idp-1",
        f"user:{GONE}": f"user:{GONE}", f"idp:{GONE}": f"idp:{GONE}",
        "operator:set_up_link": "operator:set_up_link",
        "user_store:ENG": "user_store:ENG", "application:shop": "application:shop", "system": "system",
    }  # fmt: skip
    for named, kept in wanted.items():
        event = await archive.note(Action.USER_CHANGED, kept, kept)
        for sought in (SoughtEvents(actor=named), SoughtEvents(target=named)):
            assert event in (await archive.audit.page(ROOT, sought)).events, named
    for named, code in (("user:bob", "user_not_found"), ("idp:bob", "identity_provider_not_found")):
        with pytest.raises(NotFound) as refusal:
            await archive.audit.page(ROOT, SoughtEvents(target=named))
        assert code == refusal.value.code
    [gone] = await archive.keep(idp=GONE, user_id=GONE)
    for known in (Sought(idp=GONE), Sought(user=GONE)):
        assert [gone] == list((await archive.outcomes.page(ROOT, known)).outcomes)
    for unknown, code in (
        (Sought(user="bob"), "user_not_found"), (Sought(idp="bob"), "identity_provider_not_found")
    ):  # fmt: skip
        with pytest.raises(NotFound) as refusal:
            await archive.outcomes.page(ROOT, unknown)
        assert code == refusal.value.code


async def test_story_names_everybody_whom_it_mentions() -> None:
    """Issue 7: names stand for ids also inside the details, and whoever is gone keeps the bare id."""
    archive = await Archive().open()
    bob = User(archive.entropy.id(), Username("ENG", "bob", "bob"), archive.clock.now())
    await archive.doors.unit_of_work.commit(AddUser(bob, None))
    reason = Reason("name_taken", {"user": bob.id, "other": GONE})
    outcome = Outcome(
        "K7QF-2M9D", archive.clock.now(), OutcomeKind.REFUSED, (reason,), idp="idp-1", user_id="u-ada"
    )
    event = AuditEvent(
        "e-1", outcome.at, Action.USER_CHANGED, "operator:command_line", "user:u-ada", "K7QF-2M9D"
    )
    await archive.doors.unit_of_work.commit(RecordOutcome(outcome), RecordEvent(event))
    told = await archive.outcomes.tell(ROOT, "k7qf 2m9d")
    assert {
        bob.id: "ENG/bob", "idp-1": "acme", "u-ada": "ada", "command_line": "the command line"
    } == dict(told.names)  # fmt: skip


async def test_overview_is_a_minute_old_at_most() -> None:
    """Issue 7: an answer is remembered for a minute and says from when it is; then it is asked for again."""
    archive = await Archive().open()
    await archive.keep(2, idp="idp-1")
    first = await archive.overview.failures(ROOT)
    chart = await archive.overview.chart(ROOT, Span.DAY)
    await archive.keep(1, idp="idp-1")
    archive.clock.advance(timedelta(seconds=59))
    assert (first, chart) == (
        await archive.overview.failures(ROOT),
        await archive.overview.chart(ROOT, Span.DAY),
    )
    assert 2 == (await archive.overview.chart(ROOT, Span.WEEK)).value.chart.together.whole.refused - 1
    archive.clock.advance(timedelta(seconds=1))
    later = await archive.overview.failures(ROOT)
    assert ([("idp-1", "name_taken", 2)], [("idp-1", "name_taken", 3)]) == tuple(
        [(each.idp, each.code, each.count) for each in one.value.most] for one in (first, later)
    )
    assert (archive.clock.now(), {"idp-1": "acme"}, True) == (later.at, later.value.names, later.value.is_all)


async def test_overview_gathers_what_needs_somebody() -> None:
    """Issue 7: removals, writes that take long, and letters without a mail server; the urgent go first."""
    archive = await Archive().open()
    now = archive.clock.now()
    assert [] == list((await archive.overview.needs(ROOT)).value)
    began = now - timedelta(hours=1)
    removal = ProviderRemoval(
        "r-1", "idp-9", "old", "Old", "system", began, deletes_users=True, planned=RemovalCounts(deleted=3)
    )
    await archive.doors.unit_of_work.commit(
        AddProviderRemoval(removal),
        AddOperation(Operation("o-1", OperationKind.ADD, "u-9", "ENG", "nine", began, now, "idp:idp-1")),
        AddMail(Mail("m-1", "ada@acme.example", "s", "t", now, now)),
    )
    archive.clock.advance(timedelta(minutes=1))
    found = (await archive.overview.needs(ROOT)).value
    assert ["ENG", "E-mail", "Old"] == [need.about for need in found]
    assert "It is being removed: 0 of 3 people are done." == found[2].sentence


async def test_first_steps_end_with_the_first_sign_in_through_a_provider() -> None:
    """Issue 7: a refused sign-in is no first sign-in, and who has signed in once is never shown the way again."""
    archive = await Archive().open()
    await archive.keep(1, idp="idp-1")
    steps = await archive.overview.first_steps(ROOT)
    assert steps is not None
    assert (True, False, False, "acme") == (
        steps.has_provider, steps.has_provisioning, steps.has_application, steps.provider
    )  # fmt: skip
    [kept] = await archive.keep(1, idp="idp-1")
    done = replace(kept, reference=archive.entropy.reference(), kind=OutcomeKind.CREATED)
    await archive.doors.unit_of_work.commit(RecordOutcome(done))
    assert [None, None] == [
        await archive.overview.first_steps(ROOT),
        await archive.overview.first_steps(ROOT),
    ]
