"""AuditEvent: what happened, to whom, by whom."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class Action(StrEnum):
    """Every act that is recorded; documented in ``docs/reference/audit-events.md``."""

    SIGN_IN_SUCCEEDED = "sign_in.succeeded"
    SIGN_IN_REFUSED = "sign_in.refused"
    USER_PROVISIONED = "user.provisioned"
    USER_SYNCED = "user.synced"
    USER_ADDED = "user.added"
    USER_CHANGED = "user.changed"
    USER_REMOVED = "user.removed"
    ACCOUNT_LINKED = "account.linked"
    ACCOUNT_UNLINKED = "account.unlinked"
    CONSENT_GIVEN = "consent.given"
    CONSENT_WITHDRAWN = "consent.withdrawn"
    FACTOR_ENROLLED = "factor.enrolled"
    FACTOR_PROVEN = "factor.proven"
    FACTOR_REFUSED = "factor.refused"
    FACTOR_REMOVED = "factor.removed"
    FACTORS_RESET = "factors.reset"
    RECOVERY_CODES_MADE = "recovery_codes.made"
    RECOVERY_CODE_USED = "recovery_code.used"
    IDENTITY_LOCKED = "identity.locked"
    IDENTITY_UNLOCKED = "identity.unlocked"
    ACCOUNT_EXPORTED = "account.exported"
    SESSION_ENDED = "session.ended"
    CODE_ISSUED = "code.issued"
    TOKENS_REVOKED = "tokens.revoked"
    IDENTITY_PROVIDER_ADDED = "identity_provider.added"
    IDENTITY_PROVIDER_CHANGED = "identity_provider.changed"
    IDENTITY_PROVIDER_REMOVED = "identity_provider.removed"
    IDENTITY_PROVIDER_REMOVAL_BEGUN = "identity_provider.removal_begun"
    IDENTITY_PROVIDER_REMOVAL_ENDED = "identity_provider.removal_ended"
    APPLICATION_ADDED = "application.added"
    APPLICATION_CHANGED = "application.changed"
    APPLICATION_REMOVED = "application.removed"
    ROLE_ADDED = "role.added"
    ROLE_REMOVED = "role.removed"
    USER_STORE_ADDED = "user_store.added"
    USER_STORE_CHANGED = "user_store.changed"
    USER_STORE_REMOVED = "user_store.removed"
    OPERATION_FINISHED = "operation.finished"
    OPERATION_UNDONE = "operation.undone"
    PURPOSE_ADDED = "purpose.added"
    PURPOSE_CHANGED = "purpose.changed"
    PURPOSE_REMOVED = "purpose.removed"
    OPERATOR_SET_UP = "operator.set_up"
    SETUP_LINK_ADDED = "setup_link.added"
    LOOK_CHANGED = "look.changed"
    RECORDS_EXPORTED = "records.exported"
    SIGNING_KEY_ADDED = "signing_key.added"
    SIGNING_KEY_RETIRED = "signing_key.retired"


@dataclass(frozen=True, slots=True)
class AuditEvent:
    """One line of the audit log.

    ``actor`` is the internal id of who did it (``user:…``, ``idp:…``, ``operator:…``, ``system``);
    ``target`` the internal id of what it was done to; ``about`` short texts without secrets.
    """

    id: str
    at: datetime
    action: Action
    actor: str
    target: str
    reference: str | None = None
    about: Mapping[str, str] = field(default_factory=dict[str, str])
