"""Races: many at once, and one wins."""

from dataclasses import replace

import pytest
from tests.contract.doors import Doors
from tests.contract.records import (
    LATER,
    NOW,
    a_code,
    a_family,
    a_link,
    a_purpose,
    a_receipt,
    a_session,
    a_sign_in,
    a_user,
    an_idp,
    an_outcome,
    rotated,
)
from tests.contract.unit_of_work.racing import RUNNERS, race

from jitney.errors import Conflict
from jitney.model import changes as c
from jitney.model.outcome import OutcomeKind
from jitney.model.user import UserState
from jitney.ports import OutcomeFilter

pytestmark = pytest.mark.anyio


async def test_one_federated_key_makes_one_user(doors: Doors) -> None:
    """P-1, R-130: of fifty first sign-ins of one person one makes the user; the others meet the link."""
    await doors.unit_of_work.commit(c.AddIdentityProvider(an_idp()))
    winners, lost = await race(
        doors,
        lambda n: (
            c.RequireIdentityProvider("idp-1", 1),
            c.AddUser(a_user(f"user-{n}")),
            c.AddAccountLink(a_link(user_id=f"user-{n}")),
            c.AddSession(a_session(f"session-{n}", f"user-{n}")),
        ),
    )
    assert 1 == len(winners)
    assert {"account_link"} == lost
    winner = f"user-{winners[0]}"
    assert [winner] == [user.id for user in await doors.primary.page()]
    assert a_link(user_id=winner) == await doors.account_links.find("idp-1", "subject-1")
    sessions = [n for n in range(RUNNERS) if await doors.sessions.find(f"session-{n}") is not None]
    assert winners == sessions


async def test_one_name_is_given_once(doors: Doors) -> None:
    """R-010: of fifty people who want one name one gets it, and the others leave nothing behind."""
    winners, lost = await race(
        doors,
        lambda n: (
            c.AddAccountLink(a_link(f"subject-{n}", f"user-{n}")),
            c.AddUser(a_user(f"user-{n}")),
        ),
    )
    assert 1 == len(winners)
    assert {"user_name"} == lost
    assert 1 == await doors.account_links.count_of("idp-1")


async def test_code_is_redeemed_once(doors: Doors) -> None:
    """R-020, R-081, P-5: of fifty redemptions of one code one succeeds, and one family exists."""
    await doors.unit_of_work.commit(c.AddCode(a_code()))
    winners, lost = await race(
        doors, lambda n: (c.RedeemCode("code-1", NOW), c.AddTokenFamily(a_family(f"family-{n}")))
    )
    assert 1 == len(winners)
    assert {"code"} == lost
    families = [n for n in range(RUNNERS) if await doors.grants.find_family(f"family-{n}") is not None]
    assert winners == families


async def test_refresh_token_is_rotated_once(doors: Doors) -> None:
    """R-083, P-5: of fifty rotations of one token one succeeds."""
    await doors.unit_of_work.commit(c.AddTokenFamily(a_family()))
    winners, lost = await race(doors, lambda n: (c.RotateRefreshToken(rotated(a_family(), f"refresh-{n}")),))
    assert 1 == len(winners)
    assert {"token_family"} == lost
    family = await doors.grants.find_family("family-1")
    assert family is not None
    assert f"refresh-{winners[0]}" == family.current_hash


async def test_state_is_spent_once(doors: Doors) -> None:
    """R-018, R-020: of fifty callbacks with one state one moves the journey on."""
    await doors.unit_of_work.commit(c.AddSignIn(a_sign_in()))
    winners, lost = await race(doors, lambda _: (c.SaveSignIn(a_sign_in().returned()),))
    assert 1 == len(winners)
    assert {"sign_in"} == lost


async def test_one_time_id_is_spent_once(doors: Doors) -> None:
    """P-5: of fifty uses of one assertion one succeeds."""
    winners, lost = await race(doors, lambda _: (c.SpendOnce("jti", "1", LATER),))
    assert 1 == len(winners)
    assert {"spent"} == lost


async def test_disabling_and_signing_in_are_one_after_the_other(doors: Doors) -> None:
    """R-021, P-7: once a user is disabled and its sessions ended, no session that raced with it is left."""
    await doors.unit_of_work.commit(c.AddUser(a_user()))

    def changes(number: int) -> tuple[c.Change, ...]:
        if number == RUNNERS // 2:
            disable = c.SetUserState("user-1", 1, UserState.DISABLED, None)
            return (disable, c.EndSessionsOfUser("user-1", LATER))
        return (c.RequireUser("user-1", NOW), c.AddSession(a_session(f"session-{number}")))

    await race(doors, changes)
    left = [n for n in range(RUNNERS) if await doors.sessions.find(f"session-{n}") is not None]
    assert [] == left


