"""What second factors are made of rests sealed: bound to its row, and to whom it belongs."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Table
from tests.contract.database.migrating import migrate
from tests.contract.doors import SCHEMA, opened, sql_doors
from tests.contract.factor_records import ASKED, MEANS, a_challenge, a_factor, half_way
from tests.contract.records import NOW, a_sign_in

from jitney.database.database import Database
from jitney.database.statements import Statement, Write
from jitney.errors import Misconfigured
from jitney.model import changes as c
from jitney.model.factor import ChallengeFor, EmailAddress, SentCode
from jitney.storage.factor_tables import factor_challenges, factors
from jitney.storage.tables import sign_ins

pytestmark = pytest.mark.anyio


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    """An open database, in which one can look and change what is stored."""
    url = f"sqlite:///{tmp_path / 'sealed.sqlite'}"
    assert [] == await migrate(url, SCHEMA)
    async with opened(url) as database:
        yield database


async def _set(database: Database, table: Table, column: str, key: dict[str, str], value: Any) -> None:
    """Write one column of one row, as somebody would who can write to the database and not to Jitney."""
    change = table.update().where(*(table.c[name] == each for name, each in key.items()))
    await database.commit([Write(Statement("tamper", change.values({column: value})), {}, must=1)])


async def _get(database: Database, table: Table, column: str, key: dict[str, str]) -> Any:
    where = (table.c[name] == each for name, each in key.items())
    row = await database.fetch_one(Statement("look", table.select().where(*where)))
    assert row is not None
    return row[column]


async def test_nothing_that_proves_somebody_shows_in_what_is_stored(database: Database) -> None:
    """R-125, R-097: neither secrets nor addresses nor hashes of codes are readable in any row."""
    doors = sql_doors(database)
    await doors.unit_of_work.commit(
        *(c.AddFactor(a_factor(f"factor-{kind}", means=kind)) for kind in MEANS),
        *(c.SaveFactorChallenge(a_challenge(asked=kind)) for kind in ASKED),
        c.AddSignIn(a_sign_in(half_way=half_way())),
    )
    rows = repr(await doors.snapshot())
    assert ("s3cret" in rows.lower(), "factor-totp" in rows) == (False, True)
    assert 3 == len(await doors.factors.of_user("user-1"))


async def test_factor_opens_for_nobody_else(database: Database) -> None:
    """R-125: somebody who gives their own factor to another person in the database proves nobody with it."""
    doors = sql_doors(database)
    mine, theirs = a_factor(user_id="eve"), a_factor("factor-2", "alice")
    await doors.unit_of_work.commit(
        c.AddFactor(mine), c.AddFactor(theirs), c.RemoveFactor("factor-2", "alice")
    )
    await _set(database, factors, "user_id", {"id": "factor-1"}, "alice")
    with pytest.raises(Misconfigured) as refusal:
        await doors.factors.of_user("alice")
    assert "sealed_value_unreadable" == refusal.value.code
    await _set(database, factors, "user_id", {"id": "factor-1"}, "eve")
    assert [mine] == list(await doors.factors.of_user("eve"))


async def test_means_open_in_their_own_row(database: Database) -> None:
    """R-125: the means of one factor, copied into another of the same person, do not open there."""
    doors = sql_doors(database)
    first, second = a_factor(), a_factor("factor-2", means="email")
    await doors.unit_of_work.commit(c.AddFactor(first), c.AddFactor(second))
    kept = await _get(database, factors, "means", {"id": "factor-2"})
    stolen = await _get(database, factors, "means", {"id": "factor-1"})
    await _set(database, factors, "means", {"id": "factor-2"}, stolen)
    with pytest.raises(Misconfigured) as refusal:
        await doors.factors.of_user("user-1")
    assert "sealed_value_unreadable" == refusal.value.code
    await _set(database, factors, "means", {"id": "factor-2"}, kept)
    assert [first, second] == list(await doors.factors.of_user("user-1"))


async def test_challenge_opens_in_its_own_place(database: Database) -> None:
    """R-097, R-125: what one page was asked, copied to another page, is no challenge there."""
    doors = sql_doors(database)
    first, second = a_challenge("page-1"), a_challenge("page-2")
    await doors.unit_of_work.commit(c.SaveFactorChallenge(first), c.SaveFactorChallenge(second))
    stolen = await _get(database, factor_challenges, "asked", {"bound_to": "page-1"})
    await _set(database, factor_challenges, "asked", {"bound_to": "page-2"}, stolen)
    with pytest.raises(Misconfigured) as refusal:
        await doors.factors.find_challenge("page-2", ChallengeFor.PROOF, first.kind)
    assert "sealed_value_unreadable" == refusal.value.code
    assert first == await doors.factors.find_challenge("page-1", ChallengeFor.PROOF, first.kind)


async def test_person_half_way_opens_in_their_own_journey(database: Database) -> None:
    """R-022, R-125: who stands half way in one journey cannot be moved into another."""
    doors = sql_doors(database)
    first = a_sign_in(half_way=half_way())
    second = a_sign_in("handle-2", half_way=half_way("page-2"))
    await doors.unit_of_work.commit(c.AddSignIn(first), c.AddSignIn(second))
    stolen = await _get(database, sign_ins, "half_way", {"handle_hash": "handle-1"})
    await _set(database, sign_ins, "half_way", {"handle_hash": "handle-2"}, stolen)
    with pytest.raises(Misconfigured) as refusal:
        await doors.sign_ins.find("handle-2")
    assert "sealed_value_unreadable" == refusal.value.code
    assert first == await doors.sign_ins.find("handle-1")


def test_factors_show_nothing_in_a_representation() -> None:
    """R-125: a factor or a challenge that ends up in a log or a trace tells no secret and no address."""
    shown = repr([a_factor(means=kind) for kind in MEANS] + [a_challenge(asked=kind) for kind in ASKED])
    assert ("s3cret" in shown.lower(), "hint" in repr(half_way()).replace("logout_hint", "")) == (
        False,
        False,
    )
    assert "alice.s3cret@example.org" == EmailAddress("alice.s3cret@example.org").address
    assert NOW == a_challenge(asked="email").created
    assert isinstance(ASKED["email"], SentCode)
