"""Identity providers: the upstreams that an operator configured, and all ways in which a sign-in finds them.

There may be thousands: whatever a sign-in asks is answered from an index, and reads what it returns and no more.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import BigInteger, bindparam, func, select

from jitney.database.database import Database, Row
from jitney.database.moments import to_micros
from jitney.database.statements import Statement
from jitney.model.identity_provider import IdentityProvider
from jitney.storage.codec import Codec
from jitney.storage.identity_provider_rows import identity_provider, is_kind_known
from jitney.storage.tables import home_realm_domains as _domains
from jitney.storage.tables import identity_providers as _t
from jitney.storage.vault import Vault

MOST_LISTED = 1000
"""How many providers one look-up of a sign-in or a job returns at most (R-151)."""

MOST_OF_A_DOMAIN = 20
"""How many providers are offered for one e-mail domain."""

MOST_LABELS = 10
"""For how many names one domain is looked up: itself, and those of the domains above it that have fewer labels."""

LONGEST_DOMAIN = 253
"""RFC 1035 3.1, without the last dot."""

MOST_UNDERSTOOD = 1000
"""How many providers are kept decoded (R-151)."""

MOST_ON_A_PAGE = 200
"""How many providers one page for operators has at most."""

_AT_ONCE = 200

_RUN = re.compile(r"[a-z0-9 .-]+")
"""What stands in a record's JSON as it stands in a name, and means nothing to ``LIKE``."""

_COLUMNS = tuple(column.name for column in _t.c)
_IS_THIS = _t.c.id == bindparam("id")
_IS_ENABLED = _t.c.enabled.is_(True)
_LIMIT = bindparam("limit", type_=BigInteger)
_FIND = Statement("find_identity_provider", select(_t).where(_IS_THIS))
_FIND_BY_NAME = Statement("find_identity_provider_by_name", select(_t).where(_t.c.name == bindparam("name")))
_FIND_BY_HOME_REALM = Statement(
    "find_identity_provider_by_home_realm", select(_t).where(_t.c.home_realm == bindparam("identifier"))
)
_LIST = Statement("list_identity_providers", select(_t).order_by(_t.c.name))
_PAGE = Statement(
    "page_of_identity_providers",
    select(_t)
    .where(_t.c.name > bindparam("after", type_=_t.c.name.type))
    .where(
        func.lower(_t.c.name).like(bindparam("pattern")) | func.lower(_t.c.record).like(bindparam("pattern"))
    )
    .order_by(_t.c.name)
    .limit(_LIMIT),
)
_SHOWN = Statement(
    "shown_identity_providers",
    select(_t).where(_t.c.is_shown.is_(True), _IS_ENABLED).order_by(_t.c.name).limit(_LIMIT),
)
_DUE = Statement(
    "identity_providers_due_for_metadata",
    select(_t).where(_t.c.refresh_due <= bindparam("now")).order_by(_t.c.refresh_due, _t.c.id).limit(_LIMIT),
)
_CANDIDATES = tuple(f"domain_{number}" for number in range(MOST_LABELS))
_FIND_BY_DOMAIN = Statement(
    "find_identity_providers_by_domain",
    select(_t, _domains.c.domain.label("found_by"))
    .join(_domains, _domains.c.idp == _t.c.id)
    .where(_domains.c.domain.in_([bindparam(name, type_=_domains.c.domain.type) for name in _CANDIDATES]))
    .where(_IS_ENABLED)
    .order_by(
        (_domains.c.domain == bindparam(_CANDIDATES[0])).desc(),
        func.length(_domains.c.domain).desc(),
        _t.c.name,
    )
    .limit(MOST_OF_A_DOMAIN),
)
_ANY_BY_DOMAIN = Statement(
    "any_identity_provider_found_by_domain",
    select(_domains.c.idp).join(_t, _domains.c.idp == _t.c.id).where(_IS_ENABLED).limit(1),
)
LOOK_UPS = (_FIND, _FIND_BY_NAME, _FIND_BY_HOME_REALM, _SHOWN, _FIND_BY_DOMAIN, _ANY_BY_DOMAIN, _DUE)
"""What costs no more with thousands of providers: all that is asked but the list for operators."""


