"""Changes: every write that a verb may ask for, as data; a unit of work carries them out together.

A verb decides, lists what shall change, and hands the list to ``UnitOfWork.commit``: all of it becomes
durable in one transaction, or none of it.
Each change states what it takes for granted (a version, that a key is free); when that no longer holds the
whole list is refused with ``Conflict``, whose ``what`` is the text in the change's ``guard``.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from jitney.model.account_link import AccountLink
from jitney.model.application import Application
from jitney.model.attempts import Attempts
from jitney.model.audit_event import AuditEvent
from jitney.model.consent import ConsentReceipt, Purpose
from jitney.model.factor import ChallengeFor, Factor, FactorChallenge, FactorKind
from jitney.model.grant import Code, TokenFamily
from jitney.model.identity_lock import IdentityLock, LockedBy
from jitney.model.identity_provider import IdentityProvider
from jitney.model.kept_form import KeptForm
from jitney.model.logout_trip import LogoutTrip
from jitney.model.look import Look
from jitney.model.mail import Mail
from jitney.model.operation import Operation
from jitney.model.outcome import Outcome
from jitney.model.provider_removal import ProviderRemoval
from jitney.model.recorded_arrival import RecordedArrival
from jitney.model.session import Session
from jitney.model.setup_link import SetupLink
from jitney.model.sign_in import SignIn
from jitney.model.signing_key import SigningKeyRecord
from jitney.model.user import Lock, User, UserChanges, UserState
from jitney.model.user_store_record import UserStoreRecord

# ── what a decision took for granted ────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class RequireIdentityProvider:
    """Go on only while the provider is enabled and has this version; it stays so until the commit (R-021)."""

    id: str
    version: int
    guard: ClassVar[str] = "identity_provider"


@dataclass(frozen=True, slots=True)
class RequireApplication:
    """Go on only while the application exists, is enabled, and has this version if one is given."""

    id: str
    version: int | None = None
    guard: ClassVar[str] = "application"


@dataclass(frozen=True, slots=True)
class RequireUser:
    """Go on only while the user exists, is active, not locked at ``now``, and has this version if one is given."""

    id: str
    now: datetime
    version: int | None = None
    guard: ClassVar[str] = "user"


@dataclass(frozen=True, slots=True)
class RequireSession:
    """Go on only while the session has not been ended."""

    id_hash: str
    guard: ClassVar[str] = "session"


@dataclass(frozen=True, slots=True)
class RequireAccountLink:
    """Go on only while this key still opens this user."""

    idp: str
    subject: str
    user_id: str
    guard: ClassVar[str] = "account_link"


@dataclass(frozen=True, slots=True)
class RequirePurpose:
    """Go on only while a purpose has the version that the person read (R-036)."""

    id: str
    version: int
    guard: ClassVar[str] = "purpose"


@dataclass(frozen=True, slots=True)
class RequireUserStore:
    """Go on only while the user store is enabled and has this version (R-021)."""

    domain: str
    version: int
    guard: ClassVar[str] = "user_store"


# ── users and links ─────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class AddUser:
    """Make a user, or our record of one; its name's key must be free in the store (``user_name``).

    In a store outside our database the record comes first, ``PENDING``, and keeps the name.
    """

    user: User
    password_hash: str | None = None
    guard: ClassVar[str] = "user_name"


@dataclass(frozen=True, slots=True)
class PublishUser:
    """Let a ``PENDING`` user be used, now that its entry stands in the store; changes no version."""

    user_id: str
    entry: str
    guard: ClassVar[str] = "user"


@dataclass(frozen=True, slots=True)
class ChangeUser:
    """Carry out a sync or an edit, if the user still has this version."""

    user_id: str
    version: int
    changes: UserChanges
    guard: ClassVar[str] = "user"


@dataclass(frozen=True, slots=True)
class SetUserState:
    """Enable, disable, lock or unlock a user, if it still has this version."""

    user_id: str
    version: int
    state: UserState
    lock: Lock | None
    guard: ClassVar[str] = "user"


@dataclass(frozen=True, slots=True)
class SetPassword:
    """Replace the hash of a user's password (``None``: no local password); grows the version."""

    user_id: str
    version: int
    password_hash: str | None
    guard: ClassVar[str] = "user"


