"""Consent receipts: read and withdrawn, by the person and by an operator for them."""

from dataclasses import dataclass, replace
from typing import Any

import pytest
from tests.journeys.administration.office import ACME, ROOT, Office

from jitney.administration.people.user_drafts import FederatedKey, NewUser
from jitney.administration.people.users import UserEdit
from jitney.errors import Conflict, InvalidInput, NotFound
from jitney.model.audit_event import Action
from jitney.model.changes import AddConsentReceipt, Change, WithholdAttributes
from jitney.model.consent import ConsentedPurpose, ConsentReceipt, DataController
from jitney.model.user import User
from jitney.openid_provider.released_claims import released_claims

pytestmark = pytest.mark.anyio

DIRECTORY = ConsentedPurpose("p-1", "Directory", "Colleagues find you.", 1, ("email", "phone_number"))
ALERTS = ConsentedPurpose(
    "p-2", "Alerts", "We call you in an emergency.", 3, ("phone_number",), ("birthdate",)
)
ADA = NewUser(
    "ada",
    attributes={
        "email": ("ada@acme.example",), "email_verified": ("true",), "phone_number": ("+441632960000",),
        "phone_number_verified": ("true",), "nickname": ("ada",),
    },
    links=(FederatedKey("acme", "a-1"), FederatedKey("acme", "a-2")),
)  # fmt: skip


@dataclass
class Consented:
    """An office in which Ada has agreed to two purposes."""

    office: Office
    user: User
    receipt: ConsentReceipt

    async def now(self) -> User:
        return await self.office.users.get(ROOT, self.user.id)

    async def withheld(self) -> set[tuple[str, ...]]:
        return {link.withheld for link in await self.office.doors.account_links.of_user(self.user.id)}


async def consented(*purposes: ConsentedPurpose) -> Consented:
    office = Office()
    await office.identity_providers.add(ROOT, ACME)
    user = await office.users.add(ROOT, ADA)
    receipt = ConsentReceipt(
        "r-1", user.id, office.clock.now(), "en", "DE", DataController("Acme"), "", "Wiki",
        purposes or (DIRECTORY, ALERTS), "idp-1", "AAAA-0001",
    )  # fmt: skip
    # As a provisioning leaves it: what was declined is withheld from the first.
    changes = (AddConsentReceipt(receipt), WithholdAttributes(user.id, ("birthdate",)))
    await office.doors.unit_of_work.commit(*changes)
    return Consented(office, user, receipt)


async def test_withdrawal_takes_what_rests_on_it_and_nothing_else() -> None:
    """R-036: attributes that rest on the agreement go with their flags, and no link may bring them back."""
    at = await consented()
    kept = await at.office.consents.withdraw_own(at.user.id, "r-1", ["p-1"])
    user = await at.now()
    assert {"phone_number", "phone_number_verified", "nickname"} == set(user.attributes)
    assert {("birthdate", "email")} == await at.withheld()
    assert [at.office.clock.now(), None] == [one.withdrawn for one in kept.purposes]
    assert kept == await at.office.consents.get(ROOT, "r-1")
    event = (await at.office.events(f"user:{at.user.id}"))[0]
    assert (Action.CONSENT_WITHDRAWN, f"user:{at.user.id}") == (event.action, event.actor)
    assert {"receipt": "r-1", "purposes": "Directory", "attributes": "email"} == event.about


async def test_withdrawn_attribute_is_in_no_later_token() -> None:
    """R-036: what was withdrawn is not among the claims of the next token; what was not, still is."""
    at = await consented()
    names = ("email", "email_verified", "phone_number", "nickname")
    assert set(names) == set(released_claims(await at.now(), names))
    await at.office.consents.withdraw_own(at.user.id, "r-1", ["p-1"])
    assert {"phone_number", "nickname"} == set(released_claims(await at.now(), names))