class SQLIdentityProviders:
    """Finds identity providers; ``remembered.py`` keeps the answers for a moment.

    Where one is named, a kind that is unknown here is ``Misconfigured`` (``identity_provider_kind_unknown``).
    Where several are offered, those of such a kind are left out: what a newer node has added must not keep people
    from all the others (P-14).
    """

    def __init__(self, database: Database, vault: Vault) -> None:
        self._database = database
        self._vault = vault
        self._read: dict[str, tuple[tuple[object, ...], IdentityProvider]] = {}

    async def find(self, id: str) -> IdentityProvider | None:
        """Find by internal id."""
        row = await self._database.fetch_one(_FIND, id=id)
        return None if row is None else self._understand(row)

    async def find_by_name(self, name: str) -> IdentityProvider | None:
        """Find by short name."""
        row = await self._database.fetch_one(_FIND_BY_NAME, name=name)
        return None if row is None else self._understand(row)

    async def find_by_home_realm(self, identifier: str) -> IdentityProvider | None:
        """Find by the home realm identifier, enabled or not."""
        row = await self._database.fetch_one(_FIND_BY_HOME_REALM, identifier=identifier)
        return None if row is None else self._understand(row)

    async def list(self) -> Sequence[IdentityProvider]:
        """List all, by name; none is kept in memory for it, since there may be thousands."""
        return [self._known(row) or self._decode(row) for row in await self._database.fetch(_LIST)]

    async def page(self, *, text: str = "", after: str = "", limit: int = 50) -> Sequence[IdentityProvider]:
        """List those in whose short or shown name a text stands, by short name, from behind ``after``.

        The database sorts out what cannot fit; only what is returned is unsealed.
        """
        wanted, found = text.strip().lower(), list[IdentityProvider]()
        most, pattern = max(0, min(limit, MOST_ON_A_PAGE)), _pattern_of(wanted)
        at_once = _AT_ONCE if wanted else most
        while len(found) < most:
            rows = await self._database.fetch(_PAGE, after=after, pattern=pattern, limit=at_once)
            fitting = [row for row in rows if not wanted or _is_called(row, wanted)]
            found += [self._known(row) or self._decode(row) for row in fitting[: most - len(found)]]
            if len(rows) < at_once:
                break
            after = rows[-1]["name"]
        return found

    async def shown(self, *, limit: int = 50) -> Sequence[IdentityProvider]:
        """List those that are enabled and offered on the sign-in page, by name, at most ``limit``."""
        return self._offer(await self._database.fetch(_SHOWN, limit=_bounded(limit)))

    async def any_found_by_domain(self) -> bool:
        """Say whether people of any enabled provider are found by the domain of their address."""
        return await self._database.fetch_one(_ANY_BY_DOMAIN) is not None

    async def find_by_domain(self, domain: str) -> Sequence[IdentityProvider]:
        """Find the enabled providers of an e-mail domain in lower case, by name, at most 20, of the best kind."""
        candidates = _candidates(domain)
        if not candidates:
            return []
        rows = await self._database.fetch(_FIND_BY_DOMAIN, **dict(zip(_CANDIDATES, candidates, strict=True)))
        return self._offer([row for row in rows if row["found_by"] == rows[0]["found_by"]])

    async def due_for_metadata(self, now: datetime, *, limit: int = 20) -> Sequence[IdentityProvider]:
        """List the SAML providers whose metadata shall be fetched again now, the longest due first."""
        return self._offer(await self._database.fetch(_DUE, now=to_micros(now), limit=_bounded(limit)))

    def _offer(self, rows: Sequence[Row]) -> Sequence[IdentityProvider]:
        return [self._understand(row) for row in rows if is_kind_known(row)]

    def _understand(self, row: Row) -> IdentityProvider:
        """Decode and unseal a row, unless it is the very row of the last time, which every sign-in reads again."""
        known = self._known(row)
        if known is not None:
            return known
        idp = self._decode(row)
        if len(self._read) >= MOST_UNDERSTOOD:
            self._read.clear()
        self._read[idp.id] = (_columns(row), idp)
        return idp

    def _known(self, row: Row) -> IdentityProvider | None:
        known = self._read.get(row["id"])
        return known[1] if known is not None and known[0] == _columns(row) else None

    def _decode(self, row: Row) -> IdentityProvider:
        return identity_provider(row, self._vault)


def _candidates(domain: str) -> Sequence[str]:
    """Return the names under which a provider of this domain may stand, itself first; always ten, or none.

    The domains above are asked for from the top, since the deepest names are what a stranger makes up.
    """
    if not 0 < len(domain) <= LONGEST_DOMAIN or "*" in domain:
        return ()
    labels = domain.split(".")
    first = max(1, len(labels) - (MOST_LABELS - 1))
    above = [f"*.{'.'.join(labels[start:])}" for start in range(first, len(labels))]
    return [domain, *above, *[domain] * (MOST_LABELS - 1 - len(above))]


@dataclass(frozen=True, slots=True)
class _Called:
    """What of a record a page is filtered by."""

    display_name: str


_CALLED: Codec[_Called] = Codec(_Called)


def _pattern_of(wanted: str) -> str:
    """Return what every fitting row holds: the longest part of the text that needs no escaping anywhere."""
    return f"%{max(_RUN.findall(wanted), key=len, default='')}%"


def _is_called(row: Row, wanted: str) -> bool:
    return wanted in row["name"].lower() or wanted in _CALLED.decode(row["record"]).display_name.lower()


def _columns(row: Row) -> tuple[object, ...]:
    return tuple(row[name] for name in _COLUMNS)


def _bounded(limit: int) -> int:
    return max(0, min(limit, MOST_LISTED))
