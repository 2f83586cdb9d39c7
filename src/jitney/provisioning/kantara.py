"""A consent receipt in the JSON of the Kantara Initiative (Consent Receipt Specification 1.1.0)."""

from datetime import datetime

from jitney.model.consent import ConsentedPurpose, ConsentReceipt, DataController

VERSION = "KI-CR-v1.1.0"
PURPOSE_CATEGORY = "1 - Core Function"
"""Of the categories of the specification's appendix: what a service needs to do what it is there for."""

_UNTIL = "Until the consent is withdrawn or the account is deleted."


def kantara_receipt(receipt: ConsentReceipt) -> dict[str, object]:
    """Return the receipt as a JSON object with the fields of Kantara 1.1.0, section 4.

    Purposes of which nothing was agreed to are left out: a receipt tells of a yes.
    Two members are ours, since the specification has none: a purpose's ``version``, and ``withdrawn`` with the
    time (in seconds since 1970, as ``consentTimestamp``) of a yes that was taken back.
    """
    purposes = [_purpose(one) for one in receipt.purposes if one.consented]
    return {
        "version": VERSION,
        "jurisdiction": receipt.jurisdiction,
        "consentTimestamp": _seconds(receipt.given),
        "collectionMethod": receipt.collection_method,
        "consentReceiptID": receipt.id,
        "language": receipt.language,
        "piiPrincipalId": receipt.user_id,
        "piiControllers": [_controller(receipt.controller)],
        "policyUrl": receipt.policy_url,
        "services": [{"service": receipt.service, "purposes": purposes}],
        "sensitive": False,
        "spiCat": [],
    }


def _controller(controller: DataController) -> dict[str, object]:
    told: dict[str, object] = {
        "piiController": controller.name,
        "onBehalf": False,
        "contact": controller.contact,
        "address": {"streetAddress": controller.address},
        "email": controller.email,
        "phone": controller.phone,
    }
    return told | ({"piiControllerUrl": controller.url} if controller.url else {})


def _purpose(purpose: ConsentedPurpose) -> dict[str, object]:
    told: dict[str, object] = {
        "purpose": f"{purpose.name}: {purpose.description}" if purpose.description else purpose.name,
        "purposeCategory": [PURPOSE_CATEGORY],
        "consentType": "EXPLICIT",
        "piiCategory": list(purpose.consented),
        "primaryPurpose": True,
        "termination": _UNTIL,
        "thirdPartyDisclosure": False,
        "version": purpose.version,
    }
    if purpose.withdrawn is None:
        return told
    return told | {"termination": "The consent was withdrawn.", "withdrawn": _seconds(purpose.withdrawn)}


def _seconds(moment: datetime) -> int:
    return int(moment.timestamp())
