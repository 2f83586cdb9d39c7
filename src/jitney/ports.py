"""Every socket to the outside, on one page: what the verbs may read, write and ask for.

Reading is through small finders; ``find_…`` may return ``None``.
Writing is through one ``UnitOfWork``, which takes changes as data.
The doors outward implement these; only ``app/`` knows which door stands where.
"""

from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from jitney.errors import JitneyError
from jitney.model.account_link import AccountLink
from jitney.model.application import Application
from jitney.model.attempts import AttemptKind, Attempts
from jitney.model.audit_event import Action, AuditEvent
from jitney.model.changes import Change
from jitney.model.claims import Claims
from jitney.model.consent import ConsentReceipt, Purpose
from jitney.model.diagnosis import Diagnosis
from jitney.model.entry import Entry, EntryChanges, NewEntry
from jitney.model.factor import ChallengeFor, Factor, FactorChallenge, FactorKind
from jitney.model.federated_identity import FederatedIdentity, UnverifiedResponse
from jitney.model.grant import AuthorizationRequest, Code, TokenFamily
from jitney.model.identity_lock import IdentityLock
from jitney.model.identity_provider import IdentityProvider
from jitney.model.kept_form import KeptForm
from jitney.model.logout_trip import LogoutTrip
from jitney.model.look import Look
from jitney.model.mail import Mail
from jitney.model.operation import Operation
from jitney.model.outcome import Outcome, OutcomeKind
from jitney.model.provider_removal import ProviderRemoval
from jitney.model.recorded_arrival import RecordedArrival
from jitney.model.saml_connection import SAMLConnection, SAMLCredential, SAMLMetadata
from jitney.model.session import Session
from jitney.model.setup_link import SetupLink
from jitney.model.sign_in import SignIn, UpstreamAttempt
from jitney.model.signing_key import SigningKeyRecord
from jitney.model.user import PRIMARY, User, UserState
from jitney.model.user_store import UserStoreDescription
from jitney.model.user_store_record import UserStoreRecord

# ── time and chance ─────────────────────────────────────────────────────────────────────────────────


class Clock(Protocol):
    """The time."""

    def now(self) -> datetime:
        """Return the wall clock's time, aware, in UTC."""
        ...


class Entropy(Protocol):
    """Chance that nobody can guess."""

    def token(self) -> str:
        """Return 256 random bits as 43 characters of base64url."""
        ...

    def id(self) -> str:
        """Return a random id (UUID 4, lower case)."""
        ...

    def reference(self) -> str:
        """Return a short random reference that a person can read aloud (``K7QF-2M9D``)."""
        ...


# ── what is kept ────────────────────────────────────────────────────────────────────────────────────


class UnitOfWork(Protocol):
    """The only way to write."""

    async def commit(self, *changes: Change) -> None:
        """Carry out all changes in one transaction, durable on return, or none.

        Raises ``Conflict`` whose ``what`` names the guard that failed; ``Overloaded`` where the database
        cannot take it now.
        """
        ...


class SignIns(Protocol):
    """Journeys under way."""

    async def find(self, handle_hash: str) -> SignIn | None:
        """Find a journey by the hash of its handle."""
        ...

    async def find_by_state(self, state_hash: str) -> SignIn | None:
        """Find the journey that sent a browser upstream with this state."""
        ...

    async def find_by_page(self, page_hash: str) -> SignIn | None:
        """Find the journey whose page has this key."""
        ...


class AccountLinks(Protocol):
    """Links between federated keys and users."""

    async def find(self, idp: str, subject: str) -> AccountLink | None:
        """Find the link of exactly this key."""
        ...

    async def of_user(self, user_id: str) -> Sequence[AccountLink]:
        """List the links that open a user."""
        ...

    async def count_of(self, idp: str) -> int:
        """Count the links of an identity provider."""
        ...

    async def page_of(self, idp: str, *, after: str = "", limit: int = 100) -> Sequence[AccountLink]:
        """List the links of an identity provider by subject, from behind ``after``; at most 500."""
        ...


