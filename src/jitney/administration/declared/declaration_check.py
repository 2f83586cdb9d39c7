"""Find every fault of a declaration before its first step is taken (pure)."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from jitney.administration import application_rules, purpose_rules
from jitney.administration.application_rules import SECRET_METHODS
from jitney.administration.declared.declarations import (
    AddApplicationStep,
    AddIdentityProviderStep,
    AddPurposeStep,
    AddRoleStep,
    AddUserStep,
    ChangeApplicationStep,
    ChangeIdentityProviderStep,
    ChangePurposeStep,
    ChangeUserStep,
    Declaration,
    Plan,
    Present,
    RemoveApplicationStep,
    RemoveIdentityProviderStep,
    RemovePurposeStep,
)
from jitney.administration.declared.declared_stores import find_store_faults, find_store_warnings, stores_then
from jitney.administration.faults_by_field import gather
from jitney.administration.people.user_drafts import NewUser, attribute_values, check_password, draft_user
from jitney.administration.providers import identity_provider_rules
from jitney.administration.providers.saml_connection_rules import SAMLSurroundings
from jitney.administration.providers.surroundings import Surroundings
from jitney.administration.roles import role_name_fault
from jitney.administration.sign_in_policy_reach import find_application_warnings
from jitney.administration.sign_in_policy_rules import PolicySurroundings
from jitney.administration.stores.user_store_rules import StoreSurroundings
from jitney.errors import InvalidInput, UserStoreRejected
from jitney.model.application import Application
from jitney.model.consent import Purpose
from jitney.model.user import EVERYONE, OPERATOR_ROLES, PRIMARY, GivenBy, Provenance
from jitney.model.user_store import UserStoreDescription
from jitney.provisioning.store_rules import RulesOf, StoreRules, role_violation

_NOBODY = Provenance(GivenBy.OPERATOR, "plan")
_NEVER = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Known:
    """What a declaration is judged against beside the present records; see ``Surroundings``."""

    stores: Mapping[str, UserStoreDescription]
    rules_of: RulesOf
    store_surroundings: StoreSurroundings
    saml: SAMLSurroundings
    http_issuers_allowed_risky: bool
    repeated: Mapping[str, str]
    absent: frozenset[str] = frozenset()
    enhanced: bool = False


_IN_THE_FILE = {
    "connection": "", "mappings": "", "policy": "provisioning", "claims": "claim", "roles": "role",
    "attributes": "attribute", "jwks": "jwks_file", "home_realm": "", "identifier": "home_realm_identifier",
    "signing_certificates": "signing_certificate_files", "credentials": "certificate_file",
    "metadata_certificates": "metadata_certificate_files", "sign_in_policy": "", "rules": "rule",
}  # fmt: skip
"""Our words for parts of a record, with those of the file; an empty one is no word of it."""


def find_declaration_faults(
    declaration: Declaration, plan: Plan, present: Present, known: Known
) -> dict[str, str]:
    """Return what is wrong, by path in the file's own words (``identity_provider acme: issuer``)."""
    names = frozenset(present.identity_providers) | {one.idp.name for one in declaration.identity_providers}
    known = _known_then(plan, present, known)
    surroundings = _surroundings(declaration, plan, present, known)
    roles, purposes = surroundings.roles, _purposes_then(plan, present)
    around = _policy_surroundings(plan, present, surroundings)
    faults: dict[str, str] = dict(_doubles(declaration)) | dict(_shared_home_realms(declaration, present))
    faults |= find_store_faults(plan, present, known.store_surroundings)
    for step in plan.steps:
        match step:
            case AddRoleStep(name):
                if violation := role_violation(name, known.rules_of(known.stores[PRIMARY])):
                    faults[f"role {name}"] = role_name_fault(violation)
            case AddPurposeStep(purpose) | ChangePurposeStep(purpose):
                others = [other for other in purposes if other.name != purpose.name]
                found = purpose_rules.find_faults(purpose, others)
                faults |= _in_the_file(f"purpose {purpose.name}", found)
            case AddIdentityProviderStep(idp) | ChangeIdentityProviderStep(idp):
                found = identity_provider_rules.find_faults(idp, surroundings)
                faults |= _in_the_file(f"identity_provider {idp.name}", found)
            case AddApplicationStep(application, secret) | ChangeApplicationStep(application, secret):
                found = application_rules.find_faults(application, around)
                if secret and application.authentication in SECRET_METHODS and len(secret) < _SHORTEST:
                    found["client_secret"] = f"A secret has at least {_SHORTEST} random characters."
                faults |= _in_the_file(f"application {application.id}", found)
            case AddUserStep(new):
                found = gather(_user_faults(new, known, roles, names))
                faults |= {f"user {new.name}: {key}": text for key, text in found.items()}
            case ChangeUserStep(name=name):
                found = gather(_change_faults(step, known.rules_of(_store_of(name, known))))
                faults |= {f"user {name}: {key}": text for key, text in found.items()}
            case _:
                pass
    return faults


