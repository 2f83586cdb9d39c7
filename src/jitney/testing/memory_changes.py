"""Memory changes: every change of ``model/changes.py``, carried out on dictionaries.

One function for each; it changes the state that it is given, or raises ``Conflict`` with the change's guard.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any

from jitney.errors import Conflict
from jitney.model import changes as c
from jitney.model.grant import Authentication
from jitney.model.session import LocalPerson, Session
from jitney.model.user import AttributeValue, Grant, User, UserState
from jitney.testing.memory_state import MemoryState

_MOST_PER_BROWSER = 10


def carry_out(state: MemoryState, change: c.Change) -> None:
    """Carry out one change; raises ``Conflict``."""
    CHANGES[type(change)](state, change)


def _must(holds: bool, guard: str) -> None:
    if not holds:
        raise Conflict("conflict", "This was changed by somebody else meanwhile.", what=guard)


# ── users and links ─────────────────────────────────────────────────────────────────────────────────


def _require_user(state: MemoryState, change: c.RequireUser) -> None:
    user = state.users.get(change.id)
    _must(
        user is not None
        and user.state is UserState.ACTIVE
        and not (user.lock and user.lock.is_in_force(change.now))
        and change.version in (None, user.version),
        change.guard,
    )


def _add_user(state: MemoryState, change: c.AddUser) -> None:
    user = change.user
    _must(user.id not in state.users, "user")
    name = (user.username.domain, user.username.key)
    _must(name not in {(u.username.domain, u.username.key) for u in state.users.values()}, change.guard)
    state.users[user.id] = _as_kept(replace(user, has_password=change.password_hash is not None))
    _keep_hash(state, user.id, change.password_hash)


def _change_user(state: MemoryState, change: c.ChangeUser) -> None:
    user = _taken(state, change.user_id, change.version)
    changes = change.changes
    roles = set(user.roles) - set(changes.roles_removed) | set(changes.roles_added)
    attributes = {**user.attributes, **changes.attributes}
    state.users[user.id] = _as_kept(replace(user, attributes=attributes, roles=tuple(roles)))


def _set_user_state(state: MemoryState, change: c.SetUserState) -> None:
    user = _taken(state, change.user_id, change.version)
    state.users[user.id] = replace(user, state=change.state, lock=change.lock)


def _set_password(state: MemoryState, change: c.SetPassword) -> None:
    user = _taken(state, change.user_id, change.version)
    state.users[user.id] = replace(user, has_password=change.password_hash is not None)
    _keep_hash(state, user.id, change.password_hash)


def _rehash_password(state: MemoryState, change: c.RehashPassword) -> None:
    _must(state.password_hashes.get(change.user_id) == change.old_hash, change.guard)
    state.password_hashes[change.user_id] = change.new_hash


def _remove_user(state: MemoryState, change: c.RemoveUser) -> None:
    _taken(state, change.user_id, change.version)
    del state.users[change.user_id]
    state.password_hashes.pop(change.user_id, None)
    state.links = {key: link for key, link in state.links.items() if link.user_id != change.user_id}
    state.sessions = {k: s for k, s in state.sessions.items() if _user_of(s) != change.user_id}
    state.codes = {
        k: code for k, code in state.codes.items() if _user_of(code.authentication) != change.user_id
    }
    state.families = {k: f for k, f in state.families.items() if _user_of(f.authentication) != change.user_id}


def _add_account_link(state: MemoryState, change: c.AddAccountLink) -> None:
    key = (change.link.idp, change.link.subject)
    _must(key not in state.links, change.guard)
    state.links[key] = change.link


def _remove_account_link(state: MemoryState, change: c.RemoveAccountLink) -> None:
    key = (change.link.idp, change.link.subject)
    kept = state.links.get(key)
    _must(kept is not None and kept.user_id == change.link.user_id, change.guard)
    del state.links[key]


def _taken(state: MemoryState, user_id: str, version: int) -> User:
    """Return the user with its next version, if it still has this one."""
    user = state.users.get(user_id)
    if user is None or user.version != version:
        raise Conflict("conflict", "This was changed by somebody else meanwhile.", what="user")
    return replace(user, version=version + 1)


def _as_kept(user: User) -> User:
    """Return the user as a table gives it back: without empty attributes, grants by name."""
    kept: dict[str, tuple[AttributeValue, ...]] = {
        n: values for n, values in user.attributes.items() if values
    }
    return replace(user, attributes=kept, roles=_sorted(user.roles), groups=_sorted(user.groups))


def _sorted(grants: tuple[Grant, ...]) -> tuple[Grant, ...]:
    return tuple(sorted(set(grants), key=lambda g: (g.name, g.provenance.given_by.value, g.provenance.id)))


def _keep_hash(state: MemoryState, user_id: str, password_hash: str | None) -> None:
    state.password_hashes.pop(user_id, None)
    if password_hash is not None:
        state.password_hashes[user_id] = password_hash


# ── journeys and sessions ───────────────────────────────────────────────────────────────────────────


def _add_sign_in(state: MemoryState, change: c.AddSignIn) -> None:
    new = change.sign_in
    _must(new.handle_hash not in state.sign_ins, change.guard)
    others = [s for s in state.sign_ins.values() if s.browser_hash == new.browser_hash]
    others.sort(key=lambda each: (each.created, each.handle_hash), reverse=True)
    for older in others[_MOST_PER_BROWSER - 1 :]:
        del state.sign_ins[older.handle_hash]
    state.sign_ins[new.handle_hash] = new


def _save_sign_in(state: MemoryState, change: c.SaveSignIn) -> None:
    kept = state.sign_ins.get(change.sign_in.handle_hash)
    _must(kept is not None and kept.version == change.sign_in.version - 1, change.guard)
    state.sign_ins[change.sign_in.handle_hash] = change.sign_in


def _require_session(state: MemoryState, change: c.RequireSession) -> None:
    _must(change.id_hash in state.sessions, change.guard)


def _add_session(state: MemoryState, change: c.AddSession) -> None:
    _must(change.session.id_hash not in state.sessions, change.guard)
    state.sessions[change.session.id_hash] = change.session


def _touch_session(state: MemoryState, change: c.TouchSession) -> None:
    session = state.sessions.get(change.id_hash)
    if session is not None and session.last_seen < change.last_seen:
        state.sessions[change.id_hash] = replace(session, last_seen=change.last_seen)


def _end_session(state: MemoryState, change: c.EndSession) -> None:
    state.sessions.pop(change.id_hash, None)
    _end_issued(state, lambda by: by.session == change.id_hash, change.at)


def _end_sessions_of_user(state: MemoryState, change: c.EndSessionsOfUser) -> None:
    state.sessions = {k: s for k, s in state.sessions.items() if _user_of(s) != change.user_id}
    _end_issued(state, lambda by: _user_of(by) == change.user_id, change.at)


def _end_upstream_sessions(state: MemoryState, change: c.EndUpstreamSessions) -> None:
    if change.subject is None and change.upstream_session is None:
        return
    ended = {
        key
        for key, session in state.sessions.items()
        if session.idp == change.idp
        and change.subject in (None, session.subject)
        and change.upstream_session in (None, session.upstream_session)
    }
    state.sessions = {key: session for key, session in state.sessions.items() if key not in ended}
    _end_issued(state, lambda by: by.session in ended, change.at)


def _end_issued(state: MemoryState, under: Callable[[Authentication], bool], at: datetime) -> None:
    """Drop the unredeemed codes and revoke the token families that were issued under ended sessions."""
    state.codes = {
        k: x for k, x in state.codes.items() if x.redeemed is not None or not under(x.authentication)
    }
    for key, family in state.families.items():
        if family.revoked is None and under(family.authentication):
            state.families[key] = replace(family, revoked=at)


def _user_of(of: Session | Authentication) -> str | None:
    return of.person.user_id if isinstance(of.person, LocalPerson) else None


# ── codes and tokens ────────────────────────────────────────────────────────────────────────────────


def _add_code(state: MemoryState, change: c.AddCode) -> None:
    _must(change.code.hash not in state.codes, change.guard)
    state.codes[change.code.hash] = change.code


def _redeem_code(state: MemoryState, change: c.RedeemCode) -> None:
    code = state.codes.get(change.hash)
    if code is None or code.redeemed is not None or code.expires <= change.at:
        raise Conflict("conflict", "This was changed by somebody else meanwhile.", what=change.guard)
    state.codes[change.hash] = replace(code, redeemed=change.at)


def _add_token_family(state: MemoryState, change: c.AddTokenFamily) -> None:
    _must(change.family.id not in state.families, change.guard)
    state.families[change.family.id] = change.family


def _rotate_refresh_token(state: MemoryState, change: c.RotateRefreshToken) -> None:
    kept = state.families.get(change.family.id)
    holds = kept is not None and kept.revoked is None and kept.generation == change.family.generation - 1
    _must(holds, change.guard)
    state.families[change.family.id] = change.family


def _revoke_token_family(state: MemoryState, change: c.RevokeTokenFamily) -> None:
    family = state.families.get(change.id)
    if family is not None and family.revoked is None:
        state.families[change.id] = replace(family, revoked=change.at)


def _spend_once(state: MemoryState, change: c.SpendOnce) -> None:
    _must((change.kind, change.id) not in state.spent, change.guard)
    state.spent[change.kind, change.id] = change.expires


# ── managed records ─────────────────────────────────────────────────────────────────────────────────


def _require_identity_provider(state: MemoryState, change: c.RequireIdentityProvider) -> None:
    idp = state.identity_providers.get(change.id)
    _must(idp is not None and idp.enabled and idp.version == change.version, change.guard)


def _add_identity_provider(state: MemoryState, change: c.AddIdentityProvider) -> None:
    idp = change.idp
    taken = {each.name for each in state.identity_providers.values()}
    _must(idp.name not in taken and idp.id not in state.identity_providers, change.guard)
    state.identity_providers[idp.id] = idp


def _save_identity_provider(state: MemoryState, change: c.SaveIdentityProvider) -> None:
    kept = state.identity_providers.get(change.idp.id)
    _must(kept is not None and kept.version == change.idp.version - 1, change.guard)
    state.identity_providers[change.idp.id] = change.idp


def _remove_identity_provider(state: MemoryState, change: c.RemoveIdentityProvider) -> None:
    kept = state.identity_providers.get(change.id)
    linked = any(link.idp == change.id for link in state.links.values())
    _must(kept is not None and kept.version == change.version and not linked, change.guard)
    del state.identity_providers[change.id]


def _require_application(state: MemoryState, change: c.RequireApplication) -> None:
    application = state.applications.get(change.id)
    holds = application is not None and application.enabled and application.version == change.version
    _must(holds, change.guard)


def _add_application(state: MemoryState, change: c.AddApplication) -> None:
    _must(change.application.id not in state.applications, change.guard)
    state.applications[change.application.id] = change.application


def _save_application(state: MemoryState, change: c.SaveApplication) -> None:
    kept = state.applications.get(change.application.id)
    _must(kept is not None and kept.version == change.application.version - 1, change.guard)
    state.applications[change.application.id] = change.application


def _remove_application(state: MemoryState, change: c.RemoveApplication) -> None:
    kept = state.applications.get(change.id)
    _must(kept is not None and kept.version == change.version, change.guard)
    del state.applications[change.id]
    state.codes = {k: code for k, code in state.codes.items() if code.request.application != change.id}
    state.families = {k: family for k, family in state.families.items() if family.application != change.id}


def _add_role(state: MemoryState, change: c.AddRole) -> None:
    state.roles[change.name] = None


def _remove_role(state: MemoryState, change: c.RemoveRole) -> None:
    held = any(grant.name == change.name for user in state.users.values() for grant in user.roles)
    _must(change.name in state.roles and not held, change.guard)
    del state.roles[change.name]


def _add_signing_key(state: MemoryState, change: c.AddSigningKey) -> None:
    _must(change.key.kid not in state.signing_keys, change.guard)
    state.signing_keys[change.key.kid] = change.key


def _retire_signing_key(state: MemoryState, change: c.RetireSigningKey) -> None:
    key = state.signing_keys.get(change.kid)
    if key is not None:
        state.signing_keys[change.kid] = replace(key, retired=change.retired, expires=change.expires)


def _add_setup_link(state: MemoryState, change: c.AddSetupLink) -> None:
    state.setup_links = {change.link.token_hash: change.link}


def _spend_setup_link(state: MemoryState, change: c.SpendSetupLink) -> None:
    link = state.setup_links.get(change.token_hash)
    _must(link is not None and link.expires > change.at, change.guard)
    del state.setup_links[change.token_hash]


# ── records of what happened ────────────────────────────────────────────────────────────────────────


def _record_outcome(state: MemoryState, change: c.RecordOutcome) -> None:
    state.outcomes.append(change.outcome)


def _record_event(state: MemoryState, change: c.RecordEvent) -> None:
    state.events.append(change.event)


CHANGES: dict[type[Any], Callable[[MemoryState, Any], None]] = {
    c.RequireIdentityProvider: _require_identity_provider,
    c.RequireApplication: _require_application,
    c.RequireUser: _require_user,
    c.RequireSession: _require_session,
    c.AddUser: _add_user,
    c.ChangeUser: _change_user,
    c.SetUserState: _set_user_state,
    c.SetPassword: _set_password,
    c.RehashPassword: _rehash_password,
    c.RemoveUser: _remove_user,
    c.AddAccountLink: _add_account_link,
    c.RemoveAccountLink: _remove_account_link,
    c.AddSignIn: _add_sign_in,
    c.SaveSignIn: _save_sign_in,
    c.AddSession: _add_session,
    c.TouchSession: _touch_session,
    c.EndSession: _end_session,
    c.EndSessionsOfUser: _end_sessions_of_user,
    c.EndUpstreamSessions: _end_upstream_sessions,
    c.AddCode: _add_code,
    c.RedeemCode: _redeem_code,
    c.AddTokenFamily: _add_token_family,
    c.RotateRefreshToken: _rotate_refresh_token,
    c.RevokeTokenFamily: _revoke_token_family,
    c.SpendOnce: _spend_once,
    c.AddIdentityProvider: _add_identity_provider,
    c.SaveIdentityProvider: _save_identity_provider,
    c.RemoveIdentityProvider: _remove_identity_provider,
    c.AddApplication: _add_application,
    c.SaveApplication: _save_application,
    c.RemoveApplication: _remove_application,
    c.AddRole: _add_role,
    c.RemoveRole: _remove_role,
    c.AddSigningKey: _add_signing_key,
    c.RetireSigningKey: _retire_signing_key,
    c.AddSetupLink: _add_setup_link,
    c.SpendSetupLink: _spend_setup_link,
    c.RecordOutcome: _record_outcome,
    c.RecordEvent: _record_event,
}
"""Every change, and what it does; a test holds the table against the union ``Change``."""
