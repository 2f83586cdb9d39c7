"""An office: every verb of administration over memory doors, with a clock that stands still."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from jitney.administration.application_checks import ApplicationChecks
from jitney.administration.applications import ApplicationAdministration
from jitney.administration.audit_trail import AuditTrail
from jitney.administration.declared.declarative import Declarations
from jitney.administration.operator import Operator
from jitney.administration.operator_ways import OperatorWays
from jitney.administration.people.account_links import AccountLinkAdministration
from jitney.administration.people.account_states import AccountStates
from jitney.administration.people.consents import ConsentAdministration
from jitney.administration.people.edit_rule import EditRule
from jitney.administration.people.factor_reset import FactorReset
from jitney.administration.people.identity_locks import IdentityLockAdministration, SocialIdentity
from jitney.administration.people.opened_accounts import OpenedAccounts
from jitney.administration.people.operators import OperatorAdministration
from jitney.administration.people.setup import Setup
from jitney.administration.people.user_finding import UserFinding
from jitney.administration.people.user_removal import UserRemoval
from jitney.administration.people.users import UserAdministration
from jitney.administration.providers.identity_provider_checks import IdentityProviderChecks
from jitney.administration.providers.identity_providers import IdentityProviderAdministration
from jitney.administration.providers.saml_keys import SAMLKeyVerbs
from jitney.administration.providers.saml_metadata import SAMLMetadataVerbs
from jitney.administration.providers.saml_preparation import SAMLPreparation
from jitney.administration.purposes import PurposeAdministration
from jitney.administration.removal.fate_finding import FateFinding
from jitney.administration.removal.provider_removal import ProviderRemoving
from jitney.administration.removal.removal_plan import RemovalPlanning
from jitney.administration.removal.removal_steps import ProviderClearing
from jitney.administration.roles import RoleAdministration
from jitney.administration.stores.known_accounts import KnownAccounts
from jitney.administration.stores.user_store_rules import StoreSurroundings
from jitney.administration.stores.user_stores import UserStoreAdministration
from jitney.errors import InvalidInput, JitneyError, UpstreamUnavailable
from jitney.model.application import Application
from jitney.model.audit_event import AuditEvent
from jitney.model.connection import OIDCConnection
from jitney.model.diagnosis import Diagnosis, Finding, Step
from jitney.model.identity_lock import LockedBy
from jitney.model.identity_provider import IdentityProvider
from jitney.model.saml_connection import SAMLConnection, SAMLCredential, SAMLMetadata
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


def by_subject(subject: str, idp: str = "acme") -> SocialIdentity:
    """Return whom a provider knows by this subject."""
    return SocialIdentity(idp, LockedBy.SUBJECT, subject)


def by_email(address: str, idp: str = "acme") -> SocialIdentity:
    """Return whom a provider knows by this address."""
    return SocialIdentity(idp, LockedBy.EMAIL, address)


@dataclass
class Upstreams:
    """Remembers which providers were forgotten."""

    forgotten: list[str] = field(default_factory=list)

    def find(self, idp: IdentityProvider) -> None:
        raise NotImplementedError

    def find_saml(self, idp: IdentityProvider) -> None:
        raise NotImplementedError

    def forget(self, idp_id: str) -> None:
        self.forgotten.append(idp_id)


@dataclass
class MetadataSource:
    """Publishes at each address the metadata that a test puts there, and makes keys that only have a number.

    A document is the address that it was fetched from; ``faults`` keep what is at an address from being read.
    ``signers`` are the keys that signed what is at an address.
    """

    published: dict[str, SAMLMetadata] = field(default_factory=dict)
    faults: dict[str, JitneyError] = field(default_factory=dict)
    signers: dict[str, tuple[str, ...]] = field(default_factory=dict)
    ends: dict[str, datetime] = field(default_factory=dict)
    fetched: list[str] = field(default_factory=list)
    made: int = 0

    async def fetch_metadata(self, url: str) -> bytes:
        self.fetched.append(url)
        if url in self.faults:
            raise self.faults[url]
        if url not in self.published:
            raise UpstreamUnavailable("saml_metadata_failed", "There is nothing there.")
        return url.encode()

    def read_metadata(
        self, document: bytes, *, entity_id: str | None, certificates: Sequence[str], now: datetime
    ) -> SAMLMetadata:
        url = document.decode()
        found = self.published[url]
        if certificates and not set(certificates) & set(self.signers.get(url, ())):
            raise InvalidInput("saml_metadata_bad_signature", "None of these keys signed it.")
        if entity_id is not None and entity_id != found.entity_id:
            raise InvalidInput("saml_metadata_of_another", "These are another entity's.")
        return found

    def make_credential(self, name: str, *, now: datetime) -> SAMLCredential:
        self.made += 1
        return SAMLCredential(f"certificate {self.made} of {name}", f"key {self.made}")

    def read_credential(
        self, certificate: str, private_key: str, *, now: datetime, must_decrypt: bool = False
    ) -> SAMLCredential:
        if "unfit" in certificate:
            raise InvalidInput("saml_key_pair_unfit", "Unfit.", fields={"certificate": "It is unfit."})
        return SAMLCredential(certificate, private_key)

    def check_connection(self, connection: SAMLConnection) -> Mapping[str, str]:
        unfit = any("unfit" in one for one in connection.signing_certificates)
        return {"signing_certificates": "The certificate number 1 is unfit."} if unfit else {}


@dataclass
class ProviderTrial:
    """Remembers the providers that it is asked to try, and finds them good."""

    tried: list[IdentityProvider] = field(default_factory=list)

    async def diagnose(self, idp: IdentityProvider) -> Diagnosis:
        self.tried.append(idp)
        return Diagnosis((Step("discovery", Finding.GOOD, "It answers."),))


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

    def __init__(
        self, doors: MemoryDoors | None = None, *, http_allowed: bool = False, enhanced: bool = False
    ) -> None:
        self.doors = doors = doors or MemoryDoors()
        self.clock, entropy = StandingClock(), CountedEntropy()
        self.upstreams = Upstreams()
        self.passwords = Argon2Passwords()
        work, trail = doors.unit_of_work, AuditTrail(self.clock, entropy)
        self.saml_source, self.provider_trial = MetadataSource(), ProviderTrial()
        preparation = SAMLPreparation(
            self.saml_source, lambda pem: self.saml_source.ends.get(pem), self.clock
        )
        finding = UserFinding(doors.user_stores, doors.identity_providers, doors.account_links)
        changing = EntryChanging(doors.user_stores, self.clock)
        self.recovery = Recovery(
            doors.operations,
            doors.user_stores,
            doors.account_links,
            doors.receipts,
            doors.identity_providers,
            work,
            self.clock,
            entropy,
        )
        ways = OperatorWays(
            doors.user_stores,
            doors.user_store_records,
            doors.account_links,
            doors.identity_providers,
            self.clock,
        )
        self.identity_providers = IdentityProviderAdministration(
            doors.identity_providers, doors.account_links,
            IdentityProviderChecks(
                doors.identity_providers, doors.applications, doors.user_stores, doors.roles, compile_rules,
                preparation, http_issuers_allowed_risky=http_allowed, enhanced=enhanced,
            ),
            preparation, self.upstreams, self.provider_trial, work, trail, entropy, ways,
        )  # fmt: skip
        fates, leaving = FateFinding(finding), EntryLeaving(work, self.clock, entropy)
        self.provider_removing = ProviderRemoving(
            RemovalPlanning(
                fates, doors.account_links, doors.user_store_records, doors.applications, enhanced
            ),
            ProviderClearing(
                fates, doors.provider_removals, doors.account_links, doors.user_store_records, leaving,
                self.recovery, work, trail,
            ),
            doors.provider_removals, self.upstreams, work, trail, entropy, ways,
        )  # fmt: skip
        self.saml_metadata = SAMLMetadataVerbs(self.identity_providers)
        self.saml_keys = SAMLKeyVerbs(self.identity_providers)
        checks = ApplicationChecks(
            doors.identity_providers, doors.roles, doors.user_stores, enhanced=enhanced
        )
        self.applications = ApplicationAdministration(doors.applications, checks, work, trail, entropy)
        self.roles = RoleAdministration(
            doors.roles, doors.identity_providers, doors.user_stores, compile_rules, work, trail,
            doors.applications,
        )  # fmt: skip
        self.users = UserAdministration(
            finding, doors.identity_providers, doors.account_links, doors.roles, self.passwords, compile_rules,
            work, trail, self.clock, entropy, EntryMaking(work, self.clock, entropy), changing,
            UserRemoval(finding, leaving, work, trail, ways),
            EditRule(doors.identity_providers, enhanced), ways,
        )  # fmt: skip
        self.identity_locks = IdentityLockAdministration(
            doors.identity_providers, OpenedAccounts(finding, doors.account_links, doors.identity_locks), work,
            trail, self.clock, enhanced, ways,
        )  # fmt: skip
        self.account_states = AccountStates(
            finding, self.passwords, compile_rules, work, trail, self.clock, self.identity_locks, ways
        )
        self.factor_reset = FactorReset(finding, doors.factors, work, trail, self.clock, entropy, "Jitney")
        self.account_links = AccountLinkAdministration(
            finding, doors.identity_providers, doors.account_links, doors.receipts, work, trail, self.clock,
            entropy, ways,
        )  # fmt: skip
        self.purposes = PurposeAdministration(doors.purposes, work, trail, entropy)
        self.consents = ConsentAdministration(
            doors.receipts, doors.account_links, finding, changing, work, trail, self.clock
        )
        self.operators = OperatorAdministration(doors.user_store_records, self.users)
        self.setup = Setup(
            doors.setup_links, doors.records, doors.user_stores, self.passwords, compile_rules, work, trail,
            self.clock, entropy,
        )  # fmt: skip
        self.trial = Trial()
        self.user_stores = UserStoreAdministration(
            doors.user_store_records, doors.identity_providers, self.trial,
            KnownAccounts(doors.user_store_records, doors.operations, work, trail, self.clock),
            StoreSurroundings(compile_rules, plain_connections_allowed_risky=http_allowed), work, trail, entropy,
            ways,
        )  # fmt: skip
        self.declarations = Declarations(
            self.identity_providers, self.applications, self.roles, self.users, self.account_states,
            self.purposes, self.account_links, self.user_stores, self.provider_removing,
        )  # fmt: skip

    async def events(self, target: str | None = None) -> list[AuditEvent]:
        """List the audit events, newest first."""
        return list(await self.doors.records.events(target=target))