@dataclass(frozen=True, slots=True)
class RehashPassword:
    """Store the same password under stronger parameters, if the old hash still stands; changes no version."""

    user_id: str
    old_hash: str
    new_hash: str
    guard: ClassVar[str] = "user"


@dataclass(frozen=True, slots=True)
class RemoveUser:
    """Remove a user with its values, its links, sessions, codes and token families (R-015)."""

    user_id: str
    version: int
    guard: ClassVar[str] = "user"


@dataclass(frozen=True, slots=True)
class AddAccountLink:
    """Add a link; its federated key must be free (``account_link``)."""

    link: AccountLink
    guard: ClassVar[str] = "account_link"


@dataclass(frozen=True, slots=True)
class RemoveAccountLink:
    """Forget a link, if it still points to the same user."""

    link: AccountLink
    guard: ClassVar[str] = "account_link"


@dataclass(frozen=True, slots=True)
class WithholdAttributes:
    """Let no link of this user write these attributes any more; replaces what was withheld before (R-036)."""

    user_id: str
    attributes: tuple[str, ...]


# ── second factors, guesses and locks ───────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class AddFactor:
    """Enrol a factor; its user's slot for it must be free (``factor``). Goes with ``SetHasSecondFactor``."""

    factor: Factor
    guard: ClassVar[str] = "factor"


@dataclass(frozen=True, slots=True)
class UseFactor:
    """Remember that a factor has proven somebody, if its counter is still smaller than this one (R-095).

    Where ``may_stay`` the counter may be equal too: a passkey that does not count always says 0.
    """

    id: str
    counter: int
    at: datetime
    may_stay: bool = False
    guard: ClassVar[str] = "factor_counter"


@dataclass(frozen=True, slots=True)
class RemoveFactor:
    """Forget a factor of a user, if it is still there. Goes with ``SetHasSecondFactor``."""

    id: str
    user_id: str
    guard: ClassVar[str] = "factor"


@dataclass(frozen=True, slots=True)
class SetHasSecondFactor:
    """Say on the user whether there is a second factor, if it still has this version; grows the version."""

    user_id: str
    version: int
    has_second_factor: bool
    guard: ClassVar[str] = "user"


@dataclass(frozen=True, slots=True)
class ReplaceRecoveryCodes:
    """Let these recovery codes (their hashes) hold and no earlier one; none at all where there are none."""

    user_id: str
    hashes: tuple[str, ...]
    at: datetime


@dataclass(frozen=True, slots=True)
class SpendRecoveryCode:
    """Spend a recovery code, if nobody has (R-101)."""

    user_id: str
    hash: str
    guard: ClassVar[str] = "recovery_code"


@dataclass(frozen=True, slots=True)
class SaveFactorChallenge:
    """Keep a challenge: the first of its place at version 1, else if the stored version is the new one less one."""

    challenge: FactorChallenge
    guard: ClassVar[str] = "factor_challenge"


@dataclass(frozen=True, slots=True)
class SpendFactorChallenge:
    """Forget a challenge that is answered, if it still has this version (R-020)."""

    bound_to: str
    wanted_for: ChallengeFor
    kind: FactorKind
    version: int
    guard: ClassVar[str] = "factor_challenge"


@dataclass(frozen=True, slots=True)
class SaveAttempts:
    """Keep attempts: the first ones at version 1, else if the stored version is the new one less one (R-096)."""

    attempts: Attempts
    guard: ClassVar[str] = "attempts"


@dataclass(frozen=True, slots=True)
class SaveIdentityLock:
    """Lock a social identity; a lock that stands on the same is replaced (R-035)."""

    lock: IdentityLock


@dataclass(frozen=True, slots=True)
class RemoveIdentityLock:
    """Lift the lock of a social identity; one that is not locked stays so."""

    idp: str
    locked_by: LockedBy
    value: str


# ── writes to stores outside our database ───────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class AddOperation:
    """Keep an intent before the store is asked."""

    operation: Operation
    guard: ClassVar[str] = "operation"