def find_declaration_warnings(
    declaration: Declaration, plan: Plan, present: Present, known: Known
) -> tuple[str, ...]:
    """Return what of the plan is worth a second look, each with its path."""
    known = _known_then(plan, present, known)
    surroundings = _surroundings(declaration, plan, present, known)
    providers = [
        step.idp
        for step in plan.steps
        if isinstance(step, AddIdentityProviderStep | ChangeIdentityProviderStep)
    ]
    applications = [
        step.application
        for step in plan.steps
        if isinstance(step, AddApplicationStep | ChangeApplicationStep)
    ]
    around = _policy_surroundings(plan, present, surroundings)
    stores = find_store_warnings(plan, known.store_surroundings)
    told = [
        (f"identity_provider {idp.name}", identity_provider_rules.find_warnings(idp, surroundings))
        for idp in providers
    ]
    told += [(f"application {one.id}", tuple(find_application_warnings(one, around))) for one in applications]
    return stores + tuple(
        f"{thing}: {_word_of_the_file(path)}: {text}"
        for thing, warnings in told
        for path, _, text in (warning.partition(": ") for warning in warnings)
    )


def _in_the_file(thing: str, found: Mapping[str, str]) -> dict[str, str]:
    return {f"{thing}: {_word_of_the_file(path)}": text for path, text in found.items()}


def _word_of_the_file(path: str) -> str:
    """Return the path of a field as whoever wrote the file calls it: ``policy.placement`` stands there nowhere."""
    # A part may have a number, as in rules[2].
    parts = (part.partition("[") for part in path.split("."))
    words = (_IN_THE_FILE.get(name, name) + bracket + number for name, bracket, number in parts)
    return ".".join(word for word in words if word)


def _known_then(plan: Plan, present: Present, known: Known) -> Known:
    return replace(known, stores=stores_then(known.stores, plan, present, known.store_surroundings))


def _store_of(username: str, known: Known) -> UserStoreDescription:
    """Return the store of a user by the name as it is shown, which PRIMARY is no part of."""
    return known.stores.get(username.partition("/")[0], known.stores[PRIMARY])


def _surroundings(declaration: Declaration, plan: Plan, present: Present, known: Known) -> Surroundings:
    return Surroundings(
        stores=known.stores,
        roles=present.roles | frozenset(declaration.roles),
        rules_of=known.rules_of,
        saml=replace(known.saml, applications=_applications_then(plan, present)),
        http_issuers_allowed_risky=known.http_issuers_allowed_risky,
        repeated=known.repeated,
        absent=known.absent.difference(*(one.attributes for one in declaration.users)),
        enhanced=known.enhanced,
    )


