"""Consent as journeys: what is asked, what a receipt says, what is stored, and what a withdrawal takes back."""

from dataclasses import replace

import pytest
from tests.journeys.sign_in.prompting_house import (
    ACCOUNT,
    CONSENT,
    NEWS,
    SECRET,
    WITH_PASSWORD,
    YES,
    answer,
    arrive_with,
    asking_house,
    prompt_form,
    with_purposes,
)
from tests.journeys.sign_in.sign_in_house import HERE, PASSWORD, House, ada, kept_apart, memory_of, user_id_of

from jitney.administration.audit_trail import AuditTrail
from jitney.administration.people.consents import ConsentAdministration
from jitney.administration.people.user_finding import UserFinding
from jitney.model.changes import AddPurpose, RemovePurpose, SavePurpose
from jitney.model.consent import ConsentReceipt, PurposeAttribute
from jitney.model.policy import LinkRule, PromptMode, SyncMode
from jitney.operations.changing import EntryChanging
from jitney.ports import OutcomeFilter
from jitney.signin.journey import Arrived, AskAgain, TurnedBack

pytestmark = pytest.mark.anyio

AND_MAIL = {**YES, "consent.purpose-news.email": "1"}


async def consent_house(mode: PromptMode = CONSENT) -> House:
    house = await with_purposes(await asking_house(mode))
    house.upstream.script["ada"] = ada(email="ada@home.example", email_verified=True, nickname="Countess")
    return house


def receipts(house: House) -> list[ConsentReceipt]:
    return list(memory_of(house).look().receipts.values())


async def test_page_shows_every_purpose_with_its_attributes_and_values() -> None:
    """R-036: the purposes and versions that are shown are those that are stored; nothing is ticked beforehand."""
    house = await consent_house()
    form = await prompt_form(house, await house.prompt())
    assert {
        ("Your account", 1, "given_name", True, ("Ada",), False),
        ("Newsletter", 1, "email", False, ("ada@home.example",), False),
        ("Newsletter", 1, "phone_number", False, (), False),
    } == {
        (purpose.name, box.version, box.attribute, box.mandatory, box.values, box.ticked)
        for purpose in form.purposes
        for box in purpose.consents
    }


async def test_without_purposes_nothing_is_asked_and_no_receipt_is_kept() -> None:
    """No purposes, no consent section."""
    house = await asking_house(CONSENT)
    assert () == (await prompt_form(house, await house.prompt())).purposes
    await arrive_with(house, {})
    assert [] == receipts(house)


async def test_receipt_says_what_was_agreed_to_in_which_words() -> None:
    """R-036: one receipt with language, jurisdiction, purposes and versions, made with the user or not at all."""
    house = await consent_house()
    arrived = await arrive_with(house, AND_MAIL)
    [receipt] = receipts(house)
    assert (user_id_of(arrived.session), "en", "DE", "Example GmbH", "idp-acme", "JIT") == (
        receipt.user_id, receipt.language, receipt.jurisdiction, receipt.controller.name, receipt.idp,
        receipt.collection_method,
    )  # fmt: skip
    assert {
        ("Your account", 1, ("given_name",), ()),
        ("Newsletter", 1, ("email",), ("phone_number",)),
    } == {(p.name, p.version, p.consented, p.declined) for p in receipt.purposes}
    assert [receipt] == list(await house.doors.receipts.of_user(receipt.user_id))


async def test_declined_optional_attribute_is_not_stored_and_no_later_sync_brings_it_back() -> None:
    """R-036: what was declined stays away with its verified flag; what nobody asked about is stored as ever."""
    house = await consent_house()
    await house.change_policy(attribute_sync=SyncMode.OVERRIDE_ALL)
    await arrive_with(house, YES)
    for _ in range(2):
        user = await house.user()
        assert (("Ada",), (), (), ("Countess",)) == tuple(
            user.values(name) for name in ("given_name", "email", "email_verified", "nickname")
        )
        assert isinstance(await house.come_back(await house.leave()), Arrived)


