"""From the release before this one: nothing is lost, and what the console keeps stands empty and is taken."""

from dataclasses import replace
from pathlib import Path

import pytest
from tests.contract.console_records import a_kept_form, a_look, an_arrival
from tests.contract.database.releases import PREVIOUS, leave
from tests.contract.doors import Doors, opened, sql_doors
from tests.contract.factor_records import (
    MEANS,
    a_challenge,
    a_factor,
    a_lock_on,
    a_removal,
    half_way,
    some_attempts,
)
from tests.contract.records import (
    LATER,
    NOW,
    a_family,
    a_link,
    a_session,
    a_sign_in,
    a_user,
    an_application,
    an_attempt,
    an_authentication,
    an_event,
    an_idp,
    an_oidc_connection,
    an_outcome,
)

from jitney.model import changes as c
from jitney.model.attempts import AttemptKind
from jitney.model.audit_event import Action
from jitney.model.enhanced import EnhancedFeature
from jitney.model.factor import ChallengeFor, FactorKind
from jitney.model.look import Look
from jitney.model.outcome import OutcomeKind, Reason
from jitney.model.sign_in_policy import Effect, PolicyRule, SecondFactorRule, SignInPolicy
from jitney.ports import EventFilter, LastSignIns, OutcomeCount, OutcomeFilter

pytestmark = pytest.mark.anyio

GUARDED = an_idp(
    "idp-7",
    "guarded",
    connection=an_oidc_connection(client_secret=None, private_key=None),
    second_factor=SecondFactorRule(True, (FactorKind.EMAIL,), trusted_acr=("gold",), trusted_amr=("mfa",)),
    enhanced=EnhancedFeature(True, None, False, True, None),
)
_RULES = (
    PolicyRule(Effect.FACTOR, ("guarded",), roles=("staff",), factors=(FactorKind.TOTP,)),
    PolicyRule(Effect.REFUSE),
)
DESK = an_application("app-3", name="Desk", sign_in_policy=SignInPolicy(_RULES))
EMIL = a_user(
    "user-7",
    "emil",
    origin="idp-7",
    attributes={},
    roles=(),
    groups=(),
    has_second_factor=True,
    has_password=True,
)
BY = replace(an_authentication("session-5", "user-7"), idp="idp-7", subject="subject-7")
FAMILY = replace(a_family("family-3", "session-5", "user-7", "app-3"), authentication=BY)
SESSION = a_session("session-5", "user-7", idp="idp-7", subject="subject-7", factor=FactorKind.TOTP)
PENDING = an_outcome(
    "BBBB-0001",
    idp="idp-7",
    subject="subject-7",
    user_id="user-7",
    kind=OutcomeKind.PENDING,
    written=("+ role staff (idp-7)",),
)
REFUSED = an_outcome(
    "BBBB-0002",
    idp="idp-7",
    subject="subject-8",
    user_id=None,
    kind=OutcomeKind.REFUSED,
    reasons=(Reason("identity_locked", {"by": "subject"}),),
)
ENROLLED = an_event(
    "event-7",
    action=Action.FACTOR_ENROLLED,
    actor="user:user-7",
    target="user:user-7",
    reference="BBBB-0001",
)
LOCKED = an_event(
    "event-8",
    action=Action.IDENTITY_LOCKED,
    actor="operator:op-1",
    target="idp:idp-7",
    reference=None,
    about={"subject": "subject-8"},
)


async def _check_what_the_previous_release_wrote(doors: Doors) -> None:
    assert GUARDED == await doors.identity_providers.find("idp-7")
    assert DESK == await doors.applications.find("app-3")
    assert EMIL == await doors.primary.find("user-7")
    assert a_link("subject-7", "user-7", "idp-7") == await doors.account_links.find("idp-7", "subject-7")
    factors = [a_factor(f"factor-{kind}", "user-7", kind) for kind in sorted(MEANS)]
    assert factors == list(await doors.factors.of_user("user-7"))
    assert 2 == await doors.factors.count_recovery_codes("user-7")
    challenge = await doors.factors.find_challenge("page-7", ChallengeFor.PROOF, FactorKind.EMAIL)
    assert a_challenge("page-7", user_id="user-7") == challenge
    assert some_attempts("user-7") == await doors.attempts.find("user-7", AttemptKind.TOTP)
    assert [a_lock_on("subject-8", "idp-7")] == list(await doors.identity_locks.of_provider("idp-7"))
    assert [a_removal("removal-1", "idp-8")] == list(await doors.provider_removals.unfinished())
    assert SESSION == await doors.sessions.find("session-5")
    assert FAMILY == await doors.grants.find_family("family-3")
    away = a_sign_in("handle-7", "browser-7").begun(replace(an_attempt("state-7"), idp="idp-7"), NOW)
    assert away.returned().owing_factor(half_way("page-7"), NOW) == await doors.sign_ins.find_by_page(
        "page-7"
    )
    assert [REFUSED, PENDING] == list(await doors.records.outcomes(OutcomeFilter(idp="idp-7")))
    events = await doors.records.events_where(EventFilter())
    assert [LOCKED, ENROLLED, an_event()] == list(events)


