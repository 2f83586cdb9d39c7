"""Memory changes of managed records and of the records of what happened."""

from dataclasses import replace
from typing import Any

from jitney.model import changes as c
from jitney.model.identity_provider import IdentityProvider
from jitney.model.outcome import OutcomeKind
from jitney.testing.memory_state import CarryOut, MemoryState, must


def _require_identity_provider(state: MemoryState, change: c.RequireIdentityProvider) -> None:
    idp = state.identity_providers.get(change.id)
    must(idp is not None and idp.enabled and idp.version == change.version, change.guard)


def _add_identity_provider(state: MemoryState, change: c.AddIdentityProvider) -> None:
    idp = change.idp
    taken = {each.name for each in state.identity_providers.values()}
    must(idp.name not in taken and idp.id not in state.identity_providers, change.guard)
    _must_have_home_realm_alone(state, idp)
    state.identity_providers[idp.id] = idp


def _save_identity_provider(state: MemoryState, change: c.SaveIdentityProvider) -> None:
    kept = state.identity_providers.get(change.idp.id)
    must(kept is not None and kept.version == change.idp.version - 1, change.guard)
    _must_have_home_realm_alone(state, change.idp)
    state.identity_providers[change.idp.id] = change.idp


def _must_have_home_realm_alone(state: MemoryState, idp: IdentityProvider) -> None:
    others = [each for each in state.identity_providers.values() if each.id != idp.id]
    taken = {each.home_realm.identifier for each in others} - {None}
    must(idp.home_realm.identifier not in taken, "identity_provider_home_realm")


def _take_identity_provider(state: MemoryState, idp: str) -> None:
    del state.identity_providers[idp]
    state.identity_locks = {key: one for key, one in state.identity_locks.items() if one.idp != idp}
    state.arrivals = {key: one for key, one in state.arrivals.items() if one.identity.idp != idp}


def _remove_identity_provider(state: MemoryState, change: c.RemoveIdentityProvider) -> None:
    kept = state.identity_providers.get(change.id)
    linked = any(link.idp == change.id for link in state.links.values())
    must(kept is not None and kept.version == change.version and not linked, change.guard)
    _take_identity_provider(state, change.id)


def _retire_identity_provider(state: MemoryState, change: c.RetireIdentityProvider) -> None:
    kept = state.identity_providers.get(change.id)
    must(kept is not None and kept.version == change.version, change.guard)
    _take_identity_provider(state, change.id)


def _require_application(state: MemoryState, change: c.RequireApplication) -> None:
    application = state.applications.get(change.id)
    must(application is not None and application.enabled, change.guard)
    must(change.version is None or change.version == state.applications[change.id].version, change.guard)


def _add_application(state: MemoryState, change: c.AddApplication) -> None:
    must(change.application.id not in state.applications, change.guard)
    state.applications[change.application.id] = change.application


def _save_application(state: MemoryState, change: c.SaveApplication) -> None:
    kept = state.applications.get(change.application.id)
    must(kept is not None and kept.version == change.application.version - 1, change.guard)
    state.applications[change.application.id] = change.application


def _remove_application(state: MemoryState, change: c.RemoveApplication) -> None:
    kept = state.applications.get(change.id)
    must(kept is not None and kept.version == change.version, change.guard)
    del state.applications[change.id]
    state.codes = {k: code for k, code in state.codes.items() if code.request.application != change.id}
    state.families = {k: family for k, family in state.families.items() if family.application != change.id}


def _add_role(state: MemoryState, change: c.AddRole) -> None:
    state.roles[change.name] = None


def _remove_role(state: MemoryState, change: c.RemoveRole) -> None:
    held = any(grant.name == change.name for user in state.users.values() for grant in user.roles)
    must(change.name in state.roles and not held, change.guard)
    del state.roles[change.name]


def _add_signing_key(state: MemoryState, change: c.AddSigningKey) -> None:
    must(change.key.kid not in state.signing_keys, change.guard)
    state.signing_keys[change.key.kid] = change.key


def _retire_signing_key(state: MemoryState, change: c.RetireSigningKey) -> None:
    key = state.signing_keys.get(change.kid)
    if key is not None:
        state.signing_keys[change.kid] = replace(key, retired=change.retired, expires=change.expires)


def _add_setup_link(state: MemoryState, change: c.AddSetupLink) -> None:
    state.setup_links = {change.link.token_hash: change.link}


def _spend_setup_link(state: MemoryState, change: c.SpendSetupLink) -> None:
    link = state.setup_links.get(change.token_hash)
    must(link is not None and link.expires > change.at, change.guard)
    del state.setup_links[change.token_hash]


def _end_setup_links(state: MemoryState, _change: c.EndSetupLinks) -> None:
    state.setup_links = {}


def _record_outcome(state: MemoryState, change: c.RecordOutcome) -> None:
    state.outcomes.append(change.outcome)


def _settle_outcome(state: MemoryState, change: c.SettleOutcome) -> None:
    reference = change.outcome.reference
    places = [
        place
        for place, each in enumerate(state.outcomes)
        if each.reference == reference and each.kind is OutcomeKind.PENDING
    ]
    must(len(places) == 1, change.guard)
    state.outcomes[places[0]] = change.outcome


def _record_event(state: MemoryState, change: c.RecordEvent) -> None:
    state.events.append(change.event)


CHANGES: dict[type[Any], CarryOut] = {
    c.RequireIdentityProvider: _require_identity_provider,
    c.AddIdentityProvider: _add_identity_provider,
    c.SaveIdentityProvider: _save_identity_provider,
    c.RemoveIdentityProvider: _remove_identity_provider,
    c.RetireIdentityProvider: _retire_identity_provider,
    c.RequireApplication: _require_application,
    c.AddApplication: _add_application,
    c.SaveApplication: _save_application,
    c.RemoveApplication: _remove_application,
    c.AddRole: _add_role,
    c.RemoveRole: _remove_role,
    c.AddSigningKey: _add_signing_key,
    c.RetireSigningKey: _retire_signing_key,
    c.AddSetupLink: _add_setup_link,
    c.SpendSetupLink: _spend_setup_link,
    c.EndSetupLinks: _end_setup_links,
    c.RecordOutcome: _record_outcome,
    c.SettleOutcome: _settle_outcome,
    c.RecordEvent: _record_event,
}
