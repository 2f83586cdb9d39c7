"""What is written when a person is made, joined or refreshed: attributes and roles, each with its giver."""

from collections.abc import Collection, Mapping

from jitney.model.outcome import Reason
from jitney.model.user import (
    BY_THE_PERSON,
    AttributeValue,
    GivenBy,
    Provenance,
    User,
    UserChanges,
    UserDraft,
    Username,
)
from jitney.provisioning.attribute_sync import AttributeValues, SyncTerms, first_attributes, plan_attributes
from jitney.provisioning.claim_mapping import VERIFIED_FLAGS, Mapped
from jitney.provisioning.facts import Facts
from jitney.provisioning.role_sync import ReachableRoles, grantable_roles, may_take_away, plan_roles

Notes = tuple[Reason, ...]


def plan_sync(
    facts: Facts, mapped: Mapped, user: User, *, withheld: Collection[str]
) -> tuple[UserChanges, Notes]:
    """Plan what changes on a user who exists; ``withheld`` attributes are neither written nor removed."""
    policy, server, giver = facts.idp.policy, facts.server, _giver(facts)
    terms = SyncTerms(
        giver, policy.attribute_sync, server.indelible, server.mastered_locally, frozenset(withheld)
    )
    wanted, notes = wanted_roles(facts, mapped, user.username.domain)
    takes_away = may_take_away(policy.role_sync, mapped.roles)
    roles = plan_roles(user.roles, wanted, giver=giver, takes_away=takes_away)
    attributes = plan_attributes(user.attributes, mapped, terms)
    return UserChanges(attributes, roles.added, roles.removed), notes


def draft_user(
    facts: Facts, mapped: Mapped, username: Username, *, typed: Mapping[str, str], withheld: Collection[str]
) -> tuple[UserDraft, Notes]:
    """Draft a new user of what the provider sent and of what the person ``typed``, without what was declined."""
    giver = _giver(facts)
    wanted, notes = wanted_roles(facts, mapped, username.domain)
    roles = plan_roles((), wanted, giver=giver, takes_away=False)
    attributes = {**_typed_attributes(typed), **first_attributes(mapped, giver)}
    kept = {name: given for name, given in attributes.items() if name not in withheld}
    return UserDraft(username, kept, roles.added, origin=facts.idp.id), notes


def wanted_roles(facts: Facts, mapped: Mapped, domain: str) -> tuple[tuple[str, ...], Notes]:
    """Return the roles that the arrival brings to a user of this store, and notes on those that may not be given.

    A group is given only to a user of its own store.
    """
    groups = {name for name in facts.groups if name.startswith(f"{domain}/")}
    reachable = ReachableRoles(facts.roles | groups, facts.server.privileged_roles)
    return grantable_roles((*(mapped.roles or ()), *facts.idp.policy.default_roles), reachable)


def _typed_attributes(typed: Mapping[str, str]) -> AttributeValues:
    """Return what was typed, as the person's own word: nobody has verified an address that was typed."""
    flags = {flag: "false" for flag, of in VERIFIED_FLAGS.items() if of in typed}
    return {name: (AttributeValue(text, BY_THE_PERSON),) for name, text in {**typed, **flags}.items()}


def _giver(facts: Facts) -> Provenance:
    return Provenance(GivenBy.IDENTITY_PROVIDER, facts.idp.id)