class Sessions(Protocol):
    """Signed-in browsers."""

    async def find(self, id_hash: str) -> Session | None:
        """Find a session that was not ended; whether it is still live is the caller's question."""
        ...

    async def of_user(self, user_id: str) -> Sequence[Session]:
        """List the sessions of a user that were not ended, the newest first, at most 100."""
        ...


class Factors(Protocol):
    """The second factors that people have enrolled."""

    async def of_user(self, user_id: str) -> Sequence[Factor]:
        """List the factors of a user, the oldest first."""
        ...

    async def count_recovery_codes(self, user_id: str) -> int:
        """Count the recovery codes of a user that are not spent."""
        ...

    async def has_recovery_code(self, user_id: str, hash: str) -> bool:
        """Say whether a user has a recovery code of this hash that is not spent."""
        ...

    async def find_challenge(
        self, bound_to: str, wanted_for: ChallengeFor, kind: FactorKind
    ) -> FactorChallenge | None:
        """Find the challenge of this place, expired or not."""
        ...

    async def count_codes_sent(self, since: datetime) -> int:
        """Count the codes that were mailed to anybody since then and not replaced."""
        ...


class AttemptRecords(Protocol):
    """What was tried lately."""

    async def find(self, key: str, kind: AttemptKind) -> Attempts:
        """Return the attempts of this kind; with version 0 where there are none."""
        ...


class IdentityLocks(Protocol):
    """Locks on social identities."""

    async def any_of(self, idp: str) -> bool:
        """Say whether anybody of this provider is locked; the answer may be half a second old (P-7)."""
        ...

    async def of_identity(
        self, idp: str, *, subject: str | None, emails: Sequence[str]
    ) -> Sequence[IdentityLock]:
        """List the locks, expired or not, on this subject and on these addresses, which are folded already."""
        ...

    async def of_provider(self, idp: str, *, limit: int = 100) -> Sequence[IdentityLock]:
        """List the locks of a provider's people, the newest first."""
        ...


class ProviderRemovals(Protocol):
    """Identity providers that are being removed, or have been."""

    async def find(self, id: str) -> ProviderRemoval | None:
        """Find by id."""
        ...

    async def find_latest(self, name: str) -> ProviderRemoval | None:
        """Find the removal that began last of a provider of this short name."""
        ...

    async def unfinished(self) -> Sequence[ProviderRemoval]:
        """List those that are not done, the oldest first."""
        ...


class Grants(Protocol):
    """Codes and token families."""

    async def find_code(self, code_hash: str) -> Code | None:
        """Find a code, redeemed or not."""
        ...

    async def find_family(self, family_id: str) -> TokenFamily | None:
        """Find a token family, revoked or not."""
        ...


class IdentityProviders(Protocol):
    """The upstreams that an operator configured."""

    async def find(self, id: str) -> IdentityProvider | None:
        """Find by internal id."""
        ...

    async def find_by_name(self, name: str) -> IdentityProvider | None:
        """Find by short name."""
        ...

    async def list(self) -> Sequence[IdentityProvider]:
        """List all, by name; for operators, not for sign-ins: there may be thousands."""
        ...

    async def page(self, *, text: str = "", after: str = "", limit: int = 50) -> Sequence[IdentityProvider]:
        """List those in whose short or shown name a text stands, in any case, by short name, from behind ``after``.

        At most 200.
        """
        ...

    async def shown(self, *, limit: int = 50) -> Sequence[IdentityProvider]:
        """List those that are enabled and offered on the sign-in page, by name, at most ``limit``."""
        ...

    async def any_found_by_domain(self) -> bool:
        """Say whether people of any enabled provider are found by the domain of their address."""
        ...

    async def find_by_domain(self, domain: str) -> Sequence[IdentityProvider]:
        """Find the enabled providers of an e-mail domain, by name, at most 20.

        ``domain`` is in lower case, as it stands behind the ``@``.
        Those that name it exactly go before those that name
        all below a domain (``*.acme.example``), and of these the nearest; only the best kind is returned.
        """
        ...

    async def find_by_home_realm(self, identifier: str) -> IdentityProvider | None:
        """Find by the home realm identifier, enabled or not."""
        ...

    async def due_for_metadata(self, now: datetime, *, limit: int = 20) -> Sequence[IdentityProvider]:
        """List the SAML providers whose metadata shall be fetched again now, the longest due first."""
        ...


