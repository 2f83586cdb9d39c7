"""What a consent receipt says, before and after a withdrawal."""

from datetime import UTC, datetime, timedelta

import pytest

from jitney.model.consent import ConsentedPurpose, ConsentReceipt, DataController

NOW = datetime(2026, 1, 2, tzinfo=UTC)
LATER = NOW + timedelta(days=1)
NEWS = ConsentedPurpose("p-1", "News", "", 1, ("email", "name"), ("nickname",))
CARDS = ConsentedPurpose("p-2", "Cards", "", 1, ("email", "birthdate"))
RECEIPT = ConsentReceipt(
    "r-1", "user-1", NOW, "en", "CH", DataController("Acme"), "", "Sign-in", (NEWS, CARDS), "idp-1", "ref-1"
)

WITHDRAWALS = [
    # withdrawn        | attributes that still rest on a yes
    ((),                 {"email", "name", "birthdate"}),
    (("p-1",),           {"email", "birthdate"}),
    (("p-2",),           {"email", "name"}),
    (("p-1", "p-2"),     set()),
    (("p-9",),           {"email", "name", "birthdate"}),
]  # fmt: skip


@pytest.mark.parametrize(("withdrawn", "live"), WITHDRAWALS)
def test_attribute_rests_on_every_purpose_that_was_agreed_to(withdrawn, live):
    """R-036: an attribute stays as long as one agreement to it stands, and no longer."""
    receipt = RECEIPT.withdrawn_for(withdrawn, LATER)
    assert live == receipt.live_attributes
    assert {"email", "name", "nickname", "birthdate"} == receipt.named_attributes
    assert 2 == receipt.version


def test_earlier_withdrawal_stands():
    """What was taken back once keeps its time."""
    receipt = RECEIPT.withdrawn_for(["p-1"], NOW).withdrawn_for(["p-1", "p-2"], LATER)
    assert [NOW, LATER] == [purpose.withdrawn for purpose in receipt.purposes]
    assert [None, None] == [purpose.withdrawn for purpose in RECEIPT.purposes]