@pytest.mark.parametrize("posted", [{}, {"consent.purpose-news.email": "1"}, {"consent": "all"}])
async def test_missing_mandatory_box_is_a_refusal(posted: dict[str, str]) -> None:
    """C15: the server enforces it, not the page: ``access_denied``, and nothing is created."""
    house = await consent_house()
    back = await answer(house, await house.prompt(), posted)
    assert isinstance(back, TurnedBack)
    assert "consent_declined" == back.outcome.code
    assert ([], [], {}) == (await house.users(), receipts(house), memory_of(house).look().links)
    assert isinstance(await answer(house, await house.prompt(), YES), Arrived)


async def test_plain_no_is_a_refusal_whatever_was_ticked() -> None:
    """C15: the person's no counts, also beside a ticked box."""
    house = await consent_house()
    back = await answer(house, await house.prompt(), AND_MAIL, declined=True)
    assert isinstance(back, TurnedBack)
    assert ("consent_declined", []) == (back.outcome.code, await house.users())


async def test_purpose_that_changed_while_the_page_was_read_is_asked_for_again() -> None:
    """R-036: a tick under other words is no agreement to these; today's words are shown, and then taken."""
    house = await consent_house()
    step = await house.prompt()
    await house.commit(SavePurpose(replace(ACCOUNT, description="We sell your name.", version=2)))
    again = await answer(house, step, YES)
    assert isinstance(again, AskAgain), again
    assert "purpose_changed" == again.shown.form.problems["form"].reason.code  # pyright: ignore[reportOptionalMemberAccess]
    assert [] == await house.users()
    arrived = await answer(house, step, {"consent.purpose-account.given_name": "2"})
    assert isinstance(arrived, Arrived)
    assert {2, 1} == {purpose.version for purpose in receipts(house)[0].purposes}


async def test_purpose_that_changes_inside_the_last_commit_is_noticed_there() -> None:
    """R-036, R-021: the commit requires the version that was read; the loser looks again and asks again."""
    house = await consent_house()
    step = await house.prompt()
    real = house.hall.provisioner.work

    class Meanwhile:
        changed = False

        async def commit(self, *changes: object) -> None:
            if not self.changed and len(changes) > 4:
                self.changed = True
                await real.commit(SavePurpose(replace(ACCOUNT, description="Other words.", version=2)))
            await real.commit(*changes)  # pyright: ignore[reportArgumentType]

    object.__setattr__(house.hall.provisioner, "work", Meanwhile())
    assert isinstance(await answer(house, step, YES), AskAgain)
    assert ([], []) == (await house.users(), receipts(house))


async def test_removed_purpose_leaves_its_receipts_readable() -> None:
    """A receipt keeps the words of its time."""
    house = await consent_house()
    await arrive_with(house, YES)
    await house.commit(RemovePurpose(NEWS.id, 1), RemovePurpose(ACCOUNT.id, 1))
    assert "We need your name to address you." in [p.description for p in receipts(house)[0].purposes]


async def test_mode_with_password_keeps_password_and_receipt_in_one_commit() -> None:
    """A2, R-026, R-028: consent and password are recorded with the user, and the password as a hash alone."""
    house = await consent_house(WITH_PASSWORD)
    await arrive_with(house, {**YES, "password": SECRET, "password_again": SECRET})
    user = await house.user()
    assert (True, 1) == (user.has_password, len(receipts(house)))
    assert SECRET not in repr(await house.snapshot())


def office_of(house: House) -> ConsentAdministration:
    finding = UserFinding(
        house.doors.user_stores, house.doors.identity_providers, house.doors.account_links
    )  # fmt: skip
    return ConsentAdministration(
        house.doors.receipts, house.doors.account_links, finding,
        EntryChanging(house.doors.user_stores, house.clock), house.doors.unit_of_work,
        AuditTrail(house.clock, house.entropy), house.clock,
    )  # fmt: skip


