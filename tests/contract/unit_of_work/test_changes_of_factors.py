"""Second factors, recovery codes, challenges and attempts: what was written reads back equal."""

from dataclasses import replace
from datetime import timedelta

import pytest
from tests.contract.doors import Doors
from tests.contract.factor_records import (
    ASKED,
    MEANS,
    a_challenge,
    a_factor,
    a_lock_on,
    half_way,
    some_attempts,
)
from tests.contract.records import LATER, NOW, a_session, a_sign_in, a_user, an_attempt

from jitney.model import changes as c
from jitney.model.attempts import AttemptKind, Attempts
from jitney.model.factor import ChallengeFor, FactorKind, Passkey
from jitney.model.sign_in import Stage

pytestmark = pytest.mark.anyio

MOMENT = timedelta(microseconds=1)


@pytest.mark.parametrize("means", MEANS)
async def test_factor_reads_back_equal_until_it_is_removed(doors: Doors, means: str) -> None:
    """R-095, R-125: whatever a factor is made of comes back, to its owner alone, and goes when it is removed."""
    await doors.unit_of_work.commit(c.AddFactor(a_factor(means=means)))
    assert [a_factor(means=means)] == list(await doors.factors.of_user("user-1"))
    assert [] == list(await doors.factors.of_user("user-2"))
    await doors.unit_of_work.commit(c.RemoveFactor("factor-1", "user-1"))
    assert [] == list(await doors.factors.of_user("user-1"))


async def test_factors_are_listed_from_the_oldest(doors: Doors) -> None:
    """R-095: of each kind there is one, but of passkeys several, however long their ids; the oldest comes first."""
    passkeys = [
        a_factor(f"factor-{n}", created=NOW - n * MOMENT, means="passkey", counter=2**32 - n)
        for n in range(4)
    ]
    passkeys = [replace(each, means=Passkey("id" * 1000 + str(n), "key")) for n, each in enumerate(passkeys)]
    others = [a_factor("factor-8"), a_factor("factor-9", means="email", created=NOW + MOMENT)]
    await doors.unit_of_work.commit(*map(c.AddFactor, [*passkeys, *others]))
    assert [*passkeys[3:0:-1], passkeys[0], *others] == list(await doors.factors.of_user("user-1"))


async def test_use_of_a_factor_is_remembered(doors: Doors) -> None:
    """R-095: the counter and the moment of the last use are kept; a passkey that does not count may stay."""
    still = a_factor("factor-2", means="passkey", counter=0)
    await doors.unit_of_work.commit(c.AddFactor(a_factor()), c.AddFactor(still))
    await doors.unit_of_work.commit(
        c.UseFactor("factor-1", 58_000_001, LATER), c.UseFactor("factor-2", 0, LATER, may_stay=True)
    )
    used = a_factor(counter=58_000_001, last_used=LATER)
    assert [used, replace(still, last_used=LATER)] == list(await doors.factors.of_user("user-1"))


async def test_user_says_that_there_is_a_factor(doors: Doors) -> None:
    """R-098: whether there is a second factor is said on the user, and its version grows with it."""
    await doors.unit_of_work.commit(c.AddUser(a_user()))
    await doors.unit_of_work.commit(c.AddFactor(a_factor()), c.SetHasSecondFactor("user-1", 1, True))
    assert a_user(has_second_factor=True, version=2) == await doors.primary.find("user-1")
    await doors.unit_of_work.commit(
        c.RemoveFactor("factor-1", "user-1"), c.SetHasSecondFactor("user-1", 2, False)
    )
    assert a_user(version=3) == await doors.primary.find("user-1")


async def test_user_is_added_with_its_factor(doors: Doors) -> None:
    """A user whose record is made with a second factor has one from the beginning."""
    await doors.unit_of_work.commit(c.AddUser(a_user(has_second_factor=True)))
    assert a_user(has_second_factor=True) == await doors.primary.find("user-1")