@dataclass(frozen=True, slots=True)
class SaveOperation:
    """Take an operation over or give it up, if its stored fence is the new one less one."""

    operation: Operation
    guard: ClassVar[str] = "operation"


@dataclass(frozen=True, slots=True)
class CloseOperation:
    """Forget an operation that has come to its end, if its fence is still this one."""

    id: str
    fence: int
    guard: ClassVar[str] = "operation"


# ── consent ─────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class AddPurpose:
    """Define a purpose; its name must be free (``purpose_name``)."""

    purpose: Purpose
    guard: ClassVar[str] = "purpose_name"


@dataclass(frozen=True, slots=True)
class SavePurpose:
    """Replace a purpose, if the stored version is the new one less one (``purpose``); its name must be free."""

    purpose: Purpose
    guard: ClassVar[str] = "purpose"


@dataclass(frozen=True, slots=True)
class RemovePurpose:
    """Remove a purpose, if it still has this version; receipts keep its words."""

    id: str
    version: int
    guard: ClassVar[str] = "purpose"


@dataclass(frozen=True, slots=True)
class AddConsentReceipt:
    """Keep what a person said to the purposes."""

    receipt: ConsentReceipt
    guard: ClassVar[str] = "consent_receipt"


@dataclass(frozen=True, slots=True)
class SaveConsentReceipt:
    """Replace a receipt by one with a withdrawal, if the stored version is the new one less one."""

    receipt: ConsentReceipt
    guard: ClassVar[str] = "consent_receipt"


# ── mail ────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class AddMail:
    """Put a letter into the outbox, from which a job sends it."""

    mail: Mail


@dataclass(frozen=True, slots=True)
class PostponeMail:
    """Try a letter again later."""

    id: str
    due: datetime
    tries: int


@dataclass(frozen=True, slots=True)
class RemoveMail:
    """Take a letter out of the outbox: it was taken by the mail server, or given up."""

    id: str


# ── journeys and sessions ───────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class AddSignIn:
    """Begin a journey; the browser's oldest beyond ten are forgotten (R-023)."""

    sign_in: SignIn
    guard: ClassVar[str] = "sign_in"


@dataclass(frozen=True, slots=True)
class SaveSignIn:
    """Move a journey on, if it still stands where it stood: its version less one (R-018)."""

    sign_in: SignIn
    guard: ClassVar[str] = "sign_in"


@dataclass(frozen=True, slots=True)
class AddSession:
    """Start a session."""

    session: Session
    guard: ClassVar[str] = "session"


@dataclass(frozen=True, slots=True)
class TouchSession:
    """Remember that a session was used; loses nothing if the session has ended meanwhile."""

    id_hash: str
    last_seen: datetime


@dataclass(frozen=True, slots=True)
class EndSession:
    """End a session, revoke its unredeemed codes and its token families."""

    id_hash: str
    at: datetime


@dataclass(frozen=True, slots=True)
class EndSessionsOfUser:
    """End every session of a user, with their codes and token families (R-084)."""

    user_id: str
    at: datetime


@dataclass(frozen=True, slots=True)
class EndUpstreamSessions:
    """End the sessions that an identity provider began: those to which everything fits that is given (R-056).

    One upstream session, all of a subject, or all of a name by which a SAML provider knows the person;
    where nothing is given, none.
    """

    idp: str
    subject: str | None
    upstream_session: str | None
    at: datetime
    upstream_name: str | None = None


@dataclass(frozen=True, slots=True)
class EndSessionsOfProvider:
    """End every session that an identity provider began, with their codes and token families (P-7)."""

    idp: str
    at: datetime


@dataclass(frozen=True, slots=True)
class AddLogoutTrip:
    """Remember a person who is away to sign out at their identity provider too."""

    trip: LogoutTrip


@dataclass(frozen=True, slots=True)
class EndLogoutTrip:
    """Forget the trip of a person who is back, if it is still there (``logout_trip``)."""

    state_hash: str
    guard: ClassVar[str] = "logout_trip"


