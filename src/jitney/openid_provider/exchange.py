"""Redeem codes and refresh tokens."""

import hmac
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from jitney.errors import Conflict, Expired, InvalidInput, NotAllowed
from jitney.model.application import Application
from jitney.model.audit_event import Action, AuditEvent
from jitney.model.changes import (
    AddTokenFamily,
    RecordEvent,
    RedeemCode,
    RequireApplication,
    RequireSession,
    RevokeTokenFamily,
    RotateRefreshToken,
    SpendOnce,
)
from jitney.model.grant import Code, TokenFamily, TokenSet
from jitney.model.secret_hash import hash_secret
from jitney.openid_provider.client_authentication import ProvenApplication
from jitney.openid_provider.grant_checks import check_code, check_family, narrowed
from jitney.openid_provider.people import People, still_served
from jitney.openid_provider.refresh_tokens import RefreshTokens, refresh_token_unknown
from jitney.openid_provider.signing_keys import KeyRing
from jitney.openid_provider.tokens import ACCESS_TOKEN_SECONDS, TokenMint
from jitney.ports import Clock, Entropy, Grants, UnitOfWork

RETRY_TIME: Final = timedelta(seconds=10)
"""How long the token before the one in force may be repeated, once, when its answer was lost (P-6)."""


@dataclass(frozen=True, slots=True)
class Exchange:
    """What an application gets for a code or for a refresh token."""

    grants: Grants
    work: UnitOfWork
    people: People
    keys: KeyRing
    mint: TokenMint
    refresh_tokens: RefreshTokens
    clock: Clock
    entropy: Entropy

    # ── a code ──────────────────────────────────────────────────────────────────────────────────────

    async def redeem(self, form: Mapping[str, str], client: ProvenApplication) -> TokenSet:
        """Spend a code (RFC 6749 section 4.1.3): ``code``, ``redirect_uri`` and ``code_verifier`` of the form.

        The code is spent, durably, before any token exists (R-020); a second redemption revokes everything
        that came of the first (R-081).
        Raises ``InvalidInput`` ``code_…`` or ``pkce_…``, ``Expired`` ``code_expired``, ``session_ended``, and
        what ``People.get`` raises.
        """
        now, application = self.clock.now(), client.application
        code = await self.grants.find_code(hash_secret(_need(form, "code")))
        if code is None:
            raise _code_unknown()
        if code.redeemed is not None:
            await self._revoke_replayed(code.family, now, application)
            raise _code_used()
        check_code(code, form, application, now)
        person = await self.people.get(code.authentication, now)
        keys = await self.keys.current()
        family, refresh_token = self._new_family(code, application, now)
        try:
            await self.work.commit(
                RedeemCode(code.hash, now),
                RequireSession(code.authentication.session),
                RequireApplication(application.id),
                *still_served(code.authentication, now),
                AddTokenFamily(family),
            )
        except Conflict as fault:
            await self._lost(fault, code, application)
        return self.mint.issue(
            family,
            person,
            application=application,
            keys=keys,
            scopes=family.scopes,
            refresh_token=refresh_token,
        )

    async def _lost(self, fault: Conflict, code: Code, application: Application) -> None:
        """Say why the code could not be spent; raises always."""
        if fault.what == RequireSession.guard:
            raise Expired("session_ended", "The sign-in behind this code has ended.") from fault
        if fault.what not in (RedeemCode.guard, AddTokenFamily.guard):
            raise NotAllowed("state_changed", "This sign-in is not accepted any more.") from fault
        found = await self.grants.find_code(code.hash)
        if found is None or found.redeemed is None:
            raise Expired("code_expired", "The code has expired.") from fault
        await self._revoke_replayed(code.family, self.clock.now(), application)
        raise _code_used() from fault

    def _new_family(
        self, code: Code, application: Application, now: datetime
    ) -> tuple[TokenFamily, str | None]:
        request = code.request
        scopes = tuple(scope for scope in request.scopes if scope in application.scopes)
        refreshable = "offline_access" in scopes
        seconds = application.refresh_token_seconds if refreshable else ACCESS_TOKEN_SECONDS
        token = self.refresh_tokens.derive(code.family, 1) if refreshable else None
        family = TokenFamily(
            id=code.family,
            application=application.id,
            scopes=scopes,
            authentication=code.authentication,
            claims=request.claims,
            nonce=request.nonce,
            issued=now,
            expires=now + timedelta(seconds=seconds),
            refreshable=refreshable,
            current_hash=hash_secret(token) if token is not None else None,
            generation=1 if refreshable else 0,
        )
        return family, token

    # ── a refresh token ─────────────────────────────────────────────────────────────────────────────

    async def refresh(self, form: Mapping[str, str], client: ProvenApplication) -> TokenSet:
        """Rotate a refresh token (RFC 6749 section 6): ``refresh_token`` and ``scope`` of the form.

        Raises ``InvalidInput`` ``refresh_token_unknown``, ``refresh_token_replayed``, ``scope_grows``; ``Expired``
        ``refresh_token_expired``, ``refresh_token_revoked``; and what ``People.get`` raises.
        """
        token = _need(form, "refresh_token")
        try:
            return await self._refresh_once(token, form.get("scope"), client.application)
        except Conflict:
            # Somebody rotated the family between our look and our commit: look once more, and judge by that.
            try:
                return await self._refresh_once(token, form.get("scope"), client.application)
            except Conflict as fault:
                raise NotAllowed("state_changed", "This sign-in is not accepted any more.") from fault

    async def _refresh_once(self, token: str, scope: str | None, application: Application) -> TokenSet:
        now = self.clock.now()
        presented = self.refresh_tokens.parse(token)
        family = await self.grants.find_family(presented.family)
        if family is None or family.application != application.id:
            raise refresh_token_unknown()
        check_family(family, application, now)
        scopes = narrowed(scope, family, application)
        person = await self.people.get(family.authentication, now)
        keys = await self.keys.current()
        rotated = await self._rotate(token, family, application, is_ours=presented.is_ours)
        return self.mint.issue(
            rotated,
            person,
            application=application,
            keys=keys,
            scopes=scopes,
            refresh_token=self.refresh_tokens.derive(rotated.id, rotated.generation),
        )

    async def _rotate(
        self, token: str, family: TokenFamily, application: Application, *, is_ours: bool
    ) -> TokenFamily:  # fmt: skip
        """Return the family after the token was spent, or as it is where a lost answer is repeated (P-6)."""
        now, presented_hash = self.clock.now(), hash_secret(token)
        guards = (
            RequireApplication(application.id),
            *still_served(family.authentication, now),
        )
        if _same(presented_hash, family.current_hash):
            rotated = self._next_generation(family, now)
            await self.work.commit(RotateRefreshToken(rotated), *guards)
            return rotated
        if _same(presented_hash, family.previous_hash) and _is_just_rotated(family, now):
            repeat = SpendOnce("refresh_repeat", f"{family.id}.{family.generation}", now + timedelta(hours=1))
            try:
                await self.work.commit(repeat, *guards)
            except Conflict as fault:
                if fault.what != SpendOnce.guard:
                    raise
            else:
                return family
        if not is_ours:
            raise refresh_token_unknown()
        await self._revoke_replayed(family.id, now, application)
        raise InvalidInput("refresh_token_replayed", "The refresh token is not valid.")

    def _next_generation(self, family: TokenFamily, now: datetime) -> TokenFamily:
        generation = family.generation + 1
        return replace(
            family,
            generation=generation,
            current_hash=hash_secret(self.refresh_tokens.derive(family.id, generation)),
            previous_hash=family.current_hash,
            rotated=now,
        )

    async def _revoke_replayed(self, family_id: str, now: datetime, application: Application) -> None:
        """Revoke a family whose code or token came twice: one of the two who hold it has stolen it."""
        event = AuditEvent(
            self.entropy.id(), now, Action.TOKENS_REVOKED, f"application:{application.id}",
            f"token_family:{family_id}", about={"why": "replay"},
        )  # fmt: skip
        await self.work.commit(RevokeTokenFamily(family_id, now), RecordEvent(event))


def _is_just_rotated(family: TokenFamily, now: datetime) -> bool:
    return family.rotated is not None and abs(now - family.rotated) <= RETRY_TIME


def _same(presented_hash: str, kept_hash: str | None) -> bool:
    return kept_hash is not None and hmac.compare_digest(presented_hash, kept_hash)


def _need(form: Mapping[str, str], name: str) -> str:
    value = form.get(name)
    if value is None:
        raise InvalidInput("parameter_missing", f"The parameter {name} is missing.", parameter=name)
    return value


def _code_unknown() -> InvalidInput:
    return InvalidInput("code_unknown", "The code is not valid.")


def _code_used() -> InvalidInput:
    return InvalidInput("code_replayed", "The code is not valid.")
