"""Memory changes of journeys, sessions, codes and tokens."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any

from jitney.errors import Conflict
from jitney.model import changes as c
from jitney.model.grant import Authentication
from jitney.testing.memory_state import CarryOut, MemoryState, must, user_of

_MOST_PER_BROWSER = 10


def _add_sign_in(state: MemoryState, change: c.AddSignIn) -> None:
    new = change.sign_in
    must(new.handle_hash not in state.sign_ins, change.guard)
    others = [s for s in state.sign_ins.values() if s.browser_hash == new.browser_hash]
    others.sort(key=lambda each: (each.created, each.handle_hash), reverse=True)
    for older in others[_MOST_PER_BROWSER - 1 :]:
        del state.sign_ins[older.handle_hash]
    state.sign_ins[new.handle_hash] = new


def _save_sign_in(state: MemoryState, change: c.SaveSignIn) -> None:
    kept = state.sign_ins.get(change.sign_in.handle_hash)
    must(kept is not None and kept.version == change.sign_in.version - 1, change.guard)
    state.sign_ins[change.sign_in.handle_hash] = change.sign_in


def _require_session(state: MemoryState, change: c.RequireSession) -> None:
    must(change.id_hash in state.sessions, change.guard)


def _add_session(state: MemoryState, change: c.AddSession) -> None:
    must(change.session.id_hash not in state.sessions, change.guard)
    state.sessions[change.session.id_hash] = change.session


def _touch_session(state: MemoryState, change: c.TouchSession) -> None:
    session = state.sessions.get(change.id_hash)
    if session is not None and session.last_seen < change.last_seen:
        state.sessions[change.id_hash] = replace(session, last_seen=change.last_seen)


def _end_session(state: MemoryState, change: c.EndSession) -> None:
    state.sessions.pop(change.id_hash, None)
    _end_issued(state, lambda by: by.session == change.id_hash, change.at)


def _end_sessions_of_user(state: MemoryState, change: c.EndSessionsOfUser) -> None:
    state.sessions = {k: s for k, s in state.sessions.items() if user_of(s) != change.user_id}
    _end_issued(state, lambda by: user_of(by) == change.user_id, change.at)


def _end_upstream_sessions(state: MemoryState, change: c.EndUpstreamSessions) -> None:
    if change.subject is None and change.upstream_session is None and change.upstream_name is None:
        return
    ended = {
        key
        for key, session in state.sessions.items()
        if session.idp == change.idp
        and change.subject in (None, session.subject)
        and change.upstream_session in (None, session.upstream_session)
        and change.upstream_name in (None, session.upstream_name)
    }
    state.sessions = {key: session for key, session in state.sessions.items() if key not in ended}
    _end_issued(state, lambda by: by.session in ended, change.at)


def _end_sessions_of_provider(state: MemoryState, change: c.EndSessionsOfProvider) -> None:
    state.sessions = {key: each for key, each in state.sessions.items() if each.idp != change.idp}
    _end_issued(state, lambda by: by.idp == change.idp, change.at)


def _end_issued(state: MemoryState, under: Callable[[Authentication], bool], at: datetime) -> None:
    """Drop the unredeemed codes and revoke the token families that were issued under ended sessions."""
    state.codes = {
        k: x for k, x in state.codes.items() if x.redeemed is not None or not under(x.authentication)
    }
    for key, family in state.families.items():
        if family.revoked is None and under(family.authentication):
            state.families[key] = replace(family, revoked=at)


def _add_logout_trip(state: MemoryState, change: c.AddLogoutTrip) -> None:
    must(change.trip.state_hash not in state.logout_trips, c.EndLogoutTrip.guard)
    state.logout_trips[change.trip.state_hash] = change.trip


def _end_logout_trip(state: MemoryState, change: c.EndLogoutTrip) -> None:
    must(change.state_hash in state.logout_trips, change.guard)
    del state.logout_trips[change.state_hash]


def _add_code(state: MemoryState, change: c.AddCode) -> None:
    must(change.code.hash not in state.codes, change.guard)
    state.codes[change.code.hash] = change.code


def _redeem_code(state: MemoryState, change: c.RedeemCode) -> None:
    code = state.codes.get(change.hash)
    if code is None or code.redeemed is not None or code.expires <= change.at:
        raise Conflict("conflict", "This was changed by somebody else meanwhile.", what=change.guard)
    state.codes[change.hash] = replace(code, redeemed=change.at)


def _add_token_family(state: MemoryState, change: c.AddTokenFamily) -> None:
    must(change.family.id not in state.families, change.guard)
    state.families[change.family.id] = change.family


def _rotate_refresh_token(state: MemoryState, change: c.RotateRefreshToken) -> None:
    kept = state.families.get(change.family.id)
    holds = kept is not None and kept.revoked is None and kept.generation == change.family.generation - 1
    must(holds, change.guard)
    state.families[change.family.id] = change.family


def _revoke_token_family(state: MemoryState, change: c.RevokeTokenFamily) -> None:
    family = state.families.get(change.id)
    if family is not None and family.revoked is None:
        state.families[change.id] = replace(family, revoked=change.at)


def _spend_once(state: MemoryState, change: c.SpendOnce) -> None:
    must((change.kind, change.id) not in state.spent, change.guard)
    state.spent[change.kind, change.id] = change.expires


CHANGES: dict[type[Any], CarryOut] = {
    c.AddSignIn: _add_sign_in,
    c.SaveSignIn: _save_sign_in,
    c.RequireSession: _require_session,
    c.AddSession: _add_session,
    c.TouchSession: _touch_session,
    c.EndSession: _end_session,
    c.EndSessionsOfUser: _end_sessions_of_user,
    c.EndUpstreamSessions: _end_upstream_sessions,
    c.EndSessionsOfProvider: _end_sessions_of_provider,
    c.AddLogoutTrip: _add_logout_trip,
    c.EndLogoutTrip: _end_logout_trip,
    c.AddCode: _add_code,
    c.RedeemCode: _redeem_code,
    c.AddTokenFamily: _add_token_family,
    c.RotateRefreshToken: _rotate_refresh_token,
    c.RevokeTokenFamily: _revoke_token_family,
    c.SpendOnce: _spend_once,
}
