"""Identity provider writes: how changes of identity providers are rendered, with the domains of their people."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import bindparam, delete, insert, select, update

from jitney.database.rendering import Render
from jitney.database.statements import Statement, Write
from jitney.model.changes import (
    AddIdentityProvider,
    RemoveIdentityProvider,
    RequireIdentityProvider,
    RetireIdentityProvider,
    SaveIdentityProvider,
)
from jitney.model.identity_provider import IdentityProvider
from jitney.storage.console_tables import recorded_arrivals as _arrivals
from jitney.storage.factor_tables import identity_locks as _locks
from jitney.storage.identity_provider_rows import identity_provider_row
from jitney.storage.tables import account_links as _links
from jitney.storage.tables import home_realm_domains as _domains
from jitney.storage.tables import identity_providers as _t
from jitney.storage.vault import Vault

_IS_THIS = _t.c.id == bindparam("id")
_IS_ENABLED = _t.c.enabled.is_(True)
_REQUIRE = Statement(
    "require_identity_provider",
    select(_t.c.id)
    .where(_IS_THIS, _t.c.version == bindparam("version"), _IS_ENABLED)
    .with_for_update(read=True),
)
_ADD = Statement("add_identity_provider", insert(_t))
_SAVE = Statement(
    "save_identity_provider",
    update(_t)
    .where(_IS_THIS, _t.c.version == bindparam("version") - 1)
    .values({column.name: bindparam(column.name) for column in _t.c if column.name != "id"}),
)
_REMOVE = Statement(
    "remove_identity_provider", delete(_t).where(_IS_THIS, _t.c.version == bindparam("version"))
)
_ANY_LINK = Statement(
    "any_link_of_identity_provider", select(_links.c.idp).where(_links.c.idp == bindparam("id")).limit(1)
)
_ADD_DOMAIN = Statement("add_home_realm_domain", insert(_domains))
_REMOVE_DOMAINS = Statement(
    "remove_home_realm_domains", delete(_domains).where(_domains.c.idp == bindparam("id"))
)
_REMOVE_LOCKS = Statement(
    "remove_identity_locks_of_provider", delete(_locks).where(_locks.c.idp == bindparam("id"))
)
_REMOVE_ARRIVALS = Statement(
    "remove_arrivals_of_provider", delete(_arrivals).where(_arrivals.c.idp == bindparam("id"))
)
_REMOVE_BELONGINGS = (_REMOVE_DOMAINS, _REMOVE_LOCKS, _REMOVE_ARRIVALS)


@dataclass(frozen=True, slots=True)
class IdentityProviderWrites:
    """Renders the changes of identity providers; needs the vault for their secrets."""

    vault: Vault

    def renders(self) -> Mapping[type[Any], Render]:
        """Return the table of changes."""
        return {
            RequireIdentityProvider: _require,
            AddIdentityProvider: self._add,
            SaveIdentityProvider: self._save,
            RemoveIdentityProvider: _remove,
            RetireIdentityProvider: _retire,
        }

    def _add(self, change: AddIdentityProvider) -> list[Write]:
        return [Write(_ADD, identity_provider_row(change.idp, self.vault)), *_add_domains(change.idp)]

    def _save(self, change: SaveIdentityProvider) -> list[Write]:
        row = identity_provider_row(change.idp, self.vault)
        return [
            Write(_SAVE, row, must=1, guard=change.guard),
            Write(_REMOVE_DOMAINS, {"id": change.idp.id}, ordered=True),
            *_add_domains(change.idp),
        ]


def _require(change: RequireIdentityProvider) -> list[Write]:
    """Hold the row until the commit, so that an operator who switches it off waits, or was first (R-021, P-7)."""
    key = {"id": change.id, "version": change.version}
    return [Write(_REQUIRE, key, must=1, guard=change.guard)]


def _remove(change: RemoveIdentityProvider) -> list[Write]:
    """Take the row first: then no new link can come while we look for one."""
    key = {"id": change.id, "version": change.version}
    return [
        Write(_REMOVE, key, must=1, guard=change.guard),
        Write(_ANY_LINK, {"id": change.id}, must=0, guard=change.guard, ordered=True),
        *_remove_belongings(change.id),
    ]


def _retire(change: RetireIdentityProvider) -> list[Write]:
    """Take the row whatever refers to it: a sign-in under way that requires it waits, and then fails (P-7)."""
    key = {"id": change.id, "version": change.version}
    return [
        Write(_REMOVE, key, must=1, guard=change.guard),
        *_remove_belongings(change.id),
    ]


def _remove_belongings(idp: str) -> list[Write]:
    """Take along what is of no use without the provider; who arrived or is locked is personal (R-004)."""
    return [Write(each, {"id": idp}, ordered=True) for each in _REMOVE_BELONGINGS]


def _add_domains(idp: IdentityProvider) -> list[Write]:
    """Write the domains of a provider that is enabled; nobody looks for another, and none is passed over."""
    domains = dict.fromkeys(idp.home_realm.domains) if idp.enabled else ()
    return [Write(_ADD_DOMAIN, {"domain": domain, "idp": idp.id}, ordered=True) for domain in domains]
