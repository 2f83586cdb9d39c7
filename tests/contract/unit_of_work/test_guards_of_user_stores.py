"""Every guard of user stores, of the users in them, and of operations, with its twin."""

from dataclasses import replace

import pytest
from tests.contract.doors import Doors
from tests.contract.records import LATER, a_user, a_user_elsewhere, a_user_store, an_operation
from tests.contract.unit_of_work.guard_case import Case, refuses_and_carries_out

from jitney.model.changes import (
    AddOperation,
    AddUser,
    AddUserStore,
    CloseOperation,
    PublishUser,
    RemoveUserStore,
    RequireUserStore,
    SaveOperation,
    SaveUserStore,
)
from jitney.model.user import Username, UserState

pytestmark = pytest.mark.anyio

STORE = AddUserStore(a_user_store())
OTHER_STORE = AddUserStore(a_user_store("LDAP2"))
OFF = SaveUserStore(a_user_store(version=2, enabled=False))
KNOWN = AddUser(a_user_elsewhere(entry="entry-1"))
PENDING = AddUser(a_user_elsewhere("user-2", "bob", state=UserState.PENDING))
LEAVING = AddUser(a_user_elsewhere("user-3", "carol", state=UserState.LEAVING))
IN_OTHER = Username("LDAP2", "bob", "bob")
OPERATION = AddOperation(an_operation())
OTHER_OPERATION = AddOperation(an_operation("operation-2", "user-2"))
TAKEN = an_operation().taken(LATER)

CASES = {
    "store_unknown": Case((STORE,), RequireUserStore("LDAP2", 1), "user_store", RequireUserStore("LDAP1", 1)),
    "store_changed": Case(
        (STORE, SaveUserStore(a_user_store(version=2))),
        RequireUserStore("LDAP1", 1),
        "user_store",
        RequireUserStore("LDAP1", 2),
    ),
    "store_disabled": Case(
        (STORE, OTHER_STORE, OFF),
        RequireUserStore("LDAP1", 2),
        "user_store",
        RequireUserStore("LDAP2", 1),
    ),
    "store_removed": Case(
        (STORE, OTHER_STORE, RemoveUserStore("store-LDAP1", "LDAP1", 1)),
        RequireUserStore("LDAP1", 1),
        "user_store",
        RequireUserStore("LDAP2", 1),
    ),
    "taken_domain": Case(
        (STORE,), AddUserStore(a_user_store(id="store-2")), "user_store_domain", OTHER_STORE
    ),
    "taken_store_id": Case(
        (STORE,), AddUserStore(a_user_store("LDAP2", id="store-LDAP1")), "user_store_domain", OTHER_STORE
    ),
    "save_older_store": Case(
        (STORE,), SaveUserStore(a_user_store(version=3)), "user_store", SaveUserStore(a_user_store(version=2))
    ),
    "save_unknown_store": Case(
        (STORE,),
        SaveUserStore(a_user_store("LDAP2", version=2)),
        "user_store",
        SaveUserStore(a_user_store(version=2)),
    ),
    "store_to_another_domain": Case(
        (STORE,),
        SaveUserStore(a_user_store("LDAP2", id="store-LDAP1", version=2)),
        "user_store",
        SaveUserStore(a_user_store(version=2)),
    ),
    "remove_older_store": Case(
        (STORE,),
        RemoveUserStore("store-LDAP1", "LDAP1", 2),
        "user_store",
        RemoveUserStore("store-LDAP1", "LDAP1", 1),
    ),
    "remove_store_of_another_domain": Case(
        (STORE, KNOWN, OTHER_STORE),
        RemoveUserStore("store-LDAP1", "LDAP2", 1),
        "user_store",
        RemoveUserStore("store-LDAP2", "LDAP2", 1),
    ),
    "store_with_users": Case(
        (STORE, OTHER_STORE, PENDING),
        RemoveUserStore("store-LDAP1", "LDAP1", 1),
        "user_store_users",
        RemoveUserStore("store-LDAP2", "LDAP2", 1),
    ),
    "publish_unknown_user": Case(
        (PENDING,), PublishUser("user-1", "entry-2"), "user", PublishUser("user-2", "entry-2")
    ),
    "publish_active_user": Case(
        (KNOWN, PENDING), PublishUser("user-1", "entry-2"), "user", PublishUser("user-2", "entry-2")
    ),
    "publish_leaving_user": Case(
        (LEAVING, PENDING), PublishUser("user-3", "entry-2"), "user", PublishUser("user-2", "entry-2")
    ),
    "publish_with_entry_of_another": Case(
        (KNOWN, PENDING), PublishUser("user-2", "entry-1"), "user_entry", PublishUser("user-2", "Entry-1")
    ),
    "entry_of_another": Case(
        (KNOWN,),
        AddUser(a_user_elsewhere("user-2", "bob", entry="entry-1")),
        "user_entry",
        AddUser(a_user("user-2", username=IN_OTHER, entry="entry-1")),
    ),
    "taken_operation_id": Case(
        (OPERATION,), AddOperation(an_operation(user_id="user-2")), "operation", OTHER_OPERATION
    ),
    "second_operation_on_a_user": Case(
        (OPERATION,), AddOperation(an_operation("operation-2")), "operation", OTHER_OPERATION
    ),
    "operation_taken_over_before": Case(
        (OPERATION, SaveOperation(TAKEN)),
        SaveOperation(TAKEN),
        "operation",
        SaveOperation(TAKEN.taken(LATER)),
    ),
    "operation_given_up_by_the_slower": Case(
        (OPERATION, SaveOperation(TAKEN)),
        SaveOperation(an_operation().undone(look_again=LATER, expires=LATER)),
        "operation",
        SaveOperation(TAKEN.undone(look_again=LATER, expires=LATER)),
    ),
    "save_unknown_operation": Case(
        (OPERATION,), SaveOperation(replace(TAKEN, id="operation-2")), "operation", SaveOperation(TAKEN)
    ),
    "close_operation_of_another": Case(
        (OPERATION, SaveOperation(TAKEN)),
        CloseOperation("operation-1", 1),
        "operation",
        CloseOperation("operation-1", 2),
    ),
    "close_operation_twice": Case(
        (OPERATION, OTHER_OPERATION, CloseOperation("operation-1", 1)),
        CloseOperation("operation-1", 1),
        "operation",
        CloseOperation("operation-2", 1),
    ),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
async def test_guard_refuses_the_whole_commit_and_its_twin_is_carried_out(doors: Doors, case: Case) -> None:
    """R-018, R-021, P-5: a guard that does not hold undoes the whole commit and is named; its twin passes."""
    await refuses_and_carries_out(doors, case)