class LogoutTrips(Protocol):
    """People who are away to sign out at their identity provider."""

    async def find(self, state_hash: str) -> LogoutTrip | None:
        """Find a trip, expired or not."""
        ...


class Applications(Protocol):
    """The relying parties that an operator registered."""

    async def find(self, id: str) -> Application | None:
        """Find by ``client_id``."""
        ...

    async def list(self) -> Sequence[Application]:
        """List all, by id."""
        ...


class Roles(Protocol):
    """The roles that exist."""

    async def names(self) -> frozenset[str]:
        """Return all names."""
        ...


class Purposes(Protocol):
    """The purposes that people are asked to agree to."""

    async def list(self) -> Sequence[Purpose]:
        """List all, by name."""
        ...

    async def find_by_name(self, name: str) -> Purpose | None:
        """Find by name."""
        ...


class ConsentReceipts(Protocol):
    """What people said to the purposes."""

    async def find(self, id: str) -> ConsentReceipt | None:
        """Find by id."""
        ...

    async def of_user(self, user_id: str) -> Sequence[ConsentReceipt]:
        """List the receipts of a user, newest first, at most 100."""
        ...


class SigningKeys(Protocol):
    """Our signing keys."""

    async def list(self) -> Sequence[SigningKeyRecord]:
        """List all that are not forgotten, oldest first."""
        ...


class SetupLinks(Protocol):
    """The one-time link for the first operator."""

    async def find(self, token_hash: str) -> SetupLink | None:
        """Find an unspent link."""
        ...


@dataclass(frozen=True, slots=True)
class OutcomeFilter:
    """Which outcomes to list; every field that is set must fit. ``code`` is that of any of the reasons.

    ``behind`` is the reference of an outcome behind which the page begins, ``None`` for the first page.
    """

    reference: str | None = None
    kind: OutcomeKind | None = None
    code: str | None = None
    application: str | None = None
    idp: str | None = None
    subject: str | None = None
    user_id: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    limit: int = 50
    behind: str | None = None


@dataclass(frozen=True, slots=True)
class EventFilter:
    """Which audit events to list; every field that is set must fit.

    ``behind`` is the id of an event behind which the page begins, ``None`` for the first page.
    """

    target: str | None = None
    actor: str | None = None
    action: Action | None = None
    reference: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    limit: int = 50
    behind: str | None = None


@dataclass(frozen=True, slots=True)
class OutcomeCount:
    """How many sign-ins ended in one way in one stretch of time, which begins at ``since``; ``idp`` is an id."""

    since: datetime
    idp: str | None
    kind: OutcomeKind
    count: int


@dataclass(frozen=True, slots=True)
class LastSignIns:
    """The last sign-in through a provider that ended well, and the last that was refused."""

    succeeded: Outcome | None = None
    refused: Outcome | None = None


