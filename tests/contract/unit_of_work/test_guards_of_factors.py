"""Every guard of second factors, guesses and removals, each with its twin without the defect."""

from dataclasses import replace

import pytest
from tests.contract.doors import Doors
from tests.contract.factor_records import a_challenge, a_factor, a_removal, some_attempts
from tests.contract.records import LATER, NOW, a_link, a_user, an_idp
from tests.contract.unit_of_work.guard_case import Case, refuses_and_carries_out

from jitney.model.changes import (
    AddAccountLink,
    AddFactor,
    AddIdentityProvider,
    AddProviderRemoval,
    AddUser,
    RemoveFactor,
    ReplaceRecoveryCodes,
    RequireIdentityProvider,
    RetireIdentityProvider,
    SaveAttempts,
    SaveFactorChallenge,
    SaveProviderRemoval,
    SetHasSecondFactor,
    SpendFactorChallenge,
    SpendRecoveryCode,
    UseFactor,
)
from jitney.model.factor import ChallengeFor, FactorKind, Passkey

pytestmark = pytest.mark.anyio

TOTP = AddFactor(a_factor())
PASSKEY = AddFactor(a_factor("factor-2", means="passkey", counter=0))
OTHER_PASSKEY = replace(a_factor("factor-3", means="passkey"), means=Passkey("credential-2", "key"))
CODES = ReplaceRecoveryCodes("user-1", ("hash-1", "hash-2"), NOW)
CODE_OF_ANOTHER = ReplaceRecoveryCodes("user-2", ("hash-3",), NOW)
CHALLENGE = SaveFactorChallenge(a_challenge())
TRIED = SaveAttempts(some_attempts())
REMOVAL = AddProviderRemoval(a_removal())
STEP = 58_000_000


def spending(version: int = 1, wanted_for: ChallengeFor = ChallengeFor.PROOF) -> SpendFactorChallenge:
    return SpendFactorChallenge("page-1", wanted_for, FactorKind.EMAIL, version)