# ── codes and tokens ────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class AddCode:
    """Issue a code."""

    code: Code
    guard: ClassVar[str] = "code"


@dataclass(frozen=True, slots=True)
class RedeemCode:
    """Spend a code, if nobody has (``code``) and it has not expired (R-020, R-081)."""

    hash: str
    at: datetime
    guard: ClassVar[str] = "code"


@dataclass(frozen=True, slots=True)
class AddTokenFamily:
    """Start the token family of a redeemed code."""

    family: TokenFamily
    guard: ClassVar[str] = "token_family"


@dataclass(frozen=True, slots=True)
class RotateRefreshToken:
    """Save a rotated family, if its generation is still the one before and it is not revoked (R-083)."""

    family: TokenFamily
    guard: ClassVar[str] = "token_family"


@dataclass(frozen=True, slots=True)
class RevokeTokenFamily:
    """Revoke a family for good; a revoked one stays as it is."""

    id: str
    at: datetime


@dataclass(frozen=True, slots=True)
class SpendOnce:
    """Remember a one-time id until it expires; refused if it was spent before (``spent``).

    ``kind`` keeps apart what could meet: a client assertion's ``jti``, a logout token's, a form's.
    """

    kind: str
    id: str
    expires: datetime
    guard: ClassVar[str] = "spent"


# ── managed records ─────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class AddIdentityProvider:
    """Add an identity provider; its name must be free (``identity_provider_name``).

    So must the identifier of its home realm (``identity_provider_home_realm``), also where it is saved.
    """

    idp: IdentityProvider
    guard: ClassVar[str] = "identity_provider_name"


@dataclass(frozen=True, slots=True)
class SaveIdentityProvider:
    """Replace an identity provider, if the stored version is the new one less one."""

    idp: IdentityProvider
    guard: ClassVar[str] = "identity_provider"


@dataclass(frozen=True, slots=True)
class RemoveIdentityProvider:
    """Remove an identity provider that no link refers to, if it still has this version."""

    id: str
    version: int
    guard: ClassVar[str] = "identity_provider"


@dataclass(frozen=True, slots=True)
class RetireIdentityProvider:
    """Remove an identity provider although links refer to it, if it still has this version.

    Its links open nothing from then on, and are taken away by the removal that goes with it.
    """

    id: str
    version: int
    guard: ClassVar[str] = "identity_provider"


@dataclass(frozen=True, slots=True)
class AddProviderRemoval:
    """Keep that a provider is being removed; there is one for each provider."""

    removal: ProviderRemoval
    guard: ClassVar[str] = "provider_removal"


@dataclass(frozen=True, slots=True)
class SaveProviderRemoval:
    """Keep how far a removal has come, if the stored version is the new one less one."""

    removal: ProviderRemoval
    guard: ClassVar[str] = "provider_removal"


@dataclass(frozen=True, slots=True)
class AddUserStore:
    """Add a user store; its domain must be free (``user_store_domain``)."""

    store: UserStoreRecord
    guard: ClassVar[str] = "user_store_domain"


@dataclass(frozen=True, slots=True)
class SaveUserStore:
    """Replace a user store, if the stored version is the new one less one; its domain stays."""

    store: UserStoreRecord
    guard: ClassVar[str] = "user_store"


@dataclass(frozen=True, slots=True)
class RemoveUserStore:
    """Remove a user store of whose users we keep no record any more, if it still has this version."""

    id: str
    domain: str
    version: int
    guard: ClassVar[str] = "user_store"


@dataclass(frozen=True, slots=True)
class AddApplication:
    """Register an application; its id must be free (``application_id``)."""

    application: Application
    guard: ClassVar[str] = "application_id"


@dataclass(frozen=True, slots=True)
class SaveApplication:
    """Replace an application, if the stored version is the new one less one."""

    application: Application
    guard: ClassVar[str] = "application"


@dataclass(frozen=True, slots=True)
class RemoveApplication:
    """Remove an application with its codes and token families, if it still has this version."""

    id: str
    version: int
    guard: ClassVar[str] = "application"