class Records(Protocol):
    """What happened."""

    async def outcomes(self, wanted: OutcomeFilter) -> Sequence[Outcome]:
        """List outcomes, newest first, at most ``limit``."""
        ...

    async def counts(self, since: datetime, until: datetime, *, step_seconds: int) -> Sequence[OutcomeCount]:
        """Count outcomes by provider and kind, in stretches of ``step_seconds`` from ``since``, oldest first."""
        ...

    async def last_of_providers(self, idps: Sequence[str]) -> Mapping[str, LastSignIns]:
        """Return the last sign-ins through each of these providers, by id; one who had none is left out."""
        ...

    async def events(
        self, *, target: str | None = None, reference: str | None = None, limit: int = 50
    ) -> Sequence[AuditEvent]:
        """List audit events, newest first; every field that is set must fit."""
        ...

    async def events_where(self, wanted: EventFilter) -> Sequence[AuditEvent]:
        """List audit events, newest first, at most ``limit``."""
        ...


class Arrivals(Protocol):
    """What came with federated sign-ins, for as long as it is kept."""

    async def find(self, reference: str) -> RecordedArrival | None:
        """Find by the reference of the outcome, expired or not."""
        ...

    async def of_provider(self, idp: str, *, limit: int = 50) -> Sequence[RecordedArrival]:
        """List the arrivals of a provider, the newest first, at most 200."""
        ...

    async def of_references(self, references: Collection[str]) -> Mapping[str, RecordedArrival]:
        """Find those of at most 1000 outcomes, expired or not, by their references."""
        ...


# ── the console ─────────────────────────────────────────────────────────────────────────────────────


class KeptForms(Protocol):
    """Forms that wait until their operator is signed in again."""

    async def find(self, key_hash: str) -> KeptForm | None:
        """Find a form, expired or not."""
        ...


class Looks(Protocol):
    """How the pages for arriving people look and speak."""

    async def find(self) -> Look:
        """Return the look as it was saved last; the plain one with version 0 where none was."""
        ...


# ── mail ────────────────────────────────────────────────────────────────────────────────────────────


class Outbox(Protocol):
    """Letters that wait; they are put in and taken out by changes."""

    async def due(self, now: datetime, *, limit: int = 20) -> Sequence[Mail]:
        """List the letters that shall be tried now, the oldest first."""
        ...


class Mailer(Protocol):
    """The mail server."""

    async def send(self, mail: Mail) -> None:
        """Hand a letter over; raises ``MailUnavailable``, whose details say whether it is worth another try."""
        ...


# ── where users live ────────────────────────────────────────────────────────────────────────────────


class EntryStore(Protocol):
    """A store outside our own database: entries that others may read and write too, without a transaction of ours.

    Every method raises ``UserStoreUnavailable`` (``user_store_unreachable``, ``user_store_tls_failed``,
    ``user_store_bind_refused``, ``user_store_timed_out``, ``user_store_busy``, ``user_store_base_missing``,
    ``user_store_referral``, ``user_store_answer_cut``), each within the record's times.
    A write also raises ``UserStoreRejected`` (``user_store_permission_denied``, ``user_store_refuses_writes``,
    ``user_store_full``, ``user_store_rejects_entry``, ``user_store_rejects_password``), after which nothing has
    changed; and ``StoreUnanswered``, after which nobody knows.
    """

    def has_place_for(self, attribute: str) -> bool:
        """Say whether the store keeps this attribute of ours."""
        ...

    async def find(self, entry_id: str) -> Entry | None:
        """Find by the store's own id; ``None`` only where the store has said that there is none."""
        ...

    async def find_by_name(self, name: str) -> Entry | None:
        """Find the person of this name as the store compares names.

        Raises ``UserStoreUnavailable`` ``user_store_two_entries`` where two have it.
        """
        ...

    async def find_by_attribute(self, attribute: str, value: str, *, limit: int = 2) -> Sequence[Entry]:
        """Find the people one of whose values is this one; none where the store has no place for it."""
        ...

    async def page(self, *, after: str = "", limit: int = 50) -> Sequence[Entry]:
        """List people by name in lower case, from behind ``after``, at most 100; never all at once."""
        ...

    def values(self, attribute: str) -> AsyncIterator[tuple[str, ...]]:
        """Walk through the values of everybody, page by page."""
        ...

    async def find_groups(self, names: Sequence[str]) -> frozenset[str]:
        """Return those of these names that are groups here."""
        ...

    async def add(self, new: NewEntry, password: str | None) -> Entry:
        """Make an entry that bears our stamp, all of it or none, and return it as it stands.

        An entry of ours that an earlier attempt has left is returned as it is.
        Raises ``Conflict`` (``user_name_taken``) where the name is somebody else's; groups are joined last, and
        joined again when it is called again.
        """
        ...

    async def find_made(self, name: str, stamp: str) -> Entry | None:
        """Find the entry that we made, or may have made, under this name for this user; never another's."""
        ...

    async def change(self, entry_id: str, changes: EntryChanges) -> None:
        """Change an entry; raises ``NotFound`` (``entry_gone``)."""
        ...

    async def set_password(self, entry_id: str, password: str) -> None:
        """Set a password; raises ``NotFound`` (``entry_gone``)."""
        ...

    async def check_password(self, entry_id: str | None, password: str) -> bool:
        """Compare a password; with ``None`` do the same work and answer ``False`` (R-109).

        An empty or blank password is refused before the store is asked, and an answer that proves nobody is no yes
        (R-042).
        """
        ...

    async def remove(self, entry_id: str, stamp: str) -> bool:
        """Remove an entry, if its id and its stamp are these; ``False`` where there is no such entry (P-4)."""
        ...