async def test_upgrade_keeps_what_the_previous_release_wrote(database_url: str, tmp_path: Path) -> None:
    """R-143, P-14: rules, factors, locks, removals and records of what happened read back equal."""
    await leave(PREVIOUS, database_url, tmp_path / "older")
    async with opened(database_url) as database:
        await _check_what_the_previous_release_wrote(sql_doors(database))


async def test_node_of_the_previous_release_goes_on_writing_everything(database_url: str) -> None:
    """P-14: what a node writes that knows nothing of the console is read, found and counted all the same."""
    async with opened(database_url) as database:
        await database.commit(PREVIOUS.rows())
        await _check_what_the_previous_release_wrote(sql_doors(database))


async def test_what_happened_before_the_upgrade_is_found_and_counted(
    database_url: str, tmp_path: Path
) -> None:
    """P-14: the new indexes hold the older records too; a sign-in that had asked something is settled after it."""
    await leave(PREVIOUS, database_url, tmp_path / "older")
    async with opened(database_url) as database:
        doors = sql_doors(database)
        counts = await doors.records.counts(NOW, LATER, step_seconds=60)
        assert [
            OutcomeCount(NOW, "idp-1", OutcomeKind.CREATED, 2),
            OutcomeCount(NOW, "idp-7", OutcomeKind.PENDING, 1),
            OutcomeCount(NOW, "idp-7", OutcomeKind.REFUSED, 1),
        ] == list(counts)
        last = await doors.records.last_of_providers(["idp-7"])
        assert {"idp-7": LastSignIns(None, REFUSED)} == dict(last)
        settled = replace(PENDING, kind=OutcomeKind.CREATED, at=LATER)
        await doors.unit_of_work.commit(c.SettleOutcome(settled))
        last = await doors.records.last_of_providers(["idp-7"])
        assert {"idp-7": LastSignIns(settled, REFUSED)} == dict(last)
        found = await doors.records.events_where(EventFilter(actor="operator:op-1", action=LOCKED.action))
        assert [LOCKED] == list(found)
        behind = await doors.records.events_where(EventFilter(behind="event-8"))
        assert [ENROLLED, an_event()] == list(behind)


async def test_what_the_console_keeps_stands_empty_and_is_taken(database_url: str, tmp_path: Path) -> None:
    """P-14: nothing was recorded before; from now on it is, and it goes with those whom it is about."""
    await leave(PREVIOUS, database_url, tmp_path / "older")
    async with opened(database_url) as database:
        doors = sql_doors(database)
        assert (Look(), []) == (await doors.looks.find(), list(await doors.arrivals.of_provider("idp-7")))
        mine = an_arrival("BBBB-0001", "idp-7", user_id="user-7")
        beside = an_arrival("BBBB-0002", "idp-7", user_id=None)
        await doors.unit_of_work.commit(
            c.RecordArrival(mine), c.RecordArrival(beside), c.KeepForm(a_kept_form()), c.SaveLook(a_look())
        )
        assert [beside, mine] == list(await doors.arrivals.of_provider("idp-7"))
        assert (a_look(), a_kept_form()) == (
            await doors.looks.find(), await doors.kept_forms.find("key-1")
        )  # fmt: skip
        await doors.unit_of_work.commit(c.RemoveUser("user-7", 1))
        assert [beside] == list(await doors.arrivals.of_provider("idp-7"))
        await doors.unit_of_work.commit(c.RetireIdentityProvider("idp-7", 1))
        assert [] == list(await doors.arrivals.of_provider("idp-7"))


async def test_migrating_again_changes_nothing(database_url: str, tmp_path: Path) -> None:
    """R-148: the upgrade is done once, and a second node that starts finds it done."""
    await leave(PREVIOUS, database_url, tmp_path / "older")
    async with opened(database_url) as database:
        before = await sql_doors(database).snapshot()
        await database.migrate()
        assert before == await sql_doors(database).snapshot()
