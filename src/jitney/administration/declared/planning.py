"""From a declaration and what is there to the steps between them (pure): asked twice, it answers the same."""

from collections.abc import Iterator
from dataclasses import replace

from jitney.administration.declared.declarations import (
    AddApplicationStep,
    AddIdentityProviderStep,
    AddPurposeStep,
    AddRoleStep,
    AddUserStep,
    AddUserStoreStep,
    ChangeApplicationStep,
    ChangeIdentityProviderStep,
    ChangePurposeStep,
    ChangeUserStep,
    ChangeUserStoreStep,
    Declaration,
    DeclaredApplication,
    DeclaredIdentityProvider,
    DeclaredUserStore,
    Plan,
    Present,
    PresentUser,
    RemoveApplicationStep,
    RemoveIdentityProviderStep,
    RemovePurposeStep,
    RemoveRoleStep,
    Step,
)
from jitney.administration.differences import changed_fields
from jitney.administration.people.user_drafts import NewUser
from jitney.administration.people.user_roles import held_by
from jitney.administration.people.users import UserEdit
from jitney.administration.providers.kept_secrets import with_kept
from jitney.administration.stores.user_store_drafts import as_edited, switched
from jitney.administration.stores.user_store_secrets import with_kept_secret
from jitney.model.application import Application
from jitney.model.consent import Purpose
from jitney.model.identity_provider import IdentityProvider
from jitney.model.saml_connection import SAMLConnection
from jitney.model.secret_hash import hash_secret
from jitney.model.user import EVERYONE, OPERATOR_ROLES
from jitney.model.user_store_record import UserStoreRecord
from jitney.provisioning.claim_mapping import VERIFIED_FLAGS

_OURS = OPERATOR_ROLES | {EVERYONE}


def plan_changes(declaration: Declaration, present: Present, *, prune: bool = False) -> Plan:
    """Return the steps that make ``present`` what ``declaration`` says.

    What is not declared stays, unless ``prune``: then identity providers, applications, purposes and roles
    that are not declared are removed; users and user stores never are.
    """
    steps: list[Step] = [
        AddRoleStep(role)
        for role in dict.fromkeys(declaration.roles)
        if role not in present.roles and role != EVERYONE
    ]
    for store in declaration.user_stores:
        steps.extend(_user_store(store, present.user_stores.get(store.domain)))
    for purpose in declaration.purposes:
        steps.extend(_purpose(purpose, present.purposes.get(purpose.name)))
    later: list[Step] = []
    for declared in declaration.identity_providers:
        taken = list(_identity_provider(declared, present.identity_providers.get(declared.idp.name)))
        if _names_applications_to_come(declared.idp, present):
            taken, put_off = _in_two_steps(taken)
            later.extend(put_off)
        steps.extend(taken)
    for wanted in declaration.applications:
        steps.extend(_application(wanted, present.applications.get(wanted.application.id)))
    steps.extend(later)
    for new in declaration.users:
        steps.extend(_user(new, present.users.get((new.domain, new.name))))
    if prune:
        steps.extend(_removals(declaration, present))
    return Plan(tuple(steps))


def _user_store(declared: DeclaredUserStore, present: UserStoreRecord | None) -> Iterator[Step]:
    if present is None:
        yield AddUserStoreStep(declared.record)
        return
    enabled = declared.record.description.enabled if declared.states_enabled else present.description.enabled
    wanted = switched(as_edited(present, declared.record), enabled=enabled)
    if fields := changed_fields(present, with_kept_secret(present, wanted)):
        yield ChangeUserStoreStep(wanted, present, fields)


def _purpose(wanted: Purpose, present: Purpose | None) -> Iterator[Step]:
    if present is None:
        yield AddPurposeStep(wanted)
    elif fields := changed_fields(present, wanted):
        yield ChangePurposeStep(wanted, present.version, fields)


def _identity_provider(
    declared: DeclaredIdentityProvider, present: IdentityProvider | None
) -> Iterator[Step]:
    if present is None:
        yield AddIdentityProviderStep(declared.idp)
        return
    wanted = replace(
        declared.idp,
        enabled=declared.idp.enabled if declared.states_enabled else present.enabled,
        connection=with_kept(present.connection, declared.idp.connection),
    )
    if fields := changed_fields(present, wanted):
        yield ChangeIdentityProviderStep(wanted, present.version, fields)


