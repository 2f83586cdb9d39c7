"""Every guard: what it refuses, that nothing changes then, and that its twin without the defect is carried out."""

from dataclasses import replace
from datetime import timedelta

import pytest
from tests.contract.doors import Doors
from tests.contract.records import (
    ACME,
    LATER,
    NOW,
    a_code,
    a_family,
    a_key,
    a_link,
    a_session,
    a_sign_in,
    a_user,
    an_application,
    an_idp,
    rotated,
)
from tests.contract.unit_of_work.guard_case import Case, refuses_and_carries_out

from jitney.errors import Conflict
from jitney.model.changes import (
    AddAccountLink,
    AddApplication,
    AddCode,
    AddIdentityProvider,
    AddRole,
    AddSession,
    AddSetupLink,
    AddSignIn,
    AddSigningKey,
    AddTokenFamily,
    AddUser,
    ChangeUser,
    RedeemCode,
    RehashPassword,
    RemoveAccountLink,
    RemoveApplication,
    RemoveIdentityProvider,
    RemoveRole,
    RemoveUser,
    RequireApplication,
    RequireIdentityProvider,
    RequireSession,
    RequireUser,
    RevokeTokenFamily,
    RotateRefreshToken,
    SaveApplication,
    SaveIdentityProvider,
    SaveSignIn,
    SetPassword,
    SetUserState,
    SpendOnce,
    SpendSetupLink,
)
from jitney.model.setup_link import SetupLink
from jitney.model.user import AttributeValue, Lock, UserChanges, UserState

pytestmark = pytest.mark.anyio

USER = AddUser(a_user(), password_hash="old")
LOCK = Lock("too many attempts", since=NOW, until=LATER)
NEW_EMAIL = UserChanges(attributes={"email": (AttributeValue("new@example.org", ACME),)})
SETUP = SetupLink("token-1", created=NOW, expires=LATER)
OFF = replace(an_idp(), enabled=False, version=2)
APP_OFF = replace(an_application(), enabled=False, version=2)


