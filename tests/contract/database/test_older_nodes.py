"""Nodes of the release before serve beside this one: each reads what the other writes, or leaves it alone."""

from dataclasses import replace

import pytest
from sqlalchemy import bindparam, select
from tests.contract.database.older_nodes import (
    OlderConnection,
    as_read_by_an_older_node,
    as_saved_by_an_older_node,
)
from tests.contract.doors import opened, sql_doors
from tests.contract.records import A_SAML_CONNECTION, AN_OAUTH2_CONNECTION, an_idp, an_oidc_connection

from jitney.database.database import Database, Row
from jitney.database.statements import Statement
from jitney.model.changes import AddIdentityProvider, SaveIdentityProvider
from jitney.model.connection import ResponseMode, TokenEndpointAuth
from jitney.model.home_realm import HomeRealm
from jitney.model.identity_provider import UpstreamConnection
from jitney.storage.tables import identity_providers as _t

pytestmark = pytest.mark.anyio

_ROW = Statement("row", select(_t).where(_t.c.id == bindparam("id")))
UNKNOWN: dict[str, UpstreamConnection] = {
    "saml": A_SAML_CONNECTION,
    "oauth2": AN_OAUTH2_CONNECTION,
    "signed_client_secret": an_oidc_connection(
        token_endpoint_auth=TokenEndpointAuth.SIGNED_CLIENT_SECRET, secret_issuer="TEAM"
    ),
    "form_post": an_oidc_connection(response_mode=ResponseMode.FORM_POST),
    "tenants": an_oidc_connection(tenants=("tenant-1",)),
}


async def _row(database: Database) -> Row:
    row = await database.fetch_one(_ROW, id="idp-1")
    assert row is not None
    return row


async def test_provider_that_an_older_node_understands_is_served_there(database_url: str) -> None:
    """P-14: a node of the release before reads what we write of a plain OpenID Connect provider."""
    async with opened(database_url) as database:
        idp = an_idp(home_realm=HomeRealm(("acme.example",), "acme", is_shown=False))
        await sql_doors(database).unit_of_work.commit(AddIdentityProvider(idp))
        older = as_read_by_an_older_node(await _row(database))
        expected = OlderConnection("https://acme.example", "jitney", extra_parameters={"hd": "acme.example"})
        assert (expected, True, idp.policy, idp.mappings) == (
            older.connection, older.enabled, older.policy, older.mappings
        )  # fmt: skip


@pytest.mark.parametrize("connection", UNKNOWN.values(), ids=UNKNOWN.keys())
async def test_provider_that_an_older_node_does_not_understand_is_off_there(
    database_url: str, connection: UpstreamConnection
) -> None:
    """P-14: a node of the release before reads every row, and takes what it does not know for switched off."""
    async with opened(database_url) as database:
        doors = sql_doors(database)
        await doors.unit_of_work.commit(AddIdentityProvider(an_idp(connection=connection)))
        older = as_read_by_an_older_node(await _row(database))
        assert (OlderConnection("", ""), False) == (older.connection, older.enabled)
        found = await doors.identity_providers.find("idp-1")
        assert an_idp(connection=connection) == found


async def test_edit_that_an_older_node_made_is_read(database_url: str) -> None:
    """P-14: the connection that was written last counts, whichever release wrote it."""
    async with opened(database_url) as database:
        doors = sql_doors(database)
        await doors.unit_of_work.commit(AddIdentityProvider(an_idp()))
        moved = OlderConnection("https://moved.example", "jitney-2")
        await database.commit(
            [as_saved_by_an_older_node(await _row(database), connection=moved, enabled=False)]
        )
        expected = an_idp(
            enabled=False,
            version=2,
            connection=replace(
                an_oidc_connection(issuer="https://moved.example", client_id="jitney-2"), extra_parameters={}
            ),
        )
        assert expected == await doors.identity_providers.find("idp-1")
        newest = replace(expected, connection=an_oidc_connection(tenants=("t",)), version=3)
        await doors.unit_of_work.commit(SaveIdentityProvider(newest))
        assert newest == await doors.identity_providers.find("idp-1")


async def test_edit_that_an_older_node_made_leaves_what_it_does_not_know(database_url: str) -> None:
    """P-14: of a SAML provider such a node can change the name and the policy, and never how we speak with it."""
    async with opened(database_url) as database:
        doors = sql_doors(database)
        await doors.unit_of_work.commit(AddIdentityProvider(an_idp(connection=A_SAML_CONNECTION)))
        await database.commit([as_saved_by_an_older_node(await _row(database), display_name="Renamed")])
        expected = an_idp(display_name="Renamed", enabled=False, version=2, connection=A_SAML_CONNECTION)
        assert expected == await doors.identity_providers.find("idp-1")
