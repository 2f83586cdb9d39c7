"""Arrivals to decide about: small builders, so that a test names only what it is about."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from jitney.model.account_link import AccountLink
from jitney.model.claims import ClaimValue, MappingTable, RoleMapping
from jitney.model.connection import OIDCConnection
from jitney.model.consent import Purpose, PurposeAttribute
from jitney.model.federated_identity import FederatedIdentity
from jitney.model.identity_provider import IdentityProvider
from jitney.model.policy import ProvisioningPolicy
from jitney.model.user import AttributeValue, GivenBy, Grant, Lock, Provenance, User, UserState
from jitney.model.user_store import UserStoreDescription
from jitney.provisioning.claim_mapping import Mapped, map_claims
from jitney.provisioning.facts import (
    Agreement,
    Answers,
    Candidate,
    Facts,
    LinkedUser,
    LocalProof,
    OtherProvider,
    StoreState,
    TargetStore,
)
from jitney.provisioning.placement import place
from jitney.provisioning.store_rules import StoreRules, Verdict, canonical_username
from jitney.provisioning.wanted_name import wanted_of

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
DOMAINS = ("PRIMARY", "ENG", "OTHER", "A", "WSO2TEST.COM")
ACME = Provenance(GivenBy.IDENTITY_PROVIDER, "idp-acme")
GLOBEX = Provenance(GivenBy.IDENTITY_PROVIDER, "idp-globex")
OPERATOR = Provenance(GivenBy.OPERATOR, "operator-1")
PERSON = Provenance(GivenBy.PERSON, "user-1")


def always(verdict: Verdict):
    return lambda _text: verdict


def fits(text: str) -> Verdict:
    """Stand for PRIMARY's pattern: 3 to 50 characters without spaces."""
    return Verdict.MATCHES if 3 <= len(text) <= 50 and " " not in text else Verdict.DIFFERS


def rules(domain: str = "PRIMARY", **description: object) -> StoreRules:
    return StoreRules(UserStoreDescription(domain, **description), username=fits, password=fits, role=fits)


def identity(subject: str = "alice", *, signed: frozenset[str] | None = None, **claims: ClaimValue):
    """An identity whose claims all stood in a signed document unless ``signed`` says otherwise."""
    return FederatedIdentity(
        "idp-acme", subject, claims, frozenset(claims) if signed is None else signed, authenticated_at=NOW
    )


def idp(policy: ProvisioningPolicy | None = None, **fields: object) -> IdentityProvider:
    connection = OIDCConnection("https://acme.example", "jitney")
    policy = policy or ProvisioningPolicy(enabled=True)
    return IdentityProvider("idp-acme", "acme", "Acme", connection, policy=policy, **fields)


def user(id: str = "user-1", *, lock: Lock | None = None, state: UserState = UserState.ACTIVE, **fields):
    name = fields.pop("name", "alice")
    return User(
        id, canonical_username(UserStoreDescription("PRIMARY"), name), NOW, state=state, lock=lock, **fields
    )


def locked(until: datetime | None = None) -> Lock:
    return Lock("too many tries", NOW - timedelta(hours=1), until)


def values(given_by: Provenance, *texts: str) -> tuple[AttributeValue, ...]:
    return tuple(AttributeValue(text, given_by) for text in texts)


def grants(given_by: Provenance, *names: str) -> tuple[Grant, ...]:
    return tuple(Grant(name, given_by) for name in names)


def link(
    user_id: str = "user-1", subject: str = "alice", *, idp: str = "idp-acme", **more: object
) -> AccountLink:
    return AccountLink(idp, subject, user_id, "PRIMARY", NOW, **more)


def linked(who: User | None, store: StoreState = StoreState.READY, **more: object) -> LinkedUser:
    return LinkedUser(link(who.id if who else "user-gone", **more), who, store)


def candidate(
    who: User | None = None, found_by: str = "lookup", *, through: str = "", **more: object
) -> Candidate:
    """A user who may be the person; ``through`` is the id of another provider that the user is linked to."""
    who = who or user(has_password=True)
    links = (link(who.id, "s-9", idp=through),) if through else ()
    return Candidate(who, found_by, more.pop("links", links), **more)


def proof(who: User | None = None, by: str = "password", **more: object) -> LocalProof:
    return LocalProof(who or user(has_password=True), by, **more)


GLOBEX_PAGE = OtherProvider("idp-globex", "globex", "Globex")


def purpose(id: str = "news", *optional: str, mandatory: tuple[str, ...] = (), version: int = 1) -> Purpose:
    attributes = (
        *(PurposeAttribute(name, mandatory=True) for name in mandatory),
        *map(PurposeAttribute, optional),
    )
    return Purpose(id, f"The {id}", f"So that you get the {id}.", attributes, version)


def agreed(*ticks: tuple[str, str], version: int = 1) -> frozenset[Agreement]:
    return frozenset(Agreement(purpose_id, version, attribute) for purpose_id, attribute in ticks)


def answers(username: str | None = None, password: str | None = None, **more: object) -> Answers:
    """Answers with the password typed twice, unless ``again`` says otherwise."""
    return Answers(username, password, more.pop("again", password), **more)


def facts(who: FederatedIdentity | None = None, provider: IdentityProvider | None = None, **more) -> Facts:
    """The facts that a fact finder would gather for this arrival, with every store ready and every name free."""
    who, provider = who or identity(), provider or idp()
    mapped = map_claims(who, provider.mappings)
    placed, domain = None, "PRIMARY"
    if isinstance(mapped, Mapped):
        said = more.get("answers")
        wanted = wanted_of(mapped.wanted, provider.policy, typed=said.username if said else None)
        placed = place(provider.policy, wanted, DOMAINS)
        domain = placed.domain
    gathered = Facts(
        provider, who, NOW, mapped, placed=placed, target=TargetStore(StoreState.READY, rules(domain)),
        roles=frozenset({"staff", "guest", "operator", "everyone"}),
    )  # fmt: skip
    return replace(gathered, **more)


def mapped_roles_table(*roles: tuple[str, str], separator: str = "") -> MappingTable:
    return MappingTable(
        role_claim="groups", role_separator=separator, roles=tuple(RoleMapping(*pair) for pair in roles)
    )
