"""The JSON of a consent receipt (Kantara Consent Receipt 1.1.0)."""

import json
from dataclasses import replace
from datetime import timedelta

from tests.unit.provisioning.arrivals import NOW

from jitney.model.consent import ConsentedPurpose, ConsentReceipt, DataController
from jitney.provisioning.kantara import kantara_receipt

NEWS = ConsentedPurpose("p-1", "News", "So that you get the news.", 3, ("email", "name"), ("nickname",))
CARDS = ConsentedPurpose("p-2", "Cards", "", 1, ("birthdate",))
DECLINED = ConsentedPurpose("p-3", "Calls", "So that we can call you.", 1, (), ("phone_number",))
RECEIPT = ConsentReceipt(
    id="r-1", user_id="user-1", given=NOW, language="de", jurisdiction="CH",
    controller=DataController(
        "Acme AG", "Data protection officer", "Bahnhofstrasse 1, Zürich", "dpo@acme.example", "+41 1", "https://acme.example"
    ),
    policy_url="https://acme.example/privacy", service="Acme sign-in", purposes=(NEWS, CARDS, DECLINED),
    idp="idp-acme", reference="ref-1",
)  # fmt: skip


def purposes(receipt):
    (service,) = kantara_receipt(receipt)["services"]
    return service["purposes"]


def test_receipt_has_the_fields_of_the_specification():
    """Kantara 1.1.0, 4: every field that a receipt must have is there, with its type."""
    told = kantara_receipt(RECEIPT)
    assert {
        "version": "KI-CR-v1.1.0",
        "jurisdiction": "CH",
        "consentTimestamp": 1767323045,
        "collectionMethod": "JIT",
        "consentReceiptID": "r-1",
        "language": "de",
        "piiPrincipalId": "user-1",
        "piiControllers": [
            {
                "piiController": "Acme AG",
                "onBehalf": False,
                "contact": "Data protection officer",
                "address": {"streetAddress": "Bahnhofstrasse 1, Zürich"},
                "email": "dpo@acme.example",
                "phone": "+41 1",
                "piiControllerUrl": "https://acme.example",
            }
        ],
        "policyUrl": "https://acme.example/privacy",
        "sensitive": False,
        "spiCat": [],
    } == {name: value for name, value in told.items() if name != "services"}
    assert told == json.loads(json.dumps(told))


def test_each_purpose_tells_what_was_agreed_to():
    """A purpose of which nothing was agreed to is in no receipt; the others name their version and attributes."""
    assert [
        {
            "purpose": "News: So that you get the news.",
            "purposeCategory": ["1 - Core Function"],
            "consentType": "EXPLICIT",
            "piiCategory": ["email", "name"],
            "primaryPurpose": True,
            "termination": "Until the consent is withdrawn or the account is deleted.",
            "thirdPartyDisclosure": False,
            "version": 3,
        },
        "Cards",
    ] == [purposes(RECEIPT)[0], purposes(RECEIPT)[1]["purpose"]]
    assert 2 == len(purposes(RECEIPT))


def test_withdrawn_purpose_is_marked():
    """A yes that was taken back says so, and when; the others stand."""
    withdrawn = RECEIPT.withdrawn_for(["p-1"], NOW + timedelta(seconds=5))
    news, cards = purposes(withdrawn)
    assert ("The consent was withdrawn.", 1767323050) == (news["termination"], news["withdrawn"])
    assert "withdrawn" not in cards


def test_controller_without_an_address_of_its_own_says_nothing_of_it():
    """An empty address on the web is left out, since a link to nowhere is none."""
    (controller,) = kantara_receipt(replace(RECEIPT, controller=DataController("Acme AG")))["piiControllers"]
    assert "piiControllerUrl" not in controller
    assert "" == controller["email"]
