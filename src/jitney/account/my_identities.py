"""The federated identities that open one's own account, and how one of them is taken away."""

from collections.abc import Sequence
from dataclasses import dataclass

from jitney.account.my_sessions import ending_all_but_this
from jitney.account.own_trail import OwnTrail
from jitney.errors import NotAllowed, NotFound
from jitney.model.account_link import AccountLink
from jitney.model.audit_event import Action
from jitney.model.changes import (
    Change,
    ChangeUser,
    EndSessionsOfUser,
    RemoveAccountLink,
    RequireAccountLink,
    RequireIdentityProvider,
)
from jitney.model.identity_provider import IdentityProvider
from jitney.model.myself import Myself
from jitney.model.secret_hash import hash_secret
from jitney.model.session import Session
from jitney.model.user import UserChanges
from jitney.ports import AccountLinks, Clock, IdentityProviders, UnitOfWork


@dataclass(frozen=True, slots=True)
class MyIdentity:
    """A link of one's own: ``provider`` is ``None`` where it is gone, ``is_only_way`` says that it must stay.

    ``key`` names the link in a form, for its owner alone, and tells nothing of the subject.
    ``opened_this``: the present session came through it.
    """

    key: str
    link: AccountLink
    provider: IdentityProvider | None
    is_only_way: bool
    opened_this: bool

    @property
    def opens(self) -> bool:
        """Say whether somebody can come in through it now."""
        return self.provider is not None and self.provider.enabled


@dataclass(frozen=True, slots=True)
class MyIdentities:
    """What a person may do with the ways into their account."""

    account_links: AccountLinks
    identity_providers: IdentityProviders
    work: UnitOfWork
    trail: OwnTrail
    clock: Clock

    async def of(self, me: Myself) -> Sequence[MyIdentity]:
        """List the links, the oldest first."""
        links = sorted(await self.account_links.of_user(me.id), key=lambda one: one.created)
        providers = {idp: await self.identity_providers.find(idp) for idp in {one.idp for one in links}}
        opening = [one for one in links if (idp := providers[one.idp]) is not None and idp.enabled]
        return [
            MyIdentity(
                key=hash_secret(f"{link.idp} {link.subject}"),
                link=link,
                provider=providers[link.idp],
                is_only_way=not me.user.has_password and not [one for one in opening if one != link],
                opened_this=_came_through(me.session, link),
            )
            for link in links
        ]

    async def unlink(self, me: Myself, key: str) -> bool:
        """Let an identity open this account no longer; say whether the present session has ended with it.

        Every other session ends too, with its tokens: whoever came in through that identity is out (R-084).
        The attack: somebody finds a browser open and shuts its owner out of their own account; so the sign-in must
        be fresh, and one way in stays.
        Raises ``NotAllowed`` (``sign_in_not_recent``, ``second_factor_not_recent``, ``only_way_to_sign_in``),
        ``NotFound`` (``account_link_not_found``) and ``Conflict``.
        """
        now = self.clock.now()
        me.check_fresh(now)
        identities = await self.of(me)
        taken = _find(identities, key)
        if taken.is_only_way:
            raise NotAllowed("only_way_to_sign_in", "This is the only way in which you can sign in.")
        ending = (EndSessionsOfUser(me.id, now),) if taken.opened_this else ending_all_but_this(me, now)
        provider = taken.provider.name if taken.provider else taken.link.idp
        await self.work.commit(
            *me.holding(now),
            *_still_leaves_a_way(me, [one for one in identities if one != taken and one.opens]),
            RemoveAccountLink(taken.link),
            *ending,
            self.trail.record(me, Action.ACCOUNT_UNLINKED, idp=provider),
        )
        return taken.opened_this

    async def get(self, me: Myself, key: str) -> MyIdentity:
        """Return the link that a form names; raises ``NotFound`` for another person's as for none (R-111)."""
        return _find(await self.of(me), key)


def _find(identities: Sequence[MyIdentity], key: str) -> MyIdentity:
    found = next((one for one in identities if one.key == key), None)
    if found is None:
        raise NotFound("account_link_not_found", "This identity does not open this account.")
    return found


def _still_leaves_a_way(me: Myself, others: Sequence[MyIdentity]) -> tuple[Change, ...]:
    """Hold on, inside the commit, to what makes this not the last way in.

    The attack on oneself: two links are taken away at the same moment, each of which counts on the other.
    The user's version grows, so that of two such commits one looks again; a password that is taken away
    meanwhile has grown it, too.
    """
    kept: list[Change] = []
    for one in others[:1]:
        if one.provider is not None:
            kept.append(RequireIdentityProvider(one.provider.id, one.provider.version))
            kept.append(RequireAccountLink(one.link.idp, one.link.subject, one.link.user_id))
    return (*kept, ChangeUser(me.id, me.user.version, UserChanges()))


def _came_through(session: Session, link: AccountLink) -> bool:
    return session.idp == link.idp and session.subject == link.subject
