"""Memory changes of second factors, of guesses, of locks on social identities, and of providers' removals."""

from dataclasses import replace
from typing import Any

from jitney.errors import Conflict, InvalidInput
from jitney.model import changes as c
from jitney.testing.memory_state import CarryOut, MemoryState, must

_LONGEST_VALUE = 1024


def _add_factor(state: MemoryState, change: c.AddFactor) -> None:
    new = change.factor
    slots = {(each.user_id, each.slot) for each in state.factors.values()}
    must(new.id not in state.factors and (new.user_id, new.slot) not in slots, change.guard)
    state.factors[new.id] = new


def _use_factor(state: MemoryState, change: c.UseFactor) -> None:
    kept = state.factors.get(change.id)
    if kept is None or not (
        kept.counter < change.counter or (change.may_stay and kept.counter == change.counter)
    ):
        raise Conflict("conflict", "This was changed by somebody else meanwhile.", what=change.guard)
    state.factors[change.id] = replace(kept, counter=change.counter, last_used=change.at)


def _remove_factor(state: MemoryState, change: c.RemoveFactor) -> None:
    kept = state.factors.get(change.id)
    must(kept is not None and kept.user_id == change.user_id, change.guard)
    del state.factors[change.id]


def _replace_recovery_codes(state: MemoryState, change: c.ReplaceRecoveryCodes) -> None:
    state.recovery_codes = {
        key: made for key, made in state.recovery_codes.items() if key[0] != change.user_id
    } | {(change.user_id, each): change.at for each in change.hashes}


def _spend_recovery_code(state: MemoryState, change: c.SpendRecoveryCode) -> None:
    must((change.user_id, change.hash) in state.recovery_codes, change.guard)
    del state.recovery_codes[change.user_id, change.hash]


def _save_challenge(state: MemoryState, change: c.SaveFactorChallenge) -> None:
    new = change.challenge
    key = (new.bound_to, new.wanted_for, new.kind)
    kept = state.factor_challenges.get(key)
    must((kept.version if kept else 0) == new.version - 1, change.guard)
    state.factor_challenges[key] = new


def _spend_challenge(state: MemoryState, change: c.SpendFactorChallenge) -> None:
    key = (change.bound_to, change.wanted_for, change.kind)
    kept = state.factor_challenges.get(key)
    must(kept is not None and kept.version == change.version, change.guard)
    del state.factor_challenges[key]


def _save_attempts(state: MemoryState, change: c.SaveAttempts) -> None:
    new = change.attempts
    kept = state.attempts.get((new.key, new.kind))
    must((kept.version if kept else 0) == new.version - 1, change.guard)
    state.attempts[new.key, new.kind] = new


def _save_identity_lock(state: MemoryState, change: c.SaveIdentityLock) -> None:
    new = change.lock
    if len(new.value.encode(errors="replace")) > _LONGEST_VALUE:
        raise InvalidInput("subject_too_long", "The identifier of this person is too long to be kept.")
    state.identity_locks[new.idp, new.locked_by, new.value] = new


def _remove_identity_lock(state: MemoryState, change: c.RemoveIdentityLock) -> None:
    state.identity_locks.pop((change.idp, change.locked_by, change.value), None)


def _add_removal(state: MemoryState, change: c.AddProviderRemoval) -> None:
    new = change.removal
    idps = {each.idp for each in state.provider_removals.values()}
    must(new.id not in state.provider_removals and new.idp not in idps, change.guard)
    state.provider_removals[new.id] = new


def _save_removal(state: MemoryState, change: c.SaveProviderRemoval) -> None:
    kept = state.provider_removals.get(change.removal.id)
    must(kept is not None and kept.version == change.removal.version - 1, change.guard)
    state.provider_removals[change.removal.id] = change.removal


CHANGES: dict[type[Any], CarryOut] = {
    c.AddFactor: _add_factor,
    c.UseFactor: _use_factor,
    c.RemoveFactor: _remove_factor,
    c.ReplaceRecoveryCodes: _replace_recovery_codes,
    c.SpendRecoveryCode: _spend_recovery_code,
    c.SaveFactorChallenge: _save_challenge,
    c.SpendFactorChallenge: _spend_challenge,
    c.SaveAttempts: _save_attempts,
    c.SaveIdentityLock: _save_identity_lock,
    c.RemoveIdentityLock: _remove_identity_lock,
    c.AddProviderRemoval: _add_removal,
    c.SaveProviderRemoval: _save_removal,
}
