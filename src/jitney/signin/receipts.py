"""Consent receipts: what a person said to the purposes, as the record that they and we keep."""

from dataclasses import dataclass
from datetime import datetime

from jitney.model.changes import AddConsentReceipt, Change, RequirePurpose
from jitney.model.consent import ConsentedPurpose, ConsentReceipt, DataController


@dataclass(frozen=True, slots=True)
class ReceiptTerms:
    """What every receipt of this installation says (Kantara Consent Receipt 1.1, sections 4.3 to 4.5)."""

    controller: DataController
    policy_url: str = ""
    jurisdiction: str = ""
    service: str = "Jitney"


@dataclass(frozen=True, slots=True)
class ConsentGiven:
    """Who agreed, where and when; ``language`` is that of the page."""

    user_id: str
    idp: str
    reference: str
    language: str
    at: datetime


def plan_receipt(
    id: str, consented: tuple[ConsentedPurpose, ...], given: ConsentGiven, terms: ReceiptTerms
) -> tuple[Change, ...]:
    """Return the changes that keep a receipt; none where no purpose was shown.

    Each purpose must still have the version that was read, or nothing is committed (R-036).
    """
    if not consented:
        return ()
    receipt = ConsentReceipt(
        id=id,
        user_id=given.user_id,
        given=given.at,
        language=given.language,
        jurisdiction=terms.jurisdiction,
        controller=terms.controller,
        policy_url=terms.policy_url,
        service=terms.service,
        purposes=consented,
        idp=given.idp,
        reference=given.reference,
    )
    required = (RequirePurpose(purpose.id, purpose.version) for purpose in consented)
    return (*required, AddConsentReceipt(receipt))
