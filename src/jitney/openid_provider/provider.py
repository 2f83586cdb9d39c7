"""The verbs of this room, and how they hang together."""

from dataclasses import dataclass
from typing import Self

from jitney.locked_identities import LockedIdentities
from jitney.openid_provider.authorization import Authorization
from jitney.openid_provider.client_authentication import ClientAuthenticator
from jitney.openid_provider.end_session import EndSession
from jitney.openid_provider.exchange import Exchange
from jitney.openid_provider.known_tokens import KnownTokens
from jitney.openid_provider.people import People
from jitney.openid_provider.refresh_tokens import RefreshTokens
from jitney.openid_provider.signing_keys import KeyRing
from jitney.openid_provider.subjects import Subjects
from jitney.openid_provider.tokens import TokenMint
from jitney.openid_provider.userinfo import UserInfo
from jitney.ports import (
    Applications,
    Clock,
    Entropy,
    Grants,
    IdentityProviders,
    Sessions,
    SigningKeys,
    UnitOfWork,
    UserStores,
)


@dataclass(frozen=True, slots=True)
class Sockets:
    """The ports that this room needs."""

    applications: Applications
    identity_providers: IdentityProviders
    user_stores: UserStores
    locked: LockedIdentities
    grants: Grants
    sessions: Sessions
    signing_keys: SigningKeys
    work: UnitOfWork
    clock: Clock
    entropy: Entropy


@dataclass(frozen=True, slots=True)
class OpenIDProvider:
    """Everything that the OpenID endpoints call; ``issuer`` is our public address without a slash at its end."""

    issuer: str
    keys: KeyRing
    authorization: Authorization
    clients: ClientAuthenticator
    exchange: Exchange
    known_tokens: KnownTokens
    user_info: UserInfo
    end_session: EndSession

    @classmethod
    def of(cls, sockets: Sockets, *, issuer: str, subject_key: bytes, refresh_key: bytes) -> Self:
        """Return the verbs over these ports; both keys have 32 octets or more and stay the same for good."""
        work, clock, entropy = sockets.work, sockets.clock, sockets.entropy
        applications, grants = sockets.applications, sockets.grants
        keys = KeyRing(sockets.signing_keys, work, clock=clock, entropy=entropy)
        subjects, refresh_tokens = Subjects(subject_key), RefreshTokens(refresh_key)
        people = People(sockets.user_stores, sockets.identity_providers, sockets.locked)
        mint = TokenMint(issuer, subjects, clock, entropy)
        return cls(
            issuer=issuer,
            keys=keys,
            authorization=Authorization(issuer, applications, keys, work, subjects, clock, entropy),
            clients=ClientAuthenticator(issuer, applications, work, clock),
            exchange=Exchange(grants, work, people, keys, mint, refresh_tokens, clock, entropy),
            known_tokens=KnownTokens(
                grants, work, people, keys, mint, subjects, refresh_tokens, clock, entropy
            ),
            user_info=UserInfo(applications, grants, people, keys, mint, subjects, clock),
            end_session=EndSession(issuer, applications, sockets.sessions, keys, work, clock, entropy),
        )
