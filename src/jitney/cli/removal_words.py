"""What is said of the removal of a provider: the plan, and how far it is."""

from collections.abc import Iterator

from jitney.administration.operator_ways import ShutOut
from jitney.administration.removal.removal_plan import MOST_NAMED, RemovalPlan
from jitney.model.provider_removal import Fate, ProviderRemoval, RemovalCounts, RemovalPhase

_WHY = {
    Fate.HAS_OTHER_LINK: "can sign in through another provider",
    Fate.HAS_PASSWORD: "have a password",
    Fate.NOT_PROVISIONED_BY_IT: "did not come with it",
    Fate.IS_OPERATOR: "administer Jitney",
    Fate.ENTRY_NOT_OURS: "have an entry in their user store that Jitney did not make",
    Fate.DELETION_OFF: "stay because delete_users_with_provider is off for it",
}
"""Why people are kept, said of several."""


def plan_lines(plan: RemovalPlan) -> Iterator[str]:
    """Say what removing a provider would do."""
    yield f"Removing {plan.display_name} ({plan.name}), with {plan.counts.total} people:"
    yield from _counts(plan.counts, deleted="to be deleted", kept="to be kept and unlinked")
    if plan.kept:
        yield "Kept:"
        yield from (f"  {one.user_name}: {one.why.value.replace('_', ' ')}" for one in plan.kept)
    if len(plan.kept) == MOST_NAMED and plan.counts.kept > MOST_NAMED:
        yield f"  and {plan.counts.kept - MOST_NAMED} more"
    if plan.applications:
        yield "Applications that name it:"
    for one in plan.applications:
        yield f"  {one.id} ({one.name})" + (", to which nobody could come any more" if one.only else "")
    for domain in plan.not_asked:
        yield f"The user store {domain} does not answer: it may be that fewer are deleted there."
    yield from ShutOut(plan.shut_out).told


def status_lines(removal: ProviderRemoval) -> Iterator[str]:
    """Say how far a removal is, or how it ended."""
    yield headline(removal)
    yield from _counts(removal.done, deleted="deleted", kept="kept and unlinked")
    if removal.phase is not RemovalPhase.DONE:
        yield "A server goes on with it; or wait for it here: " + f"jitney idp removal {removal.name} --wait"


def headline(removal: ProviderRemoval) -> str:
    """Say in one line how far a removal is."""
    since = removal.began.isoformat(timespec="seconds")
    if removal.finished is not None:
        return f"{removal.name} was removed: begun {since}, ended {removal.finished.isoformat(timespec='seconds')}."
    met = f"{removal.done.total} of {removal.planned.total} people"
    return f"{removal.name} is being removed since {since}: {met}."


def _counts(counts: RemovalCounts, *, deleted: str, kept: str) -> Iterator[str]:
    yield f"  {counts.deleted:>7} {deleted}"
    yield f"  {counts.kept:>7} {kept}"
    for fate, why in _WHY.items():
        if number := getattr(counts, fate.value):
            yield f"          {number} {why}"
