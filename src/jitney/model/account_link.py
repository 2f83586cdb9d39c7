"""AccountLink: (identity provider, exact subject) ↔ user."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class LinkedBy(StrEnum):
    """How a link came to be."""

    PROVISIONING = "provisioning"
    PROOF = "proof"
    LOOKUP = "lookup"
    OPERATOR = "operator"


@dataclass(frozen=True, slots=True)
class AccountLink:
    """One federated key and the user that it opens.

    The key is (``idp``, ``subject``), compared byte for byte (R-001); it points to a user's immutable id.
    ``domain`` names the user store, so that a sign-in asks one store and no other.
    """

    idp: str
    subject: str
    user_id: str
    domain: str
    created: datetime
    linked_by: LinkedBy = LinkedBy.PROVISIONING