class UserStore(Protocol):
    """One place where users live.

    Users of a store in our own database are written by changes of the unit of work, in the same transaction
    as all else; of any other store we keep a record of the users whom we know, and ``entries`` is what the store
    itself holds. A read joins both.
    """

    @property
    def entries(self) -> EntryStore | None:
        """Return what stands outside our database; ``None`` where all is in it."""
        ...

    @property
    def records(self) -> "UserStore":
        """Return our own records of the users, without a word of the store's own; the same where all is ours.

        It answers while the store cannot be asked (P-11), and never says ``GONE``.
        """
        ...

    @property
    def description(self) -> UserStoreDescription:
        """Return the store's name, state and rules."""
        ...

    async def find(self, user_id: str) -> User | None:
        """Find by immutable id; raises ``UserStoreUnavailable``."""
        ...

    async def find_by_name_key(self, key: str) -> User | None:
        """Find by the canonical form of the name; raises ``UserStoreUnavailable``."""
        ...

    async def find_by_attribute(self, attribute: str, value: str, *, limit: int = 2) -> Sequence[User]:
        """Find the users one of whose values is this one; ASCII letters compare without case.

        Raises ``UserStoreUnavailable``.
        """
        ...

    async def find_repeated(self, attribute: str) -> str | None:
        """Return a value that two users share, compared as in ``find_by_attribute``; ``None`` where all differ."""
        ...

    async def find_password_hash(self, user_id: str) -> str | None:
        """Return the hash of the user's password, ``None`` where there is none, or where it is not ours to read."""
        ...

    async def page(self, *, after: str = "", limit: int = 50) -> Sequence[User]:
        """List users by name key, from behind ``after``; at most 100."""
        ...


class UserStores(Protocol):
    """The user stores by domain; a domain is compared without case."""

    async def find(self, domain: str) -> UserStore | None:
        """Find a store, enabled or not, as the operator's records say now."""
        ...

    async def domains(self) -> Sequence[str]:
        """List the domains in upper case, PRIMARY first, as the operator's records say now."""
        ...


@dataclass(frozen=True, slots=True)
class KnownUser:
    """A user of whom we keep a record, as far as it takes to forget them, whatever the store itself says."""

    id: str
    name: str
    version: int
    state: UserState
    domain: str = PRIMARY