@dataclass(frozen=True, slots=True)
class AddRole:
    """Define a role; a role that exists already stays as it is."""

    name: str


@dataclass(frozen=True, slots=True)
class RemoveRole:
    """Remove a role that nobody holds (``role``)."""

    name: str
    guard: ClassVar[str] = "role"


@dataclass(frozen=True, slots=True)
class AddSigningKey:
    """Publish a signing key; its kid must be new."""

    key: SigningKeyRecord
    guard: ClassVar[str] = "signing_key"


@dataclass(frozen=True, slots=True)
class RetireSigningKey:
    """Let a signing key sign no more, and leave the published set at ``expires``."""

    kid: str
    retired: datetime
    expires: datetime


@dataclass(frozen=True, slots=True)
class AddSetupLink:
    """Offer the first operator a one-time link; earlier links are forgotten."""

    link: SetupLink


@dataclass(frozen=True, slots=True)
class SpendSetupLink:
    """Spend the set-up link, if it is there and has not expired."""

    token_hash: str
    at: datetime
    guard: ClassVar[str] = "setup_link"


@dataclass(frozen=True, slots=True)
class EndSetupLinks:
    """Forget every set-up link that waits: there is somebody now who administers."""


@dataclass(frozen=True, slots=True)
class SaveLook:
    """Replace how the pages look, if its version is the one before this one."""

    look: Look
    guard: ClassVar[str] = "look"


@dataclass(frozen=True, slots=True)
class KeepForm:
    """Keep what an operator had typed; of those bound to the same operator only the newest stay.

    The attack: somebody who has a form of an operator's sends it again and again, until the database is full.
    """

    form: KeptForm


# ── records of what happened ────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class RecordOutcome:
    """Keep how a sign-in ended."""

    outcome: Outcome


@dataclass(frozen=True, slots=True)
class SettleOutcome:
    """Put the end of a sign-in in the place of its pending outcome, under the same reference."""

    outcome: Outcome
    guard: ClassVar[str] = "outcome"


@dataclass(frozen=True, slots=True)
class RecordArrival:
    """Keep what came with a sign-in; what is kept under the same reference already is replaced."""

    arrival: RecordedArrival


@dataclass(frozen=True, slots=True)
class RecordEvent:
    """Keep an audit event, in the same transaction as what it tells of (R-121)."""

    event: AuditEvent


Change = (
    RequireIdentityProvider | RequireApplication | RequireUser | RequireSession
    | RequireAccountLink | RequirePurpose | RequireUserStore
    | AddUser | PublishUser | ChangeUser | SetUserState | SetPassword | RehashPassword | RemoveUser
    | AddAccountLink | RemoveAccountLink | WithholdAttributes
    | AddFactor | UseFactor | RemoveFactor | SetHasSecondFactor | ReplaceRecoveryCodes | SpendRecoveryCode
    | SaveFactorChallenge | SpendFactorChallenge | SaveAttempts | SaveIdentityLock | RemoveIdentityLock
    | AddOperation | SaveOperation | CloseOperation
    | AddPurpose | SavePurpose | RemovePurpose | AddConsentReceipt | SaveConsentReceipt
    | AddMail | PostponeMail | RemoveMail
    | AddSignIn | SaveSignIn | AddSession | TouchSession | EndSession | EndSessionsOfUser | EndUpstreamSessions
    | EndSessionsOfProvider
    | AddLogoutTrip | EndLogoutTrip
    | AddCode | RedeemCode | AddTokenFamily | RotateRefreshToken | RevokeTokenFamily | SpendOnce
    | AddIdentityProvider | SaveIdentityProvider | RemoveIdentityProvider | RetireIdentityProvider
    | AddProviderRemoval | SaveProviderRemoval
    | AddUserStore | SaveUserStore | RemoveUserStore
    | AddApplication | SaveApplication | RemoveApplication | AddRole | RemoveRole
    | AddSigningKey | RetireSigningKey | AddSetupLink | SpendSetupLink | EndSetupLinks
    | SaveLook | KeepForm
    | RecordOutcome | SettleOutcome | RecordArrival | RecordEvent
)  # fmt: skip