def _policy_surroundings(plan: Plan, present: Present, surroundings: Surroundings) -> PolicySurroundings:
    """Return what a sign-in policy is judged against when every step is taken."""
    then = dict(present.identity_providers)
    for step in plan.steps:
        match step:
            case AddIdentityProviderStep(idp) | ChangeIdentityProviderStep(idp):
                then[idp.name] = idp
            case RemoveIdentityProviderStep(name):
                then.pop(name, None)
            case _:
                pass
    return PolicySurroundings(then, surroundings.roles, frozenset(surroundings.stores), surroundings.enhanced)


def _applications_then(plan: Plan, present: Present) -> dict[str, Application]:
    """Return the applications that there will be when every step is taken."""
    then = dict(present.applications)
    for step in plan.steps:
        match step:
            case AddApplicationStep(application, _) | ChangeApplicationStep(application, _):
                then[application.id] = application
            case RemoveApplicationStep(id):
                then.pop(id, None)
            case _:
                pass
    return then


def _purposes_then(plan: Plan, present: Present) -> list[Purpose]:
    """Return the purposes that there will be when every step is taken."""
    then = dict(present.purposes)
    for step in plan.steps:
        match step:
            case AddPurposeStep(purpose) | ChangePurposeStep(purpose):
                then[purpose.name] = purpose
            case RemovePurposeStep(name):
                then.pop(name, None)
            case _:
                pass
    return list(then.values())


_SHORTEST = application_rules.SHORTEST_SECRET


def _doubles(declaration: Declaration) -> Iterator[tuple[str, str]]:
    """Find things that are declared twice: which of the two shall be, nobody can say."""
    listed = {
        "user_store": [one.domain for one in declaration.user_stores],
        "purpose": [one.name for one in declaration.purposes],
        "identity_provider": [one.idp.name for one in declaration.identity_providers],
        "application": [one.application.id for one in declaration.applications],
        "user": [f"{one.domain}/{one.name}" for one in declaration.users],
    }
    for kind, names in listed.items():
        for name in {name for name in names if names.count(name) > 1}:
            yield f"{kind} {name}", "This is declared twice."


def _shared_home_realms(declaration: Declaration, present: Present) -> Iterator[tuple[str, str]]:
    """Find the home realm identifiers that two providers would have."""
    declared = {one.idp.name: one.idp for one in declaration.identity_providers}
    owners: dict[str, str] = {}
    for name, idp in {**present.identity_providers, **declared}.items():
        identifier = idp.home_realm.identifier
        if identifier is None:
            continue
        if (owner := owners.setdefault(identifier, name)) != name:
            told = name if name in declared else owner
            text = f"{name if told == owner else owner} has this identifier already."
            yield f"identity_provider {told}: home_realm_identifier", text


def _user_faults(
    new: NewUser, known: Known, roles: frozenset[str], idp_names: frozenset[str]
) -> Iterator[tuple[str, str]]:
    store = known.stores.get(new.domain)
    if store is None:
        yield "domain", f"There is no user store {new.domain}."
        return
    try:
        draft_user(new, known.rules_of(store), id="", now=_NEVER, giver=_NOBODY)
    except InvalidInput as fault:
        yield "attribute", fault.sentence
    except UserStoreRejected as fault:
        yield ("password" if fault.code.startswith("password") else "name"), fault.sentence
    # Whether there is such a group (ENG/staff) only the store can say, when the user is added.
    groups = {role for role in new.roles if role.startswith(f"{new.domain}/")}
    if unknown := set(new.roles) - roles - groups - OPERATOR_ROLES - {EVERYONE}:
        yield "roles", f"There is no role {', '.join(sorted(unknown))}."
    if missing := {key.idp_name for key in new.links} - idp_names:
        yield "link", f"There is no identity provider {', '.join(sorted(missing))}."


def _change_faults(step: ChangeUserStep, rules: StoreRules) -> Iterator[tuple[str, str]]:
    try:
        attribute_values(step.edit.attributes, _NOBODY)
    except InvalidInput as fault:
        yield "attribute", fault.sentence
    try:
        if step.password is not None:
            check_password(step.password, rules)
    except UserStoreRejected as fault:
        yield "password", fault.sentence
