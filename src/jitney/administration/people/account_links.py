"""Link an identity to a user who exists, and unlink it: what an operator does by hand (jit.md 6 c)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from jitney.administration.audit_trail import AuditTrail
from jitney.administration.operator import Operator, Right
from jitney.administration.operator_reach import check_may_shut_out, check_reach
from jitney.administration.operator_ways import OperatorWays, lets_operators_in
from jitney.administration.people.user_drafts import FederatedKey
from jitney.administration.people.user_finding import UserFinding
from jitney.administration.people.user_readiness import check_standing
from jitney.errors import Conflict, InvalidInput, Locked, NotAllowed, NotFound
from jitney.model.account_link import AccountLink, LinkedBy
from jitney.model.audit_event import Action
from jitney.model.changes import (
    AddAccountLink,
    AddMail,
    Change,
    ChangeUser,
    EndSessionsOfUser,
    RemoveAccountLink,
    RequireAccountLink,
    RequireIdentityProvider,
)
from jitney.model.identity_provider import IdentityProvider
from jitney.model.user import User, UserChanges, UserState
from jitney.operations.entries_of_users import recorded
from jitney.ports import AccountLinks, Clock, ConsentReceipts, Entropy, IdentityProviders, UnitOfWork
from jitney.provisioning.consent import withheld_by
from jitney.provisioning.link_notice import link_notice

_LONGEST_SUBJECT = 255


@dataclass(frozen=True, slots=True)
class AccountLinkAdministration:
    """What an operator may do with the ways into an account."""

    finding: UserFinding
    identity_providers: IdentityProviders
    account_links: AccountLinks
    receipts: ConsentReceipts
    work: UnitOfWork
    trail: AuditTrail
    clock: Clock
    entropy: Entropy
    ways: OperatorWays

    async def link(
        self, operator: Operator, reference: str, key: FederatedKey, *, privileged: bool = False
    ) -> AccountLink:
        """Let an identity open a user; a link that is there already stays as it is.

        The user's earlier sessions and tokens end in the same commit (R-011), and a letter goes to the stored
        verified address.
        What the person once declined or withdrew is withheld from the new link too (R-036).
        Raises ``NotFound``; ``InvalidInput`` (``subject_invalid``); ``Conflict`` (``account_link_taken``);
        ``Locked`` (``user_locked``, ``user_disabled``, ``user_pending``, ``user_leaving``); ``NotAllowed``
        (``user_is_privileged``) for a user who administers, unless ``privileged`` says that it is meant; and
        ``UserStoreUnavailable``.
        """
        operator.need(Right.ADMINISTER)
        user = await self.finding.get(reference)
        check_reach(operator, user)
        idp = await self._idp(key.idp_name)
        present = await self._find(idp, key.subject)
        if present is not None and present.user_id != user.id:
            raise Conflict("account_link_taken", "This identity opens another user.", what="account_link")
        if present is not None:
            return present
        _check_usable(user, self.clock.now())
        _check_privilege(user, meant=privileged)
        link = await self._new(user, idp, key.subject)
        about = {"idp": idp.name, "linked_by": LinkedBy.OPERATOR.value}
        event = self.trail.record(operator, Action.ACCOUNT_LINKED, f"user:{user.id}", **about)
        now = link.created
        await self.work.commit(
            *_held(user, now),
            AddAccountLink(link),
            EndSessionsOfUser(user.id, now),
            *self._notice(user, idp, now),
            event,
        )
        return link

    async def unlink(
        self, operator: Operator, reference: str, key: FederatedKey, *, forced: bool = False
    ) -> None:
        """Let an identity open a user no longer, and end the user's sessions and tokens (R-084).

        Raises ``NotFound`` (``account_link_not_found``), and ``NotAllowed`` (``last_way_to_sign_in``) where the
        user has no password and no other link to a provider that lets them in, unless ``forced``;
        ``operator_outranks_you``, and, forced or not, ``operator_may_not_lock_out_themselves`` for an operator's
        own last way, and ``operators_all_shut_out`` for that of all who administer.
        """
        operator.need(Right.HELP)
        user = await self.finding.get(reference)
        check_reach(operator, user)
        idp = await self._idp(key.idp_name)
        link = await self._find(idp, key.subject)
        if link is None or link.user_id != user.id:
            raise NotFound("account_link_not_found", "This identity does not open this user.")
        others = await self._open_beside(link, user)
        now, held = self.clock.now(), tuple[Change, ...]()
        if not (others or user.has_password):
            check_may_shut_out(operator, user)
            _check_meant(forced=forced)
            held = await self.ways.holding(operator, user)
        event = self.trail.record(operator, Action.ACCOUNT_UNLINKED, f"user:{user.id}", idp=idp.name)
        await self.work.commit(
            *held,
            *_still_leaves_a_way(user, others),
            RemoveAccountLink(link),
            EndSessionsOfUser(user.id, now),
            event,
        )

    async def _open_beside(
        self, link: AccountLink, user: User
    ) -> Sequence[tuple[AccountLink, IdentityProvider]]:
        """Return the user's other links whose providers let them in, with these; to the console where they operate.

        The accident: the provider of the other link is switched off, and nobody notices that nothing is left.
        """
        found: list[tuple[AccountLink, IdentityProvider]] = []
        for one in await self.account_links.of_user(user.id):
            idp = await self.identity_providers.find(one.idp) if one != link else None
            if idp is not None and (lets_operators_in(idp) if user.is_operator else idp.enabled):
                found.append((one, idp))
        return found

    async def _idp(self, name: str) -> IdentityProvider:
        idp = await self.identity_providers.find_by_name(name)
        if idp is None:
            raise NotFound("identity_provider_not_found", "There is no such identity provider.", name=name)
        return idp

    async def _find(self, idp: IdentityProvider, subject: str) -> AccountLink | None:
        if not subject.strip() or len(subject) > _LONGEST_SUBJECT or "\0" in subject:
            raise InvalidInput("subject_invalid", "A subject has 1 to 255 characters.")
        return await self.account_links.find(idp.id, subject)

    async def _new(self, user: User, idp: IdentityProvider, subject: str) -> AccountLink:
        links = await self.account_links.of_user(user.id)
        return AccountLink(
            idp=idp.id,
            subject=subject,
            user_id=user.id,
            domain=user.username.domain,
            created=self.clock.now(),
            linked_by=LinkedBy.OPERATOR,
            withheld=withheld_by(await self.receipts.of_user(user.id), links),
        )

    def _notice(self, user: User, idp: IdentityProvider, now: datetime) -> tuple[AddMail, ...]:
        mail = link_notice(user, idp.display_name, id=self.entropy.id(), now=now)
        return (AddMail(mail),) if mail else ()


def _held(user: User, now: datetime) -> tuple[Change, ...]:
    """Hold a user as it was looked at; who was only seen in a user store gets the record that a link needs.

    The version grows, so that whoever is just deleting the user for want of links looks again (R-034).
    """
    _, recording = recorded(user, now)
    return recording or (ChangeUser(user.id, user.version, UserChanges()),)


def _still_leaves_a_way(
    user: User, others: Sequence[tuple[AccountLink, IdentityProvider]]
) -> tuple[Change, ...]:
    """Hold on, inside the commit, to what makes this not the last way in.

    The attack on oneself: two links are removed at the same moment, each of which counts on the other.
    The user's version grows, so that of two such commits one looks again; a password that is taken away
    meanwhile has grown it, too.
    """
    kept = [
        change
        for one, idp in others[:1]
        for change in (
            RequireIdentityProvider(idp.id, idp.version),
            RequireAccountLink(one.idp, one.subject, one.user_id),
        )
    ]
    return (*kept, ChangeUser(user.id, user.version, UserChanges()))


def _check_usable(user: User, now: datetime) -> None:
    """Refuse to open a closed account from another side (R-006, R-048)."""
    if user.lock is not None and user.lock.is_in_force(now):
        raise Locked("user_locked", "The account is locked; unlock it first.")
    if user.state is UserState.DISABLED:
        raise Locked("user_disabled", "The account is disabled; enable it first.")
    check_standing(user)


def _check_meant(*, forced: bool) -> None:
    if not forced:
        raise NotAllowed("last_way_to_sign_in", "This is the only way in which the user can sign in.")


def _check_privilege(user: User, *, meant: bool) -> None:
    """Refuse to link a user who administers, unless the operator says that this is meant.

    The attack: whoever can sign in at the other provider under that subject, or administers that provider,
    holds the keys of this house from then on.
    """
    if user.is_operator and not meant:
        raise NotAllowed(
            "user_is_privileged", "This user administers Jitney. Say that the link is meant all the same."
        )
