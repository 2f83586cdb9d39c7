"""The anchor: a claim that must stay the same for a subject for as long as its link lives (R-016)."""

from jitney.errors import InvalidInput
from jitney.model.account_link import AccountLink
from jitney.model.federated_identity import FederatedIdentity
from jitney.model.policy import ProvisioningPolicy
from jitney.provisioning.claim_limits import parse_single
from jitney.provisioning.claim_mapping import Mapped, find_claim

EMAIL_DOMAIN = "email_domain"
"""The name in ``anchor_claim`` that stands for the domain of the mapped e-mail address."""


def anchor_of(policy: ProvisioningPolicy, mapped: Mapped, identity: FederatedIdentity) -> str | None:
    """Return the value that a link shall remember, ``None`` where there is no anchor or not one single value."""
    name = policy.anchor_claim
    if not name:
        return None
    if name == EMAIL_DOMAIN:
        return _domain(mapped.attributes.get("email", ()))
    try:
        return parse_single(find_claim(identity.claims, name), claim=name, attribute=name)
    except InvalidInput:
        return None


def has_drifted(
    link: AccountLink, policy: ProvisioningPolicy, mapped: Mapped, identity: FederatedIdentity
) -> bool:
    """Say whether a known subject comes with another anchor than its link remembers, or with none.

    The attack (R-016): a provider gives the subject of a person who left to a newcomer, or serves another
    tenant's people under the same numbers; whoever comes next would be the one who was.
    """
    if policy.anchor_claim is None or link.anchor is None:
        return False
    return link.anchor != anchor_of(policy, mapped, identity)


def _domain(emails: tuple[str, ...]) -> str | None:
    _, at, domain = emails[0].rpartition("@") if len(emails) == 1 else ("", "", "")
    return domain.lower() if at and domain else None