class UserStoreRecords(Protocol):
    """The user stores that operators configured, beside PRIMARY."""

    async def find(self, domain: str) -> UserStoreRecord | None:
        """Find by domain, compared without case."""
        ...

    async def list(self) -> Sequence[UserStoreRecord]:
        """List all, by domain."""
        ...

    async def count_users(self, domain: str) -> int:
        """Count the users of a domain of whom we keep a record."""
        ...

    async def known_users(self, domain: str, *, after: str = "", limit: int = 100) -> Sequence[KnownUser]:
        """List the users of a domain of whom we keep a record by id, from behind ``after``; at most 100."""
        ...

    async def users_of_origin(self, idp: str, *, after: str = "", limit: int = 100) -> Sequence[KnownUser]:
        """List the users whom an identity provider has provisioned, of any domain, by id; at most 500."""
        ...

    async def users_of_role(self, role: str, *, after: str = "", limit: int = 100) -> Sequence[KnownUser]:
        """List the users who hold a role, of any domain, by id, from behind ``after``; at most 100."""
        ...

    async def users_of_ids(self, ids: Collection[str]) -> Sequence[KnownUser]:
        """List those of these users of whom we keep a record, of any domain, in no order; at most 100."""
        ...


class StoreTrial(Protocol):
    """Tries a user store's connection without keeping anything."""

    async def diagnose(self, record: UserStoreRecord) -> Diagnosis:
        """Try to reach the store step by step; never raises for what is wrong with it."""
        ...


class Operations(Protocol):
    """Writes to stores outside our database that are under way, or that are watched."""

    async def of_user(self, user_id: str) -> Operation | None:
        """Find the operation on a user."""
        ...

    async def due(self, now: datetime, *, limit: int = 20) -> Sequence[Operation]:
        """List those that nobody holds any more, and the given up ones that shall be looked at again."""
        ...


class Passwords(Protocol):
    """Password hashing (R-124); slow on purpose, and bounded."""

    async def hash(self, password: str) -> str:
        """Hash a password of at most 1024 bytes; raises ``InvalidInput`` beyond, ``Overloaded`` under flood."""
        ...

    async def verify(self, password: str, password_hash: str | None) -> bool:
        """Compare; with ``None`` do the same work and answer ``False`` (R-109)."""
        ...

    def needs_rehash(self, password_hash: str) -> bool:
        """Say whether the hash was made with weaker parameters than today's."""
        ...


# ── applications ────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class PlannedCode:
    """A code, and the changes by which it comes to exist; no code where the application is told something else."""

    code: str | None = field(default=None, repr=False)
    changes: tuple[Change, ...] = ()


class CodeIssuer(Protocol):
    """Plans the code that goes back to the application, so that it is made with the session or not at all."""

    async def plan_code(self, request: AuthorizationRequest, session: Session) -> PlannedCode:
        """Plan a code for a session that is made in the same commit; never refuses, but may plan none."""
        ...


# ── identity providers ──────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Onward:
    """Where to send the browser: by a redirect, or with ``fields`` by a form that posts them there."""

    location: str
    fields: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Departure:
    """Where to send the browser, and what its answer will be checked against."""

    onward: Onward
    attempt: UpstreamAttempt

    @property
    def location(self) -> str:
        """Return the address that the browser goes to."""
        return self.onward.location


@dataclass(frozen=True, slots=True)
class LogoutDeparture:
    """Where a person goes to sign out there too; ``request_id`` is that of a SAML request."""

    onward: Onward
    request_id: str = ""


@dataclass(frozen=True, slots=True)
class EndedUpstream:
    """What a verified logout token of a provider ends (OIDC Back-Channel Logout 2.6)."""

    jti: str
    expires: datetime
    subject: str | None
    upstream_session: str | None


