"""What becomes of tokens that were given away: say whether they still hold, and revoke them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from jitney.errors import Expired, InvalidInput, JitneyError, NotAllowed, Overloaded, UserStoreUnavailable
from jitney.model.application import Application
from jitney.model.audit_event import Action, AuditEvent
from jitney.model.changes import RecordEvent, RevokeTokenFamily
from jitney.model.grant import TokenFamily
from jitney.model.secret_hash import hash_secret
from jitney.openid_provider.client_authentication import ProvenApplication
from jitney.openid_provider.people import People
from jitney.openid_provider.refresh_tokens import RefreshTokens, refresh_token_unknown
from jitney.openid_provider.signing_keys import KeyRing
from jitney.openid_provider.subjects import Subjects
from jitney.openid_provider.tokens import TokenMint
from jitney.ports import Clock, Entropy, Grants, UnitOfWork

INACTIVE: Mapping[str, object] = {"active": False}


@dataclass(frozen=True, slots=True)
class KnownTokens:
    """Introspection (RFC 7662) and revocation (RFC 7009) for the application that a token was given to."""

    grants: Grants
    work: UnitOfWork
    people: People
    keys: KeyRing
    mint: TokenMint
    subjects: Subjects
    refresh_tokens: RefreshTokens
    clock: Clock
    entropy: Entropy

    async def introspect(self, unverified_token: str, client: ProvenApplication) -> Mapping[str, object]:
        """Return what a token says, if it still holds and is this application's; else only ``active: false``.

        A token of another application looks like no token at all (R-088, RFC 7662 section 2.2).
        Raises ``UserStoreUnavailable`` and ``Overloaded``: not knowing is no answer.
        """
        application, now = client.application, self.clock.now()
        try:
            family, answer = await self._look(unverified_token, application)
            check_in_force(family, now)
            await self.people.get(family.authentication, now)
        except (UserStoreUnavailable, Overloaded):
            raise
        except JitneyError:
            return INACTIVE
        return {"active": True, **answer}

    async def revoke(self, unverified_token: str, client: ProvenApplication) -> None:
        """Revoke a refresh token, or an access token, with all that came of the same code.

        A token that we do not know counts as revoked (RFC 7009 section 2.2).
        Raises ``NotAllowed`` ``token_of_another_application``, and revokes nothing then.
        """
        try:
            family, _ = await self._look(unverified_token, client.application)
        except InvalidInput:
            return
        now = self.clock.now()
        event = AuditEvent(
            self.entropy.id(), now, Action.TOKENS_REVOKED, f"application:{client.application.id}",
            f"token_family:{family.id}", about={"why": "request"},
        )  # fmt: skip
        await self.work.commit(RevokeTokenFamily(family.id, now), RecordEvent(event))

    async def _look(
        self, unverified_token: str, application: Application
    ) -> tuple[TokenFamily, Mapping[str, object]]:  # fmt: skip
        """Return a token's family and what may be told of it, whichever kind of token it is."""
        if unverified_token.count(".") == 2:
            facts = self.mint.verify_access_token(unverified_token, keys=await self.keys.current())
            family = await self.grants.find_family(facts.family)
            answer = {name: value for name, value in facts.claims.items() if name != "family"}
            answer["token_type"] = "Bearer"
        else:
            presented = self.refresh_tokens.parse(unverified_token)
            family = await self.grants.find_family(presented.family)
            # In full length: what merely begins like a token is none.
            if family is None or hash_secret(unverified_token) != family.current_hash:
                raise refresh_token_unknown()
            answer = self._of_refresh_token(family, application)
        if family is None:
            raise refresh_token_unknown()
        if family.application != application.id:
            raise NotAllowed("token_of_another_application", "The token was given to another application.")
        return family, answer

    def _of_refresh_token(self, family: TokenFamily, application: Application) -> dict[str, object]:
        return {
            "iss": self.mint.issuer,
            "sub": self.subjects.name(family.authentication.person, application),
            "client_id": family.application,
            "scope": " ".join(family.scopes),
            "iat": int(family.issued.timestamp()),
            "exp": int(family.expires.timestamp()),
        }


def check_in_force(family: TokenFamily, now: datetime) -> None:
    """Refuse tokens of a family that was revoked or has ended: ``tokens_revoked``, ``tokens_expired`` (R-084)."""
    if family.revoked is not None:
        raise Expired("tokens_revoked", "The token is not valid.")
    if now >= family.expires:
        raise Expired("tokens_expired", "The token is not valid.")
