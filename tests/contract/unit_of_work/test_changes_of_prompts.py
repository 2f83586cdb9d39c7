"""Every change that a question to the person brings does what its docstring says, and reads back equal."""

from dataclasses import replace
from datetime import timedelta

import pytest
from tests.contract.doors import Doors
from tests.contract.records import (
    LATER,
    NOW,
    a_link,
    a_mail,
    a_pending,
    a_purpose,
    a_receipt,
    a_session,
    a_sign_in,
    a_user,
    an_attempt,
    an_identity,
    an_outcome,
)

from jitney.model import changes as c
from jitney.model.account_link import LinkedBy
from jitney.model.outcome import OutcomeKind, Reason
from jitney.ports import OutcomeFilter

pytestmark = pytest.mark.anyio


async def test_journey_waits_for_an_answer_and_forgets_it_at_its_end(doors: Doors) -> None:
    """R-019, R-023: the journey is found by its page's key, and forgets at its end what it waited with."""
    sign_in = a_sign_in().begun(an_attempt(), NOW)
    await doors.unit_of_work.commit(c.AddSignIn(sign_in), c.AddSignIn(a_sign_in("handle-2")))
    moves = [sign_in.returned()]
    moves.append(moves[-1].proven(an_identity(), NOW))
    moves.append(moves[-1].asked(a_pending(), NOW))
    moves.append(moves[-1].tried({"password": "password_too_short"}))
    moves.append(moves[-1].away_to_prove(an_attempt("state-2"), LATER))
    for each in moves:
        await doors.unit_of_work.commit(c.SaveSignIn(each))
        assert each == await doors.sign_ins.find("handle-1")
        assert (each if each.pending else None) == await doors.sign_ins.find_by_page("page-1")
    assert moves[-1].pending is not None
    assert an_identity() == moves[-1].pending.arriving
    assert moves[-1] == await doors.sign_ins.find_by_state("state-2")
    assert await doors.sign_ins.find_by_page("Page-1") is None

    over = moves[-1].refused()
    await doors.unit_of_work.commit(c.SaveSignIn(over))
    assert over == await doors.sign_ins.find_by_page("page-1") == await doors.sign_ins.find("handle-1")
    assert (None, None) == (over.identity, over.pending.arriving if over.pending else "no page")


async def test_answered_sign_up_is_kept_whole(doors: Doors) -> None:
    """R-040: user, link, receipt, letter, journey, session and settled outcome of an answer are one commit."""
    pending = an_outcome(kind=OutcomeKind.PENDING, reasons=(Reason("asked"),), user_id=None)
    sign_in = a_sign_in().asked(a_pending(), NOW)
    await doors.unit_of_work.commit(
        c.AddPurpose(a_purpose()),
        c.AddPurpose(a_purpose("purpose-2", "statistics")),
        c.AddSignIn(sign_in),
        c.RecordOutcome(pending),
    )
    link = replace(a_link(), anchor="tenant-1", withheld=("given_name", "locale"), linked_by=LinkedBy.PROOF)
    settled = an_outcome(at=LATER, written=("+ email (idp-1)", "- locale (operator)"))
    await doors.unit_of_work.commit(
        c.RequirePurpose("purpose-2", 1),
        c.RequirePurpose("purpose-1", 1),
        c.AddUser(a_user(), password_hash="hash"),
        c.AddAccountLink(link),
        c.AddConsentReceipt(a_receipt()),
        c.AddMail(a_mail()),
        c.SaveSignIn(sign_in.done()),
        c.AddSession(a_session()),
        c.SettleOutcome(settled),
    )
    assert a_user(has_password=True) == await doors.primary.find("user-1")
    assert link == await doors.account_links.find("idp-1", "subject-1")
    assert a_receipt() == await doors.receipts.find("receipt-1")
    assert [a_mail()] == list(await doors.outbox.due(NOW))
    assert [settled] == list(await doors.records.outcomes(OutcomeFilter()))
    assert sign_in.done() == await doors.sign_ins.find("handle-1")
    assert a_session() == await doors.sessions.find("session-1")


async def test_settled_outcome_keeps_its_place_among_others_of_its_moment(doors: Doors) -> None:
    """The end of a sign-in stands where its pending outcome stood; another reference is left alone."""
    first, second = (an_outcome(reference, kind=OutcomeKind.PENDING) for reference in ("A-1", "A-2"))
    await doors.unit_of_work.commit(c.RecordOutcome(first), c.RecordOutcome(second))
    settled = an_outcome("A-1", kind=OutcomeKind.LINKED, idp="idp-2", written=("+ email (idp-2)",))
    await doors.unit_of_work.commit(c.SettleOutcome(settled))
    assert [second, settled] == list(await doors.records.outcomes(OutcomeFilter()))
    assert [settled] == list(await doors.records.outcomes(OutcomeFilter(reference="A-1", idp="idp-2")))


async def test_attributes_are_withheld_on_every_link_of_the_user(doors: Doors) -> None:
    """R-036: all ways in of one user learn what is withheld now, and those of others do not."""
    links = [a_link(), a_link("subject-2", idp="idp-2"), a_link("subject-3", "user-2")]
    await doors.unit_of_work.commit(*map(c.AddAccountLink, links))
    for withheld in (("email", "phone_number"), ("locale",), ()):
        await doors.unit_of_work.commit(c.WithholdAttributes("user-1", withheld))
        expected = [replace(link, withheld=withheld) for link in links[:2]]
        assert expected == list(await doors.account_links.of_user("user-1"))
        assert [links[2]] == list(await doors.account_links.of_user("user-2"))


