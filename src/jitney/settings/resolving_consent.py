"""From ``[consent]`` to what receipts say of this installation."""

from jitney.model.consent import DataController
from jitney.settings.addresses import check_shown_address
from jitney.settings.checked_pages import Consent
from jitney.settings.findings import Findings
from jitney.settings.resolved import ConsentSettings


def resolve_consent(written: Consent, *, product_name: str, findings: Findings) -> ConsentSettings:
    """Return what a receipt says of the controller, the policy, the law and the service."""
    return ConsentSettings(
        controller=DataController(
            name=written.controller,
            contact=written.contact,
            address=written.address,
            email=written.email,
            phone=written.phone,
            url=check_shown_address("consent.url", written.url, findings),
        ),
        policy_url=check_shown_address("consent.policy_url", written.policy_url, findings),
        jurisdiction=written.jurisdiction,
        service=written.service or product_name,
    )
