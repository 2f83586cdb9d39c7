"""An office: every verb of administration over memory doors, with a clock that stands still."""

from dataclasses import dataclass, field

from jitney.administration.account_links import AccountLinkAdministration
from jitney.administration.account_states import AccountStates
from jitney.administration.applications import ApplicationAdministration
from jitney.administration.audit_trail import AuditTrail
from jitney.administration.consents import ConsentAdministration
from jitney.administration.declarative import Declarations
from jitney.administration.identity_providers import IdentityProviderAdministration
from jitney.administration.known_accounts import KnownAccounts
from jitney.administration.operator import Operator
from jitney.administration.purposes import PurposeAdministration
from jitney.administration.roles import RoleAdministration
from jitney.administration.setup import Setup
from jitney.administration.user_finding import UserFinding
from jitney.administration.user_removal import UserRemoval
from jitney.administration.user_store_rules import StoreSurroundings
from jitney.administration.user_stores import UserStoreAdministration
from jitney.administration.users import UserAdministration
from jitney.model.application import Application
from jitney.model.audit_event import AuditEvent
from jitney.model.diagnosis import Diagnosis, Finding, Step
from jitney.model.identity_provider import IdentityProvider, OIDCConnection
from jitney.model.user_store_record import UserStoreRecord
from jitney.operations.changing import EntryChanging
from jitney.operations.leaving import EntryLeaving
from jitney.operations.making import EntryMaking
from jitney.operations.recovery import Recovery
from jitney.testing.counted_entropy import CountedEntropy
from jitney.testing.memory import MemoryDoors
from jitney.testing.standing_clock import StandingClock
from jitney.userstores.passwords import Argon2Passwords
from jitney.userstores.patterns import compile_rules

ROOT = Operator("u-root", "root")
ACME = IdentityProvider("", "acme", "Acme", OIDCConnection("https://login.acme.example", "jitney", "s3cret"))
WIKI = Application("wiki", "Wiki", ("https://wiki.example/cb",))


@dataclass
class Upstreams:
    """Remembers which providers were forgotten."""

    forgotten: list[str] = field(default_factory=list)

    def find(self, idp: IdentityProvider) -> None:
        raise NotImplementedError

    def forget(self, idp_id: str) -> None:
        self.forgotten.append(idp_id)


@dataclass
class Trial:
    """Answers ``finding`` for every store that it is asked to try, and remembers them."""

    finding: Finding = Finding.GOOD
    tried: list[UserStoreRecord] = field(default_factory=list)

    async def diagnose(self, record: UserStoreRecord) -> Diagnosis:
        self.tried.append(record)
        code = None if self.finding is Finding.GOOD else "user_store_bind_refused"
        return Diagnosis(
            (Step("connection", Finding.GOOD, "It answers."), Step("bind", self.finding, "So.", code))
        )


class Office:
    """The verbs and the doors that they stand on."""

    def __init__(self, doors: MemoryDoors | None = None, *, http_allowed: bool = False) -> None:
        self.doors = doors = doors or MemoryDoors()
        self.clock, entropy = StandingClock(), CountedEntropy()
        self.upstreams = Upstreams()
        self.passwords = Argon2Passwords()
        work, trail = doors.unit_of_work, AuditTrail(self.clock, entropy)
        finding = UserFinding(doors.user_stores, doors.identity_providers, doors.account_links)
        changing = EntryChanging(doors.user_stores, self.clock)
        self.recovery = Recovery(
            doors.operations,
            doors.user_stores,
            doors.account_links,
            doors.receipts,
            work,
            self.clock,
            entropy,
        )
        self.identity_providers = IdentityProviderAdministration(
            doors.identity_providers, doors.applications, doors.account_links, doors.user_stores, doors.roles,
            compile_rules, self.upstreams, work, trail, entropy, http_issuers_allowed_risky=http_allowed,
        )  # fmt: skip
        self.applications = ApplicationAdministration(
            doors.applications, doors.identity_providers, work, trail, entropy
        )
        self.roles = RoleAdministration(
            doors.roles, doors.identity_providers, doors.user_stores, compile_rules, work, trail
        )
        self.users = UserAdministration(
            finding, doors.identity_providers, doors.account_links, doors.roles, self.passwords, compile_rules,
            work, trail, self.clock, entropy, EntryMaking(work, self.clock, entropy), changing,
            UserRemoval(finding, EntryLeaving(work, self.clock, entropy), work, trail),
        )  # fmt: skip
        self.account_states = AccountStates(finding, self.passwords, compile_rules, work, trail, self.clock)
        self.account_links = AccountLinkAdministration(
            finding, doors.identity_providers, doors.account_links, doors.receipts, work, trail, self.clock,
            entropy,
        )  # fmt: skip
        self.purposes = PurposeAdministration(doors.purposes, work, trail, entropy)
        self.consents = ConsentAdministration(
            doors.receipts, doors.account_links, finding, changing, work, trail, self.clock
        )
        self.setup = Setup(
            doors.setup_links, doors.records, doors.user_stores, self.passwords, compile_rules, work, trail,
            self.clock, entropy,
        )  # fmt: skip
        self.trial = Trial()
        self.user_stores = UserStoreAdministration(
            doors.user_store_records, doors.identity_providers, self.trial,
            KnownAccounts(doors.user_store_records, doors.operations, work, trail, self.clock),
            StoreSurroundings(compile_rules, plain_connections_allowed_risky=http_allowed), work, trail, entropy,
        )  # fmt: skip
        self.declarations = Declarations(
            self.identity_providers, self.applications, self.roles, self.users, self.account_states,
            self.purposes, self.account_links, self.user_stores,
        )  # fmt: skip

    async def events(self, target: str | None = None) -> list[AuditEvent]:
        """List the audit events, newest first."""
        return list(await self.doors.records.events(target=target))
