"""What is kept of oneself, taken along as JSON: all of it, of nobody else, and nothing that opens a door."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest
from tests.journeys.account.study import MINUTE, Study, study_of_ada

from jitney.errors import Conflict
from jitney.model.audit_event import Action, AuditEvent
from jitney.model.changes import (
    AddFactor,
    EndSession,
    RecordArrival,
    RecordEvent,
    RecordOutcome,
    SaveIdentityLock,
)
from jitney.model.factor import EmailAddress, Factor, FactorKind, Passkey, TOTPSecret
from jitney.model.federated_identity import FederatedIdentity
from jitney.model.identity_lock import IdentityLock, LockedBy
from jitney.model.outcome import Outcome, OutcomeKind, Reason
from jitney.model.recorded_arrival import RecordedArrival
from jitney.model.user import GivenBy, Grant, Lock, Provenance

pytestmark = pytest.mark.anyio

SECRETS = (
    "the totp secret", "the public key", "the logout hint", "hash of the name", "hash-1", "u-root", "linus"
)  # fmt: skip


async def full_study() -> Study:
    """Ada has everything that somebody can have; linus has a little."""
    now = Study().clock.now()
    by_root = Provenance(GivenBy.OPERATOR, "u-root")
    study = await study_of_ada(
        roles=(Grant("reader", by_root),), lock=Lock("away", now - MINUTE, now - timedelta(seconds=1))
    )
    await study.sign_in(
        "hash-1",
        public_id="public-1",
        logout_hint="the logout hint",
        upstream_name="hash of the name",
        factor=FactorKind.TOTP,
    )
    means = (
        TOTPSecret("the totp secret"),
        EmailAddress("ada@acme.example"),
        Passkey("credential", "the public key"),
    )
    factors = [Factor(f"f-{at}", "u-ada", each, now, label=f"number {at}") for at, each in enumerate(means)]
    lock = Lock("suspected", now - MINUTE, now)
    outcome = Outcome(
        "AAAA-AAAA", now, OutcomeKind.REFUSED, (Reason("user_locked"),), "shop", "idp-acme", "a-1", "u-ada"
    )
    await study.commit(
        *(AddFactor(one) for one in factors),
        SaveIdentityLock(IdentityLock("idp-acme", LockedBy.EMAIL, "ada@acme.example", lock)),
        RecordOutcome(outcome),
        RecordOutcome(replace(outcome, reference="BBBB-BBBB", user_id="u-linus", subject="linus-1")),
        RecordEvent(AuditEvent("1", now, Action.USER_CHANGED, "operator:u-root", "user:u-ada")),
        RecordEvent(AuditEvent("2", now, Action.USER_CHANGED, "operator:u-root", "user:u-linus")),
    )
    return study


async def test_export_holds_everything_that_is_kept() -> None:
    """jit.md 10: profile with who gave each value, ways in, factors, sessions, sign-ins, events, locks."""
    study = await full_study()
    told = await study.own.data.export(await study.me())
    assert [{"value": "ada@acme.example", "given_by": {"kind": "identity_provider", "name": "acme"}}] == told[
        "profile"
    ]["email"]
    assert [{"name": "reader", "given_by": {"kind": "operator"}}] == told["roles"]
    assert ("acme", "a-1") == (told["identities"][0]["identity_provider"], told["identities"][0]["subject"])
    assert ("away", "suspected") == (
        told["account"]["lock"]["reason"],
        told["identity_locks"][0]["lock"]["reason"],
    )
    assert ["totp", "email_otp", "passkey"] == [one["kind"] for one in told["second_factors"]]
    assert {"public-here", "public-1"} == {one["id"] for one in told["sessions"]}
    assert [("AAAA-AAAA", ["user_locked"])] == [
        (one["reference"], one["reasons"]) for one in told["sign_ins"]
    ]
    assert [("user.changed", "operator")] == [(one["action"], one["by"]) for one in told["events"]]


async def test_refused_arrivals_of_my_identity_are_mine_and_nobody_elses() -> None:
    """R-111, R-121: what was refused names no account, and is found by who arrived; not what others did with it."""
    study = await full_study()
    now = study.clock.now()
    refused = Outcome("CCCC-CCCC", now + MINUTE, OutcomeKind.REFUSED, (), "shop", "idp-acme", "a-1")
    foreign = replace(refused, reference="DDDD-DDDD", user_id="u-linus")
    earlier = replace(refused, reference="EEEE-EEEE", at=now - MINUTE)
    other = replace(refused, reference="FFFF-FFFF", subject="a-2")
    await study.commit(*(RecordOutcome(one) for one in (refused, foreign, earlier, other)))
    mine = await study.own.history.recent(await study.me())
    assert ["CCCC-CCCC", "AAAA-AAAA"] == [one.reference for one in mine]


async def test_export_holds_what_the_provider_said_and_for_how_long_it_is_kept() -> None:
    """Issue 7: claims that are recorded to try policies on are told to whom they are about, and to nobody else."""
    study = await full_study()
    now = study.clock.now()
    mine = FederatedIdentity("idp-acme", "a-1", {"sub": "a-1", "name": "Ada"}, frozenset({"sub"}))
    theirs = FederatedIdentity("idp-acme", "linus-1", {"name": "linus"})
    await study.commit(
        RecordArrival(RecordedArrival("AAAA-AAAA", now, now + MINUTE, mine, "shop", "u-ada")),
        RecordArrival(RecordedArrival("BBBB-BBBB", now, now + MINUTE, theirs, "shop", "u-linus")),
    )
    told = await study.own.data.export(await study.me())
    until = (now + MINUTE).isoformat(timespec="seconds").replace("+00:00", "Z")
    assert [{"until": until, "claims": {"sub": "a-1", "name": "Ada"}}] == [
        one["recorded"] for one in told["sign_ins"]
    ]
    assert "linus" not in json.dumps(told)


async def test_export_holds_nothing_that_opens_a_door_or_is_of_somebody_else() -> None:
    """R-115, R-126: no secret, no hash of one, no name of an operator, and not a word about another person."""
    study = await full_study()
    text = json.dumps(await study.own.data.export(await study.me()))
    assert [] == [secret for secret in SECRETS if secret in text]


async def test_export_is_on_record() -> None:
    """R-121: that the data was taken stands in the trail, and by whom; the next export tells of the first."""
    study = await study_of_ada()
    await study.own.data.export(await study.me())
    assert [Action.ACCOUNT_EXPORTED] == study.actions
    told = await study.own.data.export(await study.me())
    assert [("account.exported", "you")] == [(one["action"], one["by"]) for one in told["events"]]


@pytest.mark.parametrize("meddler", ["lock", "end the session"])
async def test_session_that_has_just_ended_takes_nothing_along(meddler: str) -> None:
    """P-7: whoever was shut out a moment ago gets nothing, and nothing is on record."""
    study = await study_of_ada()
    me = await study.me()

    async def meddle() -> None:
        if meddler == "lock":
            await study.lock()
        else:
            await study.commit(EndSession("here", study.clock.now()))

    study.work.meanwhile = meddle
    with pytest.raises(Conflict):
        await study.own.data.export(me)
    assert [] == study.actions
