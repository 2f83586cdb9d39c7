"""An office: every verb of administration over memory doors, with a clock that stands still."""

from dataclasses import dataclass, field

from jitney.administration.account_links import AccountLinkAdministration
from jitney.administration.account_states import AccountStates
from jitney.administration.applications import ApplicationAdministration
from jitney.administration.audit_trail import AuditTrail
from jitney.administration.consents import ConsentAdministration
from jitney.administration.declarative import Declarations
from jitney.administration.identity_providers import IdentityProviderAdministration
from jitney.administration.operator import Operator
from jitney.administration.purposes import PurposeAdministration
from jitney.administration.roles import RoleAdministration
from jitney.administration.setup import Setup
from jitney.administration.user_finding import UserFinding
from jitney.administration.users import UserAdministration
from jitney.model.application import Application
from jitney.model.audit_event import AuditEvent
from jitney.model.identity_provider import IdentityProvider, OIDCConnection
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


class Office:
    """The verbs and the doors that they stand on."""

    def __init__(self, doors: MemoryDoors | None = None, *, http_allowed: bool = False) -> None:
        self.doors = doors = doors or MemoryDoors()
        self.clock, entropy = StandingClock(), CountedEntropy()
        self.upstreams = Upstreams()
        self.passwords = Argon2Passwords()
        work, trail = doors.unit_of_work, AuditTrail(self.clock, entropy)
        stores = [doors.user_stores.find(domain) for domain in doors.user_stores.domains()]
        rules = {store.description.domain: compile_rules(store.description) for store in stores if store}
        finding = UserFinding(doors.user_stores, doors.identity_providers, doors.account_links)
        self.identity_providers = IdentityProviderAdministration(
            doors.identity_providers, doors.applications, doors.account_links, doors.user_stores, doors.roles,
            self.upstreams, work, trail, entropy, http_issuers_allowed_risky=http_allowed,
            store_rules=rules,
        )  # fmt: skip
        self.applications = ApplicationAdministration(
            doors.applications, doors.identity_providers, work, trail, entropy
        )
        self.roles = RoleAdministration(
            doors.roles, doors.identity_providers, doors.user_stores, rules, work, trail
        )
        self.users = UserAdministration(
            finding, doors.identity_providers, doors.account_links, doors.roles, self.passwords, rules, work, trail,
            self.clock, entropy,
        )  # fmt: skip
        self.account_states = AccountStates(finding, self.passwords, rules, work, trail, self.clock)
        self.account_links = AccountLinkAdministration(
            finding, doors.identity_providers, doors.account_links, doors.receipts, work, trail, self.clock,
            entropy,
        )  # fmt: skip
        self.purposes = PurposeAdministration(doors.purposes, work, trail, entropy)
        self.consents = ConsentAdministration(
            doors.receipts, doors.account_links, finding, work, trail, self.clock
        )
        self.setup = Setup(
            doors.setup_links, doors.records, doors.user_stores, self.passwords, rules, work, trail,
            self.clock, entropy,
        )  # fmt: skip
        self.declarations = Declarations(
            self.identity_providers, self.applications, self.roles, self.users, self.account_states,
            self.purposes, self.account_links,
        )  # fmt: skip

    async def events(self, target: str | None = None) -> list[AuditEvent]:
        """List the audit events, newest first."""
        return list(await self.doors.records.events(target=target))
