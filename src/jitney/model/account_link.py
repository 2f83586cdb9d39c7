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
    ``anchor`` is the value of the provider's anchor claim when the link was made (R-016); ``None`` where the
    policy names none.
    ``withheld`` are attributes that the person declined or withdrew: no sync of this link writes them (R-036).
    """

    idp: str
    subject: str
    user_id: str
    domain: str
    created: datetime
    linked_by: LinkedBy = LinkedBy.PROVISIONING
    anchor: str | None = None
    withheld: tuple[str, ...] = ()