class Upstream(Protocol):
    """One identity provider, live, whatever it speaks."""

    async def begin(self, request: AuthorizationRequest | None, *, state: str) -> Departure:
        """Prepare a trip; ``state`` is what the browser will bring back.

        Raises ``UpstreamUnavailable`` or ``UpstreamRejected``.
        """
        ...

    async def complete(self, unverified: UnverifiedResponse, attempt: UpstreamAttempt) -> FederatedIdentity:
        """Turn what the browser brought into a proven identity, or refuse it.

        That its ``one_time`` documents are new is for the verb (``SpendOnce``).
        Raises ``UpstreamRejected`` or ``UpstreamUnavailable``.
        """
        ...

    async def begin_logout(self, logout_hint: str, *, state: str) -> LogoutDeparture | None:
        """Prepare the trip to sign out there too; ``None`` where the provider has no place for it.

        ``logout_hint`` is the one of the identity that began the session. Raises ``UpstreamUnavailable``.
        """
        ...

    async def complete_logout(self, unverified: UnverifiedResponse, *, request_id: str) -> None:
        """Look at what came back from that trip; raises ``UpstreamRejected``."""
        ...

    async def verify_logout_token(self, unverified_token: str) -> EndedUpstream:
        """Verify a back-channel logout token (R-056); raises ``UpstreamRejected``.

        A provider that does not speak OpenID Connect sends none: ``logout_token_not_spoken``.
        """
        ...


@dataclass(frozen=True, slots=True)
class LogoutAsked:
    """What a verified SAML LogoutRequest ends, and what its answer needs.

    ``upstream_name`` is the hash of the name; ``sessions`` are the provider's session indexes, empty for all.
    ``id`` is that of the request, which counts once until ``expires``.
    """

    id: str
    expires: datetime
    upstream_name: str
    sessions: tuple[str, ...]
    relay_state: str | None


@dataclass(frozen=True, slots=True)
class Unsolicited:
    """Who a verified response that nobody asked for is about, and where it wants to lead (R-066).

    ``application`` is the one that its RelayState, or the settings, name.
    """

    identity: FederatedIdentity
    application: str | None


class SAMLPeer(Protocol):
    """What a SAML provider and its service provider say to each other beside the sign-in itself."""

    def metadata(self) -> bytes:
        """Return our metadata for this provider, as XML (SAML Metadata 2.4.4)."""
        ...

    async def verify_unsolicited(self, unverified: UnverifiedResponse) -> Unsolicited:
        """Verify a response that nobody asked for; raises ``UpstreamRejected``."""
        ...

    async def verify_logout_request(self, unverified: UnverifiedResponse) -> LogoutAsked:
        """Verify a LogoutRequest (R-070); raises ``UpstreamRejected``."""
        ...

    async def answer_logout(self, asked: LogoutAsked, *, is_ended: bool) -> Onward:
        """Return the signed LogoutResponse and where it goes."""
        ...


class Upstreams(Protocol):
    """Identity provider → live upstream."""

    def find(self, idp: IdentityProvider) -> Upstream:
        """Return the upstream for these settings; a new version replaces the old one."""
        ...

    def find_saml(self, idp: IdentityProvider) -> SAMLPeer:
        """Return the SAML side of a provider; raises ``NotFound`` (``saml_not_spoken``) where it speaks another."""
        ...

    def forget(self, idp_id: str) -> None:
        """Drop what is cached about a provider."""
        ...


class UpstreamTrial(Protocol):
    """Tries a provider's connection without keeping anything."""

    async def diagnose(self, idp: IdentityProvider) -> Diagnosis:
        """Try to reach the provider step by step; never raises for what is wrong with it."""
        ...


class IssuerSource(Protocol):
    """Where it stands who an OpenID Provider says that it is."""

    async def find_issuer(self, url: str) -> str:
        """Return the issuer that the discovery document at this address states; nobody has compared the two yet.

        Raises ``UpstreamUnavailable`` and ``UpstreamRejected`` (``discovery_…``, the outgoing client's codes).
        """
        ...


@dataclass(frozen=True, slots=True)
class PresetQuestion:
    """What an operator is asked so that a preset becomes a provider.

    ``name`` is the key of a declaration or a parameter of the preset's own, which ``says`` what it is.
    A list is given in words with spaces or lines between them.
    """

    name: str
    says: str = ""
    default: str | None = None
    is_secret: bool = False
    is_list: bool = False
    is_needed: bool = True


