"""From the fourth release: nothing is lost, nobody owes or is locked, and all rows take what is new."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tests.contract.database.releases import FOURTH, leave
from tests.contract.doors import Doors, opened, sql_doors
from tests.contract.factor_records import (
    a_challenge,
    a_factor,
    a_lock_on,
    a_removal,
    half_way,
    some_attempts,
)
from tests.contract.records import (
    A_SAML_CONNECTION,
    LATER,
    NOW,
    a_code,
    a_family,
    a_link,
    a_logout_trip,
    a_mail,
    a_pending,
    a_session,
    a_sign_in,
    a_user,
    an_application,
    an_attempt,
    an_authentication,
    an_identity,
    an_idp,
    rotated,
)

from jitney.model import changes as c
from jitney.model.attempts import AttemptKind
from jitney.model.enhanced import EnhancedFeature
from jitney.model.factor import ChallengeFor, FactorKind
from jitney.model.home_realm import HomeRealm
from jitney.model.sign_in import SignIn
from jitney.model.sign_in_policy import Effect, PolicyRule, SecondFactorRule, SignInPolicy
from jitney.model.user import AttributeValue, GivenBy, Lock, Provenance

pytestmark = pytest.mark.anyio

CORP = an_idp(
    "idp-4",
    "corp",
    connection=A_SAML_CONNECTION,
    home_realm=HomeRealm(("corp.example", "*.corp.example"), "corp", is_shown=False),
)
PLAIN = an_idp("idp-6", "plain", home_realm=HomeRealm(("plain.example",), "plain"))
WIKI = an_application(
    "app-2",
    name="Wiki",
    identity_providers=("corp", "hub"),
    required_attributes=("email",),
    initiate_login_uri="https://wiki.example/begin",
)
DORA = a_user(
    "user-6",
    "dora",
    origin="idp-4",
    lock=Lock("lost", NOW, LATER),
    attributes={
        "email": (AttributeValue("dora@corp.example", Provenance(GivenBy.IDENTITY_PROVIDER, "idp-4")),)
    },
    groups=(),
    has_password=True,
)
BY = replace(an_authentication("session-4", "user-6"), idp="idp-4", acr="gold")
CODE = replace(a_code("code-2", "session-4", "user-6", "app-2"), authentication=BY)
FAMILY = replace(a_family("family-2", "session-4", "user-6", "app-2"), authentication=BY)
POLICY = SignInPolicy((PolicyRule(Effect.FACTOR, ("corp",), roles=("staff",), factors=(FactorKind.TOTP,)),))


def _dora_s_session(**changes: Any) -> object:
    names = {"idp": "idp-4", "subject": "subject-3", "upstream_name": "name-1", "logout_hint": "hint"}
    return a_session("session-4", "user-6", acr="gold", **names, **changes)


def _waiting() -> SignIn:
    attempt = replace(an_attempt("state-4"), idp="idp-4", request_id="_1234")
    identity = replace(an_identity("subject-3"), idp="idp-4", upstream_name="name-1", logout_hint="hint")
    returned = a_sign_in("handle-4", "browser-4").begun(attempt, NOW).returned()
    return returned.proven(identity, NOW).asked(a_pending("page-4"), NOW)


async def _check_what_the_fourth_release_wrote(doors: Doors) -> None:
    idps = doors.identity_providers
    assert [CORP] == list(await idps.find_by_domain("x.corp.example"))
    assert (CORP, PLAIN) == (await idps.find("idp-4"), await idps.find_by_home_realm("plain"))
    assert WIKI == await doors.applications.find("app-2")
    assert _waiting() == await doors.sign_ins.find_by_page("page-4")
    assert _dora_s_session() == await doors.sessions.find("session-4")
    assert (CODE, FAMILY) == (
        await doors.grants.find_code("code-2"), await doors.grants.find_family("family-2")
    )  # fmt: skip
    assert a_logout_trip() == await doors.logout_trips.find("state-1")
    assert [a_mail(), a_mail("mail-2")] == list(await doors.outbox.due(NOW))
    assert DORA == await doors.primary.find("user-6")
    assert a_link("subject-3", "user-6", "idp-4") == await doors.account_links.find("idp-4", "subject-3")


async def test_upgrade_keeps_what_the_fourth_release_wrote(database_url: str, tmp_path: Path) -> None:
    """R-143, P-14: providers with their secrets, users, sessions, journeys and grants read back equal."""
    await leave(FOURTH, database_url, tmp_path / "older")
    async with opened(database_url) as database:
        await _check_what_the_fourth_release_wrote(sql_doors(database))


async def test_node_of_the_fourth_release_goes_on_writing_everything(database_url: str) -> None:
    """P-14: rows that name no new column are read as they were meant: no factor, no lock, no rule."""
    async with opened(database_url) as database:
        await database.commit(FOURTH.rows())
        await _check_what_the_fourth_release_wrote(sql_doors(database))


async def test_upgraded_database_has_nobody_who_owes_or_is_locked(database_url: str, tmp_path: Path) -> None:
    """P-14: what is new stands empty, and users whom a provider made are found by it."""
    await leave(FOURTH, database_url, tmp_path / "older")
    async with opened(database_url) as database:
        doors = sql_doors(database)
        assert ([], 0, 0) == (
            list(await doors.factors.of_user("user-6")),
            await doors.factors.count_recovery_codes("user-6"),
            (await doors.attempts.find("user-6", AttemptKind.PASSWORD)).version,
        )
        assert (False, []) == (
            await doors.identity_locks.any_of("idp-4"), list(await doors.provider_removals.unfinished())
        )  # fmt: skip
        origin = doors.user_store_records.users_of_origin
        assert ["user-6"] == [user.id for user in await origin("idp-4")]
        assert ["user-3", "user-4", "user-5"] == [user.id for user in await origin("idp-1")]
        assert [_dora_s_session()] == list(await doors.sessions.of_user("user-6"))


async def test_upgraded_records_take_what_is_new(database_url: str, tmp_path: Path) -> None:
    """P-14: who was there before enrols, is asked, is counted and is locked as anybody who comes later."""
    await leave(FOURTH, database_url, tmp_path / "older")
    async with opened(database_url) as database:
        doors = sql_doors(database)
        idp = replace(
            CORP,
            version=2,
            second_factor=SecondFactorRule(required=True, trusted_amr=("mfa",)),
            enhanced=EnhancedFeature(second_factors=True, refuse_edits=False),
        )
        application = replace(WIKI, version=2, sign_in_policy=POLICY)
        waiting = _waiting().owing_factor(half_way("page-9"), NOW)
        factor, challenge = a_factor(user_id="user-6"), a_challenge(user_id="user-6")
        await doors.unit_of_work.commit(
            c.SaveIdentityProvider(idp),
            c.SaveApplication(application),
            c.AddFactor(factor),
            c.SetHasSecondFactor("user-6", 1, has_second_factor=True),
            c.SaveFactorChallenge(challenge),
            c.SaveAttempts(some_attempts("user-6")),
            c.SaveIdentityLock(a_lock_on("subject-3", "idp-4")),
            c.SaveSignIn(waiting),
            c.AddProviderRemoval(a_removal()),
        )
        assert idp == await doors.identity_providers.find("idp-4")
        assert application == await doors.applications.find("app-2")
        assert [factor] == list(await doors.factors.of_user("user-6"))
        assert replace(DORA, version=2, has_second_factor=True) == await doors.primary.find("user-6")
        found = await doors.factors.find_challenge("page-1", ChallengeFor.PROOF, FactorKind.EMAIL)
        assert challenge == found
        assert some_attempts("user-6") == await doors.attempts.find("user-6", AttemptKind.TOTP)
        assert [a_lock_on("subject-3", "idp-4")] == list(await doors.identity_locks.of_provider("idp-4"))
        assert waiting == await doors.sign_ins.find_by_page("page-9")
        assert [a_removal()] == list(await doors.provider_removals.unfinished())
        await doors.unit_of_work.commit(c.RotateRefreshToken(rotated(FAMILY)))
        assert rotated(FAMILY) == await doors.grants.find_family("family-2")
        await doors.unit_of_work.commit(c.EndSessionsOfProvider("idp-4", LATER))
        assert await doors.sessions.find("session-4") is None
        assert replace(rotated(FAMILY), revoked=LATER) == await doors.grants.find_family("family-2")
