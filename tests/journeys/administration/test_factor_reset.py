"""Second factors seen and taken away by an operator."""

from datetime import timedelta

import pytest
from tests.journeys.administration.office import ROOT, Office

from jitney.administration.people.user_drafts import NewUser
from jitney.errors import NotFound
from jitney.model.changes import AddFactor, ReplaceRecoveryCodes, SetHasSecondFactor
from jitney.model.factor import Factor, FactorKind, TOTPSecret

pytestmark = pytest.mark.anyio


async def test_reset_takes_everything_away_and_says_who_did_it() -> None:
    """R-101: an operator's reset removes factors and codes, ends the sessions, tells the owner, and is audited."""
    office = Office()
    attributes = {"email": ("ada@acme.example",), "email_verified": ("true",)}
    user = await office.users.add(ROOT, NewUser("ada", attributes=attributes))
    verb, now = office.factor_reset, office.clock.now()
    with pytest.raises(NotFound) as none:
        await verb.reset(ROOT, "ada")
    assert "factor_not_found" == none.value.code
    await office.doors.unit_of_work.commit(
        AddFactor(Factor("f-1", user.id, TOTPSecret("A" * 32), now)),
        SetHasSecondFactor(user.id, user.version, has_second_factor=True),
        ReplaceRecoveryCodes(user.id, ("hash-1", "hash-2"), now),
    )
    known = await verb.list(ROOT, "ada")
    assert ([FactorKind.TOTP], 2) == ([one.kind for one in known.factors], known.recovery_codes)
    assert "A" * 32 not in repr(known.factors)
    office.clock.advance(timedelta(seconds=1))
    assert 1 == await verb.reset(ROOT, "ada")
    after = await verb.list(ROOT, "ada")
    assert ([], 0, False) == (list(after.factors), after.recovery_codes, after.user.has_second_factor)
    (letter,) = await office.doors.outbox.due(office.clock.now())
    assert "ada@acme.example" == letter.to
    event = (await office.doors.records.events(target=f"user:{user.id}"))[0]
    assert ("factors.reset", ROOT.actor, {"kinds": "totp"}) == (event.action, event.actor, dict(event.about))
