"""Every guard of links, purposes, receipts and pending outcomes, with its twin."""

from dataclasses import replace

import pytest
from tests.contract.doors import Doors
from tests.contract.records import a_link, a_purpose, a_receipt, an_outcome
from tests.contract.unit_of_work.guard_case import Case, refuses_and_carries_out

from jitney.model.changes import (
    AddAccountLink,
    AddConsentReceipt,
    AddPurpose,
    RecordOutcome,
    RemoveAccountLink,
    RemovePurpose,
    RequireAccountLink,
    RequirePurpose,
    SaveConsentReceipt,
    SavePurpose,
    SettleOutcome,
)
from jitney.model.outcome import OutcomeKind

pytestmark = pytest.mark.anyio

LINK = AddAccountLink(a_link())
PURPOSE = AddPurpose(a_purpose())
OTHER_PURPOSE = AddPurpose(a_purpose("purpose-2", "statistics"))
RECEIPT = AddConsentReceipt(a_receipt())
PENDING = RecordOutcome(an_outcome(kind=OutcomeKind.PENDING, user_id=None))
OTHER_PENDING = RecordOutcome(an_outcome("AAAA-0002", kind=OutcomeKind.PENDING, user_id=None))

CASES = {
    "link_of_another_user": Case(
        (LINK,),
        RequireAccountLink("idp-1", "subject-1", "user-2"),
        "account_link",
        RequireAccountLink("idp-1", "subject-1", "user-1"),
    ),
    "link_of_another_subject": Case(
        (LINK,),
        RequireAccountLink("idp-1", "Subject-1", "user-1"),
        "account_link",
        RequireAccountLink("idp-1", "subject-1", "user-1"),
    ),
    "removed_link": Case(
        (LINK, AddAccountLink(a_link("subject-2")), RemoveAccountLink(a_link())),
        RequireAccountLink("idp-1", "subject-1", "user-1"),
        "account_link",
        RequireAccountLink("idp-1", "subject-2", "user-1"),
    ),
    "purpose_unknown": Case(
        (PURPOSE,), RequirePurpose("purpose-2", 1), "purpose", RequirePurpose("purpose-1", 1)
    ),
    "purpose_changed": Case(
        (PURPOSE, SavePurpose(a_purpose(version=2))),
        RequirePurpose("purpose-1", 1),
        "purpose",
        RequirePurpose("purpose-1", 2),
    ),
    "purpose_removed": Case(
        (PURPOSE, OTHER_PURPOSE, RemovePurpose("purpose-1", 1)),
        RequirePurpose("purpose-1", 1),
        "purpose",
        RequirePurpose("purpose-2", 1),
    ),
    "taken_purpose_id": Case((PURPOSE,), AddPurpose(a_purpose(name="other")), "purpose_name", OTHER_PURPOSE),
    "taken_purpose_name": Case((PURPOSE,), AddPurpose(a_purpose("purpose-2")), "purpose_name", OTHER_PURPOSE),
    "purpose_renamed_to_taken_name": Case(
        (PURPOSE, OTHER_PURPOSE),
        SavePurpose(a_purpose(name="statistics", version=2)),
        "purpose_name",
        SavePurpose(a_purpose(name="Statistics", version=2)),
    ),
    "save_older_purpose": Case(
        (PURPOSE,), SavePurpose(a_purpose(version=3)), "purpose", SavePurpose(a_purpose(version=2))
    ),
    "remove_older_purpose": Case(
        (PURPOSE,), RemovePurpose("purpose-1", 2), "purpose", RemovePurpose("purpose-1", 1)
    ),
    "taken_receipt": Case(
        (RECEIPT,),
        AddConsentReceipt(a_receipt()),
        "consent_receipt",
        AddConsentReceipt(a_receipt("receipt-2")),
    ),
    "save_older_receipt": Case(
        (RECEIPT,),
        SaveConsentReceipt(a_receipt(version=3)),
        "consent_receipt",
        SaveConsentReceipt(a_receipt(version=2)),
    ),
    "save_unknown_receipt": Case(
        (RECEIPT,),
        SaveConsentReceipt(a_receipt("receipt-2", version=2)),
        "consent_receipt",
        SaveConsentReceipt(a_receipt(version=2)),
    ),
    "outcome_unknown": Case(
        (PENDING,), SettleOutcome(an_outcome("AAAA-0002")), "outcome", SettleOutcome(an_outcome())
    ),
    "outcome_never_pending": Case(
        (RecordOutcome(an_outcome()), OTHER_PENDING),
        SettleOutcome(an_outcome(kind=OutcomeKind.REFUSED)),
        "outcome",
        SettleOutcome(an_outcome("AAAA-0002")),
    ),
    "outcome_settled_before": Case(
        (PENDING, OTHER_PENDING, SettleOutcome(an_outcome())),
        SettleOutcome(replace(an_outcome(), kind=OutcomeKind.REFUSED)),
        "outcome",
        SettleOutcome(an_outcome("AAAA-0002")),
    ),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
async def test_guard_refuses_the_whole_commit_and_its_twin_is_carried_out(doors: Doors, case: Case) -> None:
    """R-018, R-021, R-036: a guard that does not hold undoes the whole commit and is named; its twin passes."""
    await refuses_and_carries_out(doors, case)