async def test_disabled_provider_lets_nobody_in_afterwards(doors: Doors) -> None:
    """R-021, REL-04: a first sign-in that races with the disabling is either before it or refused."""
    await doors.unit_of_work.commit(c.AddIdentityProvider(an_idp()))

    def changes(number: int) -> tuple[c.Change, ...]:
        if number == RUNNERS // 2:
            return (c.SaveIdentityProvider(replace(an_idp(), enabled=False, version=2)),)
        link = c.AddAccountLink(a_link(f"subject-{number}", f"user-{number}"))
        return (c.RequireIdentityProvider("idp-1", 1), link)

    winners, lost = await race(doors, changes)
    assert lost <= {"identity_provider"}
    assert len(winners) - 1 == await doors.account_links.count_of("idp-1")
    with pytest.raises(Conflict):
        await doors.unit_of_work.commit(c.RequireIdentityProvider("idp-1", 1), c.AddAccountLink(a_link()))


async def test_ended_session_leaves_no_live_tokens(doors: Doors) -> None:
    """R-081: a redemption that races with the end of its session leaves no family that is not revoked."""
    await doors.unit_of_work.commit(
        c.AddSession(a_session()), *(c.AddCode(a_code(f"code-{n}")) for n in range(RUNNERS))
    )

    def changes(number: int) -> tuple[c.Change, ...]:
        if number == RUNNERS // 2:
            return (c.EndSession("session-1", LATER),)
        family = c.AddTokenFamily(a_family(f"family-{number}"))
        return (c.RequireSession("session-1"), c.RedeemCode(f"code-{number}", NOW), family)

    await race(doors, changes)
    families = [await doors.grants.find_family(f"family-{n}") for n in range(RUNNERS)]
    assert [] == [family.id for family in families if family is not None and family.revoked is None]


async def test_unlinking_and_signing_in_are_one_after_the_other(doors: Doors) -> None:
    """R-021, P-7: once a link is removed and the sessions ended, no session that raced with it is left."""
    await doors.unit_of_work.commit(c.AddUser(a_user()), c.AddAccountLink(a_link()))

    def changes(number: int) -> tuple[c.Change, ...]:
        if number == RUNNERS // 2:
            return (c.RemoveAccountLink(a_link()), c.EndSessionsOfUser("user-1", LATER))
        link = c.RequireAccountLink("idp-1", "subject-1", "user-1")
        return (link, c.AddSession(a_session(f"session-{number}")))

    _, lost = await race(doors, changes)
    assert lost <= {"account_link"}
    left = [n for n in range(RUNNERS) if await doors.sessions.find(f"session-{n}") is not None]
    assert [] == left


async def test_receipt_speaks_of_the_words_that_stood(doors: Doors) -> None:
    """R-036: an answer that races with a change of the words is either before it or refused."""
    await doors.unit_of_work.commit(c.AddPurpose(a_purpose()))

    def changes(number: int) -> tuple[c.Change, ...]:
        if number == RUNNERS // 2:
            return (c.SavePurpose(a_purpose(version=2)),)
        return (c.RequirePurpose("purpose-1", 1), c.AddConsentReceipt(a_receipt(f"receipt-{number}")))

    winners, lost = await race(doors, changes)
    assert lost <= {"purpose"}
    assert len(winners) - 1 == len(await doors.receipts.of_user("user-1"))
    with pytest.raises(Conflict):
        await doors.unit_of_work.commit(c.RequirePurpose("purpose-1", 1), c.AddConsentReceipt(a_receipt()))


async def test_pending_outcome_is_settled_once(doors: Doors) -> None:
    """R-018: of fifty ends of one sign-in one is kept, and its reference has one outcome."""
    await doors.unit_of_work.commit(c.RecordOutcome(an_outcome(kind=OutcomeKind.PENDING)))
    winners, lost = await race(doors, lambda n: (c.SettleOutcome(an_outcome(user_id=f"user-{n}")),))
    assert {"outcome"} == lost
    assert [f"user-{n}" for n in winners] == [
        each.user_id for each in await doors.records.outcomes(OutcomeFilter())
    ]
    assert 1 == len(winners)