async def test_new_recovery_codes_take_the_place_of_the_old(doors: Doors) -> None:
    """R-101: each code is spent for itself; a new set leaves nothing of the old, an empty one nothing at all."""
    codes = doors.factors
    await doors.unit_of_work.commit(
        c.ReplaceRecoveryCodes("user-1", ("hash-1", "hash-2", "hash-3"), NOW),
        c.ReplaceRecoveryCodes("user-2", ("hash-1",), NOW),
    )
    await doors.unit_of_work.commit(c.SpendRecoveryCode("user-1", "hash-2"))
    assert (2, 1) == (await codes.count_recovery_codes("user-1"), await codes.count_recovery_codes("user-2"))
    assert [True, False, True] == [
        await codes.has_recovery_code("user-1", f"hash-{number}") for number in (1, 2, 3)
    ]
    await doors.unit_of_work.commit(c.ReplaceRecoveryCodes("user-1", ("hash-3", "hash-4"), LATER))
    assert [False, True, True] == [
        await codes.has_recovery_code("user-1", f"hash-{number}") for number in (1, 3, 4)
    ]
    await doors.unit_of_work.commit(c.ReplaceRecoveryCodes("user-1", (), LATER))
    assert (0, 1) == (await codes.count_recovery_codes("user-1"), await codes.count_recovery_codes("user-2"))


@pytest.mark.parametrize("asked", ASKED)
async def test_challenge_reads_back_equal_until_it_is_spent(doors: Doors, asked: str) -> None:
    """R-097, R-099: a challenge is found in its place alone, a new one replaces it, and a spent one is gone."""
    first = a_challenge(asked=asked)
    newer = replace(first, created=LATER, expires=LATER + MOMENT, user_id="user-2", version=2)
    beside = a_challenge(asked=asked, wanted_for=ChallengeFor.ENROLMENT)

    async def found(bound_to: str, wanted_for: ChallengeFor) -> object:
        return await doors.factors.find_challenge(bound_to, wanted_for, first.kind)

    await doors.unit_of_work.commit(c.SaveFactorChallenge(first), c.SaveFactorChallenge(beside))
    assert first == await found("page-1", ChallengeFor.PROOF)
    await doors.unit_of_work.commit(c.SaveFactorChallenge(newer))
    assert newer == await found("page-1", ChallengeFor.PROOF)
    assert await found("page-2", ChallengeFor.PROOF) is None
    await doors.unit_of_work.commit(c.SpendFactorChallenge("page-1", ChallengeFor.PROOF, first.kind, 2))
    assert await found("page-1", ChallengeFor.PROOF) is None
    assert beside == await found("page-1", ChallengeFor.ENROLMENT)


async def test_kinds_are_asked_beside_each_other(doors: Doors) -> None:
    """R-097: a page may offer several factors, and each waits for its own answer."""
    challenges = [a_challenge(asked=asked) for asked in ASKED]
    await doors.unit_of_work.commit(*map(c.SaveFactorChallenge, challenges))
    kinds = (FactorKind.TOTP, FactorKind.EMAIL, FactorKind.PASSKEY)
    found = [await doors.factors.find_challenge("page-1", ChallengeFor.PROOF, kind) for kind in kinds]
    assert challenges == found


async def test_mailed_codes_are_counted(doors: Doors) -> None:
    """R-097: only what was mailed counts, from a moment on, to whomever."""
    mailed = [a_challenge(f"page-{n}", created=NOW + n * MOMENT) for n in range(4)]
    others = [a_challenge("page-8", "totp"), a_challenge("page-9", "passkey")]
    await doors.unit_of_work.commit(*map(c.SaveFactorChallenge, [*mailed, *others]))
    counted = [await doors.factors.count_codes_sent(NOW + n * MOMENT) for n in range(6)]
    assert [4, 3, 2, 1, 0, 0] == counted


async def test_attempts_read_back_equal(doors: Doors) -> None:
    """R-096: what was tried is kept by person and by kind, and what is given back is gone."""
    assert Attempts("user-1", AttemptKind.TOTP) == await doors.attempts.find("user-1", AttemptKind.TOTP)
    first, other = some_attempts(), some_attempts(kind=AttemptKind.PASSWORD, moments=(LATER,))
    await doors.unit_of_work.commit(c.SaveAttempts(first), c.SaveAttempts(other))
    assert first == await doors.attempts.find("user-1", AttemptKind.TOTP)
    second = first.given_back(NOW)
    await doors.unit_of_work.commit(c.SaveAttempts(second))
    third = second.given_back(NOW - MOMENT)
    assert (1, 0) == (len(second.moments), len(third.moments))
    await doors.unit_of_work.commit(c.SaveAttempts(third))
    assert third == await doors.attempts.find("user-1", AttemptKind.TOTP)
    assert other == await doors.attempts.find("user-1", AttemptKind.PASSWORD)
    assert 0 == (await doors.attempts.find("user-2", AttemptKind.TOTP)).version