CASES = {
    "unknown_idp": Case(
        (AddIdentityProvider(an_idp()),),
        RequireIdentityProvider("idp-2", 1),
        "identity_provider",
        RequireIdentityProvider("idp-1", 1),
    ),
    "older_idp": Case(
        (AddIdentityProvider(an_idp()), SaveIdentityProvider(replace(an_idp(), version=2))),
        RequireIdentityProvider("idp-1", 1),
        "identity_provider",
        RequireIdentityProvider("idp-1", 2),
    ),
    "disabled_idp": Case(
        (
            AddIdentityProvider(an_idp()),
            AddIdentityProvider(an_idp("idp-2", "other")),
            SaveIdentityProvider(OFF),
        ),
        RequireIdentityProvider("idp-1", 2),
        "identity_provider",
        RequireIdentityProvider("idp-2", 1),
    ),
    "older_application": Case(
        (AddApplication(an_application()),),
        RequireApplication("app-1", 2),
        "application",
        RequireApplication("app-1", 1),
    ),
    "disabled_application": Case(
        (AddApplication(an_application()), AddApplication(an_application("app-2")), SaveApplication(APP_OFF)),
        RequireApplication("app-1", 2),
        "application",
        RequireApplication("app-2", 1),
    ),
    "disabled_application_of_any_version": Case(
        (AddApplication(an_application()), AddApplication(an_application("app-2")), SaveApplication(APP_OFF)),
        RequireApplication("app-1"),
        "application",
        RequireApplication("app-2"),
    ),
    "unknown_user": Case((USER,), RequireUser("user-2", NOW), "user", RequireUser("user-1", NOW)),
    "older_user": Case(
        (USER,), RequireUser("user-1", NOW, version=2), "user", RequireUser("user-1", NOW, version=1)
    ),
    "disabled_user": Case(
        (USER, AddUser(a_user("user-2", "bob")), SetUserState("user-1", 1, UserState.DISABLED, None)),
        RequireUser("user-1", NOW),
        "user",
        RequireUser("user-2", NOW),
    ),
    "locked_user": Case(
        (USER, SetUserState("user-1", 1, UserState.ACTIVE, LOCK)),
        RequireUser("user-1", LATER - timedelta(microseconds=1)),
        "user",
        RequireUser("user-1", LATER),
    ),
    "locked_for_good": Case(
        (USER, SetUserState("user-1", 1, UserState.ACTIVE, replace(LOCK, until=None))),
        RequireUser("user-1", LATER),
        "user",
        SetUserState("user-1", 2, UserState.ACTIVE, None),
    ),
    "ended_session": Case(
        (AddSession(a_session()),), RequireSession("session-2"), "session", RequireSession("session-1")
    ),
    "taken_name": Case((USER,), AddUser(a_user("user-2")), "user_name", AddUser(a_user("user-2", "bob"))),
    "taken_user_id": Case(
        (USER,), AddUser(a_user("user-1", "bob")), "user", AddUser(a_user("user-2", "bob"))
    ),
    "taken_key": Case(
        (AddAccountLink(a_link()),),
        AddAccountLink(a_link(user_id="user-2")),
        "account_link",
        AddAccountLink(a_link("Subject-1", "user-2")),
    ),
    "link_of_another": Case(
        (AddAccountLink(a_link()),),
        RemoveAccountLink(a_link(user_id="user-2")),
        "account_link",
        RemoveAccountLink(a_link()),
    ),
    "change_older_user": Case(
        (USER,), ChangeUser("user-1", 2, NEW_EMAIL), "user", ChangeUser("user-1", 1, NEW_EMAIL)
    ),
    "state_of_older_user": Case(
        (USER,),
        SetUserState("user-1", 2, UserState.DISABLED, None),
        "user",
        SetUserState("user-1", 1, UserState.DISABLED, None),
    ),
    "password_of_older_user": Case(
        (USER,), SetPassword("user-1", 2, "new"), "user", SetPassword("user-1", 1, "new")
    ),
    "rehash_of_changed": Case(
        (USER,), RehashPassword("user-1", "other", "new"), "user", RehashPassword("user-1", "old", "new")
    ),
    "remove_older_user": Case((USER,), RemoveUser("user-1", 2), "user", RemoveUser("user-1", 1)),
    "taken_handle": Case(
        (AddSignIn(a_sign_in()),), AddSignIn(a_sign_in()), "sign_in", AddSignIn(a_sign_in("handle-2"))
    ),
    "sign_in_moved_on": Case(
        (AddSignIn(a_sign_in()),),
        SaveSignIn(a_sign_in(version=3)),
        "sign_in",
        SaveSignIn(a_sign_in(version=2)),
    ),
    "taken_session": Case(
        (AddSession(a_session()),), AddSession(a_session()), "session", AddSession(a_session("session-2"))
    ),
    "taken_code": Case((AddCode(a_code()),), AddCode(a_code()), "code", AddCode(a_code("code-2"))),
    "code_redeemed": Case(
        (AddCode(a_code()), AddCode(a_code("code-2")), RedeemCode("code-1", NOW)),
        RedeemCode("code-1", NOW),
        "code",
        RedeemCode("code-2", NOW),
    ),
    "code_expired": Case(
        (AddCode(a_code()),),
        RedeemCode("code-1", NOW + timedelta(seconds=60)),
        "code",
        RedeemCode("code-1", NOW + timedelta(seconds=59)),
    ),
    "taken_family": Case(
        (AddTokenFamily(a_family()),),
        AddTokenFamily(a_family()),
        "token_family",
        AddTokenFamily(a_family("family-2")),
    ),
    "token_replayed": Case(
        (AddTokenFamily(a_family()), RotateRefreshToken(rotated(a_family()))),
        RotateRefreshToken(rotated(a_family(), "stolen")),
        "token_family",
        RotateRefreshToken(rotated(rotated(a_family()))),
    ),
    "family_revoked": Case(
        (
            AddTokenFamily(a_family()),
            AddTokenFamily(a_family("family-2")),
            RevokeTokenFamily("family-1", NOW),
        ),
        RotateRefreshToken(rotated(a_family())),
        "token_family",
        RotateRefreshToken(rotated(a_family("family-2"))),
    ),
    "spent": Case(
        (SpendOnce("jti", "1", LATER),),
        SpendOnce("jti", "1", LATER),
        "spent",
        SpendOnce("logout", "1", LATER),
    ),
    "taken_idp_name": Case(
        (AddIdentityProvider(an_idp()),),
        AddIdentityProvider(an_idp("idp-2")),
        "identity_provider_name",
        AddIdentityProvider(an_idp("idp-2", "other")),
    ),
    "save_older_idp": Case(
        (AddIdentityProvider(an_idp()),),
        SaveIdentityProvider(an_idp(version=3)),
        "identity_provider",
        SaveIdentityProvider(an_idp(version=2)),
    ),
    "idp_with_link": Case(
        (
            AddIdentityProvider(an_idp()),
            AddIdentityProvider(an_idp("idp-2", "other")),
            AddAccountLink(a_link()),
        ),
        RemoveIdentityProvider("idp-1", 1),
        "identity_provider",
        RemoveIdentityProvider("idp-2", 1),
    ),
    "remove_older_idp": Case(
        (AddIdentityProvider(an_idp()),),
        RemoveIdentityProvider("idp-1", 2),
        "identity_provider",
        RemoveIdentityProvider("idp-1", 1),
    ),
    "taken_application": Case(
        (AddApplication(an_application()),),
        AddApplication(an_application()),
        "application_id",
        AddApplication(an_application("app-2")),
    ),
    "save_older_application": Case(
        (AddApplication(an_application()),),
        SaveApplication(an_application(version=3)),
        "application",
        SaveApplication(an_application(version=2)),
    ),
    "remove_older_application": Case(
        (AddApplication(an_application()),),
        RemoveApplication("app-1", 2),
        "application",
        RemoveApplication("app-1", 1),
    ),
    "role_held": Case(
        (USER, AddRole("staff"), AddRole("free")), RemoveRole("staff"), "role", RemoveRole("free")
    ),
    "role_unknown": Case((AddRole("free"),), RemoveRole("other"), "role", RemoveRole("free")),
    "taken_kid": Case(
        (AddSigningKey(a_key()),), AddSigningKey(a_key()), "signing_key", AddSigningKey(a_key("key-2"))
    ),
    "setup_unknown": Case(
        (AddSetupLink(SETUP),), SpendSetupLink("token-2", NOW), "setup_link", SpendSetupLink("token-1", NOW)
    ),
    "setup_expired": Case(
        (AddSetupLink(SETUP),), SpendSetupLink("token-1", LATER), "setup_link", SpendSetupLink("token-1", NOW)
    ),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
async def test_guard_refuses_the_whole_commit_and_its_twin_is_carried_out(doors: Doors, case: Case) -> None:
    """R-018, R-020, R-021: a guard that does not hold undoes the whole commit and is named; its twin passes."""
    await refuses_and_carries_out(doors, case)


async def test_link_is_refused_before_the_user(doors: Doors) -> None:
    """P-1: of two first sign-ins of one person, the later learns that the link is taken, not that the name is."""
    await doors.unit_of_work.commit(AddUser(a_user()), AddAccountLink(a_link()))
    with pytest.raises(Conflict) as refusal:
        await doors.unit_of_work.commit(AddUser(a_user("user-2")), AddAccountLink(a_link(user_id="user-2")))
    assert "account_link" == refusal.value.what