async def test_attribute_agreed_to_twice_stays_until_both_are_withdrawn() -> None:
    """R-036: one of two agreements is enough for an attribute to stay; without the last one it goes."""
    at = await consented()
    await at.office.consents.withdraw(ROOT, "r-1", ["p-2"])
    assert "phone_number" in (await at.now()).attributes
    assert {("birthdate",)} == await at.withheld()
    await at.office.consents.withdraw(ROOT, "r-1", ["p-1"])
    assert {"nickname"} == set((await at.now()).attributes)
    assert {("birthdate", "email", "phone_number")} == await at.withheld()


async def test_agreement_of_another_receipt_holds_an_attribute() -> None:
    """R-036: an attribute that another receipt of the same person still carries stays."""
    at = await consented()
    other = replace(at.receipt, id="r-2", purposes=(replace(ALERTS, id="p-3", declined=()),))
    await at.office.doors.unit_of_work.commit(AddConsentReceipt(other))
    await at.office.consents.withdraw(ROOT, "r-1")
    assert {"nickname", "phone_number", "phone_number_verified"} == set((await at.now()).attributes)
    assert {("birthdate", "email")} == await at.withheld()


async def test_withdrawing_everything_twice_is_as_once() -> None:
    """A withdrawal without purposes means all; said again, it changes nothing and keeps its first time."""
    at = await consented()
    first = await at.office.consents.withdraw_own(at.user.id, "r-1")
    before = at.office.doors.look()
    assert first == await at.office.consents.withdraw_own(at.user.id, "r-1")
    assert before is at.office.doors.look()
    assert frozenset() == first.live_attributes


async def test_receipt_of_somebody_else_is_not_found() -> None:
    """R-036: another person's receipt is as if it were not there; the person's own can be withdrawn."""
    at = await consented()
    eve = await at.office.users.add(ROOT, NewUser("eve"))
    before = at.office.doors.look()
    for receipt in ("r-1", "r-none"):
        with pytest.raises(NotFound) as refused:
            await at.office.consents.withdraw_own(eve.id, receipt)
        assert ("consent_receipt_not_found", {}) == (refused.value.code, refused.value.details)
    assert before is at.office.doors.look()
    assert [] == list(await at.office.consents.receipts_of(eve.id))
    assert [at.receipt] == list(await at.office.consents.list_for(ROOT, "ada"))


async def test_purpose_that_the_receipt_does_not_name_is_refused() -> None:
    """A purpose of which the receipt does not speak cannot be withdrawn from it, and nothing else is either."""
    at = await consented()
    before = at.office.doors.look()
    with pytest.raises(InvalidInput) as refused:
        await at.office.consents.withdraw(ROOT, "r-1", ["p-1", "p-9"])
    assert ("purpose_not_in_receipt", ["p-9"]) == (refused.value.code, refused.value.details["purposes"])
    assert before is at.office.doors.look()


async def test_lost_race_is_looked_at_again() -> None:
    """P-8: when the user changes at the same moment, the withdrawal looks again and loses nothing of either."""
    at = await consented()
    meddled = await _meddle(at, times=2)
    await meddled.consents.withdraw(ROOT, "r-1", ["p-1"])
    user = await at.now()
    assert ("Ada 2",) == user.values("given_name")
    assert () == user.values("email")


async def test_race_lost_again_and_again_is_told() -> None:
    """A withdrawal that loses every time ends in a conflict, with the receipt as it was."""
    at = await consented()
    meddled = await _meddle(at, times=99)
    with pytest.raises(Conflict) as refused:
        await meddled.consents.withdraw(ROOT, "r-1", ["p-1"])
    assert "user" == refused.value.what
    assert at.receipt == await at.office.consents.get(ROOT, "r-1")
    assert ("ada@acme.example",) == (await at.now()).values("email")


async def _meddle(at: Consented, *, times: int) -> Office:
    """Return an office whose commits are each preceded by somebody else's change of the same user."""
    meddled = Office(at.office.doors)
    work: Any = at.office.doors.unit_of_work

    class Meddler:
        seen = 0

        async def commit(self, *changes: Change) -> None:
            if self.seen < times:
                self.seen += 1
                edit = UserEdit(attributes={"given_name": (f"Ada {self.seen}",)})
                await at.office.users.change(ROOT, "ada", edit)
            await work.commit(*changes)

    meddled.consents = replace(meddled.consents, work=Meddler())
    return meddled
