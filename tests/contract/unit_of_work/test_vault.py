"""Vault: a sealed value opens at its place and nowhere else."""

from pathlib import Path

import pytest
from tests.contract.doors import opened, sql_doors
from tests.contract.records import A_DATABASE, a_key, a_saml_idp, a_session, a_user_store, an_idp

from jitney.database.statements import Statement, Write
from jitney.errors import Misconfigured
from jitney.model.changes import AddIdentityProvider, AddSession, AddSigningKey, AddUserStore
from jitney.storage.tables import identity_providers, sessions, user_stores
from jitney.storage.vault import Place, Vault

PLACE = Place("identity_providers", "idp-1", "client_secret")
KEY, OTHER = bytes(range(32)), bytes(range(1, 33))


def test_sealed_value_opens_at_its_place() -> None:
    """R-125: what was sealed is what opens; sealing twice shows nothing."""
    vault = Vault(KEY)
    sealed = vault.seal(PLACE, b"secret")
    assert b"secret" == vault.open(PLACE, sealed)
    assert b"secret" not in sealed
    assert sealed != vault.seal(PLACE, b"secret")
    assert vault.open_text(PLACE, vault.seal_text(PLACE, None)) is None


@pytest.mark.parametrize(
    "place",
    [
        PLACE._replace(row="idp-2"),
        PLACE._replace(column="private_key"),
        PLACE._replace(table="applications"),
        Place("identity_providers", "idp-1client", "_secret"),
    ],
)
def test_moved_value_does_not_open(place: Place) -> None:
    """R-125: a ciphertext that was copied into another row, column or table does not open."""
    vault = Vault(KEY)
    sealed = vault.seal(PLACE, b"secret")
    with pytest.raises(Misconfigured) as refusal:
        vault.open(place, sealed)
    assert "sealed_value_unreadable" == refusal.value.code
    assert b"secret" == vault.open(PLACE, sealed)


@pytest.mark.parametrize("position", [5, 16, -1])
def test_changed_value_does_not_open(position: int) -> None:
    """R-125: one bit that was changed is noticed, in the nonce, the ciphertext and the tag."""
    vault = Vault(KEY)
    sealed = bytearray(vault.seal(PLACE, b"secret"))
    sealed[position] ^= 1
    with pytest.raises(Misconfigured) as refusal:
        vault.open(PLACE, bytes(sealed))
    assert "sealed_value_unreadable" == refusal.value.code
    with pytest.raises(Misconfigured):
        vault.open(PLACE, bytes(vault.seal(PLACE, b"secret")[:10]))


def test_master_key_is_rotated_while_in_use() -> None:
    """R-125: a new master key seals, older ones still open, and one that was taken away opens nothing."""
    old = Vault(KEY).seal(PLACE, b"secret")
    both = Vault(OTHER, older=[KEY])
    assert b"secret" == both.open(PLACE, old)
    new = both.seal(PLACE, b"secret")
    assert b"secret" == Vault(OTHER).open(PLACE, new)
    with pytest.raises(Misconfigured) as refusal:
        Vault(OTHER).open(PLACE, old)
    assert "master_key_unknown" == refusal.value.code


def test_short_master_key_is_refused() -> None:
    """R-118: a master key that is not 32 bytes is a mistake of the settings."""
    with pytest.raises(Misconfigured) as refusal:
        Vault(KEY[:16])
    assert "master_key_invalid" == refusal.value.code


@pytest.mark.anyio
async def test_secrets_rest_sealed_and_bound_to_their_row(tmp_path: Path) -> None:
    """R-125: no stored byte shows a secret, and one that is copied to another provider's row opens for nobody."""
    async with opened(f"sqlite:///{tmp_path / 'vault.sqlite'}") as database:
        doors = sql_doors(database)
        await doors.unit_of_work.commit(
            AddIdentityProvider(an_idp()),
            AddIdentityProvider(an_idp("idp-2", "evil")),
            AddSigningKey(a_key()),
        )
        rows = repr(await doors.snapshot())
        assert "s3cret of acme" not in rows
        assert "PRIVATE KEY" not in rows
        assert "private part" not in rows
        table = identity_providers
        stolen = table.select().with_only_columns(table.c.client_secret).where(table.c.id == "idp-1")
        move = table.update().where(table.c.id == "idp-2").values(client_secret=stolen.scalar_subquery())
        await database.commit([Write(Statement("move_secret", move), {}, must=1)])
        with pytest.raises(Misconfigured) as refusal:
            await doors.identity_providers.find("idp-2")
        assert "sealed_value_unreadable" == refusal.value.code
        assert an_idp() == await doors.identity_providers.find("idp-1")