def _names_applications_to_come(idp: IdentityProvider, present: Present) -> bool:
    """Say whether the provider leads to applications that are not there yet, or cannot begin a sign-in yet."""
    if not isinstance(idp.connection, SAMLConnection):
        return False
    named = {*idp.connection.relay_states.values(), idp.connection.default_application} - {None}
    ready = {one.id for one in present.applications.values() if one.initiate_login_uri is not None}
    return not named <= ready


def _in_two_steps(steps: list[Step]) -> tuple[list[Step], list[Step]]:
    """Return the steps without what leads to applications, and those that add it when the applications are there.

    An application names its providers and a provider its applications: so one of them is told later of the other.
    """
    match steps:
        case [AddIdentityProviderStep(idp)]:
            return [AddIdentityProviderStep(_unled(idp))], [ChangeIdentityProviderStep(idp, 1, _LEADING)]
        case [ChangeIdentityProviderStep(idp, version, fields)]:
            rest = tuple(name for name in fields if name not in _LEADING)
            if not rest or rest == fields:
                return ([], steps) if not rest else (steps, [])
            first = ChangeIdentityProviderStep(_unled(idp), version, rest)
            return [first], [ChangeIdentityProviderStep(idp, version + 1, _LEADING)]
        case _:
            return steps, []


_LEADING = ("connection.idp_initiated", "connection.relay_states", "connection.default_application")


def _unled(idp: IdentityProvider) -> IdentityProvider:
    if not isinstance(idp.connection, SAMLConnection):
        return idp
    connection = replace(idp.connection, idp_initiated=False, relay_states={}, default_application=None)
    return replace(idp, connection=connection)


def _application(declared: DeclaredApplication, present: Application | None) -> Iterator[Step]:
    if present is None:
        yield AddApplicationStep(declared.application, declared.secret)
        return
    wanted = replace(
        declared.application,
        enabled=declared.application.enabled if declared.states_enabled else present.enabled,
        secret_hash=hash_secret(declared.secret) if declared.secret else present.secret_hash,
    )
    if fields := changed_fields(present, wanted):
        yield ChangeApplicationStep(wanted, declared.secret, present.version, fields)


def _user(new: NewUser, present: PresentUser | None) -> Iterator[Step]:
    if present is None:
        yield AddUserStep(new)
        return
    user = present.user
    attributes = {name: values for name, values in new.attributes.items() if user.values(name) != values}
    # Who declares another address declares its flag with it, or the address is not verified.
    attributes |= {
        flag: new.attributes[flag]
        for flag, of in VERIFIED_FLAGS.items()
        if of in attributes and flag in new.attributes
    }
    held = {EVERYONE, *(grant.name for grant in held_by(user))}
    roles = tuple(role for role in dict.fromkeys(new.roles) if role not in held)
    links = tuple(key for key in new.links if key not in present.links)
    password = None if present.password_fits else new.password
    locked = new.locked if user.lock is None else None
    changed = {
        **{f"attributes.{name}": True for name in attributes},
        "roles": bool(roles),
        "links": bool(links),
        "password": password is not None,
        "locked": locked is not None,
    }
    if fields := tuple(name for name, differs in changed.items() if differs):
        edit = UserEdit(attributes, roles_added=roles)
        privileged = not OPERATOR_ROLES.isdisjoint(new.roles)
        # Whoever was only seen in a user store has no id yet by which they could be found.
        reference = user.id if user.version else str(user.username)
        yield ChangeUserStep(
            reference, str(user.username), edit, password, locked, fields, links, privileged
        )  # fmt: skip


def _removals(declaration: Declaration, present: Present) -> Iterator[Step]:
    """Remove what nothing declares, users of a thing before the thing."""
    applications = {declared.application.id for declared in declaration.applications}
    providers = {declared.idp.name for declared in declaration.identity_providers}
    for application in present.applications:
        if application not in applications:
            yield RemoveApplicationStep(application)
    for name in present.identity_providers:
        if name not in providers:
            yield RemoveIdentityProviderStep(name)
    declared_purposes = {purpose.name for purpose in declaration.purposes}
    for name in present.purposes:
        if name not in declared_purposes:
            yield RemovePurposeStep(name)
    for role in sorted(present.roles - set(declaration.roles) - _OURS):
        yield RemoveRoleStep(role)
