"""Rows of identity providers: what is not understood, what is kept in memory, and how they are looked up."""

import json
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.contract.doors import MASTER_KEY, SCHEMA, opened, sql_doors
from tests.contract.records import NOW, a_saml_idp, an_idp
from tests.contract.unit_of_work.storable_values import TEXT, draw_only_these

from jitney.database.database import Database
from jitney.database.statements import Statement, Write
from jitney.errors import Misconfigured
from jitney.model import changes as c
from jitney.model.connection import OAuth2Connection, OIDCConnection
from jitney.model.enhanced import EnhancedFeature
from jitney.model.home_realm import HomeRealm
from jitney.model.identity_provider import UpstreamConnection
from jitney.model.saml_connection import MetadataState, SAMLConnection
from jitney.model.sign_in_policy import SecondFactorRule
from jitney.storage import identity_providers
from jitney.storage.identity_provider_rows import identity_provider, identity_provider_row
from jitney.storage.identity_providers import LOOK_UPS, SQLIdentityProviders
from jitney.storage.tables import identity_providers as table
from jitney.storage.vault import Vault

pytestmark = pytest.mark.anyio

REALM = HomeRealm(("acme.example",), "acme")
draw_only_these()
_WITHIN_DECADES = st.datetimes(datetime(1990, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
_CONNECTIONS = {
    "oidc": st.from_type(OIDCConnection),
    "oauth2": st.from_type(OAuth2Connection),
    "saml": st.builds(
        replace,
        st.from_type(SAMLConnection),
        metadata=st.builds(MetadataState, checked=st.none() | _WITHIN_DECADES, fault=st.none() | TEXT),
        metadata_hours=st.integers(1, 1000),
    ),
}


@pytest.fixture(params=["sqlite", "postgresql"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of an empty database of each kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'jitney.sqlite'}"
    url: str = request.getfixturevalue("postgresql_url")
    return url


@pytest.fixture
async def database(place: str) -> AsyncIterator[Database]:
    """An open database."""
    async with opened(place) as database:
        yield database


@pytest.mark.parametrize("connections", _CONNECTIONS.values(), ids=_CONNECTIONS.keys())
@given(data=st.data())
@settings(max_examples=60, deadline=None)
def test_row_of_every_connection_reads_back_equal(
    connections: st.SearchStrategy[UpstreamConnection], data: st.DataObject
) -> None:
    """R-125: whatever a connection, its home realm and its rules hold, the row gives it back, secrets and all."""
    vault = Vault(MASTER_KEY)
    idp = an_idp(
        connection=data.draw(connections),
        home_realm=data.draw(st.from_type(HomeRealm)),
        second_factor=data.draw(st.from_type(SecondFactorRule)),
        enhanced=data.draw(st.from_type(EnhancedFeature)),
    )
    row: Any = identity_provider_row(idp, vault)
    assert idp == identity_provider(row, vault)
    bare = json.loads(row["connection"])
    assert [] == [name for name in ("client_secret", "private_key") if bare.get(name) is not None]
    assert {""} >= {each["private_key"] for each in bare.get("credentials", [])}


async def _make_strange(database: Database) -> None:
    strange = table.update().where(table.c.id == "idp-1").values(kind="ws_federation")
    await database.commit([Write(Statement("make_strange", strange), {}, must=1)])


async def test_provider_of_an_unknown_kind_is_a_mistake_of_the_settings(database: Database) -> None:
    """P-14: what only a newer node understands is taken for nothing else; those beside it are found."""
    doors = sql_doors(database)
    beside = an_idp("idp-2", "beside", home_realm=HomeRealm(("acme.example",), "beside"))
    await doors.unit_of_work.commit(*map(c.AddIdentityProvider, (an_idp(home_realm=REALM), beside)))
    await _make_strange(database)
    idps = doors.identity_providers
    for asking in (
        idps.find("idp-1"),
        idps.find_by_name("acme"),
        idps.find_by_home_realm("acme"),
        idps.list(),
    ):
        with pytest.raises(Misconfigured) as refusal:
            await asking
        code, path = refusal.value.code, refusal.value.path
        assert ("identity_provider_kind_unknown", "identity_providers.acme") == (code, path)
    assert beside == await idps.find("idp-2")


async def test_provider_of_an_unknown_kind_keeps_nobody_from_the_others(database: Database) -> None:
    """P-14: a provider that a newer node has added is not offered here, and all others are."""
    doors = sql_doors(database)
    beside = a_saml_idp("idp-2", "beside", metadata=MetadataState())
    strange = a_saml_idp(metadata=MetadataState())
    for idp in (strange, beside):
        change = c.AddIdentityProvider(
            an_idp(idp.id, idp.name, connection=idp.connection, home_realm=_below())
        )
        await doors.unit_of_work.commit(change)
    await _make_strange(database)
    idps = doors.identity_providers
    for offered in (
        await idps.shown(), await idps.find_by_domain("x.acme.example"), await idps.due_for_metadata(NOW)
    ):  # fmt: skip
        assert ["idp-2"] == [idp.id for idp in offered]


def _below() -> HomeRealm:
    return HomeRealm(("*.acme.example",))


async def test_provider_that_has_not_changed_is_the_same_object(database: Database) -> None:
    """R-151: a row that every sign-in reads is decoded once, until it changes."""
    doors = sql_doors(database)
    await doors.unit_of_work.commit(c.AddIdentityProvider(an_idp(home_realm=REALM)))
    idps = doors.identity_providers
    first = await idps.find("idp-1")
    assert first is await idps.find_by_name("acme")
    assert [first] == [each for each in await idps.find_by_domain("acme.example") if each is first]
    assert [first] == [each for each in await idps.list() if each is first]
    changed = an_idp(home_realm=REALM, display_name="Acme Inc.", version=2)
    await doors.unit_of_work.commit(c.SaveIdentityProvider(changed))
    assert changed == await idps.find("idp-1")


async def test_decoded_providers_are_bounded(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """R-151: of thousands of providers a bounded number is kept decoded, and a list keeps none of them."""
    monkeypatch.setattr(identity_providers, "MOST_UNDERSTOOD", 3)
    work = sql_doors(database).unit_of_work
    await work.commit(*(c.AddIdentityProvider(an_idp(f"idp-{n}", f"name-{n}")) for n in range(5)))
    idps = SQLIdentityProviders(database, Vault(MASTER_KEY))
    assert 5 == len(await idps.list())
    first = await idps.find("idp-0")
    assert first is await idps.find("idp-0")
    for number in range(1, 5):
        assert an_idp(f"idp-{number}", f"name-{number}") == await idps.find(f"idp-{number}")
    again = await idps.find("idp-0")
    assert (True, False) == (first == again, first is again)


@pytest.mark.parametrize("statement", LOOK_UPS, ids=repr)
async def test_look_up_on_sqlite_walks_through_no_table(statement: Statement, tmp_path: Path) -> None:
    """R-151: five thousand providers cost a sign-in no more than five, since each look-up is by an index."""
    file = tmp_path / "jitney.sqlite"
    async with opened(f"sqlite:///{file}"):
        pass
    sql = statement.sql_for("sqlite")
    with closing(sqlite3.connect(file)) as connection:
        plan = connection.execute(f"EXPLAIN QUERY PLAN {sql}", ["x"] * sql.count("?")).fetchall()
    steps = [row[3] for row in plan]
    assert [] == [step for step in steps if step.startswith("SCAN") and "home_realm_domains" not in step]
    assert any(step.startswith("SEARCH") for step in steps)


async def test_look_ups_on_postgresql_walk_through_no_table(postgresql_url: str) -> None:
    """R-151: the same holds on PostgreSQL, once it has an interest in indexes."""
    async with opened(postgresql_url):
        connection = await asyncpg.connect(postgresql_url)
        try:
            await connection.execute("SET enable_seqscan = off; SET plan_cache_mode = force_generic_plan")
            for number, statement in enumerate(LOOK_UPS):
                await connection.execute(f"PREPARE p{number} AS {statement.sql_for('postgresql')}")
                count = len(statement.compiled_for("postgresql").names)
                values = f"({', '.join(['NULL'] * count)})" if count else ""
                plan = await connection.fetch(f"EXPLAIN EXECUTE p{number}{values}")
                lines = "\n".join(row[0] for row in plan)
                assert ("Seq Scan" in lines, "Index" in lines) == (False, True), lines
        finally:
            await connection.close()


def test_schema_knows_the_domains() -> None:
    """R-047: domain and provider are the key, so that one provider has a domain once."""
    key = [column.name for column in SCHEMA.tables.tables["home_realm_domains"].primary_key]
    assert ["domain", "idp"] == key