CASES = {
    "second_app": Case(
        (TOTP,), AddFactor(a_factor("factor-9")), "factor", AddFactor(a_factor("factor-9", "user-2"))
    ),
    "second_address": Case(
        (AddFactor(a_factor(means="email")),),
        AddFactor(a_factor("factor-9", means="email")),
        "factor",
        AddFactor(a_factor("factor-9")),
    ),
    "same_passkey": Case(
        (PASSKEY,), AddFactor(a_factor("factor-9", means="passkey")), "factor", AddFactor(OTHER_PASSKEY)
    ),
    "taken_id": Case((TOTP,), AddFactor(a_factor(user_id="user-2")), "factor", PASSKEY),
    "step_used_before": Case(
        (TOTP,),
        UseFactor("factor-1", STEP, LATER),
        "factor_counter",
        UseFactor("factor-1", STEP + 1, LATER),
    ),
    "older_step": Case(
        (TOTP,),
        UseFactor("factor-1", STEP - 1, LATER, may_stay=True),
        "factor_counter",
        UseFactor("factor-1", STEP, LATER, may_stay=True),
    ),
    "use_unknown": Case(
        (TOTP,),
        UseFactor("factor-9", STEP + 1, LATER),
        "factor_counter",
        UseFactor("factor-1", STEP + 1, LATER),
    ),
    "use_removed": Case(
        (TOTP, PASSKEY, RemoveFactor("factor-1", "user-1")),
        UseFactor("factor-1", STEP + 1, LATER),
        "factor_counter",
        UseFactor("factor-2", 1, LATER),
    ),
    "remove_of_another": Case(
        (TOTP,), RemoveFactor("factor-1", "user-2"), "factor", RemoveFactor("factor-1", "user-1")
    ),
    "flag_of_older_user": Case(
        (AddUser(a_user()),),
        SetHasSecondFactor("user-1", 2, True),
        "user",
        SetHasSecondFactor("user-1", 1, True),
    ),
    "code_unknown": Case(
        (CODES,),
        SpendRecoveryCode("user-1", "hash-9"),
        "recovery_code",
        SpendRecoveryCode("user-1", "hash-1"),
    ),
    "code_spent": Case(
        (CODES, SpendRecoveryCode("user-1", "hash-1")),
        SpendRecoveryCode("user-1", "hash-1"),
        "recovery_code",
        SpendRecoveryCode("user-1", "hash-2"),
    ),
    "code_of_another": Case(
        (CODES, CODE_OF_ANOTHER),
        SpendRecoveryCode("user-1", "hash-3"),
        "recovery_code",
        SpendRecoveryCode("user-2", "hash-3"),
    ),
    "code_replaced": Case(
        (CODES, ReplaceRecoveryCodes("user-1", ("hash-2",), LATER)),
        SpendRecoveryCode("user-1", "hash-1"),
        "recovery_code",
        SpendRecoveryCode("user-1", "hash-2"),
    ),
    "challenge_taken": Case(
        (CHALLENGE,), CHALLENGE, "factor_challenge", SaveFactorChallenge(a_challenge("page-2"))
    ),
    "challenge_older": Case(
        (CHALLENGE,),
        SaveFactorChallenge(a_challenge(version=3)),
        "factor_challenge",
        SaveFactorChallenge(a_challenge(version=2)),
    ),
    "challenge_gone": Case(
        (CHALLENGE, spending()),
        SaveFactorChallenge(a_challenge(version=2)),
        "factor_challenge",
        CHALLENGE,
    ),
    "spend_older": Case(
        (CHALLENGE, SaveFactorChallenge(a_challenge(version=2))), spending(1), "factor_challenge", spending(2)
    ),
    "spend_for_something_else": Case(
        (CHALLENGE,), spending(wanted_for=ChallengeFor.ENROLMENT), "factor_challenge", spending()
    ),
    "spent_before": Case(
        (CHALLENGE, SaveFactorChallenge(a_challenge(wanted_for=ChallengeFor.ENROLMENT)), spending()),
        spending(),
        "factor_challenge",
        spending(wanted_for=ChallengeFor.ENROLMENT),
    ),
    "first_attempt_twice": Case((TRIED,), TRIED, "attempts", SaveAttempts(some_attempts("user-2"))),
    "attempts_older": Case(
        (TRIED,),
        SaveAttempts(some_attempts(version=3)),
        "attempts",
        SaveAttempts(some_attempts(version=2)),
    ),
    "attempts_gone": Case((), SaveAttempts(some_attempts(version=2)), "attempts", TRIED),
    "removed_twice": Case(
        (REMOVAL,),
        AddProviderRemoval(a_removal("removal-2")),
        "provider_removal",
        AddProviderRemoval(a_removal("removal-2", "idp-2")),
    ),
    "removal_id_taken": Case(
        (REMOVAL,),
        AddProviderRemoval(a_removal(idp="idp-2")),
        "provider_removal",
        AddProviderRemoval(a_removal("removal-2", "idp-2")),
    ),
    "removal_older": Case(
        (REMOVAL,),
        SaveProviderRemoval(a_removal(version=3)),
        "provider_removal",
        SaveProviderRemoval(a_removal(version=2)),
    ),
    "removal_unknown": Case(
        (REMOVAL,),
        SaveProviderRemoval(a_removal("removal-2", version=2)),
        "provider_removal",
        SaveProviderRemoval(a_removal(version=2)),
    ),
    "retire_older": Case(
        (AddIdentityProvider(an_idp()), AddAccountLink(a_link())),
        RetireIdentityProvider("idp-1", 2),
        "identity_provider",
        RetireIdentityProvider("idp-1", 1),
    ),
    "require_retired": Case(
        (
            AddIdentityProvider(an_idp()),
            AddIdentityProvider(an_idp("idp-2", "beside")),
            RetireIdentityProvider("idp-1", 1),
        ),
        RequireIdentityProvider("idp-1", 1),
        "identity_provider",
        RequireIdentityProvider("idp-2", 1),
    ),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
async def test_guard_refuses_the_whole_commit_and_its_twin_is_carried_out(doors: Doors, case: Case) -> None:
    """R-020, R-095, R-096, R-101: a guard that does not hold undoes the whole commit; its twin passes."""
    await refuses_and_carries_out(doors, case)
