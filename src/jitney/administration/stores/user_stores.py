"""Add, try, edit, enable, disable and remove user stores; the settings' own PRIMARY is none of them."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, replace

from jitney.administration.audit_trail import AuditTrail
from jitney.administration.differences import changed_fields
from jitney.administration.operator import Operator, Right
from jitney.administration.operator_reach import check_keeps_own_store
from jitney.administration.operator_ways import Closing, OperatorWays, ShutOut
from jitney.administration.stores.known_accounts import KnownAccounts
from jitney.administration.stores.user_store_drafts import (
    as_edited,
    as_version,
    find_all_faults,
    find_all_warnings,
    switched,
)
from jitney.administration.stores.user_store_rules import StoreSurroundings, lacks_secret
from jitney.administration.stores.user_store_secrets import with_kept_secret, without_secret
from jitney.errors import Conflict, InvalidInput, NotAllowed, NotFound
from jitney.model.audit_event import Action
from jitney.model.changes import AddUserStore, Change, RemoveUserStore, SaveUserStore
from jitney.model.diagnosis import Diagnosis, Finding, Step
from jitney.model.policy import AsInUsername, FixedPlacement, Placement
from jitney.model.user_store_record import OwnDatabase, UserStoreRecord
from jitney.ports import Entropy, IdentityProviders, StoreTrial, UnitOfWork, UserStoreRecords

_WHOM_A_SECRET_OPENS = frozenset(
    {"connection.url", "connection.tls", "connection.bind_dn", "connection.ca_certificates"}
)


@dataclass(frozen=True, slots=True)
class SavedUserStore:
    """A user store as it is now kept, but for its secret, and what an operator should know about it."""

    record: UserStoreRecord
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DescribedUserStore:
    """A user store without its secret, and what rests on it.

    ``has_secret`` says whether there is one, ``accounts`` how many of its users are known here, and
    ``identity_providers`` names those that place people in it.
    """

    record: UserStoreRecord
    has_secret: bool
    accounts: int
    identity_providers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class UserStoreAdministration:
    """What an operator may do with the user stores beside PRIMARY; whoever may edit one may also test it."""

    records: UserStoreRecords
    identity_providers: IdentityProviders
    trial: StoreTrial
    accounts: KnownAccounts
    surroundings: StoreSurroundings
    work: UnitOfWork
    trail: AuditTrail
    entropy: Entropy
    ways: OperatorWays

    async def list(self, operator: Operator) -> Sequence[DescribedUserStore]:
        """List all, by domain."""
        operator.need(Right.SEE)
        return [await self._described(record) for record in await self.records.list()]

    async def get(self, operator: Operator, domain: str) -> UserStoreRecord:
        """Return the store of this domain without its secret; raises ``NotFound``."""
        operator.need(Right.SEE)
        return without_secret(await self._get(domain))

    async def describe(self, operator: Operator, domain: str) -> DescribedUserStore:
        """Return a store with what rests on it; raises ``NotFound``."""
        operator.need(Right.SEE)
        return await self._described(await self._get(domain))

    async def add(
        self, operator: Operator, wanted: UserStoreRecord, *, untested: bool = False
    ) -> SavedUserStore:
        """Add a store that can be reached; its id and version are ours to give.

        Unless ``untested`` the connection is tried first, and nothing is kept of a store that fails.
        Raises ``InvalidInput`` (``user_store_invalid``, with fields), ``Conflict`` (``user_store_domain_taken``),
        and ``NotAllowed`` (``user_store_trial_failed``) with the diagnosis in its details.
        """
        operator.need(Right.ADMINISTER)
        record = as_version(replace(wanted, id=self.entropy.id()), 1)
        warnings = self._check(record)
        domain = record.description.domain
        if await self.records.find(domain) is not None:
            raise Conflict(
                "user_store_domain_taken", "A user store of this domain exists.", what="user_store_domain"
            )
        if not untested and not (diagnosis := await self._diagnose(record)).is_good:
            raise NotAllowed(
                "user_store_trial_failed", "This user store cannot be used as it is.", diagnosis=diagnosis
            )
        about = {
            "domain": domain,
            "kind": type(record.connection).__name__,
            "untested": str(untested).lower(),
        }
        event = self.trail.record(operator, Action.USER_STORE_ADDED, _target(record), **about)
        await self.work.commit(AddUserStore(record), event)
        return SavedUserStore(without_secret(record), warnings)

    async def edit(
        self, operator: Operator, wanted: UserStoreRecord, *, version: int, same_people: bool = False
    ) -> SavedUserStore:
        """Replace the store of ``wanted``'s domain, if it still has ``version``; it is used so from now on.

        A secret that ``wanted`` leaves out stays as it is, unless another place or account would get it
        (R-044): then it is cleared, and the store must be given it anew or be disabled.
        Where nothing differs, nothing is written.
        ``same_people`` says that a new place holds the same people under the same ids.
        Raises what ``add`` raises, ``NotFound``, and ``Conflict`` (``user_store_changed``).
        """
        operator.need(Right.ADMINISTER)
        present = await self._get(wanted.description.domain)
        if present.version != version:
            raise Conflict(
                "user_store_changed", "The user store was changed meanwhile. Look again.",
                what="user_store", expected=version, found=present.version,
            )  # fmt: skip
        record = with_kept_secret(present, as_edited(present, wanted))
        fields = changed_fields(present, record)
        if not fields:
            warnings = find_all_warnings(present, self.surroundings)
            return SavedUserStore(without_secret(present), warnings)
        record = as_version(record, present.version + 1)
        accounts = await self.records.count_users(record.description.domain)
        warnings = self._check(record, present=present, accounts=accounts, same_people=same_people)
        about = {"fields": ", ".join(fields)}
        if accounts and _WHOM_A_SECRET_OPENS.intersection(fields):
            about |= {"risk": "high", "accounts": str(accounts)}
        closed = await self._closed(operator, present, enabled=record.description.enabled)
        await self._save(operator, record, about, closed.held)
        return SavedUserStore(without_secret(record), (*warnings, *closed.told))

    async def enable(self, operator: Operator, domain: str) -> SavedUserStore:
        """Let a store be used; raises ``NotFound``, and ``InvalidInput`` where it could not work."""
        operator.need(Right.ADMINISTER)
        return await self._switch(operator, await self._get(domain), enabled=True)

    async def disable(self, operator: Operator, domain: str) -> SavedUserStore:
        """Let a store be used no longer; its people cannot sign in, and nobody is placed there (R-048).

        The warnings name the identity providers that place people there.
        Raises ``NotFound``, and ``NotAllowed`` (``operator_may_not_lock_out_themselves``) for the store of the
        operator's own account, (``operators_all_shut_out``) where nobody who administers could sign in any more.
        """
        operator.need(Right.ADMINISTER)
        present = await self._get(domain)
        check_keeps_own_store(operator, present, await self.records.users_of_ids([operator.id]))
        closed = await self._closed(operator, present, enabled=False)
        saved = await self._switch(operator, present, enabled=False, holding=closed.held)
        told = await self._consequences(saved.record.description.domain)
        return replace(saved, warnings=(*closed.told, *told))

    async def shut_out_by(self, operator: Operator, domain: str) -> ShutOut:
        """Return which operators could sign in no more if this store were switched off.

        Raises ``NotFound``, and ``NotAllowed`` (``operator_may_not_lock_out_themselves``,
        ``operators_all_shut_out``).
        """
        operator.need(Right.ADMINISTER)
        return await self._closed(operator, await self._get(domain), enabled=False)

    async def test(self, operator: Operator, domain: str) -> Diagnosis:
        """Try a store as it is kept; raises ``NotFound``."""
        operator.need(Right.ADMINISTER)
        return await self._diagnose(await self._get(domain))

    async def test_draft(self, operator: Operator, wanted: UserStoreRecord) -> Diagnosis:
        """Try a store that is not kept, or not so; raises ``InvalidInput``.

        The stored secret of the same domain is used under the conditions of an edit: otherwise a test would be
        the way to have it sent somewhere else (R-044).
        """
        operator.need(Right.ADMINISTER)
        present = await self.records.find(wanted.description.domain)
        record = with_kept_secret(present, wanted) if present is not None else wanted
        record = switched(record, enabled=True)
        self._check(record, present=present)
        return await self._diagnose(record)

    async def forget_accounts(self, operator: Operator, domain: str) -> AsyncIterator[int]:
        """Forget the users of a store that is disabled and that no policy names; see ``KnownAccounts.forget``.

        Raises ``NotFound``, ``NotAllowed`` (``user_store_in_use``, ``user_store_enabled``), ``Conflict``.
        """
        operator.need(Right.ADMINISTER)
        record = await self._get(domain)
        domain = record.description.domain
        await self._check_unused(domain)
        if record.description.enabled:
            raise NotAllowed("user_store_enabled", "The user store is enabled, and people could come back.")
        async for gone in self.accounts.forget(operator, domain):
            yield gone

    async def remove(self, operator: Operator, domain: str) -> None:
        """Remove a store that nothing here rests on; what stands in it stays.

        Raises ``NotFound``, ``Conflict``, and ``NotAllowed``: ``user_store_in_use`` (a policy places people
        there), ``user_store_has_accounts`` (users of it are known here).
        """
        operator.need(Right.ADMINISTER)
        record = await self._get(domain)
        domain = record.description.domain
        await self._check_unused(domain)
        if accounts := await self.records.count_users(domain):
            raise NotAllowed(
                "user_store_has_accounts", "Users of this store are known here, with links and sessions.",
                accounts=accounts,
            )  # fmt: skip
        event = self.trail.record(operator, Action.USER_STORE_REMOVED, _target(record), domain=domain)
        await self.work.commit(RemoveUserStore(record.id, domain, record.version), event)

    async def _get(self, domain: str) -> UserStoreRecord:
        record = await self.records.find(domain)
        if record is None:
            raise NotFound("user_store_not_found", "There is no such user store.", domain=domain.upper())
        return record

    async def _described(self, record: UserStoreRecord) -> DescribedUserStore:
        domain = record.description.domain
        accounts, placing = await self.records.count_users(domain), await self._placing(domain)
        return DescribedUserStore(without_secret(record), record.secret is not None, accounts, placing)

    async def _closed(self, operator: Operator, present: UserStoreRecord, *, enabled: bool) -> ShutOut:
        """Return whom a change shuts out who operates; one that closes nothing shuts out nobody."""
        if enabled or not present.description.enabled:
            return ShutOut()
        return await self.ways.check(operator, Closing(domain=present.description.domain))

    async def _switch(
        self,
        operator: Operator,
        present: UserStoreRecord,
        *,
        enabled: bool,
        holding: Sequence[Change] = (),
    ) -> SavedUserStore:
        if present.description.enabled == enabled:
            return SavedUserStore(without_secret(present))
        record = as_version(switched(present, enabled=enabled), present.version + 1)
        # A store that was sound once, and is not by today's rules, can still be switched off.
        warnings = self._check(record) if enabled else ()
        about = {"fields": "description.enabled", "enabled": str(enabled).lower()}
        await self._save(operator, record, about, holding)
        return SavedUserStore(without_secret(record), warnings)

    async def _save(
        self,
        operator: Operator,
        record: UserStoreRecord,
        about: dict[str, str],
        holding: Sequence[Change] = (),
    ) -> None:
        about = {"domain": record.description.domain, **about}
        event = self.trail.record(operator, Action.USER_STORE_CHANGED, _target(record), **about)
        await self.work.commit(SaveUserStore(record), *holding, event)

    def _check(
        self,
        record: UserStoreRecord,
        *,
        present: UserStoreRecord | None = None,
        accounts: int = 0,
        same_people: bool = False,
    ) -> tuple[str, ...]:
        """Refuse what could not work or would be dangerous; return what is worth a second look."""
        faults = find_all_faults(
            record, self.surroundings, present=present, accounts=accounts, same_people=same_people
        )
        if faults:
            raise InvalidInput("user_store_invalid", "This user store cannot be saved.", fields=faults)
        return find_all_warnings(record, self.surroundings, present=present)

    async def _diagnose(self, record: UserStoreRecord) -> Diagnosis:
        if isinstance(record.connection, OwnDatabase):
            return Diagnosis((Step("connection", Finding.GOOD, "Its users stand in Jitney's own database."),))
        if lacks_secret(record):
            sentence = "No password is set, so nothing was tried. Set it and test again."
            return Diagnosis((Step("bind", Finding.BAD, sentence, "user_store_secret_missing"),))
        return await self.trial.diagnose(record)

    async def _placing(self, domain: str) -> tuple[str, ...]:
        found = await self.identity_providers.list()
        return tuple(idp.name for idp in found if _places(idp.policy.placement, domain))

    async def _check_unused(self, domain: str) -> None:
        if placing := await self._placing(domain):
            raise NotAllowed(
                "user_store_in_use", "Identity providers place people in this user store.",
                identity_providers=placing,
            )  # fmt: skip

    async def _consequences(self, domain: str) -> tuple[str, ...]:
        found = await self.identity_providers.list()
        may = [idp.name for idp in found if isinstance(idp.policy.placement, AsInUsername)]
        told: list[str] = []
        if placing := await self._placing(domain):
            told.append(f"New people of {', '.join(placing)} are placed in {domain}, and refused for now.")
        if may:
            told.append(f"People of {', '.join(may)} may name {domain} in their user names.")
        return tuple(told)


def _places(placement: Placement, domain: str) -> bool:
    return isinstance(placement, FixedPlacement) and placement.domain.upper() == domain


def _target(record: UserStoreRecord) -> str:
    return f"user_store:{record.id}"
