"""What an application may know about the person whose access token it holds (OIDC Core 5.3)."""

from collections.abc import Mapping
from dataclasses import dataclass

from jitney.errors import InvalidInput, NotAllowed
from jitney.openid_provider.known_tokens import check_in_force
from jitney.openid_provider.people import People
from jitney.openid_provider.released_claims import names_allowed, names_for_scopes, released_claims
from jitney.openid_provider.signing_keys import KeyRing
from jitney.openid_provider.subjects import Subjects
from jitney.openid_provider.tokens import TokenMint
from jitney.ports import Applications, Clock, Grants


@dataclass(frozen=True, slots=True)
class UserInfo:
    """Answers with the person as they are now, not as they were when the token was made."""

    applications: Applications
    grants: Grants
    people: People
    keys: KeyRing
    mint: TokenMint
    subjects: Subjects
    clock: Clock

    async def tell(self, unverified_token: str) -> Mapping[str, object]:
        """Return the claims that the token's scopes and the ``claims`` parameter allow, and always ``sub``.

        Raises ``InvalidInput`` for a token that is not one; ``Expired`` ``tokens_revoked``; ``NotAllowed``
        ``userinfo_scope_missing`` and what ``People.get`` raises.
        """
        now = self.clock.now()
        facts = self.mint.verify_access_token(unverified_token, keys=await self.keys.current())
        if "openid" not in facts.scopes:
            raise NotAllowed("userinfo_scope_missing", "The token is not meant for this.")
        family = await self.grants.find_family(facts.family)
        application = await self.applications.find(facts.application)
        if family is None or application is None or not application.enabled:
            raise InvalidInput("token_unknown", "The token is not valid.")
        check_in_force(family, now)
        person = await self.people.get(family.authentication, now)
        scopes = [scope for scope in facts.scopes if scope in application.scopes]
        wanted = names_allowed(family.claims.get("userinfo", ()), registered_scopes=application.scopes)
        names = dict.fromkeys((*names_for_scopes(scopes), *wanted))
        # ``sub`` is written last, so that nothing else can stand in its place.
        return released_claims(person, names) | {
            "sub": self.subjects.name(family.authentication.person, application)
        }
