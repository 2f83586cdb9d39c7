"""From the third release: each provider keeps its connection, and all rows take what is new."""

import json
from pathlib import Path

import pytest
from sqlalchemy import select
from tests.contract.database.releases import THIRD, leave
from tests.contract.doors import Doors, opened, sql_doors
from tests.contract.records import (
    A_SAML_CONNECTION,
    LATER,
    NOW,
    a_code,
    a_family,
    a_key,
    a_logout_trip,
    a_mail,
    a_session,
    a_sign_in,
    a_user_store,
    an_attempt,
    an_event,
    an_idp,
    an_operation,
)

from jitney.database.statements import Statement
from jitney.model.changes import AddLogoutTrip, AddSession, AddSignIn, SaveIdentityProvider
from jitney.model.connection import OIDCConnection, TokenEndpointAuth
from jitney.model.home_realm import HomeRealm
from jitney.model.session import PassingPerson
from jitney.storage.tables import identity_providers

pytestmark = pytest.mark.anyio

_PROVIDERS = Statement("all_providers", select(identity_providers).order_by(identity_providers.c.name))


async def _check_what_the_third_release_wrote(doors: Doors) -> None:
    signing = OIDCConnection(
        "https://signing.example",
        "jitney",
        private_key="-----BEGIN PRIVATE KEY-----",
        private_key_id="key-1",
        token_endpoint_auth=TokenEndpointAuth.PRIVATE_KEY_JWT,
        clock_skew=10,
    )
    off = an_idp("idp-2", "signing", enabled=False, version=4, connection=signing)
    with_secrets = an_idp("idp-3", "zeta-Ünïcode")
    assert (off, with_secrets) == (
        await doors.identity_providers.find("idp-2"), await doors.identity_providers.find("idp-3")
    )  # fmt: skip
    shown = await doors.identity_providers.shown()
    assert ["idp-1", "idp-3"] == [idp.id for idp in shown]
    assert [] == list(await doors.identity_providers.due_for_metadata(LATER))
    passing = PassingPerson("idp-1", "subject-2", {"email": ("b@example.org",)})
    session = a_session("session-2", person=passing, subject="subject-2", upstream_session=None, acr="gold")
    assert (a_session(), session) == (
        await doors.sessions.find("session-1"), await doors.sessions.find("session-2")
    )  # fmt: skip
    away = a_sign_in("handle-2", "browser-2", request=None).begun(an_attempt("state-2"), NOW)
    assert away == await doors.sign_ins.find_by_state("state-2")
    assert (a_code(), a_family()) == (
        await doors.grants.find_code("code-1"), await doors.grants.find_family("family-1")
    )  # fmt: skip
    assert [a_user_store()] == list(await doors.user_store_records.list())
    assert [an_operation(user_id="user-4")] == list(await doors.operations.due(LATER))
    assert ["user-4", "user-5"] == [u.id for u in await doors.user_store_records.known_users("LDAP1")]
    assert ([a_mail()], [a_key()]) == (
        list(await doors.outbox.due(NOW)), list(await doors.signing_keys.list())
    )  # fmt: skip
    assert [an_event()] == list(await doors.records.events())


async def test_upgrade_keeps_what_the_third_release_wrote(database_url: str, tmp_path: Path) -> None:
    """R-143, P-14: every provider, with its secrets, and whatever else was there reads back equal."""
    await leave(THIRD, database_url, tmp_path / "older")
    async with opened(database_url) as database:
        await _check_what_the_third_release_wrote(sql_doors(database))


async def test_node_of_the_third_release_goes_on_writing_everything(database_url: str) -> None:
    """P-14: rows that name no new column are read as they were meant, providers and their secrets included."""
    async with opened(database_url) as database:
        await database.commit(THIRD.rows())
        await _check_what_the_third_release_wrote(sql_doors(database))


async def test_upgrade_moves_each_connection_once(database_url: str, tmp_path: Path) -> None:
    """R-148: each provider has kind and connection in columns of their own; migrating again changes nothing."""
    await leave(THIRD, database_url, tmp_path / "older")
    async with opened(database_url) as database:
        rows = await database.fetch(_PROVIDERS)
        assert ["acme", "signing", "zeta-Ünïcode"] == [row["name"] for row in rows]
        for row in rows:
            record = json.loads(row["record"])
            kept = (row["kind"], json.loads(row["connection"]), row["home_realm"], row["is_shown"])
            assert ("oidc", record["connection"], None, True) == kept
            assert ({}, None) == (record["home_realm"], row["refresh_due"])
        before = await sql_doors(database).snapshot()
        await database.migrate()
        assert before == await sql_doors(database).snapshot()


async def test_upgraded_provider_and_session_take_what_is_new(database_url: str, tmp_path: Path) -> None:
    """P-14: a provider of the third release gets domains and another protocol, and a session the way out."""
    await leave(THIRD, database_url, tmp_path / "older")
    async with opened(database_url) as database:
        doors = sql_doors(database)
        realm = HomeRealm(("acme.example",), "acme", is_shown=False)
        changed = an_idp("idp-3", "zeta-Ünïcode", version=2, connection=A_SAML_CONNECTION, home_realm=realm)
        session = a_session("session-3", upstream_name="name-1", logout_hint="hint")
        await doors.unit_of_work.commit(
            SaveIdentityProvider(changed),
            AddSession(session),
            AddLogoutTrip(a_logout_trip()),
            AddSignIn(a_sign_in("handle-3", trial_of="idp-3", request=None)),
        )
        assert [changed] == list(await doors.identity_providers.find_by_domain("acme.example"))
        assert changed == await doors.identity_providers.find_by_home_realm("acme")
        assert session == await doors.sessions.find("session-3")
        assert a_logout_trip() == await doors.logout_trips.find("state-1")
        assert a_sign_in("handle-3", trial_of="idp-3", request=None) == await doors.sign_ins.find("handle-3")