async def test_link_that_is_made_with_what_is_withheld_is_covered_too(doors: Doors) -> None:
    """R-036: a link and the withholding of one commit are carried out one after the other."""
    await doors.unit_of_work.commit(c.AddAccountLink(a_link()))
    second = a_link("subject-2", idp="idp-2")
    await doors.unit_of_work.commit(c.AddAccountLink(second), c.WithholdAttributes("user-1", ("email",)))
    expected = [replace(link, withheld=("email",)) for link in (a_link(), second)]
    assert expected == list(await doors.account_links.of_user("user-1"))


async def test_purpose_is_added_saved_and_removed(doors: Doors) -> None:
    """R-036: purposes read back equal, by name and in the list by name; a removed one frees its name."""
    other = a_purpose("purpose-0", "zeta", attributes=())
    await doors.unit_of_work.commit(c.AddPurpose(other), c.AddPurpose(a_purpose()))
    assert [a_purpose(), other] == list(await doors.purposes.list())
    assert a_purpose() == await doors.purposes.find_by_name("newsletter")
    assert await doors.purposes.find_by_name("Newsletter") is None
    renamed = a_purpose(name="letters", description="Twice a month.", version=2)
    await doors.unit_of_work.commit(c.SavePurpose(renamed), c.RemovePurpose("purpose-0", 1))
    assert [renamed] == list(await doors.purposes.list())
    assert await doors.purposes.find_by_name("newsletter") is None
    again = a_purpose("purpose-3")
    await doors.unit_of_work.commit(c.AddPurpose(again), c.AddPurpose(other))
    assert [renamed, again, other] == list(await doors.purposes.list())


async def test_receipts_are_listed_newest_first_and_withdrawn(doors: Doors) -> None:
    """R-036: a receipt reads back equal, keeps its words without the purpose, and says when it was withdrawn."""
    newer, others = a_receipt("receipt-0", given=LATER), a_receipt("receipt-2", "user-2")
    for receipt in (a_receipt(), newer, others):
        await doors.unit_of_work.commit(c.AddConsentReceipt(receipt))
    assert [newer, a_receipt()] == list(await doors.receipts.of_user("user-1"))
    withdrawn = a_receipt().withdrawn_for(["purpose-1"], LATER)
    await doors.unit_of_work.commit(c.SaveConsentReceipt(withdrawn))
    assert withdrawn == await doors.receipts.find("receipt-1")
    assert [newer, withdrawn] == list(await doors.receipts.of_user("user-1"))
    assert others == await doors.receipts.find("receipt-2")
    assert await doors.receipts.find("receipt-3") is None


async def test_receipts_of_a_user_are_a_hundred_at_most(doors: Doors) -> None:
    """R-151: a listing is bounded, and the newest are in it."""
    receipts = [a_receipt(f"receipt-{n}", given=NOW + timedelta(seconds=n)) for n in range(101)]
    await doors.unit_of_work.commit(*map(c.AddConsentReceipt, receipts))
    assert receipts[:0:-1] == list(await doors.receipts.of_user("user-1"))


async def test_removed_user_takes_its_receipts_along(doors: Doors) -> None:
    """R-015: with the user go the receipts; those of others stay."""
    await doors.unit_of_work.commit(
        c.AddUser(a_user()),
        c.AddConsentReceipt(a_receipt()),
        c.AddConsentReceipt(a_receipt("receipt-2", "user-2")),
    )
    await doors.unit_of_work.commit(c.RemoveUser("user-1", 1))
    assert await doors.receipts.find("receipt-1") is None
    assert "user-1" not in str(await doors.snapshot())
    assert a_receipt("receipt-2", "user-2") == await doors.receipts.find("receipt-2")


async def test_letters_wait_until_they_are_due(doors: Doors) -> None:
    """P-2: a letter is found when it is due, the longest due first, until it is postponed or taken out."""
    older = a_mail("mail-0", due=NOW - timedelta(seconds=1))
    await doors.unit_of_work.commit(c.AddMail(a_mail()), c.AddMail(a_mail("mail-2")), c.AddMail(older))
    assert [older, a_mail(), a_mail("mail-2")] == list(await doors.outbox.due(NOW))
    assert [older] == list(await doors.outbox.due(NOW, limit=1))
    assert [older] == list(await doors.outbox.due(NOW - timedelta(microseconds=1)))

    await doors.unit_of_work.commit(c.PostponeMail("mail-1", due=LATER, tries=1), c.RemoveMail("mail-0"))
    assert [a_mail("mail-2")] == list(await doors.outbox.due(NOW))
    postponed = a_mail(due=LATER, tries=1)
    assert [a_mail("mail-2"), postponed] == list(await doors.outbox.due(LATER))


async def test_letter_that_is_gone_is_neither_postponed_nor_missed(doors: Doors) -> None:
    """P-2: a letter that another node has sent meanwhile comes to nothing, and hinders nothing."""
    await doors.unit_of_work.commit(c.AddMail(a_mail()))
    await doors.unit_of_work.commit(c.RemoveMail("mail-1"))
    await doors.unit_of_work.commit(
        c.PostponeMail("mail-1", due=LATER, tries=1), c.RemoveMail("mail-1"), c.AddRole("beside")
    )
    assert [] == list(await doors.outbox.due(LATER))
    assert "beside" in await doors.roles.names()