@pytest.mark.anyio
async def test_keys_of_saml_rest_sealed_and_bound_to_their_row(tmp_path: Path) -> None:
    """R-125: our keys for a SAML provider show in no stored byte, and sign nothing for another provider."""
    async with opened(f"sqlite:///{tmp_path / 'vault.sqlite'}") as database:
        doors = sql_doors(database)
        ours, evil = a_saml_idp(), a_saml_idp("idp-2", "evil")
        await doors.unit_of_work.commit(AddIdentityProvider(ours), AddIdentityProvider(evil))
        rows = repr(await doors.snapshot())
        assert "certificate of ours" in rows
        assert ("s3cret" in rows, "PRIVATE KEY" in rows) == (False, False)
        table = identity_providers
        stolen = table.select().with_only_columns(table.c.private_key).where(table.c.id == "idp-1")
        move = table.update().where(table.c.id == "idp-2").values(private_key=stolen.scalar_subquery())
        await database.commit([Write(Statement("move_keys", move), {}, must=1)])
        with pytest.raises(Misconfigured) as refusal:
            await doors.identity_providers.find("idp-2")
        assert "sealed_value_unreadable" == refusal.value.code
        assert ours == await doors.identity_providers.find("idp-1")


@pytest.mark.anyio
async def test_saml_provider_without_all_of_its_keys_is_not_used(tmp_path: Path) -> None:
    """R-125: where keys were taken away, no certificate of ours is paired with somebody else's key."""
    async with opened(f"sqlite:///{tmp_path / 'vault.sqlite'}") as database:
        doors = sql_doors(database)
        await doors.unit_of_work.commit(
            AddIdentityProvider(a_saml_idp()), AddIdentityProvider(a_saml_idp("idp-2", "whole"))
        )
        table = identity_providers
        take = table.update().where(table.c.id == "idp-1").values(private_key=None)
        await database.commit([Write(Statement("take_keys", take), {}, must=1)])
        with pytest.raises(Misconfigured) as refusal:
            await doors.identity_providers.find("idp-1")
        assert "sealed_value_unreadable" == refusal.value.code
        assert a_saml_idp("idp-2", "whole") == await doors.identity_providers.find("idp-2")


@pytest.mark.anyio
async def test_logout_hint_rests_sealed_and_bound_to_its_session(tmp_path: Path) -> None:
    """R-125: a hint shows in no stored byte, and one that was moved into another session opens for nobody."""
    async with opened(f"sqlite:///{tmp_path / 'vault.sqlite'}") as database:
        doors = sql_doors(database)
        ours, other = a_session(logout_hint="a name in secret"), a_session("session-2", logout_hint="another")
        bare = a_session("session-3")
        await doors.unit_of_work.commit(*map(AddSession, (ours, other, bare)))
        assert "a name in secret" not in repr(await doors.snapshot())
        stolen = sessions.select().with_only_columns(sessions.c.logout_hint)
        stolen = stolen.where(sessions.c.id_hash == "session-1").scalar_subquery()
        for target in ("session-2", "session-3"):
            move = sessions.update().where(sessions.c.id_hash == target).values(logout_hint=stolen)
            await database.commit([Write(Statement("move_hint", move), {}, must=1)])
            with pytest.raises(Misconfigured) as refusal:
                await doors.sessions.find(target)
            assert "sealed_value_unreadable" == refusal.value.code
        assert ours == await doors.sessions.find("session-1")


@pytest.mark.anyio
async def test_secrets_of_user_stores_rest_sealed_and_bound_to_their_row(tmp_path: Path) -> None:
    """R-044, R-125: what opens a directory shows in no stored byte, and nobody is sent it from another row."""
    ours, evil = a_user_store(), a_user_store("EVIL", A_DATABASE)
    async with opened(f"sqlite:///{tmp_path / 'vault.sqlite'}") as database:
        doors = sql_doors(database)
        await doors.unit_of_work.commit(AddUserStore(ours), AddUserStore(evil))
        rows = repr(await doors.snapshot())
        assert "s3cret of the directory" not in rows
        assert "s3cret of the database" not in rows
        table = user_stores
        stolen = table.select().with_only_columns(table.c.secret).where(table.c.domain == "LDAP1")
        move = table.update().where(table.c.domain == "EVIL").values(secret=stolen.scalar_subquery())
        await database.commit([Write(Statement("move_secret", move), {}, must=1)])
        with pytest.raises(Misconfigured) as refusal:
            await doors.user_store_records.find("EVIL")
        assert "sealed_value_unreadable" == refusal.value.code
        assert ours == await doors.user_store_records.find("LDAP1")


def test_secret_of_a_user_store_shows_in_no_representation() -> None:
    """R-125: a record that ends up in a log or a trace does not tell what opens the store."""
    assert "s3cret" not in repr([a_user_store(), a_user_store("PEOPLE", A_DATABASE), a_saml_idp()])
    assert "hint" not in repr(a_session(logout_hint="hint")).replace("logout_hint", "")
    assert ("s3cret of the directory", "s3cret of the database") == (
        a_user_store().secret,
        a_user_store("PEOPLE", A_DATABASE).secret,
    )
