"""A crowd of people whom a provider has brought, of every fate, and the truth about them in the database."""

import json
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.end_to_end.half_accounts import fetch, run
from tests.end_to_end.jitney_process import Home

from jitney.app import House, build
from jitney.model.account_link import AccountLink
from jitney.model.changes import AddAccountLink, AddSession, AddUser, Change
from jitney.model.session import LocalPerson, Session
from jitney.model.user import AttributeValue, GivenBy, Grant, Provenance, User, Username
from jitney.settings import load_settings

NOW = datetime.now(UTC)
ENHANCED = "[authentication.jit_provisioning]\nenable_enhanced_feature = true\n"
_BATCH = 1000
_BY_ROOT = Provenance(GivenBy.OPERATOR, "u-root")


@dataclass(frozen=True)
class Crowd:
    """How many of each kind there are: those with two links and those without any are deleted too."""

    plain: int
    two_links: int = 1
    orphans: int = 1
    other_link: int = 1
    password: int = 1
    local: int = 1
    operators: int = 1

    @property
    def planned(self) -> dict[str, int]:
        """What becomes of them, as a plan counts it."""
        return {
            "deleted": self.plain + self.two_links + self.orphans,
            "has_other_link": self.other_link,
            "has_password": self.password,
            "not_provisioned_by_it": self.local,
            "is_operator": self.operators,
        }

    @property
    def total(self) -> int:
        """How many people there are."""
        return sum(self.planned.values())

    def changes(self, idp: str, other: str) -> Iterator[list[Change]]:
        """Return what makes each of them, with a session that the provider began."""
        kinds = {name: getattr(self, name) for name in self.__dataclass_fields__}
        for kind, count in kinds.items():
            for number in range(count):
                yield _person(kind, f"{kind}-{number:05}", idp, other)


def _person(kind: str, name: str, idp: str, other: str) -> list[Change]:
    by_idp = Provenance(GivenBy.IDENTITY_PROVIDER, idp)
    user = User(
        f"u-{name}",
        Username("PRIMARY", name, name),
        NOW,
        attributes={"email": (AttributeValue(f"{name}@acme.example", by_idp),)},
        roles=(Grant("operator.helpdesk", _BY_ROOT),) if kind == "operators" else (),
        origin=None if kind == "local" else idp,
    )
    keys = [] if kind == "orphans" else [(idp, f"s-{name}")]
    keys += {"two_links": [(idp, f"t-{name}")], "other_link": [(other, f"o-{name}")]}.get(kind, [])
    person = LocalPerson(user.id, "PRIMARY")
    later = NOW + timedelta(hours=8)
    return [
        *(AddAccountLink(AccountLink(to, key, user.id, "PRIMARY", NOW)) for to, key in keys),
        AddUser(user, "no hash at all" if kind == "password" else None),
        AddSession(Session(f"h-{name}", f"sid-{name}", person, NOW, NOW, NOW, later, idp=idp)),
    ]


@asynccontextmanager
async def house_of(home: Home) -> AsyncIterator[House]:
    """Open the house of a home in this process."""
    async with build(load_settings(home.environment, folder=home.folder)) as house:
        yield house


async def seed(home: Home, crowd: Crowd) -> None:
    """Make the crowd, as people of ``acme``; some are people of ``other`` too, which is added."""
    await home.run("idp", "add", "other", "--issuer", "https://other.example", "--client-id", "jitney",
                   "--client-secret-env", "ACME_SECRET")  # fmt: skip
    async with house_of(home) as house:
        providers = house.doors.stored_identity_providers
        acme, other = await providers.find_by_name("acme"), await providers.find_by_name("other")
        assert acme is not None
        assert other is not None
        batch: list[Change] = []
        for changes in crowd.changes(acme.id, other.id):
            batch += changes
            if len(batch) >= _BATCH:
                await house.doors.work.commit(*batch)
                batch = []
        await house.doors.work.commit(*batch)


async def removal(home: Home) -> Mapping[str, Any] | None:
    """Read the only removal there is, past Jitney; ``None`` where none has begun."""
    (rows,) = await fetch(home, "SELECT record FROM provider_removals")
    return json.loads(rows[0][0]) if rows else None


async def progress(home: Home) -> int:
    """How many people are done with."""
    found = await removal(home)
    return sum(found["done"].values()) if found else 0


async def free_lease(home: Home) -> None:
    """Let the lease of a node that is dead run out."""
    await run(home, "UPDATE job_leases SET until = 0 WHERE job = 'removals'")


async def check_counts(home: Home, crowd: Crowd) -> None:
    """See that what is counted is what has happened, wherever the removal stands."""
    found = await removal(home)
    assert found is not None
    done = found["done"]
    users, links, removed, unlinked, sessions = await fetch(
        home,
        "SELECT count(*) FROM users WHERE id LIKE 'u-%'",
        f"SELECT count(DISTINCT user_id) FROM account_links WHERE idp = '{found['idp']}'",
        "SELECT count(*) FROM audit_events WHERE action = 'user.removed'",
        "SELECT count(*) FROM audit_events WHERE action = 'account.unlinked'",
        f"SELECT count(*) FROM sessions WHERE idp = '{found['idp']}'",
    )
    kept = sum(done.values()) - done["deleted"]
    assert [crowd.total - done["deleted"], done["deleted"], kept, 0] == [
        users[0][0], removed[0][0], unlinked[0][0], sessions[0][0]
    ]  # fmt: skip
    orphans_left = max(0, crowd.orphans - done["deleted"])
    assert crowd.total - sum(done.values()) == links[0][0] + orphans_left


async def check_done(home: Home, crowd: Crowd) -> None:
    """See that all is over, as it was planned."""
    await check_counts(home, crowd)
    found = await removal(home)
    assert found is not None
    planned = {name: number for name, number in found["planned"].items() if number}
    assert (crowd.planned, found["planned"], "done") == (planned, found["done"], found["phase"])
    rests = await fetch(
        home,
        "SELECT count(*) FROM users WHERE id LIKE 'u-plain%' OR id LIKE 'u-two%' OR id LIKE 'u-orphans%'",
        "SELECT count(*) FROM user_attributes WHERE user_id NOT IN (SELECT id FROM users)",
        "SELECT count(*) FROM account_links WHERE user_id NOT IN (SELECT id FROM users)",
        f"SELECT count(*) FROM identity_providers WHERE id = '{found['idp']}'",
        "SELECT count(*) FROM sessions WHERE user_id LIKE 'u-%'",
    )
    assert [0] * len(rests) == [rows[0][0] for rows in rests]
