"""The facts of a rehearsed sign-in, one line each: what was looked up, and what was found."""

from collections.abc import Iterator

from jitney.administration.records.outcome_words import says
from jitney.model.policy import FixedPlacement
from jitney.provisioning.facts import Facts, StoreState
from jitney.provisioning.placement import Placed


def facts_found(facts: Facts) -> tuple[tuple[str, ...], ...]:
    """Return the facts in the order in which they are gathered; what nobody had to look for is left out."""
    return (
        *_of_provider(facts),
        *_of_link(facts),
        *_of_place(facts),
        *_of_matches(facts),
        *_of_asking(facts),
    )


def _of_provider(facts: Facts) -> Iterator[tuple[str, str]]:
    idp = facts.idp
    yield "Identity provider", f"{idp.name}, {'enabled' if idp.enabled else 'disabled'}"
    yield "Provisioning", "always provision" if idp.policy.enabled else "no provisioning"
    yield "Lock on this identity", "locked" if facts.identity_lock else "none"


def _of_link(facts: Facts) -> Iterator[tuple[str, str]]:
    linked = facts.linked
    if linked is None:
        yield "Account link", "none: nobody has come with this identity, or nobody looked"
        return
    user = linked.present_user
    if user is not None:
        yield "Account link", f"opens {user.username}, who is {user.state.value}"
        yield "Linked by", linked.link.linked_by.value.replace("_", " ")
        yield "Account lock", "locked" if user.lock and user.lock.is_in_force(facts.now) else "none"
    else:
        yield "Account link", f"opens nobody: {says(linked.store.value)}"


def _of_place(facts: Facts) -> Iterator[tuple[str, str]]:
    placed, target = facts.placed, facts.target
    if placed is None:
        return
    rule = "fixed user store" if isinstance(facts.idp.policy.placement, FixedPlacement) else "as in user name"
    if not isinstance(placed, Placed):
        yield f"Placement ({rule})", f"none: {says(placed.reason.code)}"
        return
    yield f"Placement ({rule})", f"{placed.name} in {placed.domain}"
    yield "User store", "can be used" if target.state is StoreState.READY else says(target.state.value)
    owner = target.name_owner
    yield "The name", f"belongs to {owner.username}" if owner else "is free"
    if target.free_name:
        yield "The first free name", target.free_name


def _of_matches(facts: Facts) -> Iterator[tuple[str, str]]:
    if facts.candidates is None:
        if facts.placed is not None:
            yield "Accounts that match", "nobody looked: linking is off"
        return
    found = [f"{one.user.username} (by {one.found_by.replace('_', ' ')})" for one in facts.candidates]
    yield "Accounts that match", ", ".join(found) or "none"
    if facts.vouchers:
        yield "Others who vouched for the address", str(len(facts.vouchers))


def _of_asking(facts: Facts) -> Iterator[tuple[str, str]]:
    if facts.placed is not None:
        yield "Prompt mode", facts.idp.policy.prompt_mode.value.replace("_", " ")
    if facts.purposes:
        yield "Purposes to agree to", ", ".join(purpose.name for purpose in facts.purposes)
    if facts.required_attributes:
        yield "The application needs", ", ".join(facts.required_attributes)
    if facts.requires_local_account:
        yield "The application", "takes nobody without an account here"
