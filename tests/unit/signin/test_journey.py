"""The step table, row by row, and what no step may rest on."""

import ast
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

import jitney
from jitney.errors import Expired
from jitney.model.federated_identity import FederatedIdentity
from jitney.model.sign_in import PAGE_TIME, UPSTREAM_TIME, SignIn, Stage, UpstreamAttempt
from jitney.signin.journey import OWED, SILENT_ERRORS, Owed, next_step, silent_error
from jitney.testing.standing_clock import NOON

TABLE = [
    # stage           owed                        error under prompt=none
    (Stage.CHOOSING, Owed.CHOICE, "login_required"),
    (Stage.UPSTREAM, Owed.ANSWER_FROM_UPSTREAM, "login_required"),
    (Stage.RETURNED, Owed.OVER, "interaction_required"),
    (Stage.PROVEN, Owed.PROVISIONING, "interaction_required"),
    (Stage.HALF_WAY, Owed.SECOND_FACTOR, "interaction_required"),
    (Stage.DONE, Owed.NOTHING, None),
    (Stage.REFUSED, Owed.OVER, "interaction_required"),
]
SIGN_IN = SignIn("handle", "browser", NOON, NOON + PAGE_TIME)
ATTEMPT = UpstreamAttempt("idp-1", 1, "state", "nonce", "verifier", "https://id.example/callback/acme")
IDENTITY = FederatedIdentity("idp-1", "ada", {})


@pytest.mark.parametrize(("stage", "owed", "error"), TABLE)
def test_each_stage_owes_one_thing(stage: Stage, owed: Owed, error: str | None) -> None:
    """R-018: what is owed follows from the stage alone, and under ``prompt=none`` becomes its OpenID error."""
    assert owed is next_step(replace(SIGN_IN, stage=stage))
    assert error == silent_error(owed)


def test_every_stage_stands_in_the_table() -> None:
    """R-024: a stage that was forgotten would have no row, and nothing falls through to a default."""
    assert set(Stage) == set(OWED) == {row[0] for row in TABLE}
    assert set(Owed) == set(SILENT_ERRORS)


@pytest.mark.parametrize("stage", Stage)
@pytest.mark.parametrize("wanted", Stage)
def test_journey_is_open_at_its_own_stage_only(stage: Stage, wanted: Stage) -> None:
    """R-018: "A request for another step has no side effect and returns a fixed error"."""
    sign_in = replace(SIGN_IN, stage=stage)
    if stage is wanted:
        sign_in.check_open(NOON, wanted)
        return
    with pytest.raises(Expired) as refused:
        sign_in.check_open(NOON, wanted)
    assert "sign_in_moved_on" == refused.value.code


def test_each_move_is_one_version_further() -> None:
    """R-018: the version is what each move is compared and set on."""
    away = SIGN_IN.begun(ATTEMPT, NOON)
    back = away.returned()
    proven = back.proven(IDENTITY, NOON)
    ends = [proven.done(), proven.refused()]
    assert [2, 3, 4, 5, 5] == [each.version for each in (away, back, proven, *ends)]
    assert [NOON + UPSTREAM_TIME, NOON + PAGE_TIME] == [away.expires, proven.expires]


def test_times_are_those_of_the_requirement() -> None:
    """R-023: "≤ 10 min to come back from the provider, ≤ 30 min on a prompt page"."""
    assert (timedelta(minutes=10), timedelta(minutes=30)) == (UPSTREAM_TIME, PAGE_TIME)


@pytest.mark.parametrize("end", [SignIn.done, SignIn.refused])
@pytest.mark.parametrize("attempt", [None, ATTEMPT])
def test_what_is_over_keeps_no_claims_and_no_secrets(end, attempt: UpstreamAttempt | None) -> None:
    """R-017: what was sealed for the way is gone when the way is over; which provider it was stays."""
    over = end(replace(SIGN_IN, attempt=attempt, identity=IDENTITY))
    assert over.identity is None
    assert (attempt and replace(attempt, nonce="", code_verifier="")) == over.attempt


def test_no_decision_rests_on_assert() -> None:
    """R-025: "No assert carries a security or integrity decision": ``python -O`` would take it away."""
    shipped = Path(jitney.__file__).parent
    asserting = [
        f"{path.relative_to(shipped)}:{node.lineno}"
        for path in shipped.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Assert) and "testing" not in path.parts
    ]
    assert [] == asserting