async def test_withdrawal_takes_the_attribute_and_its_flag_and_no_sync_brings_them_back() -> None:
    """R-036: what rests on the agreement goes with it; the rest of the profile and the account stay."""
    house = await consent_house()
    arrived = await arrive_with(house, AND_MAIL)
    user_id = user_id_of(arrived.session)
    before = await house.user()
    assert (("ada@home.example",), ("true",)) == (before.values("email"), before.values("email_verified"))
    await office_of(house).withdraw_own(user_id, receipts(house)[0].id, [NEWS.id])
    for _ in range(2):
        user = await house.user()
        assert ((), (), ("Ada",)) == (
            user.values("email"), user.values("email_verified"), user.values("given_name"),
        )  # fmt: skip
        assert isinstance(await house.come_back(await house.leave()), Arrived)


async def test_attribute_agreed_to_twice_stays_until_both_are_withdrawn() -> None:
    """An attribute that two purposes need goes with the last agreement to it."""
    house = await consent_house()
    support = replace(NEWS, id="purpose-support", name="Support", attributes=(PurposeAttribute("email"),))
    await house.commit(AddPurpose(support))
    arrived = await arrive_with(house, {**AND_MAIL, "consent.purpose-support.email": "1"})
    office, user_id = office_of(house), user_id_of(arrived.session)
    await office.withdraw_own(user_id, receipts(house)[0].id, [NEWS.id])
    assert ("ada@home.example",) == (await house.user()).values("email")
    await office.withdraw_own(user_id, receipts(house)[0].id, [support.id])
    assert () == (await house.user()).values("email")


async def test_page_of_a_purpose_cannot_be_answered_for_another_attribute() -> None:
    """C14: a box that no page shows is no agreement to anything."""
    house = await consent_house()
    step = await house.prompt()
    shown = await house.prompts.show(step.key, browser=HERE)
    forged = {**YES, "consent.purpose-account.email": "1", "consent.purpose-nowhere.email": "1"}
    before = await house.snapshot()
    assert isinstance(await answer(house, step, forged), Arrived)
    assert () == (await house.user()).values("email")
    assert shown.form is not None
    assert kept_apart(before, *before) == {}


async def test_joining_an_account_stores_nothing_that_purposes_list_and_nobody_agreed_to() -> None:
    """R-036: who joins an account was asked for a proof and for no consent: what is listed is not stored."""
    house = await consent_house()
    await house.change_policy(linking=LinkRule(enabled=True))
    grace = await house.add_local("grace")
    step = await house.prompt()
    arrived = await house.proofs.by_password(step.key, "grace", PASSWORD, browser=HERE)
    assert isinstance(arrived, Arrived)
    assert grace.id == user_id_of(arrived.session)
    for _ in range(2):
        user = await house.user("grace")
        assert ((), (), (), ("Countess",)) == tuple(
            user.values(name) for name in ("given_name", "email", "email_verified", "nickname")
        )
        assert isinstance(await house.come_back(await house.leave()), Arrived)


async def test_fields_that_nobody_asked_for_are_told_also_where_the_answer_was_wrong_first() -> None:
    """C26: a crafted post that breaks a rule leaves its trace in the outcome of the good one after it."""
    house = await consent_house(WITH_PASSWORD)
    step = await house.prompt()
    good = {**YES, "password": SECRET, "password_again": SECRET}
    assert isinstance(await answer(house, step, {**good, "password": "x", "roles": "operator"}), AskAgain)
    assert isinstance(await answer(house, step, good), Arrived)
    [outcome, *_] = await house.doors.records.outcomes(OutcomeFilter())
    [told] = [reason for reason in outcome.reasons if reason.code == "unasked_fields_ignored"]
    assert {"names": "roles", "count": "1"} == told.about


async def test_cancelled_sign_in_keeps_why_the_person_was_asked() -> None:
    """Every sign-in leaves one outcome with the whole reasoning, also one that its person has ended."""
    house = await consent_house()
    step = await house.prompt()
    await house.prompts.cancel(step.key, browser=HERE)
    [outcome] = await house.doors.records.outcomes(OutcomeFilter())
    codes = [reason.code for reason in outcome.reasons]
    assert ["not_linked", "answers_wanted", "sign_in_cancelled"] == [
        code for code in codes if code in {"not_linked", "answers_wanted", "sign_in_cancelled"}
    ]