@dataclass(frozen=True, slots=True)
class ProviderPreset:
    """A well-known provider; ``kind`` is ``oidc``, ``oauth2`` or ``saml``."""

    name: str
    title: str
    kind: str
    questions: tuple[PresetQuestion, ...]


class ProviderPresets(Protocol):
    """The well-known providers."""

    def list(self) -> Sequence[ProviderPreset]:
        """List all, by name."""
        ...

    def find(self, name: str) -> ProviderPreset | None:
        """Find by name."""
        ...

    def draft(self, name: str, given: Mapping[str, str], *, has_document: bool = False) -> IdentityProvider:
        """Return a provider that was never kept; ``given`` has ``name``, ``display_name`` and the answers.

        Where ``has_document``, SAML metadata come from a document, and from no address.
        Raises ``NotFound`` (``preset_unknown``) and ``InvalidInput`` (``preset_refused``) with its fields.
        """
        ...


@dataclass(frozen=True, slots=True)
class PastedPerson:
    """Whom pasted words describe, as an identity provider would; nobody is signed in by it."""

    subject: str
    claims: Claims = field(repr=False)
    signed_claims: frozenset[str] = frozenset()
    authenticated_at: datetime | None = None
    acr: str | None = None


@dataclass(frozen=True, slots=True)
class ExaminedResponse:
    """What a pasted SAML response is worth.

    ``person`` is whom it describes, only where a signature of the provider covers that and nothing but its age and
    its way here speaks against it; ``faults`` are all reasons for which nobody would be signed in by it.
    """

    person: PastedPerson | None
    faults: tuple[JitneyError, ...] = ()


class PastedWords(Protocol):
    """Reads what an operator pasted as a provider's word, by that provider's rules; keeps and spends nothing."""

    def describe(self, idp: IdentityProvider, claims: Claims, *, subject: str | None = None) -> PastedPerson:
        """Return whom these claims describe, as if the provider had just stated them.

        Without ``subject`` it is picked by the connection's rule; raises ``InvalidInput`` (``subject_missing``).
        """
        ...

    def examine(self, idp: IdentityProvider, unverified: str) -> ExaminedResponse:
        """Verify a SAML response: as XML, in base64, or as the body of the form that carried it.

        Never raises for what is wrong with it; raises ``NotFound`` (``saml_not_spoken``).
        """
        ...


class SAMLSource(Protocol):
    """Where SAML connections get what they need from: metadata documents, and key pairs of our own."""

    async def fetch_metadata(self, url: str) -> bytes:
        """Return the document at an address; raises ``UpstreamUnavailable``."""
        ...

    def read_metadata(
        self, document: bytes, *, entity_id: str | None, certificates: Sequence[str], now: datetime
    ) -> SAMLMetadata:
        """Read what a metadata document says about one identity provider.

        ``entity_id`` names which one, where the document holds several; ``certificates`` (PEM),
        where there are any,
        are the keys of which one must have signed the document.
        Raises ``InvalidInput`` (``saml_metadata_…``).
        """
        ...

    def make_credential(self, name: str, *, now: datetime) -> SAMLCredential:
        """Make a key pair of our own with a self-signed certificate on this name."""
        ...

    def read_credential(
        self, certificate: str, private_key: str, *, now: datetime, must_decrypt: bool = False
    ) -> SAMLCredential:
        """Return a key pair (PEM) that an operator brings, ready to be kept.

        ``must_decrypt``: it is to open what others encrypt for us.
        Raises ``InvalidInput`` (``saml_key_pair_unfit``) with every fault, by ``certificate`` and ``private_key``.
        """
        ...

    def check_connection(self, connection: SAMLConnection) -> Mapping[str, str]:
        """Return what is wrong with a connection's certificates and keys, by field."""
        ...