async def test_journey_waits_half_way(doors: Doors) -> None:
    """R-022: who was proven first is kept until the second factor is, found by the page and by nothing else."""
    sign_in = a_sign_in().begun(an_attempt(), NOW).returned().owing_factor(half_way(), NOW)
    await doors.unit_of_work.commit(c.AddSignIn(a_sign_in(version=sign_in.version - 1)))
    await doors.unit_of_work.commit(c.SaveSignIn(sign_in))
    assert sign_in == await doors.sign_ins.find("handle-1")
    assert sign_in == await doors.sign_ins.find_by_page("page-1")
    assert (Stage.HALF_WAY, half_way()) == (sign_in.stage, sign_in.half_way)
    done = sign_in.done()
    await doors.unit_of_work.commit(c.SaveSignIn(done))
    assert done == await doors.sign_ins.find_by_page("page-1")
    assert (None, "user-s3cret" in repr(await doors.snapshot())) == (done.half_way, False)


@pytest.mark.parametrize("kind", [None, *FactorKind])
async def test_session_says_which_factor_was_proven(doors: Doors, kind: FactorKind | None) -> None:
    """R-011: the second factor of a session is kept with it, also after it was touched."""
    await doors.unit_of_work.commit(c.AddSession(a_session(factor=kind)))
    await doors.unit_of_work.commit(c.TouchSession("session-1", LATER))
    assert a_session(factor=kind, last_seen=LATER) == await doors.sessions.find("session-1")


async def test_sessions_of_a_user_are_listed_from_the_newest(doors: Doors) -> None:
    """R-151: a person sees their own sessions that were not ended, a hundred at most."""
    mine = [a_session(f"session-{n:03}", created=NOW + n * MOMENT) for n in range(103)]
    await doors.unit_of_work.commit(*map(c.AddSession, [*mine, a_session("session-x", "user-2")]))
    assert mine[:2:-1] == list(await doors.sessions.of_user("user-1"))
    await doors.unit_of_work.commit(c.EndSession("session-102", LATER))
    assert mine[101:1:-1] == list(await doors.sessions.of_user("user-1"))
    assert [] == list(await doors.sessions.of_user("user-3"))


async def test_removed_user_takes_all_factors_along(doors: Doors) -> None:
    """R-015, R-035: with a user goes all by which it was proven; a lock on the identity and all others stay."""
    for number in (1, 2):
        user_id = f"user-{number}"
        await doors.unit_of_work.commit(
            c.AddUser(a_user(user_id, f"name-{number}")),
            c.AddFactor(a_factor(f"factor-{number}", user_id)),
            c.ReplaceRecoveryCodes(user_id, ("hash-1",), NOW),
            c.SaveFactorChallenge(a_challenge(f"page-{number}", user_id=user_id)),
            c.SaveAttempts(some_attempts(user_id)),
            c.SaveIdentityLock(a_lock_on(f"subject-{number}")),
        )
    await doors.unit_of_work.commit(c.RemoveUser("user-1", 1))
    rest = str(await doors.snapshot())
    assert (False, True) == ("user-1" in rest, "subject-1" in rest)
    assert [a_lock_on("subject-1")] == list(
        await doors.identity_locks.of_identity("idp-1", subject="subject-1", emails=[])
    )
    assert [a_factor("factor-2", "user-2")] == list(await doors.factors.of_user("user-2"))
    assert 1 == await doors.factors.count_recovery_codes("user-2")
    assert some_attempts("user-2") == await doors.attempts.find("user-2", AttemptKind.TOTP)
    assert a_challenge("page-2", user_id="user-2") == await doors.factors.find_challenge(
        "page-2", ChallengeFor.PROOF, FactorKind.EMAIL
    )
